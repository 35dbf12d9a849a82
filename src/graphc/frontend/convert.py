"""From a function to its rewritten twin: read the source, run the passes, compile, tie the closure.

The twin is compiled under the user's file name with the user's lines and columns, and shares
the original's globals, defaults and closure cells; one more cell holds the forms. So
tracebacks, debuggers and `nonlocal` go on working, and nothing is added to the user's module.
"""

from __future__ import annotations
import __future__

import ast
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import astor

from ..errors import InternalError
from ..function_source import FunctionSource, get_source
from ..source import located, node_location
from .attempts import attempts
from .build import Namer, Unit, parameters, place, settle
from .desugar import desugar
from .exits import single_exit
from .fence import fence
from .hoist import hoist
from .rewrite import rewrite

# Every pass but the last leaves an ordinary Python function that means the same as the original.
PASSES: tuple[Callable[[Unit], None], ...] = (
    fence,  # first: messages speak of what the user wrote, and nothing later meets a refused node
    desugar,  # `match` becomes `if` before exits inside its cases are looked at
    single_exit,  # before hoisting: the test of a `while` gains its flags, and `continue` is gone
    hoist,  # a test is evaluated again at the end of the body, which now every path reaches
    attempts,  # what leaves a `try` is flags, and every name is bound by a statement
    rewrite,  # last: needs structured blocks and names bound by statements only
)

_FUTURE_FLAGS = 0
for _feature in __future__.all_feature_names:
    _FUTURE_FLAGS |= getattr(__future__, _feature).compiler_flag

# Python calls need no C stack, so a deep tree may recurse deeper than user code is allowed to.
_RECURSION_LIMIT = 30_000


@dataclass(frozen=True)
class Converted:
    """A rewritten function, its syntax tree, and the file of the original."""

    function: types.FunctionType | types.MethodType
    tree: ast.FunctionDef
    source_file: str


@dataclass(frozen=True)
class _Rewritten:
    """What conversions of the same code share."""

    code: types.CodeType
    tree: ast.FunctionDef
    forms_name: str


