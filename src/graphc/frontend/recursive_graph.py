"""The graph of a recursive function: tracing it until its types settle, and calls of it
(`recursion.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphc import tree
from graphc.errors import StagingError
from graphc.frontend.activation import Activation, Recursion
from graphc.frontend.aligning import Aligned, align
from graphc.frontend.branches import decide_now
from graphc.frontend.cells import CellPlace, put
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import never_unbound
from graphc.frontend.merging import (
    Varies,
    different_objects,
    is_stageable,
    join_types,
    leaf_value,
    same_static,
)
from graphc.frontend.places import ObjectPlace, label_of
from graphc.frontend.regions import (
    Traced,
    Undecided,
    inside,
    rollback,
    trace_region,
)
from graphc.ir.core import Op, Region, Value, op_free_values
from graphc.ir.graph import Graph
from graphc.ops.tensor import Tensor
from graphc.ops.trace import NeedsStatic, Trace
from graphc.source import located

MAX_ATTEMPTS = 24
CALLS = ("in one call", "in a recursive call of it")
RETURNS = ("where it does not call itself", "where it does")


def define(mine: Activation) -> None:
    """Trace an activation as a graph, until the types of what goes in and comes out settle."""
    for _ in range(MAX_ATTEMPTS):
        try:
            if _settles(mine, _attempt(mine)):
                return
        except Recursion as recursion:
            if recursion.activation is not mine:
                raise
            mine.cells.restore()
            mine.types, mine.guess = recursion.types, None
        except NeedsStatic as error:
            error.value = _outer_value(mine, error.value)
            raise
    raise located(
        StagingError, f"the types of '{mine.name}' do not settle: each call of itself changes them"
    )


def _settles(mine: Activation, attempt: Attempt) -> bool:
    """Whether an attempt gave what was known before it; then the graph is complete."""
    traced = attempt.traced
    if traced.undecided and any(each.is_undecided for each in mine.trace.calls[:-1]):
        raise Undecided
    if traced.never and not traced.undecided:
        return True
    mine.never = traced.never
    if traced.never or _widen(mine, attempt):
        return False
    _yield(mine, attempt)
    return True


@dataclass
class Attempt:
    """What tracing the body gave; `inner` are the leaves as the body got them, `rebound` the
    variables of enclosing functions that it assigned.
    """

    traced: Traced
    inner: list[Any]
    rebound: list[CellPlace]


def _attempt(mine: Activation) -> Attempt:
    """Trace the body into a fresh graph."""
    trace, region = mine.trace, Region()
    mine.graph = Graph(mine.name, region, mine.loc)
    names = _names(mine)
    inner = [
        leaf if kind is None else Tensor(region.add_param(kind, name), trace)
        for leaf, kind, name in zip(mine.leaves, mine.types, names, strict=True)
    ]
    outside = [(handle, handle._data) for handle in mine.arrays]
    with trace.inside(region):
        for i in mine.written:
            inner[i]._data = _own(trace, inner[i]._data, mine)
        for handle, kind in zip(mine.arrays, mine.handles.values(), strict=True):
            handle._data = _own(trace, region.add_param(kind, handle._data.name), mine)
    try:
        run = _body(mine, inner)
        with rollback(trace):
            traced = trace_region(trace, run, region, [*mine.arrays, *_objects(mine)])
        return Attempt(traced, inner, mine.cells.changed())
    finally:
        mine.cells.restore()
        for handle, data in outside:
            handle._data = data


def _names(mine: Activation) -> list[str]:
    """A name for each leaf of the state: its parameter's, with the way into a container."""
    code = mine.fn.__code__
    arguments, *places = _children(mine.structure)
    args, kwargs = _children(arguments)
    positional = list(code.co_varnames[: code.co_argcount])
    positional += [f"args_{i}" for i in range(len(_children(args)) - len(positional))]
    trees = list(zip(positional, _children(args), strict=False))
    trees += zip(mine.arguments[1], _children(kwargs), strict=True)
    trees += zip([place.label for place in mine.places], places, strict=True)
    paths = [path for name, structure in trees for path in tree.paths(structure, name)]
    return ["_".join("".join(c if c.isalnum() else " " for c in path).split()) for path in paths]


def _own(trace: Trace, param: Value, mine: Activation) -> Value:
    """A parameter that is changed in place, as an array of the call's own: copied once, then
    overwritten.
    """
    copied = trace.emit("copy", [param], loc=mine.loc).result
    copied.name = param.name
    return copied


def _children(structure: tree.Structure) -> tuple[tree.Structure, ...]:
    assert isinstance(structure, tree.Node)
    return structure.children


