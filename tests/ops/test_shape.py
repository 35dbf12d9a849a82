"""Shape functions are NumPy's: reshape and its kin, joining, cutting, repeating, diagonals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.errors import ShapeError, UnsupportedError
from tests.ops.compare import check, traced

A = np.arange(12.0).reshape(3, 4)
B = np.arange(24.0).reshape(2, 3, 4)
V = np.array([3.0, 1.0, 2.0])
I = np.arange(12, dtype=np.int32).reshape(3, 4)
ONE = np.ones((1, 3, 1))

EXPRESSIONS = {
    "reshape": (lambda m, x: m.reshape(x, (2, -1)), A),
    "reshape int": (lambda m, x: m.reshape(x, -1), I),
    "reshape F": (lambda m, x: m.reshape(x, (2, 6), order="F"), A),
    "reshape F of 3": (lambda m, x: m.reshape(x, (4, 6), order="F"), B),
    "reshape by sizes": (lambda m, x, n: m.reshape(x, (n, -1)), A, 6),
    "reshape wrong": (lambda m, x: m.reshape(x, (5, -1)), A),
    "reshape wrong size": (lambda m, x: m.reshape(x, (5, 2)), A),
    "reshape two unknown": (lambda m, x: m.reshape(x, (-1, -1)), A),
    "reshape by a float": (lambda m, x: m.reshape(x, (2.0, 6)), A),
    "reshape a number": (lambda m, x: m.reshape(x, (1, 1)), 3),
    "ravel": (lambda m, x: m.ravel(x), B),
    "ravel F": (lambda m, x: m.ravel(x, "F"), B),
    "transpose": (lambda m, x: m.transpose(x), B),
    "transpose axes": (lambda m, x: m.transpose(x, (1, -1, 0)), B),
    "transpose twice": (lambda m, x: m.transpose(x, (1, 1, 0)), B),
    "transpose few": (lambda m, x: m.transpose(x, (1, 0)), B),
    "permute_dims": (lambda m, x: m.permute_dims(x, (2, 0, 1)), B),
    "matrix_transpose": (lambda m, x: m.matrix_transpose(x), B),
    "swapaxes": (lambda m, x: m.swapaxes(x, 0, -1), B),
    "swapaxes wrong": (lambda m, x: m.swapaxes(x, 0, 3), B),
    "moveaxis": (lambda m, x: m.moveaxis(x, 0, -1), B),
    "moveaxis many": (lambda m, x: m.moveaxis(x, (0, 2), (1, 0)), B),
    "moveaxis uneven": (lambda m, x: m.moveaxis(x, (0, 2), 1), B),
    "expand_dims": (lambda m, x: m.expand_dims(x, 1), A),
    "expand_dims many": (lambda m, x: m.expand_dims(x, (0, -1)), A),
    "expand_dims wrong": (lambda m, x: m.expand_dims(x, 5), A),
    "squeeze": (lambda m, x: m.squeeze(x), ONE),
    "squeeze axis": (lambda m, x: m.squeeze(x, -1), ONE),
    "squeeze wrong": (lambda m, x: m.squeeze(x, 1), ONE),
    "broadcast_to": (lambda m, x: m.broadcast_to(x, (2, 3)), V),
    "broadcast_to size": (lambda m, x, n: m.broadcast_to(x, (n, 3)), V, 2),
    "broadcast_to wrong": (lambda m, x: m.broadcast_to(x, (3, 2)), V),
    "broadcast_to lower": (lambda m, x: m.broadcast_to(x, (4,)), A),
    "broadcast_arrays": (lambda m, x, y: m.broadcast_arrays(x, y), V, np.ones((2, 1))),
    "broadcast_arrays one": (lambda m, x: m.broadcast_arrays(x), V),
    "broadcast_arrays wrong": (lambda m, x, y: m.broadcast_arrays(x, y), V, np.ones(2)),
    "atleast_1d": (lambda m, x, y: m.atleast_1d(x, y), 1.5, A),
    "atleast_2d": (lambda m, x: m.atleast_2d(x), V),
    "atleast_3d": (lambda m, x, y: m.atleast_3d(x, y), V, A),
    "meshgrid": (lambda m, x, y: m.meshgrid(x, y), V, np.arange(2)),
    "meshgrid ij": (lambda m, x, y: m.meshgrid(x, y, indexing="ij"), V, np.arange(2)),
    "meshgrid sparse": (lambda m, x, y: m.meshgrid(x, y, sparse=True), V, np.arange(2)),
    "meshgrid of three": (lambda m, x: m.meshgrid(x, x, x), V),
    "concatenate": (lambda m, x, y: m.concatenate([x, y]), A, I),
    "concatenate axis": (lambda m, x: m.concatenate((x, x), axis=-1), A),
    "concatenate None": (lambda m, x, y: m.concatenate((x, y), axis=None), A, V),
    "concatenate dtype": (lambda m, x: m.concatenate((x, x), dtype=np.float32), I),
    "concatenate wrong": (lambda m, x, y: m.concatenate((x, y)), A, V),
    "concatenate other": (lambda m, x, y: m.concatenate((x, y)), A, np.ones((2, 3))),
    "concatenate none": (lambda m, x: m.concatenate([]), A),
    "concatenate numbers": (lambda m, x: m.concatenate([x, x]), np.float64(1)),
    "concatenate axis wrong": (lambda m, x: m.concatenate([x, x], axis=2), A),
    "append": (lambda m, x: m.append(x, [1.0, 2.0]), A),
    "stack": (lambda m, x, y: m.stack([x, y], axis=1), A, I),
    "stack numbers": (lambda m, x: m.stack([x, 1, 2.5]), 3),
    "stack wrong": (lambda m, x, y: m.stack([x, y]), A, V),
    "vstack": (lambda m, x: m.vstack([x, x, [1, 2, 3]]), V),
    "hstack": (lambda m, x: m.hstack([x, x]), A),
    "hstack 1d": (lambda m, x: m.hstack([x, 1.0]), V),
    "dstack": (lambda m, x: m.dstack([x, x]), A),
    "column_stack": (lambda m, x, y: m.column_stack([x, y]), V, A),
    "split": (lambda m, x: m.split(x, 2, axis=1), A),
    "split at": (lambda m, x: m.split(x, [1, 3], axis=1), A),
    "split at beyond": (lambda m, x: m.split(x, [2, 9]), V),
    "split uneven": (lambda m, x: m.split(x, 2), V),
    "array_split": (lambda m, x: m.array_split(x, 2), V),
    "array_split many": (lambda m, x: m.array_split(x, 5), V),
    "split none": (lambda m, x: m.array_split(x, 0), V),
    "hsplit": (lambda m, x: m.hsplit(x, 2), A),
    "vsplit": (lambda m, x: m.vsplit(x, 3), A),
    "vsplit wrong": (lambda m, x: m.vsplit(x, 3), V),
    "dsplit": (lambda m, x: m.dsplit(x, 2), B),
    "flip": (lambda m, x: m.flip(x), A),
    "flip axis": (lambda m, x: m.flip(x, -1), B),
    "flipud": (lambda m, x: m.flipud(x), A),
    "fliplr": (lambda m, x: m.fliplr(x), A),
    "fliplr wrong": (lambda m, x: m.fliplr(x), V),
    **{f"rot90 {k}": (lambda m, x, k=k: m.rot90(x, k), A) for k in range(-1, 5)},
    "rot90 axes": (lambda m, x: m.rot90(x, 1, (2, 0)), B),
    "roll": (lambda m, x: m.roll(x, 5), A),
    "roll axis": (lambda m, x, n: m.roll(x, n, axis=1), A, -1),
    "roll axes": (lambda m, x: m.roll(x, (1, 2), axis=(0, 1)), A),
    "roll one by axes": (lambda m, x: m.roll(x, 1, axis=(0, 1)), A),
    "tile": (lambda m, x: m.tile(x, 2), A),
    "tile more": (lambda m, x: m.tile(x, (2, 1, 3)), A),
    "tile less": (lambda m, x: m.tile(x, (2,)), B),
    "tile by size": (lambda m, x, n: m.tile(x, (n, 2)), A, 3),
    "repeat": (lambda m, x: m.repeat(x, 2), A),
    "repeat axis": (lambda m, x, n: m.repeat(x, n, axis=0), A, 3),
    "repeat each": (lambda m, x: m.repeat(x, [1, 0, 2], axis=0), A),
    "repeat wrong": (lambda m, x: m.repeat(x, [1, 0], axis=0), A),
    "pad": (lambda m, x: m.pad(x, 1), A),
    "pad pairs": (lambda m, x: m.pad(x, ((1, 0), (2, 3)), constant_values=9), A),
    "pad pair": (lambda m, x: m.pad(x, (2, 1)), A),
    "pad negative": (lambda m, x: m.pad(x, -1), A),
    "pad by size": (lambda m, x, n: m.pad(x, (0, n)), V, 2),
    "pad int": (lambda m, x: m.pad(x, 1, constant_values=2.7), I),
    **{f"pad {mode}": (lambda m, x, mode=mode: m.pad(x, ((1, 2), (3, 0)), mode=mode), A)
       for mode in ("edge", "reflect", "symmetric", "wrap")},
    "diagonal": (lambda m, x: m.diagonal(x, 1), A),
    "diagonal axes": (lambda m, x: m.diagonal(x, -1, axis1=2, axis2=0), B),
    "diagonal wrong": (lambda m, x: m.diagonal(x), V),
    "linalg.diagonal": (lambda m, x: m.linalg.diagonal(x, offset=1), B),
    "trace": (lambda m, x: m.trace(x), A),
    "trace of ints": (lambda m, x: m.trace(x, 1), I),
    "linalg.trace": (lambda m, x: m.linalg.trace(x), B),
    "diag of vector": (lambda m, x: m.diag(x, -1), V),
    "diag of matrix": (lambda m, x: m.diag(x, 1), A),
    "diag wrong": (lambda m, x: m.diag(x), B),
    "diagflat": (lambda m, x: m.diagflat(x, 1), A),
    "tril": (lambda m, x: m.tril(x, -1), A),
    "triu": (lambda m, x: m.triu(x, 1), B),
    "tril of vector": (lambda m, x: m.tril(x), V),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_function_is_numpys(name):
    f, *operands = EXPRESSIONS[name]
    check(f, *operands)


REFUSED = {
    "concatenate(out=)": lambda m, x: m.concatenate([x, x], out=x),
    "stack(out=)": lambda m, x: m.stack([x, x], out=x),
    "pad(linear_ramp)": lambda m, x: m.pad(x, 1, mode="linear_ramp"),
    "pad(values per side)": lambda m, x: m.pad(x, 1, constant_values=(1, 2)),
    "reshape(order=A)": lambda m, x: m.reshape(x, (12,), order="A"),
    "broadcast_to(subok)": lambda m, x: m.broadcast_to(x, (3, 4), subok=True),
}


@pytest.mark.parametrize("name", REFUSED)
def test_option_is_refused_at_its_line(name):
    with pytest.raises(UnsupportedError, match=r"not supported[\s\S]*test_shape\.py"):
        raise traced(REFUSED[name], [A])


def test_shape_error_names_both_shapes_and_the_line():
    error = traced(lambda m, x: m.reshape(x, (5, 2)), [A])
    assert isinstance(error, ShapeError)
    assert "(3, 4)" in str(error) and "(5, 2)" in str(error) and "test_shape.py" in str(error)


shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@settings(deadline=None)
@given(shapes, shapes)
def test_reshape(old, new):
    check(lambda m, x: m.reshape(x, new), np.zeros(old))


@settings(deadline=None)
@given(shapes, shapes)
def test_broadcast_to(old, new):
    check(lambda m, x: m.broadcast_to(x, new), np.zeros(old))


@settings(deadline=None)
@given(st.lists(shapes, min_size=1, max_size=3), st.integers(-3, 3))
def test_concatenate(each, axis):
    check(lambda m, *xs: m.concatenate(xs, axis), *map(np.zeros, each))


@settings(deadline=None)
@given(st.lists(shapes, min_size=1, max_size=3), st.integers(-3, 3))
def test_stack(each, axis):
    check(lambda m, *xs: m.stack(xs, axis), *map(np.zeros, each))
