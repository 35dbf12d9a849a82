"""Activations: the calls of converted functions that are being traced (`recursion.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from graphc import tree
from graphc.frontend.cells import CellPlace, Snapshot
from graphc.frontend.places import ObjectPlace
from graphc.frontend.regions import PlaceMap
from graphc.ir.core import Region
from graphc.ir.graph import Graph
from graphc.ir.types import Type
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace
from graphc.source import Location


@dataclass(eq=False)
class Activation:
    """A call of a function that is being traced: in place, or (once `graph` is set) as a graph.

    `types[i]` is the type of the parameter that leaf i of the state is, or None where it is the
    same in all calls. The state is the arguments, then what stands at `places`. `guess` is what
    the recursive calls return: one slot per leaf of (result, contents of places); None as long as
    that is undecided.
    """

    trace: Trace
    fn: Callable[..., Any]
    key: Any  # the function as the user made it
    arguments: tuple[Any, ...]  # (args, kwargs)
    region: Region  # where it is called
    cells: Snapshot
    leaves: list[Any] = field(default_factory=list)
    structure: tree.Structure = tree.LEAF
    types: list[Type | None] = field(default_factory=list)
    graph: Graph | None = None
    handles: PlaceMap[Type] = field(
        default_factory=lambda: PlaceMap()
    )  # arrays it changes in place
    places: list[ObjectPlace | CellPlace] = field(default_factory=list)  # what else it assigns
    written: list[int] = field(default_factory=list)  # leaves that are arrays changed in place
    guess: list[Any] | None = None
    result: tree.Structure = tree.LEAF
    never: bool = False  # as far as is known, it raises in all cases, or never ends

    def __post_init__(self) -> None:
        self.leaves, self.structure = self.state(self.arguments)
        self.types = [None] * len(self.leaves)

    def state(self, arguments: tuple[Any, ...]) -> tuple[list[Any], tree.Structure]:
        """The leaves of what a call depends on, as things stand now."""
        return tree.flatten((arguments, *(place.get() for place in self.places)))

    @property
    def arrays(self) -> list[Tensor]:
        """The handles of `handles`."""
        return [handle for handle in self.handles if isinstance(handle, Tensor)]

    @property
    def is_undecided(self) -> bool:
        return self.graph is not None and self.guess is None and not self.never

    @property
    def is_generalised(self) -> bool:
        """Whether a parameter of the graph stands for something of which more is known in the
        first call.
        """
        return any(
            kind is not None and not (isinstance(leaf, Tensor) and leaf.type == kind)
            for leaf, kind in zip(self.leaves, self.types, strict=True)
        )

    @property
    def name(self) -> str:
        return getattr(self.key, "__name__", "function")

    @property
    def loc(self) -> Location | None:
        code = getattr(self.key, "__code__", None)
        return None if code is None else Location(code.co_filename, code.co_firstlineno)


class Recursion(BaseException):
    """Leaves the tracing of an activation: it must be traced as a graph with parameters of these
    types.
    """

    def __init__(self, activation: Activation, types: list[Type | None]) -> None:
        super().__init__()
        self.activation = activation
        self.types = types


@contextmanager
def on_stack(activation: Activation) -> Iterator[None]:
    trace, born = activation.trace, activation.trace.born
    trace.calls.append(activation)
    trace.born = len(trace.local_ids.order)
    try:
        yield
    finally:
        trace.calls.pop()
        trace.born = born
