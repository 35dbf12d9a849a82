"""Derivatives flow through Python's own constructs: gradient against central differences."""

# ruff: noqa: E731

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import pytest

import graphc

X = np.array([3.0, 1.0, 2.0, -1.5])


def running_max(x):
    best = None
    for v in x:
        if best is None or v > best:
            best = v * v
    return best


def weighted(x):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, x[::-1], strict=True), 1):
        s += i * a * b
    return s


def sorted_sum(x):
    s = 0.0
    for i, v in enumerate(sorted(x, key=abs)):
        s += i * v * v
    return s


def builtins(x):
    return max(x) * min(x) + max(x, key=abs) ** 3 + sum(x, 1.0) + sum(v * v for v in x if v > 0)


def reduced(x):
    return functools.reduce(lambda a, b: a * b if b > 0 else a - b, x)


def filtered(x):
    kept = [v**2 for v in x if v > 0]
    return sum(kept) * len(kept)


def matched(x):
    s = 0.0
    state = 0
    for v in x:
        match (state, v > 1):
            case (0, True):
                s, state = s + v * v, 1
            case (1, _):
                s, state = s * v, 0
            case _:
                s = s - v
    return s


@dataclass
class Dual:
    re: float
    im: float

    def __mul__(self, other):
        if self.re > 0:
            return Dual(self.re * other.re, self.re * other.im + self.im * other.re)
        return Dual(-self.re, self.im)

    @property
    def size(self):
        return self.re if self.re > self.im else self.im * 2


def operators(x):
    return (Dual(x[0], x[1]) * Dual(x[2], x[3]) * Dual(1.0, x[1])).size


def text_does_not_matter(x):
    print(f"{x.sum():.3f}", [x[0]])
    return (x * x).sum()


def of_math(x):
    x = x + np.array([0.31, 0.2, 0.1, 0.5])
    a, b = float(x[0]), float(x[1])
    good = [v * v for v in x if v > 0]
    return (
        math.modf(a)[0] * 2 + math.frexp(a)[0] * 3 + math.ldexp(a, 3) + math.cbrt(a) + math.exp2(a)
        + math.remainder(a, b + 1) + math.dist([a, b], (b, 2.0)) + math.fsum([a * a, b])
        + math.prod([a, b], start=2) + math.prod(good) + math.fsum(good) + math.dist(x, x * x)
    )  # fmt: skip


def some_of(x):
    best = max((v * v for v in x if v < 1.5), key=lambda v: -v)
    down = sorted((v for v in x if v > 0), key=lambda v: -v)
    first = next(v * v for v in x if v < 2.5)
    return best + first + sum([v * (i + 1) for i, v in enumerate(down)])


PROGRAMS = [
    running_max, weighted, sorted_sum, builtins, reduced, filtered, matched, operators,
    of_math, some_of,
    text_does_not_matter,
]  # fmt: skip


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_gradient_equals_central_differences(fn):
    assert graphc.function(fn)(X) == fn(X)
    found = graphc.grad(fn)(X)
    for i in range(len(X)):
        step = np.zeros_like(X)
        step[i] = 1e-6
        expected = (fn(X + step) - fn(X - step)) / 2e-6
        assert found[i] == pytest.approx(expected, rel=1e-6, abs=1e-6), i
