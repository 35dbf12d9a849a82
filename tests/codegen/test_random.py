"""Generated programs compute what the interpreter says, on random graphs."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.codegen import generate
from graphc.ir.verify import verify
from tests.codegen.random_graphs import RandomGraph, interpreted, outcome


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_generated_equals_interpreted(random):
    graph = RandomGraph(random).graph()
    verify(graph)
    program = generate(graph)
    expected, may_share = interpreted(graph)
    found, shared = outcome(lambda _, inputs: program.run(*inputs), graph)
    assert found == expected, f"\n{graph}\n{program.source}"
    # A carry that is updated in place is a copy, even of a loop that does not iterate.
    assert shared <= may_share, f"\n{graph}\n{program.source}"
