"""GradientTape, Variables and Modules: eager, in traced functions, and across the border between
them.
"""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GraphcError, TraceError

X = np.array([[0.3, -0.7], [1.2, 0.5]])


def constant(value: Any = X) -> graphc.Tensor:
    return graphc.constant(value)


# -- recording -------------------------------------------------------------------------------------


def test_gradient_inside_or_after_the_context() -> None:
    x = constant(3.0)
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * x
        inside = t.gradient(y, x)
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * x
    assert inside.numpy() == t.gradient(y, x).numpy() == 6.0


def test_what_is_not_watched_is_not_recorded() -> None:
    x = constant(3.0)
    with graphc.GradientTape() as t:
        y = x * x
    assert t.gradient(y, x) is None


def test_what_is_done_after_the_context_is_not_recorded() -> None:
    x = constant(3.0)
    with graphc.GradientTape(persistent=True) as t:
        t.watch(x)
        y = x * x
    z = y * y
    assert t.gradient(y, x).numpy() == 6.0
    assert t.gradient(z, x) is None


def test_what_is_done_before_watching_is_not_recorded() -> None:
    x = constant(3.0)
    with graphc.GradientTape(persistent=True) as t:
        y = x * x
        t.watch(x)
        z = x * y
    assert t.gradient(y, x) is None
    assert t.gradient(z, x).numpy() == 9.0


def test_a_second_gradient_needs_a_persistent_tape() -> None:
    x = constant(3.0)
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * x
    t.gradient(y, x)
    with pytest.raises(RuntimeError, match="not persistent") as caught:
        t.gradient(y, x)
    assert isinstance(caught.value, GraphcError)
    assert "persistent=True" in str(caught.value) and "t.gradient(y, x)" in str(caught.value)


def test_persistent() -> None:
    x = constant(3.0)
    with graphc.GradientTape(persistent=True) as t:
        t.watch(x)
        y = x * x
        z = y * y
    assert [t.gradient(z, x).numpy(), t.gradient(y, x).numpy()] == [108.0, 6.0]


def test_sum_over_targets_and_structure_of_sources() -> None:
    a, b, c = constant(2.0), constant(3.0), constant(5.0)
    with graphc.GradientTape(persistent=True) as t:
        t.watch([a, {"b": b}])
        ys = [a * b, (a + b,)]
    found = t.gradient(ys, {"a": a, "rest": (b, [c])})
    assert found["a"].numpy() == 4.0 and found["rest"][0].numpy() == 3.0
    assert found["rest"][1] == [None]


def test_wrt_intermediates() -> None:
    x = constant(3.0)
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * x
        z = y * y
    dy, dx = t.gradient(z, [y, x])
    assert (dy.numpy(), dx.numpy()) == (18.0, 108.0)


def test_output_gradients() -> None:
    x = constant()
    seed = graphc.constant(np.full((2, 2), 2.0))
    with graphc.GradientTape(persistent=True) as t:
        t.watch(x)
        y = x * x
    np.testing.assert_array_equal(t.gradient(y, x, output_gradients=seed).numpy(), 4 * X)
    np.testing.assert_array_equal(t.gradient([y], x, output_gradients=[seed]).numpy(), 4 * X)
    with pytest.raises(ValueError, match="2 entries for 1 target"):
        t.gradient(y, x, output_gradients=[seed, seed])
    with pytest.raises(ValueError, match=r"shape \(3,\) for a target of shape \(2, 2\)"):
        t.gradient(y, x, output_gradients=graphc.constant(np.ones(3)))
    with pytest.raises(TypeError, match="dtype int64"):
        t.gradient(y, x, output_gradients=graphc.constant(np.ones((2, 2), int)))


