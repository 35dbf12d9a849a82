"""Loops over iterables, and `sum`, `min`, `max` (docs/language.md): decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A = np.array


X = A([3.0, 1.0, 2.0])


@case((X,))
def enum(xs):
    s = 0.0
    for i, x in enumerate(xs):
        s += i * x
    return s, i, x


@case((X,))
def enum_start(xs):
    s = 0.0
    for i, x in enumerate(xs, 10):
        s += i * x
    return s, i


@case((X, 3), (X, -2))
def enum_start2(xs, k):
    s = 0.0
    for i, x in enumerate(xs, start=k):
        s += i * x
    return s, i


@case((X, A([1.0, 2.0])), (X, A([])))
def zip_uneq(a, b):
    s = 0.0
    for x, y in zip(a, b):
        s += x * y
    return s


@case((X, A([1.0, 2.0])), (X, X))
def zip_strict(a, b):
    s = 0.0
    for x, y in zip(a, b, strict=True):
        s += x * y
    return s


@case((X, [1, 2, 3]), (X, (1, 2)))
def zip_list(a, b):
    s = 0.0
    for x, y in zip(a, b):
        s += x * y
    return s


@case((X, 3), (X, 2), (X, 0))
def zip_range(a, n):
    s = 0.0
    for x, y in zip(a, range(n)):
        s += x * y
    return s


@case((X, 3), (X, 2))
def rev(a, n):
    s = ""
    t = 0.0
    for x in reversed(a):
        t = t * 10 + x
    for i in reversed(range(n)):
        t = t * 10 + i
    return t


@case((X,))
def rev_enum(a):
    t = 0.0
    for i, x in reversed(list(enumerate(a))):
        t = t * 10 + x * i
    return t


@case((X,))
def rev_step(a):
    t = 0.0
    for x in a[::-1]:
        t = t * 10 + x
    return t


@case((X, X * 2))
def enum_zip(a, b):
    t = 0.0
    for i, (x, y) in enumerate(zip(a, b)):
        t = t + i * x * y
    return t, i, x, y


@case((X, X * 2))
def zip_enum(a, b):
    t = 0.0
    for (i, x), y in zip(enumerate(a), b):
        t = t + i * x * y
    return t


@case((np.arange(6.0).reshape(3, 2),))
def unpack_rows(m):
    t = 0.0
    for a, b in m:
        t = t + a * b
    return t


@case(
    (np.arange(9.0).reshape(3, 3),),
)
def unpack_star(m):
    t = 0.0
    for a, *b in m:
        t = t + a * b[0] + b[1]
    return t, b


@case(
    ([X, X * 2],),
)
def over_list(l):
    t = 0.0
    for x in l:
        t = t + x
    return t


@case(
    ({"a": X, "b": 2 * X},),
)
def over_dict(d):
    t = 0.0
    ks = []
    for k in d:
        t = t + d[k]
        ks.append(k)
    for k, v in d.items():
        t = t + v * len(k)
    for v in d.values():
        t = t + v
    for i, (k, v) in enumerate(d.items()):
        t = t + i * v
    return t, ks, list(d.keys()), list(d.values())


@case(
    ([(X, 1.0), (X, 2.0)],),
)
def over_pairs(l):
    t = 0.0
    for x, (w) in l:
        t = t + x * w
    return t


@case((5, 2), (5, 9), (0, 1))
def forelse(n, k):
    for i in range(n):
        if i == k:
            r = 1
            break
    else:
        r = 2
    return r


@case((X, 2.0), (X, 9.0), (A([]), 1.0))
def forelse2(xs, k):
    for i, x in enumerate(xs):
        if x == k:
            break
    else:
        return -1
    return i


@case((5.0,), (0.5,))
def whileelse(x):
    while x > 1:
        x = x / 2
        if x == 1.25:
            break
    else:
        x = -x
    return x


@case((5,), (0,))
def nested_break(n):
    c = 0
    for i in range(n):
        for j in range(i):
            if j * i > 5:
                break
            if (i + j) % 2:
                continue
            c += i * j
        else:
            c += 100
        if c > 300:
            return c
    return c, i


@case(
    (5.0,),
)
def whiletrue(x):
    n = 0
    while True:
        x = x / 2
        n += 1
        if x < 0.1:
            break
    return x, n


@case(
    (5.0,),
)
def while_static_then_tensor(x):
    k = 0
    while k < 3 and x > 1:
        x = x / 2
        k += 1
    return x, k


@case(
    (5.0, [1, 2, 3]),
)
def nested_static(x, l):
    for w in l:
        while x > w:
            x = x - 0.7
        for j in range(w):
            x = x + j
    return x


@case((5,), (0,))
def with_ctx(n):
    import contextlib

    with contextlib.nullcontext(3) as q:
        for i in range(n):
            if i == 2:
                return i + q
    return -1


@case((5,), (0,))
def tryfin(n):
    s = 0
    try:
        for i in range(n):
            s += i
        return s
    finally:
        print("done")


@case((5,), (0,))
def mutate_iter(n):
    l = [1, 2, 3]
    for x in l:
        if len(l) < 6:
            l.append(x * n)
    return l


@case((4,))
def range_mod(n):
    s = 0
    for i in range(n):
        i = i * 2
        s += i
        n = 1
    return s, i, n


@case((1, 10, 3), (10, 1, -3), (1, 10, -1), (0, 5, 0))
def range3(a, b, c):
    s = 0
    for i in range(a, b, c):
        s = s * 10 + i
    return s


@refuses("'float' object cannot be interpreted as an integer", (2.5,))
def range_float(a):
    s = 0
    for i in range(a):
        s += 1
    return s


@case((A(3),), (np.int64(3),), (True,))
def range_np(a):
    s = 0
    for i in range(a):
        s += i
    return s, s / 2


@case((5,))
def range_len(n):
    r = range(n)
    return len(r), r[1], list(r), sum(r), max(r)


@case((5,))
def range_in(n):
    return 3 in range(n), 7 in range(n)


@case((5,))
def list_range(n):
    return [i * i for i in range(n)], sum(i for i in range(n)), {i: i for i in range(n)}


@case((X,))
def lcomp(xs):
    return [x * 2 for x in xs]


@case((X,))
def lcomp_if(xs):
    return [x * 2 for x in xs if x > 1.5]


@case((X,))
def sum_gen(xs):
    return (
        sum(x * 2 for x in xs if x > 1.5),
        max(x for x in xs),
        any(x > 2 for x in xs),
        all(x > 0 for x in xs),
    )


@case((X,))
def mixb(xs):
    return (
        max(xs),
        min(xs),
        sum(xs),
        any(xs),
        all(xs),
        len(xs),
        sorted(xs),
        abs(xs),
        list(xs),
        tuple(xs),
    )


@case((3, 4.0), (4.0, 3), (3, 3.0), (3.0, 3), (True, 1))
def mm(a, b):
    return (
        max(a, b),
        min(a, b),
        max([a, b]),
        min((b, a)),
        max(a, b, 3),
        sum([a, b]),
        sum((a, b), 10),
        any([a, b]),
        all([a, 0]),
        sorted([b, a]),
        sorted([a, b], reverse=True),
    )


@case((3, -4.0), (-4.0, 3))
def mkey(a, b):
    return (
        max(a, b, key=abs),
        min([a, b], key=lambda v: v * v),
        max([a, b], key=lambda v: -v),
        max([], default=a),
        sorted([a, b], key=lambda v: v * v),
    )


@case((X,))
def mkey_arr(xs):
    return (
        max(xs, key=lambda v: -v),
        min(xs, key=abs),
        sorted(xs, key=lambda v: -v),
        sorted(xs, reverse=True),
    )


@refuses("max() can compare traced numbers, and tuples of them of one", (np.ones((2, 2)),))
def max2d(xs):
    return max(xs)


@case((np.arange(4.0).reshape(2, 2),))
def sum2d(xs):
    return sum(xs), len(xs), list(xs)


@refuses(
    "The truth value of an array with more than one element is", (np.arange(4.0).reshape(2, 2),)
)
def any2d(xs):
    return any(xs)


@refuses(
    "sorted() can compare traced numbers, and tuples of them of", (np.arange(4.0).reshape(2, 2),)
)
def sorted2d(xs):
    return sorted(xs)


@case((A([]),))
def max_empty(xs):
    return max(xs)


@case((A([]),))
def max_default(xs):
    return max(xs, default=0.0)


@case((A(2.0), A(3.0)))
def max0d(a, b):
    return max(a, b) + 1, min(a, b) + 1


@refuses(
    "max() can compare traced numbers, and tuples of them of one", (A([1.0, 2.0]), A([3.0, 4.0]))
)
def maxarr(a, b):
    return max(a, b)


@case((float("nan"), 1.0), (1.0, float("nan")))
def maxnan(a, b):
    return max(a, b), min(a, b), np.maximum(a, b)


@refuses("'result' is bound in a loop to an array that other", (np.arange(4.0),))
def named_as_results_are(x):
    result, returned = x * 1.0, 0
    y = x.copy()
    for i in graphc.staged(range(3)):
        y[0] = y[0] + i
        result = y
        returned = returned + 1
    return result, y, returned


@case((np.arange(4.0),), (np.zeros(3),))
def returned_out_of_a_loop(x):
    y = x.copy()
    for i in range(len(y)):
        y[i] += 1
        if y[i] > 2.5:
            return y
    return x


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
