"""Which values share a variable, and what the variables are called.

    %b = mul %a, 2                                   b = a * 2
    %b_1 = loop (%b_2 = %b) {                        while b < 1000:
      while { … lt %b_2, 1000 }           →              b = b * 2
      body { %b_3 = mul %b_2, 2; yield %b_3 }
    }

A loop's carry is one variable: the parameters of its regions and its result. Where live ranges
allow it, so are the carry's initial value and the value it gets in the body, an `if`'s result and
what its arms yield, and values of the same name: then no assignment is left to print.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from re import sub

from graphc.codegen.expressions import Expressions
from graphc.codegen.live import Liveness, Ranges
from graphc.codegen.names import Names
from graphc.ir.core import BRANCHES, Op, Region, Value, walk


def name_variables(
    region: Region, plan: Expressions, live: Liveness, names: Names
) -> dict[Value, str]:
    """The variable of every value that needs one."""
    groups = _Groups(plan, live)
    structured = [op for op in walk(region) if op.regions]
    for op in structured:
        if op.name == "loop":
            groups.join_carries(op)
    for op in structured:
        for a, b in _wishes(op):
            groups.merge(a, b)
    groups.merge_same_names()
    return groups.named(names)


def _wishes(op: Op) -> Iterable[tuple[Value, Value]]:
    """Pairs of values between which an assignment can be saved."""
    if op.name in BRANCHES:
        for arm in op.regions:
            yield from zip(arm.results, op.results, strict=False)
    else:
        n_carry, params = op.attrs["carry"], op.regions[0].params
        yield from zip(op.regions[0].results[:n_carry], params, strict=False)
        yield from zip(op.operands[:n_carry], params, strict=False)


class _Groups:
    """Sets of values that share a variable: a union-find whose sets carry their live ranges
    (sorted, disjoint) and the shortest of their members' names."""

    def __init__(self, plan: Expressions, live: Liveness) -> None:
        self.parent: dict[Value, Value] = {}
        self.ranges: dict[Value, Ranges] = {}
        self.name: dict[Value, str] = {}
        for value, ranges in live.ranges.items():
            if not plan.is_inlined(value):
                self.parent[value] = value
                self.name[value] = value.name
                self.ranges[value] = []
                for item in ranges:
                    _insert(self.ranges[value], item)

    def find(self, value: Value) -> Value:
        while self.parent[value] is not value:
            self.parent[value] = self.parent[self.parent[value]]
            value = self.parent[value]
        return value

    def join_carries(self, op: Op) -> None:
        """One variable by construction: where the ranges meet, they have the same content."""
        for index in range(op.attrs["carry"]):
            for region in op.regions:
                self.unite(op.results[index], region.params[index])

    def merge(self, a: Value, b: Value) -> None:
        """Unite two groups if their ranges and the user's names allow it."""
        if b not in self.parent:
            return
        b = self.find(b)
        if a not in self.parent:  # printed inside an expression: only its name is of use
            if a.name and _same_name(a.name, self.name[b]):
                self.name[b] = _shorter(a.name, self.name[b])
            return
        # What an inner `if` yields to an outer one is shared under any name: so `elif` is possible.
        is_branch = isinstance(a.owner, Op) and a.owner.name in BRANCHES
        a = self.find(a)
        if a is not b and (is_branch or _same_name(self.name[a], self.name[b])):
            if not _overlap(self.ranges[a], self.ranges[b]):
                self.unite(a, b)

    def unite(self, a: Value, b: Value) -> None:
        a, b = self.find(a), self.find(b)
        if a is b:
            return
        if len(self.ranges[a]) < len(self.ranges[b]):
            a, b = b, a
        self.parent[b] = a
        self.name[a] = _shorter(self.name[a], self.name[b])
        for item in self.ranges.pop(b):
            _insert(self.ranges[a], item)

    def merge_same_names(self) -> None:
        latest: dict[str, Value] = {}
        for group in self.in_order():
            name = self.name[group]
            if name and name in latest:
                self.merge(latest[name], group)
            latest[name] = group

    def in_order(self) -> list[Value]:
        return sorted(self.ranges, key=lambda group: self.ranges[group][0])

    def named(self, names: Names) -> dict[Value, str]:
        chosen: dict[Value, str] = {}
        for group in self.in_order():
            hint = self.name[group]
            chosen[group] = names.fresh(hint) if hint else names.temporary()
        return {value: chosen[self.find(value)] for value in self.parent}


def _shorter(a: str, b: str) -> str:
    return min(a, b, key=lambda name: (not name, len(name), name))


def _same_name(a: str, b: str) -> bool:
    """Whether two names stand for one user variable: graph text numbers its versions."""
    return not a or not b or sub(r"_\d+$", "", a) == sub(r"_\d+$", "", b)


def _overlap(a: Ranges, b: Ranges) -> bool:
    """Whether two lists of ranges meet: each range of the shorter is looked up in the longer."""
    if len(a) > len(b):
        a, b = b, a
    for start, end in a:
        after = bisect_left(b, (start,))
        if after < len(b) and b[after][0] < end or after and b[after - 1][1] > start:
            return True
    return False


def _insert(ranges: Ranges, item: tuple[int, int]) -> None:
    """Add a range, united with those that it meets."""
    start, end = item
    first = bisect_left(ranges, (start,))
    if first and ranges[first - 1][1] >= start:
        first -= 1
    last = first
    while last < len(ranges) and ranges[last][0] <= end:
        start, end = min(start, ranges[last][0]), max(end, ranges[last][1])
        last += 1
    ranges[first:last] = [(start, end)]
