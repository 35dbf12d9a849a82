"""Recursion: a function that calls itself, as deep as the data say, becomes a graph that calls
itself.

Every call of a converted function is an *activation* on the trace's stack. As a rule it is traced
in place. Where a function that is active is called again in a branch or loop of its own, tracing
in place might never end: that call is a *re-entry*. It leaves the tracing of the earlier
activation, which is then traced once more, as a graph whose parameters are the arguments that
differ between the two calls. The re-entry becomes a `graph_call` of that graph, and so does the
first call.

    def fact(n):                      graph fact(%n: int) -> (int) {
        if n <= 0:                      %p: pybool = le %n, 0
            return 1            →       %r: int = if %p { yield 1 } else {
        return n * fact(n - 1)            %m: int = sub %n, 1
                                          %q: int = graph_call %m {callee=@fact} …

What the graph returns is found by iteration: at first a recursive call returns nothing at all
(`Undecided`), so that its base cases alone decide; then what they gave, until that no longer
changes. A function without a base case raises in the end: its calls are like `raise`. Arrays,
attributes and nonlocal variables that the function changes are carried like arguments and results
(`Activation.handles`, `places`). What it uses from outside is passed to it as well (`closing.py`).

A re-entry with another Python number, or another shape, is traced in place for a while: the
recursion may end by itself (`PATIENCE`). Where the graph then turns out to need that number (as an
index of a list, say), the function is traced in place for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import FunctionType
from typing import Any

from graphc.errors import GraphcError, StagingError
from graphc.frontend.activation import Activation, Recursion, on_stack
from graphc.frontend.cells import Snapshot
from graphc.frontend.chosen_uses import never_unbound
from graphc.frontend.closing import close
from graphc.frontend.graph_calls import emit_call, results_of
from graphc.frontend.merging import is_stageable, leaf_value, same_static
from graphc.frontend.recursive_graph import define
from graphc.frontend.regions import put_back
from graphc.ir.types import Array, Type, join
from graphc.ops import links
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located

PATIENCE = 4  # calls traced in place, each in a branch of the last, before arguments are joined
HOPELESS = 48  # … before giving up on arguments that cannot be joined


def activate(trace: Trace, key: Any, fn: FunctionType, /, *args: Any, **kwargs: Any) -> Any:
    """Call a converted function: in place, or as a graph that calls itself. `key`: the user's
    function.
    """
    found = reentry(trace, key, (args, kwargs))
    if found is not None:
        return results_of(*found, emit_call(*found))
    mine = Activation(trace, fn, key, (args, kwargs), trace.region, Snapshot(fn, (args, kwargs)))
    mark = len(trace.region.ops), len(trace.moves)
    try:
        with on_stack(mine):
            result = _trace(mine, mark)
        _check_carried(mine)
    except GraphcError as error:
        if not mine.is_generalised or is_in_place(trace, key):
            mine.cells.restore()
            raise
        _take_back(mine, mark)
        trace.in_place.append(key)
        try:
            return activate(trace, key, fn, *args, **kwargs)
        except GraphcError:
            raise error from None
    if mine.graph is None:
        return result
    # The call of the traced function itself stands on no line of the user's program.
    op = emit_call(mine, mine.leaves, None if trace.calls else mine.loc)
    written = [mine.leaves[i] for i in mine.written]
    arrays = [x for leaf in written if isinstance(leaf, Tensor) for x in links.family(leaf)]
    close(op, {each.graph for each in trace.calls}, {x._data for x in arrays})
    return results_of(mine, mine.leaves, op)


def _trace(mine: Activation, mark: tuple[int, int]) -> Any:
    """Trace an activation in place; or, where that comes to a re-entry, as a graph."""
    args, kwargs = mine.arguments
    try:
        return never_unbound(mine.fn(*args, **kwargs))
    except Recursion as recursion:
        if recursion.activation is not mine:
            raise
        _take_back(mine, mark)
        mine.types = recursion.types
    return define(mine)


def _check_carried(mine: Activation) -> None:
    """Refuse a call, in a staged loop or branch, that binds a variable anew (`nonlocal`) of which
    the function around that loop knows nothing: nothing there would carry it.
    """
    trace, caller = mine.trace, mine.trace.calls[-1] if mine.trace.calls else None
    if caller is None or trace.region is caller.region or mine.graph is not None:
        return
    code = getattr(caller.key, "__code__", None)
    known = () if code is None else code.co_cellvars + code.co_freevars
    for place in mine.cells.changed():
        if place.key not in known:
            raise located(
                Unstageable,
                f"{mine.name} binds '{place.key}' anew, a variable of another function, in a "
                "staged loop or branch",
                hint="return the new value, and assign it in the function that has the variable",
            )


def _take_back(mine: Activation, mark: tuple[int, int]) -> None:
    """Undo what tracing an activation did so far."""
    mine.trace.region = mine.region
    put_back(mine.trace, *mark)
    mine.cells.restore()


def is_in_place(trace: Trace, key: Any) -> bool:
    """Whether a function has shown that it cannot do without knowing its numbers and shapes."""
    return any(each is key for each in trace.in_place)


# -- recognising a re-entry ------------------------------------------------------------------------


def reentry(trace: Trace, key: Any, arguments: Any) -> tuple[Activation, list[Any]] | None:
    """The activation that a call repeats, with the call's state; None for a call to trace in place.

    Raises Recursion where that activation must be traced (anew) as a graph first.
    """
    active = [each for each in trace.calls if each.key is key]
    staged = [each for each in active if each.graph is not None or each.region is not trace.region]
    patient = len(staged) < PATIENCE or is_in_place(trace, key)
    if not staged and len(active) > HOPELESS:
        staged = active  # in one region, where only what is known can end a recursion
    for each in reversed(staged) if patient and staged is not active else staged:
        leaves, structure = each.state(arguments)
        types = None if structure != each.structure else _variation(each, leaves, patient)
        if types is None:
            continue
        if each.graph is None or types != each.types:
            raise Recursion(each, types)
        return each, leaves
    if len(staged) > HOPELESS and staged is not active:
        raise located(
            StagingError,
            f"'{getattr(key, '__name__', 'this function')}' calls itself with other objects, or "
            "containers of another structure, each time; only numbers, arrays and None can differ",
            hint="pass what differs as numbers or arrays",
        )
    return None


def _variation(one: Activation, leaves: Sequence[Any], patient: bool) -> list[Type | None] | None:
    """The types that leaves which differ between the calls have in common; None where they have
    none.
    """
    found: list[Type | None] = []
    for mine, kind, new in zip(one.leaves, one.types, leaves, strict=True):
        if kind is None and same_static(mine, new):
            found.append(None)
            continue
        if not (is_stageable(mine) and is_stageable(new)):
            return None
        old = kind or leaf_value(mine, one.trace).type
        joined = join(old, leaf_value(new, one.trace).type)
        if joined is None or (patient and kind is None and _may_end(old, joined, mine, new)):
            return None
        found.append(joined)
    return found


def _may_end(old: Type, joined: Type, mine: Any, new: Any) -> bool:
    """Whether the recursion may end by itself, as this argument is known: traced in place for a
    while.
    """
    if not isinstance(mine, Tensor) and not isinstance(new, Tensor):
        return True
    numbers = all(isinstance(t, Array) and not t.shape for t in (old, joined))
    return old != joined and not numbers
