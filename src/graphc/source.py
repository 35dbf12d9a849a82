"""Locations: where the user's line is, and how to show it.

Everything a person reads about a mistake goes through `located`, so that every error has the
same shape:

    a `yield` cannot be converted
      notebook.py:3
        y = yield x
            ^^^^^^^
      return a list instead

Columns are UTF-8 byte offsets, as in `ast` and `co_positions`; only rendering turns them into
characters.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import types
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from .errors import GraphcError

Error = TypeVar("Error", bound=GraphcError)

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


@dataclass(frozen=True)
class Location:
    """A place in the user's program: line is 1-based, columns are 0-based byte offsets (None:
    unknown)."""

    file: str
    line: int
    col: int | None = None
    end_col: int | None = None

    def __str__(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line}"


def located(
    error_class: type[Error],
    message: str,
    location: Location | None = None,
    hint: str | None = None,
) -> Error:
    """Build an error whose text is the message, the user's line with a caret, and the way out.

    Without a location it is the line of the user's that is running now.
    """
    if location is None:
        location = user_location()
    parts = [message, *(_indented(part) for part in (location and render(location), hint) if part)]
    error = error_class("\n".join(parts))
    error.location = location
    error.hint = hint
    if isinstance(error, SyntaxError):
        _fill_syntax_error(error, message, location, hint)
    return error


def place(error: Exception, location: Location | None) -> None:
    """Give an error that was raised without a place the user's line: the text of `located`."""
    if not isinstance(error, GraphcError) or error.location is not None or location is None:
        return
    first, *rest = str(error).split("\n")
    error.args = ("\n".join([first, _indented(render(location)), *rest]),)
    error.location = location


def render(location: Location) -> str:
    """Return `file:line`, the source line and a caret line; only the first where the line
    cannot be had."""
    line = linecache.getline(location.file, location.line).rstrip()
    if not line.strip():
        return str(location)
    shown = line.lstrip()
    if location.col is None:
        return f"{location}\n  {shown}"
    start, end = _columns(line, location)
    margin = len(line) - len(shown)
    caret = " " * max(start - margin, 0) + "^" * max(end - start, 1)
    return f"{location}\n  {shown}\n  {caret}"


def node_location(node: ast.AST, file: str) -> Location:
    """Return the location of an AST node; one that spans lines is cut at the end of its first."""
    line = getattr(node, "lineno", 1)
    end_col = getattr(node, "end_col_offset", None)
    if getattr(node, "end_lineno", line) != line:
        end_col = None
    return Location(file, line, getattr(node, "col_offset", None), end_col)


def user_location() -> Location | None:
    """Return where the nearest caller outside graphc is now (its file, line and columns)."""
    frame = user_frame()
    return None if frame is None else frame_location(frame)


def user_frame() -> types.FrameType | None:
    """Return the innermost frame that runs the user's code: the first one outside this package.

    Rewritten functions are compiled under the user's own file name, so they are found like any
    other user code. Programs that graphc generates (`<graphc ...>`) count as part of the
    package.
    """
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and _is_generated(frame.f_code):
        frame = frame.f_back
    return frame


def _is_generated(code: types.CodeType) -> bool:
    """Whether code has no line of the user's: graphc's own, Python's, or a dataclass's `__eq__`."""
    file = code.co_filename
    if file.startswith(LIBRARY):
        return "-packages" not in file
    own = file.startswith((PACKAGE, "<graphc"))
    return own or file == "<string>" and code.co_name != "<module>"


def frame_location(frame: types.FrameType) -> Location:
    """Return the place of the expression a frame is evaluating."""
    line, end_line, col, end_col = _positions(frame.f_code)[frame.f_lasti // 2]
    if line is None:
        return Location(frame.f_code.co_filename, frame.f_lineno)
    return Location(frame.f_code.co_filename, line, col, end_col if end_line == line else None)


_positions = lru_cache(maxsize=512)(lambda code: list(code.co_positions()))


def _indented(text: str) -> str:
    return "\n".join("  " + line for line in text.splitlines())


def _columns(line: str, location: Location) -> tuple[int, int]:
    """Turn byte offsets into character offsets; an unknown end is the end of the line."""
    encoded = line.encode()
    start = len(encoded[: location.col or 0].decode(errors="replace"))
    if location.end_col is None:
        return start, len(line)
    return start, len(encoded[: location.end_col].decode(errors="replace"))


def _fill_syntax_error(
    error: SyntaxError, message: str, location: Location | None, hint: str | None
) -> None:
    """Set the fields Python's traceback prints, so the caret appears there too, and only once."""
    error.msg = f"{message}\n{_indented(hint)}" if hint else message
    if location is None:
        return
    line = linecache.getline(location.file, location.line)
    error.filename, error.lineno, error.text = location.file, location.line, line or None
    error.end_lineno = location.line
    if line and location.col is not None:
        start, end = _columns(line.rstrip(), location)
        error.offset, error.end_offset = start + 1, end + 1
