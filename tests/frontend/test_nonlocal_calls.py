"""Functions that bind variables of others anew, called by functions that know nothing of it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.frontend.language import assert_refused, assert_same


def apply_all(f, xs):
    r = 0.0
    for x in xs:
        r = r + f(x)
    return r


def until(f, limit):
    s = 0.0
    while s < limit:
        s = s + f(s)
    return s


def through_another(f, xs):
    return apply_all(lambda x: f(x) * 2, xs)


def counting(apply):
    def use(xs):
        k = 0

        def bump(x):
            nonlocal k
            k += 1
            return x * k

        return apply(bump, xs), k

    return use


@pytest.mark.parametrize("apply", [apply_all, through_another], ids=lambda fn: fn.__name__)
def test_same(apply):
    assert_same(counting(apply), ((np.array([1.0, 2.0, 3.0]),), ([1.0, 2.0],)))


def use_until(limit):
    k = 0

    def bump(x):
        nonlocal k
        k += 1
        return 1.5 * k

    return until(bump, limit), k


def test_refused_in_a_loop_of_unknown_length():
    assert_refused(use_until, "binds 'k' anew, a variable of another function", ((7.0,),))
