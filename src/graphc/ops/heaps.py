"""Ops behind `heapq` and `bisect`: where an item goes in a heap or a sorted list, and its moving
there. Which way it goes has no derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.ir.core import Value
from graphc.ir.opdef import ZERO, Pullback
from graphc.ir.types import PYINT, Type
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.families import general
from graphc.ops.list_ops import elem_type, joined_with_item, or_zeros
from graphc.ops.tensor import apply
from graphc.runtime import heaps as kernels

Operands = Sequence[Value]
Attrs = dict[str, Any]


def _path(operands: Operands, attrs: Attrs) -> list[Type]:
    elem_type(operands[0])
    return [SequenceType(PYINT)]


def _unsift_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    elem = elem_type(operands[0])
    return [SequenceType(elem), elem]


def _sift_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return *apply("seq_unsift", cts[0], operands[2]), None


def _unsift_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return apply("seq_sift", *or_zeros(cts, zs), operands[1]), None


def _push_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [*joined_with_item(operands, attrs), SequenceType(PYINT)]


def _push_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return apply("seq_unsift", cts[0], zs[1])


def _pop_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [*_unsift_infer(operands, attrs), SequenceType(PYINT)]


def _pop_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return (apply("seq_sift", *or_zeros(cts[:2], zs[:2]), zs[2]),)


general("seq_heappush", kernels.heappush, infer=_push_infer, fresh=False, vjp=Pullback(_push_rule),
        doc="heapq.heappush: the heap with one more item, and the path that it took.")  # fmt: skip
general("seq_heappop", kernels.heappop, infer=_pop_infer, fresh=False, vjp=Pullback(_pop_rule),
        doc="heapq.heappop: the heap without its smallest item, that, and the path.")  # fmt: skip
general("seq_heap_order", kernels.heap_order, infer=_path, vjp=ZERO,
        doc="Where the items of heapq.heapify's heap stood.")  # fmt: skip
general("seq_sift", kernels.sift, infer=joined_with_item, fresh=False, vjp=Pullback(_sift_rule),
        doc="The sequence with one more item, moved along a path.")  # fmt: skip
general("seq_unsift", kernels.unsift, infer=_unsift_infer, fresh=False, vjp=Pullback(_unsift_rule),
        doc="The sequence and the item of which `seq_sift` makes this one.")  # fmt: skip
general("seq_sorted_place", kernels.sorted_place, vjp=ZERO,
        infer=lambda operands, attrs: [PYINT],
        doc="bisect: where an item belongs in a sorted list.")  # fmt: skip
