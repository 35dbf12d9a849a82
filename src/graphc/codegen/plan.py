"""Everything that is decided before the first line of a program is printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphc.codegen.constants import Constants
from graphc.codegen.expressions import Expressions, plan_expressions
from graphc.codegen.inplace import UFUNCS, Updates, candidates, plan_updates
from graphc.codegen.live import Liveness, find_liveness
from graphc.codegen.names import Names
from graphc.codegen.variables import name_variables
from graphc.ir.build import called_graphs, callees
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
    graph: Graph
    function: str
    expressions: Expressions
    live: Liveness
    updates: Updates
    variables: dict[Value, str]
    counting: dict[Op, Counting] = field(default_factory=dict)
    is_called: bool = False  # by other functions of the program: a single result comes by itself


def make_plans(graph: Graph, numbers: Graph | None = None, counted: bool = True) -> list[Plan]:
    """One plan for each function of a program: the graph's own first, then those it calls; last the
    graph that does the same in Python's numbers, if there is one.

    A graph that calls itself is two of them: what is run, and what is called.
    """
    functions, constants = Names(), Constants()
    first = functions.fresh(graph.name)
    called = [each for each in called_graphs(graph) if each is not graph]
    if any(graph in callees(op) for each in (graph, *called) for op in walk(each.region)):
        called.insert(0, graph)
    for callee in called:
        constants.functions[callee] = functions.fresh(callee.name)
    plans = [make_plan(graph, first, constants, functions.copy(), counted)]
    for callee, name in constants.functions.items():
        plans.append(make_plan(callee, name, constants, functions.copy(), counted))
        plans[-1].is_called = True
    if numbers is not None:
        name = functions.fresh(f"{graph.name}_in_numbers")
        plans.append(make_plan(numbers, name, constants, functions.copy(), counted=False))
    return plans


def make_plan(
    graph: Graph, function: str, constants: Constants, names: Names, counted: bool
) -> Plan:
    """Analyse a graph for printing. Each step reads what the steps above it decided. In a `counted`
    function every loop in which something may fail knows its iteration's number."""
    expressions, live, updates = _plan_in_place(graph, constants)
    variables = name_variables(graph.region, expressions, live, names)
    plan = Plan(graph, function, expressions, live, updates, variables)
    for op in walk(graph.region):
        if op.name == "loop":
            plan.counting[op] = _counting(op, plan, names, counted)
    return plan


def _plan_in_place(graph: Graph, constants: Constants) -> tuple[Expressions, Liveness, Updates]:
    """Arithmetic that could overwrite an operand is a statement; once more without what may not."""
    statements = candidates(graph.region)
    while True:
        expressions = plan_expressions(graph.region, statements.__contains__, constants)
        live = find_liveness(graph.region, expressions)
        updates = plan_updates(graph.region, live, statements)
        needless = {op for op in statements if op.name in UFUNCS and op not in updates.in_place}
        if not needless:
            return expressions, live, updates
        statements -= needless


def _counting(op: Op, plan: Plan, names: Names, counted: bool) -> Counting:
    """The cheapest way (measured, ns an iteration: enumerate 10, count 7, the others nothing)."""
    n_carry = op.attrs["carry"]
    counted = counted and _may_fail(op)
    if len(op.operands) == n_carry:
        return Counting("count", names.temporary("n")) if counted else Counting("while")
    uses = plan.expressions.uses
    for item in op.regions[0].params[n_carry:]:
        if item.type == PYINT and uses[item]:
            return Counting("item", plan.variables[item])
    for result in op.results[n_carry:]:
        if uses[result]:
            return Counting("length", plan.variables[result])
    return Counting("enumerate", names.temporary("n")) if counted else Counting("none")


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
