"""Special methods and properties of the user's classes, converted while a function is being traced.

Python itself calls `__add__` for `a + b` and a property's getter for `a.x`, and would call them
unconverted. So while a trace lasts, the classes it meets (as arguments, in globals and closures, by
making an instance) have these replaced by dispatchers, which go through the forms in a thread that
is tracing and are the original everywhere else. `release` puts the originals back.
"""

from __future__ import annotations

import functools
import threading
import types
from collections.abc import Callable
from typing import Any

from graphc.frontend import mutation
from graphc.frontend.user_classes import is_users
from graphc.ops.trace import current_trace

Call = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
LEFT_ALONE = {
    "__init__", "__new__", "__call__", "__del__", "__init_subclass__", "__class_getitem__",
    "__getattribute__", "__setattr__", "__delattr__", "__set_name__", "__hash__", "__post_init__",
    "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__deepcopy__", "__copy__",
    "__array_ufunc__", "__array_function__", "__getattr__",
}  # fmt: skip
# How many traces watch a class, and its originals.
_WATCHED: dict[type, tuple[int, dict[str, Any]]] = {}
_LOCK = threading.RLock()


def watch(kind: type, call: Call, watched: list[type]) -> None:
    """Replace what is special in a class and its bases, unless done; note them in `watched`."""
    for cls in kind.__mro__:
        if cls in watched or not is_users(cls):
            continue
        watched.append(cls)
        with _LOCK:
            count, originals = _WATCHED.get(cls, (0, {}))
            if not count:
                originals = _replace(cls, call)
            _WATCHED[cls] = (count + 1, originals)


def release(watched: list[type]) -> None:
    """Put the originals back in classes that no other trace watches."""
    for cls in watched:
        with _LOCK:
            count, originals = _WATCHED.pop(cls)
            if count > 1:
                _WATCHED[cls] = (count - 1, originals)
                continue
            for name, original in originals.items():
                type.__setattr__(cls, name, original)
    watched.clear()


def _replace(cls: type, call: Call) -> dict[str, Any]:
    originals = {}
    for name, value in list(vars(cls).items()):
        made = _dispatcher(name, value, call)
        if made is not None:
            originals[name] = value
            type.__setattr__(cls, name, made)
    return originals


def _dispatcher(name: str, value: Any, call: Call) -> Any:
    if isinstance(value, property):
        get, set_, delete = (_function(f, call) for f in (value.fget, value.fset, value.fdel))
        return property(get, set_, delete, value.__doc__)
    if isinstance(value, functools.cached_property):
        return _Cached(value, call)
    is_special = name.startswith("__") and name.endswith("__") and name not in LEFT_ALONE
    return _function(value, call) if is_special and _has_source(value) else None


def _has_source(value: Any) -> bool:
    """Whether this is a function that somebody wrote (a dataclass writes its own)."""
    is_function = isinstance(value, types.FunctionType)
    return is_function and not value.__code__.co_filename.startswith("<string")


def _function(fn: Any, call: Call) -> Any:
    if not isinstance(fn, types.FunctionType):
        return fn

    @functools.wraps(fn)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs) if current_trace() is None else call(fn, args, kwargs)

    return dispatch


class _Cached:
    """A `functools.cached_property`, whose assignment to the instance is noted in the trace."""

    def __init__(self, original: Any, call: Call) -> None:
        self.original = original
        self.call = call

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        trace = current_trace()
        if trace is None or instance is None:
            return self.original.__get__(instance, owner)
        value = self.call(self.original.func, (instance,), {})
        mutation.note(trace, instance, "attribute", self.original.attrname)
        vars(instance)[self.original.attrname] = value
        return value
