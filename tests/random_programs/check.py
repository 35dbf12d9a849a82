"""What must hold of a random program, and how its derivatives are compared with
finite differences.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import graphc
from graphc import tracing
from graphc.frontend.convert import convert
from graphc.frontend.forms import FORMS
from graphc.ir.verify import verify
from tests.corpus.harness import Observed, assert_same, interpreted, observe, total

ARGUMENTS = (
    (0.731, -1.234, 2, np.array([0.3, -0.71, 1.9, 0.05])),
    (-0.42, 0.9, 3, np.array([1.3, 0.21, -0.9, 0.65])),
    (2.31, 1.7, 0, np.array([-0.2, 0.11, 0.7, 1.5])),
)
# Refusals that are right: which function a name stands for cannot depend on data; whether an
# array is the caller's, or shared with another name, must be known where it is written to.
EXPECTED_REFUSALS = (
    "an object that is made there cannot depend",
    "this writes to an array that another name may share",
    "is changed in place and then bound to another array, in a loop",
    "is bound in a loop to an array that other iterations change in place",
)
STEPS = (1e-6, 4e-7)
LARGEST = 1e4  # of larger values, differences at these steps are rounding errors


class Refused(Exception):
    """graphc refused the program, as it says it will."""


def check_values(fn: Callable[..., Any]) -> Any:
    """Original ≡ rewritten ≡ generated ≡ interpreted; returns the decorated function."""
    rewritten = convert(fn, FORMS).function
    decorated = graphc.function(fn)
    run = interpreted(decorated)
    for args in ARGUMENTS:
        wanted = observe(fn, args)
        assert_same(wanted, observe(rewritten, args), "rewritten")
        with verified_before_passes():
            found = observe(decorated, args)
        refuse(wanted, found)
        assert_same(wanted, found, "generated")
        assert_same(wanted, observe(run, args), "interpreted")
    return decorated


@contextlib.contextmanager
def verified_before_passes() -> Iterator[None]:
    """Graphs traced meanwhile are valid also as they were traced."""
    optimise = tracing.optimise
    tracing.optimise = lambda graph: optimise(graph) if verify(graph) is None else graph
    try:
        yield
    finally:
        tracing.optimise = optimise


def refuse(wanted: Observed, found: Observed) -> None:
    """Stop at a refusal that is expected."""
    if found.error is None or found.error == wanted.error:
        return
    if issubclass(found.error[0], graphc.GraphcError) and any(
        text in found.error[1] for text in EXPECTED_REFUSALS
    ):
        raise Refused(found.error[1])


def check_graphs(fn: Callable[..., Any], decorated: Any) -> None:
    """The graph verifies before and after the passes, and its text parses back."""
    for args in ARGUMENTS[:2]:
        if observe(fn, args).error is not None:
            continue
        graph = decorated.trace(*copy.deepcopy(args)).graph
        verify(graph)
        text = str(graph)
        assert str(graphc.parse(text)) == text


def check_gradients(fn: Callable[..., Any], arguments: tuple[int, ...] = (0, 1, 3)) -> int:
    """Gradient ≡ central differences where those agree with themselves; how many were compared."""

    def scalar(x: Any, y: Any, n: Any, v: Any) -> Any:
        return total(fn(x, y, n, v))

    compared = 0
    for k in arguments:
        gradient = graphc.grad(scalar, argnums=k)
        for args in ARGUMENTS:
            wanted = numerical(scalar, args, k)
            if wanted is None:
                continue
            found = observe(gradient, args)
            assert found.error is None, found.error
            np.testing.assert_allclose(found.value, wanted, rtol=3e-4, atol=3e-5)
            compared += 1
    return compared


def check_second(fn: Callable[..., Any]) -> int:
    """The derivative of the gradient with respect to x ≡ central differences of the gradient."""

    def scalar(x: Any, y: Any, n: Any, v: Any) -> Any:
        return total(fn(x, y, n, v))

    gradient = graphc.grad(scalar)
    second = graphc.grad(gradient)
    compared = 0
    for args in ARGUMENTS:
        wanted = numerical(gradient, args, 0)
        if wanted is None or numerical(scalar, args, 0) is None:
            continue
        found = observe(second, args)
        assert found.error is None, found.error
        np.testing.assert_allclose(found.value, wanted, rtol=3e-3, atol=3e-4)
        compared += 1
    return compared


def numerical(scalar: Callable[..., Any], args: tuple[Any, ...], k: int) -> Any:
    """Central differences with respect to argument k; None at kinks, overflows and exceptions."""
    estimates = []
    for h in STEPS:
        sides = [values(scalar, args, k, h * sign) for sign in (1, -1)]
        if any(side is None or np.any(np.abs(side) > LARGEST) for side in sides):
            return None
        with np.errstate(invalid="ignore"):  # a result may be infinite
            estimates.append((sides[0] - sides[1]) / (2 * h))
    a, b = estimates
    return a if np.allclose(a, b, rtol=1e-4, atol=1e-5) and np.all(np.abs(a) < 1e6) else None


def values(scalar: Callable[..., Any], args: tuple[Any, ...], k: int, h: float) -> Any:
    """The function's values with each element of argument k changed by h."""
    base = args[k]
    moved = [base + h] if isinstance(base, float) else list(base + h * np.eye(base.size))
    found = [observe(scalar, (*args[:k], x, *args[k + 1 :])) for x in moved]
    if any(seen.error for seen in found):
        return None
    result = np.array([seen.value for seen in found], dtype=float)
    return result[0] if isinstance(base, float) else result
