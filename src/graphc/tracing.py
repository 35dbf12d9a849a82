"""Tracing a function into a `Compiled`: what goes in, the call, what comes out, what must be
written back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc import tree
from graphc.compiled import ArrayWrite, Assignment, Compiled, LeafSpec, Slot, TextSlot
from graphc.frontend.calls import Caller
from graphc.frontend.forms import FORMS
from graphc.frontend.merging import UnboundName, leaf_value, made_in
from graphc.frontend.outside import Location as OutsideLocation
from graphc.frontend.outside import Outside
from graphc.frontend.places import ObjectPlace, poke
from graphc.frontend.regions import StagedRaise, run_or_raise
from graphc.frontend.text import StagedText
from graphc.ir.core import Value
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace
from graphc.passes import optimise
from graphc.source import Location


class LiftNumbers(Exception):
    """Numbers of outside objects that the function both reads and assigns: trace again, with
    inputs.
    """

    def __init__(self, locations: dict[OutsideLocation, Any]) -> None:
        super().__init__("numbers to lift")
        self.locations = locations


@dataclass(frozen=True)
class Request:
    """What to trace: a function, its arguments flattened, and how each leaf goes in."""

    fn: Callable[..., Any]
    name: str
    arguments: Any  # (args, kwargs)
    leaves: Sequence[Any]
    structure: tree.Structure
    specs: Sequence[LeafSpec]
    loc: Location | None = None
    speculative: bool = True
    lifted: frozenset[OutsideLocation] = frozenset()


def compile_function(request: Request) -> Compiled:
    """Trace `fn(*args, **kwargs)`, optimise the graph, and describe how to call it.

    Whatever happens, outside objects are left as they were. Raises LiftNumbers where numbers of
    outside objects must become inputs first.
    """
    trace = Trace(request.name, request.loc)
    trace.speculative = request.speculative
    outside = trace.outside = Outside(trace, request.lifted)
    outside.call = lambda fn, args, kwargs: Caller(FORMS, trace)(fn, *args, **kwargs)
    with trace.active():
        try:
            handles = _enter_leaves(trace, request)
            arguments = tree.unflatten(request.structure, handles)
            outside.enter_arguments(request.arguments, arguments)
            args, kwargs = arguments
            output = _call(trace, request.fn, args, kwargs)
            return _finish(trace, output, handles, request)
        finally:
            for place, old in reversed(trace.moves):
                if isinstance(place, ObjectPlace):
                    poke(place, old)
            trace.finished = True


def _call(trace: Trace, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        return run_or_raise(trace, lambda: Caller(FORMS, trace)(fn, *args, **kwargs))
    except StagedRaise:
        trace.graph.region.never = True
        return None


def _enter_leaves(trace: Trace, request: Request) -> list[Any]:
    """Handles for the inputs, first and in order; then shadows for what is static."""
    params = {
        i: trace.graph.region.add_param(spec.type, identifier(spec.path))
        for i, spec in enumerate(request.specs)
        if spec.type is not None
    }
    handles: list[Any] = []
    for i, (leaf, spec) in enumerate(zip(request.leaves, request.specs, strict=True)):
        if i in params:
            handles.append(Tensor(params[i], trace))
        elif spec.same_as is not None:
            handles.append(handles[spec.same_as])
        else:
            handles.append(trace.outside.shadow(leaf, lambda leaf=leaf: leaf))
    return handles


def identifier(path: str) -> str:
    """A path into the arguments as a name: params['w'] is params_w."""
    return "_".join("".join(c if c.isalnum() else " " for c in path).split())


def _finish(trace: Trace, output: Any, handles: list[Any], request: Request) -> Compiled:
    leaves = request.leaves
    inputs = [i for i, spec in enumerate(request.specs) if spec.type is not None]
    results = Results(trace)
    structure, slots = results.tree(output)
    writes = _array_writes(trace, handles, inputs, leaves, results)
    assignments = _assignments(trace, results, request.lifted)
    captured = [entry.source for entry in trace.externals.values()]
    order_inputs(trace, len(inputs))
    trace.graph.region.results = results.values
    optimise(trace.graph)
    return Compiled(
        trace.graph,
        inputs,
        captured,
        structure,
        slots,
        writes,
        assignments,
        trace.outside.guards,
        _returns_tensors([leaves[i] for i in inputs], captured),
        [leaf for leaf, spec in zip(leaves, request.specs, strict=True) if spec.is_static],
    )


def order_inputs(trace: Trace, n_arguments: int) -> None:
    """Captured inputs in the order of `externals`: arguments may have been entered in between."""
    params = trace.graph.region.params
    captured = [entry.value for entry in trace.externals.values()]
    known = set(captured)
    own = [param for param in params if param not in known]
    assert len(own) == n_arguments, "every argument is one input"
    trace.graph.region.params = own + captured


def _returns_tensors(arguments: Sequence[Any], captured: Sequence[Any]) -> bool:
    """Arrays in, arrays out; Tensors in, Tensors out; with no arrays in, as what was captured."""
    if any(isinstance(x, Tensor) for x in arguments):
        return True
    if any(isinstance(x, np.ndarray) for x in arguments):
        return False
    return any(isinstance(x, Tensor) for x in captured)


class Results:
    """The program's outputs, collected; and trees whose leaves are Slots for them."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.values: list[Value] = []

    def tree(self, x: Any) -> tuple[tree.Structure, list[Any]]:
        leaves, structure = tree.flatten(x, made_in(self.trace, self.trace.graph.region))
        return structure, [self.leaf(leaf) for leaf in leaves]

    def add(self, value: Value) -> int:
        self.values.append(value)
        return len(self.values) - 1

    def leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, StagedText):
            return TextSlot(leaf.parts, tuple(self.add(value._data) for value in leaf.values))
        if isinstance(leaf, UnboundName):
            raise leaf.error()
        if isinstance(leaf, Tensor | np.ndarray | TracedList):
            value = leaf_value(leaf, self.trace)
            self.trace.check_visible(value)
            return Slot(self.add(value))
        return leaf


