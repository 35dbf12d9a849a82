"""Random valid graphs that run: nested loops and ifs, carries, ys, effects, failures, aliases.

Trip counts are small, so every graph ends. Some fail (division by zero, an index out of range, an
arm that raises): then what is compared is the exception and what was printed before it.
"""

from __future__ import annotations

import contextlib
import io
from typing import NamedTuple

import numpy as np

from graphc import ops
from graphc.codegen import interpret
from graphc.ir import Array, Dense, Graph, Maybe, Op, Region, Sequence, literal
from graphc.ir.opdef import opdef
from graphc.ir.types import PYBOOL, PYFLOAT, PYINT

assert ops  # importing them registers them
F64 = np.dtype("float64")
VEC = Array(F64, (3,))
SCALAR = Array(F64, ())
MAYBE = Maybe(PYFLOAT)
SEQ_FLOAT = Sequence(PYFLOAT)
SEQ_VEC = Sequence(VEC)
TYPES = [PYINT, PYFLOAT, PYBOOL, VEC, SCALAR]
MAX_DEPTH = 3
NAMES = ["", "", "a", "b", "x", "b_1", "for", "np", "t1", "print"]

# name, operand types, attributes: every op a random graph is made of.
PURE = [
    ("add", [PYINT, PYINT], {}),
    ("sub", [PYINT, PYINT], {}),
    ("neg", [PYINT], {}),
    ("add", [PYFLOAT, PYFLOAT], {}),
    ("mul", [PYFLOAT, PYFLOAT], {}),
    ("div", [PYFLOAT, PYFLOAT], {}),
    ("mul", [PYFLOAT, PYINT], {}),
    ("lt", [PYFLOAT, PYFLOAT], {}),
    ("eq", [PYINT, PYINT], {}),
    ("not", [PYBOOL], {}),
    ("add", [VEC, VEC], {}),
    ("mul", [VEC, PYFLOAT], {}),
    ("neg", [VEC], {}),
    ("sin", [VEC], {}),
    ("div", [VEC, SCALAR], {}),
    ("add", [SCALAR, SCALAR], {}),
    ("mul", [SCALAR, PYFLOAT], {}),
    ("stop_gradient", [VEC], {}),
    ("getitem", [VEC, PYINT], {"spec": ("_::",)}),
    ("getitem", [VEC], {"spec": ("e",)}),
    ("getitem", [VEC, PYINT], {"spec": ("i",)}),
    ("setitem", [VEC, PYFLOAT, PYINT], {"spec": ("i",)}),
    ("setitem", [VEC, PYFLOAT, PYINT], {"spec": ("i",)}),
    ("setitem", [VEC, VEC], {"spec": ("e",)}),
    ("index_add", [VEC, SCALAR, PYINT], {"spec": ("i",)}),
    ("index_add", [VEC, VEC], {"spec": ("e",)}),
    ("accumulate", [VEC, VEC], {}),
    ("is_none", [MAYBE], {}),
    ("bound", [MAYBE], {"name": "m"}),
    ("stack_seq", [SEQ_VEC], {}),
    ("seq_len", [SEQ_FLOAT], {}),
    ("copy", [VEC], {}),
    ("mul", [VEC, PYINT], {}),
    ("mul", [PYINT, PYINT], {}),
    ("sub", [PYFLOAT, PYINT], {}),
    ("broadcast_like", [VEC, VEC], {}),
    ("transpose", [VEC], {"axes": (0,)}),
    ("constant", [], {"value": Dense(np.array([1.0, 0.0, -1.0]))}),
]


# Programs all of whose values are numbers, some of them NumPy's.
NUMBERS = [
    *((name, [SCALAR, type], {}) for name in ("add", "sub", "mul", "div", "lt", "accumulate")
      for type in (SCALAR, PYFLOAT, PYINT)),
    *((name, [type], {}) for name in ("sin", "cos", "sqrt") for type in (SCALAR, PYFLOAT, PYINT)),
    *((name, [SCALAR], {}) for name in ("neg", "abs", "truth", "stop_gradient")),
    *(("cast", [type], {"dtype": F64}) for type in (SCALAR, PYFLOAT, PYINT)),
    ("full", [PYFLOAT], {"dtype": F64}),
    ("python", [SCALAR], {"kind": "f"}),
    ("python", [SCALAR], {"kind": "i"}),
    ("math_sin", [SCALAR], {}),
    *((name, [PYFLOAT, PYINT], {}) for name in ("add", "mul", "div", "mod", "gt", "floordiv")),
    ("add", [PYINT, PYINT], {}),
]  # fmt: skip


