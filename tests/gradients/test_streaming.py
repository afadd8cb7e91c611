"""Many models in bounded memory: groups change nothing, and the estimate is not exceeded."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tests.cases import normal, random_weights
from whylstm import cells
from whylstm.gradients.factors import factors
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.streaming import estimate_memory, profiles
from whylstm.gradients.trajectory import run


@pytest.mark.parametrize("name", ["tanh", "lstm"])
@pytest.mark.parametrize("shared", [True, False])
def test_groups_change_nothing(name, shared):
    cell, models = cells.load(name), 5
    weights = random_weights(cell, 4, models=models)
    inputs = normal("inputs", (1 if shared else models, 9, 2), 0)
    one = estimate_memory(cell, 4, 9, 6, 2).model
    together = torch.cat([group["norm"] for group in profiles(cell, weights, inputs, [7, 9], 6, budget=2 * one)], 1)
    path = run(cell, weights, inputs.expand(models, -1, -1)[:, None])
    expected = lag_profile(factors(cell, weights, path), [7, 9], 6, None)["norm"]
    # The trajectory of a group of two is that of five up to an ulp of its matrix products.
    torch.testing.assert_close(together, expected, rtol=0, atol=1e-12)


def test_groups_are_as_large_as_the_budget_allows():
    cell = cells.load("tanh")
    weights, inputs = random_weights(cell, 4, models=5), normal("inputs", (5, 9, 2), 0)
    one = estimate_memory(cell, 4, 9, 6).model
    for budget, sizes in ((0, [1] * 5), (one, [1] * 5), (2 * one, [2, 2, 1]), (9 * one, [5])):
        found = profiles(cell, weights, inputs, [9], 6, budget=budget)
        assert [group["norm"].shape[1] for group in found] == sizes


GROWTH = """
import resource, sys, torch
sys.path[:0] = ["src", "."]
torch.set_num_threads(1)
from tests.cases import normal, random_weights
from whylstm import cells
from whylstm.gradients.streaming import estimate_memory, profiles
cell, models = cells.load("lstm"), int(sys.argv[1])
weights, inputs = random_weights(cell, 32, models=1), normal("inputs", (1, 200, 2), 0)
weights = {name: value.expand(models, *value.shape[1:]) for name, value in weights.items()}
for group in profiles(cell, random_weights(cell, 32, models=1), inputs, [200], 10, budget=8 * 2**20):
    pass  # compiled, and everything imported
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for group in profiles(cell, weights, inputs, [200], 200, budget=8 * 2**20):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_number_of_models():
    """Peak memory beyond that of one model, for 8 and 32 models: a group's share, and no more for more models."""
    used = [
        int(subprocess.run([sys.executable, "-c", GROWTH, str(n)], check=True, capture_output=True, text=True).stdout)
        for n in (8, 32)
    ]
    # KiB on Linux. The budget is 8 MiB, and an allocator keeps as much again; 32 models would need 100 MiB at once.
    assert max(used) < 40 * 2**10
    assert used[1] - used[0] < 10 * 2**10
