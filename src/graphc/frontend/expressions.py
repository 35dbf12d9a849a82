"""Expressions: calls, logic, comparisons, text and displays become forms; everything else stays
Python.

Before:                                  After:
    f(x, k=1)                                gc.call(f, x, k=1)
    a and not b                              gc.and_(a, lambda: gc.not_(b))
    a if t else b                            gc.ifexp(t, lambda: a, lambda: b)
    a < b < c                                gc.compare(a, '<', lambda: b, '<', lambda: c)
    x is None, k in d                        gc.is_(x, None), gc.in_(k, d)
    f'{x:.2f}!', '%s' % x                    gc.fstring((x, '', '.2f'), '!'), gc.str_mod('%s', x)
    [g(v) for v in xs]                       gc.local([gc.call(g, v) for v in xs])

Every operand stays at its place in the order of evaluation. The bodies of lambdas and generator
expressions run later, so they are rewritten after the whole function, when it is known which
variables may be unbound.
"""

from __future__ import annotations

import ast
from typing import Any

from ..errors import ConversionError
from ..source import located, node_location
from . import comprehensions
from .build import Span, Unit, all_args, load, parameters, place, thunk
from .names import Names
from .scopes import Scopes

_OPERATORS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_SINGLE = {ast.Is: "is_", ast.IsNot: "is_not", ast.In: "in_", ast.NotIn: "not_in"}

_KEYS = (ast.Name, ast.Attribute, ast.Call, ast.IfExp, ast.BoolOp, ast.Subscript, ast.JoinedStr)


