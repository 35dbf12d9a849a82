"""Small programs that change objects, containers and arrays inside staged control flow."""

import dataclasses
from collections import namedtuple

import numpy as np

CASES = []


def case(make):
    CASES.append(make)
    return make


def rows(*numbers):
    """Argument tuples: each array of three calls."""
    return [(np.array(x, dtype=float),) for x in numbers]


THREE = ([1.0, 2.0, 3.0], [-4.0, 0.5, 0.25], [0.0, -1.0, 7.0])
DATA = lambda: rows(*THREE)  # noqa: E731


class Box:
    def __init__(self, **kw):
        for name, value in kw.items():
            setattr(self, name, value)


# -- attributes ------------------------------------------------------------------------------------


@case
def attr_in_branch(dec):
    b = Box(x=0.0)

    @dec
    def f(a):
        if a.sum() > 0:
            b.x = a[0]
        return b.x

    return f, DATA(), b


@case
def attr_in_both_branches(dec):
    b = Box(x=1, y=2)

    @dec
    def f(a):
        if a.sum() > 0:
            b.x = 5
        else:
            b.y = 7
        return b.x + b.y

    return f, DATA(), b


@case
def attr_in_loop(dec):
    b = Box(n=0, total=0.0)

    @dec
    def f(a):
        i = 0
        while i < a.sum():
            b.n += 1
            b.total += a[0] * i
            i += 1
        return b.total

    return f, DATA(), b


@case
def attr_new_in_branch(dec):
    b = Box()

    @dec
    def f(a):
        b.last = a * 2
        if a.sum() > 0:
            b.last = a * 3
        return b.last

    return f, DATA(), b


@case
def attr_new_on_one_path(dec):
    def f(a):
        b = Box()
        if a.sum() > 0:
            b.last = a * 3
        return b.last

    return dec(f), DATA(), None


@case
def attr_hasattr(dec):
    b = Box()

    @dec
    def f(a):
        if not hasattr(b, "n"):
            b.n = 0
        if a.sum() > 0:
            b.n += 1
        return b.n

    return f, DATA(), b


class Counter:
    total = 0

    def __init__(self, start):
        self.value = start
        self.history = []

    def add(self, x):
        if x > 0:
            self.value += x
        else:
            self.value = self.value - 2 * x
        return self.value

    def record(self, x):
        self.history.append(x)

    def reset(self):
        self.value = 0.0

    def twice(self, x):
        self.add(x)
        self.add(x)


@case
def method_in_loop(dec):
    c = Counter(0.5)

    @dec
    def f(a):
        for x in a:
            c.add(x)
        return c.value

    return f, DATA(), c


@case
def method_calls_method(dec):
    c = Counter(0.5)

    @dec
    def f(a):
        i = 0
        while i < a.max():
            c.twice(a[0])
            i += 1
        if c.value > 20:
            c.reset()
        return c.value

    return f, DATA(), c


@case
def decorated_method(dec):
    class Model:
        def __init__(self):
            self.w = np.zeros(3)
            self.n = 0

        @dec
        def step(self, x):
            if x.sum() > 0:
                self.w += x
            else:
                self.w = self.w - x
            self.n += 1
            return self.w.sum()

    m = Model()
    return (lambda a: m.step(a)), DATA(), m


@case
def nested_objects(dec):
    b = Box(inner=Box(deep=Box(v=1.0)))

    @dec
    def f(a):
        if a.sum() > 0:
            b.inner.deep.v += a[0]
        d = b.inner.deep
        while d.v < 10:
            d.v = d.v * 2 + 1
        return b.inner.deep.v

    return f, DATA(), b


@case
def two_paths_to_object(dec):
    shared = Box(v=1.0)
    b = Box(p=shared, q=shared)

    @dec
    def f(a):
        if a.sum() > 0:
            b.p.v = a[0]
        else:
            b.q.v = a[1]
        return b.p.v + b.q.v

    return f, DATA(), b


@case
def two_names_of_array_attr(dec):
    w = np.ones(3)
    b = Box(w=w, v=w)

    @dec
    def f(a):
        if a.sum() > 0:
            b.w += a
        return b.v * 2

    return f, DATA(), (b, w)


@case
def attr_array_item(dec):
    b = Box(w=np.zeros(3))

    @dec
    def f(a):
        for i in range(3):
            if a[i] > 0:
                b.w[i] += a[i]
        return b.w

    return f, DATA(), b


@case
def attr_array_rebound(dec):
    b = Box(w=np.zeros(3))

    @dec
    def f(a):
        old = b.w
        b.w = b.w + a
        old[0] = 9.0
        return old.sum()

    return f, DATA(), b


