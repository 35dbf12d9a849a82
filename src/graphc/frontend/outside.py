"""What a traced function sees of the world outside it, and the guards that keep a trace true to it.

A function reads globals, closure cells, defaults and attributes of objects as ordinary Python.
Arrays found there become inputs of the graph, read again at every call; so the function is run with
*shadows*, in which such arrays are replaced by their handles. Everything else that was read is
compared at every call, by identity or as numbers; where it has changed, the function is traced
again.

Shadows of containers and objects are copies. What the function assigns to their attributes and
items (`places.py`) is taken back when the trace ends, and assigned to the originals by every call
(`compiled.py`). A number that is both read and assigned there is *lifted*: it becomes an input too.
"""

from __future__ import annotations

import functools
import types
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc import tree
from graphc.frontend.guards import (
    MAX_DEPTH,
    MISSING,
    Guard,
    contents_guard,
    defaults_guard,
    is_holder,
    items_of,
    names_in,
    same_attributes,
    still,
    type_or_none,
)
from graphc.frontend.modules import Read, ShadowModule, is_library
from graphc.frontend.places import attribute_reader, attributes_of, bare_copy
from graphc.frontend.special_methods import release, watch
from graphc.frontend.user_classes import is_foreign
from graphc.ir.types import WEAK_OF, Type
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor, external
from graphc.ops.trace import External, Trace

Location = tuple[int, str, Any]  # (id of an object, 'attribute' or 'item', name or key)
SKIPPED = (types.FunctionType, types.BuiltinFunctionType, type)


class PathSource:
    """An array or number that is read anew at every call, by the way it was found."""

    def __init__(self, read: Read, kind: Type) -> None:
        self.get = read
        self.type = kind

    def holds(self) -> bool:
        """Whether what is there now has the type that was traced with."""
        return type_or_none(self.get()) == self.type


