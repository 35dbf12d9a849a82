"""Regressions: original ≡ decorated ≡ interpreted on the programs of `found.py`."""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.corpus.harness import assert_same, interpreted, observe
from tests.random_programs.found import PROGRAMS

ARGUMENTS = (
    (1.5, np.array([0.25, 1.0, 2.0])),
    (-1.5, np.array([3.0, 0.5, 1.0])),
    (0.0, np.array([1.0, 2.0, 3.0])),
)


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_found(fn):
    decorated = graphc.function(fn)
    run = interpreted(decorated)
    for args in ARGUMENTS:
        wanted = observe(fn, args)
        assert_same(wanted, observe(decorated, args), f"generated{args}")
        assert_same(wanted, observe(run, args), f"interpreted{args}")


def first_and_mean(v):
    """The cotangent of the mean is a broadcast, which nothing may be added to in place."""
    z = 0.0
    for z in v:
        pass
    return z - v.mean()


def test_cotangents_that_are_broadcasts():
    found = graphc.grad(first_and_mean)(np.array([0.3, -0.7, 1.9, 0.1]))
    np.testing.assert_allclose(found, [-0.25, -0.25, -0.25, 0.75])


def in_place_then_rebound(x, v):
    w = v * 0.5
    while x > 0:
        w[w > 1] = x
        w = v
        x -= 1.0
    return w


def bound_to_what_changes(x, v):
    best = v * 2
    while x > 0:
        if v[0] > x:
            best = v
        v[0] += 1.0
        x -= 1.0
    return best


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (in_place_then_rebound, "is changed in place and then bound to another array"),
        (bound_to_what_changes, "is bound in a loop to an array that other iterations change"),
    ],
)
def test_refused(fn, message):
    with pytest.raises(graphc.GraphcError, match=message):
        graphc.function(fn)(2.5, np.array([0.25, 1.0, 2.0]))
