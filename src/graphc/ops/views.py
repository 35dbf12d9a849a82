"""Views: tensors that share memory in NumPy, kept in step when one of them is written to.

    y = x[1:]; y[0] = 5     y becomes setitem(y, 5, 0), and x becomes setitem(x, y, 1:)
    y = x[1:]; x[2] = 7     x becomes setitem(x, 7, 2), and y becomes getitem(x, 1:)

    if p: y = x
    else: y = z
    y[0] = 5                x becomes `if p { y } else { x }`, and z becomes `if p { z } else { y }`

Graph values are immutable; what is shared is known by handles: a view links to the handle it was
taken from, and that one knows the views of it that are alive; so does the result of a branch that
yields one array or another (`Choice`). Updates nobody reads are dead ops.
Whether `x.reshape(…)` is a view or a copy depends on the memory layout of x. Where that is not
known, a write that could be seen through the other of the two is refused.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc.errors import TensorValueError, UnsupportedError
from graphc.ir.core import Op, Region, Value, region_of
from graphc.ir.opdef import REGISTRY
from graphc.ir.types import join
from graphc.ops.basic import shape
from graphc.ops.tensor import Tensor, apply, external
from graphc.ops.trace import TAPES, Trace, Unstageable, current_trace
from graphc.source import located, user_location

# How a view's new value gets back into what it is a view of; read-only views are not here.
WRITE_BACK: dict[str, Callable[..., Any]] = {
    "getitem": lambda base, view, *index, spec: apply("setitem", base, view, *index, spec=spec),
    "reshape": lambda base, view, *dims: apply("reshape", view, *shape(base)),
    "transpose": lambda base, view, axes: apply("transpose", view, axes=_inverse(axes)),
    "expand_dims": lambda base, view, axis: apply("squeeze", view, axis=axis),
    "squeeze": lambda base, view, axis: apply("expand_dims", view, axis=axis),
    "flip": lambda base, view, axis: apply("flip", view, axis=axis),
}
READ_ONLY = {"broadcast_to", "broadcast_arrays", "diagonal"}
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

    handle: weakref.ref[Tensor]
    test: Tensor | None
    when: bool


def view(op: str, x: Any, *rest: Any, **attrs: Any) -> Any:
    """Apply an op whose result is a view of `x`, and link the result to x's handle."""
    result = apply(op, x, *rest, **attrs)
    trace = current_trace()
    if trace is None and not TAPES.get():
        return result
    if op == "getitem" and not result.ndim and "e" not in attrs["spec"]:
        return result  # a number: NumPy copies it
    if isinstance(x, Tensor) or (trace is not None and isinstance(x, np.ndarray)):
        if not x.ndim and isinstance(x, Tensor) and x.array_type.weak:
            return result
        _link(result, handle_of(x, trace), op, rest, attrs)
    return result


def read_only(x: Tensor, op: str) -> Tensor:
    """Mark a result that NumPy does not let be written to."""
    x.__dict__["link"] = Link(op, None, (), {})
    return x


def row_of_loop(x: Tensor) -> Tensor:
    """Mark an item of a staged loop over an array: writing to it would have to reach the array."""
    x.__dict__["link"] = Link("rows", None, (), {})
    return x


def handle_of(x: Any, trace: Trace | None) -> Tensor:
    """The handle that stands for an array or tensor: its own, or the trace's for it."""
    if trace is None or (isinstance(x, Tensor) and x.is_traced):
        return x  # type: ignore[no-any-return]
    handle: Tensor = external(x, trace).handle
    return handle


def write(x: Any, result: Tensor) -> None:
    """Give `x` a new value in place: its views and what it is a view of follow."""
    handle = handle_of(x, current_trace())
    _check_writable(handle)
    handle.become(result)
    _update_base(handle)
    _update_views(handle)
    _update_choices(handle)


def chosen(result: Tensor, test: Tensor | None, arms: tuple[Any, Any], region: Region) -> None:
    """Note that `result`, made in `region` by a branch, is by `test` one array or the other.

    An array that the arm has made itself has no other name, unless it is a view of one that has.
    """
    trace = current_trace()
    for arm, when in zip(arms, (True, False), strict=True):
        if not isinstance(arm, Tensor | np.ndarray):
            continue
        handle = handle_of(arm, trace)
        home = region_of(handle._data)
        if home is None or home is region or home.encloses(region):
            choice = Choice(weakref.ref(handle), test, when)
            result.__dict__.setdefault("choices", []).append(choice)
            handle.__dict__.setdefault("results", []).append((weakref.ref(result), choice))
        else:
            uncertain(result, related(handle)[1:], handle.__dict__.get("link"))


def uncertain(result: Tensor, others: list[Tensor], link: Link | None = None) -> None:
    """Note that `result` may share memory with `others`: writing to either will be refused."""
    before: Link | None = result.__dict__.get("link")
    if others or link is not None:
        kin = (*(before.kin if before is not None else ()), *map(weakref.ref, others))
        op = next((each.op for each in (link, before) if each is not None), "")
        result.__dict__["link"] = Link(op, None, (), {}, kin)
    for other in others:
        _note_view(other, result)


