"""NumPy's float64 scalars as Python floats, in a program all of whose values are numbers.

    %1: f64[] = sin %angle                          %1: float = math_sin %angle
    %2: f64[] = mul %1, 0.001              →        %2: float = mul %1, 0.001
    yield %2                                        %3: f64[] = cast %2 {dtype=float64}
                                                    yield %3

Types are upper bounds: a value of type `f64[]` may be a Python number at run time. So every value
gets the set of what it may be (`Kinds`), found by trying kernels on samples; an output must surely
be a float64, or surely a Python number, or the one if a loop has iterated and the other if not.
Inputs are scalars: an array of rank 0 among them has the program run on NumPy. Effects that
arithmetic has beside its result (warnings, errors where Python raises) differ: `runtime/numbers.py`
sees to them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from graphc.ir.build import callees, clone_graph, replace_all_uses
from graphc.ir.core import Op, Region, Value, literal, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ir.types import PYBOOL, PYFLOAT, Array, Sequence, Type
from graphc.passes.facts import regions
from graphc.runtime.numbers import agree, status

Kinds = frozenset[str]

SAMPLES: dict[str, Any] = {
    "bool": True,
    "int": 2,
    "float": 2.0,
    "float64": np.float64(2.0),
    "ndarray": np.array(2.0),  # of rank 0: a NumPy scalar as soon as something is computed with it
    "bool_": np.True_,
}
KINDS = {type(sample): name for name, sample in SAMPLES.items()}
PYTHON = frozenset({"bool", "int", "float"})
TRUTHS = frozenset({"bool", "bool_"})

FUNCTIONS: dict[str, tuple[np.ufunc, Callable[..., Any]]] = {
    "sin": (np.sin, math.sin),
    "cos": (np.cos, math.cos),
    "sqrt": (np.sqrt, math.sqrt),
}
ARITHMETIC = {"add", "sub", "mul", "div", "neg", "pos", "abs", "accumulate"}
COMPARISONS = {"lt", "le", "gt", "ge", "eq", "ne"}
TO_FLOAT64 = {"cast", "full"}
OF_TRUTHS = {"truth", "not"}
HANDED_ON = {"identity", "stop_gradient", "assume", "copy"}
OF_PYTHON = {"floordiv", "mod", "range"}  # the same op on the same Python numbers
EXACT_INT = 1 << 53  # Python compares a larger int with a float exactly, NumPy as a float; a still
# larger one is an object to NumPy's functions


class _RefusedError(Exception):
    """The graph has a value, or an op, that numbers would not do for."""


def in_numbers(graph: Graph) -> Graph | None:
    """A graph with the same results that computes with Python floats alone; None if there is none,
    or if it would save nothing: without a loop a call costs more than its arithmetic."""
    names = {op.name for op in walk(graph.region)}
    if "loop" not in names or not _has_scalars(graph) or status() is None:
        return None
    new = clone_graph(graph)
    try:
        _rewrite(new, _Analysis(new))
    except _RefusedError:
        return None
    return new


def _has_scalars(graph: Graph) -> bool:
    """Whether all values are numbers, or sequences of them, and some are NumPy's."""
    found = False
    for value in _values(graph):
        kind = _leaf(value.type)
        if not isinstance(kind, Array) or kind.shape or kind.dtype.kind not in "bif":
            return False
        if not kind.weak and kind.dtype not in (np.dtype(np.float64), np.dtype(bool)):
            return False
        found = found or kind.dtype == np.float64 and not kind.weak
    return found


def _values(graph: Graph) -> Iterable[Value]:
    yield from graph.inputs
    for op in walk(graph.region):
        yield from (value for value in op.operands if value.is_literal)
        yield from op.results
        for region in op.regions:
            yield from region.params


def _leaf(kind: Type) -> Type:
    while isinstance(kind, Sequence):
        kind = kind.elem
    return kind


