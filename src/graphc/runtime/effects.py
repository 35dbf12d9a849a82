"""Kernels of the effect ops (`ops/control.py`): printing and raising."""

from __future__ import annotations

from typing import Any

# A part of a text is a string, or (conversion, format spec) for the next operand: see `render`.
Parts = tuple[Any, ...]


def render(parts: Parts, operands: tuple[Any, ...]) -> str:
    """Put formatted operands between literal strings, as an f-string does.

    >>> render(("x = ", ("r", ""), "!"), (1.5,))
    'x = 1.5!'
    """
    values = iter(operands)
    return "".join(part if isinstance(part, str) else _format(part, next(values)) for part in parts)


def _format(part: tuple[str, str], value: Any) -> str:
    conversion, spec = part
    if conversion == "r":
        value = repr(value)
    elif conversion == "s":
        value = str(value)
    elif conversion == "a":
        value = ascii(value)
    elif conversion == "%":
        return spec % (value,)
    return format(value, spec)


def print_parts(*operands: Any, parts: Parts) -> tuple[()]:
    print(render(parts, operands), end="")
    return ()


def raise_parts(*operands: Any, kind: type[BaseException], args: tuple[Any, ...]) -> tuple[()]:
    """Raise `kind(*args)`; an argument that is ('text', parts) takes operands, ('value',) one."""
    values = list(operands)
    built = []
    for arg in args:
        if isinstance(arg, tuple) and arg and arg[0] == "text":
            count = sum(not isinstance(part, str) for part in arg[1])
            built.append(render(arg[1], tuple(values[:count])))
            del values[:count]
        elif isinstance(arg, tuple) and arg == ("value",):
            built.append(values.pop(0))
        else:
            built.append(arg)
    raise kind(*built)


def unreachable() -> tuple[()]:
    raise AssertionError("unreachable: the forward program raised here")
