"""Lists and dicts changed by items and as a whole: plain and decorated do the same, to the same
objects.
"""

from __future__ import annotations

import pytest

import graphc
from tests.corpus.harness import assert_same, interpreted, observe
from tests.frontend.item_programs import PROGRAMS

CALLS = ((1.0, [1.0, 2.0, 3.0]), (-1.0, [1.0, 2.0, 3.0]), (3.0, [3.0, 3.0, 7.0]))


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_same(fn) -> None:
    decorated = graphc.function(fn)
    run = interpreted(decorated)
    for args in (*CALLS, CALLS[0]):
        wanted, found = observe(fn, args), observe(decorated, args)
        assert_same(wanted, found, f"decorated{args}")
        assert_same(wanted, observe(run, args), f"interpreted{args}")
        assert (found.value is found.arguments[1]) == (wanted.value is wanted.arguments[1])


def pinned_then_assigned(x, items):
    total = x * items[items[0]]
    items[0] = 7
    if x > 0:
        items[-3] += 1
    return total


def test_an_item_whose_value_tracing_needed_is_assigned() -> None:
    for args in ((1.5, [1, 2, 3]), (-1.0, [2, 0, 1])):
        wanted = observe(pinned_then_assigned, args)
        assert_same(wanted, observe(graphc.function(pinned_then_assigned), args), f"{args}")
