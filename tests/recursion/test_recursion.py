"""Recursion whose depth depends on data: values, effects, errors, depth, and what is refused."""

from __future__ import annotations

import copy
import sys
import threading

import numpy as np
import pytest

import graphc
from graphc import tree
from graphc.codegen import generate, interpret
from graphc.errors import StagingError
from graphc.ir import called_graphs, parse, verify, walk
from tests.recursion import programs


def outcome(fn, arguments):
    """What a call gives: its result or exception, and what it did to its arguments."""
    arguments = copy.deepcopy(arguments)
    try:
        result = fn(*arguments)
    except Exception as error:
        result = (type(error), str(error))
    return result, arguments


def same(a, b):
    assert repr(a) == repr(b)
    assert [type(x) for x in tree.flatten(a)[0]] == [type(x) for x in tree.flatten(b)[0]]


def checked(trace):
    """A trace's graph: valid, and the same after printing and parsing."""
    verify(trace.graph)
    assert str(parse(str(trace.graph))) == str(trace.graph)
    return trace.graph


def name_of(program):
    return f"{program[0].__name__}({', '.join(map(str, program[1:]))})"[:30]


@pytest.mark.parametrize("program", programs.PROGRAMS, ids=name_of)
def test_programs(program, capsys):
    fn, *arguments = program
    expected = outcome(fn, arguments)
    printed = capsys.readouterr().out
    staged = graphc.function(fn)
    same(outcome(staged, arguments), expected)
    assert capsys.readouterr().out == printed
    checked(staged.trace(*copy.deepcopy(arguments)))


@pytest.mark.parametrize("program", programs.PROGRAMS, ids=name_of)
def test_interpreted(program, capsys):
    """The interpreter, the program, and the program of the graph's text compute the same."""
    fn, *arguments = program
    compiled = graphc.function(fn).trace(*copy.deepcopy(arguments)).compiled
    leaves = tree.flatten((tuple(arguments), {}))[0]
    inputs = [leaves[i] for i in compiled.inputs]
    found = []
    for run in (
        lambda *xs: interpret(compiled.graph, xs),
        compiled.program.run,
        generate(parse(str(compiled.graph))).run,
    ):
        result, _ = outcome(lambda *xs, run=run: list(run(*xs)), inputs)
        found.append((repr(result), capsys.readouterr().out))
    assert found[0] == found[1] == found[2]


def graphs_of(fn, *arguments):
    return [graph.name for graph in called_graphs(graphc.function(fn).trace(*arguments).graph)]


def test_what_becomes_a_graph():
    """One graph for a group; nothing for a recursion that ends while it is traced."""
    assert graphs_of(programs.factorial, 3) == ["factorial", "factorial"]
    assert graphs_of(programs.is_even, 3) == ["is_even", "is_even"]
    assert graphs_of(programs.simpson, 0.0, 1.0, 0.1) == ["simpson", "refine"]
    assert graphs_of(programs.halves, np.ones(8)) == ["halves"]
    assert graphs_of(lambda x: programs.power(x, 5), 2.0) == ["<lambda>"]


def test_the_text_and_the_program():
    def power(x, n):
        if n == 0:
            return 1.0
        return x * power(x, n - 1)

    trace = graphc.function(power).trace(2.0, 3)
    assert "graph_call %1, %x {callee=@power_1}" in str(trace.graph)
    assert trace.source == (
        "def power(x, n):\n"
        "    return (power_1(n, x),)\n"
        "\n"
        "def power_1(n, x):\n"
        "    if n == 0:\n"
        "        result = 1.0\n"
        "    else:\n"
        "        result = x * power_1(n - 1, x)\n"
        "    return result\n"
    )


def test_unknown_sizes():
    """The first size is traced in place; with the second, the size, and the depth, are unknown."""
    for fn in (programs.merge_sort, programs.halves, programs.sort):
        staged = graphc.function(fn)
        for n in (5, 8, 1, 31):
            x = np.random.default_rng(n).random(n)
            same(outcome(staged, [x]), outcome(fn, [x]))
        assert len(staged.traces) == 2


