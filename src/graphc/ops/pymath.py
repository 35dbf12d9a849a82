"""Python's own `math` functions, `min` and `max` on traced numbers: results are Python numbers.

They keep Python's behaviour where it differs from NumPy's: `math.sqrt(-1)` raises ValueError,
`math.floor` gives an int of unbounded size. Derivatives: Abramowitz & Stegun, chapters 4 and 7.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from graphc.errors import InternalError
from graphc.ir.core import Value
from graphc.ir.opdef import ZERO
from graphc.ir.types import PYBOOL, PYCOMPLEX, PYFLOAT, PYINT, Array, Type, join
from graphc.ops.families import elementwise, general
from graphc.ops.infer import array_types
from graphc.ops.tensor import apply

Rule = Callable[..., Any]
MATH: dict[Any, Rule] = {}


def _infer(result: Array) -> Callable[[Sequence[Value], dict[str, Any]], list[Type]]:
    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        return [result]

    return infer


def _math(function: Any, d: Any, result: Array = PYFLOAT) -> Callable[..., Any]:
    """Define the op `math_<name>` for one function of the math module."""
    op = elementwise(
        f"math_{function.__name__}", function, d, infer=_infer(result), total=False,
        doc=f"math.{function.__name__}, on Python numbers.",
    )  # fmt: skip
    MATH[function] = op
    return op


def _sq(x: Any) -> Any:
    return x * x


sin = _math(math.sin, lambda z, x: cos(x))
cos: Rule = _math(math.cos, lambda z, x: -sin(x))
tan = _math(math.tan, lambda z, x: 1 + z * z)
exp = _math(math.exp, lambda z, x: z)
expm1 = _math(math.expm1, lambda z, x: z + 1)
log = _math(math.log, lambda z, x: 1 / x)
log2 = _math(math.log2, lambda z, x: 1 / (x * math.log(2)))
log10 = _math(math.log10, lambda z, x: 1 / (x * math.log(10)))
log1p = _math(math.log1p, lambda z, x: 1 / (1 + x))
sqrt = _math(math.sqrt, lambda z, x: 0.5 / z)
asin = _math(math.asin, lambda z, x: 1 / sqrt(1 - x * x))
acos = _math(math.acos, lambda z, x: -1 / sqrt(1 - x * x))
atan = _math(math.atan, lambda z, x: 1 / (1 + x * x))
atan2 = _math(
    math.atan2, (lambda z, y, x: x / (_sq(x) + _sq(y)), lambda z, y, x: -y / (_sq(x) + _sq(y)))
)
sinh = _math(math.sinh, lambda z, x: cosh(x))
cosh: Rule = _math(math.cosh, lambda z, x: sinh(x))
tanh = _math(math.tanh, lambda z, x: 1 - z * z)
asinh = _math(math.asinh, lambda z, x: 1 / sqrt(x * x + 1))
acosh = _math(math.acosh, lambda z, x: 1 / sqrt(x * x - 1))
atanh = _math(math.atanh, lambda z, x: 1 / (1 - x * x))
fabs = _math(math.fabs, lambda z, x: apply("math_copysign", 1.0, x) * (x != 0))
copysign = _math(math.copysign, (lambda z, x, y: apply("math_copysign", 1.0, x * y), ZERO))
erf = _math(math.erf, lambda z, x: 2 / math.sqrt(math.pi) * exp(-x * x))
erfc = _math(math.erfc, lambda z, x: -2 / math.sqrt(math.pi) * exp(-x * x))
floor = _math(math.floor, ZERO, PYINT)
ceil = _math(math.ceil, ZERO, PYINT)
trunc = _math(math.trunc, ZERO, PYINT)
isnan = _math(math.isnan, ZERO, PYBOOL)
isinf = _math(math.isinf, ZERO, PYBOOL)
isfinite = _math(math.isfinite, ZERO, PYBOOL)
gcd = _math(math.gcd, ZERO, PYINT)
isqrt = _math(math.isqrt, ZERO, PYINT)
fmod = _math(math.fmod, (lambda z, x, y: 1, lambda z, x, y: -apply("math_trunc", x / y)))
degrees = _math(math.degrees, lambda z, x: 180 / math.pi)
radians = _math(math.radians, lambda z, x: math.pi / 180)
lcm = _math(math.lcm, ZERO, PYINT)
comb = _math(math.comb, ZERO, PYINT)
perm = _math(math.perm, ZERO, PYINT)
factorial = _math(math.factorial, ZERO, PYINT)
cbrt = _math(math.cbrt, lambda z, x: 1 / (3 * z * z))
exp2 = _math(math.exp2, lambda z, x: z * math.log(2))
remainder = _math(
    math.remainder,
    (lambda z, x, y: 1, lambda z, x, y: apply("round", (z - x) / y, decimals=None)),
)
ldexp = _math(math.ldexp, (lambda z, x, i: apply("math_ldexp", 1.0, i), ZERO))
hypot = _math(math.hypot, (lambda z, x, y: x / z, lambda z, x, y: y / z))


def log_or_zero(x: Any) -> Any:
    """log(x) where x is positive: the exponent's derivative of x**y is taken as 0 elsewhere."""
    return apply("safe_log", x)


