"""Derivatives of every order through loops, branches and early exits, against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphc


def derivatives(f: Callable[..., Any], x: Any, count: int) -> list[Any]:
    """f(x), f'(x), … by repeated grad."""
    found = [graphc.function(f)(x)]
    for _ in range(count):
        f = graphc.grad(f)
        found.append(f(x))
    return found


@pytest.mark.parametrize("x", [2.0, np.float64(2.0)], ids=["float", "float64"])
def test_repeated_squaring(x: Any) -> None:
    """x=2: v = x**4, so 16, 32, 48, 48, 24, 0."""

    def f(x):
        v = x
        while v < 8:
            v = v * v
        return v

    assert derivatives(f, x, 5) == [16, 32, 48, 48, 24, 0]


def test_nested_whiles() -> None:
    """Σ_{k≤5} n^k by nested whiles, at n = 3."""

    def f(n):
        total, k = 0.0, 0
        while k <= 5:
            power, j = 1.0, 0
            while j < k:
                power = power * n
                j = j + 1
            total = total + power
            k = k + 1
        return total

    expected = [364, 1 + 6 + 27 + 108 + 405, 2 + 18 + 108 + 540]
    assert derivatives(f, 3.0, 2) == expected
    assert derivatives(f, np.float64(3.0), 2) == expected


def test_seed_function() -> None:
    @graphc.function
    def f(a):
        b = a * 2
        while np.linalg.norm(b) < 1000:
            b = b * 2
        if b.sum() > 0:
            c = b
        else:
            c = 100 * b
        return c

    a = np.array([[0.488]])
    assert f(a) == a * 2048 * 2 and f(a).shape == (1, 1) and f(a).dtype == np.float64
    assert graphc.grad(lambda a: f(a).sum())(a) == 4096
    assert graphc.grad(lambda a: f(a).sum())(-a) == 409600


# -- loop in if in loop, to the third order --------------------------------------------------------


def sin_chain(x):
    """sin(sin(x)) where positive, else x**3, twice over with a loop inside."""
    y = x
    for i in range(2):
        if y > 0:
            for _ in range(2):
                y = np.sin(y)
        else:
            y = y**3
    return y


def early_exit(x):
    total = 0.0 * x
    for i in range(10):
        total = total + x**i
        if total > 3:
            break
        if i == 1:
            continue
        total = total * x
    else:
        total = -total
    return total


def early_return(x):
    for i in range(5):
        k = 0
        while k < i:
            if x * k > 2:
                return x**3 * k
            x = x * 1.5
            k = k + 1
    return x


def dynamic_range(x):
    y = x
    n = int(x * 3)
    for i in range(n, 0, -2):
        y = y * x + i
    return y


def continued_fraction(x):
    y = 1.0
    n = 0
    while True:
        new = 1 / (x + y)
        n += 1
        if abs(new - y) < 1e-13 or n > 100:
            break
        y = new
    return y


PROGRAMS = [sin_chain, early_exit, early_return, dynamic_range, continued_fraction]


@pytest.mark.parametrize("make", [float, np.float64], ids=["float", "float64"])
@pytest.mark.parametrize("x", [0.7, 1.3, 2.1])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_three_orders(f: Callable[..., Any], x: float, make: Callable[[float], Any]) -> None:
    found = derivatives(f, make(x), 3)
    np.testing.assert_allclose(found[0], f(make(x)), rtol=1e-14)
    for order in range(1, 4):
        g = f
        for _ in range(order - 1):
            g = graphc.grad(g)
        h = 1e-5
        expected = (g(x + h) - g(x - h)) / (2 * h)
        np.testing.assert_allclose(found[order], expected, rtol=1e-6, atol=1e-6)


def test_arrays_through_loop_in_if_in_loop() -> None:
    def f(x, w):
        for row in w:
            if np.sum(row) > 0:
                while np.sum(x * x) < 4:
                    x = x * 1.5 + row * 0.1
            else:
                x = np.tanh(x) * row
        return np.sum(x * x)

    x = np.array([0.5, -0.3])
    w = np.array([[1.0, 0.5], [-0.2, -0.4], [0.3, 0.1], [-1.0, 0.2]])
    g = graphc.grad(f, argnums=(0, 1))
    check(lambda x: f(x, w), g(x, w)[0], x)
    check(lambda w: f(x, w), g(x, w)[1], w)
    v = np.array([0.3, 0.8])
    hv = graphc.grad(lambda x: graphc.sum(graphc.grad(f)(x, w) * v))(x)
    check(lambda x: np.sum(graphc.grad(f)(x, w) * v), hv, x)


