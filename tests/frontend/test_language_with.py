"""`with`: the user's own context managers see what leaves their block: decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E501, B007, RET505

from __future__ import annotations

import contextlib
import math
import threading

import numpy as np
import pytest

import graphc
from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses
A = np.array


class Shown:
    """Says when it is entered and left."""

    def __init__(self, name="block"):
        self.name = name

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, error, traceback):
        print("leave", self.name, kind is not None, error)


class Depth:
    """Counts, and shows nothing."""

    def __init__(self):
        self.depth = 0

    def __enter__(self):
        self.depth += 1
        return self.depth

    def __exit__(self, *exception):
        self.depth -= 1


class Suppress:
    """Swallows errors of value."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        return kind is not None and issubclass(kind, ValueError)


@case((4.0,), (-4.0,))
def sees_what_the_program_raises(x):
    with Shown():
        y = math.sqrt(x)
    return y


@case((4.0,), (-4.0,))
def sees_what_a_branch_raises(x):
    with Shown("outer"):
        y = x + 1
        with Shown("inner") as inner:
            if x < 0:
                raise ValueError(f"no {x} in {inner.name}")
            y = y * 2
        print("between")
        y = y + 1
    return y


@case((1.0,))
def sees_what_tracing_raises(x):
    with Shown():
        y = [x][3]
    return y


@case((A([1.0, 4.0]),), (A([1.0, -4.0]),))
def in_a_loop(x):
    s = 0.0
    for i in range(len(x)):
        with Shown():
            s += math.sqrt(x[i])
    return s


@case((A([1.0, 4.0, 9.0]), 2), (A([1.0, 4.0, 9.0]), 7))
def exits_leave_it(x, n):
    s = 0.0
    for i in range(n):
        with Shown():
            if i == 1:
                continue
            if x[i] > 5:
                return s
            s += x[i]
    return s


@case((4.0,), (-4.0,))
def handled_around(x):
    try:
        with Shown():
            y = math.sqrt(x)
    except ValueError as error:
        print("handled", error)
        y = 0.0
    return y


@case((4.0,), (-4.0,))
def counts(x):
    depth = Depth()
    with depth as d:
        y = math.sqrt(x) * d
    return y, depth.depth


@case((4.0,))
def nothing_at_all(x):
    with contextlib.nullcontext(2.0) as v:
        return x * v


@case((4.0,))
def swallows_what_is_raised_while_tracing(x):
    y = 0.0
    with Suppress():
        y = x
        y = int("no number")
    return y


@refuses("which class an exception is of", (4.0,), (-4.0,))
def swallows_what_the_program_raises(x):
    y = 0.0
    with Suppress():
        y = math.sqrt(x)
    return y


@refuses("this context manager swallows", (4.0,), (-4.0,))
def suppress(x):
    y = 0.0
    with contextlib.suppress(ValueError):
        y = math.sqrt(x)
    return y


LOCK = threading.Lock()


@refuses("graphc does not know what entering a lock does", (4.0,))
def lock(x):
    with LOCK:
        return x * 2


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)


def test_what_cannot_be_seen_is_no_part_of_the_graph():
    assert "try {" not in str(graphc.function(counts).trace(4.0).graph)
    assert "try {" in str(graphc.function(sees_what_the_program_raises).trace(4.0).graph)


@pytest.mark.parametrize("fn", [sees_what_the_program_raises, counts])
def test_gradient(fn, capsys):
    loss = fn if fn is not counts else lambda x: counts(x)[0]
    assert graphc.grad(loss)(4.0) == pytest.approx(0.25)
    assert graphc.grad(graphc.grad(loss))(4.0) == pytest.approx(-1 / 32)
