"""`min`, `max`, `sorted`, `sum`, `any` and `all` on traced values: rows of
`builtin_calls.HANDLERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphc import tree
from graphc.errors import TensorTypeError
from graphc.frontend.cells import rebinds
from graphc.frontend.generators import Generator, collect, gathered
from graphc.frontend.iterables import StagedIterable, as_staged, consume
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import truth
from graphc.frontend.values import is_traced, traced
from graphc.ir.types import Array
from graphc.ops.list_items import as_sequence, staged_sequence
from graphc.ops.tensor import Tensor, apply

Handler = Callable[..., Any]
NOT_GIVEN = object()
MAX_NESTED = 40  # items of a generator that `any` and `all` ask one within the other


# -- min, max --------------------------------------------------------------------------------------


def extreme(python: Handler, fold: Handler) -> Handler:
    """The handler of `min` or `max`."""
    name = python.__name__

    def handler(caller: Any, *args: Any, key: Any = None, default: Any = NOT_GIVEN) -> Any:
        if not args:
            return python()
        items = gathered(caller.forms, args[0], caller.trace) if len(args) == 1 else args
        if staged_sequence(items) is not None and (key is not None or not _has_numbers(items)):
            found = _staged_extreme(caller, items, key, python)
            return _or_default(caller, items, found, default, python)
        if _is_empty(items) and default is NOT_GIVEN:
            return python([])
        whole = _of_whole(caller, items, name, fold) if key is None and len(args) == 1 else None
        if whole is not None:
            return _or_default(caller, items, whole, default, python)
        listed = listed_items(caller, items)
        keys = listed if key is None else [caller(key, item) for item in listed]
        if not listed and default is not NOT_GIVEN:
            return default
        if not any(map(is_traced, keys)):
            return python(listed, key=_next_of(keys)) if listed else python(listed)
        if all(map(_is_number, keys)) and key is None:
            return fold(*listed)
        values, width = comparable(keys, name)
        index = apply("py_first", *values, width=width, largest=python is max)
        return pick(index, listed, name)

    return handler


def _next_of(keys: list[Any]) -> Callable[[Any], Any]:
    """A key function that gives keys which are known already, in order."""
    left = iter(keys)
    return lambda item: next(left)


def _of_whole(caller: Any, items: Any, name: str, fold: Handler) -> Callable[[], Any] | None:
    """What finds the extreme of an array, or of a list of unknown length, at once."""
    if isinstance(items, Tensor) and items.is_traced and items.array_type.ndim < 2:
        return lambda: apply(f"py_{name}_of", items)
    if staged_sequence(items) is not None:
        loop = caller.forms.for_
        return lambda: loop(items, lambda x, m: (fold(m, x),), (items[0],), (name,))[0]
    return None


def _has_numbers(staged: Any) -> bool:
    kind = staged.sequence.type.elem
    return isinstance(kind, Array) and not kind.shape


def _staged_extreme(caller: Any, staged: Any, key: Any, python: Handler) -> Callable[[], Any]:
    """The first item of a list of unknown length whose key is the largest or smallest."""
    keys = keys_of(caller, staged, key)

    def whole() -> Any:
        index = apply("seq_extreme", as_sequence(keys), largest=python is max)
        return staged[index]

    return whole


def keys_of(caller: Any, items: Any, key: Any) -> Any:
    """The keys of the items of a list, as a list."""
    if key is None:
        return items
    if as_staged(items, caller.trace) is None or rebinds(key):
        return [caller(key, item) for item in items]
    return collect(caller.forms, items, lambda item: caller(key, item))


def sort(caller: Any, owner: Any, *, key: Any = None, reverse: Any = False) -> None:
    """`owner.sort()`"""
    if staged_sequence(owner) is None:
        owner[:] = sorted_(caller, list(owner), key=key, reverse=reverse)
    else:
        owner.sort_by(keys_of(caller, owner, key), bool(reverse))


def _or_default(
    caller: Any, items: Any, whole: Callable[[], Any], default: Any, python: Handler
) -> Any:
    if _is_empty(items):
        return default
    if default is NOT_GIVEN and staged_sequence(items) is None:
        return whole()  # the op raises Python's error
    length = caller(len, items)
    arms = (lambda: (whole(),), lambda: (python([]) if default is NOT_GIVEN else default,))
    return caller.forms.if_(length > 0, *arms, (), ("extreme",))[0]


def _is_empty(items: Any) -> bool:
    return isinstance(items, Tensor) and items.array_type.shape[:1] == (0,)


# -- sorted ----------------------------------------------------------------------------------------


def sorted_(caller: Any, iterable: Any, *, key: Any = None, reverse: Any = False) -> list[Any]:
    """`sorted(iterable)`: a list in an order that is known when the graph runs."""
    iterable = gathered(caller.forms, iterable, caller.trace)
    if staged_sequence(iterable) is not None:
        made = iterable.copy()
        made.sort_by(keys_of(caller, made, key), bool(reverse))
        return made  # type: ignore[no-any-return]
    listed = listed_items(caller, iterable)
    keys = listed if key is None else [caller(key, item) for item in listed]
    if not any(map(is_traced, keys)):
        made = sorted(listed, key=_next_of(keys), reverse=reverse)
    else:
        values, width = comparable(keys, "sorted")
        order = apply("py_order", *values, width=width, reverse=bool(reverse))
        places = [apply("python", order[i], kind="i") for i in range(len(listed))]
        made = [pick(place, listed, "sorted") for place in places]
    caller.trace.local_ids[id(made)] = (made, caller.trace.region)
    return made


def comparable(keys: list[Any], name: str) -> tuple[list[Any], int]:
    """Keys as operands, and how many each takes (0: numbers, not tuples)."""
    flat = [tree.flatten(key) for key in keys]
    structure = flat[0][1]
    same = all(other == structure for _, other in flat)
    width = len(structure.children) if isinstance(structure, tree.Node) else 0
    flat_tuple = structure == tree.Node(tuple, None, (tree.LEAF,) * width)
    leaves = [leaf for found, _ in flat for leaf in found]
    if not (same and (structure == tree.LEAF or flat_tuple) and all(map(_is_number, leaves))):
        raise refusal("order of objects", name=name)
    return leaves, width


def _is_number(x: Any) -> bool:
    if isinstance(x, Tensor) and x.is_traced:
        return isinstance(x.type, Array) and not x.type.shape
    return isinstance(x, int | float)


def pick(index: Any, items: list[Any], name: str) -> Any:
    """`items[index]` for a traced index: leaf by leaf."""
    flat = [tree.flatten(item) for item in items]
    structure = flat[0][1]
    if any(other != structure for _, other in flat):
        raise refusal("choice of objects", name=name, kind=type(items[0]).__name__)
    columns = list(zip(*(leaves for leaves, _ in flat), strict=True))
    return tree.unflatten(structure, [_pick_leaf(index, column, name) for column in columns])


def _pick_leaf(index: Any, column: tuple[Any, ...], name: str) -> Any:
    first = column[0]
    if all(leaf is first for leaf in column):
        return first
    if not all(isinstance(leaf, Tensor | int | float) for leaf in column):
        raise refusal("choice of objects", name=name, kind=type(first).__name__)
    return apply("py_pick", index, *column)


# -- sum, any, all ---------------------------------------------------------------------------------


def sum_(caller: Any, items: Any, /, start: Any = 0) -> Any:
    """One after the other, as Python adds."""
    if isinstance(items, Generator) or as_staged(items, caller.trace) is not None:
        return caller.forms.for_(items, lambda item, s: (s + item,), (start,), ("sum",))[0]
    if isinstance(start, str):
        return sum(items, start)
    total = start
    for item in consume(items, caller.trace):
        total = total + item
    return total


def prod(caller: Any, items: Any, /, *, start: Any = 1) -> Any:
    """math.prod: one after the other."""
    return caller.forms.for_(items, lambda item, p: (p * item,), (start,), ("prod",))[0]


def of_arrays(python: Handler) -> Handler:
    """The handler of a function of iterables of numbers, whose op takes arrays."""

    def handler(caller: Any, *iterables: Any) -> Any:
        listed = [gathered(caller.forms, x, caller.trace) for x in iterables]
        if not any(is_traced(x) or staged_sequence(x) is not None for x in listed):
            return python(*listed)
        arrays = [caller(np.asarray, x if isinstance(x, Tensor) else list_of(x)) for x in listed]
        return apply(f"math_{python.__name__}", *arrays)

    return handler


def fromiter(caller: Any, items: Any, dtype: Any, count: Any = -1, *, like: Any = None) -> Any:
    """np.fromiter: an array of all items."""
    if count != -1 or like is not None or isinstance(items, Tensor | np.ndarray):
        raise refusal("unsupported function", name="numpy.fromiter of an array, with count or like")
    items = gathered(caller.forms, items, caller.trace)
    listed = items if staged_sequence(items) is not None else list(consume(items, caller.trace))
    return caller(np.array, listed, dtype=dtype)


def list_of(items: Any) -> Any:
    return items if isinstance(items, list | np.ndarray) else list(items)


def all_any(python: Handler) -> Handler:
    """The handler of `any` or `all`: like `or` and `and`, except that the result is a bool."""
    stop_at = python is any

    def handler(caller: Any, items: Any) -> Any:
        if isinstance(items, Tensor) and items.is_traced and items.array_type.ndim == 1:
            return apply("truth", apply(python.__name__, items, axis=None, keepdims=False))
        if isinstance(items, Generator) or as_staged(items, caller.trace) is not None:
            return _loop(caller, items, stop_at)
        if isinstance(items, Iterator):  # the items are made as they are asked for
            return _one_by_one(caller, consume(items, caller.trace), stop_at, 0)
        result: Any = not stop_at
        for item in items:
            p = truth(item)
            if p is stop_at:
                return _either(result, p, stop_at)
            result = _either(result, p, stop_at)
        return result

    return handler


def _either(a: Any, b: Any, is_or: bool) -> Any:
    if not isinstance(a, Tensor):
        return b if a is not is_or else a
    return apply("truth", apply("logical_or" if is_or else "logical_and", a, b))


def _loop(caller: Any, items: Any, stop_at: bool) -> Any:
    def body(item: Any, found: Any) -> tuple[Any, ...]:
        return (truth(item),)

    def go_on(found: Any) -> Any:
        return caller.forms.not_(found) if stop_at else found

    return caller.forms.for_(items, body, (not stop_at,), ("found",), go_on)[0]


def _one_by_one(caller: Any, items: Iterator[Any], stop_at: bool, depth: int) -> Any:
    for item in items:
        p = truth(item)
        if p is stop_at:
            return p
        if isinstance(p, Tensor):
            break
    else:
        return not stop_at
    if depth >= MAX_NESTED:
        raise refusal("long generator", name="any" if stop_at else "all", most=MAX_NESTED)
    rest = caller.forms.or_ if stop_at else caller.forms.and_
    return rest(p, lambda: _one_by_one(caller, items, stop_at, depth + 1))


# -- items -----------------------------------------------------------------------------------------


def listed_items(caller: Any, items: Any) -> list[Any]:
    """The items of an iterable as a list; refused where their number is not known."""
    items = gathered(caller.forms, items, caller.trace)
    if traced(items) and not items.array_type.shape:
        raise TensorTypeError("iteration over a 0-d array")
    if isinstance(items, StagedIterable):
        return list(items)
    return list(consume(items, caller.trace))
