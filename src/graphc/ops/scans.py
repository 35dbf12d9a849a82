"""Running sums and products, and the linear recurrence that is the derivative of a product.

The four ops here are closed under differentiation, and divide by nothing: derivatives of products
are exact where factors are zero, one or many, to every order. With x = (x_0, …, x_n-1):

    cumsum      z_k = x_0 + … + x_k
    cumprod     z_k = x_0 · … · x_k             (exclusive: x_0 · … · x_k-1)
    recurrence  y_k = a_k + b_k y_k-1           (lagged: a_k + b_k-1 y_k-1), y_-1 = 0
    shift       z_k = x_k-1, and z_0 = 0

`reverse` runs each from the other end. For z = cumprod(x), with E the exclusive product,
dL/dx_m = E_m s_m, where s_m = ct_m + x_m+1 s_m+1 sums the rest of every product that x_m is in:
a lagged recurrence, reversed. (The division-free form of the rule in PyTorch's `cumprod_backward`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.types import Array, Type
from graphc.ops.arguments import as_array, index, ndim
from graphc.ops.families import general, linear, write_out
from graphc.ops.infer import array_type, array_types, broadcast, normalize_axis
from graphc.ops.sampled import sampled_type
from graphc.ops.tensor import apply, numpy_function

# -- running sums -------------------------------------------------------------------------------


def _cumsum(x: Any, axis: int, reverse: bool = False, dtype: Any = None) -> Any:
    if not reverse:
        return np.cumsum(x, axis, dtype=dtype)
    return np.flip(np.cumsum(np.flip(x, axis), axis, dtype=dtype), axis)


def _infer_scan(kernel: Any) -> Any:
    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        t = array_type(operands[0])
        return [Array(sampled_type(kernel, (t,), **attrs).dtype, t.shape)]

    return infer


def _cumsum_transpose(ct: Any, x: Any, axis: int, reverse: bool = False, dtype: Any = None) -> Any:
    return apply("cumsum", ct, axis=axis, reverse=not reverse)


linear("cumsum", _cumsum, infer=_infer_scan(_cumsum), transpose=_cumsum_transpose,
       doc="Running sums along an axis, from its end if `reverse`.")  # fmt: skip

# -- running products -----------------------------------------------------------------------------


def _cumprod(
    x: Any, axis: int, reverse: bool = False, exclusive: bool = False, dtype: Any = None
) -> Any:
    if reverse:
        return np.flip(_cumprod(np.flip(x, axis), axis, False, exclusive, dtype), axis)
    if not exclusive:
        return np.cumprod(x, axis, dtype=dtype)
    lines = np.moveaxis(np.asarray(x), axis, 0)
    result = np.ones_like(lines)
    np.cumprod(lines[:-1], 0, out=result[1:])
    return np.moveaxis(result, 0, axis)


def _cumprod_vjp(
    ct: Any, z: Any, x: Any,
    axis: int, reverse: bool = False, exclusive: bool = False, dtype: Any = None,
) -> Any:  # fmt: skip
    others = apply("cumprod", x, axis=axis, reverse=reverse, exclusive=True)
    rest = apply("recurrence", ct, x, axis=axis, reverse=not reverse, lagged=not exclusive)
    if exclusive:
        rest = apply("shift", rest, axis=axis, reverse=not reverse)
    return others * rest


general("cumprod", _cumprod, infer=_infer_scan(_cumprod), vjp=(_cumprod_vjp,),
        doc="Running products along an axis, from its end if `reverse`.")  # fmt: skip

# -- recurrence and shift -----------------------------------------------------------------------


def _recurrence(a: Any, b: Any, axis: int, reverse: bool, lagged: bool) -> Any:
    a, b = np.broadcast_arrays(a, b)
    if reverse:
        return np.flip(_recurrence(np.flip(a, axis), np.flip(b, axis), axis, False, lagged), axis)
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    if lagged:
        b = np.concatenate([np.zeros_like(b[:1]), b[:-1]])
    result = np.empty(a.shape, np.result_type(a, b))
    if a.ndim == 1:  # Python's floats are several times faster here than NumPy's
        result[:] = _recurrence_of_floats(a.tolist(), b.tolist())
        return result
    for k in range(len(a)):
        result[k] = a[k] if k == 0 else a[k] + b[k] * result[k - 1]
    return np.moveaxis(result, 0, axis)


def _recurrence_of_floats(a: list[float], b: list[float]) -> list[float]:
    y = 0.0
    result = []
    for k, (term, factor) in enumerate(zip(a, b, strict=True)):
        y = term if k == 0 else term + factor * y
        result.append(y)
    return result


def _recurrence_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    a, b = array_types(operands)
    return [Array(np.result_type(a.dtype, b.dtype), broadcast(a.shape, b.shape))]


def _recurrence_a(ct: Any, y: Any, a: Any, b: Any, axis: int, reverse: bool, lagged: bool) -> Any:
    """s_k = ct_k + b_k+1 s_k+1 (lagged: b_k s_k+1): what y_k adds to itself and all later ones."""
    return apply("recurrence", ct, b, axis=axis, reverse=not reverse, lagged=not lagged)


def _recurrence_b(ct: Any, y: Any, a: Any, b: Any, axis: int, reverse: bool, lagged: bool) -> Any:
    """y_k-1 s_k (lagged: y_k s_k+1)."""
    s = _recurrence_a(ct, y, a, b, axis, reverse, lagged)
    if lagged:
        return y * apply("shift", s, axis=axis, reverse=not reverse)
    return s * apply("shift", y, axis=axis, reverse=reverse)


general("recurrence", _recurrence, infer=_recurrence_infer, vjp=(_recurrence_a, _recurrence_b),
        doc="y_k = a_k + b_k y_k-1 along an axis; with b_k-1 if `lagged`.")  # fmt: skip


def _shift(x: Any, axis: int, reverse: bool) -> Any:
    if reverse:
        return np.flip(_shift(np.flip(x, axis), axis, False), axis)
    lines = np.moveaxis(np.asarray(x), axis, 0)
    result = np.zeros_like(lines)
    result[1:] = lines[:-1]
    return np.moveaxis(result, 0, axis)


def _shift_transpose(ct: Any, x: Any, axis: int, reverse: bool) -> Any:
    return apply("shift", ct, axis=axis, reverse=not reverse)


linear("shift", _shift, infer=lambda operands, attrs: [array_type(operands[0])],
       transpose=_shift_transpose, total=True,
       doc="Move items one place up an axis (down, if `reverse`); zeros come in.")  # fmt: skip

# -- what users call ------------------------------------------------------------------------------


def _scan(name: str, x: Any, axis: Any, dtype: Any, out: Any) -> Any:
    x = as_array(x)
    if axis is None or ndim(x) == 0:
        x, axis = np.ravel(x), 0 if axis is None else axis
    attrs = {} if dtype is None else {"dtype": np.dtype(dtype)}
    result = apply(name, x, axis=normalize_axis(index(axis), ndim(x)), **attrs)
    return result if out is None else write_out(out, result)


@numpy_function(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sums along `axis`; of the flattened array where it is None. As np.cumsum.

    >>> cumsum(np.array([1.0, 2.0, 3.0])).numpy()
    array([1., 3., 6.])
    """
    return _scan("cumsum", a, axis, dtype, out)


@numpy_function(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running products along `axis`; of the flattened array where it is None. As np.cumprod.

    >>> cumprod(np.array([1.0, 2.0, 3.0])).numpy()
    array([1., 2., 6.])
    """
    return _scan("cumprod", a, axis, dtype, out)


numpy_function((np.add, "accumulate"))(
    lambda x, axis=0, dtype=None, out=None: cumsum(x, axis, dtype, out)
)
numpy_function((np.multiply, "accumulate"))(
    lambda x, axis=0, dtype=None, out=None: cumprod(x, axis, dtype, out)
)

__all__ = ["cumprod", "cumsum"]