def _body(mine: Activation, inner: list[Any]) -> Callable[[], Any]:
    (args, kwargs), *contents = tree.unflatten(mine.structure, inner)

    def run() -> Any:
        for place, content in zip(mine.places, contents, strict=True):
            put(mine.trace, place, content)
        result = never_unbound(mine.fn(*args, **kwargs))
        return (result, *(place.get() for place in mine.places))

    return run


def _objects(mine: Activation) -> list[ObjectPlace]:
    return [place for place in mine.places if isinstance(place, ObjectPlace)]


def _outer_value(mine: Activation, value: Value | None) -> Value | None:
    """What must be known for a value of the graph to be: the first call's argument that it depends
    on.
    """
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


def _widen(mine: Activation, attempt: Attempt) -> bool:
    """Join what is known of the results with what an attempt returned; whether that changed it."""
    traced = attempt.traced
    changed = _widen_places(mine, attempt)
    if changed:  # what was returned does not yet include it
        mine.guess = None
        return True
    if mine.guess is None:
        leaves, mine.result = tree.flatten(_output(mine, attempt))
        mine.guess = [_slot(traced.region, leaf) for leaf in leaves]
        changed = True
    else:
        known, leaves, structure = _aligned(mine, attempt)
        slots = [_slot(traced.region, leaf) for leaf in leaves]
        joined = [_join_slots(mine, *pair) for pair in zip(known, slots, strict=True)]
        changed = structure != mine.result or any(
            a is not b and a != b for a, b in zip(known, joined, strict=True)
        )
        mine.guess, mine.result = joined, structure
    return _note_written(mine, attempt.inner) or changed


def _output(mine: Activation, attempt: Attempt) -> tuple[Any, ...]:
    """What an attempt returned, and left at the places that are known to be assigned."""
    output: tuple[Any, ...] = attempt.traced.output[: 1 + len(mine.places)]
    return output


def _aligned(mine: Activation, attempt: Attempt) -> Aligned:
    """What is known of the results, and what an attempt returned. Where that has no structure in
    common, what decides about it may be known in each call.
    """
    known, new = tree.unflatten(mine.result, mine.guess or []), _output(mine, attempt)
    name = f"the result of {mine.name}"
    try:
        return align(mine.trace, name, known, new, RETURNS, repeats=True)
    except StagingError as error:
        for x in new:
            if isinstance(x, Chosen):
                raise decide_now(x._graphc_tag, error) from error
        raise


def _widen_places(mine: Activation, attempt: Attempt) -> bool:
    changed = False
    assigned: list[ObjectPlace | CellPlace] = list(attempt.rebound)
    for place, new in attempt.traced.moved.items():
        if isinstance(place, Tensor):
            old = mine.handles.get(place)
            joined = join_types(label_of(place), old or place._data.type, new.type, CALLS)
            mine.handles[place] = joined
            changed |= joined != old
        else:
            assigned.append(place)
    for where in assigned:
        if where not in mine.places:
            mine.places.append(where)
            mine.types += [None] * len(tree.flatten(where.get())[0])
            mine.leaves, mine.structure = mine.state(mine.arguments)
            changed = True
    return changed


def _slot(region: Region, leaf: Any) -> Any:
    """What a leaf of the result is: one and the same object after every call, or a result of the
    graph.
    """
    if isinstance(leaf, Tensor) and leaf.is_traced and inside(region, leaf._data):
        return Varies(leaf._data.type)
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
    """Arguments that differ from call to call and are changed in place, as the caller sees."""
    written = [
        i
        for i, kind in enumerate(mine.types)
        if kind is not None and not isinstance(inner[i]._data.owner, Region)
    ]
    changed = written != mine.written
    mine.written = written
    return changed


def _yield(mine: Activation, attempt: Attempt) -> None:
    """Complete the graph: its results, then arguments and arrays from outside that it changed."""
    trace, traced, region = mine.trace, attempt.traced, attempt.traced.region
    assert mine.guess is not None
    leaves = _aligned(mine, attempt)[1]
    with trace.inside(region):
        values = [
            leaf_value(leaf, trace)
            for leaf, slot in zip(leaves, mine.guess, strict=True)
            if isinstance(slot, Varies)
        ]
        values += [attempt.inner[i]._data for i in mine.written]
        n_own = len(region.params) - len(mine.arrays)
        for handle, param in zip(mine.arrays, region.params[n_own:], strict=True):
            values.append(traced.moved.get(handle, param))
        for value in values:
            trace.check_visible(value)
    region.results = values
