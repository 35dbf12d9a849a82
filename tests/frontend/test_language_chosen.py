"""What is one of several things, as the data say: texts, functions, None or a tuple, objects.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: B023, E721, E731

from __future__ import annotations

import enum
import functools
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

import graphc
from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses
A = np.array
BOTH = ((2.0,), (-2.0,))
ARRAYS = ((A(2.0),), (A(-2.0),))
XS = A([0.5, 2.0, -1.0, 1.5])
ROWS = ((XS,), (-XS,), (XS * 0,))


class Mode(enum.Enum):
    UP = 1
    DOWN = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 5


class Scale:
    def __init__(self, by):
        self.by = by
        self.uses = 0

    def __call__(self, x):
        return x * self.by

    def shifted(self, x):
        return x + self.by

    def __eq__(self, other):
        return isinstance(other, Scale) and self.by == other.by

    __hash__ = None


DOUBLE, TRIPLE = Scale(2.0), Scale(3.0)
TABLE = {"sin": np.sin, "cos": np.cos, "square": lambda x: x * x}
RATES = {"fast": 0.5, "slow": 0.1}
Result = namedtuple("Result", "x status")


@dataclass(frozen=True)
class Found:
    x: float
    status: str


# -- texts -----------------------------------------------------------------------------------------


@case(*BOTH)
def returned(x):
    status = "converged" if x > 0 else "failed"
    return x * 2, status


@case(*BOTH, (0.0,))
def three_ways(x):
    if x > 0:
        sign = "positive"
    elif x < 0:
        sign = "negative"
    else:
        sign = "zero"
    return sign


@case((100.0,), (0.5,))
def changed_in_a_loop(x):
    mode = "start"
    while x > 1:
        mode = "coarse" if x > 10 else "fine"
        x = x / 3
    return x, mode


@case((1.0,), (5.0,), (90.0,))
def state_machine(x):
    state, n = "idle", 0
    while n < 6:
        if state == "idle":
            state = "up" if x < 10 else "down"
        elif state == "up":
            x = x * 3
            state = "idle"
        else:
            x = x / 7
            state = "done" if x < 2 else "idle"
        n = n + 1
        if state == "done":
            break
    return x, n, state


@case(*BOTH)
def printed(x):
    s = "up" if x > 0 else "down"
    print(s, x, f"{s!r:>8}|{s:<6}|{s}", "%5s %r" % (s, s), "{:^9}".format(s), sep="/")
    print([s, 1], (s,), {"s": s, s: 1} if False else {"s": s})
    return str(s) + "!", "<" + s, s * 2, s + s


@case(*BOTH)
def text_methods(x):
    s = "up down" if x > 0 else "left right"
    a, b = s.split()
    return s.upper(), s.startswith("up"), a, b, s[0], s[1:3], len(s), "-".join([a, s]), s.find("t")


@case(*BOTH)
def compared(x):
    s = "a" if x > 0 else "b"
    t = "b" if x > -1 else "a"
    inside = s in ("a", "c"), s in "xyz", "a" in s
    return s == "a", s != "a", s == t, s < "b", inside, s is None, bool(s)


@case(*BOTH)
def decides(x):
    s = "a" if x > 0 else ""
    r = 1.0 if s else 2.0
    t = s or "none"
    u = s and "some"
    if not s:
        r = r * x
    return r, t, u


@case(*BOTH)
def matched(x):
    s = "a" if x > 0 else "b"
    match s:
        case "a":
            return x * 2
        case str():
            return x * 3
        case None:
            return x


@case(*BOTH)
def raised(x):
    s = "large" if x > 0 else "small"
    raise ValueError(f"x is {s}", s, x, [s])


@case(*BOTH)
def error_class(x):
    kind = ValueError if x > 0 else KeyError
    if x > 1:
        raise kind
    return kind


@case(*BOTH)
def as_key(x):
    mode = "fast" if x > 0 else "slow"
    return RATES[mode] * x, RATES.get(mode), RATES.get(mode + "er", 7.0), mode in RATES


@case(*BOTH)
def missing_key(x):
    mode = "fast" if x > 0 else "unknown"
    return RATES[mode]


@case(*BOTH)
def traced_text(x):
    s = f"x = {x:.2f}" if x > 0 else "none"
    t = f"{x}" if x > 0 else f"{x + 1}"
    return s, t, f"<{s}>", s + t


@case((4.0,), (0.5,))
def text_of_the_last(x):
    message = "nothing"
    while x > 1:
        message = f"at {x}"
        x = x / 2
    print(message)
    return message


@case(*BOTH)
def text_or_number(x):
    r = x if x > 0 else "negative"
    s = "none" if x > 0 else None
    print(r, s, f"{r}", f"{s!r}")
    return r, s, isinstance(r, str), isinstance(r, float), s is None, type(r) is str


@case((2.0,), (-2.0,))
def wrong_for_one(x):
    r = x if x > 0 else "negative"
    return r * 2.0


@case((2.0,), (-2.0,))
def formatted_wrong_for_one(x):
    r = x if x > 0 else "negative"
    return f"{r:.3f}"


# -- functions, classes, enum members, objects -----------------------------------------------------


@case(*BOTH)
def function_chosen(x):
    fn = np.sin if x > 0 else np.cos
    return fn(x), fn.__name__, fn is np.sin, fn


@case(*BOTH)
def lambdas(x):
    k = x * 3
    fn = (lambda v: v * k) if x > 0 else (lambda v: v - k)
    return fn(x) + fn(2.0)


@case(*ROWS)
def dispatched(xs):
    total = 0.0
    for x in graphc.staged(xs):
        name = "sin" if x > 1 else "cos" if x > 0 else "square"
        total = total + TABLE[name](x)
    return total


@case(*BOTH)
def local_table(x):
    steps = {"up": lambda v: v + 1, "down": lambda v: v - 1}
    mode = "up" if x > 0 else "down"
    return steps[mode](x)


@case(*BOTH)
def method_chosen(x):
    method = DOUBLE.shifted if x > 0 else TRIPLE.shifted
    partial = functools.partial(np.add, 1.0) if x > 0 else np.negative
    return method(x), partial(x)


@case(*BOTH)
def class_chosen(x):
    kind = float if x > 0 else int
    return kind(x), kind is float, kind.__name__


@case(*BOTH)
def enum_chosen(x):
    mode = Mode.UP if x > 0 else Mode.DOWN
    level = Level.LOW if x > 0 else Level.HIGH
    print(mode, level, mode.name)
    return mode, mode is Mode.UP, mode == Mode.DOWN, level * x, level.name


@case(*BOTH)
def object_chosen(x):
    scale = DOUBLE if x > 0 else TRIPLE
    return scale(x), scale.by, scale.shifted(x), scale is DOUBLE, scale == DOUBLE


@case(*BOTH)
def passed_on(x):
    def apply(fn, v, name):
        if name == "s":
            v = v + 1
        return fn(v), name

    fn = np.sin if x > 0 else np.exp
    return apply(fn, x, "s" if x > 1 else "t")


@case(*BOTH)
def as_argument(x):
    a = A([[1.0, 2.0], [3.0, 4.0]]) * x
    order = "fro" if x > 0 else "nuc"
    key = abs if x > 0 else float
    return np.linalg.norm(a, "fro" if x > 0 else None), sorted([1.0, -3.0, x], key=key), order


@case(*BOTH)
def made_containers(x):
    s = "a" if x > 0 else "b"
    found = Found(x, s)
    result = Result(x * 2, s)
    items = [s, x]
    items.append(s)
    return {"status": s}, items, found, result.status, found.status == "a"


@case(*BOTH)
def objects_of_two_classes(x):
    shape = Result(x, "r") if x > 0 else Found(x * 2, "f")
    return shape.x * 2, shape.status, isinstance(shape, Found), shape


# -- None and containers ---------------------------------------------------------------------------


@case(*ROWS)
def best_pair(xs):
    best = None
    for i in range(len(xs)):
        if best is None or xs[i] > best[1]:
            best = (i, xs[i])
    return best


@case(*ROWS)
def staged_best_pair(xs):
    best = None
    for i, x in graphc.staged(enumerate(xs)):
        if x > 0 and (best is None or x > best[1]):
            best = (i, x)
    if best is None:
        return -1, 0.0
    i, x = best
    return i, x * 2


@case((4.0,), (-1.0,))
def early_none(a):
    x = 1.0
    for i in range(20):
        if a < 0:
            return None
        new = (x + a / x) / 2
        if abs(new - x) < 1e-9:
            return new, i
        x = new
    return None


@case((2.0,), (5.0,))
def bisection(a):
    lo, hi = 0.0, 2.0
    f = lambda v: v * v - a
    if f(lo) * f(hi) > 0:
        return None, "no change of sign"
    n = 0
    while hi - lo > 1e-6:
        mid = (lo + hi) / 2
        if f(mid) * f(lo) <= 0:
            hi = mid
        else:
            lo = mid
        n += 1
    return (lo + hi) / 2, f"converged in {n} steps"


@case((3.0,), (0.0,))
def line_search(x):
    step = None
    t = 1.0
    for _ in range(10):
        y = x - t * 2 * x
        if y * y < x * x - 0.3 * t * x * x:
            step = (t, y)
            break
        t = t / 2
    if step is None:
        return x, "no step"
    return step[1], f"step {step[0]}"


@case(*BOTH)
def none_or_list(x):
    items = [x, x * 2] if x > 0 else None
    n = 0 if items is None else len(items)
    return items, n


@case(*BOTH)
def none_or_dict(x):
    found = {"x": x} if x > 0 else None
    if found is not None:
        return found["x"] * 3, found.get("y", 1.0)
    return x, found


@case(*BOTH)
def index_of_none(x):
    found = (x, x + 1) if x > 0 else None
    return found[0]


@case(*BOTH)
def unpacked_none(x):
    found = (x, x + 1) if x > 0 else None
    a, b = found
    return a * b


@case(*BOTH)
def attribute_of_none(x):
    found = Result(x, "ok") if x > 0 else None
    return found.x


@case(*BOTH)
def called_none(x):
    fn = np.sin if x > 0 else None
    return fn(x)


@case(*BOTH)
def fallback(x):
    found = (x, 1.0) if x > 0 else None
    a, b = found or (0.0, 2.0)
    return a + b


@case(*BOTH)
def nested_none(x):
    inner = (x, None) if x > 0 else (None, x)
    both = (inner, "l") if x > -1 else None
    return inner, both, inner[0] is None


@case(*BOTH)
def unbound_pair(x):
    if x > 0:
        pair = (x, x)
    return pair


@case(*BOTH)
def unbound_text(x):
    if x > 0:
        s = "bound"
    return s


@case((4.0,), (0.5,))
def bound_in_a_loop(x):
    while x > 1:
        last = (x, "seen")
        x = x / 2
    return last


@case(*BOTH)
def unbound_function(x):
    if x > 0:
        fn = np.sin
    return fn(x)


@case(*BOTH, (0.1,))
def linked(x):
    node = None
    for v in (x, x * 2):
        if v > 0:
            node = (v, "n")
    return node


# -- structures ------------------------------------------------------------------------------------


@case(*BOTH)
def number_or_pair(x):
    if x > 0:
        return x
    return x, x * 2


@case(*BOTH)
def two_or_three(x):
    r = (x, x) if x > 0 else (x, x, x)
    return r, len(r), isinstance(r, tuple), r is None, r[-1], r[0] * 2


@case(*BOTH)
def gone_over(x):
    r = (x, x) if x > 0 else (x, x, x)
    total = 0.0
    for v in r:
        total = total + v
    return total, sum(r), max(r)


@case(*BOTH)
def other_keys(x):
    d = {"a": x} if x > 0 else {"b": x, "c": x}
    return d, "a" in d, len(d), d.get("b")


@case(*BOTH)
def key_of_one(x):
    d = {"a": x} if x > 0 else {"b": x}
    return d["a"]


@case(*BOTH)
def array_or_pair(x):
    r = A([1.0, 2.0]) * x if x > 0 else (x, x)
    return r, r[1]


@case(*BOTH)
def list_changed_later(x):
    items = [x] if x > 0 else None
    if items is not None:
        items.append(2.0)
    return items


# -- recursion -------------------------------------------------------------------------------------


def collatz(n, limit):
    if n == 1:
        return "one"
    if limit == 0:
        return "limit"
    return collatz(n // 2 if n % 2 == 0 else 3 * n + 1, limit - 1)


@case((6, 100), (27, 5), (1, 1))
def recursive_text(n, limit):
    return collatz(n, limit)


def search(xs, lo, hi, x):
    if lo >= hi:
        return None
    mid = (lo + hi) // 2
    if xs[mid] == x:
        return mid, xs[mid] * 2
    if xs[mid] < x:
        return search(xs, mid + 1, hi, x)
    return search(xs, lo, mid, x)


@case((A([1.0, 2.0, 5.0, 9.0, 11.0]), 9.0), (A([1.0, 2.0, 5.0, 9.0, 11.0]), 3.0))
def recursive_none(xs, x):
    found = search(xs, 0, len(xs), x)
    return found, found is None


def described(x):
    if x < 1:
        return f"leaf {x}"
    return described(x / 2)


@case((5.0,), (0.5,))
def recursive_traced_text(x):
    return described(x)


# -- refused ---------------------------------------------------------------------------------------


@case(*BOTH)
def comprehension(x):
    r = (x, 2.0) if x > 0 else (x, 2.0, 3.0)
    return [v * x for v in r]


@case(*BOTH)
def generator_over_a_choice(x):
    return sum(v * 2 for v in ((x, 1.0) if x > 0 else (x, 3.0)))


@case(*BOTH)
def matched_mapping(x):
    found = None if x > 5 else {"a": x} if x > 0 else "text"
    match found:
        case {"a": y, **rest}:
            return y, len(rest)
        case str(y):
            return y, 0
        case _:
            return None, 1


@case(*BOTH)
def raised_of_two(x):
    kind = ValueError if x > 0 else TypeError
    try:
        raise kind("either")
    except ValueError:
        return "value"
    except TypeError:
        return "type"


@refuses("a key must be known before", *ARRAYS)
def stored_by(x):
    d = {}
    d["a" if x > 0 else "b"] = x
    return d


@refuses("one length or another", *ARRAYS)
def starred(x):
    r = (x, x) if x > 0 else (x, x, x)
    return [*r]


@refuses("different structures", (A(1.0),))
def grows(x):
    seen = ()
    while x < 100:
        x = x * 2
        seen = (*seen, x)
    return seen


@refuses("still in use", *ARRAYS)
def list_with_another_name(x):
    items = [x]
    chosen = items if x > 0 else None
    items.append(2.0)
    return items, chosen


@refuses("different structures", (A(3.0),))
def nests(x):
    node = None
    while x > 1:
        node = (x, node)
        x = x / 2
    return node


# -- who else knows a container or array that is chosen -------------------------------------------


@dataclass
class Box:
    v: float


@case(*BOTH)
def one_list_in_two_tuples(x):
    items = [x]
    pair = (items, 1.0) if x > 0 else (items, 2.0)
    pair[0].append(x * 2)
    return items, pair


@case(*BOTH)
def array_written_later(x):
    a = np.zeros(3)
    b = a if x > 0 else None
    pair = (a, "a") if x > 0 else None
    a[0] = x
    return a, b, pair


@case(*BOTH)
def array_written_by_the_chosen(x):
    a = np.zeros(3)
    pair = (a, "a") if x > 0 else (a * 2, "b", 1)
    pair[0][1] = x
    return a, pair


@case(*BOTH)
def list_changed_or_new(x):
    items = [0.0, 0.0]
    if x > 0:
        items = [1.0, x]
    else:
        items[0] = 5.0
    return items


@case((3.0,), (-1.0,))
def list_changed_or_new_in_a_loop(x):
    items, found, i = None, {"a": 0.0}, 0
    while i < x:
        if items is None:
            items = [1.0, x]
            found = {"a": x}
        else:
            items[0] = items[0] + i
            found["a"] = found["a"] + 5.0
        i = i + 1
    return items, found


@refuses("still in use", *ARRAYS)
def object_with_another_name(x):
    a, b = Box(x), Box(x * 2)
    box = a if x > 0 else b
    box.v = 5.0
    return a.v + b.v


@refuses("still in use", *ARRAYS)
def two_names_of_one_dict(x):
    if x > 0:
        d = {"k": x}
        e = d
    else:
        d, e = {"k": 0.0}, {"k": 0.0}
    d["k"] = 4.0
    return d, e


@refuses("is changed in place and then bound to another array", (XS, A(3.0)))
def array_bound_and_written_in_a_loop(a, x):
    found, i = None, 0
    while i < x:
        if found is None:
            found = (a, "s")
        else:
            found[0][0] += 1
        i += 1
    return found, a


@refuses("another name may share", (XS, A(3.0)))
def array_out_of_a_loop(a, x):
    found, i = None, 0
    while i < x:
        found = (a, "s")
        i += 1
    a[0] = 7.0
    return found


@pytest.mark.parametrize("fn, arguments", CASES.same)
def test_same(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize("fn, message, arguments", CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)


# -- derivatives -----------------------------------------------------------------------------------


def d_function(xs):
    total = 0.0
    for x in graphc.staged(xs):
        fn = np.sin if x > 1 else np.exp if x > 0 else (lambda v: v**3)
        total = total + fn(x) * x
    return total


def d_table(xs):
    total = xs[0]
    mode = "sin"
    for x in graphc.staged(xs):
        total = total + TABLE[mode](x) * total
        mode = "square" if total > 1 else "cos"
    return total


def d_best(xs):
    best = None
    for i, x in graphc.staged(enumerate(xs)):
        if best is None or x * x > best[1]:
            best = (i, x * x, xs * x)
    i, v, row = best
    return v * 3.0 + row.sum() * i


def d_early(xs):
    def root(a):
        x = 1.0 + a
        for n in range(30):
            new = (x + a / x) / 2
            if abs(new - x) < 1e-12:
                return new, n, "converged"
            x = new
        return None

    found = root(abs(xs).sum())
    if found is None:
        return xs.sum()
    r, _, status = found
    return r * (2.0 if status == "converged" else 3.0)


def d_line_search(xs):
    step = None
    t = 1.0
    f = lambda v: (v**4).sum() + (v**2).sum()
    g = 4 * xs**3 + 2 * xs
    for _ in range(20):
        if f(xs - t * g) < f(xs) - 0.1 * t * (g * g).sum():
            step = (t, xs - t * g)
            break
        t = t / 2
    return f(step[1]) * step[0]


def d_structures(xs):
    r = (xs[0], xs[1] * xs[2]) if xs[0] > 0 else (xs, xs[1], xs[2] ** 2)
    s = xs[1] ** 2 if xs[1] > 1 else (xs[0], xs[1])
    total = r[-1] + r[1]
    if isinstance(s, tuple):
        return total * s[1]
    return total * s


def d_objects(xs):
    scale = DOUBLE if xs.sum() > 0 else TRIPLE
    shape = Result(xs[0] ** 2, "r") if xs[1] > 0 else Found(xs[0] * xs[1], "f")
    return scale(shape.x) + scale.shifted(xs[2]) * xs[2]


def d_unbound(xs):
    for x in graphc.staged(xs):
        if x > 0:
            last = (x * x, "p")
        elif x < -0.5:
            last = (x * 3.0, "n")
    return last[0] * (2.0 if last[1] == "p" else 5.0)


def d_recursive(xs):
    def halve(x, n):
        if n == 0:
            return None
        if x < 1:
            return x * x, n
        return halve(x / 2, n - 1)

    found = halve(abs(xs).sum() * 3, 10)
    return found[0] * found[1] if found is not None else xs.sum()


GRADIENTS = [
    d_function, d_table, d_best, d_early, d_line_search, d_structures, d_objects, d_unbound,
    d_recursive,
]  # fmt: skip
POINTS = [XS, A([-0.7, 0.4, 1.2, -0.3]), A([1.3, 1.9, 0.2, 0.8])]


@pytest.mark.parametrize("x", POINTS, ids=["mixed", "small", "positive"])
@pytest.mark.parametrize("fn", GRADIENTS, ids=lambda fn: fn.__name__)
def test_gradient_equals_central_differences(fn, x):
    assert graphc.function(fn)(x) == fn(x)
    found = graphc.grad(fn)(x)
    second = graphc.grad(lambda x: (graphc.grad(fn)(x) ** 2).sum())(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = 1e-6
        expected = (fn(x + step) - fn(x - step)) / 2e-6
        assert found[i] == pytest.approx(expected, rel=1e-6, abs=1e-6), i
        ends = [(graphc.grad(fn)(x + s) ** 2).sum() for s in (step, -step)]
        assert second[i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-4), i


def test_one_trace_for_all():
    """What is chosen by a number does not pin it."""
    decorated = graphc.function(three_ways)
    assert [decorated(x) for x in (1.0, -1.0, 0.0, 5.0)] == [
        "positive", "negative", "zero", "positive",
    ]  # fmt: skip
    assert len(decorated.traces) == 1


def test_what_is_returned_is_the_object_itself():
    @graphc.function
    def pick(x):
        return DOUBLE if x > 0 else TRIPLE, np.sin if x > 0 else None

    assert pick(1.0)[0] is DOUBLE and pick(-1.0)[0] is TRIPLE
    assert pick(1.0)[1] is np.sin and pick(-1.0)[1] is None


def test_chosen_objects_can_be_assigned_to():
    @graphc.function
    def use(x):
        scale = DOUBLE if x > 0 else TRIPLE
        scale.uses += 1
        return scale(x)

    try:
        assert [use(x) for x in (1.0, -1.0, 2.0)] == [2.0, -3.0, 4.0]
        assert (DOUBLE.uses, TRIPLE.uses) == (2, 1)
    finally:
        DOUBLE.uses = TRIPLE.uses = 0


def test_stored_and_handed_to_host_calls():
    seen = []
    box = Scale("start")

    @graphc.function
    def step(x):
        status = f"at {x:.1f}" if x > 1 else "done"
        graphc.host_call(seen.append, (x, status))
        graphc.host_call(seen.append, status)
        box.by = "up" if x > 1 else "down"
        return x

    step(2.0), step(0.5)
    assert seen == [(2.0, "at 2.0"), "at 2.0", (0.5, "done"), "done"]
    assert box.by == "down"
