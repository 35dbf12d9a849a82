"""`graphc.unroll` and `graphc.staged`: how a `for` loop shall be taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.errors import GraphcError
from graphc.frontend.refusals import refusal
from graphc.ops.trace import current_trace


class Hinted:
    """An iterable with a wish: what a `for` loop over it shall become."""

    def __init__(self, iterable: Any, is_staged: bool) -> None:
        self.iterable = iterable
        self.is_staged = is_staged

    def __iter__(self) -> Iterator[Any]:
        if self.is_staged:
            raise refusal("staged elsewhere")
        return iter(self.iterable)


def unroll(iterable: Any) -> Any:
    """`for item in graphc.unroll(iterable)`: run the loop while the graph is built, item by item.

    Its length must be known then: that of a number's or argument's is taken as fixed, and another
    one is traced anew. Outside a decorated function this is `iterable` itself.
    """
    return iterable if current_trace() is None else Hinted(iterable, is_staged=False)


def staged(iterable: Any) -> Any:
    """`for item in graphc.staged(iterable)`: make one loop of the graph of it, or refuse.

    For ranges and the rows of arrays, and `zip`, `enumerate` and `reversed` of these. Outside a
    decorated function this is `iterable` itself.
    """
    return iterable if current_trace() is None else Hinted(iterable, is_staged=True)


def not_stageable(iterable: Any) -> GraphcError:
    return refusal("staged list", kind=type(iterable).__name__)
