"""Reading names that may be unbound: forms of the rewritten function."""

from __future__ import annotations

from typing import Any

from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, may_be_unbound
from graphc.frontend.known_arms import is_bound
from graphc.frontend.unbound import UnboundName
from graphc.ir.types import Maybe
from graphc.ops import views
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import current_trace


def read(value: Any, **free: bool) -> Any:
    """A name that may be unbound here: raises Python's UnboundLocalError where it is."""
    if isinstance(value, Chosen) and may_be_unbound(value):
        return each(value, lambda way: read(way, **free))
    if isinstance(value, UnboundName):
        raise value.error(**free)
    if isinstance(value, Tensor) and value.is_traced and isinstance(value.type, Maybe):
        trace = current_trace()
        if trace is not None and is_bound(value._data, trace):
            return views.one_array(apply("assume", value), value)
        return views.one_array(apply("bound", value, name=value._data.name, **free), value)
    return value


def read_free(value: Any) -> Any:
    """As `read`, for a variable of an enclosing function: NameError where it is unbound."""
    return read(value, free=True)
