"""Padding at the end is exact: the answers of a padded sequence are those of the bare one."""

import numpy as np
import pytest
import torch

from whylstm import cells, initialisations, tasks
from whylstm.gradients.trajectory import run
from whylstm.streams import stream


@pytest.mark.parametrize("name", [name for name in tasks.names() if tasks.load(name).variable_length])
def test_padding_does_not_touch_the_answer(name):
    task, cell = tasks.load(name), cells.load("lstm")
    batch = task.draw(stream(4, "tests of padding"), 8, 40)
    drawn = initialisations.weights(
        "gaussian",
        cell,
        hidden=5,
        features=task.features,
        seed=4,
        replicate=0,
        gain=1.5,
        forget_bias=1.0,
        input_scale=1.0,
    )
    weights = {part: torch.from_numpy(value)[None] for part, value in drawn.items()}
    padded = run(cell, weights, torch.from_numpy(batch.inputs)[None]).after["h"][:, 0].numpy().swapaxes(0, 1)
    ends = batch.where.argmax(axis=1) + 1
    assert len(set(ends)) > 1
    for row, end in enumerate(ends):
        bare = (
            run(cell, weights, torch.from_numpy(batch.inputs[None, row : row + 1, :end])).after["h"][-1, 0, 0].numpy()
        )
        # equal but for the order in which a matrix product of 8 rows or 1 row adds five terms
        assert np.allclose(batch.at_answers(padded)[row, 0], bare, rtol=0, atol=1e-14)
