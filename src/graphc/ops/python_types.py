"""The Python type that a traced value stands for, and what its attributes are therefore."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.errors import TensorAttributeError
from graphc.ir.core import BRANCHES, Op, Region, Value
from graphc.ir.opdef import opdef
from graphc.ir.types import Array
from graphc.ops.families import general
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace
from graphc.source import located

# Operations whose results without dimensions may be arrays: NumPy does not make scalars of them.
ALSO_ARRAYS = {
    "cast", "copy", "reshape", "squeeze", "transpose", "broadcast_to", "full", "constant",
}  # fmt: skip


def stands_for(t: Array) -> type:
    """The Python type that a traced value has in the undecorated function."""
    if t.weak:
        return {"b": bool, "i": int, "f": float, "c": complex}[t.dtype.kind]
    return np.ndarray if t.shape else t.dtype.type


def may_be_array(x: Tensor) -> bool:
    """Whether a traced value without dimensions may be an array of one element, not a NumPy scalar.

    The graph does not tell them apart. Operations and items of arrays are scalars.
    """
    t = x.array_type
    if t.weak or t.shape:
        return False
    owner = x._data.owner
    if isinstance(owner, Region):
        return owner.parent is None
    if not isinstance(owner, Op):
        return False
    return owner.name in ALSO_ARRAYS or opdef(owner).family == "structured"


def is_zero_d(value: Value, trace: Trace) -> bool:
    """Whether a value without dimensions is, on some path, an array rather than a NumPy scalar."""
    todo, seen = [value], {value}
    while todo:
        each = todo.pop()
        owner = each.owner
        if each in trace.zero_d:
            return True
        if not isinstance(owner, Op):
            continue
        if owner.name in ALSO_ARRAYS - {"cast"}:
            return True
        more: list[Value] = []
        if owner.name in BRANCHES:
            index = owner.results.index(each)
            more = [arm.results[index] for arm in owner.regions if not arm.never]
        elif owner.name == "loop":
            index = owner.results.index(each)
            more = [*owner.operands[index : index + 1], owner.regions[0].results[index]]
        todo += [other for other in more if other not in seen]
        seen.update(more)
    return False


def _not_array(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        raise TypeError("type numpy.ndarray doesn't define __round__ method")
    return x


general("not_array", _not_array, infer=lambda operands, attrs: [operands[0].type],
        vjp=(lambda ct, z, x: ct,), doc="The number itself; an array is not rounded.")  # fmt: skip


def _missing(self: Tensor, name: str) -> Any:
    """An attribute that Tensor lacks: an error as Python's own where the value lacks it as well."""
    if name.startswith("__") or not self.is_traced:
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
    kind = stands_for(self.array_type)
    full = kind.__name__ if kind.__module__ == "builtins" else f"numpy.{kind.__name__}"
    if not hasattr(kind, name):
        raise AttributeError(f"'{full}' object has no attribute '{name}'", name=name, obj=self)
    raise located(
        TensorAttributeError,
        f"the attribute '{name}' of a {full} is not supported while tracing",
        hint="compute it outside the decorated function, or with graphc.host_call",
    )


setattr(Tensor, "__getattr__", _missing)  # noqa: B010

__all__: list[str] = []
