"""The graph: values, ops and regions as inert data; its text, parser and verifier."""

from graphc.ir.build import (
    called_graphs,
    callees,
    clone_graph,
    clone_op,
    clone_region,
    replace_all_uses,
    replace_uses,
)
from graphc.ir.core import (
    Attrs,
    Op,
    Region,
    Value,
    free_values,
    literal,
    region_of,
    used_values,
    walk,
)
from graphc.ir.dense import Dense
from graphc.ir.graph import Graph
from graphc.ir.opdef import REGISTRY, OpDef, opdef, register
from graphc.ir.parse import parse
from graphc.ir.types import (
    Array,
    Caught,
    Maybe,
    Nothing,
    Sequence,
    Tape,
    Tuple,
    Type,
    is_subtype,
    join,
    type_of,
)
from graphc.ir.verify import INVARIANTS, verify

__all__ = [
    "INVARIANTS",
    "REGISTRY",
    "Array",
    "Attrs",
    "Caught",
    "Dense",
    "Graph",
    "Maybe",
    "Nothing",
    "Op",
    "OpDef",
    "Region",
    "Sequence",
    "Tape",
    "Tuple",
    "Type",
    "Value",
    "called_graphs",
    "callees",
    "clone_graph",
    "clone_op",
    "clone_region",
    "free_values",
    "is_subtype",
    "join",
    "literal",
    "opdef",
    "parse",
    "region_of",
    "register",
    "replace_all_uses",
    "replace_uses",
    "type_of",
    "used_values",
    "verify",
    "walk",
]
