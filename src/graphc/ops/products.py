"""Products of matrices and tensors. Only matmul is an op here; the rest is made of it.

Reference: M. Giles, An extended collection of matrix derivative results for forward and reverse
mode algorithmic differentiation, Oxford NA-08/01 (2008), 2.2.1: C = AB has A_bar = C_bar Bᵀ and
B_bar = Aᵀ C_bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.types import Array, Type
from graphc.ops import arguments as args
from graphc.ops.arguments import numpy_op
from graphc.ops.basic import shape
from graphc.ops.families import general
from graphc.ops.infer import array_types, broadcast, show_shape, ufunc_dtypes
from graphc.ops.shape import matrix_transpose, moveaxis, ravel, reshape, transpose
from graphc.ops.tensor import apply, numpy_function

__all__ = [
    "cross", "dot", "inner", "kron", "matmul", "matrix_power", "multi_dot", "outer", "tensordot",
    "vdot", "vecdot",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]

# -- matmul ---------------------------------------------------------------------------------------


def _matmul_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    a, b = array_types(operands)
    if not a.shape or not b.shape:
        raise args.shape_error("matmul: an operand has no dimensions; use * for numbers")
    inner = a.shape[-1], b.shape[-2] if b.ndim > 1 else b.shape[0]
    if None not in inner and inner[0] != inner[1]:
        raise args.shape_error(
            f"matmul: shapes {show_shape(a.shape)} and {show_shape(b.shape)} do not fit: "
            f"{inner[0]} columns against {inner[1]} rows"
        )
    (dtype,) = ufunc_dtypes(np.matmul, ((a.dtype, a.weak), (b.dtype, b.weak)))
    rows = a.shape[-2:-1]
    columns = b.shape[-1:] if b.ndim > 1 else ()
    return [Array(dtype, (*broadcast(a.shape[:-2], b.shape[:-2]), *rows, *columns))]


def column(x: Any) -> Any:
    """A new last axis."""
    return apply("expand_dims", x, axis=(args.ndim(x),))


def row(x: Any) -> Any:
    """A new last axis but one."""
    return apply("expand_dims", x, axis=(args.ndim(x) - 1,))


def without_axis(x: Any, axis: int) -> Any:
    return apply("squeeze", x, axis=(axis % args.ndim(x),))


def _left_rule(ct: Any, z: Any, a: Any, b: Any) -> Any:
    match min(args.ndim(a), 2), min(args.ndim(b), 2):
        case (1, 1):
            return apply("mul", ct, b)
        case (_, 1):
            return apply("mul", column(ct), b)
        case (1, _) if args.ndim(b) == 2:
            return apply("matmul", b, ct)
        case (1, _):
            product = without_axis(apply("matmul", b, column(ct)), -1)
        case _:
            product = apply("matmul", ct, matrix_transpose(b))
    return apply("sum_to_like", product, a)


def _right_rule(ct: Any, z: Any, a: Any, b: Any) -> Any:
    match min(args.ndim(a), 2), min(args.ndim(b), 2):
        case (1, 1):
            return apply("mul", ct, a)
        case (1, _):
            return apply("mul", column(a), row(ct))
        case (_, 1) if args.ndim(a) == 2:
            return apply("matmul", ct, a)
        case (_, 1):
            product = without_axis(apply("matmul", row(ct), a), -2)
        case _:
            product = apply("matmul", matrix_transpose(a), ct)
    return apply("sum_to_like", product, b)


general("matmul", np.matmul, infer=_matmul_infer, vjp=(_left_rule, _right_rule), code="{0} @ {1}",
        doc="Matrix product; leading axes are batches and broadcast.")  # fmt: skip


@numpy_function(np.matmul)
def matmul(x1: Any, x2: Any, /, out: Any = None, **options: Any) -> Any:
    """The matrix product, as the operator @."""
    args.refuse_options("np.matmul", out=(out, None), **{k: (v, None) for k, v in options.items()})
    return apply("matmul", args.as_array(x1), args.as_array(x2))


# -- dot and its relatives ------------------------------------------------------------------------


@numpy_function(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """Over the last axis of `a` and the last but one of `b` (its only one, if it has one)."""
    args.refuse_options("np.dot", out=(out, None))
    a, b = args.as_array(a), args.as_array(b)
    if not (args.ndim(a) and args.ndim(b)):
        return numpy_op(np.multiply)(a, b)
    if args.ndim(b) == 1 or max(args.ndim(a), args.ndim(b)) <= 2:
        return apply("matmul", a, b)
    return tensordot(a, b, ((-1,), (-2,)))


@numpy_function(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """Over the last axes of both."""
    a, b = args.as_array(a), args.as_array(b)
    if not (args.ndim(a) and args.ndim(b)):
        return numpy_op(np.multiply)(a, b)
    if args.ndim(a) == args.ndim(b) == 1:
        return apply("matmul", a, b)  # a scalar, where `tensordot` gives an array
    return tensordot(a, b, ((-1,), (-1,)))


@numpy_function(np.outer, np.linalg.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """All products of an element of `a` and one of `b`, both flattened."""
    args.refuse_options("np.outer", out=(out, None))
    return numpy_op(np.multiply)(column(ravel(a)), row(ravel(b)))


def _conjugate(x: Any) -> Any:
    return numpy_op(np.conjugate)(x) if args.dtype_of(x).kind == "c" else x


@numpy_function(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """The sum of conj(a)·b, both flattened."""
    return apply("matmul", _conjugate(ravel(a)), ravel(b))


@numpy_function(np.vecdot, np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: Any = -1) -> Any:
    """The sum of conj(x1)·x2 over an axis; the others broadcast."""
    a, b = (moveaxis(args.as_array(x), axis, -1) for x in (x1, x2))
    if args.ndim(a) == args.ndim(b) == 1:
        return apply("matmul", _conjugate(a), b)
    product = apply("matmul", row(_conjugate(a)), column(b))
    return without_axis(without_axis(product, -1), -1)


@numpy_function(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum over pairs of axes: the last `axes` of a with the first of b, or as listed."""
    a, b = args.as_array(a), args.as_array(b)
    left, right = _paired_axes(axes, args.ndim(a), args.ndim(b))
    dims_a, dims_b = args.static_shape(a), args.static_shape(b)
    for i, j in zip(left, right, strict=True):
        if None not in (dims_a[i], dims_b[j]) and dims_a[i] != dims_b[j]:
            raise args.shape_error(
                f"tensordot: axis {i} of shape {show_shape(dims_a)} and axis {j} of shape "
                f"{show_shape(dims_b)} do not have the same length"
            )
    free_a = tuple(i for i in range(len(dims_a)) if i not in left)
    free_b = tuple(j for j in range(len(dims_b)) if j not in right)
    rows = [shape(a)[i] for i in free_a]
    columns = [shape(b)[j] for j in free_b]
    summed = _product([shape(a)[i] for i in left])
    matrix_a = reshape(transpose(a, free_a + left), (_product(rows), summed))
    matrix_b = reshape(transpose(b, right + free_b), (summed, _product(columns)))
    return reshape(apply("matmul", matrix_a, matrix_b), (*rows, *columns))


