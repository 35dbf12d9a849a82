"""Assignments to items and attributes while tracing, and in-place operators.

On a tensor, `x[i] = v` and `x += v` move its handle. An assignment to an attribute, or to an item
of a list or dict, is made on the object itself and noted in the journal (`places.py`), unless the
region that is being traced has made the object. Classes that do something of their own on
assignment are refused.
"""

from __future__ import annotations

import operator
import types
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.errors import (
    GraphcError,
    StagingError,
    TensorTypeError,
    TensorValueError,
    UnsupportedError,
)
from graphc.frontend.choices import check_choices
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each
from graphc.frontend.places import place_of
from graphc.frontend.refusals import refusal
from graphc.frontend.user_classes import is_users
from graphc.ops import views
from graphc.ops.list_items import is_dynamic
from graphc.ops.lists import TracedList, is_lent
from graphc.ops.python_types import is_zero_d
from graphc.ops.tensor import Tensor, apply, external
from graphc.ops.trace import Trace, Unstageable, current_trace
from graphc.source import located

IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv,
    "//=": operator.ifloordiv, "%=": operator.imod, "**=": operator.ipow, "@=": operator.imatmul,
    "&=": operator.iand, "|=": operator.ior, "^=": operator.ixor, "<<=": operator.ilshift,
    ">>=": operator.irshift,
}  # fmt: skip
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+=": operator.add, "-=": operator.sub, "*=": operator.mul, "/=": operator.truediv,
    "//=": operator.floordiv, "%=": operator.mod, "**=": operator.pow, "@=": operator.matmul,
    "&=": operator.and_, "|=": operator.or_, "^=": operator.xor, "<<=": operator.lshift,
    ">>=": operator.rshift,
}  # fmt: skip
PLAIN_SETTERS = (
    object.__setattr__, BaseException.__setattr__, types.SimpleNamespace.__setattr__,
)  # fmt: skip
MUTATORS = {
    "append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update",
    "setdefault", "popitem", "add", "discard", "appendleft", "popleft", "extendleft", "rotate",
    "__setitem__", "__delitem__",
}  # fmt: skip


def setitem(x: Any, key: Any, value: Any) -> None:
    """`x[key] = value`"""
    if isinstance(x, Chosen):
        each(x, lambda way: setitem(way, key, value))
        return
    trace = current_trace()
    if trace is not None:
        if isinstance(x, np.ndarray):
            x = external(x, trace).handle
        elif not isinstance(x, Tensor):
            if isinstance(x, TracedList) and (x.sequence is not None or is_dynamic(key)):
                note(trace, x, "contents")
                x[key] = value
                return
            if isinstance(x, list | dict):
                key = known_key(key)
            note(trace, x, "contents" if isinstance(key, slice) else "item", key)
    x[key] = value


def known_key(key: Any) -> Any:
    """An index or key of a Python container: it must be known while tracing."""
    return key.concrete("a list index or dict key") if isinstance(key, Tensor) else key


def augitem(symbol: str, x: Any, key: Any, value: Any) -> None:
    """`x[key] op= value`"""
    if isinstance(x, Chosen):
        each(x, lambda way: augitem(symbol, way, key, value))
        return
    trace = current_trace()
    if trace is None:
        x[key] = IN_PLACE[symbol](x[key], value)
        return
    target: Any = external(x, trace).handle if isinstance(x, np.ndarray) else x
    is_tensor = isinstance(target, Tensor)
    if is_tensor:
        target[key] = BINARY[symbol](target[key], value)
    else:
        setitem(x, key, aug(symbol, x[key], value))


def delitem(x: Any, key: Any) -> None:
    """`del x[key]`"""
    if isinstance(x, Chosen):
        each(x, lambda way: delitem(way, key))
        return
    trace = current_trace()
    if trace is not None:
        note(trace, x, "contents")
    del x[key]


def setattr_(x: Any, name: str, value: Any) -> None:
    """`x.name = value`"""
    if isinstance(x, Chosen):
        each(x, lambda way: setattr_(way, name, value))
        return
    trace = current_trace()
    if trace is not None:
        if not isinstance(getattr(type(x), name, None), property):
            note(trace, x, "attribute", name)  # a property's setter is converted, and notes its own
    setattr(x, name, value)


def augattr(symbol: str, x: Any, name: str, value: Any) -> None:
    """`x.name op= value`"""
    setattr_(x, name, aug(symbol, getattr(x, name), value))


