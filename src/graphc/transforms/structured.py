"""Adjoints of the structured ops: the adjoint of a branch is a branch, of a loop a loop.

    loop (c = c0) over (x in xs) { yield c', y }     over captured values k, n trips
    ⇒ loop (c_bar = ct of the result, k_bar = 0) over (residuals, y_bar) reversed
        { seed c' with c_bar, y with y_bar; sweep; yield ct of c, k_bar + ct of k, ct of x }

What an adjoint region needs of the forward region is its set of free values that the forward region
defines (`residuals.py` chooses what to keep of them). The condition is never differentiated. With
no trips the cotangents of the carries pass through and those of captured values are zero. The
adjoint is an op of the same kind, so the walk applies to its own output: derivatives of every
order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphc.ir.build import replace_uses
from graphc.ir.core import Op, Region, Value, free_values, literal, region_of, walk
from graphc.ir.types import PYBOOL, UNBOUND, Maybe, Type, strip_maybe
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.adjoint import cotangent_type
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace, current_trace
from graphc.transforms.backward import (
    Backward,
    add_cotangents,
    carries_derivative,
    forward_active,
    selects,
    strong,
)
from graphc.transforms.loop import Loop
from graphc.transforms.residuals import plan_residuals


def the_trace() -> Trace:
    trace = current_trace()
    assert trace is not None, "structured ops exist only in graphs"
    return trace


def zeros(outer: Backward, value: Value) -> Tensor:
    """A zero cotangent for a value."""
    made: Tensor = apply("zeros_like", outer.primal(value))
    return made


# -- if ------------------------------------------------------------------------------------------


def backward_if(outer: Backward, op: Op) -> None:
    """The adjoint of `if p {A} else {B}` is `if p {A's adjoint} else {B's adjoint}`."""
    _backward_arms(outer, op, lambda: op.operands)


def backward_try(outer: Backward, op: Op) -> None:
    """The adjoint of `try {A} except {B}` is `if completed {A's adjoint} else {B's adjoint}`, where
    `completed` is one more result of the `try`."""
    _backward_arms(outer, op, lambda: [_completed(op)])


def _completed(op: Op) -> Value:
    for arm, said in zip(op.regions, (True, False), strict=True):
        if not arm.never:
            arm.results.append(literal(said))
    return op.add_result(PYBOOL, "completed")


def _backward_arms(outer: Backward, op: Op, predicate: Callable[[], list[Value]]) -> None:
    """An `if` of the adjoints of two arms.

    Both yield the cotangents of every active value that either arm reads; an arm that does not
    touch one yields zeros for it. Values of an arm that its adjoint needs become results of the
    forward op, `unbound` in the other arm.
    """
    trace = the_trace()
    captured = _active_captures(outer, op)
    if not captured:
        return
    arms = [_adjoint_arm(outer, op, i, captured) for i in range(2)]
    for forward, arm in zip(op.regions, arms, strict=True):
        _export_residuals(op, forward, arm)
    types = [_joined(arms, i, cotangent_type(v.type)) for i, v in enumerate(captured)]
    adjoint = trace.emit("if", predicate(), {}, arms, types)
    masked = any(r in outer.masked for r in op.results) or any(map(selects, _ops(op)))
    for value, result in zip(captured, adjoint.results, strict=True):
        outer.add(value, Tensor(result, trace), masked)


def _joined(arms: list[Region], i: int, default: Type) -> Type:
    from_arms = [arm.results[i].type for arm in arms if not arm.never]
    return Maybe(strip_maybe(default)) if any(isinstance(t, Maybe) for t in from_arms) else default


def _ops(op: Op) -> list[Op]:
    return [inner for region in op.regions for inner in walk(region)]


def _active_captures(outer: Backward, op: Op) -> list[Value]:
    captured: dict[Value, None] = {}
    for region in op.regions:
        captured.update(dict.fromkeys(free_values(region)))
    return [value for value in captured if outer.wants(value)]


def _adjoint_arm(outer: Backward, op: Op, index: int, captured: list[Value]) -> Region:
    trace = the_trace()
    forward, arm = op.regions[index], Region()
    if forward.never:
        arm.never = True  # it raised on the way forward: the adjoint is never reached
        with trace.inside(arm):
            trace.emit("unreachable", [])
        return arm
    inner = outer.nested(forward_active(forward.ops, outer.active))
    with trace.inside(arm):
        for result, value in zip(op.results, forward.results, strict=False):
            ct = outer.cts.get(result)
            if ct is not None and inner.wants(value) and result not in outer.stops:
                inner.add(value, ct, result in outer.masked)
        inner.sweep(forward.ops)
        arm.results = [yielded(inner, value) for value in captured]
    return arm


def yielded(inner: Backward, value: Value) -> Value:
    """What an adjoint region yields for a value: its cotangent, or zeros."""
    ct = inner.cts.get(value)
    tensor = zeros(inner, value) if ct is None else strong(ct, value.type)
    data: Value = tensor._data
    return data


def _export_residuals(op: Op, forward: Region, arm: Region) -> None:
    """Make the forward arm's values that the adjoint arm reads results of the forward op."""
    trace = the_trace()
    needed = [v for v in free_values(arm) if region_of(v) is forward]
    imports = Region()
    with trace.inside(imports):
        for value in needed:
            result = op.add_result(Maybe(strip_maybe(value.type)), value.name)
            for region in op.regions:
                if not region.never:
                    region.results.append(value if region is forward else literal(UNBOUND))
            kept = result
            if not isinstance(value.type, Maybe):
                kept = apply("assume", Tensor(result, trace))._data
                kept.name = value.name
            replace_uses(arm, value, kept)
    for imported in imports.ops:
        imported.parent = arm
    arm.ops[:0] = imports.ops


