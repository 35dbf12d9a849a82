"""Throwaway ops for the tests of `ir/`, and random valid graphs made of them.

They are in the registry only while a module of tests/ir runs (conftest.py), so that tests which
walk the registry never see them.
"""

from __future__ import annotations

import math
import string

import numpy as np
from hypothesis import strategies as st

from graphc.errors import ShapeError
from graphc.ir import Array, Dense, Graph, Maybe, Nothing, Op, OpDef, Region, Sequence, literal
from graphc.ir.types import PYBOOL, PYFLOAT, PYINT, SHORT_NAMES, UNBOUND
from graphc.source import Location

F64 = Array(np.dtype("float64"), ())
ROWS = Array(np.dtype("float32"), (3, None))
BOOL = Array(np.dtype("bool"), ())


def _infer_same(operands, attrs):
    if len(operands) < 1:
        raise ShapeError("t_same takes an operand")
    return [operands[0].type]


# t_any gives what its attribute says; t_same, t_test, t_effect and t_call speak for themselves.
TOYS = {
    "t_any": lambda operands, attrs: list(attrs["types"]),
    "t_same": _infer_same,
    "t_test": lambda operands, attrs: [BOOL],
    "t_effect": lambda operands, attrs: [],
    "t_call": lambda operands, attrs: [value.type for value in attrs["callee"].outputs],
}
DEFINITIONS = {name: OpDef(name, lambda *a, **k: None, infer) for name, infer in TOYS.items()}

NEWTON = """\
graph f(%a: f64[], %n: int) -> (f64[], seq[f64[]]) {                # notebook.py:1
  %b: f64[] = t_same %a, 2                                          # :2:4-9
  %range: seq[int] = t_any %n {types=(<seq[int]>,)}                 # :3
  %b_1: f64[], %ys: seq[f64[]] = loop (%b_2: f64[] = %b) over (%i: int = %range) reversed {  # :3
    while {
      %p: bool[] = t_test %b_2, 1000                                # :3:6-20
      yield %p
    }
    body {
      %c: f64[] = if %p_1 {                                         # :4
        yield %b_2
      } else {
        t_effect %i {format="%d\\n"}                                 # other.py:9
        never
      }
      yield %c, %b_2
    }
  }
  yield %b_1, %ys
}""".replace("if %p_1 {", "if True {")


# random graphs

TYPES = st.recursive(
    st.sampled_from([F64, ROWS, BOOL, PYINT, PYFLOAT, PYBOOL, Nothing()]),
    lambda inner: inner.map(Sequence) | inner.filter(lambda t: not isinstance(t, Maybe)).map(Maybe),
    max_leaves=3,
)
INTS = st.integers() | st.integers(-(2**3000), 2**3000)
NUMBERS = st.booleans() | INTS | st.floats() | st.complex_numbers()
LITERALS = NUMBERS | st.none() | st.just(UNBOUND)
DTYPES = st.sampled_from([np.dtype(name) for name in "bool int8 uint64 float16 complex64".split()])


