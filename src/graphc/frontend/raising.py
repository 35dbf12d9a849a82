"""Exceptions while tracing: `raise` as an op that makes the exception anew when the graph runs.

argument  ::=  an object itself  |  ("is", tuple)  a tuple itself
            |  ("value",)  the next operand  |  ("text", parts)  formatted operands
            |  ("tree", structure, arguments)  a container of these

Where this does not say all of an exception, a call that raises is repeated (`graphc/repeat.py`).
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
from graphc.ops.tensor import Tensor, value_of
from graphc.ops.trace import Trace
from graphc.source import PACKAGE, Location

VALUES = (int, float, complex, str, bytes, type, np.generic, StagedText)
HIDDEN = (types.MemberDescriptorType, types.GetSetDescriptorType)
NO_CAUSE = object()  # the cause of `raise error`; that of `raise error from None` is None


def emit_raise(trace: Trace, error: Any, cause: Any = NO_CAUSE) -> None:
    """Append an op that raises `error` (an exception or its class), from `cause` if that
    is given.
    """
    error, cause = _instance(trace, error), _instance(trace, cause)
    is_caused = cause is not None and cause is not NO_CAUSE
    for each, what in ((error, "exceptions"), (cause if is_caused else error, "exception causes")):
        if not isinstance(each, BaseException):
            error = TypeError(f"{what} must derive from BaseException")
            cause, is_caused = NO_CAUSE, False
            note_new(trace, error)
            break
    described = Description(trace)
    attrs = described.exception(error)
    if cause is None:
        attrs["cause"] = None
    elif is_caused:
        attrs["cause"] = tuple(described.exception(cause).items())
    made = [error, cause] if is_caused else [error]
    if cause is error or not all(_is_described(trace, each) for each in made):
        trace.is_inexact = True
    trace.emit("raise", described.values, attrs)


def _instance(trace: Trace, error: Any) -> Any:
    """What Python raises for the operand of `raise`: a class is called."""
    if not (isinstance(error, type) and issubclass(error, BaseException)):
        return error
    if trace.outside is not None and trace.outside.call is not None:
        return trace.outside.call(error, (), {})
    made = error()
    note_new(trace, made)
    return made


def note_new(trace: Trace, error: BaseException) -> None:
    """Note that nobody outside knows an exception."""
    trace.local_ids[id(error)] = (error, trace.region)


def _is_described(trace: Trace, error: BaseException) -> bool:
    """Whether the description of an exception says all of it. It does not where someone knows the
    object, or something in it, from elsewhere; nor has it what classes written in C and slots hold,
    or other exceptions.
    """
    chained = error.__cause__ or error.__context__ or error.__suppress_context__
    kinds = [kind for kind in type(error).__mro__ if kind not in (BaseException, object)]
    hidden = any(isinstance(x, HIDDEN) for kind in kinds for x in vars(kind).values())
    parts = (*error.args, *vars(error).values())
    is_new = id(error) in trace.local_ids
    return is_new and not chained and not hidden and all(map(_is_a_value, parts))


def _is_a_value(x: Any) -> bool:
    if type(x) is tuple:
        return all(map(_is_a_value, x))
    is_number = isinstance(x, Tensor) and not getattr(x.type, "shape", ())
    return is_number or x is None or isinstance(x, VALUES)


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
    where = None
    place = error.__traceback__
    while place is not None:
        if not place.tb_frame.f_code.co_filename.startswith(PACKAGE):
            where = Location(place.tb_frame.f_code.co_filename, place.tb_lineno)
        place = place.tb_next
    return refusal("Python's own", where, error=error)
