"""A graph as text: nested, typed, with user names and source lines; `ir/parse.py` reads it back.

    graph f(%a: f64[1,1]) -> (f64[1,1]) {                               # notebook.py:1
      %b: f64[1,1] = mul %a, 2                                          # :2
      %b_1: f64[1,1] = loop (%b_2: f64[1,1] = %b) {                     # :3
        while {
          %s: f64[] = sum %b_2                                          # :3
          %p: bool[] = lt %s, 1000                                      # :3
          yield %p
        }
        body {
          %b_3: f64[1,1] = mul %b_2, 2                                  # :4
          yield %b_3
        }
      }
      yield %b_1
    }

The grammar is in `docs/ir.md`. Printing never fails on a damaged graph, because the verifier shows
what it found with it: a loop, `if` or `try` without its proper shape is printed as a generic op.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from graphc.ir.core import BRANCHES, Attrs, Op, Region, Value
from graphc.ir.literals import format_attribute, format_literal, format_location
from graphc.source import Location

COMMENT_COLUMN = 68
LOOP_ATTRS = frozenset({"carry", "reverse"})

_DIGITS = "0123456789"


@runtime_checkable
class Callee(Protocol):
    """What this module needs of a Graph (`ir/graph.py`, which imports this module)."""

    name: str
    region: Region
    loc: Location | None


def print_region(name: str, region: Region, loc: Location | None) -> str:
    """The text of a graph and, after it, of those it calls, in order of first mention."""
    return print_graph(name, region, loc).text


def print_graph(name: str, region: Region, loc: Location | None) -> Printed:
    """`print_region`, together with the lines on which each op stands."""
    names = _GraphNames()
    names.of_region(name, region)
    names.waiting.append(_Root(name, region, loc))
    lines: list[str] = []
    spans: dict[Op, tuple[int, int]] = {}
    for graph in names.waiting:  # grows while printing finds callees
        if lines:
            lines.append("")
        writer = _Writer(names, lines, spans, graph.loc)
        writer.graph(names.of_region(graph.name, graph.region), graph.region)
    return Printed(lines, spans)


@dataclass(frozen=True)
class Printed:
    """A printed graph; `spans` has the first line of every op, and the one after its last."""

    lines: list[str]
    spans: dict[Op, tuple[int, int]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def op_text(self, op: Op) -> str:
        start, end = self.spans[op]
        indent = len(self.lines[start]) - len(self.lines[start].lstrip())
        return "\n".join(line[indent:] for line in self.lines[start:end])


@dataclass
class _Root:
    name: str
    region: Region
    loc: Location | None


class Names:
    """Unique identifiers from hints: `b`, `b_1`, `b_2` in order of appearance.

    Printed names are unique identifiers already, so reading a text back and printing it again
    gives the same names.
    """

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.next: dict[str, int] = {}

    def unique(self, hint: str) -> str:
        name = sanitized(hint)
        if name in self.taken:
            stem = re.sub(r"_[0-9]+$", "", name)
            number = self.next.get(stem, 1)
            while f"{stem}_{number}" in self.taken:
                number += 1
            self.next[stem] = number + 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name


def sanitized(hint: str) -> str:
    """The identifier nearest to a name hint.

    >>> sanitized("x[0]"), sanitized("2nd"), sanitized("<lambda>")
    ('x_0_', '_2nd', '_lambda_')
    """
    name = re.sub(r"\W", "_", hint)
    return "_" + name if not name or name[0] in _DIGITS else name


class _GraphNames:
    """Names of graphs in one text, and those mentioned but not yet printed."""

    def __init__(self) -> None:
        self.names = Names()
        self.by_region: dict[Region, str] = {}
        self.waiting: list[Callee] = []

    def of_region(self, name: str, region: Region) -> str:
        if region not in self.by_region:
            self.by_region[region] = self.names.unique(name)
        return self.by_region[region]

    def of_attribute(self, value: object) -> str | None:
        if not isinstance(value, Callee):
            return None
        if value.region not in self.by_region:
            self.waiting.append(value)
        return self.of_region(value.name, value.region)


class _Writer:
    """Writes one graph's lines; owns indentation, comments and value names."""

    def __init__(
        self,
        graphs: _GraphNames,
        lines: list[str],
        spans: dict[Op, tuple[int, int]],
        loc: Location | None,
    ) -> None:
        self.graphs = graphs
        self.lines = lines
        self.spans = spans
        self.loc = loc
        self.depth = 0
        self.names = Names()
        self.value_names: dict[Value, str] = {}
        self.unnamed = 0

    def graph(self, name: str, region: Region) -> None:
        params = ", ".join(self.define(param) for param in region.params)
        types = ", ".join(str(value.type) for value in region.results)
        header = f"graph {name}({params}) -> ({types}) {{"
        self.line(header, None if self.loc is None else format_location(self.loc, None))
        self.block(region)
        self.line("}")

    def block(self, region: Region) -> None:
        """A region's ops and its last line, one level deeper."""
        self.depth += 1
        for op in region.ops:
            start = len(self.lines)
            self.op(op)
            self.spans[op] = (start, len(self.lines))
        if region.results or not region.never:
            self.line(f"yield {self.uses(region.results)}".rstrip())
        if region.never:
            self.line("never")
        self.depth -= 1

    def op(self, op: Op) -> None:
        results = ", ".join(self.define(result) for result in op.results)
        start = f"{results} = {op.name}" if results else op.name
        if op.name == "loop" and is_plain_loop(op):
            self.loop(op, start)
        elif op.name in BRANCHES and is_plain_branch(op):
            head = f"{start} {self.uses(op.operands)}".rstrip() + self.attrs(op.attrs)
            self.line(f"{head} {{", self.place(op))
            self.block(op.regions[0])
            self.line("} else {" if op.name == "if" else "} except {")
            self.block(op.regions[1])
            self.line("}")
        else:
            self.generic(op, start)

    def loop(self, op: Op, start: str) -> None:
        body = op.regions[0]
        bindings = [
            f"{self.define(param)} = {self.use(operand)}"
            for param, operand in zip(body.params, op.operands, strict=True)
        ]
        n_carry = op.attrs["carry"]
        head = f"{start} ({', '.join(bindings[:n_carry])})"
        if bindings[n_carry:]:
            head += f" over ({', '.join(bindings[n_carry:])})"
        if op.attrs["reverse"]:
            head += " reversed"
        rest = {key: value for key, value in op.attrs.items() if key not in LOOP_ATTRS}
        self.line(f"{head}{self.attrs(rest)} {{", self.place(op))
        self.depth += 1
        if len(op.regions) == 2:
            test = op.regions[1]
            # The test's parameters are written once, as the body's: they have the same types.
            for param, shown in zip(test.params, body.params[:n_carry], strict=True):
                self.value_names[param] = self.value_names[shown]
            self.section("while", test)
        self.section("body", body)
        self.depth -= 1
        self.line("}")

    def section(self, word: str, region: Region) -> None:
        self.line(f"{word} {{")
        self.block(region)
        self.line("}")

    def generic(self, op: Op, start: str) -> None:
        head = f"{start} {self.uses(op.operands)}".rstrip() + self.attrs(op.attrs)
        if not op.regions:
            self.line(head, self.place(op))
            return
        place = self.place(op)
        for region in op.regions:
            params = ", ".join(self.define(param) for param in region.params)
            self.line(f"{head} region ({params}) {{" if params else f"{head} region {{", place)
            self.block(region)
            head, place = "}", None
        self.line("}")

    def line(self, text: str, comment: str | None = None) -> None:
        text = "  " * self.depth + text
        if comment is not None:
            text = f"{text.ljust(COMMENT_COLUMN - 2)}  # {comment}"
        self.lines.append(text)

    def place(self, op: Op) -> str | None:
        if op.loc is None:
            return None
        return format_location(op.loc, None if self.loc is None else self.loc.file)

    def attrs(self, attrs: Attrs) -> str:
        """` {axis=0, keepdims=True}`, sorted by name; nothing where there are none."""
        items = (
            f"{key}={format_attribute(value, self.graphs.of_attribute)}"
            for key, value in sorted(attrs.items())
        )
        return f" {{{', '.join(items)}}}" if attrs else ""

    def define(self, value: Value) -> str:
        return f"{self.use(value)}: {value.type}"

    def uses(self, values: Iterable[Value]) -> str:
        return ", ".join(self.use(value) for value in values)

    def use(self, value: Value) -> str:
        """The value's name, given at its first mention (in a valid graph, its definition)."""
        if value.is_literal:
            return format_literal(value.literal)
        if value not in self.value_names:
            if value.name:
                self.value_names[value] = "%" + self.names.unique(value.name)
            else:
                self.value_names[value] = f"%{self.unnamed}"
                self.unnamed += 1
        return self.value_names[value]


def is_plain_branch(op: Op) -> bool:
    """Whether an `if` or a `try` has the shape its text form can show."""
    n_operands = 1 if op.name == "if" else 0
    if len(op.operands) != n_operands or len(op.regions) != 2:
        return False
    return not any(region.params for region in op.regions)


def is_plain_loop(op: Op) -> bool:
    """Whether a loop has the shape its text form can show."""
    n_carry, reverse = op.attrs.get("carry"), op.attrs.get("reverse")
    if type(n_carry) is not int or type(reverse) is not bool or len(op.regions) not in (1, 2):
        return False
    params = op.regions[0].params
    if not 0 <= n_carry <= len(params) or len(params) != len(op.operands):
        return False
    if len(op.regions) == 1:
        return True
    test_types = [param.type for param in op.regions[1].params]
    return test_types == [param.type for param in params[:n_carry]]
