"""Text, slices, `math`, types and attributes (docs/language.md): decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import math

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


@case((A([1.0, np.nan, 3.0]),), (A([np.nan, 1.0, 3.0]),))
def maxnan2(xs):
    return max(xs), min(xs), xs.max(), sum(xs)


@case(
    (A([1, 2, 3], dtype=np.int8) * 100,),
    (A([1e16, 1.0, -1e16]),),
    (A([True, True]),),
    (A([1.5, 2.5], dtype=np.float32),),
)
def sumdt(xs):
    return sum(xs)


@case((np.full(100, 0.1),))
def sum_order(xs):
    return sum(xs), np.sum(xs)


@case(
    (
        A(
            [0.1] * 10,
        ),
    ),
)
def sum_order2(xs):
    return sum(xs)


@case((A([0.1, 0.7, 0.3, 1e-9, 0.3, 12.3, 0.11, 0.12, 1e8]),))
def sum_order3(xs):
    return sum(xs), sum(xs, 0.5), sum([x for x in xs])


@case((np.random.default_rng(0).normal(size=50),))
def sum_order4(xs):
    return sum(xs)


@case((np.random.default_rng(0).normal(size=(3, 50)),))
def sum_order5(xs):
    return sum(xs.T)


@case(([0.1] * 10,), ([1, 2.5, 3],), ([True, 2],), ([],))
def sumlist(l):
    return sum(l)


@case((0.1, 0.2, 0.3))
def sumfl(a, b, c):
    return sum([a, b, c]), sum((a, b, c), 0.0), math.fsum([a, b, c]), math.prod([a, b, c])


@case((5, "x"), (5.5, "yy"))
def strs(a, s):
    return (
        f"{a}",
        f"{a!r:>10}",
        f"{a:08.3f}",
        "%5.2f|%s" % (a, s),
        "{:>8} {}".format(a, s),
        str(a),
        repr(a),
        s + str(a),
        format(a, ".1f"),
        s * 2,
        f"{s:>{5}}",
        f"{a=}",
    )


@case((X,), (A(2.5),))
def strarr(a):
    return f"{a}", f"{a!r}", "%s" % (a,), "{}".format(a), str(a), repr(a), str([a, 1]), f"{(a,)}"


@case((X,))
def strlist(xs):
    return [f"{x:.1f}" for x in xs], ",".join(str(x) for x in xs)


@refuses("this text contains traced values and is known only when the", (5,))
def strlen(a):
    return len(str(a)), str(a)[0], str(a) == "5"


@case((5,))
def strloop(n):
    s = ""
    for i in range(n):
        s += str(i)
    return s


@case((5,))
def strjoin(n):
    return " ".join([str(i) for i in range(n)])


@refuses("`%*d` with traced values is not supported", (5,))
def strmod2(n):
    return (
        "%d %i %5d %-5d| %x %o %e %g %c %%" % (n, n, n, n, n, n, n, n, n),
        "%(a)s" % {"a": n},
        "%*d" % (5, n),
    )


@case((5.7,))
def strmodf(n):
    return "%d" % n, "%s %r %a" % (n, n, n)


@case((X, 2), (X, 0), (X, -1), (X, 10))
def slc(x, n):
    return x[:n], x[n:], x[:n].sum(), x[:n][::-1], x[1:n]


@case((X, 2), (X, 5))
def idx(x, n):
    return x[n], x[-1], x[n - 1]


@case(([1, 2, 3], 1), ([1.0, 2.0], 5))
def lidx(l, n):
    return l[n]


@case(([X, 2 * X], 1), ([X, 2 * X], -1))
def lidx2(l, n):
    return l[n]


@case((5, 1), (5, 3))
def lidx_loop(n, k):
    l = [10, 20, 30, 40]
    s = 0
    for i in range(k):
        s += l[i] * n
    return s


@case(
    (5, 1),
)
def didx(n, k):
    d = {1: 10, 2: 20}
    return d[k] + n, d.get(k, 0), d.get(7, n), k in d


@case(
    ("s", 1),
)
def strin(s, k):
    return s in "abs", s * k


@case((X,))
def starcall(x):
    def g(a, *r, k=1, **kw):
        return a * k + sum(r) + sum(kw.values())

    args = (1.0, 2.0)
    kw = {"k": 3, "z": x}
    return g(x, *args, **kw), g(*x), g(*[1, 2], *(3,))


@case((X,))
def starlist(x):
    return [*x, 1], (*x,), {*[1, 2]}, {**{"a": x}, "b": 1}


@case((2.0,), (0.0,), (-1.0,))
def maths(x):
    return (
        math.sin(x),
        math.exp(x),
        math.floor(x),
        math.ceil(x),
        math.pi * x,
        math.e,
        math.inf,
        math.isnan(x),
        math.isclose(x, 2),
        math.hypot(x, 1),
        math.atan2(x, 1),
        math.fabs(x),
        math.trunc(x),
        math.copysign(1, x),
        math.fmod(x, 3),
        math.degrees(x),
        math.isfinite(x),
        math.cosh(x),
        math.tanh(x),
    )


@case((2.0,), (0.0,), (-1.0,), (1e400,))
def mathlog(x):
    return math.sqrt(x), math.log(x), math.log10(x), math.log2(x), math.log1p(x)


@case((5,), (0,), (-1,))
def mathint(x):
    return math.factorial(x), math.gcd(x, 10), math.comb(x, 2), math.isqrt(x)


@case((800.0,))
def mathovf(x):
    return math.exp(x)


@case((2.5,), (3,), (A(2.5),), (True,))
def npsc(t):
    return (
        np.float32(t),
        np.int64(t),
        np.float64(t),
        np.bool_(t),
        np.float32(t) * 2,
        np.int32(t) + 1,
    )


@case((2.5,), (3,), (A(2.5),), (True,), (X,), (np.float32(1),), (np.int8(1),))
def isinst(t):
    return (
        isinstance(t, int),
        isinstance(t, float),
        isinstance(t, (int, float)),
        isinstance(t, np.ndarray),
        isinstance(t, np.floating),
        isinstance(t, bool),
        isinstance(t, np.generic),
        isinstance(t, np.integer),
        isinstance(t, np.number),
        isinstance(t, complex),
        isinstance(t, object),
    )


@refuses(
    "the type of this value is known only when the graph runs",
    (2.5,),
    (3,),
    (A(2.5),),
    (True,),
    (X,),
    (np.float32(1),),
)
def typ(t):
    return (
        type(t) is float,
        type(t) == int,
        type(t).__name__,
        type(t) in (int, float),
        np.isscalar(t),
        np.ndim(t),
        callable(t),
        hasattr(t, "shape"),
        hasattr(t, "__len__"),
    )


@case((3,))
def attrs(t):
    return t.real, t.imag, t.conjugate()


@refuses("the attribute 'numerator' of a int is not supported while", (3,))
def attrs2(t):
    return t.bit_length(), (3).bit_length(), t.numerator


@refuses(
    "the attribute 'as_integer_ratio' of a float is not supported",
    (2.5,),
)
def attrs3(t):
    return t.is_integer(), t.as_integer_ratio(), t.hex()


@refuses("of a numpy.ndarray is not supported while", (X,))
def arrattrs(t):
    return (
        t.shape,
        t.dtype,
        t.ndim,
        t.size,
        t.T,
        t.tolist(),
        t.itemsize,
        t.nbytes,
        t.flat[0],
        t.real,
        len(t),
        t.item(0),
        t.copy(),
        t.astype(int),
        t.strides,
    )


@case((A(2.5),), (np.float64(2.0),))
def itm(t):
    return t.item(), t.tolist(), float(t), t.dtype == np.float64


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)


MIXED = (
    "{!r} {!s:>8} {:4d}",
    "{} {a} {0}",
    "{0} {}",
    "{0} {:{}}",
    "{:{}}",
    "{:{}.{}f} {}",
    "{:>{}} {0}",
    "{7}",
    "{{}} {}",
)


@pytest.mark.parametrize("template", MIXED)
def test_str_format_numbers_fields_as_python_does(template):
    def text(x):
        print(template.format(x, 9, 3, 1, a=12))

    for x in (1.5, -0.5):
        compare(observe(text, (x,)), observe(graphc.function(text), (x,)), template)
