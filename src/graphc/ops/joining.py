"""Joining, cutting and repeating arrays: concat, stack, split, flip, roll, tile, repeat, pad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Op, Value
from graphc.ir.opdef import ZERO, Pullback
from graphc.ir.types import Array, Dim, Shape, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape
from graphc.ops.families import general
from graphc.ops.infer import (
    array_type,
    array_types,
    normalize_axis,
    show_shape,
    static_int,
)
from graphc.ops.list_items import staged_sequence
from graphc.ops.shape import atleast_1d, atleast_2d, atleast_3d, moveaxis, ravel, reshape
from graphc.ops.tensor import apply, numpy_function
from graphc.ops.views import view
from graphc.runtime import shape as kernels

__all__ = [
    "append", "column_stack", "concat", "concatenate", "dstack", "hstack", "pad", "stack",
    "unstack", "vstack",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]


def take_slice(x: Any, axis: int, start: Any, stop: Any) -> Any:
    """x[start:stop] along one axis."""
    return view("getitem", x, start, stop, spec=(*(":",) * axis, "_:_"))


# -- concat ---------------------------------------------------------------------------------------


def _joined_dtype(types: Sequence[Array]) -> np.dtype[Any]:
    """The dtype of arrays put side by side: Python numbers count as the arrays they would be."""
    return np.result_type(*(t.dtype for t in types))


def _concat_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    types = array_types(operands)
    rank = types[0].ndim
    if not rank:
        raise args.shape_error("zero-dimensional arrays cannot be concatenated")
    axis = normalize_axis(attrs["axis"], rank)
    dims = list(_same_shape([t.shape for t in types], axis))
    lengths = [t.shape[axis] for t in types]
    dims[axis] = None if None in lengths else sum(n for n in lengths if n is not None)
    return [Array(_joined_dtype(types), tuple(dims))]


def _same_shape(shapes: Sequence[Shape], free: int | None = None) -> Shape:
    """The common shape of arrays that must agree on every axis but `free`."""
    dims: list[Dim] = list(shapes[0])
    for other in shapes[1:]:
        agree = len(other) == len(dims) and all(
            i == free or d is None or n is None or d == n
            for i, (d, n) in enumerate(zip(dims, other, strict=True))
        )
        if not agree:
            text = " and ".join(show_shape(s) for s in shapes)
            rule = "must be equal" if free is None else f"must match except along axis {free}"
            raise args.shape_error(f"all the input array dimensions {rule}: found {text}")
        dims = [n if d is None else d for d, n in zip(dims, other, strict=True)]
    return tuple(dims)


def _concat_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """Each operand's cotangent is its stretch of the result's."""
    axis, start = attrs["axis"], 0
    pieces = []
    for need, x in zip(needs, operands, strict=True):
        stop = start + shape(x)[axis]
        pieces.append(take_slice(cts[0], axis, start, stop) if need else None)
        start = stop
    return pieces


def _concat_code(op: Op, texts: list[str]) -> str:
    return f"np.concatenate({args.tuple_code(texts)}, axis={op.attrs['axis']!r})"


general("concat", kernels.concat, infer=_concat_infer, vjp=Pullback(_concat_rule),
        code=_concat_code,
        doc="Arrays one after the other along an axis.")  # fmt: skip


@numpy_function(np.concatenate)
def concat(
    arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """Arrays one after the other along an existing axis; all of them flattened if axis is None."""
    args.refuse_options("np.concatenate", out=(out, None), casting=(casting, "same_kind"))
    sequence = staged_sequence(arrays)
    if sequence is not None:
        return args.cast_to(apply("seq_join", sequence, axis=args.index(axis)), dtype)
    items = [args.cast_to(args.as_array(a), dtype) for a in arrays]
    if not items:
        raise args.shape_error("need at least one array to concatenate")
    if axis is None:
        items, axis = [ravel(a) for a in items], 0
    if any(args.ndim(a) == 0 for a in items):
        raise args.shape_error("zero-dimensional arrays cannot be concatenated")
    return apply("concat", *items, axis=normalize_axis(args.index(axis), args.ndim(items[0])))


concatenate = concat


@numpy_function(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """`values` after `arr`, both flattened unless an axis is given."""
    return concat((arr, values), axis)


# -- stack ----------------------------------------------------------------------------------------


def _stack_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    types = array_types(operands)
    dims = list(_same_shape([t.shape for t in types]))
    dims.insert(normalize_axis(attrs["axis"], len(dims) + 1), len(types))
    return [Array(_joined_dtype(types), tuple(dims))]


def _stack_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    spec = (*(":",) * attrs["axis"], "i")
    ct = cts[0]
    return [apply("getitem", ct, i, spec=spec) if need else None for i, need in enumerate(needs)]


def _stack_code(op: Op, texts: list[str]) -> str:
    if op.attrs["axis"] == 0 and not any(array_type(value).shape for value in op.operands):
        return f"np.array({args.tuple_code(texts)})"
    return f"np.stack({args.tuple_code(texts)}, axis={op.attrs['axis']!r})"


general("stack", kernels.stack, infer=_stack_infer, vjp=Pullback(_stack_rule), code=_stack_code,
        doc="Arrays of one shape along a new axis.")  # fmt: skip


@numpy_function(np.stack)
def stack(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """Arrays of one shape along a new axis."""
    args.refuse_options("np.stack", out=(out, None), casting=(casting, "same_kind"))
    sequence = staged_sequence(arrays)
    if sequence is not None:
        stacked = apply("stack_seq", sequence)
        return args.cast_to(stacked if axis == 0 else moveaxis(stacked, 0, axis), dtype)
    items = [args.cast_to(args.as_array(a), dtype) for a in arrays]
    if not items:
        raise args.shape_error("need at least one array to stack")
    return apply("stack", *items, axis=normalize_axis(args.index(axis), args.ndim(items[0]) + 1))


def _each(function: Any, arrays: Any) -> Any:
    sequence = staged_sequence(arrays)
    if sequence is None:
        return [function(a) for a in arrays]
    # One more axis in front is what atleast_2d adds to rows: stack them, then join that one array.
    rows = apply("stack_seq", sequence)
    return [rows] if rows.ndim == 2 and function is atleast_2d else arrays


@numpy_function(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Arrays below each other, as rows."""
    return concat(_each(atleast_2d, tup), 0, dtype=dtype, casting=casting)


