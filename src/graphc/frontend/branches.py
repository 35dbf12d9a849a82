"""Branches: tracing both arms of an `if`, and merging what they did into one op's results."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphc import tree
from graphc.errors import GraphcError, StagingError
from graphc.frontend.aligning import align
from graphc.frontend.choices import note_choice
from graphc.frontend.facts import knowing
from graphc.frontend.merging import (
    copied,
    different_objects,
    different_structures,
    is_stageable,
    join_types,
    leaf_names,
    leaf_value,
    made_in,
    rebuild,
    same_static,
    wrap,
)
from graphc.frontend.places import Place, assign, is_contents, label_of, peek, poke, stood
from graphc.frontend.regions import (
    PlaceMap,
    StagedRaise,
    Traced,
    Undecided,
    inside,
    trace_region,
)
from graphc.ir.core import Op, Value
from graphc.ir.types import Maybe, Type, strip_maybe
from graphc.ops.lists import Listed
from graphc.ops.tensor import Tensor
from graphc.ops.trace import NeedsStatic, Trace
from graphc.ops.views import chosen

Build = Callable[[Op], Any]  # the merged object, once the op that yields its leaves exists
BRANCHES = ("where the condition is true", "where it is false")


def stage_if(
    trace: Trace,
    test: Tensor,
    arms: tuple[Callable[..., Any], Callable[..., Any]],
    state: tuple[Any, ...],
    names: tuple[str, ...],
) -> tuple[Any, ...]:
    """Trace both arms; returns the merged state. Raises StagedRaise where both arms raise."""
    traced = [
        trace_region(
            trace, functools.partial(knowing, trace, test, not n, functools.partial(arm, *state))
        )
        for n, arm in enumerate(arms)
    ]
    merge = BranchMerge(trace, traced)
    if traced[0].never and traced[1].never:
        merge.emit(test)
        raise Undecided if any(t.undecided for t in traced) else StagedRaise
    try:
        outputs = merge.merge_outputs(names)
        moved = merge.merge_places()
    except StagingError as error:
        raise decide_now(test, error) from error
    op = merge.emit(test)
    for place, build in moved:
        assign(trace, place, build(op))
    return tuple(build(op) for build in outputs)


def decide_now(test: Tensor, error: GraphcError) -> GraphcError:
    """What does not merge may be told apart while tracing, if the test is of numbers that are
    arguments.
    """
    try:
        test.concrete("the truth of this condition")
    except NeedsStatic as needs:
        needs.because, needs.numbers_only = error, True
        return needs
    return error


class BranchMerge:
    """Collects, leaf by leaf, what an `if` op must yield; then builds the merged objects of it."""

    def __init__(self, trace: Trace, traced: list[Traced]) -> None:
        self.trace = trace
        self.traced = traced
        self.types: list[Type] = []
        self.names: list[str] = []
        self.bound: tuple[str, ...] = ()  # the variables that the arms bind
        self.made: list[tuple[Any, Any, Any]] = []  # what the arms gave, and what is made of it
        self.is_object = made_in(trace, *(t.region for t in traced))

    @property
    def one_sided(self) -> bool:
        """Whether one arm always raises: the other decides alone."""
        return any(t.never for t in self.traced)

    def merge_outputs(self, names: tuple[str, ...]) -> list[Build]:
        """What builds the merged object of each name the arms return."""
        self.bound = names
        a, b = (t.output for t in self.traced)
        if self.one_sided:
            a = b = b if self.traced[0].never else a
        return [self.merge(*each) for each in zip(names, a, b, strict=True)]

    def merge_places(self) -> list[tuple[Place, Build]]:
        """The places moved in either arm, each with what builds the object it moves to."""
        places = PlaceMap((place, None) for t in self.traced for place in t.moved)
        merged = []
        for place in places:
            arms = [stood(t.moved.get(place, peek(place)), place, self.trace) for t in self.traced]
            if self.one_sided:
                arms = [arms[1] if self.traced[0].never else arms[0]] * 2
            merge = self.merge_contents if is_contents(place) else self.merge
            merged.append((place, merge(label_of(place), *arms)))
        return merged

    def merge(self, name: str, a: Any, b: Any) -> Build:
        """Tree by tree. What is one object on both paths stays that object."""
        if a is b and not self.one_sided and tree.children_of(a) is not None:
            return lambda op: a
        end_a, end_b = at_end(self.traced[0], a), at_end(self.traced[1], b)
        leaves_a, leaves_b, structure = align(
            self.trace, name, end_a, end_b, BRANCHES, self.is_object, keeps=not self.one_sided
        )
        slots = leaf_names([name], [structure])
        leaves = [
            self.merge_leaf(slot, *pair)
            for slot, *pair in zip(slots, leaves_a, leaves_b, strict=True)
        ]

        def build(op: Op) -> Any:
            made = rebuild(structure, [self.built(op, leaf) for leaf in leaves], self.trace)
            if made is not a and made is not b:
                note_choice(self.trace, made, [x for x in (a, b) if self.is_older(x)])
                same = [other for *arms, other in self.made if arms[0] is a or arms[1] is b]
                note_choice(self.trace, made, same)
                self.made.append((a, b, made))
            return made

        return build

    def is_older(self, x: Any) -> bool:
        """Whether a container was there before the arms: it may have another name."""
        home = self.trace.local_ids.get(id(x), (None, None))[1]
        return home is None or not any(t.region.encloses(home) for t in self.traced)

    def merge_contents(self, name: str, a: Any, b: Any) -> Build:
        """Item by item, so that items which are the same object on both paths stay it."""
        if isinstance(a, Tensor) or isinstance(b, Tensor) or is_list_of_two_lengths(a, b):
            return self.merge(name, *(Listed(x) if isinstance(x, list) else x for x in (a, b)))
        (keys, items_a), (other_keys, items_b) = contents(a), contents(b)
        if keys != other_keys:
            raise different_structures(name, tree.flatten(a)[1], tree.flatten(b)[1], BRANCHES)
        merged = [
            self.merge(f"{name}[{key!r}]", x, y)
            for key, x, y in zip(keys, items_a, items_b, strict=True)
        ]

        def build(op: Op) -> Any:
            items = [each(op) for each in merged]
            return dict(zip(keys, items, strict=True)) if isinstance(a, dict) else items

        return build

    def merge_leaf(self, name: str, a: Any, b: Any) -> Any:
        escapes = isinstance(a, Tensor) and any(
            inside(t.region, a._data) for t in self.traced if a.is_traced
        )
        if same_static(a, b) and not escapes:
            return a
        if not (is_stageable(a) and is_stageable(b)):
            raise different_objects(name, a, b, BRANCHES)
        return Slot(self.add_result(name, a, b), (a, b))

    def add_result(self, name: str, a: Any, b: Any) -> int:
        types = []
        for traced, leaf in zip(self.traced, (a, b), strict=True):
            if traced.never:
                continue
            with self.trace.inside(traced.region):
                value = self.value_in(traced, leaf)
                self.trace.check_visible(value)
            traced.region.results.append(value)
            types.append(value.type)
        first, *rest = types
        self.types.append(join_types(name, first, rest[0], BRANCHES) if rest else first)
        self.names.append(name)
        return len(self.types) - 1

    def value_in(self, traced: Traced, leaf: Any) -> Value:
        """What a leaf is at the end of an arm; a handle may have been moved in it."""
        if isinstance(leaf, Tensor) and leaf in traced.moved:
            moved: Value = traced.moved[leaf]
            return moved
        return leaf_value(leaf, self.trace)

    def emit(self, test: Tensor) -> Op:
        regions = [t.region for t in self.traced]
        op = self.trace.emit("if", [test._data], {}, regions, self.types)
        for result, name in zip(op.results, self.names, strict=True):
            result.name = name
        return op

    def built(self, op: Op, leaf: Any) -> Any:
        if not isinstance(leaf, Slot):
            return leaf
        result = wrap(op.results[leaf.index], self.trace, "")
        if isinstance(result, Tensor) and has_names(result, self.names[leaf.index], self.bound):
            test = None if self.one_sided else Tensor(op.operands[0], self.trace)
            arms = leaf.arms[:1] * 2 if self.one_sided else leaf.arms
            chosen(result, test, arms, self.trace.region)
        return result


@dataclass(frozen=True)
class Slot:
    """A leaf that an op's result stands for, and what it is in either arm."""

    index: int
    arms: tuple[Any, Any]


