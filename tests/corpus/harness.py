"""The corpus: ordinary functions, each run plainly, decorated and interpreted, and compared.

    @case((1.0, 2), (3.0, 4), grad=0)    # two calls, both differentiated with respect to argument 0
    def power(x, n): …

`case` only notes the function: it stays the plain function that its author wrote.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import graphc
from graphc import tree
from graphc.codegen import interpret
from graphc.ir.verify import verify

FLOAT_TOLERANCE = 1e-12  # other kernels, or another order of the same ones, for the same numbers


@dataclass
class Case:
    """One function of the corpus with the arguments it is called with."""

    fn: Callable[..., Any]
    calls: tuple[tuple[Any, ...], ...]
    grad: int | None  # the argument to differentiate with respect to
    refused: str | None  # how graphc's refusal begins

    @property
    def name(self) -> str:
        return self.fn.__name__


CASES: list[Case] = []


def case(*calls: tuple[Any, ...], grad: int | None = None, refused: str | None = None) -> Any:
    """Note a function in the corpus, with the arguments of each call; returns the function."""

    def note(fn: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append(Case(fn, calls, grad, refused))
        return fn

    return note


@dataclass
class Observed:
    """What one call showed: its value or exception, its printed text, its arguments afterwards."""

    value: Any = None
    error: tuple[type, str] | None = None
    printed: str = ""
    arguments: tuple[Any, ...] = field(default=())


def observe(fn: Callable[..., Any], args: tuple[Any, ...]) -> Observed:
    """Call `fn` on copies of the arguments, from one state of NumPy's generator."""
    args = copy.deepcopy(args)
    seen, printed = Observed(), io.StringIO()
    np.random.seed(20240)
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            seen.value = fn(*args)
        except Exception as error:
            where = isinstance(error, RecursionError)  # its text says where the stack ended
            seen.error = (type(error), "" if where else str(error))
            seen.exception = error
    seen.printed, seen.arguments = printed.getvalue(), args
    return seen


