"""Small programs with lists whose length depends on the data: methods, built-ins, slices, and the
functions of `heapq`, `bisect` and `operator`.
"""

import bisect
import heapq
import operator

import numpy as np

from tests.frontend.list_programs import simple, smooth


def grown(a):
    out, x = [], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return out


@simple
def sort_orders(a):
    out = grown(a)
    out.append(a[1])
    by_size, backwards = out[:], out.copy()
    by_size.sort(key=lambda y: abs(y), reverse=True)
    backwards.sort(reverse=True)
    out.sort()
    return out, by_size, backwards


@simple
def sorted_orders(a):
    out = grown(a) + [a[1]]
    return sorted(out), sorted(out, reverse=True), sorted(out, key=lambda y: -y), out


@smooth
def sort_float(a):
    out = [a[1], a[2] * 3.3]
    for x in a:
        if x > 0.1:
            out.append(x * x)
    out.sort()
    total = a[0] * 0
    for y in sorted(out, key=lambda y: abs(y - 1.1)):
        total = total / 2 + y
    for y in out:
        total = total * 2 + y
    return total


@simple
def sort_of_known_length(a):
    out = [a[0], a[1], 1.0]
    out.sort()
    names = ["b", "a"]
    names.sort()
    out.sort(key=lambda y: -y)
    return out, names, out.sort()


@simple
def lists_compared(a):
    out = grown(a)
    return (
        *(out == [1.0], out == out, out != [2.0], out == grown(a), out == (1.0,), [] == out),
        *(out < [1.0], out >= [2.0, 3.0], [a[0]] == [1.0], [a[0], 1] < [a[1], 2], out is None),
    )


@simple
def items_found(a):
    out = grown(a)
    out.append(a[1])
    known = [a[0], a[1], 3]
    return (
        *(3.0 in out, a[0] in out, 4 not in out, out.index(a[1]), out.count(a[1])),
        *(known.index(3.5) if 3.5 in known else -1, known.count(a[0]), out.index(a[1], 0, 99)),
    )


@simple
def item_not_found(a):
    return grown(a).index(777.0)


@simple
def items_removed(a):
    out = grown(a)
    out.append(a[1])
    out.remove(a[1])
    known = [1.0, a[0], a[1]]
    known.remove(a[1])
    return out, known


@simple
def remove_what_is_not_there(a):
    out = grown(a)
    out.remove(777.0)
    return out


@smooth
def inserted_and_removed(a):
    out, x = [a[1], a[2]], a[0]
    while x < 20:
        out.insert(1, x * x)
        out.insert(-1, x)
        x = x + 5
    total = out.pop(1) * 3 + out.pop(-2)
    del out[0]
    out.insert(99, a[0] * a[1])
    for y in out:
        total = total / 2 + y
    return total


@simple
def delete_beyond_the_end(a):
    out = grown(a)
    del out[50]
    return out


@simple
def pop_beyond_the_end(a):
    return grown(a).pop(50)


@simple
def extended(a):
    out = grown(a)
    out.extend([1.0])
    out.extend(a)
    out += (1.0, 2.0)
    out.extend(x * 2 for x in a)
    out.extend(y for y in grown(a))
    out.extend(range(len(out)))
    return out


@simple
def slices_assigned(a):
    out = grown(a)
    second, third, fourth = out[:], out[:], out + [1.0, 2.0]
    out[1:2] = [9.0, 8.0]
    second[:] = [a[0]]
    third[0:0] = grown(a)
    fourth[::2] = [y * 2 for y in fourth[::2]]
    return out, second, third, fourth


@simple
def slice_of_another_length(a):
    out = grown(a)
    out[::2] = [1.0] * 9
    return out


