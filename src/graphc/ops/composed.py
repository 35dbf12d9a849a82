"""Functions made of other ops: their derivatives follow. NumPy's where NumPy has them.

Those that NumPy lacks (`softmax`, `log_softmax`, `logsumexp`) subtract the maximum first, as in
N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), 27.8, and treat it as constant:
the result does not depend on it.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from graphc.ir.opdef import CUT
from graphc.ir.types import Shape
from graphc.ops.arguments import as_array, cast_to, dtype_of, ndim, static_shape, unsupported
from graphc.ops.arithmetic import abs, add, div, eq, le, logical_and, logical_or, mul, sub, where
from graphc.ops.elementwise import exp, isfinite, isnan, log
from graphc.ops.families import general, is_weak, linear
from graphc.ops.infer import array_type, normalize_axis
from graphc.ops.reductions import all, max, mean, sum
from graphc.ops.sampled import refuse, static_axis
from graphc.ops.tensor import apply, numpy_function

# -- choices ---------------------------------------------------------------------------------------


@numpy_function(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The first choice whose condition holds, else the default; element by element."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if not condlist:
        raise ValueError("select with an empty condition list is not possible")
    for i, test in enumerate(condlist):
        if dtype_of(test).kind != "b":
            raise TypeError(f"invalid entry {i} in condlist: should be boolean ndarray")
    choices = [*map(as_array, choicelist), as_array(default)]
    dtype = np.result_type(*map(_sample, choices))
    result = cast_to(choices.pop(), dtype)
    for test, choice in reversed(list(zip(condlist, choices, strict=True))):
        result = where(test, cast_to(choice, dtype), result)
    if not ndim(result):
        raise unsupported("select", "a result without dimensions", "use `if`")
    return result


def _sample(choice: Any) -> Any:
    """What NumPy takes a choice for: Python's own numbers adapt to the others."""
    kind = dtype_of(choice).kind
    known = {"i": 0, "f": 0.0, "c": 0j}.get(kind, np.dtype(bool))
    return known if is_weak(choice) else dtype_of(choice)


# -- soft maxima ----------------------------------------------------------------------------------


def _level(x: Any, axis: Any) -> Any:
    """The maximum, where it is finite, as a constant: what is subtracted before exponentiating."""
    top = apply("stop_gradient", max(x, axis, keepdims=True))
    return where(isfinite(top), top, 0)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log Σ exp(x) over `axis`, without overflow.

    >>> logsumexp(np.array([1000.0, 1000.0])).numpy()
    np.float64(1000.6931471805599)
    """
    x = as_array(x)
    level = _level(x, axis)
    total = log(sum(exp(x - level), axis, keepdims=keepdims))
    return add(total, level if keepdims else sum(level, axis))


def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / Σ exp(x) over `axis`, without overflow.

    >>> softmax(np.array([0.0, 0.0])).numpy()
    array([0.5, 0.5])
    """
    x = as_array(x)
    weights = exp(x - _level(x, axis))
    return div(weights, sum(weights, axis, keepdims=True))


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """The logarithm of `softmax`, without overflow or underflow."""
    x = as_array(x)
    shifted = x - _level(x, axis)
    return sub(shifted, log(sum(exp(shifted), axis, keepdims=True)))


# -- cleaning and comparing -----------------------------------------------------------------------


