"""Functions that use every construct; `PROGRAMS` lists each with the arguments to run it on.

They are written to be awkward: what they return depends on the order of evaluation, on early exits, on
variables that are perhaps unbound, on late binding.
"""

# ruff: noqa: B007, B011, B018, B023, C400, C408, C416, E711, E712, F541, F821, F841, RUF015, UP031, UP032, E501

from __future__ import annotations

import contextlib
import enum

PROGRAMS: list[tuple] = []


def on(*arguments):
    """Register a function with the tuples of arguments to run it on."""

    def register(fn):
        PROGRAMS.append((fn, arguments))
        return fn

    return register


NUMBERS = tuple((n,) for n in (-2, -1, 0, 1, 2, 3, 5, 8))


def log(value, text=""):
    """Print and return the value: shows the order of evaluation."""
    print("log", value, text)
    return value


class Point:
    """A mutable pair with properties and private names."""

    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y
        self.__secret = 10

    def __eq__(self, other):
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)

    def __repr__(self):
        return f"Point({self.x}, {self.y})"

    def bump(self):
        """Change x and return something."""
        self.x += 100
        return 1


# ---- if, while, for ----


@on(*NUMBERS)
def branches(n):
    """Docstring."""
    if n > 2:
        a = 1
    elif n > 1:
        a, b = 2, 3
    elif n == 0:
        b = 5
    else:
        print("else", n)
    if n == 0 or n == 2:
        print(b)
    return a


@on(*NUMBERS)
def unbound_then_read(n):
    if n > 1:
        c = n
    return c + 1


@on(*NUMBERS)
def unbound_in_a_lambda_operand(n):
    if n > 1:
        c = n
    return n < 0 or c


@on(*NUMBERS)
def unbound_in_a_comprehension(n):
    if n > 1:
        c = n
    return [c for _ in range(2)]


@on(*NUMBERS)
def while_with_everything(n):
    total = 0
    while n > 0:
        n -= 1
        if n == 3:
            continue
        total += n
        if total > 9:
            break
        last = n
    else:
        total += 1000
    return total, n, last


@on(*NUMBERS)
def for_with_everything(n):
    seen = []
    for i in range(n):
        if i % 2:
            continue
        seen.append(i)
        if i == 4:
            break
    else:
        seen.append("else")
    return seen, i


@on(*NUMBERS)
def returns_from_nested_loops(n):
    for i in range(n):
        for j in range(n):
            if i * j == 6:
                return i, j
            if j > i:
                break
        else:
            print("inner else", i)
        while True:
            if i > 3:
                return "deep"
            break
    else:
        return "else"
    return "end"


@on(*NUMBERS)
def endless(n):
    while True:
        n += 1
        if n % 3 == 0:
            return n


@on(*NUMBERS)
def endless_with_break(n):
    while 1:
        k = n
        n += 1
        if n > 5:
            break
    return k, n


@on(*NUMBERS)
def partial_exits(n):
    out = []
    if n > 0:
        if n == 1:
            return "one"
        out.append("a")
        if n == 2:
            return "two"
        out.append("b")
    elif n == 0:
        out.append("zero")
        for i in range(3):
            if i == 1:
                return out
    out.append("rest")
    return out


@on(*NUMBERS)
def guards(n):
    if n < -1:
        return "a"
    if n < 0:
        return
    if n == 0:
        x = 3
    else:
        return n
    print(x)


@on(*NUMBERS)
def continue_in_nested_branches(n):
    out = []
    for i in range(n):
        if i > 1:
            if i == 2:
                continue
            out.append(("in", i))
            if i == 5:
                continue
        out.append(i)
    return out


@on(*NUMBERS)
def break_and_return_in_one_loop(n):
    for i in range(10):
        if i == n:
            break
        if i * i == n + 1:
            return "square"
        if i > 6:
            continue
        k = i
    else:
        return "exhausted"
    return "broke", i, k


@on(*NUMBERS)
def loop_else_with_exits(n):
    for i in range(3):
        for j in range(3):
            if j == n:
                break
        else:
            if i == 1:
                break
            continue
        print("broke inner", i)
    else:
        return "outer else"
    return i, j


