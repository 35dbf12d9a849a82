"""Op definitions; Tensor. The only layer that knows what an op means.

Importing this package registers every op: a new module of ops is added to the list below. What its
`__all__` names is public as `graphc.name`: `graphc/__init__.py` imports it from there.
"""

from graphc.ops import (
    adjoint,
    arithmetic,
    basic,
    call,
    composed,
    control,
    conversion,
    creation,
    decompositions,
    diagonals,
    einsum,
    elementwise,
    generators,
    graph_call,
    heaps,
    host,
    indexing,
    joining,
    linalg,
    list_ops,
    list_search,
    lists,
    methods,
    norms,
    products,
    pymath,
    pynumbers,
    pyordering,
    python_types,
    random,
    reductions,
    repeating,
    scans,
    selecting,
    sequences,
    shape,
)

__all__ = [
    "adjoint", "arithmetic", "basic", "call", "composed", "control", "conversion", "creation",
    "decompositions", "diagonals", "einsum", "elementwise", "generators", "graph_call", "heaps",
    "host", "indexing", "joining", "linalg", "list_ops", "list_search", "lists", "methods", "norms",
    "products", "pymath", "pynumbers", "pyordering", "python_types", "random", "reductions",
    "repeating", "scans", "selecting", "sequences", "shape",
]  # fmt: skip
