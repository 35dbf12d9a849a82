"""How a function's variables stand at the point the rewrite has reached: bound for certain, or
perhaps not.

A variable that may be unbound where it is read or handed to a form holds `gc.unbound('x')` from
the start of the function that owns it, and is read by `gc.read(x)`, which raises what Python
raises. The owner is the innermost generated function (arm or loop body) that has it as a local,
so each keeps its own list of needs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass

from .liveness import Table
from .scopes import Scope

# From 3.12 on a comprehension is part of the function, and so are its error messages.
_COMPREHENSION_IS_FUNCTION = sys.version_info < (3, 12)


@dataclass
class Frame:
    """A function in the making: the state it is given, and the names that must start as unbound."""

    given: int = 0
    needs: int = 0


class Names:
    """The variables of one user function while its statements are rewritten, first to last."""

    def __init__(self, table: Table, scope: Scope, outer: Names | None):
        """Start with the parameters bound."""
        self.table = table
        self.scope = scope
        self.outer = outer
        self.defined = table.mask(scope.params)
        self.frames = [Frame()]
        self.unbound_at_start = 0
        self.handed_on = 0
        self.deferred: list[Callable[[], None]] = []

    def define(self, bits: int) -> None:
        """Note that names are bound from here on."""
        self.defined |= bits

    def need(self, bits: int) -> None:
        """Note that names must hold something, at least the mark of being unbound."""
        self.frames[-1].needs |= bits

    def hand_on(self, bits: int) -> None:
        """Note that names go into a state tuple here."""
        self.need(bits & ~self.defined)
        self.handed_on |= bits

    def leave_frame(self, own: int) -> int:
        """Close a generated function; return which of its own locals must start as unbound."""
        frame = self.frames.pop()
        initial = frame.needs & own & ~frame.given
        self.need(frame.needs & ~own & ~frame.given)
        return initial

    def finish(self, own: int) -> None:
        """Settle which of the function's own variables start as unbound."""
        self.unbound_at_start = self.frames[0].needs & own & ~self.table.mask(self.scope.params)

    def captured_by(self, scope: Scope) -> None:
        """Note that a nested function is made here: what is rebound must have a value it can
        pass on."""
        bits = self.table.mask(scope.free) & self.table.called
        self.need(bits & ~self.defined)

    def how_to_read(self, name: str, late: bool, in_comprehension: bool) -> str | None:
        """Return the form that reads a name: None for a plain read, 'read' or 'read_free'."""
        if not self.scope.is_local(name):
            return self.outer.how_to_read(name, True, False) if self.outer else None
        bit = self.table.bit.get(name, 0)
        if late:
            return "read_free" if bit & self.unbound_at_start else None
        if bit & self.defined:
            return None
        self.need(bit)
        return "read_free" if in_comprehension and _COMPREHENSION_IS_FUNCTION else "read"

    def is_steady(self, node: ast.expr) -> bool:
        """Say whether evaluating this now or a little later makes no difference anyone can see."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            bit = self.table.bit.get(node.id, 0) if self.scope.is_local(node.id) else 0
            return bool(bit & self.defined & ~self.table.called)
        if isinstance(node, (ast.Tuple, ast.Slice)):
            parts = (part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
            return all(self.is_steady(part) for part in parts)
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.operand, ast.Constant)
        return False
