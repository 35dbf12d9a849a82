"""Choosing elements: take, sort, argsort, searchsorted, nonzero, in-place scatter.

Only argsort, sort, searchsorted and flatnonzero are ops; the rest is indexing with index arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.core import Value
from graphc.ir.opdef import ZERO
from graphc.ir.types import Array, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape
from graphc.ops.families import general
from graphc.ops.indexing import getitem, store, store_add
from graphc.ops.infer import array_type, array_types
from graphc.ops.shape import moveaxis, ravel
from graphc.ops.tensor import Tensor, apply, numpy_function
from graphc.source import located, user_location

__all__ = [
    "argsort", "argwhere", "delete", "flatnonzero", "nonzero", "put_along_axis", "searchsorted",
    "sort", "take", "take_along_axis",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]
INT = np.dtype(np.int64)

# -- sort -----------------------------------------------------------------------------------------


def _sort_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    return [Array(t.dtype, t.shape)]


def _argsort_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [Array(INT, array_type(operands[0]).shape)]


def _sort_rule(ct: Tensor, z: Tensor, x: Any, axis: int, kind: str | None) -> Any:
    """Each element's cotangent is where sorting took it; equal elements keep their order."""
    order = apply("argsort", x, axis=axis, kind="stable")
    return take_along_axis(ct, apply("argsort", order, axis=axis, kind="stable"), axis)


general("argsort", lambda x, axis, kind: np.argsort(x, axis, kind), infer=_argsort_infer, vjp=ZERO,
        total=True, code="np.argsort({0}, {axis!r}, {kind!r})",
        doc="The indices that sort an axis.")  # fmt: skip
general("sort", lambda x, axis, kind: np.sort(x, axis, kind), infer=_sort_infer, vjp=(_sort_rule,),
        total=True, code="np.sort({0}, {axis!r}, {kind!r})",
        doc="The elements of an axis in ascending order.")  # fmt: skip


