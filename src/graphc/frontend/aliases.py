"""What the result of a called graph may be: one of its arguments, or an array from outside.

Graph values are immutable; which of them may share memory at run time matters to the handles that
stand for them (`ops/views.py`), and only where somebody writes to one.
"""

from __future__ import annotations

from graphc.frontend.regions import inside
from graphc.ir.core import BRANCHES, Op, Region, Value
from graphc.ir.opdef import opdef


def origins(value: Value, graph: Region) -> set[Value]:
    """The parameters of a graph, and values from outside it, whose memory `value` may be."""
    found: set[Value] = set()
    todo, seen = [value], {value}
    while todo:
        each = todo.pop()
        if each.is_literal:
            continue
        if not inside(graph, each) or each.owner is graph:
            found.add(each)
            continue
        more = [other for other in _sources(each) if other not in seen]
        seen.update(more)
        todo += more
    return found


def _sources(value: Value) -> list[Value]:
    """The values whose memory a value may be, one step back."""
    owner = value.owner
    if isinstance(owner, Region):  # of a loop: what it starts with, and what the body yields
        op = owner.owner
        assert op is not None
        index = owner.params.index(value)
        return [op.operands[index], *op.regions[0].results[index : index + 1]]
    assert isinstance(owner, Op)
    index = owner.results.index(value)
    if owner.name in BRANCHES:
        return [v for arm in owner.regions for v in arm.results[index : index + 1]]
    if owner.name == "loop":
        return [*owner.operands[index : index + 1], *owner.regions[0].results[index : index + 1]]
    return [] if opdef(owner).fresh else owner.operands
