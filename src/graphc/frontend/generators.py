"""Generator expressions and comprehensions while tracing: loops that hand their items to a body
(`comprehensions.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphc.frontend import mutation
from graphc.frontend.hints import Hinted
from graphc.frontend.iterables import StagedIterable, as_staged
from graphc.frontend.refusals import refusal
from graphc.ops.lists import TracedList, made_list
from graphc.ops.tensor import Tensor
from graphc.ops.trace import current_trace

State = tuple[Any, ...]
_KINDS: dict[str, Any] = {"list": list, "list of all": list, "set": set, "dict": dict}
Loop = Callable[[Any, "Each"], Any]


class Each:
    """What a loop hands its items to: a body that carries state from one item to the next.

    `test` is asked before an item is made; where it fails, no more are.
    """

    unrolls = False  # loops whose length is known: of a list, with one item for each iteration

    def __init__(self, forms: Any, body: Any, state: State, names: Any, test: Any) -> None:
        self.forms = forms
        self.body = body
        self.state = state
        self.names = names
        self.test = test

    def of(self, values: Any, step: Callable[[Any], Any]) -> None:
        """`for item in values: step(item)`"""

        def body(item: Any, *state: Any) -> State:
            self.state = state
            step(item)
            return self.state

        body.item_name = step.__code__.co_varnames[0]  # type: ignore[attr-defined]
        trace = current_trace()
        if self.unrolls and trace is not None and not isinstance(values, Generator):
            staged = as_staged(values, trace)
            if staged is not None and staged.length is not None:
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

    def __next__(self) -> Any:
        if self.is_consumed:
            raise refusal("iterator again")
        if self.pulled is None:
            self.pulled = _local(self.pull(self.values))
        return next(self.pulled)

    def fold(self, body: Any, state: State, names: Any, test: Any = None) -> State:
        """`for item in self: body`"""
        if self.is_consumed:
            raise refusal("iterator again")
        if self.pulled is not None:
            return self.forms.for_(self.pulled, body, state, names, test)  # type: ignore[no-any-return]
        self.is_consumed = True
        each = Each(self.forms, body, state, names, test)
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
    each = Each(forms, _ADD[kind](forms, made), (), (), None)
    each.unrolls = kind == "list of all"
    loop(values, each)
    return made


def listed(forms: Any, items: Generator) -> TracedList:
    """`list(items)`"""
    made = made_list()
    items.fold(_appending(forms, made), (), ())
    return made


def _adding(method: str) -> Callable[[Any, Any], Callable[[Any], State]]:
    def adder(forms: Any, made: Any) -> Callable[[Any], State]:
        def body(item: Any) -> State:
            forms.call(getattr(made, method), item)
            return ()

        return body

    return adder


def _setting(forms: Any, made: Any) -> Callable[[Any], State]:
    def body(item: Any) -> State:
        mutation.setitem(made, *item)
        return ()

    return body


_appending = _adding("append")
_ADD: dict[str, Any] = {
    "list": _appending, "list of all": _appending, "set": _adding("add"), "dict": _setting,
}  # fmt: skip
