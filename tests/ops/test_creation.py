"""Making arrays is NumPy's: sizes and bounds may be tensors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.errors import UnsupportedError
from tests.ops.compare import check, traced

A = np.arange(6.0).reshape(2, 3)
I = np.arange(3, dtype=np.int32)

EXPRESSIONS = {
    "zeros": (lambda m, n: m.zeros(n), 3),
    "zeros of a shape": (lambda m, n: m.zeros((2, n), dtype=np.float32), 3),
    "zeros like a shape": (lambda m, x: m.zeros(x.shape), A),
    "zeros of nothing": (lambda m, n: m.zeros(()), 1),
    "zeros negative": (lambda m, n: m.zeros(-1), 1),
    "zeros of a float": (lambda m, n: m.zeros(n), 2.0),
    "ones": (lambda m, n: m.ones((n, n), int), 2),
    "ones of bools": (lambda m, n: m.ones(n, bool), 2),
    "full": (lambda m, v: m.full((2, 2), v), 1.5),
    "full of ints": (lambda m, v: m.full(3, v), 7),
    "full dtype": (lambda m, v: m.full((2,), v, dtype=np.int8), 7.9),
    "full of an array": (lambda m, v: m.full((2, 3), v), I),
    "full that does not fit": (lambda m, v: m.full((2, 4), v), I),
    "zeros_like": (lambda m, x: m.zeros_like(x), I),
    "ones_like dtype": (lambda m, x: m.ones_like(x, dtype=float), I),
    "ones_like shape": (lambda m, x: m.ones_like(x, shape=(2, 2)), I),
    "full_like": (lambda m, x: m.full_like(x, 2.9), I),
    "zeros_like of a number": (lambda m, x: m.zeros_like(x), 3),
    "arange": (lambda m, n: m.arange(n), 4),
    "arange of a float": (lambda m, n: m.arange(n), 4.5),
    "arange from": (lambda m, n: m.arange(1, n), 4),
    "arange step": (lambda m, n: m.arange(n, 0, -2), 5),
    "arange step only": (lambda m, n: m.arange(n, step=2), 5),
    "arange floats": (lambda m, h: m.arange(0, 1, h), 0.3),
    "arange dtype": (lambda m, n: m.arange(n, dtype=np.float32), 4),
    "arange of int32": (lambda m, n: m.arange(n), np.int32(4)),
    "arange of float32": (lambda m, n: m.arange(0, n), np.float32(4)),
    "arange down": (lambda m, n: m.arange(n, 2), 5),
    "arange literal": (lambda m, n: m.arange(0.0, 1.0, 0.1) * n, 2),
    "arange step zero": (lambda m, n: m.arange(0, 3, 0) + n, 2),
    "linspace": (lambda m, n: m.linspace(0, 1, n), 5),
    "linspace open": (lambda m, a: m.linspace(a, 2, 4, endpoint=False), 0.5),
    "linspace ints": (lambda m, a: m.linspace(a, 10, 4, dtype=int), 0),
    "linspace of arrays": (lambda m, x: m.linspace(x, x + 1, 3), A),
    "linspace axis": (lambda m, x: m.linspace(x, 1.0, 3, axis=-1), A),
    "linspace float32": (lambda m, a: m.linspace(a, a + a, 3), np.float32(1)),
    "linspace of one": (lambda m, a: m.linspace(a, 2, 1), 0.5),
    "linspace negative": (lambda m, a: m.linspace(a, 2, -1), 0.5),
    "logspace": (lambda m, a: m.logspace(a, 2, 3), 0.0),
    "eye": (lambda m, n: m.eye(n), 3),
    "eye of a diagonal": (lambda m, n: m.eye(2, n, 1, dtype=int), 3),
    "identity": (lambda m, n: m.identity(n), 3),
    "tri": (lambda m, n: m.tri(n, 4, -1), 3),
    "array": (lambda m, x: m.array([x, 1, 2.5]), 3),
    "array of rows": (lambda m, x: m.array([x, x]), I),
    "array nested": (lambda m, a, b: m.array([[a, 1], [2, b]]), 3, 4.0),
    "array dtype": (lambda m, x: m.array(x, dtype=float), I),
    "array ndmin": (lambda m, x: m.array(x, ndmin=3), I),
    "asarray": (lambda m, x: m.asarray(x), 3),
    "copy": (lambda m, x: m.copy(x), A),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_function_is_numpys(name):
    f, *operands = EXPRESSIONS[name]
    check(f, *operands)


def test_empty_holds_zeros_to_be_the_same_at_every_run():
    (result,) = traced(lambda m, n: m.empty((2, n)), [3])
    np.testing.assert_array_equal(result, np.zeros((2, 3)))


def test_option_is_refused():
    error = traced(lambda m, n: m.linspace(0, 1, n, retstep=True), [3])
    assert isinstance(error, UnsupportedError)
    assert "retstep" in str(error) and "test_creation.py" in str(error)


numbers = st.integers(-6, 6) | st.floats(-6, 6).map(lambda x: round(x, 2))


@settings(deadline=None)
@given(numbers, numbers, numbers.filter(lambda s: abs(s) > 0.05))
def test_arange(start, stop, step):
    check(lambda m, a: m.arange(a, stop, step), start)
    check(lambda m, a: m.arange(start, stop, step) + a, 1)


@settings(deadline=None)
@given(numbers, numbers, st.integers(0, 6), st.booleans())
def test_linspace(start, stop, num, endpoint):
    check(lambda m, a: m.linspace(a, stop, num, endpoint), start)
