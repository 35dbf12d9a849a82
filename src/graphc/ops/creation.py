"""Making arrays: full, zeros, ones, arange, linspace, eye. Sizes may be known only at run time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from graphc.ir.core import Op, Value
from graphc.ir.opdef import CUT, Pullback
from graphc.ir.types import Array, Dim, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape
from graphc.ops.families import general
from graphc.ops.infer import PY_TYPES, array_type, array_types, broadcast, show_shape, static_int
from graphc.ops.shape import moveaxis
from graphc.ops.tensor import apply, numpy_function
from graphc.runtime import creation as kernels

__all__ = [
    "arange", "empty", "empty_like", "eye", "full", "full_like", "identity", "linspace", "logspace",
    "ones", "ones_like", "tri", "zeros", "zeros_like",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]
FLOAT = np.dtype(np.float64)


def dtype_code(dtype: np.dtype[Any]) -> str:
    """A dtype in generated code."""
    return f"np.{'bool_' if dtype.kind == 'b' else dtype.name}"


# -- full -----------------------------------------------------------------------------------------


def _full_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    args.check_dims(operands[1:], "full")
    dims = tuple(static_int(value) for value in operands[1:])
    fill = array_type(operands[0]).shape
    if any(dim is not None and dim < 0 for dim in dims):
        raise args.shape_error(f"negative dimensions are not allowed, found {show_shape(dims)}")
    joined = broadcast(fill, dims)
    grows = any(n not in (j, None) for n, j in zip(dims, joined, strict=False))
    if len(joined) != len(dims) or grows:
        raise args.shape_error(
            f"could not broadcast input array from shape {show_shape(fill)} into shape "
            f"{show_shape(dims)}"
        )
    return [Array(attrs["dtype"], dims)]


def _full_code(op: Op, texts: list[str]) -> str:
    """np.zeros or np.ones where the fill is the literal 0 or 1."""
    size, dtype = args.tuple_code(texts[1:]), dtype_code(op.attrs["dtype"])
    fill = op.operands[0]
    if fill.is_literal and type(fill.literal) is int and fill.literal in (0, 1):
        return f"np.{'ones' if fill.literal else 'zeros'}({size}, {dtype})"
    return f"k.full({', '.join(texts)}, dtype={dtype})"


def _full_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return (apply("sum_to_like", cts[0], operands[0]), *(None for _ in operands[1:]))


general("full", kernels.full, infer=_full_infer, vjp=Pullback(_full_rule), code=_full_code,
        doc="An array of this shape and dtype, filled with one value.")  # fmt: skip


def _filled(name: str, fill: Any, size: Any, dtype: Any, order: Any = "C", **options: Any) -> Any:
    args.refuse_options(f"np.{name}", **{k: (v, None) for k, v in options.items()})
    if order not in ("C", "F", "K", "A", None):
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got {order!r})")
    dtype = args.dtype_of(fill) if dtype is None else np.dtype(dtype)
    return apply("full", fill, *args.dims(size), dtype=dtype)


@numpy_function(np.full)
def full(
    shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: Any = None,
    like: Any = None,
) -> Any:  # fmt: skip
    """An array of a shape, filled with a value (whose dtype it has unless one is given)."""
    fill = args.as_array(fill_value)
    return _filled("full", fill, shape, dtype, order, device=device, like=like)


@numpy_function(np.zeros)
def zeros(
    shape: Any, dtype: Any = float, order: Any = "C", *, device: Any = None, like: Any = None
) -> Any:
    """An array of zeros."""
    return _filled("zeros", 0, shape, dtype or float, order, device=device, like=like)


@numpy_function(np.ones)
def ones(
    shape: Any, dtype: Any = float, order: Any = "C", *, device: Any = None, like: Any = None
) -> Any:
    """An array of ones."""
    return _filled("ones", 1, shape, dtype or float, order, device=device, like=like)


@numpy_function(np.empty)
def empty(
    shape: Any, dtype: Any = float, order: Any = "C", *, device: Any = None, like: Any = None
) -> Any:
    """An array to be written to; it holds zeros until then."""
    return _filled("empty", 0, shape, dtype or float, order, device=device, like=like)


def _like(name: str, fill: Any, a: Any, dtype: Any, order: Any, size: Any, device: Any) -> Any:
    a = args.as_array(a)
    dims = shape(a) if size is None else size
    dtype = args.dtype_of(a) if dtype is None else dtype
    return _filled(name, fill, dims, dtype, order, device=device)


@numpy_function(np.full_like)
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
    shape: Any = None, *, device: Any = None,
) -> Any:  # fmt: skip
    """An array of the shape and dtype of `a`, filled with a value."""
    return _like("full_like", args.as_array(fill_value), a, dtype, order, shape, device)


@numpy_function(np.zeros_like)
def zeros_like(
    a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    """Zeros of the shape and dtype of `a`."""
    return _like("zeros_like", 0, a, dtype, order, shape, device)


@numpy_function(np.ones_like)
def ones_like(
    a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    """Ones of the shape and dtype of `a`."""
    return _like("ones_like", 1, a, dtype, order, shape, device)


@numpy_function(np.empty_like)
def empty_like(
    prototype: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    """An array of the shape and dtype of `prototype`, to be written to; zeros until then."""
    return _like("empty_like", 0, prototype, dtype, order, shape, device)


# -- arange, linspace -----------------------------------------------------------------------------

Kinds = tuple[tuple[np.dtype[Any], bool], ...]


def _kinds(types: Sequence[Array]) -> Kinds:
    return tuple((t.dtype, t.weak) for t in types)


def _sample(kind: tuple[np.dtype[Any], bool], value: int) -> Any:
    dtype, weak = kind
    return PY_TYPES[dtype.kind](value) if weak else dtype.type(value)


@lru_cache(maxsize=512)
def _arange_dtype(kinds: Kinds, dtype: Any) -> np.dtype[Any]:
    """NumPy's own choice, found by asking for an empty range."""
    values = (0,) if len(kinds) == 1 else (1, 1, 1)
    samples = [_sample(kind, value) for kind, value in zip(kinds, values, strict=False)]
    result: np.dtype[Any] = np.arange(*samples, dtype=dtype).dtype
    return result