@numpy_function(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Arrays side by side: along the second axis, or the first if they have one."""
    arrays = _each(atleast_1d, tup)
    axis = 0 if arrays and args.ndim(arrays[0]) == 1 else 1
    return concat(arrays, axis, dtype=dtype, casting=casting)


@numpy_function(np.dstack)
def dstack(tup: Any) -> Any:
    """Arrays along the third axis."""
    return concat(_each(atleast_3d, tup), 2)


@numpy_function(np.column_stack)
def column_stack(tup: Any) -> Any:
    """One-dimensional arrays as columns, others side by side."""
    arrays = [args.as_array(a) for a in tup]
    columns = [reshape(a, (-1, 1)) if args.ndim(a) < 2 else a for a in arrays]
    return concat(columns, 1)


@numpy_function(*args.existing(np, "unstack"))
def unstack(x: Any, /, *, axis: Any = 0) -> tuple[Any, ...]:
    """The arrays that `x` is a stack of."""
    x = args.as_array(x)
    (at,) = args.axes(args.index(axis), args.ndim(x))
    count = static_length(x, at, "np.unstack")
    return tuple(view("getitem", x, i, spec=(*(":",) * at, "i")) for i in range(count))


def static_length(x: Any, axis: int, function: str) -> int:
    """The length of an axis, which decides how many results there are."""
    length = args.static_shape(x)[axis]
    if length is None:
        raise args.unsupported(
            function, f"an axis of unknown length (axis {axis})", hint="give the cuts as a list"
        )
    return length


# -- pad ------------------------------------------------------------------------------------------


def _pad_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    args.check_dims(operands[2:], "pad")
    widths = [static_int(value) for value in operands[2:]]
    dims = tuple(
        None if None in (dim, before, after) else dim + before + after  # type: ignore[operator]
        for dim, before, after in zip(t.shape, widths[::2], widths[1::2], strict=True)
    )
    return [Array(t.dtype, dims)]


def _pad_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """x has its own region, the constant everything around it."""
    (x, value, *widths) = operands
    starts = widths[::2]
    bounds = [b for n, i in zip(shape(x), starts, strict=True) for b in (i, i + n)]
    spec = ("_:_",) * len(starts)
    x_bar = apply("getitem", cts[0], *bounds, spec=spec) if needs[0] else None
    value_bar = None
    if needs[1]:
        value_bar = apply("sum_to_like", apply("setitem", cts[0], 0.0, *bounds, spec=spec), value)
    return (x_bar, value_bar, *(None for _ in widths))


general("pad", kernels.pad, infer=_pad_infer, vjp=Pullback(_pad_rule),
        doc="x between `before` and `after` elements of a constant, axis by axis.")  # fmt: skip


def _pad_index_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    sizes = [static_int(value) for value in operands]
    total = None if None in sizes else sum(n for n in sizes if n is not None)
    return [Array(np.dtype(np.int64), (total,))]


general("pad_index", kernels.pad_index, infer=_pad_index_infer, vjp=ZERO,
        doc="Where each element of an axis padded by reflection, … comes from.")  # fmt: skip


@numpy_function(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """`array` with elements put around it: a constant, or its own by one of NumPy's index rules.

    Modes: constant (one constant_values), edge, reflect, symmetric, wrap.
    """
    x = args.as_array(array)
    widths = _pad_widths(pad_width, args.ndim(x))
    value = kwargs.pop("constant_values", 0) if mode == "constant" else 0
    kwargs = {k: v for k, v in kwargs.items() if (k, v) != ("reflect_type", "even")}
    if kwargs:
        raise args.unsupported("np.pad", f"the option {next(iter(kwargs))}=")
    if mode == "constant":
        if args.ndim(args.as_array(value)):
            raise args.unsupported("np.pad", "constant_values= with a value per axis",
                                   hint="pad one axis at a time")  # fmt: skip
        return apply("pad", x, value, *(n for pair in widths for n in pair))
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise args.unsupported("np.pad", f"mode={mode!r}")
    for axis, (before, after) in enumerate(widths):
        places = apply("pad_index", shape(x)[axis], before, after, mode=mode)
        x = apply("getitem", x, places, spec=(*(":",) * axis, "a"))
    return x


def _pad_widths(pad_width: Any, rank: int) -> list[tuple[Any, Any]]:
    """One (before, after) per axis, from NumPy's forms: n, (n,), (b, a), ((b, a),), ((b, a), …)."""
    if isinstance(pad_width, dict):
        chosen = {a % rank: w for a, w in pad_width.items()}
        return [_pair(chosen.get(axis, 0)) for axis in range(rank)]
    if isinstance(pad_width, np.ndarray):
        pad_width = pad_width.tolist()
    if not isinstance(pad_width, list | tuple):
        return [_pair(pad_width)] * rank
    if not any(isinstance(w, list | tuple) for w in pad_width):
        return [_pair(pad_width)] * rank
    pairs = [_pair(w) for w in pad_width]
    if len(pairs) not in (1, rank):
        raise args.shape_error(f"pad_width {pad_width} does not fit {rank} dimensions")
    return pairs * rank if len(pairs) == 1 else pairs


def _pair(width: Any) -> tuple[Any, Any]:
    items = list(width) if isinstance(width, list | tuple) else [width]
    before, after = args.dims((items[0], items[-1]))
    if any(isinstance(n, int) and n < 0 for n in (before, after)):
        raise args.shape_error("index can't contain negative values")
    return before, after
