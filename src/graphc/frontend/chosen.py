"""Chosen: one of several things, as the data say: a text, a function, None, a tuple.

    status = "converged" if error < tol else "failed"
        →   Chosen(tag, {0: "converged", 1: "failed"})        tag: a traced int, 0 or 1

Each thing that it may be is a *way*: an object that is the same on every path, or a number, or a
container, whose leaves are graph values (unbound where another way was taken). Ways are numbered in
their trace: so a branch or loop merges the tags as it merges any numbers.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, NamedTuple

import numpy as np

from graphc import tree
from graphc.frontend.unbound import UnboundName
from graphc.ops.trace import Trace


class Chosen:
    """One of several things. What may be done with it is in `chosen_uses.py`."""

    __slots__ = ("_graphc_tag", "_graphc_ways")
    __array_ufunc__ = None  # an array's operators leave it to this one's

    _graphc_tag: Any
    _graphc_ways: dict[int, Any]

    def __init__(self, tag: Any, ways: dict[int, Any]) -> None:
        object.__setattr__(self, "_graphc_tag", tag)
        object.__setattr__(self, "_graphc_ways", ways)

    def __repr__(self) -> str:
        return " or ".join(f"{way!r:.40}" for way in self._graphc_ways.values())


class Choice(tree.Kind):
    """The structure of a Chosen: the tags of its ways. Its items are the tag, and the ways."""

    __slots__ = ("tags",)

    def __init__(self, tags: tuple[int, ...]) -> None:
        self.tags = tags

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self.tags == other.tags

    def __hash__(self) -> int:
        return hash(self.tags)

    def __call__(self, items: list[Any]) -> Chosen:
        tag, *ways = items
        return Chosen(tag, dict(zip(self.tags, ways, strict=True)))

    def show(self, items: list[str]) -> str:
        return " or ".join(items[1:])

    def ways(self, root: str) -> list[str]:
        return [root, *(f"{root}[{tag}]" for tag in self.tags)]


def apart(x: Chosen) -> tuple[Choice, list[Any]]:
    return Choice(tuple(x._graphc_ways)), [x._graphc_tag, *x._graphc_ways.values()]


tree.register(Chosen, apart)


def ways_of(x: Chosen) -> dict[int, Any]:
    """What x may be, by tags. As long as a loop's types do not settle, nothing may be known yet of
    a way: then it has not been taken.
    """
    return {tag: way for tag, way in x._graphc_ways.items() if not is_hollow(way)}


def is_hollow(way: Any) -> bool:
    leaves, structure = tree.flatten(way)
    return structure != tree.LEAF and any(isinstance(leaf, UnboundName) for leaf in leaves)


# -- ways ------------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """A way that is a container: what must agree for two of them to be the same way."""

    kind: Any
    keys: tuple[Any, ...] | None
    length: int


class Value:
    """The way of all that is one graph value: a number or an array. There is one, VALUE."""


VALUE = Value()
KINDS: tuple[type, ...] = (
    str, bytes, type, Enum, range, frozenset, np.ufunc, np.dtype, ModuleType, partial,
    FunctionType, BuiltinFunctionType, MethodType, MethodWrapperType, MethodDescriptorType,
    WrapperDescriptorType, type(Ellipsis), type(NotImplemented), type(np.sum),
)  # fmt: skip
BY_VALUE = (Shape, str, bytes, range, frozenset, MethodType, BuiltinFunctionType, MethodWrapperType)


def tag_for(trace: Trace, way: Any) -> int:
    """The number of a way: of a Shape, of VALUE, or of an object."""
    for tag, known in enumerate(trace.ways):
        if is_same_way(known, way):
            return tag
    trace.ways.append(way)
    return len(trace.ways) - 1


def is_same_way(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    return isinstance(a, UnboundName) or isinstance(a, BY_VALUE) and bool(a == b)


def is_fixed(x: Any) -> bool:
    """Whether an object is of a kind that has no contents which a path could have changed."""
    return isinstance(x, KINDS)
