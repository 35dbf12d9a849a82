"""Loops: tracing a body until the types of what it carries settle (`join`), each attempt in a fresh
region; an attempt leaves nothing behind.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import StagingError
from graphc.frontend.branches import stage_if
from graphc.frontend.choices import note_choice
from graphc.frontend.merging import (
    LostName,
    UnboundName,
    different_objects,
    different_structures,
    is_stageable,
    join_types,
    leaf_names,
    leaf_value,
    lost_name,
    made_in,
    rebuild,
    same_static,
)
from graphc.frontend.places import ObjectPlace, assign, is_contents, label_of
from graphc.frontend.regions import PlaceMap, Traced, Undecided, trace_region, truth
from graphc.ir.core import Op, Region, Value
from graphc.ir.types import NOTHING, PYBOOL, Array, Maybe, Nothing, Type
from graphc.ir.types import Sequence as SequenceType
from graphc.ops import views
from graphc.ops.lists import TracedList, as_sequence, held, item_of
from graphc.ops.sequences import static_length
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located

ITERATIONS = ("before an iteration", "after it")
MAX_ATTEMPTS = 12


@dataclass
class LoopSource:
    """What a for-loop consumes: sequences, and how an iteration's items make its Python item."""

    sequences: list[Value]
    build: Callable[[list[Tensor]], Any]
    name: str = "item"


@dataclass
class LoopPlan:
    """One staged loop: what to call, and the current guess of what its iterations carry."""

    trace: Trace
    test: Callable[..., Any] | None
    body: Callable[..., Any]
    names: tuple[str, ...]
    source: LoopSource | None
    strict: bool  # unrolling is possible: give up where a carry's type changes
    structures: list[Any]
    leaves: list[Any]
    types: list[Type | None]  # None: not stageable, must stay the same object
    handles: Any = field(default_factory=PlaceMap)  # the tensors carried in place, with types
    places: list[ObjectPlace] = field(
        default_factory=list
    )  # carried behind the names, as names are
    inner: list[Any] = field(default_factory=list)  # the leaves as the body got them
    inner_state: tuple[Any, ...] = ()
    initial: tuple[Any, ...] = ()  # the names' objects before the loop

    @property
    def always_runs(self) -> bool:
        """Whether the first iteration is sure to be run."""
        if self.test is not None or self.source is None:
            return False
        return all(static_length(seq) for seq in self.source.sequences)

    @property
    def staged(self) -> list[int]:
        return [i for i, t in enumerate(self.types) if t is not None and t != NOTHING]


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
        if not _widen(plan, traced):
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
    types = [_leaf_type(leaf, trace) for leaf in leaves]
    plan = LoopPlan(trace, test, body, names, source, strict, structures, leaves, types)
    plan.initial = state
    return plan


def _leaf_type(leaf: Any, trace: Trace) -> Type | None:
    return leaf_value(leaf, trace).type if is_stageable(leaf) else None


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
        traced.output = (*traced.output, *(traced.moved.pop(p, p.get()) for p in plan.places))
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
        leaves[i] = item_of(Tensor(param, plan.trace))
    for handle, kind in plan.handles.items():
        params.append(region.add_param(kind, handle._data.name))
    plan.inner = leaves
    with plan.trace.inside(region):
        plan.inner_state = _rebuild(plan, leaves)
    for made, original in zip(plan.inner_state, plan.initial, strict=False):
        # known to the tuple of the loop's state, and by the name that is carried
        note_choice(plan.trace, made, [original], known_by=2)
    return plan.inner_state, params


def _rebuild(plan: LoopPlan, leaves: list[Any]) -> tuple[Any, ...]:
    left = iter(leaves)
    return tuple(
        rebuild(s, [next(left) for _ in range(tree.count(s))], plan.trace) for s in plan.structures
    )


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


def _widen(plan: LoopPlan, traced: Traced) -> bool:
    """Join the carries' types with those after the iteration; whether anything changed."""
    if _lose_names(plan, traced.output):
        return True
    if _adapt_structures(plan, _kept(plan, traced.output), traced.region):
        return True
    changed = False
    new_leaves = _output_leaves(plan, traced)
    _refuse_changed_objects(plan)
    names = leaf_names(plan.names, plan.structures)
    for i, (name, old, new) in enumerate(zip(names, plan.leaves, new_leaves, strict=True)):
        changed |= _widen_leaf(plan, traced.region, i, name, old, new)
    for place, new in traced.moved.items():
        if isinstance(place, Tensor):
            changed |= _widen_handle(plan, place, new)
        else:
            _carry_place(plan, place)
            changed = True
    return changed


def _widen_handle(plan: LoopPlan, handle: Tensor, new: Value) -> bool:
    _check_not_iterated(plan, handle)
    old = plan.handles.get(handle)
    joined = join_types(label_of(handle), old or handle._data.type, new.type, ITERATIONS)
    plan.handles[handle] = joined
    return joined != old


