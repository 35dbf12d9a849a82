"""Look for bugs by the hundred: `python -m tests.random_programs.hunt PROGRAMS SEED [DEPTH]`."""

from __future__ import annotations

import re
import signal
import sys
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.random_programs.check import (
    Refused,
    check_gradients,
    check_graphs,
    check_second,
    check_values,
)
from tests.random_programs.generate import load, programs
from tests.random_programs.shrink import shrink

SECONDS = 20  # for one program: what takes longer hangs


class Hangs(BaseException):
    """A program takes too long; no `except Exception` on the way may stop this."""


def problem(text: str) -> tuple[str, str] | None:
    """What kind of failure a program shows, and its message; None where it shows none."""
    signal.alarm(SECONDS)
    try:
        fn = load(text)
        decorated = check_values(fn)
        check_graphs(fn, decorated)
        check_gradients(fn)
        check_second(fn)
    except Refused:
        return ("refused", "")
    except (Exception, Hangs) as error:
        message = f"{type(error).__name__}: {error}"
        return (re.sub(r"[-0-9.\s]+", "", message)[:60], message)
    finally:
        signal.alarm(0)
    return None


def _out_of_time(*args: object) -> None:
    raise Hangs(f"more than {SECONDS} s")


def main(count: int, start: int, depth: int = 3) -> None:
    """Print each kind of failure once, with the smallest program that shows it."""
    signal.signal(signal.SIGALRM, _out_of_time)
    kinds: Counter[str] = Counter()
    shown: dict[str, tuple[str, str]] = {}

    @seed(start)
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(programs(depth))
    def hunt(text: str) -> None:
        found = problem(text)
        kinds[found[0] if found else "fine"] += 1
        if found and found[0] != "refused":
            shown.setdefault(found[0], (text, found[1]))

    hunt()
    print(dict(kinds))
    for kind, (text, message) in shown.items():
        small = shrink(text, lambda t, kind=kind: (problem(t) or ("",))[0] == kind)
        print(f"=== {message[:600]}\n{small}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
