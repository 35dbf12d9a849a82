"""`graphc.gradients`: what it answers, where it may be called, and what it refuses."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GradientError, GraphcError


def test_sums_over_ys() -> None:
    with graphc.Graph() as g:
        x = graphc.constant(3.0)
        (dx,) = graphc.gradients([x**2, x**8], [x])
    assert g.run(dx) == 17502


def test_one_result_per_x() -> None:
    with graphc.Graph() as g:
        x, y, z = (graphc.constant(v) for v in (2.0, 3.0, 5.0))
        grads = graphc.gradients(x * y + z, [x, y, z])
    assert g.run(grads) == [3.0, 2.0, 1.0]


def test_an_array_y_is_seeded_with_ones() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(x * x, x)[0]

    np.testing.assert_array_equal(f(np.array([[1.0, 2.0], [3.0, 4.0]])), [[2, 4], [6, 8]])


def test_ys_that_are_inputs_of_other_ys_count_fully() -> None:
    @graphc.function
    def f(x):
        y = x * x
        z = y * y
        return graphc.gradients([y, z], [x, y])

    dx, dy = f(3.0)
    assert dx == 6 + 4 * 27
    assert dy == 1 + 2 * 9


def test_a_y_that_is_an_x_counts_itself() -> None:
    @graphc.function
    def f(x):
        y = 2 * x
        return graphc.gradients([y, y], [x, y])

    assert f(3.0) == [4.0, 2.0]


def test_stop_gradients_gives_partial_derivatives() -> None:
    with graphc.Graph() as g:
        a = graphc.constant(0.0)
        b = 2 * a
        total = graphc.gradients(a + b, [a, b])
        partial = graphc.gradients(a + b, [a, b], stop_gradients=[a, b])
    assert g.run(total) == [3.0, 1.0]
    assert g.run(partial) == [1.0, 1.0]


# -- every subset of stops and sources of a chain -------------------------------------------------

MATRICES = [np.random.default_rng(i).normal(size=(3, 3)) for i in range(5)]
SUBSETS = [s for n in range(5) for s in itertools.combinations(range(4), n)]


def chain(stop: Any) -> list[Any]:
    """Four matmuls, each node with the one before as a factor; `stop(i, node)` replaces a node."""
    nodes: list[Any] = []
    x = graphc.constant(MATRICES[0])
    for i in range(4):
        x = stop(i, graphc.matmul(x, x if i % 2 else graphc.constant(MATRICES[i + 1])))
        nodes.append(x)
    return nodes


@pytest.mark.parametrize("stops", SUBSETS, ids=str)
def test_stopping_values_is_inserting_stop_gradient(stops: tuple[int, ...]) -> None:
    """For every subset of stopped values and every subset of sources."""
    sources = [s for s in SUBSETS if s]
    with graphc.Graph() as g:
        nodes = chain(lambda i, node: node)
        stopped = [nodes[i] for i in stops]
        found = [
            graphc.gradients(nodes[3], [nodes[i] for i in xs], stop_gradients=stopped)
            for xs in sources
        ]
    with graphc.Graph() as h:
        before: dict[int, Any] = {}

        def stop(i: int, node: Any) -> Any:
            before[i] = node
            return graphc.stop_gradient(node) if i in stops else node

        cut = chain(stop)
        # What is asked for is the node as others read it: after the stop.
        expected = [graphc.gradients(cut[3], [cut[i] for i in xs]) for xs in sources]
    for ours, theirs in zip(g.run(found), h.run(expected)):
        for a, b in zip(ours, theirs):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_array_equal(a, b)


def test_the_empty_list_of_sources() -> None:
    with graphc.Graph():
        assert graphc.gradients(graphc.constant(1.0), []) == []


def test_stopping_is_per_value_not_per_op() -> None:
    @graphc.function
    def f(x):
        a, b = graphc.split(x, 2)
        return graphc.gradients(a.sum() + (b * b).sum(), x, stop_gradients=[a])[0]

    np.testing.assert_array_equal(f(np.array([1.0, 2.0, 3.0, 4.0])), [0, 0, 6, 8])


def test_stopping_every_result_of_an_op_is_unconnected() -> None:
    @graphc.function
    def f(x):
        a, b = graphc.split(x, 2)
        return graphc.gradients(a.sum() + (b * b).sum(), x, stop_gradients=[a, b])[0]

    assert f(np.arange(4.0)) is None


# -- unconnected ----------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["none", graphc.UnconnectedGradients.NONE])
def test_unconnected_is_none(choice: Any) -> None:
    @graphc.function
    def f(x, z):
        return graphc.gradients(x * 2, [x, z], unconnected_gradients=choice)

    dx, dz = f(np.ones(2), np.ones(3))
    np.testing.assert_array_equal(dx, [2, 2])
    assert dz is None


@pytest.mark.parametrize("choice", ["zero", graphc.UnconnectedGradients.ZERO])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unconnected_is_zeros_of_shape_and_dtype(choice: Any, dtype: Any) -> None:
    @graphc.function
    def f(x, z):
        return graphc.gradients(x * 2, [x, z], unconnected_gradients=choice)

    dz = f(np.ones(2), np.ones((3, 1), dtype))[1]
    assert dz.dtype == dtype and dz.shape == (3, 1) and not dz.any()


def test_unconnected_takes_nothing_else() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(x, x, unconnected_gradients="nil")

    with pytest.raises(ValueError, match=r"'none' or 'zero', found 'nil'") as caught:
        f(1.0)
    assert isinstance(caught.value, GraphcError)


def test_seed_spellings_are_accepted() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(
            x * x, [x], None, "gradients", True, graphc.AggregationMethod.ADD_N, None,
            graphc.UnconnectedGradients.ZERO,
        )  # fmt: skip

    assert f(3.0) == [6.0]


# -- grad_ys --------------------------------------------------------------------------------------


def test_grad_ys_weigh_the_ys() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients([x * x, 3 * x], x, grad_ys=[np.array([1.0, 10.0]), None])[0]

    np.testing.assert_array_equal(f(np.array([1.0, 2.0])), [2 + 3, 40 + 3])


def test_grad_ys_may_be_traced() -> None:
    @graphc.function
    def f(x, s):
        return graphc.gradients(x * x, [x, s], grad_ys=s)

    dx, ds = f(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    np.testing.assert_array_equal(dx, [6, 16])
    assert ds is None


@pytest.mark.parametrize(
    "grad_ys, kind, message",
    [
        ([None, None], ValueError, "2 entries for 1 ys"),
        ([], ValueError, "0 entries for 1 ys"),
        (np.ones(3), ValueError, r"shape \(3,\) for a y of shape \(2,\)"),
        (np.ones((1, 2)), ValueError, r"shape \(1, 2\) for a y of shape \(2,\)"),
        (np.ones(2, np.int64), TypeError, "dtype int64 for a y of dtype float64"),
        (np.ones(2, bool), TypeError, "dtype bool for a y of dtype float64"),
        (np.ones(2, complex), TypeError, "dtype complex128 for a y of dtype float64"),
    ],
    ids=str,
)
def test_grad_ys_that_do_not_fit(grad_ys: Any, kind: type, message: str) -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(x * x, x, grad_ys=grad_ys)[0]

    with pytest.raises(kind, match=message) as caught:
        f(np.ones(2))
    assert isinstance(caught.value, GraphcError)
    assert "graphc.gradients(x * x, x, grad_ys=grad_ys)" in str(caught.value)


def test_nan_seeds_flow() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(x * x, x, grad_ys=np.array([np.nan, 1.0]))[0]

    np.testing.assert_array_equal(f(np.array([1.0, 2.0])), [np.nan, 4])


# -- what carries no derivative -------------------------------------------------------------------


def test_integers_and_bools_carry_no_gradient() -> None:
    @graphc.function
    def f(x, n):
        y = x * n
        return graphc.gradients(y, [x, n])

    dx, dn = f(np.array([1.0, 2.0]), np.array([3, 4]))
    np.testing.assert_array_equal(dx, [3, 4])
    assert dn is None


def test_through_an_integer_is_unconnected_or_zero() -> None:
    @graphc.function
    def f(x):
        k = graphc.cast(x, np.int64)
        return graphc.gradients(graphc.cast(k, np.float64) * 2, x, unconnected_gradients="zero")[0]

    np.testing.assert_array_equal(f(np.array([1.5, 2.5])), [0, 0])


ZERO_DERIVATIVE = [
    np.floor, np.ceil, np.sign, np.rint, np.trunc,
    lambda x: np.where(x > 0, 1.0, 0.0), lambda x: (x < 1.0) * 2.0,
    lambda x: np.argmax(x) * 1.0, lambda x: np.argmin(x) * 1.0, np.isnan,
]  # fmt: skip


@pytest.mark.parametrize("op", ZERO_DERIVATIVE)
def test_zero_derivatives_are_zeros_not_none(op: Any) -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(op(x) * 1.0, x)[0]

    found = f(np.array([0.5, 1.5]))
    assert (
        found is not None and found.shape == (2,) and found.dtype == np.float64 and not found.any()
    )


def test_stop_gradient_is_unconnected() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(graphc.stop_gradient(x) * 2, x)[0]

    assert f(1.0) is None


def test_an_op_without_a_rule_is_named_with_the_line() -> None:
    from graphc.ir.opdef import REGISTRY
    from graphc.ops.families import elementwise

    cbrt_like = elementwise("cbrt_without_rule", np.cbrt)
    try:

        @graphc.function
        def f(x):
            y = cbrt_like(x)
            return graphc.gradients(y, x)[0]

        with pytest.raises(
            GradientError, match="'cbrt_without_rule' has no derivative rule"
        ) as caught:
            f(np.ones(2))
    finally:
        from graphc.ops.tensor import NUMPY

        del REGISTRY["cbrt_without_rule"]
        NUMPY.functions.pop(np.cbrt, None)
    assert "y = cbrt_like(x)" in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_complex_is_refused_with_a_way_out() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients(np.abs(x * 1j).sum(), x)[0]

    with pytest.raises(GradientError, match="complex"):
        f(np.ones(2))


# -- where it may be called -----------------------------------------------------------------------


def test_twice() -> None:
    @graphc.function
    def f(x):
        y = x**3
        return graphc.gradients(y, x)[0] + graphc.gradients(y, x)[0]

    assert f(2.0) == 24.0


@pytest.mark.parametrize("order", range(1, 6))
def test_on_its_own_results(order: int) -> None:
    @graphc.function
    def f(x):
        y = x**5
        for _ in range(order):
            (y,) = graphc.gradients(y, x)
        return y

    assert f(2.0) == np.prod(range(5, 5 - order, -1)) * 2.0 ** (5 - order)


def test_of_a_gradient_times_something() -> None:
    @graphc.function
    def f(x, v):
        (g,) = graphc.gradients(np.sum(np.sin(x) * x), x)
        return graphc.gradients(np.sum(g * v), [x, v])

    x, v = np.array([0.3, 0.7]), np.array([2.0, -1.0])
    hv, g = f(x, v)
    np.testing.assert_allclose(hv, (2 * np.cos(x) - x * np.sin(x)) * v, rtol=1e-14)
    np.testing.assert_allclose(g, np.cos(x) * x + np.sin(x), rtol=1e-14)


def test_in_a_loop_body() -> None:
    """Newton's method with the derivative taken in the loop."""

    @graphc.function
    def root(x):
        while np.abs(x * x - 2) > 1e-12:
            y = x * x - 2
            (dy,) = graphc.gradients(y, x)
            x = x - y / dy
        return x

    np.testing.assert_allclose(root(np.float64(1.0)), np.sqrt(2), rtol=1e-14)
    np.testing.assert_allclose(root(1.0), np.sqrt(2), rtol=1e-14)


