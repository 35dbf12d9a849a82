"""Small programs with lists whose length depends on the data: tuples and lists as items."""

import numpy as np

from tests.frontend.list_programs import simple, smooth


def pairs(a):
    out, i, x = [], 0, a[0]
    while x < 20:
        out.append((x, i))
        x = x + 5
        i += 1
    return out


@simple
def tuple_items(a):
    out = pairs(a)
    total = 0.0
    for x, i in out:
        total += x * i
    return out, total, out[-1][1], out[0], len(out)


@smooth
def tuple_items_float(a):
    out, x = [(a[1], 1)], a[0]
    while x < 20:
        out.append((x * x, out[-1][1] + 1))
        x = x + 5
    total = out[-1][0] * out[0][0]
    for y, i in out:
        total = total + y * i
    return total


@smooth
def tuples_of_arrays(a):
    out, x = [], a[0]
    while x < 20:
        out.append((x, a * x, None))
        x = x + 5
    total = a[1]
    for t, row, nothing in out:
        if nothing is None:
            total = total + t * row.sum()
    return total


@simple
def tuples_in_tuples(a):
    out, x = [], a[0]
    while x < 20:
        out.append((x, (x * 2, 3), [x, 1.0]))
        x = x + 4
    total = 0.0
    for i, (x, (y, z), (p, q)) in enumerate(out):
        total += i * x + y * z + p * q
    return total, out


@simple
def stack_of_pairs(a):
    values = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 0.0]) * a[0]
    stack = [(0, 5)]
    while stack:
        low, high = stack.pop()
        if low >= high:
            continue
        pivot, i = values[high], low
        for j in range(low, high):
            if values[j] < pivot:
                values[i], values[j] = values[j], values[i]
                i += 1
        values[i], values[high] = values[high], values[i]
        stack.append((low, i - 1))
        stack.append((i + 1, high))
    return values


@smooth
def stack_of_intervals(a):
    stack, total = [(a[0], a[0] + 4, 0)], a[1] * 0
    while stack:
        low, high, depth = stack.pop()
        middle = (low + high) / 2
        if depth < 3 and high - low > 0.6:
            stack.append((low, middle, depth + 1))
            stack.append((middle, high, depth + 1))
        else:
            total = total + (high - low) * middle * middle
    return total


@simple
def merged_intervals(a):
    intervals = [(a[0], a[0] + 1), (a[1], a[1] + 2), (a[2], a[2] + 0.5)]
    intervals.sort()
    merged = []
    for low, high in intervals:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


@simple
def merged_intervals_staged(a):
    intervals, x = [], a[0]
    while x < 20:
        intervals.append((x, x + (4 if x > 6 else 1)))
        x = x + 3
    intervals.sort(key=lambda pair: pair[0])
    merged = []
    for low, high in intervals:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


@simple
def breadth_first(a):
    queue, seen, order = [(0, 0)], np.zeros(16), []
    while len(queue) > 0:
        node, depth = queue.pop(0)
        if seen[node] == 0 and depth < a[2]:
            seen[node] = depth + 1
            order.append((node, depth))
            for step in (1, 3):
                if node + step < 16:
                    queue.append((node + step, depth + 1))
    return order, seen


@simple
def tuples_ordered(a):
    out = pairs(a)
    out.append((a[1], 7))
    backwards = sorted(out, key=lambda pair: -pair[0])
    out.sort()
    return (
        *(out, backwards, min(out), max(out), max(out, key=lambda pair: pair[1])),
        *((a[1], 7) in out, out.index((a[1], 7)), out.count((a[1], 7)), out == backwards),
    )


@smooth
def tuples_sorted_float(a):
    out = [(a[1], 1.0)]
    for x in a:
        if x > 0.1:
            out.append((x * x, x))
    out.sort(reverse=True)
    total = a[0] * 0
    for y, x in out:
        total = total * 2 + y * x
    return total + min(out)[0] * 3


@smooth
def table_of_tuples(a):
    out, x = [(a[1], a[2])], a[0]
    while x < 20:
        out.append((x, x * x))
        x = x + 5
    table = np.array(out)
    return (table[:, 0] * table[:, 1]).sum() + table[-1, 1]


@smooth
def table_of_lists(a):
    out, x = [[a[1], a[2]]], a[0]
    while x < 20:
        out.append([x, x * x])
        x = x + 5
    return (np.array(out) ** 2).sum() * 1e-3


@simple
def tuples_cut_and_joined(a):
    out = pairs(a)
    out.insert(0, (0.5, 9))
    first, *rest = out
    (x, i), *_ = out
    return first, rest, x, i, out[1:], out[::-1], out + [(1.0, 2)], out * 2


@simple
def tuples_in_comprehensions(a):
    out = pairs(a)
    return [x for x, i in out], [(i, x) for x, i in out if i > 0], sum(x * i for x, i in out)


@simple
def tuples_zipped(a):
    xs, ys = [], []
    for x, i in pairs(a):
        xs.append(x)
        ys.append(i)
    return list(zip(xs, ys)), list(enumerate(xs)), [x * y for x, y in zip(xs, ys)]


