"""Every example in a docstring of the package runs, and prints what it says."""

import doctest
import gc
import importlib
import pkgutil

import pytest

import graphc

MODULES = ["graphc", *(m.name for m in pkgutil.walk_packages(graphc.__path__, "graphc."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name):
    gc.collect()  # a dead program leaves `linecache` here, not while doctest walks through it
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
