"""Python floats in place of NumPy's scalars: `math` is several times as fast, with the same bits.

What differs is what happens beside the result: NumPy warns of overflow, of invalid operations and
of a division by zero, or raises if `np.errstate` says so; Python raises or says nothing. The
processor remembers all of these in its floating point status. So a program in numbers is run first,
and where it raised, or the status tells of anything that NumPy would tell of, the program on NumPy
runs from the start: nothing else has happened, as programs with effects are not run so.
"""

from __future__ import annotations

import ctypes
import math
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

Fn = Callable[..., Any]

# The bits of <fenv.h>: invalid operation, division by zero, overflow, underflow.
FENV = {
    "x86_64": (1, 4, 8, 16),
    "amd64": (1, 4, 8, 16),
    "aarch64": (1, 2, 4, 8),
    "arm64": (1, 2, 4, 8),
}
SAMPLES = 2000  # where the functions of two libraries differ, they do for 1 number in 1000 or more


@dataclass(frozen=True)
class Status:
    """The processor's floating point status: `test(bits)` are those set, `clear(bits)` unsets."""

    test: Callable[[int], int]
    clear: Callable[[int], int]
    watched: int
    underflow: int


@cache
def status() -> Status | None:
    """The way to the status, if there is one on this machine that is seen to work."""
    bits = FENV.get(platform.machine().lower())
    try:
        library = ctypes.PyDLL(None)  # keeps the lock, so that no other code runs in between
        test, clear = library.fetestexcept, library.feclearexcept
    except (OSError, TypeError, AttributeError):
        return None
    if bits is None:
        return None
    found = Status(test, clear, sum(bits), bits[3])
    large, small, infinite = 1e300, 1e-300, math.inf
    for bit, operation in (
        (bits[0], lambda: infinite - infinite),
        (bits[2], lambda: large * large),
        (bits[3], lambda: small * small),
    ):
        clear(found.watched)
        operation()
        if not test(bit):
            return None
    clear(found.watched)
    return None if test(found.watched) else found


@cache
def agree(of_numpy: np.ufunc, of_math: Fn) -> bool:
    """Whether a function of NumPy gives Python numbers the very bits that one of `math` gives.

    NumPy has functions of its own for some (exp, log, tanh) and asks the C library for others (sin,
    cos, sqrt), as `math` does; which it does depends on its version and on the processor.
    """
    x, xs = 0.5, []
    for n in range(SAMPLES):
        x = (x * 16807.1) % 2.0 - 1.0  # in [-1, 1); then of all sizes
        xs.append(x * (1.0, 3.0, 100.0, 1e6, 1e-5)[n % 5])
    if of_math is math.sqrt:
        xs = [abs(x) for x in xs]
    return all(float(of_numpy(x)) == of_math(x) for x in xs)


def numbers_first(in_numbers: Fn, on_numpy: Fn, scalars: Sequence[int]) -> Fn:
    """A function that runs the first, and the second where their effects would differ, or where an
    input among `scalars` is an array of rank 0 instead."""
    found = status()
    if found is None:
        return on_numpy
    test, clear, watched, underflow = found.test, found.clear, found.watched, found.underflow

    def run(*inputs: Any) -> Any:
        for index in scalars:
            if type(inputs[index]) is not np.float64:
                return on_numpy(*inputs)
        clear(watched)
        try:
            outputs = in_numbers(*inputs)
            seen = test(watched)
        except Exception:
            seen = watched
        if seen and (seen != underflow or np.geterr()["under"] != "ignore"):
            return on_numpy(*inputs)
        return outputs

    return run
