"""Kernels of the effect ops (`ops/control.py`): printing and raising."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from graphc.runtime.log import write
from graphc.tree import unflatten

# A part of a text is a string, or (conversion, format spec) for the next operand, or (conversion,
# format spec, parts) for a text inside. A spec is a string, or parts whose operands follow. A part
# ("chosen", ways) is that of the ways (tag, number of operands, parts) whose tag comes first.
Parts = tuple[Any, ...]
Described = tuple[Any, ...]
NOT_GIVEN = object()


def render(parts: Parts, operands: Iterable[Any]) -> str:
    """Put formatted operands between literal strings, as an f-string does.

    >>> render(("x = ", ("r", ""), "!"), (1.5,))
    'x = 1.5!'
    """
    return _rendered(parts, iter(operands))


def _rendered(parts: Parts, values: Iterator[Any]) -> str:
    return "".join(part if isinstance(part, str) else _format(part, values) for part in parts)


def _format(part: tuple[Any, ...], values: Iterator[Any]) -> str:
    conversion, spec, *inner = part
    if conversion == "chosen":
        parts, operands = _taken(spec, values)
        return render(parts, operands)
    value = _rendered(inner[0], values) if inner else next(values)
    if not isinstance(spec, str):
        spec = _rendered(spec, values)
    if conversion == "r":
        value = repr(value)
    elif conversion == "s":
        value = str(value)
    elif conversion == "a":
        value = ascii(value)
    elif conversion == "%":
        return spec % (value,)
    return format(value, spec)


def _taken(ways: tuple[Any, ...], values: Iterator[Any]) -> tuple[Any, list[Any]]:
    """What the way whose tag comes first is, and its operands; those of the others are passed
    over.
    """
    chosen, found = next(values), None
    for tag, count, what in ways:
        operands = [next(values) for _ in range(count)]
        found = (what, operands) if tag == chosen else found
    assert found is not None
    return found


def count_operands(parts: Parts) -> int:
    """How many operands a text takes."""
    total = 0
    for part in parts:
        if not isinstance(part, str):
            kind, spec, *inner = part
            if kind == "chosen":
                total += 1 + sum(count for _, count, _ in spec)
                continue
            total += count_operands(inner[0]) if inner else 1
            total += 0 if isinstance(spec, str) else count_operands(spec)
    return total


def print_parts(*operands: Any, parts: Parts) -> tuple[()]:
    write(render(parts, operands))
    return ()


def raise_parts(*operands: Any, cause: Any = NOT_GIVEN, **described: Any) -> tuple[()]:
    """Raise an exception that is described as `frontend/raising.py` says, from its cause
    if given.
    """
    values = list(operands)
    error = _exception(values, **described)
    if cause is NOT_GIVEN:
        raise error
    if cause is None:
        raise error from None
    raise error from _exception(values, **dict(cause))


def _exception(
    values: list[Any],
    kind: type[BaseException] | None = None,
    args: Described = (),
    state: Described | None = None,
) -> BaseException:
    """Call the class; or, where that is the user's code, make what it made when it was traced.
    Without a class, it is one that has been caught: an operand.
    """
    if kind is None:
        found: BaseException = values.pop(0)
        return found
    built = [described_argument(arg, values) for arg in args]
    if state is None:
        return kind(*built)
    native = next(c for c in kind.__mro__ if c.__module__ == "builtins")
    error: BaseException = native.__new__(kind, *built)  # type: ignore[call-overload]
    native.__init__(error, *built)  # type: ignore[misc]
    for name, value in state:
        vars(error)[name] = described_argument(value, values)
    return error


def described_argument(described: Any, values: list[Any]) -> Any:
    """One argument; it takes the operands it needs from the front of `values`."""
    if not isinstance(described, tuple):
        return described
    what, *more = described
    if what == "value":
        return values.pop(0)
    if what == "text":
        count = count_operands(more[0])
        taken, values[:count] = tuple(values[:count]), []
        return render(more[0], taken)
    if what == "chosen":
        way, operands = _taken(more[0], iter(values))
        del values[: 1 + sum(count for _, count, _ in more[0])]
        return described_argument(way, operands)
    if what == "tree":
        return unflatten(more[0], [described_argument(leaf, values) for leaf in more[1]])
    return more[0]


def exception(*operands: Any, **described: Any) -> BaseException:
    """An exception that is described as `frontend/raising.py` says."""
    return _exception(list(operands), **described)


def caught() -> BaseException:
    """The exception that is being handled."""
    error = sys.exc_info()[1]
    assert error is not None, "handlers run while an exception is handled"
    return error


def caught_is(kinds: tuple[type[BaseException], ...]) -> bool:
    return isinstance(caught(), kinds)


def unreachable() -> tuple[()]:
    raise AssertionError("unreachable: the forward program raised here")
