"""Rows for `ops/creation.py`."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample

F64, F32, I64, BOOL = (np.dtype(t) for t in (np.float64, np.float32, np.int64, bool))
NUMBER = np.float64(0.7)
VECTOR = np.array([0.3, -1.2, 2.0])


def row(name, *operands, smooth=True, **attrs):
    return Sample(name, list(operands), attrs, smooth)


ROWS = [
    row("full", 0, 2, 3, dtype=F64),
    row("full", 1, 3, dtype=F32),
    row("full", 0, dtype=BOOL),
    row("full", 2.5, 2, dtype=F64),
    row("full", NUMBER, 2, 2, dtype=F64),
    row("full", VECTOR, 2, 3, dtype=F64),
    row("full", 7, 0, 2, dtype=I64),
    row("arange", 5, dtype=None),
    row("arange", 2, 5, dtype=None),
    row("arange", 5, 0, -2, dtype=None),
    row("arange", 0.05, 1.0, 0.3, dtype=None),
    row("arange", np.float64(0.05), np.float64(1.0), np.float64(0.3), dtype=None),
    row("arange", np.int32(4), dtype=None),
    row("arange", 4, dtype=F64),
    row("arange", 0, -3, dtype=None),
    row("linspace", 0, 1, 5, endpoint=True, dtype=None),
    row("linspace", 0.2, 1.7, 4, endpoint=False, dtype=None),
    row("linspace", NUMBER, np.float64(2.0), 3, endpoint=True, dtype=None),
    row("linspace", VECTOR, 2.0, 4, endpoint=True, dtype=None),
    row("linspace", VECTOR, np.ones((2, 1)), 3, endpoint=False, dtype=None),
    row("linspace", np.float32(0), np.float32(1), 3, endpoint=True, dtype=None),
    row("linspace", 0, 9, 4, endpoint=True, dtype=I64, smooth=False),
    row("linspace", NUMBER, 9.0, 1, endpoint=True, dtype=None),
    row("eye", 3, 3, k=0, dtype=F64),
    row("eye", 2, 4, k=-1, dtype=I64),
]
