"""Ops about values themselves: constants, sizes, casts, Python numbers, None and unbound names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.core import Value
from graphc.ir.dense import Dense
from graphc.ir.opdef import CUT, ZERO
from graphc.ir.types import (
    PYBOOL,
    PYINT,
    UNBOUND,
    WEAK_OF,
    Array,
    Type,
    type_of,
)
from graphc.ops.families import general, linear
from graphc.ops.infer import PY_TYPES, array_type
from graphc.ops.tensor import Tensor, apply, numeric_array, numpy_function
from graphc.ops.trace import current_trace


def _constant_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [type_of(attrs["value"].array)]


def _constant(value: Any) -> Any:
    return value.array[()] if value.array.ndim == 0 else value.array


general("constant", _constant, infer=_constant_infer, vjp=CUT, total=True, fresh=False, cheap=True,
        doc="A constant array or NumPy scalar.")  # fmt: skip


def _dim_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [PYINT]


general("dim", lambda x, axis: np.shape(x)[axis], infer=_dim_infer, vjp=CUT, total=True,
        cheap=True, code="np.shape({0})[{axis!r}]",
        doc="One dimension of an array, as a Python int.")  # fmt: skip


def _cast_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [Array(np.dtype(attrs["dtype"]), array_type(operands[0]).shape)]


def _cast(x: Any, dtype: Any) -> Any:
    if isinstance(x, np.ndarray):
        return x.astype(dtype)
    return np.dtype(dtype).type(x)


def _cast_transpose(ct: Tensor, x: Tensor, dtype: Any) -> Tensor:
    return ct  # the engine casts a cotangent to its operand's dtype


linear("cast", _cast, infer=_cast_infer, transpose=_cast_transpose, total=True, cheap=True,
       doc="Change the dtype, as astype does; a Python number becomes a NumPy scalar.")  # fmt: skip


def _python_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    t = array_type(operands[0])
    if any(dim not in (1, None) for dim in t.shape):
        raise TensorTypeError(f"only size-1 arrays can become Python numbers, found {t}")
    return [WEAK_OF[PY_TYPES[attrs["kind"]]]]


def _python(x: Any, kind: str) -> Any:
    return PY_TYPES[kind](x.item() if isinstance(x, np.ndarray) else x)


def _python_transpose(ct: Tensor, x: Tensor, kind: str) -> Tensor:
    spread: Tensor = apply("broadcast_like", ct, x)
    return spread


linear("python", _python, infer=_python_infer, transpose=_python_transpose, cheap=True,
       doc="float(x), int(x), bool(x): a Python number of kind 'f', 'i', 'b' or 'c'.")  # fmt: skip


def _same_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [operands[0].type]


general("stop_gradient", lambda x: x, infer=_same_infer, vjp=CUT,
        total=True, cheap=True, fresh=False, code="{0}",
        doc="The value itself, through which no derivative flows.")  # fmt: skip
linear("identity", lambda x: x, infer=_same_infer, transpose=lambda ct, x: ct,
       total=True, cheap=True, fresh=False, code="{0}",
       doc="The value itself: a new value to differentiate with respect to.")  # fmt: skip
linear("copy", lambda x: x.copy() if isinstance(x, np.ndarray) else x, infer=_same_infer,
       transpose=lambda ct, x: ct, total=True, doc="A copy that shares no memory.")  # fmt: skip


# -- None and unbound --------------------------------------------------------------------------


def unbound_error(name: str, free: bool = False) -> NameError:
    """What Python raises where a variable is read unbound: a local one, or one from around."""
    where = "where it is not associated with a value"
    if free:
        return NameError(f"cannot access free variable '{name}' {where} in enclosing scope")
    return UnboundLocalError(f"cannot access local variable '{name}' {where}")


def _bound(x: Any, name: str, free: bool = False) -> Any:
    if x is UNBOUND:
        raise unbound_error(name, free)
    return x


linear("bound", _bound, infer=lambda operands, attrs: [operands[0].type],
       transpose=lambda ct, x, name, free=False: ct, fresh=False, cheap=True,
       doc="The value, which may be None; where unbound, what Python raises.")  # fmt: skip


def _pybool_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [PYBOOL]


general("is_none", lambda x: x is None, infer=_pybool_infer, vjp=ZERO, total=True, cheap=True,
        code="{0} is None", doc="Whether a value is None.")  # fmt: skip


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor holding `value`: a number, a (nested) list, an array.

    >>> constant([1.0, 2.0])
    <graphc.Tensor: shape=(2,), dtype=float64, numpy=array([1., 2.])>
    """
    data = numeric_array(value.numpy() if isinstance(value, Tensor) else value, dtype)
    if shape is not None:
        data = np.broadcast_to(data, shape).copy()
    trace = current_trace()
    if trace is None:
        return Tensor(data)
    return Tensor(trace.emit("constant", [], {"value": Dense(data)}).result, trace)


def cast(x: Any, dtype: Any) -> Tensor:
    """`x` with another dtype, as ndarray.astype. Shape unchanged."""
    made: Tensor = apply("cast", x, dtype=np.dtype(dtype))
    return made


def stop_gradient(x: Any) -> Tensor:
    """`x`, through which no derivative flows."""
    made: Tensor = apply("stop_gradient", x)
    return made


@numpy_function(np.shape)
def shape(a: Any) -> tuple[Any, ...]:
    """The shape: ints, and traced integers for dimensions known only at run time."""
    return a.shape if isinstance(a, Tensor) else np.shape(a)


@numpy_function(np.ndim)
def ndim(a: Any) -> int:
    """The number of dimensions."""
    return a.ndim if isinstance(a, Tensor) else np.ndim(a)


@numpy_function(np.size)
def size(a: Any, axis: int | None = None) -> Any:
    """The number of elements, or of those along one axis."""
    if not isinstance(a, Tensor):
        return np.size(a, axis)
    return a.size if axis is None else a.shape[axis]
