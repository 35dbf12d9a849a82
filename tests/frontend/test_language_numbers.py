"""None, unbound names and Python numbers (docs/language.md): decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

import graphc
from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A = np.array


@case((A([3.0, 7.0, 5.0]),), (A([]),), (A([-1.0, -5.0]),))
def running_max(xs):
    best = None
    for x in xs:
        if best is None or x > best:
            best = x
    return best


@case((1.0,), (-1.0,), (A(2.0),), (A(-2.0),))
def one_arm(x):
    if x > 0:
        y = x * 2
    return y


@case((3,), (0,))
def loop_only(n):
    for i in range(n):
        z = i * 2
    return z


@case((3,), (0,))
def loopvar_after(n):
    for i in range(n):
        pass
    return i


@case((A([1.0, 2.0]),), (A([]),))
def rowvar_after(xs):
    for x in xs:
        pass
    return x


@case((A([1.0, 2.0]),), (A([]),))
def rowvar_after_work(xs):
    s = 0.0
    for x in xs:
        s += x
    return x, s


@case((5.0,), (0.5,))
def ret_none(x):
    if x > 1:
        return x


@case((5.0,), (0.5,))
def ret_none2(x):
    if x > 1:
        return None
    return x * 2


@case((A(5.0),), (A(0.5),))
def none_state(x):
    r = None
    while x > 1:
        if r is None:
            r = x
        else:
            r = r + x
        x = x / 2
    if r is None:
        return -1
    return r


@case((A(5.0),), (A(0.5),))
def none_isnot(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    return 1 if r is not None else 0


@refuses("==: comparison of a value that may be None is not supported", (A(5.0),), (A(0.5),))
def none_eq(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    return r == None


@case((A(5.0),), (A(0.5),))
def none_truth(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    if r:
        return "a"
    return "b"


@case((A(5.0),), (A(0.5),))
def none_truth2(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    if not r:
        return 1
    return 2


@case((A(5.0),), (A(0.5),))
def none_or(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    return r or 3.0


@case((A(5.0),), (A(0.5),))
def none_add(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    return r + 1


@case((A(5.0),), (A(0.5),))
def none_print(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    print(r, f"{r}", repr(r), [r])


@case((A(5.0),), (A(0.5),))
def none_isinstance(x):
    r = None
    while x > 1:
        r = x
        x = x / 2
    return (
        isinstance(r, float),
        isinstance(r, type(None)),
        isinstance(r, np.ndarray),
        isinstance(r, np.floating),
    )


@case((A(5.0),), (A(0.5),))
def unbound_in_loop(x):
    while x > 1:
        if x > 3:
            q = x
        x = x / 2
    return q


@case((A([1.0, 5.0, 2.0]),), (A([5.0, 1.0, 2.0]),))
def unbound_read_in_loop(xs):
    s = 0.0
    for x in xs:
        if x > 3:
            q = x
        s += q
    return s


@case((A(5.0),))
def flag_is(x):
    f = False
    while x > 1:
        f = True
        x = x / 2
    return f is False, f is True, f == 1, f == True, f, int(f) + 1


@case((A([1.0, 5.0, 2.0]),))
def flag_toggle(xs):
    f = False
    c = 0
    for x in xs:
        if f is False:
            f = True
        elif f == 1:
            f = False
            c += 1
        if f:
            c += 10
    return f, c


@case((A(5.0),), (5,), (0,))
def flag_num(x):
    f = 0
    while x > 1:
        f = True
        x = x / 2
    return f


@case((3,), (30,))
def huge(n):
    v = 10**12
    for i in range(n):
        v = v * 3
    return v


@case((3,), (70,))
def huge2(n):
    v = 1
    while n > 0:
        v = v * 2
        n -= 1
    return v


@case((10**25,))
def huge_arg(n):
    return n + 1


@case((2**62,))
def huge_arg2(n):
    return n * 4


@case((2**62,))
def huge_arr(n):
    return np.arange(3) + n


@case((3,), (0,))
def intfloat(n):
    s = 0
    for i in range(n):
        s = s + 0.5
    return s


@case((A(3.0),), (A(0.0),))
def intfloat2(x):
    s = 0
    while x > 0:
        s = s + 0.5
        x = x - 1
    return s


@case((7, 2), (-7, 2), (7, -2), (7, 0), (7.5, 2), (7, 2.5), (7.0, 0.0), (0, -1), (2, -1))
def divs(a, b):
    return a / b, a // b, a % b, divmod(a, b)


@case((2, -1), (2, 3), (-8, 1 / 3), (0, -1), (0.0, -1), (-2, 3), (2, -3), (0, 0))
def pows(a, b):
    return a**b, pow(a, b)


@case((A([1.0, 0.0]), 0), (A([1, 0]), 0), (A(1.0), 0.0), (A(1), 0))
def arrdiv(a, b):
    return a / b, a // b, a % b


@case((7, 0), (7, 1), (7.0, 0.0))
def div_in_branch(a, b):
    if b != 0:
        return a / b
    return a // b


@case((5, 0, 1), (5, 0, -1), (5, 1, 1))
def div_in_branch2(a, b, x):
    if x > 0:
        r = a / b
    else:
        r = 1.0
    return r


@case((5,), (0,))
def div_loop(n):
    s = 1.0
    for i in range(n):
        s += 1 / (3 - i)
    return s


@case((1.5, 2), (1, 2.5), (True, False), (3, True), (1j, 2))
def arith(a, b):
    return a + b, a - b, a * b, -a, +a


@case((5, 3), (5, -3), (2**40, 30), (True, 1))
def bits(a, b):
    return a & b, a | b, a ^ b, ~a


@case((5, 3), (5, -3), (2**40, 30))
def shift(a, b):
    return a << b, a >> b


@case((3.7,), (-3.7,), (A(3.7),), (2.5,), (7,), (1e300,), (float("inf"),), (float("nan"),))
def conv(x):
    return int(x), float(x), bool(x), round(x)


@case((3.14159,), (7,), (A(3.14159),), (np.float32(2.675),))
def rounds(x):
    return round(x, 2), abs(-x)


@case((3.14159, 2), (7, -1), (1234, -2))
def rounds2(x, n):
    return round(x, n)


@case((5,), (-5,), (0,))
def tern(x):
    return "pos" if x > 0 else "neg"


@case((5,), (-5,), (0,))
def sgn(x):
    return 1 if x > 0 else (-1 if x < 0 else 0)


@case((5, 2.0), (0, 2.0))
def joinmix(n, x):
    if n > 0:
        r = 1
    else:
        r = x
    return r * 2


@case((5,), (0,))
def joinmix2(n):
    if n > 0:
        r = np.float32(1)
    else:
        r = 2
    return r + 1


@case((5,), (0,))
def joinmix3(n):
    if n > 0:
        r = True
    else:
        r = 2
    return r + 1, -r, r / 1


@case((5,), (0,))
def joinmix4(n):
    if n > 0:
        r = A([1, 2])
    else:
        r = A([1.5, 2.5])
    return r / 2, r // 1


@case((5,), (0,))
def joinmix5(n):
    if n > 0:
        r = A([1, 2])
    else:
        r = A([1.5, 2.5, 3.0])
    return r.sum(), len(r), r.shape


@case((5,), (0,))
def joinstr(n):
    if n > 0:
        r = "a"
    else:
        r = "b"
    return r


@case((5,), (0,))
def joinstr_ret(n):
    if n > 0:
        return "a"
    return 1


@case(
    (5, 3),
)
def swap(a, b):
    while a > 0:
        a, b = b - 1, a - 1
    return a, b


@case((10,))
def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@case((200,))
def fib2(n):
    a, b = 0, 1
    while n > 0:
        a, b = b, a + b
        n -= 1
    return a


@case((A(1.0),), (A(200.0),))
def ovf(x):
    v = 3
    while x > 0:
        v = v * v
        x = x - 40
    return v


@case((0,), (1,), (2,))
def cmpchain(x):
    return 0 < x < 2, 0 <= x <= 1, 1 == x != 2


@case((3, A([1, 2, 3])), (4, A([1, 2, 3])), (2.0, A([1, 2, 3])))
def isin(v, xs):
    return v in xs, v not in xs


@case((3,), (4,))
def isin2(v):
    return v in [1, 2, 3], v in (1, 2), v not in {1, 3}, v in {3: 1}, v in range(4)


@case((np.arange(3.0),), (np.array(2.0),))
def conjugates_are_the_array(x):
    y = x.conj()
    z = x.copy().conjugate()
    if x.ndim:
        y[0] = 7.0
    return x.conj(), y, z


# -- math, operator, and what numbers know of themselves ------------------------------------------

X = A([3.0, 1.0, 2.0, -1.0])
I = A([12, 5, 18, 3])


@case((X,), (X + 0.5,))
def math_of_floats(x):
    a, b = float(x[0]), float(x[1])
    return (
        math.isclose(a, b),
        math.isclose(a, b, rel_tol=5.0),
        math.modf(a),
        math.frexp(a),
        math.ldexp(a, 3),
        math.cbrt(a),
        math.exp2(a),
        math.remainder(a, b + 1),
        math.dist([a, b], (b, 2.0)),
        math.fsum(x),
        math.fsum([a, b]),
        math.prod(x),
        math.prod([a, b], start=2),
        math.prod(v for v in x if v > 0),
        math.fsum(v for v in x if v > 0),
        math.dist(x, x + 1),
        a.is_integer(),
        x[0].is_integer(),
        a.real,
        a.imag,
        a.conjugate(),
        x[0].real,
        x[0].imag,
        x.imag,
        x.real,
        x.itemsize,
        x.nbytes,
    )


@case((I,))
def math_of_ints(x):
    a, b = int(x[0]), int(x[1])
    return (
        math.gcd(a, b),
        math.lcm(a, b),
        math.comb(a, b),
        math.perm(a, 2),
        math.factorial(b),
        a.bit_length(),
        (-b).bit_length(),
        a.bit_count(),
        math.gcd(x[0], x[2]),
        math.comb(x[1], 2),
        a.conjugate(),
        x.imag,
        math.isqrt(a),
        math.ldexp(1.0, b),
    )


@case((True,), (5,), (2.5,), (X,), (X[0],), (np.array(2.0),), (np.int64(3),))
def conjugates(x):
    return x.conjugate()


@case((True,), (5,), (2.5,), (X,))
def real_and_imaginary(x):
    return x.real, x.imag


@case((X,), (2.5,), (X[0],))
def no_bit_length(x):
    return x.bit_length()


@case((X,), (2,))
def no_is_integer(x):
    return x.is_integer()


@case((X,))
def operator_functions(x):
    y = x.copy()
    operator.iadd(y, 1)
    operator.setitem(y, 0, 9.0)
    z = operator.imul(y[0], 2)
    l = [1, 2]
    operator.iadd(l, [3])
    operator.delitem(l, 0)
    return (
        y,
        z,
        l,
        operator.not_(y[0] > 1),
        operator.truth(y[0]),
        operator.is_(x, None),
        operator.contains([1.0, 2.0], y[1]),
    )


@case((X,))
def operator_test(x):
    return 1 if operator.gt(x[0], 2) else 0


@refuses("imag: an array without dimensions", (np.array(2.0),))
def imaginary_zero_d(x):
    return x.imag


@refuses("real: a complex dtype", (2j,))
def real_of_complex(x):
    return x.real


@refuses("the attribute 'as_integer_ratio' of a float", (2.0,))
def ratio(x):
    return x.as_integer_ratio()


@case((X,), (X.astype(np.float32),), (X.astype(int),))
def selected(x):
    tests = [x < 0, x > 1]
    return (
        np.select(tests, [x * 2, x**2], default=0.0),
        np.select(tests, [1.0, 2], 5),
        np.select(tests, [1, x]),
        np.select((x < 0,), (x,), x * 3),
        np.select(tests, [[1, 2, 3, 4], x]),
    )


@case((X,))
def selected_by_numbers(x):
    return np.select([x, x > 1], [1, x])


@refuses("select: a result without dimensions", (X,))
def selected_number(x):
    return np.select([x[0] > 1], [x[1]], 0.0)


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)


ZERO, TABLE = 0.0, {1: 2.0}


def outside_numbers(x):
    return math.copysign(x, ZERO), ZERO, list(TABLE)


def test_numbers_from_outside_are_the_same_only_with_their_sign_and_type(monkeypatch):
    decorated = graphc.function(outside_numbers)
    for value in (0.0, -0.0, 0, False, 1, True, 1.0, math.nan):
        monkeypatch.setitem(globals(), "ZERO", value)
        monkeypatch.setitem(globals(), "TABLE", {value: 1.0})
        assert repr(decorated(2.0)) == repr(outside_numbers(2.0))
        TABLE.clear()
        TABLE[int(value == 1)] = 1.0
        assert repr(decorated(2.0)) == repr(outside_numbers(2.0))


def pinned_number(x, n):
    return x * np.arange(3.0)[[0, 1, 2][int(n)]], math.copysign(1.0, n) * x, str(n)


def test_pinned_numbers_have_a_sign_and_a_type():
    decorated = graphc.function(pinned_number)
    for n in (0.0, -0.0, 1.0, 1, True, 0):
        assert repr(decorated(2.0, n)) == repr(pinned_number(2.0, n))


def test_methods_of_known_numbers():
    def bits(x):
        n = len([x, x, x])
        return n.bit_length(), (2.5).is_integer(), (0.5).as_integer_ratio(), x

    assert graphc.function(bits)(1.5) == bits(1.5)
