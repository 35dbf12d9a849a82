"""What a loop carries: joining the types, structures and places of one iteration with the next.

A `LoopPlan` is the current guess. After each attempt `widen` compares what the body was given with
what it returned, and says whether the guess has changed; then the body is traced again.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.aligning import Aligned, align
from graphc.frontend.loop_plan import LoopPlan, leaf_type, starts
from graphc.frontend.merging import (
    different_objects,
    instances,
    is_stageable,
    join_types,
    leaf_names,
    leaf_value,
    made_in,
    same_static,
)
from graphc.frontend.places import ObjectPlace, is_contents, is_item, label_of
from graphc.frontend.regions import Traced, inside
from graphc.frontend.unbound import LostName, UnboundName
from graphc.ir.core import Op, Region, Value
from graphc.ir.types import PYBOOL, Array, Maybe, Nothing, Type, strip_maybe
from graphc.ir.types import Sequence as SequenceType
from graphc.ops import links, views
from graphc.ops.list_items import Listed, as_sequence, held, staged_sequence
from graphc.ops.lists import TracedList, is_lent
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located

# To an array that one variable of the function names: that variable, the loop's state and plan,
# and the call that asks. In a branch, an inner loop or a called function there are more.
OWN_REFERENCES = 7
ITERATIONS = ("before an iteration", "after it")


def widen(plan: LoopPlan, traced: Traced) -> bool:
    """Join the carries' types with those after the iteration; whether anything changed."""
    if _adapt_structures(plan, kept(plan, traced.output), traced.region):
        return True
    changed = False
    new_leaves = output_leaves(plan, traced)
    _refuse_changed_objects(plan)
    lent = {n for n, item in enumerate(plan.bound) if is_lent(item, traced.region)}
    changed |= not lent <= plan.lent
    plan.lent |= lent
    names = leaf_names(plan.names, plan.structures)
    for i, (name, old, new) in enumerate(zip(names, plan.leaves, new_leaves, strict=True)):
        _refuse_written_then_known(plan, traced.region, i, name, new)
        if _changed_in_place(plan, i, name, new_leaves):
            plan.types[i] = None  # the handle itself goes in, and is carried as a handle
            changed = True
        else:
            changed |= _widen_leaf(plan, traced.region, i, name, old, new)
    for place, new in traced.moved.items():
        if isinstance(place, Tensor):
            changed |= _widen_handle(plan, place, new)
        else:
            _carry_place(plan, place)
            changed = True
    return changed


def _widen_handle(plan: LoopPlan, handle: Tensor, new: Value) -> bool:
    _check_not_iterated(plan, handle)
    old = plan.handles.get(handle)
    joined = join_types(label_of(handle), old or handle._data.type, new.type, ITERATIONS)
    plan.handles[handle] = joined
    return joined != old


def _check_not_iterated(plan: LoopPlan, handle: Tensor) -> None:
    """Refuse to change the array that a staged loop goes over: Python reads items as it goes."""
    for sequence in [] if plan.source is None else plan.source.sequences:
        value = sequence
        while isinstance(value.owner, Op) and value.owner.name in ("rows", *views.WRITE_BACK):
            value = value.owner.operands[0]
            if value is handle._data:
                name = label_of(handle)
                raise located(
                    Unstageable,
                    f"'{name}' is changed in place while a staged loop goes over it",
                    hint=f"loop over a copy: for … in {name}.copy(), or over indices",
                )


def _carry_place(plan: LoopPlan, place: ObjectPlace) -> None:
    """An attribute or item that the body assigns is carried like a name."""
    leaves, structure = tree.flatten(place.get())
    if is_contents(place):
        _drop_items(plan, place.owner)
    plan.places.append(place)
    plan.names = (*plan.names, place.label)
    plan.structures.append(structure)
    plan.leaves += leaves
    plan.types += [leaf_type(leaf, plan.trace) for leaf in leaves]


def _drop_items(plan: LoopPlan, owner: Any) -> None:
    """Carry a list or dict as a whole, and not some of its items besides."""
    first = len(plan.names) - len(plan.places)
    for n in reversed(range(len(plan.places))):
        if is_item(plan.places[n]) and plan.places[n].owner is owner:
            start = starts(plan)[first + n]
            leaves = slice(start, start + tree.count(plan.structures[first + n]))
            del plan.leaves[leaves], plan.types[leaves]
            del plan.structures[first + n], plan.places[n]
            plan.names = (*plan.names[: first + n], *plan.names[first + n + 1 :])


