"""`graphc.function`: what goes in and out, what is traced when and why, and that nothing grows."""

from __future__ import annotations

import copy
import dataclasses
import functools
import gc
import linecache
import pickle
import threading
import tracemalloc
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GraphcError

Pair = namedtuple("Pair", "first second")


@dataclasses.dataclass
class State:
    x: Any
    v: Any = 0.0


def same(a: Any, b: Any) -> None:
    """Equal structure, types, values, dtypes and shapes."""
    assert type(a) is type(b), (a, b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, tuple | list):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
    elif dataclasses.is_dataclass(a):
        same(vars(a), vars(b))
    elif isinstance(a, np.ndarray | np.generic):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)
    else:
        assert a == b


# -- the example the project opens with ------------------------------------------------------------


def seed(a):
    b = a * 2
    while np.linalg.norm(b) < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


def test_what_a_user_can_do() -> None:
    f = graphc.function(seed)
    a = np.array([[0.488]])
    same(f(a), seed(a))
    same(f(-a), seed(-a))
    trace = f.trace(np.ones((1, 1)))
    text = str(trace.graph)
    assert "loop" in text and "%b" in text and "test_function.py" in text
    assert str(graphc.parse(text)) == text
    assert trace.source.startswith("def seed(a):") and "np." in trace.source
    assert "gc.while_(" in f.transformed and "gc.if_(" in f.transformed
    assert graphc.grad(lambda a: f(a).sum())(a) == 4096
    assert len(f.traces) == 1


def test_the_rewritten_function_is_a_function_of_its_own() -> None:
    """Its text compiles; the original is untouched."""
    f = graphc.function(seed)
    compile(f.transformed, "<transformed>", "exec")
    assert f.__name__ == "seed" and f.__wrapped__ is seed and "function seed" in repr(f)


# -- arguments and results -------------------------------------------------------------------------


def echo(x, y=2.0, *args, k=3, **kwargs):
    return {"sum": x + y * k, "args": args, "kwargs": kwargs}


CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "positional": ((np.arange(3.0), 4.0), {}),
    "default": ((np.arange(3.0),), {}),
    "keyword": ((), {"x": np.arange(3.0), "y": np.float32(1)}),
    "keyword only": ((1.5,), {"k": np.arange(3)}),
    "star": ((1, 2, 3.0, np.ones(2), "s"), {}),
    "double star": ((1, 2), {"a": np.ones(2), "b": [1, 2.5, None]}),
    "nested": ((1, 2), {"t": {"p": Pair(np.ones(2), (3.0, [4])), "q": {"r": ()}}}),
    "dataclass": ((1, 2, State(np.ones(2), State(1.0, None))), {}),
    "static": ((1, 2, "text", True, None, b"bytes"), {"f": len, "e": ...}),
}


@pytest.mark.parametrize("name", CALLS)
def test_structures_in_and_out(name: str) -> None:
    args, kwargs = CALLS[name]
    f = graphc.function(echo)
    for _ in range(2):
        same(f(*args, **kwargs), echo(*args, **kwargs))
    assert len(f.traces) == 1


def test_computing_in_structures() -> None:
    def step(state: State, pair, table):
        x = state.x + pair.first * table["dt"]
        return State(x, state.v - x), Pair(pair.second, pair.first), {**table, "n": table["n"] + 1}

    args = (State(np.ones(2), np.zeros(2)), Pair(2.0, np.ones(2)), {"dt": 0.1, "n": 3})
    f = graphc.function(step)
    same(f(*args), step(*args))
    same(f(*f(*args)), step(*step(*args)))


RESULTS = {
    "none": lambda x: None,
    "text": lambda x: "text",
    "nothing computed": lambda x: (1, "a", None, 2.5, [True, {}]),
    "mixed": lambda x: (x * 2, None, "s", [x.sum(), 7]),
    "empty": lambda x: (),
    "the argument": lambda x: x,
    "int of numpy": lambda x: np.int64(3),
    "a shape": lambda x: x.shape,
    "len": lambda x: len(x),
    "numpy scalar": lambda x: x.sum(),
    "python float": lambda x: float(x.sum()),
    "python int": lambda x: int(x.sum()) * 10**30,
    "bool": lambda x: bool(x.sum() > 1),
    "numpy bool": lambda x: x.sum() > 1,
    "dtype": lambda x: x.dtype,
    "function": lambda x: len,
}


@pytest.mark.parametrize("name", RESULTS)
def test_results(name: str) -> None:
    fn = RESULTS[name]
    x = np.array([1.0, 2.0])
    same(graphc.function(fn)(x), fn(x))


