"""Methods that Python's numbers have and arrays have not, on traced numbers."""

from __future__ import annotations

from typing import Any

from graphc.ir.opdef import ZERO
from graphc.ir.types import PYBOOL, PYINT
from graphc.ops.families import elementwise
from graphc.ops.python_types import stands_for
from graphc.ops.tensor import Tensor, apply

elementwise("bit_length", lambda n: n.bit_length(), ZERO, infer=lambda operands, attrs: [PYINT],
            total=False, code="{0}.bit_length()",
            doc="The number of bits of a Python int.")  # fmt: skip
elementwise("bit_count", lambda n: n.bit_count(), ZERO, infer=lambda operands, attrs: [PYINT],
            total=False, code="{0}.bit_count()",
            doc="The number of ones in a Python int.")  # fmt: skip
elementwise("is_integer", lambda x: x.is_integer(), ZERO, infer=lambda operands, attrs: [PYBOOL],
            total=False, code="{0}.is_integer()",
            doc="Whether a float has an integral value.")  # fmt: skip


def _attach(name: str) -> None:
    def method(self: Tensor) -> Any:
        """The method, where the number has it; else `Tensor.__getattr__` says that it has not."""
        if not hasattr(stands_for(self.array_type), name):
            raise AttributeError(name)
        return lambda: apply(name, self)

    setattr(Tensor, name, property(method))


for _name in ("bit_length", "bit_count", "is_integer"):
    _attach(_name)
