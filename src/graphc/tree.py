"""Trees: nested tuples, lists, dicts, namedtuples and dataclasses, flattened to leaves and back.

    structure  ::=  LEAF  |  Node(kind, keys, children)

A class can say itself how its instances are taken apart (`register`): the `kind` of their node is
then a Kind, which makes one of its items.

Two values have the same structure when the structures are equal; structures are hashable and print
as the user would write them: `(x, {'w': x, 'b': x})`.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple


class Leaf:
    """The structure of anything that is not a container; there is one, LEAF."""

    __slots__ = ()

    def __str__(self) -> str:
        return "x"

    __repr__ = __str__


LEAF = Leaf()


class Kind(ABC):
    """What a registered container is besides its items; equal ones make equal structures."""

    __slots__ = ()

    @abstractmethod
    def __call__(self, items: list[Any]) -> Any:
        """The container with these items."""

    @abstractmethod
    def show(self, items: list[str]) -> str:
        """How its structure prints."""

    @abstractmethod
    def ways(self, root: str) -> list[str]:
        """A name for each item, in a variable called `root`."""


Apart = Callable[[Any], tuple[Kind, list[Any]]]
REGISTERED: dict[type, Apart] = {}


def register(cls: type, apart: Apart) -> None:
    """Take instances of a class for containers: `apart` gives their kind and items."""
    REGISTERED[cls] = apart


class Node(NamedTuple):
    """A container: its type, keys (dict keys, field names; None for sequences), children."""

    kind: Any  # a type, or a Kind
    keys: tuple[Any, ...] | None
    children: tuple[Structure, ...]
    is_instance: bool = False

    @property
    def is_object(self) -> bool:
        """Whether it stands for an object with attributes that can be assigned to."""
        params = getattr(self.kind, "__dataclass_params__", None)
        return self.is_instance or (params is not None and not params.frozen)

    def __str__(self) -> str:
        items = [str(child) for child in self.children]
        if isinstance(self.kind, Kind):
            return self.kind.show(items)
        if self.keys is not None and self.kind is dict:
            pairs = zip(self.keys, items, strict=True)
            return "{" + ", ".join(f"{key!r}: {item}" for key, item in pairs) + "}"
        if self.keys is not None:
            pairs = zip(self.keys, items, strict=True)
            return f"{self.kind.__name__}(" + ", ".join(f"{k}={item}" for k, item in pairs) + ")"
        if self.kind is list:
            return "[" + ", ".join(items) + "]"
        return "(" + ", ".join(items) + (",)" if len(items) == 1 else ")")


Structure = Leaf | Node


IsObject = Callable[[Any], bool]


def flatten(tree: Any, is_object: IsObject | None = None) -> tuple[list[Any], Structure]:
    """The leaves in order, and the structure that puts them back.

    Instances of other classes are leaves, except those for which `is_object` holds: they are taken
    apart into their attributes, and put back without calling their `__init__`.
    """
    leaves: list[Any] = []
    return leaves, _flatten(tree, leaves, is_object)


def flatten_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Structure]:
    """`flatten((args, kwargs))`, at once where every argument is a leaf."""
    if not kwargs and all(map(is_leaf_type, map(type, args))):
        return list(args), _plain_call(len(args))
    return flatten((args, kwargs))


def is_plain_call(structure: Structure) -> bool:
    """Whether a call's arguments are leaves, as `flatten_call` has found."""
    if isinstance(structure, Leaf):
        return False
    (args, kwargs) = structure.children
    return not (isinstance(kwargs, Node) and kwargs.children) and all(
        child is LEAF for child in getattr(args, "children", ())
    )


def rebuilt(tree: Any, leaves: Iterator[Any], known: dict[int, Any], list_type: type = list) -> Any:
    """`tree` with other leaves; a container that occurs twice is one again. `known`: by ids."""
    kind: Any = type(tree)
    parts = None if is_leaf_type(kind) else children_of(tree)
    if parts is None:
        return next(leaves)
    keys, items = parts
    twins = [rebuilt(item, leaves, known, list_type) for item in items]
    if id(tree) not in known:
        own = list_type if isinstance(tree, list) else kind_of(tree)
        known[id(tree)] = unflatten(Node(own, keys, (LEAF,) * len(items)), twins)
    return known[id(tree)]


def sharing(tree: Any) -> tuple[int, ...]:
    """For each container but tuples, in order, which one it is; nothing where all are different."""
    found = container_ids(tree)
    if len(set(found)) == len(found):
        return ()
    return tuple(found.index(each) for each in found)


def container_ids(tree: Any) -> list[int]:
    """The ids of the containers in a tree that can be changed, in order."""
    found: list[int] = []
    _containers(tree, found)
    return found


