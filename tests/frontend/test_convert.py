"""The rewritten function object: identity, closure, locations, tracebacks, caching, printing,
size."""

from __future__ import annotations

import ast
import inspect
import linecache
import traceback
import types

import pytest

from graphc.errors import ConversionError
from graphc.frontend.convert import PASSES, convert, is_converted, transformed_source
from tests.frontend import programs
from tests.frontend.harness import observe
from tests.frontend.plain_forms import PlainForms
from tests.frontend.random_programs import load

FORMS = PlainForms()


def scale(x: float, by: float = 2.0, *, plus: float = 1.0) -> float:
    """Scale."""
    return x * by + plus if x > 0 else x


scale.tag = "kept"


def test_attributes_of_the_function_are_kept():
    new = convert(scale, FORMS).function
    for name in ("__name__", "__qualname__", "__doc__", "__module__", "__defaults__"):
        assert getattr(new, name) == getattr(scale, name)
    assert new.__kwdefaults__ == scale.__kwdefaults__
    assert new.__annotations__ == scale.__annotations__
    assert new.__globals__ is scale.__globals__
    assert new.tag == "kept"
    assert inspect.signature(new) == inspect.signature(scale)
    assert new(3.0) == scale(3.0)


def test_nothing_is_added_to_the_module():
    before = set(globals())
    convert(scale, FORMS).function(1.0)
    assert set(globals()) == before


def test_closure_cells_are_shared():
    n = 1

    def read():
        return n + 1

    new = convert(read, FORMS).function
    n = 10
    assert new() == read() == 11


def test_conversion_is_done_once_per_code():
    def make(n):
        def f(x):
            return x + n

        return f

    one, two = (convert(make(n), FORMS).function for n in (1, 2))
    assert one.__code__ is two.__code__
    assert (one(0), two(0)) == (1, 2)


def test_forms_name_avoids_the_users():
    gc = 5
    new = convert(lambda x: (gc, x and gc), FORMS).function
    assert new(1) == (gc, gc)
    assert "gc_1" in new.__code__.co_freevars


def test_nested_functions_count_as_converted():
    def outer(x):
        def inner():
            return x

        if x:
            return inner, lambda: x

    new = convert(outer, FORMS).function
    assert is_converted(new)
    assert all(is_converted(fn) for fn in new(1))
    assert not is_converted(outer)
    assert not is_converted(len)
    assert new(1)[0].__qualname__ == outer(1)[0].__qualname__


def test_names_are_numbered_in_source_order():
    text = transformed_source(convert(programs.continue_in_nested_branches, FORMS))
    found = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert sorted(found[1:], key=lambda name: int(name.split("_")[1])) == [
        "body_1", "then_2", "else_2", "then_3", "else_3", "then_4", "else_4", "then_5", "else_5",
    ]  # fmt: skip


@pytest.mark.parametrize("fn", [fn for fn, _ in programs.PROGRAMS], ids=lambda fn: fn.__name__)
def test_printed_text_is_the_function(fn):
    converted = convert(fn, FORMS)
    printed = ast.parse(transformed_source(converted)).body[0]
    assert ast.unparse(printed) == ast.unparse(converted.tree)


@pytest.mark.parametrize("fn", [fn for fn, _ in programs.PROGRAMS], ids=lambda fn: fn.__name__)
def test_every_line_is_the_users(fn):
    lines, first = inspect.getsourcelines(fn)
    stack = [convert(fn, FORMS).function.__code__]
    while stack:
        code = stack.pop()
        stack += [const for const in code.co_consts if isinstance(const, types.CodeType)]
        assert code.co_filename == fn.__code__.co_filename
        numbers = {line for _, _, line in code.co_lines() if line}
        assert all(first <= line < first + len(lines) for line in numbers)


FAILING = """\
def helper(x):
    return 1 / x

def f(x):
    while x < 5:
        if x > 1:
            y = 2 + \\
                helper(x - 3)
        x += 1

fuel = 0
"""


