"""Reading names that may be unbound: forms of the rewritten function."""

from __future__ import annotations

from typing import Any

from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, may_be_unbound
from graphc.frontend.merging import UnboundName
from graphc.ir.types import Maybe
from graphc.ops.tensor import Tensor, apply


def read(value: Any) -> Any:
    """A name that may be unbound here: raises Python's UnboundLocalError where it is."""
    if isinstance(value, Chosen) and may_be_unbound(value):
        return each(value, read)
    if isinstance(value, UnboundName):
        raise value.error()
    if isinstance(value, Tensor) and value.is_traced and isinstance(value.type, Maybe):
        return apply("bound", value, name=value._data.name)
    return value


def read_free(value: Any) -> Any:
    """As `read`, for a variable of an enclosing function: NameError where it is unbound."""
    if isinstance(value, Chosen) and may_be_unbound(value):
        return each(value, read_free)
    if isinstance(value, UnboundName):
        raise NameError(
            f"cannot access free variable '{value.name}' where it is not associated with a value "
            "in enclosing scope"
        )
    return read(value)
