"""`gradients`: append the adjoint of ys with respect to xs to the graph being traced."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any

from graphc.errors import TensorTypeError, TensorValueError, TraceError
from graphc.ir.core import Op, Region, Value, free_values, region_of
from graphc.ir.opdef import CUT, Pullbacks, opdef
from graphc.ops.infer import show_shape
from graphc.ops.tensor import Tensor, apply, value_of
from graphc.ops.trace import Trace, Unstageable, current_trace
from graphc.source import located
from graphc.transforms.backward import (
    Backward,
    Structured,
    as_tensor,
    carries_derivative,
    forward_active,
    region_chain,
    seed_of,
    strong,
)
from graphc.transforms.calls import backward_call
from graphc.transforms.structured import STRUCTURED_RULES

RULES: dict[str, Structured] = {**STRUCTURED_RULES, "graph_call": backward_call}


class UnconnectedGradients(enum.Enum):
    """What `gradients` answers for an x that no y depends on: None, or zeros."""

    NONE = "none"
    ZERO = "zero"


class AggregationMethod(enum.Enum):
    """Accepted for compatibility; graphc always adds cotangents as they arrive."""

    DEFAULT = 0
    ADD_N = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = "none",
) -> list[Tensor | None]:
    """The sum over ys of dy/dx, for each x; adjoint ops are appended to the graph being traced.

    `ys`, `xs`: a tensor or a (nested) list of tensors of the current trace. `grad_ys`: one seed per
    y (None: ones), of y's shape. `stop_gradients`: tensors that derivatives do not go through, each
    by itself. `unconnected_gradients`: "none" or "zero". Returns a list, one entry per x, of x's
    shape.

    Raises TraceError outside a traced function or `with graphc.Graph()`, ValueError for a wrong
    option, GradientError where an op has no derivative. `gate_gradients` and `aggregation_method`
    change nothing.

    >>> import graphc
    >>> with graphc.Graph() as g:
    ...     a = graphc.constant(0.0)
    ...     b = 2 * a
    ...     da, db = graphc.gradients(a + b, [a, b])
    >>> g.run([da, db])
    [np.float64(3.0), np.float64(1.0)]
    """
    trace = current_trace()
    if trace is None:
        raise located(
            TraceError,
            "gradients appends to a graph, and none is being traced here",
            hint="call it inside a function decorated with graphc.function or inside `with "
            "graphc.Graph():`; for eager tensors use graphc.GradientTape or graphc.grad",
        )
    unconnected = unconnected_choice(unconnected_gradients)
    targets = [_target(y, trace) for y in _flat(ys)]
    sources = [value_of(x, trace) for x in _flat(xs)]
    seeds = _seeds(targets, grad_ys)
    stops = (
        [value_of(s, trace) for s in _flat(stop_gradients)] if stop_gradients is not None else []
    )
    return graph_gradients(trace, targets, sources, seeds, frozenset(stops), unconnected)


def _flat(x: Any) -> list[Any]:
    if isinstance(x, list | tuple):
        return [leaf for item in x for leaf in _flat(item)]
    if isinstance(x, dict):
        return [leaf for item in x.values() for leaf in _flat(item)]
    return [x]


def unconnected_choice(option: Any) -> UnconnectedGradients:
    try:
        return UnconnectedGradients(getattr(option, "value", option))
    except ValueError:
        raise located(
            TensorValueError,
            f"unconnected_gradients must be 'none' or 'zero', found {option!r}",
        ) from None


def _target(y: Any, trace: Trace) -> Tensor:
    return Tensor(value_of(y, trace), trace)


def _seeds(ys: list[Tensor], grad_ys: Any) -> list[Tensor]:
    """One cotangent per y: the one given, checked, or ones."""
    given = [None] * len(ys) if grad_ys is None else _flat(grad_ys)
    if len(given) != len(ys):
        raise located(
            TensorValueError,
            f"grad_ys has {len(given)} entries for {len(ys)} ys: one each is needed",
        )
    return [
        seed_of(y) if g is None else checked_seed(y, g, "grad_ys", "a y")
        for y, g in zip(ys, given, strict=True)
    ]


def checked_seed(y: Tensor, given: Any, option: str, what: str) -> Tensor:
    """A seed that the user gave for y, refused where its shape or kind of dtype cannot be y's."""
    seed = as_tensor(given)
    t, s = y.array_type, seed.array_type
    if t.ndim != s.ndim or any(
        a != b for a, b in zip(s.shape, t.shape, strict=True) if None not in (a, b)
    ):
        shapes = f"{show_shape(s.shape)} for {what} of shape {show_shape(t.shape)}"
        raise located(TensorValueError, f"{option} has shape {shapes}")
    if not s.is_inexact and not s.weak or s.dtype.kind == "c" != t.dtype.kind:
        raise located(
            TensorTypeError, f"{option} has dtype {s.dtype} for {what} of dtype {t.dtype}"
        )
    return seed


