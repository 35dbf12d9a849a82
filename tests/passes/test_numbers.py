"""Which graphs have a twin in Python's numbers, and that it gives what NumPy's scalars give."""

import math
import warnings

import numpy as np
import pytest

import graphc
from graphc.codegen import generate, interpret
from graphc.ir.parse import parse
from graphc.ir.verify import verify
from graphc.passes.numbers import FUNCTIONS, in_numbers
from graphc.runtime.numbers import agree, status

pytestmark = pytest.mark.skipif(status() is None, reason="no way to the floating point status")

STEPS = """
graph f(%a: float) -> ({types}) {{
  %r: seq[int] = range 0, {n}, 1
  %x: f64[] = loop (%x_1: f64[] = %a) over (%_: int = %r) {{
    body {{
      {body}
      yield %x_2
    }}
  }}
  yield {results}
}}"""


def steps(body, n="3", types="f64[]", results="%x"):
    return STEPS.format(body=body, n=n, types=types, results=results)


SIN = "%x_2: f64[] = sin %x_1"


def test_the_twin_computes_with_python_floats():
    graph = parse(steps(SIN))
    twin = in_numbers(graph)
    verify(twin)
    assert "cast" in str(twin) and "math_sin" in str(twin)
    program = generate(graph, twin)
    assert program.source.endswith(
        """
def f_in_numbers(a):
    x = a
    for _ in range(0, 3, 1):
        x = k.math_sin(x)
    return (k.cast(x, dtype=c0),)
"""
    )
    (found,) = program.run(0.5)
    assert type(found) is np.float64 and found == np.sin(np.sin(np.sin(0.5)))


@pytest.mark.parametrize(
    "text",
    [
        steps(SIN).replace("yield %x\n}", """
          %z: f64[] = loop (%z_1: f64[] = %x) over (%k: int = %r) { body { yield %a } }
          yield %z
        }""").replace("range 0, 3", "range 0, %n").replace("%a: float)", "%a: float, %n: int)"),
        steps("%t: f64[] = exp %x_1\n%x_2: f64[] = add %t, 1.0"),  # not the C library's
        steps("%t: f32[] = cast %x_1 {dtype=f32}\n%x_2: f64[] = cast %t {dtype=f64}"),
        steps("print %x_1 {parts=((\"\", \"\"),)}\n" + SIN),
        steps("%p: bool[] = gt %x_1, %_\n%x_2: f64[] = if %p { yield %x_1 } else "
              "{ %y: f64[] = sin %x_1; yield %y }"),  # Python compares large ints exactly
        "graph f(%a: float) -> (f64[]) { %x: f64[] = sin %a; yield %x }",  # no loop: not worth it
        "graph f(%a: f64[3]) -> (f64[3]) { %x: f64[3] = sin %a; yield %x }",
    ],
)  # fmt: skip
def test_graphs_without_a_twin(text):
    assert in_numbers(parse(text)) is None


def test_python_numbers_among_the_outputs_stay_such():
    graph = parse(
        steps(SIN, types="f64[], float, float", results="%x, %b, %a").replace(
            "  yield %x, %b", '  %b: float = python %x {kind="f"}\n  yield %x, %b'
        )
    )
    twin = in_numbers(graph)
    verify(twin)
    found = generate(graph, twin).run(0.5)
    assert list(map(type, found)) == [np.float64, float, float]
    assert list(found) == interpret(graph, [0.5])


GROWS = steps("%t: f64[] = sin %x_1\n%y: f64[] = mul %x_1, 1e200\n%x_2: f64[] = add %y, %t")
DIVIDES = steps("%t: f64[] = sin %x_1\n%y: f64[] = sub %t, %t\n%x_2: f64[] = div 1.0, %y", "1")


@pytest.mark.parametrize("text", [GROWS, DIVIDES, steps(SIN)], ids=["over", "zero", "infinite"])
def test_what_numpy_tells_is_told(text):
    graph = parse(text)
    program = generate(graph, in_numbers(graph))
    x = math.inf if text == steps(SIN) else 2.0

    def told(run):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            values = run()
        return repr(values), [str(w.message) for w in caught]

    plain = told(lambda: interpret(graph, [x]))
    assert plain[1] and told(lambda: list(program.run(x))) == plain
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        program.run(x)


def test_underflow_is_told_only_where_it_is_asked_for():
    graph = parse(steps("%t: f64[] = sin %x_1\n%x_2: f64[] = mul %t, 1e-200"))
    program = generate(graph, in_numbers(graph))
    assert program.run(1.0) == (0.0,)
    with np.errstate(under="raise"), pytest.raises(FloatingPointError, match="underflow"):
        program.run(1.0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_that_are_exchanged_agree_to_the_last_bit(name):
    """On this machine, or they are not exchanged: `agree` found them to differ."""
    of_numpy, of_math = FUNCTIONS[name]
    if not agree(of_numpy, of_math):
        pytest.skip("they differ here")
    rng = np.random.default_rng(0)
    xs = np.exp(rng.normal(size=20_000) * 20) * rng.choice([-1, 1], size=20_000)
    for x in (abs(xs) if name == "sqrt" else xs).tolist():
        assert float(of_numpy(x)) == of_math(x) == float(of_numpy(np.float64(x))), x


def test_functions_that_differ_are_found_to():
    assert not agree(np.tanh, math.atan)


def test_a_gradient_in_numbers():
    def pendulum(angle):
        speed = 0.0
        for _ in range(100):
            speed = speed - 0.1 * np.sin(angle)
            angle = angle + 0.1 * speed
        return angle

    trace = graphc.value_and_grad(pendulum).trace(0.3)
    assert "def grad_pendulum_in_numbers" in trace.source
    value, slope = graphc.value_and_grad(pendulum)(0.3)
    expected, expected_slope = interpret(trace.graph, [0.3])
    assert (value, slope) == (expected, expected_slope) and value == pendulum(0.3)
    assert type(value) is np.float64 and type(slope) is type(expected_slope)


def test_an_array_of_rank_0_runs_on_numpy():
    graph = parse("""
    graph f(%a: f64[]) -> (f64[]) {
      %x: f64[] = loop (%x_1: f64[] = %a) {
        while { %p: bool[] = lt %x_1, 100.0; yield %p }
        body { %x_2: f64[] = mul %x_1, 3.0; yield %x_2 }
      }
      yield %x
    }""")
    program = generate(graph, in_numbers(graph))
    assert "def f_in_numbers" in program.source
    for start in (1.0, 200.0):
        for x in (np.float64(start), np.array(start)):
            (found,), (expected,) = program.run(x), interpret(graph, [x])
            assert type(found) is type(expected) and found == expected
            assert (found is x) == (type(x) is np.ndarray and start == 200.0)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_loop_that_may_not_run(n):
    """Its result is the Python float that came in, or a float64."""
    graph = parse(
        steps(SIN).replace("range 0, 3", "range 0, %n").replace("%a: float)", "%a: float, %n: int)")
    )
    twin = in_numbers(graph)
    verify(twin)
    (found,), (expected,) = generate(graph, twin).run(0.5, n), interpret(graph, [0.5, n])
    assert type(found) is type(expected) and found == expected
    assert type(found) is (np.float64 if n else float)
