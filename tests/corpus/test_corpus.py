"""Undecorated ≡ decorated ≡ interpreted, and gradient ≡ finite differences, on
ordinary programs.
"""

from __future__ import annotations

import pytest

from tests.corpus import (  # noqa: F401
    calculus,
    dynamic,
    linear_algebra,
    objects,
    simulation,
    sorting,
)
from tests.corpus.harness import (
    CASES,
    check_gradients,
    check_graphs,
    check_refusal,
    check_values,
)

ACCEPTED = [one for one in CASES if one.refused is None]
DIFFERENTIABLE = [one for one in ACCEPTED if one.grad is not None]
REFUSED = [one for one in CASES if one.refused is not None]


def names(cases):
    return [one.name for one in cases]


@pytest.mark.parametrize("one", ACCEPTED, ids=names(ACCEPTED))
def test_decorated_equals_undecorated(one):
    check_values(one)


@pytest.mark.parametrize("one", ACCEPTED, ids=names(ACCEPTED))
def test_graphs_are_valid_texts(one):
    check_graphs(one)


@pytest.mark.parametrize("one", DIFFERENTIABLE, ids=names(DIFFERENTIABLE))
def test_gradient_equals_finite_differences(one):
    check_gradients(one)


@pytest.mark.parametrize("one", REFUSED, ids=names(REFUSED))
def test_refused_at_the_users_line(one):
    check_refusal(one)
