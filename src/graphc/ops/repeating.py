"""Cutting, reversing, shifting and repeating: split, flip, roll, tile, repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.opdef import CUT
from graphc.ir.types import Array, Dim, Type
from graphc.ops import arguments as args
from graphc.ops.adjoint import zeros_like
from graphc.ops.basic import shape
from graphc.ops.families import general, linear
from graphc.ops.infer import array_type, static_int
from graphc.ops.joining import static_length, take_slice
from graphc.ops.shape import ravel, transpose
from graphc.ops.tensor import Tensor, apply, numpy_function
from graphc.ops.views import view
from graphc.runtime import shape as kernels

__all__ = [
    "array_split", "dsplit", "flip", "fliplr", "flipud", "hsplit", "repeat", "roll", "rot90",
    "split", "tile", "vsplit",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]


def same_type(operands: Operands, attrs: Attrs) -> list[Type]:
    """Inference for ops that only move the elements of their first operand."""
    t = array_type(operands[0])
    return [Array(t.dtype, t.shape)]


# -- split ----------------------------------------------------------------------------------------


@numpy_function(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """`ary` cut at indices, or into a number of sections of almost equal length."""
    return _split(ary, indices_or_sections, axis, equal=False)


@numpy_function(np.split)
def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """`ary` cut at indices, or into a number of sections of equal length."""
    return _split(ary, indices_or_sections, axis, equal=True)


def _split(ary: Any, where: Any, axis: Any, equal: bool) -> Any:
    x = args.as_array(ary)
    (at,) = args.axes(args.index(axis), args.ndim(x))
    if isinstance(where, np.ndarray) and where.ndim:
        where = where.tolist()
    if isinstance(where, Tensor) and where.ndim:
        where = tuple(where)
    if isinstance(where, list | tuple):
        cuts = [0, *args.dims(where)]
        last = view("getitem", x, cuts[-1], spec=(*(":",) * at, "_:"))
        pieces = zip(cuts, cuts[1:], strict=False)
        return [*(take_slice(x, at, start, stop) for start, stop in pieces), last]
    sections, length = args.index(where), static_length(x, at, "np.split")
    if sections <= 0:
        raise ValueError("number sections must be larger than 0.")
    each, extra = divmod(length, sections)
    if equal and extra:
        raise args.shape_error(
            f"array split does not result in an equal division: {length} into {sections}"
        )
    cuts = [i * each + min(i, extra) for i in range(sections + 1)]
    return [take_slice(x, at, *pair) for pair in zip(cuts, cuts[1:], strict=False)]


@numpy_function(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """split along the second axis, or the first where there is only one."""
    ary = args.as_array(ary)
    return split(ary, indices_or_sections, 1 if args.ndim(ary) > 1 else 0)


@numpy_function(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """split along the first axis of an array of two or more dimensions."""
    ary = args.as_array(ary)
    if args.ndim(ary) < 2:
        raise args.shape_error("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


@numpy_function(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """split along the third axis of an array of three or more dimensions."""
    ary = args.as_array(ary)
    if args.ndim(ary) < 3:
        raise args.shape_error("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


# -- flip, roll -----------------------------------------------------------------------------------

linear("flip", lambda x, axis: np.flip(x, axis), infer=same_type, code="np.flip({0}, {axis!r})",
       transpose=lambda ct, x, axis: apply("flip", ct, axis=axis),
       fresh=False, cheap=True, total=True,
       doc="The elements in reverse order along these axes.")  # fmt: skip
linear("roll", kernels.roll, infer=same_type,
       transpose=lambda ct, x, *shifts, axis: apply("roll", ct, *(-s for s in shifts), axis=axis),
       doc="Elements shifted along axes, around the end.")  # fmt: skip


@numpy_function(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The elements in reverse order along the given axes, or all."""
    m = args.as_array(m)
    return view("flip", m, axis=args.axes(axis, args.ndim(m)))


@numpy_function(np.flipud)
def flipud(m: Any) -> Any:
    """Rows in reverse order."""
    m = args.as_array(m)
    if args.ndim(m) < 1:
        raise args.shape_error("Input must be >= 1-d.")
    return flip(m, 0)


