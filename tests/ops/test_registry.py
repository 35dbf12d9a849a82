"""The registry walk: every op, on every one of its rows, is what its definition says it is.

kernel ≡ inferred type ≡ interpreter ≡ generated code; derivatives ≡ finite differences, to the
second order; text → graph → text.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from graphc.codegen import generate
from graphc.codegen.interpreter import interpret
from graphc.errors import GradientError, GraphcError
from graphc.ir.opdef import CUT, MISSING, REGISTRY, STRUCTURED, ZERO
from graphc.ir.parse import parse
from graphc.ir.types import Array, Type, is_subtype, type_of
from graphc.ir.types import Sequence as SequenceType
from graphc.ir.verify import verify
from graphc.ops.tensor import Tensor, apply
from graphc.tape import GradientTape
from tests.ops.harness import Derivatives, dot, is_real, op_graph
from tests.ops.samples import Sample, all_rows, register_all_ops

register_all_ops()
ROWS = all_rows()
# They take compiled functions and the tapes of called graphs; the tests of those have them.
# What takes or gives tuples, which eager ops take for several results.
OF_TUPLES = {"pack", "seq_column", "seq_uncolumn", "tuple_make", "tuple_parts", "unpack"}
WITHOUT_ROWS = {"call", "pure_call", "exception", *OF_TUPLES}


def is_smooth(row: Sample) -> bool:
    """Whether a row is one for finite differences: real operands in double precision."""
    rule = REGISTRY[row.op_name].vjp
    if not row.smooth or rule in (CUT, MISSING, STRUCTURED):
        return False
    types = [type_of(x) for x in row.operands]
    return any(is_real(t) for t in types) and all(
        not hasattr(t, "dtype") or t.dtype != np.float32 for t in types
    )


SMOOTH = [row for row in ROWS if is_smooth(row)]
walk = pytest.mark.parametrize("row", ROWS, ids=str)
smooth = pytest.mark.parametrize("row", SMOOTH, ids=str)


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def same(a: Any, b: Any) -> None:
    """Equal values, dtypes, shapes, and kinds of number; NaN equals NaN."""
    if isinstance(a, list | tuple):
        assert isinstance(b, list | tuple) and len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
        return
    if a is None or b is None:
        assert a is b
        return
    assert type_of(a) == type_of(b)
    np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def assert_has_type(result: Any, t: Type) -> None:
    """Whether a run-time value is one of type `t`; an array is also the sequence of its rows."""
    found = type_of(result)
    if isinstance(t, SequenceType) and isinstance(found, Array):
        found = SequenceType(Array(found.dtype, found.shape[1:]))
    assert is_subtype(found, t), f"{found} is not a {t}"


def kernel_results(row: Sample) -> list[Any]:
    result = REGISTRY[row.op_name].kernel(*row.operands, **row.attrs)
    return list(result) if isinstance(result, tuple) else [result]


def test_every_op_has_a_row() -> None:
    """Add a row to tests/ops/samples_*.py for each op named here."""
    names = {n for n, d in REGISTRY.items() if d.vjp is not STRUCTURED and not d.effect}
    assert sorted(names - WITHOUT_ROWS - {row.op_name for row in ROWS}) == []


def test_every_op_has_a_derivative_rule_and_a_docstring() -> None:
    assert [name for name, d in REGISTRY.items() if d.vjp is MISSING] == []


@walk
def test_inferred_type_is_the_kernels(row: Sample) -> None:
    types = [value.type for value in op_graph(row).outputs]
    for t, result in zip(types, kernel_results(row), strict=True):
        assert_has_type(result, t)


@walk
def test_inference_without_dimensions(row: Sample) -> None:
    try:
        graph = op_graph(row, unknown=True)
    except GraphcError:
        return  # an op may need a dimension, and says so
    for value, result in zip(graph.outputs, kernel_results(row), strict=True):
        assert_has_type(result, value.type)


@walk
def test_eager_is_the_kernel(row: Sample) -> None:
    result = apply(row.op_name, *row.operands, **row.attrs)
    results = result if isinstance(result, tuple) else (result,)
    for tensor, expected in zip(results, kernel_results(row), strict=True):
        assert isinstance(tensor, Tensor)
        same(tensor._data, expected)


@walk
@pytest.mark.parametrize("unknown", [False, True], ids=["", "unknown"])
def test_generated_code_is_the_kernel(row: Sample, unknown: bool) -> None:
    try:
        graph = op_graph(row, unknown)
    except GraphcError:
        assert unknown
        return
    verify(graph)
    expected = kernel_results(row)
    same(interpret(graph, row.operands), expected)
    same(generate(graph).run(*row.operands), expected)


@walk
def test_text_parses_back(row: Sample) -> None:
    graph = op_graph(row)
    text = str(graph)
    again = parse(text)
    assert str(again) == text
    same(interpret(again, row.operands), kernel_results(row))


@smooth
@pytest.mark.parametrize("unknown", [False, True], ids=["", "unknown"])
def test_gradient_is_finite_differences(row: Sample, unknown: bool) -> None:
    try:
        d = Derivatives(row, unknown)
    except GraphcError:
        assert unknown
        return
    for g, expected, i in zip(d.run(d.g), d.differences(d.f, 1e-6), d.places, strict=True):
        assert is_subtype(type_of(g), type_of(row.operands[i]))
        np.testing.assert_allclose(g, expected, rtol=1e-6, atol=1e-8)


@smooth
def test_second_derivative_is_finite_differences(row: Sample) -> None:
    if REGISTRY[row.op_name].vjp is ZERO:
        return
    d = Derivatives(row)
    for g, expected in zip(d.run(d.gh), d.differences(d.h, 1e-5), strict=True):
        np.testing.assert_allclose(g, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.smooth], ids=str)
def test_derivative_at_a_kink_keeps_type_and_shape(row: Sample) -> None:
    if REGISTRY[row.op_name].vjp in (CUT, MISSING):
        return
    try:
        d = Derivatives(row)
        gradients = d.run(d.g)
    except GradientError:
        return  # complex
    for g, i in zip(gradients, d.places, strict=True):
        assert is_subtype(type_of(g), type_of(row.operands[i]))


@smooth
def test_tape_is_the_graph(row: Sample) -> None:
    """The same derivatives, first and second, with the ops run eagerly."""
    d = Derivatives(row)
    xs = [Tensor(x) if i in d.places else x for i, x in enumerate(row.operands)]
    watched = [xs[i] for i in d.places]
    with GradientTape() as outer:
        outer.watch(watched)
        with GradientTape() as inner:
            inner.watch(watched)
            y = d.f(xs)
        first = inner.gradient(y, watched, unconnected_gradients="zero")
        directional = dot(first, d.vs)
    second = outer.gradient(directional, watched, unconnected_gradients="zero")
    for g, expected in zip(first, d.run(d.g), strict=True):
        np.testing.assert_allclose(g.numpy(), expected, rtol=1e-12, atol=1e-14)
    for g, expected in zip(second, d.run(d.gh), strict=True):
        np.testing.assert_allclose(g.numpy(), expected, rtol=1e-12, atol=1e-14)