def _check_not_iterated(plan: LoopPlan, handle: Tensor) -> None:
    """Refuse to change the array that a staged loop goes over: Python reads items as it goes."""
    for sequence in [] if plan.source is None else plan.source.sequences:
        value = sequence
        while isinstance(value.owner, Op) and value.owner.name in ("rows", *views.WRITE_BACK):
            value = value.owner.operands[0]
            if value is handle._data:
                name = label_of(handle)
                raise located(
                    Unstageable,
                    f"'{name}' is changed in place while a staged loop goes over it",
                    hint=f"loop over a copy: for … in {name}.copy(), or over indices",
                )


def _carry_place(plan: LoopPlan, place: ObjectPlace) -> None:
    """An attribute or item that the body assigns is carried like a name."""
    leaves, structure = tree.flatten(place.get())
    plan.places.append(place)
    plan.names = (*plan.names, place.label)
    plan.structures.append(structure)
    plan.leaves += leaves
    plan.types += [_leaf_type(leaf, plan.trace) for leaf in leaves]


def _widen_leaf(plan: LoopPlan, region: Region, i: int, name: str, old: Any, new: Any) -> bool:
    kind = plan.types[i]
    if kind is not None and _changed_in_place(plan, i, name, new):
        plan.types[i] = None  # the handle itself goes in, and is carried as a handle
        return True
    if kind is None or not is_stageable(new):
        if same_static(old, new):
            return False
        raise different_objects(name, old, new, ITERATIONS)
    if isinstance(kind, Nothing) and same_static(old, new):
        return False
    with plan.trace.inside(region):
        new_type = leaf_value(new, plan.trace).type
    joined = join_types(name, kind, new_type, ITERATIONS)
    if isinstance(joined, Nothing):
        joined = Maybe(PYBOOL)  # unbound before, None after: of no type, but not the same
    if joined == kind:
        return False
    if plan.strict and not _is_number_change(kind, joined):
        raise Unstageable(f"'{name}' changes from {kind} to {joined}")
    plan.types[i] = joined
    return True


def _changed_in_place(plan: LoopPlan, i: int, name: str, new: Any) -> bool:
    """Whether a name's array was changed in place and not bound anew.

    Whoever else knows the array sees the change, so its own handle must be carried. Both at once
    cannot be staged where the array is known outside: the first iteration alone would change it.
    """
    outer, inner = plan.leaves[i], plan.inner[i]
    if not isinstance(outer, Tensor) or not isinstance(inner, Tensor) or inner is outer:
        return False
    moved = not isinstance(inner._data.owner, Region)
    if moved:
        _check_not_iterated(plan, outer)
    if moved and new is not inner and is_exposed(plan.trace, outer):
        raise located(
            Unstageable,
            f"'{name}' is changed in place and then bound to another array, in a loop",
            hint=f"copy it before the loop: {name} = {name}.copy()",
        )
    return moved and new is inner


def is_exposed(trace: Trace, handle: Tensor) -> bool:
    """Whether a handle stands for an argument's or another outside array."""
    outside = [*trace.arguments, *(entry.handle for entry in trace.externals.values())]
    return any(each is handle for each in outside)


def _is_number_change(a: Type, b: Type) -> bool:
    return isinstance(a, Array) and isinstance(b, Array) and a.weak and b.weak


def _lose_names(plan: LoopPlan, output: tuple[Any, ...]) -> bool:
    """Give up names that were unbound before the loop and are objects after it (`LostName`)."""
    changed = False
    for start, structure, name, item in zip(
        _starts(plan), plan.structures, plan.names, output, strict=True
    ):
        if structure != tree.LEAF or isinstance(plan.leaves[start], LostName):
            continue
        lost = lost_name(name, plan.leaves[start], item)
        if lost is not None:
            plan.leaves[start], plan.types[start] = lost, None
            changed = True
    return changed


def _starts(plan: LoopPlan) -> list[int]:
    """Where the leaves of each name begin."""
    counts = [tree.count(structure) for structure in plan.structures]
    return [0, *itertools.accumulate(counts)][: len(counts)]


def _kept(plan: LoopPlan, output: tuple[Any, ...]) -> list[Any]:
    """What an iteration returns, without what is lost."""
    kept = []
    for start, structure, item in zip(_starts(plan), plan.structures, output, strict=True):
        leaf = plan.leaves[start] if structure == tree.LEAF else None
        kept.append(leaf if isinstance(leaf, LostName) else item)
    return kept


def _output_leaves(plan: LoopPlan, traced: Traced) -> list[Any]:
    """The leaves of what an iteration returned; objects that it made are taken apart."""
    is_object = made_in(plan.trace, traced.region)
    kept = _kept(plan, traced.output)
    return [leaf for item in kept for leaf in tree.flatten(item, is_object)[0]]


def _refuse_changed_objects(plan: LoopPlan) -> None:
    """An object carried as its attributes must not be changed: others may know the first one."""
    is_object = made_in(plan.trace, plan.trace.graph.region)
    for name, structure, item, start in zip(
        plan.names, plan.structures, plan.inner_state, _starts(plan), strict=True
    ):
        if not isinstance(structure, tree.Node) or not structure.is_object:
            continue
        leaves = tree.flatten(item, is_object)[0]
        given = plan.inner[start : start + len(leaves)]
        if len(leaves) != tree.count(structure) or any(map(operator.is_not, leaves, given)):
            raise located(
                Unstageable,
                f"the object '{name}' is changed in a loop that also binds the name to another one",
                hint="either change the object, or make a new one in each iteration",
            )


