"""graphc: a source-transforming static-graph compiler for Python and NumPy, with derivatives.

One function, its graph and its program (a test runs this):

    >>> import numpy as np, graphc
    >>> @graphc.function
    ... def double(a):
    ...     while a.sum() < 100:
    ...         a = a * 2
    ...     return a
    >>> double(np.array([3.0, 4.0]))
    array([48., 64.])
    >>> graphc.grad(lambda a: double(a).sum())(np.array([3.0, 4.0]))
    array([16., 16.])
    >>> print(double.trace(np.array([3.0, 4.0])).source)
    def double(a):
        for n1 in count():
            if not bool(np.add.reduce(a, axis=None) < 100):
                break
            a = a * 2
        return (a,)
    <BLANKLINE>

`trace(…).graph` is the graph as text that `graphc.parse` reads back; `transformed` the rewritten
Python. Numerical functions (`graphc.sin`, …) are the `__all__` of the modules in `graphc.ops`.
"""

from typing import Any

from graphc import aliases as _aliases
from graphc.aliases import *  # noqa: F403
from graphc.errors import GraphcError
from graphc.explain import explain
from graphc.frontend.hints import staged, unroll
from graphc.frontend.host import host_call, pure
from graphc.function import Function, function
from graphc.grad import grad, value_and_grad
from graphc.graph_context import Graph, placeholder
from graphc.ir.parse import parse
from graphc.ops import PUBLIC as _PUBLIC
from graphc.ops import random
from graphc.ops.basic import cast, constant, ndim, shape, size, stop_gradient
from graphc.ops.tensor import Tensor
from graphc.tape import GradientTape
from graphc.transforms.gradients import AggregationMethod, UnconnectedGradients, gradients
from graphc.variable import Module, Variable

__version__ = "0.1.0"

__all__ = [
    "AggregationMethod", "Function", "GradientTape", "Graph", "GraphcError", "Module", "Tensor",
    "UnconnectedGradients", "Variable", "cast", "constant", "function", "grad", "gradients",
    "explain", "host_call", "ndim", "parse", "placeholder", "pure", "random", "shape", "size",
    "staged", "stop_gradient", "unroll", "value_and_grad",
]  # fmt: skip

for _module in _PUBLIC:
    for _name in _module.__all__:
        globals().setdefault(_name, getattr(_module, _name))
        __all__.append(_name)
__all__ += _aliases.__all__


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"graphc has no function '{name}'; NumPy's and the Array API's names are used"
    )
