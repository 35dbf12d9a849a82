"""Graph text to a graph: the inverse of `ir/text.py`. The grammar is in `docs/ir.md`.

    parse(str(graph))  prints byte for byte as  str(graph)

Nothing is executed: the text is untrusted data. What is read is verified (`ir/verify.py`), so the
result is a valid graph; anything else is a GraphSyntaxError that points at its place. The ops
that may occur are those of the registry, so `graphc.ops` must have been imported.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from graphc.errors import TensorTypeError
from graphc.ir.core import BRANCHES, Op, Region, Value, literal
from graphc.ir.cursor import Cursor
from graphc.ir.graph import Graph
from graphc.ir.lexer import Token
from graphc.ir.opdef import REGISTRY
from graphc.ir.types import Type
from graphc.ir.verify import Violation, find_violation
from graphc.ir.verify_structured import STRUCTURED_OPS
from graphc.source import Location, located

RESERVED = frozenset(
    {"graph", "yield", "never", "region", "else", "except", "while", "body", "over"}
)


def parse(text: str) -> Graph:
    """The graph that a text describes: its first graph; the others are those it calls.

    Raises GraphSyntaxError, naming the line and column, for anything that is not a valid graph.
    """
    if not isinstance(text, str):
        raise located(TensorTypeError, f"graph text is a str, found a {type(text).__name__}")
    return _Parser(text).parse()


class _Parser(Cursor):
    """`graphs` are the graphs mentioned so far; `visible` the values that may be used here
    (and `trail` their names, innermost region last); `defined` every value of the current graph,
    to tell 'undefined' from 'no longer visible'."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.graphs: dict[str, Graph] = {}
        self.mentions: dict[str, Token] = {}
        self.graph_tokens: dict[Graph, Token] = {}
        self.op_tokens: dict[Op, Token] = {}
        self.visible: dict[str, Value] = {}
        self.trail: list[str] = []
        self.defined: dict[str, Token] = {}
        self.loc: Location | None = None

    def parse(self) -> Graph:
        root = self.parse_graph()
        while self.here.kind != "end":
            self.parse_graph()
        for name, token in self.mentions.items():
            if self.graphs[name] not in self.graph_tokens:
                self.error(token, f"no graph of this text is called '{name}'")
        for graph, token in self.graph_tokens.items():
            if graph is not root and graph.name not in self.mentions:
                self.error(token, f"graph '{graph.name}' is never referred to")
        violation = find_violation(root)
        if violation is not None:
            self.error(self.token_of(violation), violation.message)
        return root

    def token_of(self, violation: Violation) -> Token:
        if violation.op is not None:
            return self.op_tokens[violation.op]
        return self.graph_tokens[violation.graph]

    # graphs

    def parse_graph(self) -> Graph:
        start = self.expect("graph")
        name = self.expect_kind("word", "a name for the graph")
        graph = self.graphs.setdefault(name.text, Graph(name.text))
        if graph in self.graph_tokens:
            self.error(name, f"a second graph called '{name.text}'")
        self.graph_tokens[graph] = name
        self.visible, self.trail, self.defined, self.loc = {}, [], {}, None
        graph.loc = self.loc = self.location_at(start)
        for param, type in self.parse_params():
            self.define(param, graph.region.add_param(type))
        self.expect("->")
        start = self.expect("(")
        types: list[tuple[Token, Type]] = []
        while not self.is_next(")"):
            types.append((self.here, self.parse_type()))
            if not self.accept(","):
                break
        self.expect(")")
        self.parse_block(graph.region)
        self.check_result_types(graph.region, start, types)
        return graph

    def check_result_types(
        self, region: Region, start: Token, types: list[tuple[Token, Type]]
    ) -> None:
        if len(types) != len(region.results):
            self.error(start, f"found {len(types)} result types; {len(region.results)} are yielded")
        for (token, declared), value in zip(types, region.results, strict=True):
            if declared != value.type:
                self.error(token, f"found {declared}; a value of type {value.type} is yielded")

    def parse_callee(self) -> Graph:
        token = self.take()
        if token.text == "@opaque" and self.is_next("("):
            self.error(token, "a Python object: text cannot hold it, so it cannot be parsed")
        name = token.text[1:]
        self.mentions.setdefault(name, token)
        return self.graphs.setdefault(name, Graph(name))

    # values

    def parse_params(self) -> list[tuple[Token, Type]]:
        """`(%a: type, …)`: names, not yet defined, with their types."""
        params: list[tuple[Token, Type]] = []
        self.expect("(")
        while not self.is_next(")"):
            params.append(self.parse_typed_name())
            if not self.accept(","):
                break
        self.expect(")")
        return params

    def parse_typed_name(self) -> tuple[Token, Type]:
        token = self.expect_kind("value", "a value's name (%…)")
        self.expect(":")
        return token, self.parse_type()

    def define(self, token: Token, value: Value) -> None:
        if token.text in self.defined:
            line = self.defined[token.text].line
            self.error(token, f"{token.text} is defined twice; first on line {line}")
        self.defined[token.text] = token
        self.visible[token.text] = value
        self.trail.append(token.text)
        name = token.text[1:]
        value.name = "" if name.isascii() and name.isdecimal() else name

    def parse_use(self) -> Value:
        token = self.here
        if self.is_literal_next():
            return literal(self.parse_literal())
        self.expect_kind("value", "a value (%…) or a number")
        value = self.visible.get(token.text)
        if value is None and token.text in self.defined:
            line = self.defined[token.text].line
            self.error(token, f"{token.text} (line {line}) is defined in a region that has ended")
        if value is None:
            self.error(token, f"{token.text} is not defined before its use")
        return value

    def parse_uses(self) -> list[Value]:
        """Values separated by commas, the first of them on this line; or none."""
        uses: list[Value] = []
        if self.same_line() and (self.here.kind == "value" or self.is_literal_next()):
            uses.append(self.parse_use())
            while self.accept(","):
                uses.append(self.parse_use())
        return uses

    # regions

    def parse_block(self, region: Region) -> None:
        """`{ op… yield … }`: what is defined inside is visible until the closing brace."""
        self.expect("{")
        self.descend()
        outside = len(self.trail)
        while not (self.is_next("yield") or self.is_next("never")):
            region.append(self.parse_op())
            self.end_statement()
        region.never = self.take().text == "never"
        if not region.never:
            region.results = self.parse_uses()
        self.accept(";")
        self.expect("}")
        self.hide(outside)
        self.depth -= 1

    def hide(self, outside: int) -> None:
        """End the visibility of all but the first `outside` values of the trail."""
        for name in self.trail[outside:]:
            del self.visible[name]
        del self.trail[outside:]

    def end_statement(self) -> None:
        if not self.accept(";") and self.same_line() and not self.is_next("}"):
            self.fail("the end of the line or ';'")

    def location_at(self, token: Token) -> Location | None:
        """The location comment of the line on which a token stands."""
        comment = self.source.comments.get(token.line)
        if comment is None:
            return None
        file = comment.file if comment.file is not None or self.loc is None else self.loc.file
        if file is None:
            self.error(comment.token, "a location without a file: the graph's line names none")
        return Location(file, comment.line, comment.col, comment.end_col)

    # ops

    def parse_op(self) -> Op:
        start = self.here
        results: list[tuple[Token, Type]] = []
        if start.kind == "value":
            results.append(self.parse_typed_name())
            while self.accept(","):
                results.append(self.parse_typed_name())
            self.expect("=")
        name = self.parse_op_name()
        op = Op(name.text, (), {}, (), (), self.location_at(start))
        self.op_tokens[op] = name
        if name.text == "loop" and self.is_next("("):
            self.parse_loop(op)
        elif name.text in BRANCHES:
            self.parse_branch(op)
        else:
            self.parse_rest(op)
        for token, type in results:
            self.define(token, op.add_result(type))
        return op

    def parse_op_name(self) -> Token:
        token = self.expect_kind("word", "an op or 'yield'")
        if token.text in STRUCTURED_OPS or token.text in REGISTRY:
            return token
        if token.text in RESERVED:
            self.error(token, f"found {token.shown}, expected an op or 'yield'")
        near = get_close_matches(token.text[:40], [*STRUCTURED_OPS, *REGISTRY], 1)
        hint = f"; is it '{near[0]}'?" if near else ""
        self.error(token, f"no op is called {token.shown}{hint}")

    def parse_rest(self, op: Op) -> None:
        """The generic form: operands, attributes, regions."""
        op.operands = self.parse_uses()
        self.parse_attrs(op.attrs)
        while self.same_line() and self.accept("region"):
            region = self.add_region(op)
            params = self.parse_params() if self.is_next("(") else []
            self.parse_inner(region, [(t, region.add_param(type)) for t, type in params])

    def add_region(self, op: Op) -> Region:
        region = Region()
        region.owner = op
        op.regions.append(region)
        return region

    def parse_inner(self, region: Region, params: list[tuple[Token, Value]]) -> None:
        """A block in which the given parameters are visible."""
        outside = len(self.trail)
        for token, param in params:
            self.define(token, param)
        self.parse_block(region)
        self.hide(outside)

    def parse_attrs(self, attrs: dict[str, Any]) -> None:
        """`{name=value, …}` if that comes next; a brace that opens a block is left alone."""
        is_attrs = self.ahead(1).kind == "word" and self.ahead(2).text == "="
        if not (self.same_line() and self.is_next("{") and is_attrs):
            return
        self.expect("{")
        while True:
            key = self.expect_kind("word", "an attribute's name")
            if key.text in attrs:
                self.error(key, f"attribute '{key.text}' is given twice")
            self.expect("=")
            attrs[key.text] = self.parse_attribute()
            if not self.accept(","):
                break
        self.expect("}")

    def parse_branch(self, op: Op) -> None:
        """`if %p { … } else { … }` or `try {kinds=(…)} { … } except { … }`"""
        op.operands = self.parse_uses()
        self.parse_attrs(op.attrs)
        self.parse_block(self.add_region(op))
        self.expect("else" if op.name == "if" else "except")
        self.parse_block(self.add_region(op))

    def parse_loop(self, op: Op) -> None:
        """`loop (%c: type = init, …) over (%x: type = xs, …) reversed { while {…} body {…} }`."""
        carries = self.parse_bindings()
        items = self.parse_bindings() if self.accept("over") else []
        op.attrs = {"carry": len(carries), "reverse": self.accept("reversed")}
        self.parse_attrs(op.attrs)
        op.operands = [init for _, _, init in carries + items]
        self.expect("{")
        body = self.add_region(op)
        if self.accept("while"):
            test = self.add_region(op)
            test_params = [(token, test.add_param(type)) for token, type, _ in carries]
            self.parse_inner(test, test_params)
            for token, _ in test_params:  # the body names them again
                del self.defined[token.text]
        self.expect("body")
        params = [(token, body.add_param(type)) for token, type, _ in carries + items]
        self.parse_inner(body, params)
        self.expect("}")

    def parse_bindings(self) -> list[tuple[Token, Type, Value]]:
        bindings: list[tuple[Token, Type, Value]] = []
        self.expect("(")
        while not self.is_next(")"):
            token, type = self.parse_typed_name()
            self.expect("=")
            bindings.append((token, type, self.parse_use()))
            if not self.accept(","):
                break
        self.expect(")")
        return bindings
