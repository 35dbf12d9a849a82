"""`graphc.unroll` and `graphc.staged`: how a `for` loop shall be taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.errors import StagingError
from graphc.ops.trace import current_trace
from graphc.source import located


class Hinted:
    """An iterable with a wish: what a `for` loop over it shall become."""

    def __init__(self, iterable: Any, is_staged: bool) -> None:
        self.iterable = iterable
        self.is_staged = is_staged

    def __iter__(self) -> Iterator[Any]:
        if self.is_staged:
            raise located(
                StagingError,
                "graphc.staged(…) is for `for` loops; this is not one",
                hint="write `for item in graphc.staged(…):`",
            )
        return iter(self.iterable)


def unroll(iterable: Any) -> Any:
    """`for item in graphc.unroll(iterable)`: run the loop while the graph is built, item by item.

    Its length must be known then: that of a number's or argument's is taken as fixed, and another one is
    traced anew. Outside a decorated function this is `iterable` itself.
    """
    return iterable if current_trace() is None else Hinted(iterable, is_staged=False)


def staged(iterable: Any) -> Any:
    """`for item in graphc.staged(iterable)`: make one loop of the graph of it, or refuse.

    For ranges and the rows of arrays, and `zip`, `enumerate` and `reversed` of these. Outside a decorated
    function this is `iterable` itself.
    """
    return iterable if current_trace() is None else Hinted(iterable, is_staged=True)


def not_stageable(iterable: Any) -> StagingError:
    error: StagingError = located(
        StagingError,
        f"graphc.staged(…) cannot make a loop of the graph of a {type(iterable).__name__}",
        hint="give it a range, an array (np.stack of equal items), or zip or enumerate of these",
    )
    return error
