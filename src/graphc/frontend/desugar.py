"""Statements that other statements can say: `match`, annotated assignment, and over-long `elif`
chains.

Before:                                  After:
    match point:                             subject = point
        case 0: a()                          if subject == 0: a()
        case [x, *y] if x > y: b()           else:
        case _: c()                              def match_case(subject):
                                                     match subject:
                                                         case [x, 0] | [0, x]: return (x,)
                                                 found = match_case(subject)
                                                 matched = False
                                                 if found is not None:
                                                     (x,) = found
                                                     matched = x > 9
                                                 if matched: b()
                                                 else: c()

Patterns become tests that can be staged, and a form takes a sequence, mapping or object apart.
Alternatives that bind names are left to Python's own `match` in a small helper, as shown.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from ..function_source import copy_tree
from .build import (
    BlockPass,
    Unit,
    assign,
    function,
    load,
    names_tuple,
    place,
    span,
)

# Each arm of a chain runs inside the one before it: Python's own stack is the limit.
MAX_CHAIN = 40


def desugar(unit: Unit) -> None:
    """Rewrite the unit's tree in place."""
    _Desugar(unit).inner_blocks(unit.tree)


@dataclass
class _Pattern:
    """A pattern as statements: `before` runs first, then `test` (None: always), then `binds`."""

    test: ast.expr | None = None
    before: list[ast.stmt] = field(default_factory=list)
    binds: list[ast.stmt] = field(default_factory=list)


