"""Comprehensions and generators with conditions, which become loops: decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import numpy as np
import pytest

from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A = np.array


X = A([3.0, 1.0, 2.0, -1.0])


@case((X,), (A([-1.0]),), (A([]),))
def f1(xs):
    return [x * 2 for x in xs if x > 1.5]


@case(
    (X,),
)
def f2(xs):
    return (
        sum(x * 2 for x in xs if x > 1.5),
        max(x for x in xs if x > 0),
        len([x for x in xs if x < 0]),
    )


@case((5,), (0,), (20,))
def f3(n):
    return (
        sum(i * i for i in range(n) if i % 2),
        [i for i in range(n) if i % 3 == 0],
        sum([i for i in range(n)]),
    )


@refuses(
    "a StagedText is an item of a list whose length depends on",
    ([1, 2, 3], "a"),
)
def f4(l, s):
    return (
        [v for v in l if v > 1],
        [s + str(v) for v in l if v != 2],
        [(a, b) for a in l if a > 1 for b in l if b < a],
    )


@case(
    (X, 1.5),
)
def f5(xs, t):
    x = 7
    ys = [x for x in xs if x > t and x < 10]
    return x, len(ys), np.sum(ys), [y for y in ys if y > 2]


@case(
    (X,),
)
def f6(xs):
    if any([x > 2 for x in xs if x > 0]):
        return 1
    return 0


@case(
    (X,),
)
def f7(xs):
    d = {"a": [x for x in xs if x > 0], "b": 1}
    return len(d["a"]) * 2 + (1 if [x for x in xs if x > 100] else 0)


@case((10,), (30,), (2,))
def primes(n):
    out = []
    for k in range(2, n):
        if all(k % d for d in range(2, k)):
            out.append(k)
    return out


@case((3,), (4,))
def any_gen(n):
    return any(i * i == n for i in range(n + 1)), all(i < n for i in range(n))


@case(
    (X, 1.5),
)
def argw(xs, t):
    return [i for i, x in enumerate(xs) if x > t]


@case((np.arange(6.0).reshape(3, 2),))
def rowf(m):
    return sum(a * b for a, b in m if a > 0)


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
