"""Dynamic programming, graph algorithms, number theory, small combinatorics."""

import numpy as np

from tests.corpus.harness import case

INF = float("inf")
GRAPH = np.array(
    [
        [0.0, 4.0, 1.0, INF],
        [4.0, 0.0, 2.0, 5.0],
        [1.0, 2.0, 0.0, 8.0],
        [INF, 5.0, 8.0, 0.0],
    ]
)
OTHER = np.array(
    [
        [0.0, 1.0, INF, 9.0],
        [INF, 0.0, 1.5, INF],
        [2.0, INF, 0.0, 3.0],
        [INF, INF, 1.0, 0.0],
    ]
)
ADJ = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]])
SPLIT = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


@case((10,), (0,), (1,), (40,))
def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@case((200,), (3,))
def fibonacci_big(n):
    a, b = 0, 1
    i = 0
    while i < n:
        a, b, i = b, a + b, i + 1
    return a


@case((6,), (0,), (25,))
def factorial(n):
    result = 1
    for k in range(2, n + 1):
        result *= k
    return result


@case(
    (np.array([1, 3, 4]), np.array([10.0, 40.0, 50.0]), 5),
    (np.array([5, 4]), np.array([1.0, 2.0]), 3),
    grad=1,
)
def knapsack(weights, values, capacity):
    best = np.zeros(capacity + 1)
    for i in range(len(weights)):
        for c in range(capacity, weights[i] - 1, -1):
            best[c] = max(best[c], best[c - weights[i]] + values[i])
    return best[capacity]


@case((np.array([1, 2, 5]), 11), (np.array([2]), 3))
def coin_change(coins, amount):
    fewest = np.full(amount + 1, amount + 1)
    fewest[0] = 0
    for a in range(1, amount + 1):
        for c in coins:
            if c <= a:
                fewest[a] = min(fewest[a], fewest[a - c] + 1)
    return fewest[amount] if fewest[amount] <= amount else -1


@case((np.array([1, 2, 3, 4]), np.array([2, 4, 1])), (np.array([7, 7]), np.array([7])))
def longest_common_subsequence(a, b):
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=np.int64)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            if a[i - 1] == b[j - 1]:
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])
    return table[-1, -1]


@case((np.array([1, 2, 3]), np.array([1, 3, 3, 4])), (np.array([5]), np.array([6])))
def edit_distance(a, b):
    m, n = len(a), len(b)
    d = np.zeros((m + 1, n + 1), int)
    d[:, 0] = np.arange(m + 1)
    d[0, :] = np.arange(n + 1)
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + cost)
    return d[m, n]


@case((np.array([1.0, 2.5, 3.0, 1.2]), np.array([1.1, 2.0, 3.3])), grad=0)
def dynamic_time_warping(a, b):
    cost = np.full((len(a) + 1, len(b) + 1), np.inf)
    cost[0, 0] = 0.0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d = (a[i - 1] - b[j - 1]) ** 2
            cost[i, j] = d + min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
    return cost[len(a), len(b)]


@case((np.array([-2.0, 1.0, -3.0, 4.0, -1.0, 2.0, 1.0, -5.0]),), (np.array([-1.0, -2.0]),), grad=0)
def maximum_subarray(x):
    best = current = x[0]
    for v in x[1:]:
        current = max(v, current + v)
        best = max(best, current)
    return best


@case((np.array([7.0, 1.0, 5.0, 3.0, 6.0]),), (np.array([5.0, 4.0]),), grad=0)
def best_trade(prices):
    lowest, profit = prices[0], 0.0
    for p in prices:
        if p < lowest:
            lowest = p
        elif p - lowest > profit:
            profit = p - lowest
    return profit


@case((np.array([10, 9, 2, 5, 3, 7, 101, 18]),), (np.array([1]),))
def longest_increasing_subsequence(x):
    n = len(x)
    length = np.ones(n, dtype=int)
    for i in range(n):
        for j in range(i):
            if x[j] < x[i] and length[j] + 1 > length[i]:
                length[i] = length[j] + 1
    return length.max()


