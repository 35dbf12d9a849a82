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


def pop(seq: Any, index: int) -> tuple[Any, Any]:
    """The list without an item, and the item; IndexError as list.pop's."""
    rest = list(seq)
    item = rest.pop(index)
    return rest, item


def delete(seq: Any, index: int) -> tuple[Any, Any]:
    """The list without an item, and the item; IndexError as that of `del seq[index]`."""
    rest = list(seq)
    return rest, seq_delete_(rest, index)


def seq_delete_(seq: list[Any], index: int) -> Any:
    item = seq[index] if -len(seq) <= index < len(seq) else None
    del seq[index]
    return item


def unpop(rest: Any, item: Any, index: int) -> Any:
    """The list of which `pop` at `index` gives these."""
    return seq_unpop_(list(rest), item, index)


def seq_unpop_(rest: list[Any], item: Any, index: int) -> list[Any]:
    rest.insert(index if index >= 0 else index + len(rest) + 1, item)
    return rest


def insert(seq: Any, index: int, item: Any) -> Any:
    made = list(seq)
    made.insert(index, item)
    return made


def place(index: int, length: int) -> int:
    """Where list.insert has put an item: `length` is that of the list with it."""
    return max(index + length - 1, 0) if index < 0 else min(index, length - 1)


def setitem(seq: Any, item: Any, index: int) -> Any:
    """A copy of the list with one item replaced; IndexError as Python's."""
    made = list(seq)
    made[index] = item
    return made


def add_at(seq: Any, item: Any, index: int) -> Any:
    """A copy of the list with `item` added to one of its own."""
    return seq_add_at_(list(seq), item, index)


def seq_add_at_(seq: list[Any], item: Any, index: int) -> list[Any]:
    seq[index] = accumulate(seq[index], item)
    return seq


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
