"""Guards: whether what a trace has read of the outside is still what it was."""

from __future__ import annotations

import operator
import types
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from graphc import tree
from graphc.frontend.places import attributes_of
from graphc.frontend.user_classes import is_foreign, is_users
from graphc.ir.types import Type, type_of

Guard = Callable[[], bool]
MISSING = object()
MAX_DEPTH = 6


def type_or_none(x: Any) -> Type | None:
    try:
        return type_of(x)
    except TypeError:
        return None


def unchanged(now: Any, before: Any) -> bool:
    """Whether a value that was read is still the same object, or the same number or text."""
    return now is before or isinstance(now, int | float | str | complex) and same(now, before)


def same(now: Any, before: Any) -> bool:
    """Whether two numbers or strings are the same in every way: 0.0 is not -0.0, and 1 not True."""
    return type(now) is type(before) and now == before and (now != 0 or repr(now) == repr(before))


def still(now: Any, before: Any) -> bool:
    """Whether a value is still what it was, for a trace that reads arrays anew at each call: an
    array may be another one of the same type.
    """
    if now is before:
        return True
    if isinstance(before, np.ndarray):
        return isinstance(now, np.ndarray) and type_or_none(now) == type_or_none(before)
    return unchanged(now, before)


def same_attributes(x: Any, before: dict[str, Any], lifted: set[str]) -> bool:
    now = attributes_of(x)
    return len(now) == len(before) and all(
        type(now.get(name, MISSING)) is type(value)
        if name in lifted
        else still(now.get(name, MISSING), value)
        for name, value in before.items()
    )


def contents_guard(container: Any, items: list[Any], lifted: list[bool]) -> Guard:
    keys = list(container) if isinstance(container, dict) else None

    def guard() -> bool:
        now = items_of(container)
        return (
            (keys is None or len(keys) == len(now) and all(map(_same_key, keys, container)))
            and len(now) == len(items)
            and all(
                type(a) is type(b) if lift else still(a, b)
                for a, b, lift in zip(now, items, lifted, strict=True)
            )
        )

    return guard


def _same_key(before: Any, now: Any) -> bool:
    return type(now) is type(before) and bool(now == before)


def items_of(x: Any) -> list[Any]:
    parts = tree.children_of(x)
    return parts[1] if parts is not None else []


# -- functions and classes -------------------------------------------------------------------------


def defaults_guard(fn: types.FunctionType) -> Guard:
    """That a function has the code and defaults that it had; what is in these is guarded where they
    are read.
    """
    defaults, named = fn.__defaults__, dict(fn.__kwdefaults__ or {})
    code = fn.__code__

    def guard() -> bool:
        now = fn.__kwdefaults__ or {}
        is_same = fn.__defaults__ is defaults and fn.__code__ is code
        return is_same and (
            not (now or named)
            or now.keys() == named.keys()
            and all(unchanged(now[name], value) for name, value in named.items())
        )

    return guard


def attribute_guards(holders: Iterable[Any], codes: Iterable[types.CodeType]) -> list[Guard]:
    """For classes and functions that a trace has met: their attributes, as far as the code that was
    traced has such names.

    They are read as Python reads them, with nobody watching.
    """
    names = {name for code in codes for name in names_in(code, strings=True)}
    guards: list[Guard] = []
    todo, seen = list(holders), set[int]()
    while todo:
        holder = todo.pop()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        kinds = holder.__mro__ if isinstance(holder, type) else (holder,)
        known = {name for kind in kinds for name in vars(kind)} & names
        found = {name: vars(holder).get(name, MISSING) for name in sorted(known)}
        if found:
            guards.append(_attributes_guard(vars(holder), found))
            guards += [_depth_guard(x) for x in found.values() if _parts(x) is not None]
            todo += filter(is_holder, found.values())
        todo += filter(is_holder, getattr(holder, "__bases__", ()))
    return guards


def is_holder(x: Any) -> bool:
    """Whether something has attributes which are read with nobody watching."""
    return isinstance(x, types.FunctionType) or isinstance(x, type) and is_users(x)


def names_in(code: types.CodeType, strings: bool = False) -> dict[str, None]:
    """The names of globals and attributes in a code and in those nested in it, in order; with
    `strings` also what may be the name of an attribute.
    """
    names = dict.fromkeys(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= names_in(const, strings)
        elif strings and isinstance(const, str):
            names[const] = None
    return names


def _attributes_guard(attributes: Mapping[str, Any], found: dict[str, Any]) -> Guard:
    names, values = tuple(found), tuple(found.values())
    absent = (MISSING,) * len(names)

    def guard() -> bool:
        if all(map(operator.is_, map(attributes.get, names, absent), values)):
            return True
        return all(map(unchanged, map(attributes.get, names, absent), values))

    return guard


def _parts(x: Any) -> list[Any] | None:
    """The keys and items of a container, or the names and attributes of an object."""
    if isinstance(x, set | deque):
        return list(x)
    parts = tree.children_of(x)
    if parts is not None:
        return [*(parts[0] or ()), *parts[1]]
    if isinstance(x, type | types.FunctionType | types.ModuleType) or is_foreign(type(x)):
        return None
    held = attributes_of(x)
    return [*held, *held.values()]


def _depth_guard(x: Any) -> Guard:
    """That what is in a container or object, and in those in it, is what it was."""
    before = list(_flat(x, MAX_DEPTH))

    def guard() -> bool:
        now = list(_flat(x, MAX_DEPTH))
        return len(now) == len(before) and all(map(unchanged, now, before))

    return guard


def _flat(x: Any, depth: int) -> Iterable[Any]:
    parts = (_parts(x) if depth else None) or []
    yield len(parts)
    for part in parts:
        yield part
        yield from _flat(part, depth - 1)
