"""Random functions: nested control flow, early exits, few variables, many of them perhaps
unbound."""

from __future__ import annotations

import functools
import itertools
import linecache

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "x")
_COUNTER = itertools.count()

HEADER = """\
import contextlib

fuel = [0]

def tick():
    fuel[0] -= 1
    if fuel[0] < 0:
        raise RuntimeError("out of fuel")
    return True

"""

names = st.sampled_from(NAMES)
atoms = st.one_of(names, st.integers(-2, 3).map(str), st.just("2.5"))


def _expressions(inner):
    pair = st.tuples(inner, inner)
    triple = st.tuples(inner, inner, inner)
    return st.one_of(
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"({p[0]} * {p[1]} % 11)"),
        pair.map(lambda p: f"({p[0]} < {p[1]})"),
        pair.map(lambda p: f"({p[0]} and {p[1]})"),
        pair.map(lambda p: f"({p[0]} or {p[1]})"),
        triple.map(lambda p: f"({p[0]} < {p[1]} <= {p[2]})"),
        triple.map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        inner.map(lambda e: f"(not {e})"),
        st.tuples(names, inner).map(lambda p: f"({p[0]} := {p[1]})"),
        inner.map(lambda e: f"sum([{e.replace(':=', '<')} for _ in range(2)])"),
        names.map(lambda n: f"len(f'{{{n}}}')"),
    )


expressions = st.recursive(atoms, _expressions, max_leaves=4)


def _indented(block: list[str]) -> list[str]:
    return ["    " + line for line in block]


def _simple(in_loop: bool):
    choices = [
        st.tuples(names, expressions).map(lambda p: [f"{p[0]} = {p[1]}"]),
        st.tuples(names, expressions).map(lambda p: [f"{p[0]} = {p[1]}"]),
        st.tuples(names, expressions).map(lambda p: [f"{p[0]} += {p[1]}"]),
        expressions.map(lambda e: [f"print({e})"]),
        names.map(lambda n: [f"print({n})"]),
        expressions.map(lambda e: [f"return {e}"]),
        st.tuples(names, names, names).map(lambda p: [f"{p[0]}, {p[1]} = {p[2]}, 1"]),
        st.just(["raise ValueError('random')"]),
        st.tuples(expressions, names).map(lambda p: [f"d[{p[0]}] = {p[1]}"]),
        names.map(lambda n: [f"assert {n}, f'{{{n}}}'"]),
    ]
    if in_loop:
        choices += [st.just(["break"]), st.just(["continue"])] * 2
    return st.one_of(choices)


def _compound(depth: int, in_loop: bool, closures: bool):
    block = blocks(depth - 1, in_loop, closures)
    loop_block = blocks(depth - 1, True, closures)
    maybe_else = st.one_of(st.none(), block)

    def if_(p):
        lines = [f"if {p[0]}:", *_indented(p[1])]
        if p[3] is not None:
            lines += [f"elif {p[2]}:", *_indented(p[3])]
        return lines + (["else:", *_indented(p[4])] if p[4] is not None else [])

    def loop(p):
        return [*p[0], *_indented(p[1])] + (["else:", *_indented(p[2])] if p[2] else [])

    def attempt(p):
        lines = ["try:", *_indented(p[0])]
        for kind, handler in p[1]:
            lines += [f"except {kind}:", *_indented(handler)]
        lines += ["else:", *_indented(p[2])] if p[2] and p[1] else []
        return lines + (["finally:", *_indented(p[3] or ["pass"])] if p[3] or not p[1] else [])

    kinds = st.sampled_from(["ValueError", "(NameError, TypeError)", "Exception", "AssertionError"])
    again = block.map(lambda b: [*b, "raise"])
    handlers = st.lists(st.tuples(kinds, st.one_of(block, block, again)), max_size=2)
    shown = st.tuples(names, expressions).map(lambda p: [f"print({p[0]})", f"{p[0]} = {p[1]}"])
    last = st.one_of(shown, names.map(lambda n: [f"print('last', {n})"]))
    heads = st.one_of(
        expressions.map(lambda e: [f"while tick() and {e}:"]),
        st.just(["while tick():"]),
        names.map(lambda n: [f"for {n} in range(3):", "    tick()"]),
    )
    choices = [
        st.tuples(expressions, block, expressions, maybe_else, maybe_else).map(if_),
        st.tuples(heads, loop_block, maybe_else).map(loop),
        block.map(lambda b: ["with contextlib.suppress(ValueError):", *_indented(b)]),
        st.tuples(block, handlers, maybe_else, st.one_of(st.none(), last)).map(attempt),
        st.tuples(names, block, block).map(
            lambda p: (
                [f"match {p[0]}:", "    case 1 | 2.5:", *_indented(_indented(p[1]))]
                + ["    case int(k) if k > 2:", *_indented(_indented(p[2]))]
            )
        ),
    ]
    if closures:
        inner = blocks(depth - 1, False, False)
        choices += [
            names.map(lambda n: [f"fs.append(lambda: {n})"]),
            st.tuples(names, inner).map(
                lambda p: (
                    ["def inner():", f"    nonlocal {p[0]}", f"    print({p[0]})"]
                    + [*_indented(p[1]), f"    {p[0]} = 7", "inner()", "fs.append(inner)"]
                )
            ),
        ]
    return st.one_of(choices)


@functools.cache
def blocks(depth: int, in_loop: bool, closures: bool):
    """Return a strategy for blocks as lists of lines."""
    simple = _simple(in_loop)
    statement = simple if depth == 0 else st.one_of(simple, _compound(depth, in_loop, closures))
    size = 4 if depth else 2
    return st.lists(statement, min_size=1, max_size=size).map(lambda b: sum(b, []))


def functions(closures: bool):
    """Return a strategy for the text of a module that defines `f(a, x)`."""

    def text(body: list[str]) -> str:
        first = ["fs, d = [], {}", "c = b = 0" if closures else "b = 1"]
        last = ["for g in fs:", "    print(g())", "return a, b, c, x, d"]
        return HEADER + "\n".join(["def f(a, x):", *_indented([*first, *body, *last])]) + "\n"

    return blocks(3, False, closures).map(text)


def load(text: str):
    """Run a module's text under a file name of its own and return its `f` and its fuel."""
    file = f"<random program {next(_COUNTER)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict = {"__name__": "random_program"}
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"], namespace["fuel"]