# -- loop ----------------------------------------------------------------------------------------


@dataclass
class Activity:
    """Which parts of a loop take part in the adjoint, found by two fixpoints over the carries."""

    active: set[Value]  # values of the body that depend on an active value
    carries: list[int]  # carries that are active and whose cotangent can be other than zero
    items: list[int]  # consumed sequences whose cotangents are wanted
    captured: list[Value]
    ys: list[int]  # collected sequences that have a cotangent


def backward_loop(outer: Backward, op: Op) -> None:
    trace, loop = the_trace(), Loop(op)
    activity = _activity(outer, loop)
    if not (activity.carries or activity.ys):
        return
    body = Region()
    inner, cts_in = _adjoint_params(outer, loop, activity, body)
    with trace.inside(body):
        inner.sweep(loop.body.ops)
        _yield_adjoint(inner, loop, activity, body, cts_in)
    sequences = plan_residuals(trace, op, body, bool(activity.ys))
    _emit_adjoint(outer, loop, activity, body, sequences)


def _activity(outer: Backward, loop: Loop) -> Activity:
    active = _forward_fixpoint(outer, loop)
    useful = _backward_fixpoint(outer, loop)
    carries = [
        i
        for i, param in enumerate(loop.params)
        if i in useful and param in active and carries_derivative(param.type)
    ]
    items = [j for j, x in enumerate(loop.xs) if outer.wants(x)]
    captured = [v for v in free_values(loop.body) if outer.wants(v)]
    ys = [
        j
        for j, result in enumerate(loop.op.results[loop.n_carry :])
        if result in outer.cts and carries_derivative(result.type) and result not in outer.stops
    ]
    return Activity(active, carries, items, captured, ys)


def _forward_fixpoint(outer: Backward, loop: Loop) -> set[Value]:
    """Values of the body that depend on the sources: through inits, items, captures, carries."""
    sources = set(outer.active)
    sources |= {p for p, init in zip(loop.params, loop.inits, strict=True) if init in outer.active}
    sources |= {item for item, x in zip(loop.items, loop.xs, strict=True) if x in outer.active}
    while True:
        active = forward_active(loop.body.ops, sources)
        grown = {
            param
            for param, new in zip(loop.params, loop.body.results, strict=False)
            if new in active and param not in sources
        }
        if not grown:
            return active
        sources |= grown


def _backward_fixpoint(outer: Backward, loop: Loop) -> set[int]:
    """Carries whose cotangent can be other than zero: those that reach a result that has one."""
    results = loop.op.results
    useful = {
        i for i in range(loop.n_carry) if results[i] in outer.cts and results[i] not in outer.stops
    }
    fixed = {
        loop.body.results[j]
        for j in range(loop.n_carry, len(loop.body.results))
        if j < len(results) and results[j] in outer.cts
    }
    while True:
        reached = fixed | {loop.body.results[i] for i in useful}
        for op in reversed(loop.body.ops):
            if any(r in reached for r in op.results):
                reached.update(v for v in op.operands)
                for region in op.regions:
                    reached.update(free_values(region))
        grown = {i for i, param in enumerate(loop.params) if param in reached} - useful
        if not grown:
            return useful
        useful |= grown


