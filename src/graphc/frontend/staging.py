"""Staging: tracing branches and loop bodies into regions, and merging what they did.

A branch or body is an ordinary Python function of the state (`docs/forms.md`); tracing it means calling
it with the current region switched. What it changed is what it returns, plus every handle it moved
(in-place writes, variable assignment): both become results and carries alike.

Loops are traced until the types of their carries no longer change (`join`), each attempt in a fresh
region; an attempt leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphc import tree
from graphc.errors import GraphcError, StagingError, TensorValueError
from graphc.frontend.merging import (
    UnboundName,
    align,
    different_objects,
    different_structures,
    is_stageable,
    join_types,
    leaf_names,
    leaf_value,
    same_static,
    wrap,
)
from graphc.ir.core import Op, Region, Value, region_of
from graphc.ir.types import NOTHING, Array, Nothing, Type
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.control import ambiguous_truth, is_scalar_like
from graphc.ops.static import UNKNOWN, try_static
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located

BRANCHES = ("where the condition is true", "where it is false")
ITERATIONS = ("before an iteration", "after it")
MAX_ATTEMPTS = 12
T = TypeVar("T")
NEVER = object()  # what tracing an arm that always raises returns


class StagedRaise(Exception):
    """Leaves the tracing of an arm after its `raise` op: what follows in the arm cannot run."""


def truth(t: Any) -> Any:
    """A test as Python wants it: a bool where it is known now, else a traced Python bool."""
    if not isinstance(t, Tensor):
        return bool(t)
    t = t.in_trace()
    if not t.is_traced:
        return bool(t)
    known = try_static(t._data)
    if known is not UNKNOWN:
        return bool(known)
    kind = t.type
    if isinstance(kind, Array):
        if not is_scalar_like(kind.shape):
            raise located(
                TensorValueError, str(ambiguous_truth()), hint="say which with .any() or .all()"
            )
        if kind.dtype.kind == "b" and kind.weak:
            return t
    return apply("truth", t)


# -- tracing a region ------------------------------------------------------------------------------


class HandleMap(MutableMapping[Tensor, T]):
    """A mapping keyed by handles themselves: the hash of a traced tensor would be its value's."""

    def __init__(self, items: Iterable[tuple[Tensor, T]] = ()) -> None:
        self._items = {id(handle): (handle, item) for handle, item in items}

    def __getitem__(self, handle: Tensor) -> T:
        return self._items[id(handle)][1]

    def __setitem__(self, handle: Tensor, item: T) -> None:
        self._items[id(handle)] = (handle, item)

    def __delitem__(self, handle: Tensor) -> None:
        del self._items[id(handle)]

    def __iter__(self) -> Iterator[Tensor]:
        return (handle for handle, _ in self._items.values())

    def __contains__(self, handle: object) -> bool:
        return id(handle) in self._items

    def __len__(self) -> int:
        return len(self._items)


@dataclass
class Traced:
    """What tracing one arm or body gave: its region, what it returned, and the handles it moved."""

    region: Region
    output: Any
    moved: HandleMap[Value] = field(default_factory=lambda: HandleMap())

    @property
    def never(self) -> bool:
        return self.output is NEVER


def trace_region(
    trace: Trace,
    run: Callable[[], Any],
    region: Region | None = None,
    carried: Iterable[Tensor] = (),
) -> Traced:
    """Run `run` with ops going to a fresh region; handles it moved are put back and reported.

    Handles made inside are nobody's business outside; `carried` ones come from outside, though they
    stand at a parameter of the region.
    """
    region = Region() if region is None else region
    mark = len(trace.moves)
    try:
        with trace.inside(region):
            output = run_or_raise(trace, run)
    except StagedRaise:
        output = NEVER
        region.never = True
    moved = _moved_since(trace, mark, region, {id(handle) for handle in carried})
    return Traced(region, output, moved)


