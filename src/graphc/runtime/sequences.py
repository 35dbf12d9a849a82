"""Kernels of the sequence ops (`ops/sequences.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.runtime.adjoint import zeros_like


def stack_like(seq: Any, like: Any) -> Any:
    """Stack row cotangents; rows that the loop did not reach get zeros."""
    dtype = like.dtype if like.dtype.kind in "fc" else np.float64
    out = np.zeros(like.shape, dtype)
    for i, row in enumerate(seq):
        if row is not None:
            out[i] = row
    return out


def pad_seq(seq: Any, like: Any) -> Any:
    """A list as long as `like`: cut, or filled up with zeros shaped like its items."""
    n = len(like)
    if len(seq) == n:
        return seq
    return list(seq[:n]) + [zeros_like(like[i]) for i in range(len(seq), n)]
