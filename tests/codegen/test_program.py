"""A program: its text, its table of constants, its failures, its life in `linecache`."""

import gc
import linecache
import traceback

import numpy as np
import pytest

from graphc import ops  # registers the ops
from graphc.codegen import generate
from graphc.ir import Array, Dense, Graph, Op, literal
from graphc.ir.opdef import REGISTRY, OpDef
from graphc.ir.parse import parse

assert ops


def test_source_runs_again_with_its_globals():
    program = generate(
        parse(
            """
    graph f(%a: f64[2]) -> (f64[2]) {
      %c: f64[2] = constant {value=dense<f64[2]: 1.0, nan>}
      %1: f64[2] = mul %a, %c
      %2: f64[2] = cumsum %1 {axis=0, keep=False}
      yield %2
    }""".replace(", keep=False", "")
        )
    )
    namespace = dict(program.globals)
    exec(program.source, namespace)
    a = np.array([1.0, 2.0])
    np.testing.assert_array_equal(namespace["f"](a)[0], program.run(a)[0])


def test_line_map_leads_to_ops():
    graph = parse("""
    graph f(%a: f64[2], %i: int) -> (f64[2], f64[]) {
      %b: f64[2] = setitem %a, 1.0, %i {spec=("i",)}
      %c: f64[] = getitem %b, %i {spec=("i",)}
      yield %b, %c
    }""")
    program = generate(graph)
    assert program.source.splitlines()[1:] == [
        "    b = k.setitem(a, 1.0, i, spec=('i',))",
        "    return b, b[i]",
    ]
    assert {line: op.name for line, op in program.line_map.items()} == {2: "setitem", 3: "getitem"}


FAILING = """\
graph f(%a: float, %n: int) -> (float) {  # FILE:1
  %r: seq[int] = range 0, %n, 1  # :2
  %b_1: float = loop (%b: float = %a) over (%i: int = %r) {  # :2
    body {
      %k: int = sub %i, 2  # :3:13-20
      %c: float = div %b, %k  # :3:8-20
      yield %c
    }
  }
  yield %b_1
}"""


def test_failure_names_op_iteration_and_line(tmp_path):
    user = tmp_path / "user.py"
    user.write_text("def f(a, n):\n    for i in range(n):\n        a = a / (i - 2)\n    return a\n")
    program = generate(parse(FAILING.replace("FILE", str(user))))
    with pytest.raises(ZeroDivisionError) as caught:
        program(3.0, 5)
    shown = "".join(traceback.format_exception(caught.value)).replace(str(user), "user.py")
    assert shown.split("in f\n", 1)[1] == (
        "    b = b / (i - 2)\n"
        "        ~~^~~~~~~~~\n"
        "ZeroDivisionError: float division by zero\n"
        "graphc: raised by div of f, given b: float = 1.5, k: int\n"
        "in the loop at user.py:2, at i = 2\n"
        "user.py:3\n"
        "  a = a / (i - 2)\n"
        "  ^^^^^^^^^^^^\n"
    )


@pytest.mark.parametrize(
    "head, note",
    [
        ("over (%x: f64[2] = %xs)", "in iteration 1 of a loop"),
        ("over (%x: f64[2] = %xs) reversed", "in iteration 0 of a loop"),
    ],
)
def test_iteration_numbers_of_sequences(head, note):
    program = generate(
        parse(
            f"""
    graph f(%xs: seq[f64[2]], %i: int) -> (f64[]) {{
      %s_1: f64[] = loop (%s: f64[] = 0.0) {head} {{
        body {{
          %y: f64[] = getitem %x, %i {{spec=("i",)}}
          yield %y
        }}
      }}
      yield %s_1
    }}""".replace("f64[] = 0.0", "f64[] = %z").replace("graph f(", "graph f(%z: f64[], ")
        )
    )
    with pytest.raises(IndexError) as caught:
        program(np.float64(0), [np.ones(3), np.ones(2)], 2)
    assert note in caught.value.__notes__


def test_iteration_number_of_a_while():
    program = generate(
        parse("""
    graph f(%a: f64[3], %v: f64[?]) -> (f64[3]) {
      %n_1: int, %b_1: f64[3] = loop (%n: int = 0, %b: f64[3] = %a) {
        while { %p: pybool = lt %n, 3; yield %p }
        body {
          %x: f64[] = getitem %v, %n {spec=("i",)}
          %c: f64[3] = mul %b, %x
          %m: int = add %n, 1
          yield %m, %c
        }
      }
      yield %b_1
    }""")
    )
    with pytest.raises(IndexError) as caught:
        program(np.ones(3), np.ones(2))
    assert caught.value.__notes__ == [
        "graphc: raised by getitem of f, given v: float64[2], n: int = 2",
        "in iteration 2 of a loop",
    ]


