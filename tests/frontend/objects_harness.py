"""Running a program twice, plain and decorated, and comparing all that anyone could notice.

A *case* is a function of a decorator that makes a small world and returns `(f, calls, watch)`: what
to call, the argument tuples of successive calls, and an object to look at after each. It is run
once with `lambda f: f` and once with `graphc.function`; worlds are made anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import io
import tracemalloc
import types
from collections.abc import Callable
from typing import Any

import numpy as np

import graphc
from graphc.errors import GraphcError
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor

Kept = dict[int, tuple[int, Any]]  # objects met so far, numbered
Case = Callable[[Callable[[Any], Any]], tuple[Any, list[tuple[Any, ...]], Any]]
PLAIN_TYPES = (int, float, complex, bool, str, bytes, type(None), range, slice)


@dataclasses.dataclass
class Outcome:
    """What a call printed and gave, and pictures of arguments and world before and after it."""

    printed: str
    result: Any
    before: Any
    after: Any


def outcomes(case: Case, decorator: Callable[[Any], Any]) -> list[Outcome]:
    """What each of the calls did."""
    f, calls, watch = case(decorator)
    kept: Kept = {}
    found = []
    for args in calls:
        before = describe((args, watch), kept)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
            try:
                result = ("returned", f(*args))
            except Exception as error:
                if isinstance(error, GraphcError):
                    raise
                result = ("raised", error)
        after = describe((args, watch), kept)
        found.append(Outcome(printed.getvalue(), describe(result, kept), before, after))
    return found


def check(case: Case, identity: bool = True) -> None:
    """Plain and decorated do the same, call by call: after an exception, too."""
    expected = outcomes(case, lambda f: f)
    got = outcomes(case, graphc.function)
    for n, (plain, ours) in enumerate(zip(expected, got, strict=True), 1):
        if not identity:
            plain, ours = map(without_numbers, (plain, ours))
        assert (plain.printed, plain.result) == (ours.printed, ours.result), f"call {n}"
        assert plain.after == ours.after, f"call {n}"


def without_numbers(x: Any) -> Any:
    """A picture without which parts are one object."""
    if isinstance(x, Outcome):
        return Outcome(*map(without_numbers, (x.printed, x.result, x.before, x.after)))
    if isinstance(x, tuple) and len(x) == 3 and type(x[1]) is int:
        return x[0], without_numbers(x[2])
    return type(x)(map(without_numbers, x)) if isinstance(x, tuple | list) else x


def check_memory(case: Case, calls: int) -> None:
    """Many calls leave nothing behind."""
    f, arguments, _ = case(graphc.function)
    for args in arguments * 20:
        f(*args)
    gc.collect()
    tracemalloc.start()
    try:
        for i in range(calls):
            f(*arguments[i % len(arguments)])
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert grown < 200_000, grown


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


def describe(x: Any, kept: Kept) -> Any:
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
        why = describe((x.__cause__, x.__context__), kept)
        return type(x).__name__, str(x), why, x.__suppress_context__
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


def _parts(x: Any, kept: Kept) -> Any:
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