@case
def attr_rebound_to_argument(dec):
    b = Box(w=None)

    @dec
    def f(a):
        b.w = a
        return a.sum()

    return f, DATA(), b


@case
def attr_becomes_none(dec):
    b = Box(w=1.0)

    @dec
    def f(a):
        if a.sum() > 0:
            b.w = None
        else:
            b.w = a[0]
        return b.w is None

    return f, DATA(), b


@case
def attr_none_check(dec):
    b = Box(best=None)

    @dec
    def f(a):
        for x in a:
            if b.best is None or x > b.best:
                b.best = x
        return b.best

    return f, DATA(), b


@case
def attr_string(dec):
    b = Box(mode="a")

    @dec
    def f(a):
        b.mode = b.mode + "b"
        return a.sum()

    return f, DATA(), b


@case
def attr_bool(dec):
    b = Box(done=False)

    @dec
    def f(a):
        if a.sum() > 0:
            b.done = not b.done
        return b.done

    return f, DATA(), b


@case
def attr_int_and_float(dec):
    b = Box(v=0)

    @dec
    def f(a):
        if a.sum() > 0:
            b.v = b.v + 0.5
        else:
            b.v += 1
        return b.v

    return f, DATA(), b


@case
def attr_deleted(dec):
    b = Box(v=1.0)

    @dec
    def f(a):
        b.tmp = a * 2
        s = b.tmp.sum()
        del b.tmp
        return s

    return f, DATA(), b


@case
def attr_swapped(dec):
    b = Box(p=np.zeros(3), q=np.ones(3))

    @dec
    def f(a):
        i = 0
        while i < a.max():
            b.p, b.q = b.q, b.p + a
            i += 1
        return b.p.sum()

    return f, DATA(), b


@case
def attr_swapped_identity(dec):
    b = Box(p=np.zeros(3), q=np.ones(3))

    @dec
    def f(a):
        b.p, b.q = b.q, b.p
        b.q += a
        return b.p.sum()

    return f, DATA(), b


@case
def attr_holds_container(dec):
    b = Box(params={"w": np.ones(3), "b": 0.0}, log=[1.0, 2.0])

    @dec
    def f(a):
        b.params["w"] = b.params["w"] - 0.1 * a
        if a.sum() > 0:
            b.params["b"] += a[0]
            b.log[0] = a[1]
        return b.params["b"]

    return f, DATA(), b


@case
def attr_augmented_list(dec):
    b = Box(log=[])

    @dec
    def f(a):
        b.log += [a.sum()]
        b.log.append(a[0])
        return len(b.log)

    return f, DATA(), b


@case
def global_object_reset(dec):
    b = Box(v=np.zeros(3))

    @dec
    def f(a):
        b.v[:] = 0
        b.v += a
        return b

    return f, DATA(), b


@case
def class_attribute_read(dec):
    class K:
        scale = 2.0

    k = K()

    @dec
    def f(a):
        if a.sum() > 0:
            k.scale = 3.0
        return a * k.scale

    return f, DATA(), k


@case
def class_attribute_augmented(dec):
    class K:
        n = 0

    k = K()

    @dec
    def f(a):
        k.n += 1
        return a * k.n

    return f, DATA(), k


@case
def class_attribute_written(dec):
    class K:
        n = 0

    @dec
    def f(a):
        K.n += 1
        return a * K.n

    return f, DATA(), Box(k=K)


class Slotted:
    __slots__ = ("n", "x")

    def __init__(self, x):
        self.x = x
        self.n = 0


@case
def slots_local(dec):
    @dec
    def f(a):
        s = Slotted(a)
        if a.sum() > 0:
            s.x = s.x * 2
            s.n += 1
        return s.x, s.n

    return f, DATA(), None


@case
def slots_outside(dec):
    s = Slotted(1.0)

    @dec
    def f(a):
        if a.sum() > 0:
            s.x = s.x + a[0]
        s.n += 1
        return s.x

    return f, DATA(), s


class Temp:
    def __init__(self):
        self._c = 1.0

    @property
    def c(self):
        return self._c

    @c.setter
    def c(self, v):
        self._c = v * 2

    @property
    def double(self):
        return self._c * 2


@case
def property_read(dec):
    t = Temp()

    @dec
    def f(a):
        if a.sum() > 0:
            t._c = a[0]
        return t.double

    return f, DATA(), t


@case
def property_set(dec):
    t = Temp()

    @dec
    def f(a):
        t.c = a[0]
        return t.c

    return f, DATA(), t


