"""What the passes need to know about a graph before they change it."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.ir.build import callees
from graphc.ir.core import BRANCHES, Op, Region, Value, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ir.types import Array, Maybe, Sequence, Tuple, Type


def has_effect(op: Op) -> bool:
    """Whether an op, one in its regions, or one in a graph that these call has an effect."""
    waiting = [op, *(inside for region in op.regions for inside in walk(region))]
    called: set[Graph] = set()
    for each in waiting:
        if opdef(each).effect:
            return True
        for graph in callees(each):
            if graph not in called:
                called.add(graph)
                waiting += walk(graph.region)
    return False


def has_error_states(graph: Graph) -> bool:
    """Whether `np.errstate` is entered somewhere: then it matters where a warning is given."""
    return any(op.name == "errstate_enter" for op in walk(graph.region))


def regions(region: Region) -> Iterator[Region]:
    """A region and those nested in it."""
    yield region
    for op in walk(region):
        yield from op.regions


def enclosing_loop(op: Op) -> Op | None:
    """The innermost loop around an op."""
    region = op.parent
    while region is not None and region.owner is not None and region.owner.name != "loop":
        region = region.owner.parent
    return region.owner if region is not None else None


def sources(value: Value) -> Iterator[Value]:
    """The values whose memory a value may be, one step back: see `escaping`."""
    owner = value.owner
    if isinstance(owner, Region):
        op = owner.owner
        if op is None:
            return
        index = owner.params.index(value)
        yield op.operands[index]
        if index < op.attrs["carry"]:
            yield from op.regions[0].results[index : index + 1]
    elif owner is not None and owner.name == "loop":
        index = owner.results.index(value)
        yield from owner.regions[0].results[index : index + 1]
        if index < owner.attrs["carry"]:
            yield owner.operands[index]
    elif owner is not None and owner.name in BRANCHES:
        index = owner.results.index(value)
        for arm in owner.regions:
            yield from arm.results[index : index + 1]
    elif owner is not None and not opdef(owner).fresh:
        yield from owner.operands


def escaping(graph: Graph) -> set[Value]:
    """The values whose memory the caller may get hold of: through an output, or an effect.

    Two of them must not become one: the caller could change one array and see another change.
    """
    waiting = list(graph.outputs)
    for op in walk(graph.region):
        if opdef(op).effect or callees(op) and has_effect(op):
            waiting += op.operands
    found: set[Value] = set()
    while waiting:
        value = waiting.pop()
        if value not in found and not value.is_literal:
            found.add(value)
            waiting.extend(sources(value))
    return found


def loose_values(graph: Graph) -> set[Value]:
    """The values that may have a dtype below that of their type at run time, because paths with
    different types join: `x = 1 if p else 1.5` is a float, and may be 1.

    A graph that calls may be called with operands of types below its parameters'.
    """
    loose: set[Value] = set()
    if any(callees(op) for op in walk(graph.region)):
        loose.update(graph.inputs)
    size = -1
    while size != len(loose):  # loops feed their results back: until nothing changes
        size = len(loose)
        for op in walk(graph.region):
            _loosen(op, loose)
    return loose


def _loosen(op: Op, loose: set[Value]) -> None:
    if op.name in BRANCHES:
        for arm in op.regions:
            _join(arm.results, op.results, loose)
    elif op.name == "loop":
        n_carry, body = op.attrs["carry"], op.regions[0]
        heads = [region.params for region in op.regions] + [op.results[:n_carry]]
        for head in heads:
            _join(op.operands[:n_carry], head, loose)
            _join(body.results[:n_carry], head, loose)
            _join(body.params[:n_carry], head, loose)
        _join(op.operands[n_carry:], body.params[n_carry:], loose)
        _join(body.results[n_carry:], op.results[n_carry:], loose)
    elif callees(op) or not loose.isdisjoint(op.operands):
        loose.update(op.results)


def _join(values: list[Value], joined: list[Value], loose: set[Value]) -> None:
    for value, result in zip(values, joined, strict=False):
        if value in loose or dtype_of(value.type) != dtype_of(result.type):
            loose.add(result)


def dtype_of(type: Type) -> object:
    """The dtype of an array, of a Maybe, of a sequence's items; weak ones are others."""
    while isinstance(type, Maybe | Sequence):
        type = type.type if isinstance(type, Maybe) else type.elem
    if isinstance(type, Tuple):
        return tuple(map(dtype_of, type.items))
    return (type.dtype, type.weak) if isinstance(type, Array) else None