def test_traceback_shows_the_users_lines():
    fn, _ = load(FAILING)
    shown = []
    for function in (fn, convert(fn, FORMS).function):
        with pytest.raises(ZeroDivisionError) as caught:
            function(0)
        frames = traceback.extract_tb(caught.value.__traceback__)
        ours = [f for f in frames if f.filename.startswith("<random program")]
        shown.append([(f.lineno, f.line, f.colno, f.end_colno) for f in ours])
    plain, rewritten = shown
    # the rewritten one passes through the loop's and the branch's own frames on the way
    assert [line for line in rewritten if line in plain] == plain
    assert {frame[0] for frame in rewritten} <= {5, 6, 8, 2}


def test_future_flags_are_kept():
    text = "from __future__ import annotations\ndef f(x):\n    def g(y: nothing): return y\n"
    fn, _ = load(text + "    return g(x)\nfuel = 0\n")
    assert convert(fn, FORMS).function(3) == 3


def test_passes_before_the_last_leave_plain_python():
    assert [run.__name__ for run in PASSES][-1] == "rewrite"


def _converted_size(text: str) -> int:
    """Return the number of nodes of the rewritten function."""
    fn, _ = load(text + "\nfuel = 0\n")
    return sum(1 for _ in ast.walk(convert(fn, FORMS).tree))


SHAPES = {
    "sequential branches": lambda n: (
        "def f(x):\n" + "".join(f"    if x > {i}: y{i} = x\n    else: x += 1\n" for i in range(n))
    ),
    "guards": lambda n: "def f(x):\n" + "".join(f"    if x == {i}: return {i}\n" for i in range(n)),
    "elif chain": lambda n: (
        "def f(x):\n    if x < 0: y = 0\n"
        + "".join(f"    elif x == {i}: y = {i}\n" for i in range(n))
        + "    return y\n"
    ),
    "partial exits": lambda n: (
        "def f(x):\n"
        + "".join(f"    if x > {i}:\n        if x == {i + 1}: return {i}\n" for i in range(n))
    ),
    "match": lambda n: (
        "def f(x):\n    match x:\n"
        + "".join(f"        case {i}: y = {i}\n" for i in range(n))
        + "        case _: y = -1\n    return y\n"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_size_is_linear(shape):
    first, second, third = (_converted_size(SHAPES[shape](n)) for n in (100, 200, 300))
    assert third - second <= 1.1 * (second - first)


@pytest.mark.parametrize("shape", SHAPES)
def test_long_functions_run_within_pythons_stack(shape):
    fn, _ = load(SHAPES[shape](200) + "\nfuel = 0\n")
    new = convert(fn, FORMS).function
    for args in ((0,), (150,), (199,), (500,)):
        assert observe(new, args) == observe(fn, args)


def test_deeply_nested_branches():
    text = "def f(x):\n"
    for depth in range(50):
        text += "    " * (depth + 1) + f"if x > {depth}:\n"
    text += "    " * 51 + "y = x\n    return y\nfuel = 0\n"
    fn, _ = load(text)
    new = convert(fn, FORMS).function
    for args in ((49,), (50,), (0,)):
        assert observe(new, args) == observe(fn, args)


def test_a_long_function():
    text = "def f(x):\n" + "".join(
        f"    v{i % 50} = x + {i}\n    if v{i % 50} > 3:\n        x = x - v{i % 50}\n"
        for i in range(700)
    )
    fn, _ = load(text + "    return x, v49\nfuel = 0\n")
    assert convert(fn, FORMS).function(1) == fn(1)


def test_without_source_the_error_says_what_to_do():
    namespace: dict = {}
    exec("def f(x): return x", namespace)
    with pytest.raises(ConversionError, match=r"source of `f` cannot be found(.|\n)*notebook cell"):
        convert(namespace["f"], FORMS)
    with pytest.raises(ConversionError, match="`len` is not a function written in Python"):
        convert(len, FORMS)


def test_a_changed_file_is_noticed():
    fn, _ = load("def f(x):\n    return x\nfuel = 0\n")
    file = fn.__code__.co_filename
    linecache.cache[file] = (1, None, ["# another text\n", "def f(y, z): pass\n"], file)
    with pytest.raises(ConversionError, match="changed since it was imported"):
        convert(fn, FORMS)
