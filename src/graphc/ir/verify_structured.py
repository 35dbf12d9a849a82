"""What a loop, an `if`, a `try` and a call promise: invariants 13 to 25 of `ir/verify.py`.

A check yields (number of the invariant, what broke it). It relies on the general invariants having
been checked before, of the op and of all in its regions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphc.ir.build import callees
from graphc.ir.core import Op, Region
from graphc.ir.types import Array, Sequence, Type, is_subtype

Broken = Iterator[tuple[int, str]]


def check_if(op: Op) -> Broken:
    if len(op.operands) != 1 or len(op.regions) != 2:
        yield 13, f"{len(op.operands)} operands and {len(op.regions)} regions"
        return
    if any(region.params for region in op.regions):
        yield 13, "an arm has parameters"
    if not is_truth(op.operands[0].type):
        yield 14, f"the operand is {op.operands[0].type}"
    yield from _check_arms(op, 15)


def check_try(op: Op) -> Broken:
    kinds = op.attrs.get("kinds")
    if op.operands or len(op.regions) != 2:
        yield 24, f"{len(op.operands)} operands and {len(op.regions)} regions"
        return
    if any(region.params for region in op.regions):
        yield 24, "an arm has parameters"
    if type(kinds) is not tuple or not all(map(_is_exception, kinds)):
        yield 24, f"kinds is {kinds!r}"
    yield from _check_arms(op, 25)


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _check_arms(op: Op, number: int) -> Broken:
    for arm, word in zip(op.regions, ("first", "second"), strict=True):
        if arm.never:
            continue
        if len(arm.results) != len(op.results):
            yield number, f"the {word} arm yields {len(arm.results)} values, not {len(op.results)}"
            return
        for index, (value, result) in enumerate(zip(arm.results, op.results, strict=True)):
            if not is_subtype(value.type, result.type):
                yield number, f"value {index} of the {word} arm is {value.type}, not {result.type}"


def check_loop(op: Op) -> Broken:
    problem = _loop_shape_problem(op)
    if problem is not None:
        yield 16, problem
        return
    yield from _check_carries(op)
    yield from _check_items(op)
    yield from _check_collected(op)
    if len(op.regions) == 2:
        yield from _check_test(op, op.regions[1])
    elif op.attrs["carry"] == len(op.operands):
        yield 21, "nothing ends it"


def is_truth(type_: Type) -> bool:
    """Whether a type is what tests and predicates are: a bool of rank 0."""
    return isinstance(type_, Array) and type_.dtype.kind == "b" and type_.shape == ()


def _loop_shape_problem(op: Op) -> str | None:
    n_carry, reverse = op.attrs.get("carry"), op.attrs.get("reverse")
    if type(n_carry) is not int or type(reverse) is not bool:
        return f"carry is {n_carry!r} and reverse is {reverse!r}"
    if len(op.regions) not in (1, 2):
        return f"{len(op.regions)} regions"
    body = op.regions[0]
    if len(body.params) != len(op.operands):
        return f"{len(op.operands)} operands and {len(body.params)} parameters"
    if not 0 <= n_carry <= len(op.operands):
        return f"{n_carry} carries of {len(op.operands)} operands"
    if len(op.results) < n_carry:
        return f"{n_carry} carries and {len(op.results)} results"
    if not body.never and len(body.results) != len(op.results):
        return f"the body yields {len(body.results)} values for {len(op.results)} results"
    return None


def _check_carries(op: Op) -> Broken:
    body = op.regions[0]
    for index in range(op.attrs["carry"]):
        wanted = (body.params[index].type, op.results[index].type)
        given = {"initial": op.operands[index].type}
        if not body.never:
            given["yielded"] = body.results[index].type
        for word, type_ in given.items():
            for place, upper in zip(("parameter", "result"), wanted, strict=True):
                if not is_subtype(type_, upper):
                    yield 17, f"the {word} value of carry {index} is {type_}, its {place} {upper}"


def _check_items(op: Op) -> Broken:
    first = op.attrs["carry"]
    for operand, param in zip(op.operands[first:], op.regions[0].params[first:], strict=True):
        if not isinstance(operand.type, Sequence):
            yield 18, f"it runs over a value of type {operand.type}"
        elif not is_subtype(operand.type.elem, param.type):
            yield 18, f"the items are {operand.type.elem}, the parameter {param.type}"


def _check_collected(op: Op) -> Broken:
    body = op.regions[0]
    for index in range(op.attrs["carry"], len(op.results)):
        collected = op.results[index].type
        if not isinstance(collected, Sequence):
            yield 19, f"result {index} is {collected}"
        elif not body.never and not is_subtype(body.results[index].type, collected.elem):
            yield 19, f"result {index} is {collected}; {body.results[index].type} is yielded"


def _check_test(op: Op, test: Region) -> Broken:
    carries = [param.type for param in op.regions[0].params[: op.attrs["carry"]]]
    if [param.type for param in test.params] != carries:
        yield 20, "the parameters of the test are not the carries"
    if test.never:
        return
    if len(test.results) != 1 or not is_truth(test.results[0].type):
        found = ", ".join(str(value.type) for value in test.results) or "nothing"
        yield 20, f"the test yields {found}"


def check_call(op: Op) -> Broken:
    graphs = callees(op)
    if set(op.attrs) != {"callee"} or len(graphs) != 1 or op.regions:
        yield 22, f"its attributes are {', '.join(sorted(op.attrs)) or 'none'}"
        return
    region = graphs[0].region
    if len(region.params) != len(op.operands):
        yield 22, f"{len(op.operands)} operands for {len(region.params)} parameters"
        return
    if not region.never and len(region.results) != len(op.results):
        yield 22, f"{len(op.results)} results of {len(region.results)}"
        return
    for index, (value, param) in enumerate(zip(op.operands, region.params, strict=True)):
        if not is_subtype(value.type, param.type):
            yield 23, f"operand {index} is {value.type}, the parameter {param.type}"
    for index, (value, result) in enumerate(zip(region.results, op.results, strict=False)):
        if not is_subtype(value.type, result.type):
            yield 23, f"result {index} is {result.type}; the callee yields {value.type}"


STRUCTURED_OPS: dict[str, Callable[[Op], Broken]] = {
    "loop": check_loop,
    "if": check_if,
    "try": check_try,
    "graph_call": check_call,
}
