"""The throwaway ops of tests/ir/toys.py are registered only while one of these modules runs."""

import pytest

from graphc.ir import REGISTRY
from tests.ir.toys import DEFINITIONS


@pytest.fixture(autouse=True, scope="module")
def toy_ops():
    REGISTRY.update(DEFINITIONS)
    yield
    for name in DEFINITIONS:
        del REGISTRY[name]
