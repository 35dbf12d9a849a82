"""Regions under tracing: what a branch or body did, and how to take it back.

Tracing an arm means calling it with the current region switched. What it changed is what it
returns, plus every *place* it moved: a tensor handle (in-place writes, variable assignment), an
attribute or an item of a Python object. `Trace.moves` is the journal of those; at the end of an arm
they are put back and reported, and `branches.py` and `loops.py` make them results and carries like
the names the arm assigns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from graphc import tree
from graphc.errors import AxisError, GraphcError, ShapeError, TensorValueError
from graphc.frontend.places import (
    ObjectPlace,
    Place,
    changes_outside,
    covered,
    is_contents,
    is_item,
    peek,
    poke,
)
from graphc.frontend.raising import cause_of, emit_raise, met_a_tensor, names_our_type, note_new
from graphc.ir.core import Op, Region, Value, region_of
from graphc.ir.opdef import opdef
from graphc.ir.types import PYBOOL, Array
from graphc.ops.control import ambiguous_truth, is_scalar_like
from graphc.ops.lists import TracedList
from graphc.ops.static import UNKNOWN, try_static
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace
from graphc.source import PACKAGE, located

T = TypeVar("T")
NEVER = object()  # what tracing an arm that always raises returns


class StagedRaise(Exception):
    """Leaves the tracing of an arm after its `raise` op: what follows in the arm cannot run."""


class Undecided(StagedRaise):
    """Leaves the tracing of an arm at a recursive call of which it is not yet known what it
    returns.
    """


def truth(t: Any) -> Any:
    """A test as Python wants it: a bool where it is known now, else a traced Python bool."""
    if isinstance(t, TracedList):
        t = t.length() != 0
    if not isinstance(t, Tensor):
        own = getattr(type(t), "__bool__", None)
        return _own_truth(own(t)) if isinstance(own, FunctionType) else bool(t)
    t = t.in_trace()
    if not t.is_traced:
        return bool(t)
    known = try_static(t._data)
    if known is not UNKNOWN:
        return bool(known)
    kind = t.type
    if isinstance(kind, Array):
        if not is_scalar_like(kind.shape):
            if t._trace is not None and t._trace.attempts:  # a handler may take it
                raise ambiguous_truth()
            raise located(
                TensorValueError, str(ambiguous_truth()), hint="say which with .any() or .all()"
            )
        if kind.dtype.kind == "b" and kind.weak:
            return t
    return apply("truth", t)


def _own_truth(t: Any) -> Any:
    """What a user's `__bool__` returned: it must be a bool."""
    if isinstance(t, Tensor) and t.is_traced:
        t = t if t.array_type == PYBOOL else t.array_type.dtype.type(0)
    if not isinstance(t, bool | Tensor):
        kind = type(t)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        raise TypeError(f"__bool__ should return bool, returned {module}{kind.__name__}")
    return truth(t)


# -- tracing a region ------------------------------------------------------------------------------


class PlaceMap(MutableMapping[Place, T]):
    """A mapping keyed by places themselves: the hash of a traced tensor would be its value's."""

    def __init__(self, items: Iterable[tuple[Place, T]] = ()) -> None:
        self._items = {id(place): (place, item) for place, item in items}

    def __getitem__(self, place: Place) -> T:
        return self._items[id(place)][1]

    def __setitem__(self, place: Place, item: T) -> None:
        self._items[id(place)] = (place, item)

    def __delitem__(self, place: Place) -> None:
        del self._items[id(place)]

    def __iter__(self) -> Iterator[Place]:
        return (place for place, _ in self._items.values())

    def __contains__(self, place: object) -> bool:
        return id(place) in self._items

    def __len__(self) -> int:
        return len(self._items)


@dataclass
class Traced:
    """What tracing one arm or body gave: its region, what it returned, and the places it moved,
    with what stood there at its end (a value for a handle, else a Python object).
    """

    region: Region
    output: Any
    moved: PlaceMap[Any] = field(default_factory=lambda: PlaceMap())
    undecided: bool = (
        False  # it came to a recursive call (`recursion.py`), and will be traced again
    )

    @property
    def never(self) -> bool:
        return self.output is NEVER


def trace_region(
    trace: Trace,
    run: Callable[[], Any],
    region: Region | None = None,
    carried: Iterable[Place] = (),
) -> Traced:
    """Run `run` with ops going to a fresh region; places it moved are put back and reported.

    Handles made inside are nobody's business outside; `carried` ones come from outside, though they
    stand at a parameter of the region.
    """
    region = Region() if region is None else region
    mark, undecided = len(trace.moves), False
    try:
        with trace.inside(region):
            output = run_or_raise(trace, run)
    except StagedRaise as stop:
        output = NEVER
        region.never = True
        undecided = isinstance(stop, Undecided)
    moved = _moved_since(trace, mark, region, {id(place) for place in carried})
    return Traced(region, output, moved, undecided)


def run_or_raise(trace: Trace, run: Callable[[], Any]) -> Any:
    """`run()`; an exception of the user's own becomes a `raise` op, and then StagedRaise.

    Whatever Python raises while a region is traced (a division of known numbers by zero, a name
    that is unbound), it would raise each time that region runs, and only then.
    """
    try:
        return run()
    except (StagedRaise, RecursionError):
        raise
    except Exception as error:
        raised = users_error(trace, error)
        if raised is None:
            raise  # a refusal, or a bug of graphc's
        if trace.region.parent is None and not _has_done_anything(trace):
            raise  # the first thing that the function does
        emit_raise(trace, raised, cause_of(raised))
        raise StagedRaise from error


