"""Lists whose length depends on the data: plain and decorated do the same, and have gradients."""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.frontend import list_item_programs, list_method_programs
from tests.frontend.list_programs import CASES, DATA, GRADIENTS
from tests.frontend.objects_harness import check, check_memory, check_refused
from tests.frontend.test_objects import check_gradient

assert list_item_programs, list_method_programs  # which add to the cases
UNKNOWN_LENGTH = "an int is needed here"
CHANGED_ITEM = "changing a list that is an item"
REFUSED = {
    "vstack_hstack": "a truth value is needed",
    "star_call": UNKNOWN_LENGTH,
    "string_items": "a str is an item",
    "array_appended_then_written": "append a copy",
    "iterate_rows_written": "writing to the rows",
    "iterate_nested_appended": "changing a list that is an item",
    "array_appended_outer_written_later": "append a copy",
    "branch_append_then_write": "append a copy",
    "obj_list_reset": "different structures",
    "tuple_or_none_read": "maybe[tuple",
    "tuple_with_text": "a str is an item",
    "tuple_array_written_later": "append a copy",
    "tuple_array_written_in_loop": "writing to the rows",
    "row_changed_after_appending": CHANGED_ITEM,
    "row_changed_in_the_next_iteration": CHANGED_ITEM,
    "row_changed_after_the_loop": CHANGED_ITEM,
    "bucket_of_the_data": CHANGED_ITEM,
    "list_named_twice_in_loop": "other iterations change",
    "slice_deleted_with_a_step": "deleting a slice with a step",
    "iterator_used_twice": "consumed before",
    "tuple_of_staged": "a tuple of a number of items",
}
# A list that is, by a branch or loop, one of several is another one in the result.
OTHER_LIST = {"rows_made_anew", "changed_or_bound_anew", "changed_and_named_again"}
NAMES = [case.__name__ for case in CASES]


def named(name: str):
    return CASES[NAMES.index(name)]


def test_names() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert set(REFUSED) <= set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED])
def test_same(name: str) -> None:
    check(named(name), identity=name not in OTHER_LIST)


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


def test_tuples_on_a_tape() -> None:
    @graphc.function
    def pairs(a):
        out, x = [], a[0] * 1.0
        while x < 20:
            out.append((x * a[1], (1, x)))
            x = x + 5
        return out

    def loss(a):
        found = pairs(a)
        return found[0][0] + found[1][0] * 3 + found[-1][1][1] * found[0][1][0]

    x = np.array([1.0, 2.0, 3.0])
    a = graphc.Tensor(x)
    with graphc.GradientTape() as tape:
        tape.watch(a)
        y = loss(a)
    np.testing.assert_allclose(tape.gradient(y, a), graphc.grad(loss)(x))