class Outside:
    """One trace's view of the outside: shadows made so far, their originals, and the guards they
    need.

    `locate` of a shadow gives the object that it stands for, from a call's arguments.
    """

    def __init__(self, trace: Trace, lifted: frozenset[Location] = frozenset()) -> None:
        self.trace = trace
        self.lifted = lifted
        self.shadows: dict[int, tuple[Any, Any]] = {}
        self.open: dict[int, bool] = {}  # objects being copied; whether something leads back to it
        self.originals: dict[int, tuple[Any, Callable[[Any], Any]]] = {}
        self.functions: dict[int, tuple[Any, Any]] = {}
        self.guards: list[Guard] = []
        self.holders: dict[int, Any] = {}  # classes and functions, for `attribute_guards`
        self.call: Any = None  # calls a function converted (`calls.py`)
        self.watched: list[type] = []

    def watch(self, kind: type) -> None:
        """From here to the end of the trace, a class's special methods and properties are
        converted.
        """
        if is_holder(kind):
            self.holders[id(kind)] = kind
        if self.call is not None and kind not in self.watched:
            watch(kind, self.call, self.watched)

    def release(self) -> None:
        release(self.watched)

    # -- functions ---------------------------------------------------------------------------------

    def function(
        self, original: types.FunctionType, convert: Callable[..., Any]
    ) -> types.FunctionType:
        """A function converted, whose globals, cells and defaults are shadows of its own."""
        known = self.functions.get(id(original))
        if known is not None:
            twin: types.FunctionType = known[1]
            return twin
        fn = convert(original)
        self.guards.append(defaults_guard(original))
        made = types.FunctionType(
            fn.__code__,
            self._globals(fn),
            fn.__name__,
            tuple(map(self._default, fn.__defaults__)) if fn.__defaults__ else None,
            tuple(map(self._cell, fn.__closure__ or ())),
        )
        if fn.__kwdefaults__:
            made.__kwdefaults__ = {k: self._default(v) for k, v in fn.__kwdefaults__.items()}
        made.__qualname__ = fn.__qualname__
        made.__module__ = fn.__module__
        self.functions[id(original)] = (original, made)
        return made

    def _globals(self, fn: types.FunctionType) -> dict[str, Any]:
        mapping, shadows = fn.__globals__, dict(fn.__globals__)
        for name in names_in(fn.__code__):
            if name in mapping and not is_library(mapping[name]):
                found = functools.partial(mapping.get, name, MISSING)
                shadows[name] = self._read(found)
        return shadows

    def _cell(self, cell: types.CellType) -> types.CellType:
        """A cell with the shadow of its value; the cell itself where nothing is replaced."""
        value = _contents(cell)
        if value is MISSING or (isinstance(value, Tensor) and value.is_traced):
            return cell
        shadow = self._read(lambda: _contents(cell))
        return cell if shadow is value else types.CellType(shadow)

    def _default(self, value: Any) -> Any:
        return self.shadow(value, lambda: value)

    def _read(self, read: Read) -> Any:
        """The shadow of what is found by `read`, guarded."""
        value = read()
        self.guards.append(lambda: still(read(), value))
        return self.shadow(value, read)

    # -- objects -----------------------------------------------------------------------------------

    def shadow(self, x: Any, read: Read, depth: int = 0) -> Any:
        """`x` with the arrays in it replaced by their handles; `x` itself where there are none."""
        if type(x) in WEAK_OF or isinstance(x, SKIPPED) or isinstance(x, str) or x is None:
            if is_holder(x):
                self.holders[id(x)] = x
            return x
        if isinstance(x, types.ModuleType):
            return x if is_library(x) else self._module(x)
        if isinstance(x, np.ndarray):
            return self._input(x, read)
        if isinstance(x, types.MethodType | functools.partial):
            return self._bound(x, depth)
        if isinstance(x, Tensor | np.generic) or depth > MAX_DEPTH or id(x) in self.trace.local_ids:
            return x
        self.watch(type(x))
        known = self.shadows.get(id(x))
        if known is not None and id(x) in self.open:
            self.open[id(x)] = True
        if known is None:
            made = self._copy(x, depth)
            known = self.shadows[id(x)] = (x, made)
            self.originals[id(made)] = (made, lambda arguments: x)
        return known[1]

    def _module(self, module: types.ModuleType) -> types.ModuleType:
        known = self.shadows.get(id(module))
        if known is None:
            made = ShadowModule(module, self._read)
            known = self.shadows[id(module)] = (module, made)
            self.originals[id(made)] = (made, lambda arguments: module)
        shadow: types.ModuleType = known[1]
        return shadow

    def _input(self, x: Any, read: Read) -> Any:
        """The handle of an array, or of a lifted number, that is read anew at every call."""
        entry = self.trace.externals.get(id(x)) if isinstance(x, np.ndarray) else None
        if entry is not None:
            source = entry.source
            self.guards.append(lambda: read() is _current(source))
            return entry.handle
        kind = type_or_none(x)
        if kind is None:
            return external(x, self.trace).handle  # refused, with the user's line
        value = self.trace.graph.region.add_param(kind, "captured")
        if isinstance(x, np.ndarray) and x.ndim == 0:
            self.trace.zero_d.add(value)
        source = PathSource(read, kind)
        entry = External(source, value, Tensor(value, self.trace))
        self.trace.externals[id(x) if isinstance(x, np.ndarray) else id(source)] = entry
        self.guards.append(source.holds)
        return entry.handle

    def _bound(self, x: Any, depth: int) -> Any:
        """A method of an object's shadow, or a partial of shadows."""
        is_method = isinstance(x, types.MethodType)
        given = (x.__self__,) if is_method else (*x.args, *x.keywords.values())
        shadows = [self.shadow(part, functools.partial(_itself, part), depth + 1) for part in given]
        if all(a is b for a, b in zip(given, shadows, strict=True)):
            return x
        if is_method:
            return types.MethodType(x.__func__, *shadows)
        named = dict(zip(x.keywords, shadows[len(x.args) :], strict=True))
        return functools.partial(x.func, *shadows[: len(x.args)], **named)

    def _copy(self, x: Any, depth: int) -> Any:
        parts = tree.children_of(x)
        if parts is not None:
            return self._copy_container(x, *parts, depth)
        if isinstance(x, deque):
            return self._copy_deque(x, depth)
        if is_foreign(type(x)):
            return x
        before = attributes_of(x)
        made = bare_copy(x) if before else x
        self.shadows[id(x)] = (x, made)  # what leads back to x finds it
        self.open[id(x)] = False
        lifted = {name for name in before if (id(x), "attribute", name) in self.lifted}
        self.guards.append(lambda: same_attributes(x, before, lifted))
        shadows = {
            name: self._part(value, attribute_reader(x, name), name in lifted, depth)
            for name, value in before.items()
        }
        in_cycle = self.open.pop(id(x))
        if not in_cycle and all(shadows[name] is value for name, value in before.items()):
            return x
        for name, value in shadows.items():
            object.__setattr__(made, name, value)
        return made

    def _copy_container(
        self, x: Any, keys: tuple[Any, ...] | None, items: list[Any], depth: int
    ) -> Any:
        self.shadows[id(x)] = (x, x)  # a container that contains itself is seen as it is
        places = list(keys) if isinstance(x, dict) and keys is not None else list(range(len(items)))
        lifted = [(id(x), "item", place) in self.lifted for place in places]
        self.guards.append(contents_guard(x, items, lifted))
        shadows = [
            self._part(item, _item_reader(x, n), lift, depth)
            for n, (item, lift) in enumerate(zip(items, lifted, strict=True))
        ]
        if type(x) is list:
            return TracedList(shadows)
        if all(a is b for a, b in zip(items, shadows, strict=True)):
            return x
        return _rebuilt(x, keys, shadows)

    def _copy_deque(self, x: deque[Any], depth: int) -> Any:
        items = list(x)
        self.guards.append(lambda: len(x) == len(items) and all(map(still, x, items)))
        shadows = [
            self._part(item, lambda n=n: x[n], False, depth)  # type: ignore[misc]
            for n, item in enumerate(items)
        ]
        return deque(shadows, x.maxlen)

    def _part(self, value: Any, read: Read, is_lifted: bool, depth: int) -> Any:
        return self._input(value, read) if is_lifted else self.shadow(value, read, depth + 1)

    def enter_arguments(self, arguments: Any, rebuilt: Any) -> None:
        """Note which containers of the call's arguments the rebuilt ones stand for."""
        self._pair(arguments, rebuilt, lambda found: found)

    def _pair(self, original: Any, rebuilt: Any, locate: Callable[[Any], Any]) -> None:
        parts, twins = tree.children_of(original), tree.children_of(rebuilt)
        if parts is None or twins is None:
            return
        self.originals[id(rebuilt)] = (rebuilt, locate)
        self.watch(type(rebuilt))
        for n, (item, twin) in enumerate(zip(parts[1], twins[1], strict=True)):
            self._pair(item, twin, functools.partial(_child, locate, n))

    def knows(self, owner: Any) -> bool:
        """Whether an object came into the trace from outside, or stands for one that did."""
        return id(owner) in self.originals or id(owner) in self.shadows

    def real(self, x: Any) -> Any:
        """The object that `x` stands for in every call; None where each call has its own."""
        known = self.originals.get(id(x))
        if known is None:
            return x
        try:
            return known[1](None)
        except (AttributeError, LookupError, TypeError):
            return None

    def locate(self, owner: Any) -> Callable[[Any], Any]:
        """How a call finds, from its arguments, the object that `owner` stands for in the trace."""
        known = self.originals.get(id(owner))
        return known[1] if known is not None else lambda arguments: owner


def _itself(x: Any) -> Any:
    return x


def _child(locate: Callable[[Any], Any], n: int, found: Any) -> Any:
    return items_of(locate(found))[n]


def _item_reader(x: Any, n: int) -> Read:
    return lambda: items_of(x)[n]


def _current(source: Any) -> Any:
    return source.get() if isinstance(source, PathSource) else source


def _contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _rebuilt(x: Any, keys: tuple[Any, ...] | None, items: list[Any]) -> Any:
    leaves = (tree.LEAF,) * len(items)
    return tree.unflatten(tree.Node(type(x), keys, leaves), items)