@case
def custom_setattr(dec):
    class Loud:
        def __setattr__(self, name, value):
            print("set", name)
            object.__setattr__(self, name, value)

    b = Loud()

    @dec
    def f(a):
        b.x = a[0]
        return b.x

    return f, DATA(), b


# -- objects made, passed, returned ----------------------------------------------------------------


@case
def made_in_loop(dec):
    @dec
    def f(a):
        total = 0.0
        for x in a:
            b = Box(v=x)
            b.v += 1
            total += b.v
        return total

    return f, DATA(), None


@case
def made_before_loop(dec):
    @dec
    def f(a):
        b = Box(v=0.0, n=0)
        i = 0
        while i < a.max():
            b.v += a[0]
            b.n += 1
            i += 1
        return b.v, b.n

    return f, DATA(), None


@case
def returned_new_object(dec):
    @dec
    def f(a):
        b = Box(v=a * 2, n=1)
        if a.sum() > 0:
            b.n = 2
        return b

    return f, DATA(), None


@case
def returned_new_object_inside(dec):
    @dec
    def f(a):
        return [Box(v=a.sum()), {"k": Box(w=a)}]

    return f, DATA(), None


@case
def stored_new_object(dec):
    b = Box(child=None)

    @dec
    def f(a):
        b.child = Box(v=a.sum())
        return a

    return f, DATA(), b


@case
def returned_outside_object(dec):
    b = Box(v=np.zeros(3), n=0)

    @dec
    def f(a):
        b.v += a
        b.n += 1
        return b

    return f, DATA(), b


@case
def object_argument(dec):
    p = Box(v=1.0, w=np.ones(3))

    @dec
    def f(b, a):
        if a.sum() > 0:
            b.v += a[0]
        b.w[1] = a[1]
        return b

    return f, [(p, *a) for a in DATA()], p


@case
def object_argument_others(dec):
    ps = [Box(v=float(i), w=np.ones(3) * i) for i in range(3)]

    @dec
    def f(b, a):
        if a.sum() > 0:
            b.v += a[0]
        b.w[1] = a[1]
        return b.v

    return f, [(p, *a) for p, a in zip(ps, DATA())], ps


@case
def list_argument_returned(dec):
    @dec
    def f(p, a):
        p[0] = p[0] + a
        return p

    return f, [([np.ones(3), 2.0], *a) for a in DATA()], None


@case
def list_argument_same(dec):
    p = [np.ones(3), 2.0]

    @dec
    def f(p, a):
        if a.sum() > 0:
            p[0], p[1] = p[0] * 2, p[1] + 1
        return p

    return f, [(p, *a) for a in DATA()], None


@case
def dict_argument_returned(dec):
    @dec
    def f(p, a):
        p["w"] = p["w"] + a
        p["new"] = a.sum()
        return p

    return f, [({"w": np.ones(3)}, *a) for a in DATA()], None


@case
def tuple_argument_with_list(dec):
    @dec
    def f(t, a):
        t[1][0] += a.sum()
        t[0] += a
        return t

    return f, [((np.ones(3), [1.0]), *a) for a in DATA()], None


@case
def nested_argument_part_returned(dec):
    @dec
    def f(p, a):
        q = p["inner"]
        q["w"] = a * 2
        return q, p

    return f, [({"inner": {"w": np.ones(3)}}, *a) for a in DATA()], None


@case
def argument_array_returned(dec):
    @dec
    def f(a):
        a += 1
        return a

    return f, DATA(), None


@case
def argument_array_returned_unchanged(dec):
    @dec
    def f(a):
        return a, a.sum()

    return f, DATA(), None


@case
def argument_array_on_one_path(dec):
    @dec
    def f(a):
        b = a
        if a.sum() > 0:
            b = a * 2
        return b.sum()

    return f, DATA(), None


@case
def returned_twice(dec):
    @dec
    def f(a):
        b = a * 2
        return b, b, [b]

    return f, DATA(), None


@case
def returned_list_twice(dec):
    @dec
    def f(a):
        b = [a * 2]
        return b, b

    return f, DATA(), None


@case
def outside_array_returned(dec):
    w = np.zeros(3)

    @dec
    def f(a):
        w[:] = w + a
        return w

    return f, DATA(), w


@case
def same_list_two_arguments(dec):
    p = [1.0, 2.0]

    @dec
    def f(p, q, a):
        p[0] += a[0]
        q[1] += p[0]
        return p[0] + q[0]

    return f, [(p, p, *a) for a in DATA()], p


