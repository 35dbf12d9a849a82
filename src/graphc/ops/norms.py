"""Vector norms, and the matrix norms that need no decomposition: np.linalg.norm.

For z = ‖x‖_p, dz/dx_i = sign(x_i) (|x_i| / z)^(p-1); at z = 0, where a norm has no derivative,
it is taken as 0. (K. B. Petersen, M. S. Pedersen, The Matrix Cookbook, 2012, section 10.)
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Op, Value
from graphc.ir.types import Array, Type
from graphc.ops.arguments import as_array, dtype_of, ndim, unsupported
from graphc.ops.arithmetic import abs, ne, pow, safe_div, sign
from graphc.ops.families import general, is_weak, strong
from graphc.ops.infer import array_type, reduced_shape
from graphc.ops.reduction_ops import keep_axes
from graphc.ops.reductions import max, min, sum
from graphc.ops.sampled import Axis, sampled_type, static_axis
from graphc.ops.tensor import apply, numpy_function


def _norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.linalg.norm(x, ord, axis, keepdims)


def _norm_code(op: Op, texts: list[str]) -> str | None:
    is_plain = op.attrs == {"ord": None, "axis": None, "keepdims": False}
    return f"k.frobenius({texts[0]})" if is_plain else None


def _norm_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    t = array_type(operands[0])
    shape = reduced_shape(t.shape, attrs.get("axis"), attrs.get("keepdims", False))
    return [Array(sampled_type(_norm, (t,), **attrs).dtype, shape)]


def _norm_vjp(
    ct: Any, z: Any, x: Any,
    ord: Any = None, axis: Axis = None, keepdims: bool = False,
) -> Any:  # fmt: skip
    if ord in (None, 2):
        return x * keep_axes(safe_div(ct, z), x, axis, keepdims)
    ct = keep_axes(ct, x, axis, keepdims)
    ratio = safe_div(abs(x), keep_axes(z, x, axis, keepdims))
    return ct * sign(x) * pow(ratio, ord - 1)


general("norm", _norm, infer=_norm_infer, vjp=(_norm_vjp,), code=_norm_code,
        doc="The p-norm along an axis; ord None: the square root of a sum of squares.")  # fmt: skip


@numpy_function(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """A vector or matrix norm, as np.linalg.norm. The derivative is 0 where the norm is 0.

    Without `ord`, the square root of the sum of squares. Matrix norms 2, -2 and 'nuc', which need
    singular values, are not supported.

    >>> norm(np.array([3.0, 4.0])).numpy()
    np.float64(5.0)
    """
    x, keepdims = _floating(as_array(x)), bool(keepdims)
    rank = ndim(x)
    axis = static_axis(axis, rank)
    if axis is None and (ord is None or (rank, ord) in ((2, "fro"), (2, "f"), (1, 2))):
        return apply("norm", x, ord=None, axis=None, keepdims=keepdims)
    axes = tuple(range(rank)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError("Improper number of dimensions to norm.")


def _floating(x: Any) -> Any:
    """Integers as float64, as np.linalg.norm takes them."""
    if dtype_of(x).kind in "fc":
        return strong(x) if is_weak(x) else x
    return apply("cast", x, dtype=np.dtype(np.float64))


def _vector_norm(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order '{ord}' for vectors")
    if ord is None or ord == 2:
        return apply("norm", x, ord=None, axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return max(abs(x), axis, keepdims=keepdims)
    if ord == -math.inf:
        return min(abs(x), axis, keepdims=keepdims)
    if ord == 1:
        return sum(abs(x), axis, keepdims=keepdims)
    if ord == 0:
        return sum(apply("cast", ne(x, 0), dtype=dtype_of(x)), axis, keepdims=keepdims)
    return apply("norm", x, ord=float(ord), axis=axis, keepdims=keepdims)


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Frobenius, or the extreme sum of absolute values of a column (±1) or a row (±inf)."""
    if ord in (None, "fro", "f"):
        return apply("norm", x, ord=None, axis=axes, keepdims=keepdims)
    if ord in (2, -2, "nuc"):
        raise unsupported("linalg.norm", f"the matrix norm of order {ord!r}", "use np.linalg.svd")
    if isinstance(ord, str) or builtins.abs(ord) not in (1, math.inf):
        raise ValueError("Invalid norm order for matrices.")
    along = axes[0] if builtins.abs(ord) == 1 else axes[1]
    sums = sum(abs(x), along, keepdims=True)
    return (max if ord > 0 else min)(sums, axes, keepdims=keepdims)


__all__ = ["norm"]