def _containers(tree: Any, found: list[int]) -> None:
    kind: Any = type(tree)
    parts = None if is_leaf_type(kind) else children_of(tree)
    if parts is not None:
        if not isinstance(tree, tuple) and kind not in REGISTERED:
            found.append(id(tree))
        for item in parts[1]:
            _containers(item, found)


@lru_cache(maxsize=64)
def _plain_call(count: int) -> Structure:
    return flatten(((None,) * count, {}))[1]


@lru_cache(maxsize=1024)
def is_leaf_type(kind: Any) -> bool:
    """Whether values of a type are leaves, whatever is in them."""
    if kind in (tuple, dict) or issubclass(kind, list) or dataclasses.is_dataclass(kind):
        return False
    if kind in REGISTERED:
        return False
    return not (issubclass(kind, tuple) and hasattr(kind, "_fields"))


def _flatten(tree: Any, leaves: list[Any], is_object: IsObject | None) -> Structure:
    cls: Any = type(tree)
    if is_object is not None and not dataclasses.is_dataclass(cls) and is_object(tree):
        names, values = tuple(vars(tree)), list(vars(tree).values())
        attributes = tuple(_flatten(value, leaves, is_object) for value in values)
        return Node(cls, names, attributes, True)
    parts = None if is_leaf_type(cls) else children_of(tree)
    if parts is None:
        leaves.append(tree)
        return LEAF
    keys, items = parts
    kind = kind_of(tree)
    return Node(kind, keys, tuple(_flatten(item, leaves, is_object) for item in items))


def kind_of(tree: Any) -> Any:
    """The kind of a container's node."""
    cls: Any = type(tree)
    if cls in REGISTERED:
        return REGISTERED[cls](tree)[0]
    return list if isinstance(tree, list) else cls


def children_of(tree: Any) -> tuple[tuple[Any, ...] | None, list[Any]] | None:
    """A container's keys and items; None for a leaf."""
    kind: Any = type(tree)
    if kind is tuple or kind is list:
        return None, list(tree)
    if kind in REGISTERED:
        return None, REGISTERED[kind](tree)[1]
    if isinstance(tree, list) and hasattr(kind, "sequence"):  # a list made while tracing
        staged = getattr(tree, "sequence", None) is not None
        return None if staged else (None, list(tree))
    if kind is dict:
        return tuple(tree), list(tree.values())
    if isinstance(tree, tuple) and hasattr(kind, "_fields"):
        return kind._fields, list(tree)
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        names = tuple(f.name for f in dataclasses.fields(tree) if hasattr(tree, f.name))
        return names, [getattr(tree, name) for name in names]
    return None


def unflatten(structure: Structure, leaves: list[Any]) -> Any:
    """The tree with this structure and these leaves."""
    return _unflatten(structure, iter(leaves))


def _unflatten(structure: Structure, leaves: Any) -> Any:
    if isinstance(structure, Leaf):
        return next(leaves)
    items = [_unflatten(child, leaves) for child in structure.children]
    if isinstance(structure.kind, Kind):
        return structure.kind(items)
    if structure.kind is dict:
        return dict(zip(structure.keys or (), items, strict=True))
    if structure.is_instance or dataclasses.is_dataclass(structure.kind):
        made: Any = object.__new__(structure.kind)
        for name, item in zip(structure.keys or (), items, strict=True):
            object.__setattr__(made, name, item)  # a frozen dataclass has a __setattr__ of its own
        return made
    if structure.keys is not None:
        return structure.kind(**dict(zip(structure.keys, items, strict=True)))
    return structure.kind(items)


def count(structure: Structure) -> int:
    """The number of leaves."""
    return 1 if isinstance(structure, Leaf) else sum(map(count, structure.children))


def paths(structure: Structure, root: str) -> list[str]:
    """The way to each leaf, as Python writes it: `params['w']`, `pair[0]`, `state.x`."""
    if isinstance(structure, Leaf):
        return [root]
    found = []
    own = structure.kind.ways(root) if isinstance(structure.kind, Kind) else None
    for i, child in enumerate(structure.children):
        if own is not None:
            way = own[i]
        elif structure.keys is None:
            way = f"{root}[{i}]"
        elif structure.kind is dict:
            way = f"{root}[{structure.keys[i]!r}]"
        else:
            way = f"{root}.{structure.keys[i]}"
        found += paths(child, way)
    return found


def identifier(path: str) -> str:
    """A path of `paths` as a name: `params['w']` is `params_w`."""
    return "_".join("".join(c if c.isalnum() else " " for c in path).split())
