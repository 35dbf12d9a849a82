"""Ops that look for items of sequences, or put them in order: seq_order, seq_index, seq_compare, …

The kernels are Python's own methods of lists, so ties, NaNs, tuples and errors fall as they do
there. Which item it is has no derivative; the item itself has (`seq_getitem`, `seq_take`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.core import Value
from graphc.ir.opdef import CUT, ZERO, Pullback
from graphc.ir.types import NOTHING, PYBOOL, PYINT, Array, Tuple, Type
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.adjoint import cotangent_type
from graphc.ops.families import general
from graphc.ops.infer import array_type
from graphc.ops.list_ops import elem_type, joined_sequence, same_sequence
from graphc.ops.tensor import apply
from graphc.runtime import searching as kernels

Operands = Sequence[Value]
Attrs = dict[str, Any]


def _int(operands: Operands, attrs: Attrs) -> list[Type]:
    elem_type(operands[0])
    return [PYINT]


def _bool(operands: Operands, attrs: Attrs) -> list[Type]:
    elem_type(operands[0])
    return [PYBOOL]


def _truth(operands: Operands, attrs: Attrs) -> list[Type]:
    """`<` of lists gives what `<` of two items gives, `==` a bool."""
    items = [elem_type(value) for value in operands]
    is_python = all(isinstance(t, Array) and t.weak or t == NOTHING for t in items)
    is_bool = attrs["symbol"] in ("==", "!=") or is_python
    return [PYBOOL if is_bool else Array(np.dtype(bool))]


def _indices(operands: Operands, attrs: Attrs) -> list[Type]:
    elem_type(operands[0])
    return [SequenceType(PYINT)]


general("seq_order", kernels.order, infer=_indices, vjp=ZERO,
        doc="The indices of the items in the order of Python's sorted.")  # fmt: skip
general("seq_extreme", kernels.extreme, infer=_int, vjp=ZERO,
        doc="The index of the first smallest, or largest, item; ValueError of none.")  # fmt: skip
general("seq_take", kernels.take, infer=same_sequence, fresh=False,
        vjp=(lambda ct, z, seq, order: apply("seq_untake", ct, order), CUT),
        doc="The items in another order.")  # fmt: skip
general("seq_untake", kernels.untake, infer=same_sequence, fresh=False,
        vjp=(lambda ct, z, seq, order: apply("seq_take", ct, order), CUT),
        doc="The sequence of which `seq_take` gives this.")  # fmt: skip
general("seq_index", kernels.index, infer=_int, vjp=ZERO,
        doc="list.index: where the first such item is; ValueError if there is none.")  # fmt: skip
general("seq_place_to_remove", kernels.place_to_remove, infer=_int, vjp=ZERO,
        doc="Where list.remove finds its item; ValueError if there is none.")  # fmt: skip
general("seq_count", kernels.count, infer=_int, vjp=ZERO,
        doc="list.count: how many such items there are.")  # fmt: skip
general("seq_contains", kernels.contains, infer=_bool, vjp=ZERO,
        doc="Whether there is such an item.")  # fmt: skip
general("seq_compare", kernels.compare, infer=_truth, vjp=ZERO,
        doc="Two lists compared as Python does.")  # fmt: skip
general("seq_span", kernels.span, infer=lambda operands, attrs: [PYINT, PYINT], vjp=ZERO,
        doc="Where a slice begins and ends in a list of n items.")  # fmt: skip
general("seq_checked", kernels.checked, infer=same_sequence, fresh=False,
        vjp=(lambda ct, z, seq, least, most: ct, CUT, CUT),
        doc="A sequence that can be unpacked into so many names; else ValueError.")  # fmt: skip


def _set_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    _, items, *bounds = operands
    others = apply("seq_set_slice", cts[0], apply("zeros_like", items), *bounds)
    return others, apply("seq_slice", cts[0], *bounds), *(None for _ in bounds)


general("seq_set_slice", kernels.set_slice, infer=joined_sequence, fresh=False,
        vjp=Pullback(_set_rule),
        doc="seq[start:stop:step] = items, of which there are as many.")  # fmt: skip


def _fold_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return apply("seq_refold", cts[0], operands[0]), None


general("seq_repeat", kernels.repeat, infer=same_sequence, fresh=False,
        vjp=(lambda ct, z, seq, n: apply("seq_fold", ct, seq), CUT),
        doc="seq * n, for a sequence.")  # fmt: skip
general("seq_refold", kernels.refold, infer=same_sequence, fresh=False,
        vjp=(lambda ct, z, seq, like: apply("seq_fold", ct, seq), CUT),
        doc="A sequence repeated until it is as long as another.")  # fmt: skip
general("seq_fold", kernels.fold, infer=same_sequence, fresh=False, vjp=Pullback(_fold_rule),
        doc="The sums of items that `seq_repeat` has made of one.")  # fmt: skip


def _table_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    row = elem_type(operands[0])
    items = row.items if isinstance(row, Tuple) else (elem_type_of(row),)
    numbers = [t for t in items if isinstance(t, Array) and not t.shape]
    if not numbers or len(numbers) < len(items):
        raise TensorTypeError(f"only a sequence of arrays or numbers can be stacked, found {row}")
    width = len(items) if isinstance(row, Tuple) else None
    return [Array(np.result_type(*(t.dtype for t in numbers)), (None, width))]


def elem_type_of(t: Type) -> Type:
    return t.elem if isinstance(t, SequenceType) else t


def _table_rule(ct: Any, z: Any, seq: Any) -> Any:
    return apply("seq_untable", ct, tuples=isinstance(seq.type.elem, Tuple))


def _untable_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = array_type(operands[0])
    if not attrs["tuples"]:
        return [SequenceType(SequenceType(Array(t.dtype)))]
    assert t.shape[1] is not None
    return [SequenceType(Tuple((Array(t.dtype),) * t.shape[1]))]


general("seq_table", kernels.table, infer=_table_infer, vjp=(_table_rule,),
        doc="A sequence of tuples or lists of numbers as an array, one a row.")  # fmt: skip
general("seq_untable", kernels.untable, infer=_untable_infer, fresh=False,
        vjp=(lambda ct, z, x, tuples: apply("seq_table", ct),),
        doc="The rows of an array as a sequence of tuples, or of lists.")  # fmt: skip


def _column_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    row = elem_type(operands[0])
    assert isinstance(row, Tuple)
    return [SequenceType(row.items[attrs["index"]])]


general("seq_column", kernels.column, infer=_column_infer, fresh=False,
        vjp=(lambda ct, z, seq, index: apply("seq_uncolumn", ct, seq, index=index),),
        doc="The parts at one place of a sequence's tuples.")  # fmt: skip
general("seq_uncolumn", kernels.uncolumn, fresh=False,
        infer=lambda operands, attrs: [cotangent_type(operands[1].type)],
        vjp=(lambda ct, z, parts, like, index: apply("seq_column", ct, index=index), CUT),
        doc="Tuples with cotangents at one place, and zeros elsewhere.")  # fmt: skip
