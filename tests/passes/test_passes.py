"""Each pass: text, pass, text. What a pass must leave alone is a row whose text does not change."""

import textwrap

import pytest

from graphc import ops  # registers the ops
from graphc.ir.parse import parse
from graphc.ir.verify import verify
from graphc.passes import cse, dce, fold, hoist, inline_branches, pass_through

assert ops

ROWS = {}


def row(run, name, before, after=None):
    ROWS[f"{run.__name__}: {name}"] = (
        run,
        textwrap.dedent(before),
        textwrap.dedent(after or before),
    )


# -- fold -----------------------------------------------------------------------------------------

row(
    fold,
    "numbers",
    """
    graph f(%a: float) -> (float, pybool) {
      %1: int = add 2, 3
      %2: int = mul %1, %1
      %3: float = mul %a, %2
      %4: pybool = lt %2, 30
      yield %3, %4
    }""",
    """
    graph f(%a: float) -> (float, pybool) {
      %1: float = mul %a, 25
      yield %1, True
    }""",
)
row(
    fold,
    "what would raise is left to raise",
    """
    graph f() -> (float) {
      %1: float = div 1.0, 0
      yield %1
    }""",
)
row(
    fold,
    "nothing huge is computed",
    """
    graph f() -> (int) {
      %1: int = pow 10, 100000000
      yield %1
    }""",
)
row(
    fold,
    "identities",
    """
    graph f(%a: f64[3], %n: int, %x: float) -> (f64[3], int, float) {
      %1: f64[3] = mul %a, 1
      %2: f64[3] = div %1, 1.0
      %3: f64[3] = neg %2
      %4: f64[3] = neg %3
      %5: f64[3] = sub %4, 0.0
      %6: f64[3] = sin %5
      %7: int = add %n, 0
      %8: float = pow %x, 1
      yield %6, %7, %8
    }""",
    """
    graph f(%a: f64[3], %n: int, %x: float) -> (f64[3], int, float) {
      %1: f64[3] = neg %a
      %2: f64[3] = sin %a
      yield %2, %n, %x
    }""",
)
row(
    fold,
    "shapes and dtypes that are there already",
    """
    graph f(%a: f64[2,3], %b: f64[2,3]) -> (f64[2,3]) {
      %1: f64[3,2] = transpose %a {axes=(1, 0)}
      %2: f64[2,3] = transpose %1 {axes=(1, 0)}
      %3: f64[2,3] = reshape %2, 2, 3
      %4: f64[2,3] = broadcast_like %3, %b
      %5: f64[2,3] = sum_to_like %4, %b
      %6: f64[2,3] = cast %5 {dtype=float64}
      %7: f64[2,3] = bound %6 {name="a"}
      %8: f64[2,3] = sin %7
      yield %8
    }""".replace("dtype=float64", "dtype=f64"),
    """
    graph f(%a: f64[2,3], %b: f64[2,3]) -> (f64[2,3]) {
      %1: f64[3,2] = transpose %a {axes=(1, 0)}
      %2: f64[2,3] = sin %a
      yield %2
    }""",
)
row(
    fold,
    "nothing that changes a value",
    """
    graph f(%a: f64[3], %c: complex, %i: i32[3]) -> (f64[3], complex, f64[3]) {
      %1: f64[3] = add %a, 0
      %2: f64[3] = mul %1, 0
      %3: f64[3] = sub %2, -0.0
      %4: complex = mul %c, 1
      %5: f64[3] = mul %i, 1.0
      %6: f64[3] = sin %5
      yield %3, %4, %6
    }""",
)
row(
    fold,
    "a copy that the caller gets stays a copy",
    """
    graph f(%a: f64[3]) -> (f64[3]) {
      %1: f64[3] = mul %a, 1
      yield %1
    }""",
)
row(
    fold,
    "a float that may be an int stays",
    """
    graph f(%p: pybool, %x: float) -> (float) {
      %y: float = if %p { yield 1 } else { yield %x }
      %1: float = div %y, 1
      yield %1
    }""",
)
row(
    fold,
    "an index that inference refuses stays for run time",
    """
    graph f(%a: f64[3], %p: pybool) -> (f64[]) {
      %x: f64[] = if %p {
        %1: int = add 2, 3
        %2: f64[] = getitem %a, %1 {spec=("i",)}
        yield %2
      } else {
        %3: f64[] = getitem %a, 0 {spec=("i",)}
        yield %3
      }
      yield %x
    }""",
)

