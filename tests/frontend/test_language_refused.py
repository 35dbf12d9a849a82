"""Every row of the table of refusals (`refusals.py`) refuses a program, at the user's line.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E721, F841

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.frontend.refusals import TABLE
from tests.frontend.language import assert_refused

X = np.array([3.0, 1.0, 2.0])
REFUSED: dict[str, tuple[Any, tuple[Any, ...]]] = {}


def refused(name: str, *args: Any) -> Any:
    def collect(fn: Any) -> Any:
        REFUSED[name] = fn, args
        return fn

    return collect


@refused("unknown call", 1.0)
def clock(x):
    return x + time.time()


@graphc.pure
def table(i):
    try:
        return [1.0, 2.0][i]
    except IndexError:
        return -1.0


class Lookup:
    def __hash__(self):
        return 1

    __call__ = len


LOOKUP = graphc.pure(Lookup())


@refused("pure without result", X)
def pure_on_traced(x):
    return LOOKUP(x)


@refused("host object", 1.0)
def append_to_local(x):
    seen = []
    graphc.host_call(seen.append, x)
    return seen


@refused("host closure", 1.0)
def host_closure(x):
    y = x + 1
    graphc.host_call(lambda: print(y))
    return x


@refused("unsupported function", X)
def unsupported(x):
    return np.busday_count(x, x)


class Counter:
    calls = 0


@refused("unseen effect", 1.0)
def class_attribute(x):
    Counter.calls += 1
    return x


@refused("different objects", X)
def two_exceptions(x):
    return ValueError("up") if x.sum() > 0 else ValueError("down")


@refused("different structures", X)
def growing_structure(x):
    state = (x,)
    while x.sum() < 10:
        x = x * 2
        state = (x, *state)
    return state


@refused("chosen key", X)
def assigned_by_text(x):
    found = {}
    found["up" if x.sum() > 0 else "down"] = x
    return found


@refused("items of several things", X)
def two_lengths(x):
    pair = (x, x) if x.sum() > 0 else (x,)
    return [v * 2 for v in pair]


@refused("different ranks", X)
def two_ranks(x):
    y = x
    if x.sum() > 0:
        y = x.sum()
    return y


@refused("object out of a loop", X)
def function_out_of_a_loop(x):
    for v in graphc.staged(x):
        f = lambda: v  # noqa: B023, E731
    return f()


@refused("traced text", 5)
def length_of_text(n):
    return len(str(n))


@refused("%*d", 5)
def star_width(n):
    return "%*d" % (5, n)  # noqa: UP031


@refused("print to a file", 5)
def print_to_stderr(n):
    print(n, file=sys.stderr)


@refused("unknown type", np.array(2.0))
def type_of_argument(x):
    return type(x)


@refused("identity of numbers", 2, 3)
def identity(a, b):
    return a is b


@refused("pattern", X, 1.0)
def deep_pattern(x, y):
    match {"a": y}:
        case {"a": float()}:
            return x
    return y


@refused("order of objects", X)
def largest_row(x):
    return max([x, x + 1])


@refused("choice of objects", X)
def best_name(x):
    scores = {"a": x[0], "b": x[1]}
    return max(scores, key=lambda name: scores[name])


@refused("long generator", np.ones(100))
def long_any(x):
    return any(v > 2 for v in x)


@refused("strict zip", 3, 3)
def strict(m, n):
    s = 0
    for i, j in zip(range(m), range(n), strict=True):
        s += i * j
    return s


@refused("iter sentinel", 1)
def sentinel(n):
    return list(iter(lambda: 1, 1))


@refused("iterator again", X)
def twice(x):
    pairs = zip(x, x)
    s = 0.0
    for a, b in pairs:
        s += a * b
    for a, b in pairs:
        s += a
    return s


@refused("iterator from outside", X)
def next_in_a_loop(x):
    items = iter(x)
    s = 0.0
    while s < 2:
        s = s + next(items)
    return s


@refused("staged list", 1.0)
def staged_list(x):
    for v in graphc.staged([1, 2]):
        x = x * v
    return x


@refused("staged elsewhere", 1.0)
def staged_comprehension(x):
    return [x * v for v in graphc.staged(range(3))]


@refused("Python's own", 1.0)
def number_and_text(x):
    return x + "a"


def test_every_row_has_a_program():
    assert list(REFUSED) == [row.name for row in TABLE]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_row_refuses(row):
    fn, args = REFUSED[row.name]
    message = row.message.split("{")[0] or row.message.split("}")[1].split("{")[0]
    for part in (message, row.way_out):
        assert_refused(fn, part, (args,))
