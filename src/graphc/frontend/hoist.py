"""Walrus expressions become statements, so that every name is bound by a statement.

Before:                                     After:
    y = f(a, (n := g()) + 1)                    value, value_1 = f, a   (one assignment each)
                                                n = g()
                                                y = value(value_1, n + 1)
    z = a and (n := g())                        value = a
                                                if value: n = g(); value = n
                                                z = value
    while (n := g()) > 0: h(n)                  n = g()
                                                going = n > 0
                                                while going: h(n); n = g(); going = n > 0

What is evaluated before a walrus is saved in temporaries, so the order of evaluation is
Python's. Operands that Python evaluates only sometimes become branches. The same is done where
such an operand, or the test of a `while`, calls something while a nested function rebinds a
variable (`nonlocal`): the call may bind it, and only a statement can say so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..function_source import copy_tree
from .build import COMPREHENSIONS, BlockPass, Unit, assign, load, negated, place


def hoist(unit: Unit) -> None:
    """Rewrite the unit's tree in place; a function without any of these is left alone."""
    if any(unit.rebound.values()) or any(isinstance(n, ast.NamedExpr) for n in ast.walk(unit.tree)):
        _Hoist(unit).visit_function(unit.tree)


@dataclass(frozen=True)
class _Slot:
    """A place in the tree that holds an expression; `*x` and `**x` are saved as a list or a
    dict."""

    owner: ast.AST
    field: str
    index: int | None = None

    def get(self) -> ast.expr:
        value = getattr(self.owner, self.field)
        return value if self.index is None else value[self.index]

    def set(self, new: ast.expr) -> None:
        if self.index is None:
            setattr(self.owner, self.field, new)
        else:
            getattr(self.owner, self.field)[self.index] = new

    def snapshot(self) -> ast.expr:
        value = self.get()
        if isinstance(self.owner, ast.Starred):
            return place(
                ast.List([place(ast.Starred(value, ast.Load()), value)], ast.Load()), value
            )
        is_unpacked = isinstance(self.owner, ast.keyword) and self.owner.arg is None
        if is_unpacked or (isinstance(self.owner, ast.Dict) and self.is_dict_unpacking()):
            return place(ast.Dict([None], [value]), value)
        return value

    def is_dict_unpacking(self) -> bool:
        owner: Any = self.owner
        return self.field == "values" and owner.keys[self.index] is None


_TRANSPARENT = (ast.Slice, ast.Starred, ast.keyword, ast.Tuple, ast.FormattedValue, ast.JoinedStr)


def _slots(node: ast.AST) -> Iterator[_Slot]:
    """Yield the expressions directly inside a node, in the order Python evaluates them."""
    if isinstance(node, ast.Dict):
        found = [
            _Slot(node, name, i)
            for i, key in enumerate(node.keys)
            for name in (("keys", "values") if key is not None else ("values",))
        ]
    elif isinstance(node, COMPREHENSIONS):
        found = [_Slot(node.generators[0], "iter")]
    elif isinstance(node, (ast.Lambda, ast.FunctionDef)):
        found = [*_field_slots(node, "decorator_list"), *_field_slots(node.args, "defaults")]
        found += _field_slots(node.args, "kw_defaults")
    else:
        found = [slot for name in node._fields for slot in _field_slots(node, name)]
    for slot in found:
        inner = slot.get()
        if isinstance(inner, _TRANSPARENT):
            yield from _slots(inner)
        else:
            yield slot


def _field_slots(node: ast.AST, name: str) -> list[_Slot]:
    value = getattr(node, name, None)
    kinds = (ast.expr, ast.keyword)
    if isinstance(value, kinds):
        return [_Slot(node, name)]
    if isinstance(value, list):
        return [_Slot(node, name, i) for i, item in enumerate(value) if isinstance(item, kinds)]
    return []


