"""What a failure in a generated program means in terms of the user's program.

    ZeroDivisionError: division by zero
    graphc: raised by div of f, given b: int = 3, 0
    iteration 2 of the loop at notebook.py:3
    notebook.py:4
      b = b / 0
          ^^^^^

Nothing of this costs anything until something fails: the failing instruction's line and columns
lead to its op, and the frame's variables are the operands and the iteration numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import Any

import numpy as np

from graphc.codegen.plan import Plan
from graphc.codegen.writer import Span
from graphc.ir.core import Op, Value
from graphc.source import render

MARK = "graphc: raised by "
MAX_REPR = 60


@dataclass
class Failure:
    """The op at which a program failed, in the frame of one of its functions."""

    op: Op
    plan: Plan
    frame: FrameType

    @property
    def lacks_count(self) -> bool:
        """Whether a loop around the op does not know its iteration's number."""
        loops = _enclosing_loops(self.op)
        return any(not self.plan.counting[loop].name for loop in loops)

    def explain(self, error: BaseException) -> None:
        """Add the notes."""
        op, plan = self.op, self.plan
        values = ", ".join(_describe_value(value, plan, self.frame) for value in op.operands)
        error.add_note(
            f"{MARK}{op.name} of {plan.graph.name}" + (f", given {values}" if values else "")
        )
        for loop in _enclosing_loops(op):
            error.add_note(_describe_iteration(loop, plan, self.frame))
        if op.loc is not None:
            error.add_note(render(op.loc))


def find_failure(
    plans: Mapping[str, Plan],
    filename: str,
    spans: Sequence[tuple[Span, ...]],
    error: BaseException,
) -> Failure | None:
    """Where an exception comes from that passed through one of a program's functions (`plans`);
    None if that is not known, or explained already."""
    place = _innermost(error.__traceback__, filename)
    if place is None or any(MARK in note for note in getattr(error, "__notes__", ())):
        return None
    frame = place.tb_frame
    op = _op_at(frame.f_code, place.tb_lasti, spans)
    return None if op is None else Failure(op, plans[frame.f_code.co_name], frame)


def _innermost(traceback: TracebackType | None, filename: str) -> TracebackType | None:
    found = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            found = traceback
        traceback = traceback.tb_next
    return found


def _op_at(code: CodeType, lasti: int, spans: Sequence[tuple[Span, ...]]) -> Op | None:
    """The innermost op that printed the columns of an instruction."""
    position = next(itertools.islice(code.co_positions(), lasti // 2, None), None)
    if position is None or position[0] is None or position[0] > len(spans):
        return None
    line, end_line, start, end = position
    here = spans[position[0] - 1]
    if start is not None and end is not None and end_line == line:
        for span in here:  # inner spans come first
            if span.start <= start and end <= span.end:
                return span.op
    return here[-1].op if here else None


def _enclosing_loops(op: Op) -> list[Op]:
    """The loops around an op, the outermost first."""
    loops: list[Op] = []
    region = op.parent
    while region is not None and region.owner is not None:
        if region.owner.name == "loop":
            loops.insert(0, region.owner)
        region = region.owner.parent
    return loops


def _describe_iteration(loop: Op, plan: Plan, frame: FrameType) -> str:
    where = f"the loop at {loop.loc}" if loop.loc is not None else "a loop"
    counting = plan.counting[loop]
    known = frame.f_locals.get(counting.name)
    if known is None:
        return f"in {where}"
    if counting.kind == "item":
        return f"in {where}, at {counting.name} = {known}"
    return f"in iteration {len(known) if counting.kind == 'length' else known} of {where}"


def _describe_value(value: Value, plan: Plan, frame: FrameType) -> str:
    """`b: float64[3,4]`, from the frame where the value has a variable."""
    if value.is_literal:
        return repr(value.literal)
    name = plan.variables.get(value, "")
    if name and name in frame.f_locals:
        return f"{name}: {_describe_data(frame.f_locals[name])}"
    return f"{value.name}: {value.type}" if value.name else str(value.type)


def _describe_data(data: Any) -> str:
    if isinstance(data, np.ndarray):
        return f"{data.dtype}[{','.join(map(str, data.shape))}]"
    if isinstance(data, list | tuple):
        return f"{type(data).__name__} of {len(data)}"
    return f"{type(data).__name__} = {repr(data)[:MAX_REPR]}"
