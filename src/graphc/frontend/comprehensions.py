"""Comprehensions and generator expressions: loops that hand each item on.

Before:                             After:
    [f(x) for x in xs if x > 0]         gc.comprehension('list', xs, lambda values, each:
                                            each.of(values, lambda x:
                                                each.when(x > 0, lambda: each.take(f(x)))))
    [f(x) for x in xs]                  gc.comprehension('list of all', xs, lambda values, each:
                                            each.map(values, lambda x: f(x)))
    (f(x) for x in xs)                  gc.generator(xs, lambda values: (f(x) for x in values),
                                            lambda values, each: each.map(values, lambda x: f(x)))

The loop is what `sum`, `any`, a `for` and their like can put into a graph; the generator before it
is what Python's own iteration goes through. Sets and dicts without a condition stay Python. So does
what calls something while a nested function rebinds a variable, which only a statement could hand
on; and what makes a function, which would see the last item.
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
    return isinstance(node, (ast.ListComp, ast.GeneratorExp)) or any(g.ifs for g in node.generators)


def makes_function(node: Any) -> bool:
    """Say whether a function is made for an item, or a generator expression that is not handed
    to a call at once.
    """
    once = {node, *ast.walk(node.generators[0].iter)}
    parts = [part for part in ast.walk(node) if part not in once]
    handed = {arg for part in parts if isinstance(part, ast.Call) for arg in part.args}
    return any(
        isinstance(part, ast.Lambda) or (isinstance(part, ast.GeneratorExp) and part not in handed)
        for part in parts
    )


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
        if isinstance(part, (*COMPREHENSIONS, *FUNCTIONS)) and part in scopes.table:
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
    step: Any = None
    for index, generator in reversed(list(enumerate(node.generators))):
        over = generator.iter if index else place(load(values), node)
        if step is None and not generator.ifs:
            made = _step(generator.target, result, item, is_map=True)
            step = _method(each, "map", [over, made], node)
            continue
        step = step or _method(each, "take", [result], result)
        for test in reversed(generator.ifs):
            step = _method(each, "when", [test, thunk(step)], test)
        step = _method(each, "of", [over, _step(generator.target, step, item)], node)
    return place(ast.Lambda(parameters([values, each]), step), node)


def _method(owner: str, name: str, args: list[ast.expr], where: ast.AST) -> ast.expr:
    method = place(ast.Attribute(load(owner), name, ast.Load()), where)
    return place(ast.Call(method, args, []), where)


def _step(target: ast.expr, step: ast.expr, item: str, *, is_map: bool = False) -> ast.Lambda:
    """What is done with one item: `lambda x: …`, `lambda item: [… for x, y in (item,)]`; as a
    map, what it becomes: `lambda item: [… for x, y in (item,)][0]`.
    """
    if isinstance(target, ast.Name):
        return place(ast.Lambda(parameters([target.id]), step), step)
    one = place(ast.Tuple([load(item)], ast.Load()), target)
    made: ast.expr = place(ast.ListComp(step, [ast.comprehension(target, one, [], 0)]), step)
    if is_map:
        made = place(ast.Subscript(made, ast.Constant(0), ast.Load()), step)
    return place(ast.Lambda(parameters([item]), made), step)
