"""Small programs in which one object has two names, or is reached in two ways."""

import dataclasses

import numpy as np

from tests.frontend.objects_programs import DATA, Box, Counter, Frozen, State

CASES = []


def case(m):
    CASES.append(m)
    return m


def simple(fn):
    def make(dec):
        return dec(fn), DATA(), None

    make.__name__ = fn.__name__
    return case(make)


@simple
def alias_in_container_then_write(a):
    p = [a * 2, a * 3]
    q = p[0]
    if a.sum() > 0:
        q += 1
    return p, q


@simple
def same_array_twice_in_list_loop(a):
    z = np.zeros(3)
    p = [z, z]
    i = 0
    while i < a.max():
        p[0] += a
        i += 1
    return p, z


@simple
def tuple_holds_array(a):
    z = np.zeros(3)
    t = (z, a)
    for i in range(3):
        if a[i] > 0:
            t[0][i] = a[i]
    return t, z


@simple
def dict_get_array_write(a):
    d = {"w": np.zeros(3)}
    w = d["w"]
    if a.sum() > 0:
        w[0] = 1
        d["w"] = w + 1
        w[1] = 5
    return d, w


@simple
def object_rebound_in_branch(a):
    b = Box(v=1.0)
    c = b
    if a.sum() > 0:
        b = Box(v=a[0])
    b.v += 10
    return b.v, c.v


@simple
def object_swapped_in_branch(a):
    b, c = Box(v=1.0), Box(v=2.0)
    if a.sum() > 0:
        b, c = c, b
    b.v = 7.0
    return b.v, c.v


@simple
def object_swap_in_loop(a):
    b, c = Box(v=1.0), Box(v=2.0)
    i = 0
    while i < a.max():
        b, c = c, b
        b.v += a[0]
        i += 1
    return b.v, c.v


@simple
def list_rebound_in_branch(a):
    p = [1.0, 2.0]
    q = p
    if a.sum() > 0:
        p = [a[0], a[1]]
    p[0] = 9.0
    return p, q


@simple
def dict_rebound_in_branch(a):
    p = {"x": 1.0}
    q = p
    if a.sum() > 0:
        p = {"x": a[0]}
    p["x"] += 5
    return p, q


@simple
def list_carried_and_alias(a):
    p = [1.0, 2.0]
    q = p
    i = 0
    while i < a.max():
        p = [p[1], p[0] + a[0]]
        i += 1
    p[0] = 3.0
    return p, q


@simple
def list_carried_mutated_then_rebound(a):
    p = [1.0, 2.0]
    q = p
    i = 0
    while i < a.max():
        p[0] = p[0] + 1
        p = [p[1], p[0]]
        i += 1
    return p, q


@case
def outside_list_carried_rebound(dec):
    log = [1.0, 2.0]

    @dec
    def f(a):
        p = log
        i = 0
        while i < a.max():
            p[0] = p[0] + 1
            p = [p[1], p[0]]
            i += 1
        return p

    return f, DATA(), log


@case
def outside_obj_in_branch_alias(dec):
    b = Box(v=1.0)
    c = Box(v=2.0)

    @dec
    def f(a):
        x = b if a.sum() > 0 else c
        x.v += 1
        return x.v

    return f, DATA(), (b, c)


@case
def array_attr_alias_arg(dec):
    b = Box(w=np.zeros(3))

    @dec
    def f(a):
        b.w = a
        b.w += 1
        return b.w.sum()

    return f, DATA(), b


@case
def array_attr_alias_arg_next_call(dec):
    b = Box(w=np.zeros(3))

    @dec
    def f(a):
        b.w[0] += 1
        b.w = a
        return b.w.sum()

    return f, DATA(), b


@case
def outside_replaced_between_calls(dec):
    b = Box(w=np.zeros(3), n=0)

    @dec
    def g(a):
        b.w += a
        b.n += 1
        return b.w.sum() * b.n

    def f(a):
        r = g(a)
        b.w = np.ones(3)
        b.n = 10
        return r

    return f, DATA(), b


@case
def type_changes_between_calls(dec):
    b = Box(v=0)

    @dec
    def f(a):
        b.v = b.v + a[0]
        return b.v

    return f, DATA(), b


@case
def int_attr_huge(dec):
    b = Box(v=1)

    @dec
    def f(a):
        b.v *= 10**12
        return a

    return f, DATA() * 2, b


