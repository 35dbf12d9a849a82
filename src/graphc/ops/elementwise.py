"""The element-wise functions of the Array API standard and NumPy, and the usual activations.

Derivatives: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 4.1 (logarithm), 4.2
(exponential), 4.4 (inverse circular), 4.6 (inverse hyperbolic), 7.1 (error function). Written with
the result `z` where that is cheaper. At ties and kinks the choice is stated beside the rule.
"""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from graphc.errors import UnsupportedError
from graphc.ir.core import Value
from graphc.ir.opdef import ZERO
from graphc.ir.types import Array, Type
from graphc.ops.arithmetic import add, div, eq, mul, neg, pos, safe_div, sign, sub, where
from graphc.ops.families import elementwise
from graphc.ops.infer import Infer, array_type, array_types, broadcast, infer_ufunc
from graphc.ops.sampled import sampled_type
from graphc.ops.tensor import apply, numpy_function
from graphc.source import located, user_location

Fn = Callable[..., Any]

LOG_2 = math.log(2)
LOG_10 = math.log(10)

# -- exponentials and logarithms --------------------------------------------------------------

exp = elementwise("exp", np.exp, d=lambda z, x: z)
exp2 = elementwise("exp2", np.exp2, d=lambda z, x: z * LOG_2)
expm1 = elementwise("expm1", np.expm1, d=lambda z, x: z + 1)
log = elementwise("log", np.log, d=lambda z, x: div(1, x))
log2 = elementwise("log2", np.log2, d=lambda z, x: div(1 / LOG_2, x))
log10 = elementwise("log10", np.log10, d=lambda z, x: div(1 / LOG_10, x))
log1p = elementwise("log1p", np.log1p, d=lambda z, x: div(1, x + 1))
# d/dx log(e^x + e^y) = e^x / (e^x + e^y) = sigmoid(x - y)
logaddexp = elementwise(
    "logaddexp", np.logaddexp,
    d=(lambda z, x, y: sigmoid(sub(x, y)), lambda z, x, y: sigmoid(sub(y, x))),
)  # fmt: skip
logaddexp2 = elementwise(
    "logaddexp2", np.logaddexp2,
    d=(lambda z, x, y: _sigmoid_2(sub(x, y)), lambda z, x, y: _sigmoid_2(sub(y, x))),
)  # fmt: skip


def _sigmoid_2(x: Any) -> Any:
    return sigmoid(x * LOG_2)


# -- roots and simple powers ------------------------------------------------------------------

sqrt = elementwise("sqrt", np.sqrt, d=lambda z, x: div(0.5, z), cheap=True)
cbrt = elementwise("cbrt", np.cbrt, d=lambda z, x: div(1 / 3, z * z))
square = elementwise("square", np.square, d=lambda z, x: 2 * x, cheap=True)
reciprocal = elementwise("reciprocal", np.reciprocal, d=lambda z, x: -z * z, cheap=True)
# At the origin, where x / z is 0 / 0, the derivative is taken as 0, as of `norm`.
hypot = elementwise(
    "hypot", np.hypot, d=(lambda z, x, y: safe_div(x, z), lambda z, x, y: safe_div(y, z))
)

# -- circular functions -------------------------------------------------------------------------

sin = elementwise("sin", np.sin, d=lambda z, x: cos(x))
cos: Fn = elementwise("cos", np.cos, d=lambda z, x: -sin(x))
tan = elementwise("tan", np.tan, d=lambda z, x: 1 + z * z)
asin = elementwise("asin", np.arcsin, d=lambda z, x: div(1, sqrt((1 - x) * (1 + x))))
acos = elementwise("acos", np.arccos, d=lambda z, x: div(-1, sqrt((1 - x) * (1 + x))))
atan = elementwise("atan", np.arctan, d=lambda z, x: div(1, 1 + x * x))
atan2 = elementwise(
    "atan2", np.arctan2,
    d=(
        lambda z, y, x: div(x, add(mul(x, x), mul(y, y))),
        lambda z, y, x: div(neg(y), add(mul(x, x), mul(y, y))),
    ),
)  # fmt: skip
deg2rad = elementwise("deg2rad", np.deg2rad, d=lambda z, x: math.pi / 180, cheap=True)
rad2deg = elementwise("rad2deg", np.rad2deg, d=lambda z, x: 180 / math.pi, cheap=True)

