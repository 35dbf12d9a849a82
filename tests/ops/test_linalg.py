"""Linear algebra is NumPy's; derivatives that the registry walk cannot check by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.codegen.interpreter import interpret
from graphc.errors import GradientError, ShapeError, UnsupportedError
from graphc.runtime import linalg as kernels
from tests.ops.compare import check, traced
from tests.ops.harness import Derivatives
from tests.ops.harness import traced as harness_traced
from tests.ops.samples import Sample
from tests.ops.samples_linalg import B33, B34, B43, M33, M34, M43, POSITIVE, POSITIVES, V3, V4

INTS = np.array([[2, 1], [1, 3]])
SINGULAR = np.ones((2, 2))
C33 = M33 + 1j * np.eye(3)

EXPRESSIONS = {
    "matmul": (lambda m, a, b: m.matmul(a, b), M34, M43),
    "matmul operator": (lambda m, a, b: a @ b, M34, V4),
    "matmul wrong": (lambda m, a, b: a @ b, M34, M34),
    "matmul of a number": (lambda m, a, b: m.matmul(a, b), M34, 2.0),
    "dot 1 1": (lambda m, a, b: m.dot(a, b), V3, V3),
    "dot 2 1": (lambda m, a, b: m.dot(a, b), M34, V4),
    "dot 2 2": (lambda m, a, b: m.dot(a, b), M34, M43),
    "dot 3 2": (lambda m, a, b: m.dot(a, b), B34, M43),
    "dot 1 3": (lambda m, a, b: m.dot(a, b), V4, B43),
    "dot 3 3": (lambda m, a, b: m.dot(a, b), B34, B43),
    "dot of a number": (lambda m, a, b: m.dot(a, b), 2, M34),
    "dot of numbers": (lambda m, a, b: m.dot(a, b), 2, 3),
    "dot wrong": (lambda m, a, b: m.dot(a, b), M34, V3),
    "inner": (lambda m, a, b: m.inner(a, b), M34, V4),
    "inner of matrices": (lambda m, a, b: m.inner(a, b), M34, B34),
    "outer": (lambda m, a, b: m.outer(a, b), V3, M34),
    "vdot": (lambda m, a, b: m.vdot(a, b), C33, C33),
    "vdot real": (lambda m, a, b: m.vdot(a, b), M34, M34),
    "vecdot": (lambda m, a, b: m.vecdot(a, b), M34, V4),
    "vecdot axis": (lambda m, a, b: m.vecdot(a, b, axis=0), M34, M34),
    "tensordot": (lambda m, a, b: m.tensordot(a, b), M34, M34),
    "tensordot 1": (lambda m, a, b: m.tensordot(a, b, 1), B34, M43),
    "tensordot 0": (lambda m, a, b: m.tensordot(a, b, 0), V3, M34),
    "tensordot axes": (lambda m, a, b: m.tensordot(a, b, ((0, 2), (0, 1))), B34, B43),
    "tensordot axis": (lambda m, a, b: m.tensordot(a, b, (1, 1)), M34, M34),
    "tensordot wrong": (lambda m, a, b: m.tensordot(a, b, ((0, 1), (0, 1))), B34, B43),
    "kron": (lambda m, a, b: m.kron(a, b), INTS, M34),
    "kron of vector": (lambda m, a, b: m.kron(a, b), V3, INTS),
    "cross": (lambda m, a, b: m.cross(a, b), V3, M33),
    "cross axis": (lambda m, a, b: m.cross(a, b, axis=0), M34, M34),
    "linalg.cross": (lambda m, a, b: m.linalg.cross(a, b), V3, M33),
    **{f"matrix_power {n}": (lambda m, a, n=n: m.linalg.matrix_power(a, n), M33)
       for n in (-2, -1, 0, 1, 2, 3, 4, 5, 7)},
    "matrix_power of ints": (lambda m, a: m.linalg.matrix_power(a, 3), INTS),
    "multi_dot": (lambda m, a, b: m.linalg.multi_dot([a, b, a]), M34, M43),
    "einsum": (lambda m, a, b: m.einsum("ij,jk->ik", a, b), M34, M43),
    "einsum implicit": (lambda m, a, b: m.einsum("ij,jk", a, b), M34, M43),
    "einsum implicit transpose": (lambda m, a: m.einsum("ba", a), M34),
    "einsum sum": (lambda m, a: m.einsum("ij->", a), M34),
    "einsum sum of ints": (lambda m, a: m.einsum("ij->i", a), INTS.astype(np.int32)),
    "einsum trace": (lambda m, a: m.einsum("ii", a), M33),
    "einsum diagonal": (lambda m, a: m.einsum("ii->i", a), M33),
    "einsum ellipsis": (lambda m, a, b: m.einsum("...ij,...jk->...ik", a, b), B34, M43),
    "einsum ellipsis implicit": (lambda m, a, b: m.einsum("i...,i", a, b), M34, V3),
    "einsum alone": (lambda m, a, b: m.einsum("ij,j->j", a, b), M34, V4),
    "einsum with itself": (lambda m, a: m.einsum("ij,ij->i", a, a), M34),
    "einsum three": (lambda m, a, b: m.einsum("i,ij,j->", a, M34, b), V3, V4),
    "einsum optimized": (lambda m, a, b: m.einsum("ij,jk->ik", a, b, optimize=True), M34, M43),
    "einsum spaces": (lambda m, a, b: m.einsum("i j, j k -> i k", a, b), M34, M43),
    "einsum wrong": (lambda m, a, b: m.einsum("ij,jk->ik", a, b), M34, M34),
    "einsum wrong rank": (lambda m, a, b: m.einsum("ij,jk->ik", a, b), M34, V4),
    "einsum wrong output": (lambda m, a: m.einsum("ij->ik", a), M34),
    "solve": (lambda m, a, b: m.linalg.solve(a, b), M33, V3),
    "solve columns": (lambda m, a, b: m.linalg.solve(a, b), M33, M34),
    "solve batch": (lambda m, a, b: m.linalg.solve(a, b), B33, V3),
    "solve singular": (lambda m, a, b: m.linalg.solve(a, b), SINGULAR, np.ones(2)),
    "solve wrong": (lambda m, a, b: m.linalg.solve(a, b), M33, V4),
    "solve not square": (lambda m, a, b: m.linalg.solve(a, b), M34, V3),
    "solve float32": (lambda m, a, b: m.linalg.solve(a, b), INTS.astype(np.float32),
                      np.ones(2, np.float32)),
    "solve of ints": (lambda m, a, b: m.linalg.solve(a, b), INTS, np.array([1, 2])),
    "solve float16": (lambda m, a, b: m.linalg.solve(a, b), INTS.astype(np.float16), np.ones(2)),
    "inv": (lambda m, a: m.linalg.inv(a), B33),
    "inv of a vector": (lambda m, a: m.linalg.inv(a), V3),
    "inv singular": (lambda m, a: m.linalg.inv(a), SINGULAR),
    "det": (lambda m, a: m.linalg.det(a), B33),
    "det complex": (lambda m, a: m.linalg.det(a), C33),
    "slogdet": (lambda m, a: m.linalg.slogdet(a), M33),
    "slogdet complex": (lambda m, a: m.linalg.slogdet(a).logabsdet, C33),
    "cholesky": (lambda m, a: m.linalg.cholesky(a), POSITIVE),
    "cholesky upper": (lambda m, a: m.linalg.cholesky(a, upper=True), POSITIVES),
    "cholesky not positive": (lambda m, a: m.linalg.cholesky(a), -POSITIVE),
    "pinv": (lambda m, a: m.linalg.pinv(a), M34),
    "pinv rcond": (lambda m, a: m.linalg.pinv(a, 0.3), M34),
    "eigh": (lambda m, a: m.linalg.eigh(a), POSITIVE),
    "eigh upper": (lambda m, a: m.linalg.eigh(a, "U").eigenvalues, M33),
    "eigvalsh": (lambda m, a: m.linalg.eigvalsh(a), POSITIVES),
    "qr": (lambda m, a: m.linalg.qr(a), M34),
    "qr r": (lambda m, a: m.linalg.qr(a, mode="r"), M43),
    "svd": (lambda m, a: m.linalg.svd(a), M34),
    "svd reduced": (lambda m, a: m.linalg.svd(a, full_matrices=False), B43),
    "svd values": (lambda m, a: m.linalg.svd(a, compute_uv=False), B43),
    "svdvals": (lambda m, a: m.linalg.svdvals(a), M34),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_function_is_numpys(name):
    f, *operands = EXPRESSIONS[name]
    check(f, *operands)


def test_shapes_that_do_not_fit_are_named():
    error = traced(lambda m, a, b: m.matmul(a, b), [M34, M34])
    assert isinstance(error, ShapeError)
    assert "(3, 4) and (3, 4)" in str(error) and "test_linalg.py" in str(error)


REFUSED = {
    "qr(complete)": lambda m, a: m.linalg.qr(a, mode="complete"),
    "cross of 2": lambda m, a: m.cross(a[:, :2], a[:, :2]),
    "einsum lists": lambda m, a: m.einsum(a, [0, 1], [1, 0]),
    "pinv(hermitian)": lambda m, a: m.linalg.pinv(a, hermitian=True),
}


@pytest.mark.parametrize("name", REFUSED)
def test_option_is_refused_at_its_line(name):
    error = traced(REFUSED[name], [M33])
    assert isinstance(error, UnsupportedError)
    assert "test_linalg.py" in str(error)


# -- derivatives of functions of symmetric matrices: perturb symmetrically ------------------------


def _symmetric(x):
    return (x + x.swapaxes(-1, -2)) / 2


SYMMETRIC = [
    Sample("cholesky", [POSITIVE]), Sample("cholesky", [POSITIVES]),
    Sample("eigvalsh", [POSITIVE], {"uplo": "L"}), Sample("eigvalsh", [POSITIVES], {"uplo": "U"}),
    Sample("eigh", [POSITIVE], {"uplo": "L"}), Sample("eigh", [POSITIVES], {"uplo": "U"}),
]  # fmt: skip


@pytest.mark.parametrize("row", SYMMETRIC, ids=str)
def test_cotangent_is_that_of_the_symmetric_part(row):
    """The gradient is symmetric, and the finite difference of f((x + xᵀ)/2); so is the second."""
    d = Derivatives(row)
    for function, gradient in ((d.f, d.g), (d.h, d.gh)):
        (g,) = d.run(gradient)
        np.testing.assert_allclose(g, g.swapaxes(-1, -2), atol=1e-9)
        graph, captured = harness_traced(d.types, lambda xs: [function(xs)])
        expected = d.difference(
            lambda _, x: float(interpret(graph, [_symmetric(x), *captured])[0]), 0, 1e-5
        )
        np.testing.assert_allclose(g, expected, rtol=1e-4, atol=1e-5)


# -- others ---------------------------------------------------------------------------------------


def test_svd_of_a_rectangle_has_no_full_derivative():
    with pytest.raises(GradientError, match="full_matrices=True"):
        d = Derivatives(Sample("svd", [M34], {"full_matrices": True}))
        d.run(d.g)


def test_solve_triangular_without_scipy(monkeypatch):
    """NumPy's general solver gives the same, for every option, one column or many."""
    for lower in (False, True):
        for trans in (False, True):
            for unit in (False, True):
                for b in (V3, M34):
                    with_scipy = kernels.solve_triangular(M33, b, lower, trans, unit)
                    with monkeypatch.context() as patch:
                        patch.setattr(kernels, "_scipy_solve_triangular", lambda: None)
                        without = kernels.solve_triangular(M33, b, lower, trans, unit)
                    np.testing.assert_allclose(with_scipy, without, rtol=1e-9)


labels = "abcd"


@settings(deadline=None)
@given(st.data())
def test_einsum(data):
    """Any labels on up to three operands, with repeats; any output."""
    sizes = dict(zip(labels, (2, 3, 1, 2)))
    terms = [
        "".join(data.draw(st.lists(st.sampled_from(labels), max_size=3)))
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    known = sorted(set("".join(terms)))
    subset = data.draw(st.lists(st.sampled_from(known), unique=True)) if known else []
    output = "".join(subset)
    rng = np.random.default_rng(0)
    operands = [rng.normal(size=[sizes[c] for c in term]) for term in terms]
    operands = [x if x.ndim else np.float64(x) for x in operands]
    text = ",".join(terms) + data.draw(st.sampled_from(["->" + output, ""]))
    check(lambda m, *xs: m.einsum(text, *xs), *operands)