@on(([1, 2, 3, 4],), ([],))
def leaves_the_iterator_alone(items):
    it = iter(items)
    for x in it:
        if x == 2:
            break
    return list(it)


@on(*NUMBERS)
def dead_code(n):
    if n > 1:
        return y
        y = 2
    while True:
        break
        z = 1
    return z


@on(([[1, 2], [3, 4]],), ([[1]],))
def unpacking_targets(rows):
    for a, *b in rows:
        pass
    (c, d), e = rows[0], a
    x = [0, 0, 0]
    i = 0
    x[i], i = 5, 2
    i, x[i] = 1, 7
    for x[0] in range(3):
        pass
    [p, (q, *r)] = 1, (2, 3, 4)
    return a, b, c, d, e, x, i, p, q, r


@on(*NUMBERS)
def deletes(n):
    a = [1, 2, 3]
    d = {"k": 1, "m": 2}
    del a[0], d["k"]
    if n > 1:
        del n
    del (a[0],)
    print(a, d)
    return n


@on(*NUMBERS)
def deletes_in_a_loop(n):
    x = 1
    for i in range(n):
        if i == 2:
            print(x)
        del x
        if i != 1:
            x = i
    return x


@on(*NUMBERS)
def annotated(n):
    x: int = n
    y: undefined_name
    p = Point(1, 2)
    p.x: int = 5
    if n > 2:
        y: int = 3
    return x, p, y


@on(*NUMBERS)
def raises(n):
    if n < 0:
        raise ValueError("negative")
    if n == 0:
        raise ValueError("zero") from KeyError("cause")
    if n == 1:
        raise TypeError
    if n == 2:
        raise RuntimeError("none") from None
    assert n != 3
    assert n != 5, log("message")
    if n > 6:
        x = 1
    else:
        raise LookupError
    return x


# ---- expressions ----


@on(*NUMBERS)
def logic(n):
    return (
        log(n) and log(0) or log([]) or log("x"),
        not log(n),
        (n > 1 and n < 4) or not n,
        n and "yes",
        "a" if n > 1 else "b" if n else log("c"),
    )


@on(*NUMBERS)
def comparisons(n):
    x = None
    return (
        log(0) < log(n) <= log(3) < log(10),
        n == 1 == True,
        x is None,
        x is not n,
        n in (1, 2),
        n not in {3},
        0 <= n in [1, 2, 3] != None,
    )


@on(*NUMBERS)
def text(n):
    w = 6
    return (
        f"{n}|{n!r:>{w}}|{n + 0.5:.3f}|{n=}|{{}}",
        f"{log(n)}{log(n + 1):>{log(4)}}",
        "%s and %d" % (n, n),
        f"%s {n}" % "x",
        "{:>4}".format(n),
        "",
    )


@on((1,))
def text_is_formatted_in_order(n):
    return f"{n:bad}{log(2)}"


@on(*NUMBERS)
def displays(n):
    a = [n, *range(2)]
    b = {n, 1}
    c = {"n": n, **{"m": 2}}
    d = [x * y for x in a if x > 0 and x < 9 for y in range(x) if y]
    e = {x: (x if x > 1 else -x) for x in a}
    f = {x for x in a}
    g = sum(x + n for x in a)
    return a, b, c, d, e, f, g, (lambda *p, k=n: (p, k))(1, 2)


@on(*NUMBERS)
def walrus(n):
    x = 1
    y = x + (x := n) + x
    if (m := n * 2) > 3 and (k := m) or (j := 7):
        print(m)
    z = [log(1), (w := log(2)), log(3), w]
    log(*[1], text=(v := "kw"))
    t = (u := 5) if n > 1 else (u := 6)
    s = log(0) < (r := log(n)) < (q := log(3))
    x += (x := 10)
    p = {log(1): (o := log(2)), log(3): log(4)}
    print(f"{(h := n)} {h}")
    if n > 2:
        return k, q
    return y, z, v, t, s, r, x, p, u


