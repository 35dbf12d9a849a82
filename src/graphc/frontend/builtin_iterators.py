"""`iter`, `next`, `map`, `filter`, itertools on traced values: rows of `builtin_calls.HANDLERS`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from graphc.frontend.bound_names import read
from graphc.frontend.cells import rebinds
from graphc.frontend.generators import Each, Generator, gathered
from graphc.frontend.iterables import Count, consume
from graphc.frontend.refusals import refusal
from graphc.frontend.regions import put_back, truth
from graphc.frontend.unbound import UnboundName
from graphc.ops.list_items import staged_sequence
from graphc.ops.lists import made_list
from graphc.ops.trace import NeedsStatic

Handler = Callable[..., Any]


def iterator(caller: Any, made: Any) -> Any:
    """An iterator that has been made here, and can be consumed here."""
    caller.trace.local_ids[id(made)] = (made, caller.trace.region)
    return made


def iter_(caller: Any, iterable: Any, *sentinel: Any) -> Any:
    if sentinel:
        raise refusal("iter sentinel")
    return iterator(caller, iter(consume(iterable, caller.trace)))


def next_(caller: Any, items: Any, *default: Any) -> Any:
    """The next item; of a generator whose conditions depend on the data, the first."""
    if isinstance(items, Count):
        return items.advance(caller.trace)
    consume(items, caller.trace)
    if not isinstance(items, Generator) or not items.is_fresh:
        return next(items, *default)
    mark = len(caller.trace.region.ops), len(caller.trace.moves)
    try:
        return next(items, *default)
    except NeedsStatic:  # what has been done is taken back
        put_back(caller.trace, *mark)
        items.give_back()
        return _first(caller, items, *default)


def _first(caller: Any, items: Generator, *default: Any) -> Any:
    """`for item in items: break`, or the default, or StopIteration."""
    state = (False, default[0] if default else UnboundName("item"))
    found, item = items.fold(
        lambda item, *_: (True, item), state, ("found", "item"), lambda f, _: caller.forms.not_(f)
    )
    if default:
        return item

    def stop() -> Any:
        caller.forms.raise_(StopIteration())
        return ()

    caller.forms.if_(found, lambda: (), stop, (), ())
    return read(item)


# -- map and filter --------------------------------------------------------------------------------


def map_(caller: Any, fn: Any, *iterables: Any) -> Any:
    if len(iterables) > 1:
        values, of_one = caller(zip, *iterables), lambda item: caller(fn, *item)
    else:
        values, of_one = *iterables, lambda item: caller(fn, item)
    if rebinds(fn):
        return iterator(caller, map(of_one, consume(values, caller.trace)))
    return caller.forms.generator(
        values, lambda values: map(of_one, values), lambda values, each: each.map(values, of_one)
    )


def filter_(wanted: bool) -> Handler:
    """The handler of `filter`, and of `itertools.filterfalse`."""

    def handler(caller: Any, fn: Any, iterable: Any) -> Any:
        def test(item: Any) -> Any:
            found = item if fn is None else caller(fn, item)
            return found if wanted else caller.forms.not_(found)

        if rebinds(fn):
            items = consume(iterable, caller.trace)
            return iterator(caller, (x for x in items if truth(test(x))))

        def loop(values: Any, each: Each) -> None:
            each.of(values, lambda item: each.when(test(item), lambda: each.take(item)))

        return caller.forms.generator(
            iterable, lambda values: (x for x in values if truth(test(x))), loop
        )

    return handler


# -- itertools -------------------------------------------------------------------------------------


def takewhile(caller: Any, fn: Any, iterable: Any) -> Any:
    if rebinds(fn):
        return _python(caller, itertools.takewhile, fn, iterable)
    made = made_list()

    def body(item: Any, going: Any) -> Any:
        going = truth(caller(fn, item))
        caller.forms.if_(going, lambda: _append(caller, made, item), lambda: (), (), ())
        return (going,)

    caller.forms.for_(iterable, body, (True,), ("going",), lambda going: going)
    return _given(caller, made)


def dropwhile(caller: Any, fn: Any, iterable: Any) -> Any:
    if rebinds(fn):
        return _python(caller, itertools.dropwhile, fn, iterable)
    made = made_list()

    def body(item: Any, going: Any) -> Any:
        going = caller.forms.and_(going, lambda: truth(caller(fn, item)))
        caller.forms.if_(going, lambda: (), lambda: _append(caller, made, item), (), ())
        return (going,)

    caller.forms.for_(iterable, body, (True,), ("going",))
    return _given(caller, made)


def _python(caller: Any, python: Handler, fn: Any, iterable: Any) -> Any:
    items = consume(iterable, caller.trace)
    return iterator(caller, python(lambda item: truth(caller(fn, item)), items))


def _append(caller: Any, made: Any, item: Any) -> Any:
    caller(made.append, item)
    return ()


def _given(caller: Any, made: Any) -> Any:
    """A list as an iterator; as itself where its length depends on the data."""
    return iterator(caller, iter(made)) if staged_sequence(made) is None else made


def accumulate(caller: Any, iterable: Any, func: Any = None, *, initial: Any = None) -> Any:
    items = consume(gathered(caller.forms, iterable, caller.trace), caller.trace)
    fn = (lambda a, b: a + b) if func is None else lambda a, b: caller(func, a, b)
    return iterator(caller, itertools.accumulate(items, fn, initial=initial))


def starmap(caller: Any, fn: Any, iterable: Any) -> Any:
    def of_one(item: Any) -> Any:
        return caller(fn, *item)

    return map_(caller, of_one, iterable)


def chain_from(caller: Any, iterables: Any) -> Any:
    return iterator(caller, itertools.chain.from_iterable(consume(iterables, caller.trace)))


def groupby(caller: Any, iterable: Any, key: Any = None) -> Any:
    groups = itertools.groupby(
        consume(iterable, caller.trace), None if key is None else lambda item: caller(key, item)
    )
    return iterator(caller, ((found, iterator(caller, group)) for found, group in groups))


def tee(caller: Any, iterable: Any, n: int = 2) -> Any:
    return tuple(iterator(caller, x) for x in itertools.tee(consume(iterable, caller.trace), n))


def count(caller: Any, start: Any = 0, step: Any = 1) -> Any:
    if type(start) is int and type(step) is int and step:
        return Count(start, step).iterator(caller.trace)
    return iterator(caller, itertools.count(start, step))


HANDLERS: dict[Any, Handler] = {
    iter: iter_,
    next: next_,
    map: map_,
    filter: filter_(True),
    itertools.filterfalse: filter_(False),
    itertools.takewhile: takewhile,
    itertools.dropwhile: dropwhile,
    itertools.accumulate: accumulate,
    itertools.starmap: starmap,
    itertools.chain.from_iterable: chain_from,
    itertools.groupby: groupby,
    itertools.tee: tee,
    itertools.count: count,
}
