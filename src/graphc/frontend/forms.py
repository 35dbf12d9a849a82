"""The forms: what the rewritten function calls in place of Python's statements (`docs/forms.md`).

Outside a trace, and on values that are known while tracing, every form does what Python does. On
traced values `branches.py` and `loops.py` build regions. `FORMS` is the object that rewritten
functions know as `gc`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from graphc.errors import StagingError, TensorTypeError
from graphc.frontend import bound_names as names
from graphc.frontend import calls, contexts, handling, matching, mutation, text
from graphc.frontend.branches import stage_if
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, getitem
from graphc.frontend.generators import Generator, comprehension, generator
from graphc.frontend.hints import Hinted, not_stageable
from graphc.frontend.identity import contains, is_
from graphc.frontend.iterables import as_staged, consume, item_name
from graphc.frontend.loop_plan import LoopSource
from graphc.frontend.loops import stage_loop
from graphc.frontend.notes import kind_name, note, unrolled
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import put_back, speculate, truth
from graphc.frontend.unbound import UnboundName
from graphc.frontend.unpacking import starred
from graphc.ops.lists import TracedList
from graphc.ops.static import UNKNOWN, depends_on_iteration
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import NeedsStatic, Trace, Unstageable, current_trace

State = tuple[Any, ...]
END = object()
LONGEST = 150  # iterations, of an iterator whose end is not in sight, that a traced test guards
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
    "is": lambda a, b: is_(a, b), "is not": lambda a, b: is_not(a, b),
    "in": lambda a, b: in_(a, b), "not in": lambda a, b: not_in(a, b),
}  # fmt: skip


# -- statements ------------------------------------------------------------------------------------


def if_(test: Any, then: Any, orelse: Any, state: State, names: tuple[str, ...]) -> State:
    """`if test: then … else: orelse …`"""
    p = truth(test)
    if isinstance(p, Tensor):
        trace = current_trace()
        assert trace is not None
        note(trace, "staged: a branch of the graph")
        return stage_if(trace, p, (then, orelse), state, names)
    result: State = then(*state) if p else orelse(*state)
    return result


def while_(test: Any, body: Any, state: State, names: tuple[str, ...]) -> State:
    """`while test: body`: staged where the test is traced, or where staging it succeeds."""
    trace = current_trace()
    if trace is None:
        while test(*state):
            state = body(*state)
        return state
    p = _probe(trace, test, state)
    if p is True:
        staged = speculate(trace, lambda: stage_loop(trace, test, body, state, names, strict=True))
        if staged is not UNKNOWN:
            note(trace, "staged: a loop of the graph")
            return staged  # type: ignore[no-any-return]
    count = 0
    while not isinstance(p, Tensor):
        if not p:
            unrolled(trace, count)
            return state
        state, count = body(*state), count + 1
        p = _probe(trace, test, state)
    if count:
        unrolled(trace, count)
    note(trace, "staged: a loop of the graph")
    return stage_loop(trace, test, body, state, names)


def _probe(trace: Trace, test: Any, state: State) -> Any:
    """The value of a loop's test on this state. Run once; if traced, what it did is taken back."""
    mark = len(trace.region.ops), len(trace.moves)
    with trace.journaling_all():
        p = truth(test(*state))
    if isinstance(p, Tensor):
        put_back(trace, *mark)
    return p


def for_(iterable: Any, body: Any, state: State, names: tuple[str, ...], test: Any = None) -> State:
    """`for item in iterable: body`; with `test`, only as long as it holds before an item
    is taken.
    """
    trace = current_trace()
    if trace is None:
        return _python_for(iterable, body, state, names, test)
    if isinstance(iterable, Chosen):
        return each(iterable, lambda way: for_(way, body, state, names, test))  # type: ignore[no-any-return]
    wish = iterable.is_staged if isinstance(iterable, Hinted) else None
    iterable = iterable.iterable if isinstance(iterable, Hinted) else iterable
    if isinstance(consume(iterable, trace), Generator) and wish is None:
        return iterable.fold(body, state, names, test)  # type: ignore[no-any-return]
    staged = as_staged(iterable, trace)
    if staged is None and wish:
        raise not_stageable(iterable)
    if staged is None or wish is False:
        trace.gave_up = f"over a {kind_name(iterable)}" if wish is None else "asked for"
        return _python_for(iterable, body, state, names, test)
    if staged.length == 0:
        note(trace, "Python: there is nothing to iterate over")
        return state
    source = staged.source(item_name(body))
    if staged.length is None or wish:
        note(trace, "staged: a loop of the graph")
        how = stage_loop if wish else _stage_or_specialise
        return how(trace, test, body, state, names, source)
    strict = staged.length <= calls.UNROLL_LIMIT
    result = speculate(
        trace, lambda: stage_loop(trace, test, body, state, names, source, strict=strict)
    )
    if result is not UNKNOWN:
        note(trace, "staged: a loop of the graph")
        return result  # type: ignore[no-any-return]
    return _python_for(staged.unrolled(), body, state, names, test)


def _stage_or_specialise(
    trace: Trace, test: Any, body: Any, state: State, names: Any, source: LoopSource
) -> State:
    """Stage a loop of unknown length; where that fails, its length may be known to the caller."""
    try:
        return stage_loop(trace, test, body, state, names, source)
    except (Unstageable, StagingError, TensorTypeError, NeedsStatic) as error:
        if isinstance(error, NeedsStatic) and not depends_on_iteration(error.value):
            raise
        length = Tensor(source.sequences[0], trace)
        try:
            length = apply("seq_len", length)
            length.concrete("the number of iterations")
        except NeedsStatic as needs:
            needs.because = error
            raise needs from error
        raise


