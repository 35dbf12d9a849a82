"""Solving, inverting, determinants, Cholesky, and triangular solves.

Rules: M. Giles, An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation, Oxford NA-08/01 (2008); numbers in the rules refer to it. X_bar is the
cotangent of X. All take batches of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.opdef import Pullback
from graphc.ir.types import Array, Type
from graphc.ops import arguments as args
from graphc.ops.families import general
from graphc.ops.linalg_types import inexact, matrix, order, solved_shape, square
from graphc.ops.products import column, row, without_axis
from graphc.ops.shape import matrix_transpose as T
from graphc.ops.tensor import apply, numpy_function
from graphc.runtime import linalg as kernels

__all__ = ["cholesky", "det", "inv", "pinv", "slogdet", "solve", "solve_triangular"]

Attrs = dict[str, Any]
Operands = Sequence[Value]


def mm(*factors: Any) -> Any:
    """The matrix product of several."""
    product = factors[0]
    for factor in factors[1:]:
        product = apply("matmul", product, factor)
    return product


def _outer(u: Any, v: Any, is_vector: bool) -> Any:
    """u vᵀ for solutions that are vectors, or matrices of columns."""
    return apply("mul", column(u), row(v)) if is_vector else mm(u, T(v))


# -- solve ----------------------------------------------------------------------------------------


def _solve_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [Array(*solved_shape(operands, "solve"))]


def _solve_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """2.3.1: B_bar = A⁻ᵀ X_bar, A_bar = −B_bar Xᵀ."""
    (a, b), ct, x = operands, cts[0], zs[0]
    is_vector = args.ndim(b) == 1
    if is_vector and args.ndim(ct) > 1:  # one vector for a batch of matrices
        b_bar = without_axis(apply("solve", T(a), column(ct)), -1)
    else:
        b_bar = apply("solve", T(a), ct)
    a_bar = apply("sum_to_like", apply("neg", _outer(b_bar, x, is_vector)), a) if needs[0] else None
    return a_bar, apply("sum_to_like", b_bar, b) if needs[1] else None


general("solve", lambda a, b: np.linalg.solve(a, b), infer=_solve_infer, vjp=Pullback(_solve_rule),
        code="np.linalg.solve({0}, {1})", doc="x with a x = b.")  # fmt: skip


@numpy_function(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """x with a x = b; `b` of one dimension is one vector, else columns of matrices."""
    return apply("solve", args.as_array(a), args.as_array(b))


def _triangular_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [Array(*solved_shape(operands, "solve_triangular"))]


def _triangular_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """As solve; of A_bar only the triangle that was read."""
    (a, b), x = operands, zs[0]
    is_vector = args.ndim(b) == 1
    b_bar = apply("solve_triangular", a, cts[0], **{**attrs, "trans": not attrs["trans"]})
    a_bar = None
    if needs[0]:
        pair = (x, b_bar) if attrs["trans"] else (b_bar, x)
        full = apply("neg", _outer(*pair, is_vector))
        k = int(attrs["unit_diagonal"])
        triangle = apply("tril", full, -k) if attrs["lower"] else apply("triu", full, k)
        a_bar = apply("sum_to_like", triangle, a)
    return a_bar, apply("sum_to_like", b_bar, b) if needs[1] else None


general("solve_triangular", kernels.solve_triangular, infer=_triangular_infer,
        vjp=Pullback(_triangular_rule), doc="x with a x = b for triangular a.")  # fmt: skip


def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False
) -> Any:
    """x with a x = b (trans=1: aᵀ x = b), for triangular a; the other triangle is not read.

    >>> solve_triangular(np.array([[2.0, 7.0], [0.0, 4.0]]), np.array([2.0, 4.0])).numpy()
    array([-2.5,  1. ])
    """
    a, b = args.as_array(a), args.as_array(b)
    if args.ndim(b) == 1 and args.ndim(a) > 2:
        raise args.unsupported("solve_triangular", "one vector for a batch of matrices",
                               hint="give b a last axis of columns")  # fmt: skip
    if trans not in (0, 1, "N", "T"):
        raise args.unsupported("solve_triangular", f"trans={trans!r}")
    return apply("solve_triangular", a, b, lower=bool(lower), trans=trans in (1, "T"),
                 unit_diagonal=bool(unit_diagonal))  # fmt: skip


# -- inverse and determinant ----------------------------------------------------------------------


def _inv_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = square(operands[0], "inv")
    return [Array(inexact((t,)), (*t.shape[:-2], order(t), order(t)))]


def _inv_rule(ct: Any, z: Any, x: Any) -> Any:
    """2.2.3: A_bar = −Cᵀ C_bar Cᵀ."""
    return apply("neg", mm(T(z), ct, T(z)))


general("inv", lambda x: np.linalg.inv(x), infer=_inv_infer, vjp=(_inv_rule,),
        code="np.linalg.inv({0})", doc="The inverse of square matrices.")  # fmt: skip


@numpy_function(np.linalg.inv)
def inv(a: Any) -> Any:
    """The inverse of square matrices; np.linalg.LinAlgError where there is none."""
    return apply("inv", args.as_array(a))


def _det_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = square(operands[0], "det")
    return [Array(inexact((t,)), t.shape[:-2])]


def _as_matrix(x: Any) -> Any:
    return column(column(x))


def _det_rule(ct: Any, z: Any, x: Any) -> Any:
    """2.2.4: A_bar = C_bar C A⁻ᵀ. LinAlgError for exactly singular A, where the derivative (the
    adjugate) exists but is not computed."""
    return apply("mul", _as_matrix(apply("mul", ct, z)), T(apply("inv", x)))


general("det", lambda x: np.linalg.det(x), infer=_det_infer, vjp=(_det_rule,),
        code="np.linalg.det({0})", doc="The determinant of square matrices.")  # fmt: skip


@numpy_function(np.linalg.det)
def det(a: Any) -> Any:
    """The determinant. Its derivative needs the inverse: LinAlgError for singular matrices."""
    return apply("det", args.as_array(a))


def _slogdet_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = square(operands[0], "slogdet")
    dtype = inexact((t,))
    real = np.empty(0, dtype).real.dtype
    return [Array(dtype, t.shape[:-2]), Array(real, t.shape[:-2])]


def _slogdet_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """d log|det A| = tr(A⁻¹ dA), from 2.2.4; the sign is constant where A is regular."""
    if cts[1] is None:
        return (None,)
    return (apply("mul", _as_matrix(cts[1]), T(apply("inv", operands[0]))),)


general("slogdet", kernels.slogdet, infer=_slogdet_infer, vjp=Pullback(_slogdet_rule),
        doc="The sign and the logarithm of the absolute value of the determinant.")  # fmt: skip
_SLOGDET_RESULT = type(np.linalg.slogdet(np.eye(1)))


@numpy_function(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """(sign, logabsdet) of the determinant, as a named tuple."""
    return _SLOGDET_RESULT(*apply("slogdet", args.as_array(a)))


# -- Cholesky -------------------------------------------------------------------------------------


def _cholesky_rule(ct: Any, z: Any, x: Any) -> Any:
    """A_bar = L⁻ᵀ Φ(Lᵀ L_bar) L⁻¹, made symmetric: the cotangent of a symmetric A.

    Φ takes the lower triangle and halves its diagonal. I. Murray, Differentiation of the Cholesky
    decomposition (2016), eq. 10. NumPy reads one triangle of A; a program that builds a symmetric A
    has the same derivative whichever triangle is charged.
    """
    full = mm(T(z), ct)
    phi = apply("mul", apply("add", apply("tril", full, 0), apply("tril", full, -1)), 0.5)
    options = {"lower": True, "trans": True, "unit_diagonal": False}
    left = apply("solve_triangular", z, phi, **options)
    both = T(apply("solve_triangular", z, T(left), **options))
    return symmetric(both)


def symmetric(x: Any) -> Any:
    """(x + xᵀ) / 2."""
    return apply("mul", apply("add", x, T(x)), 0.5)


general("cholesky", lambda x: np.linalg.cholesky(x), infer=_inv_infer, vjp=(_cholesky_rule,),
        code="np.linalg.cholesky({0})",
        doc="The lower triangular L with L Lᵀ = x, for positive definite x.")  # fmt: skip


@numpy_function(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """L with L Lᵀ = a (upper=True: Lᵀ); reads the lower (upper) triangle of `a` only."""
    a = args.as_array(a)
    if not upper:
        return apply("cholesky", a)
    args.refuse_options("np.linalg.cholesky", dtype=(args.dtype_of(a).kind == "c", False))
    return T(apply("cholesky", T(a)))


# -- pseudo-inverse -------------------------------------------------------------------------------


def _pinv_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = matrix(operands[0], "pinv")
    return [Array(inexact((t,)), (*t.shape[:-2], t.shape[-1], t.shape[-2]))]


def _pinv_rule(ct: Any, z: Any, x: Any, rcond: Any) -> Any:
    """The transpose of dP = −P dA P + P Pᵀ dAᵀ (I − A P) + (I − P A) dAᵀ Pᵀ P, for constant rank:
    G. Golub, V. Pereyra, The differentiation of pseudo-inverses, SIAM J. Numer. Anal. 10 (1973)."""
    p, g = T(z), T(ct)
    first = mm(p, ct, p)
    second = mm(apply("sub", g, mm(x, z, g)), z, p)
    third = mm(p, z, apply("sub", g, mm(g, z, x)))
    return apply("add", apply("sub", second, first), third)


general("pinv", kernels.pinv, infer=_pinv_infer, vjp=(_pinv_rule,),
        doc="The Moore-Penrose pseudo-inverse.")  # fmt: skip


@numpy_function(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """The pseudo-inverse. Its derivative holds where the rank does not change."""
    args.refuse_options("np.linalg.pinv", hermitian=(hermitian, False), rtol=(rtol, np._NoValue))
    cutoff = None if rcond is None else float(rcond)
    return apply("pinv", args.as_array(a), rcond=cutoff)
