"""Op definitions; Tensor. The only layer that knows what an op means.

Importing this package registers every op; a new module of ops is added to the import below, and what
its `__all__` names is public as `graphc.name`.
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
    host,
    indexing,
    joining,
    linalg,
    lists,
    methods,
    norms,
    products,
    pymath,
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

INTERNAL = (adjoint, basic, call, control, host, lists, graph_call, methods, pymath,
            pyordering, python_types, sequences)  # fmt: skip
PUBLIC = (
    arithmetic, composed, conversion, creation, decompositions, diagonals, einsum, elementwise,
    generators, indexing, joining, linalg, norms, products, reductions, repeating, scans,
    selecting, shape,
)  # fmt: skip

__all__ = ["INTERNAL", "PUBLIC", "random"]
