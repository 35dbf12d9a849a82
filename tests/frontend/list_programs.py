"""Small programs with lists whose length depends on the data."""

import numpy as np

CASES = []
GRADIENTS = []


def case(make):
    CASES.append(make)
    return make


def differentiable(make):
    """Also: the gradient of the sum of what it returns, against finite differences."""
    GRADIENTS.append(make)
    return case(make)


THREE = ([1.0, 2.0, 3.5], [-4.0, 0.5, 0.25], [0.3, -1.0, 5.2])
DATA = lambda: [(np.array(x),) for x in THREE]  # noqa: E731


def simple(fn):
    """A case of a function of one array."""

    def make(dec):
        return dec(fn), DATA(), None

    make.__name__ = fn.__name__
    return case(make)


def smooth(fn):
    def make(dec):
        return dec(fn), DATA(), None

    make.__name__ = fn.__name__
    make.fn = fn
    return differentiable(make)


@smooth
def append_in_while(a):
    out, x = [], a[0] * a[0]
    while x < 50:
        out.append(x)
        x = x * 2 + 1
    return np.array(out).sum() if out else a[0] * 3


@simple
def returned_list(a):
    out, x = [], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return out


@simple
def returned_empty_or_not(a):
    out = []
    i = 0
    while i < a[0]:
        out.append(i)
        i += 1
    return out, len(out)


@smooth
def append_in_for(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x * x)
    return sum(out) * 1.0


@simple
def append_in_branch(a):
    out = [a[0]]
    if a.sum() > 0:
        out.append(a[1])
    else:
        out.append(a[2])
        out.append(1.0)
    return out


