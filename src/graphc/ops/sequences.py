"""Ops on sequences: what loops consume and collect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.core import Op, Value
from graphc.ir.opdef import CUT, ZERO
from graphc.ir.types import NOTHING, PYINT, Array, Tuple, Type
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.families import general, linear
from graphc.ops.infer import array_type, static_int
from graphc.ops.tensor import apply
from graphc.runtime import sequences as kernels

general("range", range, infer=lambda operands, attrs: [SequenceType(PYINT)], vjp=ZERO, cheap=True,
        code="range({args})", fresh=False,
        doc="Python's range of three ints, as a sequence.")  # fmt: skip


def _rows_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    t = array_type(operands[0])
    if not t.shape:
        raise TensorTypeError("iteration over a 0-d array")
    return [SequenceType(Array(t.dtype, t.shape[1:]))]


linear("rows", lambda x: x, infer=_rows_infer, fresh=False, cheap=True, code="{0}",
       transpose=lambda ct, x: apply("stack_like", ct, x),
       doc="An array's rows as a sequence: what `for row in x` iterates over.")  # fmt: skip


def _stack_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    (seq,) = (value.type for value in operands)
    if seq == SequenceType(NOTHING):  # a list to which nothing is ever appended: np.array([])
        return [Array(np.dtype(np.float64), (None,))]
    if not isinstance(seq, SequenceType) or not isinstance(seq.elem, Array):
        raise TensorTypeError(f"only a sequence of arrays can be stacked, found {seq}")
    return [Array(seq.elem.dtype, (None, *seq.elem.shape))]


def _stack_form(operands: Sequence[Value]) -> Any:
    """Of tuples or lists: a table."""
    (seq,) = operands
    is_nested = isinstance(seq.type, SequenceType) and isinstance(
        seq.type.elem, SequenceType | Tuple
    )
    return ("seq_table", [seq], {}) if is_nested else None


general("stack_seq", lambda seq: np.array(seq), infer=_stack_infer,
        vjp=(lambda ct, z, seq: apply("rows", ct),), static_form=_stack_form,
        doc="The items of a sequence as one array, along a new first axis.")  # fmt: skip


def _stack_like_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    like = array_type(operands[1])
    return [Array(like.dtype if like.is_inexact else np.dtype(np.float64), like.shape)]


general("stack_like", kernels.stack_like, infer=_stack_like_infer,
        vjp=(lambda ct, z, seq, like: apply("rows", ct), CUT),
        doc="Row cotangents as the cotangent of their array; zeros after the end.")  # fmt: skip


def _pad_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [operands[0].type]


general("pad_seq", kernels.pad_seq, fresh=False, infer=_pad_infer,
        vjp=(lambda ct, z, seq, like: apply("pad_seq", ct, seq), CUT),
        doc="Cotangents as many as their sequence has items; zeros after the end.")  # fmt: skip


def _length_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [PYINT]


general("seq_len", len, infer=_length_infer, vjp=CUT, total=True, cheap=True, code="len({0})",
        doc="The number of items of a sequence.")  # fmt: skip


general("first_n", lambda seq, n: seq[:n], fresh=False, cheap=True, code="{0}[:{1}]",
        infer=lambda operands, attrs: [operands[0].type],
        vjp=(lambda ct, z, seq, n: apply("pad_seq", ct, seq), CUT),
        doc="The first n items of a sequence.")  # fmt: skip


def static_length(value: Value) -> int | None:
    """The number of items of a sequence, where its definition tells."""
    op = value.owner
    if not isinstance(op, Op):
        return None
    if op.name == "range":
        bounds = [static_int(operand) for operand in op.operands]
        return None if None in bounds else len(range(*bounds))  # type: ignore[arg-type]
    if op.name == "rows":
        return array_type(op.operands[0]).shape[0]
    return None
