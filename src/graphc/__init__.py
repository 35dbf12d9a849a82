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
        while np.add.reduce(a) < 100:
            a = a * 2
        return (a,)
    <BLANKLINE>

`trace(…).graph` is the graph as text that `graphc.parse` reads back; `transformed` the rewritten
Python. Numerical functions (`graphc.sin`, …) are the `__all__` of the modules in `graphc.ops`.
"""

from typing import Any

from graphc import aliases as _aliases
from graphc import ops as _ops
from graphc.errors import GraphcError
from graphc.explain import explain
from graphc.frontend.hints import staged, unroll
from graphc.frontend.host import host_call, pure
from graphc.function import Function, function
from graphc.grad import grad, value_and_grad
from graphc.graph_context import Graph, placeholder
from graphc.ir.parse import parse
from graphc.ops import random
from graphc.ops.arithmetic import *  # noqa: F403
from graphc.ops.basic import cast, constant, ndim, shape, size, stop_gradient
from graphc.ops.composed import *  # noqa: F403
from graphc.ops.conversion import *  # noqa: F403
from graphc.ops.creation import *  # noqa: F403
from graphc.ops.decompositions import *  # noqa: F403
from graphc.ops.diagonals import *  # noqa: F403
from graphc.ops.einsum import *  # noqa: F403
from graphc.ops.elementwise import *  # noqa: F403
from graphc.ops.indexing import *  # noqa: F403
from graphc.ops.joining import *  # noqa: F403
from graphc.ops.linalg import *  # noqa: F403
from graphc.ops.norms import *  # noqa: F403
from graphc.ops.products import *  # noqa: F403
from graphc.ops.reductions import *  # noqa: F403
from graphc.ops.repeating import *  # noqa: F403
from graphc.ops.scans import *  # noqa: F403
from graphc.ops.selecting import *  # noqa: F403
from graphc.ops.shape import *  # noqa: F403
from graphc.ops.tensor import Tensor
from graphc.tape import GradientTape
from graphc.transforms.gradients import AggregationMethod, UnconnectedGradients, gradients
from graphc.variable import Module, Variable

# isort: split
from graphc.aliases import *  # noqa: F403  (last: its `norm` is the public one)

__version__ = "0.1.0"

__all__ = [
    "AggregationMethod", "Function", "GradientTape", "Graph", "GraphcError", "Module", "Tensor",
    "UnconnectedGradients", "Variable", "cast", "constant", "explain", "function", "grad",
    "gradients", "host_call", "ndim", "parse", "placeholder", "pure", "random", "shape", "size",
    "staged", "stop_gradient", "unroll", "value_and_grad",
]  # fmt: skip
__all__ += _ops.arithmetic.__all__
__all__ += _ops.composed.__all__
__all__ += _ops.conversion.__all__
__all__ += _ops.creation.__all__
__all__ += _ops.decompositions.__all__
__all__ += _ops.diagonals.__all__
__all__ += _ops.einsum.__all__
__all__ += _ops.elementwise.__all__
__all__ += _ops.indexing.__all__
__all__ += _ops.joining.__all__
__all__ += _ops.linalg.__all__
__all__ += _ops.norms.__all__
__all__ += _ops.products.__all__
__all__ += _ops.reductions.__all__
__all__ += _ops.repeating.__all__
__all__ += _ops.scans.__all__
__all__ += _ops.selecting.__all__
__all__ += _ops.shape.__all__
__all__ += _aliases.__all__


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"graphc has no function '{name}'; NumPy's and the Array API's names are used"
    )
