"""The invariants of a graph, numbered; `verify` raises on the first that does not hold.

The table is the specification: each row has a failing test in `tests/ir/test_verify.py`. Every
check is linear in the size of the graph. The graphs that a graph calls are verified with it. What a
loop and an `if` promise is checked in `ir/verify_structured.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc.errors import VerifyError
from graphc.ir.build import callees
from graphc.ir.core import Op, Region, Value, literal
from graphc.ir.graph import Graph
from graphc.ir.opdef import REGISTRY
from graphc.ir.text import print_graph
from graphc.ir.types import (
    SHORT_NAMES,
    UNBOUND,
    WEAK_NAMES,
    WEAK_OF,
    Array,
    Caught,
    Maybe,
    Nothing,
    Sequence,
    Tape,
    Tuple,
    is_subtype,
)
from graphc.ir.verify_structured import STRUCTURED_OPS, Broken
from graphc.source import located

INVARIANTS: dict[int, str] = {
    1: "a value is defined once, in one list of parameters or results",
    2: "a value is used after its definition, in the region that defines it or one nested in that",
    3: "a value's owner is the op or region that defines it",
    4: "a value without an owner is a literal: a Python number, none or unbound, of that type",
    5: "an op's parent is the region that holds it, a region's owner the op that holds it, once",
    6: "an op's name is in the registry",
    7: "attributes are hashable, and named by identifiers",
    8: "an op has a location, unless its graph has none",
    9: "types are well formed: known dtypes and dimensions; a weak type has rank 0",
    10: "inference accepts an op's operands and gives as many types as the op has results",
    11: "a result's type is the inferred one or a supertype of it",
    12: "a region that never ends yields nothing",
    13: "an if has one operand and two regions, without parameters",
    14: "an if's operand is a bool of rank 0",
    15: "an arm of an if yields a value for each result, of its type or a subtype",
    16: "a loop has attributes carry and reverse, regions [body] or [body, test], an operand for "
    "each parameter of its body, and a result for each carry before those for what it collects",
    17: "a carry's initial and yielded values are subtypes of the body's parameter and the result",
    18: "what a loop runs over is a sequence, and its items are subtypes of the body's parameter",
    19: "what a loop collects is a subtype of the items of a result that is a sequence",
    20: "a loop's test takes the carries, by their types in the body; it yields a bool of rank 0",
    21: "a loop without a test runs over at least one sequence",
    22: "a call has one attribute, callee, a graph; an operand for each of its parameters, and a "
    "result for each of its results",
    23: "a call's operands are subtypes of its callee's parameters, the callee's results of its "
    "own",
    24: "a try has no operands and two regions, without parameters; its attribute kinds is a tuple "
    "of exceptions",
    25: "an arm of a try yields a value for each result, of its type or a subtype",
}

# How many lines of an op's text an error shows.
SHOWN_LINES = 24


@dataclass(frozen=True)
class Violation:
    """The invariant broken, by what, and where; `op` is None for a graph's own region."""

    number: int
    message: str
    graph: Graph
    op: Op | None


def verify(graph: Graph) -> None:
    """Raise VerifyError for the first invariant that the graph, or one it calls, does not keep."""
    violation = find_violation(graph)
    if violation is None:
        return
    op = violation.op
    text = f"invariant {violation.number} ({INVARIANTS[violation.number]}) does not hold"
    raise located(
        VerifyError,
        f"{text}:\n{_subject(violation)}: {violation.message}\n{_shown(violation)}",
        violation.graph.loc if op is None else op.loc,
    )


def find_violation(graph: Graph) -> Violation | None:
    """The first violation, or None for a valid graph."""
    return next(_violations(graph), None)


def _violations(graph: Graph) -> Iterator[Violation]:
    seen = _Seen(set(), set(), set(), {graph: None})
    waiting = [graph]
    for current in waiting:
        known = len(seen.graphs)
        yield from _Checker(current, seen).region(current.region, None)
        waiting += list(seen.graphs)[known:]


def _subject(violation: Violation) -> str:
    graph = f"graph {violation.graph.name}"
    return graph if violation.op is None else f"op {violation.op.name} of {graph}"


def _shown(violation: Violation) -> str:
    """The op's text, with the names it has in the whole graph's text."""
    graph, op = violation.graph, violation.op
    try:
        printed = print_graph(graph.name, graph.region, graph.loc)
    except RecursionError:  # a region that holds itself has no text
        return repr(op if op is not None else graph)
    lines = printed.lines if op is None else printed.op_text(op).split("\n")
    more = ["…"] if len(lines) > SHOWN_LINES else []
    return "\n".join("    " + line.rstrip() for line in lines[:SHOWN_LINES] + more)


@dataclass
class _Seen:
    """What has been met, in all graphs, to find what is held or defined twice."""

    values: set[Value]
    ops: set[Op]
    regions: set[Region]
    graphs: dict[Graph, None]


