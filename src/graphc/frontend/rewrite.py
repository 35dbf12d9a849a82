"""The rewrite: `if`, `while` and `for` become calls of forms that take and return the live
variables.

Before:                          After:
    while n < 10:                    def test_1(n):
        if n > x:                        return n < 10
            y = n                    def body_1(n, y):
        n += 1                           def then_2(y):
    return y                                 y = n
                                             return (y,)
                                         def else_2(y):
                                             return (y,)
                                         (y,) = gc.if_(n > x, then_2, else_2, (y,), ('y',))
                                         n = gc.aug('+=', n, 1)
                                         return (n, y)
                                     (n, y) = gc.while_(test_1, body_1, (n, y), ('n', 'y'))
                                     return gc.read(y)

with `y = gc.unbound('y')` at the start. Which variables go where is decided by `liveness`; see
docs/forms.md.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from .assignments import Assignments, is_plain
from .build import (
    Span,
    Unit,
    after_docstring,
    assign,
    function,
    inner_block_slots,
    is_exit,
    load,
    names_tuple,
    negated,
    place,
    span,
    split_exit,
    store,
    thunk,
)
from .expressions import Expressions
from .liveness import EVERYTHING, Liveness, Table, bound_names
from .names import Frame, Names
from .scopes import Scope, Scopes, imported_name

_CONSTRUCTS = (ast.If, ast.For, ast.While, ast.Try)


def rewrite(unit: Unit) -> None:
    """Rewrite the unit's tree in place."""
    scopes = Scopes(unit.tree, unit.bound)
    labels = {node: str(number) for number, node in enumerate(_constructs(unit.tree.body), 1)}
    pending = [_Rewriter(unit, scopes, labels, scopes[unit.tree], None)]
    while pending:
        pending += pending.pop(0).run()


def _constructs(stmts: list[ast.stmt]):
    """Yield the constructs that are numbered, in source order."""
    for stmt in stmts:
        if isinstance(stmt, _CONSTRUCTS) and not is_exit(stmt):
            yield stmt
        for slot in inner_block_slots(stmt):
            yield from _constructs(getattr(*slot))


@dataclass(frozen=True)
class _Arm:
    """A function to generate. A test returns nothing by itself; a `for` body binds its target
    first."""

    name: str
    stmts: list[ast.stmt]
    given: list[str]
    returned: list[str] | None = None
    target: ast.expr | None = None


