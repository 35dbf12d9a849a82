"""A compiled function on a tape: one recorded op, whose adjoint is a compiled graph of its own.

    forward:   inputs ─▶ outputs, residuals
    backward:  residuals, cotangents of outputs ─▶ cotangents of inputs

Both come from one joint graph: the function's ops, followed by the adjoint ops that `gradients`
appends. It is cut between the two; the residuals are the values that the second half uses of the
first. Where the cotangent of a residual is itself asked for (a derivative of a derivative, through
the forward op), the adjoint is built once more from the inputs instead, recomputing the forward
half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.codegen import Program, generate
from graphc.compiled import Compiled, check_assignable, write_back
from graphc.ir.build import clone_graph, clone_op
from graphc.ir.core import Region, Value, free_values
from graphc.ir.graph import Graph
from graphc.ops.adjoint import cotangent_type
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import TAPES, Trace
from graphc.passes import optimise
from graphc.results import Call
from graphc.transforms.backward import carries_derivative
from graphc.transforms.gradients import UnconnectedGradients, graph_gradients

Mask = tuple[bool, ...]


def call_on_tape(compiled: Compiled, leaves: Sequence[Any], arguments: Any) -> Any:
    """Run a compiled function so that the active tapes can differentiate it."""
    captured = compiled.read_captured()
    inputs = [*(leaves[i] for i in compiled.inputs), *captured]
    needs = tuple(any(tape.tracks(x) for tape in TAPES.get()) for x in inputs)
    if not any(needs):
        return compiled.run(leaves, arguments)
    compiled.check(leaves, arguments, [x._data if isinstance(x, Tensor) else x for x in inputs])
    outputs = apply("call", *inputs, callee=_differentiable(compiled).forward(needs))
    for write in compiled.writes:
        target, value = write.target(leaves), outputs[write.index]
        check_assignable(target, value._data)
        if isinstance(target, Tensor):
            target.become(value)
        else:
            write_back(target, value._data)
    kept = [_plain(out) for out in outputs]
    return compiled.finish(Call(leaves, arguments, captured, kept, tensors=True))


def _plain(out: Tensor) -> Any:
    return out if out._data is not None else None


def _differentiable(compiled: Compiled) -> Differentiable:
    found = compiled.__dict__.get("_differentiable")
    if found is None:
        found = compiled.__dict__["_differentiable"] = Differentiable(compiled.graph)
    made: Differentiable = found
    return made


class Differentiable:
    """A graph with its compiled adjoints, made when first asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._forwards: dict[Mask, Forward] = {}
        self._adjoints: dict[tuple[Mask, Mask], Differentiable] = {}
        self._program: Program | None = None

    def forward(self, needs: Mask) -> Forward:
        """The graph as a callee that keeps the residuals for the cotangents of these inputs."""
        made = self._forwards.get(needs)
        if made is None:
            made = self._forwards[needs] = Forward(self, needs)
        return made

    def adjoint(self, needs: Mask, given: Mask) -> Differentiable:
        """inputs, given cotangents ─▶ needed input cotangents; recomputes the forward values."""
        made = self._adjoints.get((needs, given))
        if made is None:
            joint = Joint(self.graph, needs, given)
            made = self._adjoints[needs, given] = Differentiable(joint.whole())
        return made

    @property
    def program(self) -> Program:
        if self._program is None:
            self._program = generate(self.graph)
        return self._program