@case(
    (np.array([[1.0, 3.0, 1.0], [1.0, 5.0, 1.0], [4.0, 2.0, 1.0]]),),
    (np.array([[1.0, 2.0], [3.0, 0.5]]),),
    grad=0,
)
def minimum_path_sum(grid):
    rows, cols = grid.shape
    best = np.zeros((rows, cols))
    for i in range(rows):
        for j in range(cols):
            if i == 0 and j == 0:
                best[i, j] = grid[0, 0]
            elif i == 0:
                best[i, j] = best[i, j - 1] + grid[i, j]
            elif j == 0:
                best[i, j] = best[i - 1, j] + grid[i, j]
            else:
                best[i, j] = min(best[i - 1, j], best[i, j - 1]) + grid[i, j]
    return best[-1, -1]


@case((GRAPH,), (OTHER,))
def floyd_warshall(dist):
    dist = dist.copy()
    n = len(dist)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if dist[i, k] + dist[k, j] < dist[i, j]:
                    dist[i, j] = dist[i, k] + dist[k, j]
    return dist


@case((GRAPH, 0), (OTHER, 1), (GRAPH, 3))
def dijkstra(graph, source):
    n = graph.shape[0]
    dist = np.full(n, np.inf)
    done = np.zeros(n, dtype=bool)
    dist[source] = 0
    for _ in range(n):
        u = -1
        for v in range(n):
            if not done[v] and (u == -1 or dist[v] < dist[u]):
                u = v
        if dist[u] == np.inf:
            break
        done[u] = True
        for v in range(n):
            if graph[u, v] != np.inf and dist[u] + graph[u, v] < dist[v]:
                dist[v] = dist[u] + graph[u, v]
    return dist


@case((np.array([[0, 1], [1, 2], [0, 2], [2, 3]]), np.array([4.0, -2.0, 3.0, 1.0])), grad=1)
def bellman_ford(edges, weights):
    dist = np.full(4, 1e9)
    dist[0] = 0.0
    for _ in range(3):
        changed = False
        for (u, v), w in zip(edges, weights):
            if dist[u] + w < dist[v]:
                dist[v] = dist[u] + w
                changed = True
        if not changed:
            break
    return dist


@case((ADJ, 0), (SPLIT, 2))
def breadth_first(adjacency, start):
    n = len(adjacency)
    level = np.full(n, -1)
    level[start] = 0
    queue = np.zeros(n, dtype=int)
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for v in range(n):
            if adjacency[u, v] and level[v] < 0:
                level[v] = level[u] + 1
                queue[tail] = v
                tail += 1
    return level


@case((ADJ,), (SPLIT,))
def connected_components(adjacency):
    n = len(adjacency)
    label = np.arange(n)
    changed = True
    while changed:
        changed = False
        for i in range(n):
            for j in range(n):
                if adjacency[i, j] and label[i] != label[j]:
                    label[i] = label[j] = min(label[i], label[j])
                    changed = True
    return label


@case((np.array([[0, 1], [2, 3], [1, 2]]), 5), (np.array([[0, 4]]), 5))
def union_find(pairs, n):
    parent = np.arange(n)

    def find(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for a, b in pairs:
        ra, rb = find(a), find(b)
        if ra != rb:
            parent[rb] = ra
    return parent


@case((np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),), grad=0)
def page_rank(links):
    n = len(links)
    m = links / links.sum(axis=0)
    r = np.ones(n) / n
    for _ in range(20):
        new = 0.15 / n + 0.85 * m @ r
        if np.abs(new - r).sum() < 1e-10:
            break
        r = new
    return r


@case((5,), (1,), (8,))
def pascal_row(n):
    row = [1]
    for _ in range(n):
        row = [1] + [row[i] + row[i + 1] for i in range(len(row) - 1)] + [1]
    return row


