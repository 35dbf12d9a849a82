"""Reading the small items of graph text: types, literals, attributes, constants.

`Cursor` walks the tokens; `ir/parse.py` extends it with graphs, regions and ops. Nothing is ever
executed, and sizes are checked before memory is asked for.
"""

from __future__ import annotations

from math import prod
from typing import Any, NoReturn

import numpy as np

from graphc.ir.dense import Dense
from graphc.ir.graph import Graph
from graphc.ir.lexer import Source, Token
from graphc.ir.literals import EXCEPTIONS, SPLAT_ELEMENTS
from graphc.ir.types import (
    CAUGHT,
    LONG_NAMES,
    NOTHING,
    TAPE,
    UNBOUND,
    WEAK_DTYPES,
    Array,
    Dim,
    Maybe,
    Sequence,
    Tuple,
    Type,
)

MAX_DEPTH = 64  # of nested regions, types and tuples: far above any program's, below Python's stack
MAX_DECIMAL = 640  # the digits that Python converts under any setting of its limit
MAX_RANK = 64  # NumPy's own

WORDS: dict[str, Any] = {
    "none": None,
    "unbound": UNBOUND,
    "True": True,
    "False": False,
    "inf": float("inf"),
    "nan": float("nan"),
}
WORD_TYPES: dict[str, Type] = {"none": NOTHING, "tape": TAPE, "exception": CAUGHT}


