"""How long the front end takes: conversion must be linear in the length of the function.

    python benchmarks/convert.py

Three families of functions, each at doubling sizes; the last size of each is the one promised to
convert in under two seconds: 200 sequential if/else, 50 nested branches, 2,000 lines.
"""

from __future__ import annotations

import linecache
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import stages

LIMIT = 2.0  # seconds


HEADER = ("function", "size", "lines", "convert s", "per line µs")


def main() -> int:
    slow = False
    for name, size, lines, seconds in measured():
        slow = slow or seconds > LIMIT
        print(f"{name:20} {size:5} {lines:5} lines {seconds:7.3f} s")
    return 1 if slow else 0


def rows() -> Iterator[list[str]]:
    """The rows of the table in `results.md`."""
    for name, size, lines, seconds in measured():
        yield [name, f"{size}", f"{lines}", f"{seconds:.3f}", f"{seconds / lines * 1e6:.0f}"]


def measured() -> Iterator[tuple[str, int, int, float]]:
    """Family, size, lines and seconds of each function."""
    for name, write, sizes in FAMILIES:
        for size in sizes:
            source = write(size)
            yield name, size, source.count("\n"), min(timed(source) for _ in range(3))


def sequential(n: int) -> str:
    """n if/else statements, one after the other."""
    lines = ["def f(x):", "    y = x"]
    for i in range(n):
        lines += [
            f"    if y > {i}:", f"        a{i} = y + {i}", f"        y = a{i} * 0.5",
            "    else:", f"        a{i} = y - {i}", f"        y = a{i} * 2.0",
        ]  # fmt: skip
    return "\n".join([*lines, "    return y", ""])


def nested(n: int) -> str:
    """n branches, each inside the other."""
    lines = ["def f(x):", "    y = x"]
    for i in range(n):
        lines += [f"{' ' * (i + 4)}if y > {i}:", f"{' ' * (i + 5)}y = y + {i}"]
    for i in reversed(range(n)):
        lines += [f"{' ' * (i + 4)}else:", f"{' ' * (i + 5)}y = y - {i}"]
    return "\n".join([*lines, "    return y", ""])


def long(n: int) -> str:
    """About n lines of assignments, loops with early exits, and branches."""
    lines = ["def f(x):", "    y = x"]
    i = 0
    while len(lines) < n:
        lines += [
            f"    v{i} = y * {i}.5 + 1",
            f"    for k{i} in range(3):",
            f"        if v{i} > y:",
            "            break",
            f"        v{i} = v{i} + k{i}",
            f"    while v{i} > 10.0 and y < 5:",
            f"        v{i} = v{i} / 2",
            f"        if v{i} < 0:",
            "            continue",
            f"    y = v{i} if v{i} > y else y",
        ]
        i += 1
    return "\n".join([*lines, "    return y", ""])


FAMILIES: list[tuple[str, Callable[[int], str], tuple[int, ...]]] = [
    ("sequential if/else", sequential, (25, 50, 100, 200)),
    ("nested branches", nested, (6, 12, 25, 50)),
    ("lines", long, (250, 500, 1000, 2000)),
]


def function(source: str, file: str = "bench.py") -> Callable[..., Any]:
    """The function `f` that the source defines, with source text that can be had."""
    namespace: dict[str, Any] = {}
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)
    made: Callable[..., Any] = namespace["f"]
    return made


def timed(source: str) -> float:
    f = function(source)
    start = time.process_time()
    stages.convert(f)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
