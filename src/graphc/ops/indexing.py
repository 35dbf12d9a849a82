"""Indexing: `x[index]`, `x[index] = v`, and the ops behind them.

    getitem(x, *index; spec)        x[index]
    setitem(x, v, *index; spec)     a copy of x with x[index] = v: the last of repeated writers wins
    index_add(x, v, *index; spec)   a copy of x with v added at x[index]: repeated indices add up
    last_writer(x, *index; spec)    which elements of v in x[index] = v are not overwritten later

The adjoint of a gather is a scatter: getitem and index_add are each other's transpose. `spec` says
what the index operands are (`runtime/indexing.py`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.errors import ShapeError, TensorTypeError
from graphc.ir.core import Op, Value
from graphc.ir.opdef import ZERO, Pullback
from graphc.ir.types import Array, Shape, Type
from graphc.ops.adjoint import zeros_like
from graphc.ops.families import general
from graphc.ops.index_types import Spec, index_error, indexed_shape
from graphc.ops.infer import array_type, broadcast, show_shape
from graphc.ops.tensor import Tensor, apply, asarray_nested, concrete_data
from graphc.ops.trace import TAPES, current_trace
from graphc.ops.views import view, write
from graphc.runtime import indexing as kernels
from graphc.source import located, user_location

__all__ = ["getitem", "index_add", "index_set"]

Attrs = dict[str, Any]

# -- the ops --------------------------------------------------------------------------------------


def _getitem_infer(operands: Sequence[Value], attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    return [Array(t.dtype, indexed_shape(t.shape, attrs["spec"], operands[1:]))]


def _setitem_infer(operands: Sequence[Value], attrs: Attrs) -> list[Type]:
    return [_updated(operands, attrs, leading_ones=True)]


def _index_add_infer(operands: Sequence[Value], attrs: Attrs) -> list[Type]:
    return [_updated(operands, attrs, leading_ones=False)]


def _updated(operands: Sequence[Value], attrs: Attrs, leading_ones: bool) -> Array:
    x, v = array_type(operands[0]), array_type(operands[1])
    if x.weak:
        raise located(
            TensorTypeError, f"'{x}' object does not support item assignment", user_location()
        )
    region = indexed_shape(x.shape, attrs["spec"], operands[2:])
    _check_assignable(v.shape, region, leading_ones)
    return Array(x.dtype, x.shape)


def _check_assignable(value: Shape, region: Shape, leading_ones: bool) -> None:
    """v must broadcast to the region, which must not grow; NumPy drops leading 1s in x[i] = v."""
    extra = max(len(value) - len(region), 0)
    try:
        joined = broadcast(value[extra:], region)
        fits = all(b in (j, None) or j is None for b, j in zip(region, joined, strict=True))
    except ShapeError:
        fits = False
    dropped = value[:extra]
    if not fits or (dropped and not leading_ones) or any(d not in (1, None) for d in dropped):
        raise located(
            ShapeError,
            f"could not broadcast input array from shape {show_shape(value)} into shape "
            f"{show_shape(region)}",
            user_location(),
        )


def index_code(spec: Spec, operands: Sequence[str]) -> str:
    """The text between the brackets of `x[…]`: `_0_, :_1_`."""
    texts = iter(operands)
    items = [_item_code(code, texts) for code in spec]
    return ", ".join(items) if items else "()"


def _item_code(code: str, texts: Any) -> str:
    if code == "n":
        return "None"
    if code == "e":
        return "..."
    if ":" in code:
        return ":".join(next(texts) if bound else "" for bound in code.split(":"))
    return str(next(texts))


def _getitem_code(op: Op, texts: list[str]) -> str:
    if not array_type(op.operands[0]).shape:
        return f"k.getitem({', '.join(texts)}, spec={op.attrs['spec']!r})"
    return f"{texts[0]}[{index_code(op.attrs['spec'], texts[1:])}]"


def _getitem_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    x, *index = operands
    ct = apply("index_add", zeros_like(x), cts[0], *index, **attrs)
    return (ct, *(None for _ in index))


def _setitem_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    ct, (x, v, *index) = cts[0], operands
    v_bar = None
    if needs[1]:  # first, and as a copy: so that the zeros can be written into ct itself
        v_bar = apply("getitem", ct, *index, **attrs)
        v_bar = apply("copy", v_bar) if v_bar.ndim else v_bar
        if "a" in attrs["spec"]:  # only integer arrays can repeat
            v_bar = apply("where", apply("last_writer", x, *index, **attrs), v_bar, 0.0)
        v_bar = _sum_to_value(v_bar, v)
    x_bar = apply("setitem", ct, 0.0, *index, **attrs) if needs[0] else None
    return (x_bar, v_bar, *(None for _ in index))


def _index_add_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    ct, (_x, v, *index) = cts[0], operands
    v_bar = _sum_to_value(apply("getitem", ct, *index, **attrs), v) if needs[1] else None
    return (ct, v_bar, *(None for _ in index))


def _sum_to_value(ct: Tensor, v: Any) -> Any:
    """A region's cotangent as that of the value broadcast into it (which may have leading 1s)."""
    extra = (v.ndim if isinstance(v, Tensor) else np.ndim(v)) - ct.ndim
    if extra > 0:
        ct = apply("getitem", ct, spec=("n",) * extra + ("e",))
    return apply("sum_to_like", ct, v)


general("getitem", kernels.getitem, infer=_getitem_infer, vjp=Pullback(_getitem_rule),
        code=_getitem_code, fresh=False, doc="x[index].")  # fmt: skip
