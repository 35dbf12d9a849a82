"""Comprehensions without conditions: which of them become forms, and the function of an item.

    [f(i, x) for i, (x, y) in z]     →     gc.listcomp(z, lambda i, x, y: …, (None, (None, None)))

Those with conditions become loops (`filters.py`). Where a function is made in the comprehension,
which would see the last item, it stays Python.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .build import place

LATE = (ast.Lambda, ast.GeneratorExp)


def has_forms(node: ast.ListComp | ast.GeneratorExp) -> bool:
    """Say whether a comprehension can be written with functions of an item."""
    targets = [generator.target for generator in node.generators]
    names = [name for target in targets for name in _names(target)]
    return (
        len(set(names)) == len(names)
        and None not in names
        and not any(generator.ifs or generator.is_async for generator in node.generators)
        and not any(isinstance(part, LATE) for part in ast.walk(node) if part is not node)
    )


def _names(target: ast.expr) -> Iterator[str | None]:
    """The names of a target in order; None for what is not a name."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _names(element)
    else:
        yield target.id if isinstance(target, ast.Name) else None


def target_shape(target: ast.expr) -> Any:
    """How a target takes its item apart: None for a name, else a tuple of shapes."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return tuple(map(target_shape, target.elts))
    return None


def body_of(target: ast.expr, body: ast.expr, where: ast.AST) -> ast.Lambda:
    """Return a function of what the names of a target are bound to."""
    args = [place(ast.arg(name), where) for name in _names(target) if name is not None]
    return place(ast.Lambda(ast.arguments([], args, None, [], [], None, []), body), where)
