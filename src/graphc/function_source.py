"""The source of a function: its own syntax tree, found in its file by name, line and columns."""

from __future__ import annotations

import ast
import linecache
import types
from dataclasses import dataclass

from .errors import ConversionError
from .source import Location, located, user_location


@dataclass(frozen=True)
class FunctionSource:
    """A function's own syntax tree, with the lines and columns it has in its file.

    `class_name` is the class the function was written in (None outside a class): Python mangles
    private names with it. `text` is the function's source as it stands in the file.
    """

    tree: ast.FunctionDef | ast.Lambda
    file: str
    first_line: int
    text: str
    class_name: str | None = None


@dataclass(frozen=True)
class _Candidate:
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    class_name: str | None


@dataclass(frozen=True)
class _FileIndex:
    """The functions of one file by (name, first line); `text` tells when the file has changed."""

    text: str
    functions: dict[tuple[str, int], list[_Candidate]]


_INDEXES: dict[str, _FileIndex] = {}
_MAX_INDEXES = 64


def get_source(fn: object) -> FunctionSource:
    """Return the syntax tree of a Python function or method (never of what it wraps).

    The whole file is parsed once and the function found in it by name and first line, so lines and
    columns are true, and decorators, nesting and indentation need no care. Lambdas that share a
    line are told apart by the columns of their code. Raises ConversionError where there is no
    source.
    """
    fn = fn.__func__ if isinstance(fn, types.MethodType) else fn
    if not isinstance(fn, types.FunctionType):
        what = f"`{getattr(fn, '__name__', None) or type(fn).__name__}`"
        raise located(
            ConversionError,
            f"{what} is not a function written in Python, so it has no source to convert",
            user_location(),
            "wrap it in a function: lambda *args: the_object(*args)",
        )
    code = fn.__code__
    index = _file_index(code, fn.__globals__)
    found = _match(code, index.functions.get((code.co_name, code.co_firstlineno), []))
    if isinstance(found.node, ast.AsyncFunctionDef):
        raise located(
            ConversionError,
            f"`async def {code.co_name}` cannot be converted",
            Location(code.co_filename, found.node.lineno, found.node.col_offset),
            "make it an ordinary function; await outside it",
        )
    text = ast.get_source_segment(index.text, found.node) or ""
    return FunctionSource(
        copy_tree(found.node), code.co_filename, code.co_firstlineno, text, found.class_name
    )


def copy_tree(node):
    """Copy a syntax tree (ten times faster than copy.deepcopy, and as deep as any tree that
    parses)."""
    if isinstance(node, list):
        return [copy_tree(item) for item in node]
    if not isinstance(node, ast.AST):
        return node
    new = node.__class__()
    for name, value in node.__dict__.items():
        is_leaf = not isinstance(value, (ast.AST, list))
        setattr(new, name, value if is_leaf else copy_tree(value))
    return new


def _file_index(code: types.CodeType, module: dict[str, object]) -> _FileIndex:
    file = code.co_filename
    linecache.checkcache(file)
    text = "".join(linecache.getlines(file, module))
    if not text:
        raise located(
            ConversionError,
            f"the source of `{code.co_name}` cannot be found: it was made by `exec`, `python -c` "
            f"or a shell that keeps no source",
            Location(file, code.co_firstlineno),
            "put the function in a file or a notebook cell, or register the text with `linecache`",
        )
    known = _INDEXES.get(file)
    if known is not None and known.text == text:
        return known
    if len(_INDEXES) >= _MAX_INDEXES:
        _INDEXES.clear()
    _INDEXES[file] = _FileIndex(text, _index(_parse(code, text)))
    return _INDEXES[file]


def _parse(code: types.CodeType, text: str) -> ast.Module:
    try:
        return ast.parse(text, code.co_filename)
    except SyntaxError as error:
        raise located(
            ConversionError,
            f"the source of `{code.co_name}` no longer parses: {error.msg}",
            Location(code.co_filename, error.lineno or code.co_firstlineno),
            "the file has changed since it was imported: import it again",
        ) from None


def _index(module: ast.Module) -> dict[tuple[str, int], list[_Candidate]]:
    """List all functions with an explicit stack: a long `elif` chain is as deep as it is long."""
    functions: dict[tuple[str, int], list[_Candidate]] = {}
    stack: list[tuple[ast.AST, str | None]] = [(module, None)]
    while stack:
        node, class_name = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            functions.setdefault((node.name, first), []).append(_Candidate(node, class_name))
        elif isinstance(node, ast.Lambda):
            candidate = _Candidate(node, class_name)
            functions.setdefault(("<lambda>", node.lineno), []).append(candidate)
        elif isinstance(node, ast.ClassDef):
            class_name = node.name
        stack.extend((child, class_name) for child in ast.iter_child_nodes(node))
    return functions


def _match(code: types.CodeType, candidates: list[_Candidate]) -> _Candidate:
    fitting = [c for c in candidates if _parameters(c) == _code_parameters(code)]
    if len(fitting) > 1:
        fitting = _by_columns(code, fitting)
    if len(fitting) == 1:
        return fitting[0]
    place = Location(code.co_filename, code.co_firstlineno)
    if not fitting:
        message = f"the source of `{code.co_name}` is not at the line it was compiled from"
        hint = "the file has changed since it was imported: import it again"
    else:
        message = f"several functions on this line could be `{code.co_name}`"
        hint = "write them on lines of their own"
    raise located(ConversionError, message, place, hint)


def _by_columns(code: types.CodeType, candidates: list[_Candidate]) -> list[_Candidate]:
    """Keep the lambda whose body holds every position of the code: the innermost such body.

    (The code of an outer lambda has the whole inner lambda as a position, so it does not fit
    inside.)
    """
    known = [p for p in code.co_positions() if None not in p]
    places = [((a, c), (b, d)) for a, b, c, d in known if (a, c) != (b, d)]
    spans = {}
    for index, candidate in enumerate(candidates):
        body = candidate.node.body
        if not isinstance(body, ast.expr):
            continue
        start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
        if places and all(start <= first and last <= end for first, last in places):
            spans[index] = (start, end)
    if not spans:
        return candidates
    innermost = max(start for start, _ in spans.values())
    return [candidates[index] for index, (start, _) in spans.items() if start == innermost]


def _parameters(candidate: _Candidate) -> list[str]:
    args = candidate.node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    every += [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [mangled(arg.arg, candidate.class_name) for arg in every]


def _code_parameters(code: types.CodeType) -> list[str]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return list(code.co_varnames[:count])


def mangled(name: str, class_name: str | None) -> str:
    """Return the name Python stores for `name` in a class: `__x` in class `C` is `_C__x`."""
    stripped = (class_name or "").lstrip("_")
    if not stripped or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    return f"_{stripped}{name}"
