"""Indexing kernels. An index is a spec and its operands: x[i, :n] is ("i", ":_") and i, n.

spec item   what it is                      operands
i           an integer                      1
a           an array of integers            1
m           a boolean mask                  1
n           np.newaxis                      0
e           ...                             0
_:_:_       a slice; each _ is a bound      the number of its _
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Spec = tuple[str, ...]


def index_key(spec: Spec, index: tuple[Any, ...]) -> Any:
    """The Python index that a spec and its operands stand for."""
    operands = iter(index)
    key = tuple(_item(code, operands) for code in spec)
    return key[0] if len(key) == 1 else key


def _item(code: str, operands: Iterator[Any]) -> Any:
    if code == "n":
        return None
    if code == "e":
        return Ellipsis
    if ":" in code:
        return slice(*(next(operands) if bound else None for bound in code.split(":")))
    return next(operands)


def getitem(x: Any, *index: Any, spec: Spec) -> Any:
    """x[index]; a view where NumPy gives one."""
    if not isinstance(x, np.ndarray):
        x = np.asarray(x)
    return x[index_key(spec, index)]


def setitem(x: Any, v: Any, *index: Any, spec: Spec) -> Any:
    """A copy of x in which x[index] = v."""
    return setitem_(np.array(x), v, *index, spec=spec)


def setitem_(x: Any, v: Any, *index: Any, spec: Spec) -> Any:
    """x[index] = v in place; returns x."""
    x[index_key(spec, index)] = v
    return x


def index_add(x: Any, v: Any, *index: Any, spec: Spec) -> Any:
    """A copy of x to which v is added at x[index]; repeated indices add up."""
    return index_add_(np.array(x), v, *index, spec=spec)


def index_add_(x: Any, v: Any, *index: Any, spec: Spec) -> Any:
    """x[index] += v in place, where repeated indices add up; returns x."""
    key = index_key(spec, index)
    if "a" not in spec:
        x[key] += v
    elif x.ndim > 1 and x.flags.c_contiguous and x.size < 4 * np.size(v):
        # np.add.at is an order of magnitude faster on one dimension than on several.
        places = np.arange(x.size).reshape(x.shape)[key]
        np.add.at(x.reshape(-1), places.ravel(), np.broadcast_to(v, places.shape).ravel())
    else:
        np.add.at(x, key, v)
    return x


def last_writer(x: Any, *index: Any, spec: Spec) -> Any:
    """For each element that `x[index] = v` writes: whether no later element overwrites it."""
    key = index_key(spec, index)
    writer = np.empty(np.shape(x), np.intp)
    region = writer[key].shape
    order = np.arange(int(np.prod(region))).reshape(region)
    writer[key] = order
    return np.equal(writer[key], order)