def _widen_leaf(plan: LoopPlan, region: Region, i: int, name: str, old: Any, new: Any) -> bool:
    kind = plan.types[i]
    if kind is None or not is_stageable(new):
        if same_static(old, new):
            return False
        raise different_objects(name, old, new, ITERATIONS)
    if isinstance(kind, Nothing) and same_static(old, new):
        return False
    with plan.trace.inside(region):
        new_type = leaf_value(new, plan.trace).type
    joined = join_types(name, kind, new_type, ITERATIONS)
    if isinstance(joined, Nothing):
        joined = Maybe(PYBOOL)  # unbound before, None after: of no type, but not the same
    if joined == kind:
        return False
    if plan.strict and not _is_number_change(kind, joined):
        raise Unstageable(f"'{name}' changes from {kind} to {joined}")
    plan.types[i] = joined
    return True


def _changed_in_place(plan: LoopPlan, i: int, name: str, new_leaves: list[Any]) -> bool:
    """Whether a name's array was changed in place and not bound anew.

    Whoever else knows the array sees the change, so its own handle must be carried. Both at once
    cannot be staged: the first iteration would change the array there was, the others not. Unless
    nobody else knows it: then that does not matter. More references than the variable's and the
    loop's own may be another name, and are taken for one.
    """
    outer, inner, new = plan.leaves[i], plan.inner[i], new_leaves[i]
    if plan.types[i] is None:
        return False
    if not isinstance(outer, Tensor) or not isinstance(inner, Tensor) or inner is outer:
        return False
    moved = not isinstance(inner._data.owner, Region)
    if moved:
        _check_not_iterated(plan, outer)
    journal = sum(place is outer for place, _ in plan.trace.moves)
    is_alone = sys.getrefcount(outer) <= OWN_REFERENCES + journal
    if moved and new is not inner and not (is_alone and not _has_other_names(plan, i, new_leaves)):
        raise _written_then_bound(name)
    return moved and new is inner


def _refuse_written_then_known(plan: LoopPlan, region: Region, i: int, name: str, new: Any) -> None:
    """Refuse to write to what is None or unbound at first, and then an array from outside: the
    write would have to reach that.
    """
    inner = plan.inner[i]
    written = isinstance(inner, Tensor) and not isinstance(inner._data.owner, Region)
    if not written or new is inner or isinstance(plan.leaves[i], Tensor):
        return
    others = links.related(new) if isinstance(new, Tensor) else []
    if any(other is not inner and not inside(region, other._data) for other in others):
        raise _written_then_bound(name)


def _written_then_bound(name: str) -> GraphcError:
    return located(
        Unstageable,
        f"'{name}' is changed in place and then bound to another array, in a loop",
        hint=f"keep to the one array ({name}[:] = …), or write to the new one after binding it",
    )


def _has_other_names(plan: LoopPlan, i: int, new_leaves: list[Any]) -> bool:
    """Whether a carried name is, in one iteration or another, an array known outside the loop."""
    came_from = came_from_names(plan, i, new_leaves)
    before = [plan.leaves[j] for j in (i, *came_from)]
    if any(isinstance(x, Tensor) and is_exposed(plan.trace, x) for x in before):
        return True
    ends = [new_leaves[j] for j in (i, *came_from)]
    bound = [views.handle_of(x, plan.trace) for x in ends if isinstance(x, Tensor | np.ndarray)]
    return any(links.is_open(other) for new in bound for other in links.related(new))


def came_from_names(plan: LoopPlan, i: int, new_leaves: list[Any]) -> list[int]:
    """The carried names that a name may have been before: `a, b = b, a` makes it both."""
    found: list[int] = []
    todo = [i]
    while todo:
        new = new_leaves[todo.pop()]
        near = [j for j, inner in enumerate(plan.inner) if inner is new and j not in found]
        found += near
        todo += near
    return found


def is_exposed(trace: Trace, handle: Tensor) -> bool:
    """Whether a handle stands for an argument's or another outside array."""
    outside = [*trace.arguments, *(entry.handle for entry in trace.externals.values())]
    return any(each is handle for each in outside)


def _is_number_change(a: Type, b: Type) -> bool:
    return isinstance(a, Array) and isinstance(b, Array) and a.weak and b.weak


def kept(plan: LoopPlan, output: tuple[Any, ...]) -> list[Any]:
    """What an iteration returns, without what is lost."""
    kept = []
    for start, structure, item in zip(starts(plan), plan.structures, output, strict=True):
        leaf = plan.leaves[start] if structure == tree.LEAF else None
        kept.append(leaf if isinstance(leaf, LostName) else item)
    return kept


def as_carried(plan: LoopPlan, n: int, item: Any) -> Any:
    """What an iteration returned; a list as its items, where a sequence is carried."""
    start = starts(plan)[n]
    is_list = isinstance(item, list) and staged_sequence(item) is None
    if not is_list or plan.structures[n] != tree.LEAF:
        return item
    kind = plan.types[start]
    is_sequence = kind is not None and isinstance(strip_maybe(kind), SequenceType)
    return Listed(list(item)) if is_sequence else item