general("setitem", kernels.setitem, infer=_setitem_infer, vjp=Pullback(_setitem_rule),
        doc="A copy of x with x[index] = v; of repeated indices the last writer wins.")  # fmt: skip
general("index_add", kernels.index_add, infer=_index_add_infer, vjp=Pullback(_index_add_rule),
        doc="A copy of x with v added at x[index]; repeated indices add up.")  # fmt: skip


def _last_writer_infer(operands: Sequence[Value], attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    return [Array(np.dtype(bool), indexed_shape(t.shape, attrs["spec"], operands[1:]))]


general("last_writer", kernels.last_writer, infer=_last_writer_infer, vjp=ZERO,
        doc="Which elements of v in x[index] = v are not overwritten by a later one.")  # fmt: skip

# -- reading an index -----------------------------------------------------------------------------


def read_index(key: Any) -> tuple[list[Any], Spec]:
    """The operands and the spec of the index in `x[key]`."""
    operands: list[Any] = []
    spec: list[str] = []
    for item in key if isinstance(key, tuple) else (key,):
        code, values = _read_item(item)
        spec.append(code)
        operands.extend(values)
    if spec.count("e") > 1:
        raise index_error("an index can only have a single ellipsis ('...')")
    return operands, tuple(spec)


def _read_item(item: Any) -> tuple[str, list[Any]]:
    if item is None:
        return "n", []
    if item is Ellipsis:
        return "e", []
    if isinstance(item, slice):
        return _read_slice(item)
    if isinstance(item, bool | np.bool_):
        return "m", [bool(item)]
    if isinstance(item, list | tuple | range):
        item = _index_array(item)
    if isinstance(item, Tensor | np.ndarray):
        return _read_array(item)
    try:
        return "i", [operator.index(item)]
    except TypeError:
        raise wrong_index() from None


def _read_slice(item: slice) -> tuple[str, list[Any]]:
    """`1:n` is ("_:_", [1, n]); a step of None is left out."""
    bounds = [_read_bound(bound) for bound in (item.start, item.stop, item.step)]
    marks = ["" if bound is None else "_" for bound in bounds]
    code = ":".join(marks if marks[2] else marks[:2])
    return code, [bound for bound in bounds if bound is not None]


def _read_bound(bound: Any) -> Any:
    if isinstance(bound, Tensor):
        if bound.array_type.shape == () and bound.dtype.kind in "iub":
            return bound
    elif bound is None:
        return None
    else:
        try:
            return operator.index(bound)
        except TypeError:
            pass
    raise located(
        TensorTypeError,
        "slice indices must be integers or None or have an __index__ method",
        user_location(),
    )


def _index_array(item: Any) -> Any:
    """A (nested) list used as an index; an empty one is an index of integers."""
    array = asarray_nested(list(item))
    if isinstance(array, Tensor):
        is_empty = array.array_type.shape == (0,)
    else:
        is_empty = array.size == 0
    return np.zeros(np.shape(list(item)), np.intp) if is_empty else array


def _read_array(item: Any) -> tuple[str, list[Any]]:
    kind = item.dtype.kind
    if kind == "b":
        return "m", [item]
    if kind in "iu":
        return ("a" if item.ndim else "i"), [item]
    if isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype == object:
        raise wrong_index()
    if not item.ndim:
        raise wrong_index()
    raise index_error("arrays used as indices must be of integer (or boolean) type")


def wrong_index() -> IndexError:
    return index_error(
        "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer "
        "or boolean arrays are valid indices"
    )


# -- what users call ------------------------------------------------------------------------------


def getitem(x: Any, key: Any) -> Any:
    """x[key], for any index that NumPy takes.

    >>> getitem(np.arange(6).reshape(2, 3), (1, slice(None, 2)))
    <graphc.Tensor: shape=(2,), dtype=int64, numpy=array([3, 4])>
    """
    t = x.type if isinstance(x, Tensor) else None
    if isinstance(t, Array) and t.weak:
        raise located(TensorTypeError, f"'{t}' object is not subscriptable", user_location())
    operands, spec = read_index(key)
    if "a" in spec or "m" in spec:
        return apply("getitem", x, *operands, spec=spec)
    return view("getitem", x, *operands, spec=spec)


def index_set(x: Any, key: Any, value: Any) -> Any:
    """A copy of x in which x[key] = value; x itself is unchanged."""
    operands, spec = read_index(key)
    return apply("setitem", x, value, *operands, spec=spec)


def index_add(x: Any, key: Any, value: Any) -> Any:
    """A copy of x with `value` added at x[key]; where an index repeats, all values add up."""
    operands, spec = read_index(key)
    return apply("index_add", x, value, *operands, spec=spec)


def store(x: Tensor, key: Any, value: Any) -> None:
    """x[key] = value: in place on a concrete array; else x becomes its functional update."""
    _update("setitem", kernels.setitem_, x, key, value)


def store_add(x: Tensor, key: Any, value: Any) -> None:
    """np.add.at(x, key, value): in place on a concrete array; else x becomes its update."""
    _update("index_add", kernels.index_add_, x, key, value)


def _update(op: str, in_place: Callable[..., Any], x: Tensor, key: Any, value: Any) -> None:
    operands, spec = read_index(key)
    if current_trace() is None and not TAPES.get():
        index = map(concrete_data, operands)
        in_place(concrete_data(x), concrete_data(value), *index, spec=spec)
    else:
        write(x, apply(op, x, value, *operands, spec=spec))


for _name, _method in {"__getitem__": getitem, "__setitem__": store}.items():
    setattr(Tensor, _name, _method)
