"""The text of generated programs: each row is a graph and its whole program."""

import textwrap

import numpy as np
import pytest

from graphc.codegen import generate, interpret
from graphc.ir.parse import parse

TEXTS = {}


def text(name, graph, program, *inputs):
    TEXTS[name] = (textwrap.dedent(graph), textwrap.dedent(program).lstrip(), inputs)


text(
    "the seed function",
    """
    graph f(%a: f64[3]) -> (f64[3]) {
      %b: f64[3] = mul %a, 2
      %b_1: f64[3] = loop (%b_2: f64[3] = %b) {
        while {
          %n: f64[] = getitem %b_2, 0 {spec=("i",)}
          %p: bool[] = lt %n, 1000
          yield %p
        }
        body { %b_3: f64[3] = mul %b_2, 2; yield %b_3 }
      }
      yield %b_1
    }""",
    """
    def f(a):
        b = a * 2
        while b[0] < 1000:
            b = b * 2
        return (b,)
    """,
    np.array([1.0, 2.0, 3.0]),
)

text(
    "a loop over numbers that cannot fail is a while",
    """
    graph f(%a: float, %most: float) -> (float, int) {
      %x: float, %n: int = loop (%x_1: float = %a, %n_1: int = 0) {
        while { %p: pybool = lt %x_1, %most; yield %p }
        body {
          %x_2: float = add %x_1, 1.0
          %n_2: int = add %n_1, 1
          yield %x_2, %n_2
        }
      }
      yield %x, %n
    }""",
    """
    def f(a, most):
        x = a
        n = 0
        while x < most:
            x = x + 1.0
            n = n + 1
        return x, n
    """,
    0.5,
    7.0,
)

text(
    "carries change at once",
    """
    graph fib(%n: int) -> (int, seq[int]) {
      %r: seq[int] = range 0, %n, 1
      %a: int, %b: int, %ys: seq[int] = loop (%a_1: int = 0, %b_1: int = 1) over (%i: int = %r) {
        body { %b_2: int = add %a_1, %b_1; yield %b_1, %b_2, %a_1 }
      }
      yield %a, %ys
    }""",
    """
    def fib(n):
        a = 0
        b = 1
        ys = []
        for _ in range(0, n, 1):
            ys.append(a)
            a, b = b, a + b
        return a, ys
    """,
    10,
)

text(
    "nested loops share the carry; its update happens in place, after one copy",
    """
    graph f(%x: f64[3,3]) -> (f64[3,3]) {
      %r: seq[int] = range 0, 3, 1
      %x_1: f64[3,3] = loop (%x_2: f64[3,3] = %x) over (%i: int = %r) {
        body {
          %x_3: f64[3,3] = loop (%x_4: f64[3,3] = %x_2) over (%j: int = %r) {
            body {
              %c: f64[] = getitem %x_4, %i, %j {spec=("i", "i")}
              %d: f64[] = mul %c, 2.0
              %x_5: f64[3,3] = setitem %x_4, %d, %i, %j {spec=("i", "i")}
              yield %x_5
            }
          }
          yield %x_3
        }
      }
      yield %x_1
    }""",
    """
    def f(x):
        r = range(0, 3, 1)
        x = k.copy_of(x)
        for i in r:
            for j in r:
                x[i, j] = x[i, j] * 2.0
        return (x,)
    """,
    np.arange(9.0).reshape(3, 3),
)

text(
    "elif, an arm that raises, an arm with nothing to do",
    """
    graph f(%x: float) -> (float) {
      %p: pybool = lt %x, 0.0
      %q: pybool = lt %x, 1.0
      %y: float = if %p {
        raise {args=("negative",), kind=!ValueError}
        never
      } else {
        %y_1: float = if %q {
          %y_2: float = mul %x, 2.0
          yield %y_2
        } else { yield %x }
        yield %y_1
      }
      yield %y
    }""",
    """
    def f(x):
        p = x < 0.0
        q = x < 1.0
        if p:
            k.raise_(args=('negative',), kind=ValueError)
        elif q:
            y = x * 2.0
        else:
            y = x
        return (y,)
    """,
    0.5,
)

text(
    "reversed loops over several sequences; ys belong to the items they came from",
    """
    graph f(%xs: seq[float], %n: int) -> (float, seq[float]) {
      %r: seq[int] = range 0, %n, 1
      %s: float, %ys: seq[float] = loop (%s_1: float = 0.0)
          over (%x: float = %xs, %i: int = %r) reversed {
        body {
          %t: float = mul %x, %i
          %s_2: float = add %s_1, %t
          yield %s_2, %s_2
        }
      }
      yield %s, %ys
    }""",
    """
    def f(xs, n):
        s = 0.0
        ys = []
        for x, i in k.backwards(xs, range(0, n, 1)):
            s = s + x * i
            ys.append(s)
        ys.reverse()
        return s, ys
    """,
    [1.0, 2.0, 3.0, 4.0],
    3,
)

text(
    "effects keep their place; what is printed before is computed before",
    """
    graph f(%a: f64[3], %i: int) -> (f64[]) {
      %x: f64[] = getitem %a, %i {spec=("i",)}
      print %i {parts=("i = ", ("", ""), "\\n")}
      %y: f64[] = mul %x, 2.0
      yield %y
    }""",
    """
    def f(a, i):
        x = a[i]
        k.print(i, parts=('i = ', ('', ''), '\\n'))
        return (x * 2.0,)
    """,
    np.array([1.0, 2.0, 3.0]),
    1,
)

text(
    "parentheses where they are needed, constants by name",
    """
    graph f(%a: float, %b: float) -> (float, bool[], f64[2]) {
      %1: float = add %a, %b
      %2: float = mul %1, -2.0
      %3: float = sub %b, %2
      %4: float = neg %3
      %5: float = pow %4, 2
      %inf: bool[] = constant {value=dense<bool[]: True>}
      %7: f64[2] = constant {value=dense<f64[2]: 1.0, inf>}
      %8: f64[2] = mul %7, inf
      yield %5, %inf, %8
    }""",
    """
    def f(a, b):
        return (-(b - (a + b) * -2.0)) ** 2, c0, c1 * c2
    """,
    1.0,
    3.0,
)

text(
    "hostile names",
    """
    graph class(%for: float, %np: float, %k: float, %c0: float, %λ: float) -> (float) {
      %count: float = add %for, %np
      %print: float = mul %count, %count
      %_: float = sub %print, %k
      %x: float = sub %_, %c0
      %y: float = mul %x, %λ
      yield %y
    }""",
    """
    def class_1(for_1, np_1, k_1, c0_1, λ):
        count_1 = for_1 + np_1
        return ((count_1 * count_1 - k_1 - c0_1) * λ,)
    """,
    1.0,
    2.0,
    3.0,
    4.0,
    5.0,
)


@pytest.mark.parametrize("name", TEXTS)
def test_text_and_result(name):
    graph_text, program_text, inputs = TEXTS[name]
    graph = parse(graph_text)
    program = generate(graph)
    assert program.source == program_text
    np.testing.assert_equal(list(program(*inputs)), interpret(graph, list(inputs)))
