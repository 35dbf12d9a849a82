"""Shapes: reshape, transpose, broadcast. All linear, and views where NumPy gives one.

Sizes are operands, since they may be known only at run time: `reshape(x, *dims)`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Op, Value
from graphc.ir.opdef import Pullback
from graphc.ir.types import Array, Shape, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape
from graphc.ops.families import general, linear
from graphc.ops.infer import (
    array_type,
    array_types,
    broadcast,
    normalize_axes,
    show_shape,
    static_int,
)
from graphc.ops.tensor import Tensor, apply, numpy_function
from graphc.ops.views import read_only, view
from graphc.runtime import shape as kernels

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "broadcast_to", "expand_dims",
    "matrix_transpose", "meshgrid", "moveaxis", "permute_dims", "ravel", "reshape", "squeeze",
    "swapaxes", "transpose",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]

# -- reshape --------------------------------------------------------------------------------------


def _reshape_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    args.check_dims(operands[1:], "reshape")
    dims = tuple(static_int(value) for value in operands[1:])
    return [Array(t.dtype, _solve(t.shape, dims))]


def _solve(old: Shape, dims: Shape) -> Shape:
    """The shape that `dims` asks for: one -1, or one size not known yet, follows from the rest."""
    if dims.count(-1) > 1:
        raise args.shape_error("can only specify one unknown dimension")
    unknown = [i for i, dim in enumerate(dims) if dim is None or dim == -1]
    known = math.prod(dim for dim in dims if dim is not None and dim != -1)
    result = [None if dim == -1 else dim for dim in dims]
    if None not in old and len(unknown) < 2:
        total = math.prod(dim for dim in old if dim is not None)
        fits = total == known if not unknown else known == 0 or total % known == 0
        if not fits or (known == 0 and total):
            raise args.shape_error(
                f"cannot reshape array of shape {show_shape(old)} (size {total}) into shape "
                f"{show_shape(dims)}"
            )
        if unknown and known:
            result[unknown[0]] = total // known
    return tuple(result)


def _reshape_code(op: Op, texts: list[str]) -> str:
    dims = ", ".join(texts[1:]) or "()"
    if array_type(op.operands[0]).shape:
        return f"{texts[0]}.reshape({dims})"
    return f"k.reshape({', '.join(texts)})"


linear("reshape", kernels.reshape, infer=_reshape_infer, code=_reshape_code,
       fresh=False, cheap=True,
       transpose=lambda ct, x, *dims: apply("reshape", ct, *shape(x)),
       doc="x with another shape, in C order.")  # fmt: skip


@numpy_function(np.reshape)
def reshape(
    a: Any,
    /,
    shape: Any = None,
    order: str = "C",
    *,
    newshape: Any = None,
    copy: bool | None = None,
) -> Any:
    """`a` with another shape of the same size; one dimension may be -1.

    >>> reshape(np.arange(6), (2, -1)).shape
    (2, 3)
    """
    a = args.as_array(a)
    if shape is None:
        shape = newshape
    dims = args.dims(shape)
    if order == "F":
        reverse = tuple(reversed(range(len(dims))))
        return transpose(view("reshape", transpose(a), *reversed(dims)), reverse)
    args.refuse_options("np.reshape", order=(order, "C"))
    result = view("reshape", a, *dims)
    return apply("copy", result) if copy else result


@numpy_function(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """All elements in one dimension, in C (or with order="F", Fortran) order."""
    return reshape(a, (-1,), order)


# -- transpose ------------------------------------------------------------------------------------


def _transpose_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    axes = normalize_axes(attrs["axes"], t.ndim)
    if len(axes) != t.ndim:
        raise args.shape_error(f"axes {attrs['axes']} don't match array of {t.ndim} dimensions")
    return [Array(t.dtype, tuple(t.shape[i] for i in axes))]


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(i) for i in range(len(axes)))


linear("transpose", lambda x, axes: np.transpose(x, axes), infer=_transpose_infer,
       code="np.transpose({0}, {axes!r})", fresh=False, cheap=True, total=True,
       transpose=lambda ct, x, axes: apply("transpose", ct, axes=_inverse(axes)),
       doc="x with its axes permuted.")  # fmt: skip


@numpy_function(np.transpose)
def transpose(a: Any, axes: Any = None) -> Any:
    """The axes permuted: axis i of the result is axis axes[i] of `a`; reversed by default."""
    a = args.as_array(a)
    rank = args.ndim(a)
    order = tuple(reversed(range(rank))) if axes is None else args.axes(tuple(axes), rank)
    if len(order) != rank:
        raise args.shape_error(f"axes don't match array: {order} for {rank} dimensions")
    return view("transpose", a, axes=order)


permute_dims = transpose
setattr(Tensor, "T", property(transpose))  # noqa: B010 (a view, as x.transpose() is)


@numpy_function(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes swapped."""
    x = args.as_array(x)
    if args.ndim(x) < 2:
        raise args.shape_error(
            f"Input array must be at least 2-dimensional, but it is {args.ndim(x)}"
        )
    return swapaxes(x, -1, -2)


