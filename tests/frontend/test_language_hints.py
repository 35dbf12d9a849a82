"""`graphc.unroll`, `graphc.staged`, `graphc.explain`; host calls in order, checked, without
derivative.
"""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from graphc.errors import GradientError, GraphcError, TensorTypeError
from graphc.ir.core import walk

X = np.array([3.0, 1.0, 2.0])


def ops(fn, *args):
    """The names of the ops in a function's graph."""
    return [op.name for op in walk(graphc.function(fn).trace(*args).graph.region)]


def test_unroll_and_staged_decide():
    def unrolled(x):
        for v in graphc.unroll(X):
            x = np.sin(x) * v
        return x

    def one_loop(x):
        for i in graphc.staged(range(3)):
            x = np.sin(x) * i
        return x

    assert "loop" not in ops(unrolled, np.ones(2))
    assert ops(one_loop, 1.0).count("sin") == 1  # a float at first, an array after: not by itself
    assert "loop" in ops(one_loop, 1.0)
    for fn in (unrolled, one_loop):
        np.testing.assert_array_equal(graphc.function(fn)(1.0), fn(1.0))


def test_unroll_of_a_traced_range_fixes_its_length():
    @graphc.function
    def f(x, n):
        for _ in graphc.unroll(range(n)):
            x = x * 2
        return x

    assert [f(1.0, n) for n in (3, 0, 3)] == [8.0, 1.0, 8.0]
    assert len(f.traces) == 2


def test_staged_where_it_cannot_be():
    @graphc.function
    def f(x):
        names = []
        for i in graphc.staged(range(3)):
            names.append(str(i) * 2)
        return x

    with pytest.raises(GraphcError):
        f(1.0)


def helper(v):
    if v > 0:
        return v
    return -v


def explained(x, layers, double):
    for w in layers:
        x = np.tanh(x * w)
    if double:
        x = x * 2
    names = []
    for _ in range(2):
        x = helper(x)
        names.append("n")
    while x > 0.1:
        x = x / 2
    return x, names


def test_explain_line_by_line():
    report = graphc.explain(explained, np.array(1.0), [0.5, 2.0], True)
    rows = [line.partition("  | ") for line in report.splitlines()]
    found = {left.split(None, 1)[1].strip(): right for left, _, right in rows if right}
    assert found == {
        "for w in layers:": "unrolled, 2 times: over a list",
        "x = np.tanh(x * w)": "operations",
        "if double:": "Python",
        "x = x * 2": "operations",
        "names = []": "Python",
        "for _ in range(2):": "unrolled, 2 times: a list changes its length",
        "x = helper(x)": "converted: helper",
        'names.append("n")': "Python",
        "while x > 0.1:": "staged: a loop of the graph",
        "x = x / 2": "operations",
        "return x, names": "Python",
        "if v > 0:": "staged: a branch of the graph",
        "return v": "Python",
        "return -v": "operations",
    }
    assert repr(report) == str(report)


def test_host_calls_come_in_order(capsys):
    @graphc.function
    def f(x):
        for i in range(3):
            print("before", i)
            if x > 2:
                graphc.host_call(print, "inside", i, f"{x:.1f}")
            x = x - 0.5
        return x

    assert f(3.0) == 1.5
    assert capsys.readouterr().out.split("\n")[:-1] == [
        "before 0", "inside 0 3.0", "before 1", "inside 1 2.5", "before 2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("result", "made", "fits"),
    [
        (float, 1.5, True),
        (float, 1, False),
        (np.float64, np.float64(1), True),
        ((np.float64, (3,)), X, True),
        ((np.float64, (None,)), X, True),
        ((np.float64, (2,)), X, False),
        ((np.float32, (3,)), X, False),
        (X, X + 1, True),
        ((float, {"a": int}), (1.5, {"a": 2}), True),
        ((float, float), 1.5, False),
    ],
)
@pytest.mark.parametrize("decorate", [graphc.function, lambda fn: fn])
def test_the_result_is_checked(result, made, fits, decorate):
    def give(v):
        return made

    def call(x):
        return graphc.host_call(give, x, result=result)

    fn = decorate(call)
    if fits:
        assert repr(fn(1.0)) == repr(made)
    else:
        with pytest.raises(TensorTypeError, match="result= says"):
            fn(1.0)


def test_a_result_that_describes_nothing():
    with pytest.raises(TensorTypeError, match="does not describe a value"):
        graphc.host_call(print, result=object())


def test_arrays_are_handed_over_read_only():
    @graphc.function
    def f(x):
        graphc.host_call(fill, x)
        return x

    with pytest.raises(ValueError, match="read-only"):
        f(X.copy())


def fill(x):
    x[:] = 0


def double(x):
    return x * 2.0


def test_a_host_call_has_no_derivative():
    def f(x):
        return graphc.host_call(double, x, result=float)

    with pytest.raises(GradientError, match="a host call has no derivative"):
        graphc.grad(f)(1.0)
    assert graphc.grad(lambda x: f(graphc.stop_gradient(x)) * x)(3.0) == 6.0


def test_pure_without_result_runs_while_tracing():
    calls = []

    @graphc.pure
    def count(n):
        calls.append(n)
        return n + 1

    @graphc.function
    def f(x):
        return x * count(2)

    assert [f(1.0), f(2.0)] == [3.0, 6.0]
    assert calls == [2]


def test_pure_with_result_runs_with_the_program():
    @graphc.pure(result=int)
    def digits(n):
        try:
            return len(str(n))
        except ValueError:
            return -1

    @graphc.function
    def f(n):
        return digits(n) + digits(7)

    assert [f(5), f(123)] == [2, 4]
    assert len(f.traces) == 1
