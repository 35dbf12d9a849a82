"""`graph_call`: a call of a graph, which may be the caller itself; and the tapes such calls keep.

    %y: float, %tape: tape = graph_call %x {callee=@f_forward}     F⁺: results, and what F⁻ needs
    %x_bar: float = graph_call %y_bar, %tape {callee=@f_adjoint}   F⁻: the cotangents

A tape is a tuple of residuals, in which the tapes of inner calls are tuples too: a tree with the
shape of the call tree. The cotangent of a tape is a tape of cotangents, or None for zero, so that
F⁺ and F⁻ can be differentiated like any other graph (`transforms/calls.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.errors import InternalError
from graphc.ir.core import Op, Value
from graphc.ir.opdef import STRUCTURED, OpDef, register
from graphc.ir.types import NOTHING, TAPE, Maybe, Nothing, Type, strip_maybe
from graphc.ops.adjoint import cotangent_type
from graphc.ops.families import general
from graphc.ops.tensor import apply
from graphc.runtime import tapes as kernels


def _not_inferred(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    raise InternalError("a call is given its result types")


def _not_a_kernel(*operands: Any, **attrs: Any) -> Any:
    raise InternalError("calls are run by the interpreter or generated code")


register(
    OpDef(
        "graph_call",
        _not_a_kernel,
        _not_inferred,
        STRUCTURED,
        family="structured",
        fresh=False,
        doc="Run another graph, or this one, on the operands.",
    )
)


def _pack_code(op: Op, operands: list[str]) -> str:
    return f"({', '.join(operands)}{',' if len(operands) == 1 else ''})"


def _pack_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [TAPE]


def _pack_vjp(needs: Sequence[bool], cts: Any, zs: Any, xs: Any, attrs: dict[str, Any]) -> Any:
    """The parts of the tape's cotangent; each may be None."""
    types = tuple(_maybe(cotangent_type(x.type)) if hasattr(x, "type") else NOTHING for x in xs)
    return _parts(apply("unpack", cts[0], types=types))


def _maybe(t: Type) -> Type:
    return t if isinstance(t, Nothing) else Maybe(strip_maybe(t))


def _parts(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


def _unpack_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return list(attrs["types"])


def _unpack_code(op: Op, operands: list[str]) -> str:
    count = len(op.results)
    if isinstance(op.operands[0].type, Maybe):
        return f"k.parts_of({operands[0]}, {count})"
    return f"{operands[0]}[0]" if count == 1 else operands[0]


def _unpack_vjp(needs: Sequence[bool], cts: Any, zs: Any, xs: Any, attrs: dict[str, Any]) -> Any:
    return (apply("pack", *cts),)


general(
    "pack",
    kernels.pack,
    infer=_pack_infer,
    vjp=_pack_vjp,
    fresh=False,
    total=True,
    code=_pack_code,
    doc="The operands as a tape: what a called graph keeps for its adjoint.",
)
general(
    "unpack",
    kernels.unpack,
    infer=_unpack_infer,
    vjp=_unpack_vjp,
    fresh=False,
    total=True,
    code=_unpack_code,
    doc="A tape's parts, of the given types; of None, as many Nones.",
)