def run_or_raise(trace: Trace, run: Callable[[], Any]) -> Any:
    """`run()`; an exception of the user's own becomes a `raise` op, and then StagedRaise.

    Whatever Python raises while a region is traced (a division of known numbers by zero, a name
    that is unbound), it would raise each time that region runs, and only then.
    """
    try:
        return run()
    except (GraphcError, StagedRaise, RecursionError):
        raise
    except Exception as error:
        if any("Tensor" in str(arg) for arg in error.args):
            raise  # Python met a tensor where a number would have done
        trace.emit("raise", [], {"kind": type(error), "args": error.args})
        raise StagedRaise from error


def _moved_since(
    trace: Trace, mark: int, region: Region, carried: set[int]
) -> HandleMap[Value]:
    """The handles from outside `region` moved since `mark`, with where they went; all put back."""
    moved: HandleMap[Value] = HandleMap()
    for handle, old in reversed(trace.moves[mark:]):
        moved.setdefault(handle, handle._data)
        handle._data = old
    del trace.moves[mark:]
    return HandleMap(
        (handle, new)
        for handle, new in reversed(list(moved.items()))
        if new is not handle._data and (id(handle) in carried or not _inside(region, handle._data))
    )


def _inside(region: Region, value: Value) -> bool:
    home = region_of(value)
    return home is not None and region.encloses(home)


@contextmanager
def rollback(trace: Trace) -> Iterator[None]:
    """An attempt: on an error, the current region and all handles are as before."""
    region, n_ops, n_moves = trace.region, len(trace.region.ops), len(trace.moves)
    try:
        yield
    except BaseException:
        trace.region = region
        put_back(trace, n_ops, n_moves)
        raise


def put_back(trace: Trace, n_ops: int, n_moves: int) -> None:
    """Drop what was appended to the current region, and undo moves, since these marks."""
    for handle, old in reversed(trace.moves[n_moves:]):
        handle._data = old
    del trace.moves[n_moves:]
    del trace.region.ops[n_ops:]


# -- if ------------------------------------------------------------------------------------------


def stage_if(
    trace: Trace,
    test: Tensor,
    arms: tuple[Callable[..., Any], Callable[..., Any]],
    state: tuple[Any, ...],
    names: tuple[str, ...],
) -> tuple[Any, ...]:
    """Trace both arms; returns the merged state. Raises StagedRaise where both arms raise."""
    traced = [trace_region(trace, lambda arm=arm: arm(*state)) for arm in arms]
    merge = BranchMerge(trace, traced)
    if traced[0].never and traced[1].never:
        merge.emit(test)
        raise StagedRaise
    outputs = merge.merge_names(names)
    handles = merge.merge_handles()
    op = merge.emit(test)
    for handle, index in handles:
        handle.move(op.results[index])
    return tuple(merge.rebuild(op, *output) for output in outputs)


