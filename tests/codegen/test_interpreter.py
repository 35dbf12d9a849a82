"""The reference semantics, on programs whose results are known; generated code agrees."""

import numpy as np
import pytest

from graphc import ops  # registers the ops
from graphc.codegen import generate, interpret
from graphc.ir.parse import parse
from graphc.ir.types import UNBOUND

assert ops

LOOP = """
graph f(%xs: seq[float], %ys: seq[float]) -> (float, seq[float]) {
  %s: float, %zs: seq[float] = loop (%s_1: float = 0.0)
      over (%x: float = %xs, %y: float = %ys) HEAD {
    TEST
    body {
      %p: float = mul %x, %y
      %s_2: float = add %s_1, %p
      yield %s_2, %s_2
    }
  }
  yield %s, %zs
}"""
TEST = "while { %q: pybool = lt %s_1, 5.0; yield %q }"
XS, YS = [1.0, 2.0, 3.0], [1.0, 10.0, 100.0, 1000.0]

ROWS = {
    "forwards, as long as the shortest": ("", "", XS, YS, [321.0, [1.0, 21.0, 321.0]]),
    "backwards, item k with item k": ("reversed", "", XS, YS, [321.0, [321.0, 320.0, 300.0]]),
    "until the test fails": ("", TEST, XS, YS, [21.0, [1.0, 21.0]]),
    "no iteration": ("", "", [], YS, [0.0, []]),
    "no iteration backwards": ("reversed", "", XS, [], [0.0, []]),
    "rows of an array": ("", "", np.array(XS), YS, [321.0, [1.0, 21.0, 321.0]]),
    "a range": ("reversed", "", range(1, 4), YS, [321.0, [321.0, 320.0, 300.0]]),
}


@pytest.mark.parametrize("name", ROWS)
def test_loop(name):
    head, test, xs, ys, expected = ROWS[name]
    graph = parse(LOOP.replace("HEAD", head).replace("TEST", test))
    assert interpret(graph, [xs, ys]) == expected
    assert list(generate(graph).run(xs, ys)) == expected


@pytest.mark.parametrize(
    "x, expected", [(None, True), (2.0, False), (UNBOUND, UnboundLocalError)], ids=str
)
def test_values_that_may_not_be_there(x, expected):
    graph = parse("""
    graph f(%x: maybe[float]) -> (pybool) {
      %y: maybe[float] = bound %x {name="x"}
      %n: pybool = is_none %y
      yield %n
    }""")
    for run in (lambda x: interpret(graph, [x]), generate(graph).run):
        if isinstance(expected, bool):
            assert list(run(x)) == [expected]
        else:
            with pytest.raises(expected):
                run(x)


def test_a_long_chain_of_branches_is_not_nested():
    chain = "yield -1"
    for n in reversed(range(60)):
        test = f"%p{n}: pybool = eq %x, {n}\n%y{n}: int = if %p{n} {{ yield {n * n} }} else"
        chain = f"{test} {{ {chain} }}\nyield %y{n}"
    graph = parse(f"graph f(%x: int) -> (int) {{ {chain} }}")
    program = generate(graph)
    assert program.source.count("elif") == 59
    assert [program.run(x)[0] for x in (0, 7, 59, 60)] == [0, 49, 59 * 59, -1]
