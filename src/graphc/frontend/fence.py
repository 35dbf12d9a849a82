"""What graphc does not convert: one table, refused before anything runs, with the user's line
and a way out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import ConversionError
from ..source import located, node_location
from .build import COMPREHENSIONS, FUNCTIONS, Unit
from .scopes import Scope, Scopes, record_original

INSIDES = {"__defaults__", "__kwdefaults__", "__closure__", "__globals__"}
Predicate = Callable[[ast.AST, "Place"], bool]


@dataclass(frozen=True)
class Place:
    """Where a node stands: its scope, and whether that is the function being converted."""

    scope: Scope
    is_top: bool


@dataclass(frozen=True)
class Row:
    """One refused construct: node types, a further condition, what to say, what to do instead."""

    name: str
    nodes: tuple[type[ast.AST], ...]
    message: str
    way_out: str
    applies: Predicate = lambda node, place: True


def _calls(*names: str, without_args: bool = False) -> Predicate:
    """Match a call of a built-in by its name, unless the function has a variable of that name."""

    def applies(node: Any, place: Place) -> bool:
        func = node.func
        if not isinstance(func, ast.Name) or func.id not in names:
            return False
        return not (without_args and (node.args or node.keywords))

    return applies


def _assigns_global(node: Any, place: Place) -> bool:
    return any(name in place.scope.bound for name in node.names)


def _rebinds_outside(node: Any, place: Place) -> bool:
    """Say whether a `nonlocal` name that is assigned belongs to a function that is not
    converted."""
    for name in node.names:
        scope: Scope | None = place.scope
        while scope is not None and not scope.is_local(name):
            scope = scope.parent
        if scope is None and name in place.scope.bound:
            return True
    return False


def _is_inside_a_function(node: Any, place: Place) -> bool:
    return node.attr in INSIDES


def _deletes_captured(node: Any, place: Place) -> bool:
    if not isinstance(node.ctx, ast.Del):
        return False
    return node.id in place.scope.captured or node.id in place.scope.nonlocals


def _in_comprehension(node: ast.AST, place: Place) -> bool:
    return isinstance(place.scope.node, COMPREHENSIONS)


def _in_lambda(node: ast.AST, place: Place) -> bool:
    return isinstance(place.scope.node, ast.Lambda)


def _leaves_finally(node: Any, place: Place) -> bool:
    return any(_leaves(stmt, in_loop=False) for stmt in node.finalbody)


def _leaves(node: ast.AST, in_loop: bool) -> bool:
    if isinstance(node, FUNCTIONS):
        return False
    if isinstance(node, ast.Return) or isinstance(node, (ast.Break, ast.Continue)) and not in_loop:
        return True
    in_loop = in_loop or isinstance(node, (ast.For, ast.While))
    return any(_leaves(child, in_loop) for child in ast.iter_child_nodes(node))


def _is_async(node: Any, place: Place) -> bool:
    return any(generator.is_async for generator in node.generators)


def _unnamed_target(node: Any, place: Place) -> bool:
    parts = (part for g in node.generators for part in ast.walk(g.target))
    return any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in parts)


TABLE = (
    Row(
        "yield",
        (ast.Yield, ast.YieldFrom),
        "`yield` cannot be converted: a generator runs in pieces, a graph in one go",
        "append to a list and return it, or keep the generator outside the decorated function",
    ),
    Row(
        "async",
        (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef),
        "`async` and `await` cannot be converted",
        "await outside the decorated function and pass the result in",
    ),
    Row(
        "async comprehension",
        COMPREHENSIONS,
        "an asynchronous comprehension cannot be converted",
        "await outside the decorated function and pass the result in",
        _is_async,
    ),
    Row(
        "exit from finally",
        (ast.Try,),
        "`return`, `break` or `continue` out of a `finally` would swallow an exception",
        "write it after the `finally`",
        _leaves_finally,
    ),
    Row(
        "except*",
        (ast.TryStar,),
        "`except*` cannot be converted",
        "move the `try` around the call of the decorated function",
    ),
    Row(
        "class",
        (ast.ClassDef,),
        "a class cannot be defined inside a converted function",
        "define it outside the decorated function",
    ),
    Row(
        "global",
        (ast.Global,),
        "assigning a `global` variable is an effect that a graph does not see",
        "return the new value, or use graphc.Variable",
        _assigns_global,
    ),
    Row(
        "nonlocal",
        (ast.Nonlocal,),
        "rebinding a variable of the enclosing function is an effect that a graph does not see",
        "return the new value, or use graphc.Variable",
        _rebinds_outside,
    ),
    Row(
        "del captured",
        (ast.Name,),
        "`del` of a variable that a nested function uses cannot be converted",
        "assign None to it instead",
        _deletes_captured,
    ),
    Row(
        "inside of a function",
        (ast.Attribute,),
        "the inside of a function (`__defaults__`, `__closure__` …) is not what its traced code "
        "uses",
        "give what is in it as an argument, or make it a global variable",
        _is_inside_a_function,
    ),
    Row(
        "locals",
        (ast.Call,),
        "`locals()` sees names that conversion changes",
        "build the dict by hand: {'x': x}",
        _calls("locals"),
    ),
    Row(
        "globals",
        (ast.Call,),
        "`globals()` cannot be converted: writing to it is an effect that a graph does not see",
        "name the global variable itself",
        _calls("globals"),
    ),
    Row(
        "vars",
        (ast.Call,),
        "`vars()` without an argument sees names that conversion changes",
        "build the dict by hand: {'x': x}",
        _calls("vars", without_args=True),
    ),
    Row(
        "dir",
        (ast.Call,),
        "`dir()` without an argument sees names that conversion changes",
        "give it an argument, or call it outside the decorated function",
        _calls("dir", without_args=True),
    ),
    Row(
        "eval",
        (ast.Call,),
        "`eval` runs text that cannot be converted",
        "write the expression out, or evaluate it outside the decorated function",
        _calls("eval"),
    ),
    Row(
        "exec",
        (ast.Call,),
        "`exec` runs text that cannot be converted",
        "write the statements out, or execute them outside the decorated function",
        _calls("exec"),
    ),
    Row(
        "walrus in comprehension",
        (ast.NamedExpr,),
        "`:=` inside a comprehension cannot be converted",
        "write the comprehension as a `for` loop",
        _in_comprehension,
    ),
    Row(
        "walrus in lambda",
        (ast.NamedExpr,),
        "`:=` inside a lambda cannot be converted",
        "write the lambda as a nested `def`",
        _in_lambda,
    ),
    Row(
        "comprehension target",
        COMPREHENSIONS,
        "a comprehension that assigns to an attribute or an item cannot be converted",
        "write the comprehension as a `for` loop",
        _unnamed_target,
    ),
)


def fence(unit: Unit) -> None:
    """Raise ConversionError at the first construct, in source order, that the table refuses."""
    scopes = Scopes(unit.tree)
    record_original(unit, scopes)
    for node, place in _walk(unit.tree, scopes):
        for row in _ROWS.get(type(node), ()):
            if row.applies(node, place):
                where = node_location(node, unit.file)
                raise located(ConversionError, row.message, where, row.way_out)


def _rows_by_type() -> dict[type[ast.AST], list[Row]]:
    rows: dict[type[ast.AST], list[Row]] = {}
    for row in TABLE:
        for node_type in row.nodes:
            rows.setdefault(node_type, []).append(row)
    return rows


_ROWS = _rows_by_type()


def _walk(tree: ast.FunctionDef, scopes: Scopes) -> Iterator[tuple[ast.AST, Place]]:
    """Yield the nodes below a function with their place, in source order, without recursion."""
    top = scopes[tree]
    stack: list[tuple[ast.AST, Scope]] = [(child, top) for child in reversed(tree.body)]
    while stack:
        node, scope = stack.pop()
        yield node, Place(scope, scope is top)
        inner = scopes.table.get(node, scope)
        children = [(child, inner) for child in ast.iter_child_nodes(node)]
        stack.extend(reversed(children))
