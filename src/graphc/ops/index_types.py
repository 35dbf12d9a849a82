"""The type of `x[index]`: NumPy's indexing rules, basic and advanced, with unknown dimensions.

Reference: the NumPy manual, "Indexing on ndarrays". Integers take an axis away; slices keep theirs;
integer arrays and masks are broadcast together, and their dimensions stand where they stood, or
first when a slice, newaxis or ellipsis separates them. Next to an array, an integer counts as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphc.errors import GraphcError, ShapeError
from graphc.ir.core import Value
from graphc.ir.types import Dim, Shape
from graphc.ops.infer import array_type, broadcast, show_shape, static_int
from graphc.source import located, user_location

Spec = tuple[str, ...]


class TensorIndexError(GraphcError, IndexError):
    """An index that does not fit the shape it is applied to, or is of a wrong type."""


@dataclass(frozen=True)
class _Item:
    """One item of an index with its operands, the first axis it applies to, and how many."""

    code: str
    operands: tuple[Value, ...]
    axis: int
    takes: int


def index_error(message: str, hint: str | None = None) -> TensorIndexError:
    return located(TensorIndexError, message, user_location(), hint)


def indexed_shape(shape: Shape, spec: Spec, operands: Sequence[Value]) -> Shape:
    """The shape of x[index] for x of `shape`; raises TensorIndexError where it cannot be."""
    items = _items(shape, spec, operands)
    is_advanced = any(item.code in "am" for item in items)
    before: list[Dim] = []
    after: list[Dim] = []
    arrays: list[Shape] = []
    places: list[int] = []
    for place, item in enumerate(items):
        if item.code == "i" and not is_advanced:
            _check_int(item, shape)
        elif item.code in "iam":
            places.append(place)
            arrays.append(_array_shape(item, shape))
        else:
            (after if arrays else before).extend(_kept_dims(item, shape))
    if not arrays:
        return (*before, *after)
    adjacent = places[-1] - places[0] == len(places) - 1
    front, rest = (before, after) if adjacent else ([], [*before, *after])
    return (*front, *_broadcast_arrays(arrays), *rest)


def _items(shape: Shape, spec: Spec, operands: Sequence[Value]) -> list[_Item]:
    """The items of the index, the ellipsis present, each with its operands and axes."""
    if "e" not in spec:
        spec = (*spec, "e")
    values = list(operands)
    parts: list[tuple[str, tuple[Value, ...]]] = []
    for code in spec:
        n = code.count("_") if ":" in code else int(code in "iam")
        parts.append((code, tuple(values[:n])))
        values = values[n:]
    used = sum(_takes(code, ops) for code, ops in parts)
    if used > len(shape):
        raise index_error(
            f"too many indices for array: array is {len(shape)}-dimensional, but {used} were "
            "indexed"
        )
    items, axis = [], 0
    for code, ops in parts:
        takes = len(shape) - used if code == "e" else _takes(code, ops)
        items.append(_Item(code, ops, axis, takes))
        axis += takes
    return items


def _takes(code: str, operands: tuple[Value, ...]) -> int:
    """How many axes of x an item applies to."""
    if code == "m":
        return array_type(operands[0]).ndim
    return 0 if code in "ne" else 1


def _kept_dims(item: _Item, shape: Shape) -> Shape:
    if item.code == "n":
        return (1,)
    if item.code == "e":
        return shape[item.axis : item.axis + item.takes]
    return (_sliced(item, shape[item.axis]),)


def _sliced(item: _Item, dim: Dim) -> Dim:
    """The length of a slice of an axis of length `dim`."""
    bounds = [static_int(value) for value in item.operands]
    if dim is None or None in bounds:
        return dim if not bounds else None
    known = iter(bounds)
    parts = [next(known) if bound else None for bound in item.code.split(":")]
    if len(parts) == 3 and parts[2] == 0:
        return None  # NumPy's own error, when it runs
    return len(range(*slice(*parts).indices(dim)))


def _check_int(item: _Item, shape: Shape) -> None:
    index, dim = static_int(item.operands[0]), shape[item.axis]
    if index is not None and dim is not None and not -dim <= index < dim:
        raise index_error(
            f"index {index} is out of bounds for axis {item.axis} with size {dim}"
            f" (the array's shape is {show_shape(shape)})"
        )


def _array_shape(item: _Item, shape: Shape) -> Shape:
    """The shape an advanced index contributes to the broadcast."""
    if item.code == "i":
        _check_int(item, shape)
        return ()
    index = array_type(item.operands[0])
    if item.code == "a":
        return index.shape
    axes = shape[item.axis : item.axis + item.takes]
    for k, (dim, expected) in enumerate(zip(index.shape, axes, strict=True)):
        if dim and expected is not None and dim != expected:  # NumPy lets an empty mask pass
            raise index_error(
                f"boolean index did not match indexed array along axis {item.axis + k}; size of "
                f"axis is {expected} but size of corresponding boolean axis is {dim}"
            )
    return (None,)


def _broadcast_arrays(shapes: list[Shape]) -> Shape:
    try:
        return broadcast(*shapes)
    except ShapeError:
        text = " ".join(show_shape(shape) for shape in shapes)
        raise index_error(
            f"shape mismatch: indexing arrays could not be broadcast together with shapes {text}"
        ) from None
