"""What the patterns of `match` ask of a value (`desugar.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc import tree
from graphc.frontend.builtin_calls import instance_test
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, refused, use
from graphc.frontend.refusals import refusal
from graphc.frontend.values import traced
from graphc.ir.types import PYBOOL, Maybe, Nothing


def is_instance(x: Any, kind: Any) -> Any:
    """`case kind():`"""
    return use(x, lambda way: instance_test(way, kind))


def items(x: Any, count: int) -> tuple[Any, ...]:
    """`case [a, b]:` whether x is a sequence of so many items; and the items, or None for each."""
    if isinstance(x, Chosen):
        found: tuple[Any, ...] = each(x, lambda way: items(way, count))
        return found
    is_sequence = isinstance(x, Sequence) and not isinstance(x, str | bytes | bytearray)
    if is_sequence and len(x) == count:
        return (True, *x)
    return (False, *[None] * count)


def structure(x: Any, *asked_for: Any) -> Any:
    """The subject of a pattern that Python itself matches: there, a traced value has not its own
    type.
    """
    if isinstance(x, Chosen):
        raise refused(x, "pattern")
    leaves = [leaf for leaf in tree.flatten(x)[0] if traced(leaf)]
    if any(_may_be(leaf, what) for leaf in leaves for what in asked_for):
        raise refusal("pattern")
    return x


def _may_be(leaf: Any, what: Any) -> bool:
    if isinstance(what, type):
        return instance_test(leaf, what) is not False
    if what is None:
        return isinstance(leaf.type, Maybe | Nothing)
    return leaf.array_type == PYBOOL
