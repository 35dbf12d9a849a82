"""After an exception: outside objects, printed text, host calls and generators are as Python leaves
them.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import contextlib
import io
import threading
import traceback
import warnings
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GraphcError
from tests.frontend.objects_harness import describe

WORLDS = []


def world(case: Any) -> Any:
    """`case(decorator)` makes a world: a function, its arguments, and what to look at after it."""
    WORLDS.append(pytest.param(case, id=case.__name__))
    return case


def seen(case: Any, decorator: Any) -> list[Any]:
    """All that two calls show."""
    np.random.seed(7)
    f, args, look = case(decorator)
    found = []
    for _ in range(2):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                outcome: Any = ("returned", f(*args))
            except BaseException as error:
                assert not isinstance(error, GraphcError), error
                outcome = ("raised", error)
        found += [describe(outcome, {}), printed.getvalue(), describe((args, look()), {})]
    return found


@pytest.mark.parametrize("case", WORLDS)
def test_same(case: Any) -> None:
    assert seen(case, graphc.function) == seen(case, lambda f: f)


@world
def while_tracing(dec):
    @dec
    def f(x):
        x[0] = 5
        raise ValueError("a")

    return f, (np.ones(2),), lambda: None


@world
def in_a_branch(dec):
    @dec
    def f(x, y):
        x[0] = 5
        if x.sum() > 1:
            y *= 2
            raise ValueError("a")
        return x

    return f, (np.ones(2), np.ones(3)), lambda: None


@world
def in_a_loop(dec):
    @dec
    def f(x, n):
        for i in range(n):
            x[i] = 10 // (3 - i)

    return f, (np.ones(6), 6), lambda: None


@world
def index_out_of_range(dec):
    @dec
    def f(x, n):
        for i in range(n):
            x[i] += i

    return f, (np.ones(5), 8), lambda: None


@world
def index_of_a_list(dec):
    @dec
    def f(xs, i):
        xs.append(i)
        return xs[i]

    return f, ([1.0, 2.0], 7), lambda: None


@world
def missing_key(dec):
    @dec
    def f(d, key):
        d["n"] = d.get("n", 0) + 1
        return d[key]

    return f, ({}, "q"), lambda: None


@world
def asserted(dec):
    found = {"n": 1, "all": [1.0]}

    @dec
    def f(x):
        found["n"] += 1
        found["all"].append(x)
        assert x < 2, ("too large", x)
        found["done"] = True

    return f, (3.0,), lambda: found


@world
def method_after_attributes(dec):
    class Model:
        def __init__(self):
            self.n = 0
            self.w = np.ones(3)
            self.last = None

        @dec
        def step(self, x):
            self.n += 1
            self.w = self.w * x
            self.last = [x]
            if self.w.sum() > 10:
                raise RuntimeError("diverged")
            self.n += 10
            return self.n

    model = Model()
    return model.step, (3.0,), lambda: model


@world
def setter_raises(dec):
    class Positive:
        def __init__(self):
            self.seen, self.held = 0, 1.0

        @property
        def value(self):
            return self.held

        @value.setter
        def value(self, value):
            self.seen += 1
            if value < 0:
                raise ValueError("negative")
            self.held = value

    box = Positive()

    @dec
    def f(x):
        box.value = x
        box.value = -x

    return f, (3.0,), lambda: box


@world
def operator_raises(dec):
    class Total:
        def __init__(self):
            self.value, self.sums = 0.0, 0

        def __add__(self, value):
            self.sums += 1
            if value > 2:
                raise OverflowError(value)
            self.value += value
            return self

    total = Total()

    @dec
    def f(x):
        return total + x + x * 2

    return f, (1.5,), lambda: total


@world
def two_decorated(dec):
    @dec
    def inner(x):
        x[1] += 7
        if x[1] > 3:
            raise ValueError("inner")

    @dec
    def outer(x):
        x[0] += 1
        inner(x)
        x[0] += 100

    return outer, (np.ones(2),), lambda: None


@world
def recursion(dec):
    @dec
    def f(x, n):
        x[0] += 1
        if n == 0:
            raise ValueError("deep")
        if x.sum() > 0:
            f(x, n - 1)
        x[0] += 100
        return x.sum()

    return f, (np.ones(2), 50), lambda: None


@world
def variable(dec):
    v = graphc.Variable(1.0)

    @dec
    def f(x):
        v.assign_add(x)
        if x > 2:
            raise ValueError("large")
        return x

    return f, (3.0,), v.numpy


@world
def default_list(dec):
    def f(x, acc=[]):  # noqa: B006
        acc.append(x)
        if x > 0:
            raise ValueError(len(acc))

    return dec(f), (3.0,), lambda: f.__defaults__


@world
def closure(dec):
    @dec
    def f(x):
        k = 0

        def advance():
            nonlocal k
            k += 1
            x[k] = 3
            if x[k] > 2:
                raise IndexError(k)

        advance()
        advance()

    return f, (np.zeros(4),), lambda: None


@world
def not_an_exception(dec):
    @dec
    def f(x):
        x += 1
        raise SystemExit(3)

    return f, (np.ones(2),), lambda: None


@world
def keyboard(dec):
    @dec
    def f(x):
        x += 1
        if x.sum() > 2:
            raise KeyboardInterrupt

    return f, (np.ones(2),), lambda: None


@world
def error_state(dec):
    @dec
    def f(x):
        with np.errstate(divide="raise"):
            x[0] = 4
            x[1] = x[0] / (x[2] - 1)
        return x

    return f, (np.ones(3),), lambda: np.geterr()


@world
def error_state_left_by_exit(dec):
    @dec
    def f(x):
        with np.errstate(divide="raise"):
            if x > 0:
                raise SystemExit
        return x

    return f, (1.0,), lambda: np.geterr()


@world
def while_handling(dec):
    @dec
    def f(x):
        x[0] = 1
        raise ValueError("a")

    def g(x):
        try:
            return 1 / 0
        except ZeroDivisionError:
            f(x)

    return g, (np.zeros(2),), lambda: None


# -- what has been done already is not done again --------------------------------------------------


@world
def prints(dec):
    @dec
    def f(x):
        for i in range(5):
            print("i", i, x[i])
            x[i] += i
            if x[i] > 3:
                raise ValueError(f"bad {i}")
        return x

    return f, (np.ones(5),), lambda: None


@world
def draws(dec):
    @dec
    def f(x):
        for i in range(5):
            x[i] += np.random.normal()
            if i > 2:
                raise ValueError("bad")

    return f, (np.ones(5),), np.random.rand


@world
def draws_from_generators(dec):
    rng, other = np.random.default_rng(3), np.random.default_rng(4)

    @dec
    def f(x):
        for i in range(5):
            x[i] += rng.normal() + other.integers(10)
            if i > 2:
                raise ValueError("bad")

    return f, (np.ones(5),), lambda: (rng.random(), other.random())


@world
def seeds(dec):
    @dec
    def f(x):
        np.random.seed(3)
        x[0] = np.random.normal()
        if x[0] > -10:
            raise ValueError("bad")

    return f, (np.ones(5),), np.random.rand


@world
def host_calls(dec):
    log = []

    def length(value):
        log.append(value)
        return float(len(log))

    @dec
    def f(x):
        for i in range(5):
            graphc.host_call(log.append, i)
            x[i] += graphc.host_call(length, x[i] * i, result=float)
            if i > 2:
                raise ValueError("bad")

    return f, (np.ones(5),), lambda: log


@world
def host_call_returns_its_buffer(dec):
    buffer = np.zeros(2)

    def fill(value):
        buffer[:] = value
        return buffer

    @dec
    def f(x):
        for i in range(4):
            x[i] += graphc.host_call(fill, i, result=(float, (2,))).sum()
            if i > 1:
                raise ValueError("bad")

    return f, (np.ones(5),), lambda: buffer


@world
def host_call_raises(dec):
    log = []

    def note(value):
        log.append(value)
        print("log", value)
        if len(log) > 3:
            raise KeyError("host")
        return float(len(log))

    @dec
    def f(x):
        for i in range(5):
            print("before", i)
            x[i] += graphc.host_call(note, x[i] * i, result=float)
            print("after", x[i])

    return f, (np.ones(5),), lambda: log


@world
def host_call_draws(dec):
    def draw(value):
        return float(value + np.random.rand())

    @dec
    def f(x):
        for i in range(5):
            x[i] += graphc.host_call(draw, x[i], result=float) + np.random.normal()
            if i > 2:
                raise ValueError("bad")

    return f, (np.ones(5),), np.random.rand


@world
def host_call_of_another(dec):
    counts = [0]

    @dec
    def inner(x):
        print("inner", x)
        counts[0] += 1
        if x > 1:
            raise ValueError(x)
        return x

    def guarded(x):
        try:
            return inner(float(x))
        except ValueError:
            return -1.0

    @dec
    def f(x):
        for i in range(3):
            x[i] = graphc.host_call(guarded, i, result=float)
            print("x", x[i])
        raise KeyError(x[2])

    return f, (np.ones(3),), lambda: counts


# -- derivatives and tapes -------------------------------------------------------------------------


@world
def gradient_inside(dec):
    log = {"n": 0}

    def g(x):
        print("g", x)
        log["n"] += 1
        if x > 2:
            raise ValueError("g")
        return x * x

    @dec
    def f(x, a):
        a[0] = 1
        a[1] = graphc.grad(g)(1.0)
        a[2] = graphc.grad(g)(x)

    return f, (3.0, np.zeros(3)), lambda: log


def test_gradient() -> None:
    """As a call, but for what the derivative is with respect to, of which it takes a copy."""
    log = []

    def f(x, d):
        d["n"] += 1
        x[0] = 4
        log.append(d["n"])
        if x.sum() > 1:
            raise ValueError(d["n"])
        return x.sum()

    x, d = np.ones(2), {"n": 1}
    with pytest.raises(ValueError, match="2"):
        graphc.grad(f)(x, d)
    assert (x.tolist(), d, log) == ([1, 1], {"n": 2}, [2])


def test_adjoint_raises() -> None:
    """The function itself has come to its end then."""

    def f(x, d):
        d["n"] += 1
        return np.sqrt(x.sum())

    x, d = np.zeros(2), {"n": 1}
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError) as caught:
        graphc.grad(f)(x, d)
    assert "did not raise this" in caught.value.__notes__[-1]
    assert d == {"n": 2}


@pytest.mark.parametrize("decorator", [graphc.function, lambda f: f], ids=["decorated", "plain"])
def test_tape(decorator: Any) -> None:
    """What was assigned before the exception is on the tape, as where nothing is decorated."""
    v = graphc.Variable([1.0, 2.0])

    @decorator
    def f(x):
        v.assign(v * x)
        x[0] = x[1] * x[1]
        if x.sum() > 2:
            raise ValueError("t")

    x = graphc.constant([3.0, 4.0])
    with graphc.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 2
        with pytest.raises(ValueError, match="t"):
            f(y)
        z = y * v
    assert y.numpy().tolist() == [64, 8]
    assert v.numpy().tolist() == [6, 16]
    assert tape.gradient(z, x).numpy().tolist() == [128, 256]


# -- what is told ----------------------------------------------------------------------------------


def test_traceback_and_notes() -> None:
    """It comes from the user's line, and the notes say which iteration."""

    @graphc.function
    def f(x, n):
        for i in range(n):
            x[i] = 6 // (2 - i)

    with pytest.raises(ZeroDivisionError) as caught:
        f(np.zeros(5), 5)
    place = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (place.filename, place.line) == (__file__, "x[i] = 6 // (2 - i)")
    assert "at i = 2" in caught.value.__notes__[1]
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)


