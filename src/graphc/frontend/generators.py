"""Generator expressions and comprehensions while tracing: loops that hand their items to a body
(`comprehensions.py`), and lists of what only the program that runs can go over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from graphc.frontend import mutation
from graphc.frontend.hints import Hinted
from graphc.frontend.iterables import (
    StagedIterable,
    as_staged,
    consume,
    left_of,
    mapped,
    of_unknown_length,
)
from graphc.frontend.refusals import refusal
from graphc.ops.list_items import staged_sequence
from graphc.ops.lists import TracedList, made_list
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, current_trace

State = tuple[Any, ...]
_KINDS: dict[str, Any] = {"list": list, "list of all": list, "set": set, "dict": dict}
Loop = Callable[[Any, "Each"], Any]


class Turn:
    """The time in which a loop is at one item.

    A generator that is made for an item sees that item, whenever it runs; Python's would see the
    last one when the loop has gone on. So its time is up then.
    """

    is_over = False


_TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def _turn() -> Iterator[None]:
    turn = Turn()
    token = _TURN.set(turn)
    try:
        yield
    finally:
        turn.is_over = True
        _TURN.reset(token)


class Each:
    """What a loop hands its items to: a body that carries state from one item to the next.

    `test` is asked before an item is made; where it fails, no more are. With `unrolls`, loops whose
    length is known run while tracing.
    """

    unrolls = False

    def __init__(self, forms: Any, body: Any, state: State, names: Any, test: Any) -> None:
        self.forms = forms
        self.body = body
        self.state = state
        self.names = names
        self.test = test

    def of(self, values: Any, step: Callable[[Any], Any], name: str | None = None) -> None:
        """`for item in values: step(item)`"""

        def body(item: Any, *state: Any) -> State:
            self.state = state
            with _turn():
                step(item)
            return self.state

        body.item_name = name or step.__code__.co_varnames[0]  # type: ignore[attr-defined]
        trace = current_trace()
        if self.unrolls and trace is not None and not isinstance(values, Generator):
            if as_staged(values, trace) is not None and of_unknown_length(values, trace) is None:
                values = Hinted(values, False)
        self.state = self.forms.for_(values, body, self.state, self.names, self.test)

    def when(self, test: Any, step: Callable[[], Any]) -> None:
        """`if test: step()`"""

        def then(*state: Any) -> State:
            self.state = state
            step()
            return self.state

        self.state = self.forms.if_(test, then, lambda *state: state, self.state, self.names)

    def take(self, item: Any) -> None:
        self.state = self.body(item, *self.state)

    def map(self, values: Any, fn: Callable[[Any], Any]) -> None:
        """`for item in values: take(fn(item))`"""
        self.of(values, lambda item: self.take(fn(item)), fn.__code__.co_varnames[0])

    def number(self, values: Any, start: Any) -> None:
        """`for pair in enumerate(values, start): take(pair)`"""

        def body(item: Any, count: Any, *state: Any) -> State:
            self.state = state
            self.take((count, item))
            return (count + 1, *self.state)

        test = None if self.test is None else lambda count, *state: self.test(*state)
        state, names = (start, *self.state), ("count", *self.names)
        self.state = self.forms.for_(values, body, state, names, test)[1:]


class _Function:
    """An `Each` that only asks what an item becomes, if each of the values becomes one."""

    fn: Callable[[Any], Any] | None = None

    def of(self, values: Any, step: Any) -> None:
        pass

    number = of

    def map(self, values: Any, fn: Callable[[Any], Any]) -> None:
        self.fn = fn


class Generator(Iterator[Any]):
    """A generator expression. Python's own iteration pulls one item after the other; a staged loop
    takes all that are left at once, or as many as it wants, and leaves nothing that can be used.
    """

    def __init__(self, forms: Any, values: Any, pull: Callable[[Any], Any], loop: Loop) -> None:
        self.forms = forms
        self.values = values
        self.pull = pull
        self.loop = loop
        self.pulled: Iterator[Any] | None = None
        self.is_consumed = False
        self.turn = _TURN.get()

    def __next__(self) -> Any:
        self.check()
        if self.pulled is None:
            self.pulled = _local(self.pull(self.values))
        return next(self.pulled)

    def check(self) -> None:
        """Refuse what has been taken, or would see another item than in Python."""
        if self.is_consumed:
            raise refusal("iterator again")
        self.check_turn()

    def check_turn(self) -> None:
        if self.turn is not None and self.turn.is_over:
            raise refusal("late generator")

    @property
    def is_fresh(self) -> bool:
        """Whether nothing has been taken, and all could be taken twice."""
        of_iterator = isinstance(self.values, Iterator)
        source_is_fresh = isinstance(self.values, Generator) and self.values.is_fresh
        is_new = self.pulled is None and not self.is_consumed
        return is_new and (source_is_fresh or not of_iterator)

    def give_back(self) -> None:
        """As if nothing had been taken."""
        self.pulled = None
        if isinstance(self.values, Generator):
            self.values.give_back()

    @property
    def function(self) -> Callable[[Any], Any] | None:
        """What an item is of one of the values, if there is one item for each."""
        asked: Any = _Function()
        self.loop(self.values, asked)
        return asked.fn  # type: ignore[no-any-return]

    def mapped(self, trace: Trace) -> StagedIterable | None:
        """What a loop can go over in step with others, where Python's own iteration cannot."""
        self.check()
        fn = self.function
        if self.pulled is not None or fn is None:
            return None
        values = staged_items(self.values, trace)
        if values is None or of_unknown_length(values, trace) is None:
            return None
        self.is_consumed = True

        def of_one(item: Any) -> Any:
            self.check_turn()
            return fn(item)

        return mapped(values, of_one)

    def fold(
        self, body: Any, state: State, names: Any, test: Any = None, *, unrolls: bool = False
    ) -> State:
        """`for item in self: body`"""
        self.check()
        if self.pulled is not None:
            return self.forms.for_(self.pulled, body, state, names, test)  # type: ignore[no-any-return]
        self.is_consumed = True
        each = Each(self.forms, body, state, names, test)
        each.unrolls = unrolls
        self.loop(self.values, each)
        return each.state


