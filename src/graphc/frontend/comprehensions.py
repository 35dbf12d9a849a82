"""Comprehensions with conditions, and generator expressions: loops that hand each item on.

Before:                             After:
    [f(x) for x in xs if x > 0]         gc.comprehension('list', xs, lambda values, each:
                                            each.of(values, lambda x:
                                                each.when(x > 0, lambda: each.take(f(x)))))
    (f(x) for x in xs if x > 0)         gc.generator(xs, lambda values: (… for x in values …),
                                            lambda values, each: …)

The loop is what `sum`, `any`, a `for` and their like can put into a graph; the generator before it
is what Python's own iteration goes through. Sets and dicts without a condition stay Python; and
so does what calls something while a nested function rebinds a variable, which only a statement
could hand on.
"""

from __future__ import annotations

import ast
from typing import Any

from ..function_source import copy_tree
from .build import COMPREHENSIONS, FUNCTIONS, load, parameters, place, thunk
from .scopes import Scopes


def is_loop(node: Any) -> bool:
    """Say whether the number of items may depend on the data: a list's, or where some are left
    out."""
    return isinstance(node, ast.ListComp) or any(g.ifs for g in node.generators)


def kind(node: Any) -> str:
    """What a comprehension makes, as the form is told."""
    if isinstance(node, ast.ListComp):
        return "list" if any(g.ifs for g in node.generators) else "list of all"
    return "dict" if isinstance(node, ast.DictComp) else "set"


def calls(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def twin(node: Any, scopes: Scopes) -> Any:
    """A copy of a comprehension, in whose scopes the same names are bound."""
    copied = copy_tree(node)
    for part, other in zip(ast.walk(node), ast.walk(copied), strict=True):
        if isinstance(part, (*COMPREHENSIONS, *FUNCTIONS)):
            scopes.table[other] = scopes.table[part]
    return copied


def pulled(node: ast.GeneratorExp, values: str) -> ast.Lambda:
    """`lambda values: (… for x in values …)`"""
    node.generators[0].iter = place(load(values), node)
    return place(ast.Lambda(parameters([values]), node), node)


def pushed(node: Any, values: str, each: str, item: str) -> ast.Lambda:
    """`lambda values, each: each.of(values, lambda x: …)`"""
    if isinstance(node, ast.DictComp):
        result = place(ast.Tuple([node.key, node.value], ast.Load()), node.key)
    else:
        result = node.elt
    step = _method(each, "take", [result], result)
    for index, generator in reversed(list(enumerate(node.generators))):
        for test in reversed(generator.ifs):
            step = _method(each, "when", [test, thunk(step)], test)
        over = generator.iter if index else place(load(values), node)
        step = _method(each, "of", [over, _step(generator.target, step, item)], node)
    return place(ast.Lambda(parameters([values, each]), step), node)


def _method(owner: str, name: str, args: list[ast.expr], where: ast.AST) -> ast.expr:
    method = place(ast.Attribute(load(owner), name, ast.Load()), where)
    return place(ast.Call(method, args, []), where)


def _step(target: ast.expr, step: ast.expr, item: str) -> ast.Lambda:
    """What is done with one item: `lambda x: …`, `lambda item: [… for x, y in (item,)]`."""
    if isinstance(target, ast.Name):
        return place(ast.Lambda(parameters([target.id]), step), step)
    one = place(ast.Tuple([load(item)], ast.Load()), target)
    bind = ast.comprehension(target, one, [], 0)
    return place(ast.Lambda(parameters([item]), place(ast.ListComp(step, [bind]), step)), step)