@case
def attr_list_of_objects(dec):
    ps = [Box(x=float(i), v=0.0) for i in range(3)]

    @dec
    def f(a):
        for i, p in enumerate(ps):
            p.v += a[i]
            p.x += p.v * 0.1
            if p.x > 1:
                p.v = -p.v
        return sum(p.x for p in ps)

    return f, DATA(), ps


@case
def method_list_append_branch(dec):
    c = Counter(0.0)

    @dec
    def f(a):
        for x in a:
            if x > 0:
                c.record(x)
                c.add(x)
        return len(c.history), c.value

    return f, DATA(), c


@case
def exception_in_loop_state(dec):
    b = Box(n=0)

    @dec
    def f(a):
        i = 0
        while i < 5:
            b.n += 1
            if a[0] + i > 4:
                raise ValueError("stop")
            i += 1
        return b.n

    return f, DATA(), b


@case
def fancy_writes(dec):
    @dec
    def f(x):
        x[[0, 2]] = x[[2, 0]]
        x[x > 2] = -x[x > 2]
        x[::2] *= 3
        x[-1] += x[0]
        return x.sum()

    return f, DATA(), None


@case
def two_d_writes(dec):
    @dec
    def f(x):
        x[:, 0] = x[:, 1] * 2
        x[1, ...] -= 1
        x[np.arange(2), [0, 2]] = 7
        d = x.diagonal() if False else x[0]
        d[1:] = d[:-1]
        np.fill_diagonal(x, 3.0)
        return x

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, -3)], None


@case
def view_returned(dec):
    @dec
    def f(x):
        y = x[1:]
        y *= 2
        return y

    return f, DATA(), None


@case
def view_of_outside(dec):
    w = np.zeros((3, 3))
    row = w[1]

    @dec
    def f(a):
        row[:] += a
        return w.sum()

    return f, DATA(), (w, row)


@case
def dtype_cast_write(dec):
    @dec
    def f(x):
        y = np.zeros(3, dtype=int)
        y[:] = x
        y[0] = 2.9
        return y

    return f, DATA(), None


@case
def default_mutable(dec):
    def f(a, acc=[]):
        acc.append(a.sum())
        return len(acc)

    return dec(f), DATA(), None


@case
def kwargs_dict(dec):
    @dec
    def f(a, **kw):
        kw["z"] = a.sum()
        if a.sum() > 0:
            kw["s"] = kw["s"] * 2
        return kw

    return (lambda a: f(a, s=2.0)), DATA(), None


@case
def star_args_list(dec):
    @dec
    def f(*xs):
        total = 0.0
        for x in xs:
            x += 1
            total += x.sum()
        return total, xs

    return f, [(*a, *b) for a, b in zip(DATA(), DATA())], None


@case
def dataclass_nested(dec):
    @dataclasses.dataclass
    class In:
        v: object

    @dataclasses.dataclass
    class Out:
        inner: In
        items: list

    o = Out(In(1.0), [In(2.0)])

    @dec
    def f(o, a):
        if a.sum() > 0:
            o.inner.v += a[0]
            o.items[0].v = o.items[0].v * 2
        o.items.append(In(a.sum()))
        return o

    return f, [(o, *a) for a in DATA()], o


@case
def dataclass_shared(dec):
    s = State(np.ones(3))

    @dec
    def f(p, q, a):
        p.x = p.x + a
        q.n += 1
        return p.n + q.x.sum()

    return f, [(s, s, *a) for a in DATA()], s


@case
def dataclass_post_init_arg(dec):
    @dataclasses.dataclass
    class P:
        x: object
        y: object = dataclasses.field(init=False)

        def __post_init__(self):
            self.y = self.x * 2

    p = P(np.ones(3))
    p.y = p.y * 5

    @dec
    def f(p, a):
        return p.x + p.y * a

    return f, [(p, *a) for a in DATA()], p


@case
def frozen_with_array(dec):
    p = Frozen(np.ones(3))

    @dec
    def f(p, a):
        p.x[0] = a[1]
        return dataclasses.replace(p, n=p.n + 1)

    return f, [(p, *a) for a in DATA()], p


@case
def getattr_setattr_dynamic(dec):
    b = Box(u=1.0, v=2.0)

    @dec
    def f(a):
        for name in ("u", "v"):
            if a.sum() > 0:
                setattr(b, name, getattr(b, name) + a[0])
        return b.u * b.v

    return f, DATA(), b