class _Rewriter:
    """Rewrites one user function; nested functions are left for later, when its names are
    settled."""

    def __init__(self, unit: Unit, scopes: Scopes, labels, scope: Scope, outer: Names | None):
        self.unit = unit
        self.scopes = scopes
        self.labels = labels
        self.scope = scope
        table = Table(*_variables(scope, outer), scope)
        self.names = Names(table, scope, outer)
        node: Any = scope.node
        self.live = Liveness(table, scopes, node.body)
        self.expressions = Expressions(unit, scopes, self.names)
        self.assignments = Assignments(unit, self.names, self.expressions)
        self.nested: list[_Rewriter] = []
        self.kept = 0  # read behind an enclosing `with`, even if it swallows an exception

    def run(self) -> list[_Rewriter]:
        """Rewrite the function; return the work on the functions nested in it."""
        names, table = self.names, self.names.table
        node: Any = self.scope.node
        own = table.mask(name for name in table.names if self.scope.is_local(name))
        names.need(own & ~self.live.block(node.body).binds)  # bound by dead code only
        new = self.block(node.body)
        names.finish(own)
        first = [self.assignments.unbound(n, node) for n in self._listed(names.unbound_at_start)]
        shared = names.handed_on & ~own & ~table.mask(self.scope.nonlocals)
        if shared:
            first.insert(0, place(ast.Nonlocal(self._listed(shared)), node))
        node.body = after_docstring(new, first)
        for work in names.deferred:
            work()
        return self.nested

    # ---- statements ----------------------------------------------------------------------------

    def block(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        """Rewrite a block."""
        return [piece for stmt in stmts for piece in self.statement(stmt)]

    def statement(self, stmt: ast.stmt) -> list[ast.stmt]:
        """Rewrite a statement: here, as an assignment, or only the expressions in it."""
        name = f"visit_{type(stmt).__name__}"
        visit = getattr(self, name, None) or getattr(self.assignments, name, None)
        return visit(stmt) if visit is not None else [self.expressions.parts(stmt)]

    def visit_FunctionDef(self, stmt: ast.FunctionDef) -> list[ast.stmt]:
        """Rewrite what is evaluated now; the body waits."""
        names = self.names
        if stmt not in self.unit.native:
            decorators = stmt.decorator_list
            stmt.decorator_list = [self.expressions.visit(node) for node in decorators]
            self.expressions.defaults(stmt.args)
            names.captured_by(self.scopes[stmt])
            args = (self.unit, self.scopes, self.labels, self.scopes[stmt], names)
            self.nested.append(_Rewriter(*args))
        names.define(names.table.mask([stmt.name]))
        return [stmt]

    def visit_Import(self, stmt) -> list[ast.stmt]:
        """Keep the import, which binds names."""
        self.names.define(self.names.table.mask(imported_name(a) for a in stmt.names))
        return [stmt]

    visit_ImportFrom = visit_Import

    def visit_Raise(self, stmt: ast.Raise) -> list[ast.stmt]:
        """Raise through the forms; what follows is never reached."""
        parts = [self.expressions.visit(p) for p in (stmt.exc, stmt.cause) if p is not None]
        self.names.define(EVERYTHING)
        if not parts:
            return [stmt]
        return [place(ast.Expr(self.expressions.form("raise_", parts, stmt)), stmt)]

    def visit_Assert(self, stmt: ast.Assert) -> list[ast.stmt]:
        """Assert through the forms; the message is evaluated only on failure."""
        args = [self.expressions.test(stmt.test)]
        if stmt.msg is not None:
            args.append(thunk(self.expressions.visit(stmt.msg)))
        return [place(ast.Expr(self.expressions.form("assert_", args, stmt)), stmt)]

    def visit_With(self, stmt: ast.With) -> list[ast.stmt]:
        """Keep the statement: its block stays in place, so leaving it means what it meant."""
        if len(stmt.items) > 1:
            inner = place(ast.With(stmt.items[1:], stmt.body), stmt)
            self.live.summaries[inner] = self.live.summary(stmt)
            self.live.after[inner] = self.live.after[stmt]
            stmt.items, stmt.body = stmt.items[:1], [inner]
        names, item = self.names, stmt.items[0]
        entered = self.expressions.visit(item.context_expr)
        item.context_expr = self.expressions.form("manager", [entered], entered)
        first: list[ast.stmt] = []
        if item.optional_vars is not None:
            target = item.optional_vars
            if is_plain(target):
                names.define(names.table.mask(bound_names(target)))
            else:
                name = self.unit.namer.fresh("value")
                item.optional_vars = ast.copy_location(ast.Name(name, ast.Store()), target)
                value = ast.copy_location(load(name), target)
                first = self.assignments.bind(target, value, True, target)
        before, outer = names.defined & ~self.live.summary(stmt).deletes, self.kept
        self.kept |= self.live.after[stmt]
        stmt.body = [*first, *self.block(stmt.body)]
        names.defined, self.kept = before, outer
        return [stmt]

    # ---- constructs ----------------------------------------------------------------------------

    def visit_If(self, stmt: ast.If) -> list[ast.stmt]:
        """Return the two arms and the call of `gc.if_`."""
        live, number = self.live, self.labels[stmt]
        then, other = live.block(stmt.body), live.block(stmt.orelse)
        test = self.expressions.test(stmt.test)
        binds, after = then.binds | other.binds, live.after[stmt]
        returned = self._listed(binds & after)
        read_first = (then.gen & then.binds) | (other.gen & other.binds)
        state = [*returned, *self._listed(read_first & ~after)]
        self.names.hand_on(self.names.table.mask(state))
        before = self.names.defined
        where = span(stmt)
        first = self.arm(_Arm(f"then_{number}", stmt.body, state, returned), where)
        after_then, self.names.defined = self.names.defined, before
        second = self.arm(_Arm(f"else_{number}", stmt.orelse, state, returned), where)
        self.names.defined &= after_then
        args = [test, load(first.name), load(second.name)]
        return [first, second, self._call("if_", args, state, returned, where)]

    def visit_Try(self, stmt: ast.Try) -> list[ast.stmt]:
        """Return the body, the handlers and the call of `gc.try_`."""
        live, number, where = self.live, self.labels[stmt], span(stmt)
        whole, after = live.summary(stmt), live.after[stmt]
        called = live.block(stmt.body).binds & self.names.table.called
        returned = self._listed(whole.binds & (after | called))
        state = [*returned, *self._listed(whole.gen & whole.binds & ~(after | called))]
        self.names.hand_on(self.names.table.mask(state))
        before = self.names.defined
        out = [self.arm(_Arm(f"try_{number}", stmt.body, state, returned), where)]
        ends = self.names.defined
        handlers: list[ast.expr] = []
        for index, handler in enumerate(stmt.handlers, 1):
            self.names.defined = before
            kind = handler.type or place(load("BaseException"), span(handler))
            kind = thunk(self.expressions.visit(kind))
            target = None if handler.name is None else store(handler.name)
            name = f"except_{number}" if len(stmt.handlers) == 1 else f"except_{number}_{index}"
            arm = _Arm(name, handler.body, state, returned, target and place(target, span(handler)))
            out.append(self.arm(arm, span(handler)))
            ends &= self.names.defined
            parts = [kind, load(out[-1].name), ast.Constant(handler.name is not None)]
            handlers.append(ast.Tuple(parts, ast.Load()))
        self.names.defined = ends
        args = [load(out[0].name), ast.Tuple(handlers, ast.Load())]
        rebound = self._listed(called)
        values = ast.Dict([ast.Constant(name) for name in rebound], list(map(load, rebound)))
        shared = [thunk(place(values, where))] if called else []
        return [*out, self._call("try_", args, state, returned, where, shared)]

    def visit_While(self, stmt: ast.While) -> list[ast.stmt]:
        """Return the test, the body and the call of `gc.while_`."""
        number, where, state = self.labels[stmt], span(stmt), self._loop_state(stmt)
        before = self.names.defined
        self.expressions.tests.add(stmt.test)
        test = self.arm(_Arm(f"test_{number}", _returning(stmt.test), state), where)
        body = self.arm(_Arm(f"body_{number}", stmt.body, state, state), where)
        self.names.defined = before
        args = [load(test.name), load(body.name)]
        return [test, body, self._call("while_", args, state, state, where)]

    def visit_For(self, stmt: ast.For) -> list[ast.stmt]:
        """Return the body and the call of `gc.for_`, with a test if the loop has an early exit."""
        number, where = self.labels[stmt], span(stmt)
        iterable = self.expressions.visit(stmt.iter)
        state = self._loop_state(stmt)
        before, out, tests = self.names.defined, [], []
        stmts, leaving = split_exit(stmt)
        if leaving is not None:
            stay = _returning(negated(leaving))
            out.append(self.arm(_Arm(f"test_{number}", stay, state), where))
            tests = [load(out[0].name)]
        body = self.arm(_Arm(f"body_{number}", stmts, state, state, stmt.target), where)
        self.names.defined = before
        call = self._call("for_", [iterable, load(body.name)], state, state, where, tests)
        return [*out, body, call]

    def _loop_state(self, stmt: ast.For | ast.While) -> list[str]:
        """Return what a loop hands on; from here on, what its body deletes may be unbound."""
        summary = self.live.summary(stmt)
        state = summary.binds & (self.live.after[stmt] | self.live.heads[stmt])
        self.names.hand_on(state)
        self.names.defined &= ~summary.deletes
        return self._listed(state)

    # ---- generated functions -------------------------------------------------------------------

    def arm(self, arm: _Arm, where: Span) -> ast.FunctionDef:
        """Return a generated function; variables that must keep their value whatever happens (a
        closure reads them, or an exception is swallowed) are assigned where they live."""
        table, names = self.names.table, self.names
        in_place = table.cells | self.kept
        shared = {name for name in arm.given if table.bit[name] & in_place}
        params = {name: self._name(f"{name}_in") if name in shared else name for name in arm.given}
        names.frames.append(Frame(table.mask(arm.given)))
        own, body = self.live.block(arm.stmts).binds, []
        names.defined &= ~(own & ~table.mask(arm.given))  # locals of the arm, bound only in it
        if arm.target is not None:
            item = ast.copy_location(load(self._name("item")), arm.target)
            body += self.assignments.bind(arm.target, item, True, arm.target)
            own |= table.mask(bound_names(arm.target))
        body += self.block(arm.stmts)
        if arm.returned is not None:
            body.append(place(ast.Return(names_tuple(arm.returned)), where))
        initial = names.leave_frame(own)
        first = [self.assignments.unbound(name, where) for name in self._listed(initial)]
        if shared:
            first.insert(0, place(ast.Nonlocal([n for n in arm.given if n in shared]), where))
            first += [assign(n, load(p), where) for n, p in params.items() if n in shared]
        every = [self._name("item")] if arm.target is not None else []
        name = self._name(arm.name)
        self.unit.generated.add(name)
        return function(name, [*every, *params.values()], [*first, *body], where)

    def _call(self, form: str, args, state, returned, where: Span, more=()) -> ast.stmt:
        texts = ast.Tuple([ast.Constant(name) for name in returned], ast.Load())
        call = self.expressions.form(form, [*args, names_tuple(state), texts, *more], where)
        if not returned:
            return place(ast.Expr(call), where)
        return assign(names_tuple(returned, ast.Store()), call, where)

    def _name(self, base: str) -> str:
        return self.unit.namer.shared(base)

    def _listed(self, bits: int) -> list[str]:
        return self.names.table.listed(bits)


def _returning(test: ast.expr) -> list[ast.stmt]:
    return [place(ast.Return(test), test)]


def _variables(scope: Scope, outer: Names | None) -> tuple[list[str], list[str]]:
    """Return a function's own variables, and those of enclosing functions that calls may rebind."""
    shared = []
    for name in sorted(scope.free | scope.nonlocals):
        owner = outer
        while owner is not None and not owner.scope.is_local(name):
            owner = owner.outer
        if owner is not None and name in owner.scope.rebound:
            shared.append(name)
    return [name for name in scope.bound if scope.is_local(name)], shared
