"""Chunks of the training stage: every trial once, together only what can be trained together, even work."""

import dataclasses

from tests.study.test_train import TRIAL
from whylstm.study import training_chunks
from whylstm.study.training_chunks import MOST_SECONDS, TrainingChunk, seconds, update_seconds
from whylstm.training import compiled

ARMS = [dataclasses.replace(TRIAL, rate=0.001 * number, budget=100_000) for number in range(1, 21)]
OTHERS = [dataclasses.replace(TRIAL, hidden=16), dataclasses.replace(TRIAL, longest=30)]


def chunked(trials, replicates=5) -> list[TrainingChunk]:
    return training_chunks.training_chunks(trials, replicates)


def test_every_trial_stands_in_one_chunk_with_what_can_be_trained_with_it():
    found = chunked([*ARMS, *OTHERS, ARMS[0]])
    held = [trial for chunk in found for trial in chunk.trials]
    assert sorted(held, key=lambda trial: trial.id) == sorted([*ARMS, *OTHERS], key=lambda trial: trial.id)
    assert all(len({trial.shared for trial in chunk.trials}) == 1 for chunk in found)
    assert len({chunk.name for chunk in found}) == len(found)


def test_chunks_are_small_and_the_longest_comes_first():
    found = chunked(ARMS)
    assert len(found) > 1
    assert all(chunk.seconds < MOST_SECONDS + 5 or len(chunk.trials) == 1 for chunk in found)
    assert [chunk.seconds for chunk in found] == sorted((chunk.seconds for chunk in found), reverse=True)


def test_a_new_trial_leaves_other_groups_as_they_are():
    before, after = chunked([*ARMS, OTHERS[0]]), chunked([*ARMS, *OTHERS])
    assert {chunk.name for chunk in before} < {chunk.name for chunk in after}


def test_work_grows_with_what_it_is_made_of():
    for field, factor in [("budget", 3), ("sequences", 3), ("hidden", 3)]:
        assert seconds(dataclasses.replace(TRIAL, **{field: factor * getattr(TRIAL, field)}), 2) > seconds(TRIAL, 2)
    assert seconds(TRIAL, 4) == 2 * seconds(TRIAL, 2)
    assert update_seconds(dataclasses.replace(TRIAL, cell="leaky")) > update_seconds(
        dataclasses.replace(TRIAL, cell="tanh")
    )


def test_the_list_of_compiled_cells_is_that_of_the_kernels():
    assert set(compiled.KINDS) == training_chunks.COMPILED
