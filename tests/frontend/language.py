"""Programs of `test_language_*.py`: run as written and decorated, and compared in all that can be
seen.

    @case((2.0,), (-1.0,))            the same on each tuple of arguments, twice
    @refuses("part of the message", (2.0,))    a GraphcError, before anything is printed or changed

A module of programs says PYTEST_DONT_REWRITE in its docstring: their `assert` is Python's.
"""

from __future__ import annotations

import contextlib
import copy
import io
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GraphcError


class Cases:
    """The programs of one module, collected by its decorators."""

    def __init__(self) -> None:
        self.same: list[Any] = []
        self.refused: list[Any] = []

    def case(self, *arguments: tuple[Any, ...]) -> Any:
        def collect(fn: Any) -> Any:
            self.same.append(pytest.param(fn, arguments or ((),), id=fn.__name__))
            return fn

        return collect

    def refuses(self, message: str, *arguments: tuple[Any, ...]) -> Any:
        def collect(fn: Any) -> Any:
            self.refused.append(pytest.param(fn, message, arguments or ((),), id=fn.__name__))
            return fn

        return collect


def describe(x: Any) -> Any:
    """All that a user can see of a value: type, dtype, shape, contents."""
    if isinstance(x, np.ndarray):
        return "array", x.dtype.str, x.shape, repr(x.tolist())
    if isinstance(x, np.generic):
        return type(x).__name__, repr(x.item())
    if isinstance(x, list | tuple):
        return type(x).__name__, *map(describe, x)
    if isinstance(x, dict):
        return "dict", *((describe(k), describe(v)) for k, v in x.items())
    if hasattr(x, "__dict__"):
        return type(x).__name__, describe(vars(x))
    return type(x).__name__, repr(x)


def describe_error(error: BaseException | None) -> Any:
    """Type, arguments, causes and contexts of an exception."""
    if error is None:
        return None
    if isinstance(error, GraphcError):
        return type(error).__name__, describe(error.args)
    why = describe_error(error.__cause__), describe_error(error.__context__)
    return type(error).__name__, describe(error.args), *why, error.__suppress_context__


def observe(fn: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Value, exception, printed text, arguments afterwards; and the exception itself."""
    args = copy.deepcopy(args)
    printed, value, error = io.StringIO(), None, None
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = describe(fn(*args))
        except Exception as raised:
            error = raised
    return value, describe_error(error), printed.getvalue(), describe(list(args)), error


def assert_same(fn: Any, arguments: tuple[tuple[Any, ...], ...]) -> None:
    decorated = graphc.function(fn)
    for args in arguments:
        expected = observe(fn, args)[:4]
        for _ in range(2):
            assert observe(decorated, args)[:4] == expected, args


def assert_refused(fn: Any, message: str, arguments: tuple[tuple[Any, ...], ...]) -> None:
    """Refused at a line of the program before anything has run; with other arguments it is the
    same.
    """
    refused = 0
    for args in arguments:
        try:
            decorated = graphc.function(fn)
        except GraphcError as error:
            found = None, None, "", describe(list(args)), error
        else:
            found = observe(decorated, args)
        if isinstance(found[4], GraphcError):
            refused += 1
            assert message in str(found[4])
            assert sys.modules[fn.__module__].__file__ in str(found[4]), "the user's line"
            assert found[2:4] == ("", describe(list(args)))
        else:
            assert found[:4] == observe(fn, args)[:4]
    assert refused
