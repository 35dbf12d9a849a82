"""What the op modules share: result types found by trying, options refused, axes read.

A kernel that is not a ufunc has no `resolve_dtypes`; its result type is found by running it once on
arrays of a single element, and remembered.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from graphc.errors import GraphcError, TensorTypeError
from graphc.ir.types import WEAK_OF, Array, type_of
from graphc.ops.arguments import index, unsupported
from graphc.ops.infer import SAMPLES, normalize_axis
from graphc.ops.tensor import Tensor

Axis = int | tuple[int, ...] | None


def sampled_type(kernel: Callable[..., Any], types: tuple[Array, ...], **attrs: Any) -> Array:
    """The dtype, rank and weakness of `kernel`'s result on operands of these types."""
    kinds = tuple((t.dtype, t.weak, t.ndim) for t in types)
    return _sampled_type(kernel, kinds, tuple(sorted(attrs.items())))


@lru_cache(maxsize=4096)
def _sampled_type(
    kernel: Callable[..., Any],
    kinds: tuple[tuple[np.dtype[Any], bool, int], ...],
    attrs: tuple[tuple[str, Any], ...],
) -> Array:
    operands = [
        SAMPLES[dtype.kind][0] if weak else np.ones((1,) * ndim, dtype)
        for dtype, weak, ndim in kinds
    ]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = type_of(kernel(*operands, **dict(attrs)))
    except GraphcError:
        raise
    except TypeError as error:
        raise TensorTypeError(str(error)) from None
    if not isinstance(result, Array):
        raise TensorTypeError(f"expected an array or a number, not {result}")
    return result


def refuse(function: str, **options: Any) -> None:
    """Raise UnsupportedError for the first option that was given a value of its own.

    None, `where=True`, and NumPy's marker for an option not given stand for "not given".
    """
    for option, value in options.items():
        given = value is not None and value is not np._NoValue
        if given and not (option == "where" and value is True):
            raise unsupported(function, f"the option {option}=", f"leave {option}= out")


def number_of(x: Any) -> Any:
    """The Python number that an operand is known to be, wherever it is used; else None.

    An eager tensor is not such: a tape may be watching it.
    """
    if type(x) in WEAK_OF:
        return x
    if isinstance(x, Tensor) and x.is_traced and x._data.is_literal:
        literal = x._data.literal
        return literal if type(literal) in WEAK_OF else None
    return None


def static_axis(axis: Any, rank: int) -> Axis:
    """An axis, or a tuple of them, as ints counted from the front; None stays None.

    Out of range is NumPy's AxisError, a repeat its ValueError; a traced number must be known.
    """
    if axis is None:
        return None
    if not isinstance(axis, tuple):
        return normalize_axis(index(axis), rank)
    axes = tuple(normalize_axis(index(a), rank) for a in axis)
    if len(set(axes)) != len(axes):
        raise ValueError("duplicate value in 'axis'")
    return axes
