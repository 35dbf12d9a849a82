"""Lists and generators made of what a staged loop goes over: comprehensions, `list()`, `map`.

    [f(x) for x in out]              a loop that appends f(x) to a new staged list
    (f(x) for x in out), map(f, out) the items of `out`, each to become f(x) in the loop that asks

Where the number of items is known while tracing, or to the caller, Python itself makes the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphc.frontend.iterables import StagedIterable, as_staged, consume
from graphc.ops.list_items import is_staged, staged_sequence
from graphc.ops.lists import TracedList, made_list
from graphc.ops.static import known_to_caller
from graphc.ops.tensor import Tensor
from graphc.ops.trace import Trace, current_trace

Shape = Any  # of a target: None for a name, a tuple of shapes for names to unpack into


def of_unknown_length(iterable: Any, trace: Trace) -> StagedIterable | None:
    """What a loop can go over, where only the program that runs can know how many items it has."""
    if not (is_staged(iterable) or isinstance(iterable, StagedIterable)):
        return None
    staged = as_staged(iterable, trace)
    if staged is None or staged.length is not None:
        return None
    return None if all(map(known_to_caller, staged.sequences)) else staged


def mapped(staged: StagedIterable, fn: Callable[[Any], Any]) -> StagedIterable:
    """The items of a staged iterable, each as what a function makes of it."""
    build, unrolled = staged.build, staged.unrolled
    made = StagedIterable(
        staged.sequences,
        lambda items: fn(build(items)),
        lambda: (fn(item) for item in unrolled()),
        staged.length,
    )
    made.arrays = staged.arrays
    return made


def collect(forms: Any, staged: Any, method: str = "append") -> TracedList:
    """A list of the items of a staged iterable."""
    made = made_list()

    def body(item: Any) -> tuple[()]:
        forms.call(getattr(made, method), item)
        return ()

    forms.for_(staged, body, (), ())
    return made


def chosen(caller: Any, fn: Any, iterable: Any) -> StagedIterable:
    """`filter(fn, iterable)`"""
    forms, made = caller.forms, made_list()

    def body(item: Any) -> tuple[()]:
        test = item if fn is None else caller(fn, item)
        arms = (lambda: (forms.call(made.append, item), ())[1], lambda: ())
        return forms.if_(test, *arms, (), ())  # type: ignore[no-any-return]

    forms.for_(iterable, body, (), ())
    staged = as_staged(made, caller.trace)
    assert staged is not None
    return staged.iterator(caller.trace)


def listed(forms: Any, iterable: Any, trace: Trace) -> TracedList | None:
    """An iterable of unknown length as a list; None for what Python itself can go over."""
    if staged_sequence(iterable) is not None:
        return iterable  # type: ignore[no-any-return]
    staged = of_unknown_length(iterable, trace)
    return None if staged is None else collect(forms, iterable)


def listcomp(
    forms: Any, iterable: Any, body: Callable[..., Any], shape: Shape, is_flat: bool
) -> Any:
    """`[body for shape in iterable]`; the items of those lists, if it is flat."""
    trace = current_trace()
    each = _on_parts(body, shape)
    staged = None if trace is None else of_unknown_length(iterable, trace)
    if staged is not None and trace is not None:
        consume(iterable, trace)
        return collect(forms, mapped(staged, each), "extend" if is_flat else "append")
    items = iterable if trace is None else consume(iterable, trace)
    made = [part for item in items for part in each(item)] if is_flat else list(map(each, items))
    return forms.local(made)


def genexp(forms: Any, iterable: Any, body: Callable[..., Any], shape: Shape) -> Any:
    """`(body for shape in iterable)`"""
    trace = current_trace()
    each = _on_parts(body, shape)
    staged = None if trace is None else of_unknown_length(iterable, trace)
    if staged is not None and trace is not None:
        consume(iterable, trace)
        return mapped(staged, each).iterator(trace)
    iterator = iter(iterable)  # at once, as Python does
    return forms.local(each(item) for item in iterator)


def _on_parts(body: Callable[..., Any], shape: Shape) -> Callable[[Any], Any]:
    return body if shape is None else lambda item: body(*_parts(item, shape))


def _parts(item: Any, shape: Shape) -> Iterator[Any]:
    """What the names of a target are bound to."""
    for part, inner in zip(exactly(item, len(shape)), shape, strict=True):
        if inner is None:
            yield part
        else:
            yield from _parts(part, inner)


def exactly(x: Any, count: int) -> Any:
    """`x` unpacked into so many names; the errors are Python's."""
    if is_staged(x) and not isinstance(x, Tensor):
        return x.unpacked(count)
    found = list(_iterator(x))
    if len(found) > count:
        raise ValueError(f"too many values to unpack (expected {count})")
    if len(found) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(found)})")
    return found


def starred(x: Any, before: int, after: int) -> tuple[Any, ...]:
    """`a, *b, c = x`: what the names before the star are bound to, a list, and those behind it."""
    if is_staged(x) and not isinstance(x, Tensor):
        x = x.checked(before + after, None)
        rest = x[before : -after or None]
        return *(x[i] for i in range(before)), rest, *(x[i - after] for i in range(after))
    found = list(_iterator(x))
    if len(found) < before + after:
        raise ValueError(
            f"not enough values to unpack (expected at least {before + after}, got {len(found)})"
        )
    end = len(found) - after
    return *found[:before], found[before:end], *found[end:]


def _iterator(x: Any) -> Iterator[Any]:
    try:
        return iter(x)
    except TypeError:
        if hasattr(type(x), "__iter__"):
            raise
        raise TypeError(f"cannot unpack non-iterable {type(x).__name__} object") from None
