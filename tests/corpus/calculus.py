"""Integration, root finding, minimisation, interpolation and ODE steppers."""

import math

import numpy as np

from tests.corpus.harness import case

X = np.linspace(0.0, 2.0, 6)
Y = np.array([0.0, 1.0, 0.5, 2.0, 1.5, 3.0])


@case((0.0, 1.0, 10), (1.0, 2.5, 7), grad=1)
def trapezoid(a, b, n):
    h = (b - a) / n
    total = 0.5 * (np.exp(-a * a) + np.exp(-b * b))
    for i in range(1, n):
        x = a + i * h
        total += np.exp(-x * x)
    return total * h


@case((0.0, 1.0, 10), (1.0, 3.0, 4), grad=1)
def simpson(a, b, n):
    if n % 2 == 1:
        raise ValueError(f"n must be even, got {n}")
    h = (b - a) / n
    s = math.sin(a) + math.sin(b)
    for i in range(1, n):
        s += (4 if i % 2 else 2) * math.sin(a + i * h)
    return s * h / 3


@case((lambda x: x * x, 0.0, 2.0), (np.cos, 0.0, 1.0))
def romberg(f, a, b):
    r = np.zeros((5, 5))
    for n in range(5):
        m = 2**n
        xs = np.linspace(a, b, m + 1)
        ys = f(xs)
        r[n, 0] = (b - a) / m * (ys.sum() - 0.5 * (ys[0] + ys[-1]))
        for k in range(1, n + 1):
            r[n, k] = r[n, k - 1] + (r[n, k - 1] - r[n - 1, k - 1]) / (4**k - 1)
    return r[4, 4]


@case((1.0,), (0.3,), grad=0)
def gauss_legendre(b):
    nodes, weights = np.polynomial.legendre.leggauss(4)
    total = 0.0
    for x, w in zip(nodes, weights):
        total += w * np.sin(b * (x + 1) / 2)
    return total * b / 2


@case((2.0, 1.0), (9.0, 5.0), (0.5, 1.0), grad=0)
def newton_sqrt(a, x0):
    x = x0
    while abs(x * x - a) > 1e-12:
        x = x - (x * x - a) / (2 * x)
    return x


@case((2.0, 0.0, 3.0), (10.0, 0.0, 11.0))
def bisection(target, lo, hi):
    for _ in range(60):
        mid = (lo + hi) / 2
        if mid**3 < target:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


@case((2.0, 0.0, 3.0), (2.0, 2.0, 3.0))
def bisection_checked(target, lo, hi):
    def f(x):
        return x * x - target

    if f(lo) * f(hi) > 0:
        raise ValueError("no sign change")
    while hi - lo > 1e-10:
        mid = 0.5 * (lo + hi)
        if f(lo) * f(mid) <= 0:
            hi = mid
        else:
            lo = mid
    return lo


@case((3.0, 1.0, 2.0), (20.0, 1.0, 9.0), grad=0)
def secant(c, x0, x1):
    f0 = x0**3 - c
    for i in range(50):
        f1 = x1**3 - c
        if abs(f1) < 1e-13 or f1 == f0:
            break
        x0, x1, f0 = x1, x1 - f1 * (x1 - x0) / (f1 - f0), f1
    return x1


@case((0.5,), (1.3,), grad=0)
def fixed_point(k):
    x = 1.0
    n = 0
    while True:
        new = math.cos(k * x)
        n += 1
        if abs(new - x) < 1e-13 or n > 500:
            break
        x = new
    return new


@case((np.array([1.0, 2.0]),), (np.array([3.0, 0.7]),), grad=0)
def newton_system(v):
    x = np.array([1.0, 1.0])
    for _ in range(20):
        f = np.array([x[0] ** 2 + x[1] - v[0] ** 2 - v[1], x[0] + x[1] ** 3 - v[0] - v[1] ** 3])
        jac = np.array([[2 * x[0], 1.0], [1.0, 3 * x[1] ** 2]])
        step = np.linalg.solve(jac, f)
        x = x - step
        if np.linalg.norm(step) < 1e-12:
            break
    return x


