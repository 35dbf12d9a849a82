"""Recursion whose depth depends on data: values, effects, errors, depth, and what is refused."""

from __future__ import annotations

import copy

import pytest

import graphc
from graphc.ir import called_graphs, parse, verify

from . import programs


def outcome(fn, arguments):
    """What a call gives: its result or exception, and what it did to its arguments."""
    arguments = copy.deepcopy(arguments)
    try:
        result = fn(*arguments)
    except Exception as error:
        result = (type(error), str(error))
    return result, arguments


def same(a, b):
    assert repr(a) == repr(b)
    assert [type(x) for x in graphc.tree.flatten(a)[0]] == [type(x) for x in graphc.tree.flatten(b)[0]]


def checked(trace):
    """A trace's graph: valid, and the same after printing and parsing."""
    verify(trace.graph)
    assert str(parse(str(trace.graph))) == str(trace.graph)
    return trace.graph


@pytest.mark.parametrize(
    "program", programs.PROGRAMS, ids=lambda p: f"{p[0].__name__}-{'-'.join(map(str, p[1:]))[:20]}"
)
def test_programs(program, capsys):
    fn, *arguments = program
    expected = outcome(fn, arguments)
    printed = capsys.readouterr().out
    staged = graphc.function(fn)
    same(outcome(staged, arguments), expected)
    assert capsys.readouterr().out == printed
    graph = checked(staged.trace(*copy.deepcopy(arguments)))
    assert len(called_graphs(graph)) > 1 or fn is programs.halves
