"""Exceptions while tracing: `raise` as an op that makes the exception anew when the graph runs.

argument  ::=  an object itself  |  ("is", tuple)  a tuple itself
            |  ("value",)  the next operand  |  ("text", parts)  formatted operands
            |  ("tree", structure, arguments)  a container of these
"""

from __future__ import annotations

import re
import types
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import GraphcError
from graphc.frontend.refusals import refusal
from graphc.frontend.text import StagedText, is_staged
from graphc.ir.types import Caught, strip_maybe
from graphc.ops.tensor import Tensor, value_of
from graphc.ops.trace import Trace
from graphc.source import PACKAGE, Location

NO_CAUSE = object()  # the cause of `raise error`; that of `raise error from None` is None


def emit_raise(trace: Trace, error: Any, cause: Any = NO_CAUSE) -> None:
    """Append an op that raises `error` (an exception or its class), from `cause` if that
    is given.
    """
    described = Description(trace)
    attrs = described.exception(instance(error, "exceptions must derive from BaseException"))
    if cause is None:
        attrs["cause"] = None
    elif cause is not NO_CAUSE:
        cause = instance(cause, "exception causes must derive from BaseException")
        attrs["cause"] = tuple(described.exception(cause).items())
    trace.emit("raise", described.values, attrs, loc=_raised_at(error))


def cause_of(error: BaseException) -> Any:
    """The cause that an exception was raised from, if that was said."""
    return error.__cause__ if error.__suppress_context__ else NO_CAUSE


def instance(error: Any, message: str) -> Any:
    """What Python raises for the operand of `raise`: a class is called. A tensor stands for an
    exception that the program will have caught.
    """
    if isinstance(error, Tensor) and isinstance(strip_maybe(error.type), Caught):
        return error
    made = error() if isinstance(error, type) and issubclass(error, BaseException) else error
    return made if isinstance(made, BaseException) else TypeError(message)


class Description:
    """Exceptions and arguments as attributes, and the operands that these refer to, in order.

    Outside a trace the operands are the objects themselves.
    """

    def __init__(self, trace: Trace | None) -> None:
        self.trace = trace
        self.values: list[Any] = []

    def exception(self, error: Any) -> dict[str, Any]:
        if isinstance(error, Tensor):
            self.values.append(self._operand(error))
            return {}
        attrs: dict[str, Any] = {
            "kind": type(error),
            "args": tuple(self.argument(arg) for arg in error.args),
        }
        if vars(error) or has_own_init(type(error)):
            attrs["state"] = tuple((name, self.argument(x)) for name, x in vars(error).items())
        return attrs

    def argument(self, x: Any) -> Any:
        if isinstance(x, StagedText):
            self.values += map(self._operand, x.values)
            return "text", x.parts
        if isinstance(x, Tensor | np.ndarray):
            self.values.append(self._operand(x))
            return ("value",)
        if tree.children_of(x) is not None and (is_staged(x) or self.trace is None):
            leaves, structure = tree.flatten(x)
            return "tree", structure, tuple(self.argument(leaf) for leaf in leaves)
        return ("is", x) if isinstance(x, tuple) else x

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


OUR_TYPES = re.compile(r"\b(Tensor|TracedList|Staged[A-Z]\w+|Hinted|UnboundName|LostName)\b")


def names_our_type(error: Exception) -> bool:
    """Whether Python complains of a value that only exists while tracing."""
    return any(OUR_TYPES.search(str(arg)) for arg in error.args)


def met_a_tensor(error: Exception) -> GraphcError:
    """The refusal of what Python itself says of a tensor: in place of a number, it does not take
    one.
    """
    return refusal("Python's own", _raised_at(error), error=error)


def _raised_at(error: Any) -> Location | None:
    """The user's line at which an exception has been raised while tracing, if it has."""
    where = None
    place = getattr(error, "__traceback__", None) if isinstance(error, BaseException) else None
    while place is not None:
        if not place.tb_frame.f_code.co_filename.startswith(PACKAGE):
            where = Location(place.tb_frame.f_code.co_filename, place.tb_lineno)
        place = place.tb_next
    return where
