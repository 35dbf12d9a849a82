"""NumPy's reductions with NumPy's signatures: sum, mean, max, ….

The ops are in `ops/reduction_ops.py`.

`where=` and `initial=` are refused, `out=` takes a tensor made in the same function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

import graphc.ops.reduction_ops  # noqa: F401  (registers the ops)
from graphc.ops.arguments import as_array, ndim
from graphc.ops.families import write_out
from graphc.ops.sampled import refuse, static_axis
from graphc.ops.tensor import apply, numpy_function

_UNSET = np._NoValue


def _reduce(name: str, x: Any, axis: Any, keepdims: Any, out: Any = None, **attrs: Any) -> Any:
    x = as_array(x)
    axis = static_axis(axis, ndim(x))
    attrs = {key: value for key, value in attrs.items() if value is not None}
    result = apply(name, x, axis=axis, keepdims=bool(keepdims), **attrs)
    return result if out is None else write_out(out, result)


def _ufunc_axis(x: Any, axis: Any) -> Any:
    """The axis of a ufunc's `reduce`, which takes a number for an array with an axis 0."""
    if ndim(as_array(x)) == 0 and not isinstance(axis, tuple) and axis in (0, -1):
        return None
    return axis


def _dtype(dtype: Any) -> Any:
    return None if dtype is None else np.dtype(dtype)


# -- sums and products ----------------------------------------------------------------------------


@numpy_function(np.sum)
def sum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """The sum over `axis` (an int, a tuple, or None for all), as np.sum.

    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0).numpy()
    array([4., 6.])
    """
    refuse("sum", initial=initial, where=where)
    return _reduce("sum", a, _ufunc_axis(a, axis), keepdims, out, dtype=_dtype(dtype))


@numpy_function(np.prod)
def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """The product over `axis`, as np.prod. Its derivatives are exact where elements are zero.

    >>> prod(np.array([2.0, 3.0])).numpy()
    np.float64(6.0)
    """
    refuse("prod", initial=initial, where=where)
    return _reduce("prod", a, _ufunc_axis(a, axis), keepdims, out, dtype=_dtype(dtype))


@numpy_function(np.nansum)
def nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """The sum over `axis` with NaN counted as zero, as np.nansum."""
    refuse("nansum", initial=initial, where=where)
    return sum(_without_nan(as_array(a)), axis, dtype, out, keepdims)


def _without_nan(x: Any) -> Any:
    is_nan = apply("isnan", x)
    return apply("where", is_nan, 0, x)


# -- moments --------------------------------------------------------------------------------------


@numpy_function(np.mean)
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    *, where: Any = True,
) -> Any:  # fmt: skip
    """The mean over `axis`, as np.mean.

    >>> mean(np.array([1.0, 2.0, 6.0])).numpy()
    np.float64(3.0)
    """
    refuse("mean", where=where)
    return _reduce("mean", a, axis, keepdims, out, dtype=_dtype(dtype))


@numpy_function(np.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """The variance over `axis`, as np.var: Σ (x - mean)² / (n - ddof)."""
    refuse("var", where=where, mean=mean)
    ddof = _degrees(ddof, correction)
    return _reduce("var", a, axis, keepdims, out, ddof=ddof, dtype=_dtype(dtype))


@numpy_function(np.std)
def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """The standard deviation over `axis`, as np.std. Its derivative is 0 where it is 0."""
    refuse("std", where=where, mean=mean)
    ddof = _degrees(ddof, correction)
    return _reduce("std", a, axis, keepdims, out, ddof=ddof, dtype=_dtype(dtype))


def _degrees(ddof: Any, correction: Any) -> float:
    """ddof, or the Array API's name for it, as a Python number that is known while tracing."""
    if correction is not None and correction is not _UNSET:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        ddof = correction
    return operator.index(ddof) if float(ddof).is_integer() else float(ddof)


# -- extremes -------------------------------------------------------------------------------------


@numpy_function(np.max, np.amax)
def max(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """The maximum over `axis`, as np.max. Equal maxima share the cotangent equally.

    >>> max(np.array([[1.0, 5.0], [7.0, 2.0]]), axis=1).numpy()
    array([5., 7.])
    """
    refuse("max", initial=initial, where=where)
    return _reduce("max", a, _ufunc_axis(a, axis), keepdims, out)


@numpy_function(np.min, np.amin)
def min(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """The minimum over `axis`, as np.min. Equal minima share the cotangent equally."""
    refuse("min", initial=initial, where=where)
    return _reduce("min", a, _ufunc_axis(a, axis), keepdims, out)


@numpy_function(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Maximum minus minimum over `axis`, as np.ptp."""
    axis = _ufunc_axis(a, axis)
    largest = _reduce("max", a, axis, keepdims)
    result = apply("sub", largest, _reduce("min", a, axis, keepdims))
    return result if out is None else write_out(out, result)


# -- tests and places -----------------------------------------------------------------------------


@numpy_function(np.any)
def any(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """Whether any element along `axis` is true, as np.any."""
    refuse("any", where=where)
    return _reduce("any", a, _ufunc_axis(a, axis), keepdims, out)


@numpy_function(np.all)
def all(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """Whether every element along `axis` is true, as np.all."""
    refuse("all", where=where)
    return _reduce("all", a, _ufunc_axis(a, axis), keepdims, out)


@numpy_function(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """How many elements along `axis` are not zero, as np.count_nonzero."""
    return _reduce("count_nonzero", a, _ufunc_axis(a, axis), keepdims)


@numpy_function(np.argmax)
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the first largest element along `axis`; of the flattened array if None."""
    return _reduce("argmax", a, _place_axis(a, axis), keepdims, out)


@numpy_function(np.argmin)
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the first smallest element along `axis`; of the flattened array if None."""
    return _reduce("argmin", a, _place_axis(a, axis), keepdims, out)


def _place_axis(x: Any, axis: Any) -> Any:
    """One axis, or None: a tuple is a TypeError, as in NumPy."""
    return _ufunc_axis(x, axis if axis is None else operator.index(axis))


# -- the ufuncs' own reductions -------------------------------------------------------------------


def _reduce_method(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.add.reduce` and the like: the same reduction, along axis 0 unless told otherwise."""

    def reduce(
        array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False,
        initial: Any = None, where: Any = True,
    ) -> Any:  # fmt: skip
        refuse(f"{function.__name__}.reduce", where=where, initial=initial)
        options = {} if dtype is None else {"dtype": dtype}
        return function(array, axis=axis, out=out, keepdims=keepdims, **options)

    return reduce


for _ufunc, _function in (
    (np.add, sum),
    (np.multiply, prod),
    (np.maximum, max),
    (np.minimum, min),
    (np.logical_or, any),
    (np.logical_and, all),
):
    numpy_function((_ufunc, "reduce"))(_reduce_method(_function))

__all__ = [
    "all", "any", "argmax", "argmin", "count_nonzero", "max", "mean", "min", "nansum", "prod",
    "ptp", "std", "sum", "var",
]  # fmt: skip
