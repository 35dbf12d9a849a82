"""Filters, PDE steppers, cellular automata, fractals, random walks, small networks."""

import numpy as np

from tests.corpus.harness import case

SIGNAL = np.array([0.0, 1.0, 0.5, -0.3, 2.0, 1.5, -1.0, 0.2])
NOISY = np.array([0.39, 0.50, 0.48, 0.29, 0.25, 0.32, 0.34, 0.48])
GLIDER = np.zeros((6, 6), dtype=int)
GLIDER[0, 1] = GLIDER[1, 2] = GLIDER[2, 0] = GLIDER[2, 1] = GLIDER[2, 2] = 1
BLINKER = np.zeros((5, 5), dtype=int)
BLINKER[2, 1:4] = 1
ROD = np.array([0.0, 0.2, 1.0, 0.4, 0.1, 0.0])


@case((SIGNAL, np.array([0.25, 0.5, 0.25])), (NOISY, np.array([1.0, -1.0])), grad=0)
def fir_filter(x, taps):
    y = np.zeros(len(x))
    for n in range(len(x)):
        for k in range(len(taps)):
            if n - k >= 0:
                y[n] += taps[k] * x[n - k]
    return y


@case((SIGNAL, 0.2), (NOISY, 0.9), grad=1)
def low_pass(x, a):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, x.size):
        y[i] = y[i - 1] + a * (x[i] - y[i - 1])
    return y


@case((SIGNAL,), (NOISY,), grad=0)
def biquad(x):
    b0, b1, b2, a1, a2 = 0.2, 0.4, 0.2, -0.5, 0.1
    x1 = x2 = y1 = y2 = 0.0
    out = []
    for v in x:
        y = b0 * v + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x2, x1 = x1, v
        y2, y1 = y1, y
        out.append(y)
    return np.array(out)


@case((SIGNAL, 3), (NOISY, 5))
def median_filter(x, width):
    half = width // 2
    padded = np.pad(x, half, mode="edge")
    return np.array([np.median(padded[i : i + width]) for i in range(len(x))])


@case((NOISY, 0.1), (NOISY[::-1].copy(), 0.5), grad=0)
def kalman_1d(z, r):
    estimate, p = 0.0, 1.0
    q = 1e-5
    estimates = np.zeros(len(z))
    for k in range(len(z)):
        p = p + q
        gain = p / (p + r)
        estimate = estimate + gain * (z[k] - estimate)
        p = (1 - gain) * p
        estimates[k] = estimate
    return estimates


@case((np.array([[1.0, 0.5], [1.5, 0.9], [2.1, 1.6]]),), grad=0)
def kalman_2d(measurements):
    x = np.zeros(2)
    P = np.eye(2)
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    R = 0.5 * np.eye(2)
    for z in measurements:
        x = F @ x
        P = F @ P @ F.T + 0.01 * np.eye(2)
        K = P @ np.linalg.inv(P + R)
        x = x + K @ (z - x)
        P = (np.eye(2) - K) @ P
    return x, P


@case((SIGNAL,), (NOISY,))
def dft(x):
    n = len(x)
    out = np.zeros(n, dtype=complex)
    for k in range(n):
        for t in range(n):
            out[k] += x[t] * np.exp(-2j * np.pi * k * t / n)
    return out


@case((SIGNAL,), (NOISY,), grad=0)
def autocorrelation(x):
    n = len(x)
    x = x - x.mean()
    r = np.array([np.dot(x[: n - k], x[k:]) for k in range(4)])
    return r / r[0]


@case((ROD, 0.2, 5), (ROD * 2, 0.1, 12), grad=0)
def heat_equation(u, r, steps):
    u = u.copy()
    for _ in range(steps):
        new = u.copy()
        for i in range(1, len(u) - 1):
            new[i] = u[i] + r * (u[i - 1] - 2 * u[i] + u[i + 1])
        u = new
    return u


@case((ROD, 0.2, 5), (ROD * 2, 0.1, 12), grad=0)
def heat_equation_vectorised(u, r, steps):
    for n in range(steps):
        u[1:-1] = u[1:-1] + r * (u[:-2] - 2 * u[1:-1] + u[2:])
    return u