@numpy_function(np.swapaxes)
def swapaxes(a: Any, axis1: Any, axis2: Any) -> Any:
    """Two axes exchanged."""
    a = args.as_array(a)
    order = list(range(args.ndim(a)))
    (i,), (j,) = args.axes(axis1, len(order)), args.axes(axis2, len(order))
    order[i], order[j] = j, i
    return view("transpose", a, axes=tuple(order))


@numpy_function(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes `source` moved to `destination`; the others keep their order."""
    a = args.as_array(a)
    rank = args.ndim(a)
    sources, targets = args.axes(source, rank), args.axes(destination, rank)
    if len(sources) != len(targets):
        raise args.shape_error(
            "`source` and `destination` arguments must have the same number of elements"
        )
    order = [i for i in range(rank) if i not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return view("transpose", a, axes=tuple(order))


# -- dimensions of size 1 -------------------------------------------------------------------------


def _expand_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    axes = normalize_axes(attrs["axis"], t.ndim + len(attrs["axis"]))
    rest = iter(t.shape)
    dims = tuple(1 if i in axes else next(rest) for i in range(t.ndim + len(axes)))
    return [Array(t.dtype, dims)]


def _squeeze_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    axes = normalize_axes(attrs["axis"], t.ndim)
    if any(t.shape[i] not in (1, None) for i in axes):
        raise args.shape_error(
            "cannot select an axis to squeeze out which has size not equal to one: "
            f"axis {attrs['axis']} of shape {show_shape(t.shape)}"
        )
    return [Array(t.dtype, tuple(dim for i, dim in enumerate(t.shape) if i not in axes))]


linear("expand_dims", lambda x, axis: np.expand_dims(x, axis), infer=_expand_infer,
       code="np.expand_dims({0}, {axis!r})", fresh=False, cheap=True, total=True,
       transpose=lambda ct, x, axis: apply("squeeze", ct, axis=axis),
       doc="New axes of size 1 at these places of the result.")  # fmt: skip
linear("squeeze", lambda x, axis: np.squeeze(x, axis), infer=_squeeze_infer,
       code="np.squeeze({0}, {axis!r})", fresh=False, cheap=True,
       transpose=lambda ct, x, axis: apply("expand_dims", ct, axis=axis),
       doc="These axes, of size 1, removed.")  # fmt: skip


@numpy_function(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """New axes of size 1, at the places they have in the result."""
    a = args.as_array(a)
    count = len(axis) if isinstance(axis, list | tuple) else 1
    return view("expand_dims", a, axis=args.axes(axis, args.ndim(a) + count))


@numpy_function(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Axes of size 1 removed: all of them, or those given.

    Raises UnsupportedError where axis is None and a dimension is known only at run time.
    """
    a = args.as_array(a)
    dims = args.static_shape(a)
    if axis is None and None in dims:
        raise args.unsupported(
            "np.squeeze", f"axis=None for a shape of unknown dimensions {show_shape(dims)}",
            hint="name the axes to remove",
        )  # fmt: skip
    if axis is None:
        axes = tuple(i for i, dim in enumerate(dims) if dim == 1)
    else:
        axes = args.axes(axis, len(dims))
    return view("squeeze", a, axis=axes)


def _atleast(arrays: tuple[Any, ...], new_axes: dict[int, tuple[int, ...]]) -> Any:
    """Each array with the new axes that its rank calls for; one array alone is not in a tuple."""
    results = []
    for x in map(args.as_array, arrays):
        axes = new_axes.get(args.ndim(x), ())
        results.append(view("expand_dims", x, axis=axes) if axes else x)
    return results[0] if len(results) == 1 else tuple(results)


@numpy_function(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """Numbers as arrays of shape (1,); the rest unchanged."""
    return _atleast(arys, {0: (0,)})


@numpy_function(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """Arrays of at least two dimensions: new axes come first."""
    return _atleast(arys, {0: (0, 1), 1: (0,)})


@numpy_function(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """Arrays of at least three dimensions: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1)."""
    return _atleast(arys, {0: (0, 1, 2), 1: (0, 2), 2: (2,)})


# -- broadcasting ---------------------------------------------------------------------------------


def _broadcast_to_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    args.check_dims(operands[1:], "broadcast_to")
    dims = tuple(static_int(value) for value in operands[1:])
    lead = len(dims) - t.ndim
    pairs = list(zip(t.shape, dims[max(lead, 0) :], strict=False))
    if lead < 0 or any(d is not None and n is not None and d not in (1, n) for d, n in pairs):
        raise args.shape_error(
            f"array of shape {show_shape(t.shape)} cannot be broadcast to shape {show_shape(dims)}"
        )
    # A size not known yet can only be the array's own where that is not 1.
    solved = (n if n is not None or d == 1 else d for d, n in pairs)
    return [Array(t.dtype, (*dims[:lead], *solved))]


def _broadcast_to_code(op: Op, texts: list[str]) -> str:
    return f"np.broadcast_to({texts[0]}, {args.tuple_code(texts[1:])})"


linear("broadcast_to", kernels.broadcast_to, infer=_broadcast_to_infer, code=_broadcast_to_code,
       fresh=False, cheap=True, transpose=lambda ct, x, *dims: apply("sum_to_like", ct, x),
       doc="x repeated along new axes and axes of size 1; a read-only view.")  # fmt: skip


@numpy_function(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """`array` broadcast to `shape`."""
    args.refuse_options("np.broadcast_to", subok=(subok, False))
    return view("broadcast_to", args.as_array(array), *args.dims(shape))


def _broadcast_arrays_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    types = array_types(operands)
    joined = broadcast(*(t.shape for t in types))
    return [Array(t.dtype, joined) for t in types]


def _broadcast_arrays_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return tuple(
        None if ct is None or not need else apply("sum_to_like", ct, x)
        for need, ct, x in zip(needs, cts, operands, strict=True)
    )


general("broadcast_arrays", kernels.broadcast_arrays, infer=_broadcast_arrays_infer, fresh=False,
        vjp=Pullback(_broadcast_arrays_rule), doc="All operands broadcast together.")  # fmt: skip


@numpy_function(np.broadcast_arrays)
def broadcast_arrays(*arrays: Any, subok: bool = False) -> tuple[Any, ...]:
    """The arrays, all broadcast to one shape."""
    args.refuse_options("np.broadcast_arrays", subok=(subok, False))
    if len(arrays) < 2:
        return tuple(broadcast_to(a, shape(a)) for a in arrays)
    results = apply("broadcast_arrays", *map(args.as_array, arrays))
    return tuple(read_only(x, "broadcast_arrays") for x in results)


@numpy_function(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Coordinate arrays from one-dimensional coordinates."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    n = len(xi)
    places = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else [*range(n)]
    grids = []
    for place, x in zip(places, xi, strict=True):
        dims = tuple(-1 if i == place else 1 for i in range(n))
        grids.append(reshape(x, dims))
    full = grids if sparse else broadcast_arrays(*grids)
    return tuple(apply("copy", x) for x in full) if copy else tuple(full)
