"""Notes taken while tracing: what became of each statement. `graphc.explain` prints them
(`explain.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphc.ops.trace import Trace
from graphc.source import user_frame


@dataclass(frozen=True)
class Note:
    """What became of the statement or call on a line."""

    file: str
    line: int
    text: str


def note(trace: Trace, text: str) -> None:
    """Note something about the line that the user's code is at."""
    frame = user_frame()
    if frame is not None:
        trace.notes.append(Note(frame.f_code.co_filename, frame.f_lineno, text))


def unrolled(trace: Trace, count: int, why: Any = None) -> None:
    """Note that a loop has run while the graph was built, and why (else what `speculate`
    has left).
    """
    times = "once" if count == 1 else f"{count} times"
    note(trace, f"unrolled, {times}: {_reason(trace.gave_up if why is None else why)}")


def kind_name(x: Any) -> str:
    """The user's name for the type of a value met while tracing."""
    return "list" if isinstance(x, list) else type(x).__name__


def _reason(error: Any) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
