"""The order of the passes, and why."""

from __future__ import annotations

from collections.abc import Callable

from graphc.ir.build import called_graphs
from graphc.ir.graph import Graph
from graphc.passes.branch import inline_branches, pass_through
from graphc.passes.cse import cse
from graphc.passes.dce import dce
from graphc.passes.fold import fold
from graphc.passes.hoist import hoist

Pass = Callable[[Graph], int]

PIPELINE: tuple[Pass, ...] = (
    pass_through,  # first: what does not change in a loop becomes plain to all that follow
    fold,  # literals meet, now that carries do not hide them; predicates become known
    inline_branches,  # with known predicates; what was conditional is now there to be shared
    hoist,  # before cse, which then finds in front of a loop what several loops compute
    cse,  # over the largest regions there will be
    dce,  # last: each pass above leaves what it replaced
)


def optimise(graph: Graph) -> Graph:
    """Run the pipeline on the graph itself and on those it calls, and return it."""
    for one in called_graphs(graph):
        for each in PIPELINE:
            each(one)
    return graph
