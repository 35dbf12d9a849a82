"""Diagonals and triangles of matrices. All linear.

`diagonal` and `diag_embed` are each other's transpose; `tril` and `triu` are their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.core import Value
from graphc.ir.types import Array, Dim, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape
from graphc.ops.families import linear
from graphc.ops.infer import array_type, normalize_axes, show_shape, static_int
from graphc.ops.shape import broadcast_to, moveaxis, ravel
from graphc.ops.tensor import Tensor, apply, numpy_function
from graphc.ops.views import view
from graphc.runtime import shape as kernels
from graphc.source import located, user_location

__all__ = ["diag", "diagflat", "diagonal", "trace", "tril", "triu"]

Attrs = dict[str, Any]
Operands = Sequence[Value]


def _diagonal_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t, offset = array_type(operands[0]), attrs["offset"]
    if t.ndim < 2:
        raise args.shape_error("diag requires an array of at least two dimensions")
    i, j = normalize_axes((attrs["axis1"], attrs["axis2"]), t.ndim)
    rows, cols = t.shape[i], t.shape[j]
    length: Dim = None
    if rows is not None and cols is not None:
        length = max(0, min(rows + min(offset, 0), cols - max(offset, 0)))
    rest = tuple(dim for k, dim in enumerate(t.shape) if k not in (i, j))
    return [Array(t.dtype, (*rest, length))]


def _diagonal_transpose(ct: Tensor, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    dims = shape(x)
    embedded = apply("diag_embed", ct, dims[axis1], dims[axis2], offset=offset)
    return moveaxis(embedded, (-2, -1), (axis1, axis2))


def _diagonal(x: Any, offset: int, axis1: int, axis2: int) -> Any:
    return np.diagonal(x, offset, axis1, axis2)


linear("diagonal", _diagonal, infer=_diagonal_infer, transpose=_diagonal_transpose, fresh=False,
       cheap=True, code="np.diagonal({0}, {offset!r}, {axis1!r}, {axis2!r})",
       doc="A diagonal of two axes, as the last axis; a read-only view.")  # fmt: skip


def _embed_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    sizes = tuple(static_int(value) for value in operands[1:])
    return [Array(t.dtype, (*t.shape[:-1], *sizes))]


linear("diag_embed", kernels.diag_embed, infer=_embed_infer,
       transpose=lambda ct, v, rows, cols, offset: apply(
           "diagonal", ct, offset=offset, axis1=args.ndim(ct) - 2, axis2=args.ndim(ct) - 1),
       doc="Matrices of zeros with the last axis on a diagonal.")  # fmt: skip


@numpy_function(np.diagonal)
def diagonal(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """The diagonal `offset` of two axes of `a`, as the last axis of the result."""
    a = args.as_array(a)
    if args.ndim(a) < 2:
        raise args.shape_error("diag requires an array of at least two dimensions")
    i, j = args.axes((axis1, axis2), args.ndim(a))
    return view("diagonal", a, offset=args.index(offset), axis1=i, axis2=j)


@numpy_function(np.linalg.diagonal)
def matrix_diagonal(x: Any, /, *, offset: Any = 0) -> Any:
    """The diagonal of the last two axes."""
    return diagonal(x, offset, -2, -1)


@numpy_function(np.trace)
def trace(
    a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None, out: Any = None
) -> Any:
    """The sum of a diagonal."""
    args.refuse_options("np.trace", out=(out, None))
    return np.sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@numpy_function(np.linalg.trace)
def matrix_trace(x: Any, /, *, offset: Any = 0, dtype: Any = None) -> Any:
    """The trace over the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@numpy_function(np.diag)
def diag(v: Any, k: Any = 0) -> Any:
    """A matrix with `v` on a diagonal; or, of a matrix, that diagonal."""
    v = args.as_array(v)
    if args.ndim(v) == 2:
        return diagonal(v, k)
    if args.ndim(v) != 1:
        raise args.shape_error("Input must be 1- or 2-d.")
    k = args.index(k)
    n = shape(v)[0] + abs(k)
    return apply("diag_embed", v, n, n, offset=k)


@numpy_function(np.diagflat)
def diagflat(v: Any, k: Any = 0) -> Any:
    """A matrix with the elements of `v`, flattened, on a diagonal."""
    return diag(ravel(v), k)


# -- triangles ------------------------------------------------------------------------------------


def _triangle_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t, k = array_type(operands[0]), array_type(operands[1])
    if t.ndim < 2:
        raise args.shape_error(f"a triangle needs two dimensions, found {show_shape(t.shape)}")
    if k.shape or k.dtype.kind not in "iu":
        raise located(TensorTypeError, f"k must be an integer, found {k}", user_location())
    return [Array(t.dtype, t.shape)]


linear("tril", lambda x, k: np.tril(x, k), infer=_triangle_infer, code="np.tril({0}, {1})",
       transpose=lambda ct, x, k: apply("tril", ct, k),
       doc="x with zeros above the diagonal k.")  # fmt: skip
linear("triu", lambda x, k: np.triu(x, k), infer=_triangle_infer, code="np.triu({0}, {1})",
       transpose=lambda ct, x, k: apply("triu", ct, k),
       doc="x with zeros below the diagonal k.")  # fmt: skip


@numpy_function(np.tril)
def tril(m: Any, k: Any = 0) -> Any:
    """`m` with zeros above its diagonal k."""
    return apply("tril", _matrix(m), k)


@numpy_function(np.triu)
def triu(m: Any, k: Any = 0) -> Any:
    """`m` with zeros below its diagonal k."""
    return apply("triu", _matrix(m), k)


def _matrix(m: Any) -> Any:
    """A vector counts as the matrix each of whose rows it is (as NumPy broadcasts it)."""
    m = args.as_array(m)
    if args.ndim(m) != 1:
        return m
    (n,) = shape(m)
    return broadcast_to(m, (n, n))
