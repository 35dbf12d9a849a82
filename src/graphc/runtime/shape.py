"""Kernels of the shape ops (`ops/shape.py`, `ops/joining.py`, `ops/diagonals.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np


def reshape(x: Any, *dims: Any) -> Any:
    return np.reshape(x, dims)


def broadcast_to(x: Any, *dims: Any) -> Any:
    return np.broadcast_to(x, dims)


def broadcast_arrays(*xs: Any) -> tuple[Any, ...]:
    return tuple(np.broadcast_arrays(*xs))


def concat(*xs: Any, axis: int) -> Any:
    return np.concatenate(xs, axis=axis)


def stack(*xs: Any, axis: int) -> Any:
    """np.stack; of numbers, np.array, which is the same and ten times faster."""
    if axis == 0 and not any(isinstance(x, np.ndarray) for x in xs):
        return np.array(xs)
    return np.stack(xs, axis=axis)


def roll(x: Any, *shifts: Any, axis: tuple[int, ...]) -> Any:
    return np.roll(x, shifts, axis)


def pad(x: Any, value: Any, *widths: Any) -> Any:
    """x between `widths` (before, after, for each axis in turn) of a constant value."""
    pairs = list(zip(widths[::2], widths[1::2], strict=True))
    return np.pad(x, pairs, mode="constant", constant_values=value)


def pad_index(n: Any, before: Any, after: Any, mode: str) -> Any:
    """Where each element of a padded axis of length n comes from."""
    return np.pad(np.arange(n), (before, after), mode=mode)  # type: ignore[call-overload]


def diag_embed(v: Any, rows: int, cols: int, offset: int) -> Any:
    """Zeros of shape (…, rows, cols) with the last axis of v on the diagonal `offset`."""
    out = np.zeros((*v.shape[:-1], rows, cols), v.dtype)
    i = np.arange(v.shape[-1])
    out[..., i + max(-offset, 0), i + max(offset, 0)] = v
    return out
