"""Adjoints of calls: a called graph becomes two, and the tape that the first hands to the second.

    %y = graph_call %x {callee=@f}
    ⇒  %y, %tape = graph_call %x {callee=@f_forward}            f, with what its adjoint needs
       %x_bar = graph_call %y_bar, %tape {callee=@f_adjoint}    f's ops in reverse

One pair serves all calls with the same activity. It is there before its bodies are made, so where
f calls itself, f_forward calls f_forward and f_adjoint calls f_adjoint; the tape of such a call is
one of the residuals in the tape of its caller. Tapes are values with cotangents like any other
(`ops/graph_call.py`), so the pair is differentiated as f was: derivatives of every order.

References: B. Pearlmutter, J. M. Siskind, Reverse-mode AD in a functional framework (2008),
without closures at run time: graphs are closed. The residuals are chosen as for loops, by a
minimum cut.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphc.errors import GradientError
from graphc.ir.build import called_graphs, clone_op, clone_region, replace_all_uses
from graphc.ir.core import Op, Region, Value, free_values, region_of, walk
from graphc.ir.graph import Graph
from graphc.ir.types import TAPE, Type
from graphc.ops.adjoint import cotangent_type
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace
from graphc.source import located
from graphc.transforms.backward import Backward, carries_derivative, forward_active, selects, strong
from graphc.transforms.cut import minimum_cut
from graphc.transforms.residuals import use_forward_results
from graphc.transforms.structured import the_trace, yielded


@dataclass(frozen=True)
class Activity:
    """Which cotangents of a graph's inputs are asked for, and of which type those of its outputs
    are (None: there is none); `masked`: whether their zeros must win over inf and NaN.
    """

    needs: tuple[bool, ...]
    given: tuple[Type | None, ...]
    masked: bool


@dataclass(eq=False)
class Pair:
    """`forward`: inputs ─▶ outputs, tape. `adjoint`: given cotangents, tape ─▶ needed ones."""

    activity: Activity
    forward: Graph
    adjoint: Graph


def backward_call(outer: Backward, op: Op) -> None:
    trace = the_trace()
    activity = _activity(outer, op)
    if not any(activity.needs) or not any(activity.given):
        return
    pair, tape = _with_tape(trace, outer, op, activity)
    seeds = [
        strong(outer.dense(outer.cts[r], r), r.type)._data
        for r in op.results
        if _has_cotangent(outer, r)
    ]
    wanted = [value for value, need in zip(op.operands, activity.needs, strict=True) if need]
    params = [p for p, need in zip(pair.forward.inputs, activity.needs, strict=True) if need]
    types = [cotangent_type(param.type) for param in params]
    adjoint = trace.emit("graph_call", [*seeds, tape], {"callee": pair.adjoint}, types=types)
    masked = activity.masked or _selects(op.attrs["callee"])
    for value, result in zip(wanted, adjoint.results, strict=True):
        outer.add(value, Tensor(result, trace), masked)


def _activity(outer: Backward, op: Op) -> Activity:
    given = [cotangent_type(r.type) if _has_cotangent(outer, r) else None for r in op.results]
    masked = any(result in outer.masked for result in op.results)
    return Activity(tuple(map(outer.wants, op.operands)), tuple(given), masked)


def _has_cotangent(outer: Backward, value: Value) -> bool:
    return value in outer.cts and value not in outer.stops and carries_derivative(value.type)


def _selects(graph: Graph) -> bool:
    return any(selects(op) for each in called_graphs(graph) for op in walk(each.region))


def _with_tape(trace: Trace, outer: Backward, op: Op, activity: Activity) -> tuple[Pair, Value]:
    """Make a call yield a tape; where it does so for the same activity already, that one."""
    callee: Graph = op.attrs["callee"]
    known: Pair | None = trace.pairs.get(callee)
    if known is not None and activity.given[-1] is None:
        shorter = Activity(activity.needs, activity.given[:-1], activity.masked)
        if known.activity == shorter:
            return known, op.results[-1]
    pair = _pair(trace, outer, callee, activity)
    op.attrs = {"callee": pair.forward}
    return pair, op.add_result(TAPE, "tape")


def _pair(trace: Trace, outer: Backward, callee: Graph, activity: Activity) -> Pair:
    """The pair of graphs for a callee's derivative; made when first asked for, empty at first."""
    pair: Pair | None = trace.pairs.get((callee, activity))
    if pair is None:
        if callee.region.outer is not None:
            raise located(
                GradientError,
                f"'{callee.name}' is differentiated inside itself: its derivative would depend on "
                "itself",
                hint="differentiate it outside, or write its derivative as a function of its own",
            )
        forward = Graph(f"{callee.name}_forward", loc=callee.loc)
        pair = Pair(activity, forward, Graph(f"{callee.name}_adjoint", loc=callee.loc))
        forward.region = clone_region(callee.region, {})
        trace.pairs[callee, activity] = trace.pairs[forward] = pair
        with trace.unchecked(), trace.located_at(callee.loc):
            _fill(trace, outer, pair)
    return pair


