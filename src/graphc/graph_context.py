"""`with graphc.Graph() as g:` — build a graph by hand, and run parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphc import tree
from graphc.codegen import generate
from graphc.errors import TensorTypeError, TensorValueError, TraceError
from graphc.ir import graph as ir
from graphc.ir.build import clone_op
from graphc.ir.core import Op, Region, Value, op_free_values
from graphc.ir.types import Array, Type, is_subtype, type_of
from graphc.ops.tensor import Tensor, external, numeric_array
from graphc.ops.trace import Trace, current_trace
from graphc.passes import optimise
from graphc.source import located


class Graph:
    """A graph under construction: inside `with`, ops are appended instead of run.

    `g.run(fetches, feeds)` computes tensors of the graph. `str(g)` is its text.

    >>> import graphc
    >>> with graphc.Graph() as g:
    ...     x = graphc.placeholder((), graphc.float64, name="x")
    ...     y = x * x
    ...     (dx,) = graphc.gradients(y, x)
    >>> g.run([y, dx], {x: 3.0})
    [np.float64(9.0), np.float64(6.0)]
    """

    def __init__(self, name: str = "graph") -> None:
        self._trace = Trace(name)
        self._context: Any = None

    @property
    def graph(self) -> ir.Graph:
        """The graph itself (`ir.Graph`)."""
        return self._trace.graph

    def __enter__(self) -> Graph:
        if self._context is not None:
            raise located(TraceError, "this graph is already being built")
        self._context = self._trace.active()
        self._context.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        context, self._context = self._context, None
        context.__exit__(*exc)

    def __str__(self) -> str:
        return str(self._trace.graph)

    def run(self, fetches: Any, feeds: Mapping[Any, Any] | None = None) -> Any:
        """The values of `fetches` (a tensor, or a nested structure of them; None stays None).

        `feeds` gives values to placeholders, or to any other tensor of the graph in place of its
        own.
        """
        fed = {self._own(x): _fed(x, value) for x, value in (feeds or {}).items()}
        leaves, structure = tree.flatten(fetches)
        wanted = [None if leaf is None else self._own(leaf) for leaf in leaves]
        captured = {e.value: _concrete(e.source) for e in self._trace.externals.values()}
        program, inputs = self._program([v for v in wanted if v is not None], fed, captured)
        outputs = iter(program(*inputs))
        return tree.unflatten(structure, [None if v is None else next(outputs) for v in wanted])

    def _own(self, x: Any) -> Value:
        if not isinstance(x, Tensor):
            raise located(TensorTypeError, f"expected a tensor of this graph, found {x!r:.60}")
        if x._trace is None:
            return external(x, self._trace).value
        if x._trace is not self._trace:
            raise located(TraceError, "this tensor belongs to another graph")
        value: Value = x._data
        return value

    def _program(
        self, wanted: list[Value], fed: dict[Value, Any], captured: dict[Value, Any]
    ) -> Any:
        """Cut out the ops the wanted values depend on, with fed values as inputs."""
        needed = _needed(self._trace.graph.region, wanted, set(fed))
        given = {**captured, **fed}
        region, mapping = Region(), dict[Value, Value]()
        inputs = []
        for value in needed.inputs:
            if value not in given:
                raise located(
                    TensorValueError, f"'{value.name}' needs a value",
                    hint=f"pass it: run(…, {{{value.name}: value}})",
                )  # fmt: skip
            mapping[value] = region.add_param(value.type, value.name)
            inputs.append(given[value])
        for op in needed.ops:
            region.append(clone_op(op, mapping))
        region.results = [mapping.get(v, v) for v in wanted]
        graph = ir.Graph(self._trace.graph.name, region, self._trace.graph.loc)
        optimise(graph)
        return generate(graph), inputs


class _needed:
    """The ops, in order, and the inputs that wanted values depend on; fed values are inputs."""

    def __init__(self, region: Region, wanted: list[Value], fed: set[Value]) -> None:
        used = set(wanted)
        self.ops: list[Op] = []
        for op in reversed(region.ops):
            if any(r in used and r not in fed for r in op.results) or op.name in ("print", "raise"):
                self.ops.append(op)
                used.update(op_free_values(op))
        self.ops.reverse()
        made = {r for op in self.ops for r in op.results}
        self.inputs = [v for v in used if not v.is_literal and (v in fed or v not in made)]
        self.inputs.sort(key=lambda v: v.name)


def _fed(x: Any, value: Any) -> Any:
    data = _concrete(value)
    expected: Type = x.type
    if isinstance(expected, Array) and not expected.weak:
        data = data if isinstance(data, np.ndarray) else numeric_array(data)
        if data.dtype.kind not in "biufc" or not np.can_cast(
            data.dtype, expected.dtype, "same_kind"
        ):
            raise located(
                TensorTypeError,
                f"a value of dtype {data.dtype} fed for a tensor of type {expected}",
            )
        data = data.astype(expected.dtype, copy=False)[()]
    found = type_of(data)
    if not is_subtype(found, expected):
        raise located(
            TensorValueError, f"a value of type {found} fed for a tensor of type {expected}"
        )
    return data


def _concrete(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def placeholder(shape: Any = (), dtype: Any = np.float64, name: str = "input") -> Tensor:
    """An input of the graph being built; its value is given to `Graph.run`. None: an unknown
    dimension.
    """
    trace = current_trace()
    if trace is None:
        raise located(TraceError, "a placeholder is made inside `with graphc.Graph():`")
    kind = Array(np.dtype(dtype), tuple(shape))
    return Tensor(trace.graph.region.add_param(kind, name), trace)