def test_unconnected() -> None:
    x, z = constant(3.0), graphc.constant(np.ones(3, np.float32))
    with graphc.GradientTape(persistent=True) as t:
        t.watch([x, z])
        y = x * x
    assert t.gradient(y, z) is None
    zeros = t.gradient(y, z, unconnected_gradients=graphc.UnconnectedGradients.ZERO)
    assert zeros.dtype == np.float32 and zeros.shape == (3,) and not zeros.numpy().any()
    with pytest.raises(ValueError, match=r"'none' or 'zero', found 'nil'"):
        t.gradient(y, z, unconnected_gradients="nil")


@pytest.mark.parametrize("x", [np.ones(2), 3.0, [1.0], "x"], ids=str)
def test_only_tensors_are_watched(x: Any) -> None:
    with graphc.GradientTape() as t, pytest.raises(TypeError, match="watch takes tensors"):
        t.watch(x)


def test_integers_are_not_watched() -> None:
    with graphc.GradientTape() as t, pytest.raises(TypeError, match="only floating-point"):
        t.watch(graphc.constant(3))


def test_a_tape_records_once_at_a_time() -> None:
    with graphc.GradientTape() as t, pytest.raises(TraceError, match="already recording"), t:
        pass


def test_tapes_nest_to_higher_orders() -> None:
    x = constant(2.0)
    tapes = [graphc.GradientTape() for _ in range(4)]
    results = []

    def nested(depth: int) -> Any:
        if depth == 4:
            return x**5
        with tapes[depth] as t:
            t.watch(x)
            y = nested(depth + 1)
        results.append(t.gradient(y, x))
        return results[-1]

    nested(0)
    assert [r.numpy() for r in results] == [80.0, 160.0, 240.0, 240.0]


def test_an_inner_gradient_of_a_persistent_outer_tape() -> None:
    x = constant()
    with graphc.GradientTape(persistent=True) as t:
        t.watch(x)
        y = graphc.sum(x**3)
        dx = t.gradient(y, x)
    np.testing.assert_allclose(t.gradient(dx, x).numpy(), 6 * X)


def test_a_used_tape_holds_nothing() -> None:
    x = constant(np.ones(1000))
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * 2
        middle = weakref.ref(y)
        z = y * y
    del y
    t.gradient(z, x)
    del z
    gc.collect()
    assert middle() is None


def test_indexing_and_assignment() -> None:
    x = constant(np.arange(4.0))
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * 1.0
        y[1] = y[0] * 3
        y[2:] *= 2.0
        z = graphc.sum(y * y)
    np.testing.assert_array_equal(t.gradient(z, x).numpy(), [0, 0, 2 * 4 * 2, 2 * 6 * 2])


# -- Variables -------------------------------------------------------------------------------------


def test_trainable_variables_are_watched() -> None:
    v, frozen, n = graphc.Variable(3.0), graphc.Variable(2.0, trainable=False), graphc.Variable(2)
    with graphc.GradientTape() as t:
        y = v * v * frozen * n
    assert [None if g is None else g.numpy() for g in t.gradient(y, [v, frozen, n])] == [
        24.0,
        None,
        None,
    ]


def test_variables_are_not_watched_if_asked() -> None:
    v, w = graphc.Variable(3.0), graphc.Variable(2.0)
    with graphc.GradientTape(watch_accessed_variables=False) as t:
        t.watch(w)
        y = v * w
    assert t.gradient(y, v) is None


def test_variable_is_an_array_that_keeps_shape_and_dtype() -> None:
    v = graphc.Variable(range(4), dtype=graphc.float32, name="v")
    assert (v.shape, v.dtype, v.name, v.trainable) == ((4,), np.float32, "v", True)
    assert v.assign([1, 2, 3, 4]) is v
    v.assign_add(np.ones(4))
    v.assign_sub([0, 0, 0, 5])
    np.testing.assert_array_equal(v.numpy(), np.array([2, 3, 4, 0], np.float32))
    assert v.dtype == np.float32
    with pytest.raises(
        ValueError, match=r"shape \(4,\) cannot be assigned a value of shape \(3,\)"
    ):
        v.assign([1, 2, 3])
    with pytest.raises(TypeError):
        v.assign("four")
    np.testing.assert_array_equal(v.numpy(), [2, 3, 4, 0])


