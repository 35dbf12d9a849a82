"""Every row of the table of refusals (`refusals.py`) refuses a program, at the user's line.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: B006, B009, E721, F841

from __future__ import annotations

import itertools
import math
import sys
import threading
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


def with_default(x, acc=[]):
    acc.append(x)


@refused("inside of a function", 1.0)
def default_list(x):
    with_default(x)
    return len(getattr(with_default, "__defaults__")[0])


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
def two_slices(x):
    return x[slice(0, 1) if x.sum() > 0 else slice(1, 2)]


@refused("set on one path", X)
def key_on_one_path(x):
    d = {}
    if x.sum() > 0:
        d["k"] = x
    return d


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
    return [*pair]


@refused("order of keys", X)
def keys_in_two_orders(x):
    d = {}
    if x.sum() > 0:
        d["a"] = 1.0
        d["b"] = 1.0
    else:
        d["b"] = 2.0
        d["a"] = 3.0
    return d


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


@refused("changed in a try", 2.0)
def changed_in_a_try(x):
    class_ = [0.0]

    def step(v):
        class_[0] = v
        return math.sqrt(v)

    try:
        y = step(x)
    except ValueError:
        y = 0.0
    return y, class_[0]


class Leaving:
    """A context manager of the user's."""

    def __init__(self, swallows=False, kind=False):
        self.swallows = swallows
        self.kind = kind

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if self.kind and kind is not None:
            print(kind.__name__)
        return self.swallows


@refused("caught class", 2.0)
def caught_class(x):
    with Leaving(kind=True):
        y = math.sqrt(x)
    return y


LOCK = threading.Lock()


@refused("context manager", 2.0)
def context_manager(x):
    with LOCK:
        return x + 1


@refused("swallowed", 2.0)
def swallowed(x):
    y = x
    with Leaving(swallows=True):
        y = math.sqrt(x)
    return y


@refused("no exception", 2.0)
def no_exception(x):
    try:
        y = 1 / x
    except "ValueError":
        y = x
    return y


@refused("caught object", 2.0)
def caught_object(x):
    try:
        if x > 1:
            raise OSError(2, "not there", "a file")
    except OSError as error:
        print(error)
    return x


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
    match [y, 1]:
        case [float() as a, 1] | [1, a]:
            return x * a
    return y


@refused("order of objects", X)
def largest_row(x):
    return max([x, x + 1])


@refused("choice of objects", X)
def best_name(x):
    scores = {"a": x[0], "b": x[1]}
    return max(scores, key=lambda name: scores[name])


@refused("unknown length", X)
def tuple_of_some(x):
    return tuple(v for v in x if v > 2)


@refused("endless loop", X)
def around(x):
    s = 0.0
    for v in itertools.cycle([1.0, 2.0]):
        s += v
        if s > x[0]:
            break
    return s


@refused("long generator", np.ones(100))
def long_any(x):
    return any(itertools.chain(x > 2))


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


@refused("late generator", np.ones(3))
def generators_of_items(x):
    return [sum(items) for items in [map(abs, (v * w for w in x)) for v in x]]


@refused("staged list", 1.0)
def staged_list(x):
    for v in graphc.staged([1, 2]):
        x = x * v
    return x


@refused("staged elsewhere", 1.0)
def staged_argument(x):
    return sorted(graphc.staged(range(3)))


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
