"""Every error graphc raises.

Each class is a `GraphcError` *and* the built-in a Python programmer would have expected for the
same mistake, so `except TypeError:` around a decorated function goes on working. Where an error
comes from a line of the user's program it carries that line in `location` (a
`graphc.source.Location`) and its text shows the line with a caret; build such errors with
`graphc.source.located`.
"""

from __future__ import annotations

import numpy as np


class GraphcError(Exception):
    """Base of all graphc errors; `location` is the user's line (or None), `hint` the way out
    (or None)."""

    location: object | None = None
    hint: str | None = None


class ConversionError(GraphcError, SyntaxError):
    """The function uses syntax that graphc does not convert, or its source cannot be had."""

    def __str__(self) -> str:
        """Return the message alone: SyntaxError would append '(file, line n)', which the caret
        already says."""
        return str(self.args[0]) if self.args else ""


class StagingError(GraphcError, TypeError):
    """Values that do not merge (branches, loop states), or something that cannot be staged."""


class TensorTypeError(GraphcError, TypeError):
    """An operand of a type or dtype the operation does not take."""


class TensorValueError(GraphcError, ValueError):
    """An operand of the right type and a wrong value."""


class ShapeError(TensorValueError):
    """Shapes that do not fit together."""


class AxisError(TensorValueError, np.exceptions.AxisError):
    """An axis that the array does not have; NumPy's own error too."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class TensorAttributeError(GraphcError, AttributeError):
    """An attribute that the value has in Python, and a tensor does not."""


class TraceError(GraphcError, RuntimeError):
    """A tensor used outside the trace it belongs to, or a tape used out of order."""


class UnsupportedError(GraphcError, TypeError):
    """A NumPy function or option that graphc does not have."""


class GradientError(GraphcError, ValueError):
    """A derivative that was asked for and does not exist."""


class GraphSyntaxError(GraphcError, ValueError):
    """Graph text that does not parse."""


class VerifyError(GraphcError, AssertionError):
    """A graph that breaks an invariant of `ir/verify.py`."""


class InternalError(GraphcError, RuntimeError):
    """A bug in graphc itself; the text carries the dump that helps to report it."""
