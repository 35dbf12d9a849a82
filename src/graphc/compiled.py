"""Compiled: one trace of a function, made into a program, with what a call must do around it.

    arguments ─ leaves ─▶ program inputs (arguments' arrays and numbers, then captured arrays)
    program outputs ─▶ the function's result, then values to write back into arrays and variables
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphc import tree
from graphc.codegen import Program, generate
from graphc.errors import ShapeError, TensorTypeError
from graphc.frontend.calls import Caller
from graphc.frontend.forms import FORMS
from graphc.frontend.merging import UnboundName
from graphc.frontend.outside import Outside
from graphc.frontend.regions import StagedRaise
from graphc.frontend.text import StagedText
from graphc.ir.core import Value
from graphc.ir.graph import Graph
from graphc.ir.types import Array, type_of
from graphc.ops.tensor import Tensor, value_of
from graphc.ops.trace import External, Trace
from graphc.passes import optimise
from graphc.runtime.effects import render
from graphc.source import Location, located
from graphc.variable import Variable


@dataclass(frozen=True)
class Slot:
    """A leaf of the result that a program output stands for."""

    index: int


@dataclass(frozen=True)
class TextSlot:
    """A string of the result, formatted from program outputs."""

    parts: tuple[Any, ...]
    indices: tuple[int, ...]


@dataclass(frozen=True)
class LeafSpec:
    """How one leaf of the arguments enters a trace: as an input of type `type`, or as itself."""

    path: str
    type: Array | None


@dataclass(eq=False)
class Compiled:
    """A traced function: its graph, its program, and how results and effects come out of it."""

    graph: Graph
    inputs: list[int]  # which argument leaves are program inputs, in order
    captured: list[Any]  # arrays, tensors and variables read anew at each call
    structure: tree.Structure
    leaves: list[Any]  # Slot, TextSlot, or the object itself
    writes: list[tuple[Any, int]]  # (argument leaf's index or captured object, output index)
    guards: list[Callable[[], bool]]
    returns_tensors: bool
    kept: list[Any] = field(default_factory=list)  # objects that must live as long as this
    _program: Program | None = None

    @property
    def program(self) -> Program:
        if self._program is None:
            self._program = generate(self.graph)
        return self._program

    def holds(self) -> bool:
        """Whether everything the trace read from outside is still what it was."""
        return all(guard() for guard in self.guards)

    def run(self, leaves: Sequence[Any]) -> Any:
        """Run the program on concrete argument leaves; returns the function's result."""
        data = [self._data(leaves[i]) for i in self.inputs]
        data += [self._data(source) for source in self.captured]
        program = self.program
        try:
            outputs = program.run(*data)
        except Exception as error:
            program.explain(error)
            raise
        if self.writes:
            self._write_back(leaves, outputs, [*data, *outputs])
        return self.rebuild(outputs, self.returns_tensors)

    def _write_back(self, leaves: Sequence[Any], outputs: Sequence[Any], known: list[Any]) -> None:
        pairs = [(self.target(t, leaves), outputs[index]) for t, index in self.writes]
        for target, value in pairs:
            check_assignable(target, value)
        for target, value in pairs:
            write_back(target, own(value, known))

    @staticmethod
    def target(where: Any, leaves: Sequence[Any]) -> Any:
        """What a write goes to: an argument, by its leaf's index, or a captured object."""
        return leaves[where] if isinstance(where, int) else where

    @staticmethod
    def _data(x: Any) -> Any:
        return x._data if isinstance(x, Tensor) else x

    def rebuild(self, outputs: Sequence[Any], tensors: bool) -> Any:
        """The function's result from the program's outputs."""
        if self.structure == tree.LEAF:
            return self._leaf(self.leaves[0], outputs, tensors)
        return tree.unflatten(self.structure, [self._leaf(x, outputs, tensors) for x in self.leaves])

    @staticmethod
    def _leaf(leaf: Any, outputs: Sequence[Any], tensors: bool) -> Any:
        if isinstance(leaf, Slot):
            value = outputs[leaf.index]
            if tensors and value is not None and not isinstance(value, Tensor):
                return Tensor(value)
            return value
        if isinstance(leaf, TextSlot):
            values = tuple(Compiled._data(outputs[i]) for i in leaf.indices)
            return render(leaf.parts, values)
        return leaf


def check_assignable(target: Any, value: Any) -> None:
    """A Variable keeps its shape: refuse what tracing could not, where a dimension was not known."""
    if isinstance(target, Variable) and np.shape(value) != np.shape(target._data):
        raise located(
            ShapeError,
            f"a Variable of shape {np.shape(target._data)} cannot be assigned a value of shape "
            f"{np.shape(value)}",
        )


def own(value: Any, known: Sequence[Any]) -> Any:
    """The value as an array that nobody else holds; `known`: all that went into and out of the call."""
    if isinstance(value, np.ndarray) and (
        value.base is not None or sum(value is other for other in known) > 1
    ):
        return value.copy()
    return value


