"""The fence: every row of its table refuses its construct, with the user's line, a caret and a
way out."""

# ruff: noqa: F821, F841, RUF006

from __future__ import annotations

import textwrap

import pytest

from graphc.errors import ConversionError
from graphc.frontend.convert import convert
from graphc.frontend.fence import TABLE
from tests.frontend.plain_forms import PlainForms
from tests.frontend.random_programs import load

# row: (body of `f(x)`, what the caret points at, its first line if it has several)
REFUSED = {
    "yield": ("y = yield x", "yield x"),
    "async": ("async def g():\n    pass", "async def g():"),
    "async comprehension": ("async def g():\n    pass\ng = [y async for y in x]", None),
    "exit from finally": ("try:\n    x = 1\nfinally:\n    return x", "try:"),
    "except*": ("try:\n    x = 1\nexcept* ValueError:\n    pass", "try:"),
    "class": ("class C:\n    pass", "class C:"),
    "global": ("global z\nz = x", "global z"),
    "nonlocal": ("nonlocal outer\nouter = x", "nonlocal outer"),
    "del captured": ("g = lambda: x\ndel x", "x"),
    "inside of a function": ("return make.__defaults__[0]", "make.__defaults__"),
    "locals": ("return locals()", "locals()"),
    "globals": ("return globals()", "globals()"),
    "vars": ("return vars(x), vars()", "vars()"),
    "dir": ("return dir(x), dir()", "dir()"),
    "eval": ("return eval('x')", "eval('x')"),
    "exec": ("exec('x = 1')", "exec('x = 1')"),
    "walrus in comprehension": ("return [(y := v) for v in x]", "y := v"),
    "walrus in lambda": ("return lambda: (y := x)", "y := x"),
    "comprehension target": ("return [1 for x[0] in [1]]", "[1 for x[0] in [1]]"),
}
ROWS = {row.name: row for row in TABLE}


def refusal(body: str) -> ConversionError:
    """Return the error of converting `def f(x): body`, nested in a function with a variable."""
    inner = textwrap.indent(body, "        ")
    text = f"def make():\n    outer = 0\n    def f(x):\n{inner}\n    return f, lambda: outer\n"
    text += "f = make()[0]\nfuel = None\n"
    fn, _ = load(text)
    with pytest.raises(ConversionError) as caught:
        convert(fn, PlainForms())
    return caught.value


def test_every_row_has_a_test():
    assert set(REFUSED) == set(ROWS)


@pytest.mark.parametrize("name", [n for n in REFUSED if n != "async comprehension"])
def test_row_refuses(name):
    body, pointed_at = REFUSED[name]
    error, row = refusal(body), ROWS[name]
    line = next(text for text in reversed(body.splitlines()) if pointed_at in text)
    number = 4 + body.splitlines().index(line)
    shown = line.strip()
    # the last occurrence: `vars(x), vars()` refuses the second
    caret = " " * shown.rindex(pointed_at) + "^" * len(pointed_at)
    assert str(error) == (
        f"{row.message}\n  {error.filename}:{number}\n    {shown}\n    {caret}\n  {row.way_out}"
    )
    assert error.lineno == number
    assert error.text[error.offset - 1 : error.end_offset - 1] == pointed_at


def test_async_comprehension_is_refused():
    body = "async def g():\n    pass\nreturn [y async for y in x]"
    with pytest.raises(SyntaxError, match="asynchronous comprehension"):
        refusal(body)  # Python itself: only an `async def` may hold one, and that is refused before


@pytest.mark.parametrize(
    "body",
    [
        "del x\nreturn 1",
        "return vars(Exception), dir(x)",
        "global print\nreturn print",
        "n = 0\ndef g():\n    nonlocal n\n    n += 1\ng()\nreturn n",
        "nonlocal outer\nreturn outer",
        "return (y := x) + y",
    ],
)
def test_near_misses_are_converted(body):
    inner = textwrap.indent(body, "        ")
    text = (
        f"def make():\n    outer = 0\n    def f(x):\n{inner}\n    return f\nf = make()\nfuel = 0\n"
    )
    fn, _ = load(text)
    convert(fn, PlainForms())


def test_the_first_refused_construct_is_named():
    assert refusal("while x:\n    eval('1')\nyield").lineno == 5


def test_refused_inside_nested_functions():
    assert refusal("def g():\n    yield 1\nreturn g").lineno == 5
