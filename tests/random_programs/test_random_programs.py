"""Random numerical programs: original ≡ rewritten ≡ generated ≡ interpreted, and
their derivatives.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, assume, given, settings

from tests.random_programs.check import (
    Refused,
    check_gradients,
    check_graphs,
    check_second,
    check_values,
)
from tests.random_programs.generate import load, programs

# The same programs every time, so that the suite does not fail by chance, and none made smaller,
# which may take minutes: `hunt.py` looks for more and shrinks them.
UNHURRIED = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True,
    "database": None, "phases": [Phase.explicit, Phase.generate],
}  # fmt: skip


@settings(max_examples=200, **UNHURRIED)
@given(programs())
def test_values(text):
    fn = load(text)
    try:
        decorated = check_values(fn)
    except Refused:
        assume(False)
    check_graphs(fn, decorated)


@settings(max_examples=60, **UNHURRIED)
@given(programs(depth=2))
def test_gradients(text):
    fn = load(text)
    try:
        check_values(fn)
    except Refused:
        assume(False)
    check_gradients(fn)


@settings(max_examples=30, **UNHURRIED)
@given(programs(depth=2))
def test_second_derivatives(text):
    fn = load(text)
    try:
        check_values(fn)
    except Refused:
        assume(False)
    check_second(fn)
