"""Functions of the standard library that change lists, or look into them: `operator`, `heapq` and
`bisect`; and methods of lists that call, or consume, what they are given.
"""

from __future__ import annotations

import bisect
import heapq
import operator
from collections.abc import Callable
from typing import Any

from graphc.frontend import mutation
from graphc.frontend.builtin_ordering import keys_of, sort, sorted_
from graphc.frontend.generators import gathered
from graphc.ops.list_items import as_item, as_operand, as_sequence, has_dynamic, held, whole
from graphc.ops.lists import TracedList, item_of
from graphc.ops.tensor import Tensor, apply

Handler = Callable[..., Any]


def is_known(*args: Any) -> bool:
    """Whether nothing in these values is known only when the graph runs."""
    return not any(map(has_dynamic, args))


# -- heapq -----------------------------------------------------------------------------------------


def _on_heap(python: Handler, staged: Handler) -> Handler:
    """A function that changes its first argument."""

    def handler(caller: Any, heap: Any, *args: Any) -> Any:
        mutation.note(caller.trace, heap, "contents")
        if is_known(heap, *args) or not isinstance(heap, TracedList):
            return python(heap, *args)
        return staged(heap, as_sequence(held(heap)), *args)

    return handler


def _heappush(heap: TracedList, items: Tensor, item: Any) -> None:
    made, _ = apply("seq_heappush", items, as_item(item))
    heap.restore(made)


def _heappop(heap: TracedList, items: Tensor) -> Any:
    rest, item, _ = apply("seq_heappop", items)
    heap.restore(rest)
    return item_of(item)


def _heapify(heap: TracedList, items: Tensor) -> None:
    heap.restore(apply("seq_take", items, apply("seq_heap_order", items)))


def _extremes(is_largest: bool) -> Handler:
    def handler(caller: Any, n: Any, iterable: Any, key: Any = None) -> Any:
        return sorted_(caller, iterable, key=key, reverse=is_largest)[: _at_least_0(n)]

    return handler


def _at_least_0(n: Any) -> Any:
    return apply("maximum", n, 0) if isinstance(n, Tensor) else max(n, 0)


# -- bisect ----------------------------------------------------------------------------------------


def _bisect(python: Handler, right: bool) -> Handler:
    def handler(
        caller: Any, a: Any, x: Any, lo: Any = 0, hi: Any = None, *, key: Any = None
    ) -> Any:
        if is_known(a, x, lo, hi) and key is None:
            return python(a, x, lo, hi)
        if isinstance(a, Tensor):
            items = apply("rows", a)
        else:
            items = as_sequence(keys_of(caller, a, key))
        return apply("seq_sorted_place", items, as_operand(x), whole(lo), whole(hi), right=right)

    return handler


def _insort(find: Handler) -> Handler:
    def handler(
        caller: Any, a: Any, x: Any, lo: Any = 0, hi: Any = None, *, key: Any = None
    ) -> None:
        wanted = x if key is None else caller(key, x)
        caller(a.insert, find(caller, a, wanted, lo, hi, key=key), x)

    return handler


# -- operator ------------------------------------------------------------------------------------


def _setitem(caller: Any, x: Any, key: Any, value: Any) -> None:
    mutation.setitem(x, key, value)


def _delitem(caller: Any, x: Any, key: Any) -> None:
    mutation.delitem(x, key)


def _in_place(symbol: str) -> Handler:
    return lambda caller, x, value: mutation.aug(symbol, x, value)


_bisect_left = _bisect(bisect.bisect_left, right=False)
_bisect_right = _bisect(bisect.bisect_right, right=True)


def _extend(caller: Any, owner: TracedList, *args: Any) -> None:
    owner.extend(*(gathered(caller.forms, x, caller.trace) for x in args))


# Methods of lists made while tracing that call, or consume, what they are given.
LIST_METHODS: dict[str, Handler] = {"sort": sort, "extend": _extend}
LIBRARY: dict[Any, Handler] = {
    heapq.heappush: _on_heap(heapq.heappush, _heappush),
    heapq.heappop: _on_heap(heapq.heappop, _heappop),
    heapq.heapify: _on_heap(heapq.heapify, _heapify),
    heapq.nsmallest: _extremes(is_largest=False),
    heapq.nlargest: _extremes(is_largest=True),
    bisect.bisect_left: _bisect_left,
    bisect.bisect_right: _bisect_right,
    bisect.insort_left: _insort(_bisect_left),
    bisect.insort_right: _insort(_bisect_right),
    operator.setitem: _setitem,
    operator.delitem: _delitem,
    operator.not_: lambda caller, x: caller.forms.not_(x),
    operator.truth: lambda caller, x: caller(bool, x),
    operator.is_: lambda caller, a, b: caller.forms.is_(a, b),
    operator.is_not: lambda caller, a, b: caller.forms.is_not(a, b),
    operator.contains: lambda caller, a, b: caller.forms.in_(b, a),
    **{function: _in_place(symbol) for symbol, function in mutation.IN_PLACE.items()},
}
