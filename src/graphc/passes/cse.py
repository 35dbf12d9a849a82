"""Common subexpression elimination."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from graphc.ir.build import replace_all_uses
from graphc.ir.core import Op, Region, Value
from graphc.ir.graph import Graph
from graphc.passes.facts import enclosing_loop, escaping, has_effect, has_error_states


def cse(graph: Graph) -> int:
    """Compute once what is computed twice: pure ops with the same operands and attributes, the
    earlier one in the same region or in an enclosing one.

        %1: f64[3] = sin %x                 %1: f64[3] = sin %x
        %2: f64[3] = sin %x         →       %3: f64[3] = add %1, %1
        %3: f64[3] = add %1, %2

    Two results that both reach the caller stay two arrays.
    """
    if has_error_states(graph):
        return 0  # where an op stands decides whether it warns
    pass_ = _Cse(escaping(graph))
    pass_.visit(graph.region)
    replace_all_uses(graph.region, pass_.replaced)
    return pass_.removed


class _Cse:
    def __init__(self, escapes: set[Value]) -> None:
        self.escapes = escapes
        self.known: dict[Hashable, Op] = {}
        self.replaced: dict[Value, Value] = {}
        self.removed = 0

    def visit(self, region: Region) -> None:
        """What becomes known in a region is forgotten at its end."""
        mine: list[Hashable] = []
        kept: list[Op] = []
        for op in region.ops:
            for inner in op.regions:
                self.visit(inner)
            if op.regions or not op.results or has_effect(op):
                kept.append(op)
                continue
            key = self.key(op)
            earlier = self.known.get(key)
            if earlier is not None and self.may_share(earlier, op):
                self.replace(op, earlier)
                continue
            if earlier is None:
                self.known[key] = op
                mine.append(key)
            kept.append(op)
        region.ops = kept
        for key in mine:
            del self.known[key]

    def key(self, op: Op) -> Hashable:
        operands = [self.replaced.get(value, value) for value in op.operands]
        attrs = tuple(sorted((name, exact(value)) for name, value in op.attrs.items()))
        types = tuple(result.type for result in op.results)
        return op.name, tuple(map(_operand_key, operands)), attrs, types

    def may_share(self, earlier: Op, op: Op) -> bool:
        """Not if the caller could hold both, or one for each iteration of a loop."""
        if self.escapes.isdisjoint(op.results):
            return True
        is_once = enclosing_loop(earlier) is enclosing_loop(op)
        return is_once and self.escapes.isdisjoint(earlier.results)

    def replace(self, op: Op, earlier: Op) -> None:
        self.removed += 1
        for old, new in zip(op.results, earlier.results, strict=True):
            self.replaced[old] = new
            new.name = new.name or old.name
            if old in self.escapes:
                self.escapes.add(new)


def _operand_key(value: Value) -> Hashable:
    return exact(value.literal) if value.is_literal else value


def exact(value: Any) -> Hashable:
    """A key that tells 1, 1.0 and True apart, and 0.0 from -0.0."""
    if type(value) is tuple:
        return (tuple, tuple(map(exact, value)))
    return (type(value), repr(value) if isinstance(value, float | complex) else value)
