"""Which names a function binds, reads and shares with the functions nested in it.

A name that a nested function, lambda or generator expression reads is *captured*: Python binds
it late, so its cell must always hold the current value. One that a nested function assigns by
`nonlocal` is *rebound*: any call may change it. A list, set or dict comprehension runs on the
spot, so what it reads is read now; only functions made inside it capture.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .build import COMPREHENSIONS, FUNCTIONS, all_args

_NONE: Mapping[ast.AST, Iterable[str]] = {}


@dataclass(eq=False)
class Scope:
    """One function, lambda or comprehension; sets of names, in order of first appearance."""

    node: ast.AST
    parent: Scope | None
    params: list[str] = field(default_factory=list)
    bound: dict[str, None] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    children: list[Scope] = field(default_factory=list)
    free: set[str] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    rebound: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    passed_rebound: set[str] = field(default_factory=set)

    @property
    def is_late(self) -> bool:
        """Say whether the scope runs later than where it stands."""
        return isinstance(self.node, (*FUNCTIONS, ast.GeneratorExp))

    def is_local(self, name: str) -> bool:
        """Say whether the name belongs to this scope."""
        return name in self.bound and name not in self.nonlocals and name not in self.globals

    def close(self) -> None:
        """Compute what depends on the children, which are complete."""
        free, late, rebinds = set(self.read | self.nonlocals), set(), set()
        for child in self.children:
            free |= child.free
            late |= child.late
            rebinds |= child.passed_rebound
        self.captured = {name for name in late if self.is_local(name)}
        self.rebound = {name for name in rebinds if self.is_local(name)}
        self.free = {name for name in free if not self.is_local(name)} - self.globals
        self.late = self.free if self.is_late else late - self.captured
        own = {name for name in self.nonlocals if name in self.bound}
        self.passed_rebound = (rebinds - self.rebound) | own


class Scopes(ast.NodeVisitor):
    """Builds the scopes of a function: `scopes[node]` for every function and comprehension in
    it."""

    def __init__(self, tree: ast.FunctionDef, also_bound: Mapping[ast.AST, Iterable[str]] = _NONE):
        """Analyse the tree in one walk; `also_bound` are names that dropped dead code bound."""
        self._also_bound = also_bound
        self.table: dict[ast.AST, Scope] = {}
        self._scope: Any = None  # the innermost scope; None outside the function
        self._function(tree, tree.body)

    def __getitem__(self, node: ast.AST) -> Scope:
        """Return the scope of a function or comprehension node."""
        return self.table[node]

    def _enter(self, node: ast.AST) -> Scope:
        scope = Scope(node, self._scope)
        if self._scope is not None:
            self._scope.children.append(scope)
        self.table[node] = self._scope = scope
        return scope

    def _leave(self) -> None:
        self._scope.close()
        self._scope = self._scope.parent

    def _function(self, node, body: Sequence[ast.AST]) -> None:
        scope = self._enter(node)
        scope.params = [arg.arg for arg in all_args(node.args)]
        scope.bound.update(dict.fromkeys(scope.params))
        for child in body:
            self.visit(child)
        scope.bound.update(dict.fromkeys(sorted(self._also_bound.get(node, ()))))
        self._leave()

    def _outside(self, node) -> None:
        """Visit what a function definition evaluates where it stands."""
        for child in (*getattr(node, "decorator_list", ()), *node.args.defaults):
            self.visit(child)
        for child in node.args.kw_defaults:
            if child is not None:
                self.visit(child)

    def visit_FunctionDef(self, node) -> None:
        """Bind the name; the body is a scope of its own."""
        self._outside(node)
        for arg in all_args(node.args):
            if arg.annotation is not None:
                self.visit(arg.annotation)
        if node.returns is not None:
            self.visit(node.returns)
        self._scope.bound[node.name] = None
        self._function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Bind the name (classes inside are refused by the fence)."""
        self._scope.bound[node.name] = None

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Enter a scope of its own."""
        self._outside(node)
        self._function(node, [node.body])

    def _comprehension(self, node) -> None:
        self.visit(node.generators[0].iter)
        self._enter(node)
        for index, generator in enumerate(node.generators):
            self.visit(generator.target)
            if index:
                self.visit(generator.iter)
            for test in generator.ifs:
                self.visit(test)
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                self.visit(getattr(node, name))
        self._leave()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Name(self, node: ast.Name) -> None:
        """Count a read or a binding."""
        if isinstance(node.ctx, ast.Load):
            self._scope.read.add(node.id)
        else:
            self._scope.bound[node.id] = None

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Count the target as read too."""
        if isinstance(node.target, ast.Name):
            self._scope.read.add(node.target.id)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Bind the name of what is caught."""
        if node.name is not None:
            self._scope.bound[node.name] = None
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        """Note the declaration."""
        self._scope.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        """Note the declaration."""
        self._scope.nonlocals.update(node.names)

    def visit_alias(self, node: ast.alias) -> None:
        """Bind what an import binds."""
        self._scope.bound[imported_name(node)] = None

    def _pattern_name(self, node) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self._scope.bound[name] = None
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = visit_MatchMapping = _pattern_name


def imported_name(alias: ast.alias) -> str:
    """Return the name that `import ...` binds."""
    return alias.asname or alias.name.split(".")[0]


def record_original(unit, scopes: Scopes) -> None:
    """Keep the facts about the original tree that later passes could lose (see `Unit`)."""
    for node, scope in scopes.table.items():
        if not isinstance(node, COMPREHENSIONS):
            unit.bound[node] = frozenset(scope.bound)
            unit.rebound[node] = frozenset(scope.rebound)
