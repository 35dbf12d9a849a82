"""What a staged for-loop can iterate over: ranges with traced bounds, rows of a tensor, and
`enumerate`, `zip`, `reversed` of those.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphc.errors import TensorTypeError
from graphc.frontend.refusals import refusal
from graphc.frontend.widening import LoopSource
from graphc.ir.core import Region, Value
from graphc.ops.lists import borrowed, staged_sequence
from graphc.ops.sequences import static_length
from graphc.ops.tensor import Tensor, apply, external
from graphc.ops.trace import Trace, current_trace
from graphc.ops.views import row_of_loop, view
from graphc.source import located


class StagedIterable:
    """Sequences consumed together, and the Python item that one item of each makes.

    `unrolled` gives the same items as Python objects, where the length is known while tracing. Made
    by `enumerate`, `zip` or `reversed`, it is an iterator: it can be consumed once, in the region
    it was made in.
    """

    home: Region | None = None  # of an iterator
    is_consumed = False

    def __init__(
        self,
        sequences: list[Value],
        build: Callable[[list[Tensor]], Any],
        unrolled: Callable[[], Iterator[Any]],
        length: int | None,
    ) -> None:
        self.sequences = sequences
        self.build = build
        self.unrolled = unrolled
        self.length = length
        self.arrays: list[Tensor | None] = [None] * len(sequences)  # whose rows they are

    def source(self, name: str) -> LoopSource:
        """What a loop consumes now: arrays may have changed in place since this was made."""
        pairs = zip(self.arrays, self.sequences, strict=True)
        now = [seq if x is None else apply("rows", x)._data for x, seq in pairs]
        return LoopSource(now, self.build, name)

    def __iter__(self) -> Iterator[Any]:
        return self.unrolled()

    def iterator(self, trace: Trace) -> StagedIterable:
        """This as what `enumerate`, `zip` or `reversed` returns."""
        self.home = trace.region
        return self


class StagedRange(StagedIterable):
    """A range with a traced bound."""

    def __init__(self, start: Any, stop: Any, step: Any) -> None:
        self.start, self.stop, self.step = start, stop, step
        sequence = apply("range", start, stop, step)._data
        super().__init__(
            [sequence], lambda items: items[0], self._unrolled, static_length(sequence)
        )

    def _unrolled(self) -> Iterator[Any]:
        return iter(range(*(b.__index__() for b in (self.start, self.stop, self.step))))

    def count(self, trace: Trace) -> Any:
        """len(self), as the graph knows it."""
        return apply("seq_len", Tensor(self.sequences[0], trace))

    def __len__(self) -> int:
        return len(range(*(b.__index__() for b in (self.start, self.stop, self.step))))

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return range(*(b.__index__() for b in (self.start, self.stop, self.step)))[i]
        return apply("seq_getitem", Tensor(self.sequences[0], self._trace()), i)

    def _trace(self) -> Trace:
        trace = current_trace()
        assert trace is not None
        return trace

    def __contains__(self, x: Any) -> bool:
        return x in range(*(b.__index__() for b in (self.start, self.stop, self.step)))

    def __reversed__(self) -> Iterator[Any]:
        return reversed(range(*(b.__index__() for b in (self.start, self.stop, self.step))))


def consume(x: Any, trace: Trace) -> Any:
    """`x`, about to be iterated over. An iterator can be consumed where, and as often as, it was
    made.

    Anywhere else one trace would consume it, instead of every iteration or every call.
    """
    home: Region | None
    if isinstance(x, StagedIterable):
        if x.is_consumed:
            raise refusal("iterator again")
        home, x.is_consumed = x.home, x.home is not None
        if home is None:
            return x
    elif not isinstance(x, Iterator):
        return x
    else:
        home = trace.local_ids.get(id(x), (None, None))[1]
    if home is not trace.region:
        raise refusal("iterator from outside")
    return x


def staged_range(*bounds: Any) -> StagedRange:
    """`range(start, stop, step)` with a traced bound."""
    start, stop, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    return StagedRange(*(_whole(b) for b in (start, stop, step)))


def _whole(bound: Any) -> Any:
    """A range bound as a Python int; TypeError for a float, as Python's range."""
    if isinstance(bound, Tensor):
        t = bound.array_type
        if t.dtype.kind not in "iub" or t.ndim:
            raise located(TensorTypeError, f"'{t}' object cannot be interpreted as an integer")
        return bound if t.weak and t.dtype.kind == "i" else apply("python", bound, kind="i")
    return bound.__index__()


