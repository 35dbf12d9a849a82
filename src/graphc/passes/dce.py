"""Dead code elimination."""

from __future__ import annotations

from graphc.ir.build import callees
from graphc.ir.core import BRANCHES, Op, Region, Value, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ops.raising import catches_warnings, may_raise
from graphc.passes.facts import has_effect
from graphc.passes.replace import drop_results, drop_slots


def dce(graph: Graph) -> int:
    """Remove what no output and no effect needs: ops, carries, ys, results of ifs.

    A carry that is only used to compute itself goes too; what a loop runs over stays, because it
    tells how often the loop runs.

        %1: float = sin %a                              %b_1: float = loop (%b: float = %a) … {
        %b_1, %n_1 = loop (%b = %a, %n = 0) … {           body { %2 = mul %b, 2.0; yield %2 }
          body {                                →       }
            %2 = mul %b, 2.0                            yield %b_1
            %3 = add %n, 1
            yield %2, %3
          }
        }
        yield %b_1
    """
    needs = _Needs()
    needs.values(graph.outputs)
    for op in walk(graph.region):
        if opdef(op).effect or callees(op) and has_effect(op):
            needs.op(op)
        elif not op.derived and not op.regions and may_raise(op, _is_told(op)):
            needs.op(op)  # the user's program would raise here, whether or not it uses the result
    needs.close()
    return _sweep(graph.region, needs)


def _is_told(op: Op) -> bool:
    """Whether an op is in the body of a `try` that takes what NumPy's arithmetic may raise."""
    region = op.parent
    while region is not None and region.owner is not None:
        outer = region.owner
        if outer.name == "try" and region is outer.regions[0]:
            if catches_warnings(outer.attrs["kinds"]):
                return True
        region = outer.parent
    return False


class _Needs:
    """The needed ops and values, and those whose own needs are still to be found."""

    def __init__(self) -> None:
        self.ops: set[Op] = set()
        self.found: set[Value] = set()
        self.waiting: list[Value] = []

    def values(self, values: list[Value]) -> None:
        self.waiting.extend(values)

    def close(self) -> None:
        while self.waiting:
            value = self.waiting.pop()
            if value.is_literal or value in self.found:
                continue
            self.found.add(value)
            if isinstance(value.owner, Op):
                self.op(value.owner)
                self.result(value.owner, value)
            elif isinstance(value.owner, Region) and value.owner.owner is not None:
                loop = value.owner.owner
                self.op(loop)
                self.slot(loop, value.owner.params.index(value))

    def op(self, op: Op | None) -> None:
        """An op is needed, and with it those it is nested in, and what they read in any case."""
        while op is not None and op not in self.ops:
            self.ops.add(op)
            first = op.attrs["carry"] if op.name == "loop" else 0
            self.values(op.operands[first:])
            if op.name == "loop":
                for test in op.regions[1:]:
                    self.values(test.results)
            op = op.parent.owner if op.parent is not None else None

    def result(self, op: Op, value: Value) -> None:
        if op.name == "loop":
            self.slot(op, op.results.index(value), is_result=True)
        elif op.name in BRANCHES:
            index = op.results.index(value)
            for arm in op.regions:
                self.values(arm.results[index : index + 1])

    def slot(self, op: Op, index: int, is_result: bool = False) -> None:
        """A carry is needed as a whole: parameters, initial value, what the body yields for it."""
        if index < op.attrs["carry"]:
            self.values([op.operands[index], *op.regions[0].results[index : index + 1]])
            self.values([region.params[index] for region in op.regions])
        elif is_result:
            self.values(op.regions[0].results[index : index + 1])


def _sweep(region: Region, needs: _Needs) -> int:
    removed = sum(op not in needs.ops for op in region.ops)
    region.ops = [op for op in region.ops if op in needs.ops]
    for op in region.ops:
        if op.name == "loop":
            removed += _shrink_loop(op, needs)
        elif op.name in BRANCHES:
            kept = [result in needs.found for result in op.results]
            drop_results(op, kept)
            removed += kept.count(False)
        for inner in op.regions:
            removed += _sweep(inner, needs)
    return removed


def _shrink_loop(op: Op, needs: _Needs) -> int:
    n_carry, body = op.attrs["carry"], op.regions[0]
    carries = [param in needs.found for param in body.params[:n_carry]]
    ys = [result in needs.found for result in op.results[n_carry:]]
    drop_slots(op, carries, ys)
    return carries.count(False) + ys.count(False)
