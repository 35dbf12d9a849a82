"""Options that are not supported are refused, by function, option and line; never ignored."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from graphc.errors import UnsupportedError
from graphc.ops import elementwise
from graphc.ops.tensor import Tensor
from tests.ops.samples import register_all_ops

register_all_ops()

MASK = np.array([True, False, True])
X = Tensor(np.array([1.0, 2.0, 3.0]))
SQUARE = Tensor(np.eye(2))

TABLE: dict[str, tuple[Any, str]] = {
    "np.sum(X, where=MASK)": (lambda: np.sum(X, where=MASK), "sum: the option where="),
    "np.sum(X, initial=1.0)": (lambda: np.sum(X, initial=1.0), "sum: the option initial="),
    "np.max(X, initial=0.0)": (lambda: np.max(X, initial=0.0), "max: the option initial="),
    "np.mean(X, where=MASK)": (lambda: np.mean(X, where=MASK), "mean: the option where="),
    "np.var(X, mean=1.0)": (lambda: np.var(X, mean=1.0), "var: the option mean="),
    "np.any(X, where=MASK)": (lambda: np.any(X, where=MASK), "any: the option where="),
    "np.add.reduce(X, initial=1)": (lambda: np.add.reduce(X, initial=1), "sum.reduce: the option"),
    "np.add(X, 1, where=MASK)": (lambda: np.add(X, 1, where=MASK), "add: the option where="),
    "np.diff(X, prepend=0)": (lambda: np.diff(X, prepend=0), "diff: the option prepend="),
    "np.average(X, returned=True)": (lambda: np.average(X, returned=True), "average: the option"),
    "np.nan_to_num(X, copy=False)": (
        lambda: np.nan_to_num(X, copy=False),
        "nan_to_num: copy=False",
    ),
    "np.linalg.norm(SQUARE, 2)": (lambda: np.linalg.norm(SQUARE, 2), "the matrix norm of order 2"),
    "np.linalg.norm(SQUARE, 'nuc')": (lambda: np.linalg.norm(SQUARE, "nuc"), "order 'nuc'"),
    "np.subtract.accumulate(X)": (lambda: np.subtract.accumulate(X), "numpy.subtract.accumulate"),
    "np.add.outer(X, X)": (lambda: np.add.outer(X, X), "numpy.add.outer"),
    "np.sinc(X)": (lambda: np.sinc(X), "sinc"),
}


@pytest.mark.parametrize("name", TABLE)
def test_refused(name: str) -> None:
    call, message = TABLE[name]
    with pytest.raises(UnsupportedError) as caught:
        call()
    assert message in str(caught.value)


def test_refusal_shows_the_users_line() -> None:
    with pytest.raises(UnsupportedError) as caught:
        np.sum(X, initial=1.0)
    lines = str(caught.value).splitlines()
    assert lines[0] == "sum: the option initial= is not supported on tensors"
    assert "test_refusals.py:" in lines[1]
    assert lines[2].strip() == "np.sum(X, initial=1.0)"


@pytest.mark.parametrize("wrong", [lambda: np.where(MASK, X), lambda: np.where(X > 1, 1.0)])
def test_where_needs_both_values(wrong: Any) -> None:
    with pytest.raises(ValueError, match="either both or neither"):
        wrong()


def test_where_of_a_condition_alone_is_nonzero() -> None:
    (places,) = np.where(X > 1)
    np.testing.assert_array_equal(places.numpy(), [1, 2])


def test_erf_says_that_scipy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    elementwise._special.cache_clear()
    try:
        with pytest.raises(UnsupportedError, match="need SciPy, which is not installed"):
            elementwise.erf(X)
    finally:
        elementwise._special.cache_clear()


def test_out_writes_into_a_tensor() -> None:
    out = Tensor(np.zeros(3))
    assert np.add(X, 1, out=out) is out
    np.testing.assert_array_equal(out.numpy(), [2, 3, 4])
    total = Tensor(np.array(0.0))
    np.sum(X, out=total)
    assert total.numpy() == 6
