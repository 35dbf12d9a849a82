"""What a program has done to the world so far, so that nothing is done twice where it is repeated.

A program leaves the caller's objects alone until it has ended. If it raises, the function runs once
more without its decorator, for what Python leaves behind then (`graphc/repeat.py`). What has been
printed is not printed again, the functions that `host_call` has called are not called again but
give what they gave, and generators of random numbers begin where they began.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

_STDOUT = threading.RLock()  # whoever has put something else in place of sys.stdout


@dataclass
class Outcome:
    """What a host function gave or raised, and the states of the generators then."""

    value: Any
    error: BaseException | None
    states: list[Any]


NOTHING = Outcome((), None, [])  # shared: a long loop may call for its effect alone


class Log:
    """What one run does, and then its repetition.

    `generators`: what the program draws from; None is NumPy's own. `outer`: the repetition that
    this run is a part of.
    """

    repeats = False
    printed = 0  # characters

    def __init__(self, generators: Sequence[Any], outer: Log | None) -> None:
        self.generators = generators
        self.outer = outer
        self.states = self.read_states() if generators else []
        self.outcomes: deque[Outcome] = deque()

    def read_states(self) -> list[Any]:
        return [
            np.random.get_state() if each is None else each.bit_generator.state
            for each in self.generators
        ]

    def restore(self, states: list[Any]) -> None:
        for generator, state in zip(self.generators, states, strict=True):
            if generator is None:
                np.random.set_state(state)
            else:
                generator.bit_generator.state = state

    def once(self, act: Callable[[], Any]) -> Any:
        """Do something; a repetition gets what that gave when it was done."""
        if not self.repeats:
            outcome = self._done(act)
            self.outcomes.append(outcome)
        elif self.outcomes:
            outcome = self.outcomes.popleft()
            self.restore(outcome.states)
        else:  # the program has not come so far
            outcome = self._done(act)
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def _done(self, act: Callable[[], Any]) -> Outcome:
        value, failed = None, None
        token = LOG.set(self.outer)
        try:
            value = once(act)
        except BaseException as error:
            failed = error
        finally:
            LOG.reset(token)
        states = self.read_states()
        plain = failed is None and not states and isinstance(value, tuple) and not value
        return NOTHING if plain else Outcome(value, failed, states)

    @contextmanager
    def repeating(self) -> Iterator[None]:
        """What is called inside is what the program has run: none of its effects happens twice."""
        self.repeats = True
        self.restore(self.states)
        token = LOG.set(self)
        try:
            with _Remaining(self.printed).in_place() if self.printed else nullcontext():
                yield
        finally:
            LOG.reset(token)


LOG: ContextVar[Log | None] = ContextVar("graphc_log", default=None)


def once(act: Callable[[], Any]) -> Any:
    """Do something for a program, or for the repetition of one."""
    log = LOG.get()
    return act() if log is None else log.once(act)


def write(text: str) -> None:
    """Print from a program."""
    log = LOG.get()
    if log is not None:
        log.printed += len(text)
    print(text, end="")


class _Remaining:
    """Standard output, less the characters that this thread writes first."""

    def __init__(self, skipped: int) -> None:
        self._left = skipped
        self._thread = threading.get_ident()
        self._real = sys.stdout

    def write(self, text: str) -> int:
        if threading.get_ident() == self._thread:
            skipped = min(self._left, len(text))
            self._left -= skipped
            self._real.write(text[skipped:])
        else:
            self._real.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        with _STDOUT:
            sys.stdout = self  # type: ignore[assignment]
            try:
                yield
            finally:
                sys.stdout = self._real