def test_warnings_once() -> None:
    @graphc.function
    def f(x):
        x[0] = 1 / x[1]
        if x[0] > 1:
            raise ValueError("infinite")

    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match="infinite"):
            f(np.zeros(2))
    assert len(given) == 1


def test_warnings_as_errors() -> None:
    @graphc.function
    def f(x):
        x[0] = 3
        x[0] = 1 / x[1]

    x = np.zeros(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            f(x)
    assert x.tolist() == [3, 0]


def test_error_handler_once() -> None:
    told = []

    @graphc.function
    def f(x):
        x[0] = 1 / x[1]
        if x[0] > 1:
            raise ValueError("infinite")

    with np.errstate(divide="call", call=lambda kind, flag: told.append(kind)):
        with pytest.raises(ValueError, match="infinite"):
            f(np.zeros(2))
    assert told == ["divide by zero"]


def test_ctrl_c() -> None:
    """What does not come from the function leaves everything as it was."""

    def interrupt():
        raise KeyboardInterrupt

    @graphc.function
    def f(x):
        x[0] = 5
        graphc.host_call(interrupt)

    x = np.ones(2)
    with pytest.raises(KeyboardInterrupt):
        f(x)
    assert x.tolist() == [1, 1]


def test_refusal_when_run() -> None:
    @graphc.function
    def f(x):
        x[0] = graphc.host_call(lambda: "text", result=float)

    x = np.ones(2)
    with pytest.raises(GraphcError, match="returned 'text'"):
        f(x)
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("taken", [False, True])
def test_read_only(taken: bool) -> None:
    """Refused before anything runs: whether it would be written to is known too late."""

    @graphc.function
    def f(x, y, taken):
        print("never")
        y[0] = 5
        if taken > 0:
            x[0] = 5

    x, y = np.ones(2), np.ones(2)
    x.flags.writeable = False
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.raises(GraphcError, match="read-only"):
        f(x, y, int(taken))
    assert (y.tolist(), printed.getvalue()) == ([1, 1], "")


def test_pure_functions_are_not_repeated() -> None:
    """Nothing is left behind, so the program alone has run."""

    @graphc.function
    def f(x):
        y = np.zeros(3)
        for i in range(3):
            y[i] = x
        if x > 0:
            raise ValueError("a")
        return y

    with pytest.raises(ValueError, match="a") as caught:
        f(1.0)
    files = [place.filename for place in traceback.extract_tb(caught.value.__traceback__)]
    assert __file__ not in files[1:]


def test_other_threads_go_on_printing() -> None:
    """Only what the repeating thread prints is held back."""
    printed, started, done = io.StringIO(), threading.Event(), threading.Event()

    @graphc.pure(result=float)
    def wait(x):
        if threading.current_thread() is worker and started_once:
            started.set()
            done.wait(5)
        started_once.append(x)
        return 0.0

    started_once: list[Any] = []

    @graphc.function
    def f(x):
        print("f", x[0])
        x[0] = wait(x[0])
        if x[0] < 1:
            raise ValueError("a")

    def work():
        with pytest.raises(ValueError, match="a"):
            f(np.ones(1))

    worker = threading.Thread(target=work)
    with contextlib.redirect_stdout(printed):
        worker.start()
        assert started.wait(5)
        print("main")
        done.set()
        worker.join()
    assert printed.getvalue() == "f 1.0\nmain\n"


def test_deep_recursion() -> None:
    """Deeper than Python's limit, but not as deep as the C stack."""

    @graphc.function
    def f(x, n):
        x[0] += 1
        if n == 0:
            raise ValueError("deep")
        return f(x, n - 1) + 1

    x = np.zeros(1)
    with pytest.raises(ValueError, match="deep"):
        f(x, 2000)
    assert x[0] == 2001
    with pytest.raises(RecursionError):
        f(x, 50_000)


def test_decorated_functions_are_plain_in_a_repetition() -> None:
    """What they read has changed since the program began: nothing is traced for that."""
    log: list[int] = []

    @graphc.function
    def f(x, n):
        log.append(n)
        if n == 0:
            raise ValueError(len(log))
        return f(x, n - 1)

    with pytest.raises(ValueError, match="51"):
        f(1.0, 50)
    assert log == list(range(50, -1, -1))
    assert len(f.traces) == 1
