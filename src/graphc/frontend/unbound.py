"""Names without a value: not assigned on this path, or bound to what no graph can hold."""

from __future__ import annotations

from typing import Any

from graphc.frontend.refusals import refusal
from graphc.ops.basic import unbound_error
from graphc.ops.tensor import Tensor


class UnboundName:
    """The state of a name that has not been assigned on this path."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<unbound {self.name}>"

    def error(self, **free: bool) -> Exception:
        return unbound_error(self.name, **free)


class LostName(UnboundName):
    """The state of a name that some path binds to an object no graph can hold: it may not be read.

    `with GradientTape() as t:` in a staged loop binds `t` in every iteration; what matters is that
    nobody asks for it after the loop.
    """

    __slots__ = ("found",)

    def __init__(self, name: str, found: Any) -> None:
        super().__init__(name)
        self.found = show(found)

    def error(self, **free: bool) -> Exception:
        return refusal("object out of a loop", name=self.name, found=self.found)


def show(leaf: Any) -> str:
    if isinstance(leaf, UnboundName):
        return "unbound"
    if isinstance(leaf, Tensor):
        return f"a tensor of type {leaf.type}"
    return f"{leaf!r:.40} (a {type(leaf).__name__})"
