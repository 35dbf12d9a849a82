"""The expression of one op, parsed once: text with slots for its operands.

    OpDef.code "{0} * {1}"  →  "_0_ * _1_"  →  slot 0 (binds at least as tightly as `*`), " * ",
                                               slot 1 (more tightly than `*`)

Operands are printed into slots, so an inlined expression is parenthesised exactly when it must be,
slots are known in the order in which Python evaluates them, and what an op's author wrote is known
to be one expression.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphc.errors import InternalError

# How tightly expressions bind, from loosely to tightly.
ANY, TERNARY, OR, AND, NOT, COMPARE = range(6)
BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, UNARY, POWER, ATOM = range(6, 15)

_BINARY: dict[type[ast.operator], int] = {
    ast.BitOr: BIT_OR, ast.BitXor: BIT_XOR, ast.BitAnd: BIT_AND, ast.LShift: SHIFT,
    ast.RShift: SHIFT, ast.Add: SUM, ast.Sub: SUM, ast.Mult: PRODUCT, ast.MatMult: PRODUCT,
    ast.Div: PRODUCT, ast.FloorDiv: PRODUCT, ast.Mod: PRODUCT, ast.Pow: POWER,
}  # fmt: skip
_PLACEHOLDER = re.compile(r"_(\d+)_")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for operand `index`: parenthesise what binds less tightly than `precedence`.

    `always` tells whether the slot is evaluated exactly once, in its turn: not behind `and`/`if`.
    """

    index: int
    precedence: int
    always: bool


@dataclass(frozen=True, slots=True)
class Template:
    """`texts[0] slots[0] texts[1] slots[1] … texts[-1]`, and how tightly the whole binds."""

    texts: tuple[str, ...]
    slots: tuple[Slot, ...]
    precedence: int
    kernels: tuple[str, ...]  # the names it takes from `k`

    @property
    def length(self) -> int:
        return sum(map(len, self.texts))

    def once(self, index: int) -> bool:
        """Whether operand `index` is evaluated exactly once: then its expression may stand here."""
        places = [slot for slot in self.slots if slot.index == index]
        return len(places) == 1 and places[0].always


def placeholder(index: int) -> str:
    """What stands for operand `index` in the text given to `parse_template`."""
    return f"_{index}_"


@lru_cache(maxsize=4096)
def parse_template(text: str) -> Template:
    """The template of an expression over placeholders."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise InternalError(f"an op's code is not one expression: {text!r}") from error
    found = sorted(_slots(tree, ANY, True), key=lambda place: place[0])
    source = text.encode()  # the offsets of `ast` count bytes
    texts, slots, at = [], [], 0
    for start, end, slot in found:
        texts.append(source[at:start].decode())
        slots.append(slot)
        at = end
    texts.append(source[at:].decode())
    return Template(tuple(texts), tuple(slots), precedence_of(tree), tuple(_kernels(tree)))


def _kernels(tree: ast.expr) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "k":
                yield node.attr


def precedence_of(tree: ast.expr) -> int:
    """How tightly an expression binds at its top."""
    match tree:
        case ast.BinOp():
            return _BINARY[type(tree.op)]
        case ast.UnaryOp():
            return NOT if isinstance(tree.op, ast.Not) else UNARY
        case ast.BoolOp():
            return AND if isinstance(tree.op, ast.And) else OR
        case ast.Compare():
            return COMPARE
        case ast.IfExp():
            return TERNARY
        case ast.Lambda() | ast.Starred() | ast.NamedExpr():
            return ANY
        case ast.Tuple():
            return ATOM  # `ast` includes the parentheses of a tuple only where they are written
        case ast.Constant():
            return UNARY if isinstance(tree.value, int | float | complex) else ATOM
    return ATOM


def _slots(tree: ast.AST, precedence: int, always: bool) -> Iterator[tuple[int, int, Slot]]:
    if isinstance(tree, ast.Name):
        match = _PLACEHOLDER.fullmatch(tree.id)
        if match is not None:
            slot = Slot(int(match[1]), precedence, always)
            yield tree.col_offset, tree.end_col_offset or 0, slot
        return
    for child, inner, child_always in _children(tree):
        yield from _slots(child, inner, always and child_always)


def _children(tree: ast.AST) -> Iterator[tuple[ast.AST, int, bool]]:
    """The sub-expressions, how tightly each must bind, and whether it is evaluated exactly once."""
    match tree:
        case ast.BinOp(left, op, right):
            level = _BINARY[type(op)]
            is_power = level == POWER  # binds to the right, and tighter than a minus on its left
            yield left, level + is_power, True
            yield right, UNARY if is_power else level + 1, True
        case ast.UnaryOp(op, operand):
            yield operand, NOT if isinstance(op, ast.Not) else UNARY, True
        case ast.BoolOp(op, values):
            level = AND if isinstance(op, ast.And) else OR
            for place, value in enumerate(values):
                yield value, level + 1, place == 0
        case ast.Compare(left, _, comparators):
            yield left, COMPARE + 1, True
            for place, value in enumerate(comparators):
                yield value, COMPARE + 1, place == 0
        case ast.IfExp(test, body, orelse):
            yield body, TERNARY + 1, False
            yield test, TERNARY + 1, True
            yield orelse, TERNARY, False
        case ast.Attribute(value) | ast.Starred(value):
            yield value, ATOM, True
        case ast.Subscript(value, key):
            yield value, ATOM, True
            yield key, ANY, True
        case ast.Call() | ast.Tuple() | ast.List() | ast.Slice() | ast.keyword():
            for child in ast.iter_child_nodes(tree):
                yield child, TERNARY, True
        case ast.JoinedStr():
            return
        case _:  # comprehensions, lambdas, …: nothing is inlined there
            for child in ast.iter_child_nodes(tree):
                yield child, ATOM, False
