"""np.f(tensor) is np.f(array): value, dtype, shape, kind of number, exception; eager and traced."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graphc.codegen.interpreter import interpret
from graphc.errors import UnsupportedError
from graphc.ir.types import is_subtype, type_of
from graphc.ops.tensor import Tensor
from tests.ops.harness import traced, without_dims
from tests.ops.samples import register_all_ops

register_all_ops()

UNARY = """
    negative positive absolute fabs rint sign exp exp2 expm1 log log2 log10 log1p sqrt cbrt
    square reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh
    deg2rad rad2deg degrees radians floor ceil trunc fix isfinite isinf isnan signbit
    logical_not invert conj round around nan_to_num acos asin atan acosh asinh atanh abs
    conjugate bitwise_not
""".split()
BINARY = """
    add subtract multiply divide true_divide floor_divide remainder mod fmod power float_power
    maximum minimum fmax fmin hypot arctan2 logaddexp logaddexp2 copysign nextafter heaviside
    less less_equal greater greater_equal equal not_equal logical_and logical_or logical_xor
    bitwise_and bitwise_or bitwise_xor left_shift right_shift divmod isclose allclose atan2
    pow
""".split()
REDUCTIONS = "sum prod max min mean var std any all argmax argmin count_nonzero ptp nansum".split()
SCANS = ["cumsum", "cumprod"]

DTYPES = st.sampled_from(["?", "i1", "u1", "i8", "f2", "f4", "f8"])
SHAPES = st.sampled_from([(), (1,), (3,), (2, 3), (0,), (2, 1), (2, 0, 3)])
NUMBERS = st.sampled_from([True, False, 0, 1, 2, -3, 7, 0.0, 0.5, -2.5, 3.0, np.inf])
AXES = st.sampled_from([None, None, 0, 1, -1, 2, (0,), (0, 1), (1, -1)])
CHECK = settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@st.composite
def operand(draw: Any) -> Any:
    dtype = np.dtype(draw(DTYPES))
    elements: Any = st.integers(0 if dtype.kind == "u" else -4, 4)
    if dtype.kind == "f":
        special = st.sampled_from([0.0, -0.0, 0.25, np.inf, -np.inf, np.nan])
        elements = elements.map(float) | st.floats(-4, 4, width=16) | special
    if dtype.kind == "b":
        elements = st.booleans()
    return draw(arrays(dtype, draw(SHAPES), elements=elements))


def outcome(function: Callable[[], Any]) -> tuple[Any, Any]:
    """The result, or the exception and its class."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(), None
        except Exception as error:
            return error, type(error)


def unwrapped(result: Any) -> list[Any]:
    results = result if isinstance(result, tuple) else (result,)
    return [x._data if isinstance(x, Tensor) else x for x in results]


def run_traced(call: Callable[..., Any], operands: tuple[Any, ...], unknown: bool) -> Any:
    types = [type_of(x) for x in operands]
    if unknown:
        types = [without_dims(t) for t in types]

    def build(xs: list[Tensor]) -> list[Any]:
        result = call(*xs)
        return list(result) if isinstance(result, tuple) else [result]

    graph, captured = traced(types, build)
    results = interpret(graph, [*operands, *captured])
    for value, result in zip(graph.outputs, results):
        assert is_subtype(type_of(result), value.type), f"{type_of(result)} is not a {value.type}"
    return tuple(results)


def check(call: Callable[..., Any], *operands: Any) -> None:
    """`call` on arrays, on eager tensors, and traced with known and with unknown dimensions."""
    expected, error = outcome(lambda: call(*operands))
    ways = [lambda: call(*map(Tensor, operands)), lambda: run_traced(call, operands, False)]
    if all(not isinstance(x, np.ndarray) or x.shape != () for x in operands):
        ways.append(lambda: run_traced(call, operands, True))
    for way in ways:
        result, its_error = outcome(way)
        if its_error is UnsupportedError and way is ways[-1]:
            continue  # it needs a dimension that is not known, and says so
        if error is not None:
            assert its_error is not None, f"NumPy raises {expected!r}, graphc gives {result}"
            base = next(c for c in error.__mro__ if c.__module__ == "builtins")
            assert issubclass(its_error, base), f"{result!r} is no {error.__name__}"
            continue
        if its_error is not None:
            raise result
        for a, b in zip(unwrapped(result), unwrapped(expected), strict=True):
            assert same_kind(a, b), f"{type_of(a)} is not {type_of(b)}"
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def same_kind(a: Any, b: Any) -> bool:
    """Equal types, but that a comparison of Python numbers gives np.bool in NumPy."""
    return type_of(a) == type_of(b) or {type(a), type(b)} == {bool, np.bool}


@pytest.mark.parametrize("name", UNARY)
@CHECK
@given(x=operand())
def test_unary(name: str, x: Any) -> None:
    check(getattr(np, name), x)


@pytest.mark.parametrize("name", BINARY)
@CHECK
@given(x=operand(), y=operand() | NUMBERS, swap=st.booleans())
def test_binary(name: str, x: Any, y: Any, swap: bool) -> None:
    check(getattr(np, name), *((y, x) if swap else (x, y)))