def _arange_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    types = array_types(operands)
    if any(t.shape for t in types):
        raise args.shape_error("arange takes numbers, not arrays")
    return [Array(_arange_dtype(_kinds(types), attrs["dtype"]), (_arange_length(operands),))]


def _arange_length(operands: Operands) -> Dim:
    if not all(value.is_literal for value in operands):
        return None
    bounds = [value.literal for value in operands]
    start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else 1
    try:
        length: int = math.ceil((stop - start) / step)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError):
        return None  # NumPy's own error, when it runs
    return max(0, length)


def _arange_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """z_k = start + k·step; the stop only sets the length."""
    if len(operands) == 1:
        return (None,)
    result = [apply("sum_to_like", cts[0], operands[0]) if needs[0] else None, None]
    if len(operands) == 3:
        k = apply("arange", shape(zs[0])[0], dtype=None)
        step_bar = apply("sum_to_like", apply("mul", cts[0], k), operands[2]) if needs[2] else None
        result.append(step_bar)
    return result


def _arange_code(op: Op, texts: list[str]) -> str:
    dtype = op.attrs["dtype"]
    tail = "" if dtype is None else f", dtype={dtype_code(dtype)}"
    return f"np.arange({', '.join(texts)}{tail})"


general("arange", lambda *bounds, dtype: np.arange(*bounds, dtype=dtype), infer=_arange_infer,
        vjp=Pullback(_arange_rule), code=_arange_code,
        doc="Numbers from start (0) up to stop, not included, by step (1).")  # fmt: skip


@numpy_function(np.arange)
def arange(
    start_or_stop: Any, /, stop: Any = None, step: Any = None, *, dtype: Any = None,
    device: Any = None, like: Any = None,
) -> Any:  # fmt: skip
    """Numbers from start (0) up to stop, not included, by step (1).

    The length is known while tracing where all bounds are Python numbers.
    """
    args.refuse_options("np.arange", device=(device, None), like=(like, None))
    bounds = [start_or_stop]
    if stop is None and step is not None:
        bounds = [0, start_or_stop, step]
    elif stop is not None:
        bounds = [start_or_stop, stop] + ([] if step is None else [step])
    return apply("arange", *bounds, dtype=None if dtype is None else np.dtype(dtype))


