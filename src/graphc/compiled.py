"""Compiled: one trace of a function, made into a program, with what a call must do around it.

arguments ─ leaves ─▶ program inputs (arguments' arrays and numbers, then captured arrays)
program outputs ─▶ the function's result, then values to write back into arrays and variables
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphc import tree
from graphc.codegen import Program, generate
from graphc.errors import ShapeError, TensorTypeError, TensorValueError
from graphc.frontend.outside import PathSource
from graphc.frontend.places import ObjectPlace
from graphc.ir.build import called_graphs
from graphc.ir.core import walk
from graphc.ir.graph import Graph
from graphc.ir.types import Array, type_of
from graphc.ops.tensor import Tensor
from graphc.passes.numbers import in_numbers
from graphc.results import Call, Recipe, Slot
from graphc.source import located
from graphc.variable import Variable


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
    value: Recipe

    def run(self, arguments: Any, value: Any) -> None:
        ObjectPlace(self.locate(arguments), self.kind, self.key).put(value)


@dataclass(eq=False)
class Compiled:
    """A traced function: its graph, its program, and how results and effects come out of it."""

    graph: Graph
    inputs: list[int]  # which argument leaves are program inputs, in order
    captured: list[Any]  # arrays, tensors and variables read anew at each call
    result: Recipe
    writes: list[ArrayWrite]
    assignments: list[Assignment]
    guards: list[Callable[[], bool]]
    outside: frozenset[int]  # the ids of objects found outside; the guards keep them alive
    returns_tensors: bool
    kept: list[Any] = field(default_factory=list)  # objects that must live as long as this
    changes_outside: bool = False  # on whatever path, also on one that raises in the end
    is_inexact: bool = False  # what its `raise` ops make may be less than what Python raises
    notes: list[Any] = field(default_factory=list)  # for graphc.explain
    codes: list[Any] = field(default_factory=list)
    op_lines: frozenset[tuple[str, int]] = frozenset()
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
        captured = self.read_captured()
        data += [x._data if isinstance(x, Tensor) else x for x in captured]
        self.check(leaves, arguments, data)
        program = self.program
        try:
            outputs = program.run(*data)
        except Exception as error:
            program.explain(error, data)
            raise
        if type(self.result) is Slot and not self.returns_tensors and not self.has_effects:
            value = outputs[self.result.index]
            if type(value) is not list:
                return value
        call = Call(leaves, arguments, captured, outputs, self.returns_tensors)
        if self.writes:
            self._write_back(leaves, outputs, data)
        return self.finish(call)

    def _write_back(self, leaves: Sequence[Any], outputs: Sequence[Any], data: list[Any]) -> None:
        """Give arrays, variables and objects what the function assigned to them."""
        pairs = [(write.target(leaves), outputs[write.index]) for write in self.writes]
        for target, value in pairs:
            check_assignable(target, value)
        known = [*data, *outputs]
        for target, value in pairs:
            write_back(target, own(value, known))

    def check(self, leaves: Sequence[Any], arguments: Any, data: Sequence[Any]) -> None:
        """Refuse a call that would change what the trace cannot change as Python does."""
        for write in self.writes:
            check_target(write.target(leaves), data)
        if self.assignments:
            self._check_owners(arguments)

    def _check_owners(self, arguments: Any) -> None:
        """Refuse to change what is an argument and is also found outside: the trace has two."""
        passed = set(tree.container_ids(arguments))
        for assignment in self.assignments:
            owner = assignment.locate(arguments)
            if id(owner) in passed and id(owner) in self.outside:
                raise located(
                    TensorValueError,
                    f"a {type(owner).__name__} that this function changes is an argument, and also "
                    "a global variable, closure variable or attribute that it uses",
                    hint="use it in one of the two ways only",
                )

    @cached_property
    def has_effects(self) -> bool:
        return bool(self.writes or self.assignments)

    @cached_property
    def is_repeated(self) -> bool:
        """Whether a call that raises must be (`repeat.py`)."""
        return self.changes_outside or self.is_inexact

    @cached_property
    def generators(self) -> list[Any]:
        """The generators of random numbers that a call draws from; None is NumPy's own."""
        ops = (op for each in called_graphs(self.graph) for op in walk(each.region))
        draws = [op for op in ops if op.name.startswith(("random_", "generator_"))]
        found = {id(each): each for each in (op.attrs.get("generator") for op in draws)}
        return list(found.values())

    def read_captured(self) -> list[Any]:
        """What is there now of the outside objects that are inputs."""
        return [x.get() if isinstance(x, PathSource) else x for x in self.captured]

    def finish(self, call: Call) -> Any:
        """Assign to outside objects what the function assigned; returns the function's result."""
        values = [assignment.value.build(call) for assignment in self.assignments]
        result = self.result.build(call)
        for assignment, value in zip(self.assignments, values, strict=True):
            assignment.run(call.arguments, value)
        return result

    @staticmethod
    def _data(x: Any) -> Any:
        """The program's input for an argument."""
        return x._data if isinstance(x, Tensor) else x


def check_assignable(target: Any, value: Any) -> None:
    """A Variable keeps its shape: refuse what tracing could not, not knowing a dimension."""
    if isinstance(target, Variable) and np.shape(value) != np.shape(target._data):
        raise located(
            ShapeError,
            f"a Variable of shape {np.shape(target._data)} cannot be assigned a value of shape "
            f"{np.shape(value)}",
        )


def check_target(target: Any, inputs: Sequence[Any]) -> None:
    """Refuse to change an array in place that another input shares memory with, or one that cannot
    be changed.

    The graph has one value for each; plain Python would have changed both.
    """
    if not isinstance(target, np.ndarray):
        return
    if not target.flags.writeable:
        raise located(
            TensorValueError,
            "assignment destination is read-only: an array that this function changes in place",
            hint="pass a copy",
        )
    if sum(shares_memory(x, target) for x in inputs) > 1:
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
