"""What an op means: its definition, and the registry of all of them.

Definitions are made in `ops/` by the families; `ir/` knows only their shape, so that text, parser,
verifier, interpreter and code generator find everything by the op's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphc.errors import InternalError
from graphc.ir.core import Op, Value
from graphc.ir.types import Type

Infer = Callable[[Sequence[Value], dict[str, Any]], list[Type]]


StaticForm = Callable[[Sequence[Value]], "Value | tuple[str, list[Value], dict[str, Any]] | None"]


class Derivative:
    """A named marker where an op has no derivative rule to call."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


ZERO = Derivative("ZERO")  # the derivative is zero wherever it exists: floor, sign, comparisons
MISSING = Derivative("MISSING")  # nobody has written it: asking for it is an error
CUT = Derivative("CUT")  # no dependence at all: stop_gradient
STRUCTURED = Derivative("STRUCTURED")  # loop, if: the gradient engine itself differentiates them


@dataclass(frozen=True, eq=False)
class Partials:
    """Partial derivatives of an element-wise op: `rules[i](z, *operands, **attrs)` is dz/dx_i.

    A rule may return a plain number. The engine multiplies by the cotangent, undoes broadcasting,
    and keeps the zeros of a cotangent that comes out of an unselected arm of `where`.
    """

    rules: tuple[Callable[..., Any] | Derivative, ...]


@dataclass(frozen=True, eq=False)
class Pullbacks:
    """One function per operand: `rules[i](ct, z, *operands, **attrs)` is the cotangent of x_i.

    An entry may be ZERO (connected, but the derivative is zero) or CUT (no dependence: a size).
    """

    rules: tuple[Callable[..., Any] | Derivative, ...]


@dataclass(frozen=True, eq=False)
class Pullback:
    """All operands at once: `rule(needs, cts, zs, operands, attrs)` returns one cotangent (or None
    for zero) per operand. For ops with any number of operands or several results: `cts` and `zs`
    are tuples, with None for a result whose cotangent is zero; `needs[i]` says whether operand i's
    cotangent is wanted.
    """

    rule: Callable[..., Any]


Rule = Partials | Pullbacks | Pullback | Derivative


@dataclass(frozen=True, eq=False)
class OpDef:
    """An op's meaning. `kernel(*operands, **attrs)` runs on concrete values and returns the result
    (a tuple of them when there are several); `infer(operands, attrs)` gives the result types;
    `vjp` is a rule or one of the markers above.

    `code` is the expression that generated code prints: a format string over operands `{0}`, `{1}`
    (or `{args}` for all of them) and attributes `{axis!r}`, where `np` and the run-time kernels `k`
    are in scope; None prints `k.<name>(operands, attr=…)`. A function of the op and the operands'
    texts returns the expression itself, or None for the same.

    `static_form(operands)` may name a simpler op to append instead, where the operands' types say
    that it comes to the same: an operand that only lends its shape need not be kept where that is
    known.
    """

    name: str
    kernel: Callable[..., Any]
    infer: Infer
    vjp: Rule = MISSING
    code: str | Callable[[Op, list[str]], str | None] | None = None
    family: str = "general"  # elementwise | linear | general | structured
    effect: bool = False  # its order matters and it may not be removed, repeated or moved
    cheap: bool = False  # recomputing it costs less than storing its result
    total: bool = False  # never raises on operands of the inferred types: may be hoisted
    fresh: bool = True  # its result shares no memory with its operands
    doc: str = ""
    static_form: StaticForm | None = None


REGISTRY: dict[str, OpDef] = {}


def register(definition: OpDef) -> OpDef:
    if definition.name in REGISTRY:
        raise InternalError(f"op {definition.name!r} is defined twice")
    REGISTRY[definition.name] = definition
    return definition


def opdef(op: Op) -> OpDef:
    """The definition of an op."""
    try:
        return REGISTRY[op.name]
    except KeyError:
        raise InternalError(f"no op is called {op.name!r}") from None
