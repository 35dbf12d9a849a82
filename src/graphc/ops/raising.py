"""Which ops may raise when the program runs."""

from __future__ import annotations

from collections.abc import Iterable

from graphc.ir.build import callees
from graphc.ir.core import Op, Region, walk
from graphc.ir.opdef import opdef
from graphc.ir.types import Array

# Ops that may raise on account of values, whatever the shapes: LinAlgError, a bad float index.
RAISES_ON_VALUES = {
    "solve", "solve_triangular", "inv", "cholesky", "eigh", "eigvalsh", "svd", "svdvals", "pinv",
    "python", "not_array", "checked_weights", "fitting_weights", "raise", "host_call", "pure_call",
    "print",
}  # fmt: skip
GROWING = {"pow", "lshift"}
KINDS_THAT_DO = ("math_", "random_", "generator_")  # a domain error, a negative scale


def may_raise(op: Op, warnings: bool = False) -> bool:
    """Whether running an op can raise: inference has checked its shapes, where they are known.

    What remains: values (an index, a division of Python numbers, a singular matrix), and dimensions
    that only the run can compare. A call may do anything, and may never end. NumPy's arithmetic
    raises if it is told to (`np.errstate`, warnings as errors); that counts where `warnings` says.
    """
    if callees(op) or warnings and _may_warn(op):
        return True
    types = [value.type for value in op.operands if not value.is_literal]
    if any(not isinstance(t, Array) for t in types):
        return not opdef(op).total
    arrays = [t for t in types if isinstance(t, Array)]
    if op.name == "truth":
        return any(t.shape for t in arrays)
    if opdef(op).total:
        shaped = {value for value in op.operands if getattr(value.type, "shape", ())}
        return len(shaped) > 1 and not all(t.is_static for t in arrays)
    if not all(t.is_static for t in arrays):
        return True
    if op.operands and all(value.is_literal for value in op.operands):
        return _raises(op)
    if op.name in RAISES_ON_VALUES or op.name.startswith(KINDS_THAT_DO) or not arrays:
        return bool(op.operands) or op.name == "raise"
    return any(t.weak or t.dtype.kind in "iu" for t in arrays)


def _raises(op: Op) -> bool:
    """Whether an op on literals raises; passes have made it of one that was not."""
    definition = opdef(op)
    if op.name == "raise" or not definition.cheap or definition.effect:
        return op.name == "raise"
    if op.name in GROWING:
        return True  # it is still here: its result is large
    try:
        definition.kernel(*(value.literal for value in op.operands), **op.attrs)
    except Exception:
        return True
    return False


def _may_warn(op: Op) -> bool:
    kinds = [value.type for value in op.operands]
    return opdef(op).fresh and any(isinstance(t, Array) and not t.weak for t in kinds)


def region_may_raise(region: Region, warnings: bool = False) -> bool:
    """Whether running a region can raise."""
    return any(may_raise(op, warnings) for op in walk(region))


def catches_warnings(kinds: Iterable[type[BaseException]]) -> bool:
    """Whether a handler of these may get what NumPy's arithmetic raises if it is told to."""
    told = (FloatingPointError, Warning)
    return any(issubclass(a, b) or issubclass(b, a) for a in kinds for b in told)
