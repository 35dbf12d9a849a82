"""The minimum vertex cut: which values of a loop body to save so that the others can be had from
them.

Cheap ops may be recomputed and others may not (R. Giering, T. Kaminski, Recomputations in reverse
mode AD, 2002). The cut nearest to the needed values is taken: among equals, recompute least.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from graphc.ir.core import Op, Value
from graphc.ir.opdef import opdef
from graphc.ir.types import Array, Maybe, Tuple, Type

INFINITE = 1 << 60
UNKNOWN_SIZE = 1024


def cost(t: Type) -> int:
    """What one saved value weighs: its number of elements, roughly."""
    match t:
        case Array(shape=shape):
            total = 1
            for dim in shape:
                total *= UNKNOWN_SIZE if dim is None else max(dim, 1)
            return total
        case Maybe(inner):
            return cost(inner)
        case Tuple(items):
            return sum(map(cost, items))
    return UNKNOWN_SIZE * UNKNOWN_SIZE


def recomputable(value: Value) -> bool:
    op = value.owner
    if not isinstance(op, Op) or op.regions or len(op.results) != 1:
        return False
    definition = opdef(op)
    return definition.cheap and not definition.effect


def minimum_cut(needed: list[Value], is_free: Callable[[Value], bool]) -> list[Value]:
    """The values of `body` to save so that every needed one is saved, free, or recomputable.

    Vertex capacities become edges from ('in', v) to ('out', v); shortest augmenting paths (Edmonds,
    Karp 1972) on a graph of one loop body.
    """
    network = Network()
    todo, seen = list(needed), set(needed)
    for value in needed:
        network.edge(("out", value), "sink", INFINITE)
    while todo:
        value = todo.pop()
        if value.is_literal or is_free(value):
            continue
        network.edge(("in", value), ("out", value), cost(value.type))
        if not recomputable(value):
            network.edge("source", ("in", value), INFINITE)
            continue
        assert isinstance(value.owner, Op)
        for operand in value.owner.operands:
            network.edge(("out", operand), ("in", value), INFINITE)
            if operand not in seen:
                seen.add(operand)
                todo.append(operand)
    return network.cut_near_sink()


class Network:
    """A flow network given by its residual capacities."""

    def __init__(self) -> None:
        self.capacity: dict[object, dict[object, int]] = {}

    def edge(self, a: object, b: object, capacity: int) -> None:
        self.capacity.setdefault(a, {})[b] = capacity
        self.capacity.setdefault(b, {}).setdefault(a, 0)

    def path(self) -> list[object] | None:
        """A shortest path with capacity left from source to sink."""
        before: dict[object, object] = {"source": None}
        queue: deque[object] = deque(["source"])
        while queue:
            node = queue.popleft()
            if node == "sink":
                path: list[object] = [node]
                while before[path[-1]] is not None:
                    path.append(before[path[-1]])
                return path[::-1]
            for after, left in self.capacity.get(node, {}).items():
                if left > 0 and after not in before:
                    before[after] = node
                    queue.append(after)
        return None

    def saturate(self) -> None:
        while (path := self.path()) is not None:
            steps = list(zip(path, path[1:], strict=False))
            flow = min(self.capacity[a][b] for a, b in steps)
            for a, b in steps:
                self.capacity[a][b] -= flow
                self.capacity[b][a] += flow

    def cut_near_sink(self) -> list[Value]:
        """The saturated vertices nearest to the sink, in the order they were added."""
        self.saturate()
        reaching: set[object] = {"sink"}
        todo: list[object] = ["sink"]
        into: dict[object, list[object]] = {}
        for a, edges in self.capacity.items():
            for b, left in edges.items():
                if left > 0:
                    into.setdefault(b, []).append(a)
        while todo:
            node = todo.pop()
            for a in into.get(node, ()):
                if a not in reaching:
                    reaching.add(a)
                    todo.append(a)
        return [
            node[1]
            for node in self.capacity
            if isinstance(node, tuple)
            and node[0] == "out"
            and node in reaching
            and ("in", node[1]) in self.capacity
            and ("in", node[1]) not in reaching
        ]
