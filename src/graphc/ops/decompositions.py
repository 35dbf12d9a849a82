"""Eigenvalues of symmetric matrices, QR, and singular values.

The rules divide by differences of eigen- or singular values: they hold where those are distinct.
All take batches; derivatives are for real matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.errors import GradientError
from graphc.ir.core import Value
from graphc.ir.opdef import Pullback
from graphc.ir.types import Array, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape
from graphc.ops.families import general
from graphc.ops.linalg import mm, symmetric
from graphc.ops.linalg_types import inexact, matrix, order, smaller, square
from graphc.ops.products import column, row
from graphc.ops.shape import matrix_transpose as T
from graphc.ops.tensor import apply, numpy_function
from graphc.runtime import linalg as kernels
from graphc.source import located, user_location

__all__ = ["eigh", "eigvalsh", "qr", "svd", "svdvals"]

Attrs = dict[str, Any]
Operands = Sequence[Value]


def _real(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.empty(0, dtype).real.dtype


def _sum(*terms: Any) -> Any:
    """The sum of those that are there; None for none."""
    total = None
    for term in terms:
        if term is not None:
            total = term if total is None else apply("add", total, term)
    return total


def _reciprocal_gaps(values: Any) -> Any:
    """F with F_ij = 1 / (values_j − values_i) off the diagonal, and 0 on it."""
    n = shape(values)[-1]
    identity = apply("eye", n, n, k=0, dtype=args.dtype_of(values))
    gaps = apply("add", apply("sub", row(values), column(values)), identity)
    return apply("sub", apply("div", 1.0, gaps), identity)


# -- eigh -----------------------------------------------------------------------------------------


def _eigh_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = square(operands[0], "eigh")
    dtype, n = inexact((t,)), order(t)
    return [Array(_real(dtype), (*t.shape[:-2], n)), Array(dtype, (*t.shape[:-2], n, n))]


def _eigh_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """Giles 3.1: A_bar = U (diag(D_bar) + F ∘ (Uᵀ U_bar)) Uᵀ, made symmetric."""
    (w_bar, v_bar), (w, v) = cts, zs
    parts = []
    if w_bar is not None:
        parts.append(mm(apply("mul", v, row(w_bar)), T(v)))
    if v_bar is not None:
        parts.append(mm(v, apply("mul", _reciprocal_gaps(w), mm(T(v), v_bar)), T(v)))
    return (symmetric(_sum(*parts)) if parts else None,)


general("eigh", kernels.eigh, infer=_eigh_infer, vjp=Pullback(_eigh_rule),
        doc="Eigenvalues in ascending order, and eigenvectors, of symmetric matrices.")  # fmt: skip


def _eigvalsh_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return _eigh_infer(operands, attrs)[:1]


def _eigvalsh_rule(ct: Any, z: Any, x: Any, uplo: str) -> Any:
    _, v = apply("eigh", x, uplo=uplo)
    return symmetric(mm(apply("mul", v, row(ct)), T(v)))


general("eigvalsh", lambda x, uplo: np.linalg.eigvalsh(x, uplo), infer=_eigvalsh_infer,
        vjp=(_eigvalsh_rule,), code="np.linalg.eigvalsh({0}, {uplo!r})",
        doc="Eigenvalues of symmetric matrices in ascending order.")  # fmt: skip
_EIGH_RESULT = type(np.linalg.eigh(np.eye(1)))


@numpy_function(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """(eigenvalues, eigenvectors) of symmetric matrices, as a named tuple."""
    return _EIGH_RESULT(*apply("eigh", args.as_array(a), uplo=UPLO))


@numpy_function(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric matrices."""
    return apply("eigvalsh", args.as_array(a), uplo=UPLO)


# -- qr -------------------------------------------------------------------------------------------


def _qr_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = matrix(operands[0], "qr")
    dtype, (m, n) = inexact((t,)), t.shape[-2:]
    k, batch = smaller(m, n), t.shape[:-2]
    return [Array(dtype, (*batch, m, k)), Array(dtype, (*batch, k, n))]


def _qr_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """With no fewer rows than columns, `_tall_qr_bar`. Else A = [X Y], R = [U V] with X = QU
    square and Y = QV: Y_bar = Q V_bar, and X_bar as for a square X with Y V_barᵀ added to Q_bar.
    J. Roberts, L. Roberts, QR and LQ decomposition matrix backpropagation, arXiv:2009.10071 (2020).
    """
    (q_bar, r_bar), (q, r), x = cts, zs, operands[0]
    rows, cols = args.static_shape(x)[-2:]
    if rows is not None and cols is not None and rows >= cols:
        return (_tall_qr_bar(q_bar, r_bar, q, r),)
    cut = shape(x)[-2]
    y, (u, u_bar, v_bar) = _right_of(x, cut), (_left_of(r, cut), None, None)
    if r_bar is not None:
        u_bar, v_bar = _left_of(r_bar, cut), _right_of(r_bar, cut)
        q_bar = _sum(q_bar, mm(y, T(v_bar)))
    x_bar = _tall_qr_bar(q_bar, u_bar, q, u)
    y_bar = apply("mul", y, 0.0) if v_bar is None else mm(q, v_bar)
    return (apply("concat", x_bar, y_bar, axis=args.ndim(x) - 1),)


def _left_of(x: Any, cut: Any) -> Any:
    return apply("getitem", x, cut, spec=("e", ":_"))


def _right_of(x: Any, cut: Any) -> Any:
    return apply("getitem", x, cut, spec=("e", "_:"))


