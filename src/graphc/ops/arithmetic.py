"""Arithmetic, comparison, logic and bits: the operators of Python, and `where`.

Between Python numbers an op here is Python's own operator; as soon as one operand is an array it is
NumPy's, with NumPy 2's promotion (NEP 50). Operators of Tensor (`ops/methods.py`) call the ops by
name; the functions of this module are NumPy's, so `add(2, 3)` is an np.int64.

Derivatives of products, quotients and powers: Abramowitz & Stegun, Handbook of Mathematical
Functions (1964), 3.3 and 4.2. At ties and kinks the choice is stated beside the rule.
"""

from __future__ import annotations

import builtins
import operator as op
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.opdef import ZERO, OpDef, Pullbacks, register
from graphc.ir.types import Array, Type
from graphc.ops.arguments import as_array
from graphc.ops.families import elementwise, is_weak, operator_op, strong, write_out
from graphc.ops.infer import array_type, broadcast
from graphc.ops.sampled import number_of, sampled_type
from graphc.ops.tensor import Tensor, apply, numpy_function

Fn = Callable[..., Any]

# -- addition and multiplication ----------------------------------------------------------------

add = operator_op("add", op.add, np.add, "{0} + {1}", d=(lambda z, x, y: 1, lambda z, x, y: 1))
sub = operator_op(
    "sub", op.sub, np.subtract, "{0} - {1}", d=(lambda z, x, y: 1, lambda z, x, y: -1)
)
mul = operator_op("mul", op.mul, np.multiply, "{0} * {1}", d=(lambda z, x, y: y, lambda z, x, y: x))
div: Fn = operator_op(
    "div", op.truediv, np.divide, "{0} / {1}", total=False,
    d=(lambda z, x, y: apply("div", 1, _like(y, z)),
       lambda z, x, y: apply("div", apply("neg", z), _like(y, z))),
    doc="x / y. Python numbers divide as Python's do: by zero is a ZeroDivisionError.",
)  # fmt: skip
neg: Fn = operator_op("neg", op.neg, np.negative, "-{0}", d=lambda z, x: -1)
pos = operator_op("pos", op.pos, np.positive, "+{0}", d=lambda z, x: 1)


def _like(y: Any, z: Any) -> Any:
    """A Python number in the dtype of the result that it took part in.

    A rule divides by NumPy's rules where the op itself did: where `x / 0` was inf its derivative
    must not be a ZeroDivisionError. Literals other than zero stay as they are, to be folded.
    """
    if not is_weak(y) or is_weak(z) or number_of(y):
        return y
    return apply("cast", y, dtype=z.dtype)


def safe_div(x: Any, y: Any) -> Any:
    """x / y, and 0 where y is 0: for derivatives that are taken as 0 where they do not exist."""
    if number_of(y):
        return div(x, y)
    y = _like(y, x)
    is_zero = eq(y, 0)
    return where(is_zero, 0, div(x, where(is_zero, 1, y)))


# z = x - floor(x / y) y, so dz/dy = -floor(x / y) wherever the floor is locally constant.
floordiv = operator_op("floordiv", op.floordiv, np.floor_divide, "{0} // {1}", d=ZERO, total=False)
mod = operator_op(
    "mod", op.mod, np.remainder, "{0} % {1}", total=False,
    d=(lambda z, x, y: 1, lambda z, x, y: neg(floordiv(x, _like(y, z)))),
)  # fmt: skip
fmod = elementwise("fmod", np.fmod, d=(lambda z, x, y: 1, lambda z, x, y: neg(_trunc_div(x, y))))


def _trunc_div(x: Any, y: Any) -> Any:
    return apply("trunc", div(x, y))