def test_no_trips() -> None:
    """With no trips carries pass through, and what the body captures has derivative zero."""

    def f(x, w, n):
        for _ in range(n):
            x = x * w
        return x

    g = graphc.grad(f, argnums=(0, 1))
    assert g(2.0, 3.0, 0) == (1.0, 0.0)
    assert g(2.0, 3.0, 2) == (9.0, 12.0)
    assert len(g.traces) == 1


def test_trip_counts_differ_without_a_retrace() -> None:
    @graphc.function
    def f(x):
        while x < 100:
            x = x * x
        return x

    g = graphc.grad(f)
    assert [f(x) for x in (2.0, 3.0, 200.0)] == [256, 6561, 200]
    assert [g(x) for x in (2.0, 3.0, 200.0)] == [8 * 2**7, 8 * 3**7, 1]
    assert len(f.traces) == 1 and len(g.traces) == 1


def test_a_state_that_is_swapped() -> None:
    def f(x):
        a, b = x, 2.0 * x
        for _ in range(5):
            a, b = b, a * b
        return a

    for order, value in enumerate(derivatives(f, 1.1, 3)):
        g = f
        for _ in range(order - 1):
            g = graphc.grad(g)
        if order:
            np.testing.assert_allclose(value, (g(1.1 + 1e-6) - g(1.1 - 1e-6)) / 2e-6, rtol=1e-7)


def test_updates_in_place() -> None:
    def f(x):
        out = np.zeros(4)
        for i in range(4):
            out[i] = x * i
            out[i] += out[i - 1]
        return np.sum(out * out)

    np.testing.assert_allclose(graphc.function(f)(2.0), f(2.0))
    np.testing.assert_allclose(
        graphc.grad(f)(2.0), (f(2.0 + 1e-6) - f(2.0 - 1e-6)) / 2e-6, rtol=1e-7
    )


# -- unselected arms -------------------------------------------------------------------------------


def in_a_loop(x):
    y = x
    for _ in range(3):
        y = np.where(y > 0, np.sqrt(y), 0)
    return np.sum(y)


def in_a_branch(x):
    if np.sum(x) > -10:
        y = np.where(x > 0, np.log(x), 0)
    else:
        y = x
    return np.sum(y)


def two_deep(x):
    return np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, np.log(x) + 1, 1)), 0))


def by_mask(x):
    y = np.sqrt(x)
    return np.sum(y[x > 0])


def divided(x):
    return np.sum(np.where(x == 0, 1.0, np.sin(x) / x))


def scaled(x):
    z = np.exp(x) * np.sqrt(x)
    return np.sum(3 * np.where(x > 0, z, 0) ** 2)


MASKED = [in_a_loop, in_a_branch, two_deep, by_mask, divided, scaled]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", MASKED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("order", [1, 2])
def test_an_unselected_arm_never_leaks(f: Callable[..., Any], order: int) -> None:
    x = np.array([-1.0, 0.0, 4.0])

    def g(x):
        return graphc.sum(graphc.grad(f)(x))

    found = graphc.grad(f if order == 1 else g)(x)
    assert np.isfinite(found).all(), found
    alone = graphc.grad(f if order == 1 else g)(x[2:])
    np.testing.assert_allclose(found[2:], alone)
    if f is not divided:
        np.testing.assert_array_equal(found[:2], 0)


def check(f: Callable[..., Any], gradient: Any, x: Any) -> None:
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-6
        np.testing.assert_allclose(
            gradient[i], (f(x + step) - f(x - step)) / 2e-6, rtol=1e-5, atol=1e-7
        )


UNKNOWN_DIMS = {
    "mul": lambda x, y: x * y,
    "where": lambda x, y: np.where(y > 0, x, y),
    "maximum": np.maximum,
    "masked": lambda x, y: np.where(y > 0, np.sqrt(y) * x, 0),
}


@pytest.mark.parametrize("name", UNKNOWN_DIMS)
def test_equal_unknown_dimensions_may_hide_a_broadcast_one(name: str) -> None:
    op = UNKNOWN_DIMS[name]
    g = graphc.grad(lambda x, y: graphc.sum(op(x, y)), argnums=(0, 1))
    for sizes in ((3, 3), (4, 4), (1, 5), (5, 1)):
        x, y = (np.arange(1.0, n + 1) * 1.1 for n in sizes)
        found = g(x, y)
        assert [a.shape for a in found] == [(n,) for n in sizes]
        fresh = graphc.grad(lambda x, y: graphc.sum(op(x, y)), argnums=(0, 1))(x, y)
        np.testing.assert_allclose(np.concatenate(found), np.concatenate(fresh))
    assert len(g.traces) == 2