@numpy_function(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """`x` with NaN and infinities replaced, as np.nan_to_num; the replaced ones have derivative 0.

    >>> nan_to_num(np.array([1.0, float("nan")])).numpy()
    array([1., 0.])
    """
    if copy is not True:
        raise unsupported("nan_to_num", "copy=False", "assign the result: x = np.nan_to_num(x)")
    x, dtype = as_array(x), dtype_of(as_array(x))
    if dtype.kind == "c":
        raise unsupported("nan_to_num", "a complex dtype")
    if dtype.kind != "f":
        return apply("cast", x, dtype=dtype)
    limits = np.finfo(dtype)
    result = where(isnan(x), nan, x)
    result = where(eq(x, math.inf), float(limits.max) if posinf is None else posinf, result)
    result = where(eq(x, -math.inf), float(limits.min) if neginf is None else neginf, result)
    result = apply("cast", result, dtype=dtype)
    return result if ndim(result) else result[()]


@numpy_function(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """|a - b| <= atol + rtol |b|, element by element, as np.isclose."""
    a, b = as_array(a), as_array(b)
    b = apply("cast", b, dtype=np.result_type(dtype_of(b), 1.0))
    near = le(abs(sub(a, b)), add(atol, mul(rtol, abs(b))))
    result = logical_or(logical_and(near, isfinite(b)), eq(a, b))
    if equal_nan:
        result = logical_or(result, logical_and(isnan(a), isnan(b)))
    return result


@numpy_function(np.allclose)
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """Whether all elements are close, as np.allclose: a Python bool."""
    return apply("python", all(isclose(a, b, rtol, atol, equal_nan)), kind="b")


# -- medians, differences, integrals, averages ----------------------------------------------------


def _along(x: Any, axis: int, part: slice) -> Any:
    """x[..., part, ...], at `axis`."""
    return x[(slice(None),) * axis + (part,)]


@numpy_function(np.median)
def median(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False
) -> Any:
    """The middle element along `axis`, or the mean of the two, as np.median.

    >>> median(np.array([3.0, 1.0, 10.0, 2.0])).numpy()
    np.float64(2.5)
    """
    refuse("median", out=out, overwrite_input=overwrite_input or None)
    a = as_array(a)
    rank = ndim(a)
    if isinstance(axis, tuple) or (axis is None and keepdims and rank > 1):
        raise unsupported("median", "a median over several axes", "reshape to one axis first")
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = normalize_axis(operator.index(axis), ndim(a))
    count = static_shape(a)[axis]
    if count is None:
        count = a.shape[axis]  # of an empty axis, the bounds below take nothing, whose mean is nan
    elif count == 0:
        return mean(a, axis, keepdims=keepdims)
    ordered = np.sort(a, axis=axis)
    middle = _along(ordered, axis, slice((count - 1) // 2, count // 2 + 1))
    result = mean(middle, axis, keepdims=bool(keepdims) and rank > 0)
    if dtype_of(a).kind not in "fc":
        return result
    largest = sum(
        _along(ordered, axis, slice(-1, None)), axis, keepdims=bool(keepdims) and rank > 0
    )
    chosen = where(isnan(largest), math.nan, result)
    return chosen if ndim(chosen) else chosen[()]  # a scalar, where `where` gives an array


@numpy_function(np.diff)
def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """The n-th difference along `axis`, as np.diff.

    >>> diff(np.array([1.0, 4.0, 9.0])).numpy()
    array([3., 5.])
    """
    refuse("diff", prepend=prepend, append=append)
    a, n = as_array(a), operator.index(n)
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if ndim(a) == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = normalize_axis(operator.index(axis), ndim(a))
    difference = "ne" if dtype_of(a).kind == "b" else "sub"
    for _ in range(n):
        a = apply(difference, _along(a, axis, slice(1, None)), _along(a, axis, slice(None, -1)))
    return a


@numpy_function(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """The integral of samples `y` along `axis` by the trapezoidal rule, as np.trapezoid.

    `x`: the places of the samples, of y's shape or of rank 1; without it they are `dx` apart.

    >>> trapezoid(np.array([1.0, 2.0, 3.0])).numpy()
    np.float64(4.0)
    """
    y = as_array(y)
    rank = ndim(y)
    along, width = normalize_axis(operator.index(axis), rank), dx
    if x is not None:
        is_vector = ndim(as_array(x)) == 1
        width = diff(x, axis=-1 if is_vector else axis)
        if is_vector:
            width = _column(width, rank - 1 - along)
    ends = add(_along(y, along, slice(1, None)), _along(y, along, slice(None, -1)))
    return sum(div(mul(width, ends), 2.0), axis)


def _checked_weights(total: Any) -> Any:
    if np.any(np.equal(total, 0)):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    return total


linear("checked_weights", _checked_weights, infer=lambda operands, attrs: [array_type(operands[0])],
       transpose=lambda ct, x: ct, fresh=False,
       doc="The operand; ZeroDivisionError where an element of it is zero.")  # fmt: skip


@numpy_function(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """The weighted average over `axis`, as np.average: ZeroDivisionError for weights summing to 0.

    >>> average(np.array([1.0, 3.0]), weights=[3, 1]).numpy()
    np.float64(1.5)
    """
    if returned:
        raise unsupported("average", "the option returned=")
    a = as_array(a)
    if weights is None:
        return mean(a, axis, keepdims=keepdims)
    weights = as_array(weights)
    kinds = [dtype_of(a), dtype_of(weights)]
    if kinds[0].kind in "biu":
        kinds.append(np.dtype(np.float64))
    dtype = np.result_type(*kinds)
    a, weights = cast_to(a, dtype), cast_to(_aligned(weights, a, axis), dtype)
    total = apply("checked_weights", sum(weights, axis, keepdims=keepdims))
    return div(sum(mul(a, weights), axis, keepdims=keepdims), total)


def _aligned(weights: Any, a: Any, axis: Any) -> Any:
    """Weights of a's shape, or along one axis with all others of length one."""
    if isinstance(axis, tuple) and ndim(weights) != ndim(a):
        raise unsupported("average", "weights along several axes", "give weights of a's shape")
    place: Any = static_axis(axis, ndim(a))
    _check_weights(static_shape(weights), static_shape(a), place)
    if None in static_shape(weights) + static_shape(a):
        weights = apply("fitting_weights", weights, a, axis=place)
    if ndim(weights) == ndim(a):
        return weights
    return weights[(None,) * place + (slice(None),) + (None,) * (ndim(a) - 1 - place)]


def _check_weights(given: Shape, shape: Shape, axis: Any) -> None:
    """np.average's own errors, where dimensions that are known tell; None is one that is not."""
    if _may_equal(given, shape):
        return
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    if isinstance(axis, tuple) or not _may_equal(given, shape[axis : axis + 1]):
        raise ValueError(
            "Shape of weights must be consistent with shape of a along specified axis."
        )


def _may_equal(a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and not any(None not in (x, y) and x != y for x, y in zip(a, b))


def _fitting_weights(weights: Any, a: Any, axis: Any) -> Any:
    _check_weights(np.shape(weights), np.shape(a), axis)
    return weights


general("fitting_weights", _fitting_weights, infer=lambda operands, attrs: [operands[0].type],
        vjp=(lambda ct, z, weights, a, axis: ct, CUT), fresh=False,
        doc="The weights; np.average's error where their shape does not fit.")  # fmt: skip


def _column(x: Any, extra: int) -> Any:
    """`x` of rank 1 with `extra` axes of length one after its own."""
    return x[(slice(None), *[None] * extra)] if extra else x


__all__ = [
    "allclose", "average", "diff", "isclose", "log_softmax", "logsumexp", "median", "nan_to_num",
    "softmax", "trapezoid",
]  # fmt: skip
