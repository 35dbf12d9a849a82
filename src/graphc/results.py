"""What a call gives back: recipes for Python objects whose parts are outputs of the program.

    return [b, b], state      where b = a * 2 is output 0, and `state` a global object
        →   Made([Slot(0), Slot(0)]), Outside(…)

Recipes are found once a trace, and followed by every call. What the trace made, every call makes
anew, once, however often it occurs in the result; what came from outside is that object itself.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any, Protocol

import numpy as np

from graphc.errors import StagingError
from graphc.frontend.chosen import Chosen, ways_of
from graphc.frontend.merging import UnboundName, is_plain_instance, leaf_value
from graphc.frontend.places import attributes_of
from graphc.frontend.staged_text import StagedText
from graphc.ir.core import Value
from graphc.ops.list_items import staged_sequence
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace
from graphc.runtime.effects import render
from graphc.source import located

ATOMS = (int, float, complex, bool, str, bytes, type(None), type, range, slice, np.generic)


@dataclass
class Call:
    """One call: what went in and came out. `made`: objects made so far, by their recipes."""

    leaves: Sequence[Any]
    arguments: Any
    captured: Sequence[Any]
    outputs: Sequence[Any]
    tensors: bool
    made: dict[Any, Any] = field(default_factory=dict)


class Recipe(Protocol):
    """How a call finds or makes one object."""

    def build(self, call: Call) -> Any: ...


@dataclass(frozen=True)
class Slot:
    """An output of the program."""

    index: int

    def build(self, call: Call) -> Any:
        value = call.outputs[self.index]
        if value is None or not (call.tensors or isinstance(value, list)):
            return value
        if self not in call.made:
            call.made[self] = given(value, call.tensors)
        return call.made[self]


def given(value: Any, tensors: bool) -> Any:
    """An output as the caller gets it: a list is a new one, which no other part shares."""
    if isinstance(value, list):
        return [given(item, tensors) for item in value]
    if type(value) is tuple:
        return tuple(given(item, tensors) for item in value)
    if isinstance(value, Tensor) and isinstance(value._data, list):  # on a tape
        first = value._data[0] if value._data else None
        if isinstance(first, tuple):
            columns = (apply("seq_column", value, index=j) for j in range(len(first)))
            return list(zip(*(given(column, tensors) for column in columns), strict=True))
        items = (apply("seq_getitem", value, i) for i in range(len(value._data)))
        return [given(item, tensors) for item in items]
    if not tensors or isinstance(value, Tensor) or value is None:
        return value
    return Tensor(value)


@dataclass(frozen=True)
class TextSlot:
    """A string, formatted from outputs."""

    parts: tuple[Any, ...]
    indices: tuple[int, ...]

    def build(self, call: Call) -> Any:
        values = [call.outputs[i] for i in self.indices]
        return render(self.parts, tuple(x._data if isinstance(x, Tensor) else x for x in values))


@dataclass(eq=False)
class Picked:
    """The one of several things whose tag an output is."""

    index: int
    ways: dict[int, Recipe]

    def build(self, call: Call) -> Any:
        tag = call.outputs[self.index]
        return self.ways[tag._data if isinstance(tag, Tensor) else tag].build(call)


@dataclass(frozen=True)
class Same:
    """An object that is the same at every call."""

    value: Any

    def build(self, call: Call) -> Any:
        return self.value


@dataclass(frozen=True)
class Argument:
    """An argument's array itself: `return x`. Output `index` is its value."""

    place: int
    index: int

    def build(self, call: Call) -> Any:
        leaf = call.leaves[self.place]
        return Slot(self.index).build(call) if call.tensors else leaf


@dataclass(frozen=True)
class Captured:
    """An array from outside, itself."""

    place: int
    index: int

    def build(self, call: Call) -> Any:
        return Slot(self.index).build(call) if call.tensors else call.captured[self.place]


@dataclass(frozen=True)
class Outside:
    """A container or object from outside, or an argument."""

    locate: Callable[[Any], Any]

    def build(self, call: Call) -> Any:
        return self.locate(call.arguments)


@dataclass(eq=False)
class Tuple:
    """A tuple or namedtuple."""

    kind: type
    items: list[Recipe] = field(default_factory=list)

    def build(self, call: Call) -> Any:
        if self not in call.made:
            items = [item.build(call) for item in self.items]
            call.made[self] = tuple.__new__(self.kind, items)
        return call.made[self]


@dataclass(eq=False)
class Made:
    """A list, dict or the like; `template` is empty, and of a subclass where that is asked for."""

    template: Any
    keys: list[Recipe] | None
    items: list[Recipe] = field(default_factory=list)

    def build(self, call: Call) -> Any:
        if self in call.made:
            return call.made[self]
        made = call.made[self] = copy.copy(self.template)
        items = [item.build(call) for item in self.items]
        if self.keys is None:
            made.extend(items)
        else:
            made.update(zip([key.build(call) for key in self.keys], items, strict=True))
        return made


@dataclass(eq=False)
class Instance:
    """An object of a class of the user's: its attributes."""

    kind: type
    attributes: dict[str, Recipe] = field(default_factory=dict)

    def build(self, call: Call) -> Any:
        if self in call.made:
            return call.made[self]
        new: Any = self.kind.__new__
        made = new(self.kind)
        call.made[self] = made
        for name, recipe in self.attributes.items():
            object.__setattr__(made, name, recipe.build(call))
        return made


