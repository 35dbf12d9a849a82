"""Kernels of the ops that make arrays (`ops/creation.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np


def full(fill: Any, *dims: Any, dtype: Any) -> Any:
    if type(fill) is int and fill == 0:
        return np.zeros(dims, dtype)
    return np.full(dims, fill, dtype)


def linspace(start: Any, stop: Any, num: Any, endpoint: bool, dtype: Any) -> Any:
    return np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)