# -- hyperbolic functions -----------------------------------------------------------------------

sinh = elementwise("sinh", np.sinh, d=lambda z, x: cosh(x))
cosh: Fn = elementwise("cosh", np.cosh, d=lambda z, x: sinh(x))
tanh = elementwise("tanh", np.tanh, d=lambda z, x: 1 - z * z)
asinh = elementwise("asinh", np.arcsinh, d=lambda z, x: div(1, sqrt(x * x + 1)))
acosh = elementwise("acosh", np.arccosh, d=lambda z, x: div(1, sqrt((x - 1) * (x + 1))))
atanh = elementwise("atanh", np.arctanh, d=lambda z, x: div(1, (1 - x) * (1 + x)))

# -- rounding, signs and tests ------------------------------------------------------------------

floor = elementwise("floor", np.floor, d=ZERO, cheap=True)
ceil = elementwise("ceil", np.ceil, d=ZERO, cheap=True)
trunc = elementwise("trunc", np.trunc, d=ZERO, cheap=True)
rint = elementwise("rint", np.rint, d=ZERO, cheap=True)
signbit = elementwise("signbit", np.signbit, d=ZERO, cheap=True)
isfinite = elementwise("isfinite", np.isfinite, d=ZERO, cheap=True)
isinf = elementwise("isinf", np.isinf, d=ZERO, cheap=True)
isnan = elementwise("isnan", np.isnan, d=ZERO, cheap=True)
conj = elementwise("conj", np.conjugate, d=lambda z, x: 1, cheap=True)
fabs = elementwise("fabs", np.fabs, d=lambda z, x: sign(x), cheap=True)
# z = |x| sgn(y), with the derivative of |x| at 0 taken as 0.
copysign: Fn = elementwise(
    "copysign", np.copysign, d=(lambda z, x, y: sign(x) * copysign(1, y), ZERO), cheap=True
)
nextafter = elementwise("nextafter", np.nextafter, d=(lambda z, x, y: 1, ZERO))
heaviside = elementwise(
    "heaviside", np.heaviside, d=(ZERO, lambda z, x, h: apply("cast", eq(x, 0), dtype=z.dtype))
)

# -- the larger and the smaller -----------------------------------------------------------------


def _share(z: Any, x: Any, y: Any) -> Any:
    """The weight of `x` in z = max(x, y) or min(x, y): 1 where taken, ½ at a tie, else 0."""
    return where(eq(x, y), 0.5, apply("cast", eq(x, z), dtype=z.dtype))


_SHARES = (lambda z, x, y: _share(z, x, y), lambda z, x, y: _share(z, y, x))
maximum = elementwise("maximum", np.maximum, d=_SHARES, cheap=True)
minimum = elementwise("minimum", np.minimum, d=_SHARES, cheap=True)
fmax = elementwise("fmax", np.fmax, d=_SHARES, cheap=True)
fmin = elementwise("fmin", np.fmin, d=_SHARES, cheap=True)


def _infer_by(kernel: Fn) -> Infer:
    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        t = array_type(operands[0])
        return [Array(sampled_type(kernel, (t,)).dtype, t.shape)]

    return infer


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.clip(x, low, high)


def _clip_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    types = array_types(operands)
    return [Array(sampled_type(_clip, tuple(types)).dtype, broadcast(*(t.shape for t in types)))]