@case
def same_array_two_arguments(dec):
    @dec
    def f(a, b):
        a += 1
        b[0] = 5
        return a + b

    return f, [(*x, *x) for x in DATA()], None


@case
def argument_is_global(dec):
    w = np.zeros(3)

    @dec
    def f(a):
        a += 1
        return w.sum() + a.sum()

    return f, [(w,), (w,), (np.ones(3),)], w


@case
def argument_object_is_global(dec):
    b = Box(v=1.0)

    @dec
    def f(p, a):
        if a.sum() > 0:
            p.v += a[0]
        return b.v

    return f, [(b, *a) for a in DATA()], b


# -- dicts -----------------------------------------------------------------------------------------


@case
def dict_items(dec):
    @dec
    def f(a):
        d = {"n": 0, "s": 0.0}
        for x in a:
            if x > 0:
                d["n"] += 1
                d["s"] += x
        return d

    return f, DATA(), None


@case
def dict_new_key_both(dec):
    @dec
    def f(a):
        d = {}
        if a.sum() > 0:
            d["k"] = 1.0
        else:
            d["k"] = a[0]
        return d

    return f, DATA(), None


@case
def dict_new_key_one_path(dec):
    @dec
    def f(a):
        d = {}
        if a.sum() > 0:
            d["k"] = 1.0
        return d["k"]

    return f, DATA(), None


@case
def dict_deleted_key(dec):
    @dec
    def f(a):
        d = {"k": a, "m": a * 2}
        del d["m"]
        d["z"] = d.pop("k")
        return d

    return f, DATA(), None


@case
def dict_outside(dec):
    d = {"n": 0, "w": np.zeros(3)}

    @dec
    def f(a):
        if a.sum() > 0:
            d["n"] += 1
            d["w"] = d["w"] + a
        return d["n"]

    return f, DATA(), d


@case
def dict_outside_new_key(dec):
    d = {}

    @dec
    def f(a):
        d["last"] = a.sum()
        return d

    return f, DATA(), d


@case
def dict_cache(dec):
    d = {}

    @dec
    def f(a):
        if "v" not in d:
            d["v"] = 10.0
        d["v"] += a[0]
        return d["v"]

    return f, DATA(), d


@case
def dict_update_setdefault(dec):
    @dec
    def f(a):
        d = {"a": 1.0}
        d.update(b=a[0], c=a[1])
        d.setdefault("z", a[2])
        if a.sum() > 0:
            d.update(b=3.0)
        return d, list(d), d.get("q", 4)

    return f, DATA(), None


@case
def dict_in_loop(dec):
    @dec
    def f(a):
        d = {"x": a[0], "y": a[1]}
        i = 0
        while i < a.max():
            d["x"], d["y"] = d["y"], d["x"] + 1
            i += 1
        return d

    return f, DATA(), None


@case
def dict_traced_key(dec):
    @dec
    def f(a):
        d = {0: a[0], 1: a[1], 2: a[2]}
        d[0] = a[1] * 2
        return [d[k] for k in sorted(d)]

    return f, DATA(), None


@case
def dict_missing(dec):
    @dec
    def f(a):
        d = {"k": 1.0}
        if a.sum() > 0:
            return d["nope"]
        return d["k"]

    return f, DATA(), None


# -- lists as places -------------------------------------------------------------------------------


@case
def list_swap(dec):
    @dec
    def f(a):
        p = [a[0], a[1], a[2]]
        for i in range(2):
            for j in range(2 - i):
                if p[j] > p[j + 1]:
                    p[j], p[j + 1] = p[j + 1], p[j]
        return p

    return f, DATA(), None


@case
def list_swap_argument(dec):
    @dec
    def f(p):
        if p[0] > p[1]:
            p[0], p[1] = p[1], p[0]
        return p[0]

    return f, [([3.0, 1.0],), ([1.0, 2.0],), ([5.0, -1.0],)], None


@case
def list_methods(dec):
    @dec
    def f(a):
        p = [a[0], a[1]]
        p.insert(0, a[2])
        p.reverse()
        q = p.pop()
        p.extend([1.0, q])
        p.append(2)
        del p[0]
        p[0:1] = [7.0, 8.0]
        return p, q, len(p)

    return f, DATA(), None


@case
def list_methods_argument(dec):
    @dec
    def f(p, a):
        p.insert(0, a[2])
        p.reverse()
        q = p.pop()
        p.append(a[0] * q)
        return len(p)

    return f, [([1.0, 2.0], *a) for a in DATA()], None


