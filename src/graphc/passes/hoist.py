"""Loop-invariant code motion."""

from __future__ import annotations

from graphc.ir.core import Op, Region, Value, region_of
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ops.raising import may_raise
from graphc.passes.facts import escaping, has_effect, has_error_states


def hoist(graph: Graph) -> int:
    """Move ops whose operands do not change in a loop in front of it.

        %y = loop (%x = %a) over (%i = %r) {              %1 = exp %b
          body {                                          %y = loop (%x = %a) over (%i = %r) {
            %1 = exp %b                           →         body {
            %2 = mul %x, %1                                   %2 = mul %x, %1
            yield %2                                          yield %2
          }                                                 }
        }                                                 }

    Only ops that are pure and cannot raise move: the loop may not iterate at all. An op stays where
    its results reach the caller, who gets a new array for each iteration.
    """
    if has_error_states(graph):
        return 0  # where an op stands decides whether it warns
    return _hoist_region(graph.region, escaping(graph))


def _hoist_region(region: Region, escapes: set[Value]) -> int:
    moved = 0
    ops: list[Op] = []
    for op in region.ops:
        for inner in op.regions:  # inner loops first: what leaves them may leave this one too
            moved += _hoist_region(inner, escapes)
        if op.name == "loop":
            for inner in reversed(op.regions):  # the test is evaluated first
                invariant = _take_invariant(inner, op, escapes)
                for each in invariant:
                    each.parent = region
                ops += invariant
                moved += len(invariant)
        ops.append(op)
    region.ops = ops
    return moved


def _take_invariant(inner: Region, loop: Op, escapes: set[Value]) -> list[Op]:
    """Remove and return the ops of a loop's region that do not depend on the iteration."""
    taken: list[Op] = []
    invariant: set[Value] = set()
    for op in inner.ops:
        is_movable = not op.regions and opdef(op).total and not may_raise(op) and not has_effect(op)
        if not is_movable or not escapes.isdisjoint(op.results):
            continue
        if all(_is_outside(value, inner) or value in invariant for value in op.operands):
            taken.append(op)
            invariant.update(op.results)
    moved = set(taken)
    inner.ops = [op for op in inner.ops if op not in moved]
    return taken


def _is_outside(value: Value, inner: Region) -> bool:
    return value.is_literal or region_of(value) is not inner
