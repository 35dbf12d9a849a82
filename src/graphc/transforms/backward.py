"""The backward walk: one algorithm for graphs (appending adjoint ops) and tapes (running them).

`Backward` holds the cotangent of every value reached so far. `sweep` takes a region's ops in
reverse order, and asks each op's rule for the cotangents of its operands. Everything that is not
the rule's business is done here, once: un-broadcasting, casting, symbolic zeros, which operands are
active, and zeros from unselected arms that must win over inf and NaN.

Notation: z = op(x, y); `ct` is the cotangent of z, that is, dL/dz for the scalar L = Σ seed·y.
Reference: A. Griewank, A. Walther, Evaluating Derivatives (2008), chapters 3 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from graphc.errors import GradientError
from graphc.ir.core import Op, Region, Value, literal, op_free_values
from graphc.ir.opdef import (
    CUT,
    MISSING,
    REGISTRY,
    STRUCTURED,
    ZERO,
    Derivative,
    Partials,
    Pullback,
    Pullbacks,
    opdef,
)
from graphc.ir.types import Array, Maybe, Tape, Tuple, Type, strip_maybe
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import current_trace
from graphc.source import located

ADDS_AT = {"index_add", "seq_add_at"}  # ops that add to some elements, or to one item
# Ops whose cotangents are zero for the elements, or the operand, that they did not select.
SELECTING = {"masked_mul", "where", "maximum", "minimum", "fmax", "fmin", "clip", "max", "min"}

Primal = Callable[[Value], Any]
Structured = Callable[["Backward", Op], None]


def carries_derivative(t: Type) -> bool:
    """Whether values of this type can have a non-zero cotangent: floating point at the core."""
    match t:
        case Array():
            return t.is_inexact
        case Maybe(inner):
            return carries_derivative(inner)
        case SequenceType(elem):
            return carries_derivative(elem)
        case Tuple(items):
            return any(map(carries_derivative, items))
        case Tape():
            return True
    return False


def forward_active(ops: Iterable[Op], sources: Iterable[Value]) -> set[Value]:
    """The values that depend on `sources` through `ops`, the sources included."""
    active = set(sources)
    for op in ops:
        cut = op.name in REGISTRY and REGISTRY[op.name].vjp is CUT
        if not cut and any(value in active for value in op_free_values(op)):
            active.update(op.results)
    return active


def selects(op: Op) -> bool:
    """Whether an op sends zeros to what it did not select (see SELECTING)."""
    return op.name in SELECTING or (op.name == "getitem" and "m" in str(op.attrs.get("spec")))


class Backward:
    """The state of one backward walk.

    `primal(value)` is the Tensor (or number) an op's rule sees for a value; `structured`
    differentiates loops and branches, where the walk may meet them; `stops` are values not to go
    through.
    """

    def __init__(
        self,
        primal: Primal,
        active: set[Value],
        structured: dict[str, Structured],
        stops: frozenset[Value] = frozenset(),
    ) -> None:
        self.primal = primal
        self.active = active
        self.structured = structured
        self.stops = stops
        self.cts: dict[Value, Tensor] = {}
        self.masked: set[Value] = set()

    def nested(self, active: set[Value]) -> Backward:
        """A walk for a region nested in this one."""
        return Backward(self.primal, active, self.structured, self.stops)

    def sweep(self, ops: Sequence[Op]) -> None:
        for op in reversed(ops):
            if any(result in self.cts and result not in self.stops for result in op.results):
                self.at(op)

    def at(self, op: Op) -> None:
        """Visit an op; what is appended to a graph takes the op's own location."""
        trace = current_trace()
        if trace is None:
            self.visit(op)
            return
        with trace.located_at(op.loc), trace.unchecked():
            self.visit(op)

    def visit(self, op: Op) -> None:
        definition = opdef(op)
        rule = definition.vjp
        if rule is STRUCTURED:
            self.structured[op.name](self, op)
            return
        needs = [self.wants(value) for value in op.operands]
        if rule is ZERO or rule is CUT or not any(needs):
            return
        self.refuse(op, rule)
        masked = selects(op) or any(result in self.masked for result in op.results)
        ranks = [v.type.ndim for v in op.operands if isinstance(v.type, Array)]
        broadcasts = definition.family == "elementwise" and sum(rank > 0 for rank in ranks) > 1
        for value, ct in zip(op.operands, self.pull(op, rule, needs, masked), strict=True):
            if ct is not None and self.wants(value):
                self.add(value, ct, masked, broadcasts)

    def wants(self, value: Value) -> bool:
        """Whether a value's cotangent is asked for, and can be other than zero."""
        return value in self.active and carries_derivative(value.type)

    def pull(self, op: Op, rule: Any, needs: list[bool], masked: bool) -> Sequence[Any]:
        """The cotangents of an op's operands, by its rule; None for zero."""
        xs = [self.primal(value) for value in op.operands]
        zs = [self.primal(value) for value in op.results]
        cts = [None if r in self.stops else self.cts.get(r) for r in op.results]
        if isinstance(rule, Partials):
            ct = self.dense(cts[0], op.results[0])
            return [
                product(ct, d(zs[0], *xs, **op.attrs), masked)
                if need and not isinstance(d, Derivative)
                else None
                for need, d in zip(needs, rule.rules, strict=True)
            ]
        if isinstance(rule, Pullbacks):
            ct = self.dense(cts[0], op.results[0])
            # Last operand first: what `setitem` takes out of ct comes before ct is overwritten.
            return [
                d(ct, zs[0], *xs, **op.attrs) if need and not isinstance(d, Derivative) else None
                for need, d in reversed(list(zip(needs, rule.rules, strict=True)))
            ][::-1]
        dense = [
            ct if ct is None else self.dense(ct, r) for ct, r in zip(cts, op.results, strict=True)
        ]
        assert isinstance(rule, Pullback)
        pulled: Sequence[Any] = rule.rule(needs, dense, zs, xs, op.attrs)
        return pulled

    def dense(self, ct: Any, value: Value) -> Any:
        """A cotangent that is an array even where it could be None (zero) at run time."""
        if isinstance(ct.type, Maybe) and not isinstance(value.type, Maybe | Tape):
            return apply("or_zeros", ct, self.primal(value))
        return ct

    def add(self, value: Value, ct: Any, masked: bool = False, broadcasts: bool = False) -> None:
        """Add to a value's cotangent, after undoing broadcasting and casting to its type.

        `broadcasts`: whether equal unknown dimensions may still hide a broadcast one.
        """
        ct = self.match(as_tensor(ct), value, broadcasts)
        seen = self.cts.get(value)
        total = ct if seen is None else add_cotangents(seen, ct)
        label(total, value)
        self.cts[value] = total
        if masked:
            self.masked.add(value)

    def match(self, ct: Tensor, value: Value, broadcasts: bool) -> Tensor:
        ct = self.dense(ct, value)
        t, c = value.type, ct.type
        if not isinstance(t, Array) or not isinstance(c, Array):
            return ct
        if c.shape != t.shape or (broadcasts and None in t.shape):
            widens = c.ndim < t.ndim
            ct = apply("broadcast_like" if widens else "sum_to_like", ct, self.primal(value))
        if t.weak and not ct.array_type.weak:
            ct = apply("python", ct, kind=t.dtype.kind)
        elif not c.weak and not t.weak and c.dtype != t.dtype:
            ct = apply("cast", ct, dtype=t.dtype)
        return ct

    def refuse(self, op: Op, rule: Any) -> None:
        """Raise where a derivative is asked for that nobody has written, or that is complex."""
        if rule is MISSING or (isinstance(rule, Partials) and MISSING in rule.rules):
            raise located(
                GradientError,
                f"op '{op.name}' has no derivative rule",
                op.loc,
                hint="wrap its operand in graphc.stop_gradient if none should flow through it",
            )
        for value in (*op.operands, *op.results):
            if isinstance(value.type, Array) and value.type.dtype.kind == "c":
                raise located(
                    GradientError,
                    f"op '{op.name}' is complex here, and complex derivatives are not supported",
                    op.loc,
                    hint="separate the real and imaginary parts into real arrays",
                )