# What gives the same items whether its iterator is made now or later.
_IN_PLACE_OF_ITERATORS = (list, tuple, str, range, np.ndarray, Tensor, StagedIterable, Generator)


# -- forms -----------------------------------------------------------------------------------------


def generator(forms: Any, values: Any, pull: Callable[[Any], Any], loop: Loop) -> Any:
    """`(… for x in values …)`"""
    trace = current_trace()
    if trace is None:
        return pull(values)
    values = left_of(values, trace)
    if not isinstance(values, _IN_PLACE_OF_ITERATORS):
        values = _local(iter(values))  # as Python does at once
    return _local(Generator(forms, values, pull, loop))


def _local(made: Any) -> Any:
    trace = current_trace()
    if trace is not None and id(made) not in trace.local_ids:
        trace.local_ids[id(made)] = (made, trace.region)
    return made


def comprehension(forms: Any, kind: str, values: Any, loop: Loop) -> Any:
    """`[… for x in values if …]`, and of sets and dicts."""
    in_trace = current_trace() is not None
    made = _local(TracedList() if in_trace and kind[:4] == "list" else _KINDS[kind]())
    each = Each(forms, _adding(forms, made), (), (), None)
    each.unrolls = kind == "list of all"
    loop(values, each)
    return made


def _adding(forms: Any, made: Any) -> Callable[[Any], State]:
    """What adds an item to a container."""

    def body(item: Any) -> State:
        if isinstance(made, dict):
            mutation.setitem(made, *item)
        else:
            forms.call(made.add if isinstance(made, set) else made.append, item)
        return ()

    return body


# -- lists -----------------------------------------------------------------------------------------


def collect(forms: Any, items: Any, fn: Callable[[Any], Any] = lambda item: item) -> TracedList:
    """`[fn(item) for item in items]`, perhaps of a length that depends on the data."""
    made = made_list()
    add = _adding(forms, made)

    def body(item: Any) -> State:
        return add(fn(item))

    if isinstance(items, Generator):
        items.fold(body, (), (), unrolls=items.function is not None)
    else:
        forms.for_(items, body, (), ())
    return made


def gathered(forms: Any, items: Any, trace: Trace) -> Any:
    """The items of a generator, or of what only the program that runs can go over, as a list."""
    if isinstance(items, Generator):
        return collect(forms, consume(items, trace))
    if staged_sequence(items) is None and of_unknown_length(items, trace) is not None:
        return collect(forms, items)
    return items


def staged_items(x: Any, trace: Trace) -> StagedIterable | None:
    """What a loop can go over in step with others."""
    return x.mapped(trace) if isinstance(x, Generator) else as_staged(x, trace)
