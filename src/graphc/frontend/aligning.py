"""Aligning two states of a name: one structure for both, with a Chosen where they are different
things.

    (x, "low"), (y, "high")    →   leaves [x, 0, "low", "high"], [y, 1, "low", "high"]
    None, (i, x)               →   leaves [0, None, unbound, unbound], [1, None, i, x]
"""

from __future__ import annotations

from typing import Any

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.chosen import VALUE, Choice, Chosen, Shape, is_fixed, tag_for
from graphc.frontend.convert import is_converted
from graphc.frontend.merging import (
    different_objects,
    different_structures,
    is_plain_instance,
    is_stageable,
    same_static,
)
from graphc.frontend.unbound import LostName, UnboundName
from graphc.ops.list_items import Listed
from graphc.ops.lists import TracedList
from graphc.ops.trace import Trace

# Of the containers that a Chosen may be: a tuple that grows with each iteration, or nests deeper
# with each, is none.
MAX_SHAPES, MAX_DEPTH = 4, 2
Aligned = tuple[list[Any], list[Any], tree.Structure]


def align(
    trace: Trace,
    name: str,
    a: Any,
    b: Any,
    where: tuple[str, str],
    is_object: tree.IsObject | None = None,
    keeps: bool = False,
    repeats: bool = False,
) -> Aligned:
    """The leaves of a name's two states and their common structure.

    `keeps`: what is one container in both states is a leaf, and stays that container. `repeats`:
    what makes the states is run again and again.
    """
    aligner = Aligner(trace, name, where, is_object, keeps, repeats)
    lost = aligner.lost_name(a, b)
    if lost is not None:
        return [lost], [lost], tree.LEAF
    structure = aligner.align(a, b)
    return aligner.leaves[0], aligner.leaves[1], structure


def as_listed(x: TracedList) -> Any:
    """A list as one leaf: of lists of two lengths, one sequence is made."""
    return x if x.sequence is not None else Listed(list(x))


