"""`graphc.explain`: line by line, what a decorated function's source became."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any

from graphc.bound import BoundFunction
from graphc.function import Function, function

PYTHON = "Python"


class Report(str):
    """A text that a REPL shows as it prints."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def explain(f: Any, /, *args: Any, **kwargs: Any) -> Report:
    """What each line of `f`, and of the functions it calls, becomes in a call with these arguments.

    *staged*: a loop or branch of the graph, decided when the program runs. *unrolled*: run while
    the graph was built, and why it could not be staged. *converted*: a function that was traced
    through. *operations*: ops of the graph. *Python*: it ran while the graph was built and left
    nothing in it.

    >>> import graphc
    >>> def f(x, n):
    ...     while x > 1:
    ...         x = x / 2
    ...     return x
    >>> print(graphc.explain(f, 5.0, 2))  # doctest: +ELLIPSIS
    f  (...:1)
        1  def f(x, n):
        2      while x > 1:   | staged: a loop of the graph
        3          x = x / 2  | operations
        4      return x       | Python
    """
    compiled = _function(f).trace(*args, **kwargs).compiled
    notes: dict[tuple[str, int], list[str]] = {}
    for note in compiled.notes:
        found = notes.setdefault((note.file, note.line), [])
        if note.text not in found:
            found.append(note.text)
    sections = [_section(code, notes, compiled.op_lines) for code in compiled.codes]
    return Report("\n\n".join(sections))


def _function(f: Any) -> Any:
    return f if isinstance(f, Function | BoundFunction) else function(f)


def _section(
    code: CodeType, notes: dict[tuple[str, int], list[str]], op_lines: frozenset[tuple[str, int]]
) -> str:
    """One function: its lines on the left, what became of them on the right."""
    first, last = code.co_firstlineno, max(_lines(code))
    texts = [linecache.getline(code.co_filename, n).rstrip() for n in range(first, last + 1)]
    width = min(max(map(len, texts)), 60)
    found = [f"{code.co_qualname}  ({code.co_filename}:{first})"]
    runs = set(_lines(code))
    for number, text in enumerate(texts, first):
        here = (code.co_filename, number)
        words = list(notes.get(here, ()))
        if here in op_lines and not any(word.startswith(("staged", "unrolled")) for word in words):
            words.append("operations")
        if not words and number in runs and number > first and not _is_header(text):
            words = [PYTHON]
        found += _row(f"{number:5}  {text}", width + 7, words)
    return "\n".join(found)


def _is_header(text: str) -> bool:
    return text.lstrip().startswith(("def ", "@", '"""', "else:", "#")) or not text.strip()


def _row(left: str, width: int, words: list[str]) -> Iterator[str]:
    if not words:
        yield left
        return
    yield f"{left:<{width}}  | {words[0]}"
    for word in words[1:]:
        yield f"{'':<{width}}  | {word}"


def _lines(code: CodeType) -> Iterable[int]:
    """The lines that a function's code, and that of functions in it, comes from."""
    yield from (line for *_, line in code.co_lines() if line is not None)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _lines(const)
