"""Merging the states of two paths: what is the same stays Python, what differs becomes graph
values.

State is a tuple of Python objects, one per name. Each is flattened (`tree.py`); a leaf is
*stageable* when a graph can hold it: a tensor, an array, a Python number, None, or an unbound name.
Everything else (strings, functions, objects) must be the same on both paths.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.raising import exception_value
from graphc.frontend.refusals import refusal
from graphc.frontend.unbound import LostName, UnboundName, show
from graphc.ir.core import Region, Value
from graphc.ir.types import UNBOUND, WEAK_OF, Type, join
from graphc.ops.list_items import Listed, as_sequence, held
from graphc.ops.lists import TracedList, item_of
from graphc.ops.tensor import Tensor, value_of
from graphc.ops.trace import Trace


class Varies:
    """A leaf of a result that differs from call to call: a result of the graph (`recursion.py`)."""

    __slots__ = ("type",)

    def __init__(self, type: Type) -> None:
        self.type = type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Varies) and self.type == other.type

    def __hash__(self) -> int:
        return hash(self.type)


def is_stageable(leaf: Any) -> bool:
    """Whether a graph can hold this leaf."""
    if isinstance(leaf, UnboundName):
        return not isinstance(leaf, LostName)
    return (
        isinstance(leaf, Tensor | np.ndarray | np.generic | TracedList | Listed | Varies)
        or leaf is None
        or type(leaf) in WEAK_OF
        or isinstance(leaf, BaseException)
    )


def same_static(a: Any, b: Any) -> bool:
    """Whether a leaf is one and the same on both paths, and may stay a Python object."""
    if a is b:
        return True
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a.is_traced and b.is_traced and a._data is b._data
    if isinstance(a, UnboundName) and isinstance(b, UnboundName):
        return type(a) is type(b)
    if type(a) is not type(b) or isinstance(a, Tensor | np.ndarray | np.generic | list):
        return False
    try:
        return bool(a == b) and repr(a) == repr(b)  # repr: 0.0 is not -0.0
    except Exception:
        return False


def leaf_value(leaf: Any, trace: Trace) -> Value:
    """The graph value of a stageable leaf."""
    if isinstance(leaf, BaseException):
        return exception_value(leaf, trace)
    if isinstance(leaf, TracedList | Listed):
        return value_of(as_sequence(held(leaf)), trace)
    return value_of(UNBOUND if isinstance(leaf, UnboundName) else leaf, trace)


def made_in(trace: Trace, *regions: Region) -> tree.IsObject:
    """Whether an instance of the user's was made while tracing one of these regions, or inside.

    Nobody else can know it: it may be taken apart, merged, and put together anew.
    """

    def is_object(x: Any) -> bool:
        known, region = trace.local_ids.get(id(x), (None, None))
        if known is not x or not is_plain_instance(x):
            return False
        return any(each.encloses(region) for each in regions)

    return is_object


def is_plain_instance(x: Any) -> bool:
    """Whether an object is its attributes and no more: an instance of a class of the user's."""
    kind = type(x)
    return (
        type(getattr(x, "__dict__", None)) is dict
        and kind.__module__.partition(".")[0] not in ("graphc", "numpy", "builtins", "functools")
        and not isinstance(x, type | BaseException | FunctionType | ModuleType)
        and not isinstance(x, tuple | list | dict)
    )


def instances(x: Any, structure: tree.Structure) -> Iterator[Any]:
    """The objects in a state that are taken apart into their attributes."""
    if isinstance(structure, tree.Node):
        parts = tree.children_of(x)
        items = list(vars(x).values()) if parts is None else parts[1]
        if structure.is_instance:
            yield x
        for item, child in zip(items, structure.children, strict=True):
            yield from instances(item, child)


def different_structures(name: str, a: Any, b: Any, where: tuple[str, str]) -> GraphcError:
    """The error for a name whose structure differs between two paths; both are shown."""
    shown = "\n".join(
        line for line in difflib.ndiff([str(a)], [str(b)]) if not line.startswith("?")
    )
    return refusal(
        "different structures", name=name, where_a=where[0], where_b=where[1], shown=shown
    )


def different_objects(name: str, a: Any, b: Any, where: tuple[str, str]) -> GraphcError:
    unset = [type(leaf).__name__ == "Absent" for leaf in (a, b)]
    if any(unset):
        is_set, other = where[::-1] if unset[0] else where
        return refusal("set on one path", name=name, where=is_set, other=other)
    return refusal(
        "different objects", name=name, a=show(a), b=show(b), where_a=where[0], where_b=where[1]
    )


def join_types(name: str, a: Type, b: Type, where: tuple[str, str]) -> Type:
    joined = join(a, b)
    if joined is None:
        raise refusal("different ranks", name=name, a=a, b=b, where_a=where[0], where_b=where[1])
    return joined


def wrap(value: Value, trace: Trace, name: str) -> Any:
    """What users hold for a region's parameter or an op's result, with the user's name."""
    value.name = value.name or name
    return item_of(Tensor(value, trace))


def rebuild(structure: Any, leaves: Sequence[Any], trace: Trace) -> Any:
    """`tree.unflatten`, with containers that belong to the region being traced."""
    made = copied(structure, leaves)
    for each in instances(made, structure):
        trace.local_ids[id(each)] = (each, trace.region)
    for each in _containers(made):
        trace.local_ids[id(each)] = (each, trace.region)
    return made


def copied(structure: Any, leaves: Sequence[Any]) -> Any:
    """`tree.unflatten`, with lists as they are while tracing."""
    return _rebuilt(structure, iter(leaves))


def _rebuilt(structure: Any, leaves: Iterator[Any]) -> Any:
    if structure == tree.LEAF:
        return next(leaves)
    items = [_rebuilt(child, leaves) for child in structure.children]
    if structure.kind is list:
        return TracedList(items)
    leaf = (tree.LEAF,) * len(items)
    flat = tree.Node(structure.kind, structure.keys, leaf, structure.is_instance)
    return tree.unflatten(flat, items)


def _containers(x: Any) -> Iterator[Any]:
    parts = tree.children_of(x)
    if parts is not None:
        yield x
        for item in parts[1]:
            yield from _containers(item)


def leaf_names(names: Sequence[str], structures: Sequence[Any]) -> list[str]:
    """A name for each leaf: the variable's own, or `pair_0`, `params_w` inside containers."""
    return [
        tree.identifier(path)
        for name, structure in zip(names, structures, strict=True)
        for path in tree.paths(structure, name)
    ]