def test_arrays_for_arrays_and_tensors_for_tensors() -> None:
    f = graphc.function(lambda x: (x * 2, x.sum()))
    assert [type(y) for y in f(np.ones(2))] == [np.ndarray, np.float64]
    assert [type(y) for y in f(graphc.constant([1.0, 1.0]))] == [graphc.Tensor, graphc.Tensor]


def test_the_same_array_as_two_arguments() -> None:
    @graphc.function
    def f(x, y):
        x[0] = 5.0
        return x + y

    def g(x, y):
        x[0] = 5.0
        return x + y

    a, b = np.ones(2), np.ones(2)
    same(f(a, a), g(b, b))
    same(a, b)
    same(f(a, np.ones(2)), g(b, np.ones(2)))


def test_arguments_written_to() -> None:
    def f(x, i):
        x[i] = x[i] * 2
        x += 1
        return x.sum()

    a, b = np.arange(3.0), np.arange(3.0)
    g = graphc.function(f)
    for i in range(3):
        same(g(a, i), f(b, i))
        same(a, b)


def test_wrong_arguments_are_pythons_own_error() -> None:
    def f(x, y):
        return x + y

    g = graphc.function(f)
    for args, kwargs in [((1,), {}), ((1, 2, 3), {}), ((1,), {"z": 2}), ((1, 2), {"y": 2})]:
        with pytest.raises(TypeError) as ours:
            g(*args, **kwargs)
        with pytest.raises(TypeError) as theirs:
            f(*args, **kwargs)
        assert str(theirs.value).split("()")[1] in str(ours.value)
    assert g(1, 2) == 3


# -- what is traced, and why -----------------------------------------------------------------------


def reasons(f: Any) -> list[str]:
    return [trace.reason for trace in f.traces]


def test_python_numbers_are_inputs() -> None:
    @graphc.function
    def f(x, n):
        return x * n

    assert [f(2.0, 3), f(3.0, 4), f(0.5, -1)] == [6.0, 12.0, -0.5]
    assert len(f.traces) == 1


def test_trip_counts_are_inputs() -> None:
    @graphc.function
    def f(n):
        total = 0
        for i in range(n):
            total += i
        return total

    assert [f(n) for n in (3, 4, 0, -2, 100)] == [3, 6, 0, 0, 4950]
    assert len(f.traces) == 1


def test_kinds_of_numbers_are_told_apart() -> None:
    f = graphc.function(lambda x: x * 2)
    for x in (2, 2.0, 2j, True, np.float32(2), np.int8(2)):
        same(f(x), x * 2)
    assert len(f.traces) == 6
    assert reasons(f)[1:] == ["new structure, dtype, rank or static argument"] * 5


def test_bools_and_strings_are_static() -> None:
    @graphc.function
    def f(x, flag, mode):
        if flag and mode == "double":
            return x * 2
        return x

    assert [f(1.0, True, "double"), f(1.0, False, "double"), f(1.0, True, "single")] == [
        2.0,
        1.0,
        1.0,
    ]
    assert len(f.traces) == 3
    assert "if" not in str(f.traces[0].graph).replace("flag", "")


def test_objects_are_static_by_identity() -> None:
    class Config:
        def __init__(self, n: int) -> None:
            self.n = n

    @graphc.function
    def f(x, config):
        return x * config.n

    one, two = Config(1), Config(2)
    assert [f(3.0, one), f(3.0, two), f(3.0, one)] == [3.0, 6.0, 3.0]
    assert len(f.traces) == 2
    one.n = 5
    assert f(3.0, one) == 15.0
    assert reasons(f)[-1] == "a global, closure variable or attribute has changed"


def test_a_second_size_relaxes_the_dimension() -> None:
    f = graphc.function(lambda x: x.sum(axis=0))
    for n in range(1, 12):
        same(f(np.ones((n, 2))), np.full(2, float(n)))
    assert [str(t.graph.inputs[0].type) for t in f.traces] == ["f64[1,2]", "f64[?,2]"]
    assert reasons(f) == ["first call", "another size: dimension now unknown"]
    f(np.ones((3, 5)))
    assert str(f.traces[-1].graph.inputs[0].type) == "f64[?,?]"


def test_a_needed_number_is_pinned() -> None:
    f = graphc.function(lambda x, axis: np.sum(x, axis=axis))
    x = np.arange(6.0).reshape(2, 3)
    same(f(x, 0), x.sum(0))
    same(f(x, 1), x.sum(1))
    same(f(x, 0), x.sum(0))
    assert reasons(f) == ["first call", "a pinned number has another value"]


