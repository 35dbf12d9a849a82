"""Ops on sequences as lists: seq_make, seq_append, seq_getitem …, and the adjoints of those.

A list that is appended to in staged loops (`lists.py`) is a chain of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.errors import TensorTypeError
from graphc.ir.core import Op, Value
from graphc.ir.opdef import CUT, Pullback
from graphc.ir.types import PYINT, Array, Maybe, Nothing, Tuple, Type, join_all
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.families import general
from graphc.ops.tensor import Tensor, apply
from graphc.runtime import sequences as kernels

Operands = Sequence[Value]
Attrs = dict[str, Any]


def elem_type(value: Value) -> Type:
    if not isinstance(value.type, SequenceType):
        raise TensorTypeError(f"expected a sequence, found {value.type}")
    return value.type.elem


def _joined(lists: Operands, items: Operands = ()) -> Type:
    """The type of an item out of lists, of which empty ones have none, or among other items."""
    elems = [elem_type(value) for value in lists]
    types = [t for t in elems if not isinstance(t, Nothing)] + [value.type for value in items]
    try:
        joined = join_all(types)
    except TypeError as error:
        raise TensorTypeError(f"the items of a staged list must be alike: {error}") from None
    return Maybe(joined) if types and isinstance(joined, Nothing) else joined  # all None so far


def _make_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [
        SequenceType(_joined([], operands) if operands else attrs["elem"])
    ]


def _make_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return [apply("seq_getitem", cts[0], i) if need else None for i, need in enumerate(needs)]


def _make_code(op: Op, operands: list[str]) -> str:
    return f"[{', '.join(operands)}]"


general("seq_make", lambda *items, elem: list(items), fresh=False,
        infer=_make_infer, vjp=Pullback(_make_rule), code=_make_code,
        total=True,
        doc="A sequence of the operands; of none, with the item type `elem`.")  # fmt: skip


def joined_with_item(operands: Operands, attrs: Attrs) -> list[Type]:
    """The type of a sequence with one more item."""
    return [SequenceType(_joined(operands[:1], operands[1:2]))]


def _append_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return apply("seq_pop", cts[0], -1)


general("seq_append", kernels.append, fresh=False, infer=joined_with_item, total=True,
        code="[*{0}, {1}]", vjp=Pullback(_append_rule),
        doc="The sequence with one more item at its end.")  # fmt: skip


def _getitem_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [elem_type(operands[0])]


general("seq_getitem", lambda seq, i: seq[i], infer=_getitem_infer, fresh=False, code="{0}[{1}]",
        vjp=(lambda ct, z, seq, i: apply("seq_add_at", apply("zeros_like", seq), ct, i), CUT),
        doc="One item of a sequence; IndexError beyond its ends.")  # fmt: skip


def or_zeros(cts: Any, zs: Any) -> list[Any]:
    """The cotangents of an op's results, as zeros where there is none."""
    pairs = zip(cts, zs, strict=True)
    return [apply("zeros_like", z) if ct is None else ct for ct, z in pairs]


def _pop_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [SequenceType(elem_type(operands[0])), elem_type(operands[0])]


def _pop_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return apply("seq_unpop", *or_zeros(cts, zs), operands[1]), None


general("seq_pop", kernels.pop, fresh=False, infer=_pop_infer, vjp=Pullback(_pop_rule),
        doc="The sequence without item i, and that item; the IndexError of list.pop.")  # fmt: skip
general("seq_delete", kernels.delete, fresh=False, infer=_pop_infer, vjp=Pullback(_pop_rule),
        doc="The sequence without item i, and that item; the IndexError of `del`.")  # fmt: skip


def _unpop_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return *apply("seq_pop", cts[0], operands[2]), None


general("seq_unpop", kernels.unpop, fresh=False, infer=joined_with_item, vjp=Pullback(_unpop_rule),
        doc="The sequence of which `seq_pop` at i gives these: the adjoint of it.")  # fmt: skip


def _insert_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [SequenceType(_joined(operands[:1], operands[2:]))]


def _insert_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    place = apply("seq_place", operands[1], apply("seq_len", cts[0]))
    rest, item = apply("seq_pop", cts[0], place)
    return rest, None, item


general("seq_insert", kernels.insert, fresh=False, infer=_insert_infer, vjp=Pullback(_insert_rule),
        doc="The sequence with an item inserted, as list.insert does.")  # fmt: skip
general("seq_place", kernels.place, vjp=CUT, infer=lambda operands, attrs: [PYINT],
        doc="Where list.insert has put an item, in a list that has n items with it.")  # fmt: skip