KINDS = [(Exception,), (ZeroDivisionError,), (ZeroDivisionError, IndexError), (ValueError,)]


class RandomGraph:
    """`random` is a random.Random, or hypothesis's."""

    types = TYPES
    ops = PURE
    inputs = (VEC, VEC, PYFLOAT, PYINT, SEQ_VEC, SEQ_FLOAT)
    attempts = True

    def __init__(self, random, size=5):
        self.random = random
        self.size = size
        self.effects = [self.effect]

    def graph(self):
        graph = Graph("g")
        for type in self.inputs:
            graph.region.add_param(type, self.random.choice(NAMES))
        graph.region.results = self.fill(graph.region, list(graph.inputs), 0, self.size)
        return graph

    def fill(self, region, visible, depth, size):
        """Append ops; some of the values visible at the end are the results."""
        visible = list(visible)
        for _ in range(self.random.randint(0, size)):
            makers = [self.pure] * 5 + self.effects
            if depth < MAX_DEPTH:
                makers += [self.branch, self.loop, self.loop]
            for op in self.random.choice(makers)(region, visible, depth):
                for result in op.results:
                    result.name = self.random.choice(NAMES)
                visible += op.results
        return [self.random.choice(visible) for _ in range(self.random.randint(1, 3))]

    def emit(self, region, name, operands, attrs, regions=(), types=None):
        if types is None:
            types = opdef(Op(name, operands, attrs, ())).infer(operands, attrs)
        return region.append(Op(name, operands, attrs, types, regions))

    def value(self, type, visible):
        """A visible value of a type (rather a recent one) or a literal; None if there is none."""
        found = [value for value in visible if value.type == type]
        literals = {
            PYINT: [0, 1, 2, -1, 3],
            PYFLOAT: [0.0, 1.5, -2.0, float("inf"), -0.0],
            PYBOOL: [True, False],
        }.get(type)
        if found and self.random.randint(0, 3):
            return self.random.choice(found[-4:])
        if literals is not None:
            return literal(self.random.choice(literals))
        return self.random.choice(found) if found else None

    def pure(self, region, visible, depth):
        name, types, attrs = self.random.choice(self.ops)
        operands = [self.value(type, visible) for type in types]
        if any(operand is None for operand in operands):
            return
        try:
            yield self.emit(region, name, operands, attrs)
        except IndexError:  # found by inference already
            return

    def effect(self, region, visible, depth):
        value = self.value(self.random.choice([PYINT, PYFLOAT, VEC, SCALAR]), visible)
        if value is not None:
            parts = ("value ", ("", ""), "\n")
            yield self.emit(region, "print", [value], {"parts": parts})

    def branch(self, region, visible, depth):
        then, otherwise = Region(), Region()
        arms = [self.fill(arm, visible, depth + 1, 3) for arm in (then, otherwise)]
        if not self.random.randint(0, 5):
            self.emit(otherwise, "raise", [], {"kind": ValueError, "args": ("arm",)})
            otherwise.never, arms[1] = True, None
        types = [self.random.choice(visible).type for _ in range(self.random.randint(0, 2))]
        for arm, own in zip((then, otherwise), arms):
            if own is not None:
                arm.results = [self.result(type, own, visible) for type in types]
        if self.random.randint(0, 3) == 0 and PYFLOAT in types:
            index = types.index(PYFLOAT)
            then.results[index], types[index] = literal(None), MAYBE
        regions = [otherwise, then] if self.random.randint(0, 1) else [then, otherwise]
        if self.attempts and self.random.randint(0, 2) == 0:
            kinds = self.random.choice(KINDS)
            yield self.emit(region, "try", [], {"kinds": kinds}, regions, types)
            return
        predicate = self.value(PYBOOL, visible)
        if predicate.is_literal and self.random.randint(0, 3):
            test = self.emit(region, "lt", [self.value(PYFLOAT, visible), literal(1.0)], {})
            predicate = test.result
            yield test
        yield self.emit(region, "if", [predicate], {}, regions, types)

    def result(self, type, own, visible):
        found = [value for value in own + visible[-6:] if value.type == type]
        if found:
            return self.random.choice(found)
        return self.value(type, visible) or next(v for v in visible if v.type == type)

    def loop(self, region, visible, depth):
        xs = self.sequences(region, visible)
        yield from (x.owner for x in xs if isinstance(x.owner, Op) and x not in visible)
        types = self.random.choice(self.types), self.random.choice(self.types)
        inits = [v for v in (self.value(type, visible) for type in types) if v]
        counts = not xs or self.random.randint(0, 3) == 0
        if counts:
            inits.append(literal(0))
        body, n = Region(), len(inits)
        for init in inits:
            body.add_param(init.type, self.random.choice(NAMES))
        for x in xs:
            body.add_param(x.type.elem, self.random.choice(NAMES))
        own = self.fill(body, visible + body.params, depth + 1, 4)
        inside = own + body.params + [r for op in body.ops for r in op.results]
        carries = [self.carried(p, inside, visible) for p in body.params[:n]]
        if counts:
            step = self.emit(body, "add", [body.params[n - 1], literal(1)], {})
            carries[-1] = step.result
        ys = [value for value in own if value.type in (PYFLOAT, VEC)]
        body.results = carries + ys
        if not self.random.randint(0, 15):
            self.emit(body, "raise", [], {"kind": KeyError, "args": ("body",)})
            body.never, body.results = True, []
        regions = [body, self.test(inits, visible)] if counts else [body]
        types = [p.type for p in body.params[:n]] + [Sequence(y.type) for y in ys]
        attrs = {"carry": n, "reverse": bool(xs) and bool(self.random.randint(0, 1))}
        yield self.emit(region, "loop", inits + xs, attrs, regions, types)

    def sequences(self, region, visible):
        found = [v for v in visible if v.type in (SEQ_FLOAT, SEQ_VEC)]
        xs = [self.random.choice(found) for _ in range(self.random.randint(0, 2))] if found else []
        if self.random.randint(0, 2) == 0:
            bounds = [literal(0), literal(self.random.randint(0, 4)), literal(1)]
            xs.append(self.emit(region, "range", bounds, {}).result)
        return xs

    def carried(self, param, inside, visible):
        found = [value for value in inside if value.type == param.type]
        return self.random.choice(found)

    def test(self, inits, visible):
        test = Region()
        for init in inits:
            test.add_param(init.type, self.random.choice(NAMES))
        bound = literal(self.random.randint(0, 4))
        test.results = [self.emit(test, "lt", [test.params[-1], bound], {}).result]
        return test


