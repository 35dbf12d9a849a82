"""The architecture, enforced: a module imports only from rows below its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import graphc

PACKAGE = Path(graphc.__file__).parent
TOP = 7
ROWS = {
    "errors": 1,
    "source": 2, "function_source": 2, "tree": 2,
    "runtime": 3,
    "ir": 4,
    "ops": 5,
    "frontend": 6, "transforms": 6, "passes": 6, "codegen": 6,
}  # fmt: skip
SIBLINGS = {"frontend", "transforms", "passes", "codegen"}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def part(module: str) -> str:
    """`graphc.ops.tensor` belongs to `ops`; `graphc.function` to itself."""
    return module.split(".")[1] if "." in module else ""


def row(name: str) -> int:
    return ROWS.get(name, TOP)


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """The graphc modules a file imports, absolute, with the statement."""
    tree = ast.parse((PACKAGE / path).read_text())
    package = ["graphc", *path.parts[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            if module == "graphc":
                for alias in node.names:
                    yield node, f"graphc.{alias.name}"
            else:
                yield node, module


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_go_down(path: Path) -> None:
    here = path.parts[0].removesuffix(".py")
    for node, module in imports(path):
        if not module.startswith("graphc"):
            continue
        other = part(module)
        what = f"{path}:{node.lineno} imports {module}"
        if here == other and len(path.parts) > 1:
            continue
        assert not (here in SIBLINGS and other in SIBLINGS), f"{what}: a sibling"
        allowed = (
            row(other) < row(here) or row(here) == row(other) == TOP or row(here) == row(other) == 2
        )
        assert allowed, f"{what}: row {row(other)} from row {row(here)}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_imports_in_functions(path: Path) -> None:
    """But for optional dependencies, whose absence is no error."""
    tree = ast.parse((PACKAGE / path).read_text())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                assert not isinstance(node, ast.Import | ast.ImportFrom), f"{path}:{node.lineno}"


def test_the_top_row_has_no_cycle() -> None:
    """Modules beside the packages import one another in one direction."""
    top = [path for path in MODULES if len(path.parts) == 1 and row(path.stem) == TOP]
    graph = {
        path.stem: {part(m) for _, m in imports(path) if m.startswith("graphc.")}
        & {p.stem for p in top}
        for path in top
    }
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above, name])
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_files_and_functions_are_short(path: Path) -> None:
    """350 lines a file, 40 a function, docstrings aside."""
    text = (PACKAGE / path).read_text()
    assert len(text.splitlines()) <= 350, f"{path} has {len(text.splitlines())} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 40, f"{path}:{node.lineno} {node.name} has {length} lines"