@numpy_function(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The elements in ascending order along an axis; flattened if axis is None."""
    return _sorted("sort", a, axis, kind, order, stable)


@numpy_function(np.argsort)
def argsort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    """The indices that sort an axis; of the flattened array if axis is None."""
    return _sorted("argsort", a, axis, kind, order, stable)


def _sorted(name: str, a: Any, axis: Any, kind: Any, order: Any, stable: Any) -> Any:
    args.refuse_options(f"np.{name}", order=(order, None))
    x = args.as_array(a)
    if axis is None:
        x, axis = ravel(x), -1
    (at,) = args.axes(args.index(axis), args.ndim(x))
    return apply(name, x, axis=at, kind="stable" if stable else kind)


def _searchsorted_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    a, v = array_types(operands)
    if a.ndim != 1:
        raise args.shape_error("searchsorted needs a one-dimensional sorted array")
    return [Array(INT, v.shape)]


general("searchsorted", lambda a, v, side: np.searchsorted(a, v, side), infer=_searchsorted_infer,
        vjp=ZERO, code="np.searchsorted({0}, {1}, {side!r})",
        doc="Where to insert elements of v into the sorted a.")  # fmt: skip


@numpy_function(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """The places in sorted `a` before (or with side="right" after equals) which `v` would go."""
    a = args.as_array(a)
    if sorter is not None:
        a = getitem(a, sorter)
    if side not in ("left", "right"):
        raise ValueError(f"search side must be 'left' or 'right' (got {side!r})")
    return apply("searchsorted", a, args.as_array(v), side=side)


# -- nonzero --------------------------------------------------------------------------------------


def _flatnonzero_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [Array(INT, (None,))]


general("flatnonzero", lambda x: np.flatnonzero(x), infer=_flatnonzero_infer, vjp=ZERO, total=True,
        code="np.flatnonzero({0})", doc="Where the flattened array is not zero.")  # fmt: skip


@numpy_function(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """The indices of the flattened array at which it is not zero."""
    return apply("flatnonzero", args.as_array(a))


@numpy_function(np.nonzero)
def nonzero(a: Any) -> tuple[Any, ...]:
    """One array of indices per dimension: where `a` is not zero. np.where(a) is the same."""
    a = args.as_array(a)
    dims = shape(a)
    if not dims:
        raise args.shape_error("Calling nonzero on 0d arrays is not allowed.",
                               hint="use np.atleast_1d(a).nonzero()")  # fmt: skip
    places = flatnonzero(a)
    if len(dims) == 1:
        return (places,)
    divide, modulo = args.numpy_op(np.floor_divide), args.numpy_op(np.remainder)
    coordinates = []
    for dim in reversed(dims[1:]):
        coordinates.append(modulo(places, dim))
        places = divide(places, dim)
    return (places, *reversed(coordinates))


@numpy_function(np.argwhere)
def argwhere(a: Any) -> Any:
    """The indices of the elements that are not zero, one row each."""
    rows = nonzero(a)
    return apply("stack", *rows, axis=1)


# -- take -----------------------------------------------------------------------------------------


@numpy_function(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """Elements (or along an axis, slices) of `a` at `indices`."""
    args.refuse_options("np.take", out=(out, None), mode=(mode, "raise"))
    a = args.as_array(a)
    if axis is None:
        a, axis = ravel(a), 0
    (at,) = args.axes(args.index(axis), args.ndim(a))
    if isinstance(indices, bool | np.bool_):
        indices = int(indices)
    return getitem(a, (*(slice(None),) * at, indices))


def _along_axis(arr: Any, indices: Any, axis: Any) -> tuple[Any, tuple[Any, ...]]:
    """The array (flattened if axis is None) and the index that `*_along_axis` stands for."""
    indices = args.as_array(indices)
    if args.dtype_of(indices).kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if axis is None:
        arr, axis = ravel(arr), 0
    rank = args.ndim(arr)
    (at,) = args.axes(args.index(axis), rank)
    if args.ndim(indices) != rank:
        raise args.shape_error("`indices` and `arr` must have the same number of dimensions")
    key: list[Any] = []
    for i, dim in enumerate(shape(arr)):
        row = apply("arange", dim, dtype=None)
        others = tuple(j for j in range(rank) if j != i)
        key.append(indices if i == at else apply("expand_dims", row, axis=others))
    return arr, tuple(key)


@numpy_function(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """Elements of `arr` at `indices` along an axis, matched on the others: what argsort gives."""
    arr, key = _along_axis(args.as_array(arr), indices, axis)
    return getitem(arr, key)


@numpy_function(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """Write `values` into `arr` at `indices` along an axis, matched on the others."""
    if axis is None:
        raise args.unsupported("np.put_along_axis", "axis=None", hint="name the axis")
    _, key = _along_axis(_in_place(arr, "put_along_axis"), indices, axis)
    store(arr, key, values)


# -- NumPy's functions that write into an argument ------------------------------------------------


def _in_place(target: Any, function: str) -> Any:
    if isinstance(target, Tensor):
        return target
    raise located(
        TensorTypeError,
        f"{function}: the array that is written to must be a tensor, found {type(target).__name__}",
        user_location(),
    )


@numpy_function((np.add, "at"))
def add_at(a: Any, indices: Any, b: Any) -> None:
    """np.add.at: add `b` at `indices`, in place; where an index repeats, all values add up."""
    store_add(_in_place(a, "np.add.at"), indices, b)


@numpy_function(np.copyto)
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Write `src` into all of `dst`, or where a mask holds."""
    args.refuse_options("np.copyto", casting=(casting, "same_kind"))
    if where is not True:
        src = apply("where", where, src, dst)
    store(_in_place(dst, "np.copyto"), Ellipsis, src)


@numpy_function(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Write `val` on the diagonal of `a`, in place."""
    args.refuse_options("np.fill_diagonal", wrap=(wrap, False))
    dims = args.static_shape(_in_place(a, "np.fill_diagonal"))
    if len(dims) < 2 or None in dims or (len(dims) > 2 and len(set(dims)) > 1):
        raise args.shape_error(f"fill_diagonal needs a matrix of known size, found {dims}")
    rows = np.arange(min(dim for dim in dims if dim is not None))
    store(a, (rows,) * len(dims), val)


@numpy_function(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """`arr` without the slices at `obj` (known integers) along an axis."""
    arr = args.as_array(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    moved = moveaxis(arr, axis, 0)
    count = args.static_shape(moved)[0]
    if count is None or isinstance(obj, Tensor):
        raise args.unsupported("np.delete", "an index or a length known only at run time")
    kept = np.delete(np.arange(count), obj)
    return moveaxis(getitem(moved, kept), 0, axis)
