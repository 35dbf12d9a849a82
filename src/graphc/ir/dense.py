"""Dense: a constant array as an attribute: immutable, compared and hashed by its contents."""

from __future__ import annotations

from typing import Any

import numpy as np


class Dense:
    """A read-only copy of an array or NumPy scalar."""

    __slots__ = ("_key", "array")

    def __init__(self, array: Any) -> None:
        # ascontiguousarray would turn rank 0 into rank 1; np.array(order="C") does not.
        native = np.asarray(array)
        self.array = np.array(native, dtype=native.dtype.newbyteorder("="), order="C", copy=True)
        self.array.flags.writeable = False
        self._key = (self.array.dtype.str, self.array.shape, self.array.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dense) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Dense({self.array!r})"
