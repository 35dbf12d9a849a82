"""Random numerical functions: nested control flow over a few floats, ints, arrays and lists.

Unlike `tests/frontend/random_programs.py`, which is about Python's semantics, these programs
compute: most of them end without an exception, and have derivatives with respect to `x`, `y` and
`v`.

    x, y    floats (arguments)              m   a float or None
    n, k    ints (n is an argument)         u   a float, perhaps unbound
    v, w    arrays of four float64 (v is an argument, changed in place)
    flag    a bool                          acc a list of floats, returned as an array

`np.where` of numbers is followed by `[()]`: it gives an array without dimensions, which `x += 1`
would change in place; graphc does not tell those from numbers.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

_COUNTER = itertools.count()
HEADER = "import math\n\nimport numpy as np\n\n\n"
FLOATS = ("x", "y", "z")
INTS = ("n", "k")
ARRAYS = ("v", "w")


class Writer:
    """Writes one function by drawing what to write; `depth` is how far blocks may still nest."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.in_loop = 0
        self.staged_loop = 0
        self.fresh = itertools.count()
        self.has_helper = False

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    # -- expressions -------------------------------------------------------------------------------

    def real(self, depth: int = 2) -> str:
        """A float expression (a Python float, or a float64)."""
        if depth == 0:
            return self.pick(*FLOATS, *FLOATS, "0.5", "1.75", "-0.3", "2.0")
        kind = self.pick(*REALS) if self.has_helper else self.pick(*REALS[:-1])
        return kind(self, depth - 1)

    def whole(self, depth: int = 1) -> str:
        """An int expression."""
        if depth == 0:
            return self.pick(*INTS, *INTS, "0", "1", "2", "3")
        return self.pick(*WHOLES)(self, depth - 1)

    def truth(self, depth: int = 1) -> str:
        """A test."""
        return self.pick(*(TRUTHS if depth else TRUTHS[:4]))(self, depth - 1)

    def index(self) -> str:
        return self.pick("0", "1", "-1", f"({self.whole(0)}) % 4", "k % 4")

    # -- statements --------------------------------------------------------------------------------

    def block(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            kinds = SIMPLE + COMPOUND * 2 if depth else SIMPLE
            lines += self.pick(*kinds)(self, depth - 1)
        if self.draw(st.integers(0, 5)) == 0:
            lines += self.exit()
        return lines

    def exit(self) -> list[str]:
        choices = ["return " + self.pick("x", "x, n", "None", "v")]
        choices = [
            f"return {self.result()}",
            f"return {self.result()}",
            "raise ValueError(f'at {x}, {n}')",
        ]
        if self.in_loop:
            choices += ["break", "continue"] * 3
        return [self.pick(*choices)]

    def result(self) -> str:
        return "x, y, z, n, k, v, w, m, flag, np.array(acc)"


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


REALS: tuple[Callable[[Writer, int], str], ...] = (
    lambda g, d: g.real(0),
    lambda g, d: f"({g.real(d)} + {g.real(d)})",
    lambda g, d: f"({g.real(d)} - {g.real(d)})",
    lambda g, d: f"({g.real(d)} * {g.real(d)})",
    lambda g, d: f"({g.real(d)} / (1.5 + abs({g.real(d)})))",
    lambda g, d: f"np.sin({g.real(d)})",
    lambda g, d: f"np.tanh({g.real(d)})",
    lambda g, d: f"math.cos({g.real(d)})",
    lambda g, d: f"-{g.real(d)}",
    lambda g, d: f"abs({g.real(d)})",
    lambda g, d: f"{g.pick('max', 'min')}({g.real(d)}, {g.real(d)})",
    lambda g, d: f"np.{g.pick('maximum', 'minimum')}({g.real(d)}, {g.real(d)})",
    lambda g, d: f"({g.real(d)} if {g.truth(d)} else {g.real(d)})",
    lambda g, d: f"({g.real(d)} {g.pick('or', 'and')} {g.real(d)})",
    lambda g, d: f"({g.whole(d)} * 0.25)",
    lambda g, d: f"{g.pick(*ARRAYS)}[{g.index()}]",
    lambda g, d: f"{g.pick(*ARRAYS)}.{g.pick('sum', 'mean', 'max')}()",
    lambda g, d: f"np.dot({g.pick(*ARRAYS)}, {g.pick(*ARRAYS)})",
    lambda g, d: f"({g.real(d)} % 2.5)",
    lambda g, d: f"float({g.real(d)})",
    lambda g, d: f"np.where({g.truth(0)}, {g.real(d)}, {g.real(d)})[()]",
    lambda g, d: f"sum([{g.real(d)} * j for j in range(3)])",
    lambda g, d: f"(lambda t: t * {g.real(d)})({g.real(d)})",
    lambda g, d: "(m if m is not None else 0.1)",
    lambda g, d: f"helper({g.real(d)})",
)

WHOLES: tuple[Callable[[Writer, int], str], ...] = (
    lambda g, d: g.whole(0),
    lambda g, d: f"({g.whole(d)} + {g.whole(d)})",
    lambda g, d: f"({g.whole(d)} - {g.whole(d)})",
    lambda g, d: f"({g.whole(d)} * {g.whole(0)}) % 7",
    lambda g, d: f"{g.whole(d)} // 2",
    lambda g, d: f"({g.whole(d)} if {g.truth(0)} else {g.whole(d)})",
    lambda g, d: f"abs({g.whole(d)})",
    lambda g, d: f"int({g.real(d)}) % 5",
    lambda g, d: f"round({g.real(d)}) % 5",
    lambda g, d: f"len({g.pick('v', 'w')})",
    lambda g, d: f"np.argmax({g.pick(*ARRAYS)})",
    lambda g, d: f"max({g.whole(0)}, {g.whole(d)})",
)

TRUTHS: tuple[Callable[[Writer, int], str], ...] = (
    lambda g, d: f"{g.real(0)} {g.pick('<', '<=', '>', '>=')} {g.real(0)}",
    lambda g, d: f"{g.whole(0)} {g.pick('<', '==', '!=', '>')} {g.whole(0)}",
    lambda g, d: "flag",
    lambda g, d: g.pick("m is None", "m is not None"),
    lambda g, d: f"({g.truth(0)} and {g.truth(0)})",
    lambda g, d: f"({g.truth(0)} or {g.truth(0)})",
    lambda g, d: f"(not {g.truth(0)})",
    lambda g, d: f"({g.real(0)} < {g.real(d)} <= {g.real(0)})",
    lambda g, d: f"{g.real(d)} > {g.real(d)}",
    lambda g, d: f"{g.whole(d)} % 2 == 0",
    lambda g, d: f"(v > {g.real(0)}).{g.pick('any', 'all')}()",
    lambda g, d: f"flag is {g.pick('True', 'False')}",
    lambda g, d: f"{g.whole(0)} in (0, {g.whole(0)})",
)  # fmt: skip


def _assign_real(g: Writer, depth: int) -> list[str]:
    return [f"{g.pick(*FLOATS)} {g.pick('=', '=', '=', '+=', '-=', '*=')} {g.real()}"]


def _assign_whole(g: Writer, depth: int) -> list[str]:
    return [f"{g.pick(*INTS)} {g.pick('=', '+=', '-=')} {g.whole()}"]


def _swap(g: Writer, depth: int) -> list[str]:
    return [g.pick("x, y = y, x", "x, z = z, x + y", "v, w = w, v", "n, k = k, n")]


def _array_write(g: Writer, depth: int) -> list[str]:
    array = g.pick(*ARRAYS)
    return [
        g.pick(
            f"{array}[{g.index()}] = {g.real()}",
            f"{array}[{g.index()}] {g.pick('+=', '*=')} {g.real(1)}",
            f"{array}[1:3] = {g.pick('w[:2]', 'v[2:]', g.real(1))}",
            f"{array} {g.pick('+=', '*=')} {g.real(1)}",
            f"{array} = {g.pick('v', 'w')} * {g.real(1)}",
            f"{array} = {g.pick('v', 'w')}.copy()",
            f"{array} = np.where({array} > {g.real(0)}, {array}, {g.real(1)})",
            f"{array}[{array} > {g.real(0)}] = {g.real(0)}",
            f"{array} = np.sin({array}) + w",
            "w = v[::-1]",
        )
    ]


def _other(g: Writer, depth: int) -> list[str]:
    return [
        g.pick(
            f"m = {g.pick('None', g.real(1))}",
            f"flag = {g.truth()}",
            f"print('x', {g.real(0)}, {g.whole(0)})",
            f"print(f'{{{g.pick(*FLOATS)}:.3f}} {{n}}')",
            f"u = {g.real(1)}",
            f"{g.pick(*FLOATS)} = u * 0.5",
            f"acc.append({g.real(1)})",
            f"assert {g.truth()}, 'wrong'",
            f"z = (y := {g.real(1)}) * 2.0",
        )
    ]


def _helper(g: Writer, depth: int) -> list[str]:
    """A nested function that sees the variables as they are when it is called."""
    g.has_helper = True
    lines = ["def helper(t):", f"    if t > {g.real(0)}:", f"        return {g.real(1)} * t"]
    return (
        [*lines, f"    return t - {g.real(0)}"]
        if g.pick(True, False)
        else [f"helper = lambda t: t * {g.real(1)}"]
    )


def _if(g: Writer, depth: int) -> list[str]:
    lines = [f"if {g.truth()}:", *indented(g.block(depth))]
    if g.pick(True, False, False):
        lines += [f"elif {g.truth()}:", *indented(g.block(depth))]
    if g.pick(True, False):
        lines += ["else:", *indented(g.block(depth))]
    return lines


def _loop(g: Writer, depth: int) -> list[str]:
    c = f"c{next(g.fresh)}"
    head, first, before = g.pick(
        (f"for {c} in range(3):", f"k = {c}", ""),
        (f"for k in range({g.whole()}):", "", ""),
        (f"for k in range({g.whole(0)}, -1, -1):", "", ""),
        (f"for {g.pick(*FLOATS)} in {g.pick(*ARRAYS)}:", "", ""),
        (f"for k, {g.pick(*FLOATS)} in enumerate({g.pick(*ARRAYS)}):", "", ""),
        ("for x, y in zip(v, w):", "", ""),
        (f"while {c} < 4 and {g.truth()}:", f"{c} += 1", f"{c} = 0"),
        (f"while {c} < min(n, 5):", f"{c} += 1", f"{c} = 0"),
        ("while True:", f"{c} += 1\n    if {c} > 3 or {g.truth()}:\n        break", f"{c} = 0"),
    )
    g.in_loop += 1
    body = g.block(depth)
    g.in_loop -= 1
    first_lines = (
        ["    " + line if i == 0 else line for i, line in enumerate(first.split("\n"))]
        if first
        else []
    )
    lines = [*([before] if before else []), head, *first_lines, *indented(body)]
    if g.pick(True, False, False, False):
        lines += ["else:", *indented(g.block(depth))]
    return lines


SIMPLE = (
    _assign_real,
    _assign_real,
    _assign_real,
    _assign_whole,
    _swap,
    _array_write,
    _array_write,
    _other,
    _other,
)
COMPOUND = (_if, _loop, _if, _loop, _helper)


@st.composite
def programs(draw: Any, depth: int = 3) -> str:
    """The text of a module that defines `f(x, y, n, v)`."""
    g = Writer(draw)
    body: list[str] = []
    for _ in range(draw(st.integers(2, 4))):
        body += g.pick(*SIMPLE, *COMPOUND, *COMPOUND)(g, depth - 1)
    first = [
        "z = x * y",
        "k = 0",
        "w = v * 0.5",
        "m = None",
        "flag = x < y",
        "acc = []",
        "if k == 1:",
        "    u = 0.25",
    ]
    lines = ["def f(x, y, n, v):", *indented(first), *indented(body), f"    return {g.result()}"]
    return HEADER + "\n".join(lines) + "\n"


def load(text: str) -> Callable[..., Any]:
    """Run a module's text under a file name of its own and return its `f`."""
    file = f"<random numerical program {next(_COUNTER)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict[str, Any] = {"__name__": "random_numerical_program"}
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"]
