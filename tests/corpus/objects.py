"""Programs with structure: classes, dataclasses, namedtuples, dicts, closures, recursion, text."""

import functools
import math
from collections import namedtuple
from dataclasses import dataclass, replace

import numpy as np

from tests.corpus.harness import case

X = np.array([0.5, -1.5, 2.0])
Point = namedtuple("Point", "x y")


class Accumulator:
    """Counts and sums what it is given."""

    def __init__(self, start=0.0):
        self.total = start
        self.count = 0

    def add(self, value):
        self.total += value
        self.count += 1

    @property
    def mean(self):
        return self.total / self.count if self.count else 0.0


@case((X,), (np.array([1.0]),), (np.zeros(0),), grad=0)
def accumulate(values):
    acc = Accumulator()
    for v in values:
        acc.add(v)
    return acc.mean, acc.count


class Vector:
    """A vector of two numbers with operators."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def norm(self):
        return math.hypot(self.x, self.y)


@case((1.0, 2.0), (0.5, -3.0), grad=0)
def vector_walk(x, y):
    position, step = Vector(x, y), Vector(0.1, -0.2)
    while position.norm() < 5:
        position = position + step * 2
    return position.x, position.norm()


@dataclass
class State:
    """The state of a spring."""

    position: float
    velocity: float
    time: float = 0.0


@case((1.0, 0.0), (0.2, -1.0), grad=0)
def spring(position, velocity):
    state = State(position, velocity)
    while state.time < 1.0:
        a = -4.0 * state.position
        state = State(
            state.position + 0.1 * state.velocity, state.velocity + 0.1 * a, state.time + 0.1
        )
    return state.position, state.velocity


@case((1.0, 0.0), (0.2, -1.0), grad=0)
def spring_in_place(position, velocity):
    state = State(position, velocity)
    for _ in range(6):
        state.velocity += 0.1 * (-4.0 * state.position)
        state.position += 0.1 * state.velocity
        state.time += 0.1
    return state


@case((State(1.0, 2.0),), (State(-1.0, 0.5, 3.0),))
def advanced(state):
    if state.velocity > 1:
        return replace(state, position=state.position + state.velocity)
    return replace(state, time=state.time + 1)


@case((Point(1.0, 2.0), 3), (Point(0.0, -1.0), 0))
def move_point(p, n):
    for _ in range(n):
        p = Point(p.x + 1, p.y * 2)
    return p


@case((X, "relu"), (X, "tanh"), (X, "cube"))
def activate(x, kind):
    table = {"relu": lambda t: np.maximum(t, 0), "tanh": np.tanh}
    if kind not in table:
        raise KeyError(f"unknown activation {kind!r}")
    return table[kind](x)


@case(({"w": X, "b": 0.1}, np.array([1.0, 2.0, 3.0])), grad=0)
def linear_model(params, x):
    y = 0.0
    for w, xi in zip(params["w"], x):
        y = y + w * xi
    return y + params["b"]


@case(({"w": X, "b": 0.1}, 4), ({"w": -X, "b": 2.0}, 2), grad=0)
def train_dict(params, steps):
    for _ in range(steps):
        grads = {"w": 2 * params["w"], "b": 1.0}
        params = {k: p - 0.1 * grads[k] for k, p in params.items()}
    return params


@case((X,), (X * 10,), grad=0)
def running_statistics(values):
    stats = {"low": values[0], "high": values[0], "n": 0}
    for v in values:
        if v < stats["low"]:
            stats["low"] = v
        if v > stats["high"]:
            stats["high"] = v
        stats["n"] += 1
    return stats


@case((3.0, 4), (0.5, 1), grad=0)
def make_and_apply(x, n):
    def polynomial(coefficients):
        def evaluate(t):
            result = 0.0
            for c in coefficients:
                result = result * t + c
            return result

        return evaluate

    f = polynomial([1.0, -2.0, 0.5])
    for _ in range(n):
        x = f(x) / (1 + x * x)
    return x


@case((2.0,), (-1.0,), grad=0)
def compose(x):
    functions = [math.sin, lambda t: t * t, np.exp]
    for f in functions:
        x = f(x)
    return x


@case((2.0, 3), (1.5, 0), grad=0)
def reduce_product(x, n):
    return functools.reduce(lambda a, b: a * b, [x + k for k in range(n)], 1.0)


@case((5,), (2,))
def counter_closure(n):
    count = 0

    def step(by):
        nonlocal count
        count += by
        return count

    for k in range(n):
        step(k)
    return count


@case((np.array([3.0, 1.0, 2.0]), 1.5), (np.array([0.5, 4.0]), 0.0), grad=0)
def piecewise(x, knot):
    pieces = [v * 2 if v < knot else v - knot for v in x]
    return np.array(pieces)


@case((4.0,), (-4.0,), grad=0)
def safe_sqrt(x):
    try:
        return math.sqrt(x)
    except ValueError:
        return -1.0


@case((1.0, 0.0), (1.0, 2.0))
def safe_divide(a, b):
    if b == 0:
        return None
    return a / b


@case((1.0, 0.0), (1.0, 2.0))
def divide(a, b):
    return a / b


@case((1, 0), (7, 2), (-7, 2))
def integer_division(a, b):
    return a // b, a % b, divmod(a, b)


@case((np.array([1.0, 0.0]), np.array([0.0, 0.0])))
def array_division(a, b):
    return a / b


@case((12,), (0,), (255,))
def to_bits(n):
    if n == 0:
        return [0]
    bits = []
    for k in range(8):
        bits.append(n >> k & 1)
    return bits[::-1]


@case((1994,), (2024,), (1900,))
def is_leap_year(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@case((3.14159, 2), (2.5, 0))
def describe(x, digits):
    rounded = round(x, digits)
    print("value:", rounded)
    print(f"{x:>10.3f}|{rounded!r}")
    return rounded


@case((5.0, "metric"), (5.0, "imperial"))
def convert_units(value, system):
    match system:
        case "metric":
            factor = 1.0
        case "imperial":
            factor = 2.54
        case _:
            raise ValueError(system)
    return value * factor


@case((85.0,), (72.0,), (12.0,))
def grade(score):
    if score >= 90:
        letter = "A"
    elif score >= 80:
        letter = "B"
    else:
        letter = "F"
    print(letter)
    return score / 100


@case((np.array([1.0, -2.0]), 2), (np.array([0.5, 3.0]), 3), grad=0)
def nested_lists(x, n):
    table = [[x[0] * i + x[1] * j for j in range(n)] for i in range(n)]
    total = 0.0
    for row in table:
        for value in row:
            if value > 0:
                total += value
    return total


@case((8, 2.0), (5, 3.0), grad=1)
def recursive_power(n, x):
    if n == 0:
        return 1.0
    half = recursive_power(n // 2, x)
    return half * half * (x if n % 2 else 1.0)


@case((0.0, 1.0, 4), (0.5, 2.0, 2), grad=1)
def adaptive_simpson(a, b, depth):
    def f(t):
        return np.exp(-t) * np.sin(3 * t)

    def simpson(lo, hi):
        return (hi - lo) / 6 * (f(lo) + 4 * f((lo + hi) / 2) + f(hi))

    def refine(lo, hi, whole, depth):
        mid = (lo + hi) / 2
        left, right = simpson(lo, mid), simpson(mid, hi)
        if depth == 0 or abs(left + right - whole) < 1e-9:
            return left + right
        return refine(lo, mid, left, depth - 1) + refine(mid, hi, right, depth - 1)

    return refine(a, b, simpson(a, b), depth)


class Layer:
    """One dense layer."""

    def __init__(self, size, scale):
        self.w = np.full((size, size), scale)
        self.b = np.zeros(size)

    def __call__(self, x):
        return np.tanh(self.w @ x + self.b)


@case((X,), (X * 0.1,), grad=0)
def network(x):
    layers = [Layer(3, 0.1), Layer(3, -0.2)]
    for layer in layers:
        x = layer(x)
    return x


class Stack:
    """A stack of bounded size in an array."""

    def __init__(self, size):
        self.items = np.zeros(size)
        self.top = 0

    def push(self, x):
        self.items[self.top] = x
        self.top += 1

    def pop(self):
        self.top -= 1
        return self.items[self.top]


@case((3.0, 4.0), (1.0, -2.0), grad=0)
def stack_machine(a, b):
    s = Stack(4)
    s.push(a)
    s.push(b)
    s.push(s.pop() * s.pop())
    s.push(a)
    return s.pop() + s.pop()


@case((np.array([2.0, 9.0, 4.0]),), (np.array([1.0, 1.0]),))
def best_index_and_value(x):
    best = (-1, -math.inf)
    for i, v in enumerate(x):
        if v > best[1]:
            best = (i, v)
    return best


@case((X, 0.5), (X, 5.0))
def any_all(x, limit):
    return any(v > limit for v in x), all(abs(v) < limit for v in x)


@case((np.array([1.0, 2.0, 4.0]),), (np.array([-1.0, 1.0]),), grad=0)
def geometric_mean(x):
    product = 1.0
    for v in x:
        product *= abs(v)
    return product ** (1 / len(x))


@case((np.float32(1.5), 3), (np.float32(0.1), 5))
def float32_series(x, n):
    total = np.float32(0)
    for k in range(n):
        total += x**k
    return total


@case((np.array([1, 2, 3], dtype=np.int32), 2), (np.array([100, 50], dtype=np.int8), 3))
def integer_arrays(x, k):
    y = x * k
    z = x / k
    return y, z, y.sum(), (x > 1).mean()


@case((X, None), (X, 2.0))
def optional_argument(x, scale=None):
    if scale is None:
        scale = x.max()
    return x / scale


@case((X, 1, 2), (X,), (X, 0.5))
def variadic(x, *weights):
    total = 0.0
    for i, w in enumerate(weights):
        total = total + w * x[i]
    return total, len(weights)


@case((np.array([[1.0, 2.0], [3.0, 4.0]]),), (np.array([[0.0, -1.0]]),), grad=0)
def swap_through_views(a):
    row = a[0]
    row *= 2
    column = a[:, 1]
    column[:] = column + 1
    return a


@case((np.arange(6.0), 2), (np.arange(4.0), 1))
def reshape_and_flatten(x, k):
    m = x.reshape(k, -1)
    m[0] += 10
    return m.T.ravel(), x


@case((5.0,), (-5.0,))
def undefined_on_one_path(x):
    if x > 0:
        result = x
    return result


@case((2.0,), (200.0,))
def check_range(x):
    assert x < 100, f"{x} is too large"
    return x
