"""Python names for the program's variables: the user's own where possible, always distinct."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

_RESERVED = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "np", "k", "count", "UNBOUND"}
_CONSTANT = re.compile(r"c\d+|_\d*_?")  # the constants table, the placeholders of templates, `_`


class Names:
    """Hands out identifiers that were not handed out before."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def copy(self) -> Names:
        """Names of a scope inside this one."""
        new = Names()
        new._taken, new._next = self._taken.copy(), self._next.copy()
        return new

    def fresh(self, hint: str) -> str:
        """A new name like `hint`: `b`, then `b_1`, `b_2`, …"""
        base = identifier(hint)
        name, number = base, self._next.get(base, 1)
        while name in self._taken or name in _RESERVED or _CONSTANT.fullmatch(name):
            name = f"{base}_{number}"
            number += 1
        self._next[base] = number
        self._taken.add(name)
        return name

    def temporary(self, prefix: str = "t") -> str:
        """A new name for what the user did not name: `t1`, `t2`, …"""
        number = self._next.get(f"{prefix}#", 1)
        while f"{prefix}{number}" in self._taken:
            number += 1
        self._next[f"{prefix}#"] = number + 1
        self._taken.add(f"{prefix}{number}")
        return f"{prefix}{number}"


def identifier(hint: str) -> str:
    """`hint` made an identifier; Python compares identifiers in normal form KC."""
    name = unicodedata.normalize("NFKC", hint)
    if not name.isidentifier():
        name = re.sub(r"\W", "_", name)
        name = re.sub(r"[^\x00-\x7f]", "_", name)
    if not name or not name.isidentifier():
        name = f"v_{name}"
    return name if name.isidentifier() else "v"
