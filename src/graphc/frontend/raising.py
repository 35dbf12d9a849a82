"""Exceptions while tracing: `raise` as an op that makes the exception anew when the graph runs.

argument  ::=  an object itself  |  ("is", tuple)  a tuple itself
            |  ("value",)  the next operand  |  ("text", parts)  formatted operands
            |  ("tree", structure, arguments)  a container of these
            |  ("chosen", ways)  the way whose tag is the next operand: (tag, operands, argument)
"""

from __future__ import annotations

import re
import types
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.chosen import Chosen, ways_of
from graphc.frontend.refusals import refusal
from graphc.frontend.staged_text import StagedText, is_staged
from graphc.ops.tensor import Tensor, value_of
from graphc.ops.trace import Trace
from graphc.source import PACKAGE, Location

NO_CAUSE = object()  # the cause of `raise error`; that of `raise error from None` is None


def emit_raise(trace: Trace, error: Any, cause: Any = NO_CAUSE) -> None:
    """Append an op that raises `error` (an exception or its class), from `cause` if that
    is given.
    """
    error = instance(error, "exceptions must derive from BaseException")
    described = Description(trace)
    attrs = described.exception(error)
    if cause is None:
        attrs["cause"] = None
    elif cause is not NO_CAUSE:
        cause = instance(cause, "exception causes must derive from BaseException")
        attrs["cause"] = tuple(described.exception(cause).items())
    trace.emit("raise", described.values, attrs)


def instance(error: Any, message: str) -> BaseException:
    """What Python raises for the operand of `raise`: a class is called."""
    made = error() if isinstance(error, type) and issubclass(error, BaseException) else error
    return made if isinstance(made, BaseException) else TypeError(message)


class Description:
    """Exceptions and arguments as attributes, and the operands that these refer to, in order.

    Outside a trace the operands are the objects themselves.
    """

    def __init__(self, trace: Trace | None) -> None:
        self.trace = trace
        self.values: list[Any] = []

    def exception(self, error: BaseException) -> dict[str, Any]:
        attrs: dict[str, Any] = {
            "kind": type(error),
            "args": tuple(self.argument(arg) for arg in error.args),
        }
        if vars(error) or has_own_init(type(error)):
            attrs["state"] = tuple((name, self.argument(x)) for name, x in vars(error).items())
        return attrs

    def argument(self, x: Any) -> Any:
        if isinstance(x, Chosen):
            self.values.append(self._operand(x._graphc_tag))
            return "chosen", tuple(map(self._way, *zip(*ways_of(x).items(), strict=True)))
        if isinstance(x, StagedText):
            self.values += map(self._operand, x.values)
            return "text", x.parts
        if isinstance(x, Tensor | np.ndarray):
            self.values.append(self._operand(x))
            return ("value",)
        if tree.children_of(x) is not None and (is_staged(x) or self.trace is None):
            return self.container(x)
        return ("is", x) if isinstance(x, tuple) else x

    def container(self, x: Any) -> Any:
        """A container, item by item."""
        parts = tree.children_of(x)
        assert parts is not None
        keys, items = parts
        node = tree.Node(tree.kind_of(x), keys, (tree.LEAF,) * len(items))
        return "tree", node, tuple(self.argument(item) for item in items)

    def _way(self, tag: int, way: Any) -> Any:
        """A thing that an argument may be: its tag, number of operands, and description."""
        before = len(self.values)
        described = self.argument(way)
        return tag, len(self.values) - before, described

    def _operand(self, x: Any) -> Any:
        return x if self.trace is None else value_of(x, self.trace)


def vars_of(kind: type, name: str) -> Any:
    """An attribute of a class, or of the first of its bases that has it."""
    return next((vars(cls)[name] for cls in kind.__mro__ if name in vars(cls)), None)


def has_own_init(kind: type) -> bool:
    """Whether calling a class runs Python code of the user's: calling it again is not
    repeating it.
    """
    return isinstance(vars_of(kind, "__init__"), types.FunctionType) or isinstance(
        kind.__new__, types.FunctionType
    )


OUR_TYPES = re.compile(r"\b(Tensor|TracedList|Chosen|Staged[A-Z]\w+|Hinted|UnboundName|LostName)\b")


def names_our_type(error: Exception) -> bool:
    """Whether Python complains of a value that only exists while tracing."""
    return any(OUR_TYPES.search(str(arg)) for arg in error.args)


def met_a_tensor(error: Exception) -> GraphcError:
    """The refusal of what Python itself says of a tensor: in place of a number, it does not take
    one.
    """
    where = None
    place = error.__traceback__
    while place is not None:
        if not place.tb_frame.f_code.co_filename.startswith(PACKAGE):
            where = Location(place.tb_frame.f_code.co_filename, place.tb_lineno)
        place = place.tb_next
    return refusal("Python's own", where, error=error)
