"""x[index] and x[index] = v are NumPy's: values, dtypes, shapes, exceptions; and their adjoints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.ops.indexing import index_add, index_set, read_index
from graphc.ops.tensor import Tensor, apply
from tests.ops.compare import check, traced

A = np.arange(12.0).reshape(3, 4)
B = np.arange(24.0).reshape(2, 3, 4)
V = np.array([3.0, 1.0, 2.0, 1.0])
MASK = A > 4

READS = {
    "list": (lambda m, x: x[[2, 0, 2]], A),
    "nested list": (lambda m, x: x[[[0, 1], [2, 2]]], A),
    "list of bools": (lambda m, x: x[[True, False, True]], A),
    "empty list": (lambda m, x: x[[]], A),
    "tuple in tuple": (lambda m, x: x[(0, 1), (1, 3)], A),
    "range": (lambda m, x: x[range(2)], A),
    "int tensor": (lambda m, x, i: x[i], A, 1),
    "int array tensor": (lambda m, x, i: x[i], A, np.array([2, 0])),
    "0-d array": (lambda m, x, i: x[i], A, np.array(1)),
    "unsigned": (lambda m, x, i: x[i], A, np.array([2, 0], np.uint8)),
    "traced bounds": (lambda m, x, i, j: x[i:j], A, 1, 3),
    "traced stop": (lambda m, x, i: x[:, :i], A, -1),
    "traced step": (lambda m, x, i: x[::i], A, -1),
    "bounds and int": (lambda m, x, i: x[i, i:], A, 1),
    "mask": (lambda m, x: x[x > 5], A),
    "mask of rows": (lambda m, x, k: x[k], A, np.array([True, False, True])),
    "mask and int": (lambda m, x, k: x[k, 1], A, np.array([True, False, True])),
    "bool number": (lambda m, x, k: x[k], A, True),
    "False": (lambda m, x: x[False], A),
    "None and ellipsis": (lambda m, x: x[None, ..., 0], B),
    "separated arrays": (lambda m, x: x[[0, 1], :, [1, 2]], B),
    "int counts as array": (lambda m, x: x[0, :, [1, 2]], B),
    "out of range": (lambda m, x: x[3], A),
    "out of range negative": (lambda m, x: x[0, -5], A),
    "out of range traced": (lambda m, x, i: x[i], A, 7),
    "too many": (lambda m, x: x[0, 0, 0], A),
    "two ellipses": (lambda m, x: x[..., ...], A),
    "float": (lambda m, x: x[1.0], A),
    "float tensor": (lambda m, x, i: x[i], A, 1.0),
    "float array": (lambda m, x, i: x[i], A, np.array([1.0])),
    "string": (lambda m, x: x["a"], A),
    "float bound": (lambda m, x: x[1.5:], A),
    "float array bound": (lambda m, x, i: x[i:], A, np.array([1.0])),
    "step zero": (lambda m, x: x[::0], A),
    "mask of wrong length": (lambda m, x: x[[True, False]], A),
    "arrays that do not broadcast": (lambda m, x: x[[0, 1], [0, 1, 2]], A),
    "index out of range in array": (lambda m, x: x[[0, 9]], A),
    "0-d with ()": (lambda m, x: x[()], np.array(2.0)),
    "0-d with int": (lambda m, x: x[0], np.array(2.0)),
    "number": (lambda m, x: x[0], 2.0),
    "take": (lambda m, x: m.take(x, [1, -1], axis=1), A),
    "take flat": (lambda m, x: m.take(x, [[1, 7]]), A),
    "take one": (lambda m, x: m.take(x, 2), A),
    "take_along_axis": (lambda m, x: m.take_along_axis(x, np.argsort(-A, 1), 1), A),
    "take_along_axis of one": (lambda m, x, i: m.take_along_axis(x, i, 0), A, np.array([[2]])),
    "take_along_axis wrong": (lambda m, x, i: m.take_along_axis(x, i, 0), A, np.array([2])),
    "sort": (lambda m, x: m.sort(-x), A),
    "sort axis": (lambda m, x: m.sort(-x, axis=0, kind="stable"), A),
    "sort flat": (lambda m, x: m.sort(-x, axis=None), A),
    "argsort": (lambda m, x: m.argsort(-x, axis=0), A),
    "argsort stable": (lambda m, x: m.argsort(x, stable=True), V),
    "searchsorted": (lambda m, x: m.searchsorted(x, [0.5, 4.0, 20.0], side="right"), A[0]),
    "searchsorted wrong": (lambda m, x: m.searchsorted(x, 1.0), A),
    "nonzero": (lambda m, x: m.nonzero(x > 4), A),
    "nonzero 3d": (lambda m, x: m.nonzero(x % 3), B),
    "nonzero 1d": (lambda m, x: m.nonzero(x), V),
    "nonzero 0d": (lambda m, x: m.nonzero(x), np.array(1.0)),
    "flatnonzero": (lambda m, x: m.flatnonzero(x > 4), A),
    "argwhere": (lambda m, x: m.argwhere(x > 4), A),
    "delete": (lambda m, x: m.delete(x, 1, axis=0), A),
    "delete flat": (lambda m, x: m.delete(x, [0, -1]), A),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_read_is_numpys(name):
    f, *operands = READS[name]
    check(f, *operands)


def assigning(key, value):
    def f(m, x, *more):
        x = m.copy(x)
        x[key(*more) if callable(key) else key] = value
        return x

    return f


def augmenting(key, value):
    def f(m, x, *more):
        x = m.copy(x)
        x[key] += value
        return x

    return f


def with_function(call):
    def f(m, x, *more):
        x = m.copy(x)
        call(m, x, *more)
        return x

    return f


WRITES = {
    "int": (assigning(1, 9.0), A),
    "slice": (assigning(np.s_[1:, ::2], 9), A),
    "array": (assigning([0, 2, 0], [[1], [2], [3]]), A),
    "mask": (assigning(MASK, -1.0), A),
    "mask values": (assigning(MASK, np.arange(7)), A),
    "mask wrong": (assigning(MASK, np.arange(6)), A),
    "row": (assigning(np.s_[:, 1], np.array([5, 6, 7])), A),
    "traced index": (assigning(lambda i: i, 9.0), A, 2),
    "traced bound": (assigning(lambda i: slice(i, None), 9.0), A, 2),
    "leading ones": (assigning(0, np.ones((1, 1, 4))), A),
    "wrong shape": (assigning(0, np.ones(3)), A),
    "too large": (assigning(0, np.ones((2, 4))), A),
    "out of range": (assigning(5, 1.0), A),
    "float into int": (assigning(0, 2.7), A.astype(int)),
    "complex into float": (assigning(0, 2j), A),
    "augmented": (augmenting(np.s_[0, 1:], 5.0), A),
    "augmented array": (augmenting([0, 0, 1], 5.0), A),
    "np.add.at": (with_function(lambda m, x: np.add.at(x, [0, 0, 1], 5.0)), A),
    "np.copyto": (with_function(lambda m, x: m.copyto(x, x * 2)), A),
    "np.copyto where": (with_function(lambda m, x: m.copyto(x, 0.0, where=MASK)), A),
    "np.fill_diagonal": (with_function(lambda m, x: m.fill_diagonal(x, 7.0)), A),
    "np.put_along_axis": (
        with_function(lambda m, x: m.put_along_axis(x, np.array([[1], [0], [3]]), 9.0, 1)), A),
    "0-d": (assigning((), 1.0), np.array(2.0)),
    "0-d with int": (assigning(0, 1.0), np.array(2.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_write_is_numpys(name):
    f, *operands = WRITES[name]
    check(f, *operands)


def test_write_leaves_the_operand_alone():
    x = Tensor(A.copy())
    y = index_set(x, 0, 9.0)
    z = index_add(x, [0, 0], 1.0)
    np.testing.assert_array_equal(x.numpy(), A)
    assert y.numpy()[0, 0] == 9.0
    assert z.numpy()[0, 0] == 2.0


def test_eager_write_is_in_place():
    data = A.copy()
    x = Tensor(data)
    x[1] = 5.0
    assert data[1, 0] == 5.0


def test_static_error_names_the_line():
    error = traced(lambda m, x: x[3], [A])
    assert isinstance(error, IndexError)
    assert "index 3 is out of bounds for axis 0 with size 3" in str(error)
    assert "test_indexing.py" in str(error)


# -- random indices --------------------------------------------------------------------------------


@st.composite
def arrays_and_keys(draw):
    shape = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple))
    key, axis, ellipsis = [], 0, False
    while axis < len(shape) and draw(st.integers(0, 5)):
        dim = shape[axis]
        kind = draw(st.sampled_from(["int", "slice", "array", "mask", "mask2", "new", "ellipsis"]))
        axis += 1
        if kind == "int":
            key.append(draw(st.integers(-dim - 1, dim)))
        elif kind == "slice":
            bound = st.none() | st.integers(-4, 4)
            key.append(slice(draw(bound), draw(bound), draw(bound.filter(lambda s: s != 0))))
        elif kind == "array":
            size = draw(st.sampled_from([(0,), (1,), (2,), (2, 1), (3,)]))
            entries = st.integers(-max(dim, 1), max(dim, 1) - 1)
            n = int(np.prod(size))
            key.append(np.array(draw(st.lists(entries, min_size=n, max_size=n)), int).reshape(size))
        elif kind in ("mask", "mask2"):
            dims = shape[axis - 1 : axis + (kind == "mask2")]
            n = int(np.prod(dims))
            flags = draw(st.lists(st.booleans(), min_size=n, max_size=n))
            key.append(np.array(flags, bool).reshape(dims))
            axis += len(dims) - 1
        else:
            axis -= 1
            if kind == "new" or ellipsis:
                key.append(None)
            else:
                key.append(Ellipsis)
                ellipsis, axis = True, axis + draw(st.integers(0, 1))
    x = np.arange(float(np.prod(shape))).reshape(shape)
    return x, tuple(key)


@settings(max_examples=300, deadline=None)
@given(arrays_and_keys())
def test_any_read(case):
    x, key = case
    check(lambda m, x: x[key], x)


@settings(max_examples=200, deadline=None)
@given(arrays_and_keys(), st.data())
def test_any_write(case, data):
    x, key = case
    try:
        region = x[key].shape
    except IndexError:
        region = ()
    dims = tuple(data.draw(st.sampled_from([dim, 1])) for dim in region)
    dims = dims[data.draw(st.integers(0, len(dims))) :]
    check(assigning(key, np.arange(100.0, 100.0 + np.prod(dims)).reshape(dims)), x)


@settings(max_examples=200, deadline=None)
@given(arrays_and_keys())
def test_adjoints_are_the_transposes(case):
    """⟨ct, J v⟩ = ⟨Jᵀ ct, v⟩ for gather; and for a write, what its value reaches it gets back."""
    x, key = case
    try:
        region = x[key]
    except IndexError:
        return
    if not isinstance(region, np.ndarray):
        region = np.asarray(region)
    rng = np.random.default_rng(0)
    ct, v = rng.normal(size=region.shape), rng.normal(size=region.shape)
    scattered = index_add(np.zeros_like(x), key, ct).numpy()
    np.testing.assert_allclose(np.sum(scattered * x), np.sum(ct * region), atol=1e-9)
    written = index_set(np.zeros_like(x), key, v).numpy()
    operands, spec = read_index(key)
    alive = apply("last_writer", x, *operands, spec=spec).numpy()
    cotangent = rng.normal(size=x.shape)
    back = np.where(alive, cotangent[key], 0)
    np.testing.assert_allclose(np.sum(written * cotangent), np.sum(back * v), atol=1e-9)
