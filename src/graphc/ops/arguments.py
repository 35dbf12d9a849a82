"""Reading the arguments of NumPy-like functions: arrays, shapes, axes, unsupported options."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import ShapeError, TensorTypeError, UnsupportedError
from graphc.ir.core import Value
from graphc.ops.infer import array_type, normalize_axis
from graphc.ops.tensor import NUMPY, Tensor, apply, asarray_nested
from graphc.source import located, user_location


def as_array(x: Any) -> Any:
    """A list or tuple as one array; anything else unchanged."""
    return asarray_nested(x) if isinstance(x, list | tuple) else x


def ndim(x: Any) -> int:
    return x.ndim if isinstance(x, Tensor) else np.ndim(x)


def dtype_of(x: Any) -> np.dtype[Any]:
    """The dtype an operand has as an array."""
    return x.dtype if isinstance(x, Tensor) else np.asarray(x).dtype


def static_shape(x: Any) -> tuple[int | None, ...]:
    """The shape, None where a dimension is known only at run time. Emits nothing."""
    return x.array_type.shape if isinstance(x, Tensor) else np.shape(x)


def index(x: Any) -> int:
    """A number that must be known while tracing: an axis, an offset."""
    return operator.index(x)


def axes(axis: Any, rank: int) -> tuple[int, ...]:
    """An axis, a tuple of axes, or None for all of them; non-negative."""
    if axis is None:
        return tuple(range(rank))
    if isinstance(axis, list | tuple):
        result = tuple(normalize_axis(index(a), rank) for a in axis)
        if len(set(result)) != len(result):
            raise shape_error(f"repeated axis in {tuple(axis)}")
        return result
    return (normalize_axis(index(axis), rank),)


def dims(shape: Any) -> tuple[Any, ...]:
    """A shape argument as dimensions, each a Python int or an integer tensor of rank 0."""
    if isinstance(shape, Tensor) and shape.ndim == 1:
        return tuple(shape)
    if isinstance(shape, np.ndarray):
        shape = shape.tolist()
    return tuple(map(_dim, shape if isinstance(shape, list | tuple) else (shape,)))


def _dim(dim: Any) -> Any:
    if not isinstance(dim, Tensor):
        return operator.index(dim)
    if dim.ndim or dim.dtype.kind not in "iub":
        raise located(
            TensorTypeError,
            f"a dimension must be an integer, found a tensor of type {dim.type}",
            user_location(),
        )
    return dim


def check_dims(operands: Sequence[Value], function: str) -> None:
    """Refuse dimensions that are not integers of rank 0, as NumPy does when it runs."""
    for value in operands:
        t = array_type(value)
        if t.shape or t.dtype.kind not in "iub":
            raise located(
                TensorTypeError, f"{function}: '{t}' cannot be a dimension", user_location()
            )


def shape_error(message: str, hint: str | None = None) -> ShapeError:
    return located(ShapeError, message, user_location(), hint)


def unsupported(function: str, option: str, hint: str | None = None) -> UnsupportedError:
    """The error for an option of a NumPy function that graphc does not have."""
    return located(
        UnsupportedError, f"{function}: {option} is not supported on tensors", user_location(), hint
    )


def refuse_options(function: str, **options: tuple[Any, Any]) -> None:
    """Refuse each option, given as (value, default), that is not at its default."""
    for name, (value, default) in options.items():
        if value is not default and not (type(value) is type(default) and value == default):
            raise unsupported(function, f"the option {name}={value!r}")


def cast_to(x: Any, dtype: Any) -> Any:
    """x as an array of `dtype`; unchanged where dtype is None."""
    return x if dtype is None else apply("cast", x, dtype=np.dtype(dtype))


def tuple_code(texts: Sequence[str]) -> str:
    """A tuple in generated code."""
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def numpy_op(function: Any) -> Any:
    """The graphc function behind a NumPy function: for composing ops across modules."""
    return NUMPY.functions[function]


def existing(module: Any, *names: str) -> list[Any]:
    """The functions of these names that this version of NumPy has."""
    return [getattr(module, name) for name in names if hasattr(module, name)]
