"""Errors: what they are, where they point, what they say; and that the next call works.

A row of CASES is a program with one faulty line, marked `# here`; the built-in class its user would
expect; what the message must say. Each is checked for graphc's class, the file and line, the caret,
and a hint.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import (
    ConversionError,
    GraphcError,
    ShapeError,
    StagingError,
    TraceError,
    UnsupportedError,
)

ONES = np.ones(3)


def generator(x):
    y = yield x  # here
    return y


async def awaits(x):  # here
    return [await y async for y in x]


def different_lengths(x):
    pair = (x, x)
    while x.sum() < 10:  # here
        x = x * 2
        pair = (x, x, x)
    return pair


def different_keys(x):
    d = {"a": x}
    while x.sum() < 10:  # here
        x = x * 2
        d = {"b": x}
    return d


def different_slices(x):
    if x.sum() > 0:  # here
        part = slice(0, 1)
    else:
        part = slice(1, 2)
    return x[part]


def changes_structure(x):
    state = (x,)
    while x.sum() < 10:  # here
        x = x * 2
        state = (x, *state)
    return state


def changes_rank(x):
    y = x
    while y.sum() < 10:  # here
        y = np.stack([y, y])
    return y


def no_counterpart(x):
    return np.fft.fft(x)  # here


def no_counterpart_ufunc(x):
    return np.spacing(x)  # here


def no_method(x):
    return np.add.at(x, [0], 1.0) if len(x) else np.frompyfunc(abs, 1, 1)(x)  # here


def mismatch(x):
    return x + np.ones(4)  # here


def mismatch_matmul(x):
    return x @ np.ones((4, 2))  # here


def mismatch_concatenate(x):
    return np.concatenate([x, np.ones((2, 2))])  # here


def bad_axis(x):
    return np.sum(x, axis=2)  # here


def bad_reshape(x):
    return x.reshape(2, 2)  # here


def bad_index(x):
    return x[5]  # here


def bad_rank(x):
    return x[0, 0]  # here


def ambiguous(x):
    if x > 0:  # here
        return x
    return -x


def text_operand(x):
    return np.add(x, "a")  # here


def object_operand(x):
    return np.multiply(x, object())  # here


def text_array(x):
    return np.concatenate([x, np.array(["a"])])  # here


def ragged(x):
    return x + np.where(x > 0, [[1.0], [1.0, 2.0]], 0)  # here


def outside_call(x):
    return x * input()  # here


def opened(x):
    with open("/dev/null") as file:  # here
        return x


def no_numpy(x):
    return x.numpy()  # here


CASES: list[tuple[Callable[..., Any], type, type, str]] = [
    (generator, ConversionError, SyntaxError, "yield"),
    (awaits, ConversionError, SyntaxError, "async|await"),
    (different_lengths, StagingError, TypeError, r"'pair' has different (.|\n)*\(x, x, x\)"),
    (different_keys, StagingError, TypeError, r"'d' has different structures[\s\S]*'a'[\s\S]*'b'"),
    (different_slices, StagingError, TypeError, r"'part' is slice\(0, .* and slice\(1, "),
    (changes_structure, StagingError, TypeError, "'state' has different structures before an"),
    (changes_rank, StagingError, TypeError, r"'y' has type f64\[3\] .* and type f64\[2,3\]"),
    (no_counterpart, UnsupportedError, TypeError, r"numpy\.fft\.fft is not supported"),
    (no_counterpart_ufunc, UnsupportedError, TypeError, r"numpy\.spacing is not supported"),
    (mismatch, GraphcError, ValueError, r"shapes \(3,\) and \(4,\)"),
    (mismatch_matmul, GraphcError, ValueError, r"\(3,\).*\(4, 2\)"),
    (mismatch_concatenate, GraphcError, ValueError, "dimension"),
    (bad_axis, GraphcError, ValueError, "axis 2 is out of bounds"),
    (bad_reshape, GraphcError, ValueError, r"3|\(2, 2\)"),
    (bad_index, GraphcError, IndexError, "index 5 is out of bounds"),
    (bad_rank, GraphcError, IndexError, "too many indices"),
    (ambiguous, GraphcError, ValueError, "truth value"),
    (text_operand, GraphcError, TypeError, "a str cannot be an operand"),
    (object_operand, GraphcError, TypeError, "an? object cannot be an operand"),
    (text_array, GraphcError, TypeError, "<U1"),
    (ragged, GraphcError, ValueError, "inhomogeneous"),
    (outside_call, ConversionError, SyntaxError, "input"),
    (opened, ConversionError, SyntaxError, "open"),
    (no_numpy, TraceError, RuntimeError, "no value while a graph is being built"),
]  # fmt: skip


def marked_line(fn: Callable[..., Any]) -> int:
    lines, first = inspect.getsourcelines(fn)
    return first + next(i for i, line in enumerate(lines) if "# here" in line)


def caught_by(fn: Callable[..., Any], *args: Any) -> BaseException:
    with pytest.raises(Exception) as caught:
        graphc.function(fn)(*args)
    return caught.value


@pytest.mark.parametrize(
    "fn, kind, builtin, message", CASES, ids=lambda v: getattr(v, "__name__", "")
)
def test_error(fn: Callable[..., Any], kind: type, builtin: type, message: str) -> None:
    error = caught_by(fn, np.ones(3))
    text = str(error)
    assert isinstance(error, GraphcError) and isinstance(error, kind), repr(error)
    assert isinstance(error, builtin), type(error).__mro__
    assert re.search(message, text), text
    line = marked_line(fn)
    assert f"{__file__}:{line}" in text, text
    assert error.location is not None and error.location.line == line
    assert_caret(text, linecache.getline(__file__, line))


def assert_caret(text: str, line: str) -> None:
    """The user's line is shown, and a line of carets under a part of it."""
    lines = text.splitlines()
    shown = next(i for i, each in enumerate(lines) if each.strip() and each.strip() in line.strip())
    shown = next(i for i, each in enumerate(lines) if each.strip() == line.strip())
    carets = lines[shown + 1]
    assert set(carets.strip()) == {"^"}, text
    assert len(carets) <= len(lines[shown])


