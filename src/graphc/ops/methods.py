"""Python's operators and ndarray's methods on Tensor, attached from tables.

Operators apply the op itself: between Python numbers it is Python's. An operand that is no number
and no array gives NotImplemented, so that its own operator is tried, as Python does. There are no
in-place operators: `x += y` outside converted code binds `x` to a new tensor; inside it the front
end has rewritten it to what NumPy does. `x[k]` and `x[k] = v` are in `ops/indexing.py`.

A method is NumPy's function of the same name. On a tensor that stands for a Python number it is an
AttributeError, as in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.ir.types import SHORT_NAMES, Maybe
from graphc.ops.arguments import as_array, index, unsupported
from graphc.ops.families import is_weak
from graphc.ops.infer import PY_TYPES
from graphc.ops.python_types import may_be_array
from graphc.ops.sampled import number_of
from graphc.ops.tensor import NUMPY, Tensor, apply, numpy_function
from graphc.source import located, user_location

Method = Callable[..., Any]

BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div",
    "floordiv": "floordiv", "mod": "mod", "matmul": "matmul",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
    "lshift": "lshift", "rshift": "rshift",
}  # fmt: skip
COMPARISONS = ("lt", "le", "gt", "ge")
UNARY = {"neg": "neg", "pos": "pos", "abs": "abs", "invert": "invert"}
INTEGRAL = {"trunc": "trunc", "floor": "floor", "ceil": "ceil"}  # of the math module: to an int

# Methods that are NumPy's function of the same name, with the tensor as its first argument.
METHODS = (
    "all any argmax argmin argsort clip cumprod cumsum diagonal dot max mean min "
    "nonzero prod ravel repeat round searchsorted squeeze std sum swapaxes take trace var"
).split()

_OPERANDS = (Tensor, np.ndarray, np.generic, bool, int, float, complex)


# -- operators ----------------------------------------------------------------------------------


def _operand(self: Tensor, other: Any) -> Any:
    """What an operator takes `other` for; NotImplemented where it does not take it.

    A list is an array beside an array, but not beside a number: `[0] * n` repeats the list.
    """
    if isinstance(other, _OPERANDS):
        return other
    if isinstance(other, list | tuple) and not is_weak(self):
        return as_array(other)
    return NotImplemented


def _binary(name: str) -> tuple[Method, Method]:
    """The operator of an op and its reflection."""

    def forward(self: Tensor, other: Any) -> Any:
        other = _operand(self, other)
        return other if other is NotImplemented else apply(name, self, other)

    def reflected(self: Tensor, other: Any) -> Any:
        other = _operand(self, other)
        return other if other is NotImplemented else apply(name, other, self)

    return forward, reflected


def _unary(name: str) -> Method:
    def method(self: Tensor) -> Any:
        return apply(name, self)

    return method


def _integral(name: str) -> Method:
    """math.floor(x) and the like: an int, of a number only."""

    def method(self: Tensor) -> Any:
        if self.ndim:
            raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
        if name == "trunc" and self.dtype != np.float64 and not is_weak(self):
            raise TypeError(f"type numpy.{self.dtype} doesn't define __trunc__ method")
        return apply("python", apply(name, self), kind="i")

    return method


def _pow(self: Tensor, other: Any, modulo: Any = None) -> Any:
    other = NotImplemented if modulo is not None else _operand(self, other)
    if other is NotImplemented:
        return other
    exponent = number_of(other)
    if is_weak(self) and self.dtype.kind in "bi" and isinstance(exponent, int) and exponent < 0:
        return apply("pow", apply("python", self, kind="f"), other)  # as int.__pow__ does
    return apply("pow", self, other)


def _rpow(self: Tensor, other: Any) -> Any:
    other = _operand(self, other)
    return other if other is NotImplemented else apply("pow", other, self)


def _divmod(self: Tensor, other: Any) -> Any:
    other = _operand(self, other)
    if other is NotImplemented:
        return other
    return apply("floordiv", self, other), apply("mod", self, other)


def _rdivmod(self: Tensor, other: Any) -> Any:
    other = _operand(self, other)
    if other is NotImplemented:
        return other
    return apply("floordiv", other, self), apply("mod", other, self)


def _equality(name: str) -> Method:
    """== and !=: element by element, also with None and with strings, which nothing equals."""

    def method(self: Tensor, other: Any) -> Any:
        if other is None or isinstance(other, str | bytes):
            return _never_equal(self, name)
        other = _operand(self, other)
        return other if other is NotImplemented else apply(name, self, other)

    return method


def _never_equal(x: Tensor, name: str) -> Any:
    if isinstance(x.type, Maybe):
        raise unsupported("==", "comparison of a value that may be None", "use `is None`")
    never = apply("lt", x, x)  # false also for NaN
    return never if name == "eq" else apply("eq", never, False)


def _round(self: Tensor, ndigits: Any = None) -> Any:
    """round(x, n), of numbers only: without n an int."""
    digits = None if ndigits is None else index(ndigits)
    if is_weak(self):
        return apply("round", self, decimals=digits)
    if self.ndim or self.dtype.kind == "b":
        raise TypeError("type numpy.ndarray doesn't define __round__ method")
    rounded = apply("round", self, decimals=digits or 0)
    return rounded if digits is not None else apply("python", rounded, kind="i")


# -- methods ------------------------------------------------------------------------------------


def _array_only(self: Tensor, name: str) -> None:
    if is_weak(self):
        kind = PY_TYPES[self.dtype.kind].__name__
        raise AttributeError(f"'{kind}' object has no attribute '{name}'")


def _numpy_method(name: str) -> Method:
    function = getattr(np, name)

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        _array_only(self, name)
        return NUMPY.call_function(function, (self, *args), kwargs)

    method.__doc__ = f"np.{name}(self, …)."
    return method


def _as_tuple(args: tuple[Any, ...]) -> Any:
    """The arguments of `x.reshape(2, 3)` or `x.reshape((2, 3))`, as one."""
    return args[0] if len(args) == 1 else args


def reshape(self: Tensor, *shape: Any, **options: Any) -> Any:
    """`x.reshape(2, 3)` or `x.reshape((2, 3))`."""
    _array_only(self, "reshape")
    return NUMPY.call_function(np.reshape, (self, _as_tuple(shape)), options)


def transpose(self: Tensor, *axes: Any) -> Any:
    """`x.transpose()`, `x.transpose(1, 0)` or `x.transpose((1, 0))`."""
    _array_only(self, "transpose")
    return NUMPY.call_function(np.transpose, (self, _as_tuple(axes) if axes else None), {})


def astype(
    self: Tensor, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True,
    copy: bool = True,
) -> Any:  # fmt: skip
    """The values in another dtype. The memory order of the result is not promised."""
    _array_only(self, "astype")
    kind = np.dtype(dtype)
    if kind.name not in SHORT_NAMES:
        raise located(TensorTypeError, f"tensors of dtype {kind} do not exist", user_location())
    if not np.can_cast(self.dtype, kind, casting):
        raise TypeError(
            f"Cannot cast array data from {self.dtype!r} to {kind!r} "
            f"according to the rule '{casting}'"
        )
    return apply("cast", self, dtype=kind)


@numpy_function(np.astype)
def _np_astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    return astype(x, dtype)


def copy(self: Tensor, order: str = "C") -> Any:
    """The values in memory of their own."""
    _array_only(self, "copy")
    return apply("copy", self)


def flatten(self: Tensor, order: str = "C") -> Any:
    """A copy of rank 1."""
    _array_only(self, "flatten")
    return apply("copy", NUMPY.call_function(np.ravel, (self, order), {}))


def fill(self: Tensor, value: Any) -> None:
    """Set every element to `value`."""
    _array_only(self, "fill")
    self[...] = value  # type: ignore[index]


def sort(self: Tensor, axis: Any = -1, kind: Any = None, order: Any = None, **options: Any) -> None:
    """Sort in place, as ndarray.sort."""
    _array_only(self, "sort")
    self[...] = NUMPY.call_function(np.sort, (self, axis, kind, order), options)  # type: ignore[index]


def item(self: Tensor, *place: Any) -> Any:
    """One element as a Python number: the only one, or that at a place or at a flat index."""
    _array_only(self, "item")
    place = place[0] if len(place) == 1 and isinstance(place[0], tuple) else place
    if len(place) == 1 and self.ndim != 1:
        self = NUMPY.call_function(np.ravel, (self,), {})
    element = self[place] if place else self  # type: ignore[index]
    if not place and element.ndim and None not in element.array_type.shape and element.size != 1:
        raise ValueError("can only convert an array of size 1 to a Python scalar")
    return apply("python", element, kind=_python_kind(element))


def tolist(self: Tensor) -> Any:
    """The elements as (nested lists of) Python numbers; while tracing, the shape must be known."""
    _array_only(self, "tolist")
    if not self.is_traced:
        return self.numpy().tolist()
    if self.ndim == 0:
        return apply("python", self, kind=_python_kind(self))
    return [tolist(row) for row in self]


def _python_kind(x: Tensor) -> str:
    return {"u": "i"}.get(x.dtype.kind, x.dtype.kind)


# -- numbers and their parts --------------------------------------------------------------------


def real(self: Tensor) -> Any:
    """The real part: of real numbers, the tensor itself; of a Python bool, an int."""
    if self.dtype.kind == "c":
        raise unsupported("real", "a complex dtype")
    return apply("pos", self) if is_weak(self) else self


def imag(self: Tensor) -> Any:
    """The imaginary part of real numbers."""
    if self.dtype.kind == "c":
        raise unsupported("imag", "a complex dtype")
    if self.ndim:
        return NUMPY.call_function(np.zeros_like, (self,), {})
    if may_be_array(self):
        raise unsupported("imag", "an array without dimensions", "real numbers have none")
    return {"f": 0.0}.get(self.dtype.kind, 0) if is_weak(self) else self.dtype.type(0)


def conjugate(self: Tensor) -> Any:
    """The conjugate: of a real array, the array itself."""
    if is_weak(self) and self.dtype.kind == "c":
        raise unsupported("conjugate", "a complex number")
    if self.dtype.kind == "c":
        return NUMPY.call_function(np.conjugate, (self,), {})
    return apply("pos", self) if is_weak(self) else self


def conj(self: Tensor) -> Any:
    """As `conjugate`; Python's numbers have it not."""
    _array_only(self, "conj")
    return conjugate(self)


