"""`with np.errstate(…):` inside a program: entered and left when the program runs."""

from __future__ import annotations

import threading
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


def unwind() -> None:
    """Leave what a program had entered when it raised."""
    while _OPEN.states:
        leave()
