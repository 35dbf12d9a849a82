"""What a function reads of modules, classes and functions may change between calls: it is seen."""

from __future__ import annotations

import functools
import operator
import types

import numpy as np
import pytest

import graphc
from tests.frontend import settings
from tests.frontend.settings import Model

partial = functools.partial(lambda owner, x: owner.k * x, settings.owner)


def inner(x):
    return x * inner.k


inner.k = 2.0


def defaults(x, k=1.0):
    return x * k


def calls_with_defaults(x):
    return defaults(x) + 1


def of_a_method(x, method=settings.method):
    return method(x)


class Sub(Model):
    pass


# A function, and what is assigned between its calls: (owner, name or key, value).
CASES = {
    "module": (lambda x: x * settings.RATE, [(settings, "RATE", 5.0), (settings, "RATE", 5)]),
    "function_of_module": (
        lambda x: settings.scaled(x),
        [(settings, "RATE", 5.0), (settings, "scaled", lambda x: x - 1)],
    ),
    "list_in_module": (
        lambda x: x * settings.STEPS[0],
        [(settings.STEPS, 0, 9.0), (settings, "STEPS", [4.0])],
    ),
    "dict_in_module": (lambda x: x * settings.OPTIONS["rate"], [(settings.OPTIONS, "rate", 9.0)]),
    "array_in_module": (
        lambda x: x * settings.WEIGHTS,
        [
            (settings.WEIGHTS, 0, 9.0),
            (settings, "WEIGHTS", np.array([7.0, 8.0])),
            (settings, "WEIGHTS", np.array([1, 2])),
        ],
    ),
    "object_in_module": (
        lambda x: settings.model.scaled(x),
        [(settings.model, "rate", 9.0), (settings, "model", Model()), (Model, "rate", 3.0)],
    ),
    "class": (
        lambda x: x * Model.rate + Model.sizes[0],
        [(Model, "rate", 9.0), (Model.sizes, 0, 4), (Model, "sizes", [7])],
    ),
    "class_of_an_object": (
        lambda x: settings.model.scaled(x) * settings.model.double,
        [
            (Model, "rate", 19.0),
            (Model, "scaled", lambda self, x: x - 1),
            (Model, "double", property(lambda self: 3.0)),
        ],
    ),
    "class_of_an_object_made": (
        lambda x: Model().rate * x + Model().double,
        [(Model, "rate", 19.0), (Model, "double", property(lambda self: 3.0))],
    ),
    "class_by_name": (
        lambda x: getattr(Sub(), "rate") * x,  # noqa: B009
        [(Model, "rate", 2.5), (Sub, "rate", 8.0)],
    ),
    "attribute_of_function": (lambda x: inner(x) + inner.k, [(inner, "k", 4.0)]),
    "defaults_of_function": (calls_with_defaults, [(defaults, "__defaults__", (5.0,))]),
    "own_defaults": (defaults, [(defaults, "__defaults__", (5.0,))]),
    "code_of_function": (
        calls_with_defaults,
        [(defaults, "__code__", (lambda x, k=1.0: x - k).__code__)],
    ),
    "bound_method": (
        lambda x: settings.method(x),
        [(settings.owner, "k", 5.0), (settings.owner.items, 0, 7.0)],
    ),
    "bound_method_as_default": (of_a_method, [(settings.owner, "k", 5.0)]),
    "bound_methods_in_containers": (
        lambda x: settings.methods["a"](x) + settings.methods["b"][0](x),
        [(settings.owner, "k", 5.0)],
    ),
    "partial": (lambda x: partial(x), [(settings.owner, "k", 5.0)]),
}


def put(monkeypatch, request, owner, name, value):
    if isinstance(owner, list | dict | np.ndarray):
        request.addfinalizer(functools.partial(operator.setitem, owner, name, owner[name]))
        owner[name] = value
    else:
        monkeypatch.setattr(owner, name, value, raising=False)


@pytest.mark.parametrize("name", CASES)
def test_changes_are_seen(name, monkeypatch, request) -> None:
    fn, changes = CASES[name]
    decorated = graphc.function(fn)
    assert repr(decorated(3.0)) == repr(fn(3.0))
    assert repr(decorated(3.0)) == repr(fn(3.0)) and len(decorated.traces) == 1
    for change in changes:
        put(monkeypatch, request, *change)
        assert repr(decorated(3.0)) == repr(fn(3.0))


def test_a_method_given_as_an_argument(monkeypatch) -> None:
    decorated = graphc.function(lambda method, x: method(x))
    method = settings.owner.scaled
    for k in (1.0, 2.5):
        monkeypatch.setattr(settings.owner, "k", k)
        assert decorated(method, 3.0) == method(3.0)


def test_a_module_bound_anew(monkeypatch) -> None:
    decorated = graphc.function(lambda x: x * settings.RATE)
    assert decorated(3.0) == 6.0
    other = types.ModuleType("tests.other_settings")
    other.RATE = 7.0
    monkeypatch.setitem(globals(), "settings", other)
    assert decorated(3.0) == 21.0


def test_what_is_not_read_does_not_matter(monkeypatch) -> None:
    decorated = graphc.function(lambda x: settings.model.scaled(x))
    decorated(3.0)
    monkeypatch.setattr(Model, "sizes", [5])
    monkeypatch.setattr(settings, "STEPS", [5])
    decorated(3.0)
    assert len(decorated.traces) == 1
