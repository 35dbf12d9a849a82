"""Random numbers: ops with an effect, drawn anew at each run and each iteration, in program order.

Kernels call NumPy's own functions on NumPy's own state, so that a decorated function after
np.random.seed(0) draws what the plain function would. Parameters of location-scale families have
derivatives, with the underlying uniform or normal variates held fixed (D. Kingma, M. Welling,
Auto-Encoding Variational Bayes, 2014, the reparametrisation trick).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from graphc.ir.core import Op, Value
from graphc.ir.opdef import CUT, MISSING, ZERO, Derivative
from graphc.ir.types import PYFLOAT, PYINT, Array, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape as shape_of
from graphc.ops.families import general
from graphc.ops.indexing import getitem, store
from graphc.ops.infer import array_types, broadcast, static_int
from graphc.ops.tensor import Tensor, apply, numpy_function
from graphc.runtime import random as kernels

__all__ = [
    "choice", "normal", "permutation", "rand", "randint", "randn", "random", "seed", "shuffle",
    "standard_normal", "uniform",
]  # fmt: skip

Attrs = dict[str, Any]
Operands = Sequence[Value]
FLOAT, INT = np.dtype(np.float64), np.dtype(np.int64)

_LOC_SCALE = (lambda z, a, b: 1.0, lambda z, a, b: (z - a) / b)
_LOW_HIGH = (lambda z, a, b: (b - z) / (b - a), lambda z, a, b: (z - a) / (b - a))
_SCALE = (lambda z, a: z / a,)
_LOGNORMAL = (lambda z, a, b: z, lambda z, a, b: z * (apply("log", z) - a) / b)


@dataclass(frozen=True)
class Distribution:
    """Its parameters' names, their defaults (of the last ones), and dz/dparameter for each."""

    method: str
    names: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()
    rules: tuple[Any, ...] = ()
    dtype: np.dtype[Any] = FLOAT

    @property
    def n_params(self) -> int:
        return len(self.names)


DISTRIBUTIONS = {
    row.method: row
    for row in (
        Distribution("normal", ("loc", "scale"), (0.0, 1.0), _LOC_SCALE),
        Distribution("uniform", ("low", "high"), (0.0, 1.0), _LOW_HIGH),
        Distribution("random_sample"),
        Distribution("standard_normal"),
        Distribution("standard_exponential"),
        Distribution("standard_cauchy"),
        Distribution("exponential", ("scale",), (1.0,), _SCALE),
        Distribution("rayleigh", ("scale",), (1.0,), _SCALE),
        Distribution("laplace", ("loc", "scale"), (0.0, 1.0), _LOC_SCALE),
        Distribution("logistic", ("loc", "scale"), (0.0, 1.0), _LOC_SCALE),
        Distribution("gumbel", ("loc", "scale"), (0.0, 1.0), _LOC_SCALE),
        Distribution("lognormal", ("mean", "sigma"), (0.0, 1.0), _LOGNORMAL),
        Distribution("gamma", ("shape", "scale"), (1.0,), (MISSING, lambda z, a, b: z / b)),
        Distribution("beta", ("a", "b"), (), (MISSING, MISSING)),
        Distribution("standard_gamma", ("shape",), (), (MISSING,)),
        Distribution("chisquare", ("df",), (), (MISSING,)),
        Distribution("standard_t", ("df",), (), (MISSING,)),
        Distribution("weibull", ("a",), (), (MISSING,)),
        Distribution("poisson", ("lam",), (1.0,), (ZERO,), INT),
        Distribution("geometric", ("p",), (), (ZERO,), INT),
        Distribution("binomial", ("n", "p"), (), (ZERO, ZERO), INT),
    )
}


def drawn(operands: Operands, n_params: int, sized: bool, dtype: np.dtype[Any]) -> Array:
    """The type of draws: of the size given; else of the parameters broadcast, or a number."""
    params = broadcast(*(t.shape for t in array_types(operands[:n_params])))
    if not sized:
        if params != ():
            return Array(dtype, params)
        return PYFLOAT if dtype.kind == "f" else PYINT
    args.check_dims(operands[n_params:], "random")
    dims = tuple(static_int(value) for value in operands[n_params:])
    broadcast(params, dims)
    return Array(dtype, dims)


