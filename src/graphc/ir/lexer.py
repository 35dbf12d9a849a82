"""Graph text to tokens, and the errors that point into it.

Comments are not tokens: a comment that reads as a location is kept by its line, and holds for
every op (or graph) that begins on that line; any other comment is free text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from graphc.errors import GraphSyntaxError
from graphc.source import Location

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<comment>\#[^\n]*)
    | (?P<value>%\w+)
    | (?P<graph>@\w+)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<complex>\((?:NUM|-?inf|-?nan)[+-](?:NUM|inf|nan)j\))
    | (?P<number>NUM|-inf\b)
    | (?P<arrow>->)
    | (?P<punctuation>[{}()\[\],;:=<>?!])
    | (?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    """.replace("NUM", r"-?(?:0x[0-9a-f]+|[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?)"),
    re.VERBOSE,
)
_LOCATION = re.compile(
    r"""
    \#[ ]?
    (?:(?P<plain>[^\s:"\#{}();]+) | (?P<quoted>"(?:[^"\\]|\\.)*"))?
    :(?P<line>[0-9]{1,9})
    (?::(?P<col>[0-9]{1,9})(?:-(?P<end>[0-9]{1,9}))?)?
    \s*
    """,
    re.VERBOSE,
)
# How much of a line, and of a token, an error message shows.
SHOWN_COLUMNS = 96
SHOWN_TOKEN = 40


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a group of the pattern above, or 'end'; `line` and `col` count from 1."""

    kind: str
    text: str
    line: int
    col: int

    @property
    def shown(self) -> str:
        if self.kind == "end":
            return "the end of the text"
        cut = self.text if len(self.text) <= SHOWN_TOKEN else self.text[:SHOWN_TOKEN] + "…"
        return f"'{cut}'"


@dataclass(frozen=True, slots=True)
class LineComment:
    """A location comment; `file` is None where it is the graph's."""

    file: str | None
    line: int
    col: int | None
    end_col: int | None
    token: Token


class Source:
    """A text, its tokens, and its location comments by line."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.tokens: list[Token] = []
        self.comments: dict[int, LineComment] = {}
        self._scan(text)

    def _scan(self, text: str) -> None:
        at, line, line_start = 0, 1, 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                self._junk(text, Token("junk", text[at], line, at - line_start + 1))
            assert match is not None and match.lastgroup is not None
            token = Token(match.lastgroup, match.group(), line, at - line_start + 1)
            at = match.end()
            if token.kind == "space":
                newlines = token.text.count("\n")
                if newlines:
                    line += newlines
                    line_start = match.start() + token.text.rindex("\n") + 1
            elif token.kind == "comment":
                self._comment(token)
            else:
                self.tokens.append(token)
        self.tokens.append(Token("end", "", line, len(text) - line_start + 1))

    def _junk(self, text: str, token: Token) -> None:
        if token.text == '"':
            raise self.error(token, "a string that does not end on its line")
        raise self.error(token, f"found {token.text!r}, which is no part of graph text")

    def _comment(self, token: Token) -> None:
        match = _LOCATION.fullmatch(token.text)
        if match is None:
            if token.text.startswith(("# :", "#:")):
                raise self.error(token, "expected a location: '# :line:col-endcol'")
            return
        file = match["plain"]
        if match["quoted"] is not None:
            file = self.string(Token("string", match["quoted"], token.line, token.col))
        col, end = match["col"], match["end"]
        self.comments[token.line] = LineComment(
            file,
            int(match["line"]),
            None if col is None else int(col),
            None if end is None else int(end),
            token,
        )

    def string(self, token: Token) -> str:
        """The value of a string token."""
        try:
            value = json.loads(token.text)
        except ValueError:
            raise self.error(token, "a string with an escape that JSON does not have") from None
        assert isinstance(value, str)
        return value

    def error(self, token: Token, problem: str) -> GraphSyntaxError:
        """An error at a token: where, what, and the line with a caret."""
        line, start = self.lines[token.line - 1], token.col - 1
        width = max(1, min(len(token.text), SHOWN_TOKEN))
        first = max(0, start - SHOWN_COLUMNS // 2)
        shown = line[first : first + SHOWN_COLUMNS].replace("\t", " ")
        caret = " " * (start - first) + "^" * width
        error = GraphSyntaxError(
            f"graph text, line {token.line}, column {token.col}: {problem}\n"
            f"    {shown}\n    {caret}"
        )
        error.location = Location("<graph text>", token.line, start, start + width)
        return error
