"""What names of a staged loop may share with arrays and lists that others know, or may not."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc import tree
from graphc.frontend.branches import has_names
from graphc.frontend.convert import names_of_results
from graphc.frontend.loop_plan import LoopPlan
from graphc.frontend.merging import leaf_names
from graphc.frontend.widening import came_from_names, is_exposed
from graphc.ir.core import Region
from graphc.ir.types import has_dimensions
from graphc.ops import links, views
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located


def check_aliases(plan: LoopPlan, new_leaves: list[Any]) -> None:
    """Refuse a name that the body binds to an array which later iterations change in place.

    The name is carried as a value, and would not see the change. What is returned may be such an
    array: no iteration comes after that.
    """
    names = leaf_names(plan.names, plan.structures)
    results = names_of_results(plan.body)
    changed = {id(place.owner) for place in plan.places if place.kind != "attribute"}
    for variable, item in zip(plan.names, plan.bound, strict=False):
        if variable not in results and not changed.isdisjoint(tree.container_ids(item)):
            raise located(
                Unstageable,
                f"'{variable}' is bound in a loop to a list or dict that other iterations change",
                hint="bind it to a copy: x.copy()",
            )
    for i in plan.staged:
        new, name = new_leaves[i], names[i]
        if not isinstance(new, Tensor) or new is plan.inner[i]:
            continue
        is_shared = any(handle in plan.handles for handle in links.related(new))
        if _is_written(plan.inner[i]):
            is_shared = is_shared or any(map(links.is_open, links.related(new)))
        if is_shared and not _is_result(plan, i):
            raise located(
                Unstageable,
                f"'{name}' is bound in a loop to an array that other iterations change in place",
                hint="bind it to a copy: x.copy()",
            )


def _is_result(plan: LoopPlan, i: int) -> bool:
    """Whether a leaf is, or is in, what an early return sets."""
    counts = zip(plan.names, plan.structures, strict=False)
    variables = [name for name, structure in counts for _ in range(tree.count(structure))]
    return variables[i] in names_of_results(plan.body)


def _is_written(inner: Any) -> bool:
    """Whether an iteration changes in place an array that it gets."""
    if not isinstance(inner, Tensor) or not has_dimensions(inner.type):
        return False
    return not isinstance(inner._data.owner, Region)


def note_other_names(plan: LoopPlan, i: int, result: Any, new_leaves: list[Any]) -> None:
    """A carried name may still stand for an outside array: where nothing was iterated over, or
    where the body binds it to one. Writing to it then would have to reach that array.
    """
    if not isinstance(result, Tensor) or not has_names(result, _is_result(plan, i)):
        return
    before, came_from = [plan.leaves[i]], came_from_names(plan, i, new_leaves)
    if plan.always_runs and i not in came_from:
        before = []
    before += [plan.leaves[j] for j in came_from]
    shared = [h for h in _related(plan.trace, before) if is_exposed(plan.trace, h)]
    ends = [new_leaves[j] for j in (i, *came_from)]
    views.uncertain(result, [*shared, *_related(plan.trace, ends)])


def _related(trace: Trace, arrays: list[Any]) -> list[Tensor]:
    """The handles from outside a loop that may share memory with these arrays."""
    handles = [views.handle_of(x, trace) for x in arrays if isinstance(x, Tensor | np.ndarray)]
    related = [x for handle in handles for x in links.related(handle)]
    return [x for x in related if links.is_open(x)]