def _adapt_structures(plan: LoopPlan, output: Sequence[Any], region: Region) -> bool:
    """Let names that were unbound before the loop take the structure the body gives them."""
    changed = False
    for n, (name, item) in enumerate(zip(plan.names, output, strict=True)):
        old, (leaves, new) = plan.structures[n], tree.flatten(item, made_in(plan.trace, region))
        if old == new:
            continue
        start = _starts(plan)[n]
        if _becomes_sequence(plan, n, old, new):
            items = plan.leaves[start : start + tree.count(old)]
            sequence = as_sequence(held(items))
            with plan.trace.inside(region):
                grown = as_sequence(held(item))
            joined = join_types(name, sequence.type, grown.type, ITERATIONS)
            plan.structures[n] = tree.LEAF
            plan.leaves[start : start + len(items)] = [sequence]
            plan.types[start : start + len(items)] = [joined]
            changed = True
            continue
        if isinstance(new, tree.Node) and new.is_instance and old == tree.LEAF:
            is_object = made_in(plan.trace, plan.trace.graph.region)
            before, structure = tree.flatten(plan.leaves[start], is_object)
            if structure == new:
                plan.structures[n] = new
                plan.leaves[start : start + 1] = before
                plan.types[start : start + 1] = [_leaf_type(leaf, plan.trace) for leaf in before]
                changed = True
                continue
        if old != tree.LEAF or not isinstance(plan.leaves[start], UnboundName):
            raise different_structures(name, old, new, ITERATIONS)
        plan.structures[n] = new
        plan.leaves[start : start + 1] = [UnboundName(name)] * len(leaves)
        plan.types[start : start + 1] = [NOTHING if is_stageable(leaf) else None for leaf in leaves]
        changed = True
    return changed


def _becomes_sequence(plan: LoopPlan, n: int, old: Any, new: Any) -> bool:
    """Whether a list made while tracing, or a name for one, gets another length in an iteration."""
    if not isinstance(old, tree.Node) or old.kind is not list:
        return False
    if any(child != tree.LEAF for child in old.children):
        return False
    staged = new == tree.LEAF or (isinstance(new, tree.Node) and new.kind is list)
    owned = n < len(plan.names) - len(plan.places)
    if not owned:
        place = plan.places[n - len(plan.names)]
        owned = is_contents(place) and isinstance(place.owner, TracedList)
    if staged and owned and plan.strict:
        raise Unstageable(f"the list '{plan.names[n]}' changes its length")
    return staged and owned


def _finish(plan: LoopPlan, traced: Traced, params: list[Value]) -> tuple[Any, ...]:
    """Yield the carries, trace the test, emit the op, and rebuild the state from its results."""
    trace, body = plan.trace, traced.region
    new_leaves = _output_leaves(plan, traced)
    with trace.inside(body):
        for i in plan.staged:
            value = leaf_value(new_leaves[i], trace)
            trace.check_visible(value)
            body.results.append(value)
    own = params[len(plan.staged) :]
    for handle, param in zip(plan.handles, own, strict=True):
        body.results.append(traced.moved.get(handle, param))
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
    state = _rebuild(plan, leaves)
    for made, original in zip(state, plan.initial, strict=False):
        note_choice(trace, made, [original])
    return _assign_places(plan, state)


def _note_other_names(plan: LoopPlan, i: int, result: Any, new_leaves: list[Any]) -> None:
    """A carried name may still stand for an outside array: where nothing was iterated over, or
    where the body binds it to one. Writing to it then would have to reach that array.
    """
    if not isinstance(result, Tensor) or not getattr(result.type, "shape", ()):
        return
    before, came_from = [plan.leaves[i]], _came_from(plan, i, new_leaves)
    if plan.always_runs and i not in came_from:
        before = []
    before += [plan.leaves[j] for j in came_from]
    shared = [h for h in _related(plan.trace, before) if is_exposed(plan.trace, h)]
    ends = [new_leaves[j] for j in (i, *came_from)]
    views.uncertain(result, [*shared, *_related(plan.trace, ends)])


def _came_from(plan: LoopPlan, i: int, new_leaves: list[Any]) -> list[int]:
    """The carried names that a name may have been before: `a, b = b, a` makes it both."""
    found: list[int] = []
    todo = [i]
    while todo:
        new = new_leaves[todo.pop()]
        near = [j for j, inner in enumerate(plan.inner) if inner is new and j not in found]
        found += near
        todo += near
    return found


def _related(trace: Trace, arrays: list[Any]) -> list[Tensor]:
    """The handles from outside a loop that may share memory with these arrays."""
    handles = [views.handle_of(x, trace) for x in arrays if isinstance(x, Tensor | np.ndarray)]
    related = [x for handle in handles for x in views.related(handle)]
    return [x for x in related if views.is_open(x)]


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
    result: tuple[Any, ...] = run(*state)
    return result