@simple
def filter_positive(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    return out, len(out)


@smooth
def rows_stacked(a):
    rows, x = [], a * 1.0
    while x.sum() < 60:
        rows.append(x)
        x = x * 2 + 3
    return np.stack(rows).mean() if len(rows) > 0 else a.sum()


@smooth
def rows_concatenated(a):
    rows, x = [a], a * 1.0
    while x.sum() < 60:
        x = x * 2 + 3
        rows.append(x * x)
    return np.concatenate(rows).sum()


@simple
def vstack_hstack(a):
    rows, x = [a], a * 1.0
    while x.sum() < 60:
        x = x * 2 + 3
        rows.append(x)
    return np.vstack(rows), np.hstack(rows), np.array(rows).shape, np.asarray(rows).T


@smooth
def numpy_reductions(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return np.mean(out) + np.sum(out) + np.max(out) - np.min(out) + np.std(np.array(out))


@simple
def numpy_reductions_values(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return np.mean(out), np.argmax(out), np.cumsum(out), np.median(out), np.diff(out)


@smooth
def extend_and_add(a):
    out = [a[0]]
    i = 0
    while i < a.max():
        out.extend([a[1] * i, a[2]])
        i += 1
    out += [a[0] * 7]
    both = out + [a[1] * a[1]]
    return np.array(both).sum()


@simple
def extend_and_add_values(a):
    out = [a[0]]
    i = 0
    while i < a.max():
        out.extend([a[1] * i, a[2]])
        i += 1
    out += [a[0] * 7]
    return out + [1.0], [0.5] + out, out


@smooth
def pop_last(a):
    out = []
    for x in a:
        if x > 0.28:
            out.append(x * x)
    total = a[0] * 0
    while len(out) > 0:
        total = total * 2 + out.pop()
    return total


@simple
def stack_and_queue(a):
    stack, seen = [a[0]], []
    while stack:
        x = stack.pop()
        seen.append(x)
        if x < 8:
            stack.append(x + 3)
            if x < 2:
                stack.append(x + 4)
    return seen


@simple
def queue_pop_zero(a):
    queue, order = [a[0], a[1]], []
    while len(queue) > 0 and len(order) < 6:
        x = queue.pop(0)
        order.append(x)
        if x < 3:
            queue.append(x * 2 + 4)
    return order, queue


@simple
def index_traced(a):
    out = []
    i = 0
    while i < a.max():
        out.append(i * i)
        i += 1
    n = len(out)
    return out[n - 1], out[-1], out[0], out[n // 2]


@smooth
def index_traced_float(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x * x)
        x = x + 5
    n = len(out)
    return out[n - 1] + out[-1] * 2 + out[n // 2]


@simple
def index_error(a):
    out = []
    for x in a:
        if x > 1:
            out.append(x)
    return out[1]


@simple
def pop_empty(a):
    out = []
    for x in a:
        if x > 4:
            out.append(x)
    return out.pop()


@smooth
def slices(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x * x)
        x = x + 5
    return sum(out[1:]) + sum(out[::2]) + sum(out[:-1]) + sum(out[::-1])


@simple
def slices_values(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    return out[1:], out[:2], out[-2:], out[::-1], out[1:100], out[5:]


@simple
def item_assigned(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    out[0] = a[2]
    out[-1] = 9.5
    return out


@smooth
def item_assigned_in_loop(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    for i in range(len(out)):
        out[i] = out[i] * out[0]
    return sum(out)


@smooth
def iterate(a):
    out, x = [], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    total = a[1] * 0
    for y in out:
        total += y * a[2]
    return total


@simple
def iterate_enumerate_zip(a):
    out, x = [], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    total = 0.0
    for i, y in enumerate(out):
        total += i * y
    for y, z in zip(out, out[1:]):
        total += z - y
    for y in reversed(out):
        total = total / 2 + y
    return total


@smooth
def comprehension(a):
    out, x = [], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return sum([y * y for y in out]) + sum(y for y in out if y > 1.5) + a[1]


@simple
def comprehension_values(a):
    out, x = [], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return [y * 2 for y in out], [i for i, y in enumerate(out)], [y for y in out if y > 7]


@simple
def builtins_of(a):
    out, x = [a[1]], a[0]
    while x < 20:
        out.append(x)
        x = x * 2 + 5
    return min(out), max(out), sum(out), sorted(out), any(out), all(out)


@simple
def membership(a):
    out = []
    i = 0
    while i < a.max():
        out.append(i)
        i += 1
    return 2 in out, 7 not in out


@simple
def len_in_test(a):
    out = []
    x = a[0]
    while len(out) < 4 and x < 30:
        out.append(x)
        x = x * 2 + 5
    return out, len(out) == 4


@simple
def truth_of_list(a):
    out = []
    for x in a:
        if x > 1:
            out.append(x)
    if out:
        return out[0]
    if not out:
        return -1.0


@simple
def ints_then_floats(a):
    out = [1]
    i = 0
    while i < a.max():
        out.append(i * 0.5)
        i += 1
    return out


@simple
def ints_only(a):
    out = []
    i = 0
    while i < a.max():
        out.append(i)
        i += 1
    return out, sum(out)


@simple
def bools(a):
    out = []
    i = 0
    while i < a.max():
        out.append(a[0] > i)
        i += 1
    return out


@simple
def nones(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
        else:
            out.append(None)
    return out


@simple
def tuples(a):
    out = []
    x = a[0]
    while x < 20:
        out.append((x, x * 2))
        x = x + 5
    return out


@simple
def tuples_unpacked(a):
    out = []
    x = a[0]
    while x < 20:
        out.append((x, x * 2))
        x = x + 5
    total = 0.0
    for p, q in out:
        total += p * q
    return total


@simple
def nested_lists(a):
    out = []
    x = a[0]
    while x < 20:
        out.append([x, x * 2])
        x = x + 5
    return out


@simple
def nested_growing(a):
    out = []
    x = a[0]
    while x < 8:
        row = []
        i = 0
        while i < x:
            row.append(i * x)
            i += 1
        out.append(row)
        x = x + 3
    return out


@simple
def nested_appended(a):
    out = [[], []]
    for i in range(3):
        if a[i] > 0:
            out[0].append(a[i])
        else:
            out[1].append(a[i])
    return out


@simple
def dict_of_lists(a):
    groups = {"pos": [], "neg": []}
    for x in a:
        if x > 0:
            groups["pos"].append(x)
        else:
            groups["neg"].append(x)
    return groups


@simple
def two_lists(a):
    xs, ys = [], []
    x = a[0]
    while x < 20:
        xs.append(x)
        if x > 3:
            ys.append(x * x)
        x = x + 4
    return xs, ys, len(xs) - len(ys)


@simple
def list_rebound(a):
    out = []
    x = a[0]
    while x < 20:
        out = out + [x]
        x = x + 5
    return out


@simple
def list_reset(a):
    out = []
    x = a[0]
    while x < 20:
        out.append(x)
        if len(out) > 2:
            out = []
        x = x + 5
    return out


@simple
def list_cleared(a):
    out = []
    x = a[0]
    while x < 20:
        out.append(x)
        if len(out) > 2:
            out.clear()
        x = x + 5
    return out


@simple
def list_copied(a):
    out = []
    x = a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    other = out.copy()
    third = list(out)
    other.append(1.0)
    return out, other, third, out[:] == third


@simple
def list_aliased(a):
    out = []
    same = out
    x = a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    same.append(-1.0)
    return out, same


@simple
def array_appended_then_written(a):
    out = []
    x = np.zeros(3)
    i = 0
    while i < a.max():
        x += a
        out.append(x)
        i += 1
    return out


@simple
def array_item_written(a):
    out = []
    i = 0
    while i < a.max():
        out.append(a * i)
        i += 1
    row = out[0] if out else a
    row = row * 2
    return out, row


@simple
def insert_remove(a):
    out = []
    x = a[0]
    while x < 20:
        out.append(x)
        x = x + 5
    out.insert(0, -1.0)
    return out


@simple
def sort_in_place(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    out.sort()
    return out


@simple
def reverse_in_place(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    out.reverse()
    return out


@simple
def printed(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    print("found", len(out))
    print(out)
    return len(out)


@simple
def early_return(a):
    out = []
    for x in a:
        if x > 3:
            return out
        out.append(x)
    return out


@simple
def break_continue(a):
    out = []
    for x in a:
        if x < 0:
            continue
        if x > 3:
            break
        out.append(x)
    return out


@simple
def fibonacci(a):
    out = [1, 1]
    while out[-1] < a.max() * 10:
        out.append(out[-1] + out[-2])
    return out


@simple
def sieve(a):
    primes = []
    n = 2
    while n < a.max() * 5:
        is_prime = True
        for p in primes:
            if n % p == 0:
                is_prime = False
        if is_prime:
            primes.append(n)
        n += 1
    return primes


@simple
def run_lengths(a):
    runs = []
    count = 0
    for x in a:
        if x > 0:
            count += 1
        elif count > 0:
            runs.append(count)
            count = 0
    if count > 0:
        runs.append(count)
    return runs


@smooth
def euler_path(a):
    ts, ys = [0.0], [a[0]]
    t, y = 0.0, a[0]
    while t < 1.0 and abs(y) < 100:
        y = y + 0.25 * (a[1] - y * a[2])
        t += 0.25
        ts.append(t)
        ys.append(y)
    return np.trapezoid(np.array(ys), np.array(ts))


@smooth
def newton_history(a):
    x = abs(a[0]) + 1
    history = [x]
    while abs(x * x - 2) > 1e-6:
        x = x - (x * x - 2) / (2 * x)
        history.append(x)
    return sum(history)


class Recorder:
    def __init__(self):
        self.history = []
        self.best = None

    def record(self, x):
        self.history.append(x)
        if self.best is None or x > self.best:
            self.best = x


@simple
def history_of_local_object(a):
    r = Recorder()
    x = a[0]
    while x < 20:
        r.record(x)
        x = x * 2 + 5
    return r.history, r.best


@case
def history_of_outside_object(dec):
    r = Recorder()

    @dec
    def f(a):
        x = a[0]
        while x < 20:
            r.record(x)
            x = x * 2 + 5
        return len(r.history)

    return f, DATA(), r


@case
def outside_list_in_loop(dec):
    log = []

    @dec
    def f(a):
        x = a[0]
        while x < 20:
            log.append(x)
            x = x * 2 + 5
        return x

    return f, DATA(), log


@case
def argument_list_in_loop(dec):
    log = [1.0]

    @dec
    def f(log, a):
        x = a[0]
        while x < 20:
            log.append(x)
            x = x * 2 + 5
        return x

    return f, [(log, *a) for a in DATA()], log


@case
def outside_list_read(dec):
    log = [1.0, 2.0, 3.0]

    @dec
    def f(a):
        total = 0.0
        for x in log:
            if a.sum() > x:
                total += x
        return total + len(log), type(log) is list, isinstance(log, list)

    return f, DATA(), log


@simple
def swapped_lists(a):
    now, later = [a[0]], []
    steps = 0
    while len(now) > 0 and steps < 5:
        for x in now:
            if x < 9:
                later.append(x + 4)
        now, later = later, []
        steps += 1
    return now, steps


@simple
def string_items(a):
    out = []
    for x in a:
        if x > 0:
            out.append("pos")
    return out


@simple
def list_of_arrays_indexed(a):
    rows = []
    x = a * 1.0
    while x.sum() < 60:
        rows.append(x)
        x = x * 2 + 3
    k = len(rows) // 2
    return rows[k] if k < len(rows) else a, [r.sum() for r in rows]


@simple
def ragged_concatenate(a):
    parts = [np.zeros(1)]
    n = 1
    while n < a.max():
        parts.append(np.full(2, n * 1.0))
        n += 1
    return np.concatenate(parts)


@simple
def multiply_list(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    return out * 2


@simple
def compare_list(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    return out == [1.0, 2.0, 3.5]


@simple
def del_item(a):
    out = []
    for x in a:
        if x > 0:
            out.append(x)
    del out[0]
    return out


@simple
def unpack_list(a):
    out = []
    for x in a:
        if x > -100:
            out.append(x)
    p, q, r = out
    return p + q * r


@simple
def star_call(a):
    out = []
    for x in a:
        if x > -100:
            out.append(x)
    return max(*out)


@simple
def iterate_rows_written(a):
    rows = []
    x = a * 1.0
    while x.sum() < 60:
        rows.append(x)
        x = x * 2 + 3
    for r in rows:
        r += 1
    return rows


@simple
def iterate_nested_appended(a):
    g = []
    i = 0
    while i < a.max():
        g.append([i * 1.0])
        i += 1
    for row in g:
        row.append(5.0)
    return g


@simple
def array_kept_alias_after_append(a):
    out = []
    x = a * 1.0
    i = 0
    while i < a.max():
        out.append(x)
        x = x + 1
        i += 1
    x += 1
    return out, x


@simple
def array_appended_outer_written_later(a):
    z = np.zeros(3)
    out = []
    i = 0
    while i < a.max():
        out.append(z)
        i += 1
    z += 5
    return out


@simple
def branch_append_then_write(a):
    z = np.zeros(3)
    out = []
    if a.sum() > 0:
        out.append(z)
    z += 5
    return out


@simple
def list_arg_default(a):
    out = [[]]
    i = 0
    while i < a.max():
        out[0].append(i)
        i += 1
    return out


@simple
def obj_list_reset(a):
    b = Recorder()
    b.h = []
    i = 0
    while i < a.max():
        b.h.append(i)
        if len(b.h) > 1:
            b.h = []
        i += 1
    return b.h


@simple
def list_in_tuple(a):
    t = ([], [])
    for x in a:
        if x > 0:
            t[0].append(x)
        else:
            t[1].append(x)
    return t


@simple
def same_list_twice_grown(a):
    p = []
    q = (p, p)
    for x in a:
        if x > 0:
            p.append(x)
    return q


@simple
def pop_in_branch_while(a):
    s = [3, 2, 1]
    total = 0
    while s and total < a.max():
        total += s.pop()
    return s, total


@simple
def dfs(a):
    adj = [[1, 2], [3], [3], []]
    seen = np.zeros(4)
    stack = [0]
    order = []
    while stack:
        n = stack.pop()
        if seen[n] == 0 and a[0] < 2:
            seen[n] = 1
            order.append(n)
            for m in adj[n]:
                stack.append(m)
    return order, seen


@simple
def neg_index_write(a):
    out = []
    i = 0
    while i < a.max():
        out.append(i * 1.0)
        if i > 1:
            out[-2] = out[-1] * 2
        i += 1
    return out


@simple
def conditional_list(a):
    out = [1.0] if a.sum() > 0 else [1.0, 2.0]
    out.append(3.0)
    return out, len(out)


@simple
def zip_two_staged(a):
    xs, ys = [], []
    i = 0
    while i < a.max():
        xs.append(i)
        ys.append(i * a[0])
        i += 1
    t = 0.0
    for i, (x, y) in enumerate(zip(xs, ys)):
        t += x * y * i
    return t


@simple
def extend_self(a):
    out = []
    i = 0
    while i < a.max():
        out.append(i)
        i += 1
    out.extend(out)
    out += out
    return out


@simple
def slice_assign(a):
    out = []
    i = 0
    while i < a.max():
        out.append(i)
        i += 1
    out[1:2] = [9, 9]
    return out


@simple
def negative_pop_index(a):
    out = []
    i = 0
    while i < a.max() + 3:
        out.append(i)
        i += 1
    return out.pop(-2), out.pop(1), out


@simple
def insert_traced(a):
    out = []
    for x in a:
        k = 0
        while k < len(out) and out[k] < x:
            k += 1
        out.insert(k, x)
    return out


@simple
def copies_made_in_loop(a):
    out, i = [], 0
    while i < 3 and a[0] < 2:
        out.append(a.copy())
        i += 1
    return out


@case
def large_arrays_kept(dec):
    @dec
    def f(a):
        out, x, i = [], a * 1.5, 0
        while i < 3 and x.sum() > 0:
            out.append(x)
            x = x * 2
            i += 1
        return out[0].sum(), out[1].sum(), out[-1].sum(), x.sum()

    return f, [(np.full(1 << 16, float(k)),) for k in (1, 2, 3)], None
