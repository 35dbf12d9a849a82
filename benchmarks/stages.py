"""The stages of a first call, timed one by one."""

from __future__ import annotations

import importlib
import inspect
import itertools
import linecache
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import graphc
from benchmarks.workloads import Workload
from graphc.frontend.convert import convert as front_end

Fn = Callable[..., Any]

# Each stage is one function, known by the module that defines it and its name there.
STAGES = {
    "convert": ("graphc.frontend.convert", "_convert_code"),
    "gradient": ("graphc.transforms.gradients", "graph_gradients"),
    "passes": ("graphc.passes.pipeline", "optimise"),
    "codegen": ("graphc.codegen.program", "generate"),
}
HEADER = ("workload", "convert", "trace", "gradient", "passes", "codegen", "total")

_COUNT = itertools.count()


def convert(f: Fn) -> None:
    """The front end alone: read the source, rewrite it, compile the result."""
    front_end(f, forms=None)  # type: ignore[arg-type]


def first_call(w: Workload) -> tuple[float, ...]:
    """Seconds of each stage, in the order of HEADER, for a function never seen before."""
    fresh: Any = graphc.value_and_grad(new_copy(w.total), w.argnums)
    with timing() as spent:
        start = time.process_time()
        trace = fresh.trace(*w.args)
        assert trace.source
        total = time.process_time() - start
    rest = total - sum(spent.values())
    return (
        spent["convert"], rest, spent["gradient"], spent["passes"], spent["codegen"], total,
    )  # fmt: skip


def new_copy(f: Fn) -> Fn:
    """The same function from a new file, so that nothing known of the first serves the second."""
    source = inspect.getsource(f)
    file = f"copy_{next(_COUNT)}.py"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = dict(f.__globals__)
    exec(compile(source, file, "exec"), namespace)
    for name, value in f.__globals__.items():
        if inspect.isfunction(value) and name in f.__code__.co_names:
            namespace[name] = new_copy(value)
    copy: Fn = namespace[f.__name__]
    return copy


@contextmanager
def timing() -> Iterator[dict[str, float]]:
    """Add up the time spent in each stage while the context is open."""
    spent = dict.fromkeys(STAGES, 0.0)
    replaced = []
    for stage, (module_name, name) in STAGES.items():
        original = getattr(importlib.import_module(module_name), name)
        for module in users_of(original, name):
            setattr(module, name, _timed(original, spent, stage))
            replaced.append((module, name, original))
    try:
        yield spent
    finally:
        for module, name, original in replaced:
            setattr(module, name, original)


def users_of(f: Fn, name: str) -> list[ModuleType]:
    """The modules of graphc that know a function by this name."""
    modules = [m for path, m in sys.modules.items() if path.split(".")[0] == "graphc"]
    return [module for module in modules if vars(module).get(name) is f]


def _timed(f: Fn, spent: dict[str, float], stage: str) -> Fn:
    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.process_time()
        try:
            return f(*args, **kwargs)
        finally:
            spent[stage] += time.process_time() - start

    return timed
