"""Where code lives: modules, scripts, cells, exec, decorators; and where there is no source."""

from __future__ import annotations

import functools
import importlib.util
import linecache
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import graphc
from graphc.errors import ConversionError

HALVES = """\
import graphc

def halves(x):
    n = 0
    while x > 1:
        x = x / 2
        n += 1
    return x, n
"""


def run_in(name: str, text: str) -> dict:
    """Execute text whose lines linecache has, as IPython and doctest do."""
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace: dict = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), namespace)
    return namespace


@pytest.mark.parametrize("name", ["<ipython-input-3-abc>", "/tmp/ipykernel_1/123.py", "<cell 4>"])
def test_cells(name):
    halves = run_in(name, HALVES)["halves"]
    assert graphc.function(halves)(5.0) == halves(5.0)
    assert f"{name}" in graphc.function(halves).trace(5.0).graph.loc.file


def test_a_cell_that_is_run_again():
    first = run_in("<cell 5>", HALVES)["halves"]
    decorated = graphc.function(first)
    second = run_in("<cell 5>", HALVES.replace("x / 2", "x / 3"))["halves"]
    assert graphc.function(second)(5.0) == second(5.0)
    assert decorated(5.0) == first(5.0) == (0.625, 3)


def test_exec_without_source_is_refused():
    namespace: dict = {}
    exec(HALVES, namespace)
    with pytest.raises(ConversionError, match="source"):
        graphc.function(namespace["halves"])


def test_builtins_are_refused():
    with pytest.raises(ConversionError):
        graphc.function(len)(np.ones(3))


def test_a_module(tmp_path):
    path = tmp_path / "module_of_the_user.py"
    path.write_text(HALVES)
    spec = importlib.util.spec_from_file_location("module_of_the_user", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert graphc.function(module.halves)(5.0) == module.halves(5.0)


def test_a_script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(HALVES + "print(graphc.function(halves)(5.0) == halves(5.0))\n")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_standard_input_has_no_source():
    text = HALVES + "graphc.function(halves)(5.0)\n"
    done = subprocess.run([sys.executable, "-"], input=text, capture_output=True, text=True)
    assert "ConversionError" in done.stderr
    assert "source" in done.stderr


def scaled(factor):
    """A decorator with an argument."""

    def decorate(fn):
        @functools.wraps(fn)
        def wrapper(*args, **kwargs):
            result = fn(*args, **kwargs)
            return result * factor if result > 0 else result

        return wrapper

    return decorate


@graphc.function
@scaled(3.0)
def under_another(x):
    while x > 1:
        x = x / 2
    return x


@scaled(3.0)
@graphc.function
def above_another(x):
    while x > 1:
        x = x / 2
    return x


def test_other_decorators():
    assert under_another(5.0) == above_another(5.0) == 0.625 * 3
    assert under_another(-5.0) == above_another(-5.0) == -5.0


class Model:
    scale = 2.0

    def __init__(self, weight):
        self.weight = weight

    @graphc.function
    def method(self, x):
        while x > 1:
            x = x / self.scale
        return x * self.weight

    @staticmethod
    @graphc.function
    def static(x):
        return x if x > 0 else -x

    @classmethod
    @graphc.function
    def made(cls, x):
        return x * cls.scale if x > 0 else x

    @property
    @graphc.function
    def doubled(self):
        return self.weight * 2 if self.weight > 0 else 0.0

    @graphc.function
    def __call__(self, x):
        return self.method(x) + self.static(-x)


def test_methods_of_classes():
    model, other = Model(3.0), Model(-1.0)
    assert [model.method(5.0), other.method(5.0)] == [1.875, -0.625]
    assert [Model.static(-2.0), model.static(2.0)] == [2.0, 2.0]
    assert [Model.made(2.0), model.made(-2.0)] == [4.0, -2.0]
    assert [model.doubled, other.doubled] == [6.0, 0.0]
    assert [model(5.0), other(5.0)] == [6.875, 4.375]


def test_two_lambdas_on_one_line():
    up, down = (lambda x: x + 1 if x > 0 else 0.0), (lambda x: x - 1 if x > 0 else 1.0)
    fns = [graphc.function(up), graphc.function(down)]
    assert [fn(x) for fn in fns for x in (2.0, -2.0)] == [3.0, 0.0, 1.0, 1.0]


def test_a_user_of_dedent():
    text = textwrap.dedent("""
        def outer(k):
            def inner(x):
                return x * k if x > 0 else k
            return inner
    """)
    outer = run_in("<cell 6>", text)["outer"]
    fns = [graphc.function(outer(k)) for k in (2.0, 3.0)]
    assert [fn(x) for fn in fns for x in (2.0, -2.0)] == [4.0, 2.0, 6.0, 3.0]
