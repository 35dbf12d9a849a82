"""Generated programs against hand-written NumPy, in one process, turn and turn about.

    python benchmarks/run.py                                 # print the tables
    python benchmarks/run.py --write benchmarks/results.md   # and write them

Every round times each contender once, so that a machine that slows down slows all of them; a ratio
is the median over the rounds of that round's ratio. Times are of the processor, not of the clock on
the wall, and on one thread: other programs on the machine are not counted. Before anything is timed
the contenders' values and gradients are compared.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: threads would add their noise

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import graphc
from benchmarks import convert, stages
from benchmarks.workloads import Workload, workloads

INTRODUCTION = """\
Written by `make bench`. Times are processor times on one thread. *Undecorated* is the same plain
function without graphc. A ratio is generated / hand-written: below 1, graphc is faster. The
hand-written versions, in [workloads.py](workloads.py), use what their author knows: buffers reused
in place, `math` on numbers, products of all steps joined into one, closed forms."""

STAGES = """\
The fastest of several fresh functions in a warm process, in ms. *Gradient*: the adjoint graph;
*total*: from the plain function to the compiled program of its value and gradient."""

ROUNDS = 40
SAMPLE = 2e-3  # seconds that one timing lasts at least

Thunk = Callable[[], Any]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--write", type=Path, help="write the tables to this file")
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--only", default="", help="only workloads whose name contains this")
    chosen = options.parse_args()

    races = [race for w in workloads() if chosen.only in w.name for race in races_of(w)]
    sections = [
        "# Benchmarks: generated programs against hand-written NumPy",
        machine(),
        INTRODUCTION,
        "## Run time",
        table(RUN_HEADER, [run_row(race, chosen.rounds) for race in races]),
        "## Peak memory of one call",
        table(MEMORY_HEADER, [memory_row(race) for race in races]),
        "## First call, by stage",
        table(stages.HEADER, [first_call_row(w) for w in workloads() if chosen.only in w.name]),
        STAGES,
        "## The front end alone",
        table(convert.HEADER, list(convert.rows())),
        "## A trivial call",
        trivial(chosen.rounds),
    ]
    text = "\n\n".join(sections) + "\n"
    print(text)
    if chosen.write:
        chosen.write.write_text(text, encoding="utf-8")


def machine() -> str:
    """What the numbers were measured on."""
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, graphc {graphc.__version__}, "
        f"{platform.machine()}, {os.cpu_count()} cores, BLAS threads: "
        f"{os.environ['OPENBLAS_NUM_THREADS']}."
    )


# -- races ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Race:
    """One row of the tables: contenders for the same result."""

    name: str
    generated: Thunk
    hand: Thunk
    undecorated: Thunk | None


def races_of(w: Workload) -> Iterator[Race]:
    """The value's race, and one for each hand-written gradient."""
    compiled = graphc.function(w.program)
    yield checked(
        Race(
            f"{w.name}: value",
            lambda: compiled(*w.args),
            lambda: w.value(*w.args),
            lambda: w.program(*w.args),
        )
    )

    value_and_grad = graphc.value_and_grad(w.total, w.argnums)
    for name, rival in w.gradients.items():
        yield checked(
            Race(
                f"{w.name}: value and gradient ({name})",
                lambda: value_and_grad(*w.args),
                lambda rival=rival: rival(*w.args),  # type: ignore[misc]
                None,
            )
        )


def checked(race: Race) -> Race:
    """The race, after all its contenders have given the same result."""
    same(race.generated(), race.hand(), race.name)
    if race.undecorated:
        same(race.undecorated(), race.hand(), race.name)
    return race


def same(left: Any, right: Any, name: str) -> None:
    if isinstance(left, tuple | list):
        for a, b in zip(left, right, strict=True):
            same(a, b, name)
    else:
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-12, err_msg=name)


# -- timing ---------------------------------------------------------------------------------------

RUN_HEADER = ("workload", "generated ms", "hand-written ms", "ratio", "undecorated ms", "ratio")


def run_row(race: Race, rounds: int) -> list[str]:
    contenders = [race.generated, race.hand, *([race.undecorated] if race.undecorated else [])]
    times = interleaved(contenders, rounds)
    row = [race.name, ms(times[0]), ms(times[1]), ratio(times[0], times[1])]
    return row + ([ms(times[2]), ratio(times[0], times[2])] if race.undecorated else ["", ""])


def interleaved(contenders: list[Thunk], rounds: int) -> list[list[float]]:
    """For each contender its time per call in each round; a call before it is not timed, so that
    nobody pays for the memory that another gave back to the system, nor finds its own there."""
    repeats = [repeats_for(c) for c in contenders]
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, n, collected in zip(contenders, repeats, times, strict=True):
            contender()
            collected.append(timed(contender, n))
    return times


def timed(thunk: Thunk, repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        thunk()
    return (time.process_time() - start) / repeats


def repeats_for(thunk: Thunk) -> int:
    return max(1, int(SAMPLE / min(timed(thunk, 1) for _ in range(5))))


def ms(times: list[float]) -> str:
    return f"{statistics.median(times) * 1e3:.4g}"


def ratio(left: list[float], right: list[float]) -> str:
    return f"{statistics.median(a / b for a, b in zip(left, right, strict=True)):.2f}"


def trivial(rounds: int) -> str:
    """What a call costs beyond the work: `x + 1` decorated and plain, for a number and an array."""

    def plain(x: Any) -> Any:
        return x + 1

    decorated = graphc.function(plain)
    rows = []
    for name, x in (("a Python float", 1.0), ("an array of 3", np.ones(3))):
        decorated(x)
        compiled, direct = interleaved([lambda x=x: decorated(x), lambda x=x: plain(x)], rounds)  # type: ignore[misc]
        cost = statistics.median(compiled) - statistics.median(direct)
        call = statistics.median(compiled)
        rows.append([f"`x + 1` of {name}", f"{call * 1e6:.2f}", f"{cost * 1e6:.2f}"])
    return table(("call", "µs", "of it overhead, µs"), rows)


# -- memory and first calls -----------------------------------------------------------------------

MEMORY_HEADER = ("workload", "generated MB", "hand-written MB", "undecorated MB")


def memory_row(race: Race) -> list[str]:
    contenders = (race.generated, race.hand, race.undecorated)
    return [race.name, *(f"{peak(c) / 1e6:.3g}" if c else "" for c in contenders)]


def peak(thunk: Thunk) -> int:
    """The most memory that a call holds at once, beyond what it found."""
    tracemalloc.start()
    try:
        thunk()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        thunk()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def first_call_row(w: Workload, repeats: int = 5) -> list[str]:
    fastest = min((stages.first_call(w) for _ in range(repeats)), key=lambda times: times[-1])
    return [w.name, *(f"{seconds * 1e3:.2f}" for seconds in fastest)]


def table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
