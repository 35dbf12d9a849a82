"""Arrays from numbers, lists and other arrays: array, asarray, copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.ops import arguments as args
from graphc.ops.python_types import may_be_array
from graphc.ops.tensor import Tensor, apply, numpy_function

__all__ = ["array", "asarray", "copy"]


def array(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False,
    ndmin: int = 0, like: Any = None,
) -> Any:  # fmt: skip
    """np.array: a new array of a number, a (nested) list of numbers and tensors, or an array."""
    args.refuse_options("np.array", subok=(subok, False), like=(like, None))
    x = asarray(object, dtype)
    if ndmin > args.ndim(x):
        x = apply("expand_dims", x, axis=tuple(range(ndmin - args.ndim(x))))
    if not copy:
        return x
    return apply("copy", x) if args.ndim(x) else apply("full", x, dtype=args.dtype_of(x))


def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None,
    like: Any = None,
) -> Any:  # fmt: skip
    """np.asarray: `a` itself where it is an array of that dtype, else a new one."""
    args.refuse_options("np.asarray", device=(device, None), like=(like, None))
    if order not in (None, "C", "K", "A"):
        raise args.unsupported("np.asarray", f"the option order={order!r}")
    x = args.as_array(a)
    kind = args.dtype_of(x) if dtype is None else np.dtype(dtype)
    if not args.ndim(x) and not _may_be_array(x):
        return apply("full", x, dtype=kind)  # `cast` makes a NumPy scalar of a number
    if args.dtype_of(x) != kind:
        return apply("cast", x, dtype=kind)
    return apply("copy", x) if copy else x


def _may_be_array(x: Any) -> bool:
    if isinstance(x, Tensor):
        return may_be_array(x) if x.is_traced else isinstance(x._data, np.ndarray)
    return isinstance(x, np.ndarray)


@numpy_function(np.copy)
def copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """A copy that shares no memory with `a`."""
    args.refuse_options("np.copy", subok=(subok, False))
    return array(a, order=order)


numpy_function(np.array)(array)
numpy_function(np.asarray, np.asanyarray)(asarray)
