"""The text of a generated program: one writer owns newlines, indentation, and the map back to ops.

Expressions arrive as `Text`: a string that remembers which op printed which part of it, so that a
failing instruction, whose line and columns Python knows, leads to the op behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graphc.codegen.template import ATOM, Template
from graphc.ir.core import Op

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Span:
    """Columns [start, end) that an op printed."""

    start: int
    end: int
    op: Op

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by, self.op)


@dataclass(frozen=True, slots=True)
class Text:
    """Part of a line. `precedence` tells how tightly it binds where it is an expression."""

    string: str
    spans: tuple[Span, ...] = ()
    precedence: int = ATOM

    def fitting(self, precedence: int) -> Text:
        """This expression, in parentheses if it binds less tightly than `precedence`."""
        return self if self.precedence >= precedence else concat("(", self, ")")


def concat(*parts: str | Text, op: Op | None = None, precedence: int = ATOM) -> Text:
    """One text out of several; `op` is the one that printed the whole, if any."""
    spans: list[Span] = []
    strings: list[str] = []
    at = 0
    for part in parts:
        string = part if isinstance(part, str) else part.string
        if isinstance(part, Text):
            spans.extend(span.shifted(at) for span in part.spans)
        strings.append(string)
        at += len(string)
    if op is not None:
        spans.append(Span(0, at, op))
    return Text("".join(strings), tuple(spans), precedence)


def join(separator: str, parts: list[Text]) -> Text:
    pieces: list[str | Text] = []
    for place, part in enumerate(parts):
        if place:
            pieces.append(separator)
        pieces.append(part)
    return concat(*pieces)


def fill(template: Template, operands: list[Text], op: Op) -> Text:
    """An op's expression, with its operands' expressions in the slots."""
    pieces: list[str | Text] = [template.texts[0]]
    for slot, after in zip(template.slots, template.texts[1:], strict=True):
        pieces += [operands[slot.index].fitting(slot.precedence), after]
    return concat(*pieces, op=op, precedence=template.precedence)


@dataclass
class Writer:
    """Lines, at the current indentation. `spans[n]` maps the columns of line n + 1 to ops."""

    lines: list[str] = field(default_factory=list)
    spans: list[tuple[Span, ...]] = field(default_factory=list)
    depth: int = 0

    def line(self, *parts: str | Text, op: Op | None = None) -> None:
        indent = INDENT * self.depth
        text = concat(indent, *parts, op=op)
        self.lines.append(text.string)
        self.spans.append(text.spans)

    @contextmanager
    def block(self, *header: str | Text, op: Op | None = None) -> Iterator[None]:
        """A header line, then whatever is written inside, indented; `pass` if that is nothing."""
        self.line(*header, ":", op=op)
        self.depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self.depth -= 1

    @property
    def source(self) -> str:
        return "\n".join(self.lines) + "\n"
