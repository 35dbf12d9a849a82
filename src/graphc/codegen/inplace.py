"""Which functional updates may overwrite their operand.

    loop (%x = %a; …) { body { …; %x_2 = setitem %x_1, %v, %i; yield %x_2 } }
        →   x = k.copy_of(a)
            for i in range(n):
                x = k.setitem_(x, v, i)

An update may overwrite its operand when nothing else can see that memory afterwards: no value that
may share memory with the operand is live after the update, and none comes from outside the program
(an input, a constant, what an effect may have kept). `May share` follows results that are not
fresh, carries, arms, items and ys, whatever the order in which they happen. If what stands in the
way is the initial value of a carry, that value is copied once, before the loop.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from math import prod

from graphc.codegen.live import Liveness
from graphc.ir.core import Op, Region, Value, walk
from graphc.ir.opdef import opdef
from graphc.ir.types import Array, Nothing, strip_maybe

IN_PLACE = {"setitem": 0, "index_add": 0, "accumulate": 0}  # op → the operand it may overwrite
ONLY_LARGE = {"accumulate"}  # an ordinary addition is quicker for small arrays
LARGE = 1 << 14  # elements; measured: below, the helper costs more than a new array
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

Edge = tuple[Op, int] | None


@dataclass
class Updates:
    """`in_place`: ops that overwrite their operand. `copies`: carries whose init is copied."""

    in_place: set[Op] = field(default_factory=set)
    copies: set[tuple[Op, int]] = field(default_factory=set)


def is_candidate(op: Op) -> bool:
    """Whether an op is worth printing as a statement that overwrites its operand."""
    if op.name not in IN_PLACE:
        return False
    kind = op.results[0].type
    if not isinstance(kind, Array) or not kind.shape:  # a NumPy scalar cannot be written to
        return False
    size = prod(0 if dim is None else dim for dim in kind.shape)
    return op.name not in ONLY_LARGE or size >= LARGE


def plan_updates(region: Region, live: Liveness) -> Updates:
    """Decide for a whole graph, update by update, in program order."""
    updates = Updates()
    candidates = [op for op in walk(region) if is_candidate(op)]
    if not candidates:
        return updates
    aliases = _Aliases(region)
    families = _Families(aliases, live, frozenset())
    for op in candidates:
        if families.allow(op):
            updates.in_place.add(op)
            continue
        for edge in _enclosing_carries(op, families):
            trial = _Families(aliases, live, families.cuts | {edge})
            if trial.allow(op):
                families = trial
                updates.in_place.add(op)
                break
    updates.copies = set(families.cuts)
    return updates


def _enclosing_carries(op: Op, families: _Families) -> list[tuple[Op, int]]:
    """The carries through which the operand may have come, outermost loop first."""
    family = families.of(op.operands[IN_PLACE[op.name]]).members
    loops: list[Op] = []
    region = op.parent
    while region is not None and region.owner is not None:
        if region.owner.name == "loop" and region is region.owner.regions[0]:
            loops.append(region.owner)
        region = region.owner.parent
    return [
        (loop, index)
        for loop in reversed(loops)
        for index in range(loop.attrs["carry"])
        if loop.regions[0].params[index] in family
    ]


class _Aliases:
    """Which values may share memory: an undirected graph over values. An edge from a carry's init
    to the carry is labelled, because a copy can cut it."""

    def __init__(self, region: Region) -> None:
        self.edges: dict[Value, list[tuple[Value, Edge]]] = defaultdict(list)
        self.foreign: set[Value] = set(region.params)
        for op in walk(region):
            if op.name == "loop":
                self.loop(op)
            elif op.name == "if":
                for arm in op.regions:
                    self.link_all(arm.results, op.results)
            else:
                self.plain(op)

    def link(self, a: Value, b: Value, edge: Edge = None) -> None:
        if _has_memory(a) and _has_memory(b):
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
        if op.name in IN_PLACE:
            self.link(op.operands[IN_PLACE[op.name]], op.results[0])
        if definition.fresh or op.name in FRESH_WHERE and FRESH_WHERE[op.name](op):
            return
        if not op.operands:
            self.foreign.update(op.results)
        for result in op.results:
            for operand in op.operands:
                self.link(operand, result)


@dataclass
class _Family:
    """Values that may share memory. `depth[i]` of them are live from `positions[i]` on."""

    members: set[Value]
    is_foreign: bool
    positions: list[int]
    depth: list[int]

    def live_at(self, position: int) -> int:
        place = bisect_right(self.positions, position) - 1
        return self.depth[place] if place >= 0 else 0


class _Families:
    """The connected components of the alias graph without the edges in `cuts`, which are copies."""

    def __init__(self, aliases: _Aliases, live: Liveness, cuts: frozenset[tuple[Op, int]]) -> None:
        self.aliases = aliases
        self.live = live
        self.cuts = cuts
        self.known: dict[Value, _Family] = {}

    def allow(self, op: Op) -> bool:
        """Whether only the op's result can see the operand's memory after the op."""
        place = IN_PLACE[op.name]
        family = self.of(op.operands[place])
        if family.is_foreign or op.results[0] not in family.members:
            return False
        if any(other in family.members for i, other in enumerate(op.operands) if i != place):
            return False
        return family.live_at(self.live.begin[op] + 1) == 1

    def of(self, value: Value) -> _Family:
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
            family = _Family(members, is_foreign, positions, depth)
            self.known.update(dict.fromkeys(members, family))
        return self.known[value]

    def reach(self, value: Value) -> set[Value]:
        found = {value}
        queue = [value]
        while queue:
            for other, edge in self.aliases.edges.get(queue.pop(), ()):
                if other not in found and (edge is None or edge not in self.cuts):
                    found.add(other)
                    queue.append(other)
        return found


def _has_memory(value: Value) -> bool:
    """Python numbers and None share nothing."""
    kind = strip_maybe(value.type)
    is_number = isinstance(kind, Array) and kind.weak
    return not (value.is_literal or is_number or isinstance(kind, Nothing))
