"""Rows for `ops/lists.py`."""

from __future__ import annotations

import numpy as np

from graphc.ir.types import PYFLOAT
from tests.ops.samples import Sample

A, B, C = np.array([0.5, -1.2]), np.array([0.7, 1.9]), np.array([2.0, -0.4])
LISTS = [A, B, C]
NUMBERS = [0.5, -1.2, 0.7]

BOTH = [LISTS, NUMBERS]

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
    *(Sample("seq_order", [NUMBERS], {"reverse": backwards}) for backwards in (False, True)),
    Sample("seq_extreme", [NUMBERS], {"largest": True}),
    *(Sample(name, [items, [2, 0, 1]]) for name in ("seq_take", "seq_untake") for items in BOTH),
    Sample("seq_index", [NUMBERS, 0.7], smooth=False),
    Sample("seq_index", [NUMBERS, 0.7, 1, 9], smooth=False),
    Sample("seq_place_to_remove", [NUMBERS, 0.7], smooth=False),
    Sample("seq_count", [NUMBERS, 0.7]),
    Sample("seq_contains", [NUMBERS, 0.7]),
    *(Sample("seq_compare", [NUMBERS, [0.5]], {"symbol": symbol}) for symbol in ("==", "<")),
    *(Sample("seq_span", [5, *bounds]) for bounds in ((None, None), (1, -1), (4, 2))),
    Sample("seq_checked", [LISTS, 3, 3]),
    Sample("seq_checked", [NUMBERS, 1, None]),
    Sample("seq_set_slice", [NUMBERS, [2.5, 3.5], 0, None, 2]),
    *(Sample("seq_repeat", [items, n]) for items in BOTH for n in (0, 3)),
    Sample("seq_fold", [[0.5, 1.5, 2.5, 3.5], [0.1, 0.2]]),
    Sample("seq_refold", [[0.1, 0.2], [0.5, 1.5, 2.5, 3.5]]),
    Sample("seq_table", [[NUMBERS, NUMBERS]]),
    Sample("seq_untable", [np.stack(LISTS)], {"tuples": False}),
    Sample("seq_heappush", [[-1.2, 0.5, 0.7], -3.0]),
    Sample("seq_heappop", [[-1.2, 0.5, 0.7]]),
    Sample("seq_heap_order", [NUMBERS]),
    Sample("seq_sift", [NUMBERS, 2.5, [3, 1, 0]]),
    Sample("seq_unsift", [[*NUMBERS, 2.5], [3, 1, 0]]),
    Sample("seq_sorted_place", [NUMBERS, 0.6, 0, None], {"right": True}),
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
