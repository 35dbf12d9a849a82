"""Reductions as ops: sums, products, extremes, moments, tests.

NumPy's functions with NumPy's signatures are in `ops/reductions.py`.

A reduction has the attributes `axis` (None, an int or a tuple, counted from the front) and
`keepdims`. Its rule first gives the cotangent its lost axes back, of length one, so that ordinary
broadcasting does the rest. Of several equally large elements, each gets an equal share of the
cotangent of `max` and `min`; where `std`, a root, is 0 its derivative is taken as 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Op, Value
from graphc.ir.opdef import ZERO
from graphc.ir.types import Array, Type
from graphc.ops.arithmetic import eq, safe_div
from graphc.ops.families import general, linear
from graphc.ops.infer import array_type, normalize_axes, reduced_shape
from graphc.ops.sampled import Axis, sampled_type
from graphc.ops.tensor import apply

Fn = Callable[..., Any]


def _infer(kernel: Fn) -> Fn:
    """A reduction's result: the kernel's own dtype (found by trying), the shape less the axes."""

    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        t = array_type(operands[0])
        shape = reduced_shape(t.shape, attrs.get("axis"), attrs.get("keepdims", False))
        result = sampled_type(kernel, (t,), **attrs)
        return [Array(result.dtype, shape, result.weak)]

    return infer


def _ufunc_reduce(name: str, dtype: Any = None) -> tuple[Fn, Fn]:
    """The kernel `np.<name>.reduce`, which is what np.sum, np.max, … end in, and its code."""
    ufunc: np.ufunc = getattr(np, name)

    def kernel(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = dtype) -> Any:
        return ufunc.reduce(x, axis=axis, dtype=dtype, keepdims=keepdims)

    def code(op: Op, operands: list[str]) -> str:
        axis, kind = op.attrs.get("axis"), op.attrs.get("dtype", dtype)
        whole = axis is None and array_type(op.operands[0]).ndim == 1
        options = "" if whole else f", axis={axis!r}"
        options += "" if kind is None else f", dtype=np.{np.dtype(kind)}"
        options += ", keepdims=True" if op.attrs.get("keepdims") else ""
        return f"np.{name}.reduce({operands[0]}{options})"

    return kernel, code


def keep_axes(t: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """A reduced value with its lost axes back, where broadcasting against `x` needs them."""
    axes = normalize_axes(axis, x.ndim)
    if keepdims or len(axes) == x.ndim:
        return t
    return apply("expand_dims", t, axis=axes)


def _count(x: Any, axis: Axis) -> Any:
    """How many elements each result was made from; a traced number where the shape is not known."""
    dims = x.shape
    return math.prod([dims[i] for i in normalize_axes(axis, x.ndim)])


# -- sums and means -------------------------------------------------------------------------------


def _sum_transpose(
    ct: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None
) -> Any:
    return apply("broadcast_like", keep_axes(ct, x, axis, keepdims), x)


_sum, _sum_code = _ufunc_reduce("add")
linear("sum", _sum, infer=_infer(_sum), transpose=_sum_transpose, code=_sum_code, total=True,
       doc="The sum over axes.")  # fmt: skip


def _mean(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    return np.mean(x, axis=axis, dtype=dtype, keepdims=keepdims)


def _mean_code(op: Op, operands: list[str]) -> str:
    """np.mean of float64 is the sum over the count; what else np.mean does is for other dtypes."""
    t = array_type(op.operands[0])
    if t.dtype == np.float64 and t.is_static and 0 not in t.shape and "dtype" not in op.attrs:
        return f"{_sum_code(op, operands)} / {_count(t, op.attrs.get('axis'))}"
    options = "".join(
        f", {key}=np.{value}" if key == "dtype" else f", {key}={value!r}"
        for key, value in op.attrs.items()
    )
    return f"k.mean({operands[0]}{options})"


def _mean_transpose(
    ct: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None
) -> Any:
    return apply("broadcast_like", keep_axes(safe_div(ct, _count(x, axis)), x, axis, keepdims), x)


linear("mean", _mean, infer=_infer(_mean), transpose=_mean_transpose, code=_mean_code, total=True,
       doc="The mean over axes.")  # fmt: skip


def _var(
    x: Any, axis: Axis = None, keepdims: bool = False, ddof: float = 0, dtype: Any = None
) -> Any:
    return np.var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _std(
    x: Any, axis: Axis = None, keepdims: bool = False, ddof: float = 0, dtype: Any = None
) -> Any:
    return np.std(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _deviation(x: Any, axis: Axis) -> Any:
    return x - apply("mean", x, axis=axis, keepdims=True)


def _var_vjp(
    ct: Any, z: Any, x: Any,
    axis: Axis = None, keepdims: bool = False, ddof: float = 0, dtype: Any = None,
) -> Any:  # fmt: skip
    """2 (x - mean) / (n - ddof): the mean's own derivative sums to zero."""
    scaled = safe_div(2 * ct, _count(x, axis) - ddof)
    return keep_axes(scaled, x, axis, keepdims) * _deviation(x, axis)