@smooth
def slices_assigned_float(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    out[1:2] = [a[2] * a[2], x]
    out[::2] = [y * y for y in out[::2]]
    total = a[0]
    for y in out:
        total = total / 2 + y
    return total


@simple
def slices_deleted(a):
    out = grown(a)
    out.append(1.0)
    del out[0]
    more = out + [2.0]
    del more[-1:]
    del more[:1]
    return out, more


@simple
def slice_deleted_with_a_step(a):
    out = grown(a)
    del out[::2]
    return out


@simple
def item_updated(a):
    out = grown(a)
    out.append(0.0)
    out[-1] += a[1]
    out[0] *= 2
    return out


@smooth
def repeated(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x * x)
        x = x + 5
    total = a[0]
    for y in out * 3:
        total = total / 2 + y
    return total + sum(2 * out) + sum(out * 0)


@simple
def repeated_by_the_data(a):
    n = 0
    while n < a[0]:
        n += 1
    values = [0.0] * n
    for i in range(n):
        values[i] = i * a[1]
    return values, [1, 2] * n, [i * a[1] for i in range(n)]


def squares(n, x):
    """The number of times is an argument: lists of known length."""
    table = [[0.0] * n for _ in range(n)]
    for i in range(n):
        table[i][n - 1 - i] = i * x
    return table


@simple
def unpacked(a):
    out = grown(a)
    out.append(1.0)
    out.append(2.0)
    x, *b = out
    *c, y = out
    p, *q, r = out
    return x, b, c, y, p, q, r


@simple
def unpacked_into_too_few(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    p, q = out
    return p + q


@simple
def unpacked_into_too_many(a):
    out = grown(a)
    p, q, r, s, t, u, v, w, *x = out
    return p


@simple
def rows_unpacked(a):
    rows, x = [], a[0]
    while x < 20:
        rows.append([x, x * 2])
        x = x + 5
    total = 0.0
    for row in rows:
        for y in row:
            total += y
    for p, q in rows:
        total += p * q
    return total, [p * q for p, q in rows], [y for row in rows for y in row]


@smooth
def comprehensions_float(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    twice = [y * y for y in out]
    return sum(twice) + sum(y * a[2] for y in out) + max(y * 0.5 for y in twice) + twice[-1]


@simple
def comprehensions_of_staged(a):
    out = grown(a)
    return (
        *([i * y for i, y in enumerate(out)], [[y, y] for y in out], [(y, 1) for y in out]),
        *([y for y in out if y > 6], [y for y in reversed(out)], [i for i in range(len(out))]),
        *(any(y > 6 for y in out), all(y > 6 for y in out), [[y * z for z in out] for y in out]),
    )


@simple
def mapped_and_filtered(a):
    out = grown(a)
    return (
        *(list(map(lambda y: y * 2, out)), list(zip(out, out[1:])), list(enumerate(out))),
        *(list(reversed(out)), list(filter(lambda y: y > 6, out)), sum(map(abs, out))),
    )


@simple
def iterator_used_twice(a):
    out = grown(a)
    backwards = reversed(out)
    return list(backwards), list(backwards)


@simple
def extremes(a):
    out = grown(a)
    out.append(a[1])
    return (
        *(min(out), max(out), max(out, key=lambda y: -y), max(enumerate(out), key=lambda t: t[1])),
        *(min(range(len(out)), key=lambda i: out[i]), max(grown(a), default=-1.0)),
        *(max((y * 2 for y in grown(a)), default=None), min(grown(a), key=abs, default=0)),
    )


@simple
def extreme_of_nothing(a):
    out = []
    for x in a:
        if x > 3:
            out.append(x)
    return max(out, key=lambda y: -y)


@smooth
def extremes_float(a):
    out = [a[1], a[2] * 2.2]
    for x in a:
        if x > 0.1:
            out.append(x * x)
    return max(out, key=lambda y: -abs(y)) * 2 + min(out) + max(y * y for y in out)


@simple
def tests_of_lists(a):
    out, total = grown(a), 0.0
    while out and total < 100:
        total += out.pop()
    if not (out and total > 50) or out:
        total += 1
    return total, out, (1 if out or total > 60 else 2), (out or [1.0])


@simple
def tests_with_break(a):
    stack, seen = [a[0]], []
    while stack and len(seen) < 5:
        x = stack.pop()
        if x > 30:
            break
        seen.append(x)
        stack.append(x * 2 + 7)
    return seen, stack


@simple
def heap_by_hand(a):
    heap = []
    for x in a:
        heap.append(x)
        i = len(heap) - 1
        while i > 0 and heap[(i - 1) // 2] > heap[i]:
            heap[(i - 1) // 2], heap[i] = heap[i], heap[(i - 1) // 2]
            i = (i - 1) // 2
    return heap


@simple
def heap_of_known_length(a):
    heap = [5, 2, 7]
    heapq.heapify(heap)
    values = [a[0], a[1], a[2], 0.5]
    heapq.heapify(values)
    return heap, values, heapq.heappop(values), values, heapq.heappop(heap)


@smooth
def heap_float(a):
    heap, x = [], a[0]
    while x < 20:
        heapq.heappush(heap, (x - 7.3) * (x - 7.3))
        heapq.heappush(heap, x * a[1])
        x = x + 4.1
    heapq.heappush(heap, a[2])
    heapq.heappush(heap, a[2] * a[1])
    total = heapq.heappop(heap) + heapq.heappop(heap) * 3
    for y in heap:
        total = total / 2 + y
    while heap:
        total = total / 2 + heapq.heappop(heap)
    return total


@simple
def shortest_paths(a):
    weights, distance = np.abs(a), np.full(3, np.inf)
    distance[0] = 0
    heap = [(0.0, 0)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > distance[u]:
            continue
        for v in range(3):
            if d + weights[v] < distance[v]:
                distance[v] = d + weights[v]
                heapq.heappush(heap, (d + weights[v], v))
    return distance


@simple
def heap_empty(a):
    heap = []
    for x in a:
        if x > 4:
            heapq.heappush(heap, x)
    return heapq.heappop(heap)


@simple
def smallest_and_largest(a):
    out = grown(a)
    out.append(a[1])
    known = [a[0], a[1], a[2]]
    return (
        *(heapq.nsmallest(2, out), heapq.nlargest(2, out, key=abs), heapq.nsmallest(2, known)),
        *(heapq.nlargest(9, out), heapq.nsmallest(-1, out)),
    )


@simple
def bisected(a):
    out = sorted(grown(a))
    return (
        *(bisect.bisect(out, a[1]), bisect.bisect_left(out, a[0]), bisect.bisect_right(out, a[0])),
        *(bisect.bisect_left([1.0, 2.0, 3.0], a[0]), bisect.bisect(np.sort(a), 1.0)),
        *(bisect.bisect_left(out, -a[1], key=lambda y: -y), bisect.bisect([1, 2, 3], 2)),
    )


@smooth
def insertion_sorted(a):
    out = []
    for x in a:
        bisect.insort(out, x * x)
    x = a[0]
    while x < 20:
        bisect.insort_left(out, x * 1.1)
        x = x + 4.7
    total = a[0]
    for y in out:
        total = total / 2 + y
    return total


@simple
def operator_functions(a):
    out, x = [a[0]], a[1]
    while x < 20:
        operator.setitem(out, 0, x)
        operator.iadd(out, [x])
        x = x + 4
    if a[0] > 0:
        operator.setitem(out, 0, 5.0)
    operator.delitem(out, 0)
    return out


@simple
def copies(a):
    out = grown(a)
    second, third, fourth = out.copy(), list(out), out[:]
    second.append(1.0)
    third.clear()
    return out, second, third, fourth


@simple
def tuple_of_staged(a):
    return tuple(grown(a))
