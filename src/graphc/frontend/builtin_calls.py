"""Python's builtins on traced values: one handler a row in HANDLERS.

A handler takes the caller (to call the user's functions converted) and the builtin's own arguments; on
values that are not traced it is the builtin.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import StagingError, TensorTypeError, TensorValueError
from graphc.frontend import text
from graphc.frontend.iterables import (
    StagedIterable,
    as_staged,
    staged_enumerate,
    staged_range,
    staged_reversed,
    staged_zip,
)
from graphc.ir.types import Array, Maybe, Nothing
from graphc.ops.lists import TracedList, staged_sequence
from graphc.ops.pymath import py_max, py_min
from graphc.ops.tensor import Tensor, apply
from graphc.source import located

Handler = Callable[..., Any]

PURE_BUILTINS: set[Any] = {
    callable, chr, divmod, format, frozenset, getattr, hasattr, hash, hex, id, issubclass, iter,
    next, oct, bin, ord, pow, repr, slice, ascii, setattr, object, staticmethod, classmethod, property,
}  # fmt: skip


def traced(x: Any) -> bool:
    return isinstance(x, Tensor) and x.is_traced


def _number(kind: str, python: type) -> Handler:
    def handler(caller: Any, *args: Any, **kwargs: Any) -> Any:
        if args and traced(args[0]):
            t = args[0].array_type
            if t.weak and t.dtype.kind == kind:
                return args[0]
            return apply("python", args[0], kind=kind)
        return python(*args, **kwargs)

    return handler


def _bool(caller: Any, *args: Any) -> Any:
    return apply("truth", args[0]) if args and traced(args[0]) else bool(*args)


def _len(caller: Any, x: Any) -> Any:
    if isinstance(x, TracedList):
        return x.length()
    if traced(x):
        if not x.array_type.shape:
            raise located(TensorTypeError, "len() of unsized object")
        return x.shape[0]
    return len(x)


def _range(caller: Any, *bounds: Any) -> Any:
    return staged_range(*bounds) if any(map(traced, bounds)) else range(*bounds)


def _enumerate(caller: Any, iterable: Any, start: Any = 0) -> Any:
    staged = as_staged(iterable, caller.trace)
    return (
        enumerate(iterable, start)
        if staged is None
        else staged_enumerate(staged, caller.trace, start)
    )


def _zip(caller: Any, *iterables: Any, strict: bool = False) -> Any:
    staged = [as_staged(iterable, caller.trace) for iterable in iterables]
    if not iterables or any(part is None for part in staged):
        return zip(*iterables, strict=strict)
    if strict and len({part.length for part in staged if part is not None}) > 1:
        raise located(TensorValueError, "zip() arguments have different lengths")
    return staged_zip([part for part in staged if part is not None])


def _reversed(caller: Any, iterable: Any) -> Any:
    return staged_reversed(iterable) if traced(iterable) else reversed(iterable)


def _abs(caller: Any, x: Any) -> Any:
    return abs(x)


def _round(caller: Any, x: Any, ndigits: Any = None) -> Any:
    return round(x) if ndigits is None else round(x, ndigits)


def _extreme(python: Handler, fold: Handler, reduction: str) -> Handler:
    def handler(caller: Any, *args: Any, key: Any = None, **kwargs: Any) -> Any:
        items = args[0] if len(args) == 1 else args
        if isinstance(items, StagedIterable) or traced(items):
            if key is None and traced(items):
                return apply(reduction, items, axis=None, keepdims=False)
            items = list(items)
        if staged_sequence(items) is not None and key is None:
            rest = caller.forms.for_(items, lambda x, m: (fold(m, x),), (items[0],), (reduction,))
            return rest[0]
        items = items if isinstance(items, tuple | list) else list(items)
        if not any(map(traced, items)) and key is None:
            return python(*args, **kwargs)
        if key is not None:
            raise located(
                StagingError, f"{python.__name__}(key=…) of traced values is not supported"
            )
        return fold(*items)

    return handler


def _sum(caller: Any, items: Any, start: Any = 0) -> Any:
    if as_staged(items, caller.trace) is not None:  # one after the other, as Python adds
        return caller.forms.for_(items, lambda item, s: (s + item,), (start,), ("sum",))[0]
    total = start
    for item in items:
        total = total + item
    return total


def _all_any(python: Handler) -> Handler:
    def handler(caller: Any, items: Any) -> Any:
        if traced(items):
            return apply(
                "truth", apply("all" if python is all else "any", items, axis=None, keepdims=False)
            )
        listed = list(items)
        if not any(map(traced, listed)):
            return python(listed)
        result: Any = apply("truth", listed[0])
        for item in listed[1:]:
            both = apply("logical_and" if python is all else "logical_or", result, item)
            result = apply("truth", both)
        return result

    return handler


def _isinstance(caller: Any, x: Any, kinds: Any) -> Any:
    if not traced(x):
        return isinstance(x, kinds)
    kinds = tuple(_flat(kinds))
    t = x.type
    if isinstance(t, Nothing):
        return issubclass(NoneType, kinds)
    found = issubclass(stands_for(x.array_type), kinds) or Tensor in kinds
    if not isinstance(t, Maybe) or found is issubclass(NoneType, kinds):
        return found
    is_none = apply("is_none", x)
    return apply("not", is_none) if found else is_none


def _flat(kinds: Any) -> list[Any]:
    if isinstance(kinds, tuple):
        return [kind for item in kinds for kind in _flat(item)]
    return list(getattr(kinds, "__args__", (kinds,)))


def stands_for(t: Array) -> type:
    """The Python type that a traced value has in the undecorated function."""
    if t.weak:
        return {"b": bool, "i": int, "f": float, "c": complex}[t.dtype.kind]
    return np.ndarray if t.shape else t.dtype.type


def _type(caller: Any, x: Any, *rest: Any) -> Any:
    return stands_for(x.array_type) if traced(x) and not rest else type(x, *rest)


def _print(
    caller: Any, *args: Any, sep: Any = None, end: Any = None, file: Any = None, flush: bool = False
) -> None:
    """A print op: also text without traced values is printed at every call."""
    if file is not None and file is not sys.stdout:
        raise located(
            StagingError, "print(file=…) inside a decorated function is not supported",
            hint="print to standard output, or write after the function has returned",
        )  # fmt: skip
    staged = text.printed(args, sep, end)
    caller.trace.emit("print", [v._data for v in staged.values], {"parts": staged.parts})


def _str(caller: Any, *args: Any, **kwargs: Any) -> Any:
    if args and text.is_staged(args[0]):
        return text.fstring((args[0], "s", ""))
    return str(*args, **kwargs)


def _format(caller: Any, value: Any, spec: str = "") -> Any:
    return text.fstring((value, "", spec)) if text.is_staged(value) else format(value, spec)


def _repr(caller: Any, x: Any) -> Any:
    return text.fstring((x, "r", "")) if text.is_staged(x) else repr(x)


def _container(python: type) -> Handler:
    def handler(caller: Any, *args: Any, **kwargs: Any) -> Any:
        made = python(*args, **kwargs)
        caller.trace.local_ids[id(made)] = (made, caller.trace.region)
        return made

    return handler


def _map(caller: Any, fn: Any, *iterables: Any) -> Any:
    return (caller(fn, *items) for items in zip(*iterables, strict=False))


def _filter(caller: Any, fn: Any, iterable: Any) -> Any:
    return (item for item in iterable if (item if fn is None else caller(fn, item)))


def _sorted(caller: Any, iterable: Any, *, key: Any = None, reverse: bool = False) -> Any:
    if traced(iterable) and key is None:
        rows = list(apply("sort", iterable, axis=0))
        return rows[::-1] if reverse else rows
    items = list(iterable)
    if any(map(traced, tree.flatten(items)[0])):
        raise located(
            StagingError, "sorted() of a list of traced values is not supported",
            hint="use np.sort or np.argsort of an array",
        )  # fmt: skip
    return sorted(items, key=key, reverse=reverse)


def _pow(caller: Any, base: Any, exponent: Any, mod: Any = None) -> Any:
    return pow(base, exponent) if mod is None else pow(base, exponent, mod)


def cast_to(x: Any, kind: Any) -> Any:
    """`np.float32(x)` of a traced value."""
    return apply("cast", x, dtype=np.dtype(kind))


def any_equal(a: Any, b: Any) -> Any:
    """`a in b` for an array b."""
    return apply("truth", apply("any", apply("eq", b, a), axis=None, keepdims=False))


HANDLERS: dict[Any, Handler] = {
    builtins.int: _number("i", int),
    builtins.float: _number("f", float),
    builtins.complex: _number("c", complex),
    builtins.bool: _bool,
    builtins.len: _len,
    builtins.range: _range,
    builtins.enumerate: _enumerate,
    builtins.zip: _zip,
    builtins.reversed: _reversed,
    builtins.abs: _abs,
    builtins.round: _round,
    builtins.min: _extreme(min, py_min, "min"),
    builtins.max: _extreme(max, py_max, "max"),
    builtins.sum: _sum,
    builtins.any: _all_any(any),
    builtins.all: _all_any(all),
    builtins.isinstance: _isinstance,
    builtins.type: _type,
    builtins.print: _print,
    builtins.str: _str,
    builtins.repr: _repr,
    builtins.format: _format,
    builtins.list: _container(list),
    builtins.tuple: _container(tuple),
    builtins.dict: _container(dict),
    builtins.set: _container(set),
    builtins.map: _map,
    builtins.filter: _filter,
    builtins.sorted: _sorted,
    builtins.pow: _pow,
}
