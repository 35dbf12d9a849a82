"""What docs/ir.md and the docstrings show is what the code does."""

import re
import textwrap
from pathlib import Path

import pytest

import graphc.ops.control
import graphc.ops.elementwise
import graphc.ops.reduction_ops  # noqa: F401  (the registry)
from graphc.ir import INVARIANTS, parse, text, verify

PAGE = (Path(__file__).parents[2] / "docs" / "ir.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graph\n(.*?)\n```", PAGE, re.DOTALL)
DOCSTRING = re.search(r"\n(    graph f.*?\n    }\n)", text.__doc__, re.DOTALL)


@pytest.mark.parametrize("example", [*EXAMPLES, textwrap.dedent(DOCSTRING[1]).strip()])
def test_examples_are_what_is_printed(example):
    graph = parse(example)
    verify(graph)
    assert str(graph) == example


def test_the_page_lists_the_invariants():
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert {int(number): sentence for number, sentence in rows} == INVARIANTS


def test_the_op_table_has_its_place():
    assert "<!-- op table -->" in PAGE
