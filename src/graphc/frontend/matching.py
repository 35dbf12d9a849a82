"""What the patterns of `match` ask of a value (`desugar.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphc import tree
from graphc.frontend.builtin_calls import instance_test
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, refused, use
from graphc.frontend.places import attributes_of
from graphc.frontend.refusals import refusal
from graphc.frontend.values import traced
from graphc.ir.types import PYBOOL, Maybe, Nothing
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor
from graphc.ops.trace import current_trace

MATCHES_ITSELF = 1 << 22  # CPython's flag of int, str, list …: their one positional part is all


def is_instance(x: Any, kind: Any) -> Any:
    """`case kind():`"""
    return use(x, lambda way: instance_test(way, kind))


def items(x: Any, count: int, star: int | None = None) -> tuple[Any, ...]:
    """`case [a, b]:` whether x is a sequence of so many items; and the items, or None for each.

    With a star, it takes what the others leave.
    """
    if isinstance(x, Chosen):
        found: tuple[Any, ...] = each(x, lambda way: items(way, count, star))
        return found
    is_sequence = isinstance(x, Sequence) and not isinstance(x, str | bytes | bytearray)
    if is_sequence and star is None and len(x) == count:
        return (True, *x)
    if is_sequence and star is not None and len(x) >= count - 1:
        end = len(x) - (count - 1 - star)
        return (True, *x[:star], _own(list(x[star:end])), *x[end:])
    return (False, *[None] * count)


def mapping(x: Any, has_rest: bool, *keys: Any) -> tuple[Any, ...]:
    """`case {k: a, **rest}:`"""
    if isinstance(x, Chosen):
        return each(x, lambda way: mapping(way, has_rest, *keys))  # type: ignore[no-any-return]
    missing = object()
    found = [x.get(key, missing) for key in keys] if isinstance(x, Mapping) else [missing]
    if any(value is missing for value in found):
        return (False, *[None] * (len(keys) + has_rest))
    rest = [_own({key: x[key] for key in x if key not in keys})] if has_rest else []
    return (True, *found, *rest)


def attributes(x: Any, kind: Any, count: int, *names: str) -> tuple[Any, ...]:
    """`case kind(a, b, name=c):`, where `count` attributes have their names from the class."""
    if isinstance(x, Chosen):
        return each(x, lambda way: attributes(way, kind, count, *names))  # type: ignore[no-any-return]
    failed = (False, *[None] * (count + len(names)))
    matches = instance_test(x, kind)
    if matches is False:
        return failed
    positional = getattr(kind, "__match_args__", None)
    is_whole = positional is None and bool(kind.__flags__ & MATCHES_ITSELF)
    allowed = 1 if is_whole else len(positional or ())
    if count > allowed:
        s = "" if allowed == 1 else "s"
        raise TypeError(
            f"{kind.__name__}() accepts {allowed} positional sub-pattern{s} ({count} given)"
        )
    whole = [x] * (count if is_whole else 0)
    asked = [*(() if is_whole else (positional or ())[:count]), *names]
    for i, name in enumerate(asked):
        if name in asked[:i]:
            raise TypeError(f"{kind.__name__}() got multiple sub-patterns for attribute {name!r}")
    try:
        return (matches, *whole, *(getattr(x, name) for name in asked))
    except AttributeError:
        return failed


def _own(made: Any) -> Any:
    """A container that the pattern has made."""
    trace = current_trace()
    if trace is None:
        return made
    made = TracedList(made) if isinstance(made, list) else made
    trace.local_ids[id(made)] = (made, trace.region)
    return made


def structure(x: Any, *asked_for: Any) -> Any:
    """The subject of a pattern that Python itself matches: there, a traced value has not its own
    type.
    """
    if isinstance(x, Chosen):
        raise refused(x, "pattern")
    if any(_may_be(leaf, what) for leaf in _traced_in(x) for what in asked_for):
        raise refusal("pattern")
    return x


def _traced_in(x: Any) -> list[Any]:
    """The traced values in a structure, and in attributes of the objects in it."""
    found: list[Any] = []
    for leaf in tree.flatten(x)[0]:
        parts = [] if isinstance(leaf, Tensor) else attributes_of(leaf).values()
        found += [leaf] if traced(leaf) else [part for each in parts for part in _traced_in(each)]
    return found


def _may_be(leaf: Any, what: Any) -> bool:
    if isinstance(what, type):
        return instance_test(leaf, what) is not False
    if what is None:
        return isinstance(leaf.type, Maybe | Nothing)
    return leaf.array_type == PYBOOL
