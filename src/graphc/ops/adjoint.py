"""Ops that adjoint code is made of: summing over broadcast axes, adding cotangents, masked
products.

All of them are ordinary ops with derivatives of their own, so the gradient pass applies to its own
output. None as a cotangent at run time means zero: it occurs where the primal may be None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.core import Op, Value, literal
from graphc.ir.opdef import CUT, ZERO, OpDef, Pullbacks, StaticForm, register
from graphc.ir.types import PYFLOAT, Array, Maybe, Nothing, Tape, Tuple, Type, join, strip_maybe
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.families import general, linear
from graphc.ops.infer import array_type, broadcast
from graphc.ops.tensor import Tensor, apply
from graphc.runtime import adjoint as kernels


def _like_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    """The cotangent's dtype with the shape of what it is shaped like."""
    ct, like = array_type(operands[0]), array_type(operands[1])
    if like.shape == () and ct.shape == ():
        return [ct]
    return [Array(like.dtype if ct.weak and like.is_inexact else ct.dtype, like.shape)]


def _known_shape(like: Value) -> tuple[int, ...] | None:
    t = like.type
    if not isinstance(t, Array) or None in t.shape:
        return None
    return tuple(dim for dim in t.shape if dim is not None)


def _of_known_shape(reshaped: Callable[[Value, Value, tuple[int, ...]], Any]) -> StaticForm:
    """Nothing to do where the shapes agree; else `reshaped(x, like, shape of like)`."""

    def static_form(operands: Sequence[Value]) -> Any:
        x, like = operands
        shape = _known_shape(like)
        if shape is None or not isinstance(x.type, Array):
            return None
        return x if x.type.shape == shape else reshaped(x, like, shape)

    return static_form


def _broadcast(x: Value, like: Value, shape: tuple[int, ...]) -> Any:
    """`full` for a number, else `broadcast_to`."""
    dims = [literal(dim) for dim in shape]
    if array_type(x).weak and array_type(like).is_inexact:
        return "full", [x, *dims], {"dtype": array_type(like).dtype}
    return "broadcast_to", [x, *dims], {}


def _summed(x: Value, like: Value, shape: tuple[int, ...]) -> Any:
    """A plain sum down to rank 0."""
    return None if shape else ("sum", [x], {"axis": None, "keepdims": False})


def _filled_static(fill: float) -> Any:
    def static_form(operands: Sequence[Value]) -> Any:
        (x,) = operands
        if isinstance(strip_maybe(x.type), Tape):
            return literal(None)
        shape = _known_shape(x)
        if shape is None or not isinstance(x.type, Array):
            return None
        if x.type.weak:
            return literal(fill)
        dtype = x.type.dtype if x.type.is_inexact else np.dtype(np.float64)
        return "full", [literal(fill), *(literal(dim) for dim in shape)], {"dtype": dtype}

    return static_form


general("broadcast_like", kernels.broadcast_like, infer=_like_infer, fresh=False, total=True,
        vjp=(lambda ct, z, x, like: apply("sum_to_like", ct, x), CUT),
        static_form=_of_known_shape(_broadcast),
        doc="Broadcast the first operand to the shape of the second.")  # fmt: skip
general("sum_to_like", kernels.sum_to_like, infer=_like_infer, fresh=False, total=True,
        vjp=(lambda ct, z, x, like: apply("broadcast_like", ct, x), CUT),
        static_form=_of_known_shape(_summed),
        doc="Sum over the axes along which the second operand was broadcast.")  # fmt: skip


def _zeros_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [cotangent_type(operands[0].type)]


def cotangent_type(t: Type) -> Type:
    """The type of a value's cotangent: the same, with integers' standing for nothing."""
    match t:
        case Array(dtype=dtype, shape=shape, weak=weak):
            if dtype.kind in "fc":
                return t
            return PYFLOAT if weak else Array(np.dtype(np.float64), shape)
        case Maybe(inner):
            return (
                Maybe(strip_maybe(cotangent_type(inner))) if not isinstance(inner, Nothing) else t
            )
        case SequenceType(elem):
            return SequenceType(cotangent_type(elem))
        case Tuple(items):
            return Tuple(tuple(map(cotangent_type, items)))
        case Tape():
            return Maybe(t)  # None is zero
        case _:
            return t


general("zeros_like", kernels.zeros_like, infer=_zeros_infer, vjp=ZERO, total=True,
        static_form=_filled_static(0.0),
        doc="Zeros of the operand's shape and dtype; None for None.")  # fmt: skip
general("ones_like", kernels.ones_like, infer=_zeros_infer, vjp=ZERO, total=True,
        static_form=_filled_static(1.0),
        doc="Ones of the operand's shape and dtype.")  # fmt: skip


def _assume_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [strip_maybe(operands[0].type)]


linear("assume", lambda x: x, infer=_assume_infer, transpose=lambda ct, x: ct, fresh=False,
       cheap=True, total=True, code="{0}",
       doc="A value known to be there: what one branch saved for its own adjoint.")  # fmt: skip
general("or_zeros", lambda ct, x: kernels.zeros_like(x) if ct is None else ct,
        fresh=False, total=True,
        infer=lambda operands, attrs: [strip_maybe(operands[0].type)],
        vjp=(lambda g, z, ct, x: g, CUT),
        doc="A cotangent that may be None (zero) as an array shaped like its primal.")  # fmt: skip


def _accumulate_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    a, b = (value.type for value in operands)
    if isinstance(a, Array) and isinstance(b, Array):
        if a.weak and b.weak:
            return [join(a, b) or a]
        shape = broadcast(a.shape, b.shape)
        dtype = a.dtype if b.weak else b.dtype if a.weak else np.result_type(a.dtype, b.dtype)
        return [Array(dtype, shape)]
    joined = join(a, b)
    if joined is None:
        raise TensorTypeError(f"cotangents of types {a} and {b} cannot be added")
    return [joined]


def _accumulate_code(op: Op, operands: list[str]) -> str:
    if all(isinstance(value.type, Array) for value in op.operands):
        return f"{operands[0]} + {operands[1]}"
    return f"k.accumulate({operands[0]}, {operands[1]})"


general("accumulate", kernels.accumulate, infer=_accumulate_infer,
        total=True, cheap=True, fresh=False, code=_accumulate_code,
        vjp=(lambda ct, z, a, b: ct, lambda ct, z, a, b: ct),
        doc="The sum of two cotangents of one value, where None is zero.")  # fmt: skip


def _masked_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    ct, d = (array_type(value) for value in operands)
    as_d = ct.weak and (d.dtype.kind in "fc" or ct.dtype.kind not in "fc")
    dtype = d.dtype if as_d else np.result_type(ct.dtype, d.dtype)
    return [Array(dtype, broadcast(ct.shape, d.shape))]


def masked_mul(a: Any, b: Any) -> Any:
    return apply("masked_mul", a, b)


# Zeros of the first factor win in the derivatives too: over d, and over d's cotangent.
register(OpDef("masked_mul", kernels.masked_mul, _masked_infer, family="elementwise", total=True,
               vjp=Pullbacks((lambda g, z, ct, d: masked_mul(g, d),
                              lambda g, z, ct, d: masked_mul(ct, g))),
               doc="A product where zeros of the first factor win over inf and NaN."))  # fmt: skip


def zeros_like(x: Any) -> Tensor:
    """Zeros of `x`'s shape; of `x`'s dtype where that is floating."""
    made: Tensor = apply("zeros_like", x)
    return made
