"""Which functional updates, and which arithmetic on large arrays, may overwrite an operand.

    loop (%x = %a; …) { body { …; %x_2 = setitem %x_1, %v, %i; yield %x_2 } }
        →   x = k.copy_of(a)
            for i in range(n):
                x = k.setitem_(x, v, i)
    %b_1 = mul %b, 2        →   b = k.into(b, np.multiply, b, 2)

An op may overwrite its operand when nothing else can see that memory afterwards: no value that
may share memory with the operand is live after the op, and none comes from outside the program
(an input, a constant, what an effect may have kept): `families.py`. If what stands in the way of an
update is the initial value of a carry, that value is copied once, before the loop. So a list that
grows in a loop is one list:

    %out_2 = seq_append %out_1, %x    →    out.append(x)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import prod

from graphc.codegen.families import ANY_DEPTH, Aliases, Carry, Families, ListAliases, list_depth
from graphc.codegen.live import Liveness
from graphc.ir.core import Op, Region, Value, walk
from graphc.ir.types import Array, Sequence, strip_maybe

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
# The same for lists, and the statement that does it; operand 0 is the list.
LISTS = {
    "seq_append": "{0}.append({1})",
    "seq_concat": "{0}.extend({1})",
    "seq_insert": "{0}.insert({1}, {2})",
    "seq_pop": "{0}.pop({1})",
    "seq_delete": "k.seq_delete_({0}, {1})",
    "seq_setitem": "{0}[{2}] = {1}",
    "seq_unpop": "k.seq_unpop_({0}, {1}, {2})",
    "seq_heappush": "k.seq_heappush_({0}, {1})",
    "seq_heappop": "k.seq_heappop_({0})",
    "seq_sift": "k.seq_sift_({0}, {1}, {2})",
    "seq_unsift": "k.seq_unsift_({0}, {1})",
    "seq_add_at": "k.seq_add_at_({0}, {1}, {2})",
}
# … and the one that does it where the op's last result is not used: a heap without the path.
WITHOUT_LAST = {"seq_heappush": "k.push({0}, {1})", "seq_heappop": "k.pop_smallest({0})"}
UPDATES = {**IN_PLACE, **dict.fromkeys(LISTS, 0)}


@dataclass
class Updates:
    """`in_place`: ops that overwrite an operand, and which of theirs. `copies`: carries whose init
    is copied."""

    in_place: dict[Op, int] = field(default_factory=dict)
    copies: set[Carry] = field(default_factory=set)


def candidates(region: Region) -> set[Op]:
    """The ops that are worth printing as statements, each overwriting an operand: one that comes
    out of a loop or an `if`, or out of another candidate. NumPy itself sees to the others, which
    are parts of expressions."""
    found: set[Op] = set()
    for op in walk(region):
        reused = [op.operands[place] for place in _reusable(op)]
        if any(_is_handed_on(value) or value.owner in found for value in reused):
            found.add(op)
        elif op.name in LISTS:
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
        if op.name in UPDATES and op in statements:
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
        self.by_depth: dict[int, Families] = {}

    @cached_property
    def families(self) -> Families:
        return Families(Aliases(self.region, IN_PLACE), self.live)

    def lists(self, deep: int) -> Families:
        """The families of lists of lists, so many deep."""
        if deep not in self.by_depth:
            aliases = ListAliases(self.region, dict.fromkeys(LISTS, 0), deep)
            self.by_depth[deep] = Families(aliases, self.live)
        return self.by_depth[deep]

    def update(self, op: Op) -> None:
        place = UPDATES[op.name]
        if op.name in LISTS and self.is_inlined(op.operands[place]):
            return
        depth = list_depth(op.results[0].type)
        deep = depth if depth < ANY_DEPTH else 1
        families = self.lists(deep) if op.name in LISTS else self.families
        if families.allow(op, place):
            self.updates.in_place[op] = place
            return
        for edge in _enclosing_carries(op, families):
            trial = families.without(edge)
            if trial.allow(op, place):
                if op.name in LISTS:
                    self.by_depth[deep] = trial
                else:
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


def _enclosing_carries(op: Op, families: Families) -> list[Carry]:
    """The carries through which the operand may have come, outermost loop first. A copy of a list
    has the same items: it is of use for updates of lists only."""
    family = families.of(op.operands[UPDATES[op.name]]).members
    kind = Sequence if op.name in LISTS else Array
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
        and isinstance(strip_maybe(loop.operands[index].type), kind)
    ]