def test_variable_copies_what_it_is_given() -> None:
    a = np.ones(2)
    v = graphc.Variable(a)
    a[0] = 5
    v.assign(a)
    a[1] = 7
    np.testing.assert_array_equal(v.numpy(), [5, 1])


@pytest.mark.parametrize(
    "value",
    ["text", [[1.0], [1.0, 2.0]], object(), np.array([None])],
    ids=["text", "ragged", "object", "objects"],
)
def test_variable_refuses_what_is_not_numbers(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        graphc.Variable(value)
    assert isinstance(caught.value, GraphcError)


def test_an_assigned_variable_has_its_old_derivative_and_its_new_value() -> None:
    v = graphc.Variable(3.0)
    with graphc.GradientTape(persistent=True) as t:
        y = v * v
        v.assign(y)  # v is 9 from here on
        z = v * v
    assert z.numpy() == 81.0
    assert t.gradient(y, v).numpy() == 6.0


def test_value_is_a_snapshot() -> None:
    v = graphc.Variable(3.0)
    before = v.value()
    v.assign_add(1.0)
    assert before.numpy() == 3.0 and v.read_value().numpy() == 4.0


class TestVariablesInTracedFunctions:
    def test_read_anew_at_each_call(self) -> None:
        v = graphc.Variable(3.0)

        @graphc.function
        def f(x):
            return x * v

        assert f(2.0) == 6.0
        v.assign(5.0)
        assert f(2.0) == 10.0
        assert len(f.traces) == 1

    def test_assigned_at_each_call(self) -> None:
        v = graphc.Variable(0.0)

        @graphc.function
        def count(x):
            v.assign_add(x)
            return v * 2

        assert [count(graphc.constant(1.0)).numpy() for _ in range(3)] == [2.0, 4.0, 6.0]
        assert v.numpy() == 3.0

    def test_assigned_in_a_loop_and_a_branch(self) -> None:
        def f(x, n):
            for _ in range(n):
                if v > 2:
                    v.assign(v * x)
                else:
                    v.assign_add(1.0)
            return v + 0.0

        def run(fn):
            v.assign(0.0)
            return [float(fn(graphc.constant(2.0), n)) for n in (0, 2, 5)]

        v = graphc.Variable(0.0)
        assert run(graphc.function(f)) == run(f) == [0.0, 2.0, 48.0]

    def test_an_item_is_assigned(self) -> None:
        v = graphc.Variable(np.zeros(3))

        @graphc.function
        def f(i, x):
            v[i] = x

        f(1, 5.0)
        f(2, 7.0)
        np.testing.assert_array_equal(v.numpy(), [0, 5, 7])

    def test_as_arguments(self) -> None:
        v, w = graphc.Variable(3.0), graphc.Variable(4.0)

        @graphc.function
        def f(v, x):
            v.assign_add(x)
            return v * x

        assert f(v, graphc.constant(2.0)).numpy() == 10.0 and v.numpy() == 5.0
        assert f(w, graphc.constant(2.0)).numpy() == 12.0 and w.numpy() == 6.0

    def test_wrong_shape_is_refused_and_changes_nothing(self) -> None:
        v = graphc.Variable(np.zeros(3))

        @graphc.function
        def f(x):
            v.assign(x)

        with pytest.raises(ValueError, match=r"shape \(3,\) cannot be assigned"):
            f(np.zeros(2))
        f(np.ones(3))
        np.testing.assert_array_equal(v.numpy(), 1)

    def test_wrong_shape_is_refused_also_where_dimensions_are_unknown(self) -> None:
        v = graphc.Variable(np.zeros(3))

        @graphc.function
        def f(x, k):
            v.assign(x * k)

        f(np.zeros(3), np.zeros(3))
        with pytest.raises(ValueError, match=r"shape \(3,\) cannot be assigned"):
            f(np.zeros(2), np.zeros(2))
        f(np.ones(3), np.ones(3))
        assert len(f.traces) <= 2
        with pytest.raises(ValueError, match=r"shape \(3,\) cannot be assigned"):
            f(np.zeros(2), np.zeros(2))
        np.testing.assert_array_equal(v.numpy(), 1)

    def test_holds_an_array_of_its_own(self) -> None:
        v = graphc.Variable(np.zeros(2))

        @graphc.function
        def f(x):
            v.assign(x)
            return v + 0.0, v[:1], v.value()

        x = np.ones(2)
        for out in (x, *f(x)):
            out[0] = 9
        np.testing.assert_array_equal(v.numpy(), 1)

    def test_watched_through_a_compiled_call(self) -> None:
        v = graphc.Variable(3.0)

        @graphc.function
        def f(x):
            return x * v * v

        x = constant(2.0)
        with graphc.GradientTape() as t:
            t.watch(x)
            y = f(x)
        assert [g.numpy() for g in t.gradient(y, [x, v])] == [9.0, 12.0]

    def test_assigned_by_a_compiled_call_under_a_tape(self) -> None:
        v = graphc.Variable(3.0)

        @graphc.function
        def f(x):
            v.assign(v * x)
            return v * v

        x = constant(2.0)
        with graphc.GradientTape(persistent=True) as t:
            t.watch(x)
            y = f(x)
            z = v * 1.0
        assert v.numpy() == 6.0
        assert [g.numpy() for g in t.gradient(y, [x, v])] == [2 * 6 * 3, 2 * 6 * 2]
        assert t.gradient(z, x).numpy() == 3.0


# -- Modules ---------------------------------------------------------------------------------------


class Layer(graphc.Module):
    def __init__(self, n: int, m: int) -> None:
        rng = np.random.default_rng(n * m)
        self.w = graphc.Variable(rng.normal(size=(n, m)) * 0.5)
        self.b = graphc.Variable(np.zeros(m))

    def __call__(self, x: Any) -> Any:
        return np.tanh(x @ self.w + self.b)


class Model(graphc.Module):
    def __init__(self) -> None:
        self.layers = [Layer(2, 3), Layer(3, 1)]
        self.scales = {"out": graphc.Variable(1.0), "steps": (graphc.Variable(0, trainable=False),)}
        self.name = "model"
        self.me = self
        self.shared = self.layers[0].w

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x * self.scales["out"]


def test_module_collects_each_variable_once_in_order() -> None:
    model = Model()
    first, second = model.layers
    assert model.trainable_variables == (first.w, first.b, second.w, second.b, model.scales["out"])
    assert model.variables == (*model.trainable_variables, model.scales["steps"][0])


def loss_of(model: Model, x: Any, y: Any) -> Any:
    return graphc.sum((model(x) - y) ** 2)


def test_training_a_module_eager_and_decorated() -> None:
    y = np.array([[0.1], [0.6]])

    def step(model, x, y):
        with graphc.GradientTape() as t:
            loss = loss_of(model, x, y)
        for v, g in zip(model.trainable_variables, t.gradient(loss, model.trainable_variables)):
            v.assign_sub(0.1 * g)
        return loss

    def run(step: Any) -> list[float]:
        model = Model()
        losses = [float(step(model, graphc.constant(X), graphc.constant(y))) for _ in range(20)]
        return [*losses, *(float(np.sum(v.numpy())) for v in model.trainable_variables)]

    decorated = graphc.function(step)
    eager = run(step)
    assert eager[19] < 0.2 * eager[0]
    np.testing.assert_allclose(run(decorated), eager, rtol=1e-12)
    assert len(decorated.traces) == 1


# -- decorated functions under a tape --------------------------------------------------------------


def program(x, n):
    for i in range(n):
        if np.sum(x) > 1:
            x = np.sin(x) * x
        else:
            x = np.exp(x @ x.T) @ x - 0.5
    return x


def through(fn: Any, order: int, n: int = 3) -> list[Any]:
    """f(x), then the gradient of its sum, and so on."""
    x = constant()
    results = []

    def nested(depth: int) -> Any:
        if depth == order:
            results.append(fn(x, n))
            return results[-1]
        with graphc.GradientTape() as t:
            t.watch(x)
            y = graphc.sum(nested(depth + 1))
        results.append(t.gradient(y, x))
        return results[-1]

    nested(0)
    return [r.numpy() for r in results]


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_eager_is_decorated_in_every_order(order: int) -> None:
    eager, decorated = through(program, order), through(graphc.function(program), order)
    np.testing.assert_array_equal(decorated[0], eager[0])
    for a, b in zip(decorated, eager):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_decorated_function_is_one_recorded_op() -> None:
    f = graphc.function(program)
    x = constant()
    with graphc.GradientTape() as t:
        t.watch(x)
        y = f(x, 3)
        assert [op.name for op in t._region.ops] == ["call"]
    t.gradient(y, x)
    assert len(f.traces) == 1


def test_its_adjoint_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import graphc.differentiable as d

    made: list[Any] = []
    monkeypatch.setattr(
        d, "generate", lambda graph, inner=d.generate: made.append(graph) or inner(graph)
    )
    f = graphc.function(program)
    for n in (2, 3, 4):
        through(f, 1, n)
    assert len(made) == 2  # the forward half and the backward half


def test_arrays_into_a_decorated_function_under_a_tape() -> None:
    """Arrays are not followed: they come out as arrays, and cost no recording."""
    f = graphc.function(program)
    with graphc.GradientTape() as t:
        out = f(X, 2)
        assert not t._region.ops
    np.testing.assert_array_equal(out, program(X, 2))
    assert isinstance(out, np.ndarray)


def test_several_outputs_none_and_integers() -> None:
    @graphc.function
    def f(x, n):
        return {"y": x * 2, "n": n + 1, "none": None, "text": "t", "flag": x.sum() > 0}

    x = constant()
    with graphc.GradientTape() as t:
        t.watch(x)
        out = f(x, graphc.constant(3))
    np.testing.assert_array_equal(t.gradient(out["y"], x).numpy(), np.full((2, 2), 2.0))
    assert (
        out["n"].numpy() == 4 and out["none"] is None and out["text"] == "t" and bool(out["flag"])
    )


def test_one_output_used_of_two() -> None:
    @graphc.function
    def f(x):
        return np.exp(x), np.sin(x)

    x = constant()
    with graphc.GradientTape(persistent=True) as t:
        t.watch(x)
        a, b = f(x)
    np.testing.assert_allclose(t.gradient(b, x).numpy(), np.cos(X))
    np.testing.assert_allclose(t.gradient([a, b], x).numpy(), np.cos(X) + np.exp(X))


def test_grad_under_a_tape() -> None:
    x = constant(2.0)
    df = graphc.grad(lambda x: x**4)
    with graphc.GradientTape() as t:
        t.watch(x)
        y = df(x)
    assert (y.numpy(), t.gradient(y, x).numpy()) == (32.0, 48.0)


# -- tapes in decorated functions ------------------------------------------------------------------


def tape_program(x):
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x
        while graphc.sum(y * y) < 20:
            y = y * 1.5 + np.sin(x)
    return t.gradient(y, x)


def test_a_tape_in_a_decorated_function() -> None:
    eager = tape_program(constant()).numpy()
    np.testing.assert_allclose(graphc.function(tape_program)(constant()).numpy(), eager, rtol=1e-12)
    np.testing.assert_allclose(graphc.function(tape_program)(X), eager, rtol=1e-12)


def test_a_tape_in_a_loop_of_a_decorated_function() -> None:
    def descend(x, n):
        for _ in range(n):
            with graphc.GradientTape() as t:
                t.watch(x)
                loss = graphc.sum((x * x - 2.0) ** 2)
            x = x - 0.05 * t.gradient(loss, x)
        return x

    eager = descend(constant(), 10)
    f = graphc.function(descend)
    np.testing.assert_allclose(f(constant(), 10).numpy(), eager.numpy(), rtol=1e-12)
    np.testing.assert_allclose(
        f(constant(), 25).numpy(), descend(constant(), 25).numpy(), rtol=1e-12
    )
    assert len(f.traces) == 1


def test_nested_tapes_in_a_decorated_function() -> None:
    def f(x):
        with graphc.GradientTape() as outer:
            outer.watch(x)
            with graphc.GradientTape() as inner:
                inner.watch(x)
                y = graphc.sum(x**4)
            dy = inner.gradient(y, x)
        return dy, outer.gradient(dy, x)

    for a, b in zip(f(constant()), graphc.function(f)(X)):
        np.testing.assert_allclose(b, a.numpy(), rtol=1e-14)


def test_a_tape_from_inside_used_outside_is_refused() -> None:
    kept = []

    @graphc.function
    def f(x):
        with graphc.GradientTape() as t:
            t.watch(x)
            y = x * x
        kept.append((t, x))
        return y

    y = f(constant())
    with pytest.raises(TraceError, match="whose tracing has ended"):
        kept[0][0].gradient(y, kept[0][1])


def test_tapes_outside_do_not_see_into_a_trace() -> None:
    x = constant()
    with graphc.GradientTape() as t:
        t.watch(x)
        graphc.function(program).trace(x, 2)
    assert not t._region.ops


def test_a_tape_made_in_a_staged_loop_is_not_known_after_it() -> None:
    def f(x, n):
        for _ in range(n):
            with graphc.GradientTape() as t:
                t.watch(x)
                y = x * x
            x = x - 0.1 * t.gradient(y, x)
        return t.gradient(y, x)

    with pytest.raises(TypeError, match="'t' may be unbound here, or .*GradientTape") as caught:
        graphc.function(f).trace(constant(3.0), 100)
    assert "return t.gradient(y, x)" in str(caught.value)


def test_a_training_loop_inside_the_graph() -> None:
    v = graphc.Variable(np.zeros(2))

    def train(x, n):
        total = 0.0
        for _ in range(n):
            with graphc.GradientTape() as t:
                loss = graphc.sum((v * x - 1.0) ** 2)
            v.assign_sub(0.1 * t.gradient(loss, v))
            total = total + loss
        return total

    def run(fn: Any, n: int) -> list[Any]:
        v.assign([1.0, 2.0])
        return [fn(graphc.constant([1.5, 0.25]), n).numpy(), *v.numpy()]

    decorated = graphc.function(train)
    for n in (1, 5, 70):
        np.testing.assert_allclose(run(decorated, n), run(train, n), rtol=1e-12)
    assert len(decorated.traces) == 1


@pytest.mark.parametrize("decorate", [lambda f: f, graphc.function], ids=["eager", "decorated"])
def test_an_argument_written_to_under_a_tape(decorate: Any) -> None:
    @decorate
    def f(x, z):
        x[0] = z * z
        return x.sum()

    x, z = constant([1.0, 2.0]), constant(3.0)
    with graphc.GradientTape(persistent=True) as t:
        t.watch([x, z])
        y = f(x, z)
        q = (x * x).sum()
    np.testing.assert_array_equal(x.numpy(), [9, 2])
    assert [t.gradient(y, z).numpy(), t.gradient(q, z).numpy()] == [6.0, 108.0]
    np.testing.assert_array_equal(t.gradient(q, x).numpy(), [0, 4])


def test_an_exception_under_a_tape() -> None:
    @graphc.function
    def f(x):
        if x > 1:
            raise ValueError(f"found {x}")
        return x * 2

    x = constant(2.0)
    with graphc.GradientTape() as t:
        t.watch(x)
        with pytest.raises(ValueError, match=r"found 2\.0"):
            f(x)
        y = f(x * 0.25)
    assert t.gradient(y, x).numpy() == 0.5
    with pytest.raises(KeyError), graphc.GradientTape():
        raise KeyError
    assert not graphc.ops.trace.TAPES.get()
