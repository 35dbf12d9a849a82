"""Rows for `ops/products.py`, `ops/einsum.py`, `ops/linalg.py` and `ops/decompositions.py`.

cholesky and eigh are compared with finite differences of symmetric perturbations in
`test_linalg.py`: NumPy reads one triangle of their operand, the rules give a symmetric cotangent.
"""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample

RNG = np.random.default_rng(4)
V3, V4 = RNG.normal(size=3), RNG.normal(size=4)
M34, M43, M33 = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3))
B34, B43, B33 = (RNG.normal(size=(2, *m.shape)) for m in (M34, M43, M33))
REGULAR = M33 + 3 * np.eye(3)
BATCH = B33 + 3 * np.eye(3)
SPREAD = BATCH[:, None]  # broadcasts against a batch of right-hand sides
POSITIVE = M33 @ M33.T + np.eye(3)
POSITIVES = B33 @ B33.swapaxes(1, 2) + np.eye(3)
SINGLE = REGULAR.astype(np.float32)
INTS = np.array([[2, 1], [1, 3]])
LOWER = {"lower": True, "trans": False, "unit_diagonal": False}


def row(name, *operands, smooth=True, **attrs):
    return Sample(name, list(operands), attrs, smooth)


PRODUCTS = [
    *(
        row("matmul", a, b)
        for a, b in [
            (V3, V3), (V3, M34), (M34, V4), (M34, M43), (V3, B34), (B34, V4), (B34, M43),
            (M34, B43), (B34, B43), (B34[:, None], B43), (B34[:1], B43), (INTS, INTS),
            (M34.astype(np.float32), M43), (INTS, np.eye(2)), (INTS > 1, INTS > 1),
            (np.zeros((2, 0)), np.zeros((0, 3))),
        ]
    ),
    *(
        row("einsum", *operands, subscripts=text, optimize=False)
        for text, operands in {
            "ij,jk->ik": (M34, M43), "bij,jk->bik": (B34, M43), "i,j->ij": (V3, V4),
            "i,i->": (V3, V3), "ij,ij->ji": (M34, M34), "ij,jk,kl->il": (M34, M43, M34),
            "ij,ij->ij": (M34, M34[:1]), "ij,jk->ki": (INTS, INTS),
        }.items()
    ),
    row("einsum", M34, M43, M34, subscripts="ij,jk,kl->il", optimize=True),
]  # fmt: skip

SOLVERS = [
    *(row("solve", a, b) for a, b in [
        (REGULAR, V3), (REGULAR, M34), (BATCH, V3), (BATCH, M34), (REGULAR, B34), (BATCH, B34),
        (SPREAD, B34), (SINGLE, V3.astype(np.float32)), (INTS, np.array([1, 2])),
    ]),
    *(row("solve_triangular", a, b, **(LOWER | options)) for a, b, options in [
        (REGULAR, V3, {}), (REGULAR, M34, {"lower": False}), (REGULAR, V3, {"trans": True}),
        (REGULAR, M34, {"lower": False, "trans": True}), (REGULAR, M34, {"unit_diagonal": True}),
        (BATCH, B34, {}), (BATCH, M34, {"trans": True, "unit_diagonal": True}), (REGULAR, B34, {}),
    ]),
    row("inv", REGULAR), row("inv", BATCH), row("inv", INTS), row("inv", SINGLE),
    row("det", REGULAR), row("det", BATCH), row("det", INTS),
    row("slogdet", REGULAR), row("slogdet", BATCH), row("slogdet", -REGULAR),
    row("cholesky", POSITIVE, smooth=False), row("cholesky", POSITIVES, smooth=False),
    row("pinv", M34, rcond=None), row("pinv", B43, rcond=None), row("pinv", INTS, rcond=1e-10),
]  # fmt: skip

DECOMPOSITIONS = [
    row("eigh", POSITIVE, uplo="L", smooth=False), row("eigh", POSITIVES, uplo="U", smooth=False),
    row("eigvalsh", POSITIVE, uplo="L", smooth=False), row("eigvalsh", INTS, uplo="L"),
    row("qr", M43), row("qr", BATCH), row("qr", M34), row("qr", B34),
    row("svd", M34, full_matrices=False), row("svd", B43, full_matrices=False),
    row("svd", M33, full_matrices=False), row("svd", M34, full_matrices=True, smooth=False),
    row("svdvals", M34), row("svdvals", BATCH),
]  # fmt: skip

ROWS = PRODUCTS + SOLVERS + DECOMPOSITIONS