Marks = Mapping[Region, int]


def graph_gradients(
    trace: Trace,
    ys: Sequence[Tensor],
    xs: Sequence[Value],
    seeds: Sequence[Tensor],
    stops: frozenset[Value] = frozenset(),
    unconnected: UnconnectedGradients = UnconnectedGradients.NONE,
    since: Marks | None = None,
) -> list[Tensor | None]:
    """`gradients` on graph values. `since` limits the walk to ops after a mark in each region."""
    ops = visible_ops(trace, since or {})
    active = forward_active(ops, xs)
    walk = Backward(lambda value: _primal(value, trace), active, RULES, stops)
    reached = reaching(ops, [y._data for y in ys], stops)
    for y, seed in zip(ys, seeds, strict=True):
        if walk.wants(y._data):
            walk.add(y._data, seed)
    walk.sweep(ops)
    _refuse_earlier_iterations(trace, reached, xs)
    return [_result(walk, x, x in reached, unconnected, trace) for x in xs]


def visible_ops(trace: Trace, since: Marks) -> list[Op]:
    """The ops made so far in the current region and those around it, in program order."""
    ops: list[Op] = []
    for region in reversed(region_chain(trace.region)):
        ops += region.ops[since.get(region, 0) :]
    return ops


def _primal(value: Value, trace: Trace) -> Any:
    return value.literal if value.is_literal else Tensor(value, trace)


def reaching(ops: Sequence[Op], ys: Sequence[Value], stops: frozenset[Value]) -> set[Value]:
    """The values that some y depends on, other than through a stop or a cutting op."""
    reached = set(ys)
    for op in reversed(ops):
        if not any(r in reached and r not in stops for r in op.results):
            continue
        rule = opdef(op).vjp
        if rule is CUT:
            continue
        cuts = rule.rules if isinstance(rule, Pullbacks) else (None,) * len(op.operands)
        reached.update(v for v, cut in zip(op.operands, cuts, strict=False) if cut is not CUT)
        for region in op.regions:
            reached.update(free_values(region))
    return reached


def _result(
    walk: Backward, x: Value, connected: bool, unconnected: UnconnectedGradients, trace: Trace
) -> Tensor | None:
    ct = walk.cts.get(x)
    if ct is not None:
        return strong(ct, x.type)
    if unconnected is UnconnectedGradients.ZERO or (connected and carries_derivative(x.type)):
        zeros: Tensor = apply("zeros_like", Tensor(x, trace))
        return zeros
    return None


def _refuse_earlier_iterations(trace: Trace, reached: set[Value], xs: Sequence[Value]) -> None:
    """A derivative inside a loop must not have to go through the loop's own earlier iterations."""
    for region in region_chain(trace.region)[:-1]:
        if all(region.encloses(region_of(x)) for x in xs):
            continue  # each x is this iteration's own value
        for param in region.params:
            if param in reached and param not in xs and carries_derivative(param.type):
                raise located(
                    Unstageable,
                    "this derivative would go through earlier iterations of the loop, by "
                    f"'{param.name}'",
                    hint="differentiate the whole loop, list the variable in stop_gradients, or "
                    "unroll the loop with graphc.unroll",
                )


__all__ = ["AggregationMethod", "UnconnectedGradients", "gradients"]
