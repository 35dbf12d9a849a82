"""Lists whose length depends on the data: plain and decorated do the same, and have gradients."""

from __future__ import annotations

import pytest

from tests.frontend.list_programs import CASES, DATA, GRADIENTS
from tests.frontend.objects_harness import check, check_memory, check_refused
from tests.frontend.test_objects import check_gradient

UNKNOWN_LENGTH = "an int is needed here"
REFUSED = {
    "vstack_hstack": "a truth value is needed",
    "unpack_list": UNKNOWN_LENGTH,
    "star_call": UNKNOWN_LENGTH,
    "tuples": "a tuple is an item",
    "tuples_unpacked": "a tuple is an item",
    "string_items": "a str is an item",
    "list_reset": "do not settle",
    "list_copied": "comparing",
    "compare_list": "comparing",
    "array_appended_then_written": "append a copy",
    "sort_in_place": "sort",
    "iterate_rows_written": "writing to the rows",
    "iterate_nested_appended": "changing a list that is an item",
    "array_appended_outer_written_later": "append a copy",
    "branch_append_then_write": "append a copy",
    "obj_list_reset": "different structures",
    "pop_in_branch_while": "do not merge",
    "slice_assign": "assigning to a slice",
}
NAMES = [case.__name__ for case in CASES]


def named(name: str):
    return CASES[NAMES.index(name)]


def test_names() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert set(REFUSED) <= set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED])
def test_same(name: str) -> None:
    check(named(name))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    check_refused(named(name), REFUSED[name])


@pytest.mark.parametrize("case", [c for c in GRADIENTS if c.__name__ not in REFUSED])
def test_gradient(case) -> None:
    for (x,) in DATA():
        check_gradient(case.fn, x)


@pytest.mark.parametrize("name", ["append_in_while", "history_of_local_object"])
def test_memory(name: str) -> None:
    check_memory(named(name), 1000)
