"""`call`: a compiled function as one op on a tape. The callee brings its own adjoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from graphc.errors import InternalError
from graphc.ir.core import Value
from graphc.ir.types import Type
from graphc.ops.families import general


class Callee(Protocol):
    """A compiled program that can be differentiated (`compiled.py`)."""

    def __call__(self, *inputs: Any) -> tuple[Any, ...]: ...

    def pullback(self, needs: Sequence[bool], cts: Any, zs: Any, xs: Any) -> Sequence[Any]: ...


def _infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    raise InternalError("a compiled function is traced through, not called, while tracing")


def _kernel(*operands: Any, callee: Callee) -> tuple[Any, ...]:
    return callee(*operands)


def _pullback(needs: Sequence[bool], cts: Any, zs: Any, xs: Any, attrs: dict[str, Any]) -> Any:
    return attrs["callee"].pullback(needs, cts, zs, xs)


general("call", _kernel, infer=_infer, vjp=_pullback, doc="A compiled function, called on a tape.")
