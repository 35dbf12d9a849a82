"""Control flow and effects as ops: loop, if, try, truth values, print, raise.

`loop`, `if` and `try` hold regions; the verifier types them, the interpreter and code generator
run them, and `transforms/structured.py` differentiates them.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import InternalError
from graphc.ir.core import Value
from graphc.ir.opdef import STRUCTURED, ZERO, OpDef, register
from graphc.ir.types import CAUGHT, PYBOOL, Type
from graphc.ops.families import general
from graphc.runtime import effects as kernels
from graphc.runtime import errstate


def _not_inferred(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    raise InternalError("structured ops are given their result types")


def _not_a_kernel(*operands: Any, **attrs: Any) -> Any:
    raise InternalError("structured ops are run by the interpreter or generated code")


for _name, _doc in (
    ("loop", "Iterate: carries from one iteration to the next, sequences consumed and collected."),
    ("if", "Run one of two regions."),
    ("try", "Run a region; where it raises one of `kinds`, the other one in its stead."),
):
    register(OpDef(_name, _not_a_kernel, _not_inferred, STRUCTURED, family="structured", doc=_doc))


def _pybool_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [PYBOOL]


def _nothing_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return []


general("truth", bool, infer=_pybool_infer, vjp=ZERO, cheap=True, code="bool({0})",
        doc="bool(x): Python's truth value; ValueError for several elements.")  # fmt: skip
general("not", operator.not_, infer=_pybool_infer, vjp=ZERO, cheap=True, code="not {0}",
        doc="Python's not.")  # fmt: skip


def _is_instance(x: Any, array: bool, scalar: bool, none: bool) -> bool:
    if x is None:
        return none
    return array if isinstance(x, np.ndarray) else scalar


general("is_instance", _is_instance, infer=_pybool_infer, vjp=ZERO, total=True,
        doc="What isinstance answers for an array, for a NumPy scalar, and for None.")  # fmt: skip
general("is_bool", lambda x, value: x is value, infer=_pybool_infer, vjp=ZERO, total=True,
        cheap=True, doc="Whether x is the Python bool `value` itself.")  # fmt: skip
general("print", kernels.print_parts, infer=_nothing_infer, vjp=ZERO, effect=True,
        doc="Print literal text and formatted operands, as Python's print would.")  # fmt: skip
general("raise", kernels.raise_parts, infer=_nothing_infer, vjp=ZERO, effect=True,
        doc="Raise an exception whose arguments may contain formatted operands.")  # fmt: skip
general("exception", kernels.exception, infer=lambda operands, attrs: [CAUGHT], vjp=ZERO,
        doc="An exception made anew, to be raised or shown.")  # fmt: skip
general("caught", kernels.caught, infer=lambda operands, attrs: [CAUGHT], vjp=ZERO, effect=True,
        doc="The exception that is being handled.")  # fmt: skip
general("caught_is", kernels.caught_is, infer=_pybool_infer, vjp=ZERO, effect=True,
        doc="Whether the exception that is being handled is one of `kinds`.")  # fmt: skip
general("unreachable", kernels.unreachable, infer=_nothing_infer, vjp=ZERO, effect=True,
        doc="A place no run can come to: the adjoint of an arm that raised.")  # fmt: skip


general("errstate_enter", errstate.enter, infer=_nothing_infer, vjp=ZERO, effect=True,
        doc="Enter np.errstate with these options.")  # fmt: skip
general("errstate_leave", errstate.leave, infer=_nothing_infer, vjp=ZERO, effect=True,
        doc="Leave the np.errstate entered last.")  # fmt: skip


def is_scalar_like(shape: tuple[int | None, ...]) -> bool:
    """Whether an array of this shape may have exactly one element, so that it has a truth value."""
    return all(dim in (1, None) for dim in shape)


def ambiguous_truth() -> ValueError:
    """NumPy's own error for the truth value of an array of several elements."""
    try:
        bool(np.zeros(2))
    except ValueError as error:
        return error
    raise InternalError("NumPy gave an array of two elements a truth value")
