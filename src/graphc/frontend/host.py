"""`graphc.host_call` and `graphc.pure`: the ways out for functions that a graph cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.chosen import Chosen
from graphc.frontend.convert import is_converted
from graphc.frontend.notes import note
from graphc.frontend.raising import Description
from graphc.frontend.refusals import refusal
from graphc.frontend.staged_text import StagedText
from graphc.frontend.values import is_traced
from graphc.ops.host import fits, read_spec
from graphc.ops.tensor import Tensor, concrete_data
from graphc.ops.trace import Trace, current_trace
from graphc.runtime import host as kernels

NO_RESULT = object()
DECLARED: dict[Any, Any] = {}  # functions declared pure, with the `result` given


def host_call(fn: Callable[..., Any], *args: Any, result: Any = None, **kwargs: Any) -> Any:
    """Call `fn(*args, **kwargs)` when the program runs, each time it comes here.

    Inside a decorated function the arguments are handed over as real values (arrays read-only), in
    order with prints and other effects, in loops and branches too; anywhere else this is the plain
    call. Lists, tuples and dicts are handed over as copies, objects as they are when it is called.

    result: what it returns, which is checked: None (whatever it returns is dropped), int, float,
    bool, complex, a NumPy dtype (a scalar), a pair (dtype, shape) in which None is any size, an
    example array, or a tuple, list or dict of these. It has no derivative; `stop_gradient` its
    arguments, or wrap it.

    >>> import numpy as np, graphc
    >>> seen = []
    >>> @graphc.function
    ... def f(x):
    ...     while x > 1:
    ...         x = x / 2
    ...         graphc.host_call(seen.append, x)
    ...     return x
    >>> f(5.0), seen
    (0.625, [2.5, 1.25, 0.625])
    """
    return _call("host_call", fn, args, kwargs, result)


def pure(fn: Any = None, *, result: Any = NO_RESULT) -> Any:
    """Declare that `fn` has no effects and depends on nothing but its arguments. Returns `fn`.

    Inside a decorated function it is then called on Python values while tracing. With `result` (as
    for `host_call`), it is called when the program runs where an argument is known only then.
    """
    if fn is None:
        return lambda fn: pure(fn, result=result)
    DECLARED[fn] = result
    return fn


def call_pure(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call, while tracing, of a function in DECLARED; UNDECIDED where it must be looked into."""
    result = DECLARED[fn]
    if not any(map(is_traced, (*args, *kwargs.values()))):
        return fn(*args, **kwargs)
    return UNDECIDED if result is NO_RESULT else _call("pure_call", fn, args, kwargs, result)


UNDECIDED = object()


def needs_result(fn: Any) -> GraphcError:
    """The refusal of traced arguments for a pure function without source and `result`."""
    name = getattr(fn, "__qualname__", repr(fn))
    return refusal("pure without result", name=name)


class HostDescription(Description):
    """Arguments of a host call: containers are handed over as copies, objects as themselves."""

    def argument(self, x: Any) -> Any:
        if isinstance(x, Tensor | np.ndarray | StagedText | Chosen):
            return super().argument(x)
        if tree.children_of(x) is not None:
            return self.container(x)
        return real_object(x, self.trace)


def real_function(fn: Any, trace: Trace | None) -> Any:
    """The function to call when the program runs, which must not belong to the trace."""
    if trace is None:
        return fn
    owner = getattr(fn, "__self__", None)
    if owner is not None and not isinstance(owner, ModuleType | type):
        real = real_object(owner, trace)
        return fn if real is owner else getattr(real, fn.__name__)
    if is_converted(fn) and len(fn.__code__.co_freevars) > ("gc" in fn.__code__.co_freevars):
        raise refusal("host closure", name=fn.__qualname__)
    return fn


def real_object(x: Any, trace: Trace | None) -> Any:
    """The object that one met while tracing stands for; refused where each call has another one."""
    if trace is None or trace.outside is None:
        return x
    real = trace.outside.real(x)
    if real is None or id(x) in trace.local_ids:
        raise refusal("host object", kind=type(x).__name__)
    return real


def _call(name: str, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
    structure, types = read_spec(result)
    trace = current_trace()
    described = HostDescription(trace)
    attrs: dict[str, Any] = {
        "fn": real_function(fn, trace),
        "args": tuple(described.argument(arg) for arg in args),
        "kwargs": tuple((key, described.argument(arg)) for key, arg in kwargs.items()),
        "structure": structure,
        "types": types,
        "check": fits,
    }
    if trace is None:
        made = kernels.call_once(*map(concrete_data, described.values), **attrs)
        leaves = [made] if len(types) == 1 else list(made)
    else:
        note(trace, f"called when the graph runs: {getattr(fn, '__qualname__', repr(fn))}")
        op = trace.emit(name, described.values, attrs)
        leaves = [Tensor(value, trace) for value in op.results]
    return None if structure is None else tree.unflatten(structure, leaves)
