"""Which classes are the user's own, and which of their methods stand in for those while tracing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

LIBRARIES = {"numpy", "scipy", "graphc", "builtins"}


def is_users(cls: type) -> bool:
    root = (cls.__module__ or "").partition(".")[0]
    if root == "__main__":
        return True
    return root not in LIBRARIES and root not in sys.stdlib_module_names


def is_foreign(cls: type) -> bool:
    """Whether a class is graphc's, NumPy's or built in: its insides are its own business."""
    return cls.__module__.partition(".")[0] in {"graphc", "numpy", "builtins", "functools"}


DISPATCHERS = str(Path(__file__).with_name("special_methods.py"))


def is_dispatcher(fn: Any) -> bool:
    """Whether a function is one of `special_methods.py`'s."""
    code = getattr(fn, "__code__", None)
    return code is not None and code.co_filename == DISPATCHERS


def original_of(fn: Any) -> Any:
    """The user's function behind a dispatcher; any other function itself."""
    return fn.__wrapped__ if is_dispatcher(fn) else fn
