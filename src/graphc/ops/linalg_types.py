"""Result types of linear algebra: LAPACK's floating dtypes, square matrices, batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import ShapeError, TensorTypeError
from graphc.ir.core import Value
from graphc.ir.types import Array, Dim, Shape
from graphc.ops.infer import array_type, array_types, broadcast, show_shape
from graphc.source import located, user_location


class MatrixShapeError(ShapeError, np.linalg.LinAlgError):
    """A matrix of a shape that the operation does not take."""


def matrix_error(message: str) -> MatrixShapeError:
    return located(MatrixShapeError, message, user_location())


def inexact(types: Sequence[Array]) -> np.dtype[Any]:
    """The dtype that np.linalg computes in: single precision only where every operand has it."""
    if any(t.dtype == np.float16 for t in types):
        raise located(
            TensorTypeError, "array type float16 is unsupported in linalg", user_location(),
            "cast it to float32 first",
        )  # fmt: skip
    single = all(t.dtype in (np.float32, np.complex64) for t in types)
    is_complex = any(t.dtype.kind == "c" for t in types)
    if is_complex:
        return np.dtype(np.complex64 if single else np.complex128)
    return np.dtype(np.float32 if single else np.float64)


def matrix(value: Value, name: str) -> Array:
    """The type of an operand that must be a matrix or a batch of them."""
    t = array_type(value)
    if t.ndim < 2:
        raise matrix_error(
            f"{name}: {t.ndim}-dimensional array given. Array must be at least two-dimensional"
        )
    return t


def square(value: Value, name: str) -> Array:
    """The type of an operand that must be a square matrix or a batch of them."""
    t = matrix(value, name)
    rows, cols = t.shape[-2:]
    if rows is not None and cols is not None and rows != cols:
        raise matrix_error(
            f"{name}: Last 2 dimensions of the array must be square, found {show_shape(t.shape)}"
        )
    return t


def order(t: Array) -> Dim:
    """The number of rows of square matrices."""
    rows, cols = t.shape[-2:]
    return cols if rows is None else rows


def smaller(a: Dim, b: Dim) -> Dim:
    return None if a is None or b is None else min(a, b)


def solved_shape(operands: Sequence[Value], name: str) -> tuple[np.dtype[Any], Shape]:
    """The dtype and shape of the solution of a x = b; b of one dimension is one vector."""
    a, b = square(operands[0], name), array_types(operands)[1]
    if not b.shape:
        raise matrix_error(f"{name}: the right-hand side must have at least one dimension")
    rows = b.shape[0] if b.ndim == 1 else b.shape[-2]
    n = order(a)
    if n is not None and rows is not None and n != rows:
        raise matrix_error(
            f"{name}: matrices of shape {show_shape(a.shape)} do not fit a right-hand side of "
            f"shape {show_shape(b.shape)}"
        )
    batch = broadcast(a.shape[:-2], b.shape[:-2])
    columns = b.shape[-1:] if b.ndim > 1 else ()
    return inexact((a, b)), (*batch, rows if n is None else n, *columns)
