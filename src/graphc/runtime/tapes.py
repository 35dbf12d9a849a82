"""Tapes: what called graphs keep for their adjoints. A tuple of residuals; inner tapes are tuples
too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def pack(*parts: Any) -> tuple[Any, ...]:
    return parts


def unpack(tape: Any, types: Sequence[Any]) -> Any:
    return parts_of(tape, len(types))


def parts_of(tape: Any, count: int) -> Any:
    """A tape's parts; of None, a zero cotangent, as many Nones. A single part comes by itself."""
    parts = (None,) * count if tape is None else tape
    return parts[0] if count == 1 else parts


def add_tapes(a: tuple[Any, ...], b: tuple[Any, ...], add: Any) -> tuple[Any, ...]:
    """The sum of two cotangents of one tape, part by part; as deep as the recursion was.

    With a stack of its own: Python's may be too shallow. Parts that are shared, or zero (None) on
    one side, are taken as they are.
    """
    root: list[Any] = []
    work: list[tuple[list[Any], Any, Any]] = [(root, a, b)]
    built: list[tuple[list[Any], list[Any]]] = []
    while work:
        target, x, y = work.pop()
        if not (type(x) is tuple and type(y) is tuple):
            target.append(add(x, y))
            continue
        parts: list[Any] = []
        target.append(parts)
        built.append((target, parts))
        work.extend((parts, p, q) for p, q in reversed(list(zip(x, y, strict=True))))
    for target, parts in reversed(built):
        position = next(i for i, item in enumerate(target) if item is parts)
        target[position] = tuple(parts)
    result: tuple[Any, ...] = root[0]
    return result