def _array_writes(
    trace: Trace, handles: list[Any], inputs: list[int], leaves: Sequence[Any], results: Results
) -> list[ArrayWrite]:
    """Arguments' arrays and captured objects whose handles have moved: their values go back."""
    entered = {i: handles[i] for i in inputs if isinstance(leaves[i], np.ndarray | Tensor)}
    first = {id(handle): old for handle, old in reversed(trace.moves) if isinstance(handle, Tensor)}
    writes = [
        ArrayWrite(i, results.add(handle._data))
        for i, handle in entered.items()
        if id(handle) in first
    ]
    for entry in trace.externals.values():
        if entry.handle._data is not entry.value:
            writes.append(ArrayWrite(entry.source, results.add(entry.handle._data)))
    return writes


def _assignments(
    trace: Trace, results: Results, lifted: frozenset[OutsideLocation]
) -> list[Assignment]:
    """The attributes and items of outside objects that were assigned, with what they hold at the
    end.
    """
    before = {id(p): (p, old) for p, old in reversed(trace.moves) if isinstance(p, ObjectPlace)}
    outside = [(p, old) for p, old in before.values() if id(p.owner) not in trace.local_ids]
    to_lift: dict[OutsideLocation, Any] = {}
    found = []
    for place, old in outside:
        locate = trace.outside.locate(place.owner)
        owner = locate(None) if type(old) in (int, float) else None
        location = (id(owner), place.kind, place.key)
        if owner is not None and location not in lifted:
            to_lift[location] = owner
        structure, leaves = results.tree(place.get())
        found.append(Assignment(locate, place.kind, place.key, structure, tuple(leaves)))
    if to_lift:
        raise LiftNumbers(to_lift)
    return found
