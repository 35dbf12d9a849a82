"""Objects, containers and arrays changed in staged control flow: plain and decorated do
the same.
"""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.frontend.alias_programs import CASES as ALIASES
from tests.frontend.objects_harness import check, check_memory, check_refused
from tests.frontend.objects_programs import CASES as OBJECTS
from tests.frontend.objects_programs import DATA

CASES = OBJECTS + ALIASES
NOT_SET = "set it on both paths"
REFUSED = {
    "attr_new_on_one_path": NOT_SET,
    "class_attribute_read": NOT_SET,
    "dict_new_key_one_path": NOT_SET,
    "delattr_in_branch": NOT_SET,
    "class_attribute_written": "assigning to an attribute of a type",
    "custom_setattr": "assigning to an attribute of a Loud",
    "dataclass_frozen_assign_raises": "assigning to an attribute of a Frozen",
    "tuple_argument_with_list": "assigning to an item of a tuple",
    "argument_is_global": "shares memory with another of its inputs",
    "argument_list_is_global": "is an argument, and also",
    "dataclass_frozen_assign": "assigning to an attribute of a Frozen",
    "global_counter": "assigning a `global` variable",
    "nonlocal_cell": "rebinding a variable of the enclosing function",
    "reshape_view": "whether NumPy would change both",
    "ravel_view": "whether NumPy would change both",
    "int_array_iadd_float": "Cannot cast ufunc",
    "array_attribute_shape": "has no setter",
    "raise_while_tracing": "do not fit",
    "function_over_tensor_returned": "returned or stored",
    "list_rebound_in_branch": "still in use",
    "dict_rebound_in_branch": "still in use",
    "list_carried_and_alias": "still in use",
    "list_carried_mutated_then_rebound": "still in use",
    "outside_list_carried_rebound": "still in use",
    "view_of_outside": "shares memory with another of its inputs",
    "kwargs_dict": "does not know where this dict was made",
    "vars_of": "cannot see inside vars",
    "item_array_written": "writing to the rows",
}
NAMES = [case.__name__ for case in CASES]
# An array bound anew on one path only, and written to on the other, is another array afterwards.
OTHER_ARRAY = {"decorated_method"}
MANY_CALLS = ["attr_in_loop", "method_calls_method", "returned_new_object", "dict_outside"]


def named(name: str):
    return CASES[NAMES.index(name)]


def test_names() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert set(REFUSED) <= set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED])
def test_same(name: str) -> None:
    check(named(name), identity=name not in OTHER_ARRAY)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    try:
        check_refused(named(name), REFUSED[name])
    except graphc.errors.GraphcError as error:  # when it is decorated: there is nothing to undo
        assert REFUSED[name] in str(error)


@pytest.mark.parametrize("name", MANY_CALLS)
def test_memory(name: str) -> None:
    check_memory(named(name), 1000)


class Model:
    def __init__(self, w):
        self.w = w
        self.log = [0.0, 0.0]
        self.state = {"v": np.zeros(3)}

    def step(self, x):
        if x.sum() > 0:
            self.w = self.w * x
        else:
            self.w = self.w - x
        self.log[0] += (self.w * x).sum()
        self.state["v"] = self.state["v"] + self.w


def through_attributes(x):
    m = Model(x * 2)
    i = 0
    while i < 3:
        m.step(x)
        i += 1
    return m.log[0] + (m.state["v"] * m.w).sum()


def through_argument(x):
    y = x * 1
    while y.sum() < 50:
        y += x * x
        y[0] *= 1.5
    row = y[1:]
    row *= x[0]
    return (y * y).sum()


def through_list_items(x):
    p = [x[0], x[1] * 2]
    for _ in range(3):
        if p[0] > p[1]:
            p[0], p[1] = p[1], p[0] * x[2]
        p[1] = p[1] + p[0] * x[0]
    return p[0] * p[1]


PROGRAMS = [through_attributes, through_argument, through_list_items]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("number", range(3))
def test_gradient(program, number: int) -> None:
    (x,) = DATA()[number]
    x = np.abs(x) + 0.3 if program is through_argument else x
    check_gradient(program, x)


def check_gradient(program, x: np.ndarray) -> None:
    found = graphc.grad(program)(x.copy())
    steps = 1e-6 * np.eye(len(x))
    expected = [(program(x + h) - program(x - h)) / 2e-6 for h in steps]
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-5)