class _Desugar(BlockPass):
    def visit_AnnAssign(self, stmt: ast.AnnAssign) -> list[ast.stmt]:
        """Drop the annotation, which Python does not evaluate in a function."""
        if stmt.value is not None:
            return [assign(stmt.target, stmt.value, stmt)]
        if isinstance(stmt.target, ast.Attribute):
            return [place(ast.Expr(stmt.target.value), stmt)]
        if isinstance(stmt.target, ast.Subscript):
            parts = [stmt.target.value, stmt.target.slice]
            return [place(ast.Expr(part), stmt) for part in parts if not _has_slice(part)]
        return [place(ast.Pass(), stmt)]

    def visit_Assert(self, stmt: ast.Assert) -> list[ast.stmt]:
        """Drop assertions under `python -O`, as the compiler does."""
        return [stmt] if __debug__ else [place(ast.Pass(), stmt)]

    def visit_If(self, stmt: ast.If) -> list[ast.stmt]:
        """Rewrite the arms of an `elif` chain without recursion, then cut it if it is long."""
        link = stmt
        while (following := _next_link(link)) is not None:
            link.body = self.block(link.body)
            link = following
        self.inner_blocks(link)
        return self._cut(stmt)

    def _cut(self, first: ast.If) -> list[ast.stmt]:
        """Cut a long chain: `else: missed = True`, and go on with `if missed: ...` behind it."""
        out: list[ast.stmt] = []
        link, length = first, 1
        while (following := _next_link(link)) is not None:
            if length % MAX_CHAIN == 0:
                missed = self.unit.namer.fresh("missed")
                link.orelse = [assign(missed, ast.Constant(True), following)]
                out += [assign(missed, ast.Constant(False), first), first]
                test = place(load(missed), following.test)
                first = place(ast.If(test, [following], []), following)
            link, length = following, length + 1
        return [*out, first]

    def visit_Match(self, stmt: ast.Match) -> list[ast.stmt]:
        """Turn the cases, last first, into a chain of `if` statements."""
        subject = self.unit.namer.fresh("subject")
        chain: list[ast.stmt] = []
        for case in reversed(stmt.cases):
            chain = self._case(case, subject, chain)
        if len(chain) == 1 and isinstance(chain[0], ast.If):
            chain = self._cut(chain[0])
        return [assign(subject, stmt.subject, stmt.subject), *chain]

    def _case(self, case, subject: str, following: list[ast.stmt]) -> list[ast.stmt]:
        pattern, body = self._pattern(case.pattern, subject), self.block(case.body)
        test, guard = pattern.test, case.guard

        def choose(test: ast.expr, arm: list[ast.stmt]) -> ast.stmt:
            return place(ast.If(test, arm, following), case.pattern)

        if test is None and guard is None:
            return [*pattern.binds, *body]
        if test is None:
            return [*pattern.binds, choose(guard, body)]
        if guard is None:
            return [*pattern.before, choose(test, [*pattern.binds, *body])]
        if not pattern.binds:
            both = place(ast.BoolOp(ast.And(), [test, guard]), case.pattern)
            return [*pattern.before, choose(both, body)]
        matched = self.unit.namer.fresh("matched")
        bind = [*pattern.binds, assign(matched, guard, guard)]
        return [
            *pattern.before,
            assign(matched, ast.Constant(False), case.pattern),
            place(ast.If(test, bind, []), case.pattern),
            choose(place(load(matched), guard), body),
        ]

    def _pattern(self, node: Any, subject: str) -> _Pattern:
        if isinstance(node, ast.MatchAs) and node.pattern is None:
            binds: list[ast.stmt] = []
            if node.name:
                binds.append(assign(node.name, load(subject), node))
            return _Pattern(binds=binds)
        if isinstance(node, ast.MatchAs) and _is_plain(node.pattern):
            found = self._pattern(node.pattern, subject)
            name: Any = node.name
            found.binds.append(assign(name, load(subject), node))
            return found
        if _is_simple(node):
            return _Pattern(self._test(node, subject))
        if _is_plain(node) and isinstance(node, ast.MatchOr):
            return self._alternatives(node, subject)
        if _is_plain(node):
            return self._taken_apart(node, subject)
        return self._structure(node, subject)

    def _alternatives(self, node: ast.MatchOr, subject: str) -> _Pattern:
        inner = [self._pattern(pattern, subject) for pattern in node.patterns]
        tests = [ast.Constant(True) if each.test is None else each.test for each in inner]
        before = [stmt for each in inner for stmt in each.before]
        return _Pattern(place(ast.BoolOp(ast.Or(), tests), node), before)

    def _taken_apart(self, node: Any, subject: str) -> _Pattern:
        """Take the parts out where there are so many, else None for each, and test them in turn."""
        form, args, patterns = _parts(node)
        matches = self.unit.namer.fresh("matches")
        items = [self.unit.namer.fresh("item") for _ in patterns]
        parts = self._form(form, load(subject), *args, where=node)
        found = _Pattern(None, [assign(names_tuple([matches, *items], ast.Store()), parts, node)])
        tests: list[ast.expr] = [place(load(matches), node)]
        for pattern, item in zip(patterns, items, strict=True):
            inner = self._pattern(pattern, item)
            found.before += inner.before
            found.binds += inner.binds
            tests += [] if inner.test is None else [inner.test]
        found.test = place(ast.BoolOp(ast.And(), tests), node) if len(tests) > 1 else tests[0]
        return found

    def _form(self, name: str, *args: ast.expr, where: ast.AST) -> ast.expr:
        """Return `gc.name(*args)`, which is called as it stands."""
        form = place(ast.Attribute(load(self.unit.forms), name, ast.Load()), where)
        call = place(ast.Call(form, list(args), []), where)
        self.unit.native.add(call)
        return call

    def _test(self, node: Any, subject: str) -> ast.expr:
        if isinstance(node, ast.MatchOr):
            tests = [self._test(alternative, subject) for alternative in node.patterns]
            return place(ast.BoolOp(ast.Or(), tests), node)
        if isinstance(node, ast.MatchClass):
            return self._form("isinstance", load(subject), node.cls, where=node)
        if isinstance(node, ast.MatchSingleton):
            compare = ast.Compare(load(subject), [ast.Is()], [ast.Constant(node.value)])
        else:
            compare = ast.Compare(load(subject), [ast.Eq()], [node.value])
        return place(compare, node)

    def _structure(self, node: ast.pattern, subject: str) -> _Pattern:
        names = list(dict.fromkeys(_captures(node)))
        name, found = self.unit.namer.fresh("match_case"), self.unit.namer.fresh("found")
        result = place(ast.Return(names_tuple(names)), node)
        match = place(ast.Match(load(subject), [ast.match_case(node, None, [result])]), node)
        helper = function(name, [subject], [match], span(node))
        kinds = [*_asked_for(node)]
        argument: ast.expr = load(subject)
        if kinds:
            argument = self._form("structure", argument, *kinds, where=node)
        call = place(ast.Call(load(name), [argument], []), node)
        self.unit.native |= {helper, call}
        test = place(ast.Compare(load(found), [ast.IsNot()], [ast.Constant(None)]), node)
        binds: list[ast.stmt] = []
        if names:
            binds.append(assign(names_tuple(names, ast.Store()), load(found), node))
        return _Pattern(test, [helper, assign(found, call, node)], binds)