class Interpreted:
    """Stands in for a generated program."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph

    def run(self, *inputs: Any) -> tuple[Any, ...]:
        return tuple(interpret(self.graph, inputs))

    def explain(self, *args: Any) -> None:
        pass


def interpreted(decorated: Any) -> Callable[..., Any]:
    """The decorated function, run by the interpreter of graphs instead of the generated program."""

    def run(*args: Any) -> Any:
        compiled = decorated.trace(*args).compiled
        program, compiled._program = compiled.program, Interpreted(compiled.graph)
        try:
            return decorated(*args)
        finally:
            compiled._program = program

    return run


# -- comparing -------------------------------------------------------------------------------------


def assert_same(wanted: Observed, found: Observed, what: str) -> None:
    """Everything a user can observe is the same."""
    assert found.error == wanted.error, (
        f"{what}: {found.error} instead of {wanted.error or wanted.value}"
    )
    assert found.printed == wanted.printed, what
    problem = difference(wanted.value, found.value, "result")
    assert not problem, f"{what}: {problem}"
    if wanted.error is not None and what.startswith("interpreted"):
        return  # only where a generated program has raised is the function repeated
    problem = difference(wanted.arguments, found.arguments, "arguments")
    assert not problem, f"{what}: {problem}"


def difference(a: Any, b: Any, path: str) -> str:
    """What differs between two values, or ''."""
    if type(a) is not type(b):
        return f"{path}: {a!r:.200} is a {type(a).__name__}, but {b!r:.200} is a {type(b).__name__}"
    if isinstance(a, np.ndarray | np.generic):
        return _array_difference(a, b, path)
    if isinstance(a, tuple | list):
        items = [
            difference(x, y, f"{path}[{i}]") for i, (x, y) in enumerate(zip(a, b, strict=False))
        ]
        return next(filter(None, items), "" if len(a) == len(b) else f"{path}: lengths differ")
    if isinstance(a, dict):
        if list(a) != list(b):
            return f"{path}: keys {list(a)} and {list(b)}"
        return next(filter(None, (difference(a[k], b[k], f"{path}[{k!r}]") for k in a)), "")
    if isinstance(a, float | complex):
        return "" if _close(a, b) else f"{path}: {a!r} and {b!r}"
    if dataclasses.is_dataclass(a) or (hasattr(a, "__dict__") and not callable(a)):
        return difference(vars(a), vars(b), path)
    return "" if a == b else f"{path}: {a!r} and {b!r}"


def _array_difference(a: Any, b: Any, path: str) -> str:
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"{path}: {a.dtype}{a.shape} and {b.dtype}{b.shape}"
    return "" if _close(a, b) else f"{path}: {a!r} and {b!r}"


def _close(a: Any, b: Any) -> bool:
    if np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind in "fc"):
        return True
    if np.asarray(a).dtype.kind not in "fc":
        return False
    tolerance = 1e-5 if np.asarray(a).dtype.itemsize < 8 else FLOAT_TOLERANCE
    scale = np.nanmax(np.abs(np.where(np.isfinite(a), a, 0)), initial=0)
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * scale, equal_nan=True))


# -- checking --------------------------------------------------------------------------------------


def check_values(one: Case) -> None:
    """Undecorated ≡ decorated (twice on each arguments) ≡ interpreted."""
    decorated = graphc.function(one.fn)
    run = interpreted(decorated)
    for args in (*one.calls, one.calls[0]):
        wanted = observe(one.fn, args)
        assert_same(wanted, observe(decorated, args), f"decorated{args!r:.300}")
        assert_same(wanted, observe(run, args), f"interpreted{args!r:.300}")


def check_graphs(one: Case) -> None:
    """Every graph verifies, and its text parses back."""
    decorated = graphc.function(one.fn)
    for args in one.calls:
        graph = decorated.trace(*copy.deepcopy(args)).graph
        verify(graph)
        text = str(graph)
        if "@opaque" not in text:
            assert str(graphc.parse(text)) == text


def check_gradients(one: Case) -> None:
    """The gradient of a scalar made of the result ≡ central differences."""
    n = one.grad
    assert n is not None

    def scalar(*args: Any) -> Any:
        return total(one.fn(*args))

    gradient = graphc.grad(scalar, argnums=n)
    for args in one.calls:
        found = observe(gradient, args)
        assert found.error is None, found.error
        wanted = numerical(scalar, args, n)
        leaves, structure = tree.flatten(found.value)
        expected, same = tree.flatten(wanted)
        assert str(structure) == str(same)
        for a, b in zip(leaves, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


def total(result: Any) -> Any:
    """A scalar that depends on every float of a result."""
    if isinstance(result, list | tuple):
        parts = [total(item) for item in result]
        return sum(part * (k + 1) for k, part in enumerate(parts) if part is not None)
    if isinstance(result, dict):
        return total(list(result.values()))
    if dataclasses.is_dataclass(result):
        return total([getattr(result, f.name) for f in dataclasses.fields(result)])
    if result is None or isinstance(result, str | bool):
        return None
    if np.ndim(result) == 0:
        return result * 1.0
    return np.sum(np.sin(result) + result * 0.5)


def numerical(scalar: Callable[..., Any], args: tuple[Any, ...], n: int) -> Any:
    """Central differences with respect to every element of argument n."""
    leaves, structure = tree.flatten(args[n])

    def value(k: int, leaf: Any) -> float:
        changed = [*leaves[:k], leaf, *leaves[k + 1 :]]
        return float(
            observed_value(scalar, (*args[:n], tree.unflatten(structure, changed), *args[n + 1 :]))
        )

    return tree.unflatten(
        structure, [_differences(leaf, lambda x, k=k: value(k, x)) for k, leaf in enumerate(leaves)]
    )


def observed_value(fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    seen = observe(fn, args)
    assert seen.error is None, seen.error
    return seen.value


def _differences(leaf: Any, value: Callable[[Any], float]) -> Any:
    array = np.asarray(leaf, dtype=np.float64)
    result = np.empty(array.shape)
    for i in np.ndindex(array.shape):
        h = 1e-6 * max(1.0, abs(array[i]))
        up, down = array.copy(), array.copy()
        up[i] += h
        down[i] -= h
        like = float if isinstance(leaf, float) else (lambda a: a)
        result[i] = (value(like(up)) - value(like(down))) / (2 * h)
    return result if array.shape else float(result)


def check_refusal(one: Case) -> None:
    """A graphc error that names the user's line, before anything has run."""
    seen = Observed()
    for args in one.calls:
        try:
            seen = observe(graphc.function(one.fn), args)
        except graphc.GraphcError as error:
            seen.exception = error
        error = getattr(seen, "exception", None)
        assert isinstance(error, graphc.GraphcError), f"not refused: {error!r} {seen.value!r}"
        text = str(error)
        assert text.startswith(one.refused), text
        file = one.fn.__code__.co_filename.rpartition("/")[2]
        assert file in text, text
        assert not seen.printed
