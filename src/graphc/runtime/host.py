"""Kernels of `host_call` and `pure_call`: Python functions called by generated code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.runtime.effects import described_argument
from graphc.runtime.log import once
from graphc.tree import flatten


def call_once(*operands: Any, **attrs: Any) -> Any:
    """`call`, which is not repeated where the program is (`runtime/log.py`)."""
    return once(lambda: call(*operands, **attrs))


def call(
    *operands: Any,
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: tuple[tuple[str, Any], ...],
    structure: Any,
    types: Sequence[Any],
    check: Callable[[Any, Any], bool],
) -> Any:
    """Call the function on the described arguments; returns the leaves of its result, checked.

    Arrays are handed over read-only: what the function changed in them, the program would not see.
    """
    values = [read_only(x) for x in operands]
    positional = [described_argument(arg, values) for arg in args]
    named = {name: described_argument(arg, values) for name, arg in kwargs}
    made = fn(*positional, **named)
    if structure is None:
        return ()
    leaves, found = flatten(made)
    if found != structure or not all(map(check, leaves, types)):
        raise TensorTypeError(mismatch(fn, made, structure, types))
    own = tuple(x.copy() if isinstance(x, np.ndarray) else x for x in leaves)
    return own[0] if len(own) == 1 else own


def read_only(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    view = x.view()
    view.flags.writeable = False
    return view


def mismatch(fn: Any, made: Any, structure: Any, types: Sequence[Any]) -> str:
    name = getattr(fn, "__qualname__", repr(fn))
    expected = ", ".join(map(str, types))
    text = f"{name} returned {made!r:.60}, and result= says {expected}"
    return text if str(structure) == "x" else f"{text} in {structure}"
