"""Assignments, deletions and updates: names stay Python, items and attributes become forms.

Before:                        After:
    x[k] = v                       gc.setitem(x, k, v)
    x[f()] = g()                   value = gc.call(g); gc.setitem(x, gc.call(f), value)
    a, o.b = v                     (a, value) = v; gc.setattr_(o, 'b', value)
    x += v                         x = gc.aug('+=', x, v)
    x[k] += v                      gc.augitem('+=', x, k, v)
    o.b += f()                     gc.setattr_(o, 'b', gc.aug('+=', o.b, gc.call(f)))
    del x, d[k]                    x = gc.unbound('x'); gc.delitem(d, k)
"""

from __future__ import annotations

import ast
from typing import Any

from ..function_source import copy_tree, mangled
from .build import Unit, assign, load, place, store
from .expressions import Expressions
from .names import Names

_AUGMENTED = {
    ast.Add: "+=",
    ast.Sub: "-=",
    ast.Mult: "*=",
    ast.Div: "/=",
    ast.FloorDiv: "//=",
    ast.Mod: "%=",
    ast.Pow: "**=",
    ast.MatMult: "@=",
    ast.BitAnd: "&=",
    ast.BitOr: "|=",
    ast.BitXor: "^=",
    ast.LShift: "<<=",
    ast.RShift: ">>=",
}