# -- links ----------------------------------------------------------------------------------------


def _link(result: Tensor, base: Tensor, op: str, rest: Any, attrs: dict[str, Any]) -> None:
    certain = op != "reshape" or is_contiguous(base)
    kin = () if certain else tuple(weakref.ref(x) for x in family(base))
    result.__dict__["link"] = Link(op, base if certain else None, rest, attrs, kin)
    _note_view(base, result)


def _note_view(base: Tensor, result: Tensor) -> None:
    views: dict[int, weakref.ref[Tensor]] = base.__dict__.setdefault("views", {})
    key = id(result)
    views[key] = weakref.ref(result, lambda _: views.pop(key, None))


def _views(base: Tensor) -> Iterator[tuple[Tensor, Link]]:
    """The views of a handle that are alive and can be computed here."""
    for reference in list(base.__dict__.get("views", {}).values()):
        found = reference()
        if found is not None:
            link: Link = found.__dict__["link"]
            if is_open(found) and all(map(is_open, link.rest)):
                yield found, link


def _base(x: Tensor) -> Link | None:
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
        link = _base(member)
        near = [] if link is None or link.base is None else [link.base]
        near += [v for v, down in _views(member) if down.base is not None]
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


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(i) for i in range(len(axes)))


# -- writing --------------------------------------------------------------------------------------


def _check_writable(x: Tensor) -> None:
    for link in _links_above(x):
        if link.op in READ_ONLY:
            raise located(
                TensorValueError, "assignment destination is read-only", user_location(),
                "write to a copy: x = x.copy()",
            )  # fmt: skip
        if link.op == "rows":
            raise located(
                Unstageable, "writing to the rows that a staged loop goes over", user_location(),
                "loop over indices: for i in range(len(x)): x[i] = …",
            )  # fmt: skip
    for member in family(x):
        if member.__dict__.get("held"):
            raise located(
                Unstageable,
                "writing to an array that is an item of a list whose length depends on the data",
                user_location(),
                "append a copy: x.copy()",
            )
        above: Link | None = member.__dict__.get("link")
        if above is not None and any(_is_alive(ref) for ref in above.kin):
            raise _uncertain()
        if any(down.kin for _, down in _views(member)):
            raise _uncertain()


def _links_above(x: Tensor) -> Iterator[Link]:
    """The link of x, of what it is a view of, and so on."""
    above: Tensor | None = x
    while above is not None and (link := above.__dict__.get("link")) is not None:
        yield link
        above = link.base


def _is_alive(reference: weakref.ref[Tensor]) -> bool:
    found = reference()
    return found is not None and is_open(found)


def _uncertain() -> UnsupportedError:
    return located(
        UnsupportedError,
        "this writes to an array that another name may share, or hold reshaped: whether NumPy "
        "would change both depends on a branch or loop, or on how the array lies in memory",
        user_location(),
        "take the view of a copy: x.copy().reshape(…), or write before taking it",
    )


def _update_base(x: Tensor) -> None:
    link = _base(x)
    if link is None or link.base is None:
        return
    base = link.base
    base.become(WRITE_BACK[link.op](base, x, *link.rest, **link.attrs))
    _update_base(base)
    _update_views(base, but=x)
    _update_choices(base)


def _update_views(base: Tensor, but: Tensor | None = None) -> None:
    for found, link in _views(base):
        if found is not but:
            if link.base is None:
                raise _uncertain()
            found.become(apply(link.op, base, *link.rest, **link.attrs))
            _update_views(found)
            _update_choices(found)


def _update_choices(x: Tensor) -> None:
    """What x may be, and what may be x, takes its value where it is x."""
    if x.__dict__.get("spreading"):
        return
    x.__dict__["spreading"] = True
    try:
        for other, path in list(_aliases(x, [x])):
            value = x
            for choice in path:
                value = _where(choice, value, other)
            other.become(value)
            _update_base(other)
            _update_views(other)
    finally:
        del x.__dict__["spreading"]


def _aliases(x: Tensor, seen: list[Tensor]) -> Iterator[tuple[Tensor, list[Choice]]]:
    """Every handle that may be x's array, once for each chain of choices that makes it so."""
    near = [(c.handle(), c) for c in x.__dict__.get("choices", ())]
    near += [(reference(), c) for reference, c in x.__dict__.get("results", ())]
    for other, choice in near:
        if other is None or any(other is each for each in seen):
            continue
        if is_open(other) and is_open(choice.test):
            yield other, [choice]
            for further, path in _aliases(other, [*seen, other]):
                yield further, [choice, *path]


def _where(choice: Choice, new: Tensor, old: Tensor) -> Tensor:
    """`new` where the choice holds, else `old`: without touching an element."""
    trace = current_trace()
    if choice.test is None or trace is None:
        return new
    arms = []
    for x in (new, old) if choice.when else (old, new):
        with trace.inside(Region()) as region:
            region.results.append(x._data)
        arms.append(region)
    joined = join(new.type, old.type)
    assert joined is not None, "the result of a branch is of its arms' types"
    return Tensor(trace.emit("if", [choice.test._data], {}, arms, [joined]).result, trace)
