"""What a traced function sees of the world outside it, and the guards that keep a trace true to it.

A function reads globals, closure cells, defaults and attributes of objects as ordinary Python. Arrays
found there become inputs of the graph, read again at every call; so the function is run with shadows, in
which such arrays are replaced by their handles. Everything else that was read is compared at every call,
by identity or as numbers; where it has changed, the function is traced again.

Shadows of containers and objects are copies; changing one while tracing is refused (`mutation.py`).
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc import tree
from graphc.ir.types import WEAK_OF
from graphc.ops.tensor import Tensor, external
from graphc.ops.trace import Trace

Guard = Callable[[], bool]
MISSING = object()
MAX_DEPTH = 6
SKIPPED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, types.MethodType)


class Outside:
    """One trace's view of the outside: shadows made so far, and the guards they need."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.shadows: dict[int, tuple[Any, Any]] = {}
        self.functions: dict[int, tuple[Any, Any]] = {}
        self.guards: list[Guard] = []

    def function(self, fn: types.FunctionType) -> types.FunctionType:
        """A function whose globals, cells and defaults are shadows of `fn`'s."""
        known = self.functions.get(id(fn))
        if known is not None:
            made: types.FunctionType = known[1]
            return made
        names = _global_names(fn.__code__)
        shadow_globals = dict(fn.__globals__)
        for name in names:
            if name in shadow_globals:
                value = shadow_globals[name]
                self._guard_name(fn.__globals__, name, value)
                shadow_globals[name] = self.shadow(value)
        made = types.FunctionType(
            fn.__code__,
            shadow_globals,
            fn.__name__,
            tuple(map(self.shadow, fn.__defaults__)) if fn.__defaults__ else None,
            tuple(map(self._cell, fn.__closure__ or ())),
        )
        made.__kwdefaults__ = (
            {k: self.shadow(v) for k, v in fn.__kwdefaults__.items()} if fn.__kwdefaults__ else None
        )
        made.__qualname__ = fn.__qualname__
        made.__module__ = fn.__module__
        self.functions[id(fn)] = (fn, made)
        return made

    def _guard_name(self, mapping: dict[str, Any], name: str, value: Any) -> None:
        if not isinstance(value, types.ModuleType):
            self.guards.append(lambda: same(mapping.get(name, MISSING), value))

    def _cell(self, cell: types.CellType) -> types.CellType:
        """A cell with the shadow of its value; the cell itself where nothing is replaced."""
        try:
            value = cell.cell_contents
        except ValueError:
            return cell
        shadow = self.shadow(value)
        if not isinstance(value, Tensor) or not value.is_traced:
            self.guards.append(lambda: same(_contents(cell), value))
        return cell if shadow is value else types.CellType(shadow)

    def shadow(self, x: Any, depth: int = 0) -> Any:
        """`x` with the arrays in it replaced by their handles; `x` itself where there are none."""
        if type(x) in WEAK_OF or isinstance(x, SKIPPED) or isinstance(x, str) or x is None:
            return x
        if isinstance(x, np.ndarray):
            return external(x, self.trace).handle
        if isinstance(x, Tensor | np.generic) or depth > MAX_DEPTH:
            return x
        known = self.shadows.get(id(x))
        if known is None:
            self.shadows[id(x)] = (x, x)  # a cycle sees the original
            self.shadows[id(x)] = (x, self._copy(x, depth))
            known = self.shadows[id(x)]
        return known[1]

    def _copy(self, x: Any, depth: int) -> Any:
        if id(x) in self.trace.local_ids:
            return x
        parts = tree.children_of(x)
        if parts is not None:
            _, items = parts
            self.guards.append(_contents_guard(x, items))
            shadows = [self.shadow(item, depth + 1) for item in items]
            if all(a is b for a, b in zip(items, shadows, strict=True)):
                return x
            return _rebuilt(x, parts[0], shadows)
        return self._copy_object(x, depth)

    def _copy_object(self, x: Any, depth: int) -> Any:
        attributes = getattr(x, "__dict__", None)
        if not isinstance(attributes, dict) or _is_foreign(x):
            return x
        before = dict(attributes)
        self.guards.append(lambda: _same_dict(x.__dict__, before))
        shadows = {name: self.shadow(value, depth + 1) for name, value in before.items()}
        if all(shadows[name] is value for name, value in before.items()):
            return x
        made = copy.copy(x)
        made.__dict__.update(shadows)
        return made


def _is_foreign(x: Any) -> bool:
    """Whether an object belongs to graphc or NumPy, whose insides are their own business."""
    root = type(x).__module__.partition(".")[0]
    return root in {"graphc", "numpy", "builtins", "functools"}


def _global_names(code: types.CodeType) -> list[str]:
    """The names a function, or one nested in it, may read as globals."""
    names = dict.fromkeys(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names.update(dict.fromkeys(_global_names(const)))
    return list(names)


def _contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def same(a: Any, b: Any) -> bool:
    """Whether a value read by a trace is still what it was: the same object, or the same number."""
    return a is b or (type(a) is type(b) and isinstance(a, int | float | str | complex) and a == b)


def _contents_guard(container: Any, items: list[Any]) -> Guard:
    def guard() -> bool:
        parts = tree.children_of(container)
        if parts is None or len(parts[1]) != len(items):
            return False
        return all(map(same, parts[1], items))

    return guard


def _same_dict(now: dict[str, Any], before: dict[str, Any]) -> bool:
    return len(now) == len(before) and all(same(now.get(k, MISSING), v) for k, v in before.items())


def _rebuilt(x: Any, keys: tuple[Any, ...] | None, items: list[Any]) -> Any:
    if isinstance(x, dict):
        return dict(zip(keys or (), items, strict=True))
    if keys is None:
        return type(x)(items)
    return type(x)(**dict(zip(keys, items, strict=True)))
