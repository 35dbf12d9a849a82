"""One exit: `break`, `continue`, `return` and a loop's `else` become branches, and flags only
where needed.

Before:                       After:
    def f(x):                     def f(x):
        if x < 0:                     if x < 0:
            return -x                     result = -x
        while x > 1:                  else:
            if x == 3:                    broke = False
                break                     while not broke and x > 1:
            x -= 1                            if x == 3: broke = True
        else:                                 else: x -= 1
            x = 10                        if not broke: x = 10
        return x                          result = x
                                      return result

An `if` with an arm that always leaves takes the rest of the block into its other arm: nothing
is copied and no flag is needed. Where only a part of an arm leaves, a flag guards the rest of
the block. A `for` ends with `if broke: break`: the rewrite turns this into the loop's test,
asked before an item is taken. The size of the result is linear; its depth is bounded by
`MAX_DEPTH` however many exits there are.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import Any

from .build import BlockPass, Unit, after_docstring, assign, load, negated, place, span

RETURN, BREAK, CONTINUE = "return", "break", "continue"
MAX_DEPTH = 30
_LOOPS = (ast.For, ast.While)


def single_exit(unit: Unit) -> None:
    """Rewrite the unit's tree, and the functions in it, in place."""
    _Function(unit).run(unit.tree)


@dataclass(frozen=True)
class Flow:
    """How control leaves a statement: by which exits, and whether it can also fall through."""

    exits: frozenset[str] = frozenset()
    falls: bool = True


@dataclass(eq=False)
class _Loop:
    """The flags of one loop, named when first needed."""

    broke: str = ""
    skipped: str = ""


@dataclass(frozen=True)
class _Context:
    """Where a block stands: in which loop, which exits must raise their flag, how deeply moved."""

    loop: _Loop = field(default_factory=_Loop)
    flagged: frozenset[str] = frozenset()
    depth: int = 0

    def flagging(self, exits: frozenset[str]) -> _Context:
        return replace(self, flagged=self.flagged | exits)

    def deeper(self) -> _Context:
        return replace(self, depth=self.depth + 1)


def _goes_on(node: ast.AST) -> bool:
    """Say whether a statement does something after a `return` in it, perhaps with the result."""
    return isinstance(node, ast.With) or (isinstance(node, ast.Try) and bool(node.finalbody))