def _next_link(stmt: ast.If) -> ast.If | None:
    """Return the next `if` of an `elif` chain."""
    only = stmt.orelse[0] if len(stmt.orelse) == 1 else None
    return only if isinstance(only, ast.If) else None


def _is_simple(node: ast.pattern) -> bool:
    """Say whether a pattern is one test of the subject and binds nothing."""
    if isinstance(node, ast.MatchOr):
        return all(_is_simple(alternative) for alternative in node.patterns)
    if isinstance(node, ast.MatchClass):
        return not (node.patterns or node.kwd_patterns)
    return isinstance(node, (ast.MatchValue, ast.MatchSingleton))


def _is_plain(node: ast.pattern | None) -> bool:
    """Say whether a pattern is anything but alternatives that bind names."""
    if isinstance(node, ast.MatchOr):
        return all(map(_is_plain, node.patterns)) and not any(_captures(node))
    if isinstance(node, ast.MatchAs):
        return node.pattern is None or _is_plain(node.pattern)
    if isinstance(node, (ast.MatchSequence, ast.MatchClass, ast.MatchMapping)):
        return all(map(_is_plain, _parts(node)[2]))
    return node is not None and _is_simple(node)


def _parts(node: Any) -> tuple[str, list[ast.expr], list[ast.pattern]]:
    """Return the form that takes a value apart, its arguments, and the patterns of the parts."""
    constants: Any = ast.Constant
    if isinstance(node, ast.MatchClass):
        names = [constants(name) for name in node.kwd_attrs]
        args = [node.cls, constants(len(node.patterns)), *names]
        return "attributes", args, [*node.patterns, *node.kwd_patterns]
    if isinstance(node, ast.MatchMapping):
        rest = [ast.MatchAs(name=node.rest)] if node.rest else []
        args = [constants(bool(rest)), *node.keys]
        return "mapping", args, [*node.patterns, *(place(each, node) for each in rest)]
    stars = [i for i, each in enumerate(node.patterns) if isinstance(each, ast.MatchStar)]
    patterns = [
        place(ast.MatchAs(name=p.name), p) if isinstance(p, ast.MatchStar) else p
        for p in node.patterns
    ]
    return "items", [constants(len(patterns)), *map(constants, stars)], patterns


def _captures(node: ast.pattern):
    """Yield the names a pattern binds, in source order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.pattern):
            yield from _captures(child)
    name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
    if isinstance(name, str):
        yield name


def _asked_for(node: ast.pattern):
    """Yield the classes and singletons that a pattern compares with."""
    for part in ast.walk(node):
        if isinstance(part, ast.MatchClass):
            yield copy_tree(part.cls)
        elif isinstance(part, ast.MatchSingleton):
            yield ast.Constant(part.value)


def _has_slice(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Slice) for part in ast.walk(node))
