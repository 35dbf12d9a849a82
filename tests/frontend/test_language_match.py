"""`match`, special methods, properties and iterators: decorated equals undecorated.

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


@case(
    (1,),
    (2.5,),
    (True,),
)
def m1(x):
    match x:
        case bool():
            return 1
        case int():
            return 2
        case float():
            return 3


@case(
    (1,),
    (2.5,),
    (True,),
)
def m2(x):
    match x:
        case int(n):
            return n + 1
        case float(n):
            return n * 2


@case((1, 2.0), (2, 1), (0, 0), (0, 3.0))
def m3(x, y):
    match (x, y):
        case (0, 0):
            return 0
        case (0, b):
            return b
        case (int(), float() as b):
            return b * 10
        case [a, b]:
            return a - b


@case((A(1.0), A(2.0)), (A(0.0), A(0.0)))
def m4(x, y):
    match (x, y):
        case (0, 0):
            return 0.0
        case (0, b):
            return b
        case [a, b] if a < b:
            return a - b
        case _:
            return a


@case((A([0, 1, 1, 0, 2]),))
def m5(xs):
    s = 0
    for x in xs:
        match (s, x):
            case (0, 1):
                s = 1
            case (1, 0) | (1, 2):
                s = 2
            case (2, _):
                s = 0
            case _:
                s = s
    return s


@case((1, (2.0, 3)), (0, (2.0, 3)))
def m6(x, p):
    match (x, p):
        case (0, (a, b)):
            return a + b
        case (1, (a, _)):
            return a


@case((A(5.0),), (A(0.5),))
def m7(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    match r:
        case None:
            return 0.0
        case v:
            return v


@case((A(5.0),), (A(0.5),))
def m8(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    match (r, 1):
        case (None, _):
            return 0.0
        case (v, _):
            return v


class V:
    def __init__(self, x):
        self.x = x
        self.n = 0

    def __add__(self, o):
        print("add", self.x)
        if self.x.sum() > 0:
            return V(self.x + o.x)
        return V(self.x - o.x)

    @property
    def p(self):
        print("prop")
        self.n = self.n + 1
        if self.x.sum() > 0:
            return self.x * 2
        return self.x

    @p.setter
    def p(self, v):
        if v.sum() > 0:
            self.x = v
        else:
            self.x = -v

    def __getitem__(self, i):
        if self.x[i] > 0:
            return self.x[i]
        return 0.0

    def __len__(self):
        return self.x.shape[0]

    def __bool__(self):
        return self.x.sum() > 0

    def __contains__(self, v):
        return (self.x == v).any()

    def __iadd__(self, o):
        self.x = self.x + o
        return self

    def __str__(self):
        return f"V({self.x})"

    def __lt__(self, o):
        return self.x.sum() < o.x.sum()

    def __iter__(self):
        return iter(self.x)

    def __call__(self, v):
        return self.x * v


@case((V(A([1.0, 2.0])), V(A([3.0, 2.0]))), (V(A([-1.0, -2.0])), V(A([3.0, 2.0]))))
def v1(a, b):
    return (a + b).x, a.p, len(a), a[0]


@case((V(A([1.0, 2.0])), V(A([3.0, 2.0]))), (V(A([-1.0, -2.0])), V(A([3.0, 2.0]))))
def v2(a, b):
    if a:
        r = 1.0
    else:
        r = 2.0
    if not b:
        r += 1
    return r, a < b, 1.0 in a, a(2.0)


@case((V(A([1.0, 2.0])), V(A([3.0, 2.0]))), (V(A([-1.0, -2.0])), V(A([3.0, 2.0]))))
def v3(a, b):
    a += 3.0
    b.p = a.x
    s = 0.0
    for z in a:
        s += z
    return s


@case((V(A([1.0, 2.0])), V(A([3.0, 2.0]))))
def v4(a, b):
    print(a, f"{a}", [b.x])


@case((A([1.0, 2.0]), 3.0))
def v5(x, y):
    a = V(x)
    while a.x.sum() < 20:
        a += y
    b = a + V(x)
    b.p = -x
    return a.x, b.x, b.p, a.n


@case((A([1.0, 2.0]),))
def gen_any(x):
    return any(print("t", v) or v > 1 for v in x), all([v > 0 for v in x]), any(v > 1 for v in x)


@refuses("an iterator is consumed in a loop or branch that it comes", (A([1.0, 2.0, 3.0]),))
def it_loop(x):
    it = iter(x)
    s = 0.0
    while s < 2:
        s = s + next(it)
    return s


@case((5,))
def it_loop2(n):
    e = enumerate([1, 2, 3])
    s = 0
    for i, v in e:
        s += v * n
        break
    for i, v in e:
        s += v
    return s


@refuses("this iterator has been consumed before, perhaps in part", (A([1.0, 2.0, 3.0]),))
def it_twice(x):
    z = zip(x, x)
    s = 0.0
    for a, b in z:
        s += a * b
    for a, b in z:
        s += a * b
    return s


@case(
    (4, 2),
)
def rng(n, k):
    r = range(n)
    return r[k], len(r), [i for i in r], k in r


@case(
    (4, 2),
)
def rng2(n, k):
    s = 0
    for i in reversed(range(k, n, 1)):
        s = s * 10 + i
    for i in reversed(range(n)):
        s = s * 10 + i
    return s


# -- patterns that take a value apart --------------------------------------------------------------

XS = A([3.0, 1.0, 2.0, -1.0])
DATA = ((XS,), (XS - 3,), (XS + 5,))


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Box:
    def __init__(self, x):
        self.x = x


@case(*DATA)
def pairs(x):
    match (x[0], x[1]):
        case (float(a), float(b)) if a > b:
            return a
        case (a, b):
            return b * 2


@case(*DATA)
def mappings(x):
    match {"k": x[0], "l": x[1], "m": 2}:
        case {"k": a, "l": 6.0, **rest}:
            return a * len(rest)
        case {"k": a, "zz": _}:
            return 0
        case {"k": a, "m": int(c)} if a > 1:
            return a * c
        case {**rest}:
            return rest["l"]


@case(*DATA)
def stars(x):
    match [x[0], x[1], x[2]]:
        case [a, *rest] if a > 5:
            return rest[0] + rest[1]
        case [a, *_, 2.0]:
            return a * 3
        case [*first, b]:
            return first[1] * b


@case(*DATA)
def objects(x):
    match Point(x[0], Box(x[1])):
        case Point(a, Box(x=6.0)):
            return a
        case Point(float(a), Box(x=float(b) as c)) if a > 0:
            return a + b + c
        case Point(y=q):
            return q.x


@case((1.0, 2.0))
def of_numbers(x, y):
    match Point(x, y):
        case Point(int(), b):
            return b
        case Point(float(a), float(b)):
            return a + b


@case((XS,))
def too_many_parts(x):
    match Box(x):
        case Box(a):
            return a


@case((XS,))
def one_part_twice(x):
    match Point(x, x):
        case Point(a, x=b):
            return a, b


@case(({"a": 1},), ({},), ([1, 2],), ("ab",), (None,), ((1, "a"),), (Point(1, 2),))
def known(x):
    match x:
        case {"a": a, **rest}:
            return a, rest
        case {}:
            return "empty"
        case [a, *rest]:
            return a, rest
        case str(s):
            return s * 2
        case Point(a, y=b):
            return a, b
        case _:
            return 0


@refuses("these alternatives bind names", (1.0,))
def alternatives(y):
    match Point(y, 1):
        case Point(float() as a, 1) | Point(1, a):
            return a


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