def test_numbers_that_must_be_known():
    """Where a graph needs a number, the recursion is traced in place, or the argument pinned."""
    weights = [np.eye(2) * k for k in range(1, 9)]

    def pinned(x, n):
        if n == 0:
            return x
        y = pinned(x, n - 1)
        return y @ weights[n]

    def in_place(x, p):
        def go(x, n):
            if n == 0:
                return x
            if p:
                return x * 2
            y = go(x + 1, n - 1)
            return y @ weights[n]

        return go(x, 7)

    x = np.arange(4.0).reshape(2, 2)
    same(graphc.function(pinned)(x, 5), pinned(x, 5))
    same(graphc.function(in_place)(x, 0), in_place(x, 0))


# -- depth -----------------------------------------------------------------------------------------


def countdown(x, n):
    if n <= 0:
        return x
    return 0.5 + countdown(x * 1.0001, n - 1)


def test_depth_ten_thousand():
    limit = sys.getrecursionlimit()
    found = graphc.function(countdown)(1.0, 10_000)
    assert found == pytest.approx(1.0001**10_000 + 5000)
    slope = graphc.grad(countdown)(1.0, 10_000)
    assert slope == pytest.approx(1.0001**10_000)
    assert sys.getrecursionlimit() == limit


def test_depth_ten_thousand_interpreted():
    graph = graphc.function(countdown).trace(1.0, 3).graph
    (found,) = interpret(graph, [1.0, 10_000])
    assert found == pytest.approx(1.0001**10_000 + 5000)


def test_second_derivative_at_depth_ten_thousand():
    def power(x, n):
        if n <= 0:
            return 1.0
        return x * power(x, n - 1)

    n, x = 10_000, 1.0001
    assert graphc.grad(power)(x, n) == pytest.approx(n * x ** (n - 1))
    assert graphc.grad(graphc.grad(power))(x, n) == pytest.approx(n * (n - 1) * x ** (n - 2))


def test_deep_mutual_recursion():
    assert graphc.function(programs.is_even)(20_000) is True


def test_recursion_without_end():
    """An ordinary RecursionError, after which everything is as before."""

    def up(n):
        if n < 0:
            return 0
        return up(n + 1) + 1

    staged = graphc.function(up)
    limit = sys.getrecursionlimit()
    with pytest.raises(RecursionError) as caught:
        staged(1)
    assert "raised by graph_call of up" in "".join(caught.value.__notes__)
    assert sys.getrecursionlimit() == limit
    assert staged(-1) == 0