@numpy_function(np.divmod)
def divmod(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Quotient and remainder, `(x // y, x % y)`, as np.divmod.

    >>> divmod(7.5, 2)[0].numpy(), divmod(7.5, 2)[1].numpy()
    (np.float64(3.0), np.float64(1.5))
    """
    return floordiv(x, y), mod(x, y)


# -- powers -------------------------------------------------------------------------------------


def _pow_base(z: Any, x: Any, y: Any) -> Any:
    """y x**(y-1); 0 where y is 0, also at x = 0, where x**-1 is infinite."""
    known = number_of(y)
    if known is not None:
        return _pow_base_known(x, known)
    y = _like(y, z)
    return y * pow(x, where(equal(y, 0), 1, y - 1))


def _pow_base_known(x: Any, exponent: Any) -> Any:
    if exponent == 0:
        return 0
    if exponent == 1:
        return 1
    if exponent == 2:
        return 2 * x
    return exponent * pow(x, exponent - 1)


def _pow_exponent(z: Any, x: Any, y: Any) -> Any:
    """log(x) x**y; 0 where x is 0, the limit for every y > 0."""
    x = _like(x, z)
    is_zero = equal(x, 0)
    return where(is_zero, 0, z * apply("log", where(is_zero, 1, x)))


# A negative exponent of Python ints makes a float: `Tensor.__pow__` sees to those that are known.
pow = operator_op(
    "pow", op.pow, np.power, "{0} ** {1}", total=False, d=(_pow_base, _pow_exponent),
    doc="x ** y. The derivative with respect to y is 0 where x is 0.",
)  # fmt: skip


float_power = elementwise(
    "float_power", np.float_power, d=(_pow_base, _pow_exponent), doc="x ** y, in float64 at least."
)

# -- comparison and logic -----------------------------------------------------------------------

lt = operator_op("lt", op.lt, np.less, "{0} < {1}", d=ZERO)
le = operator_op("le", op.le, np.less_equal, "{0} <= {1}", d=ZERO)
gt = operator_op("gt", op.gt, np.greater, "{0} > {1}", d=ZERO)
ge = operator_op("ge", op.ge, np.greater_equal, "{0} >= {1}", d=ZERO)
eq = operator_op("eq", op.eq, np.equal, "{0} == {1}", d=ZERO)
ne = operator_op("ne", op.ne, np.not_equal, "{0} != {1}", d=ZERO)

logical_and = elementwise("logical_and", np.logical_and, d=ZERO, cheap=True)
logical_or = elementwise("logical_or", np.logical_or, d=ZERO, cheap=True)
logical_xor = elementwise("logical_xor", np.logical_xor, d=ZERO, cheap=True)
logical_not = elementwise("logical_not", np.logical_not, d=ZERO, cheap=True)

bitwise_and = operator_op("bitwise_and", op.and_, np.bitwise_and, "{0} & {1}", d=ZERO)
bitwise_or = operator_op("bitwise_or", op.or_, np.bitwise_or, "{0} | {1}", d=ZERO)
bitwise_xor = operator_op("bitwise_xor", op.xor, np.bitwise_xor, "{0} ^ {1}", d=ZERO)
invert = operator_op("invert", op.invert, np.invert, "~{0}", d=ZERO)
lshift = operator_op("lshift", op.lshift, np.left_shift, "{0} << {1}", d=ZERO, total=False)
rshift = operator_op("rshift", op.rshift, np.right_shift, "{0} >> {1}", d=ZERO, total=False)

# -- magnitude and rounding ---------------------------------------------------------------------

sign = elementwise("sign", np.sign, d=ZERO)
# At 0, where |x| has no derivative, sign gives 0: the midpoint of the subdifferential [-1, 1].
abs = operator_op("abs", op.abs, np.absolute, "abs({0})", d=lambda z, x: sign(x))


def _round(x: Any, decimals: int | None) -> Any:
    """Python's round of a Python number, NumPy's of an array; None: no number of decimals given."""
    if type(x) in (bool, int, float):
        return builtins.round(x, decimals)
    return np.round(x, 0 if decimals is None else decimals)


def _round_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    t = array_type(operands[0])
    rounded = sampled_type(_round, (t,), **attrs)
    return [Array(rounded.dtype, t.shape, rounded.weak)]


elementwise("round", _round, infer=_round_infer, d=ZERO, total=False,
            doc="Round to a number of decimals, half to even.")  # fmt: skip


@numpy_function(np.round, np.around)
def round(x: Any, decimals: Any = 0, out: Any = None) -> Any:
    """Round to `decimals` decimals, half to even, as np.round.

    >>> round(np.array([0.5, 1.5, 2.25]), 1).numpy()
    array([0.5, 1.5, 2.2])
    """
    result = apply("round", strong(x) if is_weak(x) else x, decimals=op.index(decimals))
    return result if out is None else write_out(out, result)


# -- selection ----------------------------------------------------------------------------------


def _where_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    types = [array_type(value) for value in operands]
    return [Array(sampled_type(np.where, tuple(types)).dtype, broadcast(*(t.shape for t in types)))]


register(
    OpDef(
        "where", np.where, _where_infer, code="np.where({args})", family="elementwise", total=True,
        vjp=Pullbacks((
            ZERO,
            lambda ct, z, c, x, y: where(c, ct, 0),
            lambda ct, z, c, x, y: where(c, 0, ct),
        )),
        doc="x where the condition holds, else y.",
    )
)  # fmt: skip


@numpy_function(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where `condition` holds and `y` elsewhere, all three broadcast, as np.where.

    A derivative flows into the chosen one only, even where the other's is infinite or NaN. With a
    condition alone it is `nonzero`.

    >>> where(np.array([True, False]), 1.0, np.array([2.0, 3.0])).numpy()
    array([1., 3.])
    """
    if x is None or y is None:
        if x is None and y is None:
            return np.nonzero(as_array(condition))
        raise ValueError("either both or neither of x and y should be given")
    return apply("where", condition, x, y)


# -- NumPy's names ------------------------------------------------------------------------------

subtract, multiply, divide, true_divide, negative, positive = sub, mul, div, div, neg, pos
floor_divide, remainder, power, absolute = floordiv, mod, pow, abs
less, less_equal, greater, greater_equal, equal, not_equal = lt, le, gt, ge, eq, ne
bitwise_invert = bitwise_not = invert
bitwise_left_shift = left_shift = lshift
bitwise_right_shift = right_shift = rshift

__all__ = [
    "abs", "absolute", "add", "bitwise_and", "bitwise_invert", "bitwise_left_shift",
    "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "divide", "divmod",
    "equal", "float_power", "floor_divide", "fmod", "greater", "greater_equal", "invert",
    "left_shift", "less", "less_equal", "logical_and", "logical_not", "logical_or",
    "logical_xor", "mod", "multiply", "negative", "not_equal", "positive", "pow", "power",
    "remainder", "right_shift", "round", "sign", "subtract", "true_divide", "where",
]  # fmt: skip