general("seq_add_at", kernels.add_at, infer=joined_with_item, fresh=False,
        vjp=(lambda ct, z, seq, x, i: ct,
             lambda ct, z, seq, x, i: apply("seq_getitem", ct, i), CUT),
        doc="The sequence with x added to item i: how cotangents of items accumulate.")  # fmt: skip


def _setitem_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    ct, (_, x, i) = cts[0], operands
    x_bar = apply("seq_getitem", ct, i)
    return apply("seq_setitem", ct, apply("zeros_like", x), i), x_bar, None


general("seq_setitem", kernels.setitem, fresh=False, infer=joined_with_item,
        vjp=Pullback(_setitem_rule), doc="The sequence with item i replaced.")  # fmt: skip


def same_sequence(operands: Operands, attrs: Attrs) -> list[Type]:
    """The type of a sequence with the same items."""
    return [SequenceType(elem_type(operands[0]))]


def _slice_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    seq, *bounds = operands
    return apply("seq_scatter", apply("zeros_like", seq), cts[0], *bounds), *(None for _ in bounds)


def _scatter_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    _, _, *bounds = operands
    return cts[0], apply("seq_slice", cts[0], *bounds), *(None for _ in bounds)


general("seq_slice", lambda seq, *bounds: list(seq[slice(*bounds)]), fresh=False,
        infer=same_sequence, vjp=Pullback(_slice_rule),
        doc="seq[start:stop:step] of a sequence.")  # fmt: skip
general("seq_scatter", kernels.scatter, fresh=False, infer=same_sequence,
        vjp=Pullback(_scatter_rule),
        doc="The sequence with a slice's cotangents added where the slice was.")  # fmt: skip


def joined_sequence(operands: Operands, attrs: Attrs) -> list[Type]:
    """The type of a sequence with the items of two others."""
    return [SequenceType(_joined(operands[:2]))]


general("seq_concat", lambda a, b: [*a, *b], fresh=False, infer=joined_sequence, total=True,
        code="[*{0}, *{1}]",
        vjp=(lambda ct, z, a, b: apply("seq_slice", ct, None, apply("seq_len", a)),
             lambda ct, z, a, b: apply("seq_slice", ct, apply("seq_len", a), None)),
        doc="One sequence after another.")  # fmt: skip


def _join_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    elem = elem_type(operands[0])
    if not isinstance(elem, Array) or not elem.shape:
        raise TensorTypeError(f"arrays of type {elem} cannot be concatenated")
    dims = tuple(None if i == attrs["axis"] else dim for i, dim in enumerate(elem.shape))
    return [Array(elem.dtype, dims)]


general("seq_join", kernels.join, infer=_join_infer,
        vjp=(lambda ct, z, seq, axis: apply("seq_split", ct, seq, axis=axis),),
        doc="np.concatenate of a sequence of arrays.")  # fmt: skip
general("seq_split", kernels.split, fresh=False, infer=lambda operands, attrs: [operands[1].type],
        vjp=(lambda ct, z, x, like, axis: apply("seq_join", ct, axis=axis), CUT),
        doc="An array cut into pieces as long as those of a sequence of arrays.")  # fmt: skip


# -- tuples as items -------------------------------------------------------------------------------


def _tuple_code(op: Op, operands: list[str]) -> str:
    return f"({', '.join(operands)}{',' if len(operands) == 1 else ''})"


def _tuple_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return parts_of(cts[0])


def _parts_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return (apply("tuple_make", *or_zeros(cts, zs)),)


def _parts_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    (t,) = (value.type for value in operands)
    if not isinstance(t, Tuple):
        raise TensorTypeError(f"the items of a staged list must be alike: some are {t}")
    return list(t.items)


def _parts_code(op: Op, operands: list[str]) -> str:
    return f"{operands[0]}[0]" if len(op.results) == 1 else operands[0]


general("tuple_make", lambda *parts: parts, fresh=False, total=True, code=_tuple_code,
        infer=lambda operands, attrs: [Tuple(tuple(value.type for value in operands))],
        vjp=Pullback(_tuple_rule),
        doc="The operands as one tuple: an item of a list.")  # fmt: skip
general("tuple_parts", lambda x: x[0] if len(x) == 1 else x, fresh=False, total=True,
        infer=_parts_infer, code=_parts_code, vjp=Pullback(_parts_rule),
        doc="The parts of a tuple.")  # fmt: skip


def parts_of(x: Tensor) -> tuple[Tensor, ...]:
    """The parts of a traced tuple."""
    if x.type == Tuple(()):
        return ()
    parts = apply("tuple_parts", x)
    return parts if isinstance(parts, tuple) else (parts,)