class _Checker:
    """Walks one graph in program order; `visible` are the values that may be used at this point."""

    def __init__(self, graph: Graph, seen: _Seen) -> None:
        self.graph = graph
        self.seen = seen
        self.visible: set[Value] = set()

    def broken(self, number: int, message: str, op: Op | None) -> Violation:
        return Violation(number, message, self.graph, op)

    def region(self, region: Region, owner: Op | None) -> Iterator[Violation]:
        if region.owner is not owner or region in self.seen.regions:
            yield self.broken(5, "a region is owned by another op, or held twice", owner)
        self.seen.regions.add(region)
        inside = list(region.params)
        yield from self.definitions(region.params, region, owner)
        for op in region.ops:
            yield from self.op(op, region)
            inside += op.results
        yield from self.uses(region.results, owner)
        if region.never and region.results:
            yield self.broken(12, f"it yields {len(region.results)} values", owner)
        self.visible.difference_update(inside)

    def op(self, op: Op, region: Region) -> Iterator[Violation]:
        if op.parent is not region or op in self.seen.ops:
            yield self.broken(5, "it has another parent, or is held twice", op)
        self.seen.ops.add(op)
        if op.loc is None and self.graph.loc is not None:
            yield self.broken(8, "it has no location", op)
        for number, message in _check_attrs(op):
            yield self.broken(number, message, op)
        self.seen.graphs.update(dict.fromkeys(callees(op)))
        yield from self.uses(op.operands, op)
        for inner in op.regions:
            yield from self.region(inner, op)
        yield from self.definitions(op.results, op, op)
        check = STRUCTURED_OPS.get(op.name, _check_inference)
        for number, message in check(op):
            yield self.broken(number, message, op)

    def definitions(
        self, values: list[Value], owner: Op | Region, op: Op | None
    ) -> Iterator[Violation]:
        for value in values:
            if value in self.seen.values:
                yield self.broken(1, f"{value!r} has been defined before", op)
            if value.owner is not owner:
                yield self.broken(3, f"{value!r} has owner {value.owner!r}", op)
            problem = type_problem(value.type)
            if problem is not None:
                yield self.broken(9, f"{value.name or 'a value'} has {problem}", op)
            self.seen.values.add(value)
            self.visible.add(value)

    def uses(self, values: list[Value], op: Op | None) -> Iterator[Violation]:
        for value in values:
            if value in self.visible:
                continue
            if not value.is_literal:
                is_defined = value in self.seen.values
                place = "outside its region" if is_defined else "before its definition"
                yield self.broken(2, f"{value!r} is used {place}", op)
            elif not _is_true_literal(value):
                yield self.broken(4, f"{value!r} has the type {value.type}", op)


def _is_true_literal(value: Value) -> bool:
    held = value.literal
    is_literal = held is None or held is UNBOUND or type(held) in WEAK_OF
    return is_literal and literal(held).type == value.type


def _check_attrs(op: Op) -> Broken:
    for key, value in op.attrs.items():
        if not isinstance(key, str) or not key.isidentifier():
            yield 7, f"attribute {key!r} is not named by an identifier"
        try:
            hash(value)
        except TypeError:
            yield 7, f"attribute {key} is a {type(value).__name__}, which cannot be hashed"


def _check_inference(op: Op) -> Broken:
    definition = REGISTRY.get(op.name)
    if definition is None:
        yield 6, f"no op is called {op.name!r}"
        return
    try:
        inferred = definition.infer(op.operands, op.attrs)
    except Exception as error:  # an op's own refusal, or attributes it has never seen
        types = ", ".join(str(value.type) for value in op.operands)
        yield 10, f"not defined for ({types}): {type(error).__name__}: {error}"
        return
    if len(inferred) != len(op.results):
        yield 10, f"{len(op.results)} results; inference gives {len(inferred)}"
        return
    for index, (result, type_) in enumerate(zip(op.results, inferred, strict=True)):
        problem = type_problem(type_)
        if problem is not None:  # from attributes that inference takes on trust
            yield 10, f"inference gives result {index} {problem}"
        elif not is_subtype(type_, result.type):
            yield 11, f"result {index} is {result.type}; inference gives {type_}"


def type_problem(type_: Any) -> str | None:
    """What is wrong with a type, or None."""
    match type_:
        case Array(dtype, shape, weak):
            return _array_problem(dtype, shape, weak)
        case Sequence(elem):
            return type_problem(elem)
        case Tuple(items):
            return next((problem for problem in map(type_problem, items) if problem), None)
        case Maybe(Maybe()):
            return "a type that is maybe[maybe[…]]"
        case Maybe(inner):
            return type_problem(inner)
        case Nothing() | Tape() | Caught():
            return None
    return f"no type but {type_!r}"


def _array_problem(dtype: Any, shape: Any, weak: bool) -> str | None:
    if not isinstance(dtype, np.dtype) or dtype.name not in SHORT_NAMES or not dtype.isnative:
        return f"the dtype {dtype!r}"
    if weak and (shape != () or dtype.name not in WEAK_NAMES):
        return f"a weak type of shape {shape} and dtype {dtype}"
    is_shape = type(shape) is tuple and all(
        dim is None or (type(dim) is int and dim >= 0) for dim in shape
    )
    return None if is_shape else f"the shape {shape!r}"
