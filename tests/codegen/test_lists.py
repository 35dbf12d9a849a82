"""Which lists are overwritten, and that no program can tell."""

import numpy as np
import pytest

import graphc
from graphc import ops  # registers the ops
from graphc.codegen import generate, interpret
from graphc.ir.parse import parse

assert ops

LOOP = """
graph f(%x: f64[], %n: int) -> (RESULTS) {{
  %r: seq[int] = range 0, %n, 1
  %base: seq[f64[]] = seq_make %x, 2.0 {{elem=none}}
  {loop}
}}"""
APPEND = "%l_2: seq[f64[]] = seq_append %l_1, %i"
LIST = "seq[f64[]]"
NESTED = f"seq[{LIST}]"


def loop(body, results, types, carries=f"%l_1: {LIST} = %base", names=f"%l: {LIST}"):
    text = f"{names} = loop ({carries}) over (%i: int = %r) {{ body {{\n{body}\n}} }}\n{results}"
    return LOOP.format(loop=text).replace("RESULTS", types)


# name: (graph, updates in place, copies)
ROWS = {
    "a list made for it": (loop(f"{APPEND}\nyield %l_2", "yield %l", LIST), 1, 0),
    "a list that is used later": (
        loop(f"{APPEND}\nyield %l_2", "yield %l, %base", f"{LIST}, {LIST}"),
        1,
        1,
    ),
    "a list of every iteration": (
        loop(
            f"{APPEND}\nyield %l_2, %l_2",
            "yield %l, %ls",
            f"{LIST}, {NESTED}",
            names=f"%l: {LIST}, %ls: {NESTED}",
        ),
        0,
        0,
    ),
    "a list with its old self in it": (
        loop(
            f"{APPEND}\n%k_2: {NESTED} = seq_append %k_1, %l_1\nyield %l_2, %k_2",
            "yield %l, %k",
            f"{LIST}, {NESTED}",
            f"%l_1: {LIST} = %base, %k_1: {NESTED} = %none",
            f"%l: {LIST}, %k: {NESTED}",
        ).replace("  %base", f"  %none: {NESTED} = seq_make {{elem=<{LIST}>}}\n  %base", 1),
        1,  # the outer one
        1,
    ),
    "popped and appended": (
        loop(
            f"%p: {LIST}, %q: f64[] = seq_pop %l_1, -1\n"
            f"%s: f64[] = add %q, %i\n%l_2: {LIST} = seq_append %p, %s\nyield %l_2",
            "yield %l",
            LIST,
        ),
        2,
        0,
    ),
    "in one arm": (
        loop(
            f"%t: pybool = lt %i, 2\n%l_3: {LIST} = if %t {{\n{APPEND}\nyield %l_2\n}} else "
            "{ yield %l_1 }\nyield %l_3",
            "yield %l",
            LIST,
        ),
        1,
        0,
    ),
    "while a loop goes over it": (
        loop(
            f"%l_4: {LIST} = loop (%l_3: {LIST} = %l_1) over (%y: f64[] = %l_1) {{ body {{\n"
            f"%l_2: {LIST} = seq_append %l_3, %y\nyield %l_2\n}} }}\nyield %l_4",
            "yield %l",
            LIST,
        ).replace("range 0, %n", "range 0, 3"),
        0,
        0,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_updates_of_lists(name):
    text, updates, copies = ROWS[name]
    graph = parse(text)
    program = generate(graph)
    planned = program.plan.updates
    assert (len(planned.in_place), len(planned.copies)) == (updates, copies), program.source
    inputs = [np.float64(1.5), 4]
    assert repr(list(program.run(*inputs))) == repr(interpret(graph, inputs))


def appended(x, n):
    out, i = [x], 0
    while i < n:
        out.append(out[-1] * 0.5 + x * i)
        if i > 2:
            out[-1] = out[-1] * 0.9
        i += 1
    return sum(out)


def stacked(x, n):
    stack, total, k = [(x, 0)], x * 0, 0
    while stack:
        y, depth = stack.pop()
        total = total + y
        if k < n:
            stack.append((y * 0.5, depth + 1))
            stack.append((y * 0.3, depth + 1))
            k += 1
    return total


@pytest.mark.parametrize("fn", [appended, stacked])
@pytest.mark.parametrize("derive", [graphc.function, graphc.grad])
def test_no_list_is_copied_in_a_loop(fn, derive):
    """Neither forward nor backward: both take linear time."""
    source = derive(fn).trace(np.float64(1.5), 9).source
    assert "[*" not in source and "k.seq_pop(" not in source, source
    assert "k.seq_setitem(" not in source and "k.seq_add_at(" not in source, source
    assert derive(fn)(np.float64(1.5), 20_000) is not None
