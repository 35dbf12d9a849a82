"""The real ops in text: the example of the design document, and refusals of their own inference."""

import pytest

import graphc.ops.control
import graphc.ops.elementwise
import graphc.ops.reduction_ops  # noqa: F401  (the registry)
from graphc.errors import GraphSyntaxError
from graphc.ir import parse, verify

DOUBLE = """\
graph f(%a: f64[1,1]) -> (f64[1,1]) {                               # notebook.py:1
  %b: f64[1,1] = mul %a, 2                                          # :2
  %b_1: f64[1,1], %n: int = loop (%b_2: f64[1,1] = %b, %n_1: int = 0) {  # :3
    while {
      %p: pybool = lt %n_1, 1000                                    # :3
      yield %p
    }
    body {
      %b_3: f64[1,1] = mul %b_2, 2                                  # :4
      %n_2: int = add %n_1, 1                                       # :5
      yield %b_3, %n_2
    }
  }
  yield %b_1
}"""


def test_the_example_of_the_design():
    graph = parse(DOUBLE)
    verify(graph)
    assert str(graph) == DOUBLE


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("mul %a, 2", "mul %a", "not defined for"),
        ("mul %a, 2", "mul %a, none", "not defined for"),
        ("mul %a, 2", "mul %a, (0+2j)", "result 0 is f64[1,1]; inference gives c128[1,1]"),
        ("mul %b_2, 2", "matmull %b_2, 2", "no op is called 'matmull'"),
    ],
)
def test_damaged(before, after, message):
    with pytest.raises(GraphSyntaxError) as caught:
        parse(DOUBLE.replace(before, after))
    assert message in str(caught.value)
