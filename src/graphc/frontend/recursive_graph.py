"""The graph of a recursive function: tracing it until its types settle, and calls of it (`recursion.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc import tree
from graphc.errors import StagingError
from graphc.frontend.activation import Activation, Recursion, Varies
from graphc.frontend.cells import CellPlace
from graphc.frontend.merging import (
    different_objects,
    different_structures,
    is_stageable,
    join_types,
    leaf_value,
    same_static,
    show,
)
from graphc.frontend.places import ObjectPlace, assign, label_of
from graphc.frontend.regions import (
    StagedRaise,
    Traced,
    Undecided,
    inside,
    rollback,
    trace_region,
)
from graphc.frontend.text import StagedText
from graphc.ir.core import Op, Region, Value, op_free_values
from graphc.ir.graph import Graph
from graphc.ir.types import NOTHING, Type
from graphc.ops import views
from graphc.ops.tensor import Tensor
from graphc.ops.trace import NeedsStatic, Trace
from graphc.source import Location, located

MAX_ATTEMPTS = 12
CALLS = ("in one call", "in a recursive call of it")
RETURNS = ("where it does not call itself", "where it does")


def define(mine: Activation) -> None:
    """Trace an activation as a graph, until the types of what goes in and comes out settle."""
    trace = mine.trace
    for _ in range(MAX_ATTEMPTS):
        try:
            traced, inner = _attempt(mine)
        except Recursion as recursion:
            if recursion.activation is not mine:
                raise
            mine.cells.restore()
            mine.types, mine.guess = recursion.types, None
            continue
        if traced.undecided and any(each.is_undecided for each in trace.calls[:-1]):
            raise Undecided
        if traced.never and not traced.undecided:
            return
        mine.never = traced.never
        if not traced.never and not _widen(mine, traced, inner):
            _yield(mine, traced, inner)
            return
    raise located(
        StagingError, f"the types of '{mine.name}' do not settle: each call of itself changes them"
    )


def _attempt(mine: Activation) -> tuple[Traced, list[Any]]:
    """Trace the body into a fresh graph. Returns the leaves as the body got them, too."""
    trace, region = mine.trace, Region()
    mine.graph = Graph(mine.name, region, mine.loc)
    names = _names(mine)
    inner = [
        leaf if kind is None else Tensor(region.add_param(kind, name), trace)
        for leaf, kind, name in zip(mine.leaves, mine.types, names, strict=True)
    ]
    outside = [(handle, handle._data) for handle in mine.handles]
    for handle, kind in mine.handles.items():
        assert isinstance(handle, Tensor)
        handle._data = region.add_param(kind, handle._data.name)
    try:
        run = _body(mine, inner)
        with rollback(trace):
            traced = trace_region(trace, run, region, [*mine.handles, *_objects(mine)])
        for place, new in mine.cells.changes():
            traced.moved[place] = new
    except NeedsStatic as error:
        error.value = _outer_value(mine, error.value)
        raise
    finally:
        mine.cells.restore()
        for handle, data in outside:
            handle._data = data
    return traced, inner


def _names(mine: Activation) -> list[str]:
    """A name for each leaf of the state: its parameter's, with the way into a container."""
    code = mine.fn.__code__
    (args, kwargs), places = mine.structure.children[0].children, mine.structure.children[1:]
    positional = list(code.co_varnames[: code.co_argcount])
    rest = [f"args_{i}" for i in range(len(args.children) - len(positional))]
    trees = list(zip([*positional, *rest], args.children, strict=False))
    trees += zip(kwargs.keys, kwargs.children, strict=True)
    trees += zip([label_of(place) for place in mine.places], places, strict=True)
    paths = [path for name, structure in trees for path in tree.paths(structure, name)]
    return ["_".join("".join(c if c.isalnum() else " " for c in path).split()) for path in paths]