def test_a_needed_dimension_is_pinned() -> None:
    @graphc.function
    def f(x):
        return [row * i for i, row in enumerate(list(x))]

    for n in (2, 3, 2):
        assert len(f(np.ones((n, 2)))) == n
    assert len(f.traces) == 2


SCALE = 2.0
TABLE = np.ones(2)


def test_globals_are_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    f = graphc.function(lambda x: x * SCALE + TABLE)
    same(f(1.0), np.array([3.0, 3.0]))
    TABLE[0] = 5
    same(f(1.0), np.array([7.0, 3.0]))
    assert len(f.traces) == 1
    TABLE[0] = 1
    monkeypatch.setitem(globals(), "SCALE", 4.0)
    same(f(1.0), np.array([5.0, 5.0]))
    assert reasons(f)[1:] == ["a global, closure variable or attribute has changed"]


def test_closures_are_read_anew() -> None:
    k = 2.0

    def f(x):
        return x * k

    g = graphc.function(f)
    assert g(3.0) == 6.0
    k = 5.0
    assert g(3.0) == 15.0


def test_trace_does_not_run() -> None:
    @graphc.function
    def f(x):
        print("run", x)
        x[0] = 7
        return x

    x = np.zeros(1)
    assert "print" in str(f.trace(x).graph)
    assert x[0] == 0


def test_print_runs_at_every_call(capsys: pytest.CaptureFixture[str]) -> None:
    @graphc.function
    def f(n):
        for i in range(n):
            print("i =", i)

    f(2)
    f(1)
    assert capsys.readouterr().out == "i = 0\ni = 1\ni = 0\n"


# -- kinds of callables ----------------------------------------------------------------------------


class Counter:
    scale = 3.0

    def __init__(self, step: float) -> None:
        self.step = step

    @graphc.function
    def method(self, x):
        while x < 10:
            x = x + self.step
        return x

    @classmethod
    @graphc.function
    def of_class(cls, x):
        return x * cls.scale

    @staticmethod
    @graphc.function
    def static(x, y=1.0):
        return x - y

    @graphc.function
    @staticmethod
    def static_inside(x):
        return x + 1

    def __call__(self, x):
        return x * self.step

    def plain(self, x):
        return x + self.step


def test_methods() -> None:
    a, b = Counter(1.0), Counter(4.0)
    assert [a.method(0.5), b.method(0.5)] == [10.5, 12.5]
    assert Counter.method(b, 0.5) == 12.5
    assert a.method.trace(0.5).graph.name == "method"
    assert [Counter.of_class(2.0), a.of_class(2.0)] == [6.0, 6.0]
    assert [Counter.static(2.0), a.static(2.0, y=3.0)] == [1.0, -1.0]
    assert a.static_inside(1.0) == 2.0
    a.step = 2.0
    assert a.method(0.5) == 10.5 and a.method(1.0) == 11.0


def test_bound_methods_callables_and_partials() -> None:
    a = Counter(4.0)
    assert graphc.function(a.plain)(1.0) == 5.0
    assert graphc.function(a)(3.0) == 12.0
    assert graphc.function(functools.partial(lambda x, y: x - y, y=2.0))(5.0) == 3.0
    assert graphc.grad(a.plain)(1.0) == 1.0
    assert graphc.grad(a)(1.0) == 4.0


def test_lambdas_on_one_line() -> None:
    f, g = graphc.function(lambda x: x + 1), graphc.function(lambda x: x * 3)
    assert (f(2.0), g(2.0)) == (3.0, 6.0)


def test_decorating_twice_is_decorating_once() -> None:
    f = graphc.function(seed)
    assert graphc.function(f) is f


def test_decorator_with_a_name() -> None:
    @graphc.function(name="other")
    def f(x):
        return x

    assert f.trace(1.0).graph.name == "other"


def test_wrapped_by_another_decorator() -> None:
    def logged(fn):
        @functools.wraps(fn)
        def wrapper(*args):
            return fn(*args) + 1

        return wrapper

    @graphc.function
    @logged
    def f(x):
        return x * 2

    assert f(3.0) == 7.0


@pytest.mark.parametrize("thing", [3, "f", Counter, None], ids=repr)
def test_what_cannot_be_decorated(thing: Any) -> None:
    if thing is None:
        return  # graphc.function(None) is the decorator with options
    with pytest.raises(TypeError, match="decorates functions") as caught:
        graphc.function(thing)
    assert isinstance(caught.value, GraphcError)


