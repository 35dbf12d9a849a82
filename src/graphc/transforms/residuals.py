"""Residuals: what the adjoint of a loop keeps of each forward iteration, and how little that can
be.

The adjoint body's free values that the forward body defines must be there again, one per iteration.
Each is had in the cheapest way that exists:

    an item of a consumed sequence      that sequence is consumed again, reversed
    a carry that never changes          its initial value
    a counter, i' = i + step            init + k * step, from the trip number k
    anything else                       saved: the forward loop collects it as a y, one reference
                                        an iteration; or recomputed from saved values

Which values to save is a minimum vertex cut between the body's sources and the needed values
(`cut.py`).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from graphc.ir.build import clone_op, replace_all_uses
from graphc.ir.core import Op, Region, Value, free_values, literal, op_free_values, region_of
from graphc.ir.opdef import opdef
from graphc.ir.types import PYINT, Sequence, Type
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace
from graphc.transforms.cut import minimum_cut
from graphc.transforms.loop import Loop


def plan_residuals(trace: Trace, op: Op, adjoint: Region, has_items: bool) -> list[Value]:
    """Give `adjoint` its residuals as parameters; returns the sequences to consume for them, in
    order.

    May add results (saved values, a trip counter) to the forward loop `op`. `has_items`: whether
    the adjoint consumes a sequence already, which then tells the number of trips.
    """
    plan = Plan(op, trace, adjoint)
    drop_unused(adjoint)
    use_forward_results(plan.body, adjoint)
    needed = [v for v in free_values(adjoint) if region_of(v) is plan.body]
    cut = minimum_cut(needed, plan.is_free)
    for value in cut:
        plan.save(value)
    recomputed = plan.recompute(needed)
    replace_all_uses(adjoint, plan.mapping)
    for inner in recomputed:
        inner.parent = adjoint
    adjoint.ops[:0] = recomputed
    if not has_items:
        plan.require_trips()
    return [plan.cut_to_trips(seq) for seq in plan.sequences]


def drop_unused(adjoint: Region) -> None:
    """Leave out ops that nothing uses, so that nothing is kept for them: zeros to which something
    would have been added, had there not been a cotangent already."""
    used, ops = set(adjoint.results), []
    for op in reversed(adjoint.ops):
        if op.regions or opdef(op).effect or not used.isdisjoint(op.results):
            for region in op.regions:
                drop_unused(region)
            used.update(op_free_values(op))
            ops.append(op)
    adjoint.ops = ops[::-1]


def use_forward_results(body: Region, adjoint: Region) -> None:
    """Where the adjoint computes what the forward body did (cos y in the adjoint of sin y), take
    that.
    """
    known = {_key(op, {}): op for op in body.ops if _repeatable(op)}
    replaced: dict[Value, Value] = {}
    for op in adjoint.ops:
        earlier = known.get(_key(op, replaced)) if _repeatable(op) else None
        if earlier is not None:
            replaced[op.result] = earlier.result
    replace_all_uses(adjoint, replaced)
    adjoint.ops = [op for op in adjoint.ops if not any(result in replaced for result in op.results)]


def _repeatable(op: Op) -> bool:
    return not op.regions and len(op.results) == 1 and not opdef(op).effect


def _key(op: Op, replaced: dict[Value, Value]) -> Hashable:
    operands = (replaced.get(v, v) for v in op.operands)
    # By value and by text: 1 is not 1.0, and a long array's text leaves its middle out.
    attrs = tuple((name, repr(value), value) for name, value in sorted(op.attrs.items()))
    read = tuple(repr(v.literal) if v.is_literal else v for v in operands)
    return op.name, read, attrs, op.result.type


@dataclass
class Plan(Loop):
    """How each value of the forward body is had again in the adjoint body (`mapping`)."""

    trace: Trace
    adjoint: Region
    mapping: dict[Value, Value] = field(default_factory=dict)
    sequences: list[Value] = field(default_factory=list)
    saved: list[Value] = field(default_factory=list)
    counter: Value | None = None

    def is_free(self, value: Value) -> bool:
        """Whether a value of the body is had again without saving anything."""
        if region_of(value) is not self.body:
            return True
        if value.owner is not self.body:
            return False
        index = self.body.params.index(value)
        return index >= self.n_carry or self.is_invariant(index) or self.step(index) is not None

    def is_invariant(self, index: int) -> bool:
        return self.body.results[index] is self.body.params[index]

    def step(self, index: int) -> int | None:
        """The constant that a counter grows by in each iteration; None for anything else."""
        param, new = self.body.params[index], self.body.results[index]
        add = new.owner
        if param.type != PYINT or self.op.attrs["reverse"]:
            return None
        if not isinstance(add, Op) or add.name != "add" or add.operands[0] is not param:
            return None
        other = add.operands[1]
        return int(other.literal) if other.is_literal else None

    def save(self, value: Value) -> None:
        """Collect a value of the body in the forward loop, and consume it here."""
        collected = self.body.results[self.n_carry :]
        if value in collected:
            seq = self.op.results[self.n_carry + collected.index(value)]
        else:
            self.body.results.append(value)
            seq = self.op.add_result(Sequence(value.type), value.name)
        self.saved.append(seq)
        self.consume(value, seq)

    def consume(self, value: Value, seq: Value) -> None:
        self.mapping[value] = self.adjoint.add_param(value.type, value.name)
        self.sequences.append(seq)

    def recompute(self, needed: list[Value]) -> list[Op]:
        """The ops that compute, at the adjoint body's start, what was neither saved nor free."""
        ops = Region()
        with self.trace.inside(ops):
            for value in needed:
                self.obtain(value)
        return ops.ops

    def obtain(self, value: Value) -> None:
        """Make `mapping` hold a value of the body."""
        if value in self.mapping or value.is_literal or region_of(value) is not self.body:
            return
        if value.owner is self.body:
            self.obtain_param(value)
            return
        op = value.owner
        assert isinstance(op, Op)
        for operand in op.operands:
            self.obtain(operand)
        self.trace.region.append(clone_op(op, self.mapping))

    def obtain_param(self, param: Value) -> None:
        index = self.body.params.index(param)
        init = self.op.operands[index]
        if index >= self.n_carry:
            self.consume(param, init)
        elif self.is_invariant(index):
            self.mapping[param] = init
        else:
            step = self.step(index)
            assert step is not None, "a carry that is neither saved nor free"
            k: Any = Tensor(self.trip_number(), self.trace)
            offset = k if step == 1 else k * step
            start: Any = init.literal if init.is_literal else Tensor(init, self.trace)
            counted = offset if start == 0 and init.is_literal else apply("add", offset, start)
            self.mapping[param] = counted._data

    def trip_number(self) -> Value:
        """The adjoint's item that counts the forward iterations: 0, 1, 2, …"""
        if self.counter is None:
            self.counter = self.adjoint.add_param(PYINT, "k")
            self.sequences.append(self.counter)  # stands for range(n) until n is known
        return self.counter

    def require_trips(self) -> None:
        """Where no sequence tells the number of trips, count them."""
        if self.sequences:
            return
        xs = self.op.operands[self.n_carry :]
        if xs and not self.has_test:
            self.adjoint.add_param(_item_type(xs[0].type), self.body.params[-1].name)
            self.sequences.append(xs[0])
        else:
            self.trip_number()

    def trips(self) -> Tensor:
        """The number of iterations the forward loop made."""
        if self.saved or not self.has_test:
            seq = self.saved[0] if self.saved else self.op.operands[self.n_carry]
            length: Tensor = apply("seq_len", Tensor(seq, self.trace))
            return length
        for i, init in enumerate(self.op.operands[: self.n_carry]):
            if init.is_literal and init.literal == 0 and self.step(i) == 1:
                return Tensor(self.op.results[i], self.trace)
        return Tensor(add_counter(self.op), self.trace)

    def cut_to_trips(self, seq: Value) -> Value:
        """A sequence as long as the forward loop ran; range(n) in place of the counter."""
        if seq is self.counter:
            counted: Value = apply("range", 0, self.trips(), 1)._data
            return counted
        if not self.has_test or seq in self.saved:
            return seq
        cut: Value = apply("first_n", Tensor(seq, self.trace), self.trips())._data
        return cut


def _item_type(t: Type) -> Type:
    assert isinstance(t, Sequence)
    return t.elem


def add_counter(op: Op) -> Value:
    """A carry of the loop that counts its iterations; returns the final count."""
    n = op.attrs["carry"]
    op.operands.insert(n, literal(0))
    for region in op.regions:
        region.params.insert(n, Value(PYINT, region, "trips"))
    body = op.regions[0]
    step = body.append(Op("add", [body.params[n], literal(1)], {}, [PYINT], loc=op.loc))
    body.results.insert(n, step.result)
    result = Value(PYINT, op, "trips")
    op.results.insert(n, result)
    op.attrs["carry"] = n + 1
    return result
