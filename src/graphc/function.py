"""`graphc.function`: call a Python function through its graph.

Traces are kept by the *signature* of a call: structure of the arguments, dtype and rank of arrays,
kinds of numbers, and the static objects themselves. A second size of one dimension makes that
dimension unknown (`?`) instead of tracing for every size; a number whose value tracing turned out
to need is pinned, and traced for each value.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphc import tree
from graphc.bound import BoundFunction
from graphc.compiled import Compiled, LeafSpec, input_type
from graphc.errors import InternalError, StagingError, TensorTypeError
from graphc.frontend.calls import enter
from graphc.frontend.convert import convert, transformed_source
from graphc.frontend.forms import FORMS
from graphc.ir.graph import Graph
from graphc.ir.types import WEAK_OF
from graphc.ops.trace import NeedsStatic, Unstageable, current_trace
from graphc.repeat import is_repeating, run, run_or_repeat
from graphc.signature import (
    Entry,
    Key,
    Signature,
    is_dynamic,
    needed_inputs,
    positional_names,
    relaxed_dims,
    repeated,
    show,
    signature_key,
)
from graphc.source import Location, located
from graphc.tracing import LiftNumbers, Request, compile_function

MAX_TRACES = 64  # per signature; the oldest is dropped
MAX_ATTEMPTS = 64  # each learns of one more input, or value, that is needed
MAX_SIGNATURES = 128  # per function; the oldest is dropped


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


class Function:
    """A function that runs as a graph. Made by `graphc.function`.

    Calling it gives what the undecorated function gives: arrays for arrays, Tensors for Tensors.
    `trace`, `transformed` and `traces` show what it has been made into.
    """

    def __init__(
        self,
        fn: Any,
        name: str | None = None,
        traced_as: Callable[..., Any] | None = None,
        plain: Callable[..., Any] | None = None,
    ) -> None:
        """`traced_as`: `fn` is graphc's own, traced as it is, on behalf of this function of the
        user's; `plain` then changes outside objects as a call of that does.
        """
        functools.update_wrapper(self, fn)
        self._fn: Any = fn
        self._plain = plain or fn
        self._name: str = name or str(getattr(fn, "__name__", "function"))
        self._convertible = convertible = traced_as is None
        self._user_fn = inspect.unwrap(traced_as or fn)
        self._signatures: dict[Key, Signature] = {}
        self._lock = threading.RLock()
        self._traces: list[Trace] = []
        if convertible:
            convert(self._fn, FORMS)  # refused where it is decorated, not when called

    # -- calling -----------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if current_trace() is not None:
            return self._inline(*args, **kwargs)
        if is_repeating() and self._convertible:
            return self._fn(*args, **kwargs)
        arguments = (args, kwargs)
        leaves, structure = tree.flatten_call(args, kwargs)
        compiled = self._entry(leaves, structure, arguments).trace.compiled
        if not compiled.is_repeated:
            return run(compiled, leaves, arguments)
        return run_or_repeat(compiled, leaves, arguments, self._plain)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else BoundFunction(self, (instance,))

    def _inline(self, *args: Any, **kwargs: Any) -> Any:
        """A call while another function is traced becomes part of that graph."""
        if not self._convertible:
            return self._fn(*args, **kwargs)
        return enter(FORMS, self._fn)(*args, **kwargs)

    def _entry(self, leaves: list[Any], structure: tree.Structure, arguments: Any) -> Entry:
        key = signature_key(structure, leaves, arguments)
        signature = self._signatures.get(key)
        if signature is not None:
            entry = self._find(signature, leaves)
            if entry is not None:
                return entry
        with self._lock:
            signature = self._signatures.setdefault(key, Signature())
            if len(self._signatures) > MAX_SIGNATURES:
                del self._signatures[next(iter(self._signatures))]
            entry = self._find(signature, leaves)
            return entry or self._new_entry(signature, leaves, structure, arguments)

    @staticmethod
    def _find(signature: Signature, leaves: Sequence[Any]) -> Entry | None:
        for entry in signature.entries:
            if entry.matches(leaves) and entry.trace.compiled.holds():
                return entry
        return None

    # -- tracing -----------------------------------------------------------------------------------

    def _new_entry(
        self, signature: Signature, leaves: list[Any], structure: tree.Structure, arguments: Any
    ) -> Entry:
        reason = self._reason(signature, leaves)
        request = Request(
            self._callable, self._name, arguments, leaves, structure, (), self._location
        )
        compiled, specs = self._compile(signature, request)
        values = {i: leaves[i] for i in signature.pinned}
        text = ", ".join(
            f"{s.path}: {s.type or show(x)}" for s, x in zip(specs, leaves, strict=True)
        )
        entry = Entry(
            [s.type.shape if s.type and s.type.shape else None for s in specs],
            values,
            Trace(compiled, self.transformed, reason, text),
        )
        signature.entries.append(entry)
        self._traces.append(entry.trace)
        del signature.entries[:-MAX_TRACES], self._traces[:-MAX_SIGNATURES]
        return entry

    def _compile(self, signature: Signature, request: Request) -> tuple[Compiled, list[LeafSpec]]:
        """Trace, learning from each attempt what must be an input, or known while tracing."""
        dims = relaxed_dims(signature, request.leaves)
        for _ in range(MAX_ATTEMPTS):
            specs = self._specs(signature, request, dims)
            request = replace(request, specs=specs, lifted=frozenset(signature.lifted))
            try:
                return compile_function(request), specs
            except LiftNumbers as numbers:
                signature.lifted.update(numbers.locations)
            except Unstageable as error:
                raise StagingError(*error.args).with_traceback(error.__traceback__) from None
            except NeedsStatic as error:
                if self._learn(signature, error, request, dims):
                    continue
                if not request.speculative:
                    raise getattr(error, "because", None) or error from None
                request = replace(request, speculative=False)
        raise InternalError(
            f"tracing {self._name} does not settle: it learns something new each time"
        )

    @property
    def _callable(self) -> Callable[..., Any]:
        return self._fn if self._convertible else _Raw(self._fn)

    def _specs(self, signature: Signature, request: Request, dims: list[Any]) -> list[LeafSpec]:
        specs = []
        again = repeated(request.leaves)
        for i, (path, leaf) in enumerate(
            zip(self._paths(request.structure), request.leaves, strict=True)
        ):
            if i in again or i in signature.pinned or not is_dynamic(leaf):
                specs.append(LeafSpec(path, None, again.get(i)))
            else:
                specs.append(LeafSpec(path, input_type(leaf, dims[i])))
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

    @staticmethod
    def _learn(signature: Signature, error: NeedsStatic, request: Request, dims: list[Any]) -> bool:
        """Pin the inputs that a value needed while tracing depends on; whether any is new."""
        if error.value is None:
            return False
        leaves = request.leaves
        inputs = [i for i, spec in enumerate(request.specs) if spec.type is not None]
        learnt = False
        needed = needed_inputs(error.value)
        if error.numbers_only and not all(
            position < len(inputs) and type(leaves[inputs[position]]) in WEAK_OF
            for position, axis in needed
        ):
            return False
        for position, axis in needed:
            if position >= len(inputs):
                continue
            i = inputs[position]
            if axis is not None and dims[i] is not None and dims[i][axis] is None:
                signature.pinned_dims.add((i, axis))
                dims[i] = tuple(
                    leaves[i].shape[a] if a == axis else d for a, d in enumerate(dims[i])
                )
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
            return (
                "a pinned number has another value"
                if changed
                else "another size: dimension now unknown"
            )
        return "a global, closure variable or attribute has changed"

    # -- looking -----------------------------------------------------------------------------------

    def trace(self, *args: Any, **kwargs: Any) -> Trace:
        """The trace that a call with these arguments uses: `.graph`, `.source`, `.transformed`."""
        leaves, structure = tree.flatten_call(args, kwargs)
        return self._entry(leaves, structure, (args, kwargs)).trace

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

    def __reduce__(self) -> str:
        """Pickled and copied as functions are: by the name it has in its module."""
        return str(self._user_fn.__qualname__)

    def __repr__(self) -> str:
        return f"<graphc.function {self._name}>"


class _Raw:
    """A callable of graphc's own, called as it is."""

    __module__ = "graphc.function"

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._fn = fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._fn(*args, **kwargs)


