"""Arrays without dimensions, changed in place, are refused: a graph takes them for numbers."""

from __future__ import annotations

import numpy as np
import pytest

import graphc


def aliased(x):
    y = x
    y *= 2
    return x


def in_a_loop(x):
    for _ in range(3):
        x += 1
    return x


def in_a_branch(x):
    y = x
    if x > 1:
        y += 1
    return x


def made(x):
    total = np.zeros(())
    other = total
    for v in (x, x):
        total += v
    return other


@pytest.mark.parametrize("f", [aliased, in_a_loop, in_a_branch])
def test_of_an_argument(f):
    with pytest.raises(graphc.GraphcError, match="without dimensions"):
        graphc.function(f)(np.array(3.0))


def test_made_inside():
    with pytest.raises(graphc.GraphcError, match="without dimensions"):
        graphc.function(made)(1.0)


@pytest.mark.parametrize("f", [aliased, in_a_loop, in_a_branch])
@pytest.mark.parametrize("x", [3.0, np.float64(3.0), np.float32(0.5), 2])
def test_numbers_are_bound_anew(f, x):
    wanted, found = f(x), graphc.function(f)(x)
    assert type(wanted) is type(found) and wanted == found