HINTED = [
    generator, different_lengths, different_slices, no_counterpart, ambiguous, outside_call,
    no_numpy,
]  # fmt: skip


@pytest.mark.parametrize("fn", HINTED, ids=lambda f: f.__name__)
def test_says_what_to_do(fn: Callable[..., Any]) -> None:
    error = caught_by(fn, np.ones(3))
    assert error.hint and error.hint.split("\n")[0] in str(error)


PYTHONS_OWN = {
    "x + text": (lambda x: x + "a", TypeError),
    "object * x": (lambda x: object() * x, TypeError),
    "no attribute": (lambda x: x.no_such_thing, AttributeError),
    "no name": (lambda x: no_such_name + x, NameError),  # type: ignore[name-defined] # noqa: F821
    "not callable": (lambda x: (x.sum())(2), TypeError),
    "not a dtype": (lambda x: x.astype("floaty"), TypeError),
    "unpacked": (lambda x: (lambda a, b: a)(*x), TypeError),
    "key": (lambda x: {"a": x}["b"], KeyError),
}


@pytest.mark.parametrize("name", PYTHONS_OWN)
def test_errors_that_python_raises(name: str) -> None:
    """The same class as undecorated, from the user's line."""
    fn, kind = PYTHONS_OWN[name]
    with pytest.raises(kind):
        fn(np.ones(3))
    error = caught_by(fn, np.ones(3))
    assert isinstance(error, kind)
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == __file__
    ]
    assert inspect.getsourcelines(fn)[1] in lines


def test_every_class_is_a_graphc_error_and_a_builtin_one() -> None:
    import graphc.errors as module

    classes = [
        c for c in vars(module).values() if isinstance(c, type) and issubclass(c, GraphcError)
    ]
    assert len(classes) > 8
    for cls in classes:
        if cls is not GraphcError:
            builtins = [b for b in cls.__mro__ if b.__module__ == "builtins"]
            assert builtins[0] is not Exception, cls


def test_graphc_raises_only_its_own_classes() -> None:
    """No `raise TypeError(…)` in the package, but for what Python itself would have raised."""
    pattern = re.compile(
        r"raise (GraphcError|Exception|BaseException|RuntimeError|NotImplementedError)\b"
    )
    package = inspect.getfile(graphc).rpartition("/")[0]
    from pathlib import Path

    found = [
        f"{path}:{n}"
        for path in Path(package).rglob("*.py")
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


# -- after an error --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fn", [mismatch, different_lengths, no_counterpart, bad_index], ids=lambda f: f.__name__
)
def test_the_same_error_again_and_other_functions_work(fn: Callable[..., Any]) -> None:
    f = graphc.function(fn)
    texts = []
    for _ in range(2):
        with pytest.raises(GraphcError) as caught:
            f(np.ones(3))
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    assert f.traces == []
    assert graphc.function(lambda x: x * 2)(1.0) == 2.0
    x = graphc.constant(1.0)
    with graphc.GradientTape() as t:
        t.watch(x)
        y = x * 2
    assert t.gradient(y, x).numpy() == 2.0


