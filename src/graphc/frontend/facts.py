"""What is known of a Chosen's tag in the arms of a branch: the branch's test may have asked for it.

if found is not None:  found[0]        in this arm, `found` is the tuple
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphc.frontend.chosen import Chosen, ways_of
from graphc.ir.core import Op, Value
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace


def knowing(trace: Trace, test: Tensor, outcome: bool, run: Callable[[], Any]) -> Any:
    """`run()`, where it is known how a test has turned out."""
    known = len(trace.facts)
    trace.facts += facts(test._data, outcome)
    try:
        return run()
    finally:
        del trace.facts[known:]


def facts(test: Value, outcome: bool) -> Iterator[tuple[Value, int, bool]]:
    """What a test tells where it turns out so: (tag, number, whether the tag is that number)."""
    op = test.owner
    if not isinstance(op, Op):
        return
    if op.name == "eq" and op.operands[1].is_literal:
        yield op.operands[0], op.operands[1].literal, outcome
    elif op.name in ("not", "truth"):
        yield from facts(op.operands[0], outcome is not (op.name == "not"))
    elif op.name == "bitwise_or" and not outcome:
        for operand in op.operands:
            yield from facts(operand, False)
    elif op.name == "if" and not any(arm.never for arm in op.regions):
        at = op.results.index(test)
        then, orelse = (arm.results[at] for arm in op.regions)
        for here, other, is_then in ((then, orelse, True), (orelse, then, False)):
            if other.is_literal and other.literal is (not outcome):
                yield from facts(op.operands[0], is_then)
                yield from facts(here, outcome)


def possible(trace: Trace, x: Chosen) -> dict[int, Any]:
    """What x may be here, by tags."""
    told = [fact[1:] for fact in trace.facts if fact[0] is getattr(x._graphc_tag, "_data", None)]
    return {
        tag: way
        for tag, way in ways_of(x).items()
        if all((tag == number) is is_it for number, is_it in told)
    }
