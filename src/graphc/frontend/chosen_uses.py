"""What is done with a Chosen is done with each thing that it may be, in a branch of its own.

    fn = np.sin if x > 0 else np.cos; fn(y)
        →   np.sin(y) where the tag says np.sin, else np.cos(y)

What such a branch raises is raised when it runs: `None[0]` where a tuple was not found. Asking
which of several texts or objects it is needs no branches: that is a question to the tag.
"""

from __future__ import annotations

import dis
import functools
import operator
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from types import FunctionType, MethodType
from typing import Any

from graphc.errors import GraphcError
from graphc.frontend.branches import decide_now, stage_if
from graphc.frontend.chosen import Chosen
from graphc.frontend.facts import possible
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import truth
from graphc.frontend.unbound import UnboundName
from graphc.frontend.user_classes import is_users, original_of
from graphc.ir.core import Op, Value
from graphc.ir.types import UNBOUND, Maybe, Nothing
from graphc.ops.tensor import Tensor, apply
from graphc.ops.trace import current_trace
from graphc.source import user_frame

Use = Callable[[Any], Any]
PLAIN: tuple[type, ...] = (str, bytes, type(None), type, FunctionType, Enum)
BINARY = (
    "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift divmod"
).split()  # fmt: skip
UNARY = ("neg", "pos", "abs", "invert")
COMPARISONS = ("lt", "le", "gt", "ge")
ATTRIBUTES = (
    "__name__",
    "__qualname__",
    "__doc__",
)  # of those with underscores, what users ask for
# These take a Chosen as it is; functions and classes of the user's do, too.
TAKES_ALL = (print, str, repr, format, map, filter, functools.reduce, dict)
STORES = ("append", "appendleft", "insert", "extend", "setdefault", "update", "format")


def each(x: Chosen, how: Use) -> Any:
    """`how(x)`: staged, one branch for each thing that x may be."""
    trace = current_trace()
    assert trace is not None, "there is a Chosen only while tracing"
    ways = list(possible(trace, x).items())

    def go_on(at: int) -> Any:
        tag, way = ways[at]
        if at == len(ways) - 1:
            return how(known_to_be(way))
        test = truth(x._graphc_tag == tag)
        if not isinstance(test, Tensor):
            return how(known_to_be(way)) if test else go_on(at + 1)
        arms = (lambda: (how(known_to_be(way)),)), (lambda: (go_on(at + 1),))
        return stage_if(trace, test, arms, (), ("value",))[0]

    return go_on(0)


def known_to_be(way: Any) -> Any:
    """What x is where it is this: there, its numbers are not unbound."""
    if isinstance(way, Tensor):
        is_open = isinstance(way.type, Maybe) and getattr(way.type.type, "shape", None) == ()
        return apply("assume", way) if is_open and not may_be_none(way._data) else way
    if not isinstance(way, tuple):
        return way
    items = [known_to_be(item) for item in way]
    if all(map(operator.is_, items, way)):
        return way
    return type(way)._make(items) if hasattr(way, "_make") else tuple(items)


def may_be_none(value: Value) -> bool:
    """Whether a value that branches have chosen may be None, as far as can be seen."""
    todo, seen = [value], {value}
    while todo:
        v = todo.pop()
        if v.is_literal and v.literal is UNBOUND or not isinstance(v.type, Maybe | Nothing):
            continue
        if not isinstance(v.owner, Op) or v.owner.name != "if":
            return True
        arms = [arm for arm in v.owner.regions if not arm.never]
        found = {arm.results[v.owner.results.index(v)] for arm in arms} - seen
        todo += found
        seen |= found
    return False


def use(x: Any, how: Use) -> Any:
    """`how(x)`, once for each thing that x may be."""
    return each(x, how) if isinstance(x, Chosen) else how(x)


def asked(x: Chosen, question: Use) -> Any:
    """A question about a Chosen: to its tag, where the answer is known for all that it may be."""
    ways = x._graphc_ways
    if not all(isinstance(way, PLAIN) for way in ways.values()):
        return each(x, question)
    yes = [tag for tag, way in ways.items() if question(way)]
    if len(yes) in (0, len(ways)):
        return bool(yes)
    first, *more = [x._graphc_tag == tag for tag in yes]
    for other in more:
        first = apply("bitwise_or", first, other)
    return first


def is_one(x: Any, other: Any, is_: Callable[[Any, Any], Any]) -> Any:
    """`x is other`, of which at least one is a Chosen."""
    if not isinstance(x, Chosen):
        x, other = other, x
    ways = x._graphc_ways.values()
    if isinstance(other, Chosen | Tensor) or any(isinstance(way, Tensor) for way in ways):
        return each(x, lambda way: is_(way, other))
    yes = [tag for tag, way in x._graphc_ways.items() if way is other]
    return x._graphc_tag == yes[0] if yes else False


