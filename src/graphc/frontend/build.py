"""Small builders for syntax trees, and the walk over blocks that the passes share.

Nodes built here carry the place of the user's statement or expression they come from, so the
compiled code points at the user's text; children without a place inherit their parent's
(`settle`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Span:
    """The part of the source a new node stands for, as `ast` counts it."""

    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


def span(node: Any) -> Span:
    """Return where a node is; for a compound statement only its header, not its block."""
    last: Any = node
    if isinstance(node, (ast.If, ast.While)):
        last = node.test
    elif isinstance(node, ast.For):
        last = node.iter
    elif isinstance(node, ast.With):
        last = node.items[-1].optional_vars or node.items[-1].context_expr
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Try, ast.ExceptHandler)):
        width = _header_width(node)
        return Span(node.lineno, node.col_offset, node.lineno, node.col_offset + width)
    return Span(node.lineno, node.col_offset, last.end_lineno, last.end_col_offset)


def _header_width(node: Any) -> int:
    if isinstance(node, ast.Try):
        return len("try")
    if isinstance(node, ast.ExceptHandler):
        return len("except")
    return len("def ") + len(node.name)


def place(node, where: Span | ast.AST):
    """Set a new node's place and return it."""
    where = where if isinstance(where, Span) else span(where)
    node.lineno, node.col_offset = where.lineno, where.col_offset
    node.end_lineno, node.end_col_offset = where.end_lineno, where.end_col_offset
    return node


def settle(tree: ast.AST) -> None:
    """Give every node without a place that of its parent (`ast.fix_missing_locations`, faster)."""
    stack = [(tree, Span(1, 0, 1, 0))]
    while stack:
        node, where = stack.pop()
        fields = node.__dict__
        if "end_lineno" in fields:
            numbers = (fields["lineno"], fields["col_offset"], fields["end_lineno"])
            where = Span(*numbers, fields["end_col_offset"])
        elif "lineno" in node._attributes:
            place(node, where)
        for value in fields.values():
            if isinstance(value, list):
                stack += [(item, where) for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                stack.append((value, where))


def load(name: str) -> ast.Name:
    """Return `name`, read."""
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.Name:
    """Return `name`, assigned."""
    return ast.Name(name, ast.Store())


def assign(target: str | ast.expr, value: ast.expr, where: Span | ast.AST) -> ast.Assign:
    """Return `target = value`."""
    target = store(target) if isinstance(target, str) else target
    return place(ast.Assign([target], value), where)


def negated(test: ast.expr) -> ast.expr:
    """Return `not test`."""
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def names_tuple(names: Iterable[str], context: ast.expr_context | None = None) -> ast.Tuple:
    """Return `(a, b)`, read unless a context is given."""
    return ast.Tuple(
        [ast.Name(name, context or ast.Load()) for name in names], context or ast.Load()
    )


def parameters(names: Iterable[str]) -> ast.arguments:
    """Return the parameter list of a generated function."""
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])


def thunk(body: ast.expr) -> ast.Lambda:
    """Return `lambda: body`."""
    return ast.copy_location(ast.Lambda(parameters([]), body), body)


def function(
    name: str, params: Sequence[str], body: list[ast.stmt], where: Span
) -> ast.FunctionDef:
    """Return `def name(params): body`."""
    return place(ast.FunctionDef(name, parameters(params), body, [], None), where)


def all_args(args: ast.arguments) -> Iterator[ast.arg]:
    """Yield every parameter in the order of `co_varnames`."""
    yield from (*args.posonlyargs, *args.args, *args.kwonlyargs)
    yield from (arg for arg in (args.vararg, args.kwarg) if arg is not None)


def is_docstring(stmt: ast.stmt) -> bool:
    """Say whether a first statement is a docstring (which must stay first)."""
    return (
        isinstance(stmt, ast.Expr)
        and isinstance(stmt.value, ast.Constant)
        and isinstance(stmt.value.value, str)
    )


