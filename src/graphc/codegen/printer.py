"""Printing a graph as a Python function. All was decided before (`Plan`); this only prints.

loop, with a test      while test:                   (`for n1 in count():`, `if not test: break`
                           body                      in a program that counts its iterations)
loop over sequences    for v in xs:     for v, w in zip(xs, ys):     for v in reversed(xs):
if                     if p: … elif q: … else: …
try                    try: … except …: …
carries                a, b = b, a + b               (as few at a time as their reads allow)
ys                     ys = []; ys.append(v); after a reversed loop, ys.reverse()
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graphc.codegen.inplace import LISTS, UFUNCS, WITHOUT_LAST
from graphc.codegen.plan import Plan
from graphc.codegen.template import NOT, TERNARY, parse_template, placeholder
from graphc.codegen.writer import Text, Writer, concat, fill, join
from graphc.ir.core import Op, Region, Value
from graphc.ir.types import Array, strip_maybe
from graphc.ops.indexing import index_code


@dataclass(frozen=True)
class Move:
    """An assignment to a variable, of the value that a region hands on."""

    target: str
    source: Text

    @property
    def is_needless(self) -> bool:
        return self.target == self.source.string

    def reads(self, name: str) -> bool:
        return name in re.findall(r"\w+", self.source.string)


class Printer:
    """`out` gets the text of the function; `kernels` the names that it takes from `k`."""

    def __init__(self, plan: Plan, out: Writer, kernels: set[str]) -> None:
        self.plan = plan
        self.out = out
        self.kernels = kernels

    def function(self) -> None:
        """The plan's graph as a function: it returns a tuple, or what a call of it needs."""
        region, is_called = self.plan.graph.region, self.plan.is_called
        params = ", ".join(self.plan.variables[param] for param in region.params)
        with self.out.block(f"def {self.plan.function}({params})"):
            self.statements(region)
            if not region.never and not (is_called and not region.results):
                results = self.expressions(region.results)
                single = is_called and len(results) == 1
                self.out.line("return ", results[0] if single else _tuple(results))

    # expressions

    def expression(self, value: Value) -> Text:
        """A value where it is used: a literal, a constant, a variable, or its op's expression."""
        plan = self.plan.expressions
        if value.is_literal:
            return plan.constants.text(value.literal)
        if value in plan.atoms:
            return Text(plan.atoms[value])
        if plan.is_inlined(value):
            assert isinstance(value.owner, Op)
            return self.op_expression(value.owner)
        return Text(self.plan.variables[value])

    def expressions(self, values: Sequence[Value]) -> list[Text]:
        return [self.expression(value) for value in values]

    def op_expression(self, op: Op) -> Text:
        template = self.plan.expressions.templates[op]
        self.kernels.update(template.kernels)
        return fill(template, self.expressions(op.operands), op)

    def call(self, kernel: str, arguments: list[Text], op: Op) -> Text:
        self.kernels.add(kernel)
        return concat(f"k.{kernel}(", join(", ", arguments), ")", op=op)

    def is_used(self, value: Value) -> bool:
        return self.plan.expressions.uses[value] > 0

    def condition(self, value: Value) -> Text:
        """A value where Python itself asks for its truth."""
        op = value.owner
        if isinstance(op, Op) and op.name == "truth" and op in self.plan.expressions.inlined:
            value = op.operands[0]
        return self.expression(value)

    def negation(self, value: Value) -> Text:
        """The opposite of a condition."""
        op = value.owner
        if isinstance(op, Op) and op.name == "not" and op in self.plan.expressions.inlined:
            return self.condition(op.operands[0])
        return concat("not ", self.condition(value).fitting(NOT))

    # statements

    def statements(self, region: Region) -> None:
        for op in region.ops:
            if op in self.plan.live.begin:
                self.statement(op)

    def statement(self, op: Op) -> None:
        if op.name == "loop":
            self.loop(op)
        elif op.name == "if":
            self.branches(op, "if ")
        elif op.name == "try":
            self.attempt(op)
        elif op in self.plan.updates.in_place:
            self.update(op)
        else:
            self.assignment(op)

    def assignment(self, op: Op) -> None:
        expression = self.op_expression(op)
        if not any(map(self.is_used, op.results)):
            self.out.line(expression)
            return
        targets = [self.plan.variables[v] if self.is_used(v) else "_" for v in op.results]
        if targets != [expression.string]:  # an op that only hands its operand on
            self.out.line(", ".join(targets), " = ", expression)

    def moves(self, moves: list[Move]) -> None:
        """Assignments that happen at once; one by one where none overwrites what a later reads."""
        waiting = [move for move in moves if not move.is_needless]
        while waiting:
            n = 1
            while any(m.reads(t.target) for t in waiting[:n] for m in waiting[n:]):
                n += 1
            targets = ", ".join(move.target for move in waiting[:n])
            self.out.line(targets, " = ", join(", ", [move.source for move in waiting[:n]]))
            del waiting[:n]

    def update(self, op: Op) -> None:
        """An update in place; as an assignment to an item where NumPy's is just that."""
        place = self.plan.updates.in_place[op]
        operands = self.expressions(op.operands)
        if op.name in LISTS:
            self.list_update(op, operands)
            return
        symbol = self.item_assignment(op)
        if symbol and not self.plan.expressions.is_inlined(op.operands[place]):
            places = [placeholder(index) for index in range(len(operands))]
            item = parse_template(f"{places[0]}[{index_code(op.attrs['spec'], places[2:])}]")
            self.out.line(fill(item, operands, op), symbol, operands[1], op=op)
            result = operands[place]
        elif op.name in UFUNCS:
            result = self.call("into", [operands[place], Text(UFUNCS[op.name]), *operands], op)
        else:
            attrs = self.plan.expressions.constants
            named = [concat(f"{key}=", attrs.text(value)) for key, value in op.attrs.items()]
            result = self.call(f"{op.name}_", [*operands, *named], op)
        if self.is_used(op.results[0]):
            self.moves([Move(self.plan.variables[op.results[0]], result)])
        elif result is not operands[place]:
            self.out.line(result)

    def list_update(self, op: Op, operands: list[Text]) -> None:
        """A list's own method. Its variable already is that of the result, or becomes another name
        of the list."""
        others, statement = op.results[1:], LISTS[op.name]
        if op.name in WITHOUT_LAST and not self.is_used(others[-1]):
            others, statement = others[:-1], WITHOUT_LAST[op.name]
        names = [self.plan.variables[v] if self.is_used(v) else "_" for v in others]
        parts = [Text(", ".join(names))] if any(map(self.is_used, others)) else []
        statement = statement.format(*map(placeholder, range(len(operands))))
        for template in map(parse_template, statement.split(" = ")):
            self.kernels.update(template.kernels)
            parts.append(fill(template, operands, op))
        self.out.line(join(" = ", parts), op=op)
        if self.is_used(op.results[0]):
            self.moves([Move(self.plan.variables[op.results[0]], operands[0])])

    def item_assignment(self, op: Op) -> str:
        """The operator of `x[i] = v` or `x[i] += v`. The latter reads x[i] before v is evaluated,
        and adds once where an array of indices repeats itself."""
        if op.name == "setitem":
            return " = "
        inlined = sum(map(self.plan.expressions.is_inlined, op.operands))
        if op.name == "index_add" and "a" not in op.attrs["spec"] and inlined <= 1:
            return " += "
        return ""

    # if

    def branches(self, op: Op, keyword: str) -> None:
        then, otherwise = op.regions
        condition = self.condition(op.operands[0])
        if self.is_empty(op, then) and not self.is_empty(op, otherwise):
            with self.out.block(keyword, self.negation(op.operands[0]), op=op):
                self.arm(op, otherwise)
            return
        with self.out.block(keyword, condition, op=op):
            self.arm(op, then)
        chained = self.only_if(op, otherwise)
        if chained is not None:
            self.branches(chained, "elif ")
        elif not self.is_empty(op, otherwise):
            with self.out.block("else"):
                self.arm(op, otherwise)

    def attempt(self, op: Op) -> None:
        kinds = op.attrs["kinds"]
        shown = self.plan.expressions.constants.text(kinds[0] if len(kinds) == 1 else kinds)
        for header, region in zip((Text("try"), concat("except ", shown)), op.regions, strict=True):
            with self.out.block(header, op=op):
                if self.is_empty(op, region):
                    self.out.line("pass")
                else:
                    self.arm(op, region)

    def arm(self, op: Op, region: Region) -> None:
        self.statements(region)
        self.moves(self.arm_moves(op, region))

    def arm_moves(self, op: Op, region: Region) -> list[Move]:
        pairs = zip(region.results, op.results, strict=False)
        return [
            Move(self.plan.variables[result], self.expression(value))
            for value, result in pairs
            if self.is_used(result)
        ]

    def is_empty(self, op: Op, region: Region) -> bool:
        has_statements = any(inner in self.plan.live.begin for inner in region.ops)
        return not has_statements and all(m.is_needless for m in self.arm_moves(op, region))

    def only_if(self, op: Op, region: Region) -> Op | None:
        """The `if` that is all there is in an `else` arm: it becomes an `elif`."""
        statements = [inner for inner in region.ops if inner in self.plan.live.begin]
        if len(statements) != 1 or statements[0].name != "if":
            return None
        moves_nothing = all(move.is_needless for move in self.arm_moves(op, region))
        return statements[0] if moves_nothing else None

    # loop

    def loop(self, op: Op) -> None:
        n_carry, body = op.attrs["carry"], op.regions[0]
        self.moves([self.init(op, index) for index in range(n_carry)])
        collected = [value for value in op.results[n_carry:] if self.is_used(value)]
        for value in collected:
            self.out.line(f"{self.plan.variables[value]} = []", op=op)
        with self.out.block(self.header(op), op=op):
            self.test(op)
            self.statements(body)
            self.hand_on(op)
        for value in collected if op.attrs["reverse"] else []:
            self.out.line(f"{self.plan.variables[value]}.reverse()", op=op)

    def init(self, op: Op, index: int) -> Move:
        source = self.expression(op.operands[index])
        if (op, index) in self.plan.updates.copies:
            is_list = not isinstance(strip_maybe(op.operands[index].type), Array)
            kernel = "list_of" if is_list else "copy_of"
            source = self.call(kernel, [source.fitting(TERNARY)], op)
        return Move(self.plan.variables[op.regions[0].params[index]], source)

    def header(self, op: Op) -> Text:
        counting = self.plan.counting[op]
        n_carry = op.attrs["carry"]
        sequences = [x.fitting(TERNARY) for x in self.expressions(op.operands[n_carry:])]
        if not sequences:
            if counting.kind == "count":
                return Text(f"for {counting.name} in count()")
            return concat("while ", self.while_test(op) or "True")
        params = op.regions[0].params[n_carry:]
        items = [self.plan.variables[v] if self.is_used(v) else "_" for v in params]
        source = self.sequence(op, sequences)
        if counting.kind == "enumerate":
            names = items[0] if len(items) == 1 else f"({', '.join(items)})"
            return concat(f"for {counting.name}, {names} in enumerate(", source, ")")
        return concat(f"for {', '.join(items)} in ", source)

    def sequence(self, op: Op, sequences: list[Text]) -> Text:
        if len(sequences) == 1:
            return concat("reversed(", sequences[0], ")") if op.attrs["reverse"] else sequences[0]
        if op.attrs["reverse"]:
            return self.call("backwards", sequences, op)
        return concat("zip(", join(", ", sequences), ")")

    def while_test(self, op: Op) -> Text | None:
        """The test, where it is one expression of a loop without a counter."""
        if self.plan.counting[op].kind != "while" or len(op.regions) == 1:
            return None
        test = op.regions[1]
        if test.never or any(inner in self.plan.live.begin for inner in test.ops):
            return None
        return self.condition(test.results[0])

    def test(self, op: Op) -> None:
        if len(op.regions) == 1 or self.while_test(op) is not None:
            return
        self.statements(op.regions[1])
        if op.regions[1].never:
            return
        with self.out.block("if ", self.negation(op.regions[1].results[0]), op=op):
            self.out.line("break")

    def hand_on(self, op: Op) -> None:
        """What a body yields: ys first, as carries are overwritten."""
        n_carry, body = op.attrs["carry"], op.regions[0]
        if body.never:
            return
        for value, result in zip(body.results[n_carry:], op.results[n_carry:], strict=True):
            if self.is_used(result):
                item = self.expression(value).fitting(TERNARY)
                self.out.line(f"{self.plan.variables[result]}.append(", item, ")", op=op)
        carries = zip(body.params[:n_carry], body.results[:n_carry], strict=True)
        self.moves([Move(self.plan.variables[p], self.expression(v)) for p, v in carries])


def _tuple(items: list[Text]) -> Text:
    if not items:
        return Text("()")
    listed = join(", ", [item.fitting(TERNARY) for item in items])
    return listed if len(items) > 1 else concat("(", listed, ",)")
