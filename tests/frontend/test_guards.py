"""What a function reads of the outside may change between calls: the next one knows it.

PYTEST_DONT_REWRITE
"""

# ruff: noqa: B006, B009, B010

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.errors import GraphcError
from tests.frontend.language import describe

WORLDS = []
LIST = [1.0]


def world(case: Any) -> Any:
    """`case(decorator)` calls a function as the world changes; returns all that this shows."""
    WORLDS.append(pytest.param(case, id=case.__name__))
    return case


@pytest.fixture(autouse=True)
def module(monkeypatch) -> types.ModuleType:
    made = types.ModuleType("users_module")
    inner = types.ModuleType("users_module.inner")
    inner.rate = 5  # type: ignore[attr-defined]
    vars(made).update(rate=2, items=LIST, weights=np.ones(2), helper=helper, inner=inner)
    made.__doc__ = "A module."
    LIST[:] = [1.0]
    globals()["users"] = made
    monkeypatch.setitem(sys.modules, "users_module", made)
    return made


users: Any = None


def helper(x):
    return x * users.rate


@pytest.mark.parametrize("case", WORLDS)
def test_same(case: Any) -> None:
    LIST[:] = [1.0]
    expected = describe(case(lambda f: f))
    vars(users).update(rate=2, weights=np.ones(2))
    LIST[:] = [1.0]
    users.inner.rate = 5
    assert describe(case(graphc.function)) == expected


def called(f: Any, *changes: Any) -> list[Any]:
    """What f(1.5) gives at first, and after each change."""
    found = [f(1.5)]
    for change in changes:
        change()
        found.append(f(1.5))
    return found


# -- defaults --------------------------------------------------------------------------------------


@world
def default_replaced(dec):
    def f(x, k=2, *, j=1):
        return x * k + j

    def positional():
        f.__defaults__ = (3,)

    def named():
        f.__kwdefaults__["j"] = 7

    return called(dec(f), positional, named)


@world
def default_of_a_callee(dec):
    def g(x, acc=[1.0]):
        acc.append(x)
        return sum(acc)

    def replace():
        g.__defaults__ = ([10.0],)

    f = dec(lambda x: g(x) + g(x, [x]))
    return called(f, g.__defaults__[0].clear, replace), g.__defaults__


@world
def default_list(dec):
    def f(x, acc=[], *, seen={}):
        for i in range(3):
            acc.append(x * i)
            seen[i] = x
        return acc, seen

    return called(dec(f), f.__defaults__[0].clear), f.__defaults__, f.__kwdefaults__


@world
def default_array(dec):
    def f(x, total=np.zeros(2)):
        total[0] += x
        return total.sum()

    def reset():
        f.__defaults__[0][:] = 4

    return called(dec(f), reset), f.__defaults__


@world
def default_of_a_method(dec):
    class Model:
        def add(self, x, acc=[]):
            acc.append(x)
            return len(acc)

        @dec
        def step(self, x):
            return self.add(x) + self.add(x)

    return called(Model().step, lambda: None), Model.add.__defaults__


@world
def default_of_a_nested_function(dec):
    @dec
    def f(x):
        def g(y, acc=[]):
            acc.append(y)
            return len(acc)

        return g(x) + g(x)

    return called(f, lambda: None)


# -- modules ---------------------------------------------------------------------------------------


@world
def number_of_a_module(dec):
    return called(dec(lambda x: x * users.rate), lambda: setattr(users, "rate", 3))


@world
def number_of_an_inner_module(dec):
    return called(dec(lambda x: x * users.inner.rate), lambda: setattr(users.inner, "rate", 3))


@world
def array_of_a_module(dec):
    def change():
        users.weights = np.full(2, 3.0)

    def write():
        users.weights[0] = 9

    return called(dec(lambda x: x * users.weights), change, write)


@world
def function_of_a_module(dec):
    f = dec(lambda x: users.helper(x))
    helper = users.helper
    try:
        return called(
            f,
            lambda: setattr(users, "rate", 3),
            lambda: setattr(users, "helper", lambda x: x - users.rate),
        )
    finally:
        users.helper = helper


@world
def list_of_a_module(dec):
    return called(dec(lambda x: x * len(users.items)), lambda: users.items.append(2.0))


