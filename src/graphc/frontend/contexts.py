"""Context managers that must be entered when the program runs, not while it is traced."""

from __future__ import annotations

from typing import Any

from graphc.ops.trace import Trace


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