class BranchMerge:
    """Collects, leaf by leaf, what an `if` op must yield."""

    def __init__(self, trace: Trace, traced: list[Traced]) -> None:
        self.trace = trace
        self.traced = traced
        self.types: list[Type] = []
        self.names: list[str] = []

    def merge_names(self, names: tuple[str, ...]) -> list[tuple[Any, list[Any]]]:
        """For each name, its structure and its leaves: a Python object, or a result's index."""
        a, b = self.traced
        if a.never or b.never:
            # The other arm decides alone; its tensors must still leave its region.
            outputs_a = outputs_b = b.output if a.never else a.output
        else:
            outputs_a, outputs_b = a.output, b.output
        merged = []
        for name, x, y in zip(names, outputs_a, outputs_b, strict=True):
            leaves_a, leaves_b, structure = align(name, x, y, BRANCHES)
            slots = leaf_names([name], [structure])
            leaves = [
                self.merge_leaf(slot, *pair)
                for slot, *pair in zip(slots, leaves_a, leaves_b, strict=True)
            ]
            merged.append((structure, leaves))
        return merged

    def merge_leaf(self, name: str, a: Any, b: Any) -> Any:
        escapes = isinstance(a, Tensor) and any(
            _inside(t.region, a._data) for t in self.traced if a.is_traced
        )
        if same_static(a, b) and not escapes:
            return a
        if not (is_stageable(a) and is_stageable(b)):
            raise different_objects(name, a, b, BRANCHES)
        return Slot(self.add_result(name, a, b))

    def add_result(self, name: str, a: Any, b: Any) -> int:
        types = []
        for traced, leaf in zip(self.traced, (a, b), strict=True):
            if traced.never:
                continue
            with self.trace.inside(traced.region):
                value = leaf_value(leaf, self.trace)
                self.trace.check_visible(value)
            traced.region.results.append(value)
            types.append(value.type)
        self.types.append(types[0] if len(types) == 1 else join_types(name, *types, BRANCHES))
        self.names.append(name)
        return len(self.types) - 1

    def merge_handles(self) -> list[tuple[Tensor, int]]:
        """Handles moved in either arm, each with the index of the result it moves to."""
        a, b = self.traced
        handles = HandleMap((handle, None) for handle in [*a.moved, *b.moved])
        return [
            (h, self.add_result(h._data.name, *(_moved_to(t, h, self.trace) for t in self.traced)))
            for h in handles
        ]

    def emit(self, test: Tensor) -> Op:
        regions = [t.region for t in self.traced]
        op = self.trace.emit("if", [test._data], {}, regions, self.types)
        for result, name in zip(op.results, self.names, strict=True):
            result.name = name
        return op

    def rebuild(self, op: Op, structure: Any, leaves: list[Any]) -> Any:
        return tree.unflatten(
            structure,
            [
                wrap(op.results[leaf.index], self.trace, "") if isinstance(leaf, Slot) else leaf
                for leaf in leaves
            ],
        )


@dataclass(frozen=True)
class Slot:
    """A leaf that an op's result stands for."""

    index: int


def _moved_to(traced: Traced, handle: Tensor, trace: Trace) -> Tensor:
    return Tensor(traced.moved.get(handle, handle._data), trace)


# -- loops ---------------------------------------------------------------------------------------


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
    handles: HandleMap[Type] = field(default_factory=lambda: HandleMap())

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
        if traced.never:
            return _raising_loop(plan, state)
        if not _widen(plan, traced):
            return _finish(plan, traced, params)
    raise located(
        StagingError, f"the types of {', '.join(names)} do not settle: each iteration changes them"
    )


def _initial_plan(
    trace: Trace, test: Any, body: Any, state: tuple[Any, ...], names: Any, source: Any, strict: bool
) -> LoopPlan:
    structures, leaves = [], []
    for item in state:
        found, structure = tree.flatten(item)
        structures.append(structure)
        leaves += found
    types = [_leaf_type(leaf, trace) for leaf in leaves]
    return LoopPlan(trace, test, body, names, source, strict, structures, leaves, types)


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
        arguments = state if plan.source is None else (plan.source.build(tensors), *state)
        return plan.body(*arguments)

    with _handles_at(plan, params):
        return trace_region(plan.trace, run, region, plan.handles), params


def _enter(plan: LoopPlan, region: Region) -> tuple[tuple[Any, ...], list[Value]]:
    """The state at the head of an iteration: parameters of `region` for what is carried."""
    names = leaf_names(plan.names, plan.structures)
    leaves, params = list(plan.leaves), []
    for i in plan.staged:
        kind = plan.types[i]
        assert kind is not None
        param = region.add_param(kind, names[i])
        params.append(param)
        leaves[i] = Tensor(param, plan.trace)
    for handle, kind in plan.handles.items():
        params.append(region.add_param(kind, handle._data.name))
    return _rebuild(plan, leaves), params


def _rebuild(plan: LoopPlan, leaves: list[Any]) -> tuple[Any, ...]:
    left = iter(leaves)
    return tuple(tree.unflatten(s, [next(left) for _ in tree.paths(s, "")]) for s in plan.structures)


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
    changed = _adapt_structures(plan, traced.output)
    if changed:
        return True
    new_leaves = [leaf for item in traced.output for leaf in tree.flatten(item)[0]]
    names = leaf_names(plan.names, plan.structures)
    for i, (name, old, new) in enumerate(zip(names, plan.leaves, new_leaves, strict=True)):
        changed |= _widen_leaf(plan, traced.region, i, name, old, new)
    for handle, value in traced.moved.items():
        old_type = plan.handles.get(handle)
        name = handle._data.name or "array"
        joined = join_types(name, old_type or handle._data.type, value.type, ITERATIONS)
        changed |= joined != old_type
        plan.handles[handle] = joined
    return changed