class Joint:
    """A graph followed by its adjoint, in one region."""

    def __init__(self, graph: Graph, needs: Mask, given: Mask) -> None:
        self.graph = clone_graph(graph)
        region = self.region = self.graph.region
        self.outputs = list(region.results)
        self.inputs = list(region.params)
        self.split = len(region.ops)
        self.cts = [
            region.add_param(cotangent_type(out.type), f"{out.name or 'y'}_bar")
            for out, has_ct in zip(self.outputs, given, strict=True)
            if has_ct
        ]
        self.wanted = [x for x, need in zip(self.inputs, needs, strict=True) if need]
        self.results = self._append_adjoint(graph.name, given)

    def _append_adjoint(self, name: str, given: Mask) -> list[Value]:
        trace = Trace(name, self.graph.loc)
        trace.graph, trace.region = self.graph, self.region
        ys = [Tensor(out, trace) for out, has_ct in zip(self.outputs, given, strict=True) if has_ct]
        seeds = [Tensor(ct, trace) for ct in self.cts]
        with trace.active(), trace.located_at(self.graph.loc):
            grads = graph_gradients(
                trace, ys, self.wanted, seeds, unconnected=UnconnectedGradients.ZERO
            )
        return [grad._data for grad in grads if grad is not None]

    def whole(self) -> Graph:
        """inputs and cotangents in, input cotangents out."""
        self.region.results = list(self.results)
        optimise(self.graph)
        return self.graph

    def halves(self) -> tuple[Graph, Graph, int]:
        """The forward graph (outputs, then residuals) and the backward graph; and how many
        residuals.
        """
        tail = Region()
        tail.ops = self.region.ops[self.split :]
        tail.results = self.results
        cts = set(self.cts)
        residuals = [v for v in free_values(tail) if v not in cts]
        backward = _cut(self.graph, [*residuals, *self.cts], tail.ops, self.results, "_adjoint")
        head = self.region.ops[: self.split]
        forward = _cut(self.graph, self.inputs, head, [*self.outputs, *residuals], "")
        optimise(forward)
        optimise(backward)
        return forward, backward, len(residuals)


def _cut(
    graph: Graph, params: list[Value], ops: list[Any], results: list[Value], suffix: str
) -> Graph:
    region, mapping = Region(), dict[Value, Value]()
    for param in params:
        mapping[param] = region.add_param(param.type, param.name)
    for op in ops:
        region.append(clone_op(op, mapping))
    region.results = [mapping.get(v, v) for v in results]
    return Graph(graph.name + suffix, region, graph.loc)


class Forward:
    """The callee of one recorded call: outputs first, then residuals for its adjoint."""

    def __init__(self, of: Differentiable, needs: Mask) -> None:
        self.of = of
        self.needs = needs
        self.given = tuple(carries_derivative(out.type) for out in of.graph.outputs)
        forward, backward, _ = Joint(of.graph, needs, self.given).halves()
        self.n_outputs = len(of.graph.outputs)
        self.program = generate(forward)
        self.backward = Differentiable(backward)

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        return tuple(self.program(*inputs))

    def pullback(self, needs: Sequence[bool], cts: Any, zs: Any, xs: Any) -> list[Any]:
        """The cotangents of the inputs; `zs` are the recorded outputs and residuals."""
        if any(ct is not None for ct in cts[self.n_outputs :]):
            return self._pullback_from_inputs(cts, zs, xs)
        seeds = [
            apply("zeros_like", z) if ct is None else ct
            for ct, z, given in zip(cts, zs, self.given, strict=False)
            if given
        ]
        operands = [*zs[self.n_outputs :], *seeds]
        return self._spread(call(self.backward, operands))

    def _pullback_from_inputs(self, cts: Any, zs: Any, xs: Any) -> list[Any]:
        """The adjoint of outputs and residuals, both computed anew from the inputs."""
        whole = Differentiable(self.program.graph)
        given = tuple(ct is not None for ct in cts)
        adjoint = whole.adjoint(self.needs, given)
        return self._spread(call(adjoint, [*xs, *(ct for ct in cts if ct is not None)]))

    def _spread(self, results: Sequence[Any]) -> list[Any]:
        left = iter(results)
        return [next(left) if need else None for need in self.needs]


def call(callee: Differentiable, operands: Sequence[Any]) -> list[Any]:
    """Run a graph on tensors; recorded where a tape follows one of them."""
    tapes = TAPES.get()
    needs = tuple(
        carries_derivative(param.type) and any(tape.tracks(x) for tape in tapes)
        for param, x in zip(callee.graph.inputs, operands, strict=True)
    )
    if not any(needs):
        data = [x._data if isinstance(x, Tensor) else x for x in operands]
        return [Tensor(out) for out in callee.program(*data)]
    outputs = apply("call", *operands, callee=callee.forward(needs))
    return list(outputs[: len(callee.graph.outputs)])
