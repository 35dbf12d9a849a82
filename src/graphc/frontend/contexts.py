"""Context managers: those that are entered when the program runs, not while it is traced, and what
an exception in the block of the user's own comes to."""

from __future__ import annotations

import contextlib
from typing import Any

from graphc.errors import GraphcError
from graphc.frontend.handling import Body, check_moves, splice
from graphc.frontend.raising import cause_of, emit_raise
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import StagedRaise, trace_region, truth, users_error
from graphc.frontend.user_classes import is_users
from graphc.ir.build import replace_all_uses
from graphc.ir.core import Op, Region, Value
from graphc.ir.opdef import opdef
from graphc.ops.raising import region_may_raise
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, current_trace


class StagedErrstate:
    """`np.errstate(…)` in a traced function: two effects, around what the block computes."""

    def __init__(self, trace: Trace, options: dict[str, Any]) -> None:
        self.trace = trace
        self.options = tuple(sorted(options.items()))

    def __enter__(self) -> StagedErrstate:
        self.trace.emit("errstate_enter", [], {"options": self.options})
        return self

    def __exit__(self, *exc: object) -> None:
        self.trace.emit("errstate_leave", [])


def manager(x: Any) -> Any:
    """What a `with` statement enters in place of `x`."""
    trace = current_trace()
    is_ours = type(x).__module__.partition(".")[0] == "graphc"
    if trace is None or is_ours or type(x) is contextlib.nullcontext:
        return x
    if not is_users(type(x)):
        raise refusal("context manager", kind=type(x).__name__)
    return StagedManager(trace, x)


class Unknown:
    """The class and the traceback of an exception that the program will have caught."""

    def __getattr__(self, name: str) -> Any:
        raise refusal("caught class")

    __eq__ = __hash__ = __call__ = __getattr__  # type: ignore[assignment]


class StagedManager:
    """A context manager of the user's. Its block is traced into a region; where that may raise when
    the program runs, `__exit__` is traced once more as a handler that raises again.
    """

    def __init__(self, trace: Trace, manager: Any) -> None:
        self.trace = trace
        self.manager = manager
        self.stack = contextlib.ExitStack()
        self.attempt = Body(Region())

    def __enter__(self) -> Any:
        value = type(self.manager).__enter__(self.manager)
        self.stack.enter_context(self.trace.inside(self.attempt.region))
        self.trace.attempts.append(self.attempt)
        return value

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        trace, region = self.trace, self.attempt.region
        trace.attempts.pop()
        self.stack.close()
        region.never = isinstance(error, StagedRaise)
        if isinstance(error, GraphcError) or error is not None and not isinstance(error, Exception):
            return False
        raised = None if error is None or region.never else users_error(trace, error)
        if error is not None and raised is None and not region.never:
            return False  # a bug of graphc's
        if not region_may_raise(region, warnings=True):
            splice(trace, region)
            return self.leave(None if raised is None else type(raised), raised, traceback)
        if raised is not None:
            with trace.inside(region):
                emit_raise(trace, raised, cause_of(raised))
            region.never = True
        self.guard(region)
        if region.never:
            raise StagedRaise
        self.leave(None, None, None)
        return False

    def leave(self, kind: Any, error: Any, traceback: Any) -> bool:
        """Call `__exit__`; says whether it swallows the exception."""
        swallows = truth(type(self.manager).__exit__(self.manager, kind, error, traceback))
        if isinstance(swallows, Tensor) or swallows and isinstance(error, Tensor):
            raise refusal("swallowed")
        return bool(swallows)

    def guard(self, region: Region) -> None:
        """Put the block into the graph: as a `try`, if leaving it by an exception can be seen."""
        handler = trace_region(self.trace, self.handle).region
        if not any(_is_seen(op) for op in handler.ops):
            splice(self.trace, region)
            return
        check_moves(self.trace, self.attempt, True)
        inside = {} if region.never else _exported(region)
        regions = [region, handler]
        op = self.trace.emit("try", [], {"kinds": (BaseException,)}, regions, [])
        op.results = list(inside)
        for value in op.results:
            value.owner = op

    def handle(self) -> Any:
        error = Tensor(self.trace.emit("caught", []).result, self.trace)
        self.leave(Unknown(), error, Unknown())
        emit_raise(self.trace, error)
        raise StagedRaise


def _is_seen(op: Op) -> bool:
    """Whether a handler does more than to raise again."""
    return op.name not in ("caught", "raise") and (bool(op.regions) or opdef(op).effect)


def _exported(region: Region) -> dict[Value, Value]:
    """Make all values of a region its results. The values themselves, which the trace's tensors
    hold, become those of the op around it: they get substitutes inside.
    """
    inside: dict[Value, Value] = {}
    for op in region.ops:
        for index, value in enumerate(op.results):
            inside[value] = op.results[index] = Value(value.type, op, value.name)
    replace_all_uses(region, inside)
    region.results = list(inside.values())
    return inside