@simple
def tuples_of_two_lengths(a):
    out = []
    for x in a:
        if x < 1:
            out.append((x, 1, 2))
        else:
            out.append((x, 1))
    return out


@simple
def tuples_and_none(a):
    out, x = [None], a[0]
    while x < 20:
        out.append((x, 1))
        x = x + 4
    return out


@simple
def tuple_or_none_read(a):
    out, x = [None], a[0]
    while x < 20:
        out.append((x, 1))
        x = x + 4
    total = 0.0
    for pair in out:
        if pair is not None:
            total += pair[0]
    return total


@simple
def tuple_with_text(a):
    out, x = [], a[0]
    while x < 20:
        out.append((x, "a"))
        x = x + 4
    return out


@simple
def tuple_array_written_later(a):
    z, out, x = np.zeros(3), [], a[0]
    while x < 20:
        out.append((x, z))
        x = x + 4
    z += 1
    return out


@simple
def tuple_array_written_in_loop(a):
    out, x = [], a[0]
    while x < 20:
        out.append((x, a * x))
        x = x + 4
    for _, z in out:
        z += 1
    return out


@simple
def rows_made_anew(a):
    rows, row, x = [], [], a[0]
    while x < 20:
        row, k = [], 0
        while k < x:
            row.append(k)
            k += 1
        rows.append(row)
        x = x + 3
    return rows, row


@simple
def rows_cut_off(a):
    rows, row, x = [], [], a[0]
    while x < 20:
        row.append(x)
        if len(row) == 2:
            rows.append(row)
            row = []
        x = x + 3
    rows.append(row)
    return rows


@simple
def rows_copied(a):
    rows, row, x = [], [], a[0]
    while x < 20:
        row.append(x)
        if len(row) > 1:
            rows.append(row[:])
            row.clear()
        x = x + 3
    return rows, row


@simple
def row_changed_after_appending(a):
    rows, x = [], a[0]
    while x < 20:
        row = [x]
        rows.append(row)
        row.append(1.0)
        x = x + 5
    return rows


@simple
def row_changed_in_the_next_iteration(a):
    rows, row, x = [], [0.0], a[0]
    while x < 20:
        row.append(x)
        rows.append(row)
        if x > 3:
            row = [x]
        x = x + 3
    return rows


@simple
def row_changed_after_the_loop(a):
    rows, row, x = [], [], a[0]
    while x < 20:
        row = [x]
        rows.append(row)
        x = x + 3
    row.append(1.0)
    return rows


@simple
def rows_of_known_number(a):
    rows = [[], [], []]
    for i in range(3):
        k = 0
        while k < a[i]:
            rows[i].append(k * a[0])
            k += 1
    return rows


@simple
def bucket_of_the_data(a):
    rows = [[], [], [], []]
    for x in a:
        rows[int(abs(x)) % 4].append(x)
    return rows


@simple
def list_named_twice_in_loop(a):
    out, best, x = [], [], a[0]
    while x < 20:
        out.append(x)
        best = out
        x = x + 5
    out.append(1.0)
    return best


@simple
def best_of_new_lists(a):
    best, x = [], a[0]
    while x < 20:
        out, k = [x], 0
        while k < x:
            out.append(k)
            k += 1
        if len(out) > len(best):
            best = out
        x = x + 3
    return best


# -- a list that changes on two paths in two ways --------------------------------------------------


@simple
def item_or_append(a):
    out = [a[0]]
    if a[1] > 0:
        out[0] = 5.0
    else:
        out.append(2.0)
    return out


@simple
def append_then_item(a):
    out, x = [a[0], 0], a[0]
    while x < 20:
        out[1] = out[1] + 1
        out.append(x)
        out[0] = out[-1] + 1
        x = x + 3
    return out


@simple
def changed_or_bound_anew(a):
    p, q = [0.0], [1.0]
    if a[0] > 0:
        p[0] = 5.0
    else:
        p = q
    return p, q


@simple
def changed_and_named_again(a):
    p = [0.0]
    q, d = p, {"p": p}
    if a[0] > 0:
        p[0] = 5.0
        r = p
    else:
        r = [7.0]
    return p, q, r, d


@simple
def grown_or_bound_anew(a):
    out = []
    if a[0] > 0:
        out.append(a[1])
    else:
        out = [a[2], 1.0]
    return out


@simple
def item_or_update_of_dict(a):
    d = {"n": 0}
    if a[1] > 0:
        d["n"] = 1.0
    else:
        d.update(n=2.0)
    return d


@simple
def returned_in_a_tuple(a):
    out = []
    for x in a:
        out.append(x)
        if x > 3:
            return out, True
    return out, False


@simple
def none_then_numbers(a):
    out, x = [None], a[0]
    while x < 20:
        out.append(x)
        x = x + 4
    return [0.0 if y is None else y for y in out], out


@simple
def none_or_array(a):
    out, x = [], a[0]
    while x < 20:
        if x > 3:
            out.append(a * x)
        else:
            out.append(None)
        x = x + 4
    total = 0.0
    for row in out:
        if row is not None:
            total += row.sum()
    return total
