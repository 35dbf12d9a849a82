"""Printing attribute values and literals: a whitelist; all else is a name in a constants table.

Only numbers, strings, exceptions' names, and tuples (slices, `...`) of them are ever printed. NaN,
infinities, complex numbers, dtypes, arrays and any other object are passed to the program as the
globals c0, c1, …
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphc.codegen.template import ATOM, UNARY
from graphc.codegen.writer import Text
from graphc.ir.dense import Dense
from graphc.ir.graph import Graph
from graphc.ir.literals import EXCEPTIONS
from graphc.ir.types import UNBOUND

# Python's own, which no variable hides (`names.py`), and NumPy's.
EXCEPTION_NAMES: dict[type, str] = {
    found: found.__name__ if found.__module__ == "builtins" else f"np.{module}.{found.__name__}"
    for found in EXCEPTIONS.values()
    for module in ["linalg" if found is np.linalg.LinAlgError else "exceptions"]
}
PRINTED_INT_LIMIT = 1 << 128  # Python refuses to read back very long decimals


class Constants:
    """The table: what generated code may name besides its own variables, `np` and `k`; and what the
    functions are called that are generated for called graphs."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = {}
        self.functions: dict[Graph, str] = {}
        self._names: dict[Any, str] = {}
        self._kept: list[Any] = []  # keeps alive what `_names` knows by id

    def text(self, value: object) -> Text:
        """The expression that evaluates to a literal or an attribute's value."""
        if isinstance(value, bool | None) or value is Ellipsis:
            return Text("..." if value is Ellipsis else repr(value))
        if type(value) is int and abs(value) < PRINTED_INT_LIMIT:
            return Text(repr(value), (), ATOM if value >= 0 else UNARY)
        if type(value) is float and math.isfinite(value):
            return Text(repr(value), (), ATOM if math.copysign(1.0, value) > 0 else UNARY)
        if type(value) is str:
            return Text(repr(value))
        if type(value) is tuple:
            return Text(self._tuple(value))
        if isinstance(value, type) and value in EXCEPTION_NAMES:
            return Text(EXCEPTION_NAMES[value])
        if type(value) is slice:
            parts = (value.start, value.stop, value.step)
            return Text(f"slice({', '.join(self.text(part).string for part in parts)})")
        return Text(self.name(value))

    def name(self, value: object) -> str:
        """The global that holds an object."""
        if value is UNBOUND:
            self.table["UNBOUND"] = UNBOUND
            return "UNBOUND"
        key = value if isinstance(value, Dense) else (type(value), id(value))
        if key not in self._names:
            name = f"c{len(self._names)}"
            self._names[key] = name
            self._kept.append(value)
            self.table[name] = value
        return self._names[key]

    def _tuple(self, items: tuple[Any, ...]) -> str:
        texts = [self.text(item).string for item in items]
        return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


class Printed:
    """An attribute inside `OpDef.code`: formats, under any conversion, as its checked text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return self._text