def users_error(trace: Trace, error: Exception) -> Exception | None:
    """An exception that the undecorated function raises too; None for those of graphc's own.

    What inference says of shapes NumPy says in other words: it counts only where a `try` may
    handle it, and not where the words matter.
    """
    if isinstance(error, ShapeError | AxisError) and trace.attempts:
        trace.attempts[-1].inexact = error
        kind: Any = next(each for each in type(error).__mro__ if not issubclass(each, GraphcError))
        error = kind(str(error))
        note_new(trace, error)
        return error
    if isinstance(error, GraphcError) or _is_ours(error):
        return None
    if names_our_type(error):
        raise met_a_tensor(error).with_traceback(error.__traceback__) from error
    if trace.outside is None or not trace.outside.knows(error):
        note_new(trace, error)
    return error


def _is_ours(error: Exception) -> bool:
    """Whether an error that only a bug can cause comes from graphc's own code."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    file = "" if place is None else place.tb_frame.f_code.co_filename
    inside = file.startswith(PACKAGE) and not file.startswith(f"{PACKAGE}frontend")
    obj = getattr(error, "obj", None)
    kinds = AssertionError | NameError | AttributeError | KeyError
    own_module = isinstance(obj, ModuleType) and obj.__name__.startswith("graphc.")
    return own_module or inside and isinstance(error, kinds) and not isinstance(obj, Tensor)


def _has_done_anything(trace: Trace) -> bool:
    """Whether a call would have done anything that can be noticed, as far as it is traced."""
    return changes_outside(trace) or any(map(_is_seen, trace.region.ops))


def _is_seen(op: Op) -> bool:
    """Whether running an op can be noticed, even where nothing uses its results."""
    return bool(op.regions) or opdef(op).effect


def _moved_since(trace: Trace, mark: int, region: Region, carried: set[int]) -> PlaceMap[Any]:
    """The places that outlive `region` and were moved since `mark`; they are put back."""
    moved = PlaceMap((place, peek(place)) for place, _ in trace.moves[mark:])
    for place, old in reversed(trace.moves[mark:]):
        poke(place, old)
    del trace.moves[mark:]
    reported: PlaceMap[Any] = PlaceMap()
    for place, new in moved.items():  # in the order of their first moves: a dict's new keys have it
        if id(place) not in carried and not outlives(place, trace, region):
            poke(place, new)
        elif new is not peek(place):
            reported[place] = new
    is_covered = covered(reported)
    return PlaceMap((place, new) for place, new in reported.items() if not is_covered(place))


def at_end(traced: Traced, x: Any) -> Any:
    """What an arm hands on, as it was at its end: containers that the arm has changed are put back
    already, and are copied as they were.
    """
    known = set(tree.container_ids(x))
    changed = [place for place in traced.moved if not isinstance(place, Tensor)]
    if not any(id(place.owner) in known for place in changed):
        return x
    with _as_left_by(traced, changed):
        leaves = iter(x.copy() if isinstance(x, TracedList) else x for x in tree.flatten(x)[0])
        return tree.rebuilt(x, leaves, {}, TracedList)


def peek_at_end(traced: Traced, place: Place) -> Any:
    """What stands at a place at the end of an arm, which may have moved it, or items of it only."""
    if place in traced.moved or not is_contents(place):
        return traced.moved.get(place, peek(place))
    items = [each for each in traced.moved if is_item(each) and each.owner is place.owner]
    with _as_left_by(traced, items):
        return peek(place)


@contextmanager
def _as_left_by(traced: Traced, places: list[ObjectPlace]) -> Iterator[None]:
    """Places as they were at the end of an arm."""
    before = [(place, peek(place)) for place in places]
    try:
        for place in places:
            poke(place, traced.moved[place])
        yield
    finally:
        for place, old in reversed(before):
            poke(place, old)


def outlives(place: Place, trace: Trace, region: Region) -> bool:
    """Whether a place is known outside `region`: it was not made there."""
    if isinstance(place, Tensor):
        return not inside(region, place._data)
    made_in = trace.local_ids.get(id(place.owner), (None, None))[1]
    return made_in is None or not region.encloses(made_in)


def inside(region: Region, value: Value) -> bool:
    home = region_of(value)
    return home is not None and region.encloses(home)


@contextmanager
def rollback(trace: Trace) -> Iterator[None]:
    """An attempt: on an error, the current region and all handles are as before."""
    region, n_ops, n_moves = trace.region, len(trace.region.ops), len(trace.moves)
    try:
        yield
    except StagedRaise:
        raise  # not an error: the attempt ends in a `raise` op, which stays
    except BaseException:
        trace.region = region
        put_back(trace, n_ops, n_moves)
        raise


def put_back(trace: Trace, n_ops: int, n_moves: int) -> None:
    """Drop what was appended to the current region, and undo moves, since these marks."""
    for place, old in reversed(trace.moves[n_moves:]):
        poke(place, old)
    del trace.moves[n_moves:]
    del trace.region.ops[n_ops:]


def speculate(trace: Trace, run: Callable[[], Any]) -> Any:
    """Try to stage a loop that could be unrolled; UNKNOWN where unrolling must do."""
    trace.gave_up = "values that were needed while tracing"
    if not trace.speculative:
        return UNKNOWN
    mark = len(trace.notes)
    try:
        with rollback(trace):
            return run()
    except (GraphcError, TypeError, ValueError, LookupError) as error:
        del trace.notes[mark:]
        trace.gave_up = error
        return UNKNOWN
