"""Variables: tensors with a state, and modules that collect them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graphc.errors import TensorValueError
from graphc.ops.tensor import Tensor, apply, external, numeric_array, value_of
from graphc.ops.trace import current_trace
from graphc.source import located


class Variable(Tensor):
    """A tensor that can be assigned to, in and out of traced functions.

    `value`: number, list or array; `dtype`: NumPy dtype (default: NumPy's for `value`). Trainable
    variables are watched by every `GradientTape`. Assigning keeps shape and dtype; anything else is
    refused.

    >>> v = Variable(range(3), dtype=np.float32)
    >>> v.assign_add([1, 1, 1])
    <graphc.Variable: shape=(3,), dtype=float32, numpy=array([1., 2., 3.], dtype=float32)>
    """

    __slots__ = ("trainable", "name")

    def __init__(
        self, value: Any, dtype: Any = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(
            numeric_array(value.numpy() if isinstance(value, Tensor) else value, dtype)
        )
        self.trainable = trainable
        self.name = name

    def assign(self, value: Any) -> Variable:
        """Make this variable hold `value`, of the same shape, cast to its dtype. Returns itself."""
        if not isinstance(value, Tensor | np.ndarray) and current_trace() is None:
            value = numeric_array(value)
        new = apply("cast", value, dtype=self.dtype)
        if None not in new.array_type.shape and new.array_type.shape != self._shape():
            raise located(
                TensorValueError,
                f"a Variable of shape {self._shape()} cannot be assigned a value of shape "
                f"{new.array_type.shape}",
            )
        trace = current_trace()
        if trace is not None:
            external(self, trace).handle.move(value_of(new, trace))
            return self
        self.become(new)
        self._data = np.array(new._data)
        return self

    def assign_add(self, delta: Any) -> Variable:
        """Add `delta` to this variable. Returns itself."""
        return self.assign(apply("add", self, delta))

    def assign_sub(self, delta: Any) -> Variable:
        """Subtract `delta` from this variable. Returns itself."""
        return self.assign(apply("sub", self, delta))

    def value(self) -> Tensor:
        """The value now, as a Tensor that later assignments do not change."""
        return apply("identity", self)  # type: ignore[no-any-return]

    def read_value(self) -> Tensor:
        return self.value()

    def __setitem__(self, key: Any, value: Any) -> None:
        trace = current_trace()
        if trace is not None:
            external(self, trace).handle[key] = value
        else:
            super().__setitem__(key, value)  # type: ignore[misc]

    def _shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = np.shape(self._data)
        return shape


class Module:
    """A base for models: collects the Variables of its attributes, lists, dicts and sub-modules.

    >>> class Linear(Module):
    ...     def __init__(self):
    ...         self.w = Variable(np.zeros((2, 2)))
    ...         self.layers = [Variable(1.0)]
    >>> len(Linear().trainable_variables)
    2
    """

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every Variable in attributes, containers and sub-modules, each once, in order."""
        return tuple(dict.fromkeys(_variables(self, set())))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are trainable."""
        return tuple(v for v in self.variables if v.trainable)


def _variables(x: Any, seen: set[int]) -> Iterator[Variable]:
    if isinstance(x, Variable):
        yield x
        return
    if isinstance(x, str | Tensor | np.ndarray) or id(x) in seen:
        return
    seen.add(id(x))
    if isinstance(x, Module):
        items: Any = vars(x).values()
    elif isinstance(x, dict):
        items = x.values()
    elif isinstance(x, list | tuple | set):
        items = x
    else:
        return
    for item in items:
        yield from _variables(item, seen)
