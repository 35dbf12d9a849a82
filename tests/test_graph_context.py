"""`with graphc.Graph() as g`: building by hand, running parts, feeding any value."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GraphcError, TraceError


def test_run_with_feeds() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((2,), graphc.float64, name="x")
        y = np.sin(x) * 2
    np.testing.assert_array_equal(g.run(y, {x: [0.0, 1.0]}), np.sin([0.0, 1.0]) * 2)
    np.testing.assert_array_equal(
        g.run(y, {x: graphc.constant([1.0, 1.0])}), np.sin([1.0, 1.0]) * 2
    )


def test_fetches_keep_their_structure() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        y = x * x
    assert g.run({"y": y, "more": [x, (y, None)]}, {x: 3.0}) == {
        "y": 9.0,
        "more": [3.0, (9.0, None)],
    }
    assert g.run([], {}) == []


def test_any_value_can_be_fed() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        y = x * x
        z = y + 1
    assert g.run(z, {y: 10.0}) == 11.0
    assert g.run([y, z], {x: 2.0, y: 10.0}) == [10.0, 11.0]


def test_only_what_is_asked_for_runs() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        unused = graphc.placeholder((), name="unused")
        y = x * 2
        unused + 1
    assert g.run(y, {x: 1.0}) == 2.0


def test_values_read_anew() -> None:
    v, a = graphc.Variable(2.0), np.ones(2)
    with graphc.Graph() as g:
        y = v * a
    np.testing.assert_array_equal(g.run(y), [2, 2])
    v.assign(5.0)
    a[0] = 3
    np.testing.assert_array_equal(g.run(y), [15, 5])


def test_unknown_dimensions() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((None, 2), name="x")
        y = graphc.sum(x, axis=0)
    for n in (0, 1, 5):
        np.testing.assert_array_equal(g.run(y, {x: np.ones((n, 2))}), [n, n])


def test_a_value_without_a_feed() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        y = x * 2
    with pytest.raises(ValueError, match="'x' needs a value") as caught:
        g.run(y)
    assert isinstance(caught.value, GraphcError)
    assert g.run(y, {x: 1.0}) == 2.0


@pytest.mark.parametrize(
    "value, kind, message",
    [
        (np.ones(3), ValueError, r"f64\[3\] fed for .* f64\[2\]"),
        (1.0, ValueError, r"f64\[\] fed for"),
        (np.ones(2) * 1j, TypeError, "complex128 fed for"),
        (["a", "b"], TypeError, "<U1"),
        (None, TypeError, "object"),
        ([[1.0], [1.0, 2.0]], ValueError, "inhomogeneous"),
    ],
    ids=str,
)
def test_feeds_that_do_not_fit(value: Any, kind: type, message: str) -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((2,), name="x")
        y = x * 2
    with pytest.raises(kind, match=message) as caught:
        g.run(y, {x: value})
    assert isinstance(caught.value, GraphcError)
    np.testing.assert_array_equal(g.run(y, {x: [1, 2]}), [2, 4])


def test_a_tensor_of_another_graph() -> None:
    with graphc.Graph():
        other = graphc.placeholder((), name="other")
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        with pytest.raises(TraceError, match="after its trace has ended"):
            x + other
    with pytest.raises(TraceError, match="belongs to another graph"):
        g.run(other)
    with pytest.raises(TypeError, match="expected a tensor"):
        g.run("x")


def test_gradients_in_a_graph() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        y = x**3
        (dx,) = graphc.gradients(y, x)
        (ddx,) = graphc.gradients(dx, x)
    assert g.run([y, dx, ddx], {x: 2.0}) == [8.0, 12.0, 12.0]


def test_gradients_do_not_change_what_was_there() -> None:
    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        y = np.sin(x)
    before = g.run(y, {x: 1.0})
    with g:
        (dx,) = graphc.gradients(y, x)
    assert g.run([y, dx], {x: 1.0}) == [before, np.cos(1.0)]


def test_decorated_functions_inside() -> None:
    @graphc.function
    def f(x):
        while x < 10:
            x = x * 2
        return x

    with graphc.Graph() as g:
        x = graphc.placeholder((), name="x")
        y = f(x)
        (dx,) = graphc.gradients(y, x)
    assert g.run([y, dx], {x: 1.5}) == [12.0, 8.0]


def test_the_text_parses_back() -> None:
    with graphc.Graph("named") as g:
        x = graphc.placeholder((None,), graphc.float32, name="x")
        graphc.gradients(graphc.sum(np.exp(x)), x)
    assert str(g).startswith("graph named(%x: f32[?])")
    assert str(graphc.parse(str(g))) == str(g)


def test_entering_twice() -> None:
    g = graphc.Graph()
    with g, pytest.raises(TraceError, match="already being built"), g:
        pass
    with g:
        pass


def test_graphs_nest() -> None:
    with graphc.Graph() as outer:
        x = graphc.placeholder((), name="x")
        with graphc.Graph() as inner:
            a = graphc.placeholder((), name="a")
            b = a * 3
        y = x * 2
    assert outer.run(y, {x: 1.0}) == 2.0 and inner.run(b, {a: 1.0}) == 3.0


def test_threads_build_their_own() -> None:
    results: dict[int, Any] = {}

    def build(i: int) -> None:
        with graphc.Graph() as g:
            x = graphc.placeholder((), name="x")
            y = x
            for _ in range(20):
                y = y + i
        results[i] = g.run(y, {x: 1.0})

    threads = [threading.Thread(target=build, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {i: 1.0 + 20 * i for i in range(8)}


def test_placeholder_outside() -> None:
    with pytest.raises(TraceError, match="inside `with graphc.Graph"):
        graphc.placeholder((), name="x")


def test_python_control_flow_on_a_placeholder_says_what_to_do() -> None:
    with graphc.Graph():
        x = graphc.placeholder((), name="x")
        with pytest.raises(TypeError, match="known only when the graph runs"):
            if x > 0:
                pass


def test_errors_leave_the_context() -> None:
    with pytest.raises(KeyError), graphc.Graph():
        raise KeyError("x")
    assert (graphc.constant(1.0) + 1.0).numpy() == 2.0
