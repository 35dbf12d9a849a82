"""Calls made while tracing: which functions are staged, converted, run now, or refused.

In order: Python's builtins and `math` on traced values (`builtin_calls.py`); NumPy functions with a
graphc counterpart; graphc's own; methods of tensors and arrays; methods of Python containers;
classes; Python functions with source, which are converted and traced through; functions known or
declared to be pure, which run now if nothing traced goes in. Anything else could have an effect
that a graph cannot see, and is refused at the user's line.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import sys
import types
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.errors import GraphcError
from graphc.frontend import builtin_calls, mutation
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, first_chosen, with_argument
from graphc.frontend.contexts import StagedErrstate
from graphc.frontend.convert import convert, is_converted
from graphc.frontend.host import DECLARED, UNDECIDED, call_pure, needs_result
from graphc.frontend.iterables import consume
from graphc.frontend.library import LIBRARY, LIST_METHODS
from graphc.frontend.notes import note
from graphc.frontend.outside import Outside
from graphc.frontend.places import attributes_of
from graphc.frontend.recursion import activate
from graphc.frontend.refusals import refusal
from graphc.frontend.staged_text import StagedText
from graphc.frontend.text import join, str_format
from graphc.frontend.user_classes import is_foreign, is_users, original_of
from graphc.frontend.values import is_traced
from graphc.ops.generators import host_random
from graphc.ops.lists import TracedList
from graphc.ops.pymath import MATH
from graphc.ops.tensor import NUMPY, Tensor, external, value_of
from graphc.ops.trace import Trace, current_trace
from graphc.source import PACKAGE

HANDLERS = {**LIBRARY, **builtin_calls.HANDLERS}
UNROLL_LIMIT = 64  # longer loops accept that a carry's shape is unknown rather than being unrolled
PURE: set[Any] = {math.prod, math.comb, math.perm, math.factorial, functools.partial}
# NumPy functions that read or change the world outside their arguments.
NUMPY_EFFECTS = {
    "seterr", "seterrcall", "setbufsize", "set_printoptions", "printoptions", "load", "loadtxt",
    "genfromtxt", "fromfile", "fromregex", "memmap", "open_memmap", "save", "savez", "savetxt",
    "savez_compressed", "show_config", "geterr", "get_printoptions",
}  # fmt: skip
OF_PYTHON = (
    list, dict, set, deque, str, tuple, bytes, range, int, float, complex, types.MappingProxyType,
)  # fmt: skip
PURE_MODULES = {
    "operator",
    "_operator",
    "bisect",
    "_bisect",
    "math",
    "itertools",
    "collections",
    "copy",
    "dataclasses",
    "typing",
}


def call(forms: Any, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`fn(*args, **kwargs)` as the trace must have it; outside a trace, just that."""
    trace = current_trace()
    if trace is None:
        return fn(*args, **kwargs)
    if isinstance(fn, Chosen):
        return each(fn, lambda way: call(forms, way, args, kwargs))
    place = first_chosen(fn, args, kwargs)
    if place is not None:
        return each(
            args[place] if isinstance(place, int) else kwargs[place],
            lambda way: call(forms, fn, *with_argument(args, kwargs, place, way)),
        )
    handler = HANDLERS.get(fn) if _hashable(fn) else None
    if handler is not None:
        return handler(Caller(forms, trace), *args, **kwargs)
    if _hashable(fn):
        if fn in DECLARED and (result := call_pure(fn, args, kwargs)) is not UNDECIDED:
            return result
        if fn in MATH and any(map(is_traced, args)):
            return MATH[fn](*args, **kwargs)
        numpy_target = NUMPY.functions.get(fn)
        if numpy_target is not None:
            return numpy_target(*args, **kwargs)
    return _call_other(forms, trace, fn, args, kwargs)


