"""Loops: tracing a body until the types of what it carries settle (`join`), each attempt in a fresh
region; an attempt leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import StagingError
from graphc.frontend.branches import has_names, stage_if
from graphc.frontend.choices import note_choice
from graphc.frontend.convert import names_of_results
from graphc.frontend.loop_plan import LoopPlan, LoopSource, leaf_type
from graphc.frontend.merging import (
    leaf_names,
    leaf_value,
    rebuild,
)
from graphc.frontend.places import assign
from graphc.frontend.regions import (
    PlaceMap,
    Traced,
    Undecided,
    at_end,
    run_or_raise,
    trace_region,
    truth,
)
from graphc.frontend.widening import (
    as_carried,
    came_from_names,
    is_exposed,
    output_leaves,
    widen,
)
from graphc.ir.core import Region, Value
from graphc.ir.types import Sequence as SequenceType
from graphc.ir.types import strip_maybe
from graphc.ops import links, views
from graphc.ops.lists import item_of, lend
from graphc.ops.python_types import is_zero_d
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located

MAX_ATTEMPTS = 12


def stage_loop(
    trace: Trace,
    test: Callable[..., Any] | None,
    body: Callable[..., Any],
    state: tuple[Any, ...],
    names: tuple[str, ...],
    source: LoopSource | None = None,
    strict: bool = False,
) -> tuple[Any, ...]:
    """Trace a loop into a `loop` op; returns the state after it."""
    plan = _initial_plan(trace, test, body, state, names, source, strict)
    for _ in range(MAX_ATTEMPTS):
        traced, params = _trace_body(plan)
        if traced.undecided:
            return state  # as if nothing were iterated over: what that gives will decide
        if traced.never:
            return _raising_loop(plan, state)
        if not widen(plan, traced):
            return _finish(plan, traced, params)
    raise located(
        StagingError, f"the types of {', '.join(names)} do not settle: each iteration changes them"
    )


def _initial_plan(
    trace: Trace,
    test: Any,
    body: Any,
    state: tuple[Any, ...],
    names: Any,
    source: Any,
    strict: bool,
) -> LoopPlan:
    structures, leaves = [], []
    for item in state:
        found, structure = tree.flatten(item)
        structures.append(structure)
        leaves += found
    types = [leaf_type(leaf, trace) for leaf in leaves]
    plan = LoopPlan(trace, test, body, names, source, strict, structures, leaves, types)
    plan.initial = state
    return plan


def _trace_body(plan: LoopPlan) -> tuple[Traced, list[Value]]:
    region = Region()
    state, params = _enter(plan, region)
    items = []
    if plan.source is not None:
        for seq in plan.source.sequences:
            assert isinstance(seq.type, SequenceType)
            items.append(region.add_param(seq.type.elem, plan.source.name))
    tensors = [Tensor(item, plan.trace) for item in items]

    def run() -> Any:
        own = _assign_places(plan, state)
        return (
            plan.body(*own) if plan.source is None else plan.body(plan.source.build(tensors), *own)
        )

    with _handles_at(plan, params):
        traced = trace_region(plan.trace, run, region, [*plan.handles, *plan.places])
    if not traced.never:
        plan.bound = traced.output
        traced.output = tuple(at_end(traced, item) for item in traced.output)
        traced.output = (*traced.output, *(traced.moved.pop(p, p.get()) for p in plan.places))
        traced.output = tuple(as_carried(plan, n, item) for n, item in enumerate(traced.output))
    return traced, params


def _assign_places(plan: LoopPlan, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put the carried places' state where it belongs; returns the state of the names."""
    own = len(state) - len(plan.places)
    for place, value in zip(plan.places, state[own:], strict=True):
        assign(plan.trace, place, value)
    return state[:own]