def _python_for(iterable: Any, body: Any, state: State, names: Any, test: Any) -> State:
    """A loop over Python's own iterator. The test comes before an item is taken, as `break`
    demands.
    """
    items, count = iter(iterable), 0
    trace = current_trace()
    why = None if trace is None else trace.gave_up
    while True:
        p = True if test is None else truth(test(*state))
        item = next(items, END) if p is not False else END
        if item is END:
            if trace is not None:
                unrolled(trace, count, why)
            return state
        count += 1
        if isinstance(p, Tensor) and count > LONGEST and not hasattr(iterable, "__len__"):
            raise refusal("endless loop")
        state = (
            _guarded(p, item, body, state, names) if isinstance(p, Tensor) else body(item, *state)
        )


def _guarded(p: Tensor, item: Any, body: Any, state: State, names: Any) -> State:
    """One unrolled iteration that runs only if no earlier one left the loop."""
    return if_(p, functools.partial(body, item), lambda *s: s, state, names)


# -- expressions -----------------------------------------------------------------------------------


def not_(x: Any) -> Any:
    p = truth(x)
    return apply("not", p) if isinstance(p, Tensor) else not p


def and_(first: Any, *rest: Callable[[], Any]) -> Any:
    """`first and rest()…`: Python's value semantics and short circuit."""
    return _short_circuit(first, rest, stop_at=False)


def or_(first: Any, *rest: Callable[[], Any]) -> Any:
    """`first or rest()…`"""
    return _short_circuit(first, rest, stop_at=True)


def _short_circuit(value: Any, rest: tuple[Callable[[], Any], ...], stop_at: bool) -> Any:
    for i, operand in enumerate(rest):
        p = truth(value)
        if isinstance(p, Tensor):
            left = value
            more = rest[i:]

            def go_on(more: Any = more) -> State:
                return (_short_circuit(more[0](), more[1:], stop_at),)

            def stop(left: Any = left) -> State:
                return (left,)

            then, orelse = (stop, go_on) if stop_at else (go_on, stop)
            return if_(p, then, orelse, (), ("or" if stop_at else "and",))[0]
        if p is stop_at:
            return value
        value = operand()
    return value


def ifexp(test: Any, then: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """`then() if test else orelse()`"""
    return if_(test, lambda: (then(),), lambda: (orelse(),), (), ("value",))[0]


def compare(first: Any, *rest: Any) -> Any:
    """`a < b <= c`: each operand evaluated once, at most; `rest` alternates operators
    and lambdas.
    """
    symbol, operand, *more = rest
    right = operand()
    result = COMPARISONS[symbol](first, right)
    if not more:
        return result
    return and_(result, lambda: compare(right, *more))


def is_not(a: Any, b: Any) -> Any:
    return not_(is_(a, b))


def in_(a: Any, b: Any) -> Any:
    """`a in b`: compared with each element where `a` or an element is traced."""
    return contains(a, b, or_)


def not_in(a: Any, b: Any) -> Any:
    return not_(in_(a, b))


# -- names and effects -----------------------------------------------------------------------------


def assert_(test: Any, message: Callable[[], Any] | None = None) -> None:
    """`assert test, message()`"""
    if not __debug__:
        return

    def fail() -> State:
        handling.raise_(AssertionError(message()) if message is not None else AssertionError())
        return ()

    if_(test, lambda: (), fail, (), ())


def local(made: Any) -> Any:
    """A container made by the function itself: it may be changed in the region it was made in."""
    trace = current_trace()
    if trace is not None:
        made = TracedList(made) if type(made) is list else made
        trace.local_ids[id(made)] = (made, trace.region)
    return made


class Forms:
    """The namespace that rewritten functions know as `gc`."""

    if_ = staticmethod(if_)
    try_ = staticmethod(handling.try_)
    while_ = staticmethod(while_)
    for_ = staticmethod(for_)
    and_ = staticmethod(and_)
    or_ = staticmethod(or_)
    not_ = staticmethod(not_)
    ifexp = staticmethod(ifexp)
    compare = staticmethod(compare)
    is_ = staticmethod(is_)
    is_not = staticmethod(is_not)
    in_ = staticmethod(in_)
    not_in = staticmethod(not_in)
    getitem = staticmethod(getitem)

    def call(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """`fn(*args, **kwargs)`"""
        return calls.call(self, fn, args, kwargs)

    setitem = staticmethod(mutation.setitem)
    augitem = staticmethod(mutation.augitem)
    delitem = staticmethod(mutation.delitem)
    setattr_ = staticmethod(mutation.setattr_)
    augattr = staticmethod(mutation.augattr)
    delattr_ = staticmethod(mutation.delattr_)
    aug = staticmethod(mutation.aug)
    unbound = staticmethod(UnboundName)
    read = staticmethod(names.read)
    read_free = staticmethod(names.read_free)
    slice = staticmethod(slice)
    isinstance = staticmethod(matching.is_instance)
    items = staticmethod(matching.items)
    mapping = staticmethod(matching.mapping)
    attributes = staticmethod(matching.attributes)
    structure = staticmethod(matching.structure)
    assert_ = staticmethod(assert_)
    raise_ = staticmethod(handling.raise_)
    manager = staticmethod(contexts.manager)
    fstring = staticmethod(text.fstring)
    str_mod = staticmethod(text.str_mod)
    local = staticmethod(local)
    starred = staticmethod(starred)
    truth = staticmethod(truth)

    def generator(self, values: Any, pull: Any, loop: Any) -> Any:
        """`(… for x in values …)`"""
        return generator(self, values, pull, loop)

    def comprehension(self, kind: str, values: Any, loop: Any) -> Any:
        """`[… for x in values if …]`, and of sets and dicts."""
        return comprehension(self, kind, values, loop)


FORMS = Forms()