def _paired_axes(axes: Any, rank_a: int, rank_b: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not isinstance(axes, list | tuple):
        count = args.index(axes)
        return tuple(range(rank_a - count, rank_a)), tuple(range(count))
    pair = [tuple(x) if isinstance(x, list | tuple) else (x,) for x in axes]
    left, right = args.axes(pair[0], rank_a), args.axes(pair[1], rank_b)
    if len(left) != len(right):
        raise args.shape_error("tensordot: shape-mismatch for sum: different numbers of axes")
    return left, right


def _product(dims: Sequence[Any]) -> Any:
    size: Any = 1
    for dim in dims:
        size = size * dim
    return size


@numpy_function(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: blocks of `b` scaled by the elements of `a`."""
    a, b = args.as_array(a), args.as_array(b)
    rank = max(args.ndim(a), args.ndim(b))
    dims_a = [1] * (rank - args.ndim(a)) + list(shape(a))
    dims_b = [1] * (rank - args.ndim(b)) + list(shape(b))
    spread_a = reshape(a, tuple(d for dim in dims_a for d in (dim, 1)))
    spread_b = reshape(b, tuple(d for dim in dims_b for d in (1, dim)))
    blocks = numpy_op(np.multiply)(spread_a, spread_b)
    return reshape(blocks, tuple(m * n for m, n in zip(dims_a, dims_b, strict=True)))


@numpy_function(np.cross)
def cross(
    a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None
) -> Any:
    """The cross product of vectors of three components."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(args.as_array(a), axisa, -1), moveaxis(args.as_array(b), axisb, -1)
    if args.static_shape(a)[-1] != 3 or args.static_shape(b)[-1] != 3:
        raise args.unsupported("np.cross", "an axis that is not known to have 3 components")
    multiply, subtract = numpy_op(np.multiply), numpy_op(np.subtract)
    u = [apply("getitem", a, i, spec=("e", "i")) for i in range(3)]
    v = [apply("getitem", b, i, spec=("e", "i")) for i in range(3)]
    parts = [
        subtract(multiply(u[i], v[j]), multiply(u[j], v[i])) for i, j in ((1, 2), (2, 0), (0, 1))
    ]
    joined = apply("stack", *parts, axis=args.ndim(parts[0]))
    return moveaxis(joined, -1, axisc)


@numpy_function(np.linalg.cross)
def vector_cross(x1: Any, x2: Any, /, *, axis: Any = -1) -> Any:
    """The cross product over an axis."""
    return cross(x1, x2, axis=axis)


# -- products of many -----------------------------------------------------------------------------


@numpy_function(np.linalg.matrix_power)
def matrix_power(a: Any, n: Any) -> Any:
    """`a` multiplied by itself n times, by repeated squaring in NumPy's order; n is known."""
    a, n = args.as_array(a), args.index(n)
    if args.ndim(a) < 2:
        raise args.shape_error("matrix_power needs square matrices")
    if n == 0:
        size = shape(a)[-1]
        identity = apply("eye", size, size, k=0, dtype=args.dtype_of(a))
        return apply("broadcast_to", identity, *shape(a))
    if n < 0:
        a, n = apply("inv", a), -n
    if n == 3:
        return apply("matmul", apply("matmul", a, a), a)
    power = result = None
    while n:
        power = a if power is None else apply("matmul", power, power)
        n, bit = divmod(n, 2)
        if bit:
            result = power if result is None else apply("matmul", result, power)
    return result


@numpy_function(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """The product of several matrices, from left to right."""
    args.refuse_options("np.linalg.multi_dot", out=(out, None))
    items = [args.as_array(a) for a in arrays]
    if len(items) < 2:
        raise args.shape_error("Expecting at least two arrays.")
    result = items[0]
    for item in items[1:]:
        result = dot(result, item)
    return result