def test_threads_share_the_limit():
    """The recursion limit is the process's: the last to end puts it back."""
    limit = sys.getrecursionlimit()
    staged, found = graphc.function(countdown), []
    threads = [threading.Thread(target=lambda: found.append(staged(1.0, 5000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert sys.getrecursionlimit() == limit


# -- errors ----------------------------------------------------------------------------------------


def test_an_error_deep_inside_names_its_line():
    def divide(n):
        if n < 0:
            return 1 // n
        return divide(n - 1) + 1 // n

    with pytest.raises(ZeroDivisionError) as caught:
        graphc.function(divide)(3)
    notes = "".join(caught.value.__notes__)
    assert "raised by floordiv of divide, given 1, n: int = 0" in notes
    assert "return divide(n - 1) + 1 // n" in notes


def test_another_object_each_time_is_refused():
    def chain(n, f):
        if n == 0:
            return f(n)
        return chain(n - 1, lambda v: f(v) + 1)

    with pytest.raises(StagingError, match="'chain' calls itself with other objects") as caught:
        graphc.function(chain)(5, abs)
    assert "return chain(n - 1, lambda v: f(v) + 1)" in str(caught.value)


def test_results_that_do_not_merge_are_refused():
    def shapes(x):
        if x.sum() > 100:
            return x
        return np.stack([shapes(x * 2), shapes(x * 2)])

    with pytest.raises(StagingError, match="do not merge"):
        graphc.function(shapes)(np.ones(2))

    def containers(x):
        if x.sum() > 100:
            return ()
        return (x, containers(x * 2))

    with pytest.raises(StagingError, match="different structures"):
        graphc.function(containers)(np.ones(2))


def test_a_number_decides_where_results_do_not_merge():
    """The argument is pinned then: each value of n has a graph of its own, without recursion."""

    def nested(x, n):
        if n == 0:
            return ()
        return (x * n, nested(x, n - 1))

    same(graphc.function(nested)(2.0, 3), nested(2.0, 3))


def test_an_array_changed_in_place_and_known_in_another_way_is_refused():
    def both(a, b, n):
        a[0] += 1
        if n == 0:
            return b[0]
        return both(b, b, n - 1)

    with pytest.raises(StagingError, match=r"knows the array in another\s+way"):
        graphc.function(both)(np.zeros(2), np.ones(2), 3)


def test_an_infinite_recursion_is_python_s_own_error():
    def forever(n):
        return forever(n + 1)

    with pytest.raises(RecursionError):
        graphc.function(forever)(1)


def test_effects_in_calls_are_kept():
    """A call whose result is not used is still made where it prints, raises or may not end."""

    def noisy(n):
        if n > 0:
            print(n)
            noisy(n - 1)
        return n

    def quiet(n):
        if n > 0:
            return quiet(n - 1)
        return 0

    def both(n):
        noisy(n)
        quiet(n)
        return 1.0

    graph = graphc.function(both).trace(2).graph
    assert sum(op.name == "graph_call" for op in walk(graph.region)) == 2


def doubled(x, n):
    if n == 0:
        return x
    return doubled(x * 2, n - 1)


def test_a_result_that_may_be_an_argument_is_not_written_to():
    """Where n is 0, `y` is `x`, and Python would change both."""

    def writes(x, n):
        y = doubled(x, n)
        y[0] = 5
        return y, x

    with pytest.raises(graphc.GraphcError, match="another name may share"):
        graphc.function(writes)(np.ones(2), 0)

    def writes_a_copy(x, n):
        y = doubled(x, n).copy()
        y[0] = 5
        return y, x

    same(
        outcome(graphc.function(writes_a_copy), [np.ones(2), 2]),
        outcome(writes_a_copy, [np.ones(2), 2]),
    )


def test_views_of_arguments_are_written_through():
    def fill(x, n):
        x[0] = n
        if n == 0:
            return x.sum()
        return fill(x[1:], n - 1) + x.sum()

    def both(x, n):
        y = x * 1
        return fill(y, n), fill(x, n), y, x

    same(outcome(graphc.function(both), [np.ones(5), 2]), outcome(both, [np.ones(5), 2]))


def test_random_numbers_are_drawn_at_each_level():
    def walk_(x, n):
        if n == 0:
            return x
        return walk_(x + np.random.standard_normal(), n - 1)

    found = []
    for fn in (walk_, graphc.function(walk_)):
        np.random.seed(1)
        found.append([fn(0.0, 4), fn(0.0, 4)])
    assert found[0] == found[1]


def test_a_gradient_prints_once(capsys):
    def f(x, n):
        print(n)
        if n == 0:
            return x
        return x * f(x, n - 1)

    assert graphc.grad(f)(2.0, 2) == 12.0
    assert capsys.readouterr().out == "2\n1\n0\n"


def test_called_graphs_are_simplified():
    """Passes go into called graphs, and share calls that are the same and without effect."""

    def twice(x, n):
        if n == 0:
            return x * 1.0 + (2.0 * 3.0 - 6.0)
        return twice(x, n - 1) + twice(x, n - 1)

    graph = graphc.function(twice).trace(1.0, 3).graph
    (called,) = called_graphs(graph)[1:]
    assert sum(op.name == "graph_call" for op in walk(called.region)) == 1
    assert graphc.function(twice)(1.0, 10) == 1024.0


def test_graphs_around_one_another():
    """A recursive function that is called in another, and calls that one back."""

    def outer(x, n):
        def inner(y, k):
            if k == 0:
                return y if n == 0 else outer(y * 0.5, n - 1)
            return inner(y + x, k - 1) * 1.1

        return inner(x, 2)

    same(graphc.function(outer)(1.5, 3), outer(1.5, 3))
    step = 1e-6
    slope = (outer(1.5 + step, 3) - outer(1.5 - step, 3)) / (2 * step)
    assert graphc.grad(outer)(1.5, 3) == pytest.approx(slope, rel=1e-6)


def test_tapes_are_added_without_recursion():
    from graphc.runtime.adjoint import accumulate

    a = b = (1.0, None)
    for _ in range(20_000):
        a, b = (1.0, a), (None, b)
    total, depth = accumulate(a, b), 0
    while total[1] is not None:
        assert total[0] == 1.0
        total, depth = total[1], depth + 1
    assert depth == 20_000
    assert total == (2.0, None)