@on(*NUMBERS)
def walrus_in_a_while_test(n):
    while (n := n - 1) > 0 and (k := n) != 4:
        if n == 6:
            continue
        print(n, k)
        if n == 2:
            break
    else:
        print("else")
    return n, k


@on(*NUMBERS)
def walrus_everywhere(n):
    p = Point(1, 2)
    d = {0: 5}
    d[(i := 0)] += (v := n)
    p.x += (a := 2) + p.bump()
    d[log(1)] = log(w := 3)
    with contextlib.suppress(ValueError), contextlib.suppress(c := KeyError):
        raise KeyError
    for x in (xs := [1, 2]):
        pass
    assert (b := n) != 8, "eight"
    del d[(e := 0)]
    if n < 0:
        return (f := n)
    raise ValueError(g := "x")


@on((3,), (0,))
def matching_values(n):
    out = []
    for x in (0, 1, 2, "a", None, True, 1.5, -1, Color.RED, Color.BLUE):
        match x:
            case 0 | -1:
                out.append("zero")
            case "a" if n:
                out.append("a")
            case None:
                out.append("none")
            case Color.RED:
                out.append("red")
                continue
            case 2 as two if two > n:
                out.append(two)
            case 1.5 | 2 as k:
                out.append(("k", k))
                if n:
                    break
            case other:
                out.append(other)
        out.append("end")
    return out


class Color(enum.Enum):
    """For value patterns."""

    RED = 1
    BLUE = 2


@on(([1],), ([1, 2, 3],), ({"k": 1, "z": 2},), (Point(0, 5),), (Point(3, 4),), (7,), ("ab",))
def matching_structures(value):
    match value:
        case [x]:
            return "one", x
        case [x, *rest] if rest[0] > 5:
            return "never"
        case [1, second, *_]:
            return second, x
        case {"k": k, **others}:
            return k, others
        case Point(x=0, y=y):
            print(y)
        case Point(a, b) as whole:
            return a, b, whole
        case int():
            value = "int"
        case _:
            value += "?"
    return value


# ---- updates ----


@on(*NUMBERS)
def updates(n):
    a = [1, 2, 3]
    b = a
    b += [n]
    b *= 2
    n **= 2
    n //= 3
    n <<= 1
    a[1:3] = [9]
    a[0] += 5
    a[log(0)] -= log(1)
    d = {}
    d[log("k")] = log(n)
    p = Point(1, 2)
    p.x += p.bump()
    p.y = p.x = 3
    p.x += n
    q = [p]
    q[0].y += 1
    m = [[0] * 3] * 2
    m[0][1:] = [n, n]
    x = y = [0]
    x[0] = y[0] = n
    return a, b, n, d, p, q, m, x


@on(*NUMBERS)
def updates_that_fail(n):
    d = {}
    if n > 2:
        d[n] += log(1)
    if n > 1:
        d.missing = log(2)
    if n > 0:
        undefined_object[0] = log(3)
    (1)[log(0)] = log(4)


@on(*NUMBERS)
def augmented_unbound(n):
    if n > 1:
        c = 1
    c += log(n)
    return c


# ---- functions inside ----


@on(*NUMBERS)
def late_binding(n):
    fs = []
    for i in range(3):
        fs.append(lambda: i)
        if i == n:
            k = i

        def inner(j=i):
            return i, j, n

        fs.append(inner)
    n += 1
    gs = (lambda: n for n in (1, 2))
    hs = [lambda: i for _ in (1, 2)]
    return [f() for f in fs], [g() for g in gs], [h() for h in hs]


@on(*NUMBERS)
def a_closure_reads_an_unbound_variable(n):
    def read():
        return k

    if n > 1:
        k = n
    if n > 2:
        k += read()
    return read()


@on(*NUMBERS)
def nonlocals(n):
    count = 0
    trace = []

    def bump(by):
        nonlocal count
        if by > 2:
            count += by
            return count
        for _ in range(by):
            count += 1
            trace.append(count)
        return count

    def outer(by):
        def inner():
            nonlocal count
            count *= 2

        if count > 3:
            inner()
            if count > 10:
                return count
        trace.append((by, count))
        return bump(by)

    while count < n:
        bump(1)
        if count == 3:
            outer(2)
    x = bump(3) if n > 2 else count
    y = count and bump(1)
    z = (count, bump(5), count)
    return count, trace, x, y, z


