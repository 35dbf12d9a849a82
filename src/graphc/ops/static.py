"""Static values: numbers that tracing can know, by running the pure ops that lead to them."""

from __future__ import annotations

from typing import Any

from graphc.ir.core import Op, Value, op_free_values
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


def try_static(value: Value, depth: int = 64, known: dict[Value, Any] | None = None) -> Any:
    """The concrete value where it follows from literals and constants alone, else UNKNOWN.

    `known` holds what has been found out already: values share operands, and without it the time
    would grow exponentially with the length of a chain such as `q = max(q, q + 1)`.
    """
    if value.is_literal:
        return value.literal
    known = {} if known is None else known
    if value not in known:
        known[value] = _evaluate(value, depth, known)
    return known[value]


def _evaluate(value: Value, depth: int, known: dict[Value, Any]) -> Any:
    op = value.owner
    if not isinstance(op, Op) or depth == 0:
        return UNKNOWN
    definition = opdef(op)
    if definition.family == "structured" or definition.effect or len(op.results) != 1:
        return UNKNOWN
    if not isinstance(value.type, Array) or value.type.shape != ():
        return UNKNOWN if op.name != "constant" else definition.kernel(**op.attrs)
    operands = []
    for operand in op.operands:
        operands.append(try_static(operand, depth - 1, known))
        if operands[-1] is UNKNOWN:
            return UNKNOWN
    return definition.kernel(*operands, **op.attrs)


def depends_on_iteration(value: Value | None) -> bool:
    """Whether a value follows from what a loop carries or consumes: unrolling may make it known."""
    todo, seen = [value], set()
    while todo:
        v = todo.pop()
        if v is None or v.is_literal or v in seen:
            continue
        seen.add(v)
        if isinstance(v.owner, Op):
            todo += op_free_values(v.owner)
        elif v.owner is not None and v.owner.parent is not None:
            return True
    return False


def known_to_caller(value: Value) -> bool:
    """Whether a value follows from arguments that are numbers, and from sizes of arrays: then a
    trace for these can know it."""
    more: list[Value | None]
    todo, seen = [value], {value}
    while todo:
        v = todo.pop()
        if v.is_literal:
            continue
        if isinstance(v.owner, Op) and v.owner.name in ("dim", "rows"):
            array = v.owner.operands[0]
            while isinstance(array.owner, Op) and array.owner.name in ("identity", "copy", "cast"):
                array = array.owner.operands[0]
            more = [None] if isinstance(array.owner, Op) else []
        elif isinstance(v.owner, Op):
            more = [None] if opdef(v.owner).effect else [*op_free_values(v.owner)]
        else:
            is_argument = v.owner is not None and v.owner.parent is None
            more = [] if is_argument and getattr(v.type, "weak", False) else [None]
        for other in more:
            if other is None:
                return False
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return True


def describe(value: Value) -> str:
    name = f"'{value.name}', " if value.name else ""
    return f"{name}type {value.type}"
