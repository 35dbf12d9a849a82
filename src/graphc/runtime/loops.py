"""Helpers of generated loops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def copy_of(x: Any) -> Any:
    """A copy that may be overwritten."""
    return x.copy() if isinstance(x, np.ndarray) else x


def backwards(*sequences: Any) -> Iterator[tuple[Any, ...]]:
    """The items of sequences side by side, from last to first; item k of each is with item k of the
    others, so the longer ones are cut at the end of the shortest."""
    length = min(map(len, sequences))
    return zip(*(reversed(s if len(s) == length else s[:length]) for s in sequences), strict=True)


def accumulate_(a: Any, b: Any) -> Any:
    """a + b, in a's memory where the sum has a's shape and dtype."""
    if not isinstance(a, np.ndarray) or np.result_type(a, b) != a.dtype:
        return a + b
    if isinstance(b, np.ndarray) and b.shape != a.shape and np.broadcast_shapes(a.shape, b.shape) != a.shape:
        return a + b
    return np.add(a, b, out=a)