def itemsize(self: Tensor) -> int:
    """The size of an element in bytes."""
    _array_only(self, "itemsize")
    return self.dtype.itemsize


def nbytes(self: Tensor) -> Any:
    """The size of all elements in bytes."""
    _array_only(self, "nbytes")
    return self.size * self.dtype.itemsize


def _attach() -> None:
    """Put every operator, method and property on Tensor."""
    for python, name in BINARY.items():
        forward, reflected = _binary(name)
        setattr(Tensor, f"__{python}__", forward)
        setattr(Tensor, f"__r{python}__", reflected)
    for name in COMPARISONS:
        setattr(Tensor, f"__{name}__", _binary(name)[0])
    for name in ("eq", "ne"):
        setattr(Tensor, f"__{name}__", _equality(name))
    for python, name in UNARY.items():
        setattr(Tensor, f"__{python}__", _unary(name))
    for python, name in INTEGRAL.items():
        setattr(Tensor, f"__{python}__", _integral(name))
    special = {"pow": _pow, "rpow": _rpow, "divmod": _divmod, "rdivmod": _rdivmod, "round": _round}
    for python, method in special.items():
        setattr(Tensor, f"__{python}__", method)
    for name in METHODS:
        setattr(Tensor, name, _numpy_method(name))
    arrays = (reshape, transpose, astype, copy, flatten, fill, sort, item, tolist)
    for method in (*arrays, conj, conjugate):
        setattr(Tensor, method.__name__, method)
    for method in (real, imag, itemsize, nbytes):
        setattr(Tensor, method.__name__, property(method))


_attach()

__all__: list[str] = []
