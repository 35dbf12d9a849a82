"""The smallest programs that showed a bug. Each is called with (x, v) for a few x and arrays."""

from __future__ import annotations

import math

import numpy as np


def unbound_in_an_arm(x, v):
    """UnboundLocalError belongs to the arm that runs."""
    if v[0] > 100:
        y = x
    if x > 100:
        return y
    return x


def division_by_zero_in_an_arm(x, v):
    """So does whatever Python raises on known numbers."""
    if x > 100:
        return 1 / 0
    return x


def raises_after_printing(x, v):
    """What was printed before an exception of a known value stays printed."""
    print("before", x)
    return [1, 2][3]


def static_assertion(x, v):
    """A `raise` that tracing comes to in any case."""
    m = None
    assert m is not None, "wrong"


def loop_that_raises_at_once(x, v):
    """A body that always raises."""
    k = 0
    while k < 4 and x is not None:
        raise ValueError(f"at {x}")
    return k


def loop_that_prints_and_raises(x, v):
    """What the body printed before it raised stays printed."""
    k = 0
    if k == 1:
        u = 1.0
    while k < 4 and x is not None:
        k += 1
        print("x", x)
        x = u * 0.5
    return x


def loop_over_data_that_raises_at_once(x, v):
    """It raises if there is a first iteration."""
    for k in range(int(x)):
        raise KeyError(k)
    return x


def complex_of_two(x, v):
    """complex(re, im) has two arguments."""
    z = complex(x, 1.5)
    return abs(z * z)


def none_or_unbound(x, v):
    """A name that is None on one path and unbound on the other."""
    while x > 0:
        return x, None
    return x, None


def bool_or_numpy_bool(x, v):
    """What is a Python bool on one path and a NumPy one on the other is False only on one."""
    flag = x < 0
    while flag:
        x = x + v[0] + 10
        flag = v[0] > x
    if flag is False:
        return 1.0
    return 2.0


def write_to_a_choice(x, v):
    """The caller's array changes where w is it."""
    w = v * 2
    if x > 0:
        w = v
    w += 1.0
    return w


def write_after_a_swap(x, v):
    """Both names, both arrays."""
    w = v * 0.5
    if x > 0:
        v, w = w, v
    w[0] = 5.0
    v[1] = 7.0
    return v, w


def write_to_what_was_chosen_from(x, v):
    """A choice follows the array that it is."""
    a = np.zeros(3)
    b = a if x > 0 else np.ones(3)
    a[1] = 2.0
    b[0] = 5.0
    return a, b


def repeated_choices(x, v):
    """Choices of choices."""
    w = v * 1.0
    for i in range(4):
        if v[i % 3] > x:
            v, w = w, v
        w[0] += 1.0
        v[1] -= x
    return v, w


def many_choices(x, v):
    """Swaps in an unrolled loop: how many paths lead from one array to another does not matter."""
    w = v * 0.5
    for k in range(3):
        for z in v:
            if z >= x:
                v, w = w, v
            else:
                v += v.mean()
    return v, w


def return_of_what_changes(x, v):
    """What is returned from a loop is what the array is then, not before the iteration."""
    k = 0
    while k < x + 3:
        for j in range(3):
            v[j] *= 2.0
            if v[j] > 3:
                return v
        k += 1
    return v


def raises_after_a_write(x, v):
    """A function that always raises has no results, and nothing to write back."""
    k = 0
    while k < 3 and x is not None:
        v[0] += v[-1]
        k += 1
    assert x is None, "wrong"


def iterators_see_changes(x, v):
    """An iterator made before a change gives what is there when it is asked."""
    pairs = enumerate(v)
    v[0] = 7.0
    total = 0.0
    for i, z in pairs:
        total += i * z + z
    return total


def iterate_over_what_changes(x, v):
    """Python reads each item in its turn."""
    for z in v:
        v[1:] += z
    return v


def enumerate_what_changes(x, v):
    """As does enumerate."""
    z = x
    for k, z in enumerate(v):
        v[v > 0.5] = z
    return v, z


def a_list_of_n(x, v):
    """`[0] * n` is a list that the function has made."""
    best = [0.0] * (len(v) + 1)
    for k in range(len(v)):
        best[k + 1] = max(best[k], v[k])
    return best


def long_chain_of_known_values(x, v):
    """Whether a value is known is found in linear time."""
    q = 1
    for k in range(60):
        q = q + q % 7
    return q * x


def recursion_of_known_depth(x, v, n=3):
    """A function at the top of a module that calls itself."""
    return x if n == 0 else math.sin(recursion_of_known_depth(x, v, n - 1)) + n


def isinstance_of_maybe(x, v):
    """isinstance where the answer does not depend on the data, or is `is None`."""
    best = None
    for z in v:
        if z > x:
            best = z
    return isinstance(best, list), isinstance(best, float)


def empty_list_to_array(x, v):
    """A list to which nothing has been appended in a staged loop."""
    kept = []
    for z in v:
        if z > x:
            kept.append(z)
    return np.array(kept), len(kept)


PROGRAMS = [
    each for each in list(globals().values())
    if callable(each) and getattr(each, "__module__", None) == __name__
]  # fmt: skip
