"""Items of lists whose length depends on the data: what they are as graph values.

    3.5, an array        itself
    [1.0, x]             a sequence
    (i, x)               a tuple, of these

Python's list holds its items, a graph value is what they are now. So what has become an item may
not be written to any more (`hold`).
"""

from __future__ import annotations

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
        hint="use an array, or append, extend, pop, len, indexing, iteration and np.stack",
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


def hold(item: Any) -> None:
    """Note that something is an item of a staged list; refuse what cannot be one."""
    if isinstance(item, Tensor):
        if item.is_traced and getattr(item.type, "shape", None):
            item.__dict__["held"] = True  # Python's list holds the array: see `views.py`
    elif isinstance(item, list):
        if hasattr(type(item), "sequence"):
            item.is_item = True  # type: ignore[attr-defined]
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