@case((np.array([2.0, -1.0]), 0.1), (np.array([0.0, 5.0]), 0.05), grad=0)
def gradient_descent(x, rate):
    history = []
    for _ in range(15):
        g = np.array([2 * x[0], 20 * x[1]])
        x = x - rate * g
        history.append(x @ x)
    return x, np.array(history)


@case((1.0, 4.0), (-2.0, 3.0), grad=0)
def golden_section(a, b):
    phi = (math.sqrt(5) - 1) / 2
    c = b - phi * (b - a)
    d = a + phi * (b - a)
    while abs(b - a) > 1e-6:
        if (c - 1.5) ** 2 < (d - 1.5) ** 2:
            b = d
        else:
            a = c
        c = b - phi * (b - a)
        d = a + phi * (b - a)
    return 0.0 * a + 1.0


@case((X, Y, 0.7), (X, Y, 2.0), (X, Y, 0.0), grad=1)
def lerp_table(xs, ys, x):
    for i in range(len(xs) - 1):
        if xs[i] <= x <= xs[i + 1]:
            t = (x - xs[i]) / (xs[i + 1] - xs[i])
            return (1 - t) * ys[i] + t * ys[i + 1]
    return ys[-1]


@case((X, Y, 0.7), (X, Y, 1.9), grad=1)
def lagrange(xs, ys, x):
    result = 0.0
    for i in range(len(xs)):
        term = ys[i]
        for j in range(len(xs)):
            if j != i:
                term *= (x - xs[j]) / (xs[i] - xs[j])
        result += term
    return result


@case((X, Y), (X * 2, Y + 1), grad=1)
def divided_differences(xs, ys):
    coef = ys.copy()
    n = len(xs)
    for j in range(1, n):
        coef[j:n] = (coef[j:n] - coef[j - 1 : n - 1]) / (xs[j:n] - xs[0 : n - j])
    return coef


@case((X, Y), grad=1)
def natural_spline_second_derivatives(x, y):
    n = len(x)
    h = np.diff(x)
    A = np.zeros((n, n))
    rhs = np.zeros(n)
    A[0, 0] = A[n - 1, n - 1] = 1.0
    for i in range(1, n - 1):
        A[i, i - 1] = h[i - 1]
        A[i, i] = 2 * (h[i - 1] + h[i])
        A[i, i + 1] = h[i]
        rhs[i] = 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    return np.linalg.solve(A, rhs)


@case((1.0, 0.1, 20), (2.0, 0.05, 7), grad=0)
def euler_decay(y, dt, steps):
    ys = [y]
    for k in range(steps):
        y = y + dt * (-2.0 * y + math.sin(k * dt))
        ys.append(y)
    return np.array(ys)