def add_cotangents(a: Tensor, b: Tensor) -> Tensor:
    """a + b. Where b is zeros but for some elements, these are added into a: in place, if a is
    dead.
    """
    made = b._data.owner if b.is_traced else None
    if isinstance(made, Op) and made.name in ADDS_AT and is_zeros(made.operands[0]):
        if a.type == b.type:
            operands = [Tensor(value, b._trace) for value in made.operands[1:]]
            added: Tensor = apply(made.name, a, *operands, **made.attrs)
            return added
    total: Tensor = apply("accumulate", a, b)
    return total


def is_zeros(value: Value) -> bool:
    """Whether a value is made of zeros, by its definition."""
    op = value.owner
    if not isinstance(op, Op):
        return False
    if op.name == "zeros_like":
        return True
    return op.name == "full" and op.operands[0].is_literal and op.operands[0].literal == 0


def product(ct: Any, partial: Any, masked: bool) -> Any:
    """ct times a partial derivative; a plain number is not worth an op when it is 1."""
    if not isinstance(partial, Tensor):
        return ct if partial == 1 else -ct if partial == -1 else ct * partial
    if is_one(ct) and not partial.array_type.weak and partial.array_type.dtype.kind in "fc":
        return partial
    return apply("masked_mul", ct, partial) if masked else ct * partial


def is_one(ct: Tensor) -> bool:
    data = ct._data
    if ct.is_traced:
        data = data.literal if data.is_literal else None
    return type(data) is float and data == 1.0


def strong(ct: Tensor, t: Type) -> Tensor:
    """The cotangent in its primal's own dtype: a seed of 1.0 is a Python number, its primal may be
    an array.
    """
    t, c = strip_maybe(t), ct.type
    if isinstance(t, Array) and not t.weak and isinstance(c, Array) and c.weak:
        ct = apply("cast", ct, dtype=t.dtype if t.is_inexact else np.dtype(np.float64))
    return ct


def as_tensor(ct: Any) -> Tensor:
    return ct if isinstance(ct, Tensor) else apply("copy", ct)


def label(ct: Tensor, value: Value) -> None:
    """Name an adjoint value after its primal: x_bar."""
    if ct.is_traced and value.name and not ct._data.name and not ct._data.is_literal:
        ct._data.name = f"{value.name}_bar"


def seed_of(y: Tensor) -> Tensor:
    """The cotangent a walk starts from where none is given: ones."""
    if not y.array_type.shape:
        return Tensor(literal(1.0), y._trace) if y._trace is not None else Tensor(1.0)
    ones: Tensor = apply("ones_like", y)
    return ones


def region_chain(region: Region | None) -> list[Region]:
    """A region and those around it, innermost first."""
    chain = []
    while region is not None:
        chain.append(region)
        region = region.parent
    return chain