class Cursor:
    """A place in the tokens of a text. Every `parse_…` method reads one item and moves past it."""

    def __init__(self, text: str) -> None:
        self.source = Source(text)
        self.at = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.source.tokens[self.at]

    def ahead(self, distance: int) -> Token:
        return self.source.tokens[min(self.at + distance, len(self.source.tokens) - 1)]

    def take(self) -> Token:
        token = self.here
        if token.kind != "end":
            self.at += 1
        return token

    def is_next(self, text: str) -> bool:
        return self.here.text == text and self.here.kind in ("word", "punctuation", "arrow")

    def accept(self, text: str) -> bool:
        found = self.is_next(text)
        if found:
            self.at += 1
        return found

    def expect(self, text: str) -> Token:
        if not self.is_next(text):
            self.fail(f"'{text}'")
        return self.take()

    def expect_kind(self, kind: str, wanted: str) -> Token:
        if self.here.kind != kind:
            self.fail(wanted)
        return self.take()

    def same_line(self) -> bool:
        """Whether the next token stands on the line of the last one taken."""
        return self.at > 0 and self.here.line == self.ahead(-1).line

    def fail(self, expected: str) -> NoReturn:
        raise self.source.error(self.here, f"found {self.here.shown}, expected {expected}")

    def error(self, token: Token, problem: str) -> NoReturn:
        raise self.source.error(token, problem)

    def descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.error(self.here, f"nested more than {MAX_DEPTH} deep")

    # types

    def parse_type(self) -> Type:
        token = self.expect_kind("word", "a type")
        if token.text in WEAK_DTYPES:
            return Array(np.dtype(WEAK_DTYPES[token.text]), (), True)
        if token.text in WORD_TYPES:
            return WORD_TYPES[token.text]
        if token.text in ("seq", "maybe"):
            self.expect("[")
            self.descend()
            inner = self.parse_type()
            self.depth -= 1
            self.expect("]")
            return Sequence(inner) if token.text == "seq" else Maybe(inner)
        if token.text == "tuple":
            return Tuple(self.parse_types())
        if token.text not in LONG_NAMES:
            self.error(token, f"found {token.shown}, expected a type")
        return Array(np.dtype(LONG_NAMES[token.text]), self.parse_shape())

    def parse_types(self) -> tuple[Type, ...]:
        self.expect("[")
        self.descend()
        types: list[Type] = []
        while not self.is_next("]"):
            types.append(self.parse_type())
            if not self.accept(","):
                break
        self.depth -= 1
        self.expect("]")
        return tuple(types)

    def parse_shape(self) -> tuple[Dim, ...]:
        start = self.expect("[")
        dims: list[Dim] = []
        while not self.is_next("]"):
            dims.append(self.parse_dim())
            if not self.accept(","):
                break
        self.expect("]")
        if len(dims) > MAX_RANK:
            self.error(start, f"an array of {len(dims)} dimensions; NumPy has {MAX_RANK} at most")
        return tuple(dims)

    def parse_dim(self) -> Dim:
        if self.accept("?"):
            return None
        token = self.expect_kind("number", "a dimension or '?'")
        if not token.text.isdecimal():
            self.error(token, f"found {token.shown}, expected a dimension or '?'")
        dim = self.int_of(token)
        if dim >= 1 << 63:
            self.error(token, "a dimension that no array can have")
        return dim

    # literals

    def int_of(self, token: Token) -> int:
        digits = token.text.lstrip("-")
        if digits.startswith("0x"):
            return int(token.text, 16)
        if len(digits) > MAX_DECIMAL:
            self.error(token, f"more than {MAX_DECIMAL} digits; write it in hexadecimal (0x…)")
        return int(token.text)

    def is_literal_next(self) -> bool:
        token = self.here
        return token.kind in ("number", "complex") or (token.kind == "word" and token.text in WORDS)

    def parse_literal(self) -> Any:
        if not self.is_literal_next():
            self.fail("a number, True, False, none or unbound")
        token = self.take()
        if token.kind == "word":
            return WORDS[token.text]
        if token.kind == "complex":
            try:
                return complex(token.text)
            except ValueError:
                self.error(token, f"found {token.shown}, expected a complex number")
        digits = token.text.lstrip("-")
        is_int = digits.startswith("0x") or digits.isdecimal()
        return self.int_of(token) if is_int else float(token.text)

    # attributes

    def parse_attribute(self) -> Any:
        token = self.here
        if token.kind == "string":
            return self.source.string(self.take())
        if token.kind == "graph":
            return self.parse_callee()
        if self.is_literal_next():
            return self.parse_literal()
        if self.accept("("):
            return self.parse_tuple()
        if self.accept("<"):
            result = self.parse_type()
            self.expect(">")
            return result
        if self.accept("!"):
            name = self.expect_kind("word", "a built-in exception")
            if name.text not in EXCEPTIONS:
                self.error(name, f"found {name.shown}, expected a built-in exception")
            return EXCEPTIONS[name.text]
        if self.accept("dense"):
            return self.parse_dense()
        if token.kind == "word" and token.text in LONG_NAMES:
            return np.dtype(LONG_NAMES[self.take().text])
        self.fail("an attribute's value")

    def parse_tuple(self) -> tuple[Any, ...]:
        """After '(': items up to ')'. One item needs its comma, as in Python."""
        self.descend()
        items: list[Any] = []
        comma = True
        while not self.is_next(")"):
            if not comma:
                self.fail("',' or ')'")
            items.append(self.parse_attribute())
            comma = self.accept(",")
        if len(items) == 1 and not comma:
            self.fail("',' (a tuple of one item ends with a comma)")
        self.depth -= 1
        self.expect(")")
        return tuple(items)

    def parse_callee(self) -> Graph:
        """A graph's name as an attribute; what it refers to is `ir/parse.py`'s business."""
        self.fail("a value without references to graphs")

    # constants

    def parse_dense(self) -> Dense:
        start = self.expect("<")
        kind = self.parse_type()
        if not isinstance(kind, Array) or kind.weak or None in kind.shape:
            self.error(start, f"a constant of type {kind}; expected an array type of known shape")
        size = prod(dim for dim in kind.shape if dim is not None)
        if self.accept(":"):
            flat = self.parse_elements(kind.dtype, size)
        elif size:
            self.fail(f"':' and {size} elements")
        else:
            flat = np.empty(0, kind.dtype)
        self.expect(">")
        try:
            return Dense(flat.reshape([dim for dim in kind.shape if dim is not None]))
        except ValueError:
            self.error(start, f"no array can have the shape of {kind}")

    def parse_elements(self, dtype: np.dtype[Any], size: int) -> np.ndarray[Any, Any]:
        start = self.here
        if start.kind == "number" and start.text.startswith("0x") and self.ahead(1).text == ">":
            return self.bytes_of(self.take(), dtype, size)
        if self.accept("splat"):
            if size > SPLAT_ELEMENTS:
                self.error(start, f"a splat of {size} elements; {SPLAT_ELEMENTS} at most")
            return np.repeat(self.elements([self.here], [self.parse_literal()], dtype), size)
        tokens, items = [self.here], [self.parse_literal()]
        while self.accept(","):
            tokens.append(self.here)
            items.append(self.parse_literal())
        if len(items) != size:
            self.error(start, f"found {len(items)} elements, expected {size}")
        return self.elements(tokens, items, dtype)

    def elements(
        self, tokens: list[Token], items: list[Any], dtype: np.dtype[Any]
    ) -> np.ndarray[Any, Any]:
        for token, item in zip(tokens, items, strict=True):
            if type(item) not in _ELEMENT_TYPES[dtype.kind]:
                self.error(token, f"found {token.shown}, expected an element of {dtype.name}")
        try:
            with np.errstate(over="ignore"):
                return np.array(items, dtype=dtype)
        except OverflowError:
            self.error(tokens[0], f"an element too large for {dtype.name}")

    def bytes_of(self, token: Token, dtype: np.dtype[Any], size: int) -> np.ndarray[Any, Any]:
        digits = token.text[2:]
        if len(digits) != 2 * size * dtype.itemsize:
            found, wanted = len(digits), 2 * size * dtype.itemsize
            self.error(token, f"found {found} hexadecimal digits, expected {wanted}")
        raw = np.frombuffer(bytes.fromhex(digits), dtype.newbyteorder("<"))
        if dtype.kind == "b" and raw.view(np.uint8).max(initial=0) > 1:
            self.error(token, "a byte that is neither True (01) nor False (00)")
        return raw.astype(dtype)


_ELEMENT_TYPES: dict[str, tuple[type, ...]] = {
    "b": (bool,),
    "i": (int,),
    "u": (int,),
    "f": (int, float),
    "c": (int, float, complex),
}
