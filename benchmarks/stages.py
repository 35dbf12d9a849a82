"""The stages of a first call, timed one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.frontend.convert import convert as front_end


def convert(f: Callable[..., Any]) -> None:
    """The front end alone: read the source, rewrite it, compile the result."""
    front_end(f, forms=None)  # type: ignore[arg-type]