@on(*NUMBERS)
def nonlocal_bound_by_the_nested_function_only(n):
    def bind():
        nonlocal late
        late = n

    if n > 1:
        bind()
    if n > 100:
        late = 1
    return late


@on(*NUMBERS)
def recursion_and_early_exit(n):
    def fact(k):
        if k <= 1:
            return 1
        return k * fact(k - 1)

    if n > 3:

        def fact_2(k):
            return fact(k) + (fact_2(k - 1) if k else 0)

        return fact_2(n)
    return fact(n)


@on(*NUMBERS)
def generator_expressions_are_late(n):
    g = (x + n for x in range(3) if x != n or not n)
    n = 100
    for _ in range(2):
        n += 1
    return list(g)


@on(*NUMBERS)
def decorated_inside(n):
    def twice(f):
        return lambda *a, **k: (f(*a, **k), f(*a, **k))

    @twice
    def add(x, *, y: int = n) -> int:
        return x + y if x else y

    return add(1), add(0, y=3)


@on(*NUMBERS)
def imports(n):
    if n > 1:
        import math
        import os.path as where
    else:
        from math import floor as where
    return where.__name__, math.pi


# ---- with ----


@contextlib.contextmanager
def showing(name):
    """Print on the way in and out."""
    print("in", name)
    try:
        yield name
    finally:
        print("out", name)


@on(*NUMBERS)
def with_exits(n):
    with showing("a") as a, showing("b"):
        if n < 0:
            return log("left")
        c = a
    for i in range(5):
        with showing(i):
            if i == n:
                break
            if i == 1:
                continue
            if i == n - 3:
                return "from loop"
        print("after", i)
    return c, i


@on(*NUMBERS)
def with_suppress(n):
    x = 1
    with contextlib.suppress(ValueError):
        if n > 1:
            x = 2
        if n > 2:
            raise ValueError
        x = 3
        y = x
        if n < 0:
            return "early"
    print(x)
    with contextlib.suppress(ValueError):
        return y
    return "unreached"


@on(*NUMBERS)
def with_suppress_keeps_what_was_assigned(n):
    a = b = 0
    for _ in range(2):
        with contextlib.suppress(ValueError):
            for i in range(5):
                a += i
                if i == n:
                    b = i
                    raise ValueError
            a = 100
    return a, b


@on(*NUMBERS)
def a_with_swallows_what_a_finally_lets_through(n):
    a = 0
    with contextlib.suppress(ValueError):
        try:
            a = n + 1
            if n > 2:
                raise ValueError
        finally:
            pass
    return a


@on((1,), (2,))
def with_suppressed_return(n):
    with contextlib.suppress(ZeroDivisionError):
        return 1 / (n - 1)


@on((3,))
def with_targets(n):
    a = [0]
    p = Point(0, 0)
    with showing(1) as a[0], showing(2) as p.x, showing((1, 2)) as (b, c):
        pass
    return a, p, b, c


# ---- names that conversion might use itself ----


@on(*NUMBERS)
def colliding_names(n):
    gc, then_1, result, broke, item, k_in = 1, 2, 3, 4, 5, 6
    k = 0
    f = lambda: k
    for returned in range(n):
        if returned == 2:
            break
        k += returned
    else:
        return gc, then_1
    if n:
        return gc, result, broke, item, k_in, f()
    return slice, k


@on((1, 2), (3, 2))
def signatures(a, b, /, c=3, *d, e=5, **f):
    if a > b:
        c = d
    return a, b, c, d, e, f


lambdas = [lambda n: n if n > 2 else -n, lambda n: (y := n) and y + 1]
PROGRAMS += [(fn, NUMBERS) for fn in lambdas]


@on(*NUMBERS)
def assigned_anew_in_both_arms_of_an_inner_if(n):
    s = n + 1
    if n > 0:
        if n > 2:
            s = n * 2
        else:
            s = -n
        return s
    return s - 5
