"""TensorFlow's spellings, and dtype names: thin aliases only."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.ops import norms, reductions

bool_ = np.dtype(bool)
int8, int16, int32, int64 = (np.dtype(f"int{n}") for n in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (np.dtype(f"uint{n}") for n in (8, 16, 32, 64))
float16, float32, float64 = (np.dtype(f"float{n}") for n in (16, 32, 64))
complex64, complex128 = np.dtype("complex64"), np.dtype("complex128")


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The Euclidean norm of all elements (Frobenius for a matrix); as `np.linalg.norm` otherwise.

    `ord="euclidean"`, TensorFlow's default, is accepted and means the same.
    """
    return norms.norm(x, None if ord == "euclidean" else ord, axis, keepdims)


def _reduction(name: str) -> Any:
    function = getattr(reductions, name)

    def reduce(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(input_tensor, axis=axis, keepdims=keepdims)

    reduce.__name__ = reduce.__qualname__ = f"reduce_{name}"
    reduce.__doc__ = f"TensorFlow's spelling of `graphc.{name}`."
    return reduce


reduce_sum = _reduction("sum")
reduce_mean = _reduction("mean")
reduce_max = _reduction("max")
reduce_min = _reduction("min")
reduce_prod = _reduction("prod")
reduce_any = _reduction("any")
reduce_all = _reduction("all")

__all__ = [
    "bool_", "complex128", "complex64", "float16", "float32", "float64", "int16", "int32", "int64",
    "int8", "norm", "reduce_all", "reduce_any", "reduce_max", "reduce_mean", "reduce_min",
    "reduce_prod", "reduce_sum", "uint16", "uint32", "uint64", "uint8",
]  # fmt: skip
