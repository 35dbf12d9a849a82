"""A `try` becomes one whose body is observed only as a whole: what an exception finds bound is what
was bound when the body began.

Before:                           After:
    try:                              raised = False
        a = f(x)                      try:
        b = g(a)                          a = f(x)
    except E as e:                    except E as error:
        b = a                             raised = True
    else:                             if not raised:
        b = -b                            try:
    finally:                                  b = g(a)
        h(b)                              except E as error:
                                              raised = True
                                      if raised:
                                          b = a
                                      else:
                                          b = -b
                                      (each once more in a `try` that catches everything)
                                      h(b)
                                      (raise what was caught)

The body is cut into segments: one ends where a statement has bound a name that is read elsewhere,
or may have changed an object, and the next statement may raise. Where one segment is the whole
body, and there is no `else`, the `try` stays as it is. Loops and branches are cut inside.

What is left has a body, handlers, and neither `else` nor `finally`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from ..errors import ConversionError
from ..source import located, node_location
from .build import FUNCTIONS, BlockPass, Unit, load, place
from .liveness import bound_names
from .segments import Cut, is_compound


def attempts(unit: Unit) -> None:
    """Rewrite the unit's tree in place; a function without `try` is left alone."""
    if any(isinstance(node, ast.Try) for node in ast.walk(unit.tree)):
        _Attempts(unit).function(unit.tree)


class _Attempts(BlockPass):
    """Rewrites one function after the other; `reads` counts the names that the current one reads,
    `loops` and `withs` what is around the current statement."""

    def __init__(self, unit: Unit):
        super().__init__(unit)
        self.reads: Counter[str] = Counter()
        self.reads_in_handlers: Counter[str] = Counter()  # of the names that these have caught
        self.loops = self.withs = 0

    def function(self, node: ast.FunctionDef) -> None:
        outer = self.reads, self.reads_in_handlers, self.loops, self.withs
        self.reads, self.loops, self.withs = _reads(node.body), 0, 0
        self.reads_in_handlers = Counter()
        for part in ast.walk(node):
            if isinstance(part, ast.ExceptHandler) and part.name is not None:
                self.reads_in_handlers[part.name] += _reads(part.body)[part.name]
        node.body = self.block(node.body)
        self.reads, self.reads_in_handlers, self.loops, self.withs = outer

    def visit_FunctionDef(self, stmt: ast.FunctionDef) -> list[ast.stmt]:
        """Rewrite the body, whose names are its own, and those it shares with this one."""
        if stmt not in self.unit.native:
            self.function(stmt)
        return [stmt]

    def visit_For(self, stmt: ast.For | ast.While) -> list[ast.stmt]:
        """Rewrite the body: what it binds, the next iteration may read."""
        self.loops += 1
        self.inner_blocks(stmt)
        self.loops -= 1
        return [stmt]

    visit_While = visit_For

    def visit_With(self, stmt: ast.With) -> list[ast.stmt]:
        """Rewrite the block: what is raised in it, the context manager may swallow."""
        self.withs += 1
        self.inner_blocks(stmt)
        self.withs -= 1
        return [stmt]

    def visit_Try(self, stmt: ast.Try) -> list[ast.stmt]:
        """Return the `try`, cut into pieces that are observed only as a whole."""
        self.inner_blocks(stmt)
        for handler in stmt.handlers:
            self.name_caught(handler)
        observed = self.observed(stmt.body)
        if stmt.finalbody:
            return self.with_finally(stmt, observed)
        cut = Cut(self.unit, stmt, observed)
        if not stmt.orelse and cut.is_single(stmt.body):
            return [stmt]
        return cut.flagged()

    def observed(self, stmts: list[ast.stmt]) -> set[str]:
        """The names bound in a body that are read elsewhere, or in the next iteration before they
        are bound, or by a function that may be called later."""
        own = _reads(stmts)
        seen = {name for name, count in self.reads.items() if count > own[name]}
        if self.loops:
            seen |= own.keys() - _bound_first(stmts)
        return (seen | _captured(stmts)) - self.unit.flags.keys()

    def with_finally(self, stmt: ast.Try, observed: set[str]) -> list[ast.stmt]:
        """The `finally` once, behind all that may raise; then what was raised is raised again. So
        what nobody handles is seen by the `finally` alone, unless a `with` swallows it."""
        final = stmt.finalbody
        seen = set(_reads(final)) - self.unit.flags.keys()
        first = Cut(self.unit, self.caught(stmt, stmt.body, stmt.handlers, stmt.orelse), set())
        is_seen = bool(stmt.handlers or self.withs)
        first.observed = observed if is_seen else seen | _captured(stmt.body)
        out, cuts = first.flagged_body(), [first]
        handling = first.dispatch(len(stmt.handlers))
        if handling:
            more = self.caught(stmt, handling, [], [])
            is_seen_behind = self.observed(handling) if self.withs else set()
            cuts.append(Cut(self.unit, more, seen | _captured(handling) | is_seen_behind))
            out += cuts[-1].flagged_body()
        return [*out, *final, *(cut.raise_again() for cut in cuts)]

    def caught(self, stmt: ast.Try, body, handlers, orelse) -> ast.Try:
        """A `try` that catches whatever its handlers do not."""
        rest = place(ast.ExceptHandler(None, self.unit.flag("error"), []), stmt)
        return place(ast.Try(body, [*handlers, rest], orelse, []), stmt)

    def name_caught(self, handler: ast.ExceptHandler) -> None:
        """Give what is caught a name of its own: Python forgets it where the handler ends. A
        `raise` alone raises that."""
        old = handler.name
        here = _walk_here(handler.body)
        again = [node for node in here if isinstance(node, ast.Raise) and node.exc is None]
        if old is None and not again:
            return
        if old is not None and self.reads[old] > self.reads_in_handlers[old]:
            raise located(
                ConversionError,
                f"'{old}' is read outside this handler, at whose end Python forgets it",
                node_location(handler, self.unit.file),
                f"use another name in `except … as {old}`",
            )
        name = handler.name = self.unit.flag("error")
        for part in ast.walk(ast.Module(handler.body, [])):
            if isinstance(part, ast.Name) and part.id == old:
                part.id = name
        for stmt in again:
            stmt.exc = place(load(name), stmt)


# -- names ---------------------------------------------------------------------------------------


def _reads(nodes: Sequence[ast.AST]) -> Counter[str]:
    """How often each name is read somewhere in these nodes, nested functions included."""
    found: Counter[str] = Counter()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Store):
                found[part.id] += 1
            elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                found[part.target.id] += 1
    return found


def _walk_here(stmts: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a block, without those of nested functions and of handlers inside."""
    waiting: list[ast.AST] = list(stmts)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS):
            inner = ast.iter_child_nodes(node)
            waiting += [each for each in inner if not isinstance(each, ast.ExceptHandler)]


def _captured(stmts: list[ast.stmt]) -> set[str]:
    """What functions that are made here read."""
    made = [part for stmt in stmts for part in ast.walk(stmt) if isinstance(part, FUNCTIONS)]
    return set(_reads(made))


def _bound_first(stmts: list[ast.stmt]) -> set[str]:
    """The names that a block surely binds before it reads them."""
    bound: set[str] = set()
    read: set[str] = set()
    for stmt in stmts:
        read |= _reads([stmt]).keys() - bound
        if not is_compound(stmt):
            bound |= set(bound_names(stmt)) - read
    return bound