class Aligner:
    """Collects the leaves of two states; `is_object` as for `tree.flatten`."""

    def __init__(
        self,
        trace: Trace,
        name: str,
        where: tuple[str, str],
        is_object: tree.IsObject | None,
        keeps: bool,
        repeats: bool,
    ) -> None:
        self.trace = trace
        self.name = name
        self.where = where
        self.is_object = is_object
        self.keeps = keeps
        self.repeats = repeats
        self.leaves: tuple[list[Any], list[Any]] = ([], [])
        self.inside: list[int] = []  # the ways that are being aligned, outermost first

    def align(self, a: Any, b: Any) -> tree.Structure:
        """Add the leaves of both states; returns their structure."""
        if isinstance(a, TracedList) and isinstance(b, TracedList) and a.shape_differs(b):
            a, b = as_listed(a), as_listed(b)
        if a is b and self.keeps and tree.children_of(a) is not None:
            return self.leaf(a, a)
        if not isinstance(a, Chosen) and not isinstance(b, Chosen):
            return self.align_plain(a, b)
        return self.choose(a, b)

    def align_plain(self, a: Any, b: Any) -> tree.Structure:
        shape_a, shape_b = self.shape(a), self.shape(b)
        if shape_a is None or shape_b is None:
            if shape_a is not None or shape_b is not None:
                return self.choose(a, b)
            both = is_stageable(a) and is_stageable(b)
            return self.leaf(a, b) if both or same_static(a, b) else self.choose(a, b)
        if shape_a != shape_b:
            grows = shape_a.kind is shape_b.kind
            if grows and (self.repeats or shape_a.kind is list):
                raise self.refusal(a, b)
            return self.choose(a, b)
        pairs = zip(self.items(a), self.items(b), strict=True)
        return self.node(a, tuple(self.align(*pair) for pair in pairs))

    def choose(self, a: Any, b: Any) -> tree.Structure:
        """A Chosen of all that a and b are."""
        (tag_a, ways_a), (tag_b, ways_b) = self.ways(a, (a, b)), self.ways(b, (a, b))
        self.leaf(tag_a, tag_b)
        tags = tuple(sorted({**ways_a, **ways_b}))
        shapes = [self.trace.ways[tag] for tag in tags]
        kinds = [shape.kind for shape in shapes if isinstance(shape, Shape)]
        if len(kinds) > MAX_SHAPES or kinds.count(list) > 1:
            raise self.refusal(a, b)
        children = []
        for tag in tags:
            if self.inside.count(tag) > MAX_DEPTH:
                raise self.refusal(a, b)
            self.inside.append(tag)
            if tag in ways_a and tag in ways_b:
                children.append(self.align(ways_a[tag], ways_b[tag]))
            else:
                on_left = tag in ways_a
                way = ways_a[tag] if on_left else ways_b[tag]
                children.append(self.one_sided(way, on_left))
            self.inside.pop()
        return tree.Node(Choice(tags), None, (tree.LEAF, *children))

    def ways(self, x: Any, states: tuple[Any, Any]) -> tuple[Any, dict[int, Any]]:
        """A state's tag, and what it may be."""
        if isinstance(x, Chosen):
            return x._graphc_tag, x._graphc_ways
        shape = self.shape(x)
        if shape is None and not self.is_way(x):
            raise self.refusal(*states)
        is_value = shape is None and is_stageable(x) and not self.is_nothing(x)
        tag = tag_for(self.trace, VALUE if is_value else x if shape is None else shape)
        return tag, {tag: x}

    def one_sided(self, x: Any, on_left: bool) -> tree.Structure:
        """Add the leaves of what there is on one path; on the other they are unbound."""
        found, structure = tree.flatten(x, self.is_object)
        for leaf in found:
            if not self.is_way(leaf):
                raise self.refusal(x, UnboundName(self.name))
            fixed = self.is_nothing(leaf) or not is_stageable(leaf)
            missing = leaf if fixed else UnboundName(self.name)
            self.leaf(*((leaf, missing) if on_left else (missing, leaf)))
        return structure

    def leaf(self, a: Any, b: Any) -> tree.Structure:
        self.leaves[0].append(a)
        self.leaves[1].append(b)
        return tree.LEAF

    # -- what a state is -----------------------------------------------------------------------

    def is_instance(self, x: Any) -> bool:
        return self.is_object is not None and self.is_object(x)

    def shape(self, x: Any) -> Shape | None:
        """The shape of a container; None for a leaf."""
        if tree.children_of(x) is None and not self.is_instance(x):
            return None
        kind, keys, children, _ = self.node(x, tuple(self.items(x)))
        return Shape(kind, keys, len(children))

    def items(self, x: Any) -> list[Any]:
        parts = tree.children_of(x)
        return list(vars(x).values()) if parts is None else parts[1]

    def node(self, x: Any, children: tuple[Any, ...]) -> tree.Node:
        parts = tree.children_of(x)
        if parts is None:
            return tree.Node(type(x), tuple(vars(x)), children, True)
        return tree.Node(tree.kind_of(x), parts[0], children)

    @staticmethod
    def is_nothing(x: Any) -> bool:
        return x is None or isinstance(x, UnboundName)

    def is_way(self, x: Any) -> bool:
        """Whether a leaf can be one of several things: others know what it is, too."""
        if is_stageable(x):
            return True
        if self.repeats and is_converted(x):
            return False  # each iteration makes another one
        return is_fixed(x) or is_plain_instance(x) and not self.is_instance(x)

    def lost_name(self, a: Any, b: Any) -> LostName | None:
        """What becomes of a name that is lost on one path, or unbound on one and on the other an
        object that cannot be told from others.
        """
        for x, other in ((a, b), (b, a)):
            if isinstance(x, LostName):
                return x
            if isinstance(x, UnboundName) and not all(map(self.is_way, tree.flatten(other)[0])):
                return LostName(self.name, other)
        return None

    def refusal(self, a: Any, b: Any) -> GraphcError:
        if self.shape(a) is None and self.shape(b) is None:
            return different_objects(self.name, a, b, self.where)
        one, other = (tree.flatten(x, self.is_object)[1] for x in (a, b))
        return different_structures(self.name, one, other, self.where)
