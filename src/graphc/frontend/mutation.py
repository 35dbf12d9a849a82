"""Assignments to items and attributes while tracing, and in-place operators.

On a tensor, `x[i] = v` and `x += v` move its handle. A Python object may be changed where only this run of
the trace can see it: it was made by the function itself, in the region that is being traced. Any other
change would happen once, while tracing, instead of at every call or iteration, and is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.errors import StagingError, TensorTypeError, TensorValueError
from graphc.ir.core import Region
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
MUTATORS = {
    "append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "setdefault",
    "popitem", "add", "discard", "__setitem__", "__delitem__",
}  # fmt: skip


def setitem(x: Any, key: Any, value: Any) -> None:
    """`x[key] = value`"""
    trace = current_trace()
    if trace is not None:
        if isinstance(x, np.ndarray):
            x = external(x, trace).handle
        elif not isinstance(x, Tensor):
            check_local(trace, x, f"assigning to an item of a {type(x).__name__}")
    x[key] = value


def augitem(symbol: str, x: Any, key: Any, value: Any) -> None:
    """`x[key] op= value`"""
    trace = current_trace()
    if trace is None:
        x[key] = IN_PLACE[symbol](x[key], value)
        return
    if isinstance(x, np.ndarray):
        x = external(x, trace).handle
    if isinstance(x, Tensor):
        x[key] = BINARY[symbol](x[key], value)
    else:
        setitem(x, key, aug(symbol, x[key], value))


def delitem(x: Any, key: Any) -> None:
    """`del x[key]`"""
    trace = current_trace()
    if trace is not None:
        check_local(trace, x, f"deleting an item of a {type(x).__name__}")
    del x[key]


def setattr_(x: Any, name: str, value: Any) -> None:
    """`x.name = value`"""
    trace = current_trace()
    if trace is not None:
        check_local(trace, x, f"assigning to the attribute '{name}' of a {type(x).__name__}")
    setattr(x, name, value)


def augattr(symbol: str, x: Any, name: str, value: Any) -> None:
    """`x.name op= value`"""
    setattr_(x, name, aug(symbol, getattr(x, name), value))


def delattr_(x: Any, name: str) -> None:
    """`del x.name`"""
    trace = current_trace()
    if trace is not None:
        check_local(trace, x, f"deleting the attribute '{name}' of a {type(x).__name__}")
    delattr(x, name)


def aug(symbol: str, x: Any, value: Any) -> Any:
    """`x op= value`: in place for arrays and containers, a new value for numbers."""
    trace = current_trace()
    if trace is None:
        return IN_PLACE[symbol](x, value)
    if isinstance(x, np.ndarray):
        x = external(x, trace).handle
    if isinstance(x, Tensor):
        return _aug_tensor(symbol, x, value)
    if isinstance(x, list | set | dict) or hasattr(type(x), "__iadd__"):
        check_local(trace, x, f"changing a {type(x).__name__} in place")
    return IN_PLACE[symbol](x, value)


def _aug_tensor(symbol: str, x: Tensor, value: Any) -> Tensor:
    t = x.array_type
    result: Tensor = BINARY[symbol](x, value)
    if not t.shape or not isinstance(result, Tensor):
        return result  # numbers and NumPy scalars are immutable: the name is bound anew
    r = result.array_type
    if not np.can_cast(r.dtype, t.dtype, "same_kind"):
        raise located(
            TensorTypeError,
            f"Cannot cast ufunc '{symbol[:-1]}' output from {r.dtype!r} to {t.dtype!r} with casting "
            "rule 'same_kind'",
        )
    if r.ndim != t.ndim or any(a != b for a, b in zip(r.shape, t.shape, strict=True) if None not in (a, b)):
        raise located(
            TensorValueError,
            f"non-broadcastable output operand with shape {t.shape} doesn't match the broadcast shape "
            f"{r.shape}",
        )
    if r.dtype != t.dtype:
        result = apply("cast", result, dtype=t.dtype)
    x.move(result._data)
    return x


def check_method(trace: Trace, owner: Any, name: str) -> None:
    """Refuse a method that changes a container which is not the trace's own."""
    if name in MUTATORS and isinstance(owner, list | dict | set):
        check_local(trace, owner, f"{type(owner).__name__}.{name}")


def check_local(trace: Trace, owner: Any, what: str) -> None:
    """Refuse a change of an object unless it was made in the region being traced."""
    _, region = trace.local_ids.get(id(owner), (None, None))
    if region is trace.region:
        return
    if isinstance(region, Region) and region.encloses(trace.region):
        raise located(
            Unstageable,
            f"{what} inside a staged loop or branch would happen once, while tracing",
            hint="use an array (x[i] = v), or return the new value; loops over a Python range or list "
            "are unrolled where that is right",
        )
    raise located(
        StagingError,
        f"{what} that was made outside the decorated function would happen only while tracing",
        hint="return the new value and assign it outside, use a graphc.Variable, or an array (x[i] = v)",
    )
