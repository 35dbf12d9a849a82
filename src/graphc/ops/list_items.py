"""Items of lists whose length depends on the data: what they are as graph values.

    3.5, an array        itself
    [1.0, x]             a sequence
    (i, x)               a tuple, of these

Python's list holds its items, a graph value is what they are now. So what has become an item may
not be written to any more (`hold`).
"""

from __future__ import annotations

import dis
from types import FrameType
from typing import Any

import numpy as np

from graphc.errors import StagingError, TensorTypeError
from graphc.ir.types import Nothing
from graphc.ops.static import UNKNOWN, try_static
from graphc.ops.tensor import Tensor, apply, value_of
from graphc.ops.trace import Unstageable, current_trace
from graphc.source import located

NUMBERS = bool | int | float | complex | np.generic | np.ndarray


class Listed:
    """The items of a list that is to become one sequence value: a leaf, where a list is not."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items


def unsupported(what: str) -> Any:
    return located(
        StagingError,
        f"{what.strip('_')}: not supported on a list whose length depends on the data",
        hint="use an array, or write it with a loop over the items",
    )


def is_dynamic(index: Any) -> bool:
    """Whether an index is known only when the graph runs."""
    return isinstance(index, Tensor) and index.is_traced and try_static(index._data) is UNKNOWN


def has_dynamic(x: Any) -> bool:
    """Whether an item is known only when the graph runs, or has such a part."""
    if isinstance(x, list | tuple):
        return staged_sequence(x) is not None or any(map(has_dynamic, x))
    return isinstance(x, Tensor) and x.is_traced


def whole(index: Any) -> Any:
    """An index as an operand: a Python int or None; TypeError for a float, as Python's."""
    if index is None or not isinstance(index, Tensor):
        return index if index is None else index.__index__()
    t = index.array_type
    if t.dtype.kind not in "iub" or t.ndim:
        raise located(
            TensorTypeError, "list indices must be integers or slices, not float or an array"
        )
    return index if t.weak else apply("python", index, kind="i")


def staged_sequence(x: Any) -> Tensor | None:
    """The sequence that a list stands for, if it does."""
    return getattr(x, "sequence", None) if isinstance(x, list) else None


def items_of(x: Any) -> list[Any]:
    """The items of a list that stands for no sequence."""
    return list(x.items) if isinstance(x, Listed) else list(x)


def as_sequence(items: Any) -> Tensor:
    """A list, whose items a graph can hold alike, as one Sequence value."""
    known = items if isinstance(items, Tensor) else staged_sequence(items)
    if known is not None:
        return known
    values = [as_value(item) for item in items_of(items)]
    made: Tensor = apply("seq_make", *values, elem=None if values else Nothing())
    return made


def as_value(item: Any) -> Tensor:
    """An item of a list as one value."""
    if isinstance(item, list):
        return as_sequence(item)
    if type(item) is tuple:
        made: Tensor = apply("tuple_make", *map(as_value, item))
        return made
    trace = current_trace()
    assert trace is not None
    return Tensor(value_of(item, trace), trace)


def held(x: Any) -> Any:
    """A list that becomes a sequence; its items must not be written to later."""
    if not isinstance(x, Tensor) and staged_sequence(x) is None:
        for item in items_of(x):
            hold(item)
    return x


def note_holder(item: Any) -> None:
    """Note that a list made while tracing is an item of a staged list from here on."""
    trace = current_trace()
    assert trace is not None
    item.holders = (*item.holders, trace.region)


def hold(item: Any) -> None:
    """Note that something is an item of a staged list; refuse what cannot be one."""
    if isinstance(item, Tensor):
        if item.is_traced and getattr(item.type, "shape", None):
            item.__dict__["held"] = True  # Python's list holds the array: see `views.py`
    elif isinstance(item, list):
        if hasattr(type(item), "sequence"):
            note_holder(item)
        held(item)
    elif type(item) is tuple:
        for part in item:
            hold(part)
    elif not (item is None or isinstance(item, NUMBERS)):
        raise located(
            Unstageable,
            f"a {type(item).__name__} is an item of a list whose length depends on the data; only "
            "numbers, arrays, and tuples and lists of those can be",
            hint="keep one list for each part",
        )


def as_operand(x: Any) -> Any:
    """An operand for what is compared with items."""
    return as_value(x) if isinstance(x, list | tuple) else x


def as_item(x: Any) -> Any:
    """An operand for an item of a staged list."""
    hold(x)
    return as_operand(x)


def unpacked_into(frame: FrameType) -> int | None:
    """How many names Python is about to unpack an iterable into, where that is why it asks."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti:
            return instruction.arg if instruction.opname == "UNPACK_SEQUENCE" else None
    return None


def is_staged(items: Any) -> bool:
    """Whether the items of an iterable are known only when the graph runs, and how many."""
    if isinstance(items, Tensor) and items.is_traced:
        return not items.array_type.shape[:1] or items.array_type.shape[0] is None
    return staged_sequence(items) is not None


def new_items(items: Any) -> Tensor:
    """The items that are to be added to a staged list, as a sequence."""
    if isinstance(items, Tensor) and is_staged(items):
        hold(items)
        made: Tensor = apply("rows", items)
        return made
    return as_sequence(held(items if isinstance(items, list) else list(items)))


def items_known(items: list[Any]) -> list[Any]:
    """The items of a list that stands for no sequence; of another, none."""
    return [] if is_staged(items) else list(items)