def _fill(trace: Trace, outer: Backward, pair: Pair) -> None:
    """Append the adjoint of the forward graph's ops to the adjoint graph, and a tape to its
    results.
    """
    body, adjoint, activity = pair.forward.region, pair.adjoint.region, pair.activity
    wanted = [param for param, need in zip(body.params, activity.needs, strict=True) if need]
    walk = Backward(outer.primal, forward_active(body.ops, wanted), outer.structured)
    seeded = [
        (value, adjoint.add_param(kind, f"{value.name}_bar" if value.name else ""))
        for value, kind in zip(body.results, activity.given, strict=True)
        if kind is not None
    ]
    if body.never:  # it raises on the way forward: its adjoint is never reached
        with trace.inside(adjoint):
            trace.emit("unreachable", [])
        adjoint.never, adjoint.outer = True, None
        return
    with trace.inside(adjoint):
        for value, ct in seeded:
            if walk.wants(value):
                walk.add(value, Tensor(ct, trace), activity.masked)
        walk.sweep(body.ops)
        adjoint.results = [yielded(walk, param) for param in wanted]
    _connect(trace, body, adjoint)
    adjoint.outer = None


def _connect(trace: Trace, body: Region, adjoint: Region) -> None:
    """Hand over in a tape what the adjoint needs of the forward body; recompute cheap ops."""
    tape = Tensor(adjoint.add_param(TAPE, "tape"), trace)
    use_forward_results(body, adjoint)
    needed = [value for value in free_values(adjoint) if region_of(value) is body]
    saved = minimum_cut(needed, lambda value: False)
    head, mapping = Region(), dict[Value, Value]()
    with trace.inside(head):
        if saved:
            parts = apply("unpack", tape, types=tuple(value.type for value in saved))
            for value, part in zip(
                saved, parts if isinstance(parts, tuple) else (parts,), strict=True
            ):
                part._data.name = value.name
                mapping[value] = part._data
        for value in needed:
            _recompute(value, body, head, mapping)
    replace_all_uses(adjoint, mapping)
    for op in head.ops:
        op.parent = adjoint
    adjoint.ops[:0] = head.ops
    with trace.inside(body):
        body.results.append(apply("pack", *(Tensor(value, trace) for value in saved))._data)
    body.outer = None


def _recompute(value: Value, body: Region, head: Region, mapping: dict[Value, Value]) -> None:
    """Make `mapping` hold a value of the body that was not saved."""
    if value in mapping or value.is_literal or region_of(value) is not body:
        return
    assert isinstance(value.owner, Op), "a parameter that was not saved"
    for operand in value.owner.operands:
        _recompute(operand, body, head, mapping)
    head.append(clone_op(value.owner, mapping))
