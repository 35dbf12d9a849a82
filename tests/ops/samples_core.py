"""Rows for `ops/basic.py`, `adjoint.py`, `sequences.py`, `control.py` and `pymath.py`."""

from __future__ import annotations

import numpy as np

from graphc.ir.dense import Dense
from tests.ops.samples import Sample

MATRIX = np.array([[0.5, -1.2, 2.0], [0.7, 1.9, -0.4]])
COLUMN = np.array([[0.3], [-2.0]])
SINGLE = MATRIX.astype(np.float32)
INTS = np.array([[1, 2, 3], [4, 5, 6]])
LISTS = [MATRIX[0], MATRIX[1]]
KINDS = [np.dtype(name) for name in ("float64", "float32", "int64", "bool")]

BASIC = [
    Sample("constant", [], {"value": Dense(MATRIX)}),
    Sample("constant", [], {"value": Dense(np.float32(2.5))}),
    Sample("dim", [MATRIX], {"axis": 1}),
    *(
        Sample("cast", [x], {"dtype": dtype}, smooth=dtype == np.float64)
        for x in (MATRIX, INTS, 2.5, 3)
        for dtype in KINDS
    ),
    Sample("python", [np.array([[1.5]])], {"kind": "f"}),
    Sample("python", [np.float32(1.5)], {"kind": "f"}),
    Sample("python", [2.7], {"kind": "i"}),
    Sample("python", [np.array(3)], {"kind": "b"}),
    Sample("is_none", [MATRIX]),
    Sample("is_none", [None]),
    *(Sample(name, [MATRIX]) for name in ("stop_gradient", "identity", "copy", "assume")),
    *(Sample("bound", [2.5], {"name": "x", **free}) for free in ({}, {"free": True})),
    *(Sample(name, [x]) for name in ("truth", "not") for x in (0, 2.5, np.ones(1), np.int8(0))),
]

ADJOINT = [
    Sample("broadcast_like", [COLUMN, MATRIX]),
    Sample("broadcast_like", [2.5, MATRIX]),
    Sample("broadcast_like", [2.5, SINGLE]),
    Sample("broadcast_like", [np.float64(2.5), 1.5]),
    Sample("sum_to_like", [MATRIX, COLUMN]),
    Sample("sum_to_like", [MATRIX, np.float64(0.0)]),
    Sample("sum_to_like", [MATRIX, MATRIX[0]]),
    *(Sample(n, [x]) for n in ("zeros_like", "ones_like") for x in (MATRIX, INTS, SINGLE, 2.5, 3)),
    Sample("accumulate", [MATRIX, MATRIX * 2]),
    Sample("accumulate", [MATRIX, 1.5]),
    Sample("accumulate", [1.5, 2.5]),
    Sample("accumulate", [None, MATRIX]),
    Sample("accumulate", [LISTS, LISTS]),
    Sample("masked_mul", [MATRIX, COLUMN]),
    Sample("masked_mul", [np.array([0.0, 1.0]), np.array([np.inf, 2.0])], smooth=False),
    Sample("or_zeros", [MATRIX, MATRIX]),
]

SEQUENCES = [
    Sample("range", [0, 7, 2]),
    Sample("rows", [MATRIX]),
    Sample("stack_seq", [LISTS]),
    Sample("stack_like", [LISTS, np.zeros((3, 3))]),
    Sample("pad_seq", [LISTS, [*LISTS, MATRIX[0]]]),
    Sample("pad_seq", [LISTS, LISTS[:1]]),
    Sample("seq_len", [LISTS]),
    Sample("first_n", [LISTS, 1]),
]

ANYWHERE = (
    "sin cos tan exp expm1 atan sinh cosh tanh asinh fabs erf erfc floor ceil trunc degrees "
    "radians isnan isinf isfinite"
).split()
POSITIVE = ("log", "log2", "log10", "log1p", "sqrt")

PYMATH = [
    *(Sample(f"math_{name}", [x]) for name in ANYWHERE for x in (0.7, -1.3)),
    *(Sample(f"math_{name}", [x]) for name in POSITIVE for x in (0.7, 2.9)),
    *(Sample(f"math_{name}", [x]) for name in ("asin", "acos", "atanh") for x in (0.7, -0.2)),
    Sample("math_acosh", [1.7]),
    Sample("math_atan2", [0.7, -1.3]),
    Sample("math_copysign", [0.7, -1.3]),
    Sample("math_hypot", [0.7, -1.3]),
    Sample("math_fmod", [7.5, -2.3]),
    Sample("math_pow", [1.7, 2.3]),
    Sample("math_gcd", [12, 18]),
    Sample("math_isqrt", [17]),
    *(Sample(f"math_{name}", [12, 5]) for name in ("lcm", "comb", "perm")),
    *(Sample(name, [5]) for name in ("math_factorial", "bit_length", "bit_count")),
    *(Sample(f"math_{name}", [1.7]) for name in ("cbrt", "exp2", "modf_0", "frexp_0")),
    *(Sample(f"math_{name}", [1.7], smooth=False) for name in ("modf_1", "frexp_1")),
    Sample("math_remainder", [7.5, -2.3]),
    Sample("math_ldexp", [1.7, 3]),
    Sample("math_isclose", [1.7, 1.8], {"rel_tol": 0.1, "abs_tol": 0.0}),
    Sample("math_fsum", [np.array([0.5, -1.2])]),
    Sample("math_dist", [np.array([0.5, -1.2]), np.array([0.7, 1.9])]),
    Sample("is_integer", [2.0]),
    Sample("safe_log", [1.7]),
    Sample("safe_log", [-1.7], smooth=False),
    *(Sample(name, [a, 2.5]) for name in ("py_min", "py_max") for a in (1.5, 3.5)),
    Sample("py_max", [1, 2]),
    Sample("py_complex", [0.5, -1.5], smooth=False),
    Sample("py_complex", [0.5], smooth=False),
]

ROWS = [*BASIC, *ADJOINT, *SEQUENCES, *PYMATH]