class _Function(BlockPass):
    """Rewrites one function; its flags and its result variable."""

    def __init__(self, unit: Unit):
        super().__init__(unit)
        self.result: str | None = None
        self.returned: str | None = None
        self.flows: dict[ast.stmt, Flow] = {}
        self.loops: dict[ast.stmt, _Loop] = {}

    def run(self, node: ast.FunctionDef) -> None:
        body = node.body
        if RETURN not in self.flow_of(body[:-1]).exits and (
            isinstance(body[-1], ast.Return) or RETURN not in self.flow(body[-1]).exits
        ):
            node.body = self.leaving_block(body, _Context())
            return
        self.result = self.unit.flag("result")
        if not any(map(_goes_on, ast.walk(node))):
            self.unit.results.add(self.result)
        end = place(ast.Return(None), span(node))
        new = self.leaving_block([*body, end], _Context())
        if self.returned is not None:
            new = after_docstring(new, [assign(self.returned, ast.Constant(False), node)])
        node.body = [*new, place(ast.Return(load(self.result)), span(node))]

    # ---- what a statement may do ---------------------------------------------------------------

    def flow(self, stmt: ast.stmt) -> Flow:
        """Return how control leaves a statement; each is looked at once."""
        if stmt not in self.flows:
            self.flows[stmt] = self._flow(stmt)
        return self.flows[stmt]

    def flow_of(self, stmts: list[ast.stmt]) -> Flow:
        """Return how control leaves a block."""
        exits: frozenset[str] = frozenset()
        for stmt in stmts:
            flow = self.flow(stmt)
            exits |= flow.exits
            if not flow.falls:
                return Flow(exits, False)
        return Flow(exits)

    def _flow(self, stmt: ast.stmt) -> Flow:
        if isinstance(stmt, (ast.Return, ast.Break, ast.Continue)):
            return Flow(frozenset({type(stmt).__name__.lower()}), False)
        if isinstance(stmt, ast.Raise):
            return Flow(falls=False)
        if isinstance(stmt, ast.If):
            then, other = self.flow_of(stmt.body), self.flow_of(stmt.orelse)
            return Flow(then.exits | other.exits, then.falls or other.falls)
        if isinstance(stmt, _LOOPS):
            body, other = self.flow_of(stmt.body), self.flow_of(stmt.orelse)
            endless = _is_endless(stmt) and BREAK not in body.exits
            return Flow((body.exits & {RETURN}) | other.exits, not endless)
        if isinstance(stmt, ast.With):  # falls: a context manager may swallow an exception
            return Flow(self.flow_of(stmt.body).exits)
        if isinstance(stmt, ast.Try):
            return self._flow_of_try(stmt)
        return Flow()

    def _flow_of_try(self, stmt: ast.Try) -> Flow:
        """An exception may leave the body anywhere; no exit leaves a `finally` (`fence.py`)."""
        ways = [self.flow_of([*stmt.body, *stmt.orelse])]
        ways += [self.flow_of(handler.body) for handler in stmt.handlers]
        exits = frozenset().union(*(way.exits for way in ways))
        ends = self.flow_of(stmt.finalbody).falls
        return Flow(exits, ends and any(way.falls for way in ways))

    # ---- blocks --------------------------------------------------------------------------------

    def leaving_block(self, stmts: list[ast.stmt], context: _Context) -> list[ast.stmt]:
        """Rewrite a block; what stands behind an exit is dropped."""
        out: list[ast.stmt] = []
        for index, stmt in enumerate(stmts):
            if isinstance(stmt, (ast.Return, ast.Break, ast.Continue)):
                return [*out, *self.leave(stmt, context)] or [place(ast.Pass(), stmt)]
            if isinstance(stmt, _LOOPS) and stmt.orelse:
                rest = [*self.split_else(stmt), *stmts[index + 1 :]]
                return [*out, *self.before_rest(stmt, rest, context)]
            flow = self.flow(stmt)
            if flow.exits or not flow.falls:
                return [*out, *self.before_rest(stmt, stmts[index + 1 :], context)]
            out += self.inside(stmt, context)
        return out

    def before_rest(self, stmt, rest: list[ast.stmt], context: _Context) -> list[ast.stmt]:
        """Rewrite a statement that may leave, and put the rest of the block where it belongs."""
        flow = self.flow(stmt)
        if not flow.falls or not rest:
            return self.inside(stmt, context)
        if not flow.exits:
            return [*self.inside(stmt, context), *self.leaving_block(rest, context)]
        if context.depth >= MAX_DEPTH:
            out = self.inside(stmt, context.flagging(flow.exits))
            return [*out, *self.in_segments(flow.exits, rest, context)]
        deeper = context.deeper()
        if isinstance(stmt, ast.If) and not self.flow_of(stmt.body).falls:
            stmt.body = self.leaving_block(stmt.body, deeper)
            stmt.orelse = self.leaving_block([*stmt.orelse, *rest], deeper)
            return [stmt]
        if isinstance(stmt, ast.If) and not self.flow_of(stmt.orelse).falls:
            stmt.body = self.leaving_block([*stmt.body, *rest], deeper)
            stmt.orelse = self.leaving_block(stmt.orelse, deeper)
            return [stmt]
        out = self.inside(stmt, context.flagging(flow.exits))
        guard = self.unless(flow.exits, context, rest[0])
        return [*out, place(ast.If(guard, self.leaving_block(rest, deeper), []), span(rest[0]))]

    def in_segments(self, exits, rest: list[ast.stmt], context: _Context) -> list[ast.stmt]:
        """Guard the rest piece by piece, each up to its next exit, instead of nesting it."""
        out: list[ast.stmt] = []
        while rest:
            leaving = (i for i, s in enumerate(rest, 1) if self.flow(s).exits)
            cut = next(leaving, len(rest))
            segment, rest = rest[:cut], rest[cut:]
            more = self.flow_of(segment).exits
            inner = replace(context.flagging(more) if rest else context, depth=0)
            guard = self.unless(exits, context, segment[0])
            body = self.leaving_block(segment, inner)
            out.append(place(ast.If(guard, body, []), span(segment[0])))
            exits = exits | more
        return out

    def inside(self, stmt: ast.stmt, context: _Context) -> list[ast.stmt]:
        """Rewrite the blocks inside a statement."""
        if isinstance(stmt, _LOOPS):
            return self.loop(stmt)
        if isinstance(stmt, ast.FunctionDef):
            if stmt not in self.unit.native:
                _Function(self.unit).run(stmt)
        elif isinstance(stmt, ast.Try):
            self.attempt(stmt, context)
        elif isinstance(stmt, (ast.If, ast.With)):
            stmt.body = self.leaving_block(stmt.body, context)
            if isinstance(stmt, ast.If):
                stmt.orelse = self.leaving_block(stmt.orelse, context)
        return [stmt]

    def attempt(self, stmt: ast.Try, context: _Context) -> None:
        """Rewrite the blocks of a `try`; its `else` runs if the body came to its end."""
        exits = self.flow_of(stmt.body).exits if stmt.orelse else frozenset()
        stmt.body = self.leaving_block(stmt.body, context.flagging(exits))
        stmt.orelse = self.leaving_block(stmt.orelse, context)
        if exits:
            guard = self.unless(exits, context, stmt.orelse[0])
            stmt.orelse = [place(ast.If(guard, stmt.orelse, []), span(stmt.orelse[0]))]
        for handler in stmt.handlers:
            handler.body = self.leaving_block(handler.body, context)
        stmt.finalbody = self.leaving_block(stmt.finalbody, context)

    def loop(self, stmt: ast.For | ast.While) -> list[ast.stmt]:
        """Rewrite a loop without `else`: its flags join its test."""
        loop = self.loops.pop(stmt, None) or _Loop()
        exits = self.flow_of(stmt.body).exits
        context = _Context(loop, frozenset({RETURN, BREAK}))
        before = []
        if BREAK in exits:
            loop.broke = loop.broke or self.unit.flag("broke")
            before = [assign(loop.broke, ast.Constant(False), stmt)]
        stmt.body = self.leaving_block(stmt.body, context)
        if loop.skipped:
            stmt.body.insert(0, assign(loop.skipped, ast.Constant(False), stmt))
        flags = exits & {RETURN, BREAK}
        if flags and isinstance(stmt, ast.For):
            leave = place(ast.Break(), stmt)
            stmt.body.append(place(ast.If(self.any_of(flags, context, stmt), [leave], []), stmt))
        elif flags:
            tests = [place(negated(place(load(f), stmt)), stmt) for f in self.flags(flags, context)]
            tests += [] if isinstance(stmt, ast.For) or _is_endless(stmt) else [stmt.test]
            both = place(ast.BoolOp(ast.And(), tests), stmt)
            assert isinstance(stmt, ast.While)
            assert isinstance(stmt, ast.While)
            stmt.test = tests[0] if len(tests) == 1 else both
        return [*before, stmt]

    def split_else(self, stmt: ast.For | ast.While) -> list[ast.stmt]:
        """Take the `else` block off a loop; it runs unless the loop broke."""
        orelse, stmt.orelse = stmt.orelse, []
        self.flows.pop(stmt, None)
        if BREAK not in self.flow_of(stmt.body).exits:
            return orelse
        loop = self.loops[stmt] = _Loop(self.unit.flag("broke"))
        test = negated(place(load(loop.broke), orelse[0]))
        return [place(ast.If(test, orelse, []), span(orelse[0]))]

    # ---- exits and flags -----------------------------------------------------------------------

    def leave(self, stmt: Any, context: _Context) -> list[ast.stmt]:
        """Return what an exit statement becomes."""
        true = ast.Constant(True)
        if isinstance(stmt, ast.Break):
            return [assign(context.loop.broke, true, stmt)]
        if isinstance(stmt, ast.Continue):
            if CONTINUE not in context.flagged:
                return []
            return [assign(self.flags({CONTINUE}, context)[0], true, stmt)]
        if self.result is None:
            return [stmt]
        value = stmt.value or place(ast.Constant(None), stmt)
        out: list[ast.stmt] = [assign(self.result, value, stmt)]
        if RETURN in context.flagged:
            out.append(assign(self.flags({RETURN}, context)[0], true, stmt))
        return out

    def flags(self, exits, context: _Context) -> list[str]:
        """Return the flags of some exits, making those that are not there yet."""
        fresh, loop = self.unit.flag, context.loop
        names: list[str] = []
        if BREAK in exits:
            names.append(loop.broke)
        if CONTINUE in exits:
            loop.skipped = loop.skipped or fresh("skipped")
            names.append(loop.skipped)
        if RETURN in exits:
            self.returned = self.returned or fresh("returned")
            names.append(self.returned)
        return names

    def any_of(self, exits, context: _Context, where: ast.stmt) -> ast.expr:
        """Return the test whether one of the exits was taken."""
        tests = [place(load(name), span(where)) for name in self.flags(exits, context)]
        return tests[0] if len(tests) == 1 else place(ast.BoolOp(ast.Or(), tests), span(where))

    def unless(self, exits, context: _Context, where: ast.stmt) -> ast.expr:
        """Return the test whether none of the exits was taken."""
        return negated(self.any_of(exits, context, where))


def _is_endless(stmt: ast.stmt) -> bool:
    """Say whether this is `while True`."""
    return (
        isinstance(stmt, ast.While)
        and isinstance(stmt.test, ast.Constant)
        and bool(stmt.test.value)
    )
