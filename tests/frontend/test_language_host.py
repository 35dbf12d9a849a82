"""`graphc.host_call` and `graphc.pure`: decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.frontend.language import Cases, assert_same

CASES = Cases()
case = CASES.case


A = np.array


LOG = []


@case(
    (5.0,),
)
def hc1(x):
    LOG.clear()
    return x


def lookup(i):
    return [10.0, 20.0, 30.0][i]


def rows(x):
    return np.asarray(x) * 2.0


@case(
    (1, A([1.0, 2.0])),
)
def hc2(i, x):
    s = graphc.host_call(lookup, i, result=float)
    y = graphc.host_call(rows, x, result=x)
    for k in range(3):
        s = s + graphc.host_call(lookup, k, result=float)
        print(s)
    return (
        s,
        y,
        graphc.host_call(lambda a, *, b: (a, b), s, b=y, result=(float, (np.float64, (None,)))),
    )


@case((1.0,), (3.0,))
def hc3(x):
    if x > 2:
        graphc.host_call(print, "big", f"{x:.2f}")
    graphc.host_call(print, [x, 1])
    return x


@case(
    (1.0,),
)
def hc4(x):
    return graphc.host_call(lookup, 1, result=int)


@graphc.pure(result=float)
def tab(i):
    try:
        return [1.0, 2.0][i]
    except IndexError:
        return -1.0


@graphc.pure
def tab2(i):
    try:
        return [1.0, 2.0][i]
    except IndexError:
        return -1.0


@case((0,), (5,))
def pc(i):
    return tab(i) + tab2(1)


@case((0,), (5,))
def pc2(i):
    return tab2(i)


@case(
    (A([1.0, 2.0]),),
)
def hcmut(x):
    graphc.host_call(lambda v: v.fill(0), x)
    return x


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


