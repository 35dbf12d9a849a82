"""The programs that are timed, and what a very good programmer would write in their place.

Each workload is a plain function (what graphc is given), a hand-written NumPy version of its value,
and hand-written versions of its value and gradient. The hand-written ones use what their author
knows and a compiler would have to find out: buffers reused in place, Python's `math` on numbers,
products of many steps joined into one, forward mode where there is one input, closed forms.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Fn = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """`program(*args)` is the value; `total`, its sum, is differentiated by `argnums`.

    `value` returns what `program` returns; each of `gradients` (total, gradients).
    """

    name: str
    program: Fn
    total: Fn
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...]
    value: Fn
    gradients: dict[str, Fn]


def workloads() -> list[Workload]:
    """The six of `benchmarks/results.md`, two of them at two sizes."""
    rng = np.random.default_rng(0)
    return [
        seed_workload("seed f, (1, 1)", np.array([[0.48800924]])),
        seed_workload("seed f, (1000, 1000)", rng.uniform(0.0, 1e-3, size=(1000, 1000))),
        scalar_workload(
            "Newton loop, scalar", newton, 2.0, newton_value, newton_forward, newton_reverse
        ),
        scalar_workload(
            "Newton loops, 1,000 in turn", roots, 2.0, roots_value, roots_forward, roots_reverse
        ),
        scalar_workload("10,000 steps, scalar", pendulum, 0.3, pendulum_value, pendulum_reverse),
        rnn_workload(rng),
        net_workload(rng),
    ]


# -- the seed's function --------------------------------------------------------------------------


def seed(a):
    b = a * 2
    while np.linalg.norm(b) < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


def seed_total(a):
    return seed(a).sum()


def seed_value(a):
    """One buffer; the norm as BLAS computes it, without the checks of `np.linalg.norm`."""
    b = a * 2
    flat = b.ravel()
    while math.sqrt(flat.dot(flat)) < 1000:
        b *= 2
    if b.sum() <= 0:
        b *= 100
    return b


def seed_reverse(a):
    """Reverse mode: count the trips, double the cotangent that often, in place."""
    b = a * 2
    flat = b.ravel()
    trips = 0
    while math.sqrt(flat.dot(flat)) < 1000:
        b *= 2
        trips += 1
    ct = np.ones_like(a)
    total = b.sum()
    if total <= 0:
        total *= 100
        ct *= 100
    for _ in range(trips):
        ct *= 2
    ct *= 2
    return total, ct


def seed_closed(a):
    """The closed form: f is linear between its jumps, so the gradient is one number everywhere."""
    b = a * 2
    flat = b.ravel()
    factor = 2.0
    while math.sqrt(flat.dot(flat)) < 1000:
        b *= 2
        factor *= 2
    total = b.sum()
    if total <= 0:
        total *= 100
        factor *= 100
    return total, np.full_like(a, factor)


def seed_workload(name: str, a: np.ndarray) -> Workload:
    rivals = {"reverse": seed_reverse, "closed form": seed_closed}
    return Workload(name, seed, seed_total, (a,), 0, seed_value, rivals)


# -- scalar loops ---------------------------------------------------------------------------------


def newton(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def scalar_workload(name: str, program: Fn, x: float, value: Fn, *gradients: Fn) -> Workload:
    rivals = {gradient.__name__.rpartition("_")[2]: gradient for gradient in gradients}
    return Workload(name, program, program, (x,), 0, value, rivals)


newton_value = newton  # between Python numbers nothing is faster than the program itself


def newton_forward(a):
    x = a
    dx = 1.0
    while abs(x * x - a) > 1e-12 * a:
        dx = 0.5 * (dx + (1.0 - a * dx / x) / x)
        x = 0.5 * (x + a / x)
    return x, dx


def newton_reverse(a):
    """Reverse mode; what an iteration started from is what must be kept."""
    x = a
    olds = []
    keep = olds.append
    while abs(x * x - a) > 1e-12 * a:
        keep(x)
        x = 0.5 * (x + a / x)
    x_bar, a_bar = 1.0, 0.0
    for old in reversed(olds):
        x_bar *= 0.5
        share = x_bar / old
        a_bar += share
        x_bar -= share * a / old
    return x, a_bar + x_bar


def roots(a):
    """A thousand Newton loops, so that what a call costs does not count."""
    total = 0.0
    for _ in range(1000):
        x = a
        while abs(x * x - a) > 1e-12 * a:
            x = 0.5 * (x + a / x)
        total = total + x
        a = a * 1.001
    return total


roots_value = roots


def roots_forward(a):
    total = 0.0
    slope = 0.0
    da = 1.0
    for _ in range(1000):
        x, dx = newton_forward(a)
        total += x
        slope += dx * da
        a *= 1.001
        da *= 1.001
    return total, slope


def roots_reverse(a):
    total = 0.0
    slopes = []
    for _ in range(1000):
        x, slope = newton_reverse(a)
        total += x
        slopes.append(slope)
        a *= 1.001
    a_bar = 0.0
    for slope in reversed(slopes):
        a_bar = a_bar * 1.001 + slope
    return total, a_bar


def pendulum(angle):
    speed = 0.0
    for _ in range(10_000):
        speed = speed - 0.001 * np.sin(angle)
        angle = angle + 0.001 * speed
    return angle


def pendulum_value(angle):
    sin = math.sin
    speed = 0.0
    for _ in range(10_000):
        speed -= 0.001 * sin(angle)
        angle += 0.001 * speed
    return angle


def pendulum_reverse(angle):
    """Reverse mode; the angles are what must be kept."""
    sin, cos = math.sin, math.cos
    speed = 0.0
    angles = []
    keep = angles.append
    for _ in range(10_000):
        keep(angle)
        speed -= 0.001 * sin(angle)
        angle += 0.001 * speed
    angle_bar, speed_bar = 1.0, 0.0
    for old in reversed(angles):
        speed_bar += 0.001 * angle_bar
        angle_bar -= 0.001 * cos(old) * speed_bar
    return angle, angle_bar


# -- a recurrent net: 100 steps, batch 32, hidden 128 ---------------------------------------------


def rnn(xs, h, w, u, b):
    for x in xs:
        h = np.tanh(x @ w + h @ u + b)
    return (h * h).sum()


def rnn_value(xs, h, w, u, b):
    """All input products as one; two buffers for the state."""
    z = xs.reshape(-1, xs.shape[2]) @ w
    z += b
    z = z.reshape(len(xs), *h.shape)
    new, spare = np.empty_like(h), np.empty_like(h)
    for row in z:
        np.matmul(h, u, out=new)
        new += row
        h = np.tanh(new, out=new)
        new, spare = spare, new
    return np.vdot(h, h)


def rnn_grad(xs, h, w, u, b):
    """Backpropagation through time; the weights' gradients as one product over all steps."""
    steps = len(xs)
    batch, size = h.shape
    flat = xs.reshape(-1, xs.shape[2])
    z = flat @ w
    z += b
    z = z.reshape(steps, batch, size)
    hs = np.empty((steps + 1, batch, size))
    hs[0] = h
    for t in range(steps):
        new = np.matmul(hs[t], u, out=hs[t + 1])
        new += z[t]
        np.tanh(new, out=new)
    total = np.vdot(hs[-1], hs[-1])
    slope = np.multiply(hs[1:], hs[1:], out=z)
    np.subtract(1.0, slope, out=slope)
    ct = 2.0 * hs[-1]
    u_t = np.ascontiguousarray(u.T)
    for t in reversed(range(steps)):
        slope[t] *= ct
        np.matmul(slope[t], u_t, out=ct)
    dz = slope.reshape(-1, size)
    du = hs[:-1].reshape(-1, size).T @ dz
    return total, (flat.T @ dz, du, dz.sum(axis=0))