@case((10, 3), (5, 0), (4, 9))
def binomial(n, k):
    if k < 0 or k > n:
        return 0
    c = 1
    for i in range(min(k, n - k)):
        c = c * (n - i) // (i + 1)
    return c


@case((3, 13, 7), (2, 0, 5), (10, 10**6, 97))
def power_mod(base, exponent, modulus):
    result = 1
    base %= modulus
    while exponent:
        if exponent % 2:
            result = result * base % modulus
        base = base * base % modulus
        exponent //= 2
    return result


@case((240, 46), (7, 3))
def extended_gcd(a, b):
    x0, x1, y0, y1 = 1, 0, 0, 1
    while b != 0:
        q, a, b = a // b, b, a % b
        x0, x1 = x1, x0 - q * x1
        y0, y1 = y1, y0 - q * y1
    return a, x0, y0


@case((28,), (12,), (6,))
def is_perfect(n):
    return sum(d for d in range(1, n) if n % d == 0) == n


@case((360,), (97,), (1,))
def largest_prime_factor(n):
    largest = None
    p = 2
    while p * p <= n:
        while n % p == 0:
            largest = p
            n //= p
        p += 1
    if n > 1:
        largest = n
    return largest


@case((3,), (1,), (4,))
def hanoi_moves(n):
    if n == 0:
        return 0
    return 2 * hanoi_moves(n - 1) + 1


@case((2, 2), (1, 3), (0, 4))
def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


@case(
    (np.array([0.3, 0.2, 0.5]), np.array([0, 1, 1, 0])),
    (np.array([0.1, 0.1, 0.8]), np.array([1])),
    grad=0,
)
def hidden_markov_forward(start, observations):
    transition = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]])
    emission = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    alpha = start * emission[:, observations[0]]
    log_likelihood = 0.0
    for o in observations[1:]:
        scale = alpha.sum()
        log_likelihood += np.log(scale)
        alpha = (alpha / scale) @ transition * emission[:, o]
    return log_likelihood + np.log(alpha.sum())


@case((np.array([0.6, 0.4]), np.array([0, 1, 1])), (np.array([0.5, 0.5]), np.array([1, 0, 0, 1])))
def viterbi(start, observations):
    transition = np.array([[0.7, 0.3], [0.4, 0.6]])
    emission = np.array([[0.5, 0.5], [0.1, 0.9]])
    steps = len(observations)
    score = np.zeros((steps, 2))
    back = np.zeros((steps, 2), dtype=int)
    score[0] = start * emission[:, observations[0]]
    for t in range(1, steps):
        for s in range(2):
            options = score[t - 1] * transition[:, s]
            back[t, s] = options.argmax()
            score[t, s] = options.max() * emission[s, observations[t]]
    path = [score[-1].argmax()]
    for t in range(steps - 1, 0, -1):
        path.append(back[t, path[-1]])
    return np.array(path[::-1])


@case((np.array([1, 5, 8, 9]), 4), (np.array([2, 3]), 2))
def rod_cutting(prices, n):
    best = [0] * (n + 1)
    for length in range(1, n + 1):
        q = -1
        for cut in range(1, length + 1):
            q = max(q, prices[cut - 1] + best[length - cut])
        best[length] = q
    return best[n]


@case((np.array([3, 1, 4, 1, 5]),), (np.array([2, 2]),))
def prefix_table(x):
    prefix = [0]
    for v in x:
        prefix.append(prefix[-1] + v)
    return prefix


@case((np.array([10, 20, 30, 40]),), (np.array([4, 3, 2]),))
def matrix_chain(dims):
    n = len(dims) - 1
    cost = np.zeros((n, n))
    for span in range(1, n):
        for i in range(n - span):
            j = i + span
            cost[i, j] = np.inf
            for k in range(i, j):
                c = cost[i, k] + cost[k + 1, j] + dims[i] * dims[k + 1] * dims[j + 1]
                if c < cost[i, j]:
                    cost[i, j] = c
    return cost[0, n - 1]
