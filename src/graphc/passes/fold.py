"""Constant folding of Python numbers, and identities that never change a value.

There is no `x + 0 → x` for floats (-0.0 + 0 is 0.0), no `x * 0 → 0` (inf * 0 is NaN), no
`x * 1 → x` for complex numbers (inf * (1+0j) has a NaN), and nothing that would change a dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from graphc.ir.build import replace_all_uses
from graphc.ir.core import Op, Value, literal, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ir.types import WEAK_OF, Array, Maybe
from graphc.passes.facts import dtype_of, escaping, has_effect, loose_values, regions
from graphc.passes.replace import accepts

LARGEST = 1 << 64  # of a folded integer, and of what may be raised or shifted at compile time
GROWING = {"pow", "lshift"}
SMALL = 64


def fold(graph: Graph) -> int:
    """Replace ops whose result is known, or is their operand.

        %1: int = add 2, 3                        %3: float = mul %a, 5
        %2: float = mul %a, 1             →
        %3: float = mul %2, %1

    An op that makes a new array stays if the caller gets that array: `x * 1` is a copy.
    """
    folder = _Folder(graph)
    for op in walk(graph.region):
        folder.use_replacements(op)
        if len(op.results) == 1 and not op.regions:
            folder.visit(op)
    replace_all_uses(graph.region, folder.replaced)
    for region in regions(graph.region):
        region.ops = [op for op in region.ops if not _is_replaced(op, folder)]
    return len(folder.replaced)


def _is_replaced(op: Op, folder: _Folder) -> bool:
    return len(op.results) == 1 and not op.regions and op.results[0] in folder.replaced


class _Folder:
    def __init__(self, graph: Graph) -> None:
        self.escapes = escaping(graph)
        self.loose = loose_values(graph)
        self.replaced: dict[Value, Value] = {}

    def use_replacements(self, op: Op) -> None:
        """What an op refuses to have replaced stays, for all that come later."""
        new = [self.replaced.get(value, value) for value in op.operands]
        if new == op.operands:
            return
        if accepts(op, new):
            op.operands = new
        else:
            for value in op.operands:
                self.replaced.pop(value, None)

    def visit(self, op: Op) -> None:
        known = _evaluate(op)
        if known is not None:
            self.replaced[op.result] = known
            return
        for rule in RULES.get(op.name, ()):
            same = rule.find(op)
            if same is not None and self.may_replace(op, same, rule.is_operand):
                self.replaced[op.result] = same
                return

    def may_replace(self, op: Op, same: Value, is_operand: bool) -> bool:
        if same.type != op.result.type:
            return False
        if is_operand:  # the kernel returns the operand itself
            return True
        is_exact = same not in self.loose and (same.is_literal or _is_array(same))
        return is_exact and (op.result not in self.escapes or _is_weak(same))


def _evaluate(op: Op) -> Value | None:
    """The literal that an op on literals is, if it is a Python number and does not raise."""
    definition = opdef(op)
    if not op.operands or has_effect(op) or not _is_weak(op.result):
        return None
    if not (definition.cheap and all(value.is_literal for value in op.operands)):
        return None
    numbers = [value.literal for value in op.operands]
    if op.name in GROWING and not all(isinstance(n, int) and abs(n) <= SMALL for n in numbers):
        return None
    try:
        result = definition.kernel(*numbers, **op.attrs)
    except Exception:
        return None  # it raises when, and if, the program comes to it
    is_small = not isinstance(result, int) or abs(result) < LARGEST
    return literal(result) if WEAK_OF.get(type(result)) == op.result.type and is_small else None


# -- identities ----------------------------------------------------------------------------------


class Identity:
    """`find(op)` is the value that the op's result equals, or None. `is_operand`: the kernel
    returns that very object, so there is no copy to keep."""

    def __init__(self, find: Callable[[Op], Value | None], is_operand: bool = False) -> None:
        self.find = find
        self.is_operand = is_operand


def _is_weak(value: Value) -> bool:
    return isinstance(value.type, Array) and value.type.weak


def _is_array(value: Value) -> bool:
    """A Python number, or surely an ndarray: at rank 0, an op may turn one into a NumPy scalar."""
    return isinstance(value.type, Array) and (value.type.weak or bool(value.type.shape))


def _kind(value: Value) -> str:
    return value.type.dtype.kind if isinstance(value.type, Array) else ""


def _neutral(number: int, place: int, kinds: str) -> Identity:
    """The operand next to a neutral element, which stands at `place`. Where the operand is a float,
    the neutral element may be one too; 0.0 then is not -0.0."""

    def find(op: Op) -> Value | None:
        value, other = op.operands[place], op.operands[1 - place]
        if not value.is_literal or _kind(other) not in tuple(kinds):
            return None
        held = value.literal
        is_float = type(held) is float and _kind(other) == "f" and math.copysign(1, held) > 0
        return other if (type(held) is int or is_float) and held == number else None

    return Identity(find)


def _twice(op: Op) -> Value | None:
    """neg(neg x)"""
    inner = op.operands[0].owner
    return inner.operands[0] if isinstance(inner, Op) and inner.name == op.name else None


def _transposed_back(op: Op) -> Value | None:
    inner = op.operands[0].owner
    if not isinstance(inner, Op) or inner.name != "transpose":
        return None
    there, back = inner.attrs["axes"], op.attrs["axes"]
    rank = len(there)
    axes = [there[axis] % rank for axis in back]
    return inner.operands[0] if axes == list(range(rank)) else None


def _same_shape(op: Op) -> Value | None:
    """reshape, broadcast_to: to the static shape that the operand has."""
    kind = op.operands[0].type
    return op.operands[0] if isinstance(kind, Array) and kind.is_static else None


def _shaped_like(op: Op) -> Value | None:
    """broadcast_like, sum_to_like: the operand has that static shape already."""
    x, like = (value.type for value in op.operands)
    if not isinstance(x, Array) or not isinstance(like, Array) or x.shape != like.shape:
        return None
    return op.operands[0] if x.is_static and x.shape else None


def _present(op: Op) -> Value | None:
    """bound, assume, or_zeros: of what cannot be None."""
    return None if isinstance(op.operands[0].type, Maybe) else op.operands[0]


def _same_dtype(op: Op) -> Value | None:
    x = op.operands[0]
    return x if dtype_of(x.type) == dtype_of(op.result.type) else None


_PRESENT = Identity(_present, is_operand=True)

RULES: dict[str, tuple[Identity, ...]] = {
    "add": (_neutral(0, 1, "iu"), _neutral(0, 0, "iu")),
    "sub": (_neutral(0, 1, "iuf"),),
    "mul": (_neutral(1, 1, "iuf"), _neutral(1, 0, "iuf")),
    "div": (_neutral(1, 1, "f"),),
    "pow": (_neutral(1, 1, "iuf"),),
    "neg": (Identity(_twice),),
    "transpose": (Identity(_transposed_back),),
    "reshape": (Identity(_same_shape),),
    "cast": (Identity(_same_dtype),),
    "broadcast_like": (Identity(_shaped_like, is_operand=True),),
    "sum_to_like": (Identity(_shaped_like, is_operand=True),),
    "bound": (_PRESENT,),
    "assume": (_PRESENT,),
    "or_zeros": (_PRESENT,),
}
