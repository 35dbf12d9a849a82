"""Recursive programs, each with the arguments it is called with."""

from __future__ import annotations

import numpy as np


def factorial(n):
    return 1 if n <= 0 else n * factorial(n - 1)


def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def power(x, n):
    if n == 0:
        return 1.0
    if n % 2 == 0:
        half = power(x, n // 2)
        return half * half
    return x * power(x, n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def gcd(a, b):
    if b == 0:
        return a
    return gcd(b, a % b)


def mccarthy(n):
    return n - 10 if n > 100 else mccarthy(mccarthy(n + 11))


def collatz(n, steps):
    if n == 1:
        return steps
    if n % 2 == 0:
        return collatz(n // 2, steps + 1)
    return collatz(3 * n + 1, steps + 1)


def hanoi(n, a, b, c, count):
    if n == 0:
        return count
    count = hanoi(n - 1, a, c, b, count) + 1
    return hanoi(n - 1, c, b, a, count)


def is_even(n):
    if n == 0:
        return True
    return is_odd(n - 1)


def is_odd(n):
    if n == 0:
        return False
    return is_even(n - 1)


def bisect(lo, hi, tolerance):
    middle = (lo + hi) / 2
    if hi - lo < tolerance:
        return middle
    if np.cos(middle) - middle > 0:
        return bisect(middle, hi, tolerance)
    return bisect(lo, middle, tolerance)


def simpson(a, b, tolerance):
    def f(x):
        return np.sin(x) * np.exp(x)

    def refine(a, b, fa, fm, fb, whole, tolerance):
        m = (a + b) / 2
        fl, fr = f((a + m) / 2), f((m + b) / 2)
        left = (m - a) / 6 * (fa + 4 * fl + fm)
        right = (b - m) / 6 * (fm + 4 * fr + fb)
        delta = left + right - whole
        if abs(delta) <= 15 * tolerance:
            return left + right + delta / 15
        return refine(a, m, fa, fl, fm, left, tolerance / 2) + refine(
            m, b, fm, fr, fb, right, tolerance / 2
        )

    fa, fm, fb = f(a), f((a + b) / 2), f(b)
    return refine(a, b, fa, fm, fb, (b - a) / 6 * (fa + 4 * fm + fb), tolerance)


def sort(a):
    def quicksort(lo, hi):
        if lo < hi:
            pivot, i = a[hi], lo
            for j in range(lo, hi):
                if a[j] < pivot:
                    swap(a, i, j)
                    i = i + 1
            swap(a, i, hi)
            quicksort(lo, i - 1)
            quicksort(i + 1, hi)

    quicksort(0, len(a) - 1)
    return a


def swap(a, i, j):
    t = a[i]
    a[i] = a[j]
    a[j] = t


def sort_argument(a, lo, hi):
    if lo < hi:
        pivot, i = a[hi], lo
        for j in range(lo, hi):
            if a[j] < pivot:
                swap(a, i, j)
                i = i + 1
        swap(a, i, hi)
        sort_argument(a, lo, i - 1)
        sort_argument(a, i + 1, hi)


def merge_sort(x):
    if len(x) <= 1:
        return x
    m = len(x) // 2
    a, b = merge_sort(x[:m]), merge_sort(x[m:])
    merged = np.zeros(len(x))
    i, j = 0, 0
    for k in range(len(x)):
        if j >= len(b) or (i < len(a) and a[i] <= b[j]):
            merged[k] = a[i]
            i += 1
        else:
            merged[k] = b[j]
            j += 1
    return merged


def captured(x, n):
    c = x * 2

    def go(y, k):
        if k == 0:
            return y + c
        return go(y * 1.5, k - 1) + c

    return go(x, n)


def nonlocal_total(n):
    total = 0

    def visit(k):
        nonlocal total
        total = total + k
        if k > 0:
            visit(k - 1)
        total = total + 1

    visit(n)
    return total


def dict_total(n):
    found = {"count": 0}

    def visit(k):
        found["count"] += k
        if k > 0:
            visit(k - 1)
            visit(k - 2)

    visit(n)
    return found["count"]


def containers(n, state):
    if n == 0:
        return state
    first, second = state["pair"]
    return containers(n - 1, {"sum": state["sum"] + n, "pair": (first * 1.5, second)})


def printing(n):
    print("down", n)
    if n > 0:
        printing(n - 1)
        print(f"up {n}")


def in_loop(n):
    s = 0.0
    for i in range(n):
        s += in_loop(i) + 1.0
    return s


def while_inside(n):
    s, k = 0, n
    while k > 0:
        s = s + while_inside(k - 2) + k
        k = k - 1
    return s


def halves(x):
    if len(x) == 1:
        return x[0]
    m = len(x) // 2
    return halves(x[:m]) + halves(x[m:])


def positive_prefix(x):
    if len(x) == 0:
        return 0.0
    if x[0] > 0:
        return x[0] + positive_prefix(x[1:])
    return 0.0


class Scale:
    def __init__(self, factor):
        self.factor = factor
        self.calls = 0

    def run(self, x, n):
        self.calls = self.calls + 1
        if n <= 0:
            return x
        return self.run(x * self.factor, n - 1)


def method(x, n):
    scale = Scale(2.5)
    y = scale.run(x, n)
    return y, scale.calls


def lambda_(n):
    f = lambda k: 0 if k <= 0 else k + f(k - 1)  # noqa: E731
    return f(n)


def optional(n, found=None):
    if n == 0:
        return found
    if found is None:
        return optional(n - 1, 1.0)
    return optional(n - 1, found * 2)


def none_or_number(n):
    if n < 0:
        return None
    if n == 0:
        return 1.0
    found = none_or_number(n - 2)
    return None if found is None else found * 2


def arrays(x, n):
    if n == 0:
        return x
    return arrays(np.sin(x) + 1, n - 1)


def fill(x, n):
    x[n] = n
    if n == 0:
        return
    fill(x, n - 1)


def add_in_place(x, n):
    x += 1
    if n == 0:
        return x
    y = add_in_place(x * 2, n - 1)
    return x + y


def fill_local(x, n):
    y = np.zeros(3)
    fill_modulo(y, n)
    return x + y


def fill_modulo(y, n):
    y[n % 3] = n
    if n > 0:
        fill_modulo(y, n - 1)
    y[0] += 1


def return_argument(x, n):
    x[0] = n
    if n == 0:
        return x
    return return_argument(x, n - 1)


def exchanged(a, b, n):
    a[0] += n
    if n == 0:
        return a[0] - b[0]
    return exchanged(b, a, n - 1)


def raising(n):
    if n < 0:
        raise ValueError(f"negative: {n}")
    if n == 0:
        return 0
    return raising(n - 2)


def only_raising(n):
    if n < 0:
        raise ValueError("negative")
    return only_raising(n - 1)


def flag(x, n, up):
    if n == 0:
        return x
    if up:
        return flag(x * 3, n - 1, not up)
    return flag(x / 2, n - 1, not up)


def default(n, step=2):
    if n <= 0:
        return n
    return default(n - step) + 1


def keyword(n, *, scale):
    if n <= 0:
        return 1.0
    return scale * keyword(n=n - 1, scale=scale)


def keywords(n):
    return keyword(n, scale=1.5)


def changing_shape(n, x):
    if n == 0:
        return x.sum()
    return changing_shape(n - 1, np.concatenate((x, x[:1] + n)))


def early_exit(n):
    for i in range(3):
        if n < i:
            return i
    return early_exit(n - 1) + 1


def deep_group(n):
    def a(k):
        return 1 if k <= 0 else b(k - 1) + c(k - 2)

    def b(k):
        return 2 if k <= 0 else c(k - 1) * 2

    def c(k):
        if k <= 0:
            return 3
        return a(k - 1) + c(k - 1)

    return a(n)


def twice(f, x):
    return f(f(x))


def higher_order(n, x):
    if n == 0:
        return x + 1
    return twice(lambda v: higher_order(n - 1, v), x)


class Leaf:
    def __init__(self, value):
        self.value = value

    def choose(self, x):
        return self.value * x[0]


class Split:
    def __init__(self, index, threshold, left, right):
        self.index, self.threshold = index, threshold
        self.left, self.right = left, right

    def choose(self, x):
        if x[self.index] > self.threshold:
            return self.left.choose(x)
        return self.right.choose(x)


def tree(depth, k=1):
    if depth == 0:
        return Leaf(float(k))
    return Split(depth % 2, k * 0.02, tree(depth - 1, 2 * k), tree(depth - 1, 2 * k + 1))


TREE = tree(4)


def decision_tree(x):
    return TREE.choose(x)


def expression(tokens, i):
    """Recursive descent over numbers, + (-1), * (-2) and parentheses (-3, -4)."""
    value, i = term(tokens, i)
    while i < len(tokens) and tokens[i] == -1:
        other, i = term(tokens, i + 1)
        value = value + other
    return value, i


def term(tokens, i):
    value, i = factor(tokens, i)
    while i < len(tokens) and tokens[i] == -2:
        other, i = factor(tokens, i + 1)
        value = value * other
    return value, i


def factor(tokens, i):
    if tokens[i] == -3:
        value, i = expression(tokens, i + 1)
        return value, i + 1
    return tokens[i], i + 1


def depth_first(adjacent):
    n = len(adjacent)
    seen, order = np.zeros(n, int), -np.ones(n, int)

    def visit(u, k):
        seen[u] = 1
        order[k] = u
        k = k + 1
        for v in range(n):
            if adjacent[u, v] > 0 and seen[v] == 0:
                k = visit(v, k)
        return k

    return visit(0, 0), order


def queens(n):
    columns, up, down = np.zeros(8, int), np.zeros(20, int), np.zeros(20, int)

    def place(row):
        if row == n:
            return 1
        count = 0
        for c in range(n):
            if columns[c] == 0 and up[row + c] == 0 and down[row - c + n] == 0:
                columns[c] = up[row + c] = down[row - c + n] = 1
                count += place(row + 1)
                columns[c] = up[row + c] = down[row - c + n] = 0
        return count

    return place(0)


def memoised(n):
    memo = -np.ones(60, int)
    memo[0], memo[1] = 0, 1

    def go(n):
        if memo[n] >= 0:
            return memo[n]
        memo[n] = go(n - 1) + go(n - 2)
        return memo[n]

    return go(n)


def subset_sum(xs, i, target):
    if target == 0:
        return True
    if i >= len(xs):
        return False
    return subset_sum(xs, i + 1, target - xs[i]) or subset_sum(xs, i + 1, target)


def edit_distance(a, b, i, j):
    if i == 0:
        return j
    if j == 0:
        return i
    return min(
        edit_distance(a, b, i - 1, j) + 1,
        edit_distance(a, b, i, j - 1) + 1,
        edit_distance(a, b, i - 1, j - 1) + (a[i - 1] != b[j - 1]),
    )


def adaptive_steps(y, t, h, tolerance):
    if t >= 1.0:
        return y
    k1 = -y * y
    y1 = y + h * k1
    y2 = y + h / 2 * (k1 - y1 * y1)
    if abs(y2 - y1) > tolerance:
        return adaptive_steps(y, t, h / 2, tolerance)
    return adaptive_steps(y2, t + h, h * 1.5, tolerance)


X = np.random.default_rng(0).random(17)
PROGRAMS = [
    (factorial, 6),
    (factorial, np.float64(6)),
    (fibonacci, 12),
    (fibonacci, 12.0),
    (power, 1.5, 13),
    (ackermann, 2, 3),
    (gcd, 252, 105),
    (mccarthy, 50),
    (collatz, 27, 0),
    (hanoi, 5, 1, 2, 3, 0),
    (is_even, 7),
    (is_even, 8),
    (bisect, 0.0, 1.0, 1e-9),
    (simpson, 0.0, 3.0, 1e-6),
    (sort, X),
    (sort_argument, X, 0, 16),
    (merge_sort, X),
    (captured, 2.0, 4),
    (nonlocal_total, 5),
    (dict_total, 5),
    (containers, 4, {"sum": 1, "pair": (2.0, 3)}),
    (printing, 3),
    (in_loop, 6),
    (while_inside, 6),
    (halves, np.arange(8.0)),
    (halves, np.arange(50.0)),
    (positive_prefix, X - 0.1),
    (positive_prefix, np.ones(40)),
    (method, 2.0, 5),
    (lambda_, 5),
    (optional, 4),
    (optional, 0),
    (none_or_number, 6),
    (none_or_number, 5),
    (arrays, np.arange(3.0), 5),
    (fill, np.zeros(5), 4),
    (add_in_place, np.zeros(3), 4),
    (fill_local, np.ones(3), 7),
    (return_argument, np.zeros(4), 3),
    (exchanged, np.zeros(2), np.ones(2), 3),
    (raising, 4),
    (raising, 5),
    (only_raising, 5),
    (flag, 1.0, 5, True),
    (default, 7),
    (keywords, 5),
    (changing_shape, 4, np.arange(3.0)),
    (early_exit, 5),
    (deep_group, 6),
    (higher_order, 3, 1.0),
    (decision_tree, np.array([0.3, 0.2])),
    (expression, np.array([-3, 2, -1, 3, -4, -2, 4, -1, 5]), 0),
    (depth_first, (np.random.default_rng(0).random((7, 7)) > 0.6).astype(int)),
    (queens, 6),
    (memoised, 30),
    (subset_sum, np.array([3, 34, 4, 12, 5, 2]), 0, 9),
    (subset_sum, np.array([3, 34, 4, 12, 5, 2]), 0, 30),
    (edit_distance, np.array([1, 2, 3, 4]), np.array([1, 3, 4, 5]), 4, 4),
    (adaptive_steps, 1.0, 0.0, 0.1, 1e-3),
]
