"""Live ranges: where in the program each value is still needed.

Statements are numbered in the order in which they are printed. Statement n reads at position n
(even) and writes at n + 1; a range [start, end) starts at a write and ends after the last read. A
value may have several ranges: none of them covers the arm of an `if` that does not read it. A `try`
is numbered like an `if`; what its handler reads is live in all of its body.

    position   loop                                   if
    B          reads the inits                        reads the predicate
    B + 1      writes the carries; ys = []
    B + 2      reads the xs
    B + 3      writes the items                       (the first arm starts)
    …          test, body                             arms, each: reads its results, then writes
    Y, Y + 1   reads the body's results, writes carries
    E = Y + 2  the sequences are free
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphc.codegen.expressions import Expressions
from graphc.ir.core import BRANCHES, Op, Region, Value, free_values
from graphc.ops.raising import catches_warnings, may_raise, region_may_raise

Ranges = list[tuple[int, int]]


@dataclass
class Liveness:
    """`begin[op]` is a statement's first position, `start[region]` a region's, and `end[region]`
    where a region's results are read; `ranges[value]` are sorted."""

    begin: dict[Op, int] = field(default_factory=dict)
    start: dict[Region, int] = field(default_factory=dict)
    end: dict[Region, int] = field(default_factory=dict)
    written: dict[Value, int] = field(default_factory=dict)
    ranges: dict[Value, Ranges] = field(default_factory=dict)


def find_liveness(region: Region, plan: Expressions) -> Liveness:
    """The live ranges of a whole graph."""
    live = Liveness()
    _Numbering(live, plan).graph(region)
    _Scan(live, plan).graph(region)
    return live


class _Numbering:
    """Forwards: positions for statements, and where each value is written."""

    def __init__(self, live: Liveness, plan: Expressions) -> None:
        self.live = live
        self.plan = plan
        self.at = 0

    def graph(self, region: Region) -> None:
        self.write(region.params, 1)
        self.at = 2
        self.region(region)

    def write(self, values: list[Value], position: int) -> None:
        self.live.written.update(dict.fromkeys(values, position))

    def region(self, region: Region) -> None:
        self.live.start[region] = self.at
        for op in region.ops:
            if op in self.plan.inlined or op.results and op.results[0] in self.plan.atoms:
                continue
            self.live.begin[op] = self.at
            if op.name == "loop":
                self.loop(op)
            elif op.name in BRANCHES:
                self.branches(op)
            else:
                self.write(op.results, self.at + 1)
                self.at += 2
        self.live.end[region] = self.at
        self.at += 2

    def loop(self, op: Op) -> None:
        n_carry = op.attrs["carry"]
        for region in op.regions:
            self.write(region.params[:n_carry], self.at + 1)
            self.write(region.params[n_carry:], self.at + 3)
        self.write(op.results[n_carry:], self.at + 1)
        self.at += 4
        for region in reversed(op.regions):  # the test comes first
            self.region(region)
        self.write(op.results[:n_carry], self.at - 1)
        self.at += 2

    def branches(self, op: Op) -> None:
        self.at += 2
        for arm in op.regions:
            self.region(arm)
        self.write(op.results, self.at - 1)


class _Scan:
    """Backwards: a range opens at a last read and closes at the write."""

    def __init__(self, live: Liveness, plan: Expressions) -> None:
        self.live = live
        self.plan = plan
        self.open: list[dict[Value, int]] = [{}]  # end of the open range; one dict per arm entered

    def graph(self, region: Region) -> None:
        self.region(region, region.results)
        self.close(region.params)
        for ranges in self.live.ranges.values():
            ranges.sort()

    def read(self, values: list[Value], position: int) -> None:
        for value in self.plan.read_by(values):
            if self.plan.is_inlined(value):  # computed, and gone, at this very place
                self.add(value, position, position + 1)
            elif not any(value in level for level in self.open):
                self.open[-1][value] = position + 1

    def add(self, value: Value, start: int, end: int) -> None:
        self.live.ranges.setdefault(value, []).append((start, end))

    def close(self, values: list[Value]) -> None:
        """At a write: the open range ends here; what nobody reads is overwritten at once."""
        for value in values:
            start = self.live.written[value]
            self.add(value, start, self.open[-1].pop(value, start + 1))

    def region(self, region: Region, results: list[Value]) -> None:
        self.read(results, self.live.end[region])
        for op in reversed(region.ops):
            if op not in self.live.begin:
                continue
            if op.name == "loop":
                self.loop(op)
            elif op.name in BRANCHES:
                self.branches(op)
            else:
                self.close(op.results)
                self.read(op.operands, self.live.begin[op])

    def loop(self, op: Op) -> None:
        begin, n_carry = self.live.begin[op], op.attrs["carry"]
        body = op.regions[0]
        after = self.live.end[body] + 2  # E
        self.close(op.results[:n_carry])
        for region in op.regions:
            self.read(free_values(region), after)
        self.hold(op.operands[n_carry:], begin + 2, after)
        self.region(body, self.plan.wanted(op, body))
        self.close(body.params[n_carry:])
        for test in op.regions[1:]:
            self.region(test, test.results)
        # When the loop ends, a carry is its result: it must be there where the test is read.
        head = self.live.end[op.regions[1]] if len(op.regions) == 2 else begin + 2
        kept = zip(body.params, op.results[:n_carry], strict=False)
        self.read([param for param, result in kept if self.plan.uses[result]], head)
        for region in op.regions:
            self.close(region.params[:n_carry])
        self.close(op.results[n_carry:])
        self.read(op.operands[n_carry:], begin + 2)
        self.read(op.operands[:n_carry], begin)

    def hold(self, sequences: list[Value], begin: int, after: int) -> None:
        """A sequence lives as long as the loop over it, even one that is no variable."""
        for value in sequences:
            if self.plan.is_inlined(value):
                self.add(value, begin, after + 1)
            else:
                self.read([value], after)

    def needed_by_handler(
        self, op: Op, arm: Region, levels: list[dict[Value, int]]
    ) -> dict[Value, int]:
        """What an exception in a `try`'s body must find as it was: all that the handler reads, as
        long as something may be raised."""
        if op.name != "try" or not levels:
            return {}
        told = catches_warnings(op.attrs["kinds"])
        return dict.fromkeys(levels[0], self.last_raise(arm, told))

    def last_raise(self, body: Region, told: bool) -> int:
        """The end of a range that reaches to the last op that may raise; an update in place that
        does so has changed nothing. Results are written one after the other."""
        end = after = self.live.end[body]
        for op in reversed(body.ops):
            if may_raise(op, told) or any(region_may_raise(inner, told) for inner in op.regions):
                if op.regions:
                    return after
                inside_results = op not in self.live.begin and after == end
                return end + 2 if inside_results else self.live.begin.get(op, after) + 1
            after = self.live.begin.get(op, after)
        return self.live.start[body]

    def branches(self, op: Op) -> None:
        begin = self.live.begin[op]
        self.close(op.results)
        levels: list[dict[Value, int]] = []
        for arm in reversed(op.regions):
            self.open.append(self.needed_by_handler(op, arm, levels))
            self.region(arm, self.plan.wanted(op, arm))
            levels.append(self.open.pop())
            for value, end in levels[-1].items():
                self.add(value, self.live.start[arm], end)
        then = op.regions[0]
        for result in op.results:
            if self.plan.uses[result] and not then.never:
                self.add(result, self.live.end[then] + 1, self.live.end[then] + 2)
        for value in [value for level in levels for value in level]:
            self.open[-1].setdefault(value, begin + 1)
        self.read(op.operands, begin)
