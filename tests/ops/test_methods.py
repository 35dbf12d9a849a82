"""Operators and methods of Tensor against Python's and ndarray's own, eager and traced."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from graphc.errors import UnsupportedError
from graphc.ir.types import type_of
from graphc.ops.tensor import Tensor
from graphc.ops.trace import NeedsStatic
from tests.ops.samples import register_all_ops
from tests.ops.test_numpy import check, run_traced

register_all_ops()

X = np.array([[1.5, -2.0, 3.25], [0.5, 4.0, -1.0]])
N = np.array([[1, 5, -3], [2, 7, 4]])
BINARY = "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift lt le gt ge eq ne".split()
PAIRS = [
    (X, 2.5),
    (X, 3),
    (2.5, X),
    (2, X),
    (X, X),
    (X, np.float32(2)),
    (np.float64(2), X),
    (X, [1.0, 2.0, 3.0]),
    (N, 2),
    (3, N),
    (N, N),
    (N > 0, True),
    (N, 1.5),
    (7, 2),
    (7.5, 2),
    (True, 3),
    (N.astype("i1"), 3),
    (X.astype("f4"), 2),
    (X.astype("f4"), X),
    (-7, 2.0),
    (7, -2),
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(type(x).__name__ for x in pair))
def test_binary_operator(name: str, pair: Any) -> None:
    """With both operands tensors, and with either."""
    function, (x, y) = getattr(operator, name), pair
    if name == "pow" and type(y) is int and y < 0:
        return  # typed int, yet a float at run time: only a literal exponent is seen to be negative
    if not isinstance(y, list):
        check(function, x, y)
    check(lambda x: function(x, y), x)
    if not isinstance(y, list):
        check(lambda y: function(x, y), y)


UNARY: dict[str, Any] = {
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": abs,
    "invert": operator.invert,
    "round": round,
    "round 1": lambda x: round(x, 1),
    "round -1": lambda x: round(x, -1),
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "pow -1": lambda x: x**-1,
    "rpow": lambda x: 2**x,
    "divmod": lambda x: divmod(x, 3),
    "rdivmod": lambda x: divmod(7, x),
    "pow 0.5": lambda x: x**0.5,
}
NUMBERS = [
    2.5,
    -3.5,
    7,
    -7,
    0.5,
    True,
    np.float64(2.5),
    np.float32(-1.25),
    np.int64(7),
    np.int8(-3),
]


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("x", NUMBERS, ids=repr)
def test_operator_of_numbers(name: str, x: Any) -> None:
    if x is True and name == "invert":
        return  # deprecated by Python
    if name in ("rpow", "pow 0.5") and x < 0 and not isinstance(x, np.generic):
        return  # a float or a complex number at run time, where the graph says int or float
    check(UNARY[name], x)


@pytest.mark.parametrize("name", ["round", "floor", "ceil", "trunc"])
def test_numbers_only(name: str) -> None:
    with pytest.raises(TypeError):
        run_traced(UNARY[name], (X,), False)


@pytest.mark.parametrize("name", ["eq", "ne"])
@pytest.mark.parametrize("other", [None, "text", b"text"])
@pytest.mark.parametrize("x", [X, np.array([np.nan, 1]), 2.5, N > 0], ids=str)
def test_equal_to_nothing(name: str, other: Any, x: Any) -> None:
    check(lambda x: getattr(operator, name)(x, other), x)


@pytest.mark.parametrize(
    "other", [None, "text", {}, Decimal(1), object()], ids=lambda x: type(x).__name__
)
@pytest.mark.parametrize("name", ["add", "mul", "lt", "pow", "sub"])
def test_foreign_operands_are_type_errors(name: str, other: Any) -> None:
    for x in (Tensor(X), Tensor(2.5)):
        with pytest.raises(TypeError):
            getattr(operator, name)(x, other)
        with pytest.raises(TypeError):
            getattr(operator, name)(other, x)


class Money:
    """A foreign type with reflected operators of its own."""

    def __radd__(self, other: Any) -> str:
        return "money"


def test_reflected_operator_of_a_foreign_type_is_tried() -> None:
    assert Tensor(X) + Money() == "money"


def test_a_number_times_a_list_repeats_it() -> None:
    assert [0] * Tensor(3) == [0, 0, 0]
    assert Tensor(2) * "ab" == "abab"
    with pytest.raises(NeedsStatic):
        run_traced(lambda n: Tensor(0) if [0] * n else n, (3,), False)


def test_in_place_operators_bind_a_new_tensor() -> None:
    x = y = Tensor(X)
    x += 1
    assert x is not y
    np.testing.assert_array_equal(y.numpy(), X)


METHODS: dict[str, Any] = {
    "sum": lambda x: x.sum(),
    "sum 0": lambda x: x.sum(0),
    "sum keepdims": lambda x: x.sum(1, keepdims=True),
    "mean": lambda x: x.mean(axis=1),
    "max": lambda x: x.max(0),
    "min": lambda x: x.min(),
    "prod": lambda x: x.prod(1),
    "var": lambda x: x.var(),
    "std ddof": lambda x: x.std(0, ddof=1),
    "any": lambda x: x.any(),
    "all": lambda x: x.all(1),
    "argmax": lambda x: x.argmax(1),
    "argmin": lambda x: x.argmin(),
    "cumsum": lambda x: x.cumsum(),
    "cumprod": lambda x: x.cumprod(1),
    "round": lambda x: x.round(1),
    "clip": lambda x: x.clip(0, 2),
    "clip min": lambda x: x.clip(min=0),
    "conj": lambda x: x.conj(),
    "astype": lambda x: x.astype("f4"),
    "astype int": lambda x: x.astype(int),
    "copy": lambda x: x.copy(),
    "flatten": lambda x: x.flatten(),
    "ravel": lambda x: x.ravel(),
    "reshape": lambda x: x.reshape(3, 2),
    "reshape tuple": lambda x: x.reshape((-1, 1)),
    "transpose": lambda x: x.transpose(),
    "transpose axes": lambda x: x.transpose(1, 0),
    "squeeze": lambda x: x.squeeze(),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "dot": lambda x: x.dot(x.T),
    "repeat": lambda x: x.repeat(2, 1),
    "take": lambda x: x.take([0, 2], 1),
    "trace": lambda x: x.trace(),
    "diagonal": lambda x: x.diagonal(),
    "item": lambda x: x.item(4),
    "item 2": lambda x: x.item(1, 2),
    "item tuple": lambda x: x.item((0, 1)),
    "item of one": lambda x: x[0, 0].item(),
    "argsort": lambda x: x.argsort(),
    "real": lambda x: x.real,
    "matmul": lambda x: x @ x.T,
    "nonzero": lambda x: x.nonzero(),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("x", [X, N, X.astype("f4")], ids=["f8", "i8", "f4"])
def test_method(name: str, x: Any) -> None:
    check(METHODS[name], x)


def test_tolist() -> None:
    assert Tensor(X).tolist() == X.tolist()
    values = run_traced(lambda x: tuple(x[0].tolist()), (X,), False)
    assert list(values) == X[0].tolist() and all(type(v) is float for v in values)


def test_fill_and_sort_change_the_tensor() -> None:
    def change(x: Any) -> Any:
        x = x.copy()
        x.sort(0)
        y = x.copy()
        y.fill(3)
        return x, y

    check(change, X)


@pytest.mark.parametrize("method", ["sum", "reshape", "copy", "item", "max", "tolist"])
def test_python_numbers_have_no_array_methods(method: str) -> None:
    with pytest.raises(AttributeError, match=f"'float' object has no attribute '{method}'"):
        getattr(Tensor(2.5), method)()


def test_astype_refuses_what_numpy_refuses() -> None:
    with pytest.raises(TypeError, match="according to the rule 'safe'"):
        Tensor(X).astype("f4", casting="safe")
    with pytest.raises(TypeError, match="tensors of dtype"):
        Tensor(X).astype(str)


def test_complex_real_part_is_refused() -> None:
    with pytest.raises(UnsupportedError):
        _ = Tensor(np.array([1j])).real


def test_negative_powers_of_python_ints_are_floats() -> None:
    (result,) = run_traced(lambda n: n**-2, (4,), False)
    assert type_of(result) == type_of(0.0) and result == 4**-2
