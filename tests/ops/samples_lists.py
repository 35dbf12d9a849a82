"""Rows for `ops/lists.py`."""

from __future__ import annotations

import numpy as np

from graphc.ir.types import PYFLOAT
from tests.ops.samples import Sample

A, B, C = np.array([0.5, -1.2]), np.array([0.7, 1.9]), np.array([2.0, -0.4])
LISTS = [A, B, C]
NUMBERS = [0.5, -1.2, 0.7]

ROWS = [
    Sample("seq_make", [A, B], {"elem": None}),
    Sample("seq_make", [0.5, 1.5], {"elem": None}),
    Sample("seq_make", [], {"elem": PYFLOAT}),
    Sample("seq_append", [LISTS, A]),
    Sample("seq_append", [NUMBERS, 2.5]),
    *(Sample("seq_getitem", [items, i]) for items in (LISTS, NUMBERS) for i in (0, -1)),
    *(Sample("seq_pop", [items, i]) for items in (LISTS, NUMBERS) for i in (0, -1, -2)),
    *(Sample("seq_delete", [items, i]) for items in (LISTS, NUMBERS) for i in (1, -1)),
    *(Sample("seq_unpop", [NUMBERS, 2.5, i]) for i in (0, -1, -2, 3)),
    *(Sample("seq_insert", [NUMBERS, i, 2.5]) for i in (0, 1, -1, -9, 9)),
    Sample("seq_place", [-1, 3]),
    Sample("seq_make", [LISTS, LISTS], {"elem": None}),
    Sample("seq_getitem", [[LISTS, LISTS], 1]),
    Sample("seq_append", [[LISTS], LISTS]),
    Sample("seq_slice", [NUMBERS, None, None, -1]),
    Sample("seq_add_at", [LISTS, A, 1]),
    Sample("seq_setitem", [LISTS, A, 1]),
    Sample("seq_setitem", [NUMBERS, 2.5, -1]),
    *(Sample("seq_slice", [LISTS, *bounds]) for bounds in ((1, None), (None, -1), (0, 3, 2))),
    Sample("seq_scatter", [LISTS, [A, B], 1, None]),
    Sample("seq_concat", [LISTS, [A]]),
    Sample("seq_join", [LISTS], {"axis": 0}),
    Sample("seq_split", [np.concatenate(LISTS), LISTS], {"axis": 0}),
]