def test_in_a_loop_body_with_a_loop_inside() -> None:
    @graphc.function
    def f(x, n):
        total = 0.0
        for i in range(n):
            y = x
            for j in range(i):
                y = y * x
            total = total + graphc.gradients(y, x)[0]
        return total

    assert f(2.0, 4) == sum((i + 1) * 2.0**i for i in range(4))


def test_in_a_branch() -> None:
    @graphc.function
    def f(x):
        y = x * x
        if x.sum() > 0:
            z = graphc.gradients(y * x, x)[0]
        else:
            z = graphc.gradients(y, x)[0]
        return z

    np.testing.assert_array_equal(f(np.array([1.0, 2.0])), [3, 12])
    np.testing.assert_array_equal(f(np.array([-1.0, -2.0])), [-2, -4])


def test_wrt_a_value_captured_from_outside_a_loop() -> None:
    @graphc.function
    def f(x, w):
        for _ in range(3):
            x = x * w
        return graphc.gradients(x, [w])[0]

    assert f(2.0, 3.0) == 2 * 3 * 9


def test_in_a_loop_wrt_a_value_from_outside() -> None:
    @graphc.function
    def f(x, w):
        total = 0.0
        for i in range(3):
            total = total + graphc.gradients(x * w * w, w)[0]
        return total

    assert f(2.0, 3.0) == 3 * 2 * 2 * 3