def draw_rule(row: Distribution, needs: Any, cts: Any, zs: Any, operands: Any) -> Any:
    """Reparametrised: dz/dparameter times the cotangent, summed to the parameter's shape."""
    params = operands[: row.n_params]
    result: list[Any] = []
    for need, name, rule, x in zip(needs, row.names, row.rules, params, strict=False):
        if not need or rule is ZERO:
            result.append(None)
            continue
        if isinstance(rule, Derivative):
            raise args.unsupported(
                f"np.random.{row.method}", f"the derivative by {name}",
                hint="wrap it in graphc.stop_gradient if no derivative should flow through it",
            )  # fmt: skip
        ct = apply("mul", cts[0], rule(zs[0], *params))
        result.append(apply("sum_to_like", ct, x))
    return (*result, *(None for _ in operands[row.n_params :]))


def _draw_code(row: Distribution, op: Op, texts: list[str]) -> str:
    size = [f"size={args.tuple_code(texts[row.n_params :])}"] if op.attrs["sized"] else []
    return f"np.random.{row.method}({', '.join([*texts[: row.n_params], *size])})"


def _define(row: Distribution) -> None:
    def infer(operands: Operands, attrs: Attrs) -> list[Type]:
        return [drawn(operands, row.n_params, attrs["sized"], row.dtype)]

    def rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
        return draw_rule(row, needs, cts, zs, operands)

    kernel = partial(kernels.draw, row.method, row.n_params)
    doc = f"Numbers drawn by np.random.{row.method}: its parameters, then the size."
    general(f"random_{row.method}", kernel, infer=infer, vjp=rule if row.names else CUT,
            code=partial(_draw_code, row), effect=True, doc=doc)  # fmt: skip


def read_draw(row: Distribution, positional: Any, named: Any) -> tuple[list[Any], bool]:
    """The operands for a call `method(*positional, **named)`, and whether it gives a size."""
    *params, size = bind(row.method, row.names, row.defaults, positional, named)
    return [*map(args.as_array, params), *dims_of(size)], size is not None


def dims_of(size: Any) -> tuple[Any, ...]:
    return () if size is None else args.dims(size)


def bind(method: str, names: Any, defaults: Any, positional: Any, named: Any) -> list[Any]:
    """The arguments in the order of `names` and size; the last of them may have defaults."""
    names = (*names, "size")
    unknown = set(named) - set(names)
    if unknown or len(positional) > len(names):
        option = f"the option {next(iter(unknown))}=" if unknown else "so many arguments"
        raise args.unsupported(f"random {method}", option)
    given = dict(zip(names[::-1], (None, *defaults[::-1]), strict=False))
    given |= dict(zip(names, positional, strict=False)) | named
    if missing := [name for name in names if name not in given]:
        raise TypeError(f"{method}() takes the argument '{missing[0]}'")
    return [given[name] for name in names]


def _integers_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    dtype = attrs["dtype"]
    t = drawn(operands, 2, attrs["sized"], INT if dtype is None else dtype)
    return [t if dtype is None or not t.weak else Array(dtype)]


def _choice_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    return [drawn(operands[2:], 0, attrs["sized"], INT)]  # p may be None


for _row in DISTRIBUTIONS.values():
    _define(_row)
general("random_integers", kernels.integers, infer=_integers_infer, vjp=ZERO, effect=True,
        doc="Integers from low up to high, not included; then the size.")  # fmt: skip
general("random_permutation", np.random.permutation, vjp=ZERO, effect=True,
        infer=lambda operands, attrs: [Array(INT, (static_int(operands[0]),))],
        code="np.random.permutation({0})", doc="Integers below n in random order.")  # fmt: skip