@case((np.array([1.0, 0.0]), 0.1, 10), (np.array([0.2, -1.0]), 0.2, 5), grad=0)
def rk4_oscillator(y0, dt, n):
    def f(t, y):
        return np.array([y[1], -np.sin(y[0]) + 0.1 * t])

    y = y0
    t = 0.0
    trajectory = np.zeros((n + 1, 2))
    trajectory[0] = y
    for i in range(n):
        k1 = f(t, y)
        k2 = f(t + dt / 2, y + dt / 2 * k1)
        k3 = f(t + dt / 2, y + dt / 2 * k2)
        k4 = f(t + dt, y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += dt
        trajectory[i + 1] = y
    return trajectory


@case((1.0, 2.0), (0.5, 1.0), grad=0)
def adaptive_euler(y, t_end):
    t, h, rejected = 0.0, 0.5, 0
    while t < t_end:
        h = min(h, t_end - t)
        full = y + h * (-y)
        half = y + h / 2 * (-y)
        half = half + h / 2 * (-half)
        if abs(full - half) < 1e-2:
            t += h
            y = half
            h *= 1.5
        else:
            h /= 2
            rejected += 1
    return y


@case((np.array([10.0, 5.0]), 30), (np.array([3.0, 8.0]), 10), grad=0)
def lotka_volterra(state, steps):
    prey, predators = state
    dt = 0.01
    for _ in range(steps):
        d_prey = prey * (1.1 - 0.4 * predators)
        d_predators = predators * (0.1 * prey - 0.4)
        prey, predators = prey + dt * d_prey, predators + dt * d_predators
    return prey, predators


@case((np.array([1.0, 1.0, 1.0]),), (np.array([0.0, 2.0, 20.0]),), grad=0)
def lorenz(v):
    x, y, z = v
    for _ in range(25):
        dx = 10 * (y - x)
        dy = x * (28 - z) - y
        dz = x * y - 8 / 3 * z
        x, y, z = x + 0.005 * dx, y + 0.005 * dy, z + 0.005 * dz
    return np.array([x, y, z])


@case((np.array([1.0, 0.0]), np.array([0.0, 1.1])), grad=0)
def leapfrog_orbit(q, p):
    dt = 0.02
    for step in range(12):
        r = np.sqrt((q**2).sum())
        p_half = p - 0.5 * dt * q / r**3
        q = q + dt * p_half
        r = np.sqrt((q**2).sum())
        p = p_half - 0.5 * dt * q / r**3
    energy = 0.5 * p @ p - 1 / np.linalg.norm(q)
    return q, p, energy


@case((2.0, 3), (0.7, 5), (1.0, 0), grad=0)
def taylor_exp(x, n):
    term, total = 1.0, 1.0
    for k in range(1, n + 1):
        term *= x / k
        total += term
    return total


@case((0.5,), (-0.9,), (0.0,))
def series_until_small(x):
    total = term = 1.0
    k = 0
    while abs(term) > 1e-15:
        k += 1
        term = term * x / k
        total += term
    return total, k


@case((np.array([1.0, -3.0, 2.0]), 1.5), (np.array([2.0, 0.0, 0.0, -1.0]), -0.5), grad=0)
def horner(coefficients, x):
    result = 0.0
    for c in coefficients:
        result = result * x + c
    return result


@case((3.7, 0.5, 9), (2.5, 0.1, 9), grad=0)
def logistic_map(r, x, n):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


@case((24.0, 36.0), (1.0, 9.0), grad=0)
def arithmetic_geometric_mean(a, g):
    while abs(a - g) > 1e-12 * a:
        a, g = (a + g) / 2, math.sqrt(a * g)
    return a


@case((5.0,), (0.2,), grad=0)
def continued_fraction(x):
    value = 0.0
    for k in range(10, 0, -1):
        value = k * x / (1 + value)
    return 1 / (1 + value)


@case((np.sin, 0.3), (math.exp, 1.0), (lambda t: t**3 - t, 2.0))
def numerical_derivative(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / (2 * h)


@case((3.0, 4.0, 0.1), (-1.0, 0.5, 0.2), grad=0)
def rosenbrock_descent(x, y, rate):
    for _ in range(5):
        gx = -2 * (1 - x) - 4 * x * (y - x**2)
        gy = 2 * (y - x**2)
        norm = np.hypot(gx, gy)
        if norm > 1:
            gx, gy = gx / norm, gy / norm
        x -= rate * gx
        y -= rate * gy
    return (1 - x) ** 2 + (y - x**2) ** 2


@case((1.0, 2.0, -3.0), (1.0, 2.0, 5.0), (0.0, 2.0, 1.0), (0.0, 0.0, 1.0))
def quadratic_roots(a, b, c):
    if a == 0:
        if b == 0:
            return None
        return (-c / b,) * 2
    disc = b * b - 4 * a * c
    if disc < 0:
        return None
    root = math.sqrt(disc)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
