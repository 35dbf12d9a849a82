"""Lists whose length is known only at run time, as users go on holding them.

    lst = []                     while it is the same on every path, an ordinary list of tensors
    while …: lst.append(x)       from here on it stands for a Sequence value: seq_append, …

A TracedList is a Python list made while tracing. Where branches or iterations leave it with
different lengths, its contents become one graph value, and its methods become ops (`list_ops.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partialmethod
from typing import Any

from graphc.ir.core import Region
from graphc.ir.types import Sequence as SequenceType
from graphc.ir.types import Tuple
from graphc.ops import views
from graphc.ops.list_items import (
    as_item,
    as_operand,
    as_sequence,
    has_dynamic,
    held,
    is_dynamic,
    is_staged,
    items_known,
    new_items,
    note_holder,
    unpacked_into,
    unsupported,
    whole,
)
from graphc.ops.list_ops import parts_of
from graphc.ops.static import known_to_caller
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import current_trace


class TracedList(list[Any]):
    """A list made while tracing. `sequence` is the traced Sequence it stands for; None: its own
    items.
    """

    sequence: Tensor | None = None
    holders: tuple[Region, ...] = ()  # where it became, or was read as, an item of a staged list

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
        if self.sequence is None and not is_staged(items):
            super().extend(items)
        else:
            self.restore(apply("seq_concat", as_sequence(held(self)), new_items(items)))

    def __iadd__(self, items: Any) -> TracedList:
        self.extend(items)
        return self

    def __add__(self, items: Any) -> Any:
        if self.sequence is None and not is_staged(items):
            return made_list(super().__add__(items))
        return from_sequence(apply("seq_concat", as_sequence(held(self)), new_items(items)))

    def __radd__(self, items: Any) -> Any:
        return made_list(items) + self if isinstance(items, list) else NotImplemented

    def __mul__(self, count: Any) -> Any:
        if isinstance(count, Tensor) and is_dynamic(count) and known_to_caller(count._data):
            count.__index__()  # a trace for this count
        if self.sequence is None and not is_dynamic(count):
            return made_list(super().__mul__(count))
        return from_sequence(apply("seq_repeat", as_sequence(held(self)), whole(count)))

    def __rmul__(self, count: Any) -> Any:
        return self * count

    def __imul__(self, count: Any) -> Any:
        self.restore(self * count)
        return self

    def pop(self, index: Any = -1) -> Any:
        if self.sequence is None and not is_dynamic(index):
            return super().pop(index)
        return self._without("seq_pop", index)

    def _without(self, op: str, index: Any) -> Any:
        rest, item = apply(op, as_sequence(held(self)), whole(index))
        self.restore(rest)
        return item_of(item)

    def remove(self, item: Any) -> None:
        if not self._compares(item):
            super().remove(item)
            return
        place = apply("seq_place_to_remove", as_sequence(held(self)), as_operand(item))
        self._without("seq_delete", place)

    def insert(self, index: Any, item: Any) -> None:
        if self.sequence is None and not is_dynamic(index):
            super().insert(index, item)
        else:
            sequence = as_sequence(held(self))
            self.restore(apply("seq_insert", sequence, whole(index), as_item(item)))

    def reverse(self) -> None:
        if self.sequence is None:
            super().reverse()
        else:
            self.sequence = apply("seq_slice", self.sequence, None, None, -1)

    def sort(self, *, key: Any = None, reverse: Any = False) -> None:
        if self.sequence is not None:
            raise unsupported("sort called by a function that graphc does not see")
        super().sort(key=key, reverse=reverse)

    def sort_by(self, keys: Any, reverse: bool) -> None:
        """`sort`, where the keys are items of another list."""
        order = apply("seq_order", as_sequence(keys), reverse=reverse)
        self.restore(apply("seq_take", as_sequence(held(self)), order))

    def clear(self) -> None:
        self.restore([])

    def copy(self) -> Any:
        return made_list(self) if self.sequence is None else from_sequence(self.sequence)

    def index(self, item: Any, *bounds: Any) -> Any:
        if not self._compares(item, *bounds):
            return super().index(item, *bounds)
        return apply("seq_index", as_sequence(self), as_operand(item), *map(whole, bounds))

    def count(self, item: Any) -> Any:
        if not self._compares(item):
            return super().count(item)
        return apply("seq_count", as_sequence(self), as_operand(item))

    def contains(self, item: Any) -> Any:
        """`item in self`, as a traced bool."""
        return apply("seq_contains", as_sequence(self), as_operand(item))

    def _compares(self, *others: Any) -> bool:
        """Whether what is asked for depends on values that are known only when the graph runs."""
        return self.sequence is not None or any(map(has_dynamic, (*self, *others)))

    # -- items and slices --------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            parts = (key.start, key.stop, key.step)
            if self.sequence is None and not any(map(is_dynamic, parts)):
                return made_list(super().__getitem__(key))
            return from_sequence(apply("seq_slice", as_sequence(held(self)), *map(whole, parts)))
        if self.sequence is None and not is_dynamic(key):
            return super().__getitem__(key)
        return borrowed(apply("seq_getitem", as_sequence(self), whole(key)))

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, slice):
            self._set_slice(key, value)
        elif self.sequence is None and not is_dynamic(key):
            super().__setitem__(key, value)
        else:
            sequence = as_sequence(held(self))
            self.restore(apply("seq_setitem", sequence, as_item(value), whole(key)))

    def _set_slice(self, key: slice, items: Any) -> None:
        parts = (key.start, key.stop, key.step)
        if self.sequence is None and not any(map(is_dynamic, parts)) and not is_staged(items):
            super().__setitem__(key, items)
        elif key.step is None or key.step == 1:
            self._replace(key, new_items(items))
        else:
            sequence, values = as_sequence(held(self)), new_items(items)
            self.restore(apply("seq_set_slice", sequence, values, *map(whole, parts)))

    def _replace(self, key: slice, items: Tensor | None) -> None:
        """Put other items, or none, in the place of a slice without a step."""
        sequence = as_sequence(held(self))
        length = apply("seq_len", sequence)
        begin, end = apply("seq_span", length, whole(key.start), whole(key.stop))
        made = apply("seq_slice", sequence, None, begin)
        if items is not None:
            made = apply("seq_concat", made, items)
        self.restore(apply("seq_concat", made, apply("seq_slice", sequence, end, None)))

    def __delitem__(self, key: Any) -> None:
        parts = (key.start, key.stop, key.step) if isinstance(key, slice) else (key,)
        if self.sequence is None and not any(map(is_dynamic, parts)):
            super().__delitem__(key)
        elif not isinstance(key, slice):
            self._without("seq_delete", key)
        elif key.step is None or key.step == 1:
            self._replace(key, None)
        else:
            raise unsupported("deleting a slice with a step")

    # -- what it is as a whole ---------------------------------------------------------------------

    def __reversed__(self) -> Iterator[Any]:
        if self.sequence is None:
            return super().__reversed__()
        return iter(self[::-1])

    def __len__(self) -> int:
        return super().__len__() if self.sequence is None else int(self.length())

    def length(self) -> Any:
        """The number of items: an int, or a traced one."""
        return super().__len__() if self.sequence is None else apply("seq_len", self.sequence)

    def __iter__(self) -> Iterator[Any]:
        if self.sequence is None:
            return super().__iter__()
        count = unpacked_into(sys._getframe(1))
        return iter(self.unpacked(len(self) if count is None else count))

    def checked(self, least: int, most: int | None) -> TracedList:
        """This list, if it can be unpacked into so many names."""
        return from_sequence(apply("seq_checked", self.sequence, least, most))

    def unpacked(self, count: int) -> list[Any]:
        """The items, of which there must be so many."""
        whole_list = self.checked(count, count)
        return [whole_list[i] for i in range(count)]

    def __bool__(self) -> bool:
        return bool(self.length() > 0)

    def _compared(self, symbol: str, other: Any) -> Any:
        if isinstance(other, list) and (is_staged(other) or self._compares(*items_known(other))):
            return apply("seq_compare", as_sequence(self), as_sequence(other), symbol=symbol)
        if self.sequence is not None:
            return {"==": False, "!=": True}.get(symbol, NotImplemented)
        return getattr(list, METHODS[symbol])(self, other)

    __hash__ = None

    def __repr__(self) -> str:
        return (
            super().__repr__() if self.sequence is None else f"<staged list: {self.sequence.type}>"
        )


METHODS = {
    "==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__",
}  # fmt: skip
for _symbol, _name in METHODS.items():
    setattr(TracedList, _name, partialmethod(TracedList._compared, _symbol))


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


def borrowed(item: Tensor) -> Any:
    """An item of a list, read at an index that is not known: to be looked at, not written to."""
    made = item_of(item)
    lend(made)
    return made


def lend(item: Any) -> None:
    """Note that something is an item of a list still."""
    if isinstance(item, tuple):
        for part in item:
            lend(part)
    elif isinstance(item, TracedList):
        note_holder(item)
    elif isinstance(item, Tensor) and getattr(item.type, "shape", None):
        views.row_of_loop(item)


def is_lent(x: Any, at: Region) -> bool:
    """Whether a list is, in a region, an item of a staged list, which would not see it change."""
    return isinstance(x, TracedList) and any(_has_run(region, at) for region in x.holders)


def _has_run(region: Region | None, at: Region) -> bool:
    """Whether a region is run before what is being traced in `at`, or around it: not the other arm
    of a branch, nor an attempt that was given up. These have no op (yet)."""
    while region is not None and not region.encloses(at):
        if region.owner is None:
            return False
        region = region.parent
    return True


def item_of(item: Tensor) -> Any:
    """An item of a sequence as users hold it: a list or a tuple, where it is one itself."""
    if isinstance(item.type, Tuple):
        return tuple(item_of(part) for part in parts_of(item))
    return from_sequence(item) if isinstance(item.type, SequenceType) else item
