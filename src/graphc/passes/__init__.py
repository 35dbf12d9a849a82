"""Graph to graph: each pass is a function that changes a graph in place and says how much."""

from graphc.passes.branch import inline_branches, pass_through
from graphc.passes.cse import cse
from graphc.passes.dce import dce
from graphc.passes.fold import fold
from graphc.passes.hoist import hoist
from graphc.passes.pipeline import PIPELINE, optimise

__all__ = ["PIPELINE", "cse", "dce", "fold", "hoist", "inline_branches", "optimise", "pass_through"]
