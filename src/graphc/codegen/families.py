"""Families of values: which may share memory, and how many of a family are live at a time.

    %b_1 = loop (%b_2 = %b) { … yield %b_3 }      a family: %b, %b_1, %b_2, %b_3
    %v = transpose %b                             … and %v, a view

`May share` follows results that are not fresh, carries, arms, items and ys, whatever the order in
which they happen. There are two kinds of memory: that of arrays (`Aliases`), which lists and tuples
hand on, and that of the lists themselves (`ListAliases`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from graphc.codegen.live import Liveness
from graphc.ir.core import BRANCHES, Op, Region, Value, walk
from graphc.ir.opdef import opdef
from graphc.ir.types import Array, Maybe, Nothing, Sequence, Tape, Tuple, Type, strip_maybe

# Views that cannot be written to: NumPy gives them memory of which elements share places.
READ_ONLY = {"broadcast_to", "broadcast_like", "broadcast_arrays", "diagonal"}
KEEPS_NOTHING = {"print", "assert"}  # effects that do not hold on to their operands


def _indexes_a_copy(op: Op) -> bool:
    """Arrays as indices copy; integers for every axis give a scalar."""
    spec, kind = op.attrs["spec"], op.result.type
    is_scalar = isinstance(kind, Array) and not kind.shape
    return "a" in spec or "m" in spec or is_scalar and set(spec) == {"i"}


def _all_arrays(op: Op) -> bool:
    return all(isinstance(value.type, Array) for value in op.operands)


# Ops that are not fresh in general, and where they are.
FRESH_WHERE: dict[str, Callable[[Op], bool]] = {
    "accumulate": _all_arrays,  # returns an operand only where the other one is None
    "getitem": _indexes_a_copy,
}

Carry = tuple[Op, int]
Edge = Carry | None


class Aliases:
    """Which values may share memory: an undirected graph over values. An edge from a carry's init
    to the carry is labelled, because a copy can cut it. `in_place`: ops whose result may take an
    operand's place, and which."""

    def __init__(self, region: Region, in_place: Mapping[str, int]) -> None:
        self.edges: dict[Value, list[tuple[Value, Edge]]] = defaultdict(list)
        self.foreign: set[Value] = set(region.params)
        self.in_place = in_place
        for op in walk(region):
            if op.name == "loop":
                self.loop(op)
            elif op.name in BRANCHES:
                for arm in op.regions:
                    self.link_all(arm.results, op.results)
            else:
                self.plain(op)

    def has_memory(self, value: Value) -> bool:
        """Python numbers and None share nothing."""
        kind = strip_maybe(value.type)
        is_number = isinstance(kind, Array) and kind.weak
        return not (value.is_literal or is_number or isinstance(kind, Nothing))

    def link(self, a: Value, b: Value, edge: Edge = None) -> None:
        if self.has_memory(a) and self.has_memory(b):
            self.edges[a].append((b, edge))
            self.edges[b].append((a, edge))

    def link_all(self, some: list[Value], others: list[Value]) -> None:
        for a, b in zip(some, others, strict=False):
            self.link(a, b)

    def loop(self, op: Op) -> None:
        n_carry, body = op.attrs["carry"], op.regions[0]
        for index in range(n_carry):
            self.link(op.operands[index], body.params[index], (op, index))
        self.link_all(op.operands[n_carry:], body.params[n_carry:])
        for region in op.regions:
            self.link_all(region.params[:n_carry], op.results[:n_carry])
        self.link_all(body.results, op.results)

    def plain(self, op: Op) -> None:
        definition = opdef(op)
        if definition.effect and op.name not in KEEPS_NOTHING:
            self.foreign.update(op.operands)
            self.foreign.update(op.results)
        if op.name in self.in_place:
            self.link(op.operands[self.in_place[op.name]], op.results[0])
        if not self.is_fresh(op):
            if not op.operands or op.name in READ_ONLY:
                self.foreign.update(op.results)
            self.link_results(op)

    def is_fresh(self, op: Op) -> bool:
        return opdef(op).fresh or op.name in FRESH_WHERE and FRESH_WHERE[op.name](op)

    def link_results(self, op: Op) -> None:
        for result in op.results:
            for operand in op.operands:
                self.link(operand, result)


