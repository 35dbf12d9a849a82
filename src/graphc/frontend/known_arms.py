"""What a test says about branches before it: where `raised` is 0, the body of the `try` has come
to its end, and what it binds is bound.

    %y: maybe[float], %raised: int = try … { …; yield %1, 0 } except { yield unbound, 1 }
    %p: pybool = not %raised
    if %p { … %y is the value of the body, of type float … }
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.ir.core import BRANCHES, Op, Value
from graphc.ir.types import Maybe, Nothing
from graphc.ops.trace import Trace

Arms = dict[Op, int]
Meaning = Callable[[Any], bool]


def assume(trace: Trace, test: Value, outcome: bool) -> None:
    """What is traced from here to the end of the region runs only where a test came out so."""
    trace.known_arms = {**trace.known_arms, **_known(test, outcome)}


def is_bound(value: Value, trace: Trace) -> bool:
    """Whether a value that may be unbound or None in general is neither here."""
    owner = value.owner
    if not isinstance(owner, Op) or owner not in trace.known_arms:
        return False
    arm = owner.regions[trace.known_arms[owner]]
    given = arm.results[owner.results.index(value)]
    return not isinstance(given.type, Maybe | Nothing) or is_bound(given, trace)


def _known(test: Value, outcome: bool) -> Arms:
    """The branches of which the test's outcome says which arm they have taken."""
    source, meaning = _source(test)
    op = source.owner
    if not isinstance(op, Op) or op.name not in BRANCHES:
        return {}
    index = op.results.index(source)
    left = [
        place
        for place, arm in enumerate(op.regions)
        if not arm.never and _may_mean(arm.results[index], meaning, outcome)
    ]
    if len(left) != 1:
        return {}
    arms = {op: left[0]}
    if op.name == "if":  # the arm says what the branch's own test was
        arms |= _known(op.operands[0], left[0] == 0)
    return arms


def _source(test: Value) -> tuple[Value, Meaning]:
    """The value that a test is made of, and what the test is for a literal in its place."""
    op = test.owner
    if isinstance(op, Op) and op.name in ("not", "truth"):
        source, inner = _source(op.operands[0])
        return source, (lambda x: not inner(x)) if op.name == "not" else inner
    if isinstance(op, Op) and op.name == "eq" and op.operands[1].is_literal:
        known = op.operands[1].literal
        return op.operands[0], lambda x: x == known
    return test, bool


def _may_mean(value: Value, meaning: Meaning, outcome: bool) -> bool:
    """Whether a test of this value can come out so."""
    if value.is_literal:
        return meaning(value.literal) is outcome
    op = value.owner
    if isinstance(op, Op) and op.name in BRANCHES:
        index = op.results.index(value)
        arms = [arm for arm in op.regions if not arm.never]
        return any(_may_mean(arm.results[index], meaning, outcome) for arm in arms)
    return True