def staged_rows(x: Any) -> StagedIterable:
    """The rows of a tensor."""
    t = x.array_type
    if not t.shape:
        raise located(TensorTypeError, "iteration over a 0-d array")
    sequence = apply("rows", x)._data
    made = StagedIterable([sequence], lambda i: row_of_loop(i[0]), lambda: iter(x), t.shape[0])
    made.arrays = [x]
    return made


def as_staged(iterable: Any, trace: Trace) -> StagedIterable | None:
    """A staged iterable for anything a loop op can consume; None for other Python iterables."""
    if isinstance(iterable, StagedIterable):
        return iterable
    sequence = staged_sequence(iterable)
    if sequence is not None:
        return StagedIterable(
            [sequence._data], lambda i: borrowed(i[0]), lambda: iter(iterable), None
        )
    if isinstance(iterable, Tensor) and iterable.is_traced:
        return staged_rows(iterable)
    if isinstance(iterable, Tensor | np.ndarray):
        return staged_rows(external(iterable, trace).handle)
    if isinstance(iterable, range):
        sequence = apply("range", iterable.start, iterable.stop, iterable.step)._data
        return StagedIterable([sequence], lambda i: i[0], lambda: iter(iterable), len(iterable))
    return None


def staged_enumerate(inner: StagedIterable, trace: Trace, start: Any = 0) -> StagedIterable:
    if inner.length is not None:
        stop: Any = inner.length
    else:
        stop = apply("seq_len", Tensor(inner.sequences[0], trace))
    numbers = staged_range(start, stop + start, 1)
    return staged_zip([numbers, inner], trace, lambda: enumerate(inner.unrolled(), start))


def staged_zip(
    parts: list[StagedIterable], trace: Trace, unrolled: Callable[[], Iterator[Any]] | None = None
) -> StagedIterable:
    """Several consumed in step; ends with the shortest."""
    counts = [len(part.sequences) for part in parts]

    def build(items: list[Tensor]) -> Any:
        built, at = [], 0
        for part, count in zip(parts, counts, strict=True):
            built.append(part.build(items[at : at + count]))
            at += count
        return tuple(built)

    lengths = [part.length for part in parts]
    length = None if None in lengths else min(n for n in lengths if n is not None)
    made = StagedIterable(
        [seq for part in parts for seq in part.sequences],
        build,
        unrolled or (lambda: zip(*(part.unrolled() for part in parts), strict=False)),
        length,
    )
    made.arrays = [x for part in parts for x in part.arrays]
    return made.iterator(trace)


def staged_reversed(x: Any, trace: Trace) -> StagedIterable:
    """`reversed` of a tensor's rows, or of a range with traced bounds."""
    if isinstance(x, StagedRange):
        last = x.start + (x.count(trace) - 1) * x.step
        return StagedRange(last, x.start - x.step, -x.step).iterator(trace)
    return staged_rows(view("flip", x, axis=(0,))).iterator(trace)


def item_name(body: Any) -> str:
    """The name a for-loop's body gives its item, for the dump: its first assignment."""
    code = body.__code__
    instructions = list(dis.get_instructions(code))[:8]
    for load, store in zip(instructions, instructions[1:], strict=False):
        if load.opname == "LOAD_FAST" and load.argval == code.co_varnames[0]:
            return store.argval if store.opname in ("STORE_FAST", "STORE_DEREF") else "item"
    return "item"