@lru_cache(maxsize=512)
def _linspace_dtype(kinds: Kinds, dtype: Any) -> np.dtype[Any]:
    start, stop = (_sample(kind, 1) for kind in kinds)
    result: np.dtype[Any] = np.linspace(start, stop, 0, dtype=dtype).dtype
    return result


def _linspace_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    start, stop = array_types(operands[:2])
    args.check_dims(operands[2:], "linspace")
    dtype = _linspace_dtype(_kinds((start, stop)), attrs["dtype"])
    return [Array(dtype, (static_int(operands[2]), *broadcast(start.shape, stop.shape)))]


def _linspace_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """z_k = (1 − w_k)·start + w_k·stop."""
    ct, (start, stop, num) = cts[0], operands
    weights = apply("linspace", 0.0, 1.0, num, endpoint=attrs["endpoint"], dtype=None)
    new_axes = tuple(range(1, args.ndim(ct)))
    w = apply("expand_dims", weights, axis=new_axes) if new_axes else weights
    stop_part = apply("mul", ct, w)
    return (
        apply("sum_to_like", apply("sub", ct, stop_part), start) if needs[0] else None,
        apply("sum_to_like", stop_part, stop) if needs[1] else None,
        None,
    )


general("linspace", kernels.linspace, infer=_linspace_infer, vjp=Pullback(_linspace_rule),
        doc="`num` numbers evenly spaced from start to stop.")  # fmt: skip


@numpy_function(np.linspace)
def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: Any = 0, *, device: Any = None,
) -> Any:  # fmt: skip
    """`num` numbers evenly spaced from start to stop; stop itself is left out if not `endpoint`."""
    args.refuse_options("np.linspace", device=(device, None), retstep=(retstep, False))
    (count,) = args.dims(num)
    if isinstance(count, int) and count < 0:
        raise ValueError(f"Number of samples, {count}, must be non-negative.")
    start, stop = args.as_array(start), args.as_array(stop)
    result = apply("linspace", start, stop, count, endpoint=bool(endpoint),
                   dtype=None if dtype is None else np.dtype(dtype))  # fmt: skip
    return result if axis == 0 else moveaxis(result, 0, axis)


@numpy_function(np.logspace)
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0,
    dtype: Any = None, axis: Any = 0,
) -> Any:  # fmt: skip
    """`base` to the power of numbers evenly spaced from start to stop."""
    powers = linspace(start, stop, num, endpoint, axis=axis)
    return args.cast_to(args.numpy_op(np.power)(base, powers), dtype)


# -- eye ------------------------------------------------------------------------------------------


def _eye_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    args.check_dims(operands, "eye")
    return [Array(attrs["dtype"], tuple(static_int(value) for value in operands))]


def _eye_code(op: Op, texts: list[str]) -> str:
    return f"np.eye({texts[0]}, {texts[1]}, {op.attrs['k']!r}, {dtype_code(op.attrs['dtype'])})"


general("eye", lambda n, m, k, dtype: np.eye(n, m, k, dtype), infer=_eye_infer, vjp=(CUT, CUT),
        code=_eye_code, doc="Zeros with ones on a diagonal.")  # fmt: skip


@numpy_function(np.eye)
def eye(
    N: Any, M: Any = None, k: Any = 0, dtype: Any = float, order: Any = "C", *, device: Any = None,
    like: Any = None,
) -> Any:  # fmt: skip
    """A matrix of N rows and M (by default N) columns, with ones on diagonal k."""
    args.refuse_options("np.eye", device=(device, None), like=(like, None))
    rows, cols = args.dims((N, N if M is None else M))
    return apply("eye", rows, cols, k=args.index(k), dtype=np.dtype(dtype))


@numpy_function(np.identity)
def identity(n: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """The identity matrix."""
    return eye(n, dtype=dtype, like=like)


@numpy_function(np.tri)
def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = float, *, like: Any = None) -> Any:
    """Ones at and below diagonal k, zeros above."""
    return apply("tril", ones((N, N if M is None else M), dtype, like=like), k)
