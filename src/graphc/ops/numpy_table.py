"""Which graphc function stands for which NumPy function: the table behind NumPy's protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.errors import GraphcError, UnsupportedError
from graphc.source import located

Method = Callable[..., Any]


class NumpyTable:
    """Which graphc function stands for which NumPy function. Filled by the op modules."""

    def __init__(self) -> None:
        self.functions: dict[Any, Callable[..., Any]] = {}

    def call_ufunc(self, ufunc: Any, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
        target = self.functions.get(ufunc if method == "__call__" else (ufunc, method))
        if target is None:
            dotted = f"numpy.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
            raise unsupported_numpy(dotted)
        return target(*inputs, **kwargs)

    def call_function(self, func: Any, args: Any, kwargs: Any) -> Any:
        target = self.functions.get(func)
        if target is None:
            raise unsupported_numpy(f"{func.__module__}.{func.__name__}")
        return target(*args, **kwargs)


NUMPY = NumpyTable()


def numpy_function(*functions: Any) -> Callable[[Method], Method]:
    """Decorator: this graphc function is what these NumPy functions do on tensors."""

    def register(target: Method) -> Method:
        for function in functions:
            NUMPY.functions[function] = target
        return target

    return register


def unsupported_numpy(name: str) -> GraphcError:
    return located(
        UnsupportedError,
        f"{name} is not supported on graphc tensors",
        hint="use a supported function (docs/language.md lists them), or graphc.host_call",
    )