def _adjoint_params(
    outer: Backward, loop: Loop, activity: Activity, body: Region
) -> tuple[Backward, list[Value]]:
    """The adjoint body's carries (c_bar…, k_bar…) and y_bar items, seeded into a nested walk."""
    trace = the_trace()
    inner = outer.nested(activity.active)
    carried = [loop.params[i] for i in activity.carries]
    masked = any(r in outer.masked for r in loop.op.results) or any(map(selects, _ops(loop.op)))
    cts = [body.add_param(cotangent_type(v.type), _bar(v)) for v in (*carried, *activity.captured)]
    y_bars = []
    for j in activity.ys:
        y = loop.body.results[loop.n_carry + j]
        y_bars.append(
            body.add_param(_elem(outer.cts[loop.op.results[loop.n_carry + j]].type), _bar(y))
        )
    with trace.inside(body):
        for i, ct in zip(activity.carries, cts, strict=False):
            if inner.wants(loop.body.results[i]):
                inner.add(loop.body.results[i], Tensor(ct, trace), masked)
        for j, ct in zip(activity.ys, y_bars, strict=True):
            y = loop.body.results[loop.n_carry + j]
            if inner.wants(y):
                inner.add(y, Tensor(ct, trace), masked)
    return inner, cts


def _bar(value: Value) -> str:
    return f"{value.name}_bar" if value.name else ""


def _elem(t: Type) -> Type:
    assert isinstance(t, SequenceType)
    return t.elem


def _yield_adjoint(
    inner: Backward, loop: Loop, activity: Activity, body: Region, cts: list[Value]
) -> None:
    """The adjoint body's results: new c_bar, accumulated k_bar, then x_bar."""
    trace = the_trace()
    n = len(activity.carries)
    body.results = [yielded(inner, loop.params[i]) for i in activity.carries]
    for k, accumulated in zip(activity.captured, cts[n:], strict=True):
        ct = inner.cts.get(k)
        if ct is None:
            body.results.append(accumulated)
            continue
        total = add_cotangents(Tensor(accumulated, trace), ct)._data
        total.name = total.name or _bar(k)
        body.results.append(total)
    body.results += [yielded(inner, loop.items[j]) for j in activity.items]


def _emit_adjoint(
    outer: Backward, loop: Loop, activity: Activity, body: Region, sequences: list[Value]
) -> None:
    """Append the adjoint loop and hand its results to the outer walk."""
    trace = the_trace()
    inits = []
    for i in activity.carries:
        result = loop.op.results[i]
        ct = None if result in outer.stops else outer.cts.get(result)
        inits.append(zeros(outer, result) if ct is None else strong(ct, result.type))
    inits += [zeros(outer, v) for v in activity.captured]
    y_bars = [outer.cts[loop.op.results[loop.n_carry + j]] for j in activity.ys]
    operands = [t._data for t in (*inits, *y_bars)] + sequences
    types: list[Type] = [p.type for p in body.params[: len(inits)]]
    types += [SequenceType(body.results[len(inits) + j].type) for j in range(len(activity.items))]
    attrs = {"carry": len(inits), "reverse": not loop.op.attrs["reverse"]}
    adjoint = trace.emit("loop", operands, attrs, [body], types)
    masked = any(map(selects, _ops(loop.op)))
    targets = [loop.inits[i] for i in activity.carries] + activity.captured
    for target, result in zip(targets, adjoint.results, strict=False):
        if outer.wants(target):
            outer.add(target, Tensor(result, trace), masked)
    for j, result in zip(activity.items, adjoint.results[len(inits) :], strict=True):
        ct = Tensor(result, trace)
        if loop.has_test:
            ct = apply("pad_seq", ct, outer.primal(loop.xs[j]))
        outer.add(loop.xs[j], ct, masked)


STRUCTURED_RULES = {"if": backward_if, "try": backward_try, "loop": backward_loop}
