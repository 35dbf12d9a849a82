"""Kernels of the linear algebra ops; LAPACK through NumPy, and SciPy where it is installed."""

from __future__ import annotations

import importlib
import math
from functools import lru_cache
from typing import Any

import numpy as np


def frobenius(x: Any) -> Any:
    """np.linalg.norm(x): what it does to arrays of float64, without its questions.

    The square root of a double is rounded correctly by `math` and by NumPy alike.
    """
    flat = x.ravel("K")
    squared = flat.dot(flat)
    if type(squared) is np.float64:
        return np.float64(math.sqrt(squared))
    return np.linalg.norm(x)


def einsum(*operands: Any, subscripts: str, optimize: Any) -> Any:
    return np.einsum(subscripts, *operands, optimize=optimize)


def slogdet(x: Any) -> tuple[Any, Any]:
    sign, logdet = np.linalg.slogdet(x)
    return sign, logdet


def qr(x: Any) -> tuple[Any, Any]:
    q, r = np.linalg.qr(x)
    return q, r


def eigh(x: Any, uplo: Any) -> tuple[Any, Any]:
    w, v = np.linalg.eigh(x, uplo)
    return w, v


def svd(x: Any, full_matrices: bool) -> tuple[Any, Any, Any]:
    u, s, vh = np.linalg.svd(x, full_matrices)
    return u, s, vh


def pinv(x: Any, rcond: Any) -> Any:
    return np.linalg.pinv(x) if rcond is None else np.linalg.pinv(x, rcond)


@lru_cache(maxsize=1)
def _scipy_solve_triangular() -> Any:
    """SciPy's, or None without SciPy: importing it costs as much as importing NumPy again."""
    try:
        return importlib.import_module("scipy.linalg").solve_triangular
    except ImportError:
        return None


def solve_triangular(a: Any, b: Any, lower: bool, trans: bool, unit_diagonal: bool) -> Any:
    """Solve a x = b (or aᵀ x = b with `trans`) reading one triangle of `a` only."""
    fast = _scipy_solve_triangular()
    if fast is not None and a.ndim == 2 and b.ndim <= 2:
        return fast(a, b, trans=int(trans), lower=lower, unit_diagonal=unit_diagonal,
                    check_finite=False)  # fmt: skip
    a = np.tril(a) if lower else np.triu(a)
    if unit_diagonal:
        i = np.arange(a.shape[-1])
        a[..., i, i] = 1
    return np.linalg.solve(np.swapaxes(a, -1, -2) if trans else a, b)
