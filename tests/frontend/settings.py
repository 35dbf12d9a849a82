"""A module whose variables the tests of `test_namespaces.py` change."""

import numpy as np

RATE = 2.0
STEPS = [1.0, 2.0]
OPTIONS = {"rate": 0.1}
WEIGHTS = np.array([1.0, 2.0])


def scaled(x):
    return x * RATE


class Model:
    rate = 0.5
    sizes = [1, 2]
    table = np.array([0.5, 0.25])

    def scaled(self, x):
        return x * self.rate

    @property
    def double(self):
        return 2 * self.rate


class Owner:
    def __init__(self):
        self.k = 2.0
        self.items = [1.0]

    def scaled(self, x):
        return x * self.k + self.items[0]


model = Model()
owner = Owner()
method = owner.scaled
methods = {"a": method, "b": [method]}
