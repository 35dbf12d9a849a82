"""Branches: tracing both arms of an `if`, and merging what they did into one op's results."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphc import tree
from graphc.errors import GraphcError, StagingError
from graphc.frontend.aligning import align
from graphc.frontend.choices import note_choice
from graphc.frontend.chosen import Chosen
from graphc.frontend.convert import names_of_results
from graphc.frontend.facts import knowing
from graphc.frontend.known_arms import assume
from graphc.frontend.merging import (
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
from graphc.frontend.places import (
    Place,
    assign,
    check_new_keys,
    is_contents,
    is_item,
    label_of,
    stood,
)
from graphc.frontend.regions import (
    PlaceMap,
    StagedRaise,
    Traced,
    Undecided,
    at_end,
    inside,
    peek_at_end,
    trace_region,
)
from graphc.ir.core import Attrs, Op, Value
from graphc.ir.types import Maybe, Type, has_dimensions
from graphc.ops.list_items import Listed
from graphc.ops.lists import is_lent, lend
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
    traced = []
    for arm, outcome in zip(arms, (True, False), strict=True):
        traced.append(
            trace_region(trace, functools.partial(_arm, trace, test, outcome, arm, state))
        )
    merge = BranchMerge(trace, traced)
    merge.results = names_of_results(arms[0])
    if traced[0].never and traced[1].never:
        merge.emit("if", [test._data], {})
        raise Undecided if any(t.undecided for t in traced) else StagedRaise
    try:
        outputs = merge.merge_outputs(names)
        moved = merge.merge_places()
    except StagingError as error:
        raise decide_now(test, error) from error
    op = merge.emit("if", [test._data], {})
    for place, build in moved:
        assign(trace, place, build(op))
    if merge.one_sided:
        assume(trace, test._data, traced[1].never)
    return tuple(build(op) for build in outputs)


def _arm(trace: Trace, test: Tensor, outcome: bool, arm: Callable[..., Any], state: Any) -> Any:
    assume(trace, test._data, outcome)
    return knowing(trace, test, outcome, functools.partial(arm, *state))


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

    def __init__(
        self, trace: Trace, traced: list[Traced], where: tuple[str, str] = BRANCHES
    ) -> None:
        self.trace = trace
        self.traced = traced
        self.where = where
        self.types: list[Type] = []
        self.names: list[str] = []
        self.results: frozenset[str] = frozenset()  # the variables of early returns
        self.made: list[tuple[Any, Any, Any]] = []  # what the arms gave, and what is made of it
        self.is_object = made_in(trace, *(t.region for t in traced))

    @property
    def one_sided(self) -> bool:
        """Whether one arm always raises: the other decides alone."""
        return any(t.never for t in self.traced)

    def merge_outputs(self, names: tuple[str, ...]) -> list[Build]:
        """What builds the merged object of each name the arms return."""
        a, b = (t.output for t in self.traced)
        if self.one_sided:
            a = b = b if self.traced[0].never else a
        return [
            self.merge(name, x, y, name in self.results)
            for name, x, y in zip(names, a, b, strict=True)
        ]

    def merge_places(self) -> list[tuple[Place, Build]]:
        """The places moved in either arm, each with what builds the object it moves to."""
        places = PlaceMap((place, None) for t in self.traced for place in t.moved)
        if not self.one_sided:
            check_new_keys(self.traced[0].moved, self.traced[1].moved, BRANCHES)
        wholes = {id(place.owner) for place in places if is_contents(place)}
        merged = []
        for place in places:
            if is_item(place) and id(place.owner) in wholes:
                continue
            arms = [stood(peek_at_end(t, place), place, self.trace) for t in self.traced]
            if self.one_sided:
                arms = [arms[1] if self.traced[0].never else arms[0]] * 2
            merge = self.merge_contents if is_contents(place) else self.merge
            merged.append((place, merge(label_of(place), *arms)))
        return merged

    def merge(self, name: str, a: Any, b: Any, is_result: bool = False) -> Build:
        """Tree by tree. What is one object on both paths stays that object."""
        if a is b and not self.one_sided and tree.children_of(a) is not None:
            return lambda op: a
        olds = [old for x in (a, b) for old in self.older(x)]
        lent = any(is_lent(x, t.region) for x, t in zip((a, b), self.traced, strict=True))
        end_a, end_b = a, b
        if not self.one_sided:
            end_a, end_b = (at_end(*pair) for pair in zip(self.traced, (a, b), strict=True))
        leaves_a, leaves_b, structure = align(
            self.trace, name, end_a, end_b, self.where, self.is_object, keeps=not self.one_sided
        )
        slots = leaf_names([name], [structure])
        leaves = [
            self.merge_leaf(slot, *pair)
            for slot, *pair in zip(slots, leaves_a, leaves_b, strict=True)
        ]

        def build(op: Op) -> Any:
            made_leaves = [self.built(op, leaf, is_result) for leaf in leaves]
            made = rebuild(structure, made_leaves, self.trace)
            if lent:
                lend(made)
            if made is not a and made is not b:
                self.note(made, olds, is_result)
                same = [other for *arms, other in self.made if arms[0] is a or arms[1] is b]
                self.note(made, same, is_result)
                self.made.append((a, b, made))
            return made

        return build

    def note(self, made: Any, others: list[Any], is_result: bool) -> None:
        """Note what a merged object may be. A tuple that the function has returned is the last
        thing that it makes.
        """
        for way in made._graphc_ways.values() if isinstance(made, Chosen) else [made]:
            if not (isinstance(way, tuple) and is_result):
                note_choice(self.trace, way, others)

    def older(self, x: Any) -> list[Any]:
        """What was there before the arms, and is, or may be, what an arm hands on."""
        if self.is_older(x):
            return [x]
        may_be = [other for other, _ in self.trace.choices.get(id(x), ())]
        return [other for other in may_be if self.is_older(other)]

    def is_older(self, x: Any) -> bool:
        """Whether a container was there before the arms: it may have another name."""
        home = self.trace.local_ids.get(id(x), (None, None))[1]
        return home is None or not any(t.region.encloses(home) for t in self.traced)

    def merge_contents(self, name: str, a: Any, b: Any) -> Build:
        """Item by item, so that items which are the same object on both paths stay it."""
        if isinstance(a, Tensor) or isinstance(b, Tensor) or is_list_of_two_lengths(a, b):
            a, b = (Listed(x) if isinstance(x, list) else x for x in (a, b))
            return self.merge(name, a, b)
        (keys, items_a), (other_keys, items_b) = contents(a), contents(b)
        if keys != other_keys:
            raise different_structures(name, tree.flatten(a)[1], tree.flatten(b)[1], self.where)
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
            raise different_objects(name, a, b, self.where)
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
        self.types.append(join_types(name, first, rest[0], self.where) if rest else first)
        self.names.append(name)
        return len(self.types) - 1

    def value_in(self, traced: Traced, leaf: Any) -> Value:
        """What a leaf is at the end of an arm; a handle may have been moved in it."""
        if isinstance(leaf, Tensor) and leaf in traced.moved:
            moved: Value = traced.moved[leaf]
            return moved
        return leaf_value(leaf, self.trace)

    def emit(self, name: str, operands: list[Value], attrs: Attrs) -> Op:
        regions = [t.region for t in self.traced]
        op = self.trace.emit(name, operands, attrs, regions, self.types)
        for result, name in zip(op.results, self.names, strict=True):
            result.name = name
        return op

    def built(self, op: Op, leaf: Any, is_result: bool) -> Any:
        if not isinstance(leaf, Slot):
            return leaf
        result = wrap(op.results[leaf.index], self.trace, "")
        if isinstance(result, Tensor) and has_names(result, is_result):
            taken = op.operands[0] if op.name == "if" else op.results[0]
            test = None if self.one_sided else Tensor(taken, self.trace)
            arms = leaf.arms[:1] * 2 if self.one_sided else leaf.arms
            chosen(result, test, arms, self.trace.region)
        return result


@dataclass(frozen=True)
class Slot:
    """A leaf that an op's result stands for, and what it is in either arm."""

    index: int
    arms: tuple[Any, Any]


def has_names(result: Tensor, is_result: bool) -> bool:
    """Whether an array that a branch or loop yields may have another name that is used after it.

    What a function returns, where it has returned, has none.
    """
    is_given = is_result and isinstance(result.type, Maybe)
    return has_dimensions(result.type) and not is_given


def is_list_of_two_lengths(a: Any, b: Any) -> bool:
    return isinstance(a, list) and isinstance(b, list) and len(a) != len(b)


def contents(x: Any) -> tuple[list[Any], list[Any]]:
    """The keys and items of a list or dict; a set's elements are their own keys."""
    if isinstance(x, dict):
        return list(x), list(x.values())
    if isinstance(x, set):
        return sorted(x, key=repr), sorted(x, key=repr)
    return list(range(len(x))), list(x)
