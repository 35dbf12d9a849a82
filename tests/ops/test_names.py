"""Every function of these modules is `graphc.name`, is documented, and is what np.name does."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest

import graphc
from graphc import ops
from graphc.ops import arithmetic, composed, elementwise, norms, reductions, scans
from graphc.ops.tensor import NUMPY

MODULES = (arithmetic, elementwise, reductions, scans, norms, composed)
NAMES = [(name, module) for module in MODULES for name in module.__all__]


@pytest.mark.parametrize(("name", "module"), NAMES, ids=lambda x: getattr(x, "__name__", x))
def test_public_function(name: str, module: object) -> None:
    function = getattr(module, name)
    if name != "norm":  # graphc.norm takes TensorFlow's ord="euclidean" as well
        assert getattr(graphc, name) is function
    assert function.__doc__
    numpys = getattr(np.linalg if name == "norm" else np, name, None)
    if numpys is not None:
        assert NUMPY.functions[numpys] is function


def test_what_a_module_of_ops_names_is_public() -> None:
    for info in pkgutil.iter_modules(ops.__path__, "graphc.ops."):
        module = importlib.import_module(info.name)
        for name in () if module is graphc.random else getattr(module, "__all__", ()):
            assert name in graphc.__all__, (
                f"{info.name}.{name}: a star import in graphc/__init__.py"
            )
            assert name == "norm" or getattr(graphc, name) is getattr(module, name)