class _CodeTable:
    """A weak mapping by identity of code objects (equal code may come from different files)."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[weakref.ref, object]] = {}

    def get(self, code: types.CodeType) -> object | None:
        entry = self._entries.get(id(code))
        return entry[1] if entry is not None and entry[0]() is code else None

    def set(self, code: types.CodeType, value: object) -> None:
        key = id(code)

        def forget(ref: weakref.ref) -> None:
            if self._entries.get(key, (None,))[0] is ref:
                del self._entries[key]

        self._entries[key] = (weakref.ref(code, forget), value)


_CONVERSIONS = _CodeTable()
_CONVERTED = _CodeTable()
_LOCK = threading.RLock()


def convert(fn: Any, forms: object) -> Converted:
    """Rewrite a function into forms (docs/forms.md); the work is done once per code object.

    A bound method gives a bound method.

    Raises ConversionError, with the user's line, if the function uses syntax that the fence
    refuses or its source cannot be had.
    """
    with _LOCK:
        code: Any = getattr(fn, "__code__", None)
        shared: Any = _CONVERSIONS.get(code)
        if shared is None:
            shared = _convert_code(fn)
            _CONVERSIONS.set(fn.__code__, shared)
    if isinstance(fn, types.MethodType):
        inner: Any = fn.__func__
        new: Any = types.MethodType(_function(inner, shared, forms), fn.__self__)
    else:
        new = _function(fn, shared, forms)
    return Converted(new, shared.tree, fn.__code__.co_filename)


def names_of_results(fn: object) -> Any:
    """Return the variables that early returns set, in what a function or a part of it became."""
    code = getattr(getattr(fn, "func", fn), "__code__", None)
    found = _CONVERTED.get(code) if isinstance(code, types.CodeType) else None
    return frozenset() if found is None else found


def is_converted(fn: object) -> bool:
    """Say whether a function is the result of a conversion or was made inside one."""
    code = getattr(fn, "__code__", None)
    return isinstance(code, types.CodeType) and _CONVERTED.get(code) is not None


def transformed_source(converted: Converted) -> str:
    """Print the rewritten function, with astor where astor prints all of it faithfully."""
    tree = converted.tree
    with _deep_recursion():
        plain = ast.unparse(tree)
        try:
            text = astor.to_source(tree)
            if ast.unparse(ast.parse(text).body[0]) == plain:
                return text
        except (AttributeError, SyntaxError, ValueError, TypeError):
            pass  # a node kind that astor does not know
        return plain + "\n"


# ---- one conversion ----------------------------------------------------------------------------


def _convert_code(fn: types.FunctionType) -> _Rewritten:
    with _deep_recursion():
        source = get_source(fn)
        tree = _as_def(source)
        namer = Namer(tree)
        has_class_cell = "__class__" in fn.__code__.co_freevars
        unit = Unit(tree, source.file, source.class_name, namer.fresh("gc"), namer, has_class_cell)
        for run in PASSES:
            run(unit)
            settle(unit.tree)
        code = _compile(unit, fn)
    _register(code, frozenset(unit.results))
    return _Rewritten(code, unit.tree, unit.forms)


def _as_def(source: FunctionSource) -> ast.FunctionDef:
    """Return the function as a `def` without its decorators (they are what called us)."""
    tree = source.tree
    if isinstance(tree, ast.FunctionDef):
        tree.decorator_list = []
        return tree
    body = [place(ast.Return(tree.body), tree.body)]
    return place(ast.FunctionDef("lambda_", tree.args, body, [], None), tree)


def _compile(unit: Unit, fn: types.FunctionType) -> types.CodeType:
    """Compile the tree inside a function that owns the free names, and a class that mangles.

    Nothing of this is executed: only the code object is taken.
    """
    tree, free = unit.tree, fn.__code__.co_freevars
    body: list[ast.stmt] = [tree]
    if unit.class_name is not None:
        body = [place(ast.ClassDef(unit.class_name, [], [], [tree], []), tree)]
        if unit.class_name not in free:  # elsewhere the class's own name means the global one
            body.insert(0, ast.Global([unit.class_name]))
    elif tree.name not in free:  # the function's own name, in it, means the global one
        body.insert(0, ast.Global([tree.name]))
    factory = ast.FunctionDef("factory", parameters([unit.forms, *free]), body, [], None)
    module = ast.Module([place(factory, tree)], [])
    settle(module)
    flags = fn.__code__.co_flags & _FUTURE_FLAGS
    try:
        code = compile(module, unit.file, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, TypeError) as error:
        text = f"the rewritten function does not compile: {error}\n{ast.unparse(unit.tree)}"
        raise located(InternalError, text, node_location(unit.tree, unit.file)) from error
    depth = 2 if unit.class_name is not None else 1
    for _ in range(depth):
        code = next(_inner_codes(code))
    code = next(c for c in _inner_codes(code) if c.co_name == unit.tree.name)
    return _renamed(code, fn.__code__, unit.generated)


def _inner_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    return (const for const in code.co_consts if isinstance(const, types.CodeType))


def _renamed(code: types.CodeType, original: types.CodeType, generated: set[str]) -> types.CodeType:
    """Give the code, and the user's functions in it, the qualified names they had."""

    def rename(code: types.CodeType, name: str, prefix: str) -> types.CodeType:
        qualname = f"{prefix}{name}"
        inner = prefix if name in generated else f"{qualname}.<locals>."
        consts = tuple(
            rename(const, const.co_name, inner) if isinstance(const, types.CodeType) else const
            for const in code.co_consts
        )
        return code.replace(co_name=name, co_qualname=qualname, co_consts=consts)

    prefix = original.co_qualname[: len(original.co_qualname) - len(original.co_name)]
    return rename(code, original.co_name, prefix)


def _register(code: types.CodeType, results: frozenset[str]) -> None:
    """Note a code object and all codes in it as converted."""
    _CONVERTED.set(code, results)
    for inner in _inner_codes(code):
        _register(inner, results)


def _function(fn: types.FunctionType, shared: _Rewritten, forms: object) -> types.FunctionType:
    """Make the twin of one function object: its own closure, defaults and attributes."""
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    cells[shared.forms_name] = types.CellType(forms)
    closure = tuple(cells[name] for name in shared.code.co_freevars)
    new = types.FunctionType(shared.code, fn.__globals__, fn.__name__, fn.__defaults__, closure)
    new.__kwdefaults__ = dict(fn.__kwdefaults__) if fn.__kwdefaults__ else None
    new.__annotations__ = fn.__annotations__
    new.__doc__, new.__module__, new.__qualname__ = fn.__doc__, fn.__module__, fn.__qualname__
    new.__dict__.update(fn.__dict__)
    return new


@contextmanager
def _deep_recursion():
    """Allow deep trees for the time of a conversion."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
