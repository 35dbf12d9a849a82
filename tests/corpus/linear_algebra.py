"""Linear algebra by hand and statistics."""

import math

import numpy as np

from tests.corpus.harness import case

M = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 5.0]])
N = np.array([[2.0, -1.0, 0.3], [0.7, 1.5, 2.2], [-0.4, 0.9, 3.1]])
V = np.array([1.0, -2.0, 0.5])
DATA = np.array([2.1, 3.9, 6.2, 7.8, 10.1, 12.2])
T = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
POINTS = np.array([[0.0, 0.1], [0.3, -0.2], [5.0, 5.1], [4.8, 5.3], [0.1, 0.2]])


@case((M, N), (N, M), grad=0)
def matmul_triple_loop(a, b):
    rows, inner = a.shape
    cols = b.shape[1]
    c = np.zeros((rows, cols))
    for i in range(rows):
        for j in range(cols):
            s = 0.0
            for k in range(inner):
                s += a[i, k] * b[k, j]
            c[i, j] = s
    return c


@case((M, V), (N, V), grad=0)
def gaussian_elimination(a, b):
    a = a.astype(float).copy()
    b = b.astype(float).copy()
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(a[k:, k]))
        if p != k:
            a[[k, p]] = a[[p, k]]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            a[i, k:] -= f * a[k, k:]
            b[i] -= f * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return x


@case((M,), (N + 2 * np.eye(3),), grad=0)
def lu_decomposition(a):
    n = a.shape[0]
    lower = np.eye(n)
    upper = a.copy()
    for k in range(n - 1):
        for i in range(k + 1, n):
            lower[i, k] = upper[i, k] / upper[k, k]
            upper[i] = upper[i] - lower[i, k] * upper[k]
    return lower, upper


@case((M,), (M @ M,), grad=0)
def cholesky_by_hand(a):
    n = len(a)
    out = np.zeros_like(a)
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j] - np.dot(out[i, :j], out[j, :j])
            if i == j:
                if s <= 0:
                    raise np.linalg.LinAlgError("not positive definite")
                out[i, j] = np.sqrt(s)
            else:
                out[i, j] = s / out[j, j]
    return out


@case((-M,), (N - 10 * np.eye(3),))
def cholesky_that_fails(a):
    n = len(a)
    out = np.zeros_like(a)
    for i in range(n):
        s = a[i, i] - np.dot(out[i, :i], out[i, :i])
        if s <= 0:
            raise ValueError(f"pivot {i} is {s:.3f}")
        out[i, i] = np.sqrt(s)
    return out


@case((M,), (N,), grad=0)
def gram_schmidt(a):
    q = np.zeros_like(a)
    for j in range(a.shape[1]):
        v = a[:, j].copy()
        for i in range(j):
            v -= (q[:, i] @ a[:, j]) * q[:, i]
        q[:, j] = v / np.linalg.norm(v)
    return q


@case((M, 30), (M @ M, 15), grad=0)
def power_iteration(a, steps):
    v = np.ones(a.shape[0])
    for _ in range(steps):
        w = a @ v
        v = w / np.linalg.norm(w)
    return v @ a @ v


@case((M, V), (M + np.eye(3), 2 * V), grad=1)
def jacobi_iteration(a, b):
    d = np.diag(a)
    r = a - np.diagflat(d)
    x = np.zeros_like(b)
    for k in range(100):
        new = (b - r @ x) / d
        if np.max(np.abs(new - x)) < 1e-12:
            x = new
            break
        x = new
    return x


@case((M, V), (M + np.eye(3), 2 * V), grad=1)
def gauss_seidel(a, b):
    n = len(b)
    x = np.zeros(n)
    error = 1.0
    while error > 1e-12:
        error = 0.0
        for i in range(n):
            s = b[i]
            for j in range(n):
                if j != i:
                    s -= a[i, j] * x[j]
            new = s / a[i, i]
            error = max(error, abs(new - x[i]))
            x[i] = new
    return x


@case((M, V), (M @ M, V))
def conjugate_gradient(a, b):
    x = np.zeros_like(b)
    r = b - a @ x
    p = r.copy()
    rs = r @ r
    iterations = 0
    while np.sqrt(rs) > 1e-10 and iterations < 50:
        ap = a @ p
        alpha = rs / (p @ ap)
        x += alpha * p
        r -= alpha * ap
        new = r @ r
        p = r + (new / rs) * p
        rs = new
        iterations += 1
    return x


@case((M,), (N,), grad=0)
def determinant_by_elimination(a):
    a = a.copy()
    det = 1.0
    for k in range(len(a)):
        if a[k, k] == 0:
            return 0.0
        det *= a[k, k]
        for i in range(k + 1, len(a)):
            a[i] -= a[i, k] / a[k, k] * a[k]
    return det


@case((M,), (N,), grad=0)
def laplace_determinant(a):
    n = a.shape[0]
    if n == 1:
        return a[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.delete(np.delete(a, 0, axis=0), j, axis=1)
        total += (-1) ** j * a[0, j] * laplace_determinant(minor)
    return total


@case((np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0]), np.array([0.5, 0.2]), V), grad=3)
def thomas_tridiagonal(diag, upper, lower, rhs):
    n = len(diag)
    c = np.zeros(n - 1)
    d = np.zeros(n)
    c[0] = upper[0] / diag[0]
    d[0] = rhs[0] / diag[0]
    for i in range(1, n):
        m = diag[i] - lower[i - 1] * c[i - 1]
        if i < n - 1:
            c[i] = upper[i] / m
        d[i] = (rhs[i] - lower[i - 1] * d[i - 1]) / m
    for i in range(n - 2, -1, -1):
        d[i] -= c[i] * d[i + 1]
    return d