elementwise("safe_log", lambda x: math.log(x) if x > 0 else 0.0, lambda z, x: 1 / x,
            infer=_infer(PYFLOAT), total=False,
            doc="log(x), and 0 where x is not positive.")  # fmt: skip
pow = _math(
    math.pow, (lambda z, x, y: y * apply("math_pow", x, y - 1), lambda z, x, y: z * log_or_zero(x))
)


def _complex_rule(*_: Any) -> Any:
    raise InternalError("the engine refuses derivatives of complex values")


general("py_complex", complex, infer=_infer(PYCOMPLEX), vjp=_complex_rule, code="complex({args})",
        doc="complex(real, imag): a Python number.")  # fmt: skip


def math_log(x: Any, *base: Any) -> Any:
    """math.log of one or two arguments."""
    return log(x) / log(base[0]) if base else log(x)


MATH[math.log] = math_log


# -- functions with two results, with options, and of several numbers ------------------------------


def _part(function: Any, index: int, d: Any, result: Array = PYFLOAT) -> Callable[..., Any]:
    name = f"math_{function.__name__}_{index}"
    return elementwise(name, lambda x: function(x)[index], d, infer=_infer(result), total=False,
                       doc=f"math.{function.__name__}(x)[{index}].")  # fmt: skip


_modf = _part(math.modf, 0, lambda z, x: 1), _part(math.modf, 1, ZERO)
_frexp = (
    _part(math.frexp, 0, lambda z, x: ldexp(1.0, -apply("math_frexp_1", x))),
    _part(math.frexp, 1, ZERO, PYINT),
)
MATH[math.modf] = lambda x: tuple(part(x) for part in _modf)
MATH[math.frexp] = lambda x: tuple(part(x) for part in _frexp)


def _isclose(a: Any, b: Any, rel_tol: float, abs_tol: float) -> bool:
    return math.isclose(a, b, rel_tol=rel_tol, abs_tol=abs_tol)


general("math_isclose", _isclose, infer=_infer(PYBOOL), vjp=ZERO,
        doc="math.isclose of two numbers.")  # fmt: skip
general("math_fsum", math.fsum, infer=_infer(PYFLOAT),
        vjp=(lambda ct, z, x: apply("broadcast_like", ct, x),),
        doc="math.fsum of an array.")  # fmt: skip
general("math_dist", math.dist, infer=_infer(PYFLOAT),
        vjp=(lambda ct, z, p, q: ct * _direction(p, q, z),
             lambda ct, z, p, q: ct * _direction(q, p, z)),
        doc="math.dist of two arrays.")  # fmt: skip


def _direction(p: Any, q: Any, z: Any) -> Any:
    """(p - q) / |p - q|, and 0 where there is none."""
    return (p - q) / (z + _float(z == 0))


def isclose(a: Any, b: Any, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> Any:
    """math.isclose; the tolerances are known while tracing."""
    return apply("math_isclose", a, b, rel_tol=float(rel_tol), abs_tol=float(abs_tol))


MATH[math.isclose] = isclose


# -- min and max -----------------------------------------------------------------------------------


def _join_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    a, b = array_types(operands)
    return [join(a, b) or a]


general("py_min", min, infer=_join_infer, code="min({args})", doc="Python's min of two numbers.",
        vjp=(lambda ct, z, a, b: ct * (1 - _float(b < a)),
             lambda ct, z, a, b: ct * _float(b < a)))  # fmt: skip
general("py_max", max, infer=_join_infer, code="max({args})", doc="Python's max of two numbers.",
        vjp=(lambda ct, z, a, b: ct * (1 - _float(b > a)),
             lambda ct, z, a, b: ct * _float(b > a)))  # fmt: skip


def _float(p: Any) -> Any:
    return apply("python", p, kind="f")


def py_min(*items: Any) -> Any:
    """min(a, b, …) of traced numbers: the first of the smallest, as Python's."""
    return _fold("py_min", items)


def py_max(*items: Any) -> Any:
    """max(a, b, …) of traced numbers: the first of the largest, as Python's."""
    return _fold("py_max", items)


def _fold(name: str, items: Sequence[Any]) -> Any:
    result = items[0]
    for item in items[1:]:
        result = apply(name, result, item)
    return result