def after_docstring(body: list[ast.stmt], first: list[ast.stmt]) -> list[ast.stmt]:
    """Return the body with statements put first, but behind its docstring."""
    cut = 1 if body and is_docstring(body[0]) else 0
    return body[:cut] + first + body[cut:]


def is_exit(stmt: ast.stmt) -> TypeGuard[ast.If]:
    """Say whether this is the `if broke: break` that `single_exit` puts at the end of a `for`."""
    return isinstance(stmt, ast.If) and bool(stmt.body) and isinstance(stmt.body[0], ast.Break)


def split_exit(loop: ast.For) -> tuple[list[ast.stmt], ast.expr | None]:
    """Return a `for` body without its exit, and the exit's test."""
    last = loop.body[-1]
    return (loop.body[:-1], last.test) if is_exit(last) else (loop.body, None)


def inner_block_slots(stmt: ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    """Yield the blocks of a statement, each as its owner and the name of its field."""
    for owner in (stmt, *getattr(stmt, "handlers", ())):
        for name in ("body", "orelse", "finalbody"):
            if isinstance(getattr(owner, name, None), list) and getattr(owner, name):
                yield owner, name


class Namer:
    """Hands out names that the function does not use, deterministic and readable."""

    def __init__(self, tree: ast.AST):
        """Collect every identifier that occurs in the tree, global names included."""
        self._taken = set(_identifiers(tree))
        self._shared: dict[str, str] = {}

    def fresh(self, base: str) -> str:
        """Return `base`, or `base_1`, `base_2`, ... where that is taken."""
        name, count = base, 0
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name

    def shared(self, base: str) -> str:
        """Return the same free name for a base every time."""
        if base not in self._shared:
            self._shared[base] = self.fresh(base)
        return self._shared[base]


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


@dataclass
class Unit:
    """One function on its way through the passes, and what the passes know about it.

    `has_class_cell`: the function has the `__class__` of its class. `native` holds generated
    nodes that must stay as they are (the helper of a pattern, and its call). `generated` are
    the names of the functions that the rewrite makes, `results` the variables that early returns
    set. `bound` and `rebound` are facts about the
    original tree, by function node: the names it binds (dead code, which later passes drop,
    included) and those its nested functions bind by `nonlocal`. `flags` are the variables that
    the passes add.
    """

    tree: ast.FunctionDef
    file: str
    class_name: str | None
    forms: str
    namer: Namer
    has_class_cell: bool = False
    native: set[ast.AST] = field(default_factory=set)
    generated: set[str] = field(default_factory=set)
    results: set[str] = field(default_factory=set)
    bound: dict[ast.AST, frozenset[str]] = field(default_factory=dict)
    rebound: dict[ast.AST, frozenset[str]] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)

    def flag(self, base: str) -> str:
        """Return a fresh variable that the user cannot see; `flags` keeps what it is for."""
        name = self.namer.fresh(base)
        self.flags[name] = base
        return name


class BlockPass:
    """Rewrites statements block by block; a subclass's `visit_X(stmt)` returns the new
    statements."""

    def __init__(self, unit: Unit):
        """Keep the unit that the pass works on."""
        self.unit = unit

    def block(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        """Return the new block; an empty one becomes `pass`."""
        new = [piece for stmt in stmts for piece in self.statement(stmt)]
        return new or [place(ast.Pass(), stmts[0])] if stmts else new

    def statement(self, stmt: ast.stmt) -> list[ast.stmt]:
        """Return what replaces one statement."""
        visit = getattr(self, f"visit_{type(stmt).__name__}", None)
        if visit is not None:
            return visit(stmt)
        self.inner_blocks(stmt)
        return [stmt]

    def inner_blocks(self, stmt: ast.stmt) -> None:
        """Rewrite the blocks inside a statement, nested functions included."""
        if stmt in self.unit.native:
            return
        for owner, name in inner_block_slots(stmt):
            setattr(owner, name, self.block(getattr(owner, name)))
