"""Formatting with traced values: what f-strings, `str.format`, `%` and `print` make of them."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each
from graphc.frontend.refusals import refusal
from graphc.frontend.staged_text import StagedText, chosen_text, concatenate, is_staged
from graphc.frontend.user_classes import is_dispatcher, is_users
from graphc.ops.list_items import staged_sequence
from graphc.ops.tensor import Tensor

CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


def formatted(value: Any, conversion: str, spec: Any) -> Any:
    """One replacement field: a str where it can be made now, else a StagedText."""
    if isinstance(value, Chosen):
        return _of_each(value, lambda way: formatted(way, conversion, spec))
    value, conversion = _own_text(value, conversion, spec)
    sequence = staged_sequence(value)
    value = value if sequence is None else sequence
    if not is_staged(value) and isinstance(spec, str):
        convert = CONVERSIONS.get(conversion)
        return format(value if convert is None else convert(value), spec)
    own_spec, more = (spec.parts, spec.values) if isinstance(spec, StagedText) else (spec, ())
    if isinstance(value, Tensor):
        return StagedText([(conversion, own_spec)], [value, *more])
    if isinstance(value, str):
        return StagedText([(conversion, own_spec, (value,))], more)
    if not isinstance(value, StagedText):
        if spec and not conversion:
            kind = type(value).__name__
            raise TypeError(f"unsupported format string passed to {kind}.__format__")
        value, conversion = _container(value), "s" if conversion != "a" else conversion
    if spec == "" and conversion in ("", "s"):
        return value
    return StagedText([(conversion, own_spec, value.parts)], [*value.values, *more])


def _of_each(x: Chosen, make: Callable[[Any], Any]) -> Any:
    """The text of each thing that x may be, of which one is taken when the graph runs."""
    if not any(is_users(type(way)) for way in x._graphc_ways.values()):
        try:
            return chosen_text(x, make)
        except (TypeError, ValueError) as error:
            if isinstance(error, GraphcError):
                raise
    return each(x, make)  # what making the text raises, is raised where it is that text


def _own_text(value: Any, conversion: str, spec: Any) -> tuple[Any, str]:
    """A user's object as the text its own methods make of it, which may be staged."""
    names = {"r": ("__repr__",), "a": ("__repr__",)}.get(conversion, ("__str__", "__repr__"))
    for name in names if is_users(type(value)) else ():
        method = getattr(type(value), name, None)
        if isinstance(method, FunctionType) and is_dispatcher(method):
            own_format = getattr(type(value), "__format__", None)
            if not conversion and isinstance(own_format, FunctionType):
                return own_format(value, spec), ""
            made = method(value)
            return made, "a" if conversion == "a" and isinstance(made, StagedText) else ""
        if method is not getattr(object, name):
            break
    return value, conversion


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
    pieces: list[Any] = [
        field if isinstance(field, str | StagedText) else formatted(*field) for field in fields
    ]
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    return concatenate(pieces)


def str_format(template: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`template.format(*args, **kwargs)`, staged where an argument is."""
    if not any(map(is_staged, (*args, *kwargs.values()))):
        return template.format(*args, **kwargs)
    return _format(template, args, kwargs, _Numbering())


class _Numbering:
    """Which argument `{}` means: the next one. Python does not mix it with `{0}`."""

    def __init__(self) -> None:
        self.found: list[bool] = []  # of each field that is numbered: whether by itself

    def field(self, name: str) -> str:
        is_auto = name == "" or name[0] in ".["
        if not (is_auto or name[0].isdigit()):
            return name
        if is_auto is not (self.found or [is_auto])[0]:
            kinds = ("manual field specification", "automatic field numbering")
            before, now = kinds if is_auto else kinds[::-1]
            raise ValueError(f"cannot switch from {before} to {now}")
        self.found.append(is_auto)
        return f"{len(self.found) - 1}{name}" if is_auto else name


def _format(template: str, args: Any, kwargs: dict[str, Any], numbering: _Numbering) -> Any:
    pieces: list[Any] = []
    formatter = string.Formatter()
    for text, name, spec, conversion in formatter.parse(template):
        pieces.append(text)
        if name is None:
            continue
        field = numbering.field(name)
        index = re.match(r"\d+", field)
        if index is not None and int(index[0]) >= len(args):
            text = f"Replacement index {index[0]} out of range for positional args tuple"
            raise IndexError(text)
        value, _ = formatter.get_field(field, args, kwargs)
        nested = _format(spec, args, kwargs, numbering) if spec else ""
        pieces.append(formatted(value, conversion or "", nested))
    return fstring(*pieces)


def str_mod(template: Any, values: Any) -> Any:
    """`template % values`, staged where a value is."""
    items = values if isinstance(values, tuple) else (values,)
    if isinstance(template, StagedText):
        template._refuse()
    if not any(map(is_staged, items)):
        return template % values
    pieces: list[Any] = []
    left = list(items)
    for literal, key, spec in _percent_fields(template):
        pieces.append(literal)
        if not spec:
            continue
        if "*" in spec:
            raise refusal("%*d")
        if not (key is None or isinstance(values, dict)):
            raise TypeError("format requires a mapping")
        if key is None and not left:
            raise TypeError("not enough arguments for format string")
        value = left.pop(0) if key is None else values[key]
        pieces.append(_percent(value, spec))
    if left and not isinstance(values, dict):
        raise TypeError("not all arguments converted during string formatting")
    return concatenate(pieces)


def _percent(value: Any, spec: str) -> Any:
    if isinstance(value, Chosen):
        return _of_each(value, lambda way: _percent(way, spec))
    if not is_staged(value):
        return spec % (value,)
    if isinstance(value, Tensor):
        return StagedText([("%", spec)], [value])
    inner = value if isinstance(value, StagedText) else _container(value)
    if inner is not value:
        spec = spec[:-1] + "s"  # its text is its repr already
    return StagedText([("%", spec, inner.parts)], inner.values)


def join(separator: str, items: Iterable[Any]) -> Any:
    """`separator.join(items)`"""
    listed = list(items)
    if not any(isinstance(item, StagedText | Chosen) for item in listed):
        return separator.join(listed)
    pieces: list[Any] = []
    for i, item in enumerate(listed):
        pieces += [separator, item] if i else [item]
    return concatenate(pieces)


_FIELD = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?(?P<spec>[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?.)"
)


def _percent_fields(template: str) -> list[tuple[str, str | None, str]]:
    """(text before, key or None, field without its key); at the end the text behind the
    last field.
    """
    fields: list[tuple[str, str | None, str]] = []
    literal, at = "", 0
    for found in _FIELD.finditer(template):
        literal, at = literal + template[at : found.start()], found.end()
        if found["spec"] == "%":
            literal += "%"
            continue
        fields.append((literal, found["key"], "%" + found["spec"]))
        literal = ""
    return [*fields, (literal + template[at:], None, "")]


def printed(args: tuple[Any, ...], sep: Any, end: Any) -> StagedText:
    """What print(*args, sep=sep, end=end) writes, as a text to be formatted when the graph runs."""
    pieces: list[Any] = []
    for i, arg in enumerate(args):
        if i:
            pieces.append(" " if sep is None else sep)
        pieces.append(formatted(arg, "s", ""))
    return concatenate([*pieces, "\n" if end is None else end])
