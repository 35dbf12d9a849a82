"""Tables of the documentation that are made from the code's own tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

import graphc  # noqa: F401  (fills the registry)
from graphc.frontend import fence, refusals
from graphc.frontend.builtin_calls import HANDLERS
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


def builtins_table() -> str:
    """The built-in functions that take traced values."""
    names = sorted(f"`{fn.__module__}.{fn.__name__}`".replace("`builtins.", "`") for fn in HANDLERS)
    return ", ".join(name.replace("`_functools.", "`functools.") for name in names) + "."


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
}
