"""Random numbers: after the same seed, the same draws as plain NumPy, anew at every run."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.codegen import generate
from graphc.codegen.interpreter import interpret
from graphc.errors import UnsupportedError
from graphc.ir.types import is_subtype, type_of
from graphc.ops import random
from graphc.ops.generators import host_random
from graphc.ops.random import DISTRIBUTIONS
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace
from graphc.transforms.gradients import graph_gradients
from tests.ops.compare import MIRROR, flat, same
from tests.ops.harness import traced

A = np.array([0.5, 1.5, 2.5])
M = np.arange(6.0).reshape(3, 2)

DRAWS = {
    "normal": lambda m, n: m.random.normal(size=(2, n)),
    "normal of numbers": lambda m, n: m.random.normal(1.0, 2.0),
    "normal of arrays": lambda m, n: m.random.normal(A, 0.1),
    "normal broadcast": lambda m, n: m.random.normal(A, 0.1, (2, n)),
    "uniform": lambda m, n: m.random.uniform(-1, n, size=4),
    "uniform named": lambda m, n: m.random.uniform(low=-1, high=n, size=4),
    "rand": lambda m, n: m.random.rand(n, 2),
    "rand one": lambda m, n: m.random.rand(),
    "randn": lambda m, n: m.random.randn(n),
    "randn one": lambda m, n: m.random.randn(),
    "random": lambda m, n: m.random.random((n,)),
    "random one": lambda m, n: m.random.random(),
    "random of ()": lambda m, n: m.random.random(()),
    "sample": lambda m, n: m.random.sample(n),
    "standard_normal": lambda m, n: m.random.standard_normal(n),
    "randint": lambda m, n: m.random.randint(n),
    "randint sized": lambda m, n: m.random.randint(2, 9, size=(n,)),
    "randint dtype": lambda m, n: m.random.randint(9, size=n, dtype=np.uint8),
    "randint one of dtype": lambda m, n: m.random.randint(9, dtype=np.int64),
    "randint of arrays": lambda m, n: m.random.randint([3, 9]),
    "permutation": lambda m, n: m.random.permutation(n),
    "permutation of rows": lambda m, n: m.random.permutation(M),
    "permutation of a vector": lambda m, n: m.random.permutation(A),
    "choice": lambda m, n: m.random.choice(n),
    "choice sized": lambda m, n: m.random.choice(n, (2, 2)),
    "choice of an array": lambda m, n: m.random.choice(A, n),
    "choice without": lambda m, n: m.random.choice(n, 2, replace=False),
    "choice weighted": lambda m, n: m.random.choice(A, 5, p=[0.1, 0.6, 0.3]),
    "exponential": lambda m, n: m.random.exponential(2.0, n),
    "gamma": lambda m, n: m.random.gamma(2.0, size=n),
    "beta": lambda m, n: m.random.beta(2.0, 3.0, size=n),
    "poisson": lambda m, n: m.random.poisson(3.0, n),
    "poisson one": lambda m, n: m.random.poisson(3.0),
    "binomial": lambda m, n: m.random.binomial(10, 0.3, n),
    "in order": lambda m, n: (m.random.rand(n), m.random.randn(), m.random.randint(5)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_seeded_draws_are_numpys(name):
    draw = DRAWS[name]
    np.random.seed(7)
    expected = flat(draw(np, 3)) + flat(draw(np, 3))
    np.random.seed(7)
    eager = [x._data for _ in range(2) for x in flat(draw(MIRROR, 3))]
    same(eager, expected)
    graph, captured = traced([type_of(3)], lambda xs: flat(draw(MIRROR, xs[0])))
    program = generate(graph)
    for run in (lambda: interpret(graph, [3, *captured]), lambda: program.run(3, *captured)):
        np.random.seed(7)
        results = [*run(), *run()]
        same(results, expected)
        for value, result in zip(graph.outputs, results):
            assert is_subtype(type_of(result), value.type), f"{type_of(result)} is no {value.type}"
            assert not (value.type.weak and not isinstance(result, (int, float)))


def test_literal_sizes_are_known():
    graph, _ = traced([], lambda xs: [random.normal((2, 3)), MIRROR.random.rand()])
    assert [str(value.type) for value in graph.outputs] == ["f64[2,3]", "float"]


def test_seed_has_its_place_in_the_program():
    def program(m, n):
        m.random.seed(n)
        first = m.random.rand(2)
        m.random.seed(n)
        return first, m.random.rand(2)

    graph, _ = traced([type_of(3)], lambda xs: flat(program(MIRROR, xs[0])))
    first, second = generate(graph).run(3)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, program(np, 3)[0])


def test_shuffle_is_in_place_and_numpys():
    np.random.seed(3)
    expected = M.copy()
    np.random.shuffle(expected)
    np.random.seed(3)
    data = Tensor(M.copy())
    MIRROR.random.shuffle(data)
    np.testing.assert_array_equal(data.numpy(), expected)


def test_tensorflow_spellings():
    np.random.seed(0)
    x = random.normal(shape=(2, 2), mean=1.0, stddev=0.5, dtype=np.float32)
    np.random.seed(0)
    np.testing.assert_array_equal(x.numpy(), np.random.normal(1.0, 0.5, (2, 2)).astype(np.float32))
    y = random.uniform(shape=(5,), minval=2, maxval=4, dtype=np.int32)
    assert y.dtype == np.int32 and set(y.numpy()) <= {2, 3}


GENERATOR_DRAWS = {
    "normal": lambda r: r("normal", 1.0, scale=2.0, size=3),
    "random": lambda r: r("random", 2),
    "random one": lambda r: r("random"),
    "integers": lambda r: r("integers", 9, size=3),
    "integers one": lambda r: r("integers", 2, 9),
    "integers endpoint": lambda r: r("integers", 0, 1, size=9, endpoint=True, dtype=np.int32),
    "integers of int": lambda r: r("integers", 9, dtype=int),
    "permutation": lambda r: r("permutation", 5),
    "permutation of rows": lambda r: r("permutation", M),
    "poisson": lambda r: r("poisson", 3.0),
}


@pytest.mark.parametrize("name", GENERATOR_DRAWS)
def test_generator_draws_are_numpys(name):
    draw = GENERATOR_DRAWS[name]
    plain = np.random.default_rng(1)
    expected = [draw(lambda method, *a, **k: getattr(plain, method)(*a, **k)) for _ in range(2)]
    same([draw(partial_of(np.random.default_rng(1)))._data], expected[:1])
    generator = np.random.default_rng(1)
    graph, captured = traced([], lambda xs: [draw(partial_of(generator))])
    program = generate(graph)
    same([program.run(*captured)[0] for _ in range(2)], expected)


def partial_of(generator):
    return lambda method, *a, **k: host_random(generator, method, *a, **k)


def test_unknown_generator_method_is_refused():
    with pytest.raises(UnsupportedError, match="multivariate_normal"):
        host_random(np.random.default_rng(), "multivariate_normal", [0.0], [[1.0]])


# -- derivatives ----------------------------------------------------------------------------------

PARAMETERS = {"normal": (0.3, 1.7), "uniform": (-1.0, 2.0), "lognormal": (0.2, 0.6)}
REPARAMETRISED = [
    row.method
    for row in DISTRIBUTIONS.values()
    if row.rules and all(callable(rule) for rule in row.rules)
]


@pytest.mark.parametrize("method", REPARAMETRISED)
def test_reparametrised_derivative(method):
    """The same seed, the parameters moved: the draws move as the derivative says."""
    names = DISTRIBUTIONS[method].names
    values = [np.float64(v) for v in PARAMETERS.get(method, (0.7, 1.3)[: len(names)])]
    trace = Trace("f")
    params = [trace.region.add_param(type_of(v), name) for v, name in zip(values, names)]
    with trace.active():
        handles = [Tensor(p, trace) for p in params]
        z = random.draw(method, *handles, size=4)
        seed = Tensor(np.arange(1.0, 5.0))
        gs = graph_gradients(trace, [z], params, [seed])
    trace.region.results = [g._data for g in gs]

    def total(vs):
        np.random.seed(5)
        return np.sum(getattr(np.random, method)(*vs, size=4) * np.arange(1.0, 5.0))

    np.random.seed(5)
    gradients = interpret(trace.graph, [*values, np.arange(1.0, 5.0)])
    for i, g in enumerate(gradients):
        step = np.zeros(len(values))
        step[i] = 1e-6
        expected = (total(values + step) - total(values - step)) / 2e-6
        np.testing.assert_allclose(g, expected, rtol=1e-5)
