"""Every pass keeps what a random graph computes, prints and raises, and what its results share."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.ir.parse import parse
from graphc.ir.verify import verify
from graphc.passes import PIPELINE, dce, optimise
from tests.codegen.random_graphs import RandomGraph, interpreted


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_pipeline_step_by_step(random):
    graph = RandomGraph(random, size=6).graph()
    expected = interpreted(graph)
    for step in PIPELINE:
        before = str(graph)
        changes = step(graph)
        verify(graph)
        assert (changes > 0) == (str(graph) != before), step.__name__
        found = interpreted(graph)
        # What nobody needs is not computed, so it does not fail either.
        if step is not dce or not expected[0].failed:
            assert found == expected, f"{step.__name__}\n{before}\n{graph}"
        expected = found


def test_optimise_runs_the_pipeline_on_the_graph_itself():
    graph = parse("""
    graph f(%a: float, %r: seq[int]) -> (float) {
      %x: float, %n: int = loop (%x_1: float = %a, %n_1: int = 2) over (%i: int = %r) {
        body {
          %1: int = mul %n_1, 3
          %2: float = mul %x_1, %1
          %3: float = mul %x_1, %1
          %p: pybool = lt %n_1, 3
          %4: float = if %p { yield %2 } else { yield %x_1 }
          %5: float = add %4, %3
          yield %5, %n_1
        }
      }
      yield %x
    }""")
    assert optimise(graph) is graph
    assert str(graph) == str(
        parse("""
    graph f(%a: float, %r: seq[int]) -> (float) {
      %x: float = loop (%x_1: float = %a) over (%i: int = %r) {
        body {
          %1: float = mul %x_1, 6
          %2: float = add %1, %1
          yield %2
        }
      }
      yield %x
    }""")
    )
