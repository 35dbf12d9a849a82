"""Derivatives flow through Python's own constructs: gradient against central differences."""

# ruff: noqa: E731

from __future__ import annotations

import functools
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


PROGRAMS = [
    running_max, weighted, sorted_sum, builtins, reduced, filtered, matched, operators,
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
