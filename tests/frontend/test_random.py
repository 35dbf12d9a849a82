"""Original ≡ rewritten on random programs."""

from __future__ import annotations

from hypothesis import HealthCheck, given, reject, settings

from graphc.errors import ConversionError
from graphc.frontend.convert import convert, transformed_source
from tests.frontend.harness import observe
from tests.frontend.plain_forms import PlainForms
from tests.frontend.random_programs import functions, load

ARGUMENTS = ((0, 1), (2, -1), (1.5, 3))
UNHURRIED = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def check(text: str) -> None:
    """Compare a program with its twin on a few arguments, with the same fuel."""
    fn, fuel = load(text)
    try:
        converted = convert(fn, PlainForms())
    except ConversionError as error:
        if "write the `try` inside the `with`" not in str(error):
            raise
        reject()
    for args in ARGUMENTS:
        seen = []
        for function in (fn, converted.function):
            fuel[0] = 40
            seen.append(observe(function, args))
        assert seen[0] == seen[1], f"{args}\n{text}\n{transformed_source(converted)}"


@UNHURRIED
@given(functions(closures=False))
def test_random_control_flow(text):
    check(text)


@UNHURRIED
@given(functions(closures=True))
def test_random_closures(text):
    check(text)
