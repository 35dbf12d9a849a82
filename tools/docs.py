"""Keep the documentation true: run its code, compare or rewrite what it prints.

    python -m tools.docs           # compare; exit status 1 and a diff where something is stale
    python -m tools.docs --write   # rewrite the printed blocks and the generated tables

In README.md and docs/*.md every fenced block with the language

* `python` runs, in order, in one namespace per file, as the cell `<page>_<n>.py`;
* `python raises` runs too, and must raise: what it prints is then `ErrorType: message`;
* `output` is what the block before it printed, and nothing else; a block that prints has one.

What stands between `<!-- name table -->` and `<!-- end -->` is the table `name` of
`tools/tables.py`.
A fence with any other language, or none, is prose.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import itertools
import linecache
import multiprocessing
import re
import sys
import types
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(
    r"^(?P<open><!-- (?P<name>\w+) table -->)$(?:\n(?:(?!<!--).*\n)*<!-- end -->$)?", re.MULTILINE
)
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


def main(arguments: list[str]) -> int:
    write = "--write" in arguments
    chosen = [Path(a).resolve() for a in arguments if not a.startswith("-")] or pages()
    stale = 0
    for page, new in zip(chosen, refresh_apart(chosen), strict=True):
        old = page.read_text(encoding="utf-8")
        if new == old:
            continue
        if write:
            page.write_text(new, encoding="utf-8")
            print(f"rewrote {page.relative_to(ROOT)}")
        else:
            stale += 1
            sys.stdout.writelines(difference(old, new, page.name))
    return 1 if stale else 0


def pages() -> list[Path]:
    """Every page whose code is run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def refresh_apart(chosen: list[Path]) -> list[str]:
    """`refresh` of each page in an interpreter of its own, because pages define ops and types."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn, max_tasks_per_child=1) as pool:
        return list(pool.map(refresh, chosen))


def refresh(page: Path) -> str:
    """The page's text with every printed block and table made anew."""
    text = TABLE.sub(_table, page.read_text(encoding="utf-8"))
    session = Session(page.stem.lower())
    pieces: list[str] = []
    end = 0
    for cell in cells(text):
        printed = session.run(cell)
        pieces.append(text[end : cell.end])
        if printed:
            pieces.append(f"\n\n```output\n{printed}```")
        end = cell.output_end
    return "".join(pieces) + text[end:]


def difference(old: str, new: str, name: str) -> Iterator[str]:
    """A unified diff of what the page says and what it should say."""
    return difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"{name}: as written",
        f"{name}: as run",
    )


@dataclass(frozen=True)
class Cell:
    """One python block: its code, where it ends, and where its output block (if any) ends."""

    code: str
    raises: bool
    line: int
    end: int
    output_end: int


def cells(text: str) -> Iterator[Cell]:
    """The python blocks of a page, each with the output block that directly follows it."""
    fences = list(FENCE.finditer(text))
    for fence, following in itertools.zip_longest(fences, fences[1:]):
        info = fence["info"].split()
        if info[:1] != ["python"]:
            continue
        has_output = (
            following is not None
            and following["info"].strip() == "output"
            and not text[fence.end() : following.start()].strip()
        )
        yield Cell(
            code=fence["body"],
            raises="raises" in info,
            line=text.count("\n", 0, fence.start()) + 1,
            end=fence.end(),
            output_end=following.end() if has_output and following else fence.end(),
        )


@dataclass
class Session:
    """One page's interpreter: a namespace that the cells share, as in a notebook."""

    name: str
    count: int = 0
    module: types.ModuleType = field(init=False)

    def __post_init__(self) -> None:
        self.module = types.ModuleType(self.name)

    def run(self, cell: Cell) -> str:
        """Run a cell; return what it printed, ending in a newline (or empty)."""
        self.count += 1
        file = f"{self.name}_{self.count}.py"
        linecache.cache[file] = (len(cell.code), None, cell.code.splitlines(keepends=True), file)
        printed = io.StringIO()
        error: Exception | None = None
        with contextlib.redirect_stdout(printed):
            try:
                exec(compile(cell.code, file, "exec"), self.module.__dict__)
            except Exception as raised:
                error = raised
        if error is not None and not cell.raises:
            error.add_note(f"in the python block at line {cell.line} of {self.name}")
            raise error
        if error is None and cell.raises:
            raise AssertionError(f"{self.name}, line {cell.line}: this block should raise")
        if error is not None:
            print(shown(error), file=printed)
        return ADDRESS.sub("0x…", tidy(printed.getvalue()))


def shown(error: Exception) -> str:
    """An error as a user sees it: its type, its text and its notes."""
    return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])


def tidy(text: str) -> str:
    """Printed text without trailing blanks, ending in one newline unless empty."""
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    return "\n".join(lines) + "\n" if any(lines) else ""


def _table(match: re.Match[str]) -> str:
    return f"{match['open']}\n{TABLES[match['name']]()}\n<!-- end -->"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
