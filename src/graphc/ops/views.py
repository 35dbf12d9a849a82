"""Views: tensors that share memory in NumPy, kept in step when one of them is written to.

    y = x[1:]; y[0] = 5     y becomes setitem(y, 5, 0), and x becomes setitem(x, y, 1:)
    y = x[1:]; x[2] = 7     x becomes setitem(x, 7, 2), and y becomes getitem(x, 1:)

    if p: y = x
    else: y = z
    y[0] = 5                x becomes `if p { y } else { x }`, and z becomes `if p { z } else { y }`

Graph values are immutable; what is shared is known by handles: a view links to the handle it was
taken from, and that one knows the views of it that are alive; so does the result of a branch that
yields one array or another (`Clan`). Updates nobody reads are dead ops.
Whether `x.reshape(…)` is a view or a copy depends on the memory layout of x. Where that is not
known, a write that could be seen through the other of the two is refused.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphc.errors import TensorValueError, UnsupportedError
from graphc.ir.core import Region, region_of
from graphc.ir.types import has_dimensions, join
from graphc.ops.basic import shape
from graphc.ops.links import (
    Link,
    base_link,
    clan_of,
    family,
    inverse_axes,
    is_open,
    join_clans,
    link_view,
    note_view,
    related,
    root_of,
    views_of,
)
from graphc.ops.tensor import Tensor, apply, external, value_of
from graphc.ops.trace import TAPES, Trace, Unstageable, current_trace
from graphc.source import located, user_location

# How a view's new value gets back into what it is a view of; read-only views are not here.
WRITE_BACK: dict[str, Callable[..., Any]] = {
    "getitem": lambda base, view, *index, spec: apply("setitem", base, view, *index, spec=spec),
    "reshape": lambda base, view, *dims: apply("reshape", view, *shape(base)),
    "transpose": lambda base, view, axes: apply("transpose", view, axes=inverse_axes(axes)),
    "expand_dims": lambda base, view, axis: apply("squeeze", view, axis=axis),
    "squeeze": lambda base, view, axis: apply("expand_dims", view, axis=axis),
    "flip": lambda base, view, axis: apply("flip", view, axis=axis),
}
READ_ONLY = {"broadcast_to", "broadcast_arrays", "diagonal"}


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
        link_view(result, handle_of(x, trace), op, rest, attrs)
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
    assert trace is not None, "branches are staged while tracing"
    older, roots = [], []
    for arm in arms:
        handle = handle_of(arm, trace) if isinstance(arm, Tensor | np.ndarray) else None
        home = region if handle is None else region_of(handle._data)
        if handle is not None and (home is None or home.encloses(region)):
            older.append(handle)
            roots.append(root_of(handle, trace))
            continue
        roots.append(root_of(None, trace))
        if handle is not None:
            uncertain(result, related(handle)[1:], handle.__dict__.get("link"))
    if older:
        join_clans([*older, result])
        result.__dict__["root"] = roots[0] if test is None else _either(test, *roots)


def one_array(result: Tensor, x: Tensor) -> Tensor:
    """Note that `result` is `x`, where it is anything."""
    trace = current_trace()
    if trace is not None and has_dimensions(result.type):
        result.__dict__["root"] = root_of(x, trace)
        join_clans([x, result])
    return result


def _either(test: Any, a: Any, b: Any) -> Any:
    """`a` where the test holds, else `b`: without touching an element."""
    if test is True or test is False:
        return a if test else b
    trace = current_trace()
    assert trace is not None, "tests are known outside traces"
    arms, values = [], [value_of(x, trace) for x in (a, b)]
    for value in values:
        with trace.inside(Region()) as region:
            region.results.append(value)
        arms.append(region)
    joined = join(values[0].type, values[1].type)
    assert joined is not None, "the result of a branch is of its arms' types"
    return Tensor(trace.emit("if", [test._data], {}, arms, [joined]).result, trace)


def uncertain(result: Tensor, others: list[Tensor], link: Link | None = None) -> None:
    """Note that `result` may share memory with `others`: writing to either will be refused."""
    before: Link | None = result.__dict__.get("link")
    if others or link is not None:
        kin = (*(before.kin if before is not None else ()), *map(weakref.ref, others))
        op = next((each.op for each in (link, before) if each is not None), "")
        result.__dict__["link"] = Link(op, None, (), {}, kin)
    for other in others:
        note_view(other, result)


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
        if any(is_open(other) and _has_kin(other) for other in clan_of(member)):
            raise _uncertain()
        above: Link | None = member.__dict__.get("link")
        if above is not None and any(_is_alive(ref) for ref in above.kin):
            raise _uncertain()
        if any(down.kin for _, down in views_of(member)):
            raise _uncertain()


def _has_kin(x: Tensor) -> bool:
    """Whether x, or what it may be by a branch, may share memory in a way that is not known."""
    for member in related(x):
        link: Link | None = member.__dict__.get("link")
        if link is not None and any(map(_is_alive, link.kin)):
            return True
    return False


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
    link = base_link(x)
    if link is None or link.base is None:
        return
    base = link.base
    base.become(WRITE_BACK[link.op](base, x, *link.rest, **link.attrs))
    _update_base(base)
    _update_views(base, but=x)
    _update_choices(base)


def _update_views(base: Tensor, but: Tensor | None = None) -> None:
    for found, link in views_of(base):
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
        for other in filter(is_open, clan_of(x)):
            a, b = x.__dict__["root"], other.__dict__["root"]
            if not (is_open(a) and is_open(b)):
                raise _uncertain()
            same = a == b if type(a) is type(b) is int else apply("eq", a, b)
            if same is not False:
                other.become(_either(same, x, other))
                _update_base(other)
                _update_views(other)
    finally:
        del x.__dict__["spreading"]