@case((np.array([[2.0, 0.3], [0.1, 1.0]]), 5), (np.array([[1.0, 1.0], [0.0, 1.0]]), 0), grad=0)
def matrix_power(a, n):
    result = np.eye(a.shape[0])
    base = a
    while n > 0:
        if n & 1:
            result = result @ base
        base = base @ base
        n >>= 1
    return result


@case((0.3 * M,), (0.1 * N,), grad=0)
def matrix_exponential_series(a):
    term = np.eye(len(a))
    total = term
    for k in range(1, 12):
        term = term @ a / k
        total = total + term
    return total


@case((T, DATA), (T, DATA[::-1].copy()), grad=1)
def linear_regression(x, y):
    n = len(x)
    mx, my = x.mean(), y.mean()
    sxy = sxx = 0.0
    for i in range(n):
        sxy += (x[i] - mx) * (y[i] - my)
        sxx += (x[i] - mx) ** 2
    slope = sxy / sxx
    return slope, my - slope * mx


@case((T, DATA, 2), (T, DATA, 1), grad=1)
def polynomial_fit(x, y, degree):
    columns = [x**k for k in range(degree + 1)]
    a = np.stack(columns, axis=1)
    return np.linalg.solve(a.T @ a, a.T @ y)


@case((DATA,), (T,), grad=0)
def welford(values):
    mean = m2 = 0.0
    n = 0
    for x in values:
        n += 1
        delta = x - mean
        mean += delta / n
        m2 += delta * (x - mean)
    if n < 2:
        return mean, float("nan")
    return mean, m2 / (n - 1)


@case((DATA,), (V,), grad=0)
def moments(x):
    m = x.mean()
    s = x.std()
    z = (x - m) / s
    return {"mean": m, "std": s, "skew": (z**3).mean(), "kurtosis": (z**4).mean() - 3}


@case((T, DATA), (DATA, T), grad=0)
def correlation(x, y):
    xc = x - np.mean(x)
    yc = y - np.mean(y)
    return (xc * yc).sum() / math.sqrt((xc**2).sum() * (yc**2).sum())


@case((DATA, 0.3), (T, 0.8), grad=0)
def exponential_smoothing(x, alpha):
    s = x[0]
    out = [s]
    for v in x[1:]:
        s = alpha * v + (1 - alpha) * s
        out.append(s)
    return np.array(out)


@case((DATA, 3), (T, 2), grad=0)
def moving_average(x, k):
    out = np.zeros(len(x) - k + 1)
    for i in range(len(out)):
        out[i] = x[i : i + k].mean()
    return out


@case((DATA, 0.5), (T, 0.25), (T, 1.0), grad=0)
def quantile(x, q):
    s = np.sort(x)
    position = q * (len(s) - 1)
    lo = int(np.floor(position))
    hi = min(lo + 1, len(s) - 1)
    return s[lo] + (position - lo) * (s[hi] - s[lo])


@case((POINTS, 2), (POINTS + 0.05, 2))
def k_means(points, k):
    centres = points[:k].copy()
    labels = np.zeros(len(points), dtype=int)
    for _ in range(10):
        for i, p in enumerate(points):
            d = ((centres - p) ** 2).sum(axis=1)
            labels[i] = np.argmin(d)
        for c in range(k):
            members = points[labels == c]
            if len(members) > 0:
                centres[c] = members.mean(axis=0)
    return centres, labels


@case((np.array([0.5, -0.2]),), (np.array([0.0, 0.0]),), grad=0)
def logistic_regression_steps(w):
    x = np.array([[1.0, 0.5], [1.0, -1.5], [1.0, 2.0]])
    y = np.array([1.0, 0.0, 1.0])
    loss = 0.0
    for _ in range(5):
        p = 1 / (1 + np.exp(-(x @ w)))
        loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
        w = w - 0.5 * x.T @ (p - y) / len(y)
    return w, loss


@case((V,), (10 * V,), grad=0)
def softmax(x):
    shifted = x - x.max()
    e = np.exp(shifted)
    return e / e.sum()


@case((POINTS,), (POINTS * 2,), grad=0)
def pairwise_distances(points):
    n = points.shape[0]
    d = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            d[i, j] = d[j, i] = np.sqrt(((points[i] - points[j]) ** 2).sum())
    return d


@case((POINTS,), (POINTS[:4],))
def covariance_and_trace(x):
    centred = x - x.mean(axis=0)
    cov = centred.T @ centred / (len(x) - 1)
    trace = 0
    for i in range(len(cov)):
        trace += cov[i, i]
    assert np.isclose(trace, np.trace(cov)), "trace"
    return cov, trace


@case((np.array([0.2, 0.5, 0.3]), 4), (np.array([1.0, 0.0, 0.0]), 10), grad=0)
def markov_chain(p, steps):
    transition = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.3, 0.7]])
    for _ in range(steps):
        p = p @ transition
    return p


@case((np.array([1, 2, 2, 3, 3, 3]),), refused="numpy.unique is not supported")
def mode(values):
    best, best_count = None, 0
    for v in np.unique(values):
        c = np.sum(values == v)
        if c > best_count:
            best, best_count = v, c
    return best, best_count
