"""What exceptions are: causes, contexts, attributes, identity; decorated equals undecorated.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: E701, B904, B017, TRY

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import graphc
from tests.frontend.language import Cases, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses

A = np.array
GLOBAL = ValueError("global")
CAUSE = KeyError("cause")
CHAINED = ValueError("chained")
CHAINED.__cause__ = KeyError("of chained")


class Coded(Exception):
    def __init__(self, message, code=3):
        super().__init__(message)
        self.code = code


class Titled(ValueError):
    def __init__(self, title):
        self.title = title

    def __str__(self):
        return f"titled {self.title}"


class Slotted(Exception):
    __slots__ = ("held",)

    def __init__(self, held):
        self.held = held


class Doubled(Exception):
    def __new__(cls, a):
        made = super().__new__(cls, a, a)
        made.also = a
        return made


@dataclasses.dataclass
class Record(Exception):
    a: float
    b: int = 3


@case((1.0,), (-1.0,))
def cause(x):
    if x > 0:
        raise ValueError(x) from KeyError(x, "k")
    return x


@case((1.0,))
def cause_known(x):
    raise ValueError(x) from KeyError("k")


@case((1.0,), (-1.0,))
def no_cause(x):
    if x > 0:
        raise ValueError(x) from None
    return x


@case((1.0,))
def no_cause_known(x):
    raise ValueError("a") from None


@case((1.0,))
def cause_is_a_class(x):
    if x > 0:
        raise ValueError from KeyError
    return x


@case((2.0,), (0.0,))
def cause_in_a_loop(x):
    for i in range(5):
        x = x * 2
        if x > 5:
            raise Coded(f"at {i}", x) from Titled(x)
    return x


@case((1.0, 4), (9.0, 4))
def cause_in_a_while_loop(x, n):
    while n > 0:
        n -= 1
        x = x - 1
        if x < 0:
            raise Titled(n) from Coded("negative", x)
    return x


@case((1.0,), (-1.0,))
def cause_is_no_exception(x):
    if x > 0:
        raise ValueError(x) from 3
    return x


@case((1.0,))
def cause_is_no_exception_known(x):
    raise ValueError(x) from cause


@case((1.0,), (-1.0,))
def no_exception(x):
    if x > 0:
        raise 5 from KeyError(1)
    return x


@case((1.0,))
def raise_none(x):
    if x > 0:
        raise None
    return x


@case((1.0,))
def raise_a_number(x):
    if x > 0:
        raise x from x
    return x


@case((1.0,))
def cause_has_a_cause(x):
    error = KeyError("k")
    error.__cause__ = IndexError("i")
    if x > 0:
        raise ValueError("x") from error
    return x


@case((1.0,))
def assigned_cause(x):
    error = ValueError("x")
    error.__cause__ = KeyError("k")
    error.__suppress_context__ = False
    if x > 0:
        raise error
    return x


@case((1.0,))
def global_with_a_cause(x):
    if x > 0:
        raise CHAINED
    return x


@case((3.0,))
def cause_called(x):
    def make(kind):
        return kind(x)

    if x > 0:
        raise make(Titled) from make(Coded)
    return x


@case((1.0,))
def attributes(x):
    error = Coded("m")
    error.code, error.args = x, (x, 3)
    if x > 0:
        raise error from None
    return x


@case((1.0,))
def slots(x):
    if x > 0:
        raise Slotted(x)
    return x


@case((1.0,))
def own_new(x):
    if x > 0:
        raise Doubled(x)
    return x


@case((1.0,))
def a_dataclass(x):
    if x > 0:
        raise Record(x)
    return x


@case((1.0,))
def a_class_with_defaults(x):
    class_ = [Coded, Titled][1]
    if x > 0:
        raise class_(x) from Coded(x, code=x * 2)
    return x


@case((5.0,))
def asserted(x):
    assert x < 0, (x, ["message"])
    return x


@case((np.float64(2.0), 0), (np.float64(2.0), 1))
def division_in_numbers(x, n):
    for _ in range(3):
        x = x * 1.5 + 1 // n
    return x


@case(({},))
def attribute_of_none(d):
    return d.get("x").y


@case((0.5,), (9.0,))
def chosen_by_a_number(x):
    raise KeyError(x) from (ValueError(x) if x > 1 else TypeError(x))


@case((A([0.5]),), (A([1.5]),))
def chosen_by_an_array(x):
    raise KeyError(3) from (ValueError(1) if x[0] > 1 else TypeError(2))


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_same(fn, arguments) -> None:
    assert_same(fn, arguments)


# -- one and the same object, and what only classes written in C hold ------------------------------


def raised(fn, *args):
    with pytest.raises(BaseException) as caught:
        graphc.function(fn)(*args)
    return caught.value


def test_global_exception() -> None:
    def f(x):
        if x > 0:
            raise GLOBAL from CAUSE
        return x

    error = raised(f, 1.0)
    assert error is GLOBAL
    assert error.__cause__ is CAUSE
    assert not hasattr(error, "__notes__")  # it belongs to others, too


def test_exception_of_a_class() -> None:
    class Model:
        error = ValueError("of a class")

    def f(x):
        raise Model.error

    assert raised(f, 1.0) is Model.error


def test_argument() -> None:
    def f(x, error, cause):
        if x > 0:
            raise error from cause

    error = ValueError()
    assert raised(f, 1.0, error, None) is error
    assert raised(f, 1.0, error, CAUSE).__cause__ is CAUSE


def test_own_cause() -> None:
    def f(x):
        error = ValueError(x)
        if x > 0:
            raise error from error

    error = raised(f, 1.0)
    assert error.__cause__ is error


def test_objects_in_exceptions() -> None:
    def f(x, found):
        if x > 0:
            raise Coded(found, code=found)

    found = [1.0, np.ones(2)]
    error = raised(f, 1.0, found)
    assert error.args[0] is found
    assert error.code is found


def test_operating_system_error() -> None:
    def f(x):
        if x > 0:
            raise OSError(2, "no", "file")

    error = raised(f, 1.0)
    assert type(error) is FileNotFoundError
    assert (error.filename, str(error)) == ("file", "[Errno 2] no: 'file'")


def test_attribute_error() -> None:
    def f(x):
        if x > 0:
            return "text".missing
        return x

    error = raised(f, 1.0)
    assert (error.name, error.obj) == ("missing", "text")


def test_exception_group() -> None:
    def f(x):
        if x > 0:
            raise ExceptionGroup("two", [ValueError(1), KeyError(x)])

    first, second = raised(f, 2.0).exceptions
    assert (type(first), type(second), second.args) == (ValueError, KeyError, (2.0,))


def test_class_is_called_once_a_call() -> None:
    """Its `__init__` is converted as any function: what it prints is printed at each call."""

    class Loud(Exception):
        def __init__(self):
            print("made")

    def f(x):
        if x > 0:
            raise Loud
        return x

    assert_same(f, ((1.0,), (-1.0,)))