def has_names(result: Tensor, name: str, bound: Sequence[str]) -> bool:
    """Whether an array that a branch or loop yields may have another name that is used after it.

    What a function returns, where it has returned (`exits.py` names it so), has none.
    """
    returns = name.startswith("result") and any(x.startswith("returned") for x in bound)
    is_array = getattr(strip_maybe(result.type), "shape", ())
    return bool(is_array) and not (returns and isinstance(result.type, Maybe))


def at_end(arm: Traced, x: Any) -> Any:
    """A container as an arm has left it: what the arm changed in it has been put back since."""
    moved = {place: what for place, what in arm.moved.items() if not isinstance(place, Tensor)}
    if not moved or tree.children_of(x) is None:
        return x
    before = [(place, peek(place)) for place in moved]
    try:
        for place, what in moved.items():
            poke(place, what)
        leaves, structure = tree.flatten(x)
        return copied(structure, leaves)
    finally:
        for place, what in before:
            poke(place, what)


def is_list_of_two_lengths(a: Any, b: Any) -> bool:
    return isinstance(a, list) and isinstance(b, list) and len(a) != len(b)


def contents(x: Any) -> tuple[list[Any], list[Any]]:
    """The keys and items of a list or dict; a set's elements are their own keys."""
    if isinstance(x, dict):
        return list(x), list(x.values())
    if isinstance(x, set):
        return sorted(x, key=repr), sorted(x, key=repr)
    return list(range(len(x))), list(x)
