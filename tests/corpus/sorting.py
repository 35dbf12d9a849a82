"""Sorting, searching, counting: loops and indices over small arrays."""

import bisect

import numpy as np

from tests.corpus.harness import case

A = np.array([3.0, -1.5, 2.25, 8.0, 0.5, 2.0])
B = np.array([5.0, 4.0, 9.5, -2.0, 7.0, 1.0])
INTS = np.array([4, 1, 7, 1, 0, 9, 3])
SORTED = np.array([-2.0, 0.0, 1.5, 3.0, 8.0, 13.0])


@case((A,), (B,), (np.array([1.0]),), grad=0)
def bubble_sort(values):
    x = values.copy()
    n = len(x)
    for i in range(n):
        for j in range(0, n - i - 1):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
    return x


@case((A,), (B,), (INTS,))
def bubble_sort_until_done(values):
    x = values.copy()
    swapped = True
    passes = 0
    while swapped:
        swapped = False
        for i in range(1, len(x)):
            if x[i - 1] > x[i]:
                tmp = x[i]
                x[i] = x[i - 1]
                x[i - 1] = tmp
                swapped = True
        passes += 1
    return x, passes


@case((A,), (B,), (INTS,), (np.array([]),))
def insertion_sort(arr):
    arr = np.array(arr)
    for i in range(1, arr.shape[0]):
        key = arr[i]
        j = i - 1
        while j >= 0 and arr[j] > key:
            arr[j + 1] = arr[j]
            j -= 1
        arr[j + 1] = key
    return arr


@case((A,), (B,), grad=0)
def selection_sort_in_place(arr):
    n = len(arr)
    for i in range(n - 1):
        smallest = i
        for j in range(i + 1, n):
            if arr[j] < arr[smallest]:
                smallest = j
        if smallest != i:
            arr[[i, smallest]] = arr[[smallest, i]]
    return arr


@case((A,), (B,), (INTS,))
def shell_sort(data):
    out = data.copy()
    gap = len(out) // 2
    while gap > 0:
        for i in range(gap, len(out)):
            held = out[i]
            j = i
            while j >= gap and out[j - gap] > held:
                out[j] = out[j - gap]
                j -= gap
            out[j] = held
        gap //= 2
    return out


@case((INTS,), (np.array([2, 2, 2, 0]),))
def counting_sort(values):
    highest = values.max()
    counts = np.zeros(highest + 1, dtype=int)
    for v in values:
        counts[v] += 1
    result = np.empty_like(values)
    k = 0
    for v in range(highest + 1):
        for _ in range(counts[v]):
            result[k] = v
            k += 1
    return result


@case((SORTED, 3.0), (SORTED, -2.0), (SORTED, 4.0), (SORTED, 100.0))
def binary_search(a, target):
    lo, hi = 0, len(a) - 1
    while lo <= hi:
        mid = (lo + hi) // 2
        if a[mid] == target:
            return mid
        elif a[mid] < target:
            lo = mid + 1
        else:
            hi = mid - 1
    return -1


@case((SORTED, 3.0), (SORTED, 2.9), (SORTED, -5.0))
def lower_bound(a, x):
    lo = 0
    hi = len(a)
    while lo < hi:
        mid = lo + (hi - lo) // 2
        if a[mid] < x:
            lo = mid + 1
        else:
            hi = mid
    return lo


@case((A, 2.0), (A, 77.0), (B, 5.0))
def linear_search(a, x):
    for i, v in enumerate(a):
        if v == x:
            return i
    return None


@case((A,), (B,), (-A,), grad=0)
def running_maximum(a):
    best = None
    out = np.zeros(len(a))
    for i in range(len(a)):
        if best is None or a[i] > best:
            best = a[i]
        out[i] = best
    return out


@case((A,), (B,), (INTS,))
def argmax_by_hand(a):
    best_i = 0
    for i in range(1, len(a)):
        if a[i] > a[best_i]:
            best_i = i
    return best_i, a[best_i]


@case((A,), (B,), grad=0)
def two_largest(a):
    first = second = -np.inf
    for v in a:
        if v > first:
            second = first
            first = v
        elif v > second:
            second = v
    return first, second


@case((INTS,), (np.array([3, 3, 3, 1, 2]),), (np.array([5, 6]),))
def majority_vote(votes):
    candidate, count = None, 0
    for v in votes:
        if count == 0:
            candidate = v
        count += 1 if v == candidate else -1
    if (votes == candidate).sum() > len(votes) / 2:
        return candidate
    return None


@case((A, B), (np.sort(A), np.sort(B)))
def merge_sorted(a, b):
    a, b = np.sort(a), np.sort(b)
    out = np.empty(len(a) + len(b))
    i = j = 0
    for k in range(len(out)):
        if j >= len(b) or (i < len(a) and a[i] <= b[j]):
            out[k] = a[i]
            i += 1
        else:
            out[k] = b[j]
            j += 1
    return out


