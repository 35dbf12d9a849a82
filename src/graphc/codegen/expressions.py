"""Which ops are printed inside the expression that uses them, and each op's template.

    %1 = mul %a, %b;  %2 = sin %1;  yield %2         →    return np.sin(a * b)

Evaluation order is never changed: ops wait on a stack, in order, and an op takes the top of that
stack into its own expression as long as its slots, read from the right, ask for exactly that.
What an op cannot take is printed as statements first. So nothing moves past an effect, past an op
that may raise, or past an update in place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from graphc.codegen.constants import Constants, Printed
from graphc.codegen.kernels import kernel_name
from graphc.codegen.template import Template, parse_template, placeholder
from graphc.ir.core import BRANCHES, Op, Region, Value
from graphc.ir.opdef import opdef

MAX_LENGTH = 72  # characters of an expression, estimated: names, and the text between them
MAX_OPS = 8  # in one expression
NAME_LENGTH = 3  # of what the user did not name


@dataclass
class Expressions:
    """`atoms`: values that are an entry of the constants table. `inlined`: ops printed inside their
    only use. `uses`: how often each value is read, not counting by dead results."""

    constants: Constants
    templates: dict[Op, Template] = field(default_factory=dict)
    atoms: dict[Value, str] = field(default_factory=dict)
    inlined: set[Op] = field(default_factory=set)
    uses: Counter[Value] = field(default_factory=Counter)

    def is_inlined(self, value: Value) -> bool:
        return isinstance(value.owner, Op) and value.owner in self.inlined

    def read_by(self, values: Iterable[Value]) -> Iterator[Value]:
        """The variables read when these are evaluated, and the inlined values computed for it."""
        for value in values:
            if value.is_literal or value in self.atoms:
                continue
            yield value
            if isinstance(value.owner, Op) and value.owner in self.inlined:
                yield from self.read_by(value.owner.operands)

    def wanted(self, op: Op, region: Region) -> list[Value]:
        """The results of one of an op's regions that are read, in the order in which they are
        evaluated: all carries, and the ys (first) and results of arms that are used."""
        if region.never:
            return []
        if op.name in BRANCHES:
            pairs = zip(region.results, op.results, strict=False)
            return [value for value, result in pairs if self.uses[result]]
        if region is not op.regions[0]:
            return region.results
        n_carry = op.attrs["carry"]
        pairs = zip(region.results[n_carry:], op.results[n_carry:], strict=True)
        return [v for v, result in pairs if self.uses[result]] + region.results[:n_carry]


def plan_expressions(
    region: Region, is_statement: Callable[[Op], bool], constants: Constants
) -> Expressions:
    """Decide for a whole graph; `is_statement` names ops that are never inlined."""
    plan = Expressions(constants)
    _count_uses(plan, region, region.results)
    _Inliner(plan, is_statement).visit(region, region.results)
    return plan


def _count_uses(plan: Expressions, region: Region, results: Sequence[Value]) -> None:
    """From the end, because uses come after definitions: so dead results are known as such."""
    plan.uses.update(results)
    for op in reversed(region.ops):
        for inner in op.regions:
            _count_uses(plan, inner, plan.wanted(op, inner))
        plan.uses.update(op.operands)


class _Inliner:
    def __init__(self, plan: Expressions, is_statement: Callable[[Op], bool]) -> None:
        self.plan = plan
        self.is_statement = is_statement
        self.sizes: dict[Op, tuple[int, int]] = {}  # characters, ops

    def visit(self, region: Region, results: Sequence[Value]) -> None:
        waiting: list[Op] = []
        for op in region.ops:
            if not op.regions and self.make_atom(op):
                continue
            if not op.regions:
                self.plan.templates[op] = op_template(op, self.plan.constants)
            self.take(op, waiting)
            if self.may_wait(op):
                waiting.append(op)
            else:
                waiting.clear()
            for inner in op.regions:
                self.visit(inner, self.plan.wanted(op, inner))
        for value in reversed(results):
            if waiting and value.owner is waiting[-1]:
                self.plan.inlined.add(waiting.pop())

    def make_atom(self, op: Op) -> bool:
        """A pure op without operands whose result may be shared is a constant: evaluated now."""
        definition = opdef(op)
        if op.operands or definition.effect or definition.fresh or not definition.total:
            return False
        self.plan.atoms[op.result] = self.plan.constants.name(definition.kernel(**op.attrs))
        return True

    def may_wait(self, op: Op) -> bool:
        if op.regions or len(op.results) != 1 or self.plan.uses[op.results[0]] != 1:
            return False
        return not opdef(op).effect and not self.is_statement(op)

    def take(self, op: Op, waiting: list[Op]) -> None:
        """Inline the top of the stack into `op`; what it uses further down becomes statements."""
        template = self.plan.templates.get(op)
        if template is None:
            reads, length, count = list(op.operands), 0, 0
        else:
            reads = [op.operands[slot.index] for slot in template.slots]
            length, count = template.length + sum(map(_name_length, reads)), 1
        for place, value in reversed(list(enumerate(reads))):
            if not waiting or value.owner is not waiting[-1]:
                continue
            extra, extra_ops = self.sizes[waiting[-1]]
            once = template is None or template.once(template.slots[place].index)
            fits = template is None or (
                length + extra <= MAX_LENGTH and count + extra_ops <= MAX_OPS
            )
            if not once or not fits:
                break
            self.plan.inlined.add(waiting.pop())
            length, count = length + extra, count + extra_ops
        self.sizes[op] = (length, count)
        used = [place for place, earlier in enumerate(waiting) if earlier.results[0] in reads]
        if used:
            del waiting[: used[-1] + 1]


def _name_length(value: Value) -> int:
    return len(str(value.literal)) if value.is_literal else len(value.name) or NAME_LENGTH


def op_template(op: Op, constants: Constants) -> Template:
    """The template of an op without regions, from its definition's `code`."""
    code = opdef(op).code
    operands = [placeholder(index) for index in range(len(op.operands))]
    if op.name == "graph_call":
        return parse_template(f"{constants.functions[op.attrs['callee']]}({', '.join(operands)})")
    if callable(code):
        code = code(op, operands)
        if code is not None:
            return parse_template(code)
    attrs = {key: constants.text(value).string for key, value in op.attrs.items()}
    if code is None:
        arguments = [*operands, *(f"{key}={text}" for key, text in attrs.items())]
        return parse_template(f"k.{kernel_name(op.name)}({', '.join(arguments)})")
    printed = {key: Printed(text) for key, text in attrs.items()}
    return parse_template(code.format(*operands, args=", ".join(operands), **printed))