def _body(mine: Activation, inner: list[Any]) -> Callable[[], Any]:
    (args, kwargs), *contents = tree.unflatten(mine.structure, inner)

    def run() -> Any:
        for place, content in zip(mine.places, contents, strict=True):
            put(mine.trace, place, content)
        result = mine.fn(*args, **kwargs)
        return (result, *(place.get() for place in mine.places))

    return run


def put(trace: Trace, place: ObjectPlace | CellPlace, content: Any) -> None:
    """Assign to a place; for a cell that is Python's own assignment, of which the journal has no note."""
    if isinstance(place, CellPlace):
        place.put(content)
    else:
        assign(trace, place, content)


def _objects(mine: Activation) -> list[ObjectPlace]:
    return [place for place in mine.places if isinstance(place, ObjectPlace)]


def _outer_value(mine: Activation, value: Value | None) -> Value | None:
    """What must be known for a value of the graph to be: the first call's argument that it depends on."""
    assert mine.graph is not None
    params = mine.graph.region.params
    varying = [leaf for leaf, kind in zip(mine.leaves, mine.types, strict=True) if kind is not None]
    todo, seen = [value], {value}
    while todo:
        v = todo.pop()
        if v in params[: len(varying)]:
            leaf = varying[params.index(v)]
            return leaf._data if isinstance(leaf, Tensor) and leaf.is_traced else value
        for operand in op_free_values(v.owner) if v is not None and isinstance(v.owner, Op) else ():
            if operand not in seen:
                seen.add(operand)
                todo.append(operand)
    return value


# -- what comes out --------------------------------------------------------------------------------


def _widen(mine: Activation, traced: Traced, inner: list[Any]) -> bool:
    """Join what is known of the results with what this attempt returned; whether anything changed."""
    changed = _widen_places(mine, traced)
    leaves, structure = tree.flatten(traced.output[: 1 + len(mine.places)])
    if changed:  # what was returned does not yet include it
        mine.guess = None
        return True
    slots = [_slot(mine, traced.region, leaf) for leaf in leaves]
    if mine.guess is None:
        mine.guess, mine.result = slots, structure
        changed = True
    elif mine.result != structure:
        raise different_structures(f"the result of {mine.name}", mine.result, structure, RETURNS)
    else:
        joined = [_join_slots(mine, *pair) for pair in zip(mine.guess, slots, strict=True)]
        changed = any(a is not b and a != b for a, b in zip(mine.guess, joined, strict=True))
        mine.guess = joined
    return _note_written(mine, inner) or changed


def _widen_places(mine: Activation, traced: Traced) -> bool:
    changed = False
    for place, new in traced.moved.items():
        if isinstance(place, Tensor):
            old = mine.handles.get(place)
            joined = join_types(label_of(place), old or place._data.type, new.type, CALLS)
            mine.handles[place] = joined
            changed |= joined != old
        elif place not in mine.places:
            mine.places.append(place)
            mine.types += [None] * len(tree.flatten(place.get())[0])
            mine.leaves, mine.structure = mine.state(mine.arguments)
            changed = True
    return changed


def _slot(mine: Activation, region: Region, leaf: Any) -> Any:
    """What a leaf of the result is: one and the same object after every call, or a result of the graph."""
    if isinstance(leaf, Tensor) and leaf.is_traced and inside(region, leaf._data):
        return Varies(leaf._data.type)
    if isinstance(leaf, StagedText) and any(inside(region, v._data) for v in leaf.values):
        raise located(
            StagingError,
            f"'{mine.name}' returns a string made of traced values and calls itself",
            hint="return the values, and make the string where they are used",
        )
    return leaf


def _join_slots(mine: Activation, a: Any, b: Any) -> Any:
    kinds = []
    for slot in (a, b):
        if not isinstance(slot, Varies) and is_stageable(slot):
            slot = Varies(leaf_value(slot, mine.trace).type) if not same_static(a, b) else slot
        kinds.append(slot)
    if all(isinstance(slot, Varies) for slot in kinds):
        return Varies(
            join_types(f"the result of {mine.name}", kinds[0].type, kinds[1].type, RETURNS)
        )
    if same_static(a, b):
        return a
    raise different_objects(f"the result of {mine.name}", a, b, RETURNS)


