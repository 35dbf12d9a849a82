"""Which handles share memory: views, what they are views of, and branches' choices between arrays.

    link      a handle is a view of its base, by an op; `kin` are those it may share memory with
    choice    a branch's result is one handle or another

Bookkeeping only: what a write does about it is in `ops/views.py`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphc.ir.core import Op, Value, region_of
from graphc.ir.opdef import REGISTRY
from graphc.ops.tensor import Tensor
from graphc.ops.trace import current_trace

CONTIGUOUS = {"full", "arange", "linspace", "eye", "constant"}  # and all that is random


@dataclass(eq=False)
class Link:
    """`base` with `op` applied is a view of it. `kin`: for a view that may be a copy, the handles
    that would then share no memory with it; it holds none of them alive."""

    op: str
    base: Tensor | None
    rest: tuple[Any, ...]
    attrs: dict[str, Any]
    kin: tuple[weakref.ref[Tensor], ...] = ()


@dataclass(eq=False)
class Choice:
    """A branch's result is `handle` where `test` is `when` (always, where there is no test)."""

    handle: Callable[[], Tensor | None]
    test: Tensor | None
    when: bool


def link_view(result: Tensor, base: Tensor, op: str, rest: Any, attrs: dict[str, Any]) -> None:
    certain = op != "reshape" or is_contiguous(base)
    kin = () if certain else tuple(weakref.ref(x) for x in family(base))
    result.__dict__["link"] = Link(op, base if certain else None, rest, attrs, kin)
    note_view(base, result)


def note_view(base: Tensor, result: Tensor) -> None:
    views: dict[int, weakref.ref[Tensor]] = base.__dict__.setdefault("views", {})
    key = id(result)
    views[key] = weakref.ref(result, lambda _: views.pop(key, None))


def views_of(base: Tensor) -> Iterator[tuple[Tensor, Link]]:
    """The views of a handle that are alive and can be computed here."""
    for reference in list(base.__dict__.get("views", {}).values()):
        found = reference()
        if found is not None:
            link: Link = found.__dict__["link"]
            if is_open(found) and all(map(is_open, link.rest)):
                yield found, link


def base_link(x: Tensor) -> Link | None:
    link: Link | None = x.__dict__.get("link")
    if link is None or link.base is None:
        return None
    return link if all(map(is_open, (link.base, *link.rest))) else None


def is_open(x: Any) -> bool:
    """Whether a value can be used here: it does not belong to a region or trace that has ended."""
    if not isinstance(x, Tensor) or not x.is_traced:
        return True
    trace = current_trace()
    if trace is None or x._trace is not trace:
        return False
    home = region_of(x._data)
    return home is None or home is trace.region or home.encloses(trace.region)


def family(x: Tensor) -> list[Tensor]:
    """Every handle that certainly shares memory with x, x first."""
    found = [x]
    for member in found:
        link = base_link(member)
        near = [] if link is None or link.base is None else [link.base]
        near += [v for v, down in views_of(member) if down.base is not None]
        found += [other for other in near if all(other is not seen for seen in found)]
    return found


def related(x: Tensor) -> list[Tensor]:
    """Every handle that may share memory with x, x first."""
    found = [x]
    for member in found:
        link: Link | None = member.__dict__.get("link")
        near: list[Tensor | None] = [*family(member)[1:]]
        near += [ref() for ref in (link.kin if link is not None else ())]
        near += [choice.handle() for choice in member.__dict__.get("choices", ())]
        found += [n for n in near if n is not None and all(n is not seen for seen in found)]
    return found


def is_contiguous(x: Tensor) -> bool:
    """Whether reshaping x is surely a view: it has one dimension, or is known to be in C order."""
    if x.ndim <= 1:
        return True
    if not x.is_traced:
        return bool(x._data.flags.c_contiguous)
    value: Value = x._data
    op = value.owner
    while isinstance(op, Op) and op.name in ("setitem", "index_add", "reshape"):
        value = op.operands[0]
        op = value.owner
    if not isinstance(op, Op):
        return False
    is_row = getattr(value.type, "ndim", 2) <= 1 and REGISTRY[op.name].fresh
    return is_row or op.name in CONTIGUOUS or op.name.startswith("random_")


def inverse_axes(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(i) for i in range(len(axes)))


# -- writing --------------------------------------------------------------------------------------
