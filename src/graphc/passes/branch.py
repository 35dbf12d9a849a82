"""Branches that are known, and results that are the same on every path."""

from __future__ import annotations

from graphc.ir.core import BRANCHES, Op, Region, Value, region_of, walk
from graphc.ir.graph import Graph
from graphc.passes.replace import Replaced, apply, drop_results, drop_slots, final, refused


def inline_branches(graph: Graph) -> int:
    """Replace an `if` whose predicate is a literal by its arm.

        %y: float = if True {                   %1: float = mul %x, 2.0
          %1: float = mul %x, 2.0       →       yield %1
          yield %1
        } else { yield %x }
        yield %y

    An arm that raises stays in its `if`.
    """
    known = {op: arm for op in walk(graph.region) if (arm := _known_arm(op)) is not None}
    while True:
        replaced: Replaced = {}
        for op, arm in known.items():
            replaced.update(zip(op.results, arm.results, strict=True))
        bad = refused(graph, replaced)
        if not bad:
            break
        known = {op: arm for op, arm in known.items() if bad.isdisjoint(op.results)}
    _inline(graph.region, known)
    apply(graph, replaced)
    return len(known)


def _known_arm(op: Op) -> Region | None:
    """The arm that is taken, if that is known and the arm can stand in place of the `if`."""
    if op.name != "if" or not op.operands[0].is_literal:
        return None
    arm = op.regions[0] if op.operands[0].literal else op.regions[1]
    return None if arm.never or not _same_types(op.results, arm.results) else arm


def _same_types(a: list[Value], b: list[Value]) -> bool:
    return [value.type for value in a] == [value.type for value in b]


def _inline(region: Region, known: dict[Op, Region]) -> None:
    ops: list[Op] = []
    for op in region.ops:
        for inner in op.regions:
            _inline(inner, known)
        if op in known:
            for inner_op in known[op].ops:
                inner_op.parent = region
            ops += known[op].ops
        else:
            ops.append(op)
    region.ops = ops


def pass_through(graph: Graph) -> int:
    """Use a value directly where a loop or an `if` only hands it on.

    %x_1, %n_1 = loop (%x = %a, %n = 8) {         %x_1 = loop (%x = %a) {
      while { %p = lt %x, %n; yield %p }    →       while { %p = lt %x, 8; yield %p }
      body { …; yield %2, %n }                      body { …; yield %2 }
    }                                             }
    """
    banned: set[Value] = set()
    while True:
        search = _Search(banned)
        search.region(graph.region)
        bad = refused(graph, search.replaced)
        if not bad:
            break
        banned |= bad
    for op, kept in search.kept.items():
        if op.name in BRANCHES:
            drop_results(op, kept)
        else:
            drop_slots(op, kept, [True] * (len(op.results) - len(kept)))
    apply(graph, search.replaced)
    return sum(kept.count(False) for kept in search.kept.values())


class _Search:
    """`kept[op]` tells which results of an `if`, which carries of a loop, are not just handed on.
    Values in `banned` are not to be replaced."""

    def __init__(self, banned: set[Value]) -> None:
        self.banned = banned
        self.replaced: Replaced = {}
        self.kept: dict[Op, list[bool]] = {}

    def region(self, region: Region) -> None:
        for op in region.ops:
            for inner in op.regions:  # what an inner loop hands on, an outer one may hand on too
                self.region(inner)
            if op.name in BRANCHES:
                self.kept[op] = [not self.result(op, i) for i in range(len(op.results))]
            elif op.name == "loop" and not op.regions[0].never:
                self.kept[op] = [not self.carry(op, i) for i in range(op.attrs["carry"])]

    def result(self, op: Op, index: int) -> bool:
        """Whether every arm that ends yields one value from outside."""
        arms = [arm for arm in op.regions if not arm.never]
        values = {final(arm.results[index], self.replaced) for arm in arms}
        if len(values) != 1:
            return False
        value = values.pop()
        is_outside = value.is_literal or not any(arm.encloses(region_of(value)) for arm in arms)
        return is_outside and self.replace([op.results[index]], value)

    def carry(self, op: Op, index: int) -> bool:
        """Whether a carry is its initial value in every iteration."""
        init = op.operands[index]
        yielded = final(op.regions[0].results[index], self.replaced)
        if yielded is not op.regions[0].params[index] and yielded is not init:
            return False
        copies = [region.params[index] for region in op.regions] + [op.results[index]]
        return self.replace(copies, init)

    def replace(self, old: list[Value], new: Value) -> bool:
        if any(value.type != new.type for value in old) or not self.banned.isdisjoint(old):
            return False
        self.replaced.update(dict.fromkeys(old, new))
        return True
