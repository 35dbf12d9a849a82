"""Everything that is decided before the first line of a program is printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphc.codegen.expressions import Expressions, plan_expressions
from graphc.codegen.inplace import Updates, is_candidate, plan_updates
from graphc.codegen.live import Liveness, find_liveness
from graphc.codegen.names import Names
from graphc.codegen.variables import name_variables
from graphc.ir.core import Op, Value, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ir.types import PYINT, Array


@dataclass(frozen=True)
class Counting:
    """How a loop's iteration number is known when something fails: not at all ('while'), from a
    counter ('count', 'enumerate'), from an item that is an integer, or from a list's length."""

    kind: str
    name: str = ""


@dataclass
class Plan:
    function: str
    expressions: Expressions
    live: Liveness
    updates: Updates
    variables: dict[Value, str]
    counting: dict[Op, Counting] = field(default_factory=dict)


def make_plan(graph: Graph) -> Plan:
    """Analyse a graph for printing. Each step reads what the steps above it decided."""
    names = Names()
    function = names.fresh(graph.name)
    expressions = plan_expressions(graph.region, is_candidate)
    live = find_liveness(graph.region, expressions)
    updates = plan_updates(graph.region, live)
    variables = name_variables(graph.region, expressions, live, names)
    plan = Plan(function, expressions, live, updates, variables)
    for op in walk(graph.region):
        if op.name == "loop":
            plan.counting[op] = _counting(op, plan, names)
    return plan


def _counting(op: Op, plan: Plan, names: Names) -> Counting:
    """The cheapest way (measured, ns an iteration: enumerate 10, count 7, the others nothing)."""
    n_carry = op.attrs["carry"]
    if len(op.operands) == n_carry:
        return Counting("count", names.temporary("n")) if _may_fail(op) else Counting("while")
    uses = plan.expressions.uses
    for item in op.regions[0].params[n_carry:]:
        if item.type == PYINT and uses[item]:
            return Counting("item", plan.variables[item])
    for result in op.results[n_carry:]:
        if uses[result]:
            return Counting("length", plan.variables[result])
    return Counting("enumerate", names.temporary("n")) if _may_fail(op) else Counting("none")


def _may_fail(op: Op) -> bool:
    """Whether an op inside a loop can raise: all but total ops on numbers (shapes may not fit)."""
    inner = [op for region in op.regions for op in walk(region)]
    return not all(
        inside.name in ("loop", "if")
        and _are_numbers(inside.operands)
        or inside.name not in ("loop", "if")
        and opdef(inside).total
        and _are_numbers([*inside.operands, *inside.results])
        for inside in inner
    )


def _are_numbers(values: list[Value]) -> bool:
    return all(isinstance(v.type, Array) and not v.type.shape for v in values)