@case
def list_methods_same_argument(dec):
    p = [1.0, 2.0]

    @dec
    def f(p, a):
        p.append(a[0])
        return len(p)

    return f, [(p, *a) for a in DATA()], p


@case
def list_outside_append(dec):
    p = []

    @dec
    def f(a):
        p.append(a.sum())
        return a * 2

    return f, DATA(), p


@case
def list_outside_append_branch(dec):
    p = []

    @dec
    def f(a):
        if a.sum() > 0:
            p.append(a.sum())
        return a * 2

    return f, DATA(), p


@case
def list_sort(dec):
    @dec
    def f(a):
        p = [3, 1, 2]
        p.sort()
        return a * p[0]

    return f, DATA(), None


@case
def list_sort_traced(dec):
    @dec
    def f(a):
        p = [a[0], a[1], a[2]]
        p.sort()
        return p

    return f, DATA(), None


@case
def list_sort_argument(dec):
    @dec
    def f(p, a):
        p.sort()
        return a * 2

    return f, [([3.0, 1.0], *a) for a in DATA()], None


@case
def list_pop_branch(dec):
    @dec
    def f(a):
        p = [a[0], a[1]]
        if a.sum() > 0:
            p.pop()
        return p

    return f, DATA(), None


@case
def list_remove_clear(dec):
    @dec
    def f(a):
        p = ["x", "y"]
        p.remove("x")
        q = [1.0]
        q.clear()
        q.append(a[0])
        return p, q, p.index("y"), p.count("y")

    return f, DATA(), None


@case
def list_aliased(dec):
    @dec
    def f(a):
        p = [a[0], a[1]]
        q = p
        if a.sum() > 0:
            q[0] = 9.0
        return p, q

    return f, DATA(), None


@case
def list_aliased_loop(dec):
    @dec
    def f(a):
        p = [0.0, 0.0]
        q = p
        for x in a:
            q[0] += x
            p[1] += q[0]
        return p, q

    return f, DATA(), None


@case
def list_in_list(dec):
    @dec
    def f(a):
        g = [[a[0], 0.0], [0.0, a[1]]]
        for i in range(2):
            if a[i] > 0:
                g[i][1 - i] = a[2]
        return g

    return f, DATA(), None


@case
def list_shared_rows(dec):
    @dec
    def f(a):
        row = [0.0, 0.0]
        g = [row, row]
        if a.sum() > 0:
            g[0][1] = a[0]
        return g

    return f, DATA(), None


@case
def list_multiplied(dec):
    @dec
    def f(a):
        p = [0.0] * 3
        for i in range(3):
            p[i] = a[i] * 2
            if p[i] > 1:
                p[i] = 1.0
        return p

    return f, DATA(), None


@case
def list_item_traced_index(dec):
    @dec
    def f(a):
        p = [0.0, 0.0, 0.0]
        k = np.argmax(a)
        p[k] = 5.0
        return p

    return f, DATA(), None


@case
def list_item_out_of_range(dec):
    @dec
    def f(a):
        p = [a[0]]
        if a.sum() > 0:
            p[3] = 1.0
        return p

    return f, DATA(), None


@case
def set_static(dec):
    @dec
    def f(a):
        s = {1, 2}
        s.add(3)
        s.discard(1)
        return a * len(s), s

    return f, DATA(), None


# -- dataclasses and namedtuples -------------------------------------------------------------------


@dataclasses.dataclass
class State:
    x: object
    n: int = 0


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: object
    n: int = 0


Pair = namedtuple("Pair", "x n")


@case
def dataclass_mutated(dec):
    @dec
    def f(a):
        s = State(a)
        while s.n < a.max():
            s.x = s.x * 2
            s.n += 1
        return s

    return f, DATA(), None


@case
def dataclass_argument(dec):
    s = State(np.ones(3))

    @dec
    def f(s, a):
        if a.sum() > 0:
            s.x = s.x + a
        s.n += 1
        return s

    return f, [(s, *a) for a in DATA()], s


@case
def dataclass_outside(dec):
    s = State(np.ones(3))

    @dec
    def f(a):
        if a.sum() > 0:
            s.x = s.x + a
        s.n += 1
        return s.n

    return f, DATA(), s


@case
def dataclass_replace(dec):
    @dec
    def f(a):
        s = Frozen(a)
        i = 0
        while i < a.max():
            s = dataclasses.replace(s, x=s.x * 2, n=s.n + 1)
            i += 1
        return s

    return f, DATA(), None