@dataclass(eq=False)
class Method:
    """A bound method."""

    function: Any
    owner: Recipe

    def build(self, call: Call) -> Any:
        return MethodType(self.function, self.owner.build(call))


class Results:
    """The outputs of a program, collected, and the recipes that use them."""

    def __init__(self, trace: Trace, handles: dict[int, Tensor]) -> None:
        """`handles`: of the arguments that are arrays, by the place among the leaves."""
        self.trace = trace
        self.values: list[Value] = []
        self.places = {id(handle): place for place, handle in reversed(list(handles.items()))}
        self.known: dict[int, tuple[Any, Recipe]] = {}

    def add(self, value: Value) -> int:
        self.trace.check_visible(value)
        self.values.append(value)
        return len(self.values) - 1

    def recipe(self, x: Any) -> Recipe:
        """How a call gives what `x` is in the trace."""
        if isinstance(x, ATOMS):
            return Same(x)
        if isinstance(x, UnboundName):
            raise x.error()
        known = self.known.get(id(x))
        if known is None:
            known = self.known[id(x)] = (x, self._outside(x) or self._leaf(x) or self._object(x))
        return known[1]

    def _leaf(self, x: Any) -> Recipe | None:
        if isinstance(x, StagedText):
            return TextSlot(x.parts, tuple(self.add(value._data) for value in x.values))
        if not isinstance(x, Tensor | np.ndarray) and staged_sequence(x) is None:
            return None
        index = self.add(leaf_value(x, self.trace))
        if id(x) in self.places:
            return Argument(self.places[id(x)], index)
        for place, entry in enumerate(self.trace.externals.values()):
            if entry.handle is x and not isinstance(entry.source, Tensor):
                return Captured(place, index)
        return Slot(index)

    def _outside(self, x: Any) -> Recipe | None:
        found = self.trace.outside.originals.get(id(x))
        return Outside(found[1]) if found is not None and found[0] is x else None

    def _object(self, x: Any) -> Recipe:
        if isinstance(x, Chosen):
            ways = {tag: self.recipe(way) for tag, way in ways_of(x).items()}
            return Picked(self.add(leaf_value(x._graphc_tag, self.trace)), ways)
        if isinstance(x, tuple):
            return self._filled(x, Tuple(type(x)), x)
        if isinstance(x, list | deque):
            kind = type(x)
            plain = kind is list or isinstance(x, list) and hasattr(kind, "sequence")
            return self._filled(x, Made([] if plain else _emptied(x), None), x)
        if isinstance(x, dict):
            template = {} if type(x) is dict else _emptied(x)
            made = Made(template, [self.recipe(key) for key in x])
            return self._filled(x, made, x.values())
        if isinstance(x, MethodType):
            return Method(x.__func__, self.recipe(x.__self__))
        if isinstance(x, FunctionType):
            _refuse_captures(x)
        if isinstance(x, set):
            return Made(_emptied(x), [], []) if not x else _SetOf(type(x), tuple(x))
        if self._is_made(x):
            instance = Instance(type(x))
            self.known[id(x)] = (x, instance)
            for name, value in attributes_of(x).items():
                instance.attributes[name] = self.recipe(value)
            return instance
        if any(isinstance(v, Tensor) and v.is_traced for v in attributes_of(x).values()):
            raise located(
                StagingError,
                f"a {type(x).__name__} that holds traced values cannot be returned or stored",
                hint="return the values in it, or use a class of your own, a tuple, list or dict",
            )
        return Same(x)

    def _filled(self, x: Any, recipe: Tuple | Made, items: Any) -> Recipe:
        self.known[id(x)] = (x, recipe)  # first: it may contain itself
        recipe.items += [self.recipe(item) for item in items]
        return recipe

    def _is_made(self, x: Any) -> bool:
        """Whether an instance was made while tracing, as far as we can know."""
        if not (is_plain_instance(x) or hasattr(type(x), "__slots__")):
            return False
        if type(x).__new__ not in (object.__new__, SimpleNamespace.__new__):
            return False
        known = self.trace.local_ids.get(id(x))
        if known is not None and known[0] is x:
            return True
        return any(isinstance(v, Tensor) and v.is_traced for v in attributes_of(x).values())


@dataclass(eq=False)
class _SetOf:
    """A set: its elements are Python objects."""

    kind: type
    elements: tuple[Any, ...]

    def build(self, call: Call) -> Any:
        if self not in call.made:
            call.made[self] = self.kind(self.elements)
        return call.made[self]


def _emptied(x: Any) -> Any:
    template = copy.copy(x)
    template.clear()
    return template


def _refuse_captures(fn: FunctionType) -> None:
    """A function that comes out of the trace must not hold tensors of the trace."""
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if isinstance(value, Tensor) and value.is_traced:
            raise located(
                StagingError,
                f"the function '{fn.__name__}', which is returned or stored, uses '{name}', whose "
                "value is known only when the graph runs",
                hint="return the value, and make the function outside the decorated one",
            )
