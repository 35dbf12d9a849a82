"""`host_call` and `pure_call`: Python functions that the program calls when it runs.

`host_call` is an effect: called each time, in order with other effects. `pure_call` has none: it
may be called less often, or again on the way back. Neither has a derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GradientError, TensorTypeError
from graphc.ir.core import Value
from graphc.ir.opdef import Pullback
from graphc.ir.types import WEAK_OF, Array, Type, type_of
from graphc.ops.families import general
from graphc.ops.tensor import Tensor
from graphc.runtime import host as kernels
from graphc.source import located


def _infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return list(attrs["types"])


def _no_derivative(needs: Any, cts: Any, zs: Any, operands: Any, attrs: dict[str, Any]) -> Any:
    name = getattr(attrs["fn"], "__qualname__", "the function")
    raise located(
        GradientError,
        f"a host call has no derivative, and one of {name} is asked for",
        hint="use graphc.stop_gradient on its arguments or its result",
    )


general("host_call", kernels.call_once, infer=_infer, vjp=Pullback(_no_derivative), effect=True,
        doc="A Python function that the program calls, for its effect and its result.")  # fmt: skip
general("pure_call", kernels.call, infer=_infer, vjp=Pullback(_no_derivative),
        doc="A Python function without effects, called when the program runs.")  # fmt: skip


def read_spec(spec: Any) -> tuple[tree.Structure | None, tuple[Array, ...]]:
    """The structure and types that `result=` describes; (None, ()) for None.

    spec  ::=  int | float | bool | complex  |  a dtype (a NumPy scalar)  |  (dtype, shape)
            |  an example: array or number   |  a tuple, list or dict of specs
    """
    if spec is None:
        return None, ()
    types: list[Array] = []
    structure = _structure(spec, types)
    return structure, tuple(types)


def _structure(spec: Any, types: list[Array]) -> tree.Structure:
    parts = None if _is_pair(spec) else tree.children_of(spec)
    if parts is None:
        types.append(_leaf_type(spec))
        return tree.LEAF
    keys, items = parts
    return tree.Node(type(spec), keys, tuple(_structure(item, types) for item in items))


def _is_pair(spec: Any) -> bool:
    """Whether a spec is (dtype, shape)."""
    if type(spec) is not tuple or len(spec) != 2 or type(spec[1]) is not tuple:
        return False
    return all(n is None or type(n) is int for n in spec[1]) and isinstance(
        spec[0], type | np.dtype | str
    )


def _leaf_type(spec: Any) -> Array:
    try:
        if isinstance(spec, type) and spec in WEAK_OF:
            return WEAK_OF[spec]
        if isinstance(spec, Tensor):
            return spec.array_type
        if _is_pair(spec):
            return Array(np.dtype(spec[0]), spec[1])
        is_dtype = isinstance(spec, type | np.dtype | str)
        kind = Array(np.dtype(spec), ()) if is_dtype else type_of(spec)
    except (TypeError, ValueError):
        kind = None
    if not isinstance(kind, Array):
        raise located(
            TensorTypeError,
            f"result={spec!r:.60} does not describe a value",
            hint="give float, np.float64, (np.float64, (3, None)), an example array, or a tuple of "
            "these",
        )
    return kind


def fits(x: Any, expected: Array) -> bool:
    """Whether a value is of a type, whose unknown dimensions fit any."""
    try:
        kind = type_of(x)
    except TypeError:
        return False
    if not isinstance(kind, Array) or (kind.weak, kind.dtype) != (expected.weak, expected.dtype):
        return False
    return len(kind.shape) == len(expected.shape) and all(
        want in (None, dim) for dim, want in zip(kind.shape, expected.shape, strict=True)
    )


__all__: list[str] = []
