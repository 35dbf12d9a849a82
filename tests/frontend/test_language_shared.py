"""Lists and arrays that may have two names, as the data say, and are then changed.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses
NUMBERS = ((np.float64(1.0),), (np.float64(-0.5),), (np.float64(3.0),))
IN_USE = "still in use"


@case(*NUMBERS)
def returned_then_appended(x):
    out = [x]
    for i in range(3):
        if x > i:
            return out, True
        out.append(9.0)
    return out, False


@case(*NUMBERS)
def returned_array_then_written(x):
    out = np.zeros(2)
    for i in range(3):
        if x > i:
            return out, True
        out[0] += 9.0
    return out, False


@refuses(IN_USE, *NUMBERS)
def bound_two_branches_deep(x):
    out, other = [x], [0.0]
    if x > 0:
        if x > 1:
            other = out
    out.append(5.0)
    return other, out


@refuses(IN_USE, *NUMBERS)
def finally_after_return(x):
    out = [x]
    for i in range(3):
        try:
            if x > i:
                return out, True
        finally:
            out.append(9.0)
    return out, False


@refuses("another name may share", *NUMBERS)
def finally_writes_to_what_is_returned(x):
    out = np.zeros(2)
    for i in range(3):
        try:
            if x > i:
                return out, True
        finally:
            out[0] += 9.0
    return out, False


@case(*NUMBERS[::2])
def own_names_like_those_of_returns(x):
    out = np.zeros(2)
    for i in range(3):
        if x > i:
            result, returned = out, True
    out[0] = 9.0
    return result


@pytest.mark.parametrize("fn, arguments", CASES.same)
def test_same(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize("fn, message, arguments", CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
