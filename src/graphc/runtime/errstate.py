"""`with np.errstate(…):` inside a program: entered and left when the program runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np


class _Open(threading.local):
    """The error states that programs of this thread have entered and not left."""

    def __init__(self) -> None:
        self.states: list[Any] = []


_OPEN = _Open()


def enter(options: tuple[tuple[str, Any], ...]) -> tuple[()]:
    state = np.errstate(**dict(options))
    state.__enter__()
    _OPEN.states.append(state)
    return ()


def leave() -> tuple[()]:
    _OPEN.states.pop().__exit__(None, None, None)
    return ()


def unwinding(run: Callable[..., Any]) -> Callable[..., Any]:
    """A program that leaves, where it raises, what it had entered then."""

    def run_and_leave(*inputs: Any) -> Any:
        outer = len(_OPEN.states)
        try:
            return run(*inputs)
        except BaseException:
            while len(_OPEN.states) > outer:
                leave()
            raise

    return run_and_leave
