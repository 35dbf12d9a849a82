"""Calls that raise: the function is repeated without its decorator, for what Python leaves behind.

    def f(x):
        x[0] = 5                     the program changes a copy, and gives x its contents when it
        raise ValueError             ends: it does not come there. Repeated, f leaves x as Python
                                     does, and raises the same at the user's own line

Until a program has ended it leaves the caller's objects alone, so the repetition starts from what
the program started from; what it had done besides is not done twice (`runtime/log.py`). Functions
that change nothing outside are not repeated, unless they raise what an op cannot make anew exactly
(`frontend/raising.py`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType
from typing import Any

import numpy as np

from graphc.compiled import Compiled
from graphc.differentiable import call_on_tape
from graphc.errors import GraphcError
from graphc.ops.trace import TAPES
from graphc.runtime.effects import raise_parts
from graphc.runtime.log import LOG, Log
from graphc.runtime.recursion import deep_recursion

Plain = Callable[..., Any]
PROGRAM = "<graphc "  # how the file names of programs begin
DEPTH = 10_000  # frames; the decorated functions among them use the C stack
TELLING = ("call", "log", "print")  # what NumPy does about floating-point errors, and has done


def run(compiled: Compiled, leaves: Sequence[Any], arguments: Any) -> Any:
    """What a call gives, on the tapes that record."""
    if TAPES.get():
        return call_on_tape(compiled, leaves, arguments)
    return compiled.run(leaves, arguments)


def run_or_repeat(compiled: Compiled, leaves: Sequence[Any], arguments: Any, plain: Plain) -> Any:
    """`run`, and where that raises `plain`, which repeats the function as Python calls it.

    A refusal, and Ctrl-C, leave everything as it was before the call.
    """
    log = Log(compiled.generators, LOG.get())
    token = LOG.set(log)
    try:
        return run(compiled, leaves, arguments)
    except BaseException as error:
        if not _is_of_the_function(error):
            raise
        failed = error
    finally:
        LOG.reset(token)
    args, kwargs = arguments
    try:
        return _repeat(failed, log, compiled, lambda: plain(*args, **kwargs))
    finally:
        del failed  # it knows this frame


def is_repeating() -> bool:
    """Whether a call belongs to a repetition: decorated functions are what they were written as."""
    log = LOG.get()
    return log is not None and log.repeats


def _is_of_the_function(error: BaseException) -> bool:
    """Whether a program has raised what Python raises, too: it is no refusal, and not Ctrl-C."""
    codes = _codes(error)
    if not any(code.co_filename.startswith(PROGRAM) for code in codes):
        return False
    if isinstance(error, KeyboardInterrupt):
        return codes[-1] is raise_parts.__code__
    return not isinstance(error, GraphcError)


def _codes(error: BaseException) -> list[CodeType]:
    """What an exception came through, innermost last."""
    place, found = error.__traceback__, []
    while place is not None:
        found.append(place.tb_frame.f_code)
        place = place.tb_next
    return found


def _repeat(failed: BaseException, log: Log, compiled: Compiled, call: Callable[[], Any]) -> Any:
    try:
        with log.repeating(), deep_recursion(DEPTH), _told(failed):
            call()
    except BaseException as error:
        may_be_known = compiled.is_inexact and _codes(failed)[-1] is raise_parts.__code__
        if type(error) is type(failed) and not may_be_known:  # someone else's is left as it is
            known = getattr(error, "__notes__", ())
            for note in getattr(failed, "__notes__", ()):
                if note not in known:
                    error.add_note(note)
        raise
    failed.add_note("graphc: the function itself, when it was repeated, did not raise this")
    raise failed


@contextmanager
def _told(failed: BaseException) -> Iterator[None]:
    """Warnings have been given, unless they are what was raised."""
    options: Any = {kind: "ignore" for kind, what in np.geterr().items() if what in TELLING}
    with warnings.catch_warnings(), np.errstate(**options):
        if not isinstance(failed, Warning):
            warnings.simplefilter("ignore")
        yield
