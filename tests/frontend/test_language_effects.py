"""Effects in order, or refused; closures and text: decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import collections
import itertools
import os
import random
import sys
import time

import numpy as np
import pytest

from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A = np.array


X = A([3.0, 1.0, 2.0, -1.0])


def withdef(x, acc=[]):
    acc.append(1)
    return x * len(acc)


class C:
    count = 0

    def __init__(self):
        self.v = 0

    def inc(self, x):
        type(self).count += 1
        return x


@refuses(
    "assigning to an attribute of a type may have effects that",
    (2.0,),
)
def clsattr(x):
    c = C()
    return c.inc(x)


@refuses(
    "assigning to an attribute of a type may have effects that",
    (2.0,),
)
def clsattr2(x):
    C.count = 0
    C.count += 1
    return x * C.count


@refuses(
    "assigning to an attribute of a function may have effects",
    (2.0,),
)
def fnattr(x):
    fnattr_target.calls = 3
    return x


def fnattr_target():
    pass


@refuses(
    "graphc cannot see inside time.time: it may have effects,",
    (2.0,),
)
def timing(x):
    t = time.time()
    return x * (t > 0)


@refuses(
    "graphc cannot see inside Random.random: it may have",
    (2.0,),
)
def rnd(x):
    return x * 0 + (random.random() < 2)


@refuses(
    "assigning to an item of a _Environ may have effects that",
    (2.0,),
)
def envv(x):
    os.environ["ZZ"] = "1"
    return x


@refuses(
    "graphc cannot see inside StringIO.write: it may have",
    (2.0,),
)
def inp(x):
    sys.stdout.write("hello\n")
    return x


@refuses(
    "print(file=…) inside a decorated function is not supported",
    (2.0,),
)
def prfile(x):
    print("a", x, file=sys.stderr)
    return x


@case(
    (3,),
)
def iters(n):
    return (
        list(itertools.accumulate([1, 2, n])),
        list(itertools.product([1, n], [2])),
        list(itertools.chain([n], [1])),
        list(itertools.islice(itertools.count(n), 3)),
        list(itertools.combinations([1, 2, n], 2)),
        list(itertools.takewhile(lambda v: v < 3, [1, 2, 3, n])),
    )


@case((3,), (1,))
def itkey(n):
    return list(filter(lambda v: v > 1, [1, n])), list(
        itertools.filterfalse(lambda v: v > 1, [1, 2])
    )


@case((3,), (1,))
def itmap(n):
    return list(itertools.starmap(lambda a, b: a if a > b else b, [(n, 2), (1, n)])), list(
        itertools.accumulate([1, n, 2], lambda a, b: a if a > b else b)
    )


@case(
    (3,),
)
def coll(n):
    d = collections.defaultdict(int)
    d["a"] += n
    d["b"] += 1
    q = collections.deque([1, n])
    q.append(2)
    q.popleft()
    c = collections.Counter([1, 1, 2])
    o = collections.OrderedDict()
    o["z"] = n
    return dict(d), list(q), c[1], dict(o)


@refuses("'deque' is deque([]) (a deque) before an iteration and", (3,), (0,))
def dq_loop(n):
    q = collections.deque()
    while n > 0:
        q.append(n)
        n -= 1
    return list(q)


@case((3,), (0,))
def dd_loop(n):
    d = collections.defaultdict(int)
    for i in range(n):
        d[i % 2] += i
    return dict(d)


@case(
    (3,),
)
def cnt_loop(n):
    c = collections.Counter()
    for i in range(5):
        c["a"] += n
    return c["a"]


@case(
    (3.0,),
)
def setops(x):
    s = set()
    for i in range(3):
        s.add(i)
    return len(s), 2 in s, x


@case(
    (3,),
)
def staticmut(n):
    l = [0] * 3
    for i in range(3):
        l[i] = i * n
    l2 = [[0] * 2 for _ in range(2)]
    for i in range(2):
        for j in range(2):
            l2[i][j] = i + j * n
    return l, l2


@case(
    (3, [1, 2, 3]),
)
def argmut(n, l):
    l.append(n)
    l[0] = 5
    l.sort()
    return len(l)


@case(
    (3, {"a": 1}),
)
def dictmut(n, d):
    d["b"] = n
    d["a"] += n
    return d


@case((2.0,), (-2.0,))
def nonlocal_branch(x):
    t = 0

    def bump():
        nonlocal t
        if x > 0:
            t = t + 1
        else:
            t = t - 1

    for i in range(3):
        bump()
    return t


@case((2.0,), (-2.0,))
def fn_in_branch(x):
    if x > 0:

        def g(v):
            return v + 1
    else:

        def g(v):
            return v - 1

    return g(x)


@case((2.0,), (-2.0,))
def fn_select(x):
    g = np.sin if x > 0 else np.cos
    return g(x)


@case((2.0,), (-2.0,))
def late(x):
    k = 1
    f = lambda: k * x
    if x > 0:
        k = 5
    return f()


@case((5,))
def late2(n):
    fs = []
    for i in range(n):
        fs.append(lambda: i)
    return fs[0](), fs[-1]()


@case(
    (5.0,),
)
def loopclosure(x):
    while x > 1:
        g = lambda v: v / 2 + x * 0
        x = g(x)
    return x


@case((2.0,), (0.0,))
def shortmut(x):
    l = []
    x > 1 and l.append(1)
    return len(l)


@case((2.0,), (0.0,))
def ternmut(x):
    l = []
    l.append(1) if x > 1 else l.append(2)
    return l


@case((2.0,), (0.0,))
def raise_after_print(x):
    print("a")
    if x < 1:
        print("b")
        raise ValueError("v", x, [x])
    print("c")
    return x


@case((2.0,), (0.0,))
def raise_uncaught_order(x):
    y = 1 / x
    print("after", y)
    return y


@case((3,), (0,))
def assert_loop(n):
    for i in range(3):
        assert i < n, ("bad", i, n)
        print(i)
    return n


@case(
    (A([1.0, 2.0]),),
)
def alias(x):
    y = x
    y[0] = 5.0
    return x, y


@case(
    (A([1.0, 2.0]),),
)
def alias_loop(x):
    y = x
    for i in range(2):
        y[i] = i
    return x, y


@case(
    (A([1.0, 2.0]),),
)
def alias_tuple(x):
    t = (x, x)
    t[0][0] = 9.0
    return t


@case((A([1.0, 2.0]), 1.0), (A([1.0, 2.0]), -1.0))
def alias_branch(x, p):
    if p > 0:
        y = x
    else:
        y = x.copy()
    y[0] = 7.0
    return x, y


@case(
    (A([1.0, 2.0]), 1.0),
)
def ident(x, p):
    y = x
    return y is x, x is not None, x is x.copy()


@refuses(
    "whether two numbers are one object is up to Python's",
    (2, 3),
)
def intident(a, b):
    return a is b, a is a, (a == b) is False, (a < b) is True


@case(
    (2,),
    (1,),
)
def boolarith(a):
    f = a > 1
    return (
        f + 1,
        f * 2.5,
        -f,
        f and 3,
        f or 4,
        not f,
        f is True,
        int(f),
        str(f),
        f"{f}",
        f == True,
        f is (a > 1),
    )


@case(
    (2.5,),
)
def fmt_more(x):
    return (
        f"{x:10.3f}|{x:<10}|{x:e}|{x:+.1f}|{x!s:>8}",
        "{0:.2f} {0} {a:>5}".format(x, a=x),
        f"{x:{8}.{2}f}",
        f"{[x]}",
        f"{ {'a': x} }",
        "%s" % [x],
        "%r %s" % ((x,), x),
    )


@refuses("Python met a traced value here, and said: unsupported", (7,), (-7,))
def fmt_int(n):
    return f"{n:d} {n:05d} {n:x} {n:b} {n:,} {n:>6}", str(n) + "!", "v" + f"{n}" * 1


@case(
    (3, 2.5),
)
def fmt_spec(n, x):
    return f"{x:.{n}f}", f"{x:>{n * 3}.1f}"


@case(
    (np.float32(1.5),),
    (np.int8(3),),
)
def fmt_np(v):
    return f"{v}", f"{v:.2f}", str(v), repr(v), [v], f"{v!r}"


@case(
    (X,),
)
def pr_np(v):
    print(v.mean(), v.sum(), v[0], v.shape, v.dtype, len(v), v.max(), [v[0]], v[1:3], v > 0)


@case((2,), (-1,), (0,))
def multi(n):
    if n > 0:
        return 1
    elif n == 0:
        return 2.5
    else:
        return None


@case((5.0,), (0.5,))
def with_none(x, y=None):
    while x > 1:
        y = x if y is None else y + x
        x = x / 2
    return y


@case((5,), (0,))
def shadow_builtin(n):
    sum = lambda v: 99
    max = 3
    return sum([n]), max


@case(
    (5,),
)
def gl(n):
    return any(v for v in [0, n]), [*range(3)], {**{"a": n}}, (lambda *a, **k: (a, k))(n, z=1)


@case(
    (5, 2),
)
def power(a, b):
    return a**b, (-a) ** b, a**-b, 2**a, a**0.5, (-8) ** (1 / 3) if b < 0 else 0


@case((A([1, 2, 3]), 2), (A([1, 2, 3]), -1))
def intpow(x, n):
    return x**n


@case(
    (A([4, 9]),),
)
def sq(x):
    return np.sqrt(x), x**0.5, x / 2, x // 2, x % 3, -x, x / 0


@case((5,), (3,))
def complex_flow(n):
    res = []
    for i in range(n):
        if i == 1:
            continue
        for j in range(i):
            if j == 2:
                break
            res.append(i * 10 + j)
        else:
            res.append(-i)
            continue
        if i == 4:
            break
    else:
        res.append(1000)
    return res


@case((np.array([1.0]),), (np.array([-1.0]),))
def keys_in_the_order_they_came(x):
    d = {"z": 0.0}
    if x[0] > 0:
        d["a"] = 1.0
        d["b"] = 2.0
        d["a"] = 3.0
    else:
        d["a"] = 1.0
        d["b"] = 1.0
        d["z"] = 2.0
    return d, list(d)


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
