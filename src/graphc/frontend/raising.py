"""Exceptions while tracing: `raise` as an op that makes the exception anew when the graph runs.

argument  ::=  an object itself  |  ("is", tuple)  a tuple itself
            |  ("value",)  the next operand  |  ("text", parts)  formatted operands
            |  ("tree", structure, arguments)  a container of these
            |  ("chosen", ways)  the way whose tag is the next operand: (tag, operands, argument)

Where this does not say all of an exception, a call that raises is repeated (`graphc/repeat.py`).
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
from graphc.ir.core import Value
from graphc.ir.types import Caught, strip_maybe
from graphc.ops.tensor import Tensor, value_of
from graphc.ops.trace import Trace
from graphc.source import PACKAGE, Location

VALUES = (int, float, complex, str, bytes, type, np.generic, StagedText)
HIDDEN = (types.MemberDescriptorType, types.GetSetDescriptorType)
ATTRIBUTES = ("__dict__", "__weakref__")
SHOWN = (NameError, AttributeError, ImportError, StopIteration)  # by their arguments
NO_CAUSE = object()  # the cause of `raise error`; that of `raise error from None` is None


def emit_raise(trace: Trace, error: Any, cause: Any = NO_CAUSE) -> None:
    """Append an op that raises `error` (an exception or its class), from `cause` if that
    is given.
    """
    error, cause = instance(trace, error), instance(trace, cause)
    is_caused = cause is not None and cause is not NO_CAUSE
    for each, what in ((error, "exceptions"), (cause if is_caused else error, "exception causes")):
        if not isinstance(each, BaseException) and not _is_caught(each):
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
    trace.emit("raise", described.values, attrs, loc=_raised_at(error))


def exception_value(error: BaseException, trace: Trace) -> Value:
    """An exception as a value of the graph: it can be shown and raised."""
    described = Description(trace)
    attrs = described.exception(error)
    if not _is_described(trace, error):
        raise refusal("caught object", _raised_at(error), kind=type(error).__name__)
    return trace.emit("exception", described.values, attrs).result


def cause_of(error: BaseException) -> Any:
    """The cause that an exception was raised from, if that was said."""
    return error.__cause__ if error.__suppress_context__ else NO_CAUSE


def _is_caught(x: Any) -> bool:
    """Whether a tensor stands for an exception that the program will have caught."""
    return isinstance(x, Tensor) and isinstance(strip_maybe(x.type), Caught)


def instance(trace: Trace, error: Any) -> Any:
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


def _is_described(trace: Trace, error: Any) -> bool:
    """Whether the description of an exception says all of it. It does not where someone knows the
    object, or something in it, from elsewhere; nor has it what classes written in C and slots hold,
    or other exceptions.
    """
    if _is_caught(error):
        return True
    chained = error.__cause__ or error.__context__ or error.__suppress_context__
    hidden = _hides(error)
    if hidden and trace.attempts and not isinstance(error, SHOWN):
        kind = type(error).__name__
        trace.attempts[-1].inexact = refusal("caught object", _raised_at(error), kind=kind)
    parts = (*error.args, *vars(error).values())
    is_new = id(error) in trace.local_ids
    return is_new and not chained and not hidden and all(map(_is_a_value, parts))


def _hides(error: BaseException) -> bool:
    """Whether a class holds more than arguments and attributes."""
    kinds = (kind for kind in type(error).__mro__ if kind not in (BaseException, object))
    found = ((name, x) for kind in kinds for name, x in vars(kind).items())
    return any(isinstance(x, HIDDEN) and name not in ATTRIBUTES for name, x in found)


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
