"""Arrays that are None or unbound on some path, and written to: the write reaches whatever else
they are, or is refused.
"""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.corpus.harness import assert_same, interpreted, observe

UNCERTAIN = "this writes to an array that another name may share"
BOUND = "is changed in place and then bound to another array, in a loop"
CASES = []


def same(fn):
    CASES.append((fn, None))
    return fn


def refused(message):
    def note(fn):
        CASES.append((fn, message))
        return fn

    return note


@same
def unbound_or_one(x, v, u):
    if x > -5:
        w = v
    w[0] = 5
    return v, w


@same
def unbound_or_either(x, v, u):
    if x > 0:
        w = v
    if x < 0:
        w = u
    w[0] = 5
    return v, u


@same
def none_or_one(x, v, u):
    m = None
    if x > 0:
        m = v
    if m is not None:
        m[0] = 7
    return v


@same
def none_or_one_that_changes(x, v, u):
    m = None
    if x > 0:
        m = v
    v[0] = 11
    if m is not None:
        return m.sum()
    return 0.0


@same
def best_so_far(x, v, u):
    m = None
    for r in (v, u):
        if m is None or r[0] > x:
            m = r
    m[0] = 5
    return m.sum(), v, u


@same
def of_its_own(x, v, u):
    m = None
    while x < 3:
        if m is None:
            m = v * 1
        m[0] += 1
        x += 1
    return v, m


@refused(UNCERTAIN)
def unbound_or_a_view(x, v, u):
    if x > 0:
        w = v[1:]
    if x < 0:
        w = u[:1]
    w += 5
    return v, u


@refused(UNCERTAIN)
def after_a_loop(x, v, u):
    m = None
    while x < 3:
        m = v
        x += 1
    m[0] = 17
    return v


@refused(BOUND)
def in_the_next_iteration(x, v, u):
    m = None
    while x < 3:
        if m is not None:
            m[0] = 7 + x
        m = v
        x += 1
    return v


@refused(BOUND)
def in_the_first_iteration(x, v, u):
    m = None
    while x < 3:
        if m is None:
            m = v
        m[0] += 1
        x += 1
    return v


@pytest.mark.parametrize(("fn", "message"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_perhaps_arrays(fn, message) -> None:
    decorated = graphc.function(fn)
    for x in (1.0, -1.0, 1.0):
        args = (x, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        if message is not None:
            with pytest.raises(graphc.GraphcError, match=message):
                decorated(*args)
            continue
        wanted = observe(fn, args)
        assert_same(wanted, observe(decorated, args), f"decorated{args}")
        assert_same(wanted, observe(interpreted(decorated), args), f"interpreted{args}")
