"""Cutting the body of a `try` (`attempts.py`): into segments that an exception leaves undone as a
whole, with flags between them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import ConversionError
from ..function_source import copy_tree
from ..source import located, node_location
from .build import (
    FUNCTIONS,
    Unit,
    assign,
    inner_block_slots,
    is_exit,
    load,
    negated,
    place,
    span,
    split_exit,
)
from .liveness import bound_names

# A longer chain of guards is written one after the other instead of one in the other.
MAX_DEPTH = 30
BOOLS = {"returned", "broke", "skipped", "raised"}
ITERATORS = {"range", "enumerate", "zip", "reversed"}
# Methods of arrays that change them; all other methods that arrays have are taken to be theirs.
CHANGING = {"fill", "itemset", "partition", "put", "resize", "setfield", "setflags", "sort"}


@dataclass
class Cut:
    """One `try` on its way to become several."""

    unit: Unit
    stmt: ast.Try
    observed: set[str]
    raised: str = ""

    # -- segments ----------------------------------------------------------------------------------

    def segments(self, stmts: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], bool]]:
        """The block in pieces, and whether each can be attempted as a whole."""
        piece: list[ast.stmt] = []
        has_ended = False
        for stmt in stmts:
            is_whole = self.is_whole(stmt)
            must_end = has_ended and not _cannot_raise(stmt) or self.calls_rebind(stmt)
            if piece and (not is_whole or must_end):
                yield piece, True
                piece, has_ended = [], False
            if is_whole:
                piece.append(stmt)
                has_ended = has_ended or self.ends(stmt)
            else:
                yield [stmt], False
        if piece:
            yield piece, True

    def may_change(self, stmt: ast.stmt) -> bool:
        """Whether a simple statement may change an object that somebody can see."""
        if isinstance(stmt, ast.AugAssign):
            return True
        if isinstance(stmt, ast.Assign | ast.Delete):
            parts = (part for target in stmt.targets for part in ast.walk(target))
            if any(isinstance(part, ast.Attribute | ast.Subscript) for part in parts):
                return True
        if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call):
            func = stmt.value.func
            owner = func.value if isinstance(func, ast.Attribute) else None
            is_own = isinstance(owner, ast.Name) and owner.id in self.unit.flags
            return not is_own  # a list that stands for a comprehension
        calls = (part for part in ast.walk(stmt) if isinstance(part, ast.Call))
        return any(_may_change_by(call.func) for call in calls)

    def calls_rebind(self, stmt: ast.stmt) -> bool:
        """Whether a statement calls what may bind variables of this function (`nonlocal`)."""
        return any(self.unit.rebound.values()) and self.may_change(stmt)

    def is_single(self, stmts: list[ast.stmt]) -> bool:
        pieces = list(self.segments(stmts))
        return not pieces or len(pieces) == 1 and pieces[0][1]

    def is_whole(self, stmt: ast.stmt) -> bool:
        """Whether an exception in a statement finds everything as it was before it."""
        if not is_compound(stmt) or not self.ends(stmt):
            return True
        if isinstance(stmt, ast.For | ast.While):
            return False
        return all(self.is_single(getattr(*slot)) for slot in inner_block_slots(stmt))

    def ends(self, stmt: ast.stmt) -> bool:
        """Whether a statement does what somebody may see if the next one raises."""
        if is_compound(stmt):
            inner = (each for slot in inner_block_slots(stmt) for each in getattr(*slot))
            targets = [stmt.target] if isinstance(stmt, ast.For) else []
            return any(map(self.ends, inner)) or any(map(self.binds_observed, targets))
        return self.binds_observed(stmt) or self.may_change(stmt)

    def binds_observed(self, node: ast.AST) -> bool:
        return any(name in self.observed for name in bound_names(node))

    # -- the pieces put together again ---------------------------------------------------------

    def flagged(self) -> list[ast.stmt]:
        """The pieces, and after them a branch for each handler."""
        return [*self.flagged_body(), *self.dispatch(len(self.stmt.handlers))]

    def flagged_body(self) -> list[ast.stmt]:
        """The pieces; a flag says which handler is to run."""
        self.raised = self.unit.flag("raised")
        first = assign(self.raised, self.number(0), self.stmt)
        return [first, *self.guarded(self.stmt.body, 0)]

    def dispatch(self, count: int) -> list[ast.stmt]:
        """The branches for the first `count` handlers, and for the `else`."""
        after, handlers = self.stmt.orelse, self.stmt.handlers
        if after and count < len(handlers):
            after = [self.unless_raised(after)]
        for number, handler in reversed(list(enumerate(handlers[:count], 1))):
            test = self.is_raised(number, handler)
            after = [place(ast.If(test, handler.body, after), handler)]
        return after

    def raise_again(self) -> ast.If:
        """Raise what the last handler has caught."""
        handlers = self.stmt.handlers
        name = handlers[-1].name
        assert name is not None
        again = place(ast.Raise(place(load(name), span(self.stmt)), None), span(self.stmt))
        test = self.is_raised(len(handlers), self.stmt)
        return place(ast.If(test, [again], []), span(self.stmt))

    def is_raised(self, number: int, where: ast.AST) -> ast.expr:
        test: ast.expr = load(self.raised)
        if len(self.stmt.handlers) > 1:
            test = ast.Compare(test, [ast.Eq()], [self.number(number)])
        made: ast.expr = place(test, where)
        return made

    def number(self, handler: int) -> ast.Constant:
        """What is noted of the handler to run: its number, or that there is one."""
        return ast.Constant(handler if len(self.stmt.handlers) > 1 else bool(handler))

    def guarded(self, stmts: list[ast.stmt], depth: int) -> list[ast.stmt]:
        """A block in which nothing runs after what has raised."""
        out: list[ast.stmt] = []
        pieces = list(self.segments(stmts))
        for number, (piece, is_whole) in enumerate(pieces):
            made: list[ast.stmt] = (
                [self.attempt(piece)] if is_whole else self.opened(piece[0], depth)
            )
            if all(map(_cannot_raise, piece)):
                made = piece
            rest = [each for later, _ in pieces[number + 1 :] for each in later]
            if number == 0:
                out += made
                if rest and depth < MAX_DEPTH:
                    return [*out, self.unless_raised(self.guarded(rest, depth + 1))]
            else:
                out.append(self.unless_raised(made))
        return out

    def attempt(self, piece: list[ast.stmt]) -> ast.Try:
        """One piece, whose handlers only say what has happened."""
        handlers = []
        for number, handler in enumerate(self.stmt.handlers, 1):
            note: list[ast.stmt] = [assign(self.raised, self.number(number), handler)]
            name = None
            if handler.name is not None:
                name = self.unit.flag("error")
                note.append(assign(handler.name, load(name), handler))
            kind = copy_tree(handler.type)
            handlers.append(place(ast.ExceptHandler(kind, name, note), handler))
        return place(ast.Try(piece, handlers, [], []), self.stmt)

    def unless_raised(self, stmts: list[ast.stmt]) -> ast.If:
        where = span(stmts[0])
        return place(ast.If(negated(place(load(self.raised), where)), stmts, []), where)

    def opened(self, stmt: ast.stmt, depth: int) -> list[ast.stmt]:
        """A statement whose blocks are cut in their turn; what it evaluates is attempted first."""
        if isinstance(stmt, ast.If):
            before, stmt.test = self.evaluated(stmt.test, "fails")
            stmt.body = self.guarded(stmt.body, depth)
            stmt.orelse = self.guarded(stmt.orelse, depth)
            return [*before, self.unless_raised([stmt])] if before else [stmt]
        if isinstance(stmt, ast.For):
            return self.opened_for(stmt, depth)
        if isinstance(stmt, ast.While):
            return self.opened_while(stmt, depth)
        if isinstance(stmt, ast.Try):
            return self.guarded(Cut(self.unit, stmt, self.observed).flagged(), depth)
        raise located(
            ConversionError,
            "this `with` stands in a `try`, and does several things that an exception would leave "
            "undone in part",
            node_location(stmt, self.unit.file),
            "write the `try` inside the `with`, or one statement in each `with`",
        )

    def evaluated(self, node: ast.expr, name: str) -> tuple[list[ast.stmt], ast.expr]:
        """A test by name, and the attempt to find its truth before."""
        if self.is_steady(node):
            return [], node
        made = self.unit.flag(name)
        found = self.attempt([assign(made, negated(node), node)])
        return [found], negated(place(load(made), node))

    def is_steady(self, node: ast.expr) -> bool:
        """Whether evaluating a test never raises: it is made of flags."""
        if isinstance(node, ast.BoolOp):
            return all(map(self.is_steady, node.values))
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.Not) and self.is_steady(node.operand)
        is_flag = isinstance(node, ast.Name) and self.unit.flags.get(node.id) in BOOLS
        return is_flag or isinstance(node, ast.Constant)

    def iterated(self, node: ast.expr) -> tuple[list[ast.stmt], ast.expr]:
        """What a loop goes over, and the attempt to evaluate it. An iterator is made where the loop
        is: what it goes over has a name, and it is made once before, to see whether it raises."""
        before: list[ast.stmt] = []

        def named(node: ast.expr) -> ast.expr:
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ITERATORS:
                node.args = [named(arg) for arg in node.args]
                return node
            if isinstance(node, ast.Constant | ast.Starred):
                return node
            name = self.unit.flag("items")
            before.append(assign(name, node, node))
            return place(load(name), node)

        made = named(node)
        if not isinstance(made, ast.Name):
            before.append(place(ast.Expr(copy_tree(made)), node))
        return [self.attempt(before)], made

    def opened_for(self, stmt: ast.For, depth: int) -> list[ast.stmt]:
        before, stmt.iter = self.iterated(stmt.iter)
        stmts, leaving = split_exit(stmt)
        if not isinstance(stmt.target, ast.Name):
            item = self.unit.namer.fresh("item")
            unpack = assign(stmt.target, place(load(item), stmt.target), stmt.target)
            stmt.target = place(ast.Name(item, ast.Store()), stmt.target)
            stmts = [unpack, *stmts]
        stop: ast.expr = place(load(self.raised), span(stmt))
        if leaving is not None:
            stop = place(ast.BoolOp(ast.Or(), [stop, leaving]), leaving)
        leave = place(ast.If(stop, [place(ast.Break(), span(stmt))], []), span(stmt))
        stmt.body = [*self.guarded(stmts, depth), leave]
        return [*before, self.unless_raised([stmt])]

    def opened_while(self, stmt: ast.While, depth: int) -> list[ast.stmt]:
        body = self.guarded(stmt.body, depth)
        going = negated(place(load(self.raised), stmt.test))
        if not self.is_steady(stmt.test):
            before, test = self.evaluated(stmt.test, "ends")
            name = self.unit.flag("going")
            end = assign(name, ast.Constant(False), stmt)
            stop = place(ast.If(test, body, [end]), stmt)
            body = [*before, self.unless_raised([stop])]
            first = [assign(name, ast.Constant(True), stmt)]
            stmt.test = place(ast.BoolOp(ast.And(), [going, load(name)]), stmt.test)
        else:
            first = []
            stmt.test = place(ast.BoolOp(ast.And(), [going, stmt.test]), stmt.test)
        stmt.body = body
        return [*first, stmt]


# -- what statements do --------------------------------------------------------------------------


def is_compound(stmt: ast.stmt) -> bool:
    return not isinstance(stmt, FUNCTIONS) and any(True for _ in inner_block_slots(stmt))


def _may_change_by(func: ast.expr) -> bool:
    """Whether a call may change what outlives it: one of the user's functions, a list's method.

    This decides only how finely a body is cut; that what it cuts is exact is asked while tracing.
    """
    if isinstance(func, ast.Name):
        return not hasattr(builtins, func.id)
    if isinstance(func, ast.Attribute):
        return func.attr in CHANGING or not (hasattr(np.ndarray, func.attr) or _of_module(func))
    return True


def _of_module(func: ast.Attribute) -> bool:
    """Whether this looks like `np.f` or `np.linalg.f`."""
    owner = func.value
    if isinstance(owner, ast.Attribute):
        return owner.attr in ("linalg", "fft", "random", "special") and _of_module(owner)
    return isinstance(owner, ast.Name) and owner.id in ("np", "numpy", "math", "scipy", "cmath")


def _cannot_raise(stmt: ast.stmt) -> bool:
    if isinstance(stmt, ast.Pass) or is_exit(stmt):
        return True
    if isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Constant):
        return all(isinstance(target, ast.Name) for target in stmt.targets)
    return False
