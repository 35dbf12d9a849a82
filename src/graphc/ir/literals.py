"""How single items are written in graph text: literals, attributes, constants, locations.

    number    ::=  2 | -7 | 0x1f… (beyond 2048 bits) | 2.5 | -0.0 | inf | nan | (1+2j)
    literal   ::=  number | True | False | none | unbound
    attribute ::=  literal | "string" | f64 (a dtype) | <f64[3,?]> (a type) | @graph
                |  !ValueError (an exception of Python's or NumPy's) | (attribute, …)
                |  dense<f64[2]: 1.0, 2.0> | dense<f64[9]: splat 0.0>
                |  dense<f64[999]: 0x…> (the bytes, little-endian, C order)
    location  ::=  :line | :line:col | :line:col-endcol, after the file where it is not the graph's

Every item is written so that reading it back (`ir/parse.py`) gives an equal one; a NaN's payload
alone is not kept, except in the bytes of a large constant.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.ir.dense import Dense
from graphc.ir.types import (
    SHORT_NAMES,
    UNBOUND,
    Array,
    Caught,
    Maybe,
    Nothing,
    Sequence,
    Tape,
    Tuple,
)
from graphc.source import Location

# Python limits decimal conversion (4300 digits by default, at least 640); hexadecimal has no limit.
DECIMAL_BITS = 2048
# Above this many elements a constant is written as bytes, and a splat is no longer shortened, so
# that a short text cannot ask for an enormous array.
INLINE_ELEMENTS = 256
SPLAT_ELEMENTS = 1 << 22

EXCEPTIONS: dict[str, type[BaseException]] = {
    found.__name__: found
    for found in (*vars(builtins).values(), np.linalg.LinAlgError, np.exceptions.AxisError)
    if isinstance(found, type) and issubclass(found, BaseException)
}

_PLAIN_FILE = re.compile(r"[^\s:\"#{}();]+")


def format_literal(value: object) -> str:
    """A Python number, None or UNBOUND, as graph text."""
    if value is None:
        return "none"
    if value is UNBOUND:
        return "unbound"
    formatter = _NUMBERS.get(type(value))
    return formatter(value) if formatter is not None else format_opaque(value)


def format_int(value: int) -> str:
    return str(value) if value.bit_length() <= DECIMAL_BITS else hex(value)


def format_complex(value: complex) -> str:
    """Always in parentheses with both parts, signs of zeros kept: (0+2j), (-0-0j), (nan+infj)."""
    text = repr(value)
    if text.startswith("("):
        return text
    return f"(0{text})" if text.startswith("-") else f"(0+{text})"


_NUMBERS: dict[type, Callable[[Any], str]] = {
    bool: repr,
    int: format_int,
    float: repr,
    complex: format_complex,
}


def format_attribute(value: object, graph_name: Callable[[Any], str | None]) -> str:
    """An attribute's value. `graph_name` names a Graph and returns None for anything else."""
    if type(value) is tuple:
        items = [format_attribute(item, graph_name) for item in value]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if type(value) is str:
        return format_string(value)
    if isinstance(value, np.dtype) and value.isnative and value.name in SHORT_NAMES:
        return SHORT_NAMES[value.name]
    if isinstance(value, Dense) and value.array.dtype.name in SHORT_NAMES:
        return format_dense(value)
    if isinstance(value, Array | Sequence | Tuple | Maybe | Nothing | Tape | Caught):
        return f"<{value}>"
    if isinstance(value, type) and value in EXCEPTIONS.values():
        return f"!{value.__name__}"
    name = graph_name(value)
    return f"@{name}" if name is not None else format_literal(value)


def format_string(value: str) -> str:
    """A JSON string: ASCII, every control character and quote escaped."""
    return json.dumps(value)


def format_opaque(value: object) -> str:
    """An arbitrary object: named for the reader, refused by the parser."""
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"@opaque({getattr(named, '__module__', '?')}.{getattr(named, '__qualname__', '?')})"


def format_dense(value: Dense) -> str:
    """A constant array: by elements when small, one element when all are equal, else bytes."""
    array = value.array
    kind = Array(array.dtype, array.shape)
    if array.size == 0:
        return f"dense<{kind}>"
    if array.size <= INLINE_ELEMENTS:
        items = [format_element(item) for item in array.ravel()]
        same = len(items) > 1 and len(set(items)) == 1
        return f"dense<{kind}: splat {items[0]}>" if same else f"dense<{kind}: {', '.join(items)}>"
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
    if array.size <= SPLAT_ELEMENTS and raw == raw[: array.itemsize] * array.size:
        return f"dense<{kind}: splat {format_element(array.flat[0])}>"
    return f"dense<{kind}: 0x{raw.hex()}>"


def format_element(item: Any) -> str:
    """One element of a constant: the shortest text that reads back as the same element."""
    if item.dtype.kind in "biu":
        return repr(item.item())
    if item.dtype.kind == "f":
        return _format_float(item)
    real, imag = _format_float(item.real), _format_float(item.imag)
    return f"({real}{imag}j)" if imag.startswith("-") else f"({real}+{imag}j)"


def _format_float(item: Any) -> str:
    """`0.1` for a float32, not `0.10000000149011612`, wherever that is enough."""
    short = str(item)
    exact = item != item or type(item)(float(short)) == item
    return short if exact else repr(float(item))


def format_location(loc: Location, default_file: str | None) -> str:
    """A location, without its file where that is the default."""
    text = f":{loc.line}"
    if loc.col is not None:
        text += f":{loc.col}" if loc.end_col is None else f":{loc.col}-{loc.end_col}"
    if loc.file == default_file:
        return text
    is_plain = _PLAIN_FILE.fullmatch(loc.file) is not None and loc.file.isprintable()
    return (loc.file if is_plain else format_string(loc.file)) + text
