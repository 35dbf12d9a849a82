"""Damaged text: every mistake has its message and its place, and nothing else ever escapes."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graphc.errors import GraphSyntaxError
from graphc.ir import parse, verify
from graphc.ir.types import PYINT
from graphc.source import Location
from tests.ir.toys import NEWTON, graphs

MANY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=500)

HEAD = "graph f(%a: f64[], %p: bool[]) -> () {\n"


def body(*lines):
    return HEAD + "".join(f"  {line}\n" for line in lines) + "  yield\n}\n"


# one row for each way to go wrong: the text, the place (line, column), and what is said
DAMAGED = [
    ("", (1, 1), "found the end of the text, expected 'graph'"),
    ("grph f() -> () { yield }", (1, 1), "found 'grph', expected 'graph'"),
    ("graph f() -> () { yield } junk", (1, 27), "found 'junk', expected 'graph'"),
    ("graph f() -> () {\n  yield\n", (3, 1), "found the end of the text, expected '}'"),
    ("graph f() -> () { yield ~ }", (1, 25), "found '~', which is no part of graph text"),
    ("graph f() -> (f64[]) { yield }", (1, 14), "found 1 result types; 0 are yielded"),
    ("graph f() -> (float) { yield 2 }", (1, 15), "found float; a value of type int is yielded"),
    ("graph f(%a: int, %a: int) -> () { yield }", (1, 18), "%a is defined twice; first on line 1"),
    ("graph f(%a: f64) -> () { yield }", (1, 16), "found ')', expected '['"),
    ("graph f(%a: f65[]) -> () { yield }", (1, 13), "found 'f65', expected a type"),
    ("graph f(%a: f64[2.5]) -> () { yield }", (1, 17), "found '2.5', expected a dimension or '?'"),
    ("graph f(%a: f64[-1]) -> () { yield }", (1, 17), "found '-1', expected a dimension or '?'"),
    (f"graph f(%a: f64[{2**63}]) -> () {{ yield }}", (1, 17), "a dimension that no array can have"),
    ("graph f(%a: f64[" + "1," * 65 + "]) -> () { yield }", (1, 16), "an array of 65 dimensions"),
    ("graph f(%a: maybe[maybe[int]]) -> () { yield }", (1, 7), "a type that is maybe[maybe[…]]"),
    ("graph f() -> () { yield }\ngraph f() -> () { yield }", (2, 7), "a second graph called 'f'"),
    ("graph f() -> () { yield }\ngraph g() -> () { yield }", (2, 7), "'g' is never referred to"),
    ("graph f() -> () { yield } # :1", (1, 27), "a location without a file"),
    ("graph f() -> () { yield } # :one", (1, 27), "expected a location"),
    (body("t_effec"), (2, 3), "no op is called 't_effec'; is it 't_effect'?"),
    (body("zzzzzz"), (2, 3), "no op is called 'zzzzzz'\n"),
    (body("while"), (2, 3), "found 'while', expected an op or 'yield'"),
    (body("t_effect %b"), (2, 12), "%b is not defined before its use"),
    (body("%b: f64[] = t_same %b"), (2, 22), "%b is not defined before its use"),
    (body("%a: f64[] = t_same 2.0"), (2, 3), "%a is defined twice; first on line 1"),
    (body("if %p {", "%b: f64[] = t_same %a", "yield } else { t_effect %b; yield }"),
     (4, 27), "%b (line 3) is defined in a region that has ended"),
    (body("t_effect %a %p"), (2, 15), "found '%p', expected the end of the line or ';'"),
    (body("t_effect %a,"), (3, 3), "found 'yield', expected a value (%…) or a number"),
    (body("%b = t_same %a"), (2, 6), "found '=', expected ':'"),
    (body("%b: f64[] t_same %a"), (2, 13), "found 't_same', expected '='"),
    (body("%b: int = t_same %a"), (2, 13), "result 0 is int; inference gives f64[]"),
    (body("%b: f64[] = t_same"), (2, 15), "not defined for (): ShapeError: t_same takes"),
    (body("%b: f64[], %c: f64[] = t_same %a"), (2, 26), "2 results; inference gives 1"),
    (body("t_any"), (2, 3), "not defined for (): KeyError: 'types'"),
    (body('t_effect {s="a}'), (2, 15), "a string that does not end on its line"),
    (body('t_effect {s="\\q"}'), (2, 15), "a string with an escape that JSON does not have"),
    (body("t_effect {a=1, a=2}"), (2, 18), "attribute 'a' is given twice"),
    (body("t_effect {a=}"), (2, 15), "found '}', expected an attribute's value"),
    (body("t_effect {a=(1)}"), (2, 17), "found ')', expected ',' (a tuple of one item ends"),
    (body("t_effect {a=(1 2)}"), (2, 18), "found '2', expected ',' or ')'"),
    (body("t_effect {a=@g}"), (2, 15), "no graph of this text is called 'g'"),
    (body("t_effect {a=@opaque(os.path.join)}"), (2, 15), "a Python object: text cannot hold it"),
    (body("t_effect {a=!os.system}"), (2, 16), "expected a built-in exception"),
    (body("t_effect {a=(0x1+2j)}"), (2, 15), "expected a complex number"),
    (body("t_effect " + "9" * 5000), (2, 12), "more than 640 digits; write it in hexadecimal"),
    (body("t_effect {a=" + "(" * 5000 + "}"), (2, 79), "nested more than 64 deep"),
    ("graph f(%a: " + "seq[" * 5000, (1, 273), "nested more than 64 deep"),
    (HEAD + "if %p {" * 5000, (2, 449), "nested more than 64 deep"),
    (body("t_effect {a=dense<f64[?]: 1>}"), (2, 20), "a constant of type f64[?]"),
    (body("t_effect {a=dense<f64[2]: 1>}"), (2, 29), "found 1 elements, expected 2"),
    (body("t_effect {a=dense<f64[2]>}"), (2, 27), "found '>', expected ':' and 2 elements"),
    (body("t_effect {a=dense<i8[1]: 1.5>}"), (2, 28), "found '1.5', expected an element of int8"),
    (body("t_effect {a=dense<i8[1]: 128>}"), (2, 28), "an element too large for int8"),
    (body("t_effect {a=dense<bool[1]: 0x02>}"), (2, 30), "a byte that is neither True"),
    (body("t_effect {a=dense<f64[2]: 0x00>}"), (2, 29), "found 2 hexadecimal digits, expected 32"),
    (body(f"t_effect {{a=dense<f64[{10**12}]: splat 0>}}"), (2, 41), "a splat of 1000000000000"),
    (body(f"t_effect {{a=dense<f64[0,{2**62},9]>}}"), (2, 20), "no array can have the shape"),
    (body("if %p { yield }"), (3, 3), "found 'yield', expected 'else'"),
    (body("if %a { yield } else { yield }"), (2, 3), "the operand is f64[]"),
    (body("%b: int = if %p { yield 1 } else { yield }"), (2, 13), "the second arm yields 0 values"),
    (body("%b: int = if %p { yield 1 } else { yield 1.5 }"), (2, 13), "is float, not int"),
    (body("loop () { body { yield } }"), (2, 3), "nothing ends it"),
    (body("loop (%b: int = %a) { while { yield %p } body { yield 1 } }"), (2, 3), "1 carries"),
    (body("loop () over (%b: int = %a) { body { yield } }"), (2, 3), "a value of type f64[]"),
    (body("loop () { while { yield 1 } body { yield } }"), (2, 3), "the test yields int"),
    (body("loop () { while { yield %p } }"), (2, 32), "found '}', expected 'body'"),
    (body("loop (%a: int = 1) { body { yield 1 } }"), (2, 9), "%a is defined twice"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message"), DAMAGED)
def test_damaged_text(text, place, message):
    with pytest.raises(GraphSyntaxError) as caught:
        parse(text)
    line, column = place
    shown = str(caught.value)
    assert f"graph text, line {line}, column {column}: " in shown
    assert message in shown
    assert caught.value.location.line == line


def test_the_caret_points_at_the_place():
    with pytest.raises(GraphSyntaxError) as caught:
        parse(body("%b: f64[] = t_sam %a"))
    assert str(caught.value) == (
        "graph text, line 2, column 15: no op is called 't_sam'; is it 't_same'?\n"
        "      %b: f64[] = t_sam %a\n"
        "                  ^^^^^"
    )


def test_a_long_line_is_cut_around_the_place():
    with pytest.raises(GraphSyntaxError) as caught:
        parse(body("t_effect " + "1, " * 500 + "%b" + ", 1" * 500))
    _, line, caret = str(caught.value).split("\n")
    assert len(line) <= 100
    assert line[caret.index("^") :].startswith("%b")


def test_free_text_and_one_line_forms():
    text = """
