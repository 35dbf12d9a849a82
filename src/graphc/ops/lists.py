"""Lists whose length is known only at run time, as users go on holding them.

    lst = []                     while it is the same on every path, an ordinary list of tensors
    while …: lst.append(x)       from here on it stands for a Sequence value: seq_append, …

A TracedList is a Python list made while tracing. Where branches or iterations leave it with
different lengths, its contents become one graph value, and its methods become ops (`list_ops.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from graphc.errors import StagingError
from graphc.ir.types import Nothing
from graphc.ir.types import Sequence as SequenceType
from graphc.ops import views
from graphc.ops.static import UNKNOWN, try_static
from graphc.ops.tensor import Tensor, apply, value_of
from graphc.ops.trace import Unstageable, current_trace
from graphc.source import located


class Listed:
    """The items of a list that is to become one sequence value: a leaf, where a list is not."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items


class TracedList(list[Any]):
    """A list made while tracing. `sequence` is the traced Sequence it stands for; None: its own
    items.
    """

    sequence: Tensor | None = None
    is_item = False  # read from a staged list of lists: changing it would not change that one

    # -- its contents, as `places.py` moves them ---------------------------------------------------

    def snapshot(self) -> Any:
        """All of its contents: a list of its items, or a sequence."""
        return list(self) if self.sequence is None else self.sequence

    def restore(self, contents: Any) -> None:
        if isinstance(contents, TracedList):
            contents = contents.snapshot()
        if isinstance(contents, Tensor):
            self.sequence = contents
            super().clear()
        else:
            self.sequence = None
            self[:] = contents

    def shape_differs(self, other: TracedList) -> bool:
        """Whether two lists can be one only as sequences: of two lengths, or one already is."""
        if self.sequence is not None or other.sequence is not None:
            return self.sequence is None or other.sequence is None
        return list.__len__(self) != list.__len__(other)

    # -- what users do with it ---------------------------------------------------------------------

    def append(self, item: Any) -> None:
        if self.sequence is None:
            super().append(item)
        else:
            self.sequence = apply("seq_append", self.sequence, as_item(item))

    def extend(self, items: Iterable[Any]) -> None:
        if self.sequence is None and staged_sequence(items) is None:
            super().extend(items)
        else:
            parts = (as_sequence(held(self)), as_sequence(held(items)))
            self.restore(apply("seq_concat", *parts))

    def __iadd__(self, items: Any) -> TracedList:
        self.extend(items)
        return self

    def __add__(self, items: Any) -> Any:
        if self.sequence is None and staged_sequence(items) is None:
            return made_list(super().__add__(list(items)))
        return from_sequence(apply("seq_concat", as_sequence(self), as_sequence(items)))

    def pop(self, index: Any = -1) -> Any:
        if self.sequence is None:
            return super().pop(index)
        return self._without("seq_pop", index)

    def _without(self, op: str, index: Any) -> Any:
        self.sequence, item = apply(op, self.sequence, index)
        return item_of(item)

    def __delitem__(self, key: Any) -> None:
        if self.sequence is None:
            super().__delitem__(key)
        elif isinstance(key, slice):
            raise unsupported("deleting a slice")
        else:
            self._without("seq_delete", key)

    def insert(self, index: Any, item: Any) -> None:
        if self.sequence is None and not is_dynamic(index):
            super().insert(index, item)
            return
        made = apply("seq_insert", as_sequence(held(self)), index, as_item(item))
        self.restore(made)

    def reverse(self) -> None:
        if self.sequence is None:
            super().reverse()
        else:
            self.sequence = apply("seq_slice", self.sequence, None, None, -1)

    def __reversed__(self) -> Iterator[Any]:
        if self.sequence is None:
            return super().__reversed__()
        return iter(self[::-1])

    def __imul__(self, count: Any) -> Any:
        self.restore(self * count)
        return self

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            parts = (key.start, key.stop, key.step)
            if self.sequence is None and not any(map(is_dynamic, parts)):
                return made_list(super().__getitem__(key))
            return from_sequence(apply("seq_slice", as_sequence(self), *parts))
        if self.sequence is None and not is_dynamic(key):
            return super().__getitem__(key)
        return borrowed(apply("seq_getitem", as_sequence(self), key))

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.sequence is None and not is_dynamic(key):
            super().__setitem__(key, value)
        elif isinstance(key, slice):
            raise unsupported("assigning to a slice")
        else:
            self.restore(apply("seq_setitem", as_sequence(held(self)), as_item(value), key))

    def clear(self) -> None:
        self.restore([])

    def copy(self) -> Any:
        return made_list(self) if self.sequence is None else from_sequence(self.sequence)

    def __mul__(self, count: Any) -> Any:
        if self.sequence is None:
            return made_list(super().__mul__(count))
        made = made_list([])
        for _ in range(count):
            made = made + self
        return made

    def __rmul__(self, count: Any) -> Any:
        return self * count

    def __radd__(self, items: Any) -> Any:
        return made_list(items) + self if isinstance(items, list) else NotImplemented

    def __len__(self) -> int:
        return super().__len__() if self.sequence is None else int(self.length())

    def length(self) -> Any:
        """The number of items: an int, or a traced one."""
        return super().__len__() if self.sequence is None else apply("seq_len", self.sequence)

    def __iter__(self) -> Iterator[Any]:
        if self.sequence is not None:
            return (self[i] for i in range(len(self)))
        return super().__iter__()

    def __bool__(self) -> bool:
        return bool(self.length() > 0)

    def __eq__(self, other: object) -> bool:
        if self.sequence is not None:
            raise unsupported("comparing")
        return super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        return (
            super().__repr__() if self.sequence is None else f"<staged list: {self.sequence.type}>"
        )


