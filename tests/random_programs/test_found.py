"""Regressions: original ≡ decorated ≡ interpreted on the programs of `found.py`."""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from tests.corpus.harness import assert_same, interpreted, observe
from tests.random_programs.found import PROGRAMS

ARGUMENTS = (
    (1.5, np.array([0.25, 1.0, 2.0])),
    (-1.5, np.array([3.0, 0.5, 1.0])),
    (0.0, np.array([1.0, 2.0, 3.0])),
)


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_found(fn):
    decorated = graphc.function(fn)
    run = interpreted(decorated)
    for args in ARGUMENTS:
        wanted = observe(fn, args)
        assert_same(wanted, observe(decorated, args), f"generated{args}")
        assert_same(wanted, observe(run, args), f"interpreted{args}")
