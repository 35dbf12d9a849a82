"""Tracing a function into a `Compiled`: what goes in, the call, what comes out, what must be
written back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc import tree
from graphc.compiled import ArrayWrite, Assignment, Compiled, LeafSpec
from graphc.frontend.calls import Caller
from graphc.frontend.forms import FORMS
from graphc.frontend.guards import attribute_guards
from graphc.frontend.outside import Location as OutsideLocation
from graphc.frontend.outside import Outside
from graphc.frontend.places import ObjectPlace, changes_outside, covered, poke
from graphc.frontend.regions import StagedRaise, run_or_raise
from graphc.ir.core import walk
from graphc.ops.lists import TracedList
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace
from graphc.passes import optimise
from graphc.results import Results
from graphc.runtime.recursion import deep_recursion
from graphc.source import Location

# One call of the user's function is several of graphc's while it is traced: as many as Python's own
# limit of 1000 allows fit in. These use the C stack: some 1.5 kB a call.
TRACE_DEPTH = 10_000


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
    with trace.active(), deep_recursion(TRACE_DEPTH):
        try:
            handles = _enter_leaves(trace, request)
            arguments = tree.rebuilt(request.arguments, iter(handles), {}, TracedList)
            outside.enter_arguments(request.arguments, arguments)
            args, kwargs = arguments
            output = _call(trace, request.fn, args, kwargs)
            compiled = _finish(trace, output, handles, request)
        finally:
            for place, old in reversed(trace.moves):
                if isinstance(place, ObjectPlace):
                    poke(place, old)
            trace.finished = True
    compiled.guards += attribute_guards(outside.holders.values(), trace.codes)
    return compiled


def _call(trace: Trace, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        return run_or_raise(trace, lambda: Caller(FORMS, trace)(fn, *args, **kwargs))
    except StagedRaise:
        trace.graph.region.never = True
        return None


def _enter_leaves(trace: Trace, request: Request) -> list[Any]:
    """Handles for the inputs, first and in order; then shadows for what is static."""
    params = {
        i: trace.graph.region.add_param(spec.type, tree.identifier(spec.path))
        for i, spec in enumerate(request.specs)
        if spec.type is not None
    }
    handles: list[Any] = []
    for i, (leaf, spec) in enumerate(zip(request.leaves, request.specs, strict=True)):
        if i in params:
            handles.append(Tensor(params[i], trace))
            if isinstance(leaf, np.ndarray) and leaf.ndim == 0:
                trace.zero_d.add(params[i])
        elif spec.same_as is not None:
            handles.append(handles[spec.same_as])
        else:
            handles.append(trace.outside.shadow(leaf, lambda leaf=leaf: leaf))
    trace.arguments = [x for x in handles if isinstance(x, Tensor)]
    return handles


def _finish(trace: Trace, output: Any, handles: list[Any], request: Request) -> Compiled:
    leaves = request.leaves
    inputs = [i for i, spec in enumerate(request.specs) if spec.type is not None]
    arrays = {i: handles[i] for i in inputs if isinstance(leaves[i], np.ndarray | Tensor)}
    results = Results(trace, arrays)
    result = results.recipe(output)
    writes = _array_writes(trace, arrays, results)
    assignments = _assignments(trace, results, request.lifted)
    captured = [entry.source for entry in trace.externals.values()]
    order_inputs(trace, len(inputs))
    trace.graph.region.results = [] if trace.graph.region.never else results.values
    op_lines = frozenset((op.loc.file, op.loc.line) for op in walk(trace.graph.region) if op.loc)
    optimise(trace.graph)
    return Compiled(
        trace.graph,
        inputs,
        captured,
        result,
        writes,
        assignments,
        trace.outside.guards,
        frozenset(trace.outside.shadows),
        _returns_tensors([leaves[i] for i in inputs], captured),
        [leaf for leaf, spec in zip(leaves, request.specs, strict=True) if spec.is_static],
        changes_outside=changes_outside(trace),
        is_inexact=trace.is_inexact,
        notes=trace.notes,
        codes=list(trace.codes),
        op_lines=op_lines,
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


def _array_writes(trace: Trace, arrays: dict[int, Tensor], results: Results) -> list[ArrayWrite]:
    """Arguments' arrays and captured objects whose handles have moved: their values go back."""
    first = {id(handle): old for handle, old in reversed(trace.moves) if isinstance(handle, Tensor)}
    writes = [
        ArrayWrite(i, results.add(handle._data))
        for i, handle in arrays.items()
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
    before: dict[int, tuple[ObjectPlace, Any]] = {}
    for place, old in trace.moves:
        if isinstance(place, ObjectPlace):
            before.setdefault(id(place), (place, old))
    is_covered = covered(place for place, _ in before.values())
    outside = [
        (place, old)
        for place, old in before.values()
        if id(place.owner) not in trace.local_ids and not is_covered(place)
    ]
    to_lift: dict[OutsideLocation, Any] = {}
    found = []
    for place, old in outside:
        locate = trace.outside.locate(place.owner)
        owner = trace.outside.real(place.owner) if type(old) in (int, float) else None
        location = (id(owner), place.kind, place.key)
        if owner is not None and location not in lifted:
            to_lift[location] = owner
        found.append(Assignment(locate, place.kind, place.key, results.recipe(place.get())))
    if to_lift:
        raise LiftNumbers(to_lift)
    return found
