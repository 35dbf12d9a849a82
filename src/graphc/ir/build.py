"""Copying graphs and rewriting uses: what every pass needs and none should write again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.ir.core import Attrs, Op, Region, Value, walk
from graphc.ir.graph import Graph

Graphs = Mapping[Graph, Graph]


def clone_graph(graph: Graph) -> Graph:
    """A copy that shares no op, region or value with the graph, nor with the graphs it calls."""
    copies = {old: Graph(old.name, loc=old.loc) for old in called_graphs(graph)}
    for old, new in copies.items():
        new.region = clone_region(old.region, {}, copies)
    return copies[graph]


def clone_region(
    region: Region, mapping: dict[Value, Value], graphs: Graphs | None = None
) -> Region:
    """A copy of a region, in no op. `mapping` says what to use in place of a value from outside
    (a value it does not have stays itself) and learns the copy of every value defined inside.
    """
    new = Region()
    new.never = region.never
    for param in region.params:
        mapping[param] = new.add_param(param.type, param.name)
    for op in region.ops:
        new.append(clone_op(op, mapping, graphs))
    new.results = [mapping.get(value, value) for value in region.results]
    return new


def clone_op(op: Op, mapping: dict[Value, Value], graphs: Graphs | None = None) -> Op:
    """A copy of an op and its regions, in no region yet; `mapping` as in `clone_region`."""
    operands = [mapping.get(value, value) for value in op.operands]
    regions = [clone_region(region, mapping, graphs) for region in op.regions]
    attrs = _clone_attrs(op.attrs, graphs or {})
    new = Op(op.name, operands, attrs, (), regions, op.loc)
    new.derived = op.derived
    for result in op.results:
        mapping[result] = new.add_result(result.type, result.name)
    return new


def _clone_attrs(attrs: Attrs, graphs: Graphs) -> Attrs:
    return {key: _clone_attribute(value, graphs) for key, value in attrs.items()}


def _clone_attribute(value: Any, graphs: Graphs) -> Any:
    """Attributes are immutable and shared, except for the graphs they refer to."""
    if isinstance(value, Graph):
        return graphs.get(value, value)
    if type(value) is tuple:
        return tuple(_clone_attribute(item, graphs) for item in value)
    return value


def replace_uses(region: Region, old: Value, new: Value) -> int:
    """Use `new` wherever a region, at any depth, uses `old`; the number of places changed."""
    return replace_all_uses(region, {old: new})


def replace_all_uses(region: Region, mapping: Mapping[Value, Value]) -> int:
    """`replace_uses` for many values in one walk. Replacements are not replaced again."""
    changed = _replace_in(region.results, mapping)
    for op in walk(region):
        changed += _replace_in(op.operands, mapping)
        changed += sum(_replace_in(inner.results, mapping) for inner in op.regions)
    return changed


def _replace_in(values: list[Value], mapping: Mapping[Value, Value]) -> int:
    changed = 0
    for index, value in enumerate(values):
        if value in mapping:
            values[index] = mapping[value]
            changed += 1
    return changed


def called_graphs(graph: Graph) -> list[Graph]:
    """A graph and every graph reachable through attributes, in order of first mention."""
    found: dict[Graph, None] = {graph: None}
    waiting = [graph]
    for current in waiting:
        for op in walk(current.region):
            for callee in callees(op):
                if callee not in found:
                    found[callee] = None
                    waiting.append(callee)
    return list(found)


def callees(op: Op) -> list[Graph]:
    """The graphs that an op's attributes refer to, in the order of its text."""
    return [graph for _, value in sorted(op.attrs.items()) for graph in _graphs_in(value)]


def _graphs_in(value: Any) -> list[Graph]:
    if isinstance(value, Graph):
        return [value]
    if type(value) is tuple:
        return [graph for item in value for graph in _graphs_in(item)]
    return []