def test_the_function_works_for_other_arguments() -> None:
    f = graphc.function(mismatch)
    with pytest.raises(ShapeError):
        f(np.ones(3))
    np.testing.assert_array_equal(f(np.ones(4)), np.full(4, 2.0))
    with pytest.raises(ValueError):
        f(np.ones(3))
    np.testing.assert_array_equal(f(np.ones(1)), np.full(4, 2.0))


def test_an_error_in_a_graph_block_leaves_no_trace_behind() -> None:
    with pytest.raises(GraphcError), graphc.Graph():
        graphc.constant(np.ones(3)) + graphc.constant(np.ones(4))
    assert (graphc.constant(1.0) + 1.0).numpy() == 2.0


# -- at run time -----------------------------------------------------------------------------------


def shrinking(a, b):
    while a.sum() < 100:
        a = a * 2
        if a.sum() > 20:
            a = a + b
    return a


def test_a_shape_mismatch_at_run_time() -> None:
    """Names the op, both shapes, the user's line and the iteration."""
    f = graphc.function(shrinking)
    for n in (3, 4):
        np.testing.assert_array_equal(f(np.ones(n), np.ones(n)), shrinking(np.ones(n), np.ones(n)))
    with pytest.raises(ValueError, match=r"\(4,\) \(3,\)") as caught:
        f(np.ones(4), np.ones(3))
    notes = "\n".join(caught.value.__notes__)
    line = inspect.getsourcelines(shrinking)[1]
    assert "add of shrinking" in notes
    assert "float64[4]" in notes and "float64[3]" in notes
    assert f"in iteration 2 of the loop at {__file__}:{line + 1}" in notes
    assert f"{__file__}:{line + 4}\n  a = a + b\n      ^^^^^" in notes
    np.testing.assert_array_equal(f(np.ones(5), np.ones(5)), shrinking(np.ones(5), np.ones(5)))
    assert len(f.traces) == 2


def test_a_mismatch_in_the_adjoint_of_a_compiled_call() -> None:
    f = graphc.function(shrinking)
    for n in (3, 4):
        f(graphc.constant(np.ones(n)), graphc.constant(np.ones(n)))
    x = graphc.constant(np.ones(4))
    with graphc.GradientTape() as t:
        t.watch(x)
        with pytest.raises(ValueError) as caught:
            f(x, graphc.constant(np.ones(3)))
    assert any("add of shrinking" in note for note in caught.value.__notes__)


def test_the_users_own_errors_are_the_users_own() -> None:
    def f(x):
        if x.sum() > 1:
            raise KeyError("too much", x.sum())
        if x[0] == 0:
            raise AssertionError(f"found {x[0]}")
        return x / int(x[0])

    g = graphc.function(f)
    for x in ([2.0, 0.0], [0.0, 0.0], [0.5, 0.0]):
        results = []
        for fn in (f, g):
            with pytest.raises((KeyError, AssertionError, ZeroDivisionError)) as caught:
                raise_where_numpy_warns(fn, np.array(x))
            results.append((type(caught.value), str(caught.value)))
        assert results[0] == results[1]


def raise_where_numpy_warns(fn: Callable[..., Any], x: Any) -> None:
    with np.errstate(all="ignore"):
        fn(x)
    raise ZeroDivisionError  # both came through: NumPy gives inf


def test_the_traceback_shows_the_users_line() -> None:
    f = graphc.function(mismatch)
    try:
        f(np.ones(3))
    except GraphcError as error:
        frames = traceback.extract_tb(error.__traceback__)
        assert any(frame.filename == __file__ and "here" in (frame.line or "") for frame in frames)


def test_errors_in_called_functions_point_into_them() -> None:
    def inner(x):
        return x + ONES[:2]

    def outer(x):
        y = inner(x)
        return y

    error = caught_by(outer, np.ones(3))
    line = inspect.getsourcelines(inner)[1] + 1
    assert f"{__file__}:{line}" in str(error)