class _Hoist(BlockPass):
    def __init__(self, unit: Unit):
        super().__init__(unit)
        self.out: list[ast.stmt] = []
        self.calls_rebind = False
        self.known: dict[ast.AST, bool] = {}

    # ---- statements ----------------------------------------------------------------------------

    def visit_function(self, node: ast.FunctionDef) -> None:
        """Rewrite a function's body; what calls may do depends on the function."""
        if node in self.unit.native:
            return
        outer = self.calls_rebind
        self.calls_rebind = outer or bool(self.unit.rebound.get(node))
        self.known = {}
        node.body = self.block(node.body)
        self.calls_rebind, self.known = outer, {}

    def statement(self, stmt: ast.stmt) -> list[ast.stmt]:
        """Rewrite the expressions of a statement, then its blocks."""
        if isinstance(stmt, ast.While):
            return self._while(stmt)
        if isinstance(stmt, ast.With):
            return self._with(stmt)
        if isinstance(stmt, ast.AugAssign) and self.needs(stmt):
            return self._augmented(stmt)
        slots = _statement_slots(stmt)
        before = self._emitted(lambda: self._hoist_slots(slots))
        if isinstance(stmt, ast.FunctionDef):
            self.visit_function(stmt)
        else:
            self.inner_blocks(stmt)
        return [*before, stmt]

    def _while(self, stmt: ast.While) -> list[ast.stmt]:
        if not self.needs(stmt.test) and not (self.calls_rebind and _calls(stmt.test)):
            self.inner_blocks(stmt)
            return [stmt]
        going = self.unit.flag("going")
        again = self.unit.copied(stmt.test)
        before = self._emitted(lambda: self._bind(going, stmt.test))
        stmt.body = self.block(stmt.body) + self._emitted(lambda: self._bind(going, again))
        stmt.test = place(load(going), stmt.test)
        return [*before, stmt]

    def _with(self, stmt: ast.With) -> list[ast.stmt]:
        if len(stmt.items) > 1 and any(self.needs(i.context_expr) for i in stmt.items[1:]):
            inner = place(ast.With(stmt.items[1:], stmt.body), stmt)
            stmt = place(ast.With(stmt.items[:1], [inner]), stmt)
        slots = [_Slot(stmt.items[0], "context_expr")]
        before = self._emitted(lambda: self._hoist_slots(slots))
        stmt.body = self.block(stmt.body)
        return [*before, stmt]

    def _augmented(self, stmt: ast.AugAssign) -> list[ast.stmt]:
        """Write `x += v` out as load, update, store, with the hoisted part of `v` after the
        load."""
        target, old = stmt.target, self.unit.flag("value")

        def steps() -> None:
            if not isinstance(target, ast.Name):
                target.value = self._save(target.value)
            if isinstance(target, ast.Subscript):
                self._save_key(target)
            read = copy_tree(target)
            read.ctx = ast.Load()
            self.out.append(assign(old, read, stmt))
            value = self.expression(stmt.value)
            target_name = place(ast.Name(old, ast.Store()), target)
            self.out.append(place(ast.AugAssign(target_name, stmt.op, value), stmt))
            self.out.append(assign(target, place(load(old), target), stmt))

        return self._emitted(steps)

    def _save_key(self, target: ast.Subscript) -> None:
        slots = [_Slot(target, "slice")]
        if isinstance(target.slice, _TRANSPARENT):
            slots = list(_slots(target.slice))
        for slot in slots:
            slot.set(self._save(slot.snapshot()))

    def _emitted(self, work) -> list[ast.stmt]:
        outer, self.out = self.out, []
        work()
        done, self.out = self.out, outer
        return done

    # ---- expressions ---------------------------------------------------------------------------

    def needs(self, node: ast.AST) -> bool:
        """Say whether an expression has to be taken apart; each is looked at once."""
        if node not in self.known:
            self.known[node] = self._needs(node)
        return self.known[node]

    def _needs(self, node: ast.AST) -> bool:
        if isinstance(node, ast.NamedExpr):
            return True
        if self.calls_rebind and any(_calls(operand) for operand in _conditional(node)):
            return True
        return any(self.needs(slot.get()) for slot in _slots(node))

    def expression(self, node: ast.expr) -> ast.expr:
        """Return what replaces an expression, after emitting the statements that go before."""
        if not self.needs(node):
            return node
        if isinstance(node, ast.NamedExpr):
            self.out.append(assign(node.target, self.expression(node.value), node))
            return place(load(node.target.id), node)
        if isinstance(node, ast.BoolOp):
            return self._into_temporary(
                node, lambda name: self._bool_op(name, node.op, node.values)
            )
        if isinstance(node, ast.IfExp):
            return self._into_temporary(node, lambda name: self._if_exp(name, node))
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            left = self._save(node.left)
            pairs = list(zip(node.ops, node.comparators, strict=True))
            return self._into_temporary(node, lambda name: self._compare(name, left, pairs))
        self._hoist_slots(list(_slots(node)))
        return node

    def _hoist_slots(self, slots: list[_Slot]) -> None:
        """Hoist in order; everything evaluated before the last hoisted expression is saved."""
        needing = [i for i, slot in enumerate(slots) if self.needs(slot.get())]
        if not needing:
            return
        last = needing[-1]
        for slot in slots[:last]:
            slot.set(self.expression(slot.get()))
            slot.set(self._save(slot.snapshot()))
        slots[last].set(self.expression(slots[last].get()))

    def _save(self, node: ast.expr) -> ast.expr:
        """Put a value into a temporary (a constant needs none)."""
        if isinstance(node, ast.Constant):
            return node
        return self._into_temporary(node, lambda name: self._bind(name, node))

    def _into_temporary(self, node: ast.expr, emit) -> ast.expr:
        name = self.unit.flag("value")
        emit(name)
        return place(load(name), node)

    def _bind(self, name: str, node: ast.expr) -> None:
        self.out.append(assign(name, self.expression(node), node))

    def _bool_op(self, name: str, op: ast.boolop, values: list[ast.expr]) -> None:
        self._bind(name, values[0])
        if len(values) > 1:
            test = place(load(name), values[0])
            test = test if isinstance(op, ast.And) else negated(test)
            more = self._emitted(lambda: self._bool_op(name, op, values[1:]))
            self.out.append(place(ast.If(test, more, []), values[0]))

    def _if_exp(self, name: str, node: ast.IfExp) -> None:
        test = self.expression(node.test)
        then = self._emitted(lambda: self._bind(name, node.body))
        other = self._emitted(lambda: self._bind(name, node.orelse))
        self.out.append(place(ast.If(test, then, other), node))

    def _compare(self, name: str, left: ast.expr, pairs) -> None:
        (op, right), more = pairs[0], pairs[1:]
        right = self._save(self.expression(right)) if more else self.expression(right)
        self.out.append(assign(name, place(ast.Compare(left, [op], [right]), right), right))
        if more:
            rest = self._emitted(lambda: self._compare(name, right, more))
            self.out.append(place(ast.If(place(load(name), right), rest, []), right))