@case
def vars_of(dec):
    b = Box(u=1.0)

    @dec
    def f(a):
        b.u = a[0]
        return sorted(vars(b))

    return f, DATA(), b


@case
def objects_eq_hash(dec):
    class P:
        def __init__(self, v):
            self.v = v

        def __eq__(self, o):
            return self.v == o.v

        def __hash__(self):
            return 1

    @dec
    def f(a):
        p, q = P(a[0]), P(a[1])
        if p == q:
            return 1.0
        return 2.0

    return f, DATA(), None


@case
def memo_dict_in_object(dec):
    class M:
        def __init__(self):
            self.memo = {}

        def get(self, k, a):
            if k not in self.memo:
                self.memo[k] = a * k
            return self.memo[k]

    m = M()

    @dec
    def f(a):
        return m.get(2, a) + m.get(3, a)

    return f, DATA(), m


@case
def queue_argument(dec):
    from collections import deque

    q = deque([1.0, 2.0], maxlen=4)

    @dec
    def f(q, a):
        q.append(a[0])
        return q.popleft() + len(q)

    return f, [(q, *a) for a in DATA()], q


@case
def array_subclass_state(dec):
    m = {"h": [np.zeros(3) for _ in range(2)]}

    @dec
    def f(a):
        for h in m["h"]:
            h += a
        m["h"][0], m["h"][1] = m["h"][1], m["h"][0]
        m["h"][0][0] = 5
        return m["h"][1].sum()

    return f, DATA(), m


@case
def nested_function_mutates(dec):
    @dec
    def f(a):
        log = []

        def note(x):
            log.append(x)
            return x * 2

        y = note(a[0]) + note(a[1])
        if a.sum() > 0:
            y = note(y)
        return y, log

    return f, DATA(), None


@case
def copy_module(dec):
    import copy

    b = Box(w=np.ones(3), l=[1.0])

    @dec
    def f(a):
        c = copy.copy(b)
        d = copy.deepcopy(b)
        c.w += a
        d.w += 1
        c.l.append(2.0)
        return c.w, d.w, d.l

    return f, DATA(), b


@case
def zip_star(dec):
    @dec
    def f(a):
        p = [[a[0], a[1]], [a[1], a[2]]]
        return [list(t) for t in zip(*p)], list(map(sum, p)), sorted([3, 1, 2]), p[::-1]

    return f, DATA(), None


@simple
def list_rebound_no_alias(a):
    p = [1.0, 2.0]
    if a.sum() > 0:
        p = [a[0], a[1]]
    p[0] = 9.0
    p.append(1.0)
    return p


@simple
def list_loop_rebound_no_alias(a):
    p = [1.0, 2.0]
    i = 0
    while i < a.max():
        p[0] = p[0] + 1
        p = [p[1], p[0]]
        i += 1
    p[1] = 7.0
    return p


@simple
def dict_loop_rebound_no_alias(a):
    p = {"x": 1.0, "y": a[0]}
    i = 0
    while i < a.max():
        p["x"] += 1
        p = dict(x=p["y"], y=p["x"])
        i += 1
    p["z"] = 7.0
    return p


@simple
def nested_rebound_no_alias(a):
    g = [[0.0, 0.0], [0.0, 0.0]]
    for _ in range(3):
        new = [[0.0, 0.0], [0.0, 0.0]]
        for i in range(2):
            for j in range(2):
                new[i][j] = g[j][i] + a[i]
                if new[i][j] > 4:
                    new[i][j] = 0.0
        g = new
        if a.sum() > 0:
            g[0][0] += 1.0
    return g


@case
def dict_keys_changed_between_calls(dec):
    d = {"a": 1.0}

    @dec
    def g(a):
        return a * 2 if "a" in d else a * 3

    def f(a):
        r = g(a)
        d["b"] = d.pop(next(iter(d)))
        return r

    return f, DATA(), d


@case
def outside_dataclass_keeps_what_it_has(dec):
    @dataclasses.dataclass
    class Pair:
        x: object
        y: object = dataclasses.field(init=False)

        def __post_init__(self):
            self.y = self.x * 2

    p = Pair(np.ones(3))
    p.y = p.y * 5

    @dec
    def f(a):
        return p.x + p.y * a

    return f, DATA(), p