general("random_choice", kernels.choice, infer=_choice_infer, vjp=ZERO, effect=True,
        doc="Integers below n with probabilities p (or None); then the size.")  # fmt: skip
general("random_seed", kernels.seed, infer=lambda operands, attrs: [], vjp=CUT, effect=True,
        doc="Start NumPy's global generator anew.")  # fmt: skip

# -- graphc.random --------------------------------------------------------------------------------


@numpy_function(np.random.seed)
def seed(seed: Any = None) -> None:
    """Start NumPy's global generator anew, in its place in the program."""
    apply("random_seed", seed)


def draw(method: str, *positional: Any, **named: Any) -> Any:
    """np.random.method(…)."""
    operands, sized = read_draw(DISTRIBUTIONS[method], positional, named)
    return apply(f"random_{method}", *operands, sized=sized)


def normal(shape: Any = (), mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None) -> Any:
    """Normally distributed numbers of a shape (dtype float64 unless given).

    >>> normal(shape=(2, 1)).shape
    (2, 1)
    """
    return args.cast_to(draw("normal", mean, stddev, shape), dtype)


def uniform(shape: Any = (), minval: Any = 0, maxval: Any = None, dtype: Any = None) -> Any:
    """Uniformly distributed numbers in [minval, maxval); integers for an integer dtype."""
    if dtype is not None and np.dtype(dtype).kind in "iu":
        return randint(minval, maxval, shape, dtype)
    high = 1.0 if maxval is None else maxval
    return args.cast_to(draw("uniform", minval, high, shape), dtype)


# -- numpy.random ---------------------------------------------------------------------------------

for _method in DISTRIBUTIONS:
    numpy_function(getattr(np.random, _method))(partial(draw, _method))
standard_normal = partial(draw, "standard_normal")
numpy_function(np.random.ranf, np.random.sample)(partial(draw, "random_sample"))


@numpy_function(np.random.random)
def random(size: Any = None) -> Any:
    """Uniform numbers in [0, 1)."""
    return draw("random_sample", size)


@numpy_function(np.random.rand)
def rand(*dims: Any) -> Any:
    """Uniform numbers in [0, 1), of shape `dims`; one Python float without."""
    return draw("random_sample", dims or None)


@numpy_function(np.random.randn)
def randn(*dims: Any) -> Any:
    """Normal numbers of shape `dims`; one Python float without."""
    return draw("standard_normal", dims or None)


@numpy_function(np.random.randint)
def randint(low: Any, high: Any = None, size: Any = None, dtype: Any = int) -> Any:
    """Integers from low (0 if there is no high) up to high, not included."""
    if high is None:
        low, high = 0, low
    dtype = None if dtype is int else np.dtype(dtype)
    bounds = args.as_array(low), args.as_array(high)
    return apply("random_integers", *bounds, *dims_of(size), sized=size is not None, dtype=dtype)


@numpy_function(np.random.permutation)
def permutation(x: Any) -> Any:
    """The integers below x in random order; or the rows of an array x."""
    x = args.as_array(x)
    if args.ndim(x) == 0:
        return apply("random_permutation", x)
    return getitem(x, apply("random_permutation", shape_of(x)[0]))


@numpy_function(np.random.shuffle)
def shuffle(x: Any) -> None:
    """Put the rows of a tensor in random order, in place."""
    if not isinstance(x, Tensor):
        raise args.unsupported("np.random.shuffle", "anything but a tensor")
    store(x, Ellipsis, permutation(x))


@numpy_function(np.random.choice)
def choice(a: Any, size: Any = None, replace: bool = True, p: Any = None) -> Any:
    """Elements of `a` (or integers below it) at random, with probabilities p."""
    a, p = args.as_array(a), args.as_array(p)
    rank = args.ndim(a)
    if rank > 1:
        raise ValueError("a must be 1-dimensional")
    count = shape_of(a)[0] if rank else a
    chosen = apply("random_choice", count, p, *dims_of(size), sized=size is not None,
                   replace=bool(replace))  # fmt: skip
    return getitem(a, chosen) if rank else chosen
