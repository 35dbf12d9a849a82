"""Python's `min`, `max` and `sorted` of traced values, where items must be compared to know the
order.

Keys are numbers, or tuples of them: operands in a row, `width` for each key. Kernels compare with
Python's own functions, so ties, NaNs and tuples fall as they do there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError, TensorValueError
from graphc.ir.core import Value
from graphc.ir.opdef import CUT, ZERO, Pullback
from graphc.ir.types import PYINT, Array, Type, join_all
from graphc.ops.control import ambiguous_truth
from graphc.ops.families import general
from graphc.ops.infer import array_type
from graphc.ops.list_ops import elem_type
from graphc.ops.tensor import apply

Keys = list[Any]


def _keys(operands: tuple[Any, ...], width: int) -> Keys:
    if not width:
        return list(operands)
    return [operands[i : i + width] for i in range(0, len(operands), width)]


def first_extreme(*operands: Any, width: int, largest: bool) -> int:
    """The index of the first smallest (or largest) key."""
    keys = _keys(operands, width)
    indices = range(len(keys))
    return max(indices, key=keys.__getitem__) if largest else min(indices, key=keys.__getitem__)


def order(*operands: Any, width: int, reverse: bool) -> np.ndarray[Any, Any]:
    """The indices of the keys in sorted order."""
    keys = _keys(operands, width)
    indices = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
    return np.array(indices, dtype=np.int64)


def _one_int(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [PYINT]


def _indices(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [Array(np.dtype(np.int64), (len(operands) // (attrs["width"] or 1),))]


general("py_first", first_extreme, infer=_one_int, vjp=ZERO,
        doc="The index of the first smallest or largest key.")  # fmt: skip
general("py_order", order, infer=_indices, vjp=ZERO,
        doc="The indices of the keys in the order of Python's sorted.")  # fmt: skip


def _pick_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    return [join_all([value.type for value in operands[1:]])]


def _pick_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: dict[str, Any]) -> list[Any]:
    index = operands[0]
    parts: list[Any] = [None]
    for i, need in enumerate(needs[1:]):
        is_it = apply("python", index == i, kind="f")
        parts.append(cts[0] * is_it if need else None)
    return parts


general("py_pick", lambda index, *items: items[index], infer=_pick_infer, vjp=Pullback(_pick_rule),
        doc="One of several values, by its index.")  # fmt: skip


# -- one array -------------------------------------------------------------------------------------


def _element(function: Callable[..., Any]) -> Callable[..., list[Type]]:
    def infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
        t = array_type(operands[0])
        if not t.shape:
            raise TensorTypeError("iteration over a 0-d array")
        if len(t.shape) > 1:
            raise TensorValueError(str(ambiguous_truth()))
        if t.shape[0] == 0:
            raise TensorValueError(f"{function.__name__}() arg is an empty sequence")
        return [Array(t.dtype, ())]

    return infer


def _element_rule(ct: Any, z: Any, x: Any) -> Any:
    where = apply("argmax", apply("eq", x, z), axis=None, keepdims=False)
    places = apply("arange", 0, apply("dim", x, axis=0), 1, dtype=np.dtype(np.int64))
    return apply("where", apply("eq", places, where), ct, 0.0)


general("py_min_of", min, infer=_element(min), vjp=(_element_rule,), code="min({0})",
        doc="Python's min of the elements of an array.")  # fmt: skip
general("py_max_of", max, infer=_element(max), vjp=(_element_rule,), code="max({0})",
        doc="Python's max of the elements of an array.")  # fmt: skip


# -- lists of unknown length -----------------------------------------------------------------------


def _listed(operands: Sequence[Value]) -> None:
    elem = elem_type(operands[0])
    if isinstance(elem, Array) and elem.shape:
        raise TensorValueError(str(ambiguous_truth()))


def _place_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    _listed(operands)
    return [PYINT]


def _order_infer(operands: Sequence[Value], attrs: dict[str, Any]) -> list[Type]:
    _listed(operands)
    return [Array(np.dtype(np.int64), (None,))]


general("seq_first", lambda keys, largest: first_extreme(*keys, width=0, largest=largest),
        infer=_place_infer, vjp=ZERO,
        doc="The index of the first smallest or largest item of a list.")  # fmt: skip
general("seq_order", lambda keys, reverse: order(*keys, width=0, reverse=reverse),
        infer=_order_infer, vjp=ZERO,
        doc="The indices of a list's items in the order of Python's sorted.")  # fmt: skip


def _inverse(order: Any) -> Any:
    return apply("argsort", order, axis=0, kind=None)


general("seq_permuted", lambda seq, order: [seq[i] for i in order], fresh=False,
        infer=lambda operands, attrs: [operands[0].type],
        vjp=(lambda ct, z, seq, order: apply("seq_permuted", ct, _inverse(order)), CUT),
        doc="The items of a list in another order, each once.")  # fmt: skip
