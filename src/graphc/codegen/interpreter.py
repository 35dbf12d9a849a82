"""The reference semantics of graphs: slow, obvious, recursive. Generated code is tested against it.

A loop iterates while its test holds and every xs has an item left: the trip count is bounded by the
shortest xs, and item k of every xs belongs to the same iteration. `reverse` takes the items from
last to first; its ys are stored so that ys[k] belongs to xs[k] all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

from graphc.errors import InternalError
from graphc.ir.core import Op, Region, Value
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.runtime.recursion import deep_recursion

Env = dict[Value, Any]


def interpret(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """The graph's outputs for concrete inputs, by walking the graph."""
    with deep_recursion():
        return _run_graph(graph, inputs)


def _run_graph(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    env: Env = dict(zip(graph.region.params, inputs, strict=True))
    return _run_region(graph.region, env)


def _run_region(region: Region, env: Env) -> list[Any]:
    for op in region.ops:
        results = STRUCTURED.get(op.name, _run_kernel)(op, env)
        env.update(zip(op.results, results, strict=True))
    if region.never:
        raise InternalError("a region marked `never` came to its end without raising")
    return [_read(value, env) for value in region.results]


def _read(value: Value, env: Env) -> Any:
    return value.literal if value.is_literal else env[value]


def _run_kernel(op: Op, env: Env) -> Sequence[Any]:
    result = opdef(op).kernel(*(_read(value, env) for value in op.operands), **op.attrs)
    if len(op.results) == 1:
        return (result,)
    return result if op.results else ()


def _run_if(op: Op, env: Env) -> Sequence[Any]:
    then, otherwise = op.regions
    return _run_region(then if _read(op.operands[0], env) else otherwise, env)


def _run_try(op: Op, env: Env) -> Sequence[Any]:
    body, handler = op.regions
    try:
        return _run_region(body, env)
    except op.attrs["kinds"]:
        return _run_region(handler, env)


def _run_loop(op: Op, env: Env) -> Sequence[Any]:
    n_carry, reverse = op.attrs["carry"], op.attrs["reverse"]
    operands = [_read(value, env) for value in op.operands]
    carries, xs = operands[:n_carry], operands[n_carry:]
    body = op.regions[0]
    ys: list[list[Any]] = [[] for _ in op.results[n_carry:]]
    for items in _iterations(xs, reverse):
        if len(op.regions) == 2 and not _run_test(op.regions[1], carries, env):
            break
        env.update(zip(body.params, [*carries, *items], strict=True))
        results = _run_region(body, env)
        carries = results[:n_carry]
        for y, item in zip(ys, results[n_carry:], strict=True):
            y.append(item)
    if reverse:
        for y in ys:
            y.reverse()
    return [*carries, *ys]


def _iterations(xs: list[Any], reverse: bool) -> Iterator[tuple[Any, ...]]:
    if not xs:
        return repeat(())
    trips = min(len(x) for x in xs)
    order = reversed(range(trips)) if reverse else range(trips)
    return (tuple(x[k] for x in xs) for k in order)


def _run_test(test: Region, carries: list[Any], env: Env) -> bool:
    env.update(zip(test.params, carries, strict=True))
    (result,) = _run_region(test, env)
    return bool(result)


def _run_call(op: Op, env: Env) -> Sequence[Any]:
    return _run_graph(op.attrs["callee"], [_read(value, env) for value in op.operands])


STRUCTURED = {"if": _run_if, "try": _run_try, "loop": _run_loop, "graph_call": _run_call}
