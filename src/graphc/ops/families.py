"""Families: how an op is defined in one place. Each returns the function that users call.

    sin   = elementwise("sin", np.sin, d=lambda z, x: cos(x))
    mul   = operator_op("mul", operator.mul, np.multiply, "{0} * {1}", d=(…, …))
    floor = elementwise("floor", np.floor, d=ZERO)              # zero is stated
    foo   = elementwise("foo", np.foo)                          # missing: asking for it is an error
    flip  = linear("flip", np.flip, infer=…, transpose=lambda ct, x, axis: flip(ct, axis=axis))
    prod  = general("prod", np.prod, infer=…, vjp=(lambda ct, z, x, axis, keepdims: …,))

Rules are written with ops on Tensors, so they run eagerly on a tape and append to a graph inside a
trace. They never undo broadcasting, cast, or ask whether an operand is active: the engine does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.errors import InternalError, TensorTypeError, UnsupportedError
from graphc.ir.opdef import (
    MISSING,
    Derivative,
    OpDef,
    Partials,
    Pullback,
    Pullbacks,
    Rule,
    register,
)
from graphc.ops.infer import Infer, infer_operator, infer_ufunc
from graphc.ops.tensor import Tensor, apply, numpy_function
from graphc.source import located

Fn = Callable[..., Any]


def elementwise(
    name: str,
    kernel: Fn,
    d: Fn | Derivative | tuple[Fn | Derivative, ...] = MISSING,
    *,
    infer: Infer | None = None,
    code: Any = None,
    total: bool = True,
    cheap: bool = False,
    doc: str = "",
) -> Fn:
    """An element-wise op. `d` gives the partial derivative for each operand: `d[i](z, *operands)`.

    `kernel` is a NumPy ufunc, or any function with `infer` given. `code` defaults to calling the
    ufunc by its NumPy name.
    """
    ufunc = kernel if isinstance(kernel, np.ufunc) else None
    if infer is None:
        if ufunc is None:
            raise InternalError(f"op {name!r}: a kernel that is not a ufunc needs infer=")
        infer = infer_ufunc(ufunc)
    name_in_numpy = getattr(ufunc, "__name__", "")
    if code is None and ufunc is not None and getattr(np, name_in_numpy, None) is ufunc:
        code = f"np.{name_in_numpy}({{args}})"
    register(
        OpDef(
            name,
            kernel,
            infer,
            _partials(d),
            code,
            "elementwise",
            total=total,
            cheap=cheap,
            doc=doc,
        )
    )
    function = _elementwise_function(name, ufunc.nin if ufunc is not None else None, doc)
    return numpy_function(ufunc)(function) if ufunc is not None else function


def operator_op(
    name: str,
    python: Fn,
    ufunc: np.ufunc,
    code: str,
    d: Fn | Derivative | tuple[Fn | Derivative, ...] = MISSING,
    *,
    total: bool = True,
    doc: str = "",
) -> Fn:
    """An op behind a Python operator: between Python numbers it is Python's, else the ufunc's.

    The kernel is the operator itself, which on arrays is the ufunc; generated code prints it infix.
    The returned function is NumPy's (`np.add(2, 3)` is an np.int64); `Tensor.__add__` is Python's.
    """
    infer = infer_operator(python, ufunc)
    register(
        OpDef(
            name, python, infer, _partials(d), code, "elementwise", total=total, cheap=True, doc=doc
        )
    )
    return numpy_function(ufunc)(_elementwise_function(name, ufunc.nin, doc, strengthen=True))


def linear(
    name: str,
    kernel: Fn,
    *,
    infer: Infer,
    transpose: Fn,
    code: Any = None,
    cheap: bool = False,
    total: bool = False,
    fresh: bool = True,
    doc: str = "",
) -> OpDef:
    """An op linear in its first operand; other operands are sizes. `transpose(ct, x, *rest,
    **attrs)` is the cotangent of `x`; `x` may be asked for its shape only.
    """

    def rule(needs: Sequence[bool], cts: Any, zs: Any, operands: Any, attrs: Any) -> Any:
        return (transpose(cts[0], *operands, **attrs), *(None for _ in operands[1:]))

    return register(
        OpDef(name, kernel, infer, Pullback(rule), code, "linear", False, cheap, total, fresh, doc)
    )


def general(
    name: str,
    kernel: Fn,
    *,
    infer: Infer,
    vjp: Rule | tuple[Fn | Derivative, ...] | Fn = MISSING,
    code: Any = None,
    effect: bool = False,
    cheap: bool = False,
    total: bool = False,
    fresh: bool = True,
    doc: str = "",
    static_form: Any = None,
) -> OpDef:
    """Any other op. `vjp` is a tuple of one function per operand, `rule[i](ct, z, *operands,
    **attrs)`; or a function of all at once (see `Pullback`); or ZERO, CUT.
    """
    rule: Rule
    if isinstance(vjp, tuple):
        rule = Pullbacks(vjp)
    elif isinstance(vjp, Derivative | Partials | Pullbacks | Pullback):
        rule = vjp
    else:
        rule = Pullback(vjp)
    return register(
        OpDef(
            name,
            kernel,
            infer,
            rule,
            code,
            "general",
            effect,
            cheap,
            total,
            fresh,
            doc,
            static_form,
        )
    )


def _partials(d: Any) -> Rule:
    if isinstance(d, Derivative):
        return d
    return Partials(d if isinstance(d, tuple) else (d,))


def _elementwise_function(name: str, arity: int | None, doc: str, strengthen: bool = False) -> Fn:
    def function(
        *operands: Any,
        out: Any = None,
        where: Any = True,
        dtype: Any = None,
        casting: str = "same_kind",
        **unknown: Any,
    ) -> Any:
        if arity is not None and len(operands) > arity:
            operands, out = operands[:arity], operands[arity]
        if arity is not None and len(operands) != arity:
            raise TypeError(f"{name}() takes {arity} operands, got {len(operands)}")
        if where is not True or unknown:
            option = next(iter(unknown), "where")
            raise located(
                UnsupportedError,
                f"{name}: the option {option}= is not supported on tensors",
                hint="use np.where on the result",
            )
        if dtype is not None:
            operands = tuple(apply("cast", x, dtype=np.dtype(dtype)) for x in operands)
        elif strengthen and all(is_weak(x) for x in operands):
            operands = (strong(operands[0]), *operands[1:])
        result = apply(name, *operands)
        return result if out is None else write_out(out, result)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc or f"Element-wise {name}, as NumPy's."
    return function


def is_weak(x: Any) -> bool:
    """Whether an operand is a Python number, or stands for one."""
    if isinstance(x, Tensor):
        return getattr(x.type, "weak", False)
    return type(x) in (bool, int, float, complex)


def strong(x: Any) -> Any:
    """A Python number as NumPy sees it: an int64, float64, … of rank 0."""
    kind = x.dtype if isinstance(x, Tensor) else np.array(x).dtype
    return apply("cast", x, dtype=kind)


def write_out(out: Any, result: Tensor) -> Any:
    """NumPy's `out=`: the result is written into the array or handle `out`, which is returned."""
    target: Any = out[0] if isinstance(out, tuple) else out
    if not isinstance(target, Tensor):
        raise located(
            TensorTypeError,
            f"out= must be a tensor made in this function, found {type(target).__name__}",
        )
    handle: Any = target
    handle[...] = result
    return target