class ListAliases(Aliases):
    """Which values may be, or hold, one and the same list of lists, so many `deep`: less deep ones
    are others. The ops on sequences (`seq_…`) make new lists, in which there are old ones where
    lists are nested. Nothing else makes lists: an array's rows, a range, or what a called graph
    returns, is nobody's to overwrite."""

    def __init__(self, region: Region, in_place: Mapping[str, int], deep: int) -> None:
        self.deep = deep
        super().__init__(region, in_place)

    def has_memory(self, value: Value) -> bool:
        return not value.is_literal and list_depth(value.type) >= self.deep

    def is_fresh(self, op: Op) -> bool:
        if not op.name.startswith("seq_") or not op.operands:
            if op.name not in HANDS_ON_LISTS:
                self.foreign.update(op.results)
            return opdef(op).fresh
        return all(list_depth(v.type) <= self.deep for v in (*op.operands, *op.results))


HANDS_ON_LISTS = {"assume", "identity", "pad_seq", "tuple_make", "tuple_parts"}
ANY_DEPTH = 1 << 30


def list_depth(t: Type) -> int:
    """How many lists are one in the other: 1 for one of numbers. An empty list, or one of None, may
    become any list."""
    match t:
        case Sequence(Nothing() | Maybe(Nothing())) | Tape():
            return ANY_DEPTH
        case Sequence(elem):
            return 1 + list_depth(elem)
        case Tuple(items):
            return max(map(list_depth, items), default=0)
        case Maybe(inner):
            return list_depth(inner)
    return 0


@dataclass
class Family:
    """Values that may share memory. `depth[i]` of them are live from `positions[i]` on."""

    members: set[Value]
    is_foreign: bool
    positions: list[int]
    depth: list[int]

    def live_at(self, position: int) -> int:
        place = bisect_right(self.positions, position) - 1
        return self.depth[place] if place >= 0 else 0


class Families:
    """The connected components of the alias graph without the edges in `cuts`, which are copies,
    and with those in `joins`, of results that take an operand's place."""

    def __init__(
        self,
        aliases: Aliases,
        live: Liveness,
        cuts: frozenset[Carry] = frozenset(),
        joins: tuple[tuple[Value, Value], ...] = (),
    ) -> None:
        self.aliases = aliases
        self.live = live
        self.cuts = cuts
        self.joins = joins
        self.joined_to: dict[Value, list[Value]] = defaultdict(list)
        for a, b in joins:
            self.joined_to[a].append(b)
            self.joined_to[b].append(a)
        self.known: dict[Value, Family] = {}

    def without(self, edge: Carry) -> Families:
        return Families(self.aliases, self.live, self.cuts | {edge}, self.joins)

    def joined(self, a: Value, b: Value) -> Families:
        return Families(self.aliases, self.live, self.cuts, (*self.joins, (a, b)))

    def allow(self, op: Op, place: int) -> bool:
        """Whether only the op's result can see the operand's memory after the op."""
        family = self.of(op.operands[place])
        if family.is_foreign or op.results[0] not in family.members:
            return False
        if any(other in family.members for i, other in enumerate(op.operands) if i != place):
            return False
        return family.live_at(self.live.begin[op] + 1) == 1

    def of(self, value: Value) -> Family:
        if value not in self.known:
            members = self.reach(value)
            changes: Counter[int] = Counter()
            for member in members:
                for start, end in self.live.ranges.get(member, ()):
                    changes[start] += 1
                    changes[end] -= 1
            positions = sorted(changes)
            depth = list(accumulate(changes[position] for position in positions))
            is_foreign = not members.isdisjoint(self.aliases.foreign)
            family = Family(members, is_foreign, positions, depth)
            self.known.update(dict.fromkeys(members, family))
        return self.known[value]

    def reach(self, value: Value) -> set[Value]:
        found = {value}
        queue = [value]
        while queue:
            value = queue.pop()
            edges = self.aliases.edges.get(value, ())
            near = [other for other, edge in edges if edge is None or edge not in self.cuts]
            for other in (*near, *self.joined_to.get(value, ())):
                if other not in found:
                    found.add(other)
                    queue.append(other)
        return found
