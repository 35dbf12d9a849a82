"""Make a failing random program small: drop lines and blocks as long as it fails in the same way.

    python -m tests.random_programs.hunt 500 7      # 500 programs from seed 7, failures made small

Hypothesis shrinks what was drawn; this shrinks the text, which is much faster for programs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from tests.random_programs.generate import HEADER

Lines = list[str]


def shrink(text: str, still_fails: Callable[[str], bool], seconds: float = 20) -> str:
    """A smaller text for which `still_fails` holds, as small as is found in time."""
    end = time.monotonic() + seconds
    lines, smaller = text[len(HEADER) :].rstrip().split("\n"), True
    while smaller and time.monotonic() < end:
        smaller = False
        for candidate in (*smaller_blocks(lines), *simpler_lines(lines)):
            if time.monotonic() > end:
                break
            if _compiles(candidate) and still_fails(joined(candidate)):
                lines, smaller = candidate, True
                break
    return joined(lines)


def joined(lines: Lines) -> str:
    return HEADER + "\n".join(lines) + "\n"


def _compiles(lines: Lines) -> bool:
    try:
        compile(joined(lines), "candidate", "exec")
    except SyntaxError:
        return False
    return True


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def smaller_blocks(lines: Lines) -> Iterator[Lines]:
    """Without a statement; with a compound statement's body in its place; without its `else`s."""
    for i in range(1, len(lines)):
        end = i + 1
        while end < len(lines) and _depth(lines[end]) > _depth(lines[i]):
            end += 1
        yield lines[:i] + lines[end:]
        if end == i + 1:
            continue
        body = [line[4:] for line in lines[i + 1 : end]]
        yield lines[:i] + body + lines[end:]
        last = end
        while last < len(lines) and _depth(lines[last]) >= _depth(lines[i]):
            starts_else = lines[last].lstrip().startswith(("else", "elif"))
            if _depth(lines[last]) == _depth(lines[i]) and not starts_else:
                break
            last += 1
        if last > end:
            yield lines[:i] + body + lines[last:]
            yield lines[:i] + lines[last:]


def simpler_lines(lines: Lines) -> Iterator[Lines]:
    """With the value of an assignment, or a test, replaced by a simple one; with less returned."""
    for i in range(1, len(lines)):
        for pattern, choices in (
            (r"(\s*.*? [-+*]?= )(.*)()$", ("1.0", "x", "v", "0")),
            (r"(\s*(?:if|elif|while) )(.*)(:)$", ("x > 0", "n > 1", "flag")),
        ):
            found = re.match(pattern, lines[i])
            if found and found[2] not in choices:
                for choice in choices:
                    yield [*lines[:i], f"{found[1]}{choice}{found[3]}", *lines[i + 1 :]]
        found = re.match(r"(\s*return )(.*)", lines[i])
        parts = found[2].split(", ") if found else []
        for k in range(len(parts) if len(parts) > 1 else 0):
            less = ", ".join(parts[:k] + parts[k + 1 :])
            yield [*lines[:i], f"{found[1]}{less}", *lines[i + 1 :]]
