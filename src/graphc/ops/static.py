"""Static values: numbers that tracing can know, by running the pure ops that lead to them."""

from __future__ import annotations

from typing import Any

from graphc.ir.core import Op, Value
from graphc.ir.opdef import opdef
from graphc.ir.types import Array
from graphc.ops.trace import NeedsStatic
from graphc.source import located

UNKNOWN = object()


def static_value(value: Value, purpose: str) -> Any:
    """The concrete value, or NeedsStatic naming the user's line."""
    known = try_static(value)
    if known is not UNKNOWN:
        return known
    error = located(
        NeedsStatic,
        f"{purpose} is needed here while the graph is being built, but this value "
        f"({describe(value)}) is known only when the graph runs",
        hint="keep it a tensor (use if/while statements, np.where, slices), "
        "or pass it as a Python number known to the caller",
    )
    error.value = value
    raise error


def try_static(value: Value, depth: int = 64) -> Any:
    """The concrete value where it follows from literals and constants alone, else UNKNOWN."""
    if value.is_literal:
        return value.literal
    op = value.owner
    if not isinstance(op, Op) or depth == 0:
        return UNKNOWN
    definition = opdef(op)
    if definition.family == "structured" or definition.effect or len(op.results) != 1:
        return UNKNOWN
    if not isinstance(value.type, Array) or value.type.shape != ():
        return UNKNOWN if op.name != "constant" else definition.kernel(**op.attrs)
    operands = [try_static(operand, depth - 1) for operand in op.operands]
    if any(operand is UNKNOWN for operand in operands):
        return UNKNOWN
    return definition.kernel(*operands, **op.attrs)


def describe(value: Value) -> str:
    name = f"'{value.name}', " if value.name else ""
    return f"{name}type {value.type}"
