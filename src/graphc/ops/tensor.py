"""Tensor: what users hold; and `apply`, the one door through which every op is run or recorded.

A Tensor is a handle on a concrete array or number (eager), or on a graph Value (while tracing). A
handle can be re-pointed: `x[i] = v` on a traced tensor moves `x` to the value of a functional
update, and the journal of moves (`Trace.moves`) tells loops and branches what to carry.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graphc.errors import GraphcError, TensorTypeError, TensorValueError, TraceError
from graphc.ir.core import Value, literal
from graphc.ir.dense import Dense
from graphc.ir.opdef import REGISTRY
from graphc.ir.types import UNBOUND, WEAK_OF, Array, Caught, Maybe, Type, type_of
from graphc.ops.numpy_table import NUMPY as NUMPY
from graphc.ops.numpy_table import numpy_function as numpy_function
from graphc.ops.numpy_table import unsupported_numpy as unsupported_numpy
from graphc.ops.static import static_value
from graphc.ops.trace import TAPES, External, Trace, current_trace
from graphc.source import located


class Tensor:
    """An array, or a number, that ops can be applied to; concrete or traced.

    Made by ops and by `graphc.constant`; plain NumPy functions and operators work on it. `shape`,
    `dtype`, `ndim`, `numpy()` are as for an ndarray; a dimension not known while tracing reads as
    a traced integer.
    """

    __slots__ = ("_data", "_trace", "__weakref__", "__dict__")
    __array_priority__ = 1000

    _data: Any
    _trace: Trace | None

    def __init__(self, data: Any, trace: Trace | None = None) -> None:
        self._data = data
        self._trace = trace

    # -- what it is ---------------------------------------------------------------------------

    @property
    def is_traced(self) -> bool:
        return self._trace is not None

    @property
    def type(self) -> Type:
        """The graph type: dtype, shape, and whether it stands for a Python number."""
        return self._data.type if self._trace is not None else type_of(self._data)

    @property
    def array_type(self) -> Array:
        """The type, where it must be an array's or a number's."""
        t = self.type
        t = t.type if isinstance(t, Maybe) else t
        if not isinstance(t, Array):
            what, hint = f"a {t}", None
            if isinstance(t, Caught):
                what, hint = "an exception", "print it, or raise it; what it holds is not known yet"
            raise located(TensorTypeError, f"expected an array or a number, not {what}", hint=hint)
        return t

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array_type.dtype

    @property
    def ndim(self) -> int:
        return self.array_type.ndim

    @property
    def shape(self) -> tuple[Any, ...]:
        dims = self.array_type.shape
        return tuple(apply("dim", self, axis=i) if d is None else d for i, d in enumerate(dims))

    @property
    def size(self) -> Any:
        size: Any = 1
        for dim in self.shape:
            size = size * dim
        return size

    @property
    def T(self) -> Tensor:
        flipped: Tensor = apply("transpose", self, axes=tuple(reversed(range(self.ndim))))
        return flipped

    def numpy(self) -> Any:
        """The concrete array (or NumPy scalar). Raises TraceError on a traced tensor."""
        if self._trace is not None or current_trace() is not None:
            raise located(
                TraceError,
                "a tensor has no value while a graph is being built",
                hint="return it from the function, or print it",
            )
        if isinstance(self._data, np.ndarray | np.generic):
            return self._data
        return np.asarray(self._data)[()]

    def move(self, data: Any) -> None:
        """Point this handle at another value of its trace; the journal keeps the old one."""
        if self._trace is not None:
            self._trace.note_move(self, self._data)
        self._data = data

    def become(self, result: Tensor) -> None:
        """Take the value of `result`: what assigning in place means for a handle.

        Tapes that follow this tensor keep the value it had, under a handle of its own.
        """
        if self._trace is None and TAPES.get():
            before = Tensor(self._data)
            for tape in TAPES.get():
                tape.moved(self, before, result)
        self.move(result._data)

    # -- Python's protocols -------------------------------------------------------------------

    def concrete(self, purpose: str) -> Any:
        """The value as Python needs it now; NeedsStatic where it depends on the graph's inputs."""
        here = self.in_trace()
        return here._data if here._trace is None else static_value(here._data, purpose)

    def in_trace(self) -> Tensor:
        """This tensor as the current trace sees it: an eager one is an input of the graph."""
        trace = current_trace()
        if trace is None or self._trace is not None:
            return self
        handle: Tensor = external(self, trace).handle
        return handle

    def __bool__(self) -> bool:
        return builtins.bool(self.concrete("a truth value"))

    def __int__(self) -> int:
        return int(self.concrete("an int"))

    def __float__(self) -> float:
        return float(self.concrete("a float"))

    def __complex__(self) -> complex:
        return complex(self.concrete("a complex"))

    def __index__(self) -> int:
        value = self.concrete("an index")
        if isinstance(value, float | np.floating):
            raise TypeError("a float cannot be interpreted as an integer")
        return int(value)

    def __len__(self) -> int:
        t = self.array_type
        if not t.shape:
            raise TypeError("len() of unsized object")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array_type.shape:
            raise TypeError("iteration over a 0-d tensor")
        rows: Any = self
        return (rows[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __hash__(self) -> int:
        """A traced tensor stands for a value: as a key it is that value, where it is known."""
        is_key = self.is_traced and current_trace() is not None
        return hash(self.concrete("a dictionary key")) if is_key else id(self)

    def __deepcopy__(self, memo: Any) -> Tensor:
        if not self.is_traced:
            return Tensor(np.copy(self._data))
        copied: Tensor = apply("copy", self) if getattr(self.type, "shape", ()) else self
        return copied

    def __format__(self, spec: str) -> str:
        if self._trace is not None:
            raise located(
                TraceError,
                "a traced tensor cannot be formatted outside a decorated function's own code",
                hint="print it, or use an f-string or str.format inside the decorated function",
            )
        return format(self._data, spec)

    def __str__(self) -> str:
        if self._trace is not None:
            return repr(self)
        return str(self._data)

    def __repr__(self) -> str:
        t = self.type
        if not isinstance(t, Array):
            return f"<graphc.Tensor: {t}>"
        if self._trace is not None:
            return f"<graphc.Tensor: traced, type={t}>"
        text = repr(self.numpy())
        if isinstance(self._data, np.ndarray) and "\n" in text:
            text = "\n" + text
        elif not isinstance(self._data, np.ndarray):
            text = str(self._data)
        return f"<graphc.{type(self).__name__}: shape={t.shape}, dtype={t.dtype}, numpy={text}>"

    # -- NumPy's protocols (the tables are filled by `numpy_function`) ----------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return NUMPY.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return NUMPY.call_function(func, args, kwargs)


# -- values ------------------------------------------------------------------------------------


def apply(name: str, /, *operands: Any, **attrs: Any) -> Any:
    """Run an op now, or append it to the current trace. Returns a Tensor, or a tuple of them."""
    trace = current_trace()
    if trace is not None:
        values = [value_of(x, trace) for x in operands]
        static_form = REGISTRY[name].static_form
        simpler = static_form(values) if static_form is not None else None
        if isinstance(simpler, Value):
            return Tensor(simpler, trace)
        if simpler is not None:
            name, values, attrs = simpler
        op = trace.emit(name, values, attrs)
        results = [Tensor(value, trace) for value in op.results]
        return results[0] if len(results) == 1 else tuple(results)
    definition = REGISTRY[name]
    output = definition.kernel(*[concrete_data(x) for x in operands], **attrs)
    outputs = output if isinstance(output, tuple) else (output,)
    results = [Tensor(data) for data in outputs]
    for tape in TAPES.get():
        tape.record(name, operands, attrs, results)
    return results[0] if len(results) == 1 and not isinstance(output, tuple) else tuple(results)


CONCRETE = (bool, int, float, complex, list, tuple, range, type(None))


def concrete_data(x: Any) -> Any:
    """The run-time value of an operand of an eager op."""
    if isinstance(x, Tensor):
        if x._trace is not None:
            raise leaked(x)
        return x._data
    if isinstance(x, np.ndarray | np.generic):
        type_of_checked(x)
    elif not isinstance(x, CONCRETE) and x is not UNBOUND:
        raise not_an_operand(x)
    return x


def not_an_operand(x: Any) -> GraphcError:
    return located(TensorTypeError, f"a {type(x).__name__} cannot be an operand: {x!r:.60}")


def leaked(x: Tensor) -> GraphcError:
    name = x._data.name or "tensor"
    return located(
        TraceError,
        f"the traced tensor '{name}' is used after its trace has ended",
        hint="return it from the decorated function instead of storing it elsewhere",
    )


def value_of(x: Any, trace: Trace) -> Value:
    """The graph value of anything an op can take as an operand."""
    if isinstance(x, Tensor) and x._trace is trace:
        return x._data  # type: ignore[no-any-return]
    if type(x) in WEAK_OF or x is None or x is UNBOUND:
        return literal(x)
    if isinstance(x, Tensor) and x._trace is not None:
        raise leaked(x)
    if isinstance(x, Tensor | np.ndarray):
        return external(x, trace).handle._data  # type: ignore[no-any-return]
    if isinstance(x, np.generic):
        type_of_checked(x)
        return trace.emit("constant", [], {"value": Dense(x)}).result
    if isinstance(x, Value):
        return x
    if isinstance(x, list | tuple):
        return value_of(asarray_nested(x), trace)
    if isinstance(x, bool | int | float | complex):  # subclasses: IntEnum, …
        kinds: tuple[Any, ...] = (bool, int, float, complex)
        return literal(next(kind for kind in kinds if isinstance(x, kind))(x))
    raise not_an_operand(x)


def external(source: Any, trace: Trace) -> External:
    """The trace's entry for an outside array, tensor or variable; made on first use."""
    entry = trace.externals.get(id(source))
    if entry is None:
        data = source._data if isinstance(source, Tensor) else source
        kind = type_of_checked(data)
        value = trace.graph.region.add_param(kind, "captured")
        entry = External(source, value, Tensor(value, trace))
        trace.externals[id(source)] = entry
    return entry


def asarray_nested(x: Sequence[Any]) -> Any:
    """A nested list of numbers and tensors as one array: what np.array(x) is."""
    sequence = getattr(x, "sequence", None)  # a list that stands for a sequence (`ops/lists.py`)
    if sequence is not None:
        return apply("stack_seq", sequence)
    leaves = list(_leaves(x))
    if not any(isinstance(leaf, Tensor | np.ndarray) for leaf in leaves):
        array = numeric_array(x)
        trace = current_trace()
        if trace is None:
            return array
        return Tensor(trace.emit("constant", [], {"value": Dense(array)}).result, trace)
    items = [asarray_nested(i) if isinstance(i, list | tuple) else i for i in x]
    return apply("stack", *items, axis=0)


def numeric_array(x: Any, dtype: Any = None) -> Any:
    """A new array with the numbers of `x`; a located error for what NumPy has no numbers for."""
    if isinstance(x, np.ndarray):
        type_of_checked(x)
    try:
        array = np.array(x, dtype=dtype)
    except (TypeError, ValueError) as error:
        kind = TensorTypeError if isinstance(error, TypeError) else TensorValueError
        raise located(kind, str(error)) from None
    type_of_checked(array)
    return array


def type_of_checked(array: Any) -> Type:
    try:
        return type_of(array)
    except TypeError as error:
        raise located(TensorTypeError, str(error)) from None


def _leaves(x: Any) -> Iterator[Any]:
    if isinstance(x, list | tuple):
        for item in x:
            yield from _leaves(item)
    else:
        yield x