def _tall_qr_bar(q_bar: Any, r_bar: Any, q: Any, r: Any) -> Any:
    """A_bar = (Q_bar + Q copyltu(M)) R⁻ᵀ with M = R R_barᵀ − Q_barᵀ Q, where copyltu copies the
    lower triangle to the upper. H.-J. Liao et al., Differentiable programming tensor networks,
    Phys. Rev. X 9 (2019), eq. 11."""
    m = _sum(
        None if r_bar is None else mm(r, T(r_bar)),
        None if q_bar is None else apply("neg", mm(T(q_bar), q)),
    )
    copied = _sum(apply("tril", m, 0), T(apply("tril", m, -1)))
    middle = T(_sum(q_bar, mm(q, copied)))
    options = {"lower": False, "trans": False, "unit_diagonal": False}
    return T(apply("solve_triangular", r, middle, **options))


general("qr", kernels.qr, infer=_qr_infer, vjp=Pullback(_qr_rule),
        doc="The reduced QR factors.")  # fmt: skip
_QR_RESULT = type(np.linalg.qr(np.eye(1)))


@numpy_function(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """(Q, R) with Q of orthonormal columns and R upper triangular; mode="r" gives R alone."""
    if mode not in ("reduced", "r"):
        raise args.unsupported("np.linalg.qr", f"mode={mode!r}")
    q, r = apply("qr", args.as_array(a))
    return _QR_RESULT(q, r) if mode == "reduced" else r


# -- svd ------------------------------------------------------------------------------------------


def _svd_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = matrix(operands[0], "svd")
    dtype, (m, n) = inexact((t,)), t.shape[-2:]
    k, batch = smaller(m, n), t.shape[:-2]
    left, right = (m, n) if attrs["full_matrices"] else (k, k)
    return [
        Array(dtype, (*batch, m, left)),
        Array(_real(dtype), (*batch, k)),
        Array(dtype, (*batch, right, n)),
    ]


def _svd_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    """J. Townsend, Differentiating the singular value decomposition (2016), eq. 31 and on:

    A_bar = U [(F ∘ (Uᵀ U_bar − U_barᵀ U)) S + S (F ∘ (Vᵀ V_bar − V_barᵀ V)) + S_bar] Vᵀ
            + (I − U Uᵀ) U_bar S⁻¹ Vᵀ + U S⁻¹ V_barᵀ (I − V Vᵀ),  F_ij = 1 / (s_j² − s_i²)
    """
    (u_bar, s_bar, vt_bar), (u, s, vt) = cts, zs
    if attrs["full_matrices"]:
        if u_bar is not None or vt_bar is not None:
            raise located(
                GradientError, "the derivative of svd with full_matrices=True does not exist for "
                "matrices that are not square", user_location(), "pass full_matrices=False",
            )  # fmt: skip
        return (_svdvals_rule(s_bar, s, operands[0]),)
    terms = []
    if s_bar is not None:
        terms.append(mm(apply("mul", u, row(s_bar)), vt))
    if u_bar is not None:
        terms.append(mm(_left_vectors_bar(u_bar, u, s), vt))
    if vt_bar is not None:  # Aᵀ = V S Uᵀ: the same with the sides exchanged
        terms.append(T(mm(_left_vectors_bar(T(vt_bar), T(vt), s), T(u))))
    return (_sum(*terms),)


def _left_vectors_bar(u_bar: Any, u: Any, s: Any) -> Any:
    """U (F ∘ (Uᵀ U_bar − U_barᵀ U)) S + (I − U Uᵀ) U_bar S⁻¹."""
    product = mm(T(u), u_bar)
    gaps = _reciprocal_gaps(apply("mul", s, s))
    turned = apply("mul", gaps, apply("sub", product, T(product)))
    outside = apply("div", apply("sub", u_bar, mm(u, product)), row(s))
    return apply("add", mm(u, apply("mul", turned, row(s))), outside)


general("svd", kernels.svd, infer=_svd_infer, vjp=Pullback(_svd_rule),
        doc="Singular value decomposition: U, the singular values, Vᵀ.")  # fmt: skip
_SVD_RESULT = type(np.linalg.svd(np.eye(1)))


@numpy_function(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """(U, S, Vh) as a named tuple; the singular values alone without `compute_uv`."""
    args.refuse_options("np.linalg.svd", hermitian=(hermitian, False))
    if not compute_uv:
        return svdvals(a)
    a = args.as_array(a)
    rows, cols = args.static_shape(a)[-2:]
    full = bool(full_matrices) and (rows is None or rows != cols)
    return _SVD_RESULT(*apply("svd", a, full_matrices=full))


def _svdvals_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    t = matrix(operands[0], "svd")
    return [Array(_real(inexact((t,))), (*t.shape[:-2], smaller(*t.shape[-2:])))]


def _svdvals_rule(ct: Any, z: Any, x: Any) -> Any:
    u, _, vt = apply("svd", x, full_matrices=False)
    return mm(apply("mul", u, row(ct)), vt)


general("svdvals", lambda x: np.linalg.svd(x, compute_uv=False), infer=_svdvals_infer,
        vjp=(_svdvals_rule,), code="np.linalg.svd({0}, compute_uv=False)",
        doc="Singular values in descending order.")  # fmt: skip


@numpy_function(*args.existing(np.linalg, "svdvals"))
def svdvals(x: Any, /) -> Any:
    """Singular values in descending order."""
    return apply("svdvals", args.as_array(x))
