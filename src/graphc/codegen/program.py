"""A program: the function generated for a graph, its text, and what its failures mean."""

from __future__ import annotations

import itertools
import linecache
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from graphc.codegen.explain import Failure, find_failure
from graphc.codegen.kernels import kernel_namespace
from graphc.codegen.plan import Plan, make_plans
from graphc.codegen.printer import Printer
from graphc.codegen.writer import Span, Writer
from graphc.errors import InternalError
from graphc.ir.build import called_graphs
from graphc.ir.core import Op, walk
from graphc.ir.graph import Graph
from graphc.ir.opdef import opdef
from graphc.ir.types import Array, Type
from graphc.runtime.errstate import unwinding
from graphc.runtime.numbers import numbers_first
from graphc.runtime.recursion import with_room

_numbers = itertools.count(1)
_FORGOTTEN: list[str] = []  # names of programs that are gone, still in linecache
HARMLESS = {"unreachable"}  # effects that may happen once more, when a failed program runs again


class Program:
    """`run(*inputs)` is the generated function itself: it returns a tuple of the graph's outputs.

    Calling the program runs it with explanations: an exception gets notes that name the op, its
    operands, the user's line and the iterations of the loops around it. `run` alone raises the same
    exception without them; `explain` adds them to it. Counting iterations takes time: a program
    without effects does not, and runs once more, counting, where it has failed (`is_counted`).
    `source`, executed with `globals` as its
    globals, defines the function anew. The text is in `linecache` as long as `run` exists, and
    leaves it when the next program is made.

    The graphs that the graph calls are further functions of the same text (`plans`). They may call
    themselves, so `run` then makes room for recursion. A function that computes the same in
    Python's numbers (`in_numbers`) is run first: see `runtime/numbers.py`.
    """

    def __init__(
        self,
        plans: list[Plan],
        out: Writer,
        kernels: set[str],
        is_counted: bool,
        in_numbers: str = "",
    ) -> None:
        plan = plans[0]
        self.is_counted = is_counted
        self.graph = plan.graph
        self.plan = plan
        self.plans = {each.function: each for each in plans}
        self.source = out.source
        self.spans: list[tuple[Span, ...]] = out.spans
        self.filename = f"<graphc {plan.function} {next(_numbers)}>"
        self.globals: dict[str, Any] = {
            "__name__": "graphc.generated",
            "np": np,
            "k": kernel_namespace(kernels),
            "count": count,
            **plan.expressions.constants.table,
        }
        self.in_numbers = in_numbers
        self.run: Callable[..., tuple[Any, ...]] = self._compile()

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        try:
            return self.run(*inputs)
        except Exception as error:
            self.explain(error, inputs)
            raise

    def explain(self, error: BaseException, inputs: Sequence[Any]) -> None:
        """Add notes to an exception that `run` raised on these inputs; once, however often it is
        called."""
        failure = find_failure(self.plans, self.filename, self.spans, error)
        if failure is None:
            return
        if not self.is_counted and failure.lacks_count and not isinstance(error, MemoryError):
            failure = self._counting_failure(error, inputs) or failure
        failure.explain(error)

    def _counting_failure(self, error: BaseException, inputs: Sequence[Any]) -> Failure | None:
        """The same failure once more, in a program that counts."""
        program = generate(self.graph, counted=True)
        with warnings.catch_warnings():
            if not isinstance(error, Warning):
                warnings.simplefilter("ignore")  # they were given the first time
            try:
                program.run(*inputs)
            except Exception as again:
                if type(again) is type(error):
                    return find_failure(program.plans, program.filename, program.spans, again)
        return None

    @property
    def line_map(self) -> dict[int, Op]:
        """The op behind each line of the source (1-based); for several ops, the outermost."""
        return {line: spans[-1].op for line, spans in enumerate(self.spans, 1) if spans}

    def _compile(self) -> Callable[..., tuple[Any, ...]]:
        try:
            code = compile(self.source, self.filename, "exec", dont_inherit=True)
        except (SyntaxError, RecursionError, MemoryError) as error:
            problem = f"the program generated for {self.graph.name} does not compile: {error}"
            raise InternalError(f"{problem}\n{self.source}") from error
        # The function is kept out of its own globals: with no cycle, it goes when it is dropped.
        namespace = self.globals.copy()
        exec(code, namespace)
        run: Callable[..., tuple[Any, ...]] = namespace.pop(self.plan.function)
        while _FORGOTTEN:
            linecache.cache.pop(_FORGOTTEN.pop(), None)
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(self.source), None, lines, self.filename)
        # Not out of the cache at once: someone may be walking it when the function is collected.
        weakref.finalize(run, _FORGOTTEN.append, self.filename)
        if self.in_numbers:
            scalars = [i for i, x in enumerate(self.graph.inputs) if not _is_python(x.type)]
            return numbers_first(namespace.pop(self.in_numbers), run, scalars)
        if any(op.name == "errstate_enter" for op in _ops(self.graph)):
            run = unwinding(run)
        return with_room(run) if len(self.plans) > 1 else run

    def __repr__(self) -> str:
        return f"<Program {self.plan.function}: {len(self.spans)} lines>"


def generate(graph: Graph, numbers: Graph | None = None, counted: bool = False) -> Program:
    """The NumPy program of a graph; the graph is not changed. `numbers`: a graph with the same
    results in Python's numbers (`passes/numbers.py`), if there is one. `counted`: know the number
    of every iteration, as programs with effects do in any case, which cannot run once more."""
    counted = counted or _has_effects(graph)
    plans, out, kernels = make_plans(graph, numbers, counted), Writer(), set[str]()
    for plan in plans:
        if plan is not plans[0]:
            out.line()
        Printer(plan, out, kernels).function()
    in_numbers = plans[-1].function if numbers is not None else ""
    return Program(plans, out, kernels, counted, in_numbers)


def _is_python(kind: Type) -> bool:
    return isinstance(kind, Array) and kind.weak


def _has_effects(graph: Graph) -> bool:
    """Whether an op of a graph, or of one that it calls, has an effect."""
    return any(opdef(op).effect and op.name not in HARMLESS for op in _ops(graph))


def _ops(graph: Graph) -> Iterator[Op]:
    return (op for each in called_graphs(graph) for op in walk(each.region))