# -- cse ------------------------------------------------------------------------------------------

row(
    cse,
    "the same op, also in a nested region",
    """
    graph f(%x: f64[3], %p: pybool) -> (f64[3]) {
      %1: f64[3] = sin %x
      %2: f64[3] = sin %x
      %3: f64[3] = if %p {
        %4: f64[3] = sin %x
        %5: f64[3] = mul %4, %2
        yield %5
      } else { yield %1 }
      yield %3
    }""",
    """
    graph f(%x: f64[3], %p: pybool) -> (f64[3]) {
      %1: f64[3] = sin %x
      %2: f64[3] = if %p {
        %3: f64[3] = mul %1, %1
        yield %3
      } else {
        yield %1
      }
      yield %2
    }""",
)
row(
    cse,
    "not across arms, not with another number, not effects",
    """
    graph f(%x: float, %p: pybool) -> (float) {
      %1: float = if %p {
        %2: float = mul %x, 1
        %3: float = mul %2, 0.0
        print %x {parts=(("", ""),)}
        yield %3
      } else {
        %4: float = mul %x, 1.0
        %5: float = mul %4, -0.0
        print %x {parts=(("", ""),)}
        print %x {parts=(("", ""),)}
        yield %5
      }
      yield %1
    }""",
)
row(
    cse,
    "an array for each iteration",
    """
    graph f(%x: f64[3], %r: seq[int]) -> (seq[f64[3]]) {
      %1: f64[3] = sin %x
      %2: f64[3] = sin %1
      %ys: seq[f64[3]] = loop () over (%i: int = %r) {
        body {
          %3: f64[3] = sin %x
          yield %3
        }
      }
      yield %ys
    }""",
)
row(
    cse,
    "two arrays that the caller gets stay two",
    """
    graph f(%x: f64[3]) -> (f64[3], f64[3]) {
      %1: f64[3] = sin %x
      %2: f64[3] = sin %x
      yield %1, %2
    }""",
)

# -- dce ------------------------------------------------------------------------------------------

row(
    dce,
    "ops, carries that only make themselves, ys, results of ifs",
    """
    graph f(%a: float, %r: seq[int]) -> (float) {
      %0: float = mul %a, 3.0
      %b: float, %n: int, %ys: seq[float] = loop (%b_1: float = %a, %n_1: int = 0)
          over (%i: int = %r) {
        body {
          %2: float = mul %b_1, 2.0
          %3: int = add %n_1, 1
          yield %2, %3, %2
        }
      }
      %p: pybool = lt %b, 1.0
      %c: float, %d: float = if %p {
        %4: float = neg %b
        yield %b, %4
      } else { yield %a, %b }
      yield %c
    }""",
    """
    graph f(%a: float, %r: seq[int]) -> (float) {
      %b: float = loop (%b_1: float = %a) over (%i: int = %r) {
        body {
          %1: float = mul %b_1, 2.0
          yield %1
        }
      }
      %p: pybool = lt %b, 1.0
      %c: float = if %p {
        yield %b
      } else {
        yield %a
      }
      yield %c
    }""",
)
row(
    dce,
    "a carry that the test reads, and whatever an effect needs",
    """
    graph f(%a: float) -> () {
      %n: int = loop (%n_1: int = 0) {
        while {
          %p: pybool = lt %n_1, 3
          yield %p
        }
        body {
          %1: float = mul %a, %n_1
          print %1 {parts=(("", ""),)}
          %n_2: int = add %n_1, 1
          yield %n_2
        }
      }
      yield
    }""",
)
row(
    dce,
    "an if whose arm raises",
    """
    graph f(%a: float) -> (float) {
      %p: pybool = lt %a, 0.0
      if %p {
        raise {args=("no",), kind=!ValueError}
        never
      } else {
        yield
      }
      yield %a
    }""",
)

# -- hoist ----------------------------------------------------------------------------------------

