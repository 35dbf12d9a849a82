"""Differentiable recursive functions of x, with the arguments behind it."""

from __future__ import annotations

import numpy as np

from tests.recursion import programs


def mutual_a(x, n):
    if n <= 0:
        return x * x
    return mutual_b(x * 0.9, n - 1) * x


def mutual_b(x, n):
    if n <= 0:
        return np.cos(x)
    return mutual_a(x + 0.1, n - 2) + x


def even(x, n):
    if n == 0:
        return np.sin(x)
    return odd(x * x, n - 1)


def odd(x, n):
    if n == 0:
        return np.cos(x)
    return even(x + 0.3, n - 1)


def in_loop(x, n):
    if n <= 0:
        return x
    s = x
    for i in range(n):
        s = s + in_loop(x * 0.5, i) * x
    return s


def in_while(x, n):
    k, s = n, x
    while k > 0:
        s = s + np.sin(in_while(x * 0.7, k - 2))
        k = k - 1
    return s


def loop_inside(x, n):
    y = x
    while y < 2:
        y = y * 1.5
    if n == 0:
        return y
    return loop_inside(np.sin(y) + 0.1, n - 1) * y


def binary(x, n):
    if n == 0:
        return np.exp(x)
    return binary(x / 2, n - 1) * binary(x * x, n - 1)


def vector(x, n):
    if n == 0:
        return (x * x).sum()
    return vector(np.sin(x) * x, n - 1) + x.prod()


def captured(x, n):
    w = x * 2

    def go(y, n):
        if n == 0:
            return (y * w).sum()
        return go(y * w, n - 1) + y[0]

    return go(x, n)


def writes(x, n):
    y = x * 1.0

    def go(k):
        y[k] = y[k] * y[k - 1]
        if k > 1:
            go(k - 1)
        y[k] = y[k] + y[0]

    go(n)
    return (y * y).sum()


def bisection(c):
    def f(x):
        return x * x - c

    def go(lo, hi):
        m = (lo + hi) / 2
        if hi - lo < 1e-3:
            return m - f(m) / (2 * m)
        if f(m) > 0:
            return go(lo, m)
        return go(m, hi)

    return go(0.0, 4.0)


def rebound(x, n):
    total = x

    def visit(k):
        nonlocal total
        total = total * x + k
        if k > 0:
            visit(k - 1)

    visit(n)
    return total


def quadrature(b):
    return programs.simpson(0.0, b, 1e-6)


def tree_sum(x, lo, hi):
    if hi - lo <= 1:
        return x[lo] * x[lo]
    m = (lo + hi) // 2
    return tree_sum(x, lo, m) * 0.5 + np.sin(tree_sum(x, m, hi))


def masked(x, n):
    if n == 0:
        return np.where(x > 0, np.sqrt(x), 0).sum()
    return masked(x * 2, n - 1)


def pair(x, n):
    if n == 0:
        return x, {"square": x * x}
    y, d = pair(x * 1.1, n - 1)
    return y * x, {"square": d["square"] + y}


def containers(x, n):
    y, d = pair(x, n)
    return y * d["square"]


def becomes_active(x, n, factor):
    if n == 0:
        return x
    return becomes_active(x * factor, n - 1, x * 0.5)


def optional(x, n, found=None):
    if n == 0:
        return found
    if found is None:
        return optional(x, n - 1, x)
    return optional(x, n - 1, found * x)


class Layer:
    def __init__(self, scale):
        self.scale = scale

    def apply(self, x, n):
        if n == 0:
            return x
        return self.scale * np.sin(self.apply(x * self.scale, n - 1))


def method(x, n):
    return Layer(x + 0.5).apply(x, n)


def sorted_weights(x):
    return (programs.merge_sort(x) * np.arange(1.0, len(x) + 1)).sum()


V = np.array([0.3, 0.5, 0.7])
FUNCTIONS = [
    (programs.power, 1.3, 5),
    (mutual_a, 0.7, 5),
    (even, 0.4, 5),
    (in_loop, 0.6, 4),
    (in_while, 0.8, 5),
    (loop_inside, 0.9, 3),
    (binary, 0.4, 3),
    (vector, V, 3),
    (captured, V, 3),
    (writes, np.array([0.3, 0.5, 0.7, 1.1]), 3),
    (bisection, 2.0),
    (rebound, 0.8, 4),
    (quadrature, 1.5),
    (tree_sum, np.linspace(0.1, 1, 7), 0, 7),
    (masked, np.array([1.0, 2.0, 3.0]), 2),
    (containers, 0.9, 3),
    (becomes_active, 0.7, 4, 1.5),
    (optional, 1.2, 4),
    (method, 0.6, 3),
    (programs.captured, 2.0, 4),
    (programs.arrays, 0.3, 4),
    (sorted_weights, V[[2, 0, 1]]),
    (programs.adaptive_steps, 1.0, 0.0, 0.1, 1e-3),
    (programs.decision_tree, np.array([0.3, 0.2])),
]
