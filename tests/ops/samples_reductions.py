"""Rows for `ops/reduction_ops.py`, `ops/scans.py`, `ops/norms.py` and `ops/composed.py`."""

from __future__ import annotations

import math

import numpy as np

from tests.ops.samples import Sample

CUBE = np.round(np.random.default_rng(0).normal(size=(2, 3, 4)), 3)
ROW = np.array([0.5, -1.2, 2.0, 0.7])
SINGLE = CUBE.astype(np.float32)
INTS = np.array([[3, -1, 4], [1, 5, -9]])
BYTES = np.array([1, 2, 255], np.uint8)
BOOLS = np.array([[True, False, True], [False, False, False]])
TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
ZEROS = np.array([[0.0, 2.0, -3.0, 0.5], [0.0, 1.5, 0.0, 2.0], [1.0, 2.0, 0.0, 1.0]])
AXES = [(None, False), (1, False), ((0, 2), False), ((0, 1, 2), True), (2, True)]

NUMERIC = ("sum", "prod", "max", "min", "mean", "var", "std", "any", "all", "count_nonzero", "norm")
PLACES = ("argmax", "argmin")
ANY_AXIS = [name for name in NUMERIC if name != "norm"]


def axes(axis: object, keepdims: bool = False) -> dict[str, object]:
    return {"axis": axis, "keepdims": keepdims}


ROWS = [
    *(Sample(name, [CUBE], axes(*options)) for name in ANY_AXIS for options in AXES),
    *(Sample(name, [SINGLE], axes(1)) for name in NUMERIC),
    *(Sample(name, [ROW], axes(None)) for name in (*NUMERIC, *PLACES)),
    *(Sample(name, [INTS], axes(0)) for name in (*NUMERIC, *PLACES)),
    *(Sample(name, [BYTES], axes(None)) for name in (*NUMERIC, *PLACES)),
    *(Sample(name, [BOOLS], axes(1)) for name in (*NUMERIC, *PLACES)),
    *(Sample(name, [2.5], axes(None)) for name in (*NUMERIC, *PLACES)),
    *(Sample(name, [CUBE], axes(1, True)) for name in PLACES),
    *(Sample(name, [TIES], axes(1), smooth=False) for name in ("max", "min", "std", "argmax")),
    *(Sample(name, [INTS], {**axes(1), "dtype": np.dtype(np.float32)}) for name in ("sum", "mean")),
    *(Sample(name, [CUBE], {**axes(1), "ddof": 1}) for name in ("var", "std")),
    *(Sample("prod", [ZEROS], axes(axis)) for axis in (0, 1, None, (0, 1))),
    Sample("norm", [CUBE], axes((0, 1))),
    Sample("norm", [CUBE], axes(0, True)),
    Sample("norm", [ROW], {"ord": 3.0, **axes(0)}),
    Sample("norm", [CUBE], {"ord": 1.5, **axes(1, True)}),
    Sample("norm", [np.zeros(3)], axes(None), smooth=False),
    Sample("cumsum", [CUBE], {"axis": 1}),
    Sample("cumsum", [CUBE], {"axis": 2, "reverse": True}),
    Sample("cumsum", [BYTES], {"axis": 0}),
    Sample("cumsum", [INTS], {"axis": 0, "dtype": np.dtype(np.float32)}),
    Sample("cumprod", [CUBE], {"axis": 1}),
    Sample("cumprod", [ZEROS], {"axis": 1}),
    Sample("cumprod", [ZEROS], {"axis": 0, "reverse": True}),
    Sample("cumprod", [ZEROS], {"axis": 1, "exclusive": True}),
    Sample("cumprod", [ZEROS], {"axis": 1, "exclusive": True, "reverse": True}),
    Sample("cumprod", [BOOLS], {"axis": 1}),
    *(
        Sample("recurrence", operands, {"axis": 0, "reverse": reverse, "lagged": lagged})
        for operands in ([ROW, ROW[::-1].copy()], [ZEROS, ZEROS[::-1] + 0.5])
        for reverse in (False, True)
        for lagged in (False, True)
    ),
    *(Sample("shift", [CUBE], {"axis": 1, "reverse": reverse}) for reverse in (False, True)),
    Sample("checked_weights", [ROW]),
    Sample("fitting_weights", [ROW, CUBE], {"axis": 2}),
    Sample("norm", [ROW], {"ord": math.pi, **axes(0)}),
]
