"""The graph's data: Value, Op, Region (and Graph, in `ir/graph.py`).

Inert: no operators on them, identity equality.

    graph   ::=  a named region whose parameters are the graph's inputs
    region  ::=  parameters, ops in order, results
    op      ::=  definition's name, operands (values), attributes, regions, results, location
    value   ::=  one definition: an op's result, a region's parameter, or a literal

Regions are open: an op may use any value defined before it in its own region or in an enclosing
one. A literal (a Python number, `none`, `unbound`) is a value without an owner; it needs no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphc.errors import InternalError
from graphc.ir.types import NOTHING, UNBOUND, WEAK_OF, Type
from graphc.source import Location

Attrs = dict[str, Any]

# Ops that yield what one of their two regions yields.
BRANCHES = frozenset({"if", "try"})


class Value:
    """One definition. `owner` is the Op or Region that defines it, or None for a literal."""

    __slots__ = ("literal", "name", "owner", "type")

    def __init__(self, type: Type, owner: Op | Region | None, name: str = "") -> None:
        self.type = type
        self.owner = owner
        self.name = name
        self.literal: Any = None

    @property
    def is_literal(self) -> bool:
        return self.owner is None

    def __repr__(self) -> str:
        return f"<Value {self.literal if self.is_literal else '%' + self.name}: {self.type}>"


def literal(value: object) -> Value:
    """A literal value: a Python bool, int, float, complex, None, or UNBOUND."""
    if value is None or value is UNBOUND:
        result = Value(NOTHING, None)
    else:
        result = Value(WEAK_OF[type(value)], None)
    result.literal = value
    return result


class Op:
    """One operation. `name` is its definition's name in the registry (`ir/opdef.py`)."""

    __slots__ = ("attrs", "derived", "loc", "name", "operands", "parent", "regions", "results")

    def __init__(
        self,
        name: str,
        operands: Iterable[Value],
        attrs: Attrs,
        result_types: Iterable[Type],
        regions: Iterable[Region] = (),
        loc: Location | None = None,
    ) -> None:
        self.name = name
        self.operands: list[Value] = list(operands)
        self.attrs: Attrs = attrs
        self.regions: list[Region] = list(regions)
        self.results: list[Value] = [Value(t, self) for t in result_types]
        self.loc = loc
        # Whether graphc added it (an adjoint op): whatever it could raise, the primal has raised.
        self.derived = False
        self.parent: Region | None = None
        for region in self.regions:
            region.owner = self

    @property
    def result(self) -> Value:
        (value,) = self.results
        return value

    def add_result(self, type: Type, name: str = "") -> Value:
        value = Value(type, self, name)
        self.results.append(value)
        return value

    def __repr__(self) -> str:
        return f"<Op {self.name}>"


class Region:
    """Parameters, ops in order, results. `owner` is the Op that holds it, or None at the top.

    `never` marks a region that always raises: it yields nothing and merges with anything.
    """

    __slots__ = ("never", "ops", "outer", "owner", "params", "results")

    def __init__(self) -> None:
        self.params: list[Value] = []
        self.ops: list[Op] = []
        self.results: list[Value] = []
        self.owner: Op | None = None
        self.never = False
        self.outer: Region | None = None

    def add_param(self, type: Type, name: str = "") -> Value:
        value = Value(type, self, name)
        self.params.append(value)
        return value

    def append(self, op: Op) -> Op:
        op.parent = self
        self.ops.append(op)
        return op

    @property
    def parent(self) -> Region | None:
        """The enclosing region; while a region is traced, before its op exists, `outer`."""
        return self.owner.parent if self.owner is not None else self.outer

    def encloses(self, other: Region | None) -> bool:
        """Whether `other` is this region or nested in it, at any depth."""
        while other is not None:
            if other is self:
                return True
            other = other.parent
        return False


def region_of(value: Value) -> Region | None:
    """The region in which a value is defined; None for a literal."""
    owner = value.owner
    if isinstance(owner, Op):
        if owner.parent is None:
            raise InternalError(f"{value!r} belongs to an op that is in no region")
        return owner.parent
    return owner


def walk(region: Region) -> Iterator[Op]:
    """Every op of a region and of the regions nested in it, in program order."""
    for op in region.ops:
        yield op
        for inner in op.regions:
            yield from walk(inner)


def used_values(region: Region) -> Iterator[Value]:
    """Every value used in a region, at any depth: operands and region results. With repeats."""
    for op in region.ops:
        yield from op.operands
        for inner in op.regions:
            yield from used_values(inner)
    yield from region.results


def free_values(region: Region) -> list[Value]:
    """The values a region uses and an enclosing one defines, each once, in order of first use."""
    inside: set[Value] = set()
    free: dict[Value, None] = {}
    _collect_free(region, inside, free)
    return list(free)


def _collect_free(region: Region, inside: set[Value], free: dict[Value, None]) -> None:
    inside.update(region.params)
    for op in region.ops:
        for value in op.operands:
            if value.owner is not None and value not in inside:
                free[value] = None
        for inner in op.regions:
            _collect_free(inner, inside, free)
        inside.update(op.results)
    for value in region.results:
        if value.owner is not None and value not in inside:
            free[value] = None


def op_free_values(op: Op) -> list[Value]:
    """An op's operands and its regions' free values, each once: all that it reads."""
    read = {value: None for value in op.operands if value.owner is not None}
    for region in op.regions:
        read.update(dict.fromkeys(free_values(region)))
    return list(read)
