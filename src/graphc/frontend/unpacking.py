"""`a, *b, c = x`: taking a value apart where a star takes what the other names leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.ops.list_items import is_staged
from graphc.ops.tensor import Tensor


def starred(x: Any, before: int, after: int) -> tuple[Any, ...]:
    """`a, *b, c = x`: what the names before the star are bound to, a list, and those behind it."""
    if is_staged(x) and not isinstance(x, Tensor):
        x = x.checked(before + after, None)
        rest = x[before : -after or None]
        return *(x[i] for i in range(before)), rest, *(x[i - after] for i in range(after))
    found = list(_iterator(x))
    if len(found) < before + after:
        raise ValueError(
            f"not enough values to unpack (expected at least {before + after}, got {len(found)})"
        )
    end = len(found) - after
    return *found[:before], found[before:end], *found[end:]


def _iterator(x: Any) -> Iterator[Any]:
    try:
        return iter(x)
    except TypeError:
        if hasattr(type(x), "__iter__"):
            raise
        raise TypeError(f"cannot unpack non-iterable {type(x).__name__} object") from None
