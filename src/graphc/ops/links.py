"""Which handles share memory: views, what they are views of, and branches' choices between arrays.

    link      a handle is a view of its base, by an op; `kin` are those it may share memory with
    clan      handles that branches chose between: two are one array where their roots are equal
    root      a number for an array made once; of a branch's result, the root of the arm that ran

Bookkeeping only: what a write does about it is in `ops/views.py`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphc.ir.core import Op, Value, region_of
from graphc.ir.opdef import REGISTRY
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, current_trace

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
class Clan:
    """Handles that may be one array, as the branches went that chose between them.

    `kept`: those that are views, or have views, which must not be forgotten with their names.
    """

    members: list[weakref.ref[Tensor]]
    kept: list[Tensor]

    def alive(self) -> Iterator[Tensor]:
        return (x for x in (reference() for reference in self.members) if x is not None)


def clan_of(x: Tensor) -> list[Tensor]:
    """What x may be by a branch, and what may be x; without x."""
    clan: Clan | None = x.__dict__.get("clan")
    return [] if clan is None else [other for other in clan.alive() if other is not x]


def join_clans(handles: list[Tensor]) -> None:
    """Note that a branch has chosen between handles: the last is its result."""
    joined = Clan([], [])
    for handle in handles:
        old: Clan | None = handle.__dict__.get("clan")
        for member in [handle] if old is None else old.alive():
            if member.__dict__.get("clan") is not joined:
                joined.members.append(weakref.ref(member))
                if "link" in member.__dict__ or "views" in member.__dict__:
                    joined.kept.append(member)
                member.__dict__["clan"] = joined


def root_of(x: Tensor | None, trace: Trace) -> Any:
    """The root of a handle: an int, or a traced one. A new one for an array without a name."""
    if x is not None and "root" in x.__dict__:
        return x.__dict__["root"]
    trace.n_roots += 1
    if x is not None:
        x.__dict__["root"] = trace.n_roots
    return trace.n_roots


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
        near += clan_of(member)
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
