"""Kernels of heaps and sorted lists: what `heapq` and `bisect` do, as paths along which items move.

A heap's item goes to its place along a path: p[0] is the end of the list, and the item at p[i + 1]
moves to p[i]. Python's own functions compare the same items in the same order.
"""

from __future__ import annotations

import bisect
import heapq
from typing import Any


def push_path(heap: Any, item: Any) -> list[int]:
    """The path of an item that `heappush` adds."""
    path = [len(heap)]
    while path[-1] > 0:
        parent = (path[-1] - 1) >> 1
        if not item < heap[parent]:
            break
        path.append(parent)
    return path


def pop_path(heap: Any) -> list[int]:
    """The path, from its other end, along which `heappop` moves items: the last one to where it
    then belongs, …, the smallest out of the heap."""
    end = len(heap) - 1
    if end < 1:
        heapq.heappop(list(heap))  # IndexError of none
        return [0]
    down, child = [0], 1
    while child < end:
        if child + 1 < end and not heap[child] < heap[child + 1]:
            child += 1
        down.append(child)
        child = 2 * child + 1
    while len(down) > 1 and heap[end] < heap[down[-1]]:
        down.pop()
    return [end, *reversed(down)]


def sift(seq: Any, item: Any, path: list[int]) -> list[Any]:
    """The list with one more item, which takes the path's last place."""
    return seq_sift_(list(seq), item, path)


def seq_sift_(seq: list[Any], item: Any, path: list[int]) -> list[Any]:
    seq.append(item)
    for to, place in zip(path, path[1:], strict=False):
        seq[to] = seq[place]
    seq[path[-1]] = item
    return seq


def unsift(seq: Any, path: list[int]) -> tuple[list[Any], Any]:
    """The list and the item of which `sift` makes this one."""
    rest = list(seq)
    return rest, seq_unsift_(rest, path)


def seq_unsift_(seq: list[Any], path: list[int]) -> Any:
    item = seq[path[-1]]
    for to, place in zip(path[:0:-1], path[-2::-1], strict=True):
        seq[to] = seq[place]
    seq.pop()
    return item


def heappush(heap: Any, item: Any) -> tuple[list[Any], list[int]]:
    made = list(heap)
    return made, seq_heappush_(made, item)


def seq_heappush_(heap: list[Any], item: Any) -> list[int]:
    path = push_path(heap, item)
    seq_sift_(heap, item, path)
    return path


def heappop(heap: Any) -> tuple[list[Any], Any, list[int]]:
    rest = list(heap)
    return rest, *seq_heappop_(rest)


def seq_heappop_(heap: list[Any]) -> tuple[Any, list[int]]:
    path = pop_path(heap)
    return seq_unsift_(heap, path), path


push = heapq.heappush  # where nobody asks for the path
pop_smallest = heapq.heappop


class _Item:
    """An item, and where it stood."""

    def __init__(self, item: Any, place: int) -> None:
        self.item = item
        self.place = place

    def __lt__(self, other: _Item) -> Any:
        return self.item < other.item


def heap_order(seq: Any) -> list[int]:
    """Where the items of the heap that `heapify` makes stood before."""
    items = [_Item(item, place) for place, item in enumerate(seq)]
    heapq.heapify(items)
    return [item.place for item in items]


def sorted_place(seq: Any, item: Any, *bounds: Any, right: bool) -> int:
    """Where an item belongs in a sorted list."""
    find = bisect.bisect_right if right else bisect.bisect_left
    return find(seq, item, *bounds)
