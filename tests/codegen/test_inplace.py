"""Which updates happen in place, and that no program can tell."""

import numpy as np
import pytest

from graphc import ops  # registers the ops
from graphc.codegen import generate, inplace, interpret
from graphc.ir.parse import parse
from graphc.runtime.buffers import into

assert ops

LOOP = """
graph f(%x: f64[4], %n: int) -> (RESULTS) {{
  %r: seq[int] = range 0, %n, 1
  %base: f64[4] = mul %x, 2.0
  {loop}
}}"""


def row(body, results, results_types, carries="%y_1: f64[4] = %x", names="%y: f64[4]"):
    loop = f"{names} = loop ({carries}) over (%i: int = %r) {{ body {{\n{body}\n}} }}\n{results}"
    return LOOP.format(loop=loop).replace("RESULTS", results_types)


SET = '%y_2: f64[4] = setitem %y_1, 5.0, %i {spec=("i",)}'

# name: (graph, updates in place, copies)
ROWS = {
    "an input is copied once": (row(f"{SET}\nyield %y_2", "yield %y", "f64[4]"), 1, 1),
    "a fresh value is not": (
        row(f"{SET}\nyield %y_2", "yield %y", "f64[4]", "%y_1: f64[4] = %base"),
        1,
        0,
    ),
    "a fresh value that is used later is": (
        row(f"{SET}\nyield %y_2", "yield %y, %base", "f64[4], f64[4]", "%y_1: f64[4] = %base"),
        1,
        1,
    ),
    "the old value is read later": (
        row(f"{SET}\n%s: f64[4] = add %y_2, %y_1\nyield %s", "yield %y", "f64[4]"),
        0,
        0,
    ),
    "the old value is read before": (
        row(
            '%e: f64[] = getitem %y_1, 0 {spec=("i",)}\n'
            '%y_2: f64[4] = setitem %y_1, %e, %i {spec=("i",)}\nyield %y_2',
            "yield %y",
            "f64[4]",
        ),
        1,
        1,
    ),
    "a view of the old value is read later": (
        row(
            f'%v: f64[?] = getitem %y_1, %i {{spec=("_:",)}}\n{SET}\n'
            '%e: f64[] = getitem %v, 0 {spec=("i",)}\n'
            '%y_3: f64[4] = setitem %y_2, %e, 0 {spec=("i",)}\nyield %y_3',
            "yield %y",
            "f64[4]",
        ),
        1,  # the second one
        1,
    ),
    "the values are collected": (
        row(
            f"{SET}\nyield %y_2, %y_2",
            "yield %y, %ys",
            "f64[4], seq[f64[4]]",
            names="%y: f64[4], %ys: seq[f64[4]]",
        ),
        0,
        0,
    ),
    "two carries change places": (
        row(
            f"{SET}\nyield %z_1, %y_2",
            "yield %y, %z",
            "f64[4], f64[4]",
            "%y_1: f64[4] = %base, %z_1: f64[4] = %x",
            "%y: f64[4], %z: f64[4]",
        ),
        0,
        0,
    ),
    "one carry keeps what another was": (
        row(
            f"{SET}\nyield %y_2, %y_1",
            "yield %y, %z",
            "f64[4], f64[4]",
            "%y_1: f64[4] = %base, %z_1: f64[4] = %x",
            "%y: f64[4], %z: f64[4]",
        ),
        0,
        0,
    ),
    "in one arm": (
        row(
            "%p: pybool = lt %i, 2\n%y_3: f64[4] = if %p {\n"
            f"{SET}\nyield %y_2\n}} else {{ yield %y_1 }}\nyield %y_3",
            "yield %y",
            "f64[4]",
        ),
        1,
        1,
    ),
    "the value written is a view of the array": (
        row(
            '%v: f64[4] = getitem %y_1, -1 {spec=("::_",)}\n'
            '%y_2: f64[4] = setitem %y_1, %v {spec=("e",)}\nyield %y_2',
            "yield %y",
            "f64[4]",
        ),
        0,
        0,
    ),
    "repeated indices add up": (
        row(
            '%a: f64[4] = index_add %y_1, 1.0, %i {spec=("i",)}\nyield %a',
            "yield %y",
            "f64[4]",
        ),
        1,
        1,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_plan_and_result(name):
    text, in_place, copies = ROWS[name]
    graph = parse(text)
    program = generate(graph)
    updates = program.plan.updates
    assert (len(updates.in_place), len(updates.copies)) == (in_place, copies), program.source
    x = np.arange(4.0)
    np.testing.assert_equal(list(program.run(x, 3)), interpret(graph, [x, 3]))
    np.testing.assert_array_equal(x, np.arange(4.0))


def test_rows_of_an_array_that_is_iterated_are_not_overwritten():
    graph = parse(
        """
    graph f(%x: f64[2,4]) -> (f64[4], f64[2,4]) {
      %rows: seq[f64[4]] = rows %x
      %s: f64[4] = loop (%s_1: f64[4] = %zero) over (%v: f64[4] = %rows) {
        body {
          %v_1: f64[4] = setitem %v, 9.0, 0 {spec=("i",)}
          yield %v_1
        }
      }
      yield %s, %x
    }""".replace("graph f(", "graph f(%zero: f64[4], ")
    )
    program = generate(graph)
    assert not program.plan.updates.in_place
    x = np.arange(8.0).reshape(2, 4)
    program.run(np.zeros(4), x)
    np.testing.assert_array_equal(x, np.arange(8.0).reshape(2, 4))


def test_large_sums_of_cotangents_happen_in_place():
    graph = parse("""
    graph f(%x: f64[200,200], %n: int) -> (f64[200,200]) {
      %r: seq[int] = range 0, %n, 1
      %y: f64[200,200] = loop (%y_1: f64[200,200] = %x) over (%i: int = %r) {
        body {
          %t: f64[200,200] = mul %x, %i
          %y_2: f64[200,200] = accumulate %y_1, %t
          yield %y_2
        }
      }
      yield %y
    }""")
    program = generate(graph)
    assert "x_1 = k.accumulate_(x_1, x * i)" in program.source or "y = k.accumulate_(y, x * i)" in (
        program.source
    )
    x = np.ones((200, 200))
    np.testing.assert_array_equal(program.run(x, 4)[0], x * 7)
    np.testing.assert_array_equal(x, np.ones((200, 200)))


def test_a_loop_of_updates_takes_linear_time():
    graph = parse(row(f"{SET}\nyield %y_2", "yield %y", "f64[?]").replace("f64[4]", "f64[?]"))
    n = 2000
    program = generate(graph)
    copies = []

    class Counted(np.ndarray):
        def copy(self, order="C"):
            copies.append(self.shape)
            return np.array(self)

    y = program.run(np.zeros(n).view(Counted), n)[0]
    assert copies == [(n,)] and (y == 5.0).all()


# -- arithmetic on large arrays -------------------------------------------------------------------

LARGE = """
graph f(%x: f64[200,200], %n: int) -> ({types}) {{
  %r: seq[int] = range 0, %n, 1
  %b: f64[200,200] = mul %x, 3.0
  {names} = loop (%y_1: f64[200,200] = {init}) over (%i: int = %r) {{
    body {{
      {body}
    }}
  }}
  yield {results}
}}"""
ARRAY = "f64[200,200]"
DOUBLE = f"%y_2: {ARRAY} = mul %y_1, 2.0\n"
Y = f"%y: {ARRAY}"

# name: (ops in place, what the graph is made of)
ARITHMETIC = {
    "a fresh value": (1, {"body": DOUBLE + "yield %y_2"}),
    "the other operand": (1, {"body": f"%y_2: {ARRAY} = sub 2.0, %y_1\nyield %y_2"}),
    "a chain": (
        2,
        {"body": DOUBLE + f"%y_3: {ARRAY} = add %y_2, %x\nyield %y_3"},
    ),
    "an input": (0, {"init": "%x", "body": DOUBLE + "yield %y_2"}),
    "a value that is used later": (
        0,
        {"body": DOUBLE + "yield %y_2", "results": "%y, %b", "types": f"{ARRAY}, {ARRAY}"},
    ),
    "values that are collected": (
        0,
        {
            "body": DOUBLE + "yield %y_2, %y_1",
            "names": f"{Y}, %ys: seq[{ARRAY}]",
            "results": "%y, %ys",
            "types": f"{ARRAY}, seq[{ARRAY}]",
        },
    ),
    "a view is read later": (
        0,
        {
            "body": f"%v: {ARRAY} = transpose %y_1 {{axes=(1, 0)}}\n{DOUBLE}"
            f"%y_3: {ARRAY} = add %y_2, %v\nyield %y_3"
        },
    ),
    "twice the same operand": (0, {"body": f"%y_2: {ARRAY} = mul %y_1, %y_1\nyield %y_2"}),
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic(name):
    count, parts = ARITHMETIC[name]
    given = {"init": "%b", "names": Y, "results": "%y", "types": ARRAY, **parts}
    graph = parse(LARGE.format(**given))
    program = generate(graph)
    assert program.source.count("k.into(") == count == len(program.plan.updates.in_place)
    x = np.random.default_rng(0).normal(size=(200, 200))
    before = x.copy()
    np.testing.assert_equal(list(program.run(x, 3)), interpret(graph, [x, 3]))
    np.testing.assert_array_equal(x, before)


def test_a_result_of_another_dtype_or_order_is_a_new_array():
    rows, other = np.ones((3, 4)), np.ones((3, 4), np.float32)
    columns = np.ones((4, 3)).T
    frozen = np.ones((3, 4))
    frozen.flags.writeable = False
    assert into(rows, np.add, rows, 1) is rows and into(rows, np.add, columns, rows) is rows
    for out, operand in ((other, rows), (columns, rows), (frozen, rows), (np.ones(3, int), 0.5)):
        found = into(out, np.add, out, operand)
        assert found is not out
        assert found.dtype == (out + operand).dtype and found.strides == (out + operand).strides
    assert into(np.float64(1.0), np.add, np.float64(1.0), 2) == 3.0


@pytest.mark.parametrize("name", inplace.UFUNCS.values())
def test_in_place_gives_the_same_bits(name):
    ufunc = getattr(np, name.removeprefix("np."))
    rng = np.random.default_rng(0)
    for size in (1, 3, 7, 33, 1000):
        operands = [rng.normal(size=size) for _ in range(ufunc.nin)]
        expected = ufunc(*operands)
        assert into(operands[0], ufunc, *operands).tobytes() == expected.tobytes()
