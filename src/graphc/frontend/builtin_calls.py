"""Python's builtins on traced values: one handler a row in HANDLERS.

A handler takes the caller (to call the user's functions converted) and the builtin's own arguments;
on values that are not traced it is the builtin.
"""

from __future__ import annotations

import builtins
import functools
import operator
import sys
from collections.abc import Callable
from types import FunctionType, NoneType
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.frontend import builtin_ordering as ordering
from graphc.frontend import mutation, text
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each
from graphc.frontend.iterables import (
    StagedRange,
    as_staged,
    consume,
    staged_enumerate,
    staged_range,
    staged_reversed,
    staged_zip,
)
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import truth
from graphc.frontend.values import is_traced, traced
from graphc.ir.types import Maybe, Nothing
from graphc.ops.lists import TracedList, staged_sequence
from graphc.ops.pymath import py_max, py_min
from graphc.ops.python_types import may_be_array, stands_for
from graphc.ops.tensor import Tensor, apply
from graphc.source import located

Handler = Callable[..., Any]

PURE_BUILTINS: set[Any] = {
    chr, divmod, format, frozenset, hash, hex, id, issubclass,
    oct, bin, ord, pow, repr, slice, ascii, object, staticmethod, classmethod, property,
}  # fmt: skip


def _number(kind: str, python: type) -> Handler:
    def handler(caller: Any, *args: Any, **kwargs: Any) -> Any:
        if not any(map(traced, (*args, *kwargs.values()))):
            return python(*args, **kwargs)
        if kwargs or len(args) != 1:
            return _several(python, *args, **kwargs)
        t = args[0].array_type
        if t.weak and t.dtype.kind == kind:
            return args[0]
        return apply("python", args[0], kind=kind)

    return handler


def _several(python: type, real: Any = 0.0, imag: Any = 0.0) -> Any:
    """`complex(real, imag)`; the other number types take several arguments only for strings."""
    if python is complex:
        return apply("py_complex", real, imag)
    raise located(
        TensorTypeError, f"{python.__name__}() can't convert non-string with explicit base"
    )


def _bool(caller: Any, *args: Any) -> Any:
    return apply("truth", args[0]) if args and traced(args[0]) else bool(*args)


def _len(caller: Any, x: Any) -> Any:
    if isinstance(x, TracedList):
        return x.length()
    if isinstance(x, StagedRange):
        return x.count(caller.trace)
    if traced(x):
        if not x.array_type.shape:
            raise located(TensorTypeError, "len() of unsized object")
        return x.shape[0]
    return len(x)


def _range(caller: Any, *bounds: Any) -> Any:
    return staged_range(*bounds) if any(map(traced, bounds)) else range(*bounds)


def _enumerate(caller: Any, iterable: Any, start: Any = 0) -> Any:
    staged = as_staged(consume(iterable, caller.trace), caller.trace)
    if staged is None:
        return _iterator(caller, enumerate(iterable, start))
    return staged_enumerate(staged, caller.trace, start)


def _iterator(caller: Any, made: Any) -> Any:
    """An iterator that has been made here, and can be consumed here."""
    caller.trace.local_ids[id(made)] = (made, caller.trace.region)
    return made


def _zip(caller: Any, *iterables: Any, strict: bool = False) -> Any:
    staged = [as_staged(consume(x, caller.trace), caller.trace) for x in iterables]
    parts = [part for part in staged if part is not None]
    if not iterables or len(parts) < len(staged):
        return _iterator(caller, zip(*iterables, strict=strict))
    if strict and len({part.length for part in parts}) > 1:
        unrolled = [list(part.unrolled()) for part in parts]
        return _iterator(caller, zip(*unrolled, strict=True))
    if strict and None in {part.length for part in parts}:
        raise refusal("strict zip")
    return staged_zip(parts, caller.trace)


def _reversed(caller: Any, iterable: Any) -> Any:
    if staged_sequence(iterable) is not None:
        return iterable[::-1]
    if traced(iterable) or isinstance(iterable, StagedRange):
        return staged_reversed(iterable, caller.trace)
    return _iterator(caller, reversed(iterable))


def _iter(caller: Any, iterable: Any, *sentinel: Any) -> Any:
    if sentinel:
        raise refusal("iter sentinel")
    return _iterator(caller, iter(consume(iterable, caller.trace)))


def _next(caller: Any, iterator: Any, *default: Any) -> Any:
    return next(consume(iterator, caller.trace), *default)


def _abs(caller: Any, x: Any) -> Any:
    return abs(x)


def _round(caller: Any, x: Any, ndigits: Any = None) -> Any:
    if traced(x) and (x.array_type.shape or may_be_array(x)):
        x = apply("not_array", x)
    return round(x) if ndigits is None else round(x, ndigits)


def _isinstance(caller: Any, x: Any, kinds: Any) -> Any:
    return instance_test(x, kinds)


def instance_test(x: Any, kinds: Any) -> Any:
    """`isinstance(x, kinds)`, staged where `x` may be None."""
    if not traced(x):
        return isinstance(x, kinds)
    kinds = tuple(_flat(kinds))
    t = x.type
    if isinstance(t, Nothing):
        return issubclass(NoneType, kinds)
    found = issubclass(stands_for(x.array_type), kinds) or Tensor in kinds
    if may_be_array(x) and found is not issubclass(np.ndarray, kinds) and Tensor not in kinds:
        is_none = isinstance(t, Maybe) and issubclass(NoneType, kinds)
        return apply(
            "is_instance", x, array=issubclass(np.ndarray, kinds), scalar=found, none=is_none
        )
    if not isinstance(t, Maybe) or found is issubclass(NoneType, kinds):
        return found
    is_none = apply("is_none", x)
    return apply("not", is_none) if found else is_none


