"""Whether values met while tracing are known yet."""

from __future__ import annotations

from typing import Any

from graphc import tree
from graphc.ops.tensor import Tensor


def traced(x: Any) -> bool:
    """Whether a value is a traced tensor."""
    return isinstance(x, Tensor) and x.is_traced


def is_traced(x: Any) -> bool:
    """Whether a value, or anything in a container, is a traced tensor."""
    if isinstance(x, Tensor):
        return x.is_traced
    leaves, structure = tree.flatten(x)
    return structure != tree.LEAF and any(is_traced(leaf) for leaf in leaves)
