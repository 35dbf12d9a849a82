"""Runs a function as written and as rewritten, and compares everything a user can observe."""

from __future__ import annotations

import contextlib
import copy
import io
from dataclasses import dataclass, field

from graphc.frontend.convert import convert, is_converted
from tests.frontend.plain_forms import PlainForms


@dataclass
class Observed:
    """What running a function showed: value or exception, printed text, arguments afterwards."""

    value: object = None
    error: tuple[str, str] | None = None
    printed: str = ""
    arguments: tuple = field(default=())


def observe(fn, args) -> Observed:
    """Run on copies of the arguments."""
    args = copy.deepcopy(args)
    seen, printed = Observed(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            seen.value = fn(*args)
        except Exception as error:
            seen.error = (type(error).__name__, str(error))
    seen.printed, seen.arguments = printed.getvalue(), args
    return seen


def converting_forms() -> PlainForms:
    """Forms whose `call` converts the functions it calls, as the real one does, where it can."""

    def call(fn, *args, **kwargs):
        is_ours = (getattr(fn, "__module__", None) or "").startswith("tests.frontend.programs")
        if is_ours and hasattr(fn, "__code__") and not is_converted(fn):
            fn = convert(fn, forms).function
        return fn(*args, **kwargs)

    forms = PlainForms(call)
    return forms


def assert_same(fn, *arguments, forms=None) -> None:
    """Assert that a function and its rewritten twin do the same on every tuple of arguments."""
    new = convert(fn, forms or PlainForms()).function
    for args in arguments or ((),):
        assert observe(new, args) == observe(fn, args), args