class Expressions:
    """Rewrites the expressions of one function; `names` tells which variables may be unbound."""

    def __init__(self, unit: Unit, scopes: Scopes, names: Names):
        """Start outside any comprehension or lambda."""
        self.unit = unit
        self.scopes = scopes
        self.names = names
        self.inner: tuple[
            frozenset[str], ...
        ] = ()  # names bound by enclosing lambdas, comprehensions
        self.is_late = False
        self.tests: set[ast.expr] = set()  # expressions of which only the truth is asked for

    def form(self, name: str, args: list[ast.expr], where: ast.AST | Span) -> ast.Call:
        """Return `gc.name(*args)`."""
        gc = place(load(self.unit.forms), where)
        return place(ast.Call(place(ast.Attribute(gc, name, ast.Load()), where), args, []), where)

    def visit(self, node: ast.expr) -> ast.expr:
        """Return what replaces an expression."""
        method = getattr(self, f"visit_{type(node).__name__}", None)
        return method(node) if method is not None else self.parts(node)

    def parts(self, node):
        """Rewrite the expressions inside a node, which itself stays."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self.visit(value))
            elif isinstance(value, ast.keyword):
                self.parts(value)
            elif isinstance(value, list):
                setattr(node, name, [self._part(item) for item in value])
        return node

    def _part(self, item):
        if isinstance(item, ast.expr):
            return self.visit(item)
        return self.parts(item) if isinstance(item, ast.keyword) else item

    # ---- names and functions -------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Read a variable, with a check where it may be unbound."""
        if not isinstance(node.ctx, ast.Load) or any(node.id in names for names in self.inner):
            return node
        form = self.names.how_to_read(node.id, self.is_late, bool(self.inner))
        return node if form is None else self.form(form, [node], node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        """Rewrite the defaults now and the body later."""
        self.defaults(node.args)
        self.names.captured_by(self.scopes[node])
        bound = frozenset(arg.arg for arg in all_args(node.args))

        def body() -> None:
            node.body = self.visit(node.body)

        self._later(bound, body)
        return node

    def defaults(self, args: ast.arguments) -> None:
        """Rewrite the default values of parameters, evaluated where the function stands."""
        args.defaults = [self.visit(default) for default in args.defaults]
        args.kw_defaults = [d if d is None else self.visit(d) for d in args.kw_defaults]

    def _later(self, bound: frozenset[str], work) -> None:
        inner = (*self.inner, bound)

        def run() -> None:
            outer = self.inner, self.is_late
            self.inner, self.is_late = inner, True
            work()
            self.inner, self.is_late = outer

        self.names.deferred.append(run)

    # ---- comprehensions ------------------------------------------------------------------------

    def visit_ListComp(self, node) -> ast.expr:
        """Rewrite the inner expressions; the object is made here."""
        first, is_loop = node.generators[0], self._is_loop(node)
        iterable = first.iter = self.visit(first.iter)
        outer = self.inner
        self.inner = (*outer, frozenset(self.scopes[node].bound))
        self._comprehension(node)
        self.inner = outer
        if not is_loop:
            return self.form("local", [node], node)
        kind = ast.Constant(comprehensions.kind(node))
        loop = comprehensions.pushed(node, *self._loop_names())
        return self.form("comprehension", [kind, iterable, loop], node)

    visit_SetComp = visit_DictComp = visit_ListComp

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        """Rewrite the first iterable now, the rest later: once to be iterated over by Python,
        once as a loop."""
        first, is_loop = node.generators[0], self._is_loop(node)
        bound = frozenset(self.scopes[node].bound)
        iterable = first.iter = self.visit(first.iter)
        self.names.captured_by(self.scopes[node])
        if not is_loop:
            self._later(bound, lambda: self._comprehension(node))
            return self.form("local", [node], node)
        names = self._loop_names()
        other = comprehensions.twin(node, self.scopes)
        pulled = comprehensions.pulled(node, names[0])
        pushed = place(ast.Lambda(parameters([]), ast.Constant(None)), node)

        def work() -> None:
            self._comprehension(node)
            self._comprehension(other)
            loop = comprehensions.pushed(other, *names)
            pushed.args, pushed.body = loop.args, loop.body

        self._later(bound, work)
        return self.form("generator", [iterable, pulled, pushed], node)

    def _loop_names(self) -> tuple[str, str, str]:
        values, each, item = map(self.unit.namer.shared, ("values", "each", "item"))
        return values, each, item

    def _is_loop(self, node: ast.AST) -> bool:
        """Say whether a comprehension can be a loop of the graph: see `comprehensions.py`."""
        rebinds = bool(self.names.table.called) and comprehensions.calls(node)
        late = comprehensions.makes_function(node)
        return comprehensions.is_loop(node) and not rebinds and not late

    def _comprehension(self, node) -> None:
        for index, generator in enumerate(node.generators):
            if index:
                generator.iter = self.visit(generator.iter)
            generator.ifs = [self.test(test) for test in generator.ifs]
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                setattr(node, name, self.visit(getattr(node, name)))

    # ---- calls and displays --------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Call through the forms, so that the called function is converted too."""
        if node in self.unit.native:
            return self.parts(node)
        if self._is_bare_super(node):
            first = ast.copy_location(load(self.names.scope.params[0]), node)
            node.args = [ast.copy_location(load("__class__"), node), first]
        node = self.parts(node)
        call = self.form("call", [node.func, *node.args], node)
        call.keywords = node.keywords
        return call

    def _is_bare_super(self, node: ast.Call) -> bool:
        return (
            isinstance(node.func, ast.Name)
            and node.func.id == "super"
            and not (node.args or node.keywords or self.inner)
            and self.unit.has_class_cell
            and bool(self.names.scope.params)
        )

    def _display(self, node) -> ast.expr:
        node = self.parts(node)
        if not isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load):
            return node
        return self.form("local", [node], node)

    visit_List = visit_Set = visit_Dict = _display

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        """Refuse what the hoisting pass left: places where a statement cannot go before."""
        message = "`:=` cannot be converted here"
        where = node_location(node, self.unit.file)
        raise located(ConversionError, message, where, "assign on a line of its own, before")

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Read by a key that may be one of several texts or objects."""
        may_be_chosen = isinstance(node.slice, _KEYS) and isinstance(node.ctx, ast.Load)
        node = self.parts(node)
        return self.form("getitem", [node.value, node.slice], node) if may_be_chosen else node

    # ---- logic and comparison ------------------------------------------------------------------

    def test(self, node: ast.expr) -> ast.expr:
        """Return what replaces an expression of which only the truth is asked for."""
        if isinstance(node, ast.BoolOp):
            return self._bool_op(node, [self._truth(value) for value in node.values])
        return self.visit(node)

    def _truth(self, node: ast.expr) -> ast.expr:
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            return self.form("truth", [self.visit(node)], node)
        return self.test(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Evaluate the first operand; wrap the others."""
        if node in self.tests:
            return self.test(node)
        return self._bool_op(node, [self.visit(value) for value in node.values])

    def _bool_op(self, node: ast.BoolOp, values: list[ast.expr]) -> ast.expr:
        first, *rest = values
        name = "and_" if isinstance(node.op, ast.And) else "or_"
        return self.form(name, [first, *map(thunk, rest)], node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Replace `not`."""
        if isinstance(node.op, ast.Not):
            return self.form("not_", [self.test(node.operand)], node)
        return self.parts(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Wrap both arms."""
        test, body, orelse = self.test(node.test), self.visit(node.body), self.visit(node.orelse)
        return self.form("ifexp", [test, thunk(body), thunk(orelse)], node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Replace chains, identity and membership."""
        node = self.parts(node)
        if len(node.ops) == 1:
            single = _SINGLE.get(type(node.ops[0]))
            return self.form(single, [node.left, node.comparators[0]], node) if single else node
        args = [node.left]
        for op, operand in zip(node.ops, node.comparators, strict=True):
            args += [ast.Constant(_OPERATORS[type(op)]), thunk(operand)]
        return self.form("compare", args, node)

    # ---- text ----------------------------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Replace `%` on a text literal."""
        left = node.left
        is_text = isinstance(left, ast.JoinedStr) or (
            isinstance(left, ast.Constant) and isinstance(left.value, str)
        )
        node = self.parts(node)
        if is_text and isinstance(node.op, ast.Mod):
            return self.form("str_mod", [node.left, node.right], node)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Hand the pieces over; one that is followed by a call is formatted before the call."""
        args: list[ast.expr] = []
        calls_follow = False
        for piece in reversed(node.values):
            has_call = any(isinstance(part, ast.Call) for part in ast.walk(piece))
            args.append(self._piece(piece, calls_follow))
            calls_follow = calls_follow or has_call
        return self.form("fstring", args[::-1], node)

    def _piece(self, piece: ast.expr, calls_follow: bool) -> ast.expr:
        if not isinstance(piece, ast.FormattedValue):
            return piece
        value = self.visit(piece.value)
        conversion = "" if piece.conversion == -1 else chr(piece.conversion)
        spec: ast.expr = ast.Constant("")
        if piece.format_spec is not None:
            inner: Any = piece.format_spec
            literal = inner.values
            is_plain = len(literal) == 1 and isinstance(literal[0], ast.Constant)
            spec = literal[0] if is_plain else self.visit(piece.format_spec)
        triple = ast.Tuple([value, ast.Constant(conversion), spec], ast.Load())
        if not calls_follow:
            return triple
        text = self.form("fstring", [triple], piece)
        return ast.Tuple([text, ast.Constant(""), ast.Constant("")], ast.Load())
