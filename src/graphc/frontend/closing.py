"""Closing graphs: what a called graph uses of the outside becomes its parameters.

    graph f(%x: float) { … mul %x, %k … graph_call %1 {callee=@f} }          %k: from around f
    →  graph f(%x: float, %k: float) { … mul %x, %k … graph_call %1, %k {callee=@f} }

While graphs are traced they are open, as regions are: they refer to values around them. When the
last graph that others of a group call is complete, all of them are closed at once. (Lambda
lifting: T. Johnsson, 1985.)
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from graphc.errors import StagingError
from graphc.ir.build import called_graphs, replace_all_uses
from graphc.ir.core import Op, Region, Value, free_values, walk
from graphc.ir.graph import Graph
from graphc.source import located


def close(site: Op, unfinished: Collection[Any], changed: Collection[Value]) -> None:
    """Close the graphs that a call leads to, and give the call its new operands.

    Nothing is done where they lead to an unfinished graph: its own first call will close them all.
    `changed`: the arrays that share memory with arguments which the call changes in place.
    """
    graphs = called_graphs(site.attrs["callee"])
    free = free_of(graphs)
    _refuse_shared(site, [v for v in free[site.attrs["callee"]] if v in changed])
    if any(graph in unfinished for graph in graphs):
        return
    for graph in graphs:
        for op in _calls(graph):
            op.operands += free[op.attrs["callee"]]
    site.operands += free[site.attrs["callee"]]
    for graph in graphs:
        region = graph.region
        replace_all_uses(region, {v: region.add_param(v.type, v.name) for v in free[graph]})
        region.outer = None


def free_of(graphs: list[Graph]) -> dict[Graph, list[Value]]:
    """What each graph uses from outside: itself, and because it must pass it to the graphs it
    calls.
    """
    found = {graph: dict.fromkeys(free_values(graph.region)) for graph in graphs}
    own = {graph: _defined(graph.region) for graph in graphs}
    size = -1
    while size != sum(map(len, found.values())):
        size = sum(map(len, found.values()))
        for graph in graphs:
            for op in _calls(graph):
                wanted = found[op.attrs["callee"]]
                found[graph].update((v, None) for v in wanted if v not in own[graph])
    return {graph: list(values) for graph, values in found.items()}


def _calls(graph: Graph) -> list[Op]:
    return [op for op in walk(graph.region) if op.name == "graph_call"]


def _defined(region: Region) -> set[Value]:
    values = set(region.params)
    for op in region.ops:
        values.update(op.results)
        for inner in op.regions:
            values |= _defined(inner)
    return values


def _refuse_shared(site: Op, shared: list[Value]) -> None:
    """Refuse a call that changes an array in place which its callee also knows from outside."""
    if shared:
        raise located(
            StagingError,
            f"a recursive function changes its argument '{shared[0].name}' in place, and knows the "
            "array in another way, too",
            site.loc,
            hint="pass a copy, so that each argument is an array of its own: x.copy()",
        )