def rnn_workload(rng: np.random.Generator) -> Workload:
    xs = rng.normal(size=(100, 32, 64))
    h = np.zeros((32, 128))
    w = rng.normal(size=(64, 128)) / 8
    u = rng.normal(size=(128, 128)) / 12
    b = rng.normal(size=128)
    args = (xs, h, w, u, b)
    rivals = {"BPTT": rnn_grad}
    return Workload("tanh RNN, 100 steps", rnn, rnn, args, (2, 3, 4), rnn_value, rivals)


# -- one training step of a 784-256-128-10 net, batch 64 ------------------------------------------


def net(x, y, w1, b1, w2, b2, w3, b3):
    """The mean cross entropy of a batch; y is one-hot."""
    h1 = np.maximum(x @ w1 + b1, 0)
    h2 = np.maximum(h1 @ w2 + b2, 0)
    z = h2 @ w3 + b3
    z = z - z.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - (z * y).sum(axis=1)).mean()


def net_forward(x, y, w1, b1, w2, b2, w3, b3):
    h1 = x @ w1
    h1 += b1
    np.maximum(h1, 0, out=h1)
    h2 = h1 @ w2
    h2 += b2
    np.maximum(h2, 0, out=h2)
    z = h2 @ w3
    z += b3
    z -= z.max(axis=1, keepdims=True)
    true = np.einsum("ij,ij->i", z, y)
    p = np.exp(z, out=z)
    sums = p.sum(axis=1)
    return h1, h2, p, sums, (np.log(sums) - true).sum() / len(x)


def net_value(*args):
    return net_forward(*args)[-1]


def net_grad(x, y, w1, b1, w2, b2, w3, b3):
    h1, h2, p, sums, loss = net_forward(x, y, w1, b1, w2, b2, w3, b3)
    p /= sums[:, None]
    p -= y
    p *= 1 / len(x)
    d2 = p @ w3.T
    d2 *= h2 > 0
    d1 = d2 @ w2.T
    d1 *= h1 > 0
    return loss, (x.T @ d1, d1.sum(axis=0), h1.T @ d2, d2.sum(axis=0), h2.T @ p, p.sum(axis=0))


def net_workload(rng: np.random.Generator) -> Workload:
    sizes = (784, 256, 128, 10)
    weights: list[np.ndarray] = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        weights += [rng.normal(size=(fan_in, fan_out)) * math.sqrt(2 / fan_in), np.zeros(fan_out)]
    x = rng.uniform(size=(64, 784))
    y = np.eye(10)[rng.integers(10, size=64)]
    args = (x, y, *weights)
    rivals = {"backpropagation": net_grad}
    name = "net 784-256-128-10, batch 64"
    return Workload(name, net, net, args, tuple(range(2, 8)), net_value, rivals)
