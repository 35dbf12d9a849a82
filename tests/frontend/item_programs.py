"""Small programs that change a list or dict by its items on one path, and as a whole on another.

Each is called with (x, items): a number, and a list of the caller's.
"""

import numpy as np

PROGRAMS = []
OUTSIDE = [1.0, 2.0]


def program(fn):
    PROGRAMS.append(fn)
    return fn


@program
def one_item_by_two_indices(x, items):
    if x > 0:
        items[-1] = x
    else:
        items[2] = 9.0
    return sum(items)


@program
def one_item_twice_in_an_arm(x, items):
    if x > 0:
        items[-1] = x
        items[2] += 1
    else:
        items[2] = 9.0
        items[-1] *= 2
    return sum(items)


@program
def item_or_append(x, items):
    if x > 0:
        items[-1] += x
    else:
        items.append(x)
    return items


@program
def item_and_append(x, items):
    if x > 0:
        items[0] = x
        items.append(x)
    else:
        items.append(x)
        items[0] = 2 * x
        items[-1] = 7.0
    return items[0], items[-1], len(items)


@program
def append_then_its_item(x, items):
    if x > 0:
        items.append(x)
        items[0] = 100.0
        items[3] = 5.0
    return items


@program
def item_or_pop(x, items):
    if x > 0:
        items[1] = x
    else:
        items.pop(0)
    return items


@program
def item_or_slice(x, items):
    if x > 0:
        items[1:] = [x, x]
    else:
        items[-1] = 0.5
    return items


@program
def item_or_reverse(x, items):
    if x > 0:
        items.reverse()
    else:
        items[0] = x
    return items


@program
def assigned_then_cleared(x, items):
    items[2] = x
    items.clear()
    items.append(x)
    return x


@program
def nested_arms(x, items):
    own = [3.0, x, 2.0]
    if x > 0:
        if x > 2:
            own[0] = 10.0
        else:
            own.append(4.0)
        own[-1] += 1
    else:
        own[-2] = 7.0
    return own


@program
def items_in_a_loop(x, items):
    own, i = [1.0, 2.0], 0
    while x > i:
        own[-1] += x
        own[1] *= 2.0
        own[0] += own[-1]
        i += 1
    return own


@program
def items_and_append_in_a_loop(x, items):
    own, i = [1.0, 2.0], 0
    while x > i:
        own[0] += x
        own.append(x)
        own[-1] += 0.5
        i += 1
    return np.array(own)


@program
def changed_as_a_whole_later_only(x, items):
    last, i = None, 0
    while x + 1 > i:
        if last is None:
            items[0] += x
            last = x
        else:
            items.reverse()
            items[0] += 1
        i += 1
    return last


@program
def dict_items_or_update(x, items):
    pairs = {"a": 1.0, "b": 2.0}
    if x > 0:
        pairs["a"] = x
    else:
        pairs.update(b=x, a=3.0)
    return pairs


@program
def list_in_a_list(x, items):
    rows = [[1.0, 2.0], items]
    if x > 0:
        rows[-1][0] = x
        rows[1][-2] += 1
    else:
        rows[0][1] = x
        items.append(x)
    return rows


@program
def list_from_outside(x, items):
    OUTSIDE[-1] = x
    OUTSIDE[1] += 1
    OUTSIDE.append(x)
    count = len(OUTSIDE)
    while len(OUTSIDE) > 2:
        OUTSIDE.pop()
    return count, OUTSIDE[-1]


@program
def runs_of_equal_items(x, items):
    values, counts = [], []
    for item in [x, *items]:
        if values and values[-1] == item:
            counts[-1] += 1
        else:
            values.append(item)
            counts.append(1)
    return np.array(values), np.array(counts)
