"""Exceptions handled while tracing: `try` as an op of two regions, and what needs none.

The body is traced into a region of its own. Where nothing in it can raise, its ops are the
function's; where it raises while it is traced, and nothing can before, the handler is simply run.
Otherwise the graph has a `try`, whose handlers are traced like the arms of a branch. They find
everything as it was before the body: `attempts.py` has cut the names so that this is what Python
shows, and what else the body has changed is checked here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphc.frontend.branches import BranchMerge, stage_if
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each
from graphc.frontend.notes import note
from graphc.frontend.places import assign, label_of, stood
from graphc.frontend.raising import NO_CAUSE, cause_of, emit_raise, instance
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import (
    StagedRaise,
    Traced,
    Undecided,
    outlives,
    trace_region,
    users_error,
)
from graphc.frontend.staged_text import is_staged
from graphc.ir.core import Op, Region
from graphc.ops.raising import catches_warnings, may_raise, region_may_raise
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Attempt, Trace, current_trace

Kinds = tuple[type[BaseException], ...]
State = tuple[Any, ...]
PATHS = ("where nothing is raised", "where the exception is handled")


@dataclass(frozen=True)
class Handler:
    """An `except` clause: which exceptions, its block, and whether that has a name for what it
    caught."""

    kinds: Kinds
    run: Callable[..., Any]
    is_named: bool

    def handle(self, error: Any, state: State) -> Any:
        return self.run(error, *state) if self.is_named else self.run(*state)


@dataclass(eq=False)
class Body(Attempt):
    """The body of a `try` while it is traced: `error` is what it has raised."""

    error: BaseException | None = None
    cause: Any = NO_CAUSE
    traced: Traced | None = None


def raise_(error: Any, cause: Any = NO_CAUSE) -> None:
    """`raise error from cause`. While tracing, an op that raises when the graph runs; in the body
    of a `try`, where no branch or loop is around it, it is raised now.
    """
    trace = current_trace()
    if isinstance(error, Chosen):
        each(error, lambda way: raise_(way, cause))
    if trace is not None:
        error = instance(trace, error)
        if not _is_raised_now(trace, error):
            emit_raise(trace, error, cause)
            raise StagedRaise
    if cause is not NO_CAUSE:
        raise error from cause
    raise error


def _is_raised_now(trace: Trace, error: Any) -> bool:
    in_body = bool(trace.attempts) and trace.attempts[-1].region is trace.region
    return in_body and not isinstance(error, Tensor) and not is_staged(getattr(error, "args", ()))


def try_(
    body: Any, clauses: Any, state: State, names: tuple[str, ...], shared: Any = lambda: {}
) -> State:
    """`try: body`, and for each clause `except kind() as error: handler`. `shared` gives the
    variables that calls in the body may have bound anew (`nonlocal`), as they are now.
    """
    trace = current_trace()
    if trace is None:
        return _python_try(body, clauses, state, names, shared)
    return _stage_try(trace, body, clauses, state, names, shared)


def _python_try(body: Any, clauses: Any, state: State, names: Any, shared: Any) -> State:
    try:
        result: State = body(*state)
        return result
    except BaseException as error:
        for kind, run, is_named in clauses:
            if isinstance(error, kind()):
                state = _updated(state, names, shared())
                return Handler((), run, is_named).handle(error, state)  # type: ignore[no-any-return]
        raise


def _updated(state: State, names: tuple[str, ...], shared: dict[str, Any]) -> State:
    """The state of which what calls have bound anew is kept when the body raises."""
    kept = [shared.get(name, x) for name, x in zip(names, state, strict=False)]
    return (*kept, *state[len(names) :])


def _stage_try(
    trace: Trace, body: Any, clauses: Any, state: State, names: Any, shared: Any
) -> State:
    """The state after a `try`, traced."""
    before = shared()
    handlers = [Handler(_kinds(kind()), run, is_named) for kind, run, is_named in clauses]
    attempt = _trace_body(trace, body, state)
    traced = attempt.traced
    assert traced is not None
    warnings = catches_warnings(kind for each in handlers for kind in each.kinds)
    if not region_may_raise(traced.region, warnings):
        splice(trace, traced.region)
        for place, new in traced.moved.items():
            assign(trace, place, stood(new, place, trace))
        if attempt.error is None:
            return traced.output  # type: ignore[no-any-return]
        return _handle_now(attempt, handlers, _updated(state, names, shared()))
    if attempt.error is not None:
        with trace.inside(traced.region):
            emit_raise(trace, attempt.error, attempt.cause)
    if attempt.inexact is not None and any(handler.is_named for handler in handlers):
        raise attempt.inexact
    for name, value in shared().items():
        if value is not before[name]:
            raise refusal("changed in a try", name=name)
    check_moves(trace, attempt, warnings)
    note(trace, "staged: a `try` of the graph")
    return _stage(trace, traced, handlers, state, names)


def _kinds(kind: Any) -> Kinds:
    """The classes of an `except` clause. Python looks at them only once it has caught something."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    for one in kinds:
        if not (isinstance(one, type) and issubclass(one, BaseException)):
            raise refusal("no exception", name=repr(one))
    return kinds