class RandomNumbers(RandomGraph):
    """A graph all of whose values are numbers, without effects; its carries may be of any type that
    their inits are, or become float64s where they were Python's numbers."""

    types = (PYINT, PYFLOAT, SCALAR, SCALAR)
    ops = NUMBERS
    attempts = False
    inputs = (PYFLOAT, PYINT, SCALAR, SCALAR)

    def __init__(self, random, size=5):
        super().__init__(random, size)
        self.effects = []

    def loop(self, region, visible, depth):
        for op in super().loop(region, visible, depth):
            if op.name == "loop" and not op.regions[0].never:
                self.widen(op)
            yield op

    def widen(self, op):
        """Let a Python float be the init of a carry that is a float64 from then on."""
        for index in range(op.attrs["carry"]):
            if op.regions[0].params[index].type == SCALAR and self.random.randint(0, 1):
                op.operands[index] = literal(self.random.choice([0.0, 1.5, 3]))


def sample_inputs():
    return [
        np.array([1.0, -2.0, 0.5]),
        np.array([3.0, 0.25, -1.0]),
        0.75,
        2,
        [np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])],
        [0.5, -1.0, 2.0],
    ]


class Outcome(NamedTuple):
    """`result` holds the outputs, or an exception's name and message."""

    result: list
    printed: str
    inputs: list

    @property
    def failed(self):
        return len(self.result) == 2 and isinstance(self.result[0], str)


def outcome(run, graph, inputs=None, errors="ignore"):
    """What a run gives; and which arrays among its outputs and inputs share memory."""
    inputs = sample_inputs() if inputs is None else inputs
    shared = set()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all=errors):
        try:
            outputs = run(graph, inputs)
            result = list(map(shown, outputs))
            shared = aliases([*outputs, *inputs])
        except Exception as error:
            result = [type(error).__name__, str(error)]
    return Outcome(result, printed.getvalue(), [shown(value) for value in inputs]), shared


def interpreted(graph):
    return outcome(interpret, graph)


def aliases(values):
    """Which arrays, also those in sequences, share memory."""
    found = []
    for value in values:
        items = value if isinstance(value, list) else [value]
        found += [item for item in items if isinstance(item, np.ndarray)]
    pairs = [(i, j) for i in range(len(found)) for j in range(i)]
    return {(i, j) for i, j in pairs if np.may_share_memory(found[i], found[j])}


def shown(value):
    """A value as text that tells types, dtypes, shapes and the sign of zero."""
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, [repr(item) for item in value.ravel()])
    return (type(value).__name__, repr(value))