def _enter(plan: LoopPlan, region: Region) -> tuple[tuple[Any, ...], list[Value]]:
    """The state at the head of an iteration: parameters of `region` for what is carried."""
    names = leaf_names(plan.names, plan.structures)
    leaves, params = list(plan.leaves), []
    for i in plan.staged:
        kind = plan.types[i]
        assert kind is not None
        param = region.add_param(kind, names[i])
        params.append(param)
        with plan.trace.inside(region):  # a list belongs to the iteration
            leaves[i] = item_of(Tensor(param, plan.trace))
        if _is_zero_d(plan.leaves[i], plan.trace):
            plan.trace.zero_d.add(param)
    for handle, kind in plan.handles.items():
        params.append(region.add_param(kind, handle._data.name))
    plan.inner = leaves
    with plan.trace.inside(region):
        plan.inner_state = _lent(plan, _rebuild(plan, leaves))
    for made, original in zip(plan.inner_state, plan.initial, strict=False):
        # known to the tuple of the loop's state, and by the name that is carried
        note_choice(plan.trace, made, [original], known_by=2)
    return plan.inner_state, params


def _is_zero_d(leaf: Any, trace: Trace) -> bool:
    return isinstance(leaf, Tensor) and leaf.is_traced and is_zero_d(leaf._data, trace)


def _rebuild(plan: LoopPlan, leaves: list[Any]) -> tuple[Any, ...]:
    left = iter(leaves)
    return tuple(
        rebuild(s, [next(left) for _ in range(tree.count(s))], plan.trace) for s in plan.structures
    )


def _lent(plan: LoopPlan, state: tuple[Any, ...]) -> tuple[Any, ...]:
    for n in plan.lent:
        lend(state[n])
    return state


@contextmanager
def _handles_at(plan: LoopPlan, params: list[Value]) -> Iterator[None]:
    """Carried handles stand at their parameters while an iteration is traced."""
    outside = [handle._data for handle in plan.handles]
    inside = params[len(params) - len(outside) :]
    for handle, param in zip(plan.handles, inside, strict=True):
        handle._data = param
    try:
        yield
    finally:
        for handle, data in zip(plan.handles, outside, strict=True):
            handle._data = data


def _finish(plan: LoopPlan, traced: Traced, params: list[Value]) -> tuple[Any, ...]:
    """Yield the carries, trace the test, emit the op, and rebuild the state from its results."""
    trace, body = plan.trace, traced.region
    new_leaves = output_leaves(plan, traced)
    _check_aliases(plan, new_leaves)
    own = params[len(plan.staged) :]
    ends = PlaceMap(
        (handle, traced.moved.get(handle, param))
        for handle, param in zip(plan.handles, own, strict=True)
    )
    with trace.inside(body):
        for i in plan.staged:
            new = new_leaves[i]
            at_end = ends.get(new) if isinstance(new, Tensor) else None
            value = leaf_value(new, trace) if at_end is None else at_end
            trace.check_visible(value)
            body.results.append(value)
    body.results += ends.values()
    regions = [body]
    if plan.test is not None:
        regions.append(_trace_test(plan))
    inits = [leaf_value(plan.leaves[i], trace) for i in plan.staged]
    inits += [handle._data for handle in plan.handles]
    sequences = [] if plan.source is None else plan.source.sequences
    types = [param.type for param in params]
    attrs = {"carry": len(inits), "reverse": False}
    op = trace.emit("loop", [*inits, *sequences], attrs, regions, types)
    for result, param in zip(op.results, params, strict=True):
        result.name = param.name
    leaves = list(plan.leaves)
    for i, result in zip(plan.staged, op.results, strict=False):
        same = new_leaves[i] is plan.inner[i] and isinstance(leaves[i], Tensor)
        if not same:
            leaves[i] = item_of(Tensor(result, trace))
            _note_other_names(plan, i, leaves[i], new_leaves)
    for handle, result in zip(plan.handles, op.results[len(plan.staged) :], strict=True):
        handle.move(result)
    state = _lent(plan, _rebuild(plan, leaves))
    for made, original in zip(state, plan.initial, strict=False):
        note_choice(trace, made, [original])
    return _assign_places(plan, state)


