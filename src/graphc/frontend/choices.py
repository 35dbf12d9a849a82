"""Containers that are, by a branch or loop, one of several: a change of one must reach the others.

    p = [0.0]; q = p
    if t: p = [1.0]          p is now a list of its own, that stands for q's or for the new one
    p[0] = 2.0               … and q's would have to change too, or not: refused, while q is alive

Whether the other one is alive is asked of the reference counts: the trace's own references are
known.
"""

from __future__ import annotations

import sys
from typing import Any

from graphc import tree
from graphc.frontend.chosen import Chosen
from graphc.ops.trace import Trace, Unstageable
from graphc.source import located


def note_choice(trace: Trace, made: Any, others: list[Any], known_by: int = 0) -> None:
    """Note that a container made by a merge stands for one of `others`, or for another one.

    `known_by`: how many references to each of `others` are the business of the merge itself.
    """
    if isinstance(made, Chosen):
        for way in made._graphc_ways.values():
            note_choice(trace, way, others, known_by)
        return
    for other in others:
        if isinstance(other, Chosen):
            note_choice(trace, made, list(other._graphc_ways.values()))
        elif other is not made and is_mutable(made) and is_mutable(other):
            trace.choices.setdefault(id(made), []).append((other, known_by))
            trace.choices.setdefault(id(other), []).append((made, 0))
        elif other is not made and type(other) is type(made):
            for part, other_part in zip(contents(made), contents(other), strict=False):
                note_choice(trace, part, [other_part])


def contents(x: Any) -> list[Any]:
    """The items of a tuple and the like."""
    parts = tree.children_of(x)
    return [] if parts is None else parts[1]


def is_mutable(x: Any) -> bool:
    """Whether a container can be changed by others who know it."""
    params = getattr(type(x), "__dataclass_params__", None)
    is_object = params is not None and not params.frozen
    return (is_object or isinstance(x, list | dict)) and tree.children_of(x) is not None


def check_choices(trace: Trace, owner: Any) -> None:
    """Refuse to change a container that may be another one, which someone still knows."""
    for other in trace.choices.get(id(owner), ()):
        if _is_alive(trace, other):
            raise located(
                Unstageable,
                "changing a list, dict or object which, depending on a branch or loop, is the "
                "same as another one that is still in use",
                hint="make a copy of it before the branch or loop",
            )


def _is_alive(trace: Trace, holder: tuple[Any, int]) -> bool:
    """Whether what `holder` holds is known to anyone but the trace."""
    key = id(holder[0])
    if trace.outside is not None and trace.outside.knows(holder[0]):
        return True
    own = sum(each[0] is holder[0] for found in trace.choices.values() for each in found)
    own += holder[1] + (key in trace.local_ids)
    own += sum(place.owner is holder[0] for place in trace.places.values())
    return sys.getrefcount(holder[0]) - 1 > own
