"""Variables of enclosing functions that a function binds anew (`nonlocal`), as places."""

from __future__ import annotations

import dis
import functools
from types import CellType, FunctionType
from typing import Any

from graphc import tree
from graphc.frontend.merging import same_static
from graphc.frontend.places import ObjectPlace, assign
from graphc.ops.trace import Trace

EMPTY = object()


def rebinds(fn: Any) -> bool:
    """Whether a call may bind a variable of an enclosing function anew. Only a statement of that
    function can carry it through a loop.
    """
    if isinstance(fn, functools.partial):
        return rebinds(fn.func)
    todo, seen = [fn], {id(fn)}
    for each in todo:
        if not isinstance(each, FunctionType):
            continue
        free = each.__code__.co_freevars
        for step in dis.get_instructions(each.__code__):
            if step.opname in ("STORE_DEREF", "DELETE_DEREF") and step.argval in free:
                return True
        places = map(CellPlace, each.__closure__ or (), free)
        found = [place.get() for place in places]
        todo += [x for x in found if id(x) not in seen]
        seen.update(map(id, found))
    return False


class CellPlace:
    """A variable in a closure. One per snapshot, so that it is found by identity."""

    __slots__ = ("cell", "key")

    kind = "variable"

    def __init__(self, cell: CellType, name: str) -> None:
        self.cell = cell
        self.key = name

    @property
    def label(self) -> str:
        return self.key

    def get(self) -> Any:
        try:
            return self.cell.cell_contents
        except ValueError:
            return EMPTY

    def put(self, content: Any) -> None:
        if content is EMPTY:
            del self.cell.cell_contents
        else:
            self.cell.cell_contents = content


def put(trace: Trace, place: ObjectPlace | CellPlace, content: Any) -> None:
    """Assign to a place; for a cell that is Python's own assignment, of which the journal has no
    note.
    """
    if isinstance(place, CellPlace):
        place.put(content)
    else:
        assign(trace, place, content)


class Snapshot:
    """What the variables that a function can bind outside itself hold before it is called: those
    in its closure, and in the closures of functions found there and among its arguments.
    """

    def __init__(self, fn: FunctionType, arguments: Any) -> None:
        self.held: list[tuple[CellPlace, Any]] = []
        leaves = tree.flatten(arguments)[0]
        todo = [fn, *(leaf for leaf in leaves if isinstance(leaf, FunctionType))]
        seen: set[int] = set()
        for each in todo:
            names = each.__code__.co_freevars
            for name, cell in zip(names, each.__closure__ or (), strict=True):
                if id(cell) in seen:
                    continue
                seen.add(id(cell))
                place = CellPlace(cell, name)
                content = place.get()
                self.held.append((place, content))
                if isinstance(content, FunctionType):
                    todo.append(content)

    def changed(self) -> list[CellPlace]:
        """The variables that hold something else now."""
        return [place for place, before in self.held if not same_static(before, place.get())]

    def restore(self) -> None:
        for place, before in self.held:
            if place.get() is not before:
                place.put(before)