class _Analysis:
    """What each value may be at run time; a sequence has the kinds of its items."""

    def __init__(self, graph: Graph) -> None:
        self.kinds: dict[Value, Kinds] = {}
        self.made: dict[Value, Kinds] = {}  # of a loop's results: if it has iterated
        for param in graph.inputs:
            kind = param.type
            if not isinstance(kind, Array):
                raise _RefusedError
            number = KINDS[type(np.zeros((), kind.dtype).item())]
            self.kinds[param] = frozenset({number if kind.weak else "float64"})
        self.region(graph.region)

    def of(self, value: Value) -> Kinds:
        if not value.is_literal:
            return self.kinds[value]
        kind = KINDS.get(type(value.literal))
        if kind is None:
            raise _RefusedError
        return frozenset({kind})

    def region(self, region: Region) -> list[Kinds]:
        for op in region.ops:
            if op.name == "loop":
                self.loop(op)
            elif op.name == "if":
                arms = [self.region(arm) for arm in op.regions]
                merged = (a | b for a, b in zip(*arms, strict=True))
                self.kinds.update(zip(op.results, merged, strict=True))
            else:
                self.kinds[self.single(op)] = self.result(op)
        return [self.of(value) for value in region.results]

    def loop(self, op: Op) -> None:
        """Until the carries are all that init and body may make them."""
        n_carry, body = op.attrs["carry"], op.regions[0]
        known = [self.of(value) for value in op.operands]
        before: list[Kinds] = []
        while known != before:
            before = known
            for region in op.regions:
                self.kinds.update(zip(region.params, known, strict=False))
            made = self.region(body)
            known = [a | b for a, b in zip(known, made[:n_carry], strict=False)] + known[n_carry:]
        for test in op.regions[1:]:
            self.region(test)
        carried = made[:n_carry] if _surely_iterates(op) else known[:n_carry]
        self.kinds.update(zip(op.results, [*carried, *made[n_carry:]], strict=True))
        self.made.update(zip(op.results, made, strict=True))

    def is_made_by_a_loop(self, value: Value) -> bool:
        """Whether a value is a float64 if a loop has iterated, and a Python number if not."""
        op = value.owner
        if not isinstance(op, Op) or op.name != "loop" or self.made[value] != {"float64"}:
            return False
        return self.of(op.operands[op.results.index(value)]) <= PYTHON

    @staticmethod
    def single(op: Op) -> Value:
        if opdef(op).effect or callees(op) or len(op.results) != 1:
            raise _RefusedError
        return op.result

    def result(self, op: Op) -> Kinds:
        operands = [self.of(value) for value in op.operands]
        if not self.is_same_in_numbers(op, operands):
            raise _RefusedError
        if op.name == "range":
            return frozenset({"int"})
        return frozenset(_tried(op, choice) for choice in itertools.product(*operands))

    def is_same_in_numbers(self, op: Op, operands: list[Kinds]) -> bool:
        """Whether an op gives floats the bits that it gives float64, and the kind of its result."""
        is_python = all(kinds <= PYTHON for kinds in operands)
        if any("bool_" in kinds for kinds in operands):
            return op.name in OF_TRUTHS
        if op.name in COMPARISONS | FUNCTIONS.keys():
            is_small = not any(map(_may_be_large, op.operands, operands))
            if op.name in FUNCTIONS:
                return is_small and agree(*FUNCTIONS[op.name])
            return is_python or is_small
        if op.name in TO_FLOAT64:
            return len(op.operands) == 1
        if op.name == "python":
            return op.attrs["kind"] in "bif"
        return (
            op.name in ARITHMETIC | OF_TRUTHS | HANDED_ON
            or op.name.startswith("math_")
            or (is_python and op.name in OF_PYTHON)
        )


def _may_be_large(value: Value, kinds: Kinds) -> bool:
    return "int" in kinds and not (value.is_literal and abs(value.literal) <= EXACT_INT)


def _tried(op: Op, choice: tuple[str, ...]) -> str:
    """The kind of an op's result, on operands of these kinds."""
    with np.errstate(all="ignore"):
        try:
            made = opdef(op).kernel(*(SAMPLES[kind] for kind in choice), **op.attrs)
        except (ValueError, TypeError):  # math.acos(2.0); what is not known is refused
            raise _RefusedError from None
    kind = KINDS.get(type(made))
    if kind is None or kind == "ndarray" and made.dtype != np.float64:
        raise _RefusedError
    return kind


def _surely_iterates(op: Op) -> bool:
    """Whether a loop is known to run its body at all."""
    xs = op.operands[op.attrs["carry"] :]
    if len(op.regions) > 1:
        return False
    for x in xs:
        source = x.owner
        if not isinstance(source, Op) or source.name != "range":
            return False
        bounds = [value.literal for value in source.operands if value.is_literal]
        if len(bounds) < len(source.operands) or not len(range(*bounds)):
            return False
    return True