class Assignments:
    """Rewrites statements that bind, for one function."""

    def __init__(self, unit: Unit, names: Names, expressions: Expressions):
        """Share the function's names and expressions."""
        self.unit = unit
        self.names = names
        self.expressions = expressions

    def visit_Assign(self, stmt: ast.Assign) -> list[ast.stmt]:
        """Evaluate the value once, then bind the targets from left to right."""
        is_steady = self.names.is_steady(stmt.value)
        stmt.value = self.expressions.visit(stmt.value)
        if all(is_plain(target) for target in stmt.targets):
            self._define(stmt.targets)
            if len(stmt.targets) == 1:
                stmt.targets[0], stmt.value = self.spread(stmt.targets[0], stmt.value, stmt)
            return [stmt]
        if len(stmt.targets) == 1:
            return self.bind(stmt.targets[0], stmt.value, is_steady, stmt)
        out, value = self._temporary(stmt.value, stmt)
        for target in stmt.targets:
            out += self.bind(target, copy_tree(value), True, stmt)
        return out

    def bind(self, target: Any, value: ast.expr, is_steady: bool, where) -> list[ast.stmt]:
        """Return `target = value`; a steady value may be evaluated after the target's parts."""
        if is_plain(target):
            self._define([target])
            return [assign(*self.spread(target, value, where), where)]
        if isinstance(target, (ast.Tuple, ast.List)):
            return self._unpack(target, value, where)
        parts = [target.value, *([target.slice] if isinstance(target, ast.Subscript) else [])]
        out: list[ast.stmt] = []
        if not is_steady and not all(self.names.is_steady(part) for part in parts):
            out, value = self._temporary(value, where)
        args = self._place_of(target)
        name = "setitem" if isinstance(target, ast.Subscript) else "setattr_"
        return [*out, self._do(name, [*args, value], where)]

    def _unpack(self, target: ast.expr, value: ast.expr, where) -> list[ast.stmt]:
        """Unpack into temporaries from the first item or attribute on, and bind these in order."""
        later: list[tuple[ast.expr, str]] = []
        pattern = self._pattern(target, later)
        out: list[ast.stmt] = [assign(*self.spread(pattern, value, where), where)]
        self._define([pattern])
        for leaf, name in later:
            out += self.bind(leaf, place(load(name), leaf), True, where)
        return out

    def spread(self, target: ast.expr, value: ast.expr, where) -> tuple[ast.expr, ast.expr]:
        """Return a target without a star, and what it is to be unpacked from."""
        elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        places = [n for n, each in enumerate(elements) if isinstance(each, ast.Starred)]
        if len(places) != 1:
            return target, value
        (at,) = places
        plain = [e.value if isinstance(e, ast.Starred) else e for e in elements]
        counts = [ast.Constant(at), ast.Constant(len(elements) - at - 1)]
        value = self.expressions.form("starred", [value, *counts], where)
        return place(ast.Tuple(plain, ast.Store()), where), value

    def _pattern(self, target: ast.expr, later: list[tuple[ast.expr, str]]) -> ast.expr:
        if isinstance(target, (ast.Tuple, ast.List)):
            elements = [self._pattern(element, later) for element in target.elts]
            return place(ast.Tuple(elements, ast.Store()), target)
        if isinstance(target, ast.Starred):
            inner = self._pattern(target.value, later)
            return place(ast.Starred(inner, ast.Store()), target)
        if isinstance(target, ast.Name) and not later:
            return target
        name = self.unit.namer.fresh("value")
        later.append((target, name))
        return place(store(name), target)

    def visit_AugAssign(self, stmt: ast.AugAssign) -> list[ast.stmt]:
        """Update in place where the object allows it, as Python does."""
        op, target = ast.Constant(_AUGMENTED[type(stmt.op)]), stmt.target
        if isinstance(target, ast.Name):
            old = self.expressions.visit(place(load(target.id), target))
            value = self.expressions.visit(stmt.value)
            new = self.expressions.form("aug", [op, old, value], stmt)
            return self.bind(target, new, True, stmt)
        if any(isinstance(part, ast.Call) for part in ast.walk(stmt.value)):
            return self._step_by_step(op, target, stmt)
        args = self._place_of(target)
        name = "augitem" if isinstance(target, ast.Subscript) else "augattr"
        return [self._do(name, [op, *args, self.expressions.visit(stmt.value)], stmt)]

    def _step_by_step(self, op: ast.expr, target: Any, stmt) -> list[ast.stmt]:
        """Load the old value before the new one is computed: a call in there could change it."""
        args, out = self._place_of(target), []
        for index, arg in enumerate(args):
            if not self.names.is_steady(arg):
                more, args[index] = self._temporary(arg, stmt)
                out += more
        owner, key = args
        old: ast.expr
        if isinstance(target, ast.Subscript):
            name, old = "setitem", ast.Subscript(owner, key, ast.Load())
        else:
            name, old = "setattr_", ast.Attribute(owner, target.attr, ast.Load())
        value = self.expressions.visit(stmt.value)
        new = self.expressions.form("aug", [op, place(old, target), value], stmt)
        return [*out, self._do(name, [copy_tree(owner), copy_tree(key), new], stmt)]

    def visit_Delete(self, stmt: ast.Delete) -> list[ast.stmt]:
        """Delete the targets from left to right."""
        return [piece for target in stmt.targets for piece in self._delete(target)]

    def _delete(self, target: ast.expr) -> list[ast.stmt]:
        if isinstance(target, (ast.Tuple, ast.List)):
            return [piece for element in target.elts for piece in self._delete(element)]
        if isinstance(target, ast.Name):
            return self._delete_name(target)
        name = "delitem" if isinstance(target, ast.Subscript) else "delattr_"
        return [self._do(name, self._place_of(target), target)]

    def _delete_name(self, target: ast.Name) -> list[ast.stmt]:
        checked = self.expressions.visit(ast.copy_location(load(target.id), target))
        out = [] if isinstance(checked, ast.Name) else [place(ast.Expr(checked), target)]
        bit = self.names.table.bit[target.id]
        self.names.defined &= ~bit
        return [*out, self.unbound(target.id, target)]

    def unbound(self, name: str, where) -> ast.stmt:
        """Return `x = gc.unbound('x')`, with the name that Python would print."""
        text = ast.Constant(mangled(name, self.unit.class_name))
        mark = ast.Call(ast.Attribute(load(self.unit.forms), "unbound", ast.Load()), [text], [])
        return assign(name, mark, where)

    def _place_of(self, target: Any) -> list[ast.expr]:
        """Return the object and the key, or the object and the attribute's name."""
        owner = self.expressions.visit(target.value)
        if isinstance(target, ast.Attribute):
            return [owner, ast.Constant(mangled(target.attr, self.unit.class_name))]
        return [owner, self._key(target.slice)]

    def _key(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Slice):
            none = ast.Constant(None)
            parts = [node.lower, node.upper] + ([node.step] if node.step else [])
            args = [none if part is None else self.expressions.visit(part) for part in parts]
            return self.expressions.form("slice", args, node)
        if isinstance(node, ast.Tuple):
            elements = [self._key(element) for element in node.elts]
            return place(ast.Tuple(elements, ast.Load()), node)
        return self.expressions.visit(node)

    def _temporary(self, value: ast.expr, where) -> tuple[list[ast.stmt], ast.expr]:
        name = self.unit.namer.fresh("value")
        return [assign(name, value, where)], place(load(name), where)

    def _do(self, form: str, args: list[ast.expr], where) -> ast.stmt:
        return place(ast.Expr(self.expressions.form(form, args, where)), where)

    def _define(self, targets: list[ast.expr]) -> None:
        for target in targets:
            names = (part.id for part in ast.walk(target) if isinstance(part, ast.Name))
            self.names.define(self.names.table.mask(names))


def is_plain(target: ast.expr) -> bool:
    """Say whether a target binds names only."""
    parts = ast.walk(target)
    return not any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in parts)
