"""Modules of the user's as traced code sees them: their variables are read through shadows."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

from graphc.frontend.user_classes import LIBRARIES

Read = Callable[[], Any]


def is_library(x: Any) -> bool:
    """Whether something is a module whose variables are taken to stay what they are."""
    if not isinstance(x, types.ModuleType) or x.__name__ == "__main__":
        return False
    root = str(x.__name__).partition(".")[0]
    return root in LIBRARIES or root in sys.stdlib_module_names


class ShadowModule(types.ModuleType):
    """Stands for a module; `look_up` gives the shadow of what a `Read` finds."""

    def __init__(self, module: types.ModuleType, look_up: Callable[[Read], Any]) -> None:
        own = vars(self)
        own.clear()
        own["_original"], own["_look_up"] = module, look_up
        own["__doc__"] = module.__doc__  # not the class's

    def __getattr__(self, name: str) -> Any:
        module = self._original
        getattr(module, name)  # or Python's own AttributeError
        found = vars(self)[name] = self._look_up(lambda: getattr(module, name, None))
        return found

    def __dir__(self) -> list[str]:
        return dir(self._original)

    def __repr__(self) -> str:
        return repr(self._original)
