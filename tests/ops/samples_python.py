"""Rows for `ops/pyordering.py`, `python_types.py` and the tests of types in `control.py`."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample

ROW = np.array([0.5, -1.2, 2.0])

ROWS = [
    *(
        Sample("is_instance", [x], {"array": False, "scalar": True, "none": False})
        for x in (1.5, np.float64(1.5), np.array(1.5), None)
    ),
    *(Sample("is_bool", [x], {"value": True}) for x in (True, False, 1, None)),
    Sample("not_array", [1.5]),
    Sample("py_first", [2.0, 1.0, 1.0], {"width": 0, "largest": False}),
    Sample("py_first", [2, 1.0, 2, 3.0], {"width": 2, "largest": True}),
    Sample("py_order", [2.0, 1.0, 3], {"width": 0, "reverse": False}),
    Sample("py_order", [2, 1.0, 2, 0.5], {"width": 2, "reverse": True}),
    Sample("seq_first", [[2.0, 1.0, 1.0]], {"largest": False}),
    Sample("seq_order", [[2.0, 1.0, 3.0]], {"reverse": True}),
    Sample("seq_permuted", [[2.0, 1.0, 3.0], np.array([2, 0, 1])]),
    Sample("py_pick", [1, 2.0, 3.5]),
    *(Sample(name, [ROW]) for name in ("py_min_of", "py_max_of")),
]