# -- the new graph ---------------------------------------------------------------------------------


def _rewrite(graph: Graph, found: _Analysis) -> None:
    kinds = found.kinds
    conditions = [_becomes_float64(value, found) for value in graph.outputs]
    for op in walk(graph.region):
        if op.name in FUNCTIONS:
            op.name = f"math_{op.name}"
        elif op.name in TO_FLOAT64:
            op.name, op.attrs = "python", {"kind": "f"}
    for value in _values(graph):
        if not value.is_literal and value not in graph.inputs:
            value.type = _in_python(value.type, kinds[value])
    flags = {loop: _add_flag(loop) for loop in conditions if isinstance(loop, Op)}
    _drop_conversions(graph, kinds)
    for index, condition in enumerate(conditions):
        if condition is not False:
            _convert_output(graph, index, None if condition is True else flags[condition])
    _convert_inputs(graph)


def _becomes_float64(value: Value, found: _Analysis) -> bool | Op:
    """Whether an output has to become a float64 again: yes, no, or if a loop has iterated."""
    if value.is_literal or found.kinds[value] <= PYTHON:
        return False
    if found.kinds[value] == {"float64"}:
        return True
    if not found.is_made_by_a_loop(value):
        raise _RefusedError
    assert isinstance(value.owner, Op)
    return value.owner


def _add_flag(loop: Op) -> Value:
    """A carry that is False at first and then True; the loop's result for it."""
    at = loop.attrs["carry"]
    loop.attrs = {**loop.attrs, "carry": at + 1}
    loop.operands.insert(at, literal(False))
    for region in loop.regions:
        region.params.insert(at, Value(PYBOOL, region, "has_run"))
    loop.regions[0].results.insert(at, literal(True))
    loop.results.insert(at, Value(PYBOOL, loop, "has_run"))
    return loop.results[at]


def _drop_conversions(graph: Graph, kinds: dict[Value, Kinds]) -> None:
    """float(x) of what is a float now."""
    same: dict[Value, Value] = {}
    for op in walk(graph.region):
        if op.name == "python" and op.attrs["kind"] == "f" and _is_float(op.operands[0], kinds):
            same[op.result] = same.get(op.operands[0], op.operands[0])
    for region in regions(graph.region):
        region.ops = [op for op in region.ops if not op.results or op.results[0] not in same]
    replace_all_uses(graph.region, same)


def _is_float(value: Value, kinds: dict[Value, Kinds]) -> bool:
    if value.is_literal:
        return type(value.literal) is float
    return kinds[value] <= {"float", "float64", "ndarray"}


def _in_python(kind: Type, kinds: Kinds) -> Type:
    if isinstance(kind, Sequence):
        return Sequence(_in_python(kind.elem, kinds))
    if isinstance(kind, Array) and kind.weak:
        return kind
    return PYBOOL if kinds <= TRUTHS else PYFLOAT


def _convert_output(graph: Graph, index: int, flag: Value | None) -> None:
    """Make an output a float64: always, or if the flag is set."""
    value = graph.outputs[index]
    kind = Array(np.dtype(np.float64))
    cast = Op("cast", [value], {"dtype": kind.dtype}, [kind], loc=graph.loc)
    cast.result.name = value.name
    if flag is None:
        graph.outputs[index] = graph.region.append(cast).result
        return
    arms = [Region(), Region()]
    arms[0].results = [arms[0].append(cast).result]
    arms[1].results = [value]
    branch = graph.region.append(Op("if", [flag], {}, [kind], arms, loc=graph.loc))
    branch.result.name = value.name
    graph.outputs[index] = branch.result


def _convert_inputs(graph: Graph) -> None:
    ops = []
    for param in graph.inputs:
        if isinstance(param.type, Array) and not param.type.weak:
            op = Op("python", [param], {"kind": "f"}, [PYFLOAT], loc=graph.loc)
            op.parent = graph.region
            op.result.name = param.name
            replace_all_uses(graph.region, {param: op.result})
            op.operands = [param]
            ops.append(op)
    graph.region.ops[:0] = ops
