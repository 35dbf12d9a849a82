"""Replacing values by others, and structure that is no longer needed."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.ir.build import replace_all_uses
from graphc.ir.core import Op, Value, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef

Replaced = dict[Value, Value]


def final(value: Value, replaced: Replaced) -> Value:
    """What a value is replaced by in the end: a replacement may be replaced in its turn."""
    while value in replaced:
        value = replaced[value]
    return value


def apply(graph: Graph, replaced: Replaced) -> None:
    """Use the replacements everywhere; they get the user's names where they have none."""
    for old in replaced:
        new = final(old, replaced)
        if not new.is_literal:
            new.name = new.name or old.name
    replace_all_uses(graph.region, {old: final(old, replaced) for old in replaced})


def accepts(op: Op, operands: Sequence[Value]) -> bool:
    """Whether inference takes these operands. It may refuse a literal that it sees, such as an
    index out of range, in an op that the program never comes to."""
    if op.regions:
        return True
    try:
        opdef(op).infer(operands, op.attrs)
    except Exception:
        return False
    return True


def refused(graph: Graph, replaced: Replaced) -> set[Value]:
    """The values that an op would refuse to have replaced by a literal."""
    found: set[Value] = set()
    for op in walk(graph.region):
        new = [final(value, replaced) for value in op.operands]
        changed = [a for a, b in zip(op.operands, new, strict=True) if a is not b and b.is_literal]
        if changed and not accepts(op, new):
            found.update(_last(value, replaced) for value in changed)
    return found


def _last(value: Value, replaced: Replaced) -> Value:
    """The value in a chain of replacements that is replaced by the literal at its end."""
    while not replaced[value].is_literal:
        value = replaced[value]
    return value


def drop_results(op: Op, kept: list[bool]) -> None:
    """Keep only the results of an `if` that are marked."""
    for arm in op.regions:
        arm.results = _select(arm.results, kept)
    op.results = _select(op.results, kept)


def drop_slots(op: Op, carries: list[bool], ys: list[bool]) -> None:
    """Keep only the carries and ys of a loop that are marked."""
    body = op.regions[0]
    op.attrs = {**op.attrs, "carry": carries.count(True)}
    op.operands = _select(op.operands, carries)
    for region in op.regions:
        region.params = _select(region.params, carries)
    body.results = _select(body.results, [*carries, *ys])
    op.results = _select(op.results, [*carries, *ys])


def _select(values: list[Value], kept: list[bool]) -> list[Value]:
    """The marked values, and those beyond the marks; a region that raises has none at all."""
    marked = [value for value, keep in zip(values, kept, strict=False) if keep]
    return marked + values[len(kept) :]