def _check_aliases(plan: LoopPlan, new_leaves: list[Any]) -> None:
    """Refuse a name that the body binds to an array which later iterations change in place.

    The name is carried as a value, and would not see the change. What is returned may be such an
    array: no iteration comes after that.
    """
    names = leaf_names(plan.names, plan.structures)
    results = names_of_results(plan.body)
    changed = {id(place.owner) for place in plan.places if place.kind != "attribute"}
    for variable, item in zip(plan.names, plan.bound, strict=False):
        if variable not in results and not changed.isdisjoint(tree.container_ids(item)):
            raise located(
                Unstageable,
                f"'{variable}' is bound in a loop to a list or dict that other iterations change",
                hint="bind it to a copy: x.copy()",
            )
    for i in plan.staged:
        new, name = new_leaves[i], names[i]
        if not isinstance(new, Tensor) or new is plan.inner[i]:
            continue
        is_shared = any(handle in plan.handles for handle in links.related(new))
        if _is_written(plan.inner[i]):
            is_shared = is_shared or any(map(links.is_open, links.related(new)))
        if is_shared and not _is_result(plan, i):
            raise located(
                Unstageable,
                f"'{name}' is bound in a loop to an array that other iterations change in place",
                hint="bind it to a copy: x.copy()",
            )


def _is_result(plan: LoopPlan, i: int) -> bool:
    """Whether a leaf is, or is in, what an early return sets."""
    counts = zip(plan.names, plan.structures, strict=False)
    variables = [name for name, structure in counts for _ in range(tree.count(structure))]
    return variables[i] in names_of_results(plan.body)


def _is_written(inner: Any) -> bool:
    """Whether an iteration changes in place an array that it gets."""
    if not isinstance(inner, Tensor) or not getattr(strip_maybe(inner.type), "shape", ()):
        return False
    return not isinstance(inner._data.owner, Region)


def _note_other_names(plan: LoopPlan, i: int, result: Any, new_leaves: list[Any]) -> None:
    """A carried name may still stand for an outside array: where nothing was iterated over, or
    where the body binds it to one. Writing to it then would have to reach that array.
    """
    if not isinstance(result, Tensor) or not has_names(result, _is_result(plan, i)):
        return
    before, came_from = [plan.leaves[i]], came_from_names(plan, i, new_leaves)
    if plan.always_runs and i not in came_from:
        before = []
    before += [plan.leaves[j] for j in came_from]
    shared = [h for h in _related(plan.trace, before) if is_exposed(plan.trace, h)]
    ends = [new_leaves[j] for j in (i, *came_from)]
    views.uncertain(result, [*shared, *_related(plan.trace, ends)])


def _related(trace: Trace, arrays: list[Any]) -> list[Tensor]:
    """The handles from outside a loop that may share memory with these arrays."""
    handles = [views.handle_of(x, trace) for x in arrays if isinstance(x, Tensor | np.ndarray)]
    related = [x for handle in handles for x in links.related(handle)]
    return [x for x in related if links.is_open(x)]


def _trace_test(plan: LoopPlan) -> Region:
    assert plan.test is not None
    region, inner, test = Region(), plan.inner, plan.test
    state, params = _enter(plan, region)
    plan.inner = inner
    with _handles_at(plan, params):
        traced = trace_region(
            plan.trace, lambda: truth(test(*_assign_places(plan, state))), region, plan.handles
        )
    if traced.undecided:
        raise Undecided
    if traced.never or any(place not in plan.places for place in traced.moved):
        raise located(
            StagingError,
            "the test of this loop changes a tensor or raises",
            hint="do that in the loop's body",
        )
    with plan.trace.inside(region):
        region.results.append(leaf_value(traced.output, plan.trace))
    return region


def _raising_loop(plan: LoopPlan, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """A loop whose body always raises is an `if` whose arm does: the first iteration is
    the last.
    """
    names = plan.names[: len(state)]

    def first(*own: Any) -> Any:
        assert plan.source is not None
        items = [apply("seq_getitem", Tensor(x, plan.trace), 0) for x in plan.source.sequences]
        return plan.body(plan.source.build(items), *own)

    def only_if(test: Any, run: Callable[..., Any]) -> Callable[..., Any]:
        if not isinstance(test, Tensor):
            return run if test else lambda *own: own
        return lambda *own: stage_if(plan.trace, test, (run, lambda *s: s), own, names)

    run = plan.body if plan.source is None else first
    for sequence in [] if plan.source is None else plan.source.sequences:
        count = apply("seq_len", Tensor(sequence, plan.trace))
        run = only_if(truth(apply("gt", count, 0)), run)
    if plan.test is not None:
        run = only_if(truth(plan.test(*state)), run)
    result: tuple[Any, ...] = run_or_raise(plan.trace, lambda: run(*state))
    return result
