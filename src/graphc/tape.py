"""GradientTape: record eager ops and differentiate them; the same walk as on graphs.

A tape is a graph under recording together with the concrete value of each of its values. Inside a
traced function a tape marks where it began, and `gradient` is `gradients` on the ops since then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import TensorTypeError, TensorValueError, TraceError
from graphc.ir.core import Attrs, Op, Region, Value, literal
from graphc.ir.types import WEAK_OF, type_of
from graphc.ops.tensor import Tensor, apply, external, leaked, value_of
from graphc.ops.trace import TAPES, Trace, current_trace
from graphc.source import located, user_location
from graphc.transforms.backward import (
    Backward,
    carries_derivative,
    forward_active,
    region_chain,
    seed_of,
    strong,
)
from graphc.transforms.gradients import (
    UnconnectedGradients,
    checked_seed,
    graph_gradients,
    reaching,
    unconnected_choice,
)
from graphc.variable import Variable


class GradientTape:
    """Records what is done to watched tensors, so that `gradient` can differentiate it.

    Trainable Variables are watched when they are used; other tensors by `watch`. A tape answers one
    `gradient` unless `persistent`. Works eagerly and inside traced functions.

    >>> import graphc
    >>> x = graphc.constant(3.0)
    >>> with graphc.GradientTape() as t:
    ...     t.watch(x)
    ...     y = x * x
    >>> t.gradient(y, x)
    <graphc.Tensor: shape=(), dtype=float64, numpy=6.0>
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_variables = watch_accessed_variables
        self._used = False
        self._region = Region()
        self._data: dict[Value, Any] = {}
        self._tracked: dict[int, tuple[Tensor, Value]] = {}
        self._sources: dict[int, Value] = {}  # the value a watched tensor had when first seen
        self._trace: Trace | None = None
        self._marks: dict[Region, int] = {}
        self._token: Any = None

    # -- recording ---------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self._token is not None:
            raise located(TraceError, "this tape is already recording")
        trace = current_trace()
        if trace is not None:
            self._trace = trace
            self._marks = {region: len(region.ops) for region in region_chain(trace.region)}
            self._sources = {id(e.source): e.handle._data for e in trace.externals.values()}
        self._token = TAPES.set((*TAPES.get(), self)) if trace is None else True
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._trace is None:
            TAPES.set(tuple(tape for tape in TAPES.get() if tape is not self))
        self._token = None

    def watch(self, tensors: Any) -> None:
        """Follow a tensor, or every tensor in a nested structure, from here on."""
        for x in tree.flatten(tensors)[0]:
            if not isinstance(x, Tensor):
                raise located(
                    TensorTypeError, f"watch takes tensors, found a {type(x).__name__}",
                    hint="make it one with graphc.constant(x)",
                )  # fmt: skip
            if x.is_traced and self._trace is None:
                raise leaked(x)
            if not carries_derivative(x.type):
                raise located(
                    TensorTypeError,
                    f"only floating-point tensors can be watched, found {x.type}",
                    hint="graphc.cast(x, graphc.float64)",
                )
            if self._trace is not None:
                self._sources.setdefault(id(x), value_of(x, self._trace))
                self._tracked.setdefault(id(x), (x, self._sources[id(x)]))
            elif id(x) not in self._tracked:
                self._follow(x)

    def _follow(self, x: Tensor, value: Value | None = None) -> Value:
        if value is None:
            value = self._region.add_param(x.type, "x")
            self._sources[id(x)] = value
        self._tracked[id(x)] = (x, value)
        self._data[value] = x
        return value

    def tracks(self, x: Any) -> bool:
        """Whether an operand is followed; a trainable Variable is from its first use."""
        if id(x) in self._tracked:
            return True
        if self._watch_variables and isinstance(x, Variable) and x.trainable:
            if carries_derivative(x.type):
                self._follow(x)
                return True
        return False

    def record(self, name: str, operands: Sequence[Any], attrs: Attrs, results: list[Any]) -> None:
        """Called for every eager op: remember it if it depends on something that is followed."""
        followed = [self.tracks(x) for x in operands]  # all of them: this is a Variable's first use
        if not any(followed):
            return
        values = [self._value(x) for x in operands]
        types = [type_of(r._data) for r in results]
        op = self._region.append(Op(name, values, attrs, types, loc=user_location()))
        for result, value in zip(results, op.results, strict=True):
            self._follow(result, value)

    def _value(self, x: Any) -> Value:
        tracked = self._tracked.get(id(x))
        if tracked is not None:
            return tracked[1]
        data = x._data if isinstance(x, Tensor) else x
        if type(data) in WEAK_OF or data is None:
            return literal(data)
        value = Value(type_of(data), self._region)
        self._data[value] = x if isinstance(x, Tensor) else Tensor(data)
        return value

    def moved(self, handle: Tensor, before: Tensor, after: Tensor) -> None:
        """`handle` takes the value of `after`; `before` stands for the value it had."""
        old = self._tracked.pop(id(handle), None)
        if old is not None:
            self._tracked[id(before)] = (before, old[1])
            self._data[old[1]] = before
        new = self._tracked.get(id(after))
        if new is not None:
            self._tracked[id(handle)] = (handle, new[1])
        elif old is not None:
            # What is read from now on does not depend on anything followed.
            self._tracked[id(handle)] = (handle, self._region.add_param(after.type, ""))
            self._data[self._tracked[id(handle)][1]] = after

    # -- differentiating ---------------------------------------------------------------------------

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = "none",
    ) -> Any:
        """The derivative of the sum of `target` with respect to `sources`, in the structure of
        `sources`.

        None for a source that the target does not depend on (zeros with
        `unconnected_gradients="zero"`). Raises TypeError for what is not a tensor, TraceError on
        the second call of a tape that is not persistent.
        """
        if self._used and not self._persistent:
            raise located(
                TraceError,
                "this tape has already answered a gradient, and is not persistent",
                hint="make it with graphc.GradientTape(persistent=True)",
            )
        self._used = True
        choice = unconnected_choice(unconnected_gradients)
        targets = tree.flatten(target)[0]
        leaves, structure = tree.flatten(sources)
        for x in (*targets, *leaves):
            self._check_tensor(x)
        seeds = self._seeds(targets, output_gradients)
        if self._trace is not None:
            grads = self._traced_gradient(targets, leaves, seeds, choice)
        else:
            grads = self._eager_gradient(targets, leaves, seeds, choice)
            if not self._persistent:
                self._forget()
        return tree.unflatten(structure, grads)

    def _check_tensor(self, x: Any) -> None:
        """Arrays and numbers are not recorded, so nobody can know what they came from."""
        if isinstance(x, Tensor) or (self._trace is not None and isinstance(x, np.ndarray)):
            return
        raise located(
            TensorTypeError, f"gradient takes tensors, found a {type(x).__name__}",
            hint="compute with tensors while the tape records: graphc.constant(x), or a Variable",
        )  # fmt: skip

    def _forget(self) -> None:
        """Let go of what was recorded."""
        self._region = Region()
        for mapping in (self._data, self._tracked, self._sources):
            mapping.clear()

    def _seeds(self, targets: list[Any], given: Any) -> list[Any]:
        seeds = [None] * len(targets) if given is None else tree.flatten(given)[0]
        if len(seeds) != len(targets):
            raise located(
                TensorValueError,
                f"output_gradients has {len(seeds)} entries for {len(targets)} targets",
            )
        return seeds

    @staticmethod
    def _seed(y: Tensor, given: Any) -> Tensor:
        return (
            seed_of(y) if given is None else checked_seed(y, given, "output_gradients", "a target")
        )

    def _eager_gradient(
        self, targets: list[Any], sources: list[Any], seeds: list[Any], choice: UnconnectedGradients
    ) -> list[Any]:
        ops = list(self._region.ops)
        xs = [
            self._sources.get(id(x)) or self._tracked.get(id(x), (None, None))[1] for x in sources
        ]
        known = [x for x in xs if x is not None]
        walk = Backward(self._primal, forward_active(ops, known), {})
        pairs = [(self._tracked[id(y)][1], y, s) for y, s in zip(targets, seeds, strict=True)
                 if id(y) in self._tracked]  # fmt: skip
        reached = reaching(ops, [value for value, _, _ in pairs], frozenset())
        for value, y, seed in pairs:
            if walk.wants(value):
                walk.add(value, self._seed(y, seed))
        walk.sweep(ops)
        return [self._answer(walk, reached, x, v, choice) for x, v in zip(sources, xs, strict=True)]

    def _answer(
        self,
        walk: Backward,
        reached: set[Value],
        x: Any,
        value: Value | None,
        choice: UnconnectedGradients,
    ) -> Any:
        ct = None if value is None else walk.cts.get(value)
        if ct is not None:
            return strong(ct, x.type)
        connected = value in reached and carries_derivative(x.type)
        if choice is UnconnectedGradients.ZERO or connected:
            return apply("zeros_like", x)
        return None

    def _primal(self, value: Value) -> Any:
        return value.literal if value.is_literal else self._data[value]

    def _traced_gradient(
        self, targets: list[Any], sources: list[Any], seeds: list[Any], choice: UnconnectedGradients
    ) -> list[Any]:
        trace = current_trace()
        if trace is not self._trace or trace is None:
            raise located(TraceError, "this tape belongs to a function whose tracing has ended")
        ys = [Tensor(value_of(y, trace), trace) for y in targets]
        given = [self._seed(y, seed) for y, seed in zip(ys, seeds, strict=True)]
        xs = [self._source_value(x, trace) for x in sources]
        return list(graph_gradients(trace, ys, xs, given, unconnected=choice, since=self._marks))

    def _source_value(self, x: Any, trace: Trace) -> Value:
        if id(x) in self._sources:
            return self._sources[id(x)]
        if isinstance(x, Tensor) and not x.is_traced:
            return external(x, trace).value
        return value_of(x, trace)
