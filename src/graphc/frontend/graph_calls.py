"""Calls of a recursive function's graph: what goes in, what comes out, and what it changed."""

from __future__ import annotations

from typing import Any

from graphc import tree
from graphc.errors import StagingError
from graphc.frontend.activation import Activation
from graphc.frontend.aliases import origins
from graphc.frontend.cells import put
from graphc.frontend.merging import Varies, leaf_value
from graphc.frontend.regions import StagedRaise, Undecided
from graphc.frontend.unbound import show
from graphc.ir.core import Op
from graphc.ir.types import NOTHING, Type, has_dimensions
from graphc.ops import links, views
from graphc.ops.tensor import Tensor
from graphc.source import Location, located


def emit_call(mine: Activation, leaves: list[Any], loc: Location | None = None) -> Op:
    """Emit a call of an activation's graph with this state."""
    trace = mine.trace
    if mine.is_undecided:
        raise Undecided
    operands = [
        leaf_value(leaf, trace)
        for leaf, kind in zip(leaves, mine.types, strict=True)
        if kind is not None
    ]
    operands += [handle._data for handle in mine.arrays]
    types: list[Type] = []
    if not mine.never:
        types += [slot.type for slot in mine.guess or () if isinstance(slot, Varies)]
        types += [mine.types[i] or NOTHING for i in mine.written]
        types += mine.handles.values()
    return trace.emit("graph_call", operands, {"callee": mine.graph}, types=types, loc=loc)


def results_of(mine: Activation, leaves: list[Any], op: Op) -> Any:
    """What the function returns, from the results of a call; what it changed is assigned."""
    if mine.never:
        raise StagedRaise
    results = iter(op.results)
    built = [
        Tensor(next(results), mine.trace) if isinstance(slot, Varies) else slot
        for slot in mine.guess or ()
    ]
    for handle in changed_by(mine, leaves):
        views.write(handle, Tensor(next(results), mine.trace))
    _note_other_names(mine, leaves, built)
    result, *contents = tree.unflatten(mine.result, built)
    for place, content in zip(mine.places, contents, strict=True):
        put(mine.trace, place, content)
    return result


def _note_other_names(mine: Activation, leaves: list[Any], built: list[Any]) -> None:
    """A result may be an argument itself, or another array known here: whoever writes to one of the
    two would have to change both. Until the graph is complete, any argument may be meant.
    """
    assert mine.graph is not None
    region = mine.graph.region
    slots = zip(built, mine.guess or (), strict=True)
    results = [x for x, slot in slots if isinstance(slot, Varies)]
    varying = [leaf for leaf, kind in zip(leaves, mine.types, strict=True) if kind is not None]
    outside = [*leaves, *(content for _, content in mine.cells.held)]
    outside += [entry.handle for entry in mine.trace.externals.values()]
    for index, result in enumerate(results):
        if not _is_array(result):
            continue
        others = leaves
        if region.results:
            found = origins(region.results[index], region)
            others = [varying[i] for i, v in enumerate(region.params[: len(varying)]) if v in found]
            others += [x for x in outside if _is_array(x) and x._data in found]
        views.uncertain(result, [x for x in others if _is_array(x)])


def _is_array(x: Any) -> bool:
    """Whether a leaf stands for an array that can be written to, and not for a number."""
    return isinstance(x, Tensor) and x.is_traced and has_dimensions(x.type)


def changed_by(mine: Activation, leaves: list[Any]) -> list[Tensor]:
    """The arrays that a call changes in place: arguments of it, then arrays from outside.

    The graph has one value for each: none of them may be, or share memory with, another argument.
    """
    known = list(enumerate(leaves))
    varying = [(i, leaf) for i, leaf in known if mine.types[i] is not None]
    outside = [(None, handle) for handle in mine.arrays]
    for i in mine.written:
        if not isinstance(leaves[i], Tensor):
            raise _refuse_change(mine, f"which is {show(leaves[i])} here")
        _refuse_shared(mine, leaves[i], [other for j, other in known + outside if j != i])
    for handle in mine.arrays:
        _refuse_shared(mine, handle, [other for _, other in varying])
    return [leaves[i] for i in mine.written] + mine.arrays


def _refuse_shared(mine: Activation, changed: Tensor, others: list[Any]) -> None:
    """Refuse an argument that shares memory with an array which the call changes."""
    arrays = [other for other in others if isinstance(other, Tensor)]
    for x in links.family(changed):
        if any(x is other or x._data is other._data for other in arrays):
            raise _refuse_change(mine, "and knows the array in another way, too")


def _refuse_change(mine: Activation, why: str) -> StagingError:
    return located(
        StagingError,
        f"a recursive call of '{mine.name}' changes an argument in place, {why}",
        hint="pass a copy, so that each argument is an array of its own: x.copy()",
    )
