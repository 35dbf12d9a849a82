"""Room for recursion: a program that calls itself may go deeper than Python's default limit.

Calls between Python functions use no C stack, so the limit guards memory alone. It is raised while
a recursive program runs, for all threads at once as Python has it, and put back by the last to
end. A recursion without end raises RecursionError, as ever.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

DEPTH = 100_000  # frames; a recursion without end comes to it in some 20 ms

_lock = threading.Lock()
_running: list[int] = []  # the limits asked for by what runs now
_before = 0  # the limit outside


@contextmanager
def deep_recursion(limit: int = DEPTH) -> Iterator[None]:
    """Allow `limit` frames at least while the block runs."""
    global _before
    with _lock:
        if not _running:
            _before = sys.getrecursionlimit()
        _running.append(limit)
        sys.setrecursionlimit(max(_before, *_running))
    try:
        yield
    finally:
        with _lock:
            _running.remove(limit)
            sys.setrecursionlimit(max([_before, *_running]))


def with_room(run: Callable[..., Any]) -> Callable[..., Any]:
    """A function as it is, with room for recursion around each call from outside."""

    def run_deep(*inputs: Any) -> Any:
        with deep_recursion():
            return run(*inputs)

    return run_deep