# the place on a line is that of every op which begins there
graph f(%a: f64[]) -> (f64[],) {  # f.py:1
  # a remark
  %b: f64[] = t_same %a; %c: f64[] = t_same %b  # :2:4
  %d: int = loop (%e: int = 1) { while { %p: bool[] = t_test; yield %p } body { yield 2 } }# g.py:3
  yield %c
}
"""
    graph = parse(text)
    first, second, loop = graph.region.ops
    assert first.loc == second.loc == Location("f.py", 2, 4)
    assert loop.loc == loop.regions[1].ops[0].loc == Location("g.py", 3)
    assert loop.result.type == PYINT


def outcome(text):
    """A valid graph that prints and reads back, or GraphSyntaxError; anything else is a bug."""
    try:
        graph = parse(text)
    except GraphSyntaxError as error:
        assert str(error)
        return
    verify(graph)
    assert str(parse(str(graph))) == str(graph)


def tokens_of(text):
    return text.replace("\n", " \n ").split(" ")


PIECES = st.sampled_from(
    tokens_of(NEWTON)
    + '{ } ( ) [ ] , ; : = -> < > # % @ " graph if loop while body region never else'.split()
    + "f64[ seq[ maybe[ 0x 1e999 -inf (1+2j) dense<f64[2]: splat @f %b ² \ud800 :3".split(" ")
    + ["\n", "# :3\n", "# g.py:4:5-6\n"]
)
ODD = '%{}()[],;:=<>!#"\\@?.-+0129aefjnx_ \n\t\r\0²λ'
CHARACTERS = st.sampled_from(list(ODD)) | st.characters()


@st.composite
def mutations(draw, unit, pieces):
    """Some pieces deleted, replaced, repeated, or exchanged."""
    parts = unit(draw(st.just(NEWTON) | graphs().map(str)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(parts) - 1)) if parts else 0
        end = at + draw(st.sampled_from([0, 1, 1, 2, 7]))
        other = draw(st.integers(0, max(0, len(parts) - 1)))
        new = draw(st.just([]) | st.lists(pieces, max_size=3) | st.just(parts[other : other + 9]))
        parts[at:end] = new
    return parts


@MANY
@given(mutations(list, CHARACTERS))
def test_mutated_characters(parts):
    outcome("".join(parts))


@MANY
@given(mutations(tokens_of, PIECES))
def test_mutated_tokens(parts):
    outcome(" ".join(parts))


@MANY
@given(mutations(lambda text: text.split("\n"), st.sampled_from(NEWTON.split("\n"))))
def test_mutated_lines(parts):
    outcome("\n".join(parts))


@MANY
@given(st.text() | st.lists(PIECES).map(" ".join))
@example("graph f(%a: " + "seq[" * 100000)
@example("(" * 100000)
@example('"' * 100001)
@example("graph f() -> () { yield " + "1, " * 100000 + "}")
def test_any_text(text):
    outcome(text)