def _flat(kinds: Any) -> list[Any]:
    if isinstance(kinds, tuple):
        return [kind for item in kinds for kind in _flat(item)]
    return list(getattr(kinds, "__args__", (kinds,)))


def _type(caller: Any, x: Any, *rest: Any) -> Any:
    if not traced(x) or rest:
        return list if isinstance(x, TracedList) else type(x, *rest)
    if isinstance(x.type, Maybe | Nothing) or may_be_array(x):
        raise refusal("unknown type")
    return stands_for(x.array_type)


def _hasattr(caller: Any, x: Any, name: str) -> Any:
    return hasattr(stands_for(x.array_type), name) if traced(x) else hasattr(x, name)


def _getattr(caller: Any, x: Any, name: str, *default: Any) -> Any:
    if default and traced(x) and not hasattr(stands_for(x.array_type), name):
        return default[0]
    return getattr(x, name, *default)


def _setattr(caller: Any, x: Any, name: str, value: Any) -> None:
    mutation.setattr_(x, name, value)


def _callable(caller: Any, x: Any) -> bool:
    return not traced(x) and callable(x)


def _isscalar(caller: Any, x: Any) -> Any:
    if traced(x) and may_be_array(x):
        return apply("is_instance", x, array=False, scalar=True, none=False)
    return not x.array_type.shape if traced(x) else np.isscalar(x)


def _complex(caller: Any, *args: Any, **kwargs: Any) -> Any:
    if len(args) == 2 and any(map(traced, args)):
        return _number("c", complex)(caller, args[0]) + args[1] * 1j
    return _number("c", complex)(caller, *args, **kwargs)


def _reduce(caller: Any, fn: Any, iterable: Any, *initial: Any) -> Any:
    def loop(items: Any, start: Any) -> Any:
        return caller.forms.for_(items, lambda x, s: (caller(fn, s, x),), (start,), ("reduced",))[0]

    if initial:
        return loop(iterable, initial[0])
    items = ordering.listed_items(caller, iterable)
    return loop(items[1:], items[0]) if items else functools.reduce(fn, items)


def _print(
    caller: Any, *args: Any, sep: Any = None, end: Any = None, file: Any = None, flush: bool = False
) -> None:
    """A print op: also text without traced values is printed at every call."""
    if file is not None and file is not sys.stdout:
        raise refusal("print to a file")
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
        if python is list and args and staged_sequence(args[0]) is not None:
            return args[0].copy()
        for arg in args[:1]:
            consume(arg, caller.trace)
        made = python(*args, **kwargs)
        caller.trace.local_ids[id(made)] = (made, caller.trace.region)
        return made

    return handler


def _map(caller: Any, fn: Any, *iterables: Any) -> Any:
    rows = zip(*(consume(x, caller.trace) for x in iterables), strict=False)
    return _iterator(caller, (caller(fn, *items) for items in rows))


def _filter(caller: Any, fn: Any, iterable: Any) -> Any:
    items = consume(iterable, caller.trace)
    return _iterator(caller, (x for x in items if (x if fn is None else caller(fn, x))))


def _pow(caller: Any, base: Any, exponent: Any, mod: Any = None) -> Any:
    return pow(base, exponent) if mod is None else pow(base, exponent, mod)


def cast_to(x: Any, kind: Any) -> Any:
    """`np.float32(x)` of a traced value."""
    made = apply("cast", x, dtype=np.dtype(kind))
    return made[()] if may_be_array(x) else made  # np.float32(np.array(1)) is a scalar


def any_equal(a: Any, b: Any) -> Any:
    """`a in b` for an array b."""
    return apply("truth", apply("any", apply("eq", b, a), axis=None, keepdims=False))


def contains(a: Any, b: Any, or_: Callable[..., Any]) -> Any:
    """`a in b`"""
    if isinstance(b, Chosen):
        return each(b, lambda way: contains(a, way, or_))
    if isinstance(a, Chosen) and not isinstance(b, list | tuple | dict | set | frozenset):
        return each(a, lambda way: contains(way, b, or_))
    if isinstance(b, np.ndarray) and is_traced(a) or isinstance(b, Tensor):
        return any_equal(a, b)
    sequence = staged_sequence(b)
    if sequence is not None:
        return any_equal(a, apply("stack_seq", sequence))
    if isinstance(b, list | tuple | dict | set | frozenset) and (is_traced(a) or is_traced(b)):
        tests = [lambda item=item: item is a or item == a for item in b]
        return or_(tests[0](), *tests[1:]) if tests else False
    own = getattr(type(b), "__contains__", None)
    return truth(own(b, a)) if isinstance(own, FunctionType) else operator.contains(b, a)


HANDLERS: dict[Any, Handler] = {
    builtins.int: _number("i", int),
    builtins.float: _number("f", float),
    builtins.complex: _complex,
    builtins.bool: _bool,
    builtins.len: _len,
    builtins.range: _range,
    builtins.enumerate: _enumerate,
    builtins.zip: _zip,
    builtins.reversed: _reversed,
    builtins.iter: _iter,
    builtins.next: _next,
    builtins.abs: _abs,
    builtins.round: _round,
    builtins.min: ordering.extreme(min, py_min),
    builtins.max: ordering.extreme(max, py_max),
    builtins.sum: ordering.sum_,
    builtins.any: ordering.all_any(any),
    builtins.all: ordering.all_any(all),
    builtins.isinstance: _isinstance,
    builtins.type: _type,
    builtins.hasattr: _hasattr,
    builtins.getattr: _getattr,
    builtins.setattr: _setattr,
    builtins.callable: _callable,
    np.isscalar: _isscalar,
    functools.reduce: _reduce,
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
    builtins.sorted: ordering.sorted_,
    builtins.pow: _pow,
}
