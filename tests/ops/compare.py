"""Run one expression on plain arrays, on eager tensors, and as a graph, and compare.

Expressions take `m`, which is the numpy module or its mirror (the graphc function behind each
NumPy function), and arrays or numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from graphc.codegen import generate
from graphc.codegen.interpreter import interpret
from graphc.errors import GraphcError
from graphc.ir.types import is_subtype, type_of
from graphc.ir.verify import verify
from graphc.ops.tensor import NUMPY, Tensor
from graphc.ops.trace import Trace
from tests.ops.harness import without_dims
from tests.ops.samples import register_all_ops

register_all_ops()

Expression = Callable[..., Any]


class Mirror:
    """numpy as graphc sees it: `Mirror().zeros` is the graphc function behind np.zeros."""

    def __init__(self, module: ModuleType = np) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            return Mirror(found)
        if isinstance(found, type) or not callable(found):
            return found
        return NUMPY.functions[found]


MIRROR = Mirror()


def outcome(run: Callable[[], Any]) -> Any:
    """The results as a flat list, or the exception."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return [concrete(x) for x in flat(run())]
        except Exception as error:
            return error


def flat(x: Any) -> list[Any]:
    return [leaf for item in x for leaf in flat(item)] if isinstance(x, tuple | list) else [x]


def concrete(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def eager(f: Expression, operands: list[Any]) -> Any:
    return outcome(lambda: f(MIRROR, *[Tensor(copied(x)) for x in operands]))


def copied(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def traced(f: Expression, operands: list[Any], unknown: bool = False) -> Any:
    """The outcome of tracing, then of running what was traced, both ways of running agreeing."""
    types = [type_of(x) for x in operands]
    types = [without_dims(t) for t in types] if unknown else types
    trace = Trace("f")
    params = [trace.region.add_param(t, f"x{i}") for i, t in enumerate(types)]
    try:
        with trace.active():
            handles = [Tensor(value, trace) for value in params]
            results = [x if isinstance(x, Tensor) else MIRROR.asarray(x)
                       for x in flat(f(MIRROR, *handles))]  # fmt: skip
    except Exception as error:
        return error
    graph = trace.graph
    graph.region.results = [x._data for x in results]
    verify(graph)
    sources = {id(entry.value): concrete(entry.source) for entry in trace.externals.values()}
    inputs = [copied(x) for x in operands] + [sources[id(v)] for v in graph.inputs[len(operands) :]]
    interpreted = outcome(lambda: interpret(graph, inputs))
    generated = outcome(lambda: list(generate(graph).run(*inputs)))
    same(generated, interpreted)
    if not isinstance(interpreted, Exception):
        for value, result in zip(graph.outputs, interpreted, strict=True):
            assert is_subtype(type_of(result), value.type), f"{type_of(result)} is no {value.type}"
    return interpreted


def same(actual: Any, expected: Any) -> None:
    """Equal results: values (to rounding), dtypes and shapes; or exceptions of one family."""
    if isinstance(expected, Exception) or isinstance(actual, Exception):
        assert isinstance(expected, Exception), f"raised {actual!r}"
        assert isinstance(actual, Exception), f"did not raise {expected!r}"
        common = set(type(actual).__mro__) & set(type(expected).__mro__)
        assert common - {Exception, BaseException, object}, f"{actual!r} for {expected!r}"
        return
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        a, e = np.asarray(a), np.asarray(e)
        assert (a.dtype, a.shape) == (e.dtype, e.shape)
        np.testing.assert_allclose(a, e, rtol=1e-6 if a.dtype == np.float32 else 1e-12)


def check(f: Expression, *operands: Any) -> None:
    """Eager and traced are what NumPy does; without known dimensions, that or a refusal."""
    expected = outcome(lambda: f(np, *[copied(x) for x in operands]))
    same(eager(f, list(operands)), expected)
    same(traced(f, list(operands)), expected)
    loose = traced(f, list(operands), unknown=True)
    if not isinstance(loose, GraphcError):
        same(loose, expected)
