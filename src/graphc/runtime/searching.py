"""Kernels of the ops that compare items of sequences (`ops/list_search.py`)."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from graphc.runtime.adjoint import accumulate, zeros_like

COMPARISONS = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def order(keys: Any, reverse: bool) -> list[int]:
    """The indices of the keys in sorted order."""
    keys = list(keys)
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)


def extreme(keys: Any, largest: bool) -> int:
    """The index of the first largest or smallest key; ValueError of none."""
    find: Any = max if largest else min
    keys = list(keys)
    return int(find(range(len(keys)), key=keys.__getitem__) if keys else find(keys))


def take(seq: Any, order: Any) -> list[Any]:
    return [seq[i] for i in order]


def untake(seq: Any, order: Any) -> list[Any]:
    """The list of which `take` gives this: `order` is a permutation."""
    made = [None] * len(seq)
    for item, i in zip(seq, order, strict=True):
        made[i] = item
    return made


def index(seq: Any, item: Any, *bounds: int) -> int:
    return list(seq).index(item, *bounds)


def place_to_remove(seq: Any, item: Any) -> int:
    """Where the first such item is; the ValueError of list.remove."""
    items = list(seq)
    items.remove(item)
    return list(seq).index(item)


def count(seq: Any, item: Any) -> int:
    return list(seq).count(item)


def contains(seq: Any, item: Any) -> bool:
    return item in list(seq)


def compare(a: Any, b: Any, symbol: str) -> Any:
    return COMPARISONS[symbol](list(a), list(b))


def span(n: int, start: Any, stop: Any) -> tuple[int, int]:
    """Where seq[start:stop] begins and ends in a list of n items."""
    begin, end, _ = slice(start, stop).indices(n)
    return begin, max(begin, end)


def set_slice(seq: Any, items: Any, *bounds: Any) -> list[Any]:
    """A copy of the list with other items at seq[start:stop:step], as many as there are."""
    made = list(seq)
    made[slice(*bounds)] = list(items)
    return made


def repeat(seq: Any, count: int) -> list[Any]:
    return list(seq) * count


def fold(seq: Any, like: Any) -> list[Any]:
    """The sums of items at equal places of the repetitions of a list like `like`."""
    made: list[Any] = zeros_like(list(like))
    for i, item in enumerate(seq):
        made[i % len(made)] = accumulate(made[i % len(made)], item)
    return made


def refold(seq: Any, like: Any) -> list[Any]:
    """A list repeated until it is as long as `like`."""
    return list(seq) * (len(like) // max(len(seq), 1))


def checked(seq: Any, least: int, most: Any) -> Any:
    """A list to unpack into so many names; the ValueError of Python where it cannot be."""
    if len(seq) < least:
        at_least = "" if most is not None else "at least "
        raise ValueError(
            f"not enough values to unpack (expected {at_least}{least}, got {len(seq)})"
        )
    if most is not None and len(seq) > most:
        raise ValueError(f"too many values to unpack (expected {most})")
    return seq


def column(seq: Any, index: int) -> list[Any]:
    """The parts at one place of the tuples of a list."""
    return [item[index] for item in seq]


def uncolumn(parts: Any, like: Any, index: int) -> list[Any]:
    """Tuples like those of a list, with these parts at one place, and zeros elsewhere."""
    return [
        tuple(part if j == index else zeros_like(old) for j, old in enumerate(item))
        for part, item in zip(parts, like, strict=True)
    ]


def table(seq: Any) -> Any:
    """A list of tuples or lists of numbers as an array, one a row."""
    return np.array(seq)


def untable(rows: Any, tuples: bool) -> list[Any]:
    """The rows of an array as tuples, or as lists."""
    return [tuple(row) if tuples else list(row) for row in rows]
