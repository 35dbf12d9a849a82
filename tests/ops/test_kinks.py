"""Derivatives where finite differences cannot say what they are: ties, zeros, kinks, infinities."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from graphc.codegen.interpreter import interpret
from graphc.ir.types import type_of
from tests.ops.harness import gradients_of, traced
from tests.ops.samples import register_all_ops

register_all_ops()
inf, nan = np.inf, np.nan


def gradient(f: Any, *xs: Any, order: int = 1) -> list[Any]:
    """The gradient of Σ f(x) with respect to each x; of its sum again, for a higher order."""

    def build(tensors: list[Any]) -> list[Any]:
        total = np.sum(f(*tensors))
        for _ in range(order - 1):
            first = gradients_of(total, tensors)
            total = sum(np.sum(g) for g in first)
        return gradients_of(total, tensors)

    xs = tuple(np.array(x, float) if isinstance(x, list) else x for x in xs)
    graph, captured = traced([type_of(x) for x in xs], build)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return interpret(graph, [*xs, *captured])


def clip01(x: Any) -> Any:
    return np.clip(x, 0.0, 1.0)


TABLE = {
    "max ties": (np.max, [[3, 1, 3, 2]], [[0.5, 0, 0.5, 0]]),
    "min ties": (np.min, [[1, 1, 1]], [[1 / 3, 1 / 3, 1 / 3]]),
    "max ties by row": (lambda x: np.max(x, axis=1), [[[1, 1], [0, 2]]], [[[0.5, 0.5], [0, 1]]]),
    "maximum tie": (np.maximum, [[1, 2, 0], [1, 0, 2]], [[0.5, 1, 0], [0.5, 0, 1]]),
    "minimum tie": (np.minimum, [[1, 2, 0], [1, 0, 2]], [[0.5, 0, 1], [0.5, 1, 0]]),
    "maximum of infinities": (np.maximum, [[-inf, inf], [-inf, 0]], [[0.5, 1], [0.5, 0]]),
    "fmax ignores nan": (np.fmax, [[nan, 1], [2, nan]], [[0, 1], [1, 0]]),
    "abs at 0": (np.abs, [[0.0, -2.0]], [[0, -1]]),
    "sqrt at 0 is infinite": (np.sqrt, [[0.0]], [[inf]]),
    "norm at 0": (np.linalg.norm, [[0.0, 0.0]], [[0, 0]]),
    "norm by row at 0": (
        lambda x: np.linalg.norm(x, axis=1), [[[0.0, 0.0], [3.0, 4.0]]], [[[0, 0], [0.6, 0.8]]],
    ),
    "norm of order 3 at 0": (lambda x: np.linalg.norm(x, 3, axis=0), [[0.0, 0.0]], [[0, 0]]),
    "hypot at 0": (np.hypot, [[0.0, 3], [0.0, 4]], [[0, 0.6], [0, 0.8]]),
    "std of constant data": (np.std, [[2.0, 2.0, 2.0]], [[0, 0, 0]]),
    "clip at the bounds": (clip01, [[-1, 0, 0.5, 1, 2]], [[0, 0.5, 1, 0.5, 0]]),
    "prod, no zero": (np.prod, [[2, 3, 4]], [[12, 8, 6]]),
    "prod, one zero": (np.prod, [[2, 0, 4]], [[0, 8, 0]]),
    "prod, two zeros": (np.prod, [[0, 0, 4]], [[0, 0, 0]]),
    "square at 0": (lambda x: x**2, [[0.0, 3.0]], [[0, 6]]),
    "power 0 at 0": (lambda x: x**0, [[0.0, 3.0]], [[0, 0]]),
    "power 1 at 0": (lambda x: x**1, [[0.0, 3.0]], [[1, 1]]),
    "power 0.5 at 0": (lambda x: x**0.5, [[0.0, 4.0]], [[inf, 0.25]]),
    "negative base, integer power": (lambda x: x**3, [[-2.0]], [[12]]),
    "exponent at base 0": (np.power, [[0.0, 0.0], [2.0, 1.0]], [[0, 1], [0, 0]]),
    "exponent 0 at base 0": (np.power, [[0.0], [0.0]], [[0], [0]]),
    "array of exponents, negative base": (
        lambda x: x ** np.array([0, 1, 2, 3]), [[-2.0, -2, -2, -2]], [[0, 1, -4, 12]],
    ),
    "masked square root": (
        lambda x: np.where(x > 0, np.sqrt(x), 0), [[-1.0, 0.0, 4.0]], [[0, 0, 0.25]],
    ),
    "masked logarithm": (
        lambda x: np.where(x > 0, np.log(x), 0), [[-1.0, 0.0, 4.0]], [[0, 0, 0.25]],
    ),
    "masked division": (lambda x: np.where(x != 0, 1 / x, 0), [[0.0, 2.0]], [[0, -0.25]]),
    "division by zero": (lambda x: x / 0, [[1.0]], [[inf]]),
    "logaddexp of infinities": (np.logaddexp, [[-inf, 0.0], [0.0, 0.0]], [[0, 0.5], [1, 0.5]]),
    "floor": (np.floor, [[1.0, 1.5]], [[0, 0]]),
    "round": (np.round, [[0.5, 1.5]], [[0, 0]]),
    "sign": (np.sign, [[0.0, 1.5]], [[0, 0]]),
    "nan_to_num": (np.nan_to_num, [[nan, 1.0, inf]], [[0, 1, 0]]),
    "copysign at 0": (np.copysign, [[0.0, -2.0], [-1.0, -1.0]], [[0, 1], [0, 0]]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_gradient(name: str) -> None:
    function, xs, expected = TABLE[name]
    for g, e in zip(gradient(function, *xs), expected, strict=True):
        np.testing.assert_allclose(g, e)


SECOND = {
    "prod": (np.prod, [[2, 3, 4]], [[7, 6, 5]]),
    "prod, one zero": (np.prod, [[2, 0, 4]], [[4, 6, 2]]),
    "prod, two zeros": (np.prod, [[0, 0, 4]], [[4, 4, 0]]),
    "prod of a matrix with zeros": (np.prod, [[[0.0, 0.0], [2.0, 3.0]]], [[[6, 6], [0, 0]]]),
    "square at 0": (lambda x: x**2, [[0.0, 3.0]], [[2, 2]]),
    "cube at 0": (lambda x: x**3, [[0.0, -3.0]], [[0, -18]]),
    "norm at 0": (np.linalg.norm, [[0.0, 0.0]], [[0, 0]]),
    "std of constant data": (np.std, [[2.0, 2.0, 2.0]], [[0, 0, 0]]),
    "masked square root": (
        lambda x: np.where(x > 0, np.sqrt(x), 0), [[-1.0, 0.0, 4.0]], [[0, 0, -1 / 32]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SECOND)
def test_second_derivative(name: str) -> None:
    """Of the sum of the gradient."""
    function, xs, expected = SECOND[name]
    for g, e in zip(gradient(function, *xs, order=2), expected, strict=True):
        np.testing.assert_allclose(g, e)


def test_third_derivative_of_a_product_with_zeros() -> None:
    (g,) = gradient(np.prod, [0.0, 0.0, 2.0, 3.0], order=3)
    np.testing.assert_allclose(g, [10.0, 10.0, 6.0, 4.0])


def test_graphc_functions() -> None:
    from graphc.ops.composed import log_softmax, logsumexp, softmax
    from graphc.ops.elementwise import relu, sigmoid, softplus

    x = np.array([-1000.0, -1.0, 0.0, 2.0, 1000.0])
    np.testing.assert_allclose(gradient(relu, x)[0], [0, 0, 0, 1, 1])
    np.testing.assert_allclose(gradient(sigmoid, x)[0], [0, 0.19661193, 0.25, 0.10499359, 0])
    np.testing.assert_allclose(gradient(softplus, x)[0], [0, 0.26894142, 0.5, 0.88079708, 1])
    np.testing.assert_allclose(gradient(logsumexp, x)[0], [0, 0, 0, 0, 1])
    (row,) = gradient(lambda x: softmax(x)[1], x[1:4])
    np.testing.assert_allclose(row, _softmax_row(x[1:4], 1))
    np.testing.assert_allclose(gradient(log_softmax, x)[0], [1, 1, 1, 1, -4])


def _softmax_row(x: Any, i: int) -> Any:
    s = np.exp(x) / np.exp(x).sum()
    return s[i] * ((np.arange(len(x)) == i) - s)
