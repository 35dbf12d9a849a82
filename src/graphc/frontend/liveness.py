"""Which variables a statement reads, binds and must hand on: two linear walks over sets held as
integers.

After the earlier passes the tree is structured: no `break`, `continue` or early `return`. So a
loop's head needs no iteration to a fixpoint. With gen (read before being bound) and kill (bound
for certain) of its body, what is live at the head is the least H = after | gen | (H - kill),
which is after | gen.

The first walk goes up and computes gen, kill and may-bind once per statement; the second goes
down and hands every statement what is live after it. Nothing is visited twice, however deep the
nesting.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import or_
from typing import Any

from .build import COMPREHENSIONS, FUNCTIONS, split_exit
from .scopes import Scope, Scopes, imported_name

EVERYTHING = -1


class Table:
    """The variables of one function that constructs may have to hand on, one bit each.

    These are its own locals and, if it is nested, the variables of enclosing converted
    functions that are rebound by nested functions (`shared`). `cells` are the bits that live in
    a shared cell, `called` the bits that any call may bind.
    """

    def __init__(self, own: Iterable[str], shared: Iterable[str], scope: Scope):
        """Number the names in order of first appearance, which is the order of all state tuples."""
        shared = list(shared)
        self.names = [*own, *shared]
        self.bit = {name: 1 << index for index, name in enumerate(self.names)}
        self.shared = self.mask(shared)
        self.cells = self.mask(scope.captured) | self.shared
        self.called = self.mask(scope.rebound) | self.shared

    def mask(self, names: Iterable[str]) -> int:
        """Return the bits of the names that are in the table."""
        bits = 0
        for name in names:
            bits |= self.bit.get(name, 0)
        return bits

    def listed(self, bits: int) -> list[str]:
        """Return the names of some bits, in order."""
        out = []
        while bits:
            low = bits & -bits
            out.append(self.names[low.bit_length() - 1])
            bits ^= low
        return out


@dataclass(frozen=True)
class Summary:
    """What a statement or a block does to the variables.

    `gen`: may be read before the statement binds it. `kill`: bound for certain if control gets
    behind the statement. `binds`: may be bound. `deletes`: may be unbound. `makes`: captured by
    a function that may be made, and so must be kept up to date from here on.
    """

    gen: int = 0
    kill: int = 0
    binds: int = 0
    deletes: int = 0
    makes: int = 0

    def beside(self, other: Summary) -> Summary:
        """Return the summary of either of two blocks."""
        return Summary(
            self.gen | other.gen,
            self.kill & other.kill,
            self.binds | other.binds,
            self.deletes | other.deletes,
            self.makes | other.makes,
        )

    def then(self, other: Summary) -> Summary:
        """Return the summary of one block followed by another."""
        return Summary(
            self.gen | (other.gen & ~self.kill),
            self.kill | other.kill,
            self.binds | other.binds,
            self.deletes | other.deletes,
            self.makes | other.makes,
        )


class Liveness:
    """Summaries of all statements of a function, and what is live after each."""

    def __init__(self, table: Table, scopes: Scopes, body: list[ast.stmt]):
        """Analyse a function's body."""
        self.table = table
        self.scopes = scopes
        self.summaries: dict[ast.stmt, Summary] = {}
        self.after: dict[ast.stmt, int] = {}
        self.heads: dict[ast.stmt, int] = {}  # read in a loop before the loop binds it
        self.block(body)
        self._down(body, 0, table.shared)

    # ---- up: summaries -------------------------------------------------------------------------

    def block(self, stmts: list[ast.stmt]) -> Summary:
        """Return the summary of a block."""
        whole = Summary()
        for stmt in reversed(stmts):
            whole = self.summary(stmt).then(whole)
        return whole

    def summary(self, stmt: ast.stmt) -> Summary:
        """Return the summary of a statement; each is computed once."""
        if stmt not in self.summaries:
            self.summaries[stmt] = self._summary(stmt)
        return self.summaries[stmt]

    def _summary(self, stmt: ast.stmt) -> Summary:
        if isinstance(stmt, ast.If):
            arms = self.block(stmt.body).beside(self.block(stmt.orelse))
            return self._parts([stmt.test]).then(arms)
        if isinstance(stmt, ast.Try):
            return self._attempt(stmt)
        if isinstance(stmt, (ast.For, ast.While)):
            return self._loop(stmt)
        if isinstance(stmt, ast.With):
            return replace(self._parts(stmt.items).then(self.block(stmt.body)), kill=0)
        if isinstance(stmt, ast.Raise):
            return replace(self._parts([stmt]), kill=EVERYTHING)
        if isinstance(stmt, ast.Delete):
            return replace(self._parts([stmt]), deletes=self.table.mask(bound_names(stmt)))
        return self._parts([stmt])

    def _attempt(self, stmt: ast.Try) -> Summary:
        """A `try` is like a branch (`attempts.py`): what its body does, or what a handler does."""
        whole = self.block(stmt.body)
        for handler in stmt.handlers:
            kind = self._parts([handler.type] if handler.type is not None else [])
            name = self.table.mask([handler.name] if handler.name is not None else [])
            caught = Summary(kill=name, binds=name)
            whole = whole.beside(kind.then(caught).then(self.block(handler.body)))
        return whole

    def _loop(self, stmt: ast.For | ast.While) -> Summary:
        if isinstance(stmt, ast.While):
            once, each = Summary(), self._parts([stmt.test])
        else:
            once, each = self._parts([stmt.iter]), self._parts([stmt.target])
            _, leaving = split_exit(stmt)
            if leaving is not None:  # asked before an item is taken
                each = replace(each, gen=each.gen | self._parts([leaving]).gen)
        turn = each.then(self.block(stmt.body))
        self.heads[stmt] = turn.gen
        return once.then(replace(turn, kill=0))

    def _parts(self, nodes: Sequence[ast.AST]) -> Summary:
        """Summarise nodes without blocks: all reads come before all bindings."""
        whole, binds = Summary(), 0
        for node in nodes:
            whole = whole.beside(self._reads(node))
            binds |= self.table.mask(bound_names(node))
        return replace(whole, kill=binds, binds=whole.binds | binds)

    def _reads(self, node: ast.AST) -> Summary:
        """Summarise what evaluating an expression or a simple statement reads, calls and makes."""
        table, gen, makes, calls = self.table, 0, 0, False
        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, ast.Name):
                if not isinstance(part.ctx, ast.Store):
                    gen |= table.bit.get(part.id, 0)
            elif isinstance(part, (*FUNCTIONS, *COMPREHENSIONS)):
                scope = self.scopes[part]
                gen |= table.mask(scope.free)
                makes |= table.mask(scope.late)
                calls = calls or _calls_now(part)
                stack += _evaluated_outside(part)
            else:
                calls = calls or isinstance(part, ast.Call)
                if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                    gen |= table.bit.get(part.target.id, 0)
                stack += ast.iter_child_nodes(part)
        return Summary(gen, 0, table.called if calls else 0, 0, makes)

    # ---- down: what is live --------------------------------------------------------------------

    def _down(self, stmts: list[ast.stmt], live: int, always: int) -> None:
        """Note what is live after each statement, given what is live behind the block.

        `always` is live everywhere inside: variables of enclosing functions, those captured by
        a function made earlier, and what is read behind a `with` around, which may swallow an
        exception anywhere.
        """
        made = list(accumulate((self.summary(s).makes for s in stmts), or_, initial=always))
        for stmt, kept in zip(reversed(stmts), reversed(made[1:]), strict=True):
            after = self.after[stmt] = live | kept
            one = self.summary(stmt)
            if isinstance(stmt, ast.If):
                self._down(stmt.body, after, kept)
                self._down(stmt.orelse, after, kept)
            elif isinstance(stmt, ast.Try):
                for block in (stmt.body, *(handler.body for handler in stmt.handlers)):
                    self._down(block, after, kept)
            elif isinstance(stmt, (ast.For, ast.While)):
                self._down(stmt.body, after | self.heads[stmt], kept)
            elif isinstance(stmt, ast.With):
                self._down(stmt.body, after, kept | after)
            live = one.gen | (live & ~one.kill)


def _evaluated_outside(node: Any) -> list[ast.AST]:
    """Return the parts of a function or comprehension that are evaluated where it stands."""
    if isinstance(node, COMPREHENSIONS):
        return [node.generators[0].iter]
    defaults = [d for d in node.args.kw_defaults if d is not None]
    return [*getattr(node, "decorator_list", ()), *node.args.defaults, *defaults]


def _calls_now(node: ast.AST) -> bool:
    """Say whether making a function (decorators) or running a comprehension calls something."""
    if isinstance(node, COMPREHENSIONS):
        return any(isinstance(part, ast.Call) for part in ast.walk(node))
    return bool(getattr(node, "decorator_list", ()))


def bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement without blocks, a target or a `with` item binds or
    deletes."""
    if isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (imported_name(alias) for alias in node.names)
    elif isinstance(node, ast.withitem):
        if node.optional_vars is not None:
            yield from bound_names(node.optional_vars)
    elif isinstance(node, (ast.Assign, ast.Delete)):
        for target in node.targets:
            yield from bound_names(target)
    elif isinstance(node, ast.AugAssign):
        yield from bound_names(node.target)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for element in node.elts:
            yield from bound_names(element)
    elif isinstance(node, ast.Starred):
        yield from bound_names(node.value)
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
