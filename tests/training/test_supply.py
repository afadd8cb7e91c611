"""Training sequences: keyed by replicate and update, and by nothing else."""

import numpy as np
import torch

from whylstm import tasks
from whylstm.training.ensemble import Member
from whylstm.training.supply import LARGEST_BLOCK, Supply


def supply(task="temporal_order", lengths=(12, 12), count=4, seed=1) -> Supply:
    return Supply(seed, tasks.load(task), lengths, count, torch.float64)


def member(replicate: int, name: str = "m") -> Member:
    return Member(name, replicate, rate=0.1)


def read(source: Supply, update: int, *replicates: int) -> np.ndarray:
    return source.at(update, tuple(member(replicate) for replicate in replicates)).read().numpy()


def test_what_a_model_reads_depends_on_its_replicate_and_the_update_alone():
    source = supply()
    for update in (1, 2, LARGEST_BLOCK, LARGEST_BLOCK + 1, 3):
        together = read(source, update, 0, 3, 0, 7)
        np.testing.assert_array_equal(together[0], together[2])
        for place, replicate in enumerate((0, 3, 0, 7)):
            np.testing.assert_array_equal(read(supply(), update, replicate)[0], together[place])


def test_updates_replicates_lengths_and_seeds_differ():
    drawn = [read(supply(), update, replicate) for update in (1, 2, LARGEST_BLOCK + 1) for replicate in (0, 1)]
    drawn.append(read(supply(seed=2), 1, 0))
    texts = {values.tobytes() for values in drawn}
    assert len(texts) == len(drawn)
    assert read(supply(lengths=(13, 13)), 1, 0).shape[2] == 13


def test_answers_belong_to_their_sequences():
    sequences = supply("adding", (9, 9)).at(70, (member(0), member(5)))
    total = (sequences.inputs[..., 0] * sequences.inputs[..., 1]).sum(-1)
    np.testing.assert_allclose(sequences.targets[..., 0, 0], total, rtol=1e-14)  # one addition, in two orders
    np.testing.assert_array_equal(sequences.when, 8)


def test_a_range_of_lengths_is_drawn_from_end_to_end():
    source = supply(lengths=(10, 14))
    lengths = [source.length(update) for update in range(1, 300)]
    assert set(lengths) == {10, 11, 12, 13, 14}
    assert all(read(source, update, 0).shape[2] == length for update, length in enumerate(lengths[:20], start=1))


def test_long_sequences_are_drawn_in_smaller_blocks():
    few, many = supply("adding", (750, 750), count=50), supply(count=2)
    assert few._block(750) == 1
    assert many._block(12) == LARGEST_BLOCK
