"""Decorated functions with some arguments given: methods of instances, and partials."""

from __future__ import annotations

from typing import Any


class BoundFunction:
    """A decorated function with some arguments given: a method of an instance, a partial."""

    def __init__(
        self, function: Any, args: tuple[Any, ...], keywords: dict[str, Any] | None = None
    ) -> None:
        self._function = function
        self._args = args
        self._keywords = keywords or {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*self._args, *args, **{**self._keywords, **kwargs})

    def trace(self, *args: Any, **kwargs: Any) -> Any:
        return self._function.trace(*self._args, *args, **{**self._keywords, **kwargs})

    def __getattr__(self, name: str) -> Any:
        if name == "_function":  # not there yet: this is being copied
            raise AttributeError(name)
        return getattr(self._function, name)
