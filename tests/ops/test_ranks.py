"""Results without dimensions: an array of no dimensions where NumPy gives one, else a scalar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphc

VECTOR = np.array([3.0, 1.0, 2.0])
SCALARS = [
    (np.median, (VECTOR,)),
    (np.median, (np.array([1.0, np.nan]),)),
    (np.inner, (VECTOR, VECTOR)),
    (np.vecdot, (VECTOR, VECTOR)),
    (np.nan_to_num, (1.5,)),
    (np.nan_to_num, (np.float64("nan"),)),
    (np.nan_to_num, (np.array(1.5),)),
    (np.linalg.norm, (-1.5,)),
    (np.linalg.norm, (VECTOR,)),
    (np.sum, (VECTOR,)),
    (np.clip, (1.5,)),
]
ARRAYS = [
    (np.array, (1.5,)),
    (np.array, (2,)),
    (np.array, (np.float64(1.5),)),
    (np.array, (np.array(1.5),)),
    (np.asarray, (1.5,)),
    (np.copy, (True,)),
    (np.trapezoid, (np.array([0.4]), np.array([[2.0, 0.5], [0.5, 1.0]]))),
]


@pytest.mark.parametrize(("fn", "args"), SCALARS + ARRAYS, ids=lambda x: getattr(x, "__name__", ""))
def test_type_is_numpys(fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    expected = fn(*args)
    found = graphc.function(lambda *given: fn(*given))(*args)
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)
