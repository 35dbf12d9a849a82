"""A program: the function generated for a graph, its text, and what its failures mean."""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from graphc.codegen.explain import explain
from graphc.codegen.kernels import kernel_namespace
from graphc.codegen.plan import Plan, make_plans
from graphc.codegen.printer import Printer
from graphc.codegen.writer import Span, Writer
from graphc.errors import InternalError
from graphc.ir.core import Op
from graphc.ir.graph import Graph
from graphc.runtime.numbers import numbers_first
from graphc.runtime.recursion import with_room

_numbers = itertools.count(1)


class Program:
    """`run(*inputs)` is the generated function itself: it returns a tuple of the graph's outputs.

    Calling the program runs it with explanations: an exception gets notes that name the op, its
    operands, the user's line and the iterations of the loops around it. `run` alone raises the same
    exception without them; `explain` adds them to it. `source`, executed with `globals` as its
    globals, defines the function anew. The text is known to `linecache` as long as `run` exists.

    The graphs that the graph calls are further functions of the same text (`plans`). They may call
    themselves, so `run` then makes room for recursion. A function that computes the same in
    Python's numbers (`in_numbers`) is run first: see `runtime/numbers.py`.
    """

    def __init__(
        self, plans: list[Plan], out: Writer, kernels: set[str], in_numbers: str = ""
    ) -> None:
        plan = plans[0]
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
            self.explain(error)
            raise

    def explain(self, error: BaseException) -> None:
        """Add notes to an exception that `run` raised; once, however often it is called."""
        explain(self.plans, self.filename, self.spans, error)

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
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(self.source), None, lines, self.filename)
        weakref.finalize(run, linecache.cache.pop, self.filename, None)
        if self.in_numbers:
            return numbers_first(namespace.pop(self.in_numbers), run)
        return with_room(run) if len(self.plans) > 1 else run

    def __repr__(self) -> str:
        return f"<Program {self.plan.function}: {len(self.spans)} lines>"


def generate(graph: Graph, numbers: Graph | None = None) -> Program:
    """The NumPy program of a graph; the graph is not changed. `numbers`: a graph with the same
    results in Python's numbers (`passes/numbers.py`), if there is one."""
    plans, out, kernels = make_plans(graph, numbers), Writer(), set[str]()
    for plan in plans:
        if plan is not plans[0]:
            out.line()
        Printer(plan, out, kernels).function()
    return Program(plans, out, kernels, plans[-1].function if numbers is not None else "")
