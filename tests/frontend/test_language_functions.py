"""Functions, closures and exceptions (docs/language.md): decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A = np.array


X = A([3.0, 1.0, 2.0])


@case((5.0,), (0.5,))
def walrus(x):
    if (y := x * 2) > 3:
        return y
    return y + 1


@case(
    (5.0,),
)
def walrus2(x):
    n = 0
    while (x := x / 2) > 0.1:
        n += 1
    return x, n


@case((1,), (2,), (3,), (7,))
def mtch(x):
    match x:
        case 1:
            return 10
        case 2 | 3:
            return 20
        case n if n > 5:
            return n
        case _:
            return -1


@case((1, 2), (0, 0), (0, 5), (3, 3))
def mtch2(a, b):
    match (a, b):
        case (0, 0):
            return 1
        case (0, y):
            return y
        case (x, y) if x == y:
            return x * 100
        case (x, y):
            return x + y


@case(([1, 2, 3],), ([],), ([1],))
def mtch3(l):
    match l:
        case []:
            return 0
        case [x]:
            return x
        case [x, *r]:
            return x, r


@case(({"k": 1, "v": 2.0},), ({"z": 3},))
def mtch4(d):
    match d:
        case {"k": k, "v": v}:
            return k * v
        case {"z": z}:
            return z


@case((1,), (2.5,), ("s",), (None,), (True,))
def mtch5(x):
    match x:
        case bool():
            return "b"
        case int():
            return "i"
        case float():
            return "f"
        case str():
            return "s"
        case None:
            return "n"


@case((1,), (0,))
def mtch6(x):
    match x:
        case True:
            return "T"
        case 1:
            return "one"
        case _:
            return "o"


def say(v, t):
    print("say", t)
    return v


@case((1.0,), (-1.0,))
def shortc(x):
    a = x > 0 and say(x, "r") > 0
    b = x > 0 or say(x, "o") > 0
    c = say(x, 1) < say(0, 2) < say(5, 3)
    d = say(1, "t") if x > 0 else say(2, "e")
    return a, b, c, d


@case((0.0,), (2.0,))
def andval(x):
    return x and 5, x or 7, not x, (x and 3) or 4, x and [1], () or x


@case((3,), (0,))
def prints(n):
    for i in range(n):
        print(i, i / 2, sep="-", end=";\n")
        if i == 1:
            print("one")
    print()
    print("end", n, [n, (n,)], {"a": n})


@case((A([1.0, 2.0]),))
def prints2(xs):
    for x in xs:
        print(x, f"{x:.2f}", xs)
    print(xs, xs.shape, xs.dtype)


@case((5.0,), (-1.0,), (0.0,))
def asserts(x):
    assert x >= 0, f"neg {x}"
    if x == 0:
        raise ValueError("zero", x)
    return x


class MyErr(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.a = a
        self.b = b

    def __str__(self):
        return f"my {self.a} {self.b}"


@case((5.0,), (-1.0,))
def raise_custom(x):
    if x < 0:
        raise MyErr(x, "b")
    return x


class MyErr2(ValueError):
    def __init__(self, a, *, b=0):
        super().__init__(f"msg {a}")
        self.a = a
        self.b = b


@case((5.0,), (-1.0,))
def raise_custom2(x):
    if x < 0:
        raise MyErr2(3, b=4)
    return x


@case((5.0,), (-1.0,))
def raise_custom3(x):
    if x < 0:
        raise MyErr2(x, b=4)
    return x


@case((5.0,), (-1.0,))
def raise_from(x):
    if x < 0:
        raise ValueError("a") from KeyError("b")
    return x


@case((3,), (7,))
def raise_loop(n):
    s = 0
    for i in range(n):
        if i > 4:
            raise IndexError(f"too big {i}")
        s += i
    return s


@case((3,), (7,))
def raise_loop2(n):
    s = 0
    for i in range(n):
        print(i)
        assert i < 5
        s += i
    return s


@case((5.0,), (-1.0,))
def raise_cls(x):
    if x < 0:
        raise ValueError
    return x


@case((5.0,), (-1.0,))
def raise_notexc(x):
    if x < 0:
        raise "abc"
    return x


@case((3,))
def closure_late(n):
    fs = []
    for i in range(3):
        fs.append(lambda: i * n)
    return [f() for f in fs]


@refuses("'f' may be unbound here, or ", (3,), (0,))
def closure_late2(n):
    for i in range(n):
        f = lambda: i
    return f()


@case((3,))
def closure_default(n):
    fs = [lambda i=i: i * n for i in range(3)]
    return [f() for f in fs]


@case((3,))
def nonloc(n):
    c = 0

    def inc(k):
        nonlocal c
        if k > 1:
            c += k
        return c

    for i in range(n):
        inc(i)
    return c


@case((5.0,))
def nonloc2(x):
    c = 0

    def inc():
        nonlocal c
        c += 1

    while x > 1:
        inc()
        x = x / 2
    return c


@case((5.0,))
def lams(x):
    f, g = (lambda v: v + 1 if v > 0 else 0), (lambda v: v * 2 if v > 0 else 1)
    return f(x), g(x), f(-x), g(-x)


@case((5.0,), (-5.0,))
def defaults(x):
    def g(a, b=2, *, c=3):
        if a > 0:
            return a * b * c
        return -a

    return g(x), g(x, 3), g(x, c=1)


@dataclass
class P:
    x: float
    y: float

    def norm(self):
        if self.x > self.y:
            return self.x
        return self.y

    @property
    def big(self):
        if self.x > 0:
            return self.x * 2
        return 0.0

    def __add__(self, o):
        if o.x > 0:
            return P(self.x + o.x, self.y)
        return P(self.x, self.y + o.y)

    def __eq__(self, o):
        return self.x == o.x

    def __lt__(self, o):
        if self.x < o.x:
            return True
        return False

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __len__(self):
        return 2

    def __bool__(self):
        return self.x > 0

    def __call__(self, z):
        if z > 0:
            return self.x * z
        return self.y * z

    def __iter__(self):
        return iter((self.x, self.y))

    def __contains__(self, v):
        return v == self.x

    def __neg__(self):
        if self.x > 0:
            return P(-self.x, self.y)
        return P(self.x, -self.y)

    def __iadd__(self, o):
        self.x = self.x + o
        return self

    @staticmethod
    def st(v):
        if v > 0:
            return v
        return -v

    @classmethod
    def mk(cls, v):
        if v > 0:
            return cls(v, v)
        return cls(-v, v)


@case((P(1.0, 2.0),), (P(2.0, 1.0),))
def meth(p):
    return p.norm()


@case((P(1.0, 2.0),), (P(-2.0, 1.0),))
def prop(p):
    return p.big


class Base:
    def __init__(self, v):
        self.v = v if v > 0 else -v
        self._w = 0.0

    def go(self, x):
        if x > 0:
            return self.v * x
        return x

    @property
    def w(self):
        return self._w

    @w.setter
    def w(self, val):
        if val > 0:
            self._w = val
        else:
            self._w = -val


class Der(Base):
    def __init__(self, v):
        super().__init__(v)
        self.k = 2

    def go(self, x):
        if x > 1:
            return super().go(x) * self.k
        return super().go(x)


G = Der(2.0)


def deco(f):
    @functools.wraps(f)
    def w(*a, **k):
        r = f(*a, **k)
        if r > 0:
            return r + 1
        return r

    return w


@deco
def decorated(v):
    if v > 1:
        return v * 2
    return v


def apply2(f, x):
    return f(f(x))


class NT(NamedTuple):
    a: float
    b: float

    def tot(self):
        if self.a > 0:
            return self.a + self.b
        return self.b


CONST = 3.0


GL = []


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