# -- the body ------------------------------------------------------------------------------------


def _trace_body(trace: Trace, body: Any, state: State) -> Body:
    attempt = Body(Region())

    def run() -> Any:
        try:
            return body(*state)
        except StagedRaise:
            raise
        except Exception as error:
            raised = users_error(trace, error)
            if raised is None:
                raise
            attempt.error, attempt.cause = raised, cause_of(error)
            raise StagedRaise from error

    trace.attempts.append(attempt)
    try:
        attempt.traced = trace_region(trace, run, attempt.region)
    finally:
        trace.attempts.pop()
    return attempt


def splice(trace: Trace, region: Region) -> None:
    """Make what a region did the doing of the current one."""
    for op in region.ops:
        op.parent = trace.region
    trace.region.ops += region.ops
    for key, (made, home) in trace.local_ids.items():
        if home is region:
            dict.__setitem__(trace.local_ids, key, (made, trace.region))


def _handle_now(attempt: Body, handlers: list[Handler], state: State) -> State:
    """Run the handler of what is raised each time."""
    error = attempt.error
    assert error is not None
    for handler in handlers:
        if isinstance(error, handler.kinds):
            try:
                raise error
            except BaseException as again:
                return handler.handle(again, state)  # type: ignore[no-any-return]
    raise error


def check_moves(trace: Trace, attempt: Body, warnings: bool) -> None:
    """Refuse a body that changes what its handlers could see, and may raise after that."""
    for place, region, at in attempt.moves:
        if not attempt.region.encloses(region) or not outlives(place, trace, attempt.region):
            continue
        after = any(_can_raise(op, warnings) for op in region.ops[at:])
        if after or _is_repeated(region, attempt.region, warnings):
            raise refusal("changed in a try", name=label_of(place))


def _can_raise(op: Op, warnings: bool) -> bool:
    return may_raise(op, warnings) or any(region_may_raise(r, warnings) for r in op.regions)


def _is_repeated(region: Region, outermost: Region, warnings: bool) -> bool:
    """Whether a region is in a loop that may raise, inside another one."""
    while region is not outermost:
        op = region.owner
        if op is None or region.parent is None:
            return False
        if op.name == "loop" and _can_raise(op, warnings):
            return True
        region = region.parent
    return False


# -- the op ---------------------------------------------------------------------------------------


def _stage(
    trace: Trace, body: Traced, handlers: list[Handler], state: State, names: tuple[str, ...]
) -> State:
    handler = trace_region(trace, lambda: _dispatch(trace, handlers, state, names))
    kinds = tuple(dict.fromkeys(kind for each in handlers for kind in each.kinds))
    merge = BranchMerge(trace, [body, handler], PATHS)
    if body.never and handler.never:
        merge.emit("try", [], {"kinds": kinds})
        raise Undecided if body.undecided or handler.undecided else StagedRaise
    merge.add_result("completed", True, False)
    outputs = merge.merge_outputs(names)
    moved = merge.merge_places()
    op = merge.emit("try", [], {"kinds": kinds})
    for place, build in moved:
        assign(trace, place, build(op))
    return tuple(build(op) for build in outputs)


def _dispatch(trace: Trace, handlers: list[Handler], state: State, names: tuple[str, ...]) -> Any:
    """The handler of what was caught: the last one takes what the others do not."""
    first, *rest = handlers

    def run() -> Any:
        error = None
        if first.is_named:
            error = Tensor(trace.emit("caught", []).result, trace)
        return first.handle(error, state)

    if not rest:
        return run()
    test = trace.emit("caught_is", [], {"kinds": first.kinds}).result
    arms = (run, lambda: _dispatch(trace, rest, state, names))
    return stage_if(trace, Tensor(test, trace), arms, (), names)
