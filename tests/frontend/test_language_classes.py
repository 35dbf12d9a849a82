"""Methods, special methods, containers (docs/language.md): decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import graphc
from tests.corpus.harness import assert_same as compare
from tests.corpus.harness import observe
from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A = np.array


X = A([3.0, 1.0, 2.0])


def say(v, t):
    print("say", t)
    return v


class MyErr(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.a = a
        self.b = b

    def __str__(self):
        return f"my {self.a} {self.b}"


class MyErr2(ValueError):
    def __init__(self, a, *, b=0):
        super().__init__(f"msg {a}")
        self.a = a
        self.b = b


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


@case((P(1.0, 2.0), P(2.0, 1.0)), (P(1.0, 2.0), P(-2.0, 1.0)))
def dadd(p, q):
    return p + q


@case((P(1.0, 2.0), P(2.0, 1.0)), (P(3.0, 2.0), P(-2.0, 1.0)))
def dlt(p, q):
    return p < q


@case((P(1.0, 2.0), P(2.0, 1.0)), (P(3.0, 2.0), P(3.0, 1.0)))
def deq(p, q):
    return p == q, p != q


@case((P(1.0, 2.0),), (P(3.0, 2.0),))
def dget(p):
    return p[0] + p[1], len(p)


@case((P(1.0, 2.0),), (P(-3.0, 2.0),))
def dbool(p):
    if p:
        return 1
    return 2


@case((P(1.0, 2.0), 2.0), (P(-3.0, 2.0), -1.0))
def dcall(p, z):
    return p(z)


@case(
    (P(1.0, 2.0),),
)
def diter(p):
    a, b = p
    s = 0.0
    for v in p:
        s += v
    return a - b, s


@case((P(1.0, 2.0), 1.0), (P(1.0, 2.0), 5.0))
def dcont(p, v):
    return v in p


@case((P(1.0, 2.0),), (P(-1.0, 2.0),))
def dneg(p):
    return -p


@case(
    (P(1.0, 2.0), 3.0),
)
def diadd(p, v):
    p += v
    return p.x


@case((P(1.0, 2.0), 3.0), (P(1.0, 2.0), -3.0))
def dstatic(p, v):
    return P.st(v), p.st(-v), P.mk(v), p.mk(v).norm()


@refuses("max() can compare traced numbers, and tuples of them of one", (3.0,), (-3.0,))
def dnew(v):
    p = P(v, 1.0)
    return (
        p.big,
        p.norm(),
        (p + p).x,
        p < P(0.0, 0.0),
        p(v),
        v in p,
        (-p).x,
        p[0],
        max(p, P(0.0, 0.0)).x,
    )


@refuses("sorted() can compare traced numbers, and tuples of them of", (3.0,), (-3.0,))
def dsorted(v):
    return [p.x for p in sorted([P(v, 1.0), P(0.0, 2.0), P(1.0, 1.0)])]


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


@case((3.0,), (-3.0,), (0.5,))
def sup(v):
    return Der(v).go(v)


@case((3.0,), (-3.0,))
def propset(v):
    d = Der(1.0)
    d.w = v
    return d.w


G = Der(2.0)


@case((3.0,), (-3.0,))
def propset_out(v):
    G.w = v
    return G.w


@case((3.0,), (-3.0,))
def part(v):
    f = functools.partial(P.st)
    g = functools.partial(lambda a, b: a - b if a > b else b, 1.0)
    return f(v), g(v)


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


@case((3.0,), (-3.0,), (0.5,))
def usedeco(v):
    return decorated(v)


@case((3.0,), (-3.0,))
def dispatch(v):
    d = {"a": lambda z: z + 1 if z > 0 else z, "b": P.st}
    return d["a"](v), d["b"](v), [f(v) for f in d.values()]


def apply2(f, x):
    return f(f(x))


@case((3.0,), (-3.0,))
def hof(v):
    return (
        apply2(lambda z: z * 2 if z > 0 else z - 1, v),
        list(map(lambda z: z + 1 if z > 0 else 0, [v, -v])),
        list(map(math.sin, [v, 1.0])),
        list(map(lambda a, b: a * b, [v, 1.0], [2, 3])),
    )


@case((3.0,), (-3.0,))
def filt(v):
    return list(filter(lambda z: z > 0, [v, 1.0, -1.0]))


@case(([1.0, 2.0, -1.0],))
def reduce_(l):
    return functools.reduce(lambda a, b: a if a > b else b, l), functools.reduce(
        lambda a, b: a + b, l, 10.0
    )


@case((3.0,), (-3.0,))
def genexp_lazy(v):
    g = (print("x", i) or i * v for i in range(3))
    print("start")
    return next(g), list(g)


class NT(NamedTuple):
    a: float
    b: float

    def tot(self):
        if self.a > 0:
            return self.a + self.b
        return self.b


@case((NT(1.0, 2.0),), (NT(-1.0, 2.0),))
def nt(p):
    return p.tot(), p._replace(a=5.0), p.a, p + (1,), p == NT(1.0, 2.0)


@case((1.0,), (-1.0,))
def tup_eq(v):
    return (
        (v, 1) == (1.0, 1),
        (v, 2) < (1.0, 3),
        [v] == [1.0],
        [v] != [1.0],
        (v,) == (v,),
        [v] < [0.0],
    )


@case((1.0,), (-1.0,))
def tup_in(v):
    return (v, 1) in [(1.0, 1)], [v, 2].index(2), [v, 2.0].count(1.0), [v, 2.0].index(1.0)


@case((1.0,), (-1.0,))
def tup_rm(v):
    l = [v, 2.0, 1.0]
    l.remove(1.0)
    return l


@case((1.0,), (-1.0,))
def set_of(v):
    return len({v, 1.0}), len({1.0: 2, v: 3}), v in {1.0, 2.0}


@case((1.0,), (5.0,))
def dict_key(v):
    d = {}
    d[v] = 1
    return d, d.get(1.0)


@case((3.0,), (-3.0,))
def sorted_t(v):
    return (
        sorted([v, 1.0, 2.0]),
        sorted([(v, 1), (1.0, 2)]),
        min([(v, 1), (1.0, 2)]),
        max((v, 1), (1.0, 2)),
    )


@case((3.0,), (-3.0,))
def lsort(v):
    l = [v, 1.0, 2.0]
    l.sort()
    return l


@case((3,), (-3,))
def cmplx(v):
    return complex(v, 1), v * 1j, abs(v + 1j)


@refuses(
    "graphc cannot see inside vars: it may have effects, and",
    (3,),
)
def getset(v):
    p = P(1.0, 2.0)
    setattr(p, "x", v)
    return getattr(p, "x"), getattr(p, "zz", v), hasattr(p, "y"), vars(p), p.__dict__


@case((3.0,), (-3.0,))
def iter_next(v):
    it = iter([v, 2.0, 3.0])
    a = next(it)
    b = next(it, 0.0)
    s = 0.0
    for z in it:
        s += z
    return a, b, s


@case((A([1.0, 2.0]),))
def iter_arr(v):
    it = iter(v)
    return next(it), next(it), next(it, None)


@case((3,))
def while_pop(n):
    l = [1, 2, 3]
    s = 0
    while l:
        s += l.pop() * n
    return s, l


@case((3,))
def stack_algo(n):
    st = [n]
    out = []
    while st:
        v = st.pop()
        out.append(v)
        if len(out) < 5:
            st.append(v - 1)
    return out


@case((3,))
def stack_algo2(n):
    st = [n]
    c = 0
    while st:
        v = st.pop()
        c += 1
        if v > 0:
            st.append(v - 1)
    return c


@case((1.0,))
def del_(v):
    y = v
    del y
    try_ = 1
    return y


@case((1.0,))
def glob(v):
    return CONST * v


CONST = 3.0


@case((2.0,))
def imp(v):
    import math as m
    from math import sqrt

    return m.sin(v) + sqrt(v)


@case((2.0,))
def annot(v):
    x: float = v
    y: int
    return x


@case((2.0,), (-2.0,))
def multi_assign(v):
    a = b = v
    a += 1
    (c, d), *e = (a, b), 1, 2
    a, b = b, a
    x = y = [v]
    x.append(1)
    return a, b, c, d, e, y


@case((A([1.0, 2.0, 3.0]),))
def unpack_arr(xs):
    a, b, c = xs
    d, *e = xs
    return a + b * c, d, e


@case((A([1.0, 2.0, 3.0]),))
def unpack_bad(xs):
    a, b = xs
    return a


@refuses(
    "numpy.array_equal is not supported on graphc tensors", (A([1.0, 2.0, 3.0]), A([1.0, 2.0, 3.0]))
)
def arr_eq(a, b):
    return (a == b).all(), np.array_equal(a, b), np.allclose(a, b)


@refuses("The truth value of an array with more than one element is", (A([1.0, 2.0, 3.0]),))
def arr_truth(a):
    if a:
        return 1
    return 2


@case((A([1.0]),))
def arr_truth1(a):
    if a:
        return 1
    return 2


@refuses("The truth value of an array with more than one element is", (A([]),))
def arr_truth0(a):
    if a:
        return 1
    return 2


@case((1.0,), (-1.0,))
def nested_fn(x):
    def f(y):
        def g(z):
            if z > x:
                return z
            return x + y

        return g(y * 2)

    return f(x) + f(3.0)


@case((4,), (0,))
def nested_ret_loop(n):
    def find(k):
        for i in range(n):
            if i * i >= k:
                return i
        return -1

    return find(4), find(100)


@case(
    (1.0,),
)
def attr_err(x):
    return x.foo


@case(
    (1.0,),
)
def name_err(x):
    return x + undefined_name


@refuses(
    "Python met a traced value here, and said: unsupported",
    (1.0,),
)
def type_err(x):
    return x + "a"


@refuses(
    "Python met a traced value here, and said: 'Tensor' object",
    (1.0,),
)
def call_err(x):
    return x(1)


@refuses(
    "'float' object is not subscriptable",
    (1.0,),
)
def sub_err(x):
    return x[0]


@case(
    (1.0,),
)
def args_err(x):
    def g(a, b):
        return a

    return g(x)


@refuses(
    "len() of unsized object",
    (1.0,),
)
def len_err(x):
    return len(x)


@refuses(
    "iteration over a 0-d array",
    (1.0,),
)
def iter_err(x):
    for i in x:
        pass


@refuses(
    "Python met a traced value here, and said: unsupported",
    (1.0,),
)
def branch_err(x):
    if x > 2:
        return x + "a"
    return x


@refuses("'float' object is not subscriptable", (1.0,), (3.0,))
def branch_err2(x):
    if x > 2:
        return x[0]
    return x


@case((1.0,), (3.0,))
def branch_err3(x):
    if x > 2:
        return undefined_name
    return x


@case((1.0,), (3.0,))
def branch_err4(x):
    if x > 2:
        return [1, 2][5]
    return x


@refuses("operands of shapes (2,) and (3,) cannot be broadcast", (1.0,), (3.0,))
def branch_err5(x):
    if x > 2:
        return np.ones(2) + np.ones(3)
    return x


@case((1.0,), (3.0,))
def branch_err6(x):
    if x > 2:
        return x.foo
    return x


@refuses(
    "matmul: shapes (2,) and (3,) do not fit: 2 columns against",
    (A([1.0, 2.0]),),
)
def branch_err7(x):
    if x.sum() > 2:
        return x @ np.ones(3)
    return x


@refuses(
    "matmul: shapes (2,) and (3,) do not fit: 2 columns against",
    (A([1.0, 2.0]),),
)
def err_order(x):
    print("before")
    return x @ np.ones(3)


@refuses(
    "Python met a traced value here, and said: unsupported",
    (A([1.0, 2.0]),),
)
def err_order2(x):
    print("before")
    y = x + "a"
    return y


GL = []


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)


class Stack(list):
    def push(self, x):
        print("push", x)
        if x > 0:
            self.append(x)
        else:
            self.append(-x)
        return self


class Kind(str, enum.Enum):
    A = "a"

    def of(self, x):
        if x > 0:
            return x * 2
        return x


class Level(enum.IntEnum):
    LOW = 1

    def of(self, x):
        print(x)
        return x + self if x > 0 else x


class Table(dict):
    def of(self, x):
        return self["a"] * x if x > 0 else x


class Pair(collections.namedtuple("Pair", "x y")):
    def norm(self):
        return math.hypot(self.x, self.y) if self.x > 0 else self.y


def methods_of_classes_built_on_pythons(x):
    stack = Stack().push(x).push(2.0)
    numbers = Level.LOW.of(x), Level.LOW + x, Level.LOW.bit_length()
    return stack, Kind.A.of(x), Kind.A.upper(), numbers, Table(a=2.0).of(x), Pair(x, 2.0).norm()


def test_methods_of_classes_built_on_pythons():
    fn = methods_of_classes_built_on_pythons
    decorated = graphc.function(fn)
    for x in (1.5, -0.5, np.float64(2.0), 3):
        compare(observe(fn, (x,)), observe(decorated, (x,)), f"{x!r}")


@dataclasses.dataclass
class Point:
    x: float


def compares_points(x):
    return Point(x) == Point(2.0)


def test_refusals_inside_what_python_writes_name_the_users_line():
    with pytest.raises(graphc.GraphcError, match=r"return Point\(x\) == Point\(2.0\)"):
        graphc.function(compares_points)(np.float64(1.0))


BESIDE_LISTS = {
    "lists": lambda x: ([x] + [1], 2 * [x], [x] * True, [x] == [1.5], [x] < [2]),
    "tuple": lambda x: [x] + (1,),
    "number": lambda x: [x] + 1,
    "none": lambda x: [1] + None,
}


@pytest.mark.parametrize("name", BESIDE_LISTS)
def test_operators_of_lists(name):
    fn = BESIDE_LISTS[name]
    decorated = graphc.function(fn)
    for x in (1.5, -0.5):
        compare(observe(fn, (x,)), observe(decorated, (x,)), f"{x!r}")