# clip(x, low, high) = min(max(x, low), high), with the derivatives of that: halves at the bounds.
_clip_op = elementwise(
    "clip", _clip, infer=_clip_infer, code="np.clip({args})",
    d=(
        lambda z, x, low, high: _share(maximum(x, low), x, low) * _share(z, maximum(x, low), high),
        lambda z, x, low, high: _share(maximum(x, low), low, x) * _share(z, maximum(x, low), high),
        lambda z, x, low, high: _share(z, high, maximum(x, low)),
    ),
)  # fmt: skip


@numpy_function(np.clip)
def clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *,
    min: Any = None, max: Any = None,
) -> Any:  # fmt: skip
    """`a` limited to [a_min, a_max], as np.clip; None is no limit. The derivative is ½ at a limit.

    >>> clip(np.array([-1.0, 0.5, 3.0]), 0.0, 1.0).numpy()
    array([0. , 0.5, 1. ])
    """
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is None and high is None:
        return pos(a, out=out)
    if high is None:
        return maximum(a, low, out=out)
    if low is None:
        return minimum(a, high, out=out)
    return _clip_op(a, low, high, out=out)


# -- functions that NumPy does not have ---------------------------------------------------------


def _sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x) without overflow: e^-|x| is at most 1."""
    decay = np.exp(-np.fabs(x))
    return np.where(np.greater_equal(x, 0), 1.0, decay)[()] / (1 + decay)


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


sigmoid: Fn = elementwise(
    "sigmoid", _sigmoid, infer=infer_ufunc(np.fabs), d=lambda z, x: z * (1 - z),
    doc="The logistic function 1 / (1 + exp(-x)), without overflow.",
)  # fmt: skip
relu = elementwise(
    "relu", _relu, infer=_infer_by(_relu),
    d=lambda z, x: apply("cast", x > 0, dtype=z.dtype), cheap=True, code="np.maximum({0}, 0)",
    doc="max(x, 0). The derivative at 0 is 0, as in every neural network library.",
)  # fmt: skip


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow; its derivative is `sigmoid(x)`.

    >>> softplus(np.array([-1000.0, 0.0, 1000.0])).numpy()
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return logaddexp(x, 0)


@cache
def _special() -> Any:
    """scipy.special, imported when first needed: it takes longer to import than graphc."""
    try:
        return importlib.import_module("scipy.special")
    except ImportError:
        raise located(
            UnsupportedError,
            "erf and erfc need SciPy, which is not installed",
            user_location(),
            hint="pip install scipy, or math.erf for a number",
        ) from None


def _erf(x: Any) -> Any:
    return _special().erf(x)


def _erfc(x: Any) -> Any:
    return _special().erfc(x)


def _gauss(x: Any) -> Any:
    return 2 / math.sqrt(math.pi) * exp(-x * x)


erf = elementwise("erf", _erf, infer=_infer_by(_erf), d=lambda z, x: _gauss(x),
                  doc="The error function, SciPy's.")  # fmt: skip
erfc = elementwise("erfc", _erfc, infer=_infer_by(_erfc), d=lambda z, x: -_gauss(x),
                   doc="1 - erf(x) without cancellation, SciPy's.")  # fmt: skip
if "scipy.special" in sys.modules:  # then its functions work on tensors too
    numpy_function(_special().erf)(erf)
    numpy_function(_special().erfc)(erfc)

# -- NumPy's names --------------------------------------------------------------------------

arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh
conjugate, fix = conj, numpy_function(np.fix)(trunc)
radians, degrees = numpy_function(np.radians)(deg2rad), numpy_function(np.degrees)(rad2deg)

__all__ = [
    "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "clip", "conj", "conjugate",
    "copysign", "cos", "cosh", "deg2rad", "degrees", "erf", "erfc", "exp", "exp2", "expm1",
    "fabs", "fix", "floor", "fmax", "fmin", "heaviside", "hypot", "isfinite", "isinf",
    "isnan", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "maximum", "minimum",
    "nextafter", "rad2deg", "radians", "reciprocal", "relu", "rint", "sigmoid", "signbit",
    "sin", "sinh", "softplus", "sqrt", "square", "tan", "tanh", "trunc",
]  # fmt: skip
