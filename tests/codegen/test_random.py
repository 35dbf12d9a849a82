"""Generated programs compute what the interpreter says, on random graphs."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.codegen import generate, inplace, interpret
from graphc.ir.verify import verify
from graphc.passes import optimise
from graphc.passes.numbers import in_numbers
from tests.codegen.random_graphs import RandomGraph, RandomNumbers, interpreted, outcome

EXAMPLES = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def check(graph):
    program = generate(graph)
    expected, may_share = interpreted(graph)
    found, shared = outcome(lambda _, inputs: program.run(*inputs), graph)
    assert found == expected, f"\n{graph}\n{program.source}"
    # A carry that is updated in place is a copy, even of a loop that does not iterate.
    assert shared <= may_share, f"\n{graph}\n{program.source}"
    return program


@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_generated_equals_interpreted(random):
    graph = RandomGraph(random).graph()
    verify(graph)
    check(graph)


@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_arithmetic_in_place_changes_nothing_else(random):
    """As if every array were large: inputs, items of lists, and outputs stay what they are."""
    graph = RandomGraph(random).graph()
    with patch.object(inplace, "LARGE_UFUNC", 1), patch.object(inplace, "LARGE", 1):
        check(graph)


@pytest.mark.parametrize("errors", ["ignore", "raise"])
@EXAMPLES
@given(random=st.randoms(use_true_random=False))
def test_python_numbers_give_what_numpy_scalars_give(errors, random):
    """Also of NaN and infinity, and where NumPy is told to raise."""
    graph = optimise(RandomNumbers(random).graph())
    verify(graph)
    numbers = in_numbers(graph)
    if numbers is None:
        return
    verify(numbers)
    program = generate(graph, numbers)
    for inputs in ([0.75, 2, np.float64(0.5), np.array(-3.0)],
                   [1e300, 0, np.float64(1e-300), np.float64(np.inf)],
                   [-0.0, -1, np.float64(np.nan), np.float64(1e300)]):  # fmt: skip
        expected, _ = outcome(interpret, graph, inputs, errors)
        found, _ = outcome(lambda _, inputs: program.run(*inputs), graph, inputs, errors)
        assert found == expected, f"\n{graph}\n{program.source}"
