"""The trace: where ops go while a function is being traced, and who is watching when none is.

`Trace` holds the graph under construction and the region ops are appended to. Objects from outside
(arguments, captured arrays, variables) are graph inputs; each has one handle in the trace, and a
handle that has moved to another value by the end is written back (`ops/tensor.py`).
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, Protocol

from graphc.errors import GraphcError, TraceError
from graphc.ir.core import Attrs, Op, Region, Value, region_of
from graphc.ir.graph import Graph
from graphc.ir.opdef import REGISTRY
from graphc.ir.types import Type
from graphc.source import Location, frame_location, located, place, user_frame

_STORES = {dis.opmap["STORE_FAST"], dis.opmap["STORE_DEREF"]}


class NeedsStatic(GraphcError, TypeError):
    """Tracing needs the concrete value of a traced number (an axis, a list index, a truth value).

    Who can specialises: an unrolled loop, or the function's cache for one argument. Where nobody
    can, the user reads the message.
    """

    value: Value | None = None
    because: GraphcError | None = None  # what made it necessary: said where it cannot be had
    numbers_only = False  # whether arguments that are numbers must be all that the value depends on


class Unstageable(GraphcError, TypeError):
    """The region being traced does what a graph cannot hold; unrolling it may be right."""


@dataclass(eq=False)
class External:
    """An object from outside the trace: the graph input it enters by and its handle inside."""

    source: Any
    value: Value
    handle: Any


class Recorder(Protocol):
    """What an eager tape offers (`tape.py`)."""

    def record(
        self, name: str, operands: Sequence[Any], attrs: Attrs, results: list[Any]
    ) -> None: ...

    def moved(self, handle: Any, before: Any, after: Any) -> None: ...

    def tracks(self, x: Any) -> bool: ...


@dataclass(eq=False)
class Attempt:
    """The body of a `try` under construction: its region, the places that have moved since it
    began, each with the region and how many ops that had, and the last error in shapes."""

    region: Region
    moves: list[tuple[Any, Region, int]] = field(default_factory=list)
    inexact: GraphcError | None = None


_TRACE: ContextVar[Trace | None] = ContextVar("graphc_trace", default=None)
TAPES: ContextVar[tuple[Recorder, ...]] = ContextVar("graphc_tapes", default=())


def current_trace() -> Trace | None:
    return _TRACE.get()


class LocalObjects(dict[int, tuple[Any, Region]]):
    """The objects made in a trace, by id, with the region; `order[id]` numbers them."""

    def __init__(self) -> None:
        super().__init__()
        self.order: dict[int, int] = {}

    def __setitem__(self, key: int, made: tuple[Any, Region]) -> None:
        self.order[key] = len(self.order)
        super().__setitem__(key, made)


class Trace:
    """One graph under construction.

    `moves` is the journal of handles re-pointed (in-place writes, assignments), oldest first; a
    region reads from its mark on to learn what it changed. `places` are the attributes and items
    that were moved, one object a location. `local_ids` are the Python containers made in this
    trace, with the region they were made in.
    """

    def __init__(self, name: str, loc: Location | None = None) -> None:
        self.graph = Graph(name, loc=loc)
        self.region: Region = self.graph.region
        self.externals: dict[int, External] = {}
        self.n_roots = 0  # arrays numbered, to tell which one a branch has chosen (`ops/links.py`)
        self.arguments: list[Any] = []  # the handles of arrays among the arguments
        self.moves: list[tuple[Any, Any]] = []
        self.known_arms: dict[Op, int] = {}  # see `frontend/known_arms.py`
        self.attempts: list[Attempt] = []  # the bodies of `try` being traced, outermost first
        self.moved: dict[int, Any] = {}  # all that `moves` has ever held, on whatever path
        self.is_inexact = False  # whether what a `raise` op makes is less than what Python raises
        self.places: dict[tuple[int, str, Any], Any] = {}  # attributes and items that were moved
        self.local_ids = LocalObjects()
        self.choices: dict[int, list[Any]] = {}  # see `frontend/choices.py`
        self.facts: list[Any] = []  # what tests have told of tags (`frontend/facts.py`)
        self.ways: list[Any] = []  # what a Chosen may be, by its tag (`frontend/chosen.py`)
        self.at: Location | None = (
            None  # the place to give new ops, where it is not the user's frame
        )
        self.speculative = True  # whether loops that could be unrolled may be staged
        self.zero_d: set[Value] = set()  # inputs that are arrays without dimensions, not scalars
        self.checked = True  # whether operands must be visible; adjoints are mended afterwards
        self.outside: Any = None  # what the traced code sees of the outside (`frontend/outside.py`)
        self.pairs: dict[Any, Any] = {}  # the derivatives of called graphs (`transforms/calls.py`)
        self.born = 0  # how many local objects there were when the innermost call began
        # Of `frontend/recursion.py`: the calls being traced, outermost first; functions whose
        # recursion is not to become a graph.
        self.calls: list[Any] = []
        self.in_place: list[Any] = []
        self.finished = False
        self.notes: list[Any] = []  # what became of the user's statements (`frontend/notes.py`)
        self.codes: dict[CodeType, None] = {}  # the user's functions that were converted
        self.gave_up: Any = None  # why the last attempt to stage a loop failed

    def note_move(self, place: Any, old: Any) -> None:
        """Note in the journal that a place, which holds `old`, is about to change."""
        self.moves.append((place, old))
        for attempt in self.attempts:
            attempt.moves.append((place, self.region, len(self.region.ops)))
        self.moved[id(place)] = place

    @contextmanager
    def located_at(self, loc: Location | None) -> Iterator[None]:
        """Give ops made inside the place `loc`: an adjoint op belongs to its primal's line."""
        outer, self.at = self.at, loc
        try:
            yield
        finally:
            self.at = outer

    @contextmanager
    def unchecked(self) -> Iterator[None]:
        """Let ops refer to values of other regions: residuals replace those references."""
        outer, self.checked = self.checked, False
        try:
            yield
        finally:
            self.checked = outer

    @contextmanager
    def journaling_all(self) -> Iterator[None]:
        """Let changes of what this region has made be noted too: they may be taken back."""
        outer, self.born = self.born, len(self.local_ids.order)
        try:
            yield
        finally:
            self.born = outer

    @contextmanager
    def active(self) -> Iterator[Trace]:
        """Make this the current trace. Tapes outside do not see into it."""
        token, tapes = _TRACE.set(self), TAPES.set(())
        try:
            yield self
        finally:
            TAPES.reset(tapes)
            _TRACE.reset(token)
            if self.outside is not None:
                self.outside.release()

    @contextmanager
    def inside(self, region: Region) -> Iterator[Region]:
        """Append ops to `region` instead of the current one."""
        outer, self.region = self.region, region
        known = self.known_arms
        region.outer = outer
        try:
            yield region
        finally:
            self.region, self.known_arms = outer, known

    def emit(
        self,
        name: str,
        operands: Sequence[Value],
        attrs: Attrs | None = None,
        regions: Sequence[Region] = (),
        types: Sequence[Type] | None = None,
        loc: Location | None = None,
    ) -> Op:
        """Append an op to the current region; its result types are inferred unless given."""
        attrs = {} if attrs is None else attrs
        loc = loc or self.at
        frame = user_frame() if loc is None else None
        if frame is not None:
            loc = frame_location(frame)
        if types is None:
            types = infer(name, operands, attrs, loc)
        if self.checked:
            for value in operands:
                self.check_visible(value)
        op = self.region.append(Op(name, operands, attrs, types, regions, loc))
        op.derived = self.at is not None
        if frame is not None and len(op.results) == 1:
            op.result.name = assigned_name(frame)
        return op

    def check_visible(self, value: Value) -> None:
        """Refuse a value whose region is not open here: it belongs to another loop or branch."""
        home = region_of(value)
        if home is None or home is self.region or home.encloses(self.region):
            return
        raise located(
            TraceError,
            f"the tensor '{value.name or 'value'}' was made inside a loop, a branch or another "
            "trace that has ended",
            hint="return it from there, or carry it in a variable assigned in that loop or branch",
        )


def infer(
    name: str, operands: Sequence[Value], attrs: Attrs, loc: Location | None
) -> Sequence[Type]:
    """An op's result types; an error on the way is given the user's line."""
    try:
        return REGISTRY[name].infer(operands, attrs)
    except (TypeError, ValueError) as error:
        place(error, loc)
        types = ", ".join(str(value.type) for value in operands)
        error.add_note(f"while tracing op '{name}' on {types}")
        raise


def assigned_name(frame: FrameType) -> str:
    """The local name that the frame's current expression is about to be assigned to, or ''."""
    code = frame.f_code
    raw = code.co_code
    at = frame.f_lasti + 2
    while at < len(raw) and raw[at] == 0:  # inline caches
        at += 2
    if at >= len(raw) or raw[at] not in _STORES:
        return ""
    return _local_names(code)[raw[at + 1]]


@lru_cache(maxsize=512)
def _local_names(code: CodeType) -> tuple[str, ...]:
    cells = tuple(name for name in code.co_cellvars if name not in code.co_varnames)
    return code.co_varnames + cells + code.co_freevars
