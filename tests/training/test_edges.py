"""Cut h-edges: the same gradient as with detached states, which steps are cut, and the pairing of arms."""

import numpy as np
import pytest

from tests.training import models
from whylstm import cells, tasks
from whylstm.streams import stream
from whylstm.training.bptt import gradient
from whylstm.training.edges import kept

STEPS, PATTERNS = 12, {"none": np.zeros(12), "some": np.array([0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1.0])}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("name", cells.names())
def test_a_cut_edge_is_a_detached_state(name, pattern):
    ensemble = models.ensemble(name, "temporal_order", models.members(2), hidden=5)
    keep = np.stack([np.ones(STEPS), PATTERNS[pattern]], axis=1)
    found = gradient(ensemble, models.sequences("temporal_order", STEPS, 4, [0, 1]), keep)
    for place in (0, 1):
        batch = tasks.load("temporal_order").draw(stream(3, "test", replicate=place), 4, STEPS)
        _, row = models.autograd_gradient(ensemble, place, batch, keep[:, place])
        # as in test_bptt: two orders of summation of the same terms
        np.testing.assert_allclose(found.rows[place], row, rtol=1e-9, atol=1e-13 * float(row.abs().max()))


def test_probability_zero_keeps_all_and_one_keeps_none():
    assert kept(tuple(models.members(3)), seed=1, update=4, steps=6) is None
    mixed = (*models.members(1), *models.members(1, detach=1.0))
    np.testing.assert_array_equal(kept(mixed, seed=1, update=4, steps=6), [[1, 0]] * 6)


def test_a_larger_probability_cuts_more_of_the_same_steps():
    few, many = (kept(tuple(models.members(4, detach=p)), seed=1, update=7, steps=500) for p in (0.2, 0.6))
    assert np.all(many <= few)
    # 2000 coins: the standard deviation of the share is .009 and .011; five of them
    assert abs((1 - few).mean() - 0.2) < 0.045
    assert abs((1 - many).mean() - 0.6) < 0.055
    assert not np.array_equal(few[:, 0], few[:, 1])