def _note_written(mine: Activation, inner: list[Any]) -> bool:
    """Arguments that differ from call to call and are changed in place: the caller's arrays change."""
    written = [
        i
        for i, kind in enumerate(mine.types)
        if kind is not None and not isinstance(inner[i]._data.owner, Region)
    ]
    changed = written != mine.written
    mine.written = written
    return changed


def _yield(mine: Activation, traced: Traced, inner: list[Any]) -> None:
    """Complete the graph: its results, arguments it changed, then arrays from outside it changed."""
    trace, region = mine.trace, traced.region
    assert mine.guess is not None
    leaves = tree.flatten(traced.output)[0]
    with trace.inside(region):
        values = [
            leaf_value(leaf, trace)
            for leaf, slot in zip(leaves, mine.guess, strict=True)
            if isinstance(slot, Varies)
        ]
        values += [inner[i]._data for i in mine.written]
        n_own = len(region.params) - len(mine.handles)
        for handle, param in zip(mine.handles, region.params[n_own:], strict=True):
            values.append(traced.moved.get(handle, param))
        for value in values:
            trace.check_visible(value)
    region.results = values


# -- calls of the graph ----------------------------------------------------------------------------


def emit_call(mine: Activation, leaves: list[Any], loc: Location | None = None) -> Op:
    """Emit a call of an activation's graph with this state."""
    trace = mine.trace
    if mine.is_undecided:
        raise Undecided
    operands = [
        leaf_value(leaf, trace)
        for leaf, kind in zip(leaves, mine.types, strict=True)
        if kind is not None
    ]
    operands += [handle._data for handle in mine.handles]
    types: list[Type] = []
    if not mine.never:
        types += [slot.type for slot in mine.guess or () if isinstance(slot, Varies)]
        types += [mine.types[i] or NOTHING for i in mine.written]
        types += mine.handles.values()
    return trace.emit("graph_call", operands, {"callee": mine.graph}, types=types, loc=loc)


def results_of(mine: Activation, leaves: list[Any], op: Op) -> Any:
    """What the function returns, from the results of a call; what it changed is assigned."""
    if mine.never:
        raise StagedRaise
    results = iter(op.results)
    built = [
        Tensor(next(results), mine.trace) if isinstance(slot, Varies) else slot
        for slot in mine.guess or ()
    ]
    for handle in changed_by(mine, leaves):
        views.write(handle, Tensor(next(results), mine.trace))
    result, *contents = tree.unflatten(mine.result, built)
    for place, content in zip(mine.places, contents, strict=True):
        put(mine.trace, place, content)
    return result


def changed_by(mine: Activation, leaves: list[Any]) -> list[Tensor]:
    """The arrays that a call changes in place: arguments of it, then arrays from outside.

    The graph has one value for each: none of them may be, or share memory with, another argument.
    """
    changed = [leaves[i] for i in mine.written] + list(mine.handles)
    varying = [leaf for leaf, kind in zip(leaves, mine.types, strict=True) if kind is not None]
    others = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    for target in changed:
        if not isinstance(target, Tensor):
            raise _refuse_change(mine, f"which is {show(target)} here", "x.copy()")
        own = target in mine.handles
        known = [x for x in views.family(target) for other in (varying if own else others + changed)
                 if other is not target and isinstance(other, Tensor) and _is_same(x, other)]  # fmt: skip
        if known:
            raise _refuse_change(mine, "and knows the array in another way, too", "x.copy()")
    return changed


def _is_same(a: Tensor, b: Tensor) -> bool:
    return a is b or a._data is b._data


def _refuse_change(mine: Activation, why: str, copy: str) -> StagingError:
    return located(
        StagingError,
        f"a recursive call of '{mine.name}' changes an argument in place, {why}",
        hint=f"pass a copy, so that each argument is an array of its own: {copy}",
    )
