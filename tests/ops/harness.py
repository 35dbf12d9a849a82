"""One op as a graph, its derivatives as graphs, and finite differences to compare them with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphc.codegen.interpreter import interpret
from graphc.ir.graph import Graph
from graphc.ir.types import Array, Maybe, Type, type_of
from graphc.ir.types import Sequence as SequenceType
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import Trace, current_trace
from graphc.transforms.gradients import graph_gradients
from tests.ops.samples import Sample

Build = Callable[[list[Tensor]], list[Tensor]]


def traced(types: Sequence[Type], build: Build) -> tuple[Graph, list[Any]]:
    """The graph of `build` on inputs of these types, and the arrays captured on the way."""
    trace = Trace("op")
    values = [trace.region.add_param(t, f"x{i}") for i, t in enumerate(types)]
    with trace.active():
        results = build([Tensor(value, trace) for value in values])
    trace.region.results = [tensor._data for tensor in results]
    captured = {entry.value: entry.source for entry in trace.externals.values()}
    return trace.graph, [captured[value] for value in trace.graph.inputs[len(values) :]]


def op_graph(sample: Sample, unknown: bool = False) -> Graph:
    """The graph of one op; with all dimensions unknown if asked."""

    def build(xs: list[Tensor]) -> list[Tensor]:
        result = apply(sample.op_name, *xs, **sample.attrs)
        return list(result) if isinstance(result, tuple) else [result]

    return traced(input_types(sample, unknown), build)[0]


def input_types(sample: Sample, unknown: bool) -> list[Type]:
    types = [type_of(x) for x in sample.operands]
    return [without_dims(t) for t in types] if unknown else types


def without_dims(t: Type) -> Type:
    match t:
        case Array(dtype, shape, weak):
            return Array(dtype, (None,) * len(shape), weak)
        case SequenceType(elem):
            return SequenceType(without_dims(elem))
        case Maybe(inner):
            return Maybe(without_dims(inner))
    return t


def is_real(t: Type) -> bool:
    return isinstance(t, Array) and t.dtype.kind == "f"


class Derivatives:
    """f = Σ ct·op(x); g = its gradients by the engine; h = Σ v·g, for random ct and v."""

    def __init__(self, sample: Sample, unknown: bool = False) -> None:
        self.sample = sample
        self.types = input_types(sample, unknown)
        self.places = [i for i, x in enumerate(sample.operands) if is_real(type_of(x))]
        rng = np.random.default_rng(1)
        graph = op_graph(sample)
        outputs = interpret(graph, sample.operands)
        self.cts = [np.array(rng.normal(size=np.shape(z))) for z in outputs]
        self.vs = [np.array(rng.normal(size=np.shape(sample.operands[i]))) for i in self.places]

    def f(self, xs: list[Tensor]) -> Any:
        results = apply(self.sample.op_name, *xs, **self.sample.attrs)
        results = results if isinstance(results, tuple) else (results,)
        arrays = [as_array(z) for z in results]
        real = [(z, ct) for z, ct in zip(arrays, self.cts) if is_real(z.type)]
        return dot([z for z, _ in real], [ct for _, ct in real])

    def g(self, xs: list[Tensor]) -> list[Tensor]:
        return gradients_of(self.f(xs), [xs[i] for i in self.places])

    def h(self, xs: list[Tensor]) -> Any:
        return dot(self.g(xs), self.vs)

    def gh(self, xs: list[Tensor]) -> list[Tensor]:
        return gradients_of(self.h(xs), [xs[i] for i in self.places])

    def run(self, build: Build) -> list[Any]:
        graph, captured = traced(self.types, build)
        return interpret(graph, [*self.sample.operands, *captured])

    def differences(self, function: Callable[[list[Tensor]], Any], step: float) -> list[Any]:
        """Central differences of a scalar function with respect to every real operand."""
        graph, captured = traced(self.types, lambda xs: [function(xs)])

        def value(i: int, x: Any) -> float:
            operands = list(self.sample.operands)
            operands[i] = x
            return float(interpret(graph, [*operands, *captured])[0])

        return [self.difference(value, i, step) for i in self.places]

    def difference(self, value: Callable[[int, Any], float], i: int, step: float) -> Any:
        x = self.sample.operands[i]
        result = np.zeros(np.shape(x))
        for place in np.ndindex(*np.shape(x)):
            ends = []
            for side in (step, -step):
                moved = np.array(x, np.float64)
                moved[place] += side
                ends.append(value(i, float(moved) if type(x) is float else moved))
            result[place] = (ends[0] - ends[1]) / (2 * step)
        return result


def as_array(z: Tensor) -> Tensor:
    """A sequence of arrays as one, and a value that may be None as the value."""
    match z.type:
        case SequenceType(Array()):
            return apply("stack_seq", z)
        case Maybe():
            return apply("assume", z)
    return z


def dot(xs: list[Tensor], ys: list[Any]) -> Any:
    """Σ x·y over all pairs."""
    total: Any = apply("python", 0.0, kind="f")
    for x, y in zip(xs, ys):
        product = apply("mul", x, y)
        total = apply("add", total, apply("sum", product, axis=None, keepdims=False))
    return total


def gradients_of(y: Any, xs: list[Tensor]) -> list[Tensor]:
    """The engine's gradients in the current trace; zeros where unconnected."""
    trace = current_trace()
    assert trace is not None
    gs = graph_gradients(trace, [y], [x._data for x in xs], [apply("python", 1.0, kind="f")])
    return [apply("zeros_like", x) if g is None else g for g, x in zip(gs, xs)]
