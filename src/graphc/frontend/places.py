"""Places: what an assignment can change besides a name.

    place  ::=  a tensor's handle  |  an attribute of an object  |  an item of a list or dict

While tracing, a change of a place that outlives the current region is noted in `Trace.moves`, so
that it can be put back and merged. A place that a path has not set holds ABSENT.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterable
from types import MemberDescriptorType
from typing import Any, TypeGuard

from graphc.frontend.refusals import refusal
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace


class Absent:
    """What a place holds where nothing has been assigned."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


class ObjectPlace:
    """An attribute or item of a Python object. One per trace and location (`place_of`)."""

    __slots__ = ("key", "kind", "owner")

    def __init__(self, owner: Any, kind: str, key: Any) -> None:
        self.owner = owner
        self.kind = kind  # 'attribute', 'item', or 'contents' of a list, dict or set as a whole
        self.key = key

    @property
    def label(self) -> str:
        """How the user wrote it, as far as that is known: `self.x`, `d['k']`."""
        name = "list" if isinstance(self.owner, TracedList) else type(self.owner).__name__
        if self.kind == "attribute":
            return f"{name}.{self.key}"
        return f"{name}[{self.key!r}]" if self.kind == "item" else name

    def get(self) -> Any:
        if self.kind == "attribute":
            return attributes_of(self.owner).get(self.key, ABSENT)
        if self.kind == "contents":
            is_traced = isinstance(self.owner, TracedList)
            return self.owner.snapshot() if is_traced else type(self.owner)(self.owner)
        try:
            return self.owner[self.key]
        except LookupError:
            return ABSENT

    def put(self, value: Any) -> None:
        if self.kind == "attribute":
            _put_attribute(self.owner, self.key, value)
        elif self.kind == "contents":
            _put_contents(self.owner, value)
        elif value is ABSENT:
            if isinstance(self.owner, dict):  # an index out of range has changed nothing
                self.owner.pop(self.key, None)
        else:
            self.owner[self.key] = value


def attributes_of(x: Any) -> dict[str, Any]:
    """What an object holds itself: in its `__dict__` and its slots, without running code of its
    class.
    """
    found = {}
    for kind in type(x).__mro__:
        for name, descriptor in vars(kind).items() if "__slots__" in vars(kind) else ():
            if isinstance(descriptor, MemberDescriptorType):
                try:
                    found[name] = descriptor.__get__(x)
                except AttributeError:
                    continue
    return {**found, **getattr(x, "__dict__", {})}


def bare_copy(x: Any) -> Any:
    """An object of the same class, whose attributes are to be set."""
    try:
        return object.__new__(type(x))
    except TypeError:  # it is built on a class written in C
        return copy.copy(x)


def attribute_reader(x: Any, name: str) -> Callable[[], Any]:
    """What reads an attribute that an object holds itself."""
    if name in getattr(x, "__dict__", {}):
        return lambda: vars(x)[name]
    return lambda: attributes_of(x)[name]


def _put_attribute(owner: Any, name: str, value: Any) -> None:
    if value is not ABSENT:
        object.__setattr__(owner, name, value)
    elif name in attributes_of(owner):
        object.__delattr__(owner, name)


def _put_contents(owner: Any, value: Any) -> None:
    if isinstance(owner, TracedList):
        owner.restore(value)
    elif isinstance(owner, list):
        owner[:] = value
    elif isinstance(owner, deque):
        owner.clear()
        owner.extend(value)
    else:
        owner.clear()
        owner.update(value)


Place = Tensor | ObjectPlace


def place_of(trace: Trace, owner: Any, kind: str, key: Any = None) -> ObjectPlace:
    """The trace's one place for a location; it keeps the owner alive."""
    found = trace.places.get((id(owner), kind, key))
    if found is None:
        found = trace.places[id(owner), kind, key] = ObjectPlace(owner, kind, key)
    place: ObjectPlace = found
    return place


def peek(place: Place) -> Any:
    """What stands at a place: a handle's value, or a Python object."""
    return place._data if isinstance(place, Tensor) else place.get()


def poke(place: Place, what: Any) -> None:
    """Put something there without a note in the journal."""
    if isinstance(place, Tensor):
        place._data = what
    else:
        place.put(what)


def label_of(place: Place) -> str:
    if isinstance(place, Tensor):
        return place._data.name or "array"
    return place.label


def is_contents(place: Place) -> TypeGuard[ObjectPlace]:
    return isinstance(place, ObjectPlace) and place.kind == "contents"


def is_item(place: Place) -> TypeGuard[ObjectPlace]:
    return isinstance(place, ObjectPlace) and place.kind == "item"


def stood(what: Any, place: Place, trace: Trace) -> Any:
    """What `peek` gave, as an object: a handle's value is a tensor."""
    return Tensor(what, trace) if isinstance(place, Tensor) else what


def assign(trace: Trace, place: Place, value: Any) -> None:
    """Put an object at a place, with a note in the journal."""
    if isinstance(place, Tensor):
        place.move(value._data)
    else:
        trace.note_move(place, place.get())
        place.put(value)


def changes_outside(trace: Trace) -> bool:
    """Whether a call changes, on whatever path, what is known outside it."""
    handles = [*trace.arguments, *(entry.handle for entry in trace.externals.values())]
    known = set(map(id, handles))
    return any(
        id(place) in known if isinstance(place, Tensor) else id(place.owner) not in trace.local_ids
        for place in trace.moved.values()
    )


def check_new_keys(a: Iterable[Place], b: Iterable[Place], where: tuple[str, str]) -> None:
    """A dict keeps its keys in the order they came in: that must not depend on a branch."""
    new = [[id(x) for x in moved if is_new_item(x)] for moved in (a, b)]
    both = set(new[0]) & set(new[1])
    first, second = ([x for x in keys if x in both] for keys in new)
    if first != second:
        found = next(x for x in a if id(x) in both)
        assert isinstance(found, ObjectPlace)
        kind = type(found.owner).__name__
        raise refusal("order of keys", kind=kind, where_a=where[0], where_b=where[1])


def is_new_item(place: Place) -> bool:
    """Whether a place is an item that its container did not have."""
    return isinstance(place, ObjectPlace) and place.kind == "item" and place.get() is ABSENT
