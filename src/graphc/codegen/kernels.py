"""The namespace `k` of a generated program: the kernels it calls, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import lru_cache
from keyword import iskeyword
from types import ModuleType
from typing import Any

from graphc import runtime
from graphc.errors import InternalError
from graphc.ir.opdef import REGISTRY


def kernel_namespace(names: Iterable[str]) -> ModuleType:
    """A module, because CPython's attribute look-up is fastest on modules."""
    namespace = ModuleType("k", "The kernels of one generated program.")
    for name in sorted(set(names)):
        setattr(namespace, name, find_kernel(name))
    return namespace


def kernel_name(op_name: str) -> str:
    """What an op's kernel is called in `k`."""
    return f"{op_name}_" if iskeyword(op_name) else op_name


def find_kernel(name: str) -> Callable[..., Any]:
    """An op's kernel, or a helper of `runtime/`."""
    op_name = name[:-1] if name.endswith("_") and iskeyword(name[:-1]) else name
    if op_name in REGISTRY:
        return REGISTRY[op_name].kernel
    for module in _runtime_modules():
        if hasattr(module, name) and not name.startswith("__"):
            helper: Callable[..., Any] = getattr(module, name)
            return helper
    raise InternalError(f"generated code calls k.{name}, which is neither an op nor in runtime/")


@lru_cache(maxsize=1)
def _runtime_modules() -> list[ModuleType]:
    found = pkgutil.iter_modules(runtime.__path__)
    return [importlib.import_module(f"graphc.runtime.{info.name}") for info in found]