@world
def list_under_two_names(dec):
    @dec
    def f(x):
        LIST.append(x)
        users.items.append(x * 2)
        return len(users.items), len(LIST), users.items is LIST

    return called(f, LIST.clear), LIST


@world
def module_in_a_closure(dec):
    def make(module):
        return lambda x: (x * module.rate, module.__name__, module.__doc__, repr(module)[:20])

    return called(dec(make(users)), lambda: setattr(users, "rate", 3))


@world
def module_given_to_the_host(dec):
    seen = []

    @dec
    def f(x):
        graphc.host_call(note, x, users)
        return x

    def note(x, module):
        seen.append((x, module is users, module.rate))

    return called(f, lambda: setattr(users, "rate", 3)), seen


def test_missing_in_a_module() -> None:
    with pytest.raises(AttributeError, match="module 'users_module' has no attribute 'missing'"):
        graphc.function(lambda x: x * users.missing)(1.0)


def test_module_assigned() -> None:
    def f(x):
        users.rate = 5
        return x * users.rate

    with pytest.raises(GraphcError, match="assigning to an attribute of a"):
        graphc.function(f)(1.0)
    assert users.rate == 2


# -- classes and functions -------------------------------------------------------------------------


@world
def attribute_of_a_class(dec):
    class Model:
        rate = 2

    return called(
        dec(lambda x: x * Model.rate),
        lambda: setattr(Model, "rate", 3),
        lambda: setattr(Model, "rate", 3.0),
    )


@world
def class_attribute_of_an_instance(dec):
    class Base:
        rate = 2

    class Model(Base):
        pass

    model = Model()
    return called(
        dec(lambda x: x * model.rate + x * getattr(model, "rate")),
        lambda: setattr(Base, "rate", 3),
        lambda: setattr(Model, "rate", 4),
        lambda: setattr(model, "rate", 5),
    )


@world
def containers_of_a_class(dec):
    class Point:
        def __init__(self):
            self.x = 1.0

    class Model:
        rates: dict[str, Any] = {"a": [1.0, 2.0]}
        seen: list[float] = []
        point = Point()
        names = {"a"}

    @dec
    def f(x):
        return x * sum(Model.rates["a"]), len(Model.seen), x * Model.point.x, len(Model.names)

    return called(
        f,
        lambda: Model.rates["a"].append(3.0),
        lambda: Model.seen.append(1.0),
        lambda: setattr(Model.point, "x", 2.0),
        lambda: Model.names.add("b"),
    )


@world
def method_replaced(dec):
    class Model:
        def step(self, x):
            return x * 2

        @property
        def rate(self):
            return 3

        def __add__(self, other):
            return other * 5

    model = Model()
    return called(
        dec(lambda x: model.step(x) + model.rate + (model + x)),
        lambda: setattr(Model, "step", lambda self, x: x * 7),
        lambda: setattr(Model, "rate", 11),
    )


@world
def attribute_of_a_function(dec):
    def helper(x):
        return x

    helper.rate = 2  # type: ignore[attr-defined]
    helper.table = [1.0]  # type: ignore[attr-defined]
    return called(
        dec(lambda x: helper(x) * helper.rate + sum(helper.table)),
        lambda: setattr(helper, "rate", 3),
        lambda: helper.table.append(4.0),  # type: ignore[attr-defined]
    )


def test_no_new_trace_without_a_change() -> None:
    """Properties and operators are others while tracing: that is no change."""

    class Model:
        rate = 2

        @property
        def twice(self):
            return self.rate * 2

        def __mul__(self, x):
            return x * self.twice

    model = Model()
    f = graphc.function(lambda x: model * x + users.rate + Model.rate)
    for _ in range(3):
        assert f(1.5) == 10.0
    assert len(f.traces) == 1


def test_guards_do_not_grow_with_calls() -> None:
    def g(x):
        return x * users.rate

    def f(x, ws):
        for w in ws:
            x = g(x) * w
        return x

    few, many = graphc.function(f), graphc.function(f)
    guards = [
        len(each.trace(1.0, [1.0] * n).compiled.guards) for each, n in ((few, 2), (many, 40))
    ]
    assert guards[0] == guards[1]
