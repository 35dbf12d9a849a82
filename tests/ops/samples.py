"""The rows of the registry test: for each op, operands and attributes to try it on.

Rows live in `samples_*.py` beside this file, each with a list `ROWS`; every op that is neither
structured nor an effect has at least one. `smooth=False`: no comparison with finite differences,
because the operands are at a kink or a discontinuity, or the result is not differentiable.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import graphc.ops


@dataclass(frozen=True)
class Sample:
    """One application of an op. Operands are NumPy arrays, Python numbers, lists, or None."""

    op_name: str
    operands: list[Any]
    attrs: dict[str, Any] = field(default_factory=dict)
    smooth: bool = True

    def __str__(self) -> str:
        operands = ",".join(_short(operand) for operand in self.operands)
        attrs = ",".join(f"{key}={value}" for key, value in self.attrs.items())
        return f"{self.op_name}({operands};{attrs})" if attrs else f"{self.op_name}({operands})"


def _short(operand: Any) -> str:
    if hasattr(operand, "dtype"):
        dims = "x".join(map(str, operand.shape))
        return f"{operand.dtype.kind}{operand.dtype.itemsize * 8}[{dims}]"
    return type(operand).__name__


def register_all_ops() -> None:
    """Import every op module, also those that `import graphc` may come to import later."""
    for module in pkgutil.iter_modules(graphc.ops.__path__):
        importlib.import_module(f"graphc.ops.{module.name}")


def all_rows() -> list[Sample]:
    """Every row of every `samples_*.py` in this directory."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("samples_*.py"))
    return [row for name in modules for row in importlib.import_module(f"tests.ops.{name}").ROWS]
