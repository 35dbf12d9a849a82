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
from graphc.errors import ShapeError, TensorTypeError, TensorValueError
from graphc.frontend.outside import PathSource
from graphc.frontend.places import ObjectPlace
from graphc.ir.graph import Graph
from graphc.ir.types import Array, type_of
from graphc.ops.tensor import Tensor
from graphc.passes.numbers import in_numbers
from graphc.runtime import errstate
from graphc.runtime.effects import render
from graphc.source import located
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
    same_as: int | None = None  # the place of an earlier leaf that is the same array

    @property
    def is_static(self) -> bool:
        return self.type is None and self.same_as is None


@dataclass(frozen=True)
class ArrayWrite:
    """An array or variable that a call changes: an argument (its leaf's index), or captured."""

    source: Any
    index: int

    def target(self, leaves: Sequence[Any]) -> Any:
        if isinstance(self.source, int):
            return leaves[self.source]
        return self.source.get() if isinstance(self.source, PathSource) else self.source


@dataclass(frozen=True)
class Assignment:
    """What a call assigns to an attribute or item; `locate` finds its owner in the arguments."""

    locate: Callable[[Any], Any]
    kind: str
    key: Any
    structure: tree.Structure
    leaves: tuple[Any, ...]

    def run(self, arguments: Any, leaf: Callable[[Any], Any]) -> None:
        value = tree.unflatten(self.structure, [leaf(x) for x in self.leaves])
        ObjectPlace(self.locate(arguments), self.kind, self.key).put(value)


@dataclass(eq=False)
class Compiled:
    """A traced function: its graph, its program, and how results and effects come out of it."""

    graph: Graph
    inputs: list[int]  # which argument leaves are program inputs, in order
    captured: list[Any]  # arrays, tensors and variables read anew at each call
    structure: tree.Structure
    leaves: list[Any]  # Slot, TextSlot, or the object itself
    writes: list[ArrayWrite]
    assignments: list[Assignment]
    guards: list[Callable[[], bool]]
    returns_tensors: bool
    kept: list[Any] = field(default_factory=list)  # objects that must live as long as this
    _program: Program | None = None

    @property
    def program(self) -> Program:
        if self._program is None:
            self._program = generate(self.graph, in_numbers(self.graph))
        return self._program

    def holds(self) -> bool:
        """Whether everything the trace read from outside is still what it was."""
        return not self.guards or all(guard() for guard in self.guards)

    def run(self, leaves: Sequence[Any], arguments: Any) -> Any:
        """Run the program on a call's leaves (`arguments` flattened); returns the function's
        result.
        """
        data = [self._data(leaves[i]) for i in self.inputs]
        data += [self._data(source) for source in self.captured]
        for write in self.writes:
            check_separate(write.target(leaves), data)
        program = self.program
        try:
            outputs = program.run(*data)
        except Exception as error:
            errstate.unwind()
            program.explain(error)
            raise
        if self.writes or self.assignments:
            self._write_back(leaves, arguments, outputs, data)
        return self.rebuild(outputs, self.returns_tensors)

    def _write_back(
        self, leaves: Sequence[Any], arguments: Any, outputs: Sequence[Any], data: list[Any]
    ) -> None:
        """Give arrays, variables and objects what the function assigned to them."""
        pairs = [(write.target(leaves), outputs[write.index]) for write in self.writes]
        for target, value in pairs:
            check_assignable(target, value)
        known = [*data, *outputs]
        for target, value in pairs:
            write_back(target, own(value, known))
        for assignment in self.assignments:
            assignment.run(arguments, lambda leaf: self._leaf(leaf, outputs, self.returns_tensors))

    @staticmethod
    def _data(x: Any) -> Any:
        """The program's input for an argument, or for something captured."""
        if isinstance(x, Tensor):
            return x._data
        return x.get() if isinstance(x, PathSource) else x

    def rebuild(self, outputs: Sequence[Any], tensors: bool) -> Any:
        """The function's result from the program's outputs."""
        if self.structure == tree.LEAF:
            return self._leaf(self.leaves[0], outputs, tensors)
        return tree.unflatten(
            self.structure, [self._leaf(x, outputs, tensors) for x in self.leaves]
        )

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
    """A Variable keeps its shape: refuse what tracing could not, not knowing a dimension."""
    if isinstance(target, Variable) and np.shape(value) != np.shape(target._data):
        raise located(
            ShapeError,
            f"a Variable of shape {np.shape(target._data)} cannot be assigned a value of shape "
            f"{np.shape(value)}",
        )


def check_separate(target: Any, inputs: Sequence[Any]) -> None:
    """Refuse to change an array in place that another input shares memory with.

    The graph has one value for each; plain Python would have changed both.
    """
    if isinstance(target, np.ndarray) and sum(shares_memory(x, target) for x in inputs) > 1:
        raise located(
            TensorValueError,
            "an array that this function changes in place shares memory with another of its inputs",
            hint="pass copies, so that each input is an array of its own",
        )


def shares_memory(x: Any, array: np.ndarray) -> bool:
    """Whether writing to `array` shows in `x`; taken to be so where finding out would take long."""
    if not isinstance(x, np.ndarray) or not np.may_share_memory(x, array):
        return False
    try:
        return bool(np.shares_memory(x, array, max_work=10_000))  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def own(value: Any, known: Sequence[Any]) -> Any:
    """The value as an array that nobody else holds; `known`: all that went into and out of the
    call.
    """
    if isinstance(value, np.ndarray) and (
        value.base is not None or sum(value is other for other in known) > 1
    ):
        return value.copy()
    return value


def write_back(target: Any, value: Any) -> None:
    """Give an array or variable, an argument or captured, the value it has after the call."""
    if isinstance(target, Tensor):
        target._data = value
    elif isinstance(target, np.ndarray):
        target[...] = value


def input_type(leaf: Any, dims: Sequence[int | None] | None = None) -> Array:
    """The graph type an argument enters with; `dims` overrides its dimensions."""
    try:
        kind = type_of(leaf._data if isinstance(leaf, Tensor) else leaf)
    except TypeError as error:
        raise located(TensorTypeError, str(error)) from None
    assert isinstance(kind, Array)
    return kind if dims is None else Array(kind.dtype, tuple(dims), kind.weak)