def function(fn: Callable[..., Any] | None = None, *, name: str | None = None) -> Any:
    """Decorator: run `fn` as a graph.

    The result is called as `fn` is, with the same values, dtypes, shapes, errors and printed
    output, or a refusal that names the line. Arguments: arrays and Tensors of numeric or bool dtype
    and Python numbers are inputs of the graph, in tuples, lists, dicts, namedtuples and dataclasses
    too; strings, bools, None and other objects are static.

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
    if isinstance(fn, Function | BoundFunction):
        return fn
    if isinstance(fn, staticmethod | classmethod):
        return type(fn)(function(fn.__func__, name=name))
    if isinstance(fn, type) or not callable(fn):
        raise located(TensorTypeError, f"graphc.function decorates functions, found {fn!r:.60}")
    if isinstance(fn, functools.partial):
        return BoundFunction(function(fn.func, name=name), fn.args, fn.keywords)
    if inspect.ismethod(fn):
        return BoundFunction(function(fn.__func__, name=name), (fn.__self__,))
    if inspect.isfunction(fn):
        return Function(fn, name)
    method = type(fn).__call__
    if inspect.isfunction(method) or isinstance(method, Function):
        return BoundFunction(function(method, name=name), (fn,))
    return Function(fn, name)  # a builtin: refused, as without source