def test_decorated_functions_call_each_other() -> None:
    @graphc.function
    def inner(x):
        if x > 1:
            return x * 2
        return x

    @graphc.function
    def outer(x):
        return inner(x) + inner(x * 3)

    assert outer(1.0) == 1.0 + 6.0
    assert outer(2.0) == 4.0 + 12.0
    assert inner.traces == []


# -- threads and memory ----------------------------------------------------------------------------


def test_eight_threads_trace_once() -> None:
    f = graphc.function(seed)
    barrier = threading.Barrier(8)
    results: list[Any] = [None] * 8

    def run(i: int) -> None:
        barrier.wait()
        results[i] = f(np.full((2, 2), 0.1 * (i + 1)))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, result in enumerate(results):
        same(result, seed(np.full((2, 2), 0.1 * (i + 1))))
    assert len(f.traces) == 1


def test_threads_differentiate_independently() -> None:
    f = graphc.function(seed)
    failures: list[BaseException] = []

    def run(i: int) -> None:
        try:
            for k in range(5):
                x = graphc.constant(np.array([[0.1 * (i + 1)]]))
                with graphc.GradientTape() as t:
                    t.watch(x)
                    y = f(x)
                np.testing.assert_allclose(t.gradient(y, x).numpy(), y.numpy() / x.numpy())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def grown(call: Any, warm: int, calls: int) -> int:
    """Bytes that `calls` further calls leave behind, after `warm` calls."""
    tracemalloc.start()
    try:
        for i in range(warm):
            call(i)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for i in range(warm, warm + calls):
            call(i)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_many_values_leave_nothing() -> None:
    f = graphc.function(lambda x, n: x * n)
    assert grown(lambda i: f(float(i), i), 10, 10_000) < 20_000
    assert len(f.traces) == 1


def test_many_static_arguments_leave_nothing() -> None:
    """Each is traced; old traces are dropped, with their programs."""
    f = graphc.function(lambda x, mode: x * len(mode))
    assert grown(lambda i: f(1.0, f"mode {i}"), 300, 300) < 100_000
    assert sum("<graphc" in name for name in linecache.cache) < 1000


def test_many_pinned_numbers_leave_nothing() -> None:
    f = graphc.function(lambda x, n: x.reshape((n, -1))[0, 0] if n else x[0])
    xs = np.ones(64)
    f2 = graphc.function(lambda x, n: x + len("a" * n))
    assert f(xs, 2) == 1.0
    assert grown(lambda i: f2(1.0, i), 140, 140) < 100_000


def test_objects_as_arguments_are_let_go() -> None:
    class Config:
        pass

    f = graphc.function(lambda x, config: x * 2)
    assert grown(lambda i: f(1.0, Config()), 300, 300) < 100_000


def test_a_function_is_let_go() -> None:
    def once(i: int) -> None:
        f = graphc.function(lambda x: x * i)
        f(1.0)
        graphc.grad(f)(1.0)

    assert grown(once, 30, 60) < 100_000


@pytest.mark.parametrize("wrapped", [np.sin, np.median, graphc.sin, functools.reduce])
def test_a_wrapper_is_converted_whatever_it_wraps(wrapped, capsys):
    """`functools.wraps` gives it the module of what it wraps."""

    @functools.wraps(wrapped)
    def halved(x):
        print("called")
        while x > 1.0:
            x = x / 2.0
        return x

    f = graphc.function(lambda x: halved(x))
    assert f(5.0) == f(5.0) == 0.625
    assert capsys.readouterr().out == "called\n" * 2


def test_the_largest_of_no_items_is_pythons_error():
    def largest(xs):
        found = []
        for x in xs:
            if x > 2.0:
                found.append(x)
        return max(found)

    f = graphc.function(largest)
    assert f(np.array([1.0, 3.0, 4.0, 2.0])) == 4.0
    with pytest.raises(ValueError) as plain:
        largest(np.array([1.0]))
    with pytest.raises(ValueError) as staged:
        f(np.array([1.0]))
    assert str(staged.value).splitlines()[0] == str(plain.value)


@graphc.function
def pickled(x):
    return x + 1


class WithMethod:
    k = 2.0

    @graphc.function
    def method(self, x):
        return x * self.k


def test_functions_are_pickled_and_copied_as_functions_are():
    assert pickle.loads(pickle.dumps(pickled)) is pickled
    assert copy.deepcopy([pickled])[0] is copy.copy(pickled) is pickled
    for same in (copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        assert same(WithMethod().method)(3.0) == 6.0
        assert same(WithMethod).method is WithMethod.method
    with pytest.raises(pickle.PicklingError, match="not the same object"):
        pickle.dumps(graphc.function(WithMethod.method._fn))