def _statement_slots(stmt: ast.stmt) -> list[_Slot]:
    """Return a statement's expressions in the order of evaluation."""
    if isinstance(stmt, ast.Assign):
        targets = [slot for t in stmt.targets for slot in _target_slots(t)]
        return [_Slot(stmt, "value"), *targets]
    if isinstance(stmt, ast.For):
        return [_Slot(stmt, "iter")]
    if isinstance(stmt, ast.Delete):
        return [slot for t in stmt.targets for slot in _target_slots(t)]
    if isinstance(stmt, (ast.Assert, ast.If)):
        return [_Slot(stmt, "test")]
    if isinstance(stmt, (ast.AugAssign, ast.Import, ast.ImportFrom)):
        return []
    return list(_slots(stmt))


def _target_slots(target: ast.expr) -> list[_Slot]:
    if isinstance(target, (ast.Tuple, ast.List)):
        return [slot for element in target.elts for slot in _target_slots(element)]
    if isinstance(target, ast.Starred):
        return _target_slots(target.value)
    return list(_slots(target))


def _conditional(node: ast.AST) -> list[ast.expr]:
    """Return the operands that are evaluated only sometimes."""
    if isinstance(node, ast.BoolOp):
        return node.values[1:]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Compare):
        return node.comparators[1:]
    return []


def _calls(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))