@case
def dataclass_frozen_assign(dec):
    @dec
    def f(a):
        s = Frozen(a)
        try:
            s.x = a * 2
        except dataclasses.FrozenInstanceError:
            return a * 3
        return s.x

    return f, DATA(), None


@case
def dataclass_frozen_assign_raises(dec):
    @dec
    def f(s, a):
        s.x = a * 2
        return s.x

    return f, [(Frozen(np.ones(3)), *a) for a in DATA()], None


@case
def namedtuple_replace(dec):
    @dec
    def f(a):
        s = Pair(a, 0)
        while s.n < a.max():
            s = s._replace(x=s.x + 1, n=s.n + 1)
        return s

    return f, DATA(), None


@case
def namedtuple_branch(dec):
    @dec
    def f(a):
        s = Pair(a, 0)
        if a.sum() > 0:
            s = Pair(x=a * 2, n=1)
        return s

    return f, DATA(), None


@case
def dataclass_post_init(dec):
    @dataclasses.dataclass
    class P:
        x: object
        y: object = dataclasses.field(init=False)
        log: list = dataclasses.field(default_factory=list)

        def __post_init__(self):
            self.y = self.x * 2

    @dec
    def f(a):
        p = P(a)
        if a.sum() > 0:
            p.y = p.y + 1
            p.log.append(1)
        return p.y, len(p.log)

    return f, DATA(), None


# -- closures and globals --------------------------------------------------------------------------

COUNT = 0
WEIGHTS = np.zeros(3)


@case
def global_counter(dec):
    global COUNT
    COUNT = 0

    @dec
    def f(a):
        global COUNT
        COUNT += 1
        return a * COUNT

    return f, DATA(), None


@case
def global_array_written(dec):
    global WEIGHTS
    WEIGHTS = np.zeros(3)

    @dec
    def f(a):
        if a.sum() > 0:
            WEIGHTS[0] += a[0]
        return WEIGHTS * 2

    return f, DATA(), None


@case
def nonlocal_cell(dec):
    n = 0

    @dec
    def f(a):
        nonlocal n
        n += 1
        return a * n

    return f, DATA(), None


@case
def inner_nonlocal(dec):
    @dec
    def f(a):
        n = 0

        def bump(x):
            nonlocal n
            n = n + x
            return n

        for x in a:
            if x > 0:
                bump(x)
        return n

    return f, DATA(), None


@case
def closure_list(dec):
    log = [0.0, 0.0]

    def inner(x):
        log[0] += x
        return log[0]

    @dec
    def f(a):
        for x in a:
            inner(x)
        return log[0]

    return f, DATA(), log


# -- arrays in place -------------------------------------------------------------------------------


@case
def iadd_argument_loop(dec):
    @dec
    def f(x):
        i = 0
        while i < 3 and x.sum() < 50:
            x += 1.5
            i += 1
        return i

    return f, DATA(), None


@case
def iadd_argument_branch(dec):
    @dec
    def f(x):
        if x.sum() > 0:
            x *= 2
        else:
            x[0] = 7
        return x.sum()

    return f, DATA(), None


@case
def row_view(dec):
    @dec
    def f(x):
        row = x[1]
        row[:] = 0
        row += 2
        return x.sum(), row

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, 3)], None


@case
def slice_of_slice(dec):
    @dec
    def f(x):
        y = x[1:]
        z = y[::2]
        z[0] = 9
        y[1] = 8
        return z, y

    return f, DATA(), None


@case
def transpose_view(dec):
    @dec
    def f(x):
        t = x.T
        t[0] = 5
        if x.sum() > 0:
            t[1, 0] = -1
        return t.sum()

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, -3)], None


@case
def reshape_view(dec):
    @dec
    def f(x):
        y = x * 2
        z = y.reshape(3, 2)
        z[0, 0] = 100
        return y, z

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, -3)], None


@case
def ravel_view(dec):
    @dec
    def f(x):
        y = np.zeros((2, 3)) + x
        z = y.ravel()
        z[0] = 100
        return y

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, -3)], None


@case
def view_in_loop(dec):
    @dec
    def f(x):
        for i in range(x.shape[0]):
            row = x[i]
            row[0] = i
            if row.sum() > 3:
                row[1:] = 0
        return x.sum()

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, -3)], None


@case
def view_kept_across_branch(dec):
    @dec
    def f(x):
        v = x[:2]
        if x.sum() > 0:
            v[0] = 50
        x[1] = 3
        return v

    return f, DATA(), None


@case
def rows_written(dec):
    @dec
    def f(x):
        for row in x:
            row *= 2
        return x.sum()

    return f, [(np.arange(6.0).reshape(2, 3) * k,) for k in (1, 2, -3)], None


