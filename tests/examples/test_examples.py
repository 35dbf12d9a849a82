"""Every example runs as a user runs it, in seconds, and prints what it should."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(name, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_has_a_test():
    here = "".join(test.read_text() for test in Path(__file__).parent.glob("test_*.py"))
    for example in EXAMPLES.glob("*.py"):
        assert f'"{example.name}"' in here


def test_newton():
    out = run("newton.py")
    by_newton = re.findall(r"= ([+-][\d.]+), ", out)
    by_hand = re.findall(r"(?:theorem|hand) ([+-][\d.]+)", out)
    assert len(by_newton) == len(by_hand) == 3
    for left, right in zip(by_newton, by_hand):
        assert float(left) == pytest.approx(float(right), rel=1e-9)


def test_inspect_graph():
    out = run("inspect_graph.py")
    for text in ("gc.while_(", "graph f(%a: f64[1,1])", "loop (", "while {", "def f("):
        assert text in out
    assert out.count("graph gradient(") == 1
    assert out.rstrip().endswith("[[4096.]]")


def test_digits():
    pytest.importorskip("sklearn")
    pytest.importorskip("tqdm")
    out = run("digits.py", "--epochs", "8")
    reached = [float(x) for x in re.findall(r"test accuracy ([\d.]+)", out)]
    assert len(reached) == 2
    assert min(reached) > 0.95
    # The same net, data, order and steps: the two ways agree.
    assert abs(reached[0] - reached[1]) < 0.005
