"""Running a program twice, plain and decorated, and comparing all that anyone could notice.

A *case* is a function of a decorator that makes a small world and returns `(f, calls, watch)`: what to
call, the argument tuples of successive calls, and an object to look at after each. It is run once with
`lambda f: f` and once with `graphc.function`; worlds are made anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import types
from collections.abc import Callable
from typing import Any

import numpy as np

import graphc
from graphc.errors import GraphcError
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor

Case = Callable[[Callable[[Any], Any]], tuple[Any, list[tuple[Any, ...]], Any]]
PLAIN_TYPES = (int, float, complex, bool, str, bytes, type(None), range, slice)


def outcomes(case: Case, decorator: Callable[[Any], Any]) -> list[Any]:
    """What each call printed, returned or raised, and what arguments and world were afterwards."""
    f, calls, watch = case(decorator)
    kept: dict[int, tuple[int, Any]] = {}
    found = []
    for args in calls:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
            try:
                result = ("returned", f(*args))
            except Exception as error:
                result = ("raised", error)
        state = describe((result, args, watch), kept)
        found.append((printed.getvalue(), state))
        if isinstance(result[1], GraphcError):
            raise result[1]
    return found


def check(case: Case) -> None:
    expected = outcomes(case, lambda f: f)
    got = outcomes(case, graphc.function)
    for n, (a, b) in enumerate(zip(expected, got, strict=True), 1):
        assert a == b, f"call {n}\nplain:     {a}\ndecorated: {b}"


def check_refused(case: Case, message: str) -> None:
    """The first call is refused, and leaves everything as it was."""
    f, calls, watch = case(graphc.function)
    before = describe((calls[0], watch), {})
    try:
        f(*calls[0])
    except GraphcError as error:
        assert message in str(error), str(error)
    else:
        raise AssertionError("not refused")
    assert describe((calls[0], watch), {}) == before


def describe(x: Any, kept: dict[int, tuple[int, Any]]) -> Any:
    """A comparable picture of an object: types, values, and which of its parts are one object."""
    if isinstance(x, Tensor | TracedList):
        raise AssertionError(f"a tensor of the trace has been left behind: {x!r}")
    if type(x) in PLAIN_TYPES or isinstance(x, np.generic):
        return type(x).__name__, repr(x)
    if isinstance(x, type | types.FunctionType | types.ModuleType | types.BuiltinFunctionType):
        return "code", getattr(x, "__name__", "")
    if isinstance(x, types.MethodType):
        return "method", describe(x.__self__, kept)
    if type(x) is graphc.function(lambda: 0).__class__ or type(x).__name__ == "BoundFunction":
        return "code", ""
    if isinstance(x, BaseException):
        return type(x).__name__, str(x)
    if type(x) is tuple:
        return "tuple", tuple(describe(item, kept) for item in x)
    if id(x) in kept and kept[id(x)][0] < 0:
        return "seen", -kept[id(x)][0]
    first = id(x) not in kept
    number = len(kept) + 1 if first else kept[id(x)][0]
    kept[id(x)] = (-number, x)
    try:
        return type(x).__name__, number, _parts(x, kept)
    finally:
        kept[id(x)] = (number, x)


def _parts(x: Any, kept: dict[int, tuple[int, Any]]) -> Any:
    if isinstance(x, np.ndarray):
        return str(x.dtype), x.shape, x.tolist().__repr__()
    if isinstance(x, dict):
        return [(describe(k, kept), describe(v, kept)) for k, v in x.items()]
    if isinstance(x, set | frozenset):
        return sorted(repr(item) for item in x)
    if isinstance(x, list | tuple) or type(x).__name__ == "deque":
        return [describe(item, kept) for item in x]
    if dataclasses.is_dataclass(x):
        return [(f.name, describe(getattr(x, f.name), kept)) for f in dataclasses.fields(x)]
    slots = [n for cls in type(x).__mro__ for n in getattr(cls, "__slots__", ())]
    names = [*vars(x)] if hasattr(x, "__dict__") else [n for n in slots if hasattr(x, n)]
    return [(name, describe(getattr(x, name), kept)) for name in names]