def _widen_leaf(plan: LoopPlan, region: Region, i: int, name: str, old: Any, new: Any) -> bool:
    kind = plan.types[i]
    if kind is None or not is_stageable(new):
        if same_static(old, new):
            return False
        raise different_objects(name, old, new, ITERATIONS)
    if isinstance(kind, Nothing) and same_static(old, new):
        return False
    with plan.trace.inside(region):
        new_type = leaf_value(new, plan.trace).type
    joined = join_types(name, kind, new_type, ITERATIONS)
    if joined == kind:
        return False
    if plan.strict and not _is_number_change(kind, joined):
        raise Unstageable(f"'{name}' changes from {kind} to {joined}")
    plan.types[i] = joined
    return True


def _is_number_change(a: Type, b: Type) -> bool:
    return isinstance(a, Array) and isinstance(b, Array) and a.weak and b.weak


def _adapt_structures(plan: LoopPlan, output: tuple[Any, ...]) -> bool:
    """Let names that were unbound before the loop take the structure the body gives them."""
    changed = False
    for n, (name, item) in enumerate(zip(plan.names, output, strict=True)):
        old, (leaves, new) = plan.structures[n], tree.flatten(item)
        if old == new:
            continue
        start = sum(len(tree.paths(s, "")) for s in plan.structures[:n])
        if old != tree.LEAF or not isinstance(plan.leaves[start], UnboundName):
            raise different_structures(name, old, new, ITERATIONS)
        plan.structures[n] = new
        plan.leaves[start : start + 1] = [UnboundName(name)] * len(leaves)
        plan.types[start : start + 1] = [NOTHING if is_stageable(leaf) else None for leaf in leaves]
        changed = True
    return changed


def _finish(plan: LoopPlan, traced: Traced, params: list[Value]) -> tuple[Any, ...]:
    """Yield the carries, trace the test, emit the op, and rebuild the state from its results."""
    trace, body = plan.trace, traced.region
    new_leaves = [leaf for item in traced.output for leaf in tree.flatten(item)[0]]
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
        leaves[i] = Tensor(result, trace)
    for handle, result in zip(plan.handles, op.results[len(plan.staged) :], strict=True):
        handle.move(result)
    return _rebuild(plan, leaves)


def _trace_test(plan: LoopPlan) -> Region:
    assert plan.test is not None
    region = Region()
    state, params = _enter(plan, region)
    test = plan.test
    with _handles_at(plan, params):
        traced = trace_region(plan.trace, lambda: truth(test(*state)), region, plan.handles)
    if traced.moved or traced.never:
        raise located(
            StagingError,
            "the test of this loop changes a tensor or raises",
            hint="do that in the loop's body",
        )
    with plan.trace.inside(region):
        region.results.append(leaf_value(traced.output, plan.trace))
    return region


def _raising_loop(plan: LoopPlan, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """A loop whose body always raises is an `if` whose arm does."""
    if plan.test is None or plan.source is not None:
        raise located(
            StagingError,
            "the body of this loop raises in its first iteration, whatever the data",
            hint="test before the loop whether there is anything to iterate over, and raise there",
        )
    test = truth(plan.test(*state))
    body = plan.body
    return stage_if(plan.trace, test, (body, lambda *s: s), state, plan.names)


def speculate(trace: Trace, run: Callable[[], Any]) -> Any:
    """Try to stage a loop that could be unrolled; UNKNOWN where unrolling must do."""
    if not trace.speculative:
        return UNKNOWN
    try:
        with rollback(trace):
            return run()
    except (GraphcError, TypeError, ValueError, LookupError):
        return UNKNOWN

