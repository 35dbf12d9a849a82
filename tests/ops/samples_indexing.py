"""Rows for `ops/indexing.py` and `ops/selecting.py`."""

from __future__ import annotations

import numpy as np

from graphc.runtime.indexing import getitem
from tests.ops.samples import Sample

RNG = np.random.default_rng(3)
VECTOR = RNG.normal(size=5)
MATRIX = RNG.normal(size=(3, 4))
CUBE = RNG.normal(size=(2, 3, 4))
INTS = np.arange(12).reshape(3, 4)
TIES = np.array([2.0, 1.0, 2.0, 1.0])
REPEATED = np.array([0, 2, 0, 1])
GRID = np.array([[0, 2], [1, 1]])
MASK = MATRIX > 0
ROW_MASK = np.array([True, False, True])
FALSE = np.zeros(3, bool)


def row(name, *operands, smooth=True, **attrs):
    return Sample(name, list(operands), attrs, smooth)


# (array, spec, index operands): every kind of item, alone and together.
INDICES = [
    (VECTOR, ("i",), (2,)),
    (VECTOR, ("i",), (-1,)),
    (VECTOR, ("i",), (np.int64(1),)),
    (MATRIX, ("i",), (1,)),
    (MATRIX, ("i", "i"), (1, 2)),
    (MATRIX, (":", "i"), (3,)),
    (MATRIX, ("e", "i"), (0,)),
    (MATRIX, (), ()),
    (MATRIX, ("e",), ()),
    (VECTOR, ("_:_",), (1, 4)),
    (VECTOR, ("_:",), (-2,)),
    (VECTOR, (":_",), (9,)),
    (VECTOR, ("::_",), (-2,)),
    (VECTOR, ("_:_:_",), (4, 0, -3)),
    (VECTOR, ("_:_",), (3, 1)),
    (MATRIX, ("n", ":", "i", "n"), (1,)),
    (CUBE, ("i", "e", "_:_"), (1, 0, 2)),
    (MATRIX, ("a",), (REPEATED,)),
    (MATRIX, ("a",), (GRID,)),
    (MATRIX, ("a", "a"), (REPEATED, np.array([0, 1, 0, 3]))),
    (MATRIX, (":", "a"), (REPEATED,)),
    (CUBE, ("a", ":", "a"), (np.array([0, 1, 0]), np.array([1, 1, 1]))),
    (CUBE, ("i", ":", "a"), (1, REPEATED)),
    (CUBE, (":", "a", "i"), (np.array([2, 2]), 3)),
    (CUBE, ("n", "a", "e"), (np.array([1, 0]),)),
    (MATRIX, ("m",), (MASK,)),
    (MATRIX, ("m",), (ROW_MASK,)),
    (MATRIX, ("m",), (FALSE,)),
    (CUBE, (":", "m", "i"), (ROW_MASK, 1)),
    (CUBE, ("i", "m"), (0, MASK)),
    (MATRIX, ("m",), (True,)),
    (VECTOR, ("a",), (np.zeros(0, int),)),
]
TYPES = [
    (INTS, ("i", ":"), (1,)),
    (INTS, ("a",), (REPEATED,)),
    (MASK, ("m",), (MASK,)),
    (MATRIX.astype(np.float32), ("_:",), (1,)),
    (np.float64(2.0), ("n", "e"), ()),
]


def update(name, x, spec, index):
    """An update of x[index] by a value of the region's own shape, and by a number."""
    region = np.shape(getitem(x, *index, spec=spec))
    return [row(name, x, v, *index, spec=spec) for v in (RNG.normal(size=region), 1.5)]


ROWS = [
    *(row("getitem", x, *index, spec=spec) for x, spec, index in INDICES + TYPES),
    *(r for x, spec, index in INDICES for r in update("setitem", x, spec, index)),
    *(r for x, spec, index in INDICES for r in update("index_add", x, spec, index)),
    row("setitem", MATRIX, RNG.normal(size=(1, 1, 4)), 0, 2, spec=("_:_",)),
    row("setitem", MATRIX, RNG.normal(size=4), REPEATED, spec=("a",)),
    row("index_add", MATRIX, RNG.normal(size=4), REPEATED, spec=("a",)),
    row("setitem", INTS, 2.7, 1, spec=("i",)),
    row("setitem", INTS, np.array([9, 8, 7, 6]), 1, spec=("i",)),
    row("setitem", MATRIX, INTS[0], 1, spec=("i",)),
    row("index_add", INTS, 2, REPEATED, spec=("a",)),
    row("last_writer", MATRIX, REPEATED, spec=("a",)),
    row("last_writer", MATRIX, REPEATED, np.array([0, 1, 0, 3]), spec=("a", "a")),
    row("sort", VECTOR, axis=0, kind=None),
    row("sort", CUBE, axis=1, kind="stable"),
    row("sort", TIES, axis=0, kind=None, smooth=False),
    row("sort", INTS, axis=0, kind=None),
    row("argsort", CUBE, axis=2, kind=None),
    row("argsort", TIES, axis=0, kind="stable", smooth=False),
    row("searchsorted", np.sort(VECTOR), MATRIX, side="left"),
    row("searchsorted", np.sort(VECTOR), 0.3, side="right"),
    row("flatnonzero", MASK),
    row("flatnonzero", INTS, smooth=False),
]
