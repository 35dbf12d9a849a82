"""Tests of `while` that change something, and tests that ask for the truth of a list: plain and
decorated do the same.
"""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.corpus.harness import (
    Case,
    assert_same,
    check_gradients,
    interpreted,
    observe,
)

PROGRAMS = []


def program(fn):
    PROGRAMS.append(fn)
    return fn


class Countdown:
    def __init__(self, x):
        self.x = x
        self.n = 0

    def goes_on(self):
        self.n += 1
        self.x -= 1
        return self.x > 0


@program
def nonlocal_variable(x):
    n = 0

    def more():
        nonlocal n
        n += 1
        return n < 4

    while more():
        x += n
    return x, n


@program
def nonlocal_argument(x):
    def more():
        nonlocal x
        x -= 1
        return x > 0

    k = 0
    while more() and k < 10:
        k += 1
        if x < 0.6:
            break
    else:
        k += 100
    return x, k


@program
def attribute(x):
    c, total = Countdown(x), 0.0
    while c.goes_on():
        total += c.x
    return total, c.n


@program
def attribute_that_the_body_changes_too(x):
    c, total = Countdown(x + 5), 0.0
    while c.goes_on():
        total += c.x
        c.n += 10
        c.x -= 0.5
    return total, c.n, c.x


@program
def attribute_and_break(x):
    c, total = Countdown(x + 3), 0.0
    while c.goes_on():
        if c.n > 2:
            break
        total += x
    else:
        total = -total
    return total, c.n, c.x


@program
def attribute_known_while_tracing(x):
    c, total = Countdown(5), 0.0
    while c.goes_on():
        total += c.x * x
    return total, c.n


@program
def array(x):
    v, total = np.array([x, 2.0, 3.0]), 0.0

    def more():
        v[0] -= 1
        return v[0] > -2

    while more():
        total += v.sum()
    return total, v


@program
def raises(x):
    def more(y):
        if y < 0.2:
            raise ValueError(f"low {y}")
        return y < 100

    while more(x):
        x -= 1
    return x


@program
def popped_in_the_test(x):
    items, total = [x, 2.0, 3.0], 0.0
    while items and items.pop() > 0:
        total += x
    return total, items


@program
def item_popped_in_the_test(x):
    pairs, total = {"a": x, "b": 2.0}, 0.0
    while pairs and pairs.popitem()[1] > 1:
        total += x
    return total, pairs


@program
def stack_and_break(x):
    stack, total = [x, 5.0, 3.0], 0.0
    while stack:
        top = stack.pop()
        if top < 0.3:
            break
        total += top * x
        if top > 2 and total > 3:
            stack.append(top / 2)
    return total


@program
def runs_of_equal_items(x):
    values, counts = [], []
    for item in np.array([1.5, x, x, 3.0, 3.0]):
        if values and values[-1] == item:
            counts[-1] += 1
        else:
            values.append(item)
            counts.append(1)
    return np.array(values), np.array(counts)


CALLS = ((1.5,), (-0.5,), (3.0,))


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_same(fn) -> None:
    decorated = graphc.function(fn)
    run = interpreted(decorated)
    for args in (*CALLS, CALLS[0]):
        wanted = observe(fn, args)
        assert_same(wanted, observe(decorated, args), f"decorated{args}")
        assert_same(wanted, observe(run, args), f"interpreted{args}")


@pytest.mark.parametrize(
    "fn", [nonlocal_argument, attribute, array, stack_and_break], ids=lambda fn: fn.__name__
)
def test_gradient(fn) -> None:
    check_gradients(Case(fn, ((1.51,), (3.2,)), 0, None))
