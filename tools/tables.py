"""Tables of the documentation that are made from the code's own tables."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

import graphc  # noqa: F401  (fills the registry)
from graphc import frontend
from graphc.frontend import fence, refusals
from graphc.frontend.calls import HANDLERS
from graphc.ir.opdef import REGISTRY, Derivative, OpDef, Partials, Rule


def op_table() -> str:
    """Every op: its family, its derivative, what passes may assume of it, and what it does."""
    rows = [
        (f"`{name}`", op.family, derivative(op.vjp), flags(op), meaning(op))
        for name, op in sorted(REGISTRY.items())
    ]
    return markdown(("op", "family", "derivative", "flags", "what it does"), rows)


def derivative(rule: Rule) -> str:
    """A derivative rule in words."""
    if isinstance(rule, Derivative):
        return {
            "ZERO": "zero",
            "MISSING": "none: asking for it is an error",
            "CUT": "cut: no dependence",
            "STRUCTURED": "by the gradient transform",
        }[rule.name]
    if isinstance(rule, Partials):
        return "partial derivatives"
    return "pullback"


def meaning(definition: OpDef) -> str:
    """What an op does: its own words, else the NumPy function or the operator that it is."""
    if definition.doc:
        return definition.doc
    if isinstance(definition.kernel, np.ufunc):
        return f"`np.{definition.kernel.__name__}`"
    if isinstance(definition.code, str):
        return f"`{definition.code.format('x', 'y', args='x, …')}`"
    return ""


def flags(definition: OpDef) -> str:
    """What passes may assume: see `graphc.ir.opdef.OpDef`."""
    names = ("effect", "cheap", "total")
    said = [name for name in names if getattr(definition, name)]
    return " ".join(said if definition.fresh else [*said, "view"])


def refused_table() -> str:
    """Every construct that the front end refuses, what it says, and the way out."""
    rows = [(f"`{row.name}`", row.message, row.way_out) for row in fence.TABLE]
    return markdown(("construct", "refused because", "instead"), rows)


def staging_table() -> str:
    """Everything that is refused while a function is traced."""
    rows = [(row.name, row.message, row.way_out) for row in refusals.TABLE]
    return markdown(("refused", "says", "instead"), rows)


def _dotted(fn: Any) -> str:
    """The name that users write."""
    module = getattr(fn, "__module__", None) or fn.__self__.__module__
    return f"`{module.lstrip('_')}.{fn.__qualname__}`".replace("`builtins.", "`")


def builtins_table() -> str:
    """The functions of Python and its library that take traced values."""
    names = sorted(map(_dotted, HANDLERS))
    return ", ".join(name.replace("`_functools.", "`functools.") for name in names) + "."


def rewriting_table() -> str:
    """The files of the front end that work on syntax trees, and the story of each."""
    return stories(imports_ast)


def tracing_table() -> str:
    """The other files of the front end: what runs while a function is traced."""
    return stories(lambda tree: not imports_ast(tree))


def stories(wanted: Callable[[ast.Module], bool]) -> str:
    """Files of the front end with the first sentence of their docstrings."""
    rows = []
    for path in sorted(Path(frontend.__path__[0]).glob("[!_]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if wanted(tree):
            first = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
            rows.append((f"`{path.name}`", first.split(". ")[0].rstrip(".")))
    return markdown(("file", "its story"), rows)


def imports_ast(tree: ast.Module) -> bool:
    """Whether a module works on syntax trees."""
    names = [
        alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    ]
    return "ast" in names


def markdown(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A markdown table."""
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    escaped = ([cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in escaped)


TABLES: dict[str, Callable[[], str]] = {
    "op": op_table,
    "refused": refused_table,
    "staging": staging_table,
    "builtins": builtins_table,
    "rewriting": rewriting_table,
    "tracing": tracing_table,
}
