"""Rows for `ops/shape.py`, `ops/joining.py`, `ops/repeating.py` and `ops/diagonals.py`."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample

RNG = np.random.default_rng(2)
VECTOR = RNG.normal(size=5)
MATRIX = RNG.normal(size=(3, 4))
CUBE = RNG.normal(size=(2, 3, 4))
ROW = RNG.normal(size=(1, 4))
ONES = RNG.normal(size=(1, 3, 1))
EMPTY = np.zeros((0, 3))
NUMBER = np.float64(0.7)
SINGLE = MATRIX.astype(np.float32)
INTS = np.arange(12).reshape(3, 4)
BOOLS = MATRIX > 0


def row(name, *operands, smooth=True, **attrs):
    return Sample(name, list(operands), attrs, smooth)


RESHAPES = [
    row("reshape", MATRIX, 2, 6),
    row("reshape", MATRIX, -1),
    row("reshape", CUBE, 4, -1, 3),
    row("reshape", NUMBER, 1, 1),
    row("reshape", RNG.normal(size=(1, 1))),
    row("reshape", 2.5, 1),
    row("reshape", EMPTY, 3, 0),
    row("reshape", MATRIX.T, 2, 6),
    row("reshape", SINGLE, 12),
    row("reshape", INTS, 4, 3),
    row("transpose", MATRIX, axes=(1, 0)),
    row("transpose", CUBE, axes=(2, 0, 1)),
    row("transpose", NUMBER, axes=()),
    row("transpose", BOOLS, axes=(1, 0)),
    row("expand_dims", MATRIX, axis=(0,)),
    row("expand_dims", MATRIX, axis=(1, 3)),
    row("expand_dims", 1.5, axis=(0,)),
    row("squeeze", ONES, axis=(0, 2)),
    row("squeeze", ONES, axis=(2,)),
    row("broadcast_to", ROW, 3, 4),
    row("broadcast_to", VECTOR, 2, 3, 5),
    row("broadcast_to", NUMBER, 3),
    row("broadcast_to", 2.0, 2, 2),
    row("broadcast_to", 3),
    row("broadcast_to", INTS, 2, 3, 4),
    row("broadcast_arrays", ROW, RNG.normal(size=(3, 1))),
    row("broadcast_arrays", VECTOR, NUMBER, INTS[:1, :1]),
]

JOINS = [
    row("concat", MATRIX, ROW, axis=0),
    row("concat", MATRIX, RNG.normal(size=(3, 1)), MATRIX, axis=1),
    row("concat", VECTOR, axis=0),
    row("concat", SINGLE, INTS, axis=0),
    row("concat", BOOLS, INTS, axis=1),
    row("concat", EMPTY, RNG.normal(size=(2, 3)), axis=0),
    row("stack", MATRIX, MATRIX, axis=0),
    row("stack", VECTOR, VECTOR, VECTOR, axis=1),
    row("stack", 1.0, 2, NUMBER, axis=0),
    row("stack", True, False, axis=0),
    row("stack", SINGLE, INTS, axis=2),
    row("pad", MATRIX, 0, 1, 2, 0, 1),
    row("pad", VECTOR, 1.5, 2, 0),
    row("pad", VECTOR, NUMBER, 0, 3),
    row("pad", INTS, 7, 1, 1, 1, 1),
    row("pad_index", 4, 2, 3, mode="reflect"),
    row("pad_index", 4, 2, 3, mode="edge"),
    row("pad_index", 4, 2, 3, mode="symmetric"),
    row("pad_index", 4, 2, 3, mode="wrap"),
]

REPEATS = [
    row("flip", MATRIX, axis=(0,)),
    row("flip", CUBE, axis=(0, 2)),
    row("flip", INTS, axis=()),
    row("roll", MATRIX, 1, axis=(1,)),
    row("roll", CUBE, -2, 4, axis=(1, 2)),
    row("roll", VECTOR, 1, 2, axis=(0, 0)),
    row("roll", INTS, 2, axis=(0,)),
    row("repeat", MATRIX, 2, axis=0),
    row("repeat", MATRIX, 3, axis=1),
    row("repeat", VECTOR, np.array([1, 0, 3, 2, 1]), axis=0),
    row("repeat", CUBE, np.array([2, 0, 1]), axis=1),
    row("repeat", VECTOR, np.array([2]), axis=0),
    row("repeat", INTS, 2, axis=1),
]

DIAGONALS = [
    row("diagonal", MATRIX, offset=0, axis1=0, axis2=1),
    row("diagonal", MATRIX, offset=2, axis1=0, axis2=1),
    row("diagonal", MATRIX, offset=-1, axis1=1, axis2=0),
    row("diagonal", CUBE, offset=1, axis1=2, axis2=0),
    row("diagonal", INTS, offset=9, axis1=0, axis2=1),
    row("diag_embed", VECTOR, 5, 5, offset=0),
    row("diag_embed", VECTOR, 7, 7, offset=-2),
    row("diag_embed", MATRIX, 4, 6, offset=1),
    row("diag_embed", INTS[0], 4, 4, offset=0),
    row("tril", MATRIX, 0),
    row("tril", CUBE, -1),
    row("triu", MATRIX, 1),
    row("triu", INTS, 0),
]

ROWS = RESHAPES + JOINS + REPEATS + DIAGONALS
