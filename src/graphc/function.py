"""`graphc.function`: call a Python function through its graph.

Traces are kept by the *signature* of a call: structure of the arguments, dtype and rank of arrays, kinds
of numbers, and the static objects themselves. A second size of one dimension makes that dimension
unknown (`?`) instead of tracing for every size; a number whose value tracing turned out to need is pinned,
and traced for each value.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphc import tree
from graphc.compiled import Compiled, LeafSpec, compile_function, input_type
from graphc.differentiable import call_on_tape
from graphc.errors import StagingError, TensorTypeError
from graphc.frontend.calls import enter
from graphc.frontend.convert import convert, transformed_source
from graphc.frontend.forms import FORMS
from graphc.ir.core import Op, Value, op_free_values
from graphc.ir.graph import Graph
from graphc.ir.types import WEAK_OF
from graphc.ops.tensor import Tensor
from graphc.ops.trace import TAPES, NeedsStatic, Unstageable, current_trace
from graphc.source import Location, located
from graphc.variable import Variable

MAX_TRACES = 64  # per signature; the oldest is dropped
Key = tuple[Any, ...]


@dataclass
class Trace:
    """What `f.trace(*args)` returns: the stages of one traced function, as texts and objects."""

    compiled: Compiled
    transformed: str
    reason: str
    signature: str

    @property
    def graph(self) -> Graph:
        """The graph that is run, after optimisation; `str` of it parses back."""
        return self.compiled.graph

    @property
    def source(self) -> str:
        """The NumPy program that is run."""
        return self.compiled.program.source

    def __repr__(self) -> str:
        return f"<trace {self.graph.name}({self.signature}): {self.reason}>"


@dataclass
class Signature:
    """The traces of one signature, and what has been learnt about it."""

    entries: list[Entry] = field(default_factory=list)
    pinned: set[int] = field(default_factory=set)  # number arguments whose value is needed
    pinned_dims: set[tuple[int, int]] = field(default_factory=set)


@dataclass
class Entry:
    """One trace: the dimensions and numbers it was made for."""

    dims: list[tuple[int | None, ...] | None]
    values: dict[int, Any]
    trace: Trace

    def matches(self, leaves: Sequence[Any]) -> bool:
        for leaf, dims in zip(leaves, self.dims, strict=True):
            if dims is not None:
                shape = leaf._data.shape if isinstance(leaf, Tensor) else leaf.shape
                if shape != dims and any(d is not None and d != n for d, n in zip(dims, shape, strict=True)):
                    return False
        return all(leaves[i] == value for i, value in self.values.items())


class Function:
    """A function that runs as a graph. Made by `graphc.function`.

    Calling it gives what the undecorated function gives: arrays for arrays, Tensors for Tensors. `trace`,
    `transformed` and `traces` show what it has been made into.
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, traced_as: Callable[..., Any] | None = None
    ) -> None:
        """`traced_as`: `fn` is graphc's own, traced as it is, on behalf of this function of the user's."""
        functools.update_wrapper(self, fn)
        self._fn = fn
        self._name = name or getattr(fn, "__name__", "function")
        self._convertible = convertible = traced_as is None
        self._user_fn = inspect.unwrap(traced_as or fn)
        self._signatures: dict[Key, Signature] = {}
        self._lock = threading.RLock()
        self._traces: list[Trace] = []
        if convertible:
            convert(fn, FORMS)  # refuse what cannot be converted where it is decorated, not when called

    # -- calling ------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if current_trace() is not None:
            return self._inline(*args, **kwargs)
        leaves, structure = tree.flatten((args, kwargs))
        entry = self._entry(leaves, structure)
        compiled = entry.trace.compiled
        if TAPES.get():
            return call_on_tape(compiled, leaves)
        return compiled.run(leaves)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else BoundFunction(self, instance)

    def _inline(self, *args: Any, **kwargs: Any) -> Any:
        """A call while another function is traced becomes part of that graph."""
        if not self._convertible:
            return self._fn(*args, **kwargs)
        return enter(FORMS, self._fn)(*args, **kwargs)

    def _entry(self, leaves: list[Any], structure: tree.Structure) -> Entry:
        key = (structure, *map(leaf_key, leaves))
        signature = self._signatures.get(key)
        if signature is not None:
            entry = self._find(signature, leaves)
            if entry is not None:
                return entry
        with self._lock:
            signature = self._signatures.setdefault(key, Signature())
            entry = self._find(signature, leaves)
            return entry or self._new_entry(signature, leaves, structure)

    @staticmethod
    def _find(signature: Signature, leaves: Sequence[Any]) -> Entry | None:
        for entry in signature.entries:
            if entry.matches(leaves) and entry.trace.compiled.holds():
                return entry
        return None

    # -- tracing ------------------------------------------------------------------------------------

    def _new_entry(self, signature: Signature, leaves: list[Any], structure: tree.Structure) -> Entry:
        reason = self._reason(signature, leaves)
        dims = relaxed_dims(signature, leaves)
        speculative = True
        while True:
            specs = self._specs(signature, leaves, structure, dims)
            try:
                compiled = self._compile(leaves, structure, specs, speculative)
                break
            except NeedsStatic as error:
                if not self._learn(signature, error, specs, leaves, dims):
                    if not speculative:
                        raise getattr(error, "because", None) or error
                    speculative = False
        values = {i: leaves[i] for i in signature.pinned}
        text = ", ".join(f"{s.path}: {s.type or show(x)}" for s, x in zip(specs, leaves, strict=True))
        trace = Trace(compiled, self.transformed, reason, text)
        entry = Entry([s.type.shape if s.type and not s.type.weak and s.type.shape else None for s in specs],
                      values, trace)  # fmt: skip
        signature.entries.append(entry)
        self._traces.append(trace)
        if len(signature.entries) > MAX_TRACES:
            del signature.entries[0]
        if len(self._traces) > MAX_TRACES * 4:
            del self._traces[0]
        return entry

    def _compile(
        self, leaves: list[Any], structure: tree.Structure, specs: list[LeafSpec], speculative: bool
    ) -> Compiled:
        try:
            return compile_function(
                self._callable, self._name, leaves, structure, specs, self._location, speculative
            )
        except Unstageable as error:
            raise StagingError(*error.args).with_traceback(error.__traceback__) from None

    @property
    def _callable(self) -> Callable[..., Any]:
        return self._fn if self._convertible else _Raw(self._fn)

    def _specs(
        self, signature: Signature, leaves: list[Any], structure: tree.Structure, dims: list[Any]
    ) -> list[LeafSpec]:
        paths = self._paths(structure)
        specs = []
        for i, (path, leaf) in enumerate(zip(paths, leaves, strict=True)):
            dynamic = is_dynamic(leaf) and i not in signature.pinned
            specs.append(LeafSpec(path, input_type(leaf, dims[i]) if dynamic else None))
        return specs

    def _paths(self, structure: tree.Structure) -> list[str]:
        """The parameter names, and ways into containers, that the leaves are known by."""
        assert isinstance(structure, tree.Node)
        args, kwargs = structure.children
        assert isinstance(args, tree.Node) and isinstance(kwargs, tree.Node)
        names = positional_names(self._user_fn, len(args.children))
        found = []
        for name, child in zip(names, args.children, strict=True):
            found += tree.paths(child, name)
        for name, child in zip(kwargs.keys or (), kwargs.children, strict=True):
            found += tree.paths(child, name)
        return found

    def _learn(
        self, signature: Signature, error: NeedsStatic, specs: list[LeafSpec], leaves: list[Any], dims: list[Any]
    ) -> bool:
        """Pin the inputs that a value needed while tracing depends on; whether there were any new."""
        if error.value is None:
            return False
        inputs = [i for i, spec in enumerate(specs) if spec.type is not None]
        learnt = False
        for position, axis in needed_inputs(error.value):
            if position >= len(inputs):
                continue
            i = inputs[position]
            if axis is not None and dims[i] is not None and dims[i][axis] is None:
                signature.pinned_dims.add((i, axis))
                dims[i] = tuple(leaves[i].shape[a] if a == axis else d for a, d in enumerate(dims[i]))
                learnt = True
            elif axis is None and type(leaves[i]) in WEAK_OF:
                signature.pinned.add(i)
                learnt = True
        return learnt

    def _reason(self, signature: Signature, leaves: Sequence[Any]) -> str:
        if not self._signatures or not any(s.entries for s in self._signatures.values()):
            return "first call"
        if not signature.entries:
            return "new structure, dtype, rank or static argument"
        last = signature.entries[-1]
        if not last.matches(leaves):
            changed = [i for i, v in last.values.items() if leaves[i] != v]
            return "a pinned number has another value" if changed else "another size: dimension now unknown"
        return "a global, closure variable or attribute has changed"

    # -- looking --------------------------------------------------------------------------------------

    def trace(self, *args: Any, **kwargs: Any) -> Trace:
        """The trace that a call with these arguments uses: `.graph`, `.source`, `.transformed`."""
        leaves, structure = tree.flatten((args, kwargs))
        return self._entry(leaves, structure).trace

    @property
    def traces(self) -> list[Trace]:
        """What has been traced so far, oldest first, each with the reason for it."""
        return list(self._traces)

    @functools.cached_property
    def transformed(self) -> str:
        """The rewritten Python function, as text."""
        return transformed_source(convert(self._fn, FORMS)) if self._convertible else ""

    @functools.cached_property
    def _location(self) -> Location | None:
        code = getattr(self._user_fn, "__code__", None)
        return None if code is None else Location(code.co_filename, code.co_firstlineno)

    def __repr__(self) -> str:
        return f"<graphc.function {self._name}>"