class Caller:
    """Calls functions for a builtin that takes one (map, sorted's key), converted as usual."""

    def __init__(self, forms: Any, trace: Trace) -> None:
        self.forms = forms
        self.trace = trace

    def __call__(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        return call(self.forms, fn, args, kwargs)


def _hashable(fn: Any) -> bool:
    try:
        hash(fn)
    except TypeError:
        return False
    return True


def _call_other(
    forms: Any, trace: Trace, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, Tensor) or (_is_graphc(fn) and not isinstance(owner, list)):
        return fn(*args, **kwargs)
    if isinstance(owner, np.random.Generator):
        return host_random(owner, fn.__name__, *args, **kwargs)
    if isinstance(owner, np.ndarray | np.generic):
        return getattr(_as_tensor(owner, trace), fn.__name__)(*args, **kwargs)
    if isinstance(owner, str) and fn.__name__ == "format":
        return str_format(owner, args, kwargs)
    if isinstance(owner, str) and fn.__name__ == "join":
        return join(owner, *(consume(x, trace) for x in args))
    if isinstance(owner, str):
        for arg in args:
            if isinstance(arg, StagedText):
                arg._refuse()
    if isinstance(owner, OF_PYTHON) and not _is_users_method(fn, owner):
        mutation.check_method(trace, owner, fn.__name__)
        if isinstance(owner, TracedList) and fn.__name__ in LIST_METHODS:
            return LIST_METHODS[fn.__name__](Caller(forms, trace), owner, *args, **kwargs)
        return adopt(trace, fn(*args, **kwargs))
    is_number = isinstance(owner, int | float | complex) and not _is_users_method(fn, owner)
    if is_number and not any(map(is_traced, args)):
        return fn(*args, **kwargs)
    if isinstance(fn, type):
        return _construct(forms, trace, fn, args, kwargs)
    if isinstance(fn, types.MethodWrapperType) and fn.__name__ == "__init__":
        return fn(*args, **kwargs)  # of object, or of a built-in exception: no code of the user's
    if isinstance(fn, functools.partial):
        return call(forms, fn.func, fn.args + args, {**fn.keywords, **kwargs})
    converted = _convertible(forms, fn)
    if converted is not None:
        return converted(*args, **kwargs)
    if _is_pure(fn):
        if any(map(is_traced, (*args, *kwargs.values()))) and not _takes_anything(fn):
            return _with_traced(fn, args, kwargs)
        return adopt(trace, fn(*args, **kwargs))
    if not callable(fn):
        return fn(*args, **kwargs)  # Python says so
    raise needs_result(fn) if _hashable(fn) and fn in DECLARED else unknown_call(fn)


def _is_users_method(fn: Any, owner: Any) -> bool:
    """Whether a class of the user's, built on one of Python's, has defined a method itself."""
    return isinstance(fn, types.MethodType) and is_users(type(owner))


def adopt(trace: Trace, made: Any) -> Any:
    """What a call has returned; a container or object that was not known yet is the trace's own."""
    if isinstance(made, list | dict | set) or _is_plain(made):
        known = id(made) in trace.local_ids or trace.outside is None or trace.outside.knows(made)
        if not known:
            trace.local_ids[id(made)] = (made, trace.region)
    return made


def _is_plain(made: Any) -> bool:
    """Whether an object is an instance of a user's class, with attributes to assign."""
    return hasattr(made, "__dict__") and not is_foreign(type(made))


def _is_graphc(fn: Any) -> bool:
    """Whether a function, or a callable object, is graphc's own and knows what a trace is."""
    if isinstance(fn, types.FunctionType):  # its `__module__` may be that of what it wraps
        return original_of(fn).__code__.co_filename.startswith(PACKAGE)
    modules = (getattr(fn, "__module__", None), type(fn).__module__)
    return any(m is not None and (m == "graphc" or m.startswith("graphc.")) for m in modules)


def _as_tensor(array: Any, trace: Trace) -> Tensor:
    if isinstance(array, np.ndarray):
        handle: Tensor = external(array, trace).handle
        return handle
    return Tensor(value_of(array, trace), trace)


def _construct(
    forms: Any, trace: Trace, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Make an instance; a Python `__init__` of the user's is converted, as its other
    methods are.
    """
    if cls is np.errstate:
        return StagedErrstate(trace, kwargs)
    if cls is contextlib.nullcontext:
        return cls(*args, **kwargs)
    if cls is contextlib.suppress:
        raise refusal("swallowed")
    _outside(trace, forms).watch(cls)
    init: Any = cls.__dict__.get("__init__") or getattr(cls, "__init__")  # noqa: B009
    error = issubclass(cls, BaseException) and not isinstance(cls.__new__, types.FunctionType)
    plain = (error or cls.__new__ is object.__new__) and type(cls).__call__ is type.__call__
    if plain and isinstance(init, types.FunctionType) and not _is_generated(init):
        new: Any = cls.__new__
        made = new(cls, *args) if error else new(cls)
        trace.local_ids[id(made)] = (made, trace.region)
        call(forms, init, (made, *args), kwargs)
        return made
    if issubclass(cls, np.generic) and args and is_traced(args[0]):
        return builtin_calls.cast_to(args[0], cls)
    if cls.__module__.startswith("numpy") and any(map(is_traced, (*args, *kwargs.values()))):
        raise unknown_call(cls)
    made = cls(*args, **kwargs)
    trace.local_ids[id(made)] = (made, trace.region)
    if dataclasses.is_dataclass(cls):
        _adopt_defaults(trace, made)
    return made


def _adopt_defaults(trace: Trace, made: Any) -> None:
    """The containers that a dataclass's `default_factory` has made belong to the trace."""
    for field in dataclasses.fields(made):
        value = attributes_of(made).get(field.name)
        if field.default_factory is type(value) and type(value) in (list, dict, set):
            own = TracedList(value) if isinstance(value, list) else value
            object.__setattr__(made, field.name, own)
            trace.local_ids[id(own)] = (own, trace.region)


def _is_generated(fn: types.FunctionType) -> bool:
    """Whether a function has no source of its own, as a dataclass's `__init__`."""
    return fn.__code__.co_filename.startswith("<string")


def _convertible(forms: Any, fn: Any) -> Callable[..., Any] | None:
    """The converted twin of a user's Python function, method or callable object."""
    fn = original_of(fn)
    if isinstance(fn, types.MethodType):
        inner = _convertible(forms, fn.__func__)
        return None if inner is None else functools.partial(inner, fn.__self__)
    if not isinstance(fn, types.FunctionType):
        method = getattr(type(fn), "__call__", None)  # noqa: B004
        if isinstance(method, types.FunctionType) and not isinstance(fn, type):
            inner = _convertible(forms, method)
            return None if inner is None else functools.partial(inner, fn)
        return None
    if is_converted(fn):
        trace = current_trace()
        assert trace is not None
        return functools.partial(activate, trace, fn, fn)
    if _is_library(fn):
        return None
    return enter(forms, fn)


def enter(forms: Any, fn: types.FunctionType) -> Callable[..., Any]:
    """The converted twin of a function, seeing the current trace's shadows of the outside."""
    trace = current_trace()
    assert trace is not None
    twin = _outside(trace, forms).function(fn, lambda fn: convert(fn, forms).function)
    note(trace, f"converted: {fn.__qualname__}")
    trace.codes[fn.__code__] = None
    return functools.partial(activate, trace, fn, twin)


def _outside(trace: Trace, forms: Any) -> Outside:
    """What the trace sees of the outside; it converts special methods by calling through
    the forms.
    """
    outside: Outside | None = trace.outside
    if outside is None:
        outside = trace.outside = Outside(trace)
    if outside.call is None:
        outside.call = lambda fn, args, kwargs: call(forms, fn, args, kwargs)
    return outside


def _is_library(fn: types.FunctionType) -> bool:
    """Whether a Python function belongs to NumPy or the standard library."""
    root = str(fn.__globals__.get("__name__")).partition(".")[0]
    return root in {"numpy", "scipy"} or root in sys.stdlib_module_names and root != "__main__"


def _is_pure(fn: Any) -> bool:
    if _hashable(fn) and fn in PURE:
        return True
    module = getattr(fn, "__module__", None)
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, types.ModuleType):
        module = owner.__name__
    root = (module or "").partition(".")[0]
    if root in PURE_MODULES:
        return True
    if root == "numpy" and not (module or "").startswith("numpy.random"):
        if getattr(fn, "__name__", "") in NUMPY_EFFECTS:
            return False
        return not isinstance(owner, np.random.Generator | np.random.RandomState)
    return isinstance(fn, np.ufunc) or (module == "builtins" and fn in builtin_calls.PURE_BUILTINS)


def _takes_anything(fn: Any) -> bool:
    """Whether a pure function only moves its arguments about (itertools, operator, copy …)."""
    owner = getattr(fn, "__self__", None)
    module = getattr(fn, "__module__", None) or (
        owner.__name__ if isinstance(owner, types.ModuleType) else ""
    )
    return module.partition(".")[0] in {
        "operator", "_operator", "itertools", "collections", "copy", "dataclasses", "builtins",
        "functools",
    }  # fmt: skip


def _with_traced(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A NumPy function without a counterpart: NumPy's protocol names it in its refusal."""
    if isinstance(fn, np.ufunc) or getattr(fn, "__module__", "").startswith("numpy"):
        module = getattr(fn, "__module__", "numpy")
        raise refusal("unsupported function", name=f"{module}.{fn.__name__}")
    return fn(*args, **kwargs)


def unknown_call(fn: Any) -> GraphcError:
    name = getattr(fn, "__qualname__", None) or getattr(fn, "__name__", None) or repr(fn)
    module = getattr(fn, "__module__", None)
    dotted = f"{module}.{name}" if module and module != "builtins" else name
    return refusal("unknown call", name=dotted)