def delattr_(x: Any, name: str) -> None:
    """`del x.name`"""
    if isinstance(x, Chosen):
        each(x, lambda way: delattr_(way, name))
        return
    trace = current_trace()
    if trace is not None:
        note(trace, x, "attribute", name)
    delattr(x, name)


def aug(symbol: str, x: Any, value: Any) -> Any:
    """`x op= value`: in place for arrays and containers, a new value for numbers."""
    if isinstance(x, Chosen):
        return each(x, lambda way: aug(symbol, way, value))
    trace = current_trace()
    if trace is None:
        return IN_PLACE[symbol](x, value)
    if isinstance(x, np.ndarray):
        x = external(x, trace).handle
    if isinstance(x, Tensor):
        return _aug_tensor(symbol, x, value)
    if isinstance(x, list | set | dict):
        note(trace, x, "contents")
        if symbol == "+=" and isinstance(x, list):
            x.extend(value)  # list's own `+=` would ask a staged list on the right first
            return x
    elif hasattr(type(x), "__iadd__") and not is_users(type(x)):
        raise refuse(x, f"changing a {type(x).__name__} in place")
    return IN_PLACE[symbol](x, value)


def _aug_tensor(symbol: str, x: Tensor, value: Any) -> Tensor:
    t = x.array_type
    result: Tensor = BINARY[symbol](x, value)
    if not t.shape and not t.weak and x._trace is not None and is_zero_d(x._data, x._trace):
        raise located(
            UnsupportedError,
            "an array without dimensions is changed in place: a graph takes it for a number",
            hint=f"bind a new one: x = x {symbol[:-1]} …, or give it a dimension",
        )
    if not t.shape or not isinstance(result, Tensor):
        return result  # numbers and NumPy scalars are immutable: the name is bound anew
    r = result.array_type
    if not np.can_cast(r.dtype, t.dtype, "same_kind"):
        raise located(
            TensorTypeError,
            f"Cannot cast ufunc '{symbol[:-1]}' output from {r.dtype!r} to {t.dtype!r} with "
            "casting rule 'same_kind'",
        )
    if r.ndim != t.ndim or any(
        a != b for a, b in zip(r.shape, t.shape, strict=True) if None not in (a, b)
    ):
        raise located(
            TensorValueError,
            f"non-broadcastable output operand with shape {t.shape} doesn't match the broadcast "
            f"shape {r.shape}",
        )
    if r.dtype != t.dtype:
        result = apply("cast", result, dtype=t.dtype)
    views.write(x, result)
    return x


def check_method(trace: Trace, owner: Any, name: str) -> None:
    """Note what a method of a container is going to change."""
    if name in MUTATORS and isinstance(owner, list | dict | set | deque):
        note(trace, owner, "contents")


def note(trace: Trace, owner: Any, kind: str, key: Any = None) -> None:
    """Note in the journal that a place of `owner` is about to change.

    What the region being traced has made itself is nobody else's business; but a call that turns
    out to be recursive is traced again (`recursion.py`), and takes back what it did to objects of
    its caller.
    """
    if id(owner) in trace.choices:
        check_choices(trace, owner)
    if is_lent(owner, trace.region):
        raise located(
            Unstageable,
            "changing a list that is an item of a list whose length or index depends on the data",
            hint="use an array with two dimensions, or indices that are known while tracing",
        )
    _, region = trace.local_ids.get(id(owner), (None, None))
    if region is trace.region and trace.local_ids.order[id(owner)] >= trace.born:
        return
    if region is None and not trace.outside.knows(owner) and is_known(owner, kind):
        raise located(
            StagingError,
            f"graphc does not know where this {type(owner).__name__} was made, and cannot change "
            "it",
            hint="make a copy of it in the decorated function, and change that",
        )
    if not is_known(owner, kind):
        raise refuse(owner, f"assigning to an {kind} of a {type(owner).__name__}")
    if kind == "item" and (id(owner), "contents", None) in trace.places:
        kind, key = "contents", None  # a list or dict that also changes as a whole is one place
    place = place_of(trace, owner, kind, key)
    trace.note_move(place, place.get())


def is_known(owner: Any, kind: str) -> bool:
    """Whether assigning does no more than Python's own assignment: it can be taken back."""
    if kind == "attribute":
        setter = type(owner).__setattr__
        plain = setter in PLAIN_SETTERS
        plain = plain and (hasattr(owner, "__dict__") or hasattr(type(owner), "__slots__"))
        return plain and not isinstance(owner, type | types.ModuleType | types.FunctionType)
    return type(owner) in (set, deque) or isinstance(owner, list | dict)


def refuse(owner: Any, what: str) -> GraphcError:
    return refusal("unseen effect", what=what)
