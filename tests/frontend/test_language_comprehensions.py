"""Comprehensions and generators with conditions, which become loops: decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E402, E501, E721, E731, E741, F811, F821, F402, F842

from __future__ import annotations

import itertools

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


# -- what takes a generator ------------------------------------------------------------------------


@case((X,), (A([-1.0]),), (A([]),))
def takers(xs):
    return (
        any(x > 2.5 for x in xs if x > 0),
        all(x > 0.5 for x in xs if x > 0),
        sum((x for x in xs if x > 0), 10.0),
        sum((x for x in xs if x > 0), start=2.0),
        max((x for x in xs if x > 10), default=-1.0),
        min((x for x in xs if x > 0), key=lambda v: -v, default=0.0),
        list(x for x in xs if x > 0),
        next((i for i, x in enumerate(xs) if x < 2.5), -1),
    )


@case((X,), (A([-1.0]),), (A([]),))
def orders(xs):
    good = sorted(x for x in xs if x > 0)
    down = sorted([x for x in xs if x > 0], key=lambda v: -v)
    return good, down, sorted((x for x in xs if x > 0), reverse=True), [2 * x for x in good]


@case((X,), (A([-1.0]),), (A([]),))
def first_or_error(xs):
    return next(x for x in xs if 0 < x < 2.5)


@case((X,), (A([]),))
def largest_by_key(xs):
    return max((x for x in xs if x < 3), key=lambda v: v * v)


@case((X,))
def loops(xs):
    s, g = 0.0, (x * 2 for x in xs if x > 0)
    for v in (x * 2 for x in xs if x > 0):
        if v > 5:
            break
        s += v
    return s, sum(g)


@case((X,))
def filters(xs):
    s = 0.0
    for v in filter(lambda v: v > 1, xs):
        s += v
    return s, sum(filter(lambda v: v > 0, xs)), list(itertools.filterfalse(lambda v: v > 0, xs))


@case((X,), (A([-1.0]),))
def nested(xs):
    return (
        [[y for y in xs if y < x] for x in xs],
        sum(len([y for y in xs if y < x]) for x in xs),
        [sum(y for y in xs if y < x) for x in xs if x > 0],
        [x * y for x in xs if x > 0 for y in xs if y > x],
    )


def last_of(items):
    r = 0.0
    for v in items:
        r = v
    return r


@case((X,))
def own_function_of_a_name(xs):
    max, sum = last_of, (lambda items: 42)  # noqa: A001
    return max(x for x in xs if x > 0), sum(x for x in xs if x > 0)


@case((3,), (0,))
def texts(n):
    return "".join(c for c in "abcdef" if c != "b"), ",".join(str(i) for i in [1, 2] if i != 1)


@case(({"a": 1.0, "b": -2.0},))
def over_a_dict(d):
    return (
        {k: v * 2 for k, v in d.items() if k != "a"},
        [v for k, v in d.items() if v > 0],
        {k for k in d if k != "a"},
    )


@case((X,))
def conditions_that_are_known(xs):
    d = {k: xs[i] for i, k in enumerate("abcd") if k != "b"}
    return d["a"], len(d), tuple(xs[i] for i in range(4) if i % 2), [i for i in range(4) if i]


@case((3,))
def variables_of_its_own(n):
    i = 10
    a = [i * n for i in range(3) if i]
    g = (i * n for i in range(3) if i)
    n = 100
    return a, list(g), i


@case((3.0,))
def lazy(v):
    g = (print("x", i) or i * v for i in range(5) if i != 1)
    print("start")
    return next(g), list(g)


@case((X,))
def rebinding(xs):
    k = 0

    def bump(x):
        nonlocal k
        k += 1
        return x * k

    return [bump(x) for x in xs[:2]], k, sum(bump(x) for x in xs), k


@case((X,))
def unbound(xs):
    if xs[0] > 5:
        y = 1
    return [y for x in xs if x > 0]


@case((X,))
def endless(xs):
    s, c = 0.0, itertools.count(5)
    for i in itertools.count(1, 2):
        s += i
        if s > xs[0] * 5:
            break
    return s, next(c), next(c), [(i, x) for i, x in zip(itertools.count(), xs)]


@case((X,), ([3.0, 1.0, -2.0],))
def itertools_of(xs):
    return (
        list(itertools.takewhile(lambda v: v > 0, xs)),
        list(itertools.dropwhile(lambda v: v > 1, xs)),
        list(itertools.accumulate(xs, max)),
        list(itertools.accumulate(xs, initial=1.0)),
        list(itertools.starmap(lambda a, b: a * b, zip(xs, xs))),
        list(itertools.chain.from_iterable([xs, xs])),
        [b - a for a, b in itertools.pairwise(xs)],
        sum(map(sum, itertools.tee(xs))),
    )


@case(([1, 1, 2],))
def groups(xs):
    return [(k, len(list(g))) for k, g in itertools.groupby("aab")], [
        (k, sum(v for _, v in g)) for k, g in itertools.groupby(zip("aab", xs), lambda kv: kv[0])
    ]


@case((X,))
def late_functions(xs):
    generators = [(x * y for y in xs) for x in xs]
    return [f() for f in [lambda: x * 2 for x in xs]], [sum(g) for g in generators]


@case((X,))
def of_one_another(xs):
    doubled = (x * 2 for x in xs)
    more = (x + 1 for x in doubled)
    return next(more), next(doubled), list(more)


@case((X,), ([3.0, 1.0, -2.0],))
def mapped(xs):
    tests = any(itertools.starmap(lambda a, b: a > b + 1, zip(xs, reversed(xs))))
    return tests, list(map(lambda a, b: a * b, xs, xs)), tuple(map(float, xs)), sum(map(abs, xs))


@case((X, 20.0))
def in_step(xs, most):
    grown, x = [], xs[0]
    while x < most:
        grown.append(x)
        x = x + 4
    total, pairs = 0.0, zip((print("a") or x * 2 for x in grown), map(lambda x: x + 1, grown))
    for i, (a, b) in enumerate(pairs):
        print("b")
        total = total + i * a * b
    return total, list(map(lambda a, b: a - b, grown, xs)), [a * b for a, b in zip(grown, xs)]


@case((X, 20.0), ([3.0, 1.0, -2.0], 9.0))
def numbered(xs, most):
    total, names = 0.0, ["a", "b", "c", "d"]
    for i, x in enumerate(print("x") or x * 2 for x in xs if x > 1):
        print("i", x > 3)
        total = total + i * x
        if total > most:
            break
    for i, x in enumerate(filter(lambda x: x > 1, xs), 1):
        total = total + i * x
    known = {names[i]: x for i, x in enumerate(x * 3 for x in xs)}
    return total, known, list(enumerate(map(lambda x: x + 1, xs)))


@case((X,))
def rebinding_in_builtins(xs):
    k = 0

    def bump(x):
        nonlocal k
        k += 1
        return x * k

    sums = sum(map(bump, xs)), list(map(bump, xs)), max(xs, key=bump), sorted(xs, key=bump)
    return sums, list(map(bump, (x for x in xs))), list(filter(bump, [1, 2])), k


@refuses("is needed here while the graph is being built", (X, 20.0))
def rebinding_as_often_as_the_data_say(xs, most):
    grown, k = [], 0
    while xs[0] * len(grown) < most:
        grown.append(xs[0])

    def bump(x):
        nonlocal k
        k += 1
        return x * k

    return sum(map(bump, grown)), k


@refuses("would see the last item", (X, 20.0))
def late_in_step(xs, most):
    grown, total = [], xs[0]
    while total < most:
        grown.append(total)
        total = total + 4
    for items in [enumerate(x * y for y in grown) for x in xs]:
        for i, x in items:
            total = total + i * x
    return total


@case((X,), (A([-1.0]),))
def arrays_from_generators(xs):
    return (
        np.fromiter((v * 2 for v in xs), float),
        np.fromiter((v * 2 for v in xs if v > 0), dtype=np.float32),
        np.fromiter(range(3), int),
    )


@refuses("numpy.fromiter of an array, with count or like", (X,))
def counted(xs):
    return np.fromiter((v * 2 for v in xs), float, count=1)


@refuses("a tuple of a number of items", (X,))
def a_tuple(xs):
    return tuple(x for x in xs if x > 0)


@refuses("a dictionary key is needed", (X,))
def a_set(xs):
    return {x for x in xs if x > 0}


@refuses("is set where the condition is true, and not where", (X,))
def some_keys(xs):
    return {i: x for i, x in enumerate(xs) if x > 0}


@refuses("consumed before", (X,))
def twice(xs):
    g = (x for x in xs if x > 0)
    return sum(g), sum(g)


@refuses("consumed in a loop or branch", (X,))
def elsewhere(xs):
    g, s = (x for x in xs), 0.0
    while s < 10:
        s += sum(g) + 1
    return s


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
