"""Kernels of the random ops: NumPy's generators, drawn from anew at each call.

`generator` is None for NumPy's global state (np.random.seed), or a np.random.Generator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

RENAMED = {"random_sample": "random"}  # the global function's name → the Generator method's


def draw(method: str, n_params: int, *operands: Any, sized: bool, generator: Any = None) -> Any:
    """Numbers of a distribution with `n_params` parameters; the other operands are the size."""
    params = operands[:n_params]
    size = operands[n_params:] if sized else None
    if generator is None:
        return getattr(np.random, method)(*params, size=size)
    return getattr(generator, RENAMED.get(method, method))(*params, size=size)


def integers(low: Any, high: Any, *dims: Any, sized: bool, dtype: Any) -> Any:
    """Integers from low up to high, not included."""
    return np.random.randint(low, high, dims if sized else None, int if dtype is None else dtype)


def generator_integers(
    low: Any, high: Any, *dims: Any, sized: bool, dtype: Any, endpoint: bool, generator: Any
) -> Any:
    """Integers from low up to high, which is included with `endpoint`."""
    size = dims if sized else None
    kind = int if dtype is None else dtype.type
    return generator.integers(low, high, size, dtype=kind, endpoint=endpoint)


def choice(n: Any, p: Any, *dims: Any, sized: bool, replace: bool) -> Any:
    """Integers below n, with probabilities p (None: all equal)."""
    return np.random.choice(n, dims if sized else None, replace, p)


def seed(value: Any) -> tuple[()]:
    """Start NumPy's global generator anew."""
    np.random.seed(value)
    return ()