def _std_vjp(
    ct: Any, z: Any, x: Any,
    axis: Axis = None, keepdims: bool = False, ddof: float = 0, dtype: Any = None,
) -> Any:  # fmt: skip
    scaled = safe_div(safe_div(ct, _count(x, axis) - ddof), z)
    return keep_axes(scaled, x, axis, keepdims) * _deviation(x, axis)


general("var", _var, infer=_infer(_var), vjp=(_var_vjp,), total=True,
        doc="The variance over axes: the mean squared deviation, with n - ddof for n.")  # fmt: skip
general("std", _std, infer=_infer(_std), vjp=(_std_vjp,), total=True,
        doc="The standard deviation over axes; the derivative of constant data is 0.")  # fmt: skip

# -- products -------------------------------------------------------------------------------------


def _others(x: Any, axes: tuple[int, ...]) -> Any:
    """For each element, the product of all others along `axes`, without a division."""
    axis, *rest = axes
    before = apply("cumprod", x, axis=axis, reverse=False, exclusive=True)
    after = apply("cumprod", x, axis=axis, reverse=True, exclusive=True)
    others = before * after
    if not rest:
        return others
    return others * _others(apply("prod", x, axis=axis, keepdims=True), tuple(rest))


def _prod_vjp(
    ct: Any, z: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None
) -> Any:
    axes = normalize_axes(axis, x.ndim)
    return keep_axes(ct, x, axis, keepdims) * _others(x, axes) if axes else ct


_prod, _prod_code = _ufunc_reduce("multiply")
general("prod", _prod, infer=_infer(_prod), vjp=(_prod_vjp,), code=_prod_code, total=True,
        doc="The product over axes; its derivatives are exact where factors are zero.")  # fmt: skip

# -- extremes -------------------------------------------------------------------------------------


def _extreme_vjp(ct: Any, z: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """An equal share for each of the elements that equal the result."""
    hit = apply("cast", eq(x, keep_axes(z, x, axis, keepdims)), dtype=x.dtype)
    share = safe_div(ct, apply("sum", hit, axis=axis, keepdims=keepdims))
    return hit * keep_axes(share, x, axis, keepdims)


def _register_extreme(name: str, ufunc: str) -> None:
    kernel, code = _ufunc_reduce(ufunc)
    general(name, kernel, infer=_infer(kernel), vjp=(_extreme_vjp,), code=code,
            doc=f"The {name}imum over axes.")  # fmt: skip


_register_extreme("max", "maximum")
_register_extreme("min", "minimum")

# -- tests and places -----------------------------------------------------------------------------


def _count_nonzero(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.count_nonzero(x, axis=axis, keepdims=keepdims)


def _argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.argmax(x, axis=axis, keepdims=keepdims)


def _argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.argmin(x, axis=axis, keepdims=keepdims)


_any, _any_code = _ufunc_reduce("logical_or", np.bool)
_all, _all_code = _ufunc_reduce("logical_and", np.bool)
general("any", _any, infer=_infer(_any), vjp=ZERO, code=_any_code, total=True,
        doc="Whether any element is true.")  # fmt: skip
general("all", _all, infer=_infer(_all), vjp=ZERO, code=_all_code, total=True,
        doc="Whether every element is true.")  # fmt: skip
general("count_nonzero", _count_nonzero, infer=_infer(_count_nonzero), vjp=ZERO, total=True,
        doc="How many elements are not zero.")  # fmt: skip
general("argmax", _argmax, infer=_infer(_argmax), vjp=ZERO,
        doc="The index of the first largest element.")  # fmt: skip
general("argmin", _argmin, infer=_infer(_argmin), vjp=ZERO,
        doc="The index of the first smallest element.")  # fmt: skip