def output_leaves(plan: LoopPlan, traced: Traced) -> list[Any]:
    """The leaves of what an iteration returned, in the loop's structures."""
    items = kept(plan, traced.output)
    return [
        leaf for n, item in enumerate(items) for leaf in _aligned(plan, n, item, traced.region)[1]
    ]


def _aligned(plan: LoopPlan, n: int, item: Any, region: Region) -> Aligned:
    """What a name is before the loop, as far as it is known what it may become, and what an
    iteration has made of it; objects made in the iteration are taken apart.
    """
    start, structure = starts(plan)[n], plan.structures[n]
    before = tree.unflatten(structure, plan.leaves[start : start + tree.count(structure)])
    taken_apart = [id(x) for x in instances(before, structure)]
    is_new = made_in(plan.trace, region)
    return align(
        plan.trace, plan.names[n], before, item, ITERATIONS,
        lambda x: id(x) in taken_apart or is_new(x), repeats=True,
    )  # fmt: skip


def _refuse_changed_objects(plan: LoopPlan) -> None:
    """An object carried as its attributes must not be changed: others may know the first one."""
    is_object = made_in(plan.trace, plan.trace.graph.region)
    for name, structure, item, start in zip(
        plan.names, plan.structures, plan.inner_state, starts(plan), strict=True
    ):
        if not isinstance(structure, tree.Node) or not structure.is_object:
            continue
        leaves = tree.flatten(item, is_object)[0]
        given = plan.inner[start : start + len(leaves)]
        if len(leaves) != tree.count(structure) or any(map(operator.is_not, leaves, given)):
            raise located(
                Unstageable,
                f"the object '{name}' is changed in a loop that also binds the name to another one",
                hint="either change the object, or make a new one in each iteration",
            )


def _adapt_structures(plan: LoopPlan, output: Sequence[Any], region: Region) -> bool:
    """Let names take the structure that covers what there is before the loop and after an
    iteration.
    """
    changed = False
    for n, (name, item) in enumerate(zip(plan.names, output, strict=True)):
        old, new = plan.structures[n], tree.flatten(item, made_in(plan.trace, region))[1]
        start = starts(plan)[n]
        before = plan.leaves[start : start + tree.count(old)]
        if old != new and _becomes_sequence(plan, n, old, new):
            sequence = as_sequence(held(tree.unflatten(old, before)))
            with plan.trace.inside(region):
                grown = as_sequence(held(item))
            joined = join_types(name, sequence.type, grown.type, ITERATIONS)
            _restructure(plan, n, [sequence], tree.LEAF)
            plan.types[start] = joined
            changed = True
            continue
        if isinstance(new, tree.Node) and new.is_instance and old == tree.LEAF:
            is_object = made_in(plan.trace, plan.trace.graph.region)
            leaves, structure = tree.flatten(before[0], is_object)
            if structure == new:
                _restructure(plan, n, leaves, structure)
                changed = True
                continue
        leaves, _, structure = _aligned(plan, n, item, region)
        is_lost = isinstance(leaves[0], LostName) if structure == tree.LEAF else False
        if structure != old or is_lost and before[0] is not leaves[0]:
            if plan.strict and not isinstance(before[0], UnboundName):
                raise Unstageable(f"'{name}' changes its structure")
            _restructure(plan, n, leaves, structure)
            changed = True
    return changed


def _restructure(plan: LoopPlan, n: int, leaves: list[Any], structure: tree.Structure) -> None:
    """Give a name another structure, with these leaves before the loop."""
    start = starts(plan)[n]
    end = start + tree.count(plan.structures[n])
    plan.structures[n] = structure
    plan.leaves[start:end] = leaves
    plan.types[start:end] = [leaf_type(leaf, plan.trace) for leaf in leaves]


def _becomes_sequence(plan: LoopPlan, n: int, old: Any, new: Any) -> bool:
    """Whether a list made while tracing, or a name for one, gets another length in an iteration."""
    if not isinstance(old, tree.Node) or old.kind is not list:
        return False
    staged = new == tree.LEAF or (isinstance(new, tree.Node) and new.kind is list)
    if any(child != tree.LEAF for child in old.children):
        staged = new == tree.LEAF or staged and len(new.children) != len(old.children)
    owned = n < len(plan.names) - len(plan.places)
    if not owned:
        place = plan.places[n - len(plan.names)]
        owned = is_contents(place) and isinstance(place.owner, TracedList)
    if staged and owned and plan.strict:
        name = f"the list '{plan.names[n]}'" if n < len(plan.names) - len(plan.places) else "a list"
        raise Unstageable(f"{name} changes its length")
    return staged and owned