def getitem(x: Any, key: Any) -> Any:
    """`x[key]`"""
    return use(key, lambda key: x[key])


def may_be_unbound(x: Chosen) -> bool:
    return any(isinstance(way, UnboundName) for way in x._graphc_ways.values())


def never_unbound(x: Any) -> Any:
    """What a function returns is bound, though a variable that held it may not always have been."""
    if not isinstance(x, Chosen) or not may_be_unbound(x):
        return x
    ways = {t: way for t, way in x._graphc_ways.items() if not isinstance(way, UnboundName)}
    return Chosen(x._graphc_tag, ways) if len(ways) > 1 else next(iter(ways.values()))


# -- calls -----------------------------------------------------------------------------------------


def first_chosen(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | str | None:
    """The argument for each of whose ways a call is to be made: its place or name."""
    places: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
    found = next((place for place, x in places if isinstance(x, Chosen)), None)
    return None if found is None or takes_chosen(fn) else found


def takes_chosen(fn: Any) -> bool:
    """Whether a function is given a Chosen as it is."""
    fn = original_of(fn)
    if isinstance(fn, type) and issubclass(fn, BaseException) or any(fn is x for x in TAKES_ALL):
        return True
    if isinstance(getattr(fn, "__self__", None), list | dict | deque | str):
        return fn.__name__ in STORES
    made_by: Any = fn if isinstance(fn, type | FunctionType | MethodType) else type(fn)
    return is_users(made_by)


def with_argument(args: Any, kwargs: Any, place: int | str, x: Any) -> tuple[Any, Any]:
    if isinstance(place, str):
        return args, {**kwargs, place: x}
    return (*args[:place], x, *args[place + 1 :]), kwargs


# -- operators -------------------------------------------------------------------------------------


def _binary(name: str) -> tuple[Any, Any]:
    operate = divmod if name == "divmod" else getattr(operator, f"__{name}__")
    return (
        lambda self, other: each(self, lambda way: operate(way, other)),
        lambda self, other: each(self, lambda way: operate(other, way)),
    )


def _unary(name: str) -> Any:
    operate = getattr(operator, f"__{name}__")
    return lambda self: each(self, operate)


def _comparison(name: str) -> Any:
    operate = getattr(operator, f"__{name}__")

    def compare(self: Chosen, other: Any) -> Any:
        how = asked if isinstance(other, PLAIN) and name in ("eq", "ne") else each
        return how(self, lambda way: operate(way, other))

    return compare


def _iterate(self: Chosen) -> Iterator[Any]:
    count = unpacked_count()
    items = each(self, tuple if count is None else lambda way: _unpacked(way, count))
    if not isinstance(items, tuple):
        raise refused(self, "items of several things")
    return iter(items)


def unpacked_count() -> int | None:
    """How many variables the user's statement unpacks an iterable into, if it does that."""
    frame = user_frame()
    if frame is None:
        return None
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if code[at] == dis.opmap["UNPACK_SEQUENCE"] else None


def _unpacked(x: Any, count: int) -> tuple[Any, ...]:
    if not hasattr(type(x), "__iter__"):
        raise TypeError(f"cannot unpack non-iterable {type(x).__name__} object")
    items = tuple(x)
    if len(items) > count:
        raise ValueError(f"too many values to unpack (expected {count})")
    if len(items) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(items)})")
    return items


def _attribute(self: Chosen, name: str) -> Any:
    if name.startswith("__") and name not in ATTRIBUTES:
        raise AttributeError(name)
    return each(self, lambda way: getattr(way, name))


def refused(x: Chosen, row: str, **fields: Any) -> GraphcError:
    """The refusal of what cannot be done with a Chosen; or the request to know which it is."""
    error = refusal(row, **fields)
    return decide_now(x._graphc_tag, error) if isinstance(x._graphc_tag, Tensor) else error


def _hash(self: Chosen) -> int:
    raise refused(self, "chosen key", what=repr(self))


def _install() -> None:
    made: dict[str, Any] = {
        "__getitem__": lambda self, key: each(self, lambda way: way[key]),
        "__bool__": lambda self: each(self, truth),
        "__iter__": _iterate,
        "__getattr__": _attribute,
        "__hash__": _hash,
    }
    for name in BINARY:
        made[f"__{name}__"], made[f"__r{name}__"] = _binary(name)
    made |= {f"__{name}__": _unary(name) for name in UNARY}
    made |= {f"__{name}__": _comparison(name) for name in (*COMPARISONS, "eq", "ne")}
    for name, method in made.items():
        setattr(Chosen, name, method)


_install()
