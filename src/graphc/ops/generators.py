"""np.random.Generator objects inside decorated functions: ops that draw from the user's generator.

The generator is an attribute of the op, an object that the program shares with its user; drawing
advances it as the plain call would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.ir.core import Value
from graphc.ir.opdef import ZERO
from graphc.ir.types import Array, Type
from graphc.ops import arguments as args
from graphc.ops.basic import shape as shape_of
from graphc.ops.families import general
from graphc.ops.indexing import getitem
from graphc.ops.infer import static_int
from graphc.ops.random import DISTRIBUTIONS, bind, dims_of, draw_rule, drawn, read_draw
from graphc.ops.tensor import apply
from graphc.runtime import random as kernels

__all__: list[str] = []  # called through the methods of a np.random.Generator

Attrs = dict[str, Any]
Operands = Sequence[Value]
INT = np.dtype(np.int64)


def _draw_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    row = DISTRIBUTIONS[attrs["method"]]
    return [drawn(operands, row.n_params, attrs["sized"], row.dtype)]


def _draw_rule(needs: Any, cts: Any, zs: Any, operands: Any, attrs: Attrs) -> Any:
    return draw_rule(DISTRIBUTIONS[attrs["method"]], needs, cts, zs, operands)


def _draw(*operands: Any, method: str, sized: bool, generator: Any) -> Any:
    n_params = DISTRIBUTIONS[method].n_params
    return kernels.draw(method, n_params, *operands, sized=sized, generator=generator)


def _integers_infer(operands: Operands, attrs: Attrs) -> list[Type]:
    dtype = attrs["dtype"]
    t = drawn(operands, 2, attrs["sized"], INT if dtype is None else dtype)
    return [t if dtype is None or not t.weak else Array(dtype)]


general("generator_draw", _draw, infer=_draw_infer, vjp=_draw_rule, effect=True,
        doc="Numbers drawn by a method of a np.random.Generator.")  # fmt: skip
general("generator_integers", kernels.generator_integers, infer=_integers_infer, vjp=ZERO,
        effect=True, doc="Generator.integers: low, high, then the size.")  # fmt: skip
general("generator_permutation", lambda n, generator: generator.permutation(n), effect=True,
        infer=lambda operands, attrs: [Array(INT, (static_int(operands[0]),))], vjp=ZERO,
        doc="The integers below n in random order.")  # fmt: skip


def host_random(generator: Any, method: str, *positional: Any, **named: Any) -> Any:
    """`generator.method(…)` for a np.random.Generator, drawn anew at each run of the program.

    Methods: `random`, `integers`, `permutation`, and the distributions of `ops/random.py`.
    """
    if method == "integers":
        return _integers(generator, positional, named)
    if method == "permutation" and len(positional) == 1 and not named:
        x = args.as_array(positional[0])
        count = shape_of(x)[0] if args.ndim(x) else x
        order = apply("generator_permutation", count, generator=generator)
        return getitem(x, order) if args.ndim(x) else order
    name = "random_sample" if method == "random" else method
    if name not in DISTRIBUTIONS:
        raise args.unsupported(
            f"Generator.{method}", "this method or these options",
            hint="call it before the decorated function, and pass its result in",
        )  # fmt: skip
    operands, sized = read_draw(DISTRIBUTIONS[name], positional, named)
    return apply("generator_draw", *operands, method=name, sized=sized, generator=generator)


def _integers(generator: Any, positional: Any, named: dict[str, Any]) -> Any:
    named = dict(named)
    dtype, endpoint = named.pop("dtype", np.int64), bool(named.pop("endpoint", False))
    dtype = None if dtype is int else np.dtype(dtype)
    low, high, size = bind("integers", ("low", "high"), (None,), positional, named)
    if high is None:
        low, high = 0, low
    bounds = args.as_array(low), args.as_array(high)
    return apply("generator_integers", *bounds, *dims_of(size), sized=size is not None,
                 dtype=dtype, endpoint=endpoint, generator=generator)  # fmt: skip