# -- leaks -----------------------------------------------------------------------------------------


def leak() -> Any:
    """A tensor of a trace that has ended."""
    with graphc.Graph():
        return graphc.placeholder((3,), name="leaked") * 2.0


USES: dict[str, Callable[[Any], Any]] = {
    "operator": lambda t: t + 1,
    "function": lambda t: np.sin(t),
    "numpy": lambda t: t.numpy(),
    "bool": lambda t: bool(t),
    "float": lambda t: float(t),
    "array": lambda t: np.asarray(t),
    "iter": lambda t: list(t),
    "into a traced function": lambda t: graphc.function(lambda x: x * 2)(t),
    "captured by a traced function": lambda t: graphc.function(lambda x: x * t)(1.0),
    "into another graph": lambda t: _in_graph(lambda: t + 1),
    "into a variable": lambda t: graphc.Variable(t),
    "assigned": lambda t: graphc.Variable(np.ones(3)).assign(t),
    "run by another graph": lambda t: graphc.Graph().run(t),
    "watched": lambda t: graphc.GradientTape().watch(t),
}


def _in_graph(run: Callable[[], Any]) -> Any:
    with graphc.Graph():
        return run()


@pytest.mark.parametrize("name", USES)
def test_a_traced_tensor_after_its_trace(name: str) -> None:
    with pytest.raises(GraphcError) as caught:
        USES[name](leak())
    assert isinstance(caught.value, TraceError | TypeError)
    assert str(__file__) in str(caught.value)


def test_its_repr_says_what_it_is() -> None:
    assert repr(leak()) == "<graphc.Tensor: traced, type=f64[3]>"


def test_a_value_of_a_branch_is_not_seen_outside() -> None:
    kept: dict[str, Any] = {}

    def f(x):
        def arm():
            kept["y"] = x * 2
            return x

        if x.sum() > 0:
            x = arm()
        return x

    with pytest.raises(GraphcError):
        graphc.function(f)(np.ones(3))
    assert kept == {}


# -- conversion ------------------------------------------------------------------------------------


def test_refused_where_it_is_decorated() -> None:
    with pytest.raises(SyntaxError, match="yield"):
        graphc.function(generator)


def test_no_source_is_said_so() -> None:
    scope: dict[str, Any] = {}
    exec("def f(x):\n    return x * 2\n", scope)
    with pytest.raises(ConversionError, match="source of `f` cannot be found"):
        graphc.function(scope["f"])


def test_conversion_never_falls_back() -> None:
    """A called function that cannot be converted is refused, not run as it is."""
    scope: dict[str, Any] = {}
    exec("def helper(x):\n    return x if x.sum() > 0 else -x\n", scope)
    helper = scope["helper"]

    def f(x):
        return helper(x)

    error = caught_by(f, np.ones(3))
    assert isinstance(error, ConversionError) and "helper" in str(error)


@pytest.mark.parametrize("fn", [len, np.sin, "text".upper], ids=["len", "sin", "upper"])
def test_builtins_cannot_be_decorated(fn: Any) -> None:
    with pytest.raises((SyntaxError, TypeError)) as caught:
        graphc.function(fn)
    assert isinstance(caught.value, GraphcError)


def test_grad_of_what_is_not_a_scalar() -> None:
    with pytest.raises(ValueError, match=r"scalar result, found shape \(3,\)") as caught:
        graphc.grad(lambda x: x * 2)(np.ones(3))
    assert isinstance(caught.value, GraphcError) and "sum it first" in str(caught.value)
    with pytest.raises(ValueError, match="one scalar result"):
        graphc.grad(lambda x: (x, x))(1.0)
    with pytest.raises(TypeError, match="argument 0 has type int"):
        graphc.grad(lambda x: x * 2)(3)
    with pytest.raises(TypeError, match="argument 0 has type str"):
        graphc.grad(lambda x: 1.0)("3")
    with pytest.raises(TypeError, match="argnums=1"):
        graphc.grad(lambda x: x, argnums=1)(3.0)
    with pytest.raises(TypeError, match="grad takes a function"):
        graphc.grad(3)


def test_this_file_parses() -> None:
    """`# here` is on the line that each case means."""
    tree = ast.parse(open(__file__).read())
    names = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {fn.__name__ for fn, *_ in CASES} <= names
