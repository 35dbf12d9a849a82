"""Text that is made when the graph runs: literal parts, and how to format the values between them.

    part  ::=  literal  |  (conversion, spec) for the next value  |  (conversion, spec, parts)
            |  ("chosen", ways): of a Chosen, (tag, number of values, parts) for each way
    spec  ::=  format spec  |  parts

A StagedText is formatted each time it is reached (`runtime/effects.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphc import tree
from graphc.frontend.chosen import Chosen, ways_of
from graphc.frontend.refusals import refusal
from graphc.ops.list_items import staged_sequence
from graphc.ops.tensor import Tensor
from graphc.runtime.effects import count_operands


class StagedText:
    """A string whose traced values are not known yet. It can be printed, joined and raised."""

    __slots__ = ("parts", "values")

    def __init__(self, parts: Sequence[Any], values: Sequence[Tensor]) -> None:
        self.parts = tuple(parts)
        self.values = tuple(values)

    def __add__(self, other: Any) -> StagedText:
        return concatenate([self, other])

    def __radd__(self, other: Any) -> StagedText:
        return concatenate([other, self])

    def _refuse(self, *args: Any) -> Any:
        raise refusal("traced text")

    __str__ = __len__ = __iter__ = __getitem__ = __contains__ = __eq__ = __hash__ = _refuse
    __format__ = _refuse
    __bool__ = _refuse

    def __repr__(self) -> str:
        return f"StagedText({self.parts!r})"


class Text(tree.Kind):
    """The structure of a StagedText: its parts. Its items are the values in it."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __call__(self, items: list[Any]) -> StagedText:
        return StagedText(self.parts, items)

    def show(self, items: list[str]) -> str:
        return repr("".join(p if isinstance(p, str) else "{x}" for p in self.parts))

    def ways(self, root: str) -> list[str]:
        return [f"{root}[{i}]" for i in range(count_operands(self.parts))]


tree.register(StagedText, lambda x: (Text(x.parts), list(x.values)))


def is_staged(x: Any) -> bool:
    """Whether formatting `x` must wait: a traced tensor, a staged text, or a container of them."""
    if isinstance(x, StagedText | Chosen) or (isinstance(x, Tensor) and x.is_traced):
        return True
    if staged_sequence(x) is not None:
        return True
    leaves, structure = tree.flatten(x)
    return structure != tree.LEAF and any(is_staged(leaf) for leaf in leaves)


def concatenate(pieces: Sequence[Any]) -> StagedText:
    parts: list[Any] = []
    values: list[Tensor] = []
    for piece in pieces:
        if isinstance(piece, Chosen) and is_text(piece):
            piece = chosen_text(piece)
        if isinstance(piece, StagedText):
            parts += piece.parts
            values += piece.values
        elif isinstance(piece, str):
            parts.append(piece)
        else:
            raise TypeError(f'can only concatenate str (not "{type(piece).__name__}") to str')
    return StagedText(_merged(parts), values)


def _merged(parts: Sequence[Any]) -> list[Any]:
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def chosen_text(x: Chosen, make: Callable[[Any], Any] = lambda way: way) -> StagedText:
    """The text that `make` gives for each thing that x may be."""
    ways: list[Any] = []
    values: list[Tensor] = []
    for tag, way in ways_of(x).items():
        made = concatenate([make(way)])
        ways.append((tag, len(made.values), made.parts))
        values += made.values
    return StagedText([("chosen", tuple(ways))], [x._graphc_tag, *values])


def is_text(x: Any) -> bool:
    """Whether all that x may be is text."""
    ways = x._graphc_ways.values() if isinstance(x, Chosen) else [x]
    return all(isinstance(way, str | StagedText) for way in ways)