row(
    hoist,
    "out of two loops",
    """
    graph f(%a: float, %b: f64[3], %r: seq[int]) -> (f64[3]) {
      %x: f64[3] = loop (%x_1: f64[3] = %b) over (%i: int = %r) {
        body {
          %y: f64[3] = loop (%y_1: f64[3] = %x_1) over (%j: int = %r) {
            body {
              %1: f64[3] = exp %b
              %2: f64[3] = mul %1, 2.0
              %3: f64[3] = mul %2, %i
              %4: f64[3] = add %y_1, %3
              yield %4
            }
          }
          yield %y
        }
      }
      yield %x
    }""",
    """
    graph f(%a: float, %b: f64[3], %r: seq[int]) -> (f64[3]) {
      %1: f64[3] = exp %b
      %2: f64[3] = mul %1, 2.0
      %x: f64[3] = loop (%x_1: f64[3] = %b) over (%i: int = %r) {
        body {
          %3: f64[3] = mul %2, %i
          %y: f64[3] = loop (%y_1: f64[3] = %x_1) over (%j: int = %r) {
            body {
              %4: f64[3] = add %y_1, %3
              yield %4
            }
          }
          yield %y
        }
      }
      yield %x
    }""",
)
row(
    hoist,
    "not what may raise, has an effect, or makes an array for each iteration",
    """
    graph f(%a: float, %b: f64[3], %r: seq[int]) -> (seq[f64[3]]) {
      %ys: seq[f64[3]] = loop () over (%i: int = %r) {
        body {
          %1: float = div 1, %a
          print %a {parts=(("", ""),)}
          %2: f64[3] = sin %b
          yield %2
        }
      }
      yield %ys
    }""",
)

# -- branches -------------------------------------------------------------------------------------

row(
    inline_branches,
    "a known predicate",
    """
    graph f(%x: float, %p: pybool) -> (float) {
      %y: float = if True {
        %1: float = mul %x, 2.0
        %z: float = if False { yield 1.0 } else { yield %1 }
        yield %z
      } else { yield %x }
      yield %y
    }""",
    """
    graph f(%x: float, %p: pybool) -> (float) {
      %y: float = mul %x, 2.0
      yield %y
    }""",
)
row(
    inline_branches,
    "an arm that raises",
    """
    graph f(%x: float) -> (float) {
      %y: float = if False {
        yield %x
      } else {
        raise {args=("no",), kind=!ValueError}
        never
      }
      yield %y
    }""",
)
row(
    pass_through,
    "carries and results that never change, through two loops",
    """
    graph f(%a: float, %m: float, %r: seq[int]) -> (float, float) {
      %x: float, %n: float = loop (%x_1: float = %a, %n_1: float = %m) over (%i: int = %r) {
        body {
          %y: float, %k: float = loop (%y_1: float = %x_1, %k_1: float = %n_1) {
            while {
              %p: pybool = lt %y_1, %k_1
              yield %p
            }
            body {
              %1: float = add %y_1, 1.0
              %q: pybool = lt %1, 0.0
              %2: float = if %q { yield %k_1 } else { yield %k_1 }
              yield %1, %2
            }
          }
          yield %y, %k
        }
      }
      yield %x, %n
    }""",
    """
    graph f(%a: float, %m: float, %r: seq[int]) -> (float, float) {
      %x: float = loop (%x_1: float = %a) over (%i: int = %r) {
        body {
          %y: float = loop (%y_1: float = %x_1) {
            while {
              %p: pybool = lt %y_1, %m
              yield %p
            }
            body {
              %1: float = add %y_1, 1.0
              %q: pybool = lt %1, 0.0
              if %q {
                yield
              } else {
                yield
              }
              yield %1
            }
          }
          yield %y
        }
      }
      yield %x, %m
    }""",
)
row(
    pass_through,
    "a literal that inference refuses",
    """
    graph f(%a: f64[3], %r: seq[int]) -> (f64[]) {
      %x: f64[], %n: int = loop (%x_1: f64[] = %z, %n_1: int = 7) over (%i: int = %r) {
        body {
          %x_2: f64[] = getitem %a, %n_1 {spec=("i",)}
          yield %x_2, %n_1
        }
      }
      yield %x
    }""".replace("graph f(", "graph f(%z: f64[], "),
)


@pytest.mark.parametrize("name", ROWS)
def test_text_to_text(name):
    run, before, after = ROWS[name]
    graph = parse(before)
    changes = run(graph)
    verify(graph)
    assert str(graph) == str(parse(after))
    assert (changes > 0) == (str(parse(before)) != str(parse(after)))
    assert run(graph) == 0  # once is enough