@numpy_function(np.fliplr)
def fliplr(m: Any) -> Any:
    """Columns in reverse order."""
    m = args.as_array(m)
    if args.ndim(m) < 2:
        raise args.shape_error("Input must be >= 2-d.")
    return flip(m, 1)


@numpy_function(np.rot90)
def rot90(m: Any, k: Any = 1, axes: Any = (0, 1)) -> Any:
    """Rotated by 90 degrees k times, from the first of two axes towards the second."""
    m = args.as_array(m)
    first, second = args.axes(tuple(axes), args.ndim(m))
    order = list(range(args.ndim(m)))
    order[first], order[second] = second, first
    match args.index(k) % 4:
        case 0:
            return view("flip", m, axis=())
        case 1:
            return transpose(flip(m, second), order)
        case 2:
            return flip(m, (first, second))
        case _:
            return flip(transpose(m, order), second)


@numpy_function(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Elements shifted along the given axes, around the end; flattened if axis is None."""
    a = args.as_array(a)
    if axis is None:
        rolled = roll(ravel(a), shift, 0)
        return apply("reshape", rolled, *shape(a))
    axes = axis if isinstance(axis, list | tuple) else (axis,)
    shifts = args.dims(shift)
    count = max(len(axes), len(shifts))
    if {len(axes), len(shifts)} - {1, count}:
        raise args.shape_error("'shift' and 'axis' should be scalars or 1D sequences of one length")
    axes = tuple(args.axes(args.index(i), args.ndim(a))[0] for i in axes)
    shifts = shifts * count if len(shifts) == 1 else shifts
    return apply("roll", a, *shifts, axis=axes * count if len(axes) == 1 else axes)


# -- tile, repeat ---------------------------------------------------------------------------------


@numpy_function(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """`A` repeated `reps` times along each axis."""
    x = args.as_array(A)
    counts = list(args.dims(reps))
    rank = max(args.ndim(x), len(counts))
    counts = [1] * (rank - len(counts)) + counts
    dims = [1] * (rank - args.ndim(x)) + list(shape(x))
    x = apply("reshape", x, *(d for dim in dims for d in (1, dim)))
    x = apply("broadcast_to", x, *(d for pair in zip(counts, dims, strict=True) for d in pair))
    return apply("reshape", x, *(n * dim for n, dim in zip(counts, dims, strict=True)))


def _repeat_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t, repeats = array_type(operands[0]), array_type(operands[1])
    dims: list[Dim] = list(t.shape)
    count, length = static_int(operands[1]), t.shape[attrs["axis"]]
    if repeats.ndim > 1:
        raise args.shape_error("object too deep for desired array")
    known = count is not None and length is not None
    dims[attrs["axis"]] = count * length if known else None  # type: ignore[operator]
    return [Array(t.dtype, tuple(dims))]


def _repeat_rule(ct: Tensor, z: Tensor, x: Any, repeats: Any, axis: int) -> Any:
    """Sum over the copies: by a new axis where each element has as many, else by scattering."""
    dims = shape(x)
    if args.ndim(repeats) == 0:
        split_up = apply("reshape", ct, *dims[: axis + 1], repeats, *dims[axis + 1 :])
        like = apply("expand_dims", x, axis=(axis + 1,))
        return apply("squeeze", apply("sum_to_like", split_up, like), axis=(axis + 1,))
    origin = apply("repeat", apply("arange", 0, dims[axis], 1, dtype=None), repeats, axis=0)
    return apply("index_add", zeros_like(x), ct, origin, spec=(*(":",) * axis, "a"))


general("repeat", lambda x, repeats, axis: np.repeat(x, repeats, axis), infer=_repeat_infer,
        code="np.repeat({0}, {1}, {axis!r})", vjp=(_repeat_rule, CUT),
        doc="Each element `repeats` times (one number, or one each) along an axis.")  # fmt: skip


@numpy_function(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Each element `repeats` times (one number, or one each); flattened if axis is None."""
    a = args.as_array(a)
    repeats = args.as_array(repeats)
    if axis is None:
        a, axis = ravel(a), 0
    (at,) = args.axes(args.index(axis), args.ndim(a))
    return apply("repeat", a, repeats, axis=at)
