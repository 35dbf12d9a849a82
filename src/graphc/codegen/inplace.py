"""Which functional updates, and which arithmetic on large arrays, may overwrite an operand.

    loop (%x = %a; …) { body { …; %x_2 = setitem %x_1, %v, %i; yield %x_2 } }
        →   x = k.copy_of(a)
            for i in range(n):
                x = k.setitem_(x, v, i)
    %b_1 = mul %b, 2        →   b = k.into(b, np.multiply, b, 2)

An op may overwrite its operand when nothing else can see that memory afterwards: no value that
may share memory with the operand is live after the op, and none comes from outside the program
(an input, a constant, what an effect may have kept). `May share` follows results that are not
fresh, carries, arms, items and ys, whatever the order in which they happen. If what stands in the
way of an update is the initial value of a carry, that value is copied once, before the loop.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import prod

from graphc.codegen.live import Liveness
from graphc.ir.core import BRANCHES, Op, Region, Value, walk
from graphc.ir.opdef import opdef
from graphc.ir.types import Array, Nothing, strip_maybe

IN_PLACE = {"setitem": 0, "index_add": 0, "accumulate": 0}  # op → the operand it may overwrite
ONLY_LARGE = {"accumulate"}  # an ordinary addition is quicker for small arrays
LARGE = 1 << 14  # elements; measured: below, the helper costs more than a new array
# Arithmetic of real numbers whose result may take the place of an operand, and its ufunc. Functions
# such as `exp` are not here: they take so long that the new array does not count.
UFUNCS = {
    "add": "np.add",
    "sub": "np.subtract",
    "mul": "np.multiply",
    "div": "np.divide",
    "neg": "np.negative",
    "maximum": "np.maximum",
    "minimum": "np.minimum",
}
LARGE_UFUNC = 1 << 15  # elements; measured likewise
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

Edge = tuple[Op, int] | None


@dataclass
class Updates:
    """`in_place`: ops that overwrite an operand, and which of theirs. `copies`: carries whose init
    is copied."""

    in_place: dict[Op, int] = field(default_factory=dict)
    copies: set[tuple[Op, int]] = field(default_factory=set)


def candidates(region: Region) -> set[Op]:
    """The ops that are worth printing as statements, each overwriting an operand: one that comes
    out of a loop or an `if`, or out of another candidate. NumPy itself sees to the others, which
    are parts of expressions."""
    found: set[Op] = set()
    for op in walk(region):
        reused = [op.operands[place] for place in _reusable(op)]
        if any(_is_handed_on(value) or value.owner in found for value in reused):
            found.add(op)
        elif op.name in IN_PLACE:
            size = _size(op.results[0])
            if size is not None and (op.name not in ONLY_LARGE or size >= LARGE):
                found.add(op)
    return found


def _size(value: Value) -> int | None:
    """How many elements are known to be there; None of what has no memory to write to."""
    kind = value.type
    if not isinstance(kind, Array) or not kind.shape:  # a NumPy scalar cannot be written to
        return None
    return prod(0 if dim is None else dim for dim in kind.shape)


def _is_handed_on(value: Value) -> bool:
    """Whether a value comes out of a loop or an `if`: no expression has it as a part."""
    if isinstance(value.owner, Op):
        return bool(value.owner.regions)
    return value.owner is not None and value.owner.owner is not None


def _reusable(op: Op) -> list[int]:
    """The operands of an arithmetic op that are as large as its result, and of its type."""
    if op.name not in UFUNCS:
        return []
    kind = op.results[0].type
    if not isinstance(kind, Array) or kind.dtype.kind != "f":
        return []
    if (_size(op.results[0]) or 0) < LARGE_UFUNC:
        return []
    return [place for place, value in enumerate(op.operands) if value.type == kind]


def plan_updates(region: Region, live: Liveness, statements: set[Op]) -> Updates:
    """Decide for a whole graph, in program order; updates first, which save more."""
    planner = _Planner(region, live)
    for op in walk(region):
        if op.name in IN_PLACE and op in statements:
            planner.update(op)
    for op in walk(region):
        if op.name in UFUNCS and op in live.begin:
            planner.arithmetic(op)
    return planner.updates


class _Planner:
    """What was decided so far, and the families of values that follow from it."""

    def __init__(self, region: Region, live: Liveness) -> None:
        self.region = region
        self.live = live
        self.updates = Updates()

    @cached_property
    def families(self) -> _Families:
        return _Families(_Aliases(self.region), self.live)

    def update(self, op: Op) -> None:
        place = IN_PLACE[op.name]
        if self.families.allow(op, place):
            self.updates.in_place[op] = place
            return
        for edge in _enclosing_carries(op, self.families):
            trial = self.families.without(edge)
            if trial.allow(op, place):
                self.families = trial
                self.updates.in_place[op] = place
                self.updates.copies.add(edge)
                return

    def is_inlined(self, value: Value) -> bool:
        return isinstance(value.owner, Op) and value.owner not in self.live.begin

    def arithmetic(self, op: Op) -> None:
        """Its result shares no memory with an operand until it is decided that it does. What was
        decided for values that then may share memory too must hold still."""
        places = _reusable(op)
        if any(self.is_inlined(op.operands[place]) for place in places):
            return  # a part of the expression, whose memory NumPy itself reuses
        for place in places:
            operand = op.operands[place]
            trial = self.families.joined(operand, op.results[0])
            members = trial.of(operand).members
            decided = [each for each in self.updates.in_place if each.results[0] in members]
            chosen = {**self.updates.in_place, op: place}
            if all(trial.allow(each, chosen[each]) for each in [op, *decided]):
                self.families = trial
                self.updates.in_place[op] = place
                return


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
            elif op.name in BRANCHES:
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
        if not op.operands or op.name in READ_ONLY:
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
    """The connected components of the alias graph without the edges in `cuts`, which are copies,
    and with those in `joins`, of results that take an operand's place."""

    def __init__(
        self,
        aliases: _Aliases,
        live: Liveness,
        cuts: frozenset[tuple[Op, int]] = frozenset(),
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
        self.known: dict[Value, _Family] = {}

    def without(self, edge: tuple[Op, int]) -> _Families:
        return _Families(self.aliases, self.live, self.cuts | {edge}, self.joins)

    def joined(self, a: Value, b: Value) -> _Families:
        return _Families(self.aliases, self.live, self.cuts, (*self.joins, (a, b)))

    def allow(self, op: Op, place: int) -> bool:
        """Whether only the op's result can see the operand's memory after the op."""
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
            value = queue.pop()
            edges = self.aliases.edges.get(value, ())
            near = [other for other, edge in edges if edge is None or edge not in self.cuts]
            for other in (*near, *self.joined_to.get(value, ())):
                if other not in found:
                    found.add(other)
                    queue.append(other)
        return found


def _has_memory(value: Value) -> bool:
    """Python numbers and None share nothing."""
    kind = strip_maybe(value.type)
    is_number = isinstance(kind, Array) and kind.weak
    return not (value.is_literal or is_number or isinstance(kind, Nothing))