@case((ROD, 4), (ROD, 0), grad=0)
def wave_equation(u, steps):
    previous = u.copy()
    current = u.copy()
    for _ in range(steps):
        following = np.zeros_like(u)
        following[1:-1] = (
            2 * current[1:-1]
            - previous[1:-1]
            + 0.25 * (current[2:] - 2 * current[1:-1] + current[:-2])
        )
        previous, current = current, following
    return current


@case((ROD, 3), (ROD[::-1].copy(), 6), grad=0)
def upwind_advection(u, steps):
    c = 0.5
    for _ in range(steps):
        u = u - c * (u - np.roll(u, 1))
    return u


@case((np.zeros((5, 5)), 1.0), (np.ones((4, 6)), 2.0), grad=1)
def laplace_relaxation(grid, top):
    grid = grid.copy()
    grid[0, :] = top
    for it in range(8):
        old = grid.copy()
        grid[1:-1, 1:-1] = 0.25 * (old[:-2, 1:-1] + old[2:, 1:-1] + old[1:-1, :-2] + old[1:-1, 2:])
        if np.abs(grid - old).max() < 1e-3:
            break
    return grid


@case((ROD, 3), grad=0)
def burgers(u, steps):
    dt, dx = 0.1, 1.0
    for _ in range(steps):
        flux = 0.5 * u**2
        u_next = u.copy()
        for i in range(1, len(u)):
            u_next[i] = u[i] - dt / dx * (flux[i] - flux[i - 1])
        u = u_next
    return u


@case((GLIDER, 4), (BLINKER, 1), (BLINKER, 0))
def game_of_life(board, generations):
    for _ in range(generations):
        rows, cols = board.shape
        new = np.zeros_like(board)
        for i in range(rows):
            for j in range(cols):
                total = 0
                for di in (-1, 0, 1):
                    for dj in (-1, 0, 1):
                        if di != 0 or dj != 0:
                            total += board[(i + di) % rows, (j + dj) % cols]
                if board[i, j] == 1 and total in (2, 3):
                    new[i, j] = 1
                elif board[i, j] == 0 and total == 3:
                    new[i, j] = 1
        board = new
    return board


@case((GLIDER, 4), (BLINKER, 3))
def game_of_life_rolls(board, generations):
    for _ in range(generations):
        neighbours = sum(
            np.roll(np.roll(board, i, 0), j, 1)
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if (i, j) != (0, 0)
        )
        board = ((neighbours == 3) | ((board == 1) & (neighbours == 2))).astype(int)
    return board


@case((np.array([0, 0, 0, 1, 0, 0, 0]), 30, 3), (np.array([1, 0, 1, 1, 0]), 110, 2))
def elementary_automaton(cells, rule, steps):
    history = [cells]
    for _ in range(steps):
        left, right = np.roll(cells, 1), np.roll(cells, -1)
        cells = (rule >> (4 * left + 2 * cells + right)) & 1
        history.append(cells)
    return np.array(history)


@case((-0.5, 0.3), (1.0, 1.0), (0.0, 0.0))
def mandelbrot_point(re, im):
    c = complex(re, im)
    z = 0j
    for n in range(30):
        if abs(z) > 2:
            return n
        z = z * z + c
    return 30


@case((4, 5), (3, 3))
def mandelbrot_grid(rows, cols):
    counts = np.zeros((rows, cols), dtype=int)
    for i in range(rows):
        for j in range(cols):
            x0, y0 = -2.0 + 3.0 * j / cols, -1.0 + 2.0 * i / rows
            x = y = 0.0
            k = 0
            while x * x + y * y <= 4 and k < 20:
                x, y = x * x - y * y + x0, 2 * x * y + y0
                k += 1
            counts[i, j] = k
    return counts


@case((10, 1), (7, 2))
def random_walk(steps, seed):
    np.random.seed(seed)
    position = 0.0
    path = np.zeros(steps + 1)
    for i in range(steps):
        if np.random.rand() < 0.5:
            position += 1
        else:
            position -= 1
        path[i + 1] = position
    return path


@case((200, 0), (50, 7))
def monte_carlo_pi(n, seed):
    np.random.seed(seed)
    inside = 0
    for _ in range(n):
        x, y = np.random.uniform(-1, 1, 2)
        if x * x + y * y <= 1:
            inside += 1
    return 4 * inside / n


@case((1.0, 6), (100.0, 3), grad=0)
def geometric_brownian(price, steps):
    np.random.seed(3)
    for z in np.random.normal(size=steps):
        price = price * np.exp(-0.02 + 0.2 * z)
    return price


