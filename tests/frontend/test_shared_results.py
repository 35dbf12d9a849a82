"""What a function returns is, or shares memory with, what Python's would: the caller's arguments,
arrays changed in place, and other parts of the result.
"""

from __future__ import annotations

import collections
import dataclasses
import types

import numpy as np
import pytest

import graphc
from tests.corpus.harness import assert_same, observe


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: float


def chosen_array(x, a, b, v, w):
    return v if x > 0 else w


def views_of_new(x, a, b, v, w):
    u = v * 2
    return u.reshape(3, 1), u, u[1:], u.T


def one_list_twice(x, a, b, v, w):
    own = [x]
    if x > 0:
        own.append(2.0)
    return own, own, {"k": own}, a


PROGRAMS = [chosen_array, views_of_new, one_list_twice]


def shared(seen):
    """Which two arrays, lists or dicts of a result and of the arguments are one, or overlap."""
    found = []
    todo = [("result", seen.value), ("arguments", seen.arguments)]
    while todo:
        path, x = todo.pop(0)
        if isinstance(x, np.ndarray | list | dict):
            found.append((path, x))
        if isinstance(x, list | tuple):
            todo += [(f"{path}[{i}]", item) for i, item in enumerate(x)]
        if isinstance(x, dict):
            todo += [(f"{path}[{key!r}]", item) for key, item in x.items()]
    return {(p, q) for i, (p, x) in enumerate(found) for q, y in found[:i] if are_one(x, y)}


def are_one(x, y):
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return np.shares_memory(x, y)
    return x is y


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_shared(fn) -> None:
    decorated = graphc.function(fn)
    for x in (1.0, -1.0, 3.0, 1.0):
        args = (x, [1.0, 2.0], [3.0, 4.0], np.array([0.5, 1.0, 2.0]), np.array([4.0, 1.0, 2.0]))
        wanted, found = observe(fn, args), observe(decorated, args)
        assert_same(wanted, found, f"{x}")
        assert shared(found) == shared(wanted)


WEIGHTS = np.array([1.0, 2.0])


def namespace(x):
    made = types.SimpleNamespace(a=x, c=2.0)
    if x > 0:
        made.a += 1
    made.z = 3 * x
    return made.a, made


def test_simple_namespaces() -> None:
    for x in (1.5, -0.5):
        wanted, found = namespace(x), graphc.function(namespace)(x)
        assert found[0] == wanted[0] and found[1] == wanted[1] and type(found[1]) is type(wanted[1])


class Odd(collections.UserDict):
    __slots__ = ("held",)

    def __new__(cls):
        return super().__new__(cls)


def test_what_holds_traced_values_and_cannot_be_made_is_refused() -> None:
    @graphc.function
    def odd(x):
        made = Odd()
        made.held = x * 2
        return made

    with pytest.raises(graphc.GraphcError, match="that holds traced values cannot be returned"):
        odd(1.0)