def test_run_adds_no_notes_and_explain_adds_them_once():
    program = generate(parse(FAILING.replace("FILE", "nowhere.py")))
    with pytest.raises(ZeroDivisionError) as caught:
        program.run(3.0, 5)
    assert not hasattr(caught.value, "__notes__")
    program.explain(caught.value, (3.0, 5))
    notes = list(caught.value.__notes__)
    program.explain(caught.value, (3.0, 5))
    assert len(notes) == 3 and caught.value.__notes__ == notes


def test_text_leaves_linecache_when_the_next_program_is_made():
    """Not when the function is collected: someone may be walking the cache then."""
    graph = parse("graph f(%a: float) -> (float) { %b: float = mul %a, 2.0; yield %b }")
    program = generate(graph)
    name = program.filename
    assert linecache.getline(name, 1) == "def f(a):\n"
    linecache.checkcache()
    assert linecache.getline(name, 2) == "    return (a * 2.0,)\n"
    del program
    gc.collect()
    assert name in linecache.cache
    other = generate(graph)
    assert name not in linecache.cache and other.filename in linecache.cache


def test_graph_text_cannot_reach_the_source():
    graph = Graph("f):\n    import os\n#")
    a = graph.region.add_param(Array(np.dtype(float), (2,)), "x=print('a')")
    op = graph.region.append(Op("mul", [a, literal(float("nan"))], {}, [a.type]))
    op.result.name = "y\nimport os"
    second = graph.region.append(Op("add", [op.result, op.result], {}, [a.type]))
    graph.region.results = [second.result, op.result]
    assert generate(graph).source == (
        "def f_______import_os__(x_print__a__):\n"
        "    y_import_os = x_print__a__ * c0\n"
        "    return y_import_os + y_import_os, y_import_os\n"
    )


class Evil:
    def __repr__(self):
        return "__import__('os')"


@pytest.mark.parametrize(
    "value, printed",
    [
        (1, "1"),
        (-(2**200), "c0"),
        (-1.5, "-1.5"),
        (float("-inf"), "c0"),
        (1j, "c0"),
        ("a'\n", '"a\'\\n"'),
        ((1, (None, ...)), "(1, (None, ...))"),
        ((2,), "(2,)"),
        (slice(None, 3), "slice(None, 3, None)"),
        (np.dtype("float32"), "c0"),
        (np.float64(1.5), "c0"),
        (Dense(np.ones(2)), "c0"),
        (Evil(), "c0"),
    ],
)
def test_attributes_are_printed_or_named(value, printed):
    seen = []
    REGISTRY["t_keep"] = OpDef("t_keep", lambda v: seen.append(v), lambda *_: [], effect=True)
    try:
        graph = Graph("f")
        graph.region.append(Op("t_keep", [], {"v": value}, []))
        program = generate(graph)
        assert program.source == f"def f():\n    k.t_keep(v={printed})\n    return ()\n"
        program.run()
    finally:
        del REGISTRY["t_keep"]
    assert seen[0] is value or seen[0] == value and type(seen[0]) is type(value)


COUNTS = """
graph f(%a: f64[3], %v: f64[?]) -> (f64[3]) {
  %n_1: int, %b_1: f64[3] = loop (%n: int = 0, %b: f64[3] = %a) {
    while { %p: pybool = lt %n, 3; yield %p }
    body {
      EFFECT
      %x: f64[] = getitem %v, %n {spec=("i",)}
      %c: f64[3] = mul %b, %x
      %m: int = add %n, 1
      yield %m, %c
    }
  }
  yield %b_1
}"""


@pytest.mark.parametrize("effect", ["", 'print %n {parts=(("", ""),)}'])
def test_only_programs_with_effects_count_before_they_fail(effect, capsys):
    """The others run once more, counting; the exception is the first one, explained."""
    program = generate(parse(COUNTS.replace("EFFECT", effect)))
    assert ("count()" in program.source) == bool(effect)
    with pytest.raises(IndexError) as caught:
        program(np.ones(3), np.ones(2))
    assert caught.value.__notes__[1] == "in iteration 2 of a loop"
    assert capsys.readouterr().out == ("012" if effect else "")
    assert any(f.filename == program.filename for f in traceback.extract_tb(caught.tb))