def test_through_earlier_iterations_is_refused_or_unrolled() -> None:
    """A gradient in a loop that would have to go through iterations already made."""

    def f(x, n):
        y = x
        total = 0.0
        for _ in range(n):
            y = y * x
            total = total + graphc.gradients(y, x)[0]
        return total

    assert graphc.function(lambda x: f(x, 3))(2.0) == 2 * 2 + 3 * 4 + 4 * 8


def test_wrt_a_global_array() -> None:
    @graphc.function
    def f(x):
        return graphc.gradients((x * WEIGHTS).sum(), WEIGHTS)[0]

    np.testing.assert_array_equal(f(np.array([1.0, 2.0])), [1, 2])


WEIGHTS = np.array([3.0, 4.0])


def test_wrt_an_intermediate() -> None:
    @graphc.function
    def f(x):
        h = np.sin(x)
        return graphc.gradients(h**2, [h, x])

    dh, dx = f(0.5)
    np.testing.assert_allclose([dh, dx], [2 * np.sin(0.5), np.sin(1.0)])


def test_wrt_a_structure() -> None:
    @graphc.function
    def f(p):
        return graphc.gradients(p["a"] * p["b"], [p["a"], [p["b"]]])

    assert f({"a": 2.0, "b": 3.0}) == [3.0, 2.0]


