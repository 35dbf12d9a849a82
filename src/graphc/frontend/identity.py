"""`is` and `in` on traced values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from graphc.frontend.builtin_calls import any_equal
from graphc.frontend.chosen import Chosen
from graphc.frontend.chosen_uses import each, is_one
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import truth
from graphc.frontend.values import is_traced
from graphc.ir.core import Op
from graphc.ir.opdef import opdef
from graphc.ir.types import PYBOOL, WEAK_OF, Maybe, Nothing
from graphc.ops.list_items import staged_sequence
from graphc.ops.python_types import stands_for
from graphc.ops.tensor import Tensor, apply


def is_(a: Any, b: Any) -> Any:
    """`a is b`: staged for None and the Python bools, which traced values may turn out to be."""
    if isinstance(a, Chosen) or isinstance(b, Chosen):
        return is_one(a, b, is_)
    if isinstance(b, Tensor) and not isinstance(a, Tensor):
        a, b = b, a
    if not isinstance(a, Tensor) or not a.is_traced:
        return a is b
    t = a.type
    if b is None:
        return apply("is_none", a) if isinstance(t, Maybe) else isinstance(t, Nothing)
    if type(b) is bool:
        if t == PYBOOL:
            return a if b else apply("not", a)
        # Where paths have met, the type is an upper bound: the value may be a Python bool.
        return apply("is_bool", a, value=b) if may_be_bool(a) else False
    if not isinstance(b, Tensor) or a._data is b._data:
        return a is b or isinstance(b, Tensor)
    if a.type == b.type == PYBOOL:
        return apply("eq", a, b)
    if WEAK_OF.get(stands_for(a.array_type)) == a.type and a.type == b.type:
        raise refusal("identity of numbers")
    return False


def may_be_bool(x: Tensor) -> bool:
    """Whether a value whose type is not Python's bool may be one: paths have met, or it is None."""
    owner = x._data.owner
    met = not isinstance(owner, Op) or opdef(owner).family == "structured" or owner.name == "bound"
    return met or isinstance(x.type, Maybe)


def contains(a: Any, b: Any, or_: Callable[..., Any]) -> Any:
    """`a in b`"""
    if isinstance(b, Chosen):
        return each(b, lambda way: contains(a, way, or_))
    if isinstance(a, Chosen) and not isinstance(b, list | tuple | dict | set | frozenset):
        return each(a, lambda way: contains(way, b, or_))
    if isinstance(b, np.ndarray) and is_traced(a) or isinstance(b, Tensor):
        return any_equal(a, b)
    if staged_sequence(b) is not None:
        return b.contains(a)
    if isinstance(b, list | tuple | dict | set | frozenset) and (is_traced(a) or is_traced(b)):
        tests = [lambda item=item: item is a or item == a for item in b]
        return or_(tests[0](), *tests[1:]) if tests else False
    own = getattr(type(b), "__contains__", None)
    return truth(own(b, a)) if isinstance(own, FunctionType) else operator.contains(b, a)