@case((A, 2), (B, 0), (A, 5))
def quickselect(values, k):
    x = values.copy()
    lo, hi = 0, len(x) - 1
    while True:
        if lo == hi:
            return x[lo]
        pivot = x[hi]
        store = lo
        for i in range(lo, hi):
            if x[i] < pivot:
                x[store], x[i] = x[i], x[store]
                store += 1
        x[hi], x[store] = x[store], x[hi]
        if k == store:
            return x[k]
        if k < store:
            hi = store - 1
        else:
            lo = store + 1


@case((np.array([2, 7, 11, 15]), 9), (np.array([1, 2, 3, 4]), 7), (np.array([1, 2]), 99))
def two_sum_sorted(a, target):
    i, j = 0, len(a) - 1
    while i < j:
        s = a[i] + a[j]
        if s == target:
            return i, j
        if s < target:
            i += 1
        else:
            j -= 1
    return -1, -1


@case((INTS,), (np.array([1, 2, 3]),), (np.array([3, 2, 1]),))
def count_inversions(a):
    count = 0
    for i in range(len(a)):
        for j in range(i + 1, len(a)):
            if a[i] > a[j]:
                count += 1
    return count


@case((A,), (np.array([1.0, 2.0, 2.0, 4.0]),), (np.array([1.0]),))
def is_sorted(a):
    for i in range(1, len(a)):
        if a[i - 1] > a[i]:
            return False
    return True


@case((np.array([1, 1, 2, 3, 3, 3, 2]),), (np.array([5]),))
def longest_run(a):
    best = current = 1
    for prev, this in zip(a[:-1], a[1:]):
        if this == prev:
            current += 1
            best = max(best, current)
        else:
            current = 1
    return best


@case((A,), (B,))
def local_peaks(a):
    mask = np.zeros(len(a), dtype=bool)
    for i in range(1, len(a) - 1):
        if a[i - 1] < a[i] > a[i + 1]:
            mask[i] = True
    return mask, mask.sum()


@case((A, 2.5), (B, 100.0), (B, -100.0))
def first_above(a, threshold):
    for i in range(len(a)):
        if a[i] > threshold:
            break
    else:
        i = -1
    return i


@case((A,), (B,), grad=0)
def rank_transform(a):
    order = np.argsort(a)
    ranks = np.empty(len(a))
    for position, index in enumerate(order):
        ranks[index] = position + 1
    return ranks * a


@case((INTS,), (np.array([2, 2]),))
def histogram_dict(values):
    counts = {0: 0, 1: 0, "more": 0}
    for v in values:
        if v == 0:
            counts[0] += 1
        elif v == 1:
            counts[1] += 1
        else:
            counts["more"] += 1
    return counts


@case((INTS, 3), (np.array([9, 8, 7, 6, 5]), 2))
def rotate_left(a, k):
    out = a.copy()
    for _ in range(k):
        first = out[0]
        out[:-1] = out[1:]
        out[-1] = first
    return out


@case((INTS,), (np.array([1, 2, 3, 4]),))
def partition_even_odd(a):
    x = a.copy()
    i = 0
    for j in range(len(x)):
        if x[j] % 2 == 0:
            x[i], x[j] = x[j], x[i]
            i += 1
    return x, i


@case((A, 3), (B, 2), grad=0)
def top_k_sum(a, k):
    return np.sort(a)[::-1][:k].sum()


@case((A,), (B,), grad=0)
def median_by_sorting(a):
    s = np.sort(a)
    n = len(s)
    if n % 2 == 1:
        return s[n // 2]
    return (s[n // 2 - 1] + s[n // 2]) / 2


@case((1071, 462), (17, 5), (0, 3))
def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


@case((27,), (1,), (97,))
def collatz_length(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


@case((30,), (2,), (50,))
def sieve(n):
    is_prime = np.ones(n + 1, dtype=bool)
    is_prime[:2] = False
    for i in range(2, int(n**0.5) + 1):
        if is_prime[i]:
            is_prime[i * i :: i] = False
    return np.nonzero(is_prime)[0]


@case((SORTED, 3.5), (SORTED, -9.0))
def insert_position(a, x):
    return np.searchsorted(a, x), bisect.bisect([0, 1, 2], 1)


@case((97,), (91,), (2,), (1,))
def is_prime(n):
    if n < 2:
        return False
    d = 2
    while d * d <= n:
        if n % d == 0:
            return False
        d += 1
    return True


@case((12345,), (0,), (9,))
def digit_sum(n):
    total = 0
    while n > 0:
        total += n % 10
        n //= 10
    return total
