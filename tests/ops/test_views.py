"""Writing through a view, or to what has views, is seen where NumPy shows it; or refused."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.errors import UnsupportedError
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Unstageable
from graphc.ops.views import row_of_loop
from graphc.tape import GradientTape
from tests.ops.compare import check, same, traced

A = np.arange(12.0).reshape(3, 4)
V = np.arange(6.0)


def program(body):
    """A program on a copy of its operand, which it may write to; returns all it holds."""
    return lambda m, x: body(m, m.copy(x))


def through_slice(m, x):
    y = x[1:]
    y[0] = 5
    return x, y


def through_two(m, x):
    y = x[1:]
    z = y[:, 1:3]
    z[0, 0] = 7
    return x, y, z


def base_written(m, x):
    y = x[1:, :2]
    x[2] = 9
    return x, y


def siblings(m, x):
    y, z = x[:2], x[1:]
    y[1] = 5
    z[0, 0] = 6
    return x, y, z


def row_by_row(m, x):
    for row in x:
        row[0] = row[1]
    return x


def transposed(m, x):
    y = x.T
    y[0] = 8
    x[1, 1] = 7
    return x, y


def transposed_sliced(m, x):
    m.transpose(x)[1:, 0][...] = 3
    return x


def new_axis(m, x):
    y = x[None]
    z = m.expand_dims(x, 1)
    y[0, 0, 0] = 5
    z[1, 0, 1] = 6
    return x, y, z


def squeezed(m, x):
    y = x[:, :1]
    z = m.squeeze(y, 1)
    z[1] = 5
    return x, y, z


def flipped(m, x):
    y = m.flip(x, 0)
    y[0] = 5
    return x, y


def split(m, x):
    y, z = m.split(x, 2, axis=1)
    z[0] = 4
    y[1] = z[1]
    return x, y, z


def zero_dimensional(m, x):
    y = x[0, 0, ...]
    y[...] = 5
    return x, y


def a_number_is_a_copy(m, x):
    y = x[1, 1]
    x[1, 1] = 100
    return x, y


def arrays_are_copies(m, x):
    y, z = x[[0, 1]], x[x > 3]
    x[0] = -1
    y[1] = -2
    return x, y, z


def copies_are_copies(m, x):
    y = m.copy(x[1:])
    y[0] = 5
    x[2] = 6
    return x, y


def reshaped_row(m, x):
    y = x[0].reshape(2, 2)
    y[0] = 5
    x[0, 3] = 6
    return x, y


def reshaped_zeros(m, x):
    y = m.zeros((3, 4))
    z = y.reshape(-1)
    z[5] = 1
    y[0, 0] = 2
    return y, z


def reshaped_and_forgotten(m, x):
    y = (x * 2).reshape(-1)
    y[0] = 5
    return y


def add_at(m, x):
    y = x[1]
    np.add.at(x, [1, 1], 1.0)
    return x, y


def read_only_broadcast(m, x):
    y = m.broadcast_to(x, (2, 3, 4))
    y[0] = 1
    return y


def read_only_diagonal(m, x):
    y = m.diagonal(x)
    y[0] = 1
    return y


def meshgrid_is_a_copy(m, x):
    y, z = m.meshgrid(x[0], x[1])
    y[0] = 1
    return x, y, z


PROGRAMS = [
    through_slice, through_two, base_written, siblings, row_by_row, transposed, transposed_sliced,
    new_axis, squeezed, flipped, split, zero_dimensional, a_number_is_a_copy, arrays_are_copies,
    copies_are_copies, reshaped_row, reshaped_zeros, reshaped_and_forgotten, add_at,
    read_only_broadcast, read_only_diagonal, meshgrid_is_a_copy,
]  # fmt: skip


@pytest.mark.parametrize("body", PROGRAMS)
def test_program_is_numpys(body):
    check(program(body), A)


def reshaped_then_written(m, x):
    y = x.reshape(-1)
    y[0] = 5
    return x, y


def written_while_reshaped(m, x):
    y = x.reshape(-1)
    x[0] = 5
    return x, y


@pytest.mark.parametrize("body", [reshaped_then_written, written_while_reshaped])
def test_uncertain_sharing_is_refused_at_its_line(body):
    error = traced(program(body), [A])
    assert isinstance(error, UnsupportedError)
    assert "reshaped" in str(error) and "test_views.py" in str(error)


@pytest.mark.parametrize("body", [through_slice, through_two, base_written, siblings, transposed])
def test_on_a_tape(body):
    """Tapes need the old values: writes are functional there, and shared memory is kept in step."""
    expected = program(body)(np, A)
    with GradientTape():
        results = program(body)(np, Tensor(A.copy()))
        same([x._data for x in results], list(expected))


def test_row_of_a_staged_loop_cannot_be_written():
    def body(m, x):
        row = row_of_loop(x[0])
        row[1:][0] = 5
        return row

    error = traced(program(body), [A])
    assert isinstance(error, Unstageable)
    assert "test_views.py" in str(error)
