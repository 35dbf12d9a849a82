"""Helpers for type inference: broadcasting with unknown dimensions, NumPy's own dtype rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from graphc.errors import AxisError, ShapeError, TensorTypeError
from graphc.ir.core import Value
from graphc.ir.types import WEAK_OF, Array, Dim, Maybe, Shape, Type
from graphc.source import located

Infer = Callable[[Sequence[Value], dict[str, Any]], list[Type]]

SAMPLES: dict[str, tuple[Any, ...]] = {"b": (True,), "i": (2,), "f": (2.0,), "c": (2j,)}
PY_TYPES: dict[str, type] = {"b": bool, "i": int, "f": float, "c": complex}


def array_type(value: Value) -> Array:
    """The type of an operand that must be an array or a number."""
    if isinstance(value.type, Array):
        return value.type
    if isinstance(value.type, Maybe) and isinstance(value.type.type, Array):
        return value.type.type
    raise TensorTypeError(f"expected an array or a number, not {value.type}")


def array_types(operands: Sequence[Value]) -> list[Array]:
    return [array_type(value) for value in operands]


def broadcast(*shapes: Shape) -> Shape:
    """NumPy's broadcasting of shapes with unknown dimensions.

    >>> broadcast((3, 1), (None,))
    (3, None)
    >>> broadcast((None, 3), (2, 1))
    (2, 3)
    """
    ndim = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(_broadcast_dims(dims, shapes) for dims in zip(*padded, strict=True))


def _broadcast_dims(dims: tuple[Dim, ...], shapes: tuple[Shape, ...]) -> Dim:
    known = {dim for dim in dims if dim is not None and dim != 1}
    if len(known) > 1:
        text = " and ".join(show_shape(shape) for shape in shapes)
        raise ShapeError(f"operands of shapes {text} cannot be broadcast together")
    if known:
        return known.pop()
    return None if None in dims else 1


def show_shape(shape: Shape) -> str:
    dims = ", ".join("?" if dim is None else str(dim) for dim in shape)
    return f"({dims},)" if len(shape) == 1 else f"({dims})"


def static_int(value: Value) -> Dim:
    """The integer an operand is, where it is a literal; None where known only at run time."""
    if value.is_literal and isinstance(value.literal, int):
        return int(value.literal)
    return None


def normalize_axis(axis: int, ndim: int) -> int:
    """A non-negative axis; raises AxisError, which is NumPy's too, when it is out of range."""
    if not -ndim <= axis < ndim:
        raise located(AxisError, f"axis {axis} is out of bounds for array of dimension {ndim}")
    return axis % ndim


def normalize_axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """All the axes of a reduction, non-negative; None means every axis."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    result = tuple(normalize_axis(a, ndim) for a in axes)
    if len(set(result)) != len(result):
        raise TensorTypeError(f"axis {axis} names an axis twice")
    return result


def reduced_shape(shape: Shape, axis: int | tuple[int, ...] | None, keepdims: bool) -> Shape:
    axes = normalize_axes(axis, len(shape))
    if keepdims:
        return tuple(1 if i in axes else dim for i, dim in enumerate(shape))
    return tuple(dim for i, dim in enumerate(shape) if i not in axes)


def infer_ufunc(ufunc: np.ufunc) -> Infer:
    """Inference for a NumPy ufunc: its own dtype resolution (NEP 50) and broadcasting."""

    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        types = array_types(operands)
        dtypes = ufunc_dtypes(ufunc, tuple((t.dtype, t.weak) for t in types))
        shape = broadcast(*(t.shape for t in types))
        return [Array(dtype, shape) for dtype in dtypes]

    return infer


@lru_cache(maxsize=4096)
def ufunc_dtypes(
    ufunc: np.ufunc, operands: tuple[tuple[np.dtype[Any], bool], ...]
) -> tuple[np.dtype[Any], ...]:
    """The output dtypes of a ufunc on operands of these (dtype, weak) kinds."""
    all_weak = all(weak for _, weak in operands)
    args = tuple(
        PY_TYPES[dtype.kind] if weak and not all_weak and dtype.kind != "b" else dtype
        for dtype, weak in operands
    )
    try:
        resolved = ufunc.resolve_dtypes(args + (None,) * ufunc.nout)
    except TypeError as error:
        names = " and ".join(str(dtype) for dtype, _ in operands)
        raise TensorTypeError(f"{ufunc.__name__} is not defined for {names}: {error}") from None
    return tuple(dtype.newbyteorder("=") for dtype in resolved[ufunc.nin :])


def infer_operator(python: Callable[..., Any], ufunc: np.ufunc) -> Infer:
    """Inference for a Python operator: Python's rules between Python numbers, else the ufunc's."""
    of_arrays = infer_ufunc(ufunc)

    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        types = array_types(operands)
        if all(t.weak for t in types):
            return [python_result(python, tuple(t.dtype.kind for t in types))]
        return of_arrays(operands, attrs)

    return infer


@lru_cache(maxsize=1024)
def python_result(python: Callable[..., Any], kinds: tuple[str, ...]) -> Array:
    """The type Python gives an operator on numbers of these kinds, found by trying it."""
    try:
        result = python(*(SAMPLES[kind][0] for kind in kinds))
    except TypeError as error:
        raise TensorTypeError(str(error)) from None
    return WEAK_OF[type(result)]
