"""Comprehensions with conditions, which `hoist.py` makes into loops."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .build import COMPREHENSIONS

# The built-ins that take all items of their argument, whatever these are.
TAKE_ALL = {"sum", "min", "max", "list", "tuple", "sorted"}


def is_filtered(node: ast.AST) -> bool:
    """Say whether a node is a list comprehension with a condition and no scope of its
    own inside.
    """
    return isinstance(node, ast.ListComp) and _is_loop(node)


def takes_filtered(node: ast.AST) -> bool:
    """Say whether a node is a call of a built-in that takes a generator with a condition whole."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in TAKE_ALL
        and len(node.args) == 1
        and isinstance(node.args[0], ast.GeneratorExp)
        and _is_loop(node.args[0])
    )


def _is_loop(node: ast.ListComp | ast.GeneratorExp) -> bool:
    if not any(generator.ifs for generator in node.generators):
        return False
    parts = [node.elt, *(part for g in node.generators for part in (g.target, *g.ifs))]
    parts += [generator.iter for generator in node.generators[1:]]
    inner = (n for part in parts for n in ast.walk(part))
    return not any(isinstance(n, (ast.Lambda, *COMPREHENSIONS)) for n in inner)


def names(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))


def rename(node: ast.AST, fresh: dict[str, str]) -> None:
    for part in names(node):
        part.id = fresh.get(part.id, part.id)
