"""Kernels of the ops that adjoint code is made of (`ops/adjoint.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.runtime.tapes import add_tapes


def broadcast_like(x: Any, like: Any) -> Any:
    """`x` broadcast to the shape of `like`; read-only where it is a view."""
    if isinstance(like, np.ndarray) and like.shape != np.shape(x):
        if type(x) is float and like.dtype.kind == "f":
            x = like.dtype.type(x)
        return np.broadcast_to(x, like.shape)
    return x


def sum_to_like(x: Any, like: Any) -> Any:
    """Sum `x` over the axes that broadcasting added to, or stretched in, `like`."""
    if not isinstance(x, np.ndarray):
        return x
    shape = np.shape(like)
    if x.shape == shape:
        return x
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, dim in enumerate(shape) if dim == 1 and x.shape[lead + i] != 1
    )
    return x.sum(axis=axes).reshape(shape) if shape else x.sum()


def zeros_like(x: Any) -> Any:
    return _filled(x, 0)


def ones_like(x: Any) -> Any:
    return _filled(x, 1)


def _filled(x: Any, fill: int) -> Any:
    if isinstance(x, np.ndarray):
        return np.full(x.shape, fill, x.dtype if x.dtype.kind in "fc" else np.float64)
    if isinstance(x, np.generic):
        return x.dtype.type(fill) if x.dtype.kind in "fc" else np.float64(fill)
    if isinstance(x, complex):
        return complex(fill)
    if isinstance(x, bool | int | float):
        return float(fill)
    if isinstance(x, list | range):
        return [_filled(item, fill) for item in x]
    if isinstance(x, tuple):
        return tuple(_filled(item, fill) for item in x)
    return None


def accumulate(a: Any, b: Any) -> Any:
    """a + b, where None is zero and lists are added item by item."""
    if a is None:
        return b
    if b is None:
        return a
    if isinstance(a, list):
        return [accumulate(x, y) for x, y in zip(a, b, strict=True)]
    if isinstance(a, tuple):
        return add_tapes(a, b, accumulate)
    return a + b


def masked_mul(ct: Any, d: Any) -> Any:
    """ct * d, and 0 wherever ct is 0, whatever d is there."""
    if isinstance(ct, np.ndarray) or isinstance(d, np.ndarray):
        with np.errstate(invalid="ignore", over="ignore"):
            product = np.multiply(ct, d)
        return np.where(np.equal(ct, 0) & ~np.isfinite(d), product.dtype.type(0), product)
    return ct * 0 if ct == 0 and not np.isfinite(d) else ct * d
