"""`grad` and `value_and_grad`: derivatives of functions, as functions."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GradientError, TensorTypeError
from graphc.frontend.calls import call
from graphc.frontend.forms import FORMS
from graphc.function import Function
from graphc.ir.types import Array
from graphc.ops.tensor import Tensor, apply, value_of
from graphc.ops.trace import current_trace
from graphc.source import located
from graphc.transforms.backward import carries_derivative, seed_of
from graphc.transforms.gradients import UnconnectedGradients, graph_gradients

ArgNums = int | tuple[int, ...]


def value_and_grad(fn: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """A function that returns `(fn(…), gradient)`. See `grad`."""
    return _Differentiated(fn, argnums, with_value=True)


def grad(fn: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """The gradient of a function with one scalar result, as a function of the same arguments.

    `argnums`: the positional argument(s) to differentiate with respect to; the gradient has that
    argument's structure, shapes and dtypes (a tuple of them for a tuple of argnums). The function
    is traced, decorated or not; gradients of gradients are gradients.

    Raises GradientError (a ValueError) for a result that is not a scalar, TypeError for an integer
    argument.

    >>> import graphc
    >>> graphc.grad(lambda x: x ** 3)(2.0)
    12.0
    >>> graphc.grad(graphc.grad(lambda x: x ** 3))(2.0)
    12.0
    """
    return _Differentiated(fn, argnums, with_value=False)


class _Differentiated:
    """`grad(fn)` or `value_and_grad(fn)`: compiled when called, inlined inside a trace."""

    def __init__(self, fn: Callable[..., Any], argnums: ArgNums, with_value: bool) -> None:
        functools.update_wrapper(self, fn, updated=())
        if not callable(fn):
            raise located(TensorTypeError, f"grad takes a function, found {fn!r:.60}")
        self._fn = fn
        self._argnums = argnums
        self._with_value = with_value
        name = getattr(fn, "__name__", "function")
        traced_name = f"grad_{_identifier(name)}"
        self._compiled = Function(self._body, traced_name, traced_as=fn, plain=self._forward)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if current_trace() is not None:
            return self._body(*args, **kwargs)
        return self._compiled(*args, **kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Any:
        """The trace of the function with its gradient: `.graph` and `.source` show both."""
        return self._compiled.trace(*args, **kwargs)

    @property
    def traces(self) -> Any:
        return self._compiled.traces

    def _body(self, *args: Any, **kwargs: Any) -> Any:
        trace = current_trace()
        assert trace is not None
        new_args, xs, structures = list(args), [], []
        for n in self._wanted:
            leaves, structure = tree.flatten(_argument(args, n))
            fresh = [_source(leaf, n) for leaf in leaves]
            xs += fresh
            structures.append((structure, len(fresh)))
            new_args[n] = tree.unflatten(structure, fresh)
        sources = [value_of(x, trace) for x in xs]
        y = call(FORMS, self._fn, tuple(new_args), kwargs)
        grads = iter(self._gradients(y, sources))
        built = tuple(
            tree.unflatten(s, [next(grads) for _ in range(count)]) for s, count in structures
        )
        result = built[0] if isinstance(self._argnums, int) else built
        return (y, result) if self._with_value else result

    def _forward(self, *args: Any, **kwargs: Any) -> Any:
        """The function alone, which changes the same: not what derivatives are with respect to."""
        new_args = list(args)
        for n in self._wanted:
            new_args[n] = copy.deepcopy(_argument(args, n))
        return self._fn(*new_args, **kwargs)

    @property
    def _wanted(self) -> tuple[int, ...]:
        return (self._argnums,) if isinstance(self._argnums, int) else tuple(self._argnums)

    @staticmethod
    def _gradients(y: Any, sources: list[Any]) -> list[Any]:
        trace = current_trace()
        assert trace is not None
        if not isinstance(y, Tensor | np.ndarray | np.generic | int | float):
            raise located(
                GradientError, f"grad needs a function with one scalar result, found {type(y)}"
            )
        target = Tensor(value_of(y, trace), trace)
        t = target.array_type
        if t.shape:
            raise located(
                GradientError,
                f"grad needs a scalar result, found shape {t.shape}",
                hint="sum it first: grad(lambda x: f(x).sum())",
            )
        if target._data.is_literal or not carries_derivative(t):
            return [apply("zeros_like", Tensor(x, trace)) for x in sources]
        return list(
            graph_gradients(
                trace, [target], sources, [seed_of(target)], unconnected=UnconnectedGradients.ZERO
            )
        )


def _argument(args: tuple[Any, ...], n: int) -> Any:
    if not -len(args) <= n < len(args):
        raise located(
            TensorTypeError, f"argnums={n}, but the function was called with {len(args)} arguments"
        )
    return args[n]


def _source(leaf: Any, n: int) -> Tensor:
    """A new value equal to the argument's: derivatives are taken with respect to it alone."""
    if isinstance(leaf, Tensor | np.ndarray | np.generic | float | int | complex):
        x = apply("identity", leaf)
        t = x.array_type
        if isinstance(t, Array) and t.dtype.kind == "f":
            x._data.name = leaf._data.name if isinstance(leaf, Tensor) and leaf.is_traced else ""
            return x  # type: ignore[no-any-return]
        found = str(t)
    else:
        found = type(leaf).__name__
    raise located(
        TensorTypeError,
        f"argument {n} has type {found}: derivatives are with respect to floating-point values",
        hint="pass 3.0 rather than 3, or an array of a float dtype",
    )


def _identifier(name: str) -> str:
    return name if name.isidentifier() else "lambda"