@case
def mask_assignment(dec):
    @dec
    def f(x):
        x[x < 0.5] = 0
        y = x.copy()
        y[y > 1] *= 2
        return y

    return f, DATA(), None


@case
def out_argument(dec):
    @dec
    def f(x):
        y = np.zeros(3)
        np.add(x, 1, out=y)
        z = np.multiply(x, y, out=x)
        return y, z

    return f, DATA(), None


@case
def out_in_branch(dec):
    @dec
    def f(x):
        y = np.empty(3)
        if x.sum() > 0:
            np.exp(x, out=y)
        else:
            y.fill(2.0)
        return y

    return f, DATA(), None


@case
def array_aliases(dec):
    @dec
    def f(x):
        y = x
        y[0] = 5
        z = y
        z += 1
        return x is y, x

    return f, DATA(), None


@case
def array_aliases_branch(dec):
    @dec
    def f(x):
        y = np.zeros(3)
        z = y
        if x.sum() > 0:
            z += x
        return y, z

    return f, DATA(), None


@case
def array_in_list(dec):
    @dec
    def f(x):
        y = np.zeros(3)
        p = [y, x]
        p[0][1] = 5
        p[1] += 1
        return y, p

    return f, DATA(), None


@case
def array_in_list_loop(dec):
    @dec
    def f(x):
        p = [np.zeros(3), np.ones(3)]
        i = 0
        while i < x.max():
            p[0] += x
            p[1] = p[1] * 2
            i += 1
        return p

    return f, DATA(), None


@case
def array_swapped_in_loop(dec):
    @dec
    def f(x):
        old, new = np.zeros(3), np.ones(3)
        i = 0
        while i < x.max():
            new[:] = old + x
            old, new = new, old
            i += 1
        return old, new

    return f, DATA(), None


@case
def fill_sort_put(dec):
    @dec
    def f(x):
        x.sort()
        y = np.arange(3.0)
        y.fill(x[0])
        return y

    return f, DATA(), None


@case
def int_array_iadd_float(dec):
    @dec
    def f(x):
        x += 0.5
        return x

    return f, [(np.arange(3),), (np.arange(4),), (np.arange(2),)], None


@case
def array_attribute_shape(dec):
    @dec
    def f(x):
        y = x.copy()
        y.shape = (3, 1)
        return y

    return f, DATA(), None


@case
def raise_after_write(dec):
    b = Box(v=1.0)

    @dec
    def f(a):
        b.v = a[0]
        a[1] = 5
        if a.sum() > 3:
            raise ValueError("too much")
        return b.v

    return f, DATA(), b


@case
def raise_while_tracing(dec):
    b = Box(v=1.0)

    @dec
    def f(a):
        b.v = a[0]
        return a @ np.ones(7)

    return f, DATA(), b


@case
def raise_runtime(dec):
    b = Box(v=1.0)
    log = [1.0]

    @dec
    def f(a):
        b.v += 1
        log[0] = a[0]
        k = int(a[0])
        return a[k + 1]

    return f, DATA(), (b, log)


@case
def with_object(dec):
    class Guard:
        def __init__(self):
            self.depth = 0

        def __enter__(self):
            self.depth += 1
            return self

        def __exit__(self, *info):
            self.depth -= 1

    g = Guard()

    @dec
    def f(a):
        with g as h:
            if a.sum() > 0:
                a = a * h.depth
        return a

    return f, DATA(), g


@case
def stack_machine(dec):
    class Stack:
        def __init__(self):
            self.items = []

        def push(self, x):
            self.items.append(x)

        def pop(self):
            return self.items.pop()

    @dec
    def f(a):
        s = Stack()
        for x in a:
            s.push(x)
        total = s.pop() - s.pop()
        return total * s.pop()

    return f, DATA(), None


@case
def linked_list(dec):
    class Node:
        def __init__(self, v, nxt=None):
            self.v = v
            self.next = nxt

    @dec
    def f(a):
        head = None
        for i in range(3):
            head = Node(a[i], head)
        total, node = 0.0, head
        while node is not None:
            total = total * 2 + node.v
            node = node.next
        return total

    return f, DATA(), None


@case
def optimiser(dec):
    class Sgd:
        def __init__(self, params):
            self.params = params
            self.velocity = [np.zeros_like(p) for p in params]
            self.steps = 0

        def step(self, grads):
            self.steps += 1
            for i, (p, g) in enumerate(zip(self.params, grads)):
                self.velocity[i] = 0.9 * self.velocity[i] + g
                p -= 0.1 * self.velocity[i]

    w, b = np.ones(3), np.zeros(3)
    opt = Sgd([w, b])

    @dec
    def f(a):
        opt.step([w * a, b + a])
        return (w * b).sum()

    return f, DATA(), (opt, w, b)