@st.composite
def dense(draw):
    dtype = draw(st.sampled_from(sorted(SHORT_NAMES)))
    shape = tuple(draw(st.lists(st.sampled_from([0, 1, 2, 3, 20]), max_size=3)))
    size = math.prod(shape)
    raw = draw(st.binary(min_size=1, max_size=64))
    data = (raw * (size * 16 // len(raw) + 1))[: size * np.dtype(dtype).itemsize]
    array = np.frombuffer(data, np.uint8) % 2 if dtype == "bool" else np.frombuffer(data, dtype)
    return Dense(array.reshape(shape).astype(dtype))


ATTRIBUTES = st.recursive(
    LITERALS | st.text() | st.just(ValueError) | DTYPES | dense() | TYPES,
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
NAMES = st.sampled_from(["", "b", "b_1", "b_2", "x[0]", "2nd", "λ", "no name"]) | st.text()
ATTR_NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=5)
COLUMNS = st.none() | st.integers(0, 80)
FILES = st.sampled_from(["f.py", "<ipython-input-1>", "a b.py", 'C:\\"odd"\n.py']) | st.text()


@st.composite
def graphs(draw):
    """A valid graph with nested loops and ifs, and sometimes one that it calls."""
    files = draw(st.lists(FILES, min_size=1, max_size=2))
    callee = _Random(draw, files, []).graph() if draw(st.booleans()) else None
    return _Random(draw, files, [] if callee is None else [callee]).graph()


class _Random:
    def __init__(self, draw, files, callees):
        self.draw = draw
        self.files = files
        self.callees = callees

    def graph(self):
        graph = Graph(self.draw(NAMES), loc=self.location())
        for type in self.draw(st.lists(TYPES, max_size=3)):
            graph.region.add_param(type, self.draw(NAMES))
        self.fill(graph.region, list(graph.inputs), 0)
        return graph

    def location(self):
        file, line = self.draw(st.sampled_from(self.files)), self.draw(st.integers(1, 99))
        col = self.draw(COLUMNS)
        return Location(file, line, col, None if col is None else self.draw(COLUMNS))

    def value(self, visible):
        if visible and self.draw(st.integers(0, 3)):
            return self.draw(st.sampled_from(visible))
        return literal(self.draw(LITERALS))

    def values(self, visible):
        return [self.value(visible) for _ in range(self.draw(st.integers(0, 3)))]

    def fill(self, region, visible, depth):
        for _ in range(self.draw(st.integers(0, 3))):
            makers = [self.any, self.branch, self.loop] if depth < 2 else [self.any]
            op = region.append(self.draw(st.sampled_from(makers))(visible, depth))
            for result in op.results:
                result.name = self.draw(NAMES)
            visible = visible + op.results
        region.results = self.values(visible)

    def any(self, visible, depth):
        types = tuple(self.draw(st.lists(TYPES, max_size=2)))
        attrs = self.draw(st.dictionaries(ATTR_NAMES, ATTRIBUTES, max_size=2))
        if self.callees and self.draw(st.booleans()):
            types = tuple(value.type for value in self.callees[0].outputs)
            attrs = {"callee": self.callees[0]}
            return Op("t_call", self.values(visible), attrs, types, (), self.location())
        attrs["types"] = types
        return Op("t_any", self.values(visible), attrs, types, (), self.location())

    def branch(self, visible, depth):
        then, otherwise = Region(), Region()
        self.fill(then, visible, depth + 1)
        otherwise.never = self.draw(st.booleans())
        if not otherwise.never:
            inside = {value for op in then.ops for value in op.results}
            then.results = [value for value in then.results if value not in inside]
            otherwise.results = list(then.results)
        types = [value.type for value in then.results]
        return Op("if", [literal(True)], {}, types, [then, otherwise], self.location())

    def loop(self, visible, depth):
        body = Region()
        carries = self.values(visible)
        for value in carries:
            body.add_param(value.type, self.draw(NAMES))
        sequences = [value for value in visible if isinstance(value.type, Sequence)][:1]
        for value in sequences:
            body.add_param(value.type.elem, self.draw(NAMES))
        self.fill(body, visible + body.params, depth + 1)
        ys = body.results
        body.results = body.params[: len(carries)] + ys
        types = [v.type for v in carries] + [Sequence(y.type) for y in ys]
        regions = [body]
        if not sequences or self.draw(st.booleans()):
            regions.append(self.test(carries, visible))
        attrs = {"carry": len(carries), "reverse": self.draw(st.booleans())}
        return Op("loop", carries + sequences, attrs, types, regions, self.location())

    def test(self, carries, visible):
        test = Region()
        for value in carries:
            test.add_param(value.type, self.draw(NAMES))
        operands = self.values(visible + test.params)
        test.append(Op("t_test", operands, {}, [BOOL], (), self.location()))
        test.results = [test.ops[0].result]
        return test


def same_graphs(a, b):
    """Whether two graphs are equal up to the names of their values (a NaN equals a NaN)."""
    return _shape(a, {}) == _shape(b, {})


def _shape(graph, seen):
    if graph in seen:
        return seen[graph]
    seen[graph] = len(seen)
    numbers = {}
    return (graph.loc, _region_shape(graph.region, numbers, seen))


def _region_shape(region, numbers, seen):
    def define(values):
        return [(numbers.setdefault(value, len(numbers)), value.type) for value in values]

    def use(values):
        return [_data(v.literal, seen) if v.is_literal else numbers[v] for v in values]

    ops = []
    params = define(region.params)
    for op in region.ops:
        attrs = {key: _data(value, seen) for key, value in op.attrs.items()}
        operands = use(op.operands)
        inner = [_region_shape(r, numbers, seen) for r in op.regions]
        ops.append((op.name, operands, attrs, inner, define(op.results), op.loc))
    return params, ops, use(region.results), region.never


def _data(value, seen):
    if isinstance(value, Graph):
        return _shape(value, seen)
    if type(value) is tuple:
        return tuple(_data(item, seen) for item in value)
    if isinstance(value, Dense):
        array = value.array
        return (array.dtype, array.shape, [repr(item) for item in array.ravel()])
    return (type(value), repr(value))
