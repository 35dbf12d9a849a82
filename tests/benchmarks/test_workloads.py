"""The benchmarks' contenders agree: generated, hand-written, and finite differences."""

import numpy as np
import pytest

from benchmarks import convert, stages
from benchmarks.run import races_of
from benchmarks.workloads import workloads

WORKLOADS = workloads()


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_generated_and_hand_written_agree(workload):
    races = list(races_of(workload))  # compares value and gradients of all contenders
    assert len(races) == 1 + len(workload.gradients)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_hand_written_gradients_are_right(workload):
    numbers = workload.argnums if isinstance(workload.argnums, tuple) else (workload.argnums,)
    rng = np.random.default_rng(3)
    args = [np.array(x) if i in numbers else x for i, x in enumerate(workload.args)]
    directions = {i: rng.normal(size=np.shape(args[i])) for i in numbers}

    def along(step):
        moved = [x + step * directions[i] if i in numbers else x for i, x in enumerate(args)]
        return float(workload.total(*moved))

    step = 1e-9 if workload.name.startswith("seed") else 1e-7
    difference = (along(step) - along(-step)) / (2 * step)
    for gradient in workload.gradients.values():
        found = gradient(*workload.args)[1]
        found = found if isinstance(found, tuple) else (found,)
        slope = sum(float(np.sum(g * directions[i])) for g, i in zip(found, numbers))
        assert slope == pytest.approx(difference, rel=1e-5)


def test_stages_add_up():
    *parts, total = stages.first_call(WORKLOADS[0])
    assert len(parts) + 2 == len(stages.HEADER)
    assert all(part > 0 for part in parts)
    assert sum(parts) == pytest.approx(total)


@pytest.mark.parametrize("family", convert.FAMILIES, ids=lambda family: family[0])
def test_conversion_of_the_largest_is_fast(family):
    _, write, sizes = family
    assert convert.timed(write(sizes[-1])) < convert.LIMIT