def test_outside_a_graph_is_refused() -> None:
    with pytest.raises(graphc.GraphcError, match="none is being traced") as caught:
        graphc.gradients(graphc.constant(1.0), graphc.constant(1.0))
    assert isinstance(caught.value, RuntimeError)


def test_the_dump_shows_the_adjoint() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((2,), name="x")
        y = np.sin(x)
        before = str(g)
        graphc.gradients(y, x)
    after = str(g)
    assert "cos" not in before and "cos" in after and "x_bar" in after
    assert str(graphc.parse(after)) == after


MASKED = {
    "maximum": lambda x, m: x * np.maximum(x * (x > -5) + m, x),
    "clip": lambda x, m: x * np.clip(x * (x > 0), 0, 9) * m,
    "where": lambda x, m: np.where(m > 0, x * m, x) ** 2,
    "sin": lambda x, m: np.sin(x * (x > 0)) * np.where(x > 0, x * m, 0),
}


@pytest.mark.parametrize("name", MASKED)
def test_second_derivatives_through_masks(name):
    """The product of a Python float's cotangent and a bool is a float."""
    fn = MASKED[name]
    first = graphc.grad(fn)
    for x in (1.3, np.float64(1.3)):
        for m in (True, 1, 2.0, np.bool_(True)):
            wanted = (first(x + 1e-6, m) - first(x - 1e-6, m)) / 2e-6
            np.testing.assert_allclose(graphc.grad(first)(x, m), wanted, rtol=1e-6)
