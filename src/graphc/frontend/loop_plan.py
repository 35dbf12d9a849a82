"""One staged loop while it is traced: what to call, and the current guess of what it carries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphc import tree
from graphc.frontend.merging import is_stageable, leaf_value
from graphc.frontend.places import ObjectPlace
from graphc.frontend.regions import PlaceMap
from graphc.ir.core import Value
from graphc.ir.types import NOTHING, Type
from graphc.ops.sequences import static_length
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace


@dataclass
class LoopSource:
    """What a for-loop consumes: sequences, and how an iteration's items make its Python item."""

    sequences: list[Value]
    build: Callable[[list[Tensor]], Any]
    name: str = "item"


@dataclass
class LoopPlan:
    """One staged loop: what to call, and the current guess of what its iterations carry."""

    trace: Trace
    test: Callable[..., Any] | None
    body: Callable[..., Any]
    names: tuple[str, ...]
    source: LoopSource | None
    strict: bool  # unrolling is possible: give up where a carry's type changes
    structures: list[Any]
    leaves: list[Any]
    types: list[Type | None]  # None: not stageable, must stay the same object
    handles: Any = field(default_factory=PlaceMap)  # the tensors carried in place, with types
    places: list[ObjectPlace] = field(
        default_factory=list
    )  # carried behind the names, as names are
    inner: list[Any] = field(default_factory=list)  # the leaves as the body got them
    inner_state: tuple[Any, ...] = ()
    initial: tuple[Any, ...] = ()  # the names' objects before the loop
    bound: tuple[Any, ...] = ()  # … and after an iteration
    lent: set[int] = field(default_factory=set)  # names of lists that are items of staged ones

    @property
    def always_runs(self) -> bool:
        """Whether the first iteration is sure to be run."""
        if self.test is not None or self.source is None:
            return False
        return all(static_length(seq) for seq in self.source.sequences)

    @property
    def staged(self) -> list[int]:
        return [i for i, t in enumerate(self.types) if t is not None and t != NOTHING]


def leaf_type(leaf: Any, trace: Trace) -> Type | None:
    return leaf_value(leaf, trace).type if is_stageable(leaf) else None


def starts(plan: LoopPlan) -> list[int]:
    """Where the leaves of each name begin."""
    counts = [tree.count(structure) for structure in plan.structures]
    return [0, *itertools.accumulate(counts)][: len(counts)]