def _staged_refusal(name: str) -> Any:
    plain = getattr(list, name)

    def method(self: TracedList, *args: Any, **kwargs: Any) -> Any:
        if self.sequence is not None:
            raise unsupported(name)
        return plain(self, *args, **kwargs)

    method.__name__ = name
    return method


for _name in (
    "remove",
    "sort",
    "index",
    "count",
    "__contains__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__ne__",
):
    setattr(TracedList, _name, _staged_refusal(_name))


def unsupported(what: str) -> Any:
    return located(
        StagingError,
        f"{what.strip('_')}: not supported on a list whose length depends on the data",
        hint="use an array, or append, extend, pop, len, indexing, iteration and np.stack",
    )


def is_dynamic(index: Any) -> bool:
    """Whether an index is known only when the graph runs."""
    return isinstance(index, Tensor) and index.is_traced and try_static(index._data) is UNKNOWN


def staged_sequence(x: Any) -> Tensor | None:
    """The sequence that a list stands for, if it does."""
    return x.sequence if isinstance(x, TracedList) else None


def as_sequence(items: Any) -> Tensor:
    """A list, whose items a graph can hold alike, as one Sequence value."""
    known = items if isinstance(items, Tensor) else staged_sequence(items)
    if known is not None:
        return known
    listed = list(items.items) if isinstance(items, Listed) else list(items)
    if not listed:
        return apply("seq_make", elem=Nothing())  # type: ignore[no-any-return]
    trace = current_trace()
    assert trace is not None
    values = [
        as_sequence(item)._data if isinstance(item, list) else value_of(item, trace)
        for item in listed
    ]
    return apply("seq_make", *(Tensor(value, trace) for value in values), elem=None)  # type: ignore[no-any-return]


def from_sequence(sequence: Tensor) -> TracedList:
    made = made_list()
    made.sequence = sequence
    return made


def made_list(items: Iterable[Any] = ()) -> TracedList:
    """A list made by the function that is being traced."""
    made = TracedList(items)
    trace = current_trace()
    if trace is not None:
        trace.local_ids[id(made)] = (made, trace.region)
    return made


def held(x: Any) -> Any:
    """What becomes an item of a staged list: as a value, so that it must not be written to later.

    A list becomes a sequence.
    """
    if isinstance(x, Tensor):
        if x.is_traced and getattr(x.type, "shape", None):
            x.__dict__["held"] = True  # Python's list holds the array: see `views.py`
    elif isinstance(x, list):
        for item in x if staged_sequence(x) is None else ():
            held(item)
    elif isinstance(x, Listed):
        held(x.items)
    elif not (x is None or isinstance(x, bool | int | float | complex | np.generic | np.ndarray)):
        raise located(
            Unstageable,
            f"a {type(x).__name__} is an item of a list whose length depends on the data; only "
            "numbers, arrays and lists of those can be",
            hint="keep one list for each part",
        )
    return x


def as_item(x: Any) -> Any:
    """An operand for an item of a staged list."""
    held(x)
    return as_sequence(x) if isinstance(x, list) else x


def borrowed(item: Tensor) -> Any:
    """An item of a list, read at an index that is not known: to be looked at, not written to."""
    made = item_of(item)
    if isinstance(made, TracedList):
        made.is_item = True
    elif getattr(item.type, "shape", None):
        views.row_of_loop(item)
    return made


def item_of(item: Tensor) -> Any:
    """An item of a sequence as users hold it: a list, where it is a sequence itself."""
    return from_sequence(item) if isinstance(item.type, SequenceType) else item
