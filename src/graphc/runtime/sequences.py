"""Kernels of the sequence ops (`ops/sequences.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.runtime.adjoint import accumulate, zeros_like


def stack_like(seq: Any, like: Any) -> Any:
    """Stack row cotangents; rows that the loop did not reach get zeros."""
    dtype = like.dtype if like.dtype.kind in "fc" else np.float64
    out = np.zeros(like.shape, dtype)
    for i, row in enumerate(seq):
        if row is not None:
            out[i] = row
    return out


def pad_seq(seq: Any, like: Any) -> Any:
    """A list as long as `like`: cut, or filled up with zeros shaped like its items."""
    n = len(like)
    if len(seq) == n:
        return seq
    return list(seq[:n]) + [zeros_like(like[i]) for i in range(len(seq), n)]


def append(seq: Any, item: Any) -> Any:
    return [*seq, item]


def popped(seq: Any, index: int) -> Any:
    """seq[index]; IndexError as list.pop's."""
    if not seq:
        raise IndexError("pop from empty list")
    if not -len(seq) <= index < len(seq):
        raise IndexError("pop index out of range")
    return seq[index]


def setitem(seq: Any, item: Any, index: int) -> Any:
    """A copy of the list with one item replaced; IndexError as Python's."""
    made = list(seq)
    made[index] = item
    return made


def add_at(seq: Any, item: Any, index: int) -> Any:
    """A copy of the list with `item` added to one of its own."""
    made = list(seq)
    made[index] = accumulate(made[index], item)
    return made


def scatter(seq: Any, items: Any, *bounds: Any) -> Any:
    """A copy of the list with `items` added where seq[start:stop:step] is."""
    made = list(seq)
    where = slice(*bounds)
    made[where] = [accumulate(a, b) for a, b in zip(made[where], items, strict=True)]
    return made


def join(seq: Any, axis: int) -> Any:
    return np.concatenate(list(seq), axis=axis)


def split(x: Any, like: Any, axis: int) -> Any:
    """`x` cut along an axis into pieces as long as the arrays of `like`."""
    ends = np.cumsum([item.shape[axis] for item in like])[:-1]
    return list(np.split(x, ends, axis=axis))