def write_back(target: Any, value: Any) -> None:
    """Give an argument's array, or a captured array or variable, the value it has after the call."""
    if isinstance(target, Tensor):
        target._data = value
    elif isinstance(target, np.ndarray):
        target[...] = value


def compile_function(
    fn: Callable[..., Any],
    name: str,
    leaves: Sequence[Any],
    structure: tree.Structure,
    specs: Sequence[LeafSpec],
    loc: Location | None = None,
    speculative: bool = True,
) -> Compiled:
    """Trace `fn(*args, **kwargs)`, optimise the graph, and describe how to call it.

    `leaves` and `structure` are the flattened `(args, kwargs)`; `specs` says which leaves are inputs.
    """
    trace = Trace(name, loc)
    trace.speculative = speculative
    trace.outside = Outside(trace)
    handles: list[Any] = []
    with trace.active():
        try:
            handles = [_enter(trace, leaf, spec) for leaf, spec in zip(leaves, specs, strict=True)]
            args, kwargs = tree.unflatten(structure, handles)
            output = Caller(FORMS, trace)(fn, *args, **kwargs)
            return _finish(trace, output, handles, leaves, specs)
        except StagedRaise:
            trace.graph.region.never = True
            return _finish(trace, None, handles, leaves, specs)
        finally:
            trace.finished = True


def _enter(trace: Trace, leaf: Any, spec: LeafSpec) -> Any:
    if spec.type is None:
        return trace.outside.shadow(leaf)
    name = "".join(c if c.isalnum() else "_" for c in spec.path).strip("_")
    handle = Tensor(trace.graph.region.add_param(spec.type, name), trace)
    if isinstance(leaf, np.ndarray | Tensor):
        # The same object reached in another way (a closure, a global) is this input too.
        trace.externals.setdefault(id(leaf), External(leaf, handle._data, handle))
    return handle


def _finish(
    trace: Trace, output: Any, handles: list[Any], leaves: Sequence[Any], specs: Sequence[LeafSpec]
) -> Compiled:
    inputs = [i for i, spec in enumerate(specs) if spec.type is not None]
    results: list[Value] = []
    found, structure = tree.flatten(output)
    slots = [_result_leaf(trace, leaf, results) for leaf in found]
    writes = _writes(trace, handles, inputs, leaves, results)
    entered = _entered(trace, inputs)
    captured = [e.source for e in trace.externals.values() if e.value not in entered]
    trace.graph.region.results = results
    optimise(trace.graph)
    arguments = [leaves[i] for i in inputs]
    return Compiled(
        trace.graph,
        inputs,
        captured,
        structure,
        slots,
        writes,
        trace.outside.guards,
        _returns_tensors(arguments, captured),
        [leaves, trace.outside, *captured],
    )


def _entered(trace: Trace, inputs: list[int]) -> set[Value]:
    return set(trace.graph.region.params[: len(inputs)])


def _returns_tensors(arguments: Sequence[Any], captured: Sequence[Any]) -> bool:
    """Arrays in, arrays out; Tensors in, Tensors out; with no arrays in, as what was captured."""
    if any(isinstance(x, Tensor) for x in arguments):
        return True
    if any(isinstance(x, np.ndarray) for x in arguments):
        return False
    return any(isinstance(x, Tensor) for x in captured)


def _result_leaf(trace: Trace, leaf: Any, results: list[Value]) -> Any:
    if isinstance(leaf, StagedText):
        indices = []
        for value in leaf.values:
            indices.append(len(results))
            results.append(value._data)
        return TextSlot(leaf.parts, tuple(indices))
    if isinstance(leaf, UnboundName):
        raise leaf.error()
    if isinstance(leaf, Tensor | np.ndarray):
        value = value_of(leaf, trace)
        trace.check_visible(value)
        results.append(value)
        return Slot(len(results) - 1)
    return leaf


def _writes(
    trace: Trace, handles: list[Any], inputs: list[int], leaves: Sequence[Any], results: list[Value]
) -> list[tuple[Any, int]]:
    """Arguments' arrays and captured objects whose handles have moved: their values go back."""
    writes: list[tuple[Any, int]] = []
    params = trace.graph.region.params
    for index, param in zip(inputs, params, strict=False):
        handle = handles[index]
        if handle._data is not param and isinstance(leaves[index], np.ndarray | Tensor):
            results.append(handle._data)
            writes.append((index, len(results) - 1))
    entered = _entered(trace, inputs)
    for external in trace.externals.values():
        if external.value in entered:
            continue
        if external.handle._data is not external.value:
            results.append(external.handle._data)
            writes.append((external.source, len(results) - 1))
    return writes


def input_type(leaf: Any, dims: Sequence[int | None] | None = None) -> Array:
    """The graph type an argument enters with; `dims` overrides its dimensions."""
    try:
        kind = type_of(leaf._data if isinstance(leaf, Tensor) else leaf)
    except TypeError as error:
        raise located(TensorTypeError, str(error)) from None
    assert isinstance(kind, Array)
    return kind if dims is None else Array(kind.dtype, tuple(dims), kind.weak)