@pytest.mark.parametrize("name", REDUCTIONS)
@CHECK
@given(x=operand(), axis=AXES, keepdims=st.booleans())
def test_reduction(name: str, x: Any, axis: Any, keepdims: bool) -> None:
    check(lambda x: getattr(np, name)(x, axis=axis, keepdims=keepdims), x)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "cumsum", "cumprod"])
@CHECK
@given(x=operand(), dtype=st.sampled_from(["f4", "f8", "i4"]))
def test_dtype_option(name: str, x: Any, dtype: str) -> None:
    check(lambda x: getattr(np, name)(x, dtype=dtype), x)


@pytest.mark.parametrize("name", SCANS)
@CHECK
@given(x=operand(), axis=st.sampled_from([None, 0, 1, -1, 2]))
def test_scan(name: str, x: Any, axis: Any) -> None:
    check(lambda x: getattr(np, name)(x, axis=axis), x)


@pytest.mark.parametrize("name", ["var", "std"])
@CHECK
@given(x=operand(), ddof=st.sampled_from([0, 1, 2, 0.5]))
def test_ddof(name: str, x: Any, ddof: Any) -> None:
    check(lambda x: getattr(np, name)(x, ddof=ddof), x)
    check(lambda x: getattr(np, name)(x, correction=ddof), x)


METHODS = "add multiply maximum minimum logical_or logical_and".split()


@pytest.mark.parametrize("name", METHODS)
@CHECK
@given(x=operand(), axis=st.sampled_from([0, 1, None, -1, (0, 1)]), keepdims=st.booleans())
def test_ufunc_reduce(name: str, x: Any, axis: Any, keepdims: bool) -> None:
    check(lambda x: getattr(np, name).reduce(x, axis=axis, keepdims=keepdims), x)
    check(lambda x: getattr(np, name).reduce(x), x)


@CHECK
@given(c=operand(), x=operand() | NUMBERS, y=operand() | NUMBERS)
def test_where(c: Any, x: Any, y: Any) -> None:
    check(np.where, c, x, y)


@CHECK
@given(x=operand(), low=operand() | NUMBERS | st.none(), high=NUMBERS | st.none())
def test_clip(x: Any, low: Any, high: Any) -> None:
    operands = [x, *(y for y in (low, high) if y is not None)]

    def call(x: Any, *bounds: Any) -> Any:
        rest = list(bounds)
        a_min = None if low is None else rest.pop(0)
        return np.clip(x, a_min, rest.pop() if rest else None)

    check(call, *operands)


ORDERS = [None, 2, 1, 0, -1, 3, 0.5, np.inf, -np.inf, "fro", "x"]


@CHECK
@given(x=operand(), ord=st.sampled_from(ORDERS), axis=AXES, keepdims=st.booleans())
def test_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> None:
    rank = x.ndim if axis is None else len(axis) if isinstance(axis, tuple) else 1
    if ord == 2 and rank == 2:
        return  # refused: test_refusals.py
    check(lambda x: np.linalg.norm(x, ord, axis, keepdims), x)


@CHECK
@given(x=operand(), n=st.sampled_from([0, 1, 2, -1]), axis=st.sampled_from([-1, 0, 1]))
def test_diff(x: Any, n: int, axis: int) -> None:
    check(lambda x: np.diff(x, n, axis), x)


@CHECK
@given(y=operand(), dx=st.sampled_from([1.0, 0.5]), axis=st.sampled_from([-1, 0, 1]))
def test_trapezoid(y: Any, dx: float, axis: int) -> None:
    check(lambda y: np.trapezoid(y, dx=dx, axis=axis), y)


@CHECK
@given(y=arrays("f8", (2, 3), elements=st.floats(-4, 4)), which=st.sampled_from([0, 1, 2]))
def test_trapezoid_places(y: Any, which: int) -> None:
    x = [np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0]), y + 1][which]
    axis = 0 if which == 1 else 1
    check(lambda y, x: np.trapezoid(y, x, axis=axis), y, x)


@CHECK
@given(x=operand(), weights=operand() | st.none(), axis=st.sampled_from([None, 0, 1]))
def test_average(x: Any, weights: Any, axis: Any) -> None:
    if weights is None:
        check(lambda x: np.average(x, axis=axis), x)
    else:
        check(lambda x, w: np.average(x, axis=axis, weights=w), x, weights)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_average_along_one_axis(axis: int) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    weights = np.arange(1.0, 1 + x.shape[axis])
    check(lambda x, w: np.average(x, axis, w), x, weights)
    check(lambda x, w: np.average(x, axis, w, keepdims=True), x, weights)


@CHECK
@given(x=operand(), axis=st.sampled_from([None, 0, 1, -1]), keepdims=st.booleans())
def test_median(x: Any, axis: Any, keepdims: bool) -> None:
    if keepdims and axis is None and x.ndim > 1:
        return  # refused
    check(lambda x: np.median(x, axis=axis, keepdims=keepdims), x)