class BoundFunction:
    """A decorated method of an instance."""

    def __init__(self, function: Function, instance: Any) -> None:
        self._function = function
        self._instance = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(self._instance, *args, **kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Trace:
        return self._function.trace(self._instance, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)


class _Raw:
    """A callable of graphc's own, called as it is."""

    __module__ = "graphc.function"

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._fn = fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._fn(*args, **kwargs)


def function(fn: Callable[..., Any] | None = None, *, name: str | None = None) -> Any:
    """Decorator: run `fn` as a graph.

    The result is called as `fn` is, with the same values, dtypes, shapes, errors and printed output, or
    a refusal that names the line. Arguments: arrays and Tensors of numeric or bool dtype and Python
    numbers are inputs of the graph, in tuples, lists, dicts, namedtuples and dataclasses too; strings,
    bools, None and other objects are static.

    >>> import numpy as np, graphc
    >>> @graphc.function
    ... def double(a):
    ...     while np.linalg.norm(a) < 1000:
    ...         a = a * 2
    ...     return a
    >>> double(np.array([3.0]))
    array([1536.])
    """
    if fn is None:
        return functools.partial(function, name=name)
    if isinstance(fn, Function):
        return fn
    if isinstance(fn, type) or not callable(fn):
        raise located(TensorTypeError, f"graphc.function decorates functions, found {fn!r:.60}")
    if isinstance(fn, staticmethod | classmethod):
        return type(fn)(function(fn.__func__, name=name))
    if inspect.ismethod(fn):
        return BoundFunction(Function(fn.__func__, name), fn.__self__)
    if not inspect.isfunction(fn):
        method = type(fn).__call__
        return BoundFunction(Function(method, name), fn)
    return Function(fn, name)


# -- signatures -----------------------------------------------------------------------------------------


def is_dynamic(leaf: Any) -> bool:
    """Whether an argument's leaf is an input of the graph rather than part of the signature."""
    if isinstance(leaf, Variable):
        return False
    if isinstance(leaf, Tensor | np.ndarray | np.generic):
        return True
    return type(leaf) in (int, float, complex)


def leaf_key(leaf: Any) -> Any:
    """What of a leaf is part of the signature."""
    kind = type(leaf)
    if kind is np.ndarray:
        return leaf.dtype, leaf.ndim
    if kind is float or kind is int or kind is complex:
        return kind
    if kind is Tensor:
        data = leaf.numpy() if not isinstance(leaf._data, int | float | complex) else leaf._data
        return (kind, getattr(data, "dtype", type(data)), getattr(data, "ndim", 0))
    if isinstance(leaf, np.generic):
        return kind
    if isinstance(leaf, np.ndarray):
        raise located(
            TensorTypeError, f"arguments of type {kind.__name__} are not supported",
            hint="pass a plain ndarray: np.asarray(x)",
        )  # fmt: skip
    if kind in (str, bool, bytes) or leaf is None:
        return kind, leaf
    return kind, id(leaf)


def relaxed_dims(signature: Signature, leaves: Sequence[Any]) -> list[Any]:
    """The dimensions to trace with: a dimension that has been of another size is unknown."""
    dims: list[Any] = []
    for i, leaf in enumerate(leaves):
        if not is_dynamic(leaf) or not hasattr(leaf, "ndim") or leaf.ndim == 0:
            dims.append(None)
            continue
        shape = tuple(leaf._data.shape if isinstance(leaf, Tensor) else leaf.shape)
        seen = [entry.dims[i] for entry in signature.entries]
        dims.append(
            tuple(
                None
                if any(s is not None and s[axis] != n for s in seen) and (i, axis) not in signature.pinned_dims
                else n
                for axis, n in enumerate(shape)
            )
        )
    return dims


def needed_inputs(value: Value) -> list[tuple[int, int | None]]:
    """The graph inputs a value depends on, by position; with the axis where only a size is meant."""
    found: dict[tuple[int, int | None], None] = {}
    todo, seen = [value], {value}
    while todo:
        v = todo.pop()
        owner = v.owner
        if isinstance(owner, Op):
            operand = owner.operands[0] if owner.operands else None
            if owner.name == "dim" and operand is not None and not isinstance(operand.owner, Op):
                if operand.owner is not None and operand.owner.owner is None:
                    found[(operand.owner.params.index(operand), owner.attrs["axis"])] = None
                continue
            more = op_free_values(owner)
        elif owner is not None:
            if owner.owner is None and owner.outer is None:
                found[(owner.params.index(v), None)] = None
            continue
        else:
            continue
        for other in more:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return list(found)


def positional_names(fn: Callable[..., Any], count: int) -> list[str]:
    """The parameters that `count` positional arguments go to; `args_0` … for `*args`."""
    code = getattr(fn, "__code__", None)
    if code is None:
        return [f"arg_{i}" for i in range(count)]
    names = list(code.co_varnames[: code.co_argcount])[:count]
    rest = "args"
    if code.co_flags & inspect.CO_VARARGS:
        rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
    return names + [f"{rest}_{i}" for i in range(count - len(names))]


def show(leaf: Any) -> str:
    return repr(leaf) if isinstance(leaf, str | bool | int | float) else type(leaf).__name__
