"""How many values the adjoint of a loop keeps of each iteration, and which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.ir.core import Op, Region, walk
from graphc.ir.graph import Graph
from graphc.ir.types import Sequence


def loops(graph: Graph) -> list[Op]:
    return loops_in(graph.region)


def loops_in(region: Region) -> list[Op]:
    return [op for op in walk(region) if op.name == "loop"]


def saved(op: Op) -> list[str]:
    """The names of the values a forward loop collects."""
    return [v.name for v in op.results[op.attrs["carry"] :] if isinstance(v.type, Sequence)]


def forward_loop(fn: Callable[..., Any], *args: Any) -> Op:
    return loops(graphc.value_and_grad(fn).trace(*args).graph)[0]


def repeat(step: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Four times y = step(y, w), from y = x."""

    def f(x, w):
        y, k = x, 0
        while k < 4:
            y = step(y, w)
            k = k + 1
        return graphc.sum(y)

    return f


STEPS = {
    "y = sin(y)": (lambda y, w: np.sin(y), 1),
    "y = y * 0.5": (lambda y, w: y * 0.5, 0),
    "y = -y + 1": (lambda y, w: -y + 1, 0),
    "y = y * w": (lambda y, w: y * w, 0),
    "y = y + w": (lambda y, w: y + w, 0),
    "y = y * y": (lambda y, w: y * y, 1),
    "y = exp(y) / 3": (lambda y, w: np.exp(y) / 3, 1),
    "y = tanh(y * w)": (lambda y, w: np.tanh(y * w), 1),
    "y = sin(y) * cos(y)": (lambda y, w: np.sin(y) * np.cos(y), 2),
    "y = y * (y + 1) * (y + 2)": (lambda y, w: y * (y + 1) * (y + 2) * 0.1, 1),
    "y = sum(y) + y": (lambda y, w: np.sum(y) + y, 0),
    "y = reverse of y": (lambda y, w: y[::-1], 0),
}


@pytest.mark.parametrize("name", STEPS)
def test_saved_per_iteration(name: str) -> None:
    step, count = STEPS[name]
    f = repeat(step)
    x, w = np.array([0.3, 0.4]), np.array([1.1, 0.9])
    assert len(saved(forward_loop(f, x, w))) == count
    check_gradient(f, x, w)


def test_with_the_invariant_active_its_partner_is_saved() -> None:
    """y = y * x, with x invariant and asked for: dx = Σ ct * y needs y, one an iteration."""

    def f(x):
        y = graphc.ones_like(x)
        for _ in range(6):
            y = y * x
        return graphc.sum(y)

    forward = forward_loop(f, np.array([1.1, 0.9]))
    assert saved(forward) == ["y"]
    check_gradient(f, np.array([1.1, 0.9]))


def test_counters_are_recomputed() -> None:
    def f(x):
        y = x
        for k in range(6):
            y = y * k + k
        return graphc.sum(y)

    forward = forward_loop(f, np.array([1.1, 0.9]))
    assert saved(forward) == []
    check_gradient(f, np.array([1.1, 0.9]))


def test_a_counter_of_ones_own_is_recomputed() -> None:
    def f(x, n):
        y, k = x, 2
        while k < n:
            y = y * k
            k = k + 3
        return graphc.sum(y)

    forward = forward_loop(f, np.array([1.1, 0.9]), 20)
    assert saved(forward) == []
    check_gradient(f, np.array([1.1, 0.9]), 20)


def test_items_of_a_consumed_sequence_are_consumed_again() -> None:
    def f(x, rows):
        y = x
        for row in rows:
            y = y * row
        return graphc.sum(y)

    x, rows = np.array([1.1, 0.9]), np.arange(1.0, 9.0).reshape(4, 2)
    forward = forward_loop(f, x, rows)
    assert saved(forward) == []
    check_gradient(f, x, rows)


def test_expensive_ops_are_saved_not_recomputed() -> None:
    def f(y, w):
        for _ in range(4):
            y = np.tanh(w @ y)
        return graphc.sum(y)

    x, w = np.array([0.3, 0.4]), np.array([[0.5, 0.1], [0.2, 0.3]])
    forward, adjoint = loops(graphc.value_and_grad(f).trace(x, w).graph)
    assert len(saved(forward)) == 1
    # One product with w transposed: the forward product is not made again.
    assert [op.name for op in walk(adjoint.regions[0])].count("matmul") == 1
    check_gradient(f, x, w)


def test_the_smaller_of_two_equivalent_values_is_saved() -> None:
    """The vertex cut weighs elements: the scalar a matrix is broadcast from, not the matrix."""

    def f(y, m):
        for _ in range(4):
            z = m * y
            y = y * graphc.sum(z * z) * 0.01
        return y

    m = np.arange(12.0).reshape(3, 4)
    forward = forward_loop(f, np.float64(0.5), m)
    kept = forward.results[forward.attrs["carry"] :]
    assert all(v.type.elem.shape == () for v in kept), [str(v.type) for v in kept]
    check_gradient(f, np.float64(0.5), m)


def test_the_test_of_a_loop_saves_nothing() -> None:
    def f(y):
        while np.sum(np.exp(np.sin(y))) < 50:
            y = y * 2.0
        return graphc.sum(y)

    forward = forward_loop(f, np.array([0.01, 0.02]))
    assert saved(forward) == []


def test_only_the_taken_arm_has_residuals() -> None:
    def f(x):
        if x.sum() > 0:
            y = np.sin(np.exp(x))
        else:
            y = x * 3.0
        return graphc.sum(y)

    for x in (np.array([0.1, 0.2]), np.array([-0.1, -0.2])):
        check_gradient(f, x)
    graph = graphc.grad(f).trace(np.array([0.1, 0.2])).graph
    first, second = [op for op in walk(graph.region) if op.name == "if"]
    assert len(second.regions[1].ops) <= 2  # 3 * ct


def test_nested_loops_keep_one_list_an_outer_iteration() -> None:
    def f(y):
        for i in range(3):
            for j in range(4):
                y = np.sin(y)
        return graphc.sum(y)

    outer = forward_loop(f, np.array([0.3, 0.4]))
    assert len(saved(outer)) == 1 and len(saved(loops_in(outer.regions[0])[0])) == 1
    check_gradient(f, np.array([0.3, 0.4]))


# -- checks ----------------------------------------------------------------------------------------


def check_gradient(f: Callable[..., Any], x: Any, *rest: Any) -> None:
    """Against finite differences; and the gradient's own derivative too."""
    found = graphc.grad(f)(x, *rest)
    np.testing.assert_allclose(
        found, differences(graphc.function(f), x, *rest), rtol=1e-6, atol=1e-8
    )

    def g(x, *rest):
        return graphc.sum(graphc.grad(f)(x, *rest) * WEIGHTS[: np.size(x)].reshape(np.shape(x)))

    expected = differences(graphc.function(g), x, *rest)
    np.testing.assert_allclose(graphc.grad(g)(x, *rest), expected, rtol=1e-5, atol=1e-6)


WEIGHTS = np.array([1.0, -0.7, 0.4, 2.0])


def differences(f: Callable[..., Any], x: Any, *rest: Any) -> Any:
    x = np.asarray(x)
    out = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-6
        out[i] = (f((x + step)[()], *rest) - f((x - step)[()], *rest)) / 2e-6
    return out
