"""Signatures: what of a call's arguments decides which trace it uses, and what has been learnt of
each.

    key   ::=  structure, leaf…
    leaf  ::=  (dtype, rank) of an array  |  the kind of a number  |  an object itself

Within a signature, traces differ in the dimensions that were seen (a second size makes one unknown)
and in the numbers whose values tracing turned out to need.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import TensorTypeError
from graphc.frontend.guards import same
from graphc.frontend.outside import Location
from graphc.ir.core import Op, Value, op_free_values
from graphc.ops.tensor import Tensor
from graphc.source import located
from graphc.variable import Variable

Key = tuple[Any, ...]


@dataclass
class Signature:
    """The traces of one signature, and what has been learnt about it."""

    entries: list[Entry] = field(default_factory=list)
    pinned: set[int] = field(default_factory=set)  # number arguments whose value is needed
    pinned_dims: set[tuple[int, int]] = field(default_factory=set)
    lifted: dict[Location, Any] = field(default_factory=dict)  # numbers of objects that are inputs


@dataclass
class Entry:
    """One trace: the dimensions and numbers it was made for."""

    dims: list[tuple[int | None, ...] | None]
    values: dict[int, Any]
    trace: Any  # function.Trace

    @cached_property
    def arrays(self) -> list[tuple[int, tuple[int | None, ...]]]:
        """The places of arrays, with their dimensions."""
        return [(i, dims) for i, dims in enumerate(self.dims) if dims is not None]

    def matches(self, leaves: Sequence[Any]) -> bool:
        for i, dims in self.arrays:
            leaf = leaves[i]
            shape = leaf._data.shape if isinstance(leaf, Tensor) else leaf.shape
            if shape != dims and any(
                d is not None and d != n for d, n in zip(dims, shape, strict=True)
            ):
                return False
        return not self.values or all(same(leaves[i], value) for i, value in self.values.items())


def is_dynamic(leaf: Any) -> bool:
    """Whether an argument's leaf is an input of the graph rather than part of the signature."""
    if isinstance(leaf, Variable):
        return False
    if isinstance(leaf, Tensor | np.ndarray | np.generic):
        return True
    return type(leaf) in (int, float, complex)


def signature_key(structure: tree.Structure, leaves: Sequence[Any], arguments: Any) -> Key:
    """What calls that share a signature have in common; an array, or a container, given twice
    counts as one.
    """
    key = (structure, *map(leaf_key, leaves))
    if not tree.is_plain_call(structure):
        key = (*key, tree.sharing(arguments))
    again = repeated(leaves)
    return (*key, tuple(again.items())) if again else key


def repeated(leaves: Sequence[Any]) -> dict[int, int]:
    """The places of arrays that are there already, each with the place where it is first."""
    if len(leaves) < 2:
        return {}
    first: dict[int, int] = {}
    return {
        i: first[id(leaf)]
        for i, leaf in enumerate(leaves)
        if isinstance(leaf, np.ndarray | Tensor) and first.setdefault(id(leaf), i) != i
    }


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
                if any(s is not None and s[axis] != n for s in seen)
                and (i, axis) not in signature.pinned_dims
                else n
                for axis, n in enumerate(shape)
            )
        )
    return dims


def same_shaped(value: Value) -> Value:
    """The value whose shape this one has, followed back through ops that only copy it."""
    while isinstance(value.owner, Op) and value.owner.name in ("identity", "copy", "cast"):
        value = value.owner.operands[0]
    return value


def needed_inputs(value: Value) -> list[tuple[int, int | None]]:
    """The graph inputs a value depends on, by position; with an axis where it is a size."""
    found: dict[tuple[int, int | None], None] = {}
    todo, seen = [value], {value}
    while todo:
        v = todo.pop()
        owner = v.owner
        if isinstance(owner, Op):
            operand = same_shaped(owner.operands[0]) if owner.operands else None
            is_size = owner.name in ("dim", "rows")  # of rows, only their number can be known
            if is_size and operand is not None and not isinstance(operand.owner, Op):
                if operand.owner is not None and operand.owner.owner is None:
                    axis = owner.attrs.get("axis", 0)
                    found[(operand.owner.params.index(operand), axis)] = None
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