@case((0.0, 20), (2.0, 5))
def metropolis(x, steps):
    np.random.seed(11)
    accepted = 0
    samples = []
    for _ in range(steps):
        proposal = x + np.random.normal()
        if np.log(np.random.rand()) < 0.5 * (x**2 - proposal**2):
            x = proposal
            accepted += 1
        samples.append(x)
    return np.array(samples), accepted / steps


@case((np.array([0.5, -0.3]), np.array([[0.1, 0.2], [0.3, -0.4]])), grad=1)
def two_layer_network(x, w):
    hidden = np.tanh(w @ x)
    out = np.maximum(hidden, 0.0)
    return (out**2).sum()


@case((np.array([[0.2, 0.1], [0.0, -0.5], [0.9, 0.3]]),), (np.zeros((2, 2)),), grad=0)
def simple_rnn(inputs):
    w = np.array([[0.5, -0.1], [0.2, 0.3]])
    h = np.zeros(2)
    outputs = []
    for x in inputs:
        h = np.tanh(w @ h + x)
        outputs.append(h.sum())
    return sum(outputs), h


@case((0.01, 0.5), (0.3, 2.0), grad=1)
def sir_epidemic(infected, beta):
    s, i, r = 1 - infected, infected, 0.0
    peak, day_of_peak = i, 0
    for day in range(1, 40):
        new = beta * s * i
        recovered = 0.1 * i
        s, i, r = s - new, i + new - recovered, r + recovered
        if i > peak:
            peak, day_of_peak = i, day
    return peak, s, r


@case((10.0, 0.8), (3.0, 0.5), grad=0)
def bouncing_ball(height, restitution):
    v, t, dt, bounces = 0.0, 0.0, 0.01, 0
    y = height
    while bounces < 2:
        v -= 9.81 * dt
        y += v * dt
        t += dt
        if y < 0:
            y = -y
            v = -v * restitution
            bounces += 1
    return v


@case((20.0, 18.0), (25.0, 30.0))
def thermostat(temperature, target):
    heating = False
    log = []
    for minute in range(15):
        if heating and temperature > target + 1:
            heating = False
            print(f"{minute}: off at {temperature:.2f}")
        elif not heating and temperature < target - 1:
            heating = True
            print(f"{minute}: on at {temperature:.2f}")
        temperature += 0.7 if heating else -0.4
        log.append(temperature)
    return np.array(log)


@case((1000.0, 0.05, 12), (0.0, 0.1, 1), grad=0)
def loan_balance(balance, rate, months):
    payment = 100.0
    for month in range(months):
        interest = balance * rate / 12
        balance = balance + interest - payment
        if balance <= 0:
            print("paid off in month", month + 1)
            return 0.0 * balance
    return balance


@case((np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.5]]),), grad=0)
def n_body_step(pos):
    vel = np.zeros_like(pos)
    for _ in range(3):
        acc = np.zeros_like(pos)
        for i in range(len(pos)):
            for j in range(len(pos)):
                if i == j:
                    continue
                d = pos[j] - pos[i]
                acc[i] += d / (np.sum(d**2) + 0.01) ** 1.5
        vel = vel + 0.01 * acc
        pos = pos + 0.01 * vel
    return pos


@case((np.array([0.1, 0.9, 0.4, 0.7]),), (np.array([2.0, 2.0]),), grad=0)
def normalise_until_stable(x):
    x = x / x.sum()
    while x.max() > 0.4:
        x = np.sqrt(x)
        x = x / x.sum()
        if len(x) < 3:
            break
    return x


@case((np.array([[1, 2, 3], [4, 5, 6]]),), (np.array([[7]]),))
def spiral_sum(a):
    total, sign = 0, 1
    for row in a:
        for value in row:
            total += sign * value
            sign = -sign
    return total


@case((5, 3), (2, 0), refused="graphc cannot see inside numpy.random.mtrand.RandomState")
def ising_energy(n, seed):
    rng = np.random.RandomState(seed)
    spins = rng.choice([-1, 1], size=(n, n))
    energy = 0
    for i in range(n):
        for j in range(n):
            energy -= spins[i, j] * (spins[(i + 1) % n, j] + spins[i, (j + 1) % n])
    return energy
