"""Rows for `ops/arithmetic.py` and `ops/elementwise.py`."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample

ANY = np.array([[-1.7, -0.4, 0.3], [0.8, 1.6, 2.3]])  # smooth functions of all numbers
POSITIVE = np.array([[0.2, 0.9, 1.3], [2.1, 3.7, 0.5]])
INSIDE = np.array([-0.8, -0.3, 0.1, 0.6, 0.9])  # of (-1, 1)
COLUMN = np.array([[1.3], [-2.6]])
SINGLE = ANY.astype(np.float32)
HALF = ANY.astype(np.float16)
INTS = np.array([[5, -7, 3], [2, 9, -4]])
OTHER_INTS = np.array([2, -3, 4])
BYTES = np.array([1, 2, 200], np.uint8)
BOOLS = np.array([True, False, True])
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0])
ZEROS = np.array([0.0, 1.0, 0.0, -2.0])
COMPLEX = np.array([1 + 2j, -0.5j])

UNARY_SMOOTH = {
    "neg": ANY, "pos": ANY, "abs": ANY, "exp": ANY, "exp2": ANY, "expm1": ANY,
    "log": POSITIVE, "log2": POSITIVE, "log10": POSITIVE, "log1p": POSITIVE, "sqrt": POSITIVE,
    "cbrt": ANY, "square": ANY, "reciprocal": ANY, "sin": ANY, "cos": ANY, "tan": ANY,
    "asin": INSIDE, "acos": INSIDE, "atan": ANY, "deg2rad": ANY, "rad2deg": ANY, "sinh": ANY,
    "cosh": ANY, "tanh": ANY, "asinh": ANY, "acosh": POSITIVE + 1, "atanh": INSIDE,
    "fabs": ANY, "conj": ANY, "sigmoid": ANY, "relu": ANY, "erf": ANY, "erfc": ANY,
    "floor": ANY, "ceil": ANY, "trunc": ANY, "rint": ANY, "sign": ANY,
}  # fmt: skip
UNARY_TESTS = ("signbit", "isfinite", "isinf", "isnan", "logical_not")

BINARY_SMOOTH = (
    "add", "sub", "mul", "div", "floordiv", "mod", "fmod", "hypot", "atan2", "logaddexp",
    "logaddexp2", "copysign", "maximum", "minimum", "fmax", "fmin",
)  # fmt: skip
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_xor")
BITWISE = ("bitwise_and", "bitwise_or", "bitwise_xor")
NOT_ON_BOOLS = {"neg", "pos", "sub", "sign"}

ROWS = [
    *(Sample(name, [x]) for name, x in UNARY_SMOOTH.items()),
    *(Sample(name, [x.astype(np.float32)]) for name, x in UNARY_SMOOTH.items()),
    *(Sample(name, [1.25]) for name in UNARY_SMOOTH if name not in ("asin", "acos", "atanh")),
    *(Sample(name, [INTS], smooth=False) for name in UNARY_SMOOTH if name != "reciprocal"),
    *(Sample(name, [BOOLS], smooth=False) for name in UNARY_SMOOTH if name not in NOT_ON_BOOLS),
    *(Sample(name, [SPECIAL], smooth=False) for name in UNARY_SMOOTH),
    *(Sample(name, [SPECIAL], smooth=False) for name in UNARY_TESTS),
    *(Sample(name, [HALF], smooth=False) for name in UNARY_TESTS),
    *(Sample(name, [ANY, COLUMN]) for name in BINARY_SMOOTH),
    *(Sample(name, [SINGLE, 0.75]) for name in BINARY_SMOOTH),
    *(Sample(name, [5, ANY]) for name in BINARY_SMOOTH),
    *(Sample(name, [2.5, 0.75]) for name in BINARY_SMOOTH),
    *(Sample(name, [INTS, OTHER_INTS], smooth=False) for name in BINARY_SMOOTH),
    *(Sample(name, [BYTES, 3], smooth=False) for name in BINARY_SMOOTH),
    *(Sample(name, [SPECIAL, SPECIAL[::-1].copy()], smooth=False) for name in BINARY_SMOOTH),
    *(Sample(name, [ANY, COLUMN], smooth=False) for name in COMPARISONS),
    *(Sample(name, [INTS, 3], smooth=False) for name in COMPARISONS),
    *(Sample(name, [2, 2.5], smooth=False) for name in COMPARISONS),
    *(Sample(name, [INTS, OTHER_INTS], smooth=False) for name in BITWISE),
    *(Sample(name, [BOOLS, True], smooth=False) for name in BITWISE),
    *(Sample(name, [6, 3], smooth=False) for name in BITWISE),
    Sample("invert", [INTS]),
    Sample("invert", [BOOLS]),
    Sample("invert", [6]),
    Sample("lshift", [INTS, 2]),
    Sample("lshift", [3, 2]),
    Sample("rshift", [BYTES, BYTES // 100]),
    Sample("rshift", [INTS, 1]),
    Sample("add", [COMPLEX, 1.5], smooth=False),
    Sample("mul", [COMPLEX, COMPLEX], smooth=False),
    Sample("exp", [COMPLEX], smooth=False),
    Sample("abs", [COMPLEX], smooth=False),
    Sample("maximum", [ZEROS, 0.0], smooth=False),
    Sample("pow", [POSITIVE, COLUMN]),
    Sample("pow", [POSITIVE, 1.7]),
    Sample("pow", [ANY, 2]),
    Sample("pow", [ANY, OTHER_INTS]),
    Sample("pow", [2, POSITIVE]),
    Sample("pow", [1.5, 2.5]),
    Sample("pow", [2, 3]),
    Sample("pow", [INTS, 2], smooth=False),
    Sample("pow", [SINGLE, 3]),
    Sample("pow", [ZEROS, np.array([0.0, 1.0, 2.0, 3.0])], smooth=False),
    Sample("float_power", [POSITIVE, COLUMN]),
    Sample("float_power", [SINGLE, 2]),
    Sample("nextafter", [ANY, COLUMN]),
    Sample("heaviside", [ANY, COLUMN]),
    Sample("heaviside", [ZEROS, 0.5], smooth=False),
    Sample("round", [ANY], {"decimals": 0}),
    Sample("round", [ANY], {"decimals": 1}, smooth=False),
    Sample("round", [INTS], {"decimals": -1}),
    Sample("round", [BOOLS], {"decimals": 0}),
    Sample("round", [2.567], {"decimals": 2}, smooth=False),
    Sample("round", [2.567], {"decimals": None}),
    Sample("round", [25], {"decimals": -1}),
    Sample("where", [ANY > 0, ANY, COLUMN]),
    Sample("where", [BOOLS, 1.5, ANY]),
    Sample("where", [True, 1.5, 2.5]),
    Sample("where", [BOOLS, SINGLE, 0]),
    Sample("where", [INTS, INTS, 0.5]),
    Sample("clip", [ANY, -0.5, 1.0]),
    Sample("clip", [ANY, COLUMN / 10 - 0.4, POSITIVE]),
    Sample("clip", [SINGLE, 0, 1]),
    Sample("clip", [INTS, -3, 3]),
    Sample("clip", [INTS, -2.5, 3]),
    Sample("clip", [BYTES, -1, 100]),
    Sample("clip", [2.5, 0, 1]),
    Sample("clip", [ZEROS, 0.0, 1.0], smooth=False),
]
