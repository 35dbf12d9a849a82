"""Text with traced values in it: what f-strings, `str.format`, `%` and `print` make while tracing.

    part  ::=  literal string  |  (conversion, format spec) for the next value

A StagedText is formatted when the graph runs, each time it is reached (`runtime/effects.py`).
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from graphc import tree
from graphc.errors import StagingError
from graphc.ops.tensor import Tensor
from graphc.source import located


class StagedText:
    """A string whose traced values are not known yet. It can be printed, joined and raised."""

    __slots__ = ("parts", "values")

    def __init__(self, parts: Sequence[Any], values: Sequence[Tensor]) -> None:
        self.parts = tuple(parts)
        self.values = tuple(values)

    def __add__(self, other: Any) -> StagedText:
        return concatenate([self, other])

    def __radd__(self, other: Any) -> StagedText:
        return concatenate([other, self])

    def _refuse(self, *args: Any) -> Any:
        raise located(
            StagingError,
            "this text contains traced values and is known only when the graph runs",
            hint="print it, raise it, or format after the decorated function has returned",
        )

    __str__ = __len__ = __iter__ = __getitem__ = __contains__ = __eq__ = __hash__ = _refuse
    __format__ = _refuse
    __bool__ = _refuse

    def __repr__(self) -> str:
        return f"StagedText({self.parts!r})"


def is_staged(x: Any) -> bool:
    """Whether formatting `x` must wait: a traced tensor, a staged text, or a container of them."""
    if isinstance(x, StagedText) or (isinstance(x, Tensor) and x.is_traced):
        return True
    leaves, structure = tree.flatten(x)
    return structure != tree.LEAF and any(is_staged(leaf) for leaf in leaves)


def concatenate(pieces: Sequence[Any]) -> StagedText:
    parts: list[Any] = []
    values: list[Tensor] = []
    for piece in pieces:
        if isinstance(piece, StagedText):
            parts += piece.parts
            values += piece.values
        elif isinstance(piece, str):
            parts.append(piece)
        else:
            raise TypeError(f'can only concatenate str (not "{type(piece).__name__}") to str')
    return StagedText(_merged(parts), values)


def _merged(parts: Sequence[Any]) -> list[Any]:
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def formatted(value: Any, conversion: str, spec: Any) -> Any:
    """One replacement field: a str where it can be made now, else a StagedText."""
    if isinstance(spec, StagedText):
        spec._refuse()
    if not is_staged(value):
        converted = {"r": repr, "s": str, "a": ascii}.get(conversion, lambda v: v)(value)
        return format(converted, spec)
    if isinstance(value, StagedText):
        return value
    if isinstance(value, Tensor):
        return StagedText([(conversion, spec)], [value])
    return _container(value)


def _container(value: Any) -> StagedText:
    """str() of a list, tuple or dict that holds traced values: their reprs between its own text."""
    parts = tree.children_of(value)
    assert parts is not None
    keys, items = parts
    inner = [formatted(item, "r", "") for item in items]
    if isinstance(value, dict):
        inner = [concatenate([f"{k!r}: ", item]) for k, item in zip(keys or (), inner, strict=True)]
        opening, closing = "{", "}"
    elif isinstance(value, list):
        opening, closing = "[", "]"
    else:
        name = "" if type(value) is tuple else type(value).__name__
        opening, closing = f"{name}(", ",)" if type(value) is tuple and len(inner) == 1 else ")"
        if name and keys:
            inner = [concatenate([f"{k}=", item]) for k, item in zip(keys, inner, strict=True)]
    pieces: list[Any] = [opening]
    for i, item in enumerate(inner):
        pieces += [", ", item] if i else [item]
    return concatenate([*pieces, closing])


def fstring(*fields: Any) -> Any:
    """An f-string: literal strings and (value, conversion, spec) triples."""
    pieces = [
        field if isinstance(field, str | StagedText) else formatted(*field) for field in fields
    ]
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    return concatenate(pieces)


def str_format(template: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`template.format(*args, **kwargs)`, staged where an argument is."""
    if not any(map(is_staged, (*args, *kwargs.values()))):
        return template.format(*args, **kwargs)
    pieces: list[Any] = []
    auto = 0
    formatter = string.Formatter()
    for text, name, spec, conversion in formatter.parse(template):
        pieces.append(text)
        if name is None:
            continue
        if name == "" or name[0] in ".[":
            name, auto = f"{auto}{name}", auto + 1
        value, _ = formatter.get_field(name, args, kwargs)
        nested = str_format(spec, args, kwargs) if spec else ""
        pieces.append(formatted(value, conversion or "", nested))
    return concatenate(pieces)


def str_mod(template: Any, values: Any) -> Any:
    """`template % values`, staged where a value is; positional fields only."""
    items = values if isinstance(values, tuple) else (values,)
    if isinstance(values, dict) or not any(map(is_staged, items)):
        return template % values
    pieces: list[Any] = []
    left = list(items)
    for literal, spec in _percent_fields(template):
        pieces.append(literal)
        if spec:
            value = left.pop(0)
            staged = isinstance(value, Tensor) and value.is_traced
            pieces.append(StagedText([("%", spec)], [value]) if staged else spec % (value,))
    return concatenate(pieces)


def _percent_fields(template: str) -> list[tuple[str, str]]:
    fields, literal, i = [], "", 0
    while i < len(template):
        if template[i] != "%":
            literal += template[i]
            i += 1
        elif template[i : i + 2] == "%%":
            literal += "%"
            i += 2
        else:
            end = i + 1
            while end < len(template) and template[end] not in "diouxXeEfFgGcrsa":
                end += 1
            fields.append((literal, template[i : end + 1]))
            literal, i = "", end + 1
    fields.append((literal, ""))
    return fields


def printed(args: tuple[Any, ...], sep: Any, end: Any) -> StagedText:
    """What print(*args, sep=sep, end=end) writes, as a text to be formatted when the graph runs."""
    pieces: list[Any] = []
    for i, arg in enumerate(args):
        if i:
            pieces.append(" " if sep is None else sep)
        pieces.append(formatted(arg, "s", ""))
    return concatenate([*pieces, "\n" if end is None else end])