@case
def self_returned(dec):
    class Chain:
        def __init__(self):
            self.v = 0.0

        def add(self, x):
            self.v += x
            return self

    c = Chain()

    @dec
    def f(a):
        return c.add(a[0]).add(a[1]).v

    return f, DATA(), c


@case
def array_element_object(dec):
    b = Box(grid=np.zeros((2, 3)))

    @dec
    def f(a):
        b.grid[0, 1] = a[0]
        b.grid[1] = a
        i = 0
        while i < 2:
            b.grid[i, i] += a.sum()
            i += 1
        return b.grid.sum()

    return f, DATA(), b


@case
def dict_of_objects(dec):
    d = {"p": Box(v=0.0), "q": Box(v=1.0)}

    @dec
    def f(a):
        for k in d:
            if a.sum() > 0:
                d[k].v += a[0]
        return d["p"].v

    return f, DATA(), d


@case
def rng_state_like(dec):
    class Lcg:
        def __init__(self, s):
            self.s = s

        def next(self):
            self.s = (self.s * 1103515245 + 12345) % 2147483648
            return self.s / 2147483648

    g = Lcg(42)

    @dec
    def f(a):
        t = 0.0
        for _ in range(3):
            t += g.next()
        return a * t

    return f, DATA(), g


@case
def early_return_in_method(dec):
    class Finder:
        def __init__(self):
            self.tries = 0

        def find(self, a):
            for i in range(3):
                self.tries += 1
                if a[i] > 0.4:
                    return i
            return -1

    g = Finder()

    @dec
    def f(a):
        return g.find(a)

    return f, DATA(), g


@case
def delattr_in_branch(dec):
    b = Box(v=1.0)

    @dec
    def f(a):
        b.t = a[0]
        if a.sum() > 0:
            del b.t
        return hasattr(b, "t")

    return f, DATA(), b


@case
def cyclic_objects(dec):
    p = Box(n=1.0, w=np.ones(3))
    c = Box(parent=p, k=2)
    p.child = c

    @dec
    def f(a):
        if a.sum() > 0:
            p.child.parent.n += a[0]
        c.parent.w += a
        c.parent.child.k += 1
        return p.n + p.w.sum() + c.k

    return f, DATA(), (p, c)


@case
def cyclic_objects_plain(dec):
    p = Box(n=1)
    c = Box(parent=p, k=2)
    p.child = c

    @dec
    def f(a):
        c.parent.n += 1
        return a * p.n

    return f, DATA(), (p, c)


@case
def argument_list_is_global(dec):
    p = [1.0, 2.0]

    @dec
    def f(q, a):
        q[0] += a[0]
        return p[0]

    return f, [(p, *a) for a in DATA()], p


@case
def moved_in_one_arm_bound_in_other(dec):
    @dec
    def f(x):
        y = x * 1
        if x.sum() > 0:
            y += 1
        else:
            y = y - 1
        return y

    return f, DATA(), None


@case
def conditional_alias_written(dec):
    @dec
    def f(x):
        y = x
        if x.sum() > 0:
            y = x * 2
        y += 1
        return y.sum()

    return f, DATA(), None


@case
def slots_guard(dec):
    s = Slotted(1.0)

    def bump(a):
        f_result = f(a)
        s.x = s.x + 1
        return f_result

    @dec
    def f(a):
        return a * s.x

    return bump, DATA(), s


@case
def bound_method_returned(dec):
    @dec
    def f(a):
        c = Counter(a.sum())
        return c.add

    return f, DATA(), None


@case
def function_over_tensor_returned(dec):
    @dec
    def f(a):
        s = a.sum()
        return lambda: s

    return f, DATA(), None


@case
def defaultdict_and_deque(dec):
    from collections import OrderedDict, defaultdict, deque

    @dec
    def f(a):
        d = defaultdict(float)
        d["x"] += a[0]
        q = deque()
        q.append(a[1])
        q.appendleft(a[2])
        o = OrderedDict()
        o["z"] = q.pop()
        return d, q, o

    return f, DATA(), None


@case
def item_array_written(dec):
    @dec
    def f(a):
        p = [np.zeros(3), np.zeros(3)]
        k = 0
        while k < 2 and a.sum() < 5:
            p[k] += a
            k += 1
        return p

    return f, DATA(), None
