"""`with np.errstate(…)` in a decorated function holds where it stands, at every call, and no
longer.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import graphc


def ignored(x, n):
    with np.errstate(all="ignore"):
        y = np.log(x)
        for _ in range(n):
            y = y / 0.0
    return y


def raised(x):
    with np.errstate(divide="raise"):
        return 1 / x


def left_early(x):
    for row in x:
        with np.errstate(invalid="ignore"):
            r = np.sqrt(row)
            if r[0] > 1:
                return r
    return x[0]


@pytest.mark.parametrize("n", [0, 3])
def test_no_warning_inside(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (np.array([-1.0, 1.0]), np.array([0.0, 2.0])):
            np.testing.assert_array_equal(graphc.function(ignored)(x, n), ignored(x, n))


def test_warnings_after_the_block():
    def f(x):
        with np.errstate(divide="ignore"):
            y = 1 / x
        return y + 1 / x

    with pytest.warns(RuntimeWarning, match="divide by zero"):
        graphc.function(f)(np.zeros(2))


def test_raises_inside_and_restores():
    before = np.geterr()
    f = graphc.function(raised)
    for _ in range(2):
        with pytest.raises(FloatingPointError, match="divide by zero"):
            f(np.zeros(2))
        assert np.geterr() == before
    np.testing.assert_array_equal(f(np.ones(2)), np.ones(2))


@pytest.mark.parametrize("first", [0.5, 4.0])
def test_left_by_return(first):
    before = np.geterr()
    x = np.array([[0.25, -1.0], [first, -1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(graphc.function(left_early)(x), left_early(x))
    assert np.geterr() == before


@pytest.mark.parametrize("call", ["np.seterr(all='ignore')", "np.loadtxt('x')"])
def test_other_effects_of_numpy_are_refused(call):
    def seterr(x):
        np.seterr(all="ignore")
        return x

    def load(x):
        return x + np.loadtxt("x")

    f = graphc.function(seterr if "seterr" in call else load)
    with pytest.raises(graphc.GraphcError, match="cannot see inside"):
        f(np.ones(2))
