"""Derivatives of recursive functions to third order, against differences of the order below."""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from graphc.errors import GradientError
from graphc.ir import called_graphs, parse, verify, walk
from tests.recursion import gradients, programs

STEP = 1e-5


def differences(f, x):
    """Central differences of a scalar function."""
    x = np.asarray(x, float)
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += STEP
        down[i] -= STEP
        slopes[i] = (f(up[()]) - f(down[()])) / (2 * STEP)
    return slopes


def squared(g):
    """The sum of squares of a gradient: a scalar function, whose gradient is of the next order."""

    def of(x, *rest):
        return (g(x, *rest) ** 2).sum()

    return of


@pytest.mark.parametrize("case", gradients.FUNCTIONS, ids=lambda case: case[0].__name__)
def test_against_finite_differences(case):
    f, x, *rest = case
    x = np.asarray(x)[()]
    for order in (1, 2, 3):
        g = graphc.grad(f)
        found = g(x, *rest)
        expected = differences(lambda v, f=f: f(v, *rest), x)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4, err_msg=f"order {order}")
        graph = g.trace(x, *rest).graph
        verify(graph)
        assert str(parse(str(graph))) == str(graph)
        f = squared(g)


def power(x, n):
    if n <= 0:
        return 1.0
    return x * power(x, n - 1)


def test_repeated_gradients_of_a_power():
    f, expected = power, 1.1**5
    for order in range(5):
        assert f(1.1, 5) == pytest.approx(expected)
        f, expected = graphc.grad(f), expected * (5 - order) / 1.1


def test_one_pair_of_graphs():
    """f_forward calls itself, and so does f_adjoint."""
    graph = graphc.grad(power).trace(1.1, 5).graph
    names = [called.name for called in called_graphs(graph)]
    assert names == ["grad_power", "power_forward", "power_adjoint"]
    for called in called_graphs(graph)[1:]:
        calls = [op for op in walk(called.region) if op.name == "graph_call"]
        assert [op.attrs["callee"] for op in calls] == [called]


def test_what_is_saved():
    """The cut saves n, x and the inner result: n <= 0 and the like are had from them."""
    graph = graphc.grad(power).trace(1.1, 5).graph
    forward = called_graphs(graph)[1]
    (pack,) = [op for op in walk(forward.region) if op.name == "pack"]
    assert len(pack.operands) == 4


def test_values_of_the_program_itself_are_kept():
    value, slope = graphc.value_and_grad(power)(1.1, 5)
    assert value == pytest.approx(1.1**5)
    assert slope == pytest.approx(5 * 1.1**4)


def test_two_gradients_share_a_tape():
    @graphc.function
    def both(x, n):
        y = power(x, n)
        return graphc.gradients(y, x), graphc.gradients(y * y, x)

    (first,), (second,) = both(1.3, 4)
    assert first == pytest.approx(4 * 1.3**3)
    assert second == pytest.approx(8 * 1.3**7)
    assert len(called_graphs(both.trace(1.3, 4).graph)) == 3


def test_eager_tapes():
    staged = graphc.function(power)
    x = graphc.constant(1.3)
    with graphc.GradientTape() as outer:
        outer.watch(x)
        with graphc.GradientTape() as inner:
            inner.watch(x)
            y = staged(x, 4)
        slope = inner.gradient(y, x)
    curvature = outer.gradient(slope, x)
    assert slope.numpy() == pytest.approx(4 * 1.3**3)
    assert curvature.numpy() == pytest.approx(12 * 1.3**2)


def test_a_tape_inside():
    @graphc.function
    def slope(x, n):
        with graphc.GradientTape() as tape:
            tape.watch(x)
            y = power(x, n)
        return tape.gradient(y, x)

    assert slope(graphc.constant(1.3), 4).numpy() == pytest.approx(4 * 1.3**3)


def test_a_gradient_inside_a_recursion():
    def f(v):
        return v * v * v - 2.0

    def newton(x, n):
        if n == 0:
            return x
        return newton(x - f(x) / graphc.grad(f)(x), n - 1)

    def recursive_inside(x, n):
        if n == 0:
            return x
        return recursive_inside(x - graphc.grad(power)(x, n) / 100, n - 1)

    assert graphc.function(newton)(1.0, 8) == pytest.approx(2 ** (1 / 3))
    assert graphc.grad(newton)(1.0, 3) == pytest.approx(
        differences(lambda v: graphc.function(newton)(v, 3), 1.0)
    )
    expected = differences(lambda v: graphc.function(recursive_inside)(v, 3), 1.2)
    assert graphc.grad(recursive_inside)(1.2, 3) == pytest.approx(expected)


def test_a_derivative_that_depends_on_itself_is_refused():
    def f(x, n):
        if n == 0:
            return x * x
        return graphc.grad(lambda v: f(v, n - 1))(x) * x

    with pytest.raises(GradientError, match="'f' is differentiated inside itself"):
        graphc.function(f)(1.5, 3)


def test_masked_branches():
    """A zero from an unselected arm wins over an infinite derivative behind the recursion, too."""

    def f(x, n):
        if n == 0:
            return np.sqrt(x)
        return f(x, n - 1)

    def g(x, n):
        return np.where(x > 0, f(x, n), 0.0).sum()

    found = graphc.grad(g)(np.array([0.0, 4.0]), 2)
    np.testing.assert_array_equal(found, [0.0, 0.25])


def test_inactive_arguments_get_zeros():
    assert graphc.grad(power, argnums=(0,))(1.1, 0) == (0.0,)
    x, y = graphc.grad(lambda x, y: power(x, 3) + 0 * y, argnums=(0, 1))(2.0, 5.0)
    assert (x, y) == (12.0, 0.0)


def test_unsorted():
    """The gradient of a merge sort is a permutation, of whatever length."""
    f = graphc.grad(gradients.sorted_weights)
    for n in (4, 9, 6):
        x = np.random.default_rng(n).random(n)
        np.testing.assert_array_equal(f(x), np.argsort(np.argsort(x)) + 1.0)
    assert programs.merge_sort(np.array([2.0, 1.0])).tolist() == [1.0, 2.0]
