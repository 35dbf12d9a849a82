"""Helpers of generated loops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def copy_of(x: Any) -> Any:
    """A copy that may be overwritten."""
    return x.copy() if isinstance(x, np.ndarray) else x


def list_of(x: Any) -> Any:
    """A list, with new lists in it too, that may be overwritten; its other items are the same."""
    if isinstance(x, tuple):
        return tuple(list_of(item) if isinstance(item, list | tuple) else item for item in x)
    if x is None:
        return None
    return [list_of(item) if isinstance(item, list | tuple) else item for item in x]


def backwards(*sequences: Any) -> Iterator[tuple[Any, ...]]:
    """The items of sequences side by side, from last to first; item k of each is with item k of the
    others, so the longer ones are cut at the end of the shortest."""
    length = min(map(len, sequences))
    return zip(*(reversed(s if len(s) == length else s[:length]) for s in sequences), strict=True)


def accumulate_(a: Any, b: Any) -> Any:
    """a + b, in a's memory where the sum is like a."""
    if type(a) is type(b) is np.ndarray and a.dtype is b.dtype and a.shape == b.shape:
        return np.add(a, b, out=a)
    return a + b
