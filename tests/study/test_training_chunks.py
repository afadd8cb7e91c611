"""Chunks of the training stage: every trial once, even work, names that a new trial leaves alone."""

import dataclasses

from tests.study.test_train import TRIAL
from whylstm.study import training_chunks
from whylstm.study.training_chunks import MOST_SECONDS, TrainingChunk, ensembles
from whylstm.study.training_cost import seconds

ARMS = [dataclasses.replace(TRIAL, rate=0.001 * number, budget=100_000) for number in range(1, 21)]
LONGER = [dataclasses.replace(TRIAL, longest=30, rate=0.001 * number, budget=200_000) for number in range(1, 4)]
OTHERS = [dataclasses.replace(ARMS[0], cell="lstm"), dataclasses.replace(TRIAL, task="adding")]


def chunked(trials, replicates=5) -> list[TrainingChunk]:
    return training_chunks.training_chunks(dict.fromkeys(trials, replicates))


def test_every_trial_stands_in_one_chunk_with_its_number_of_networks():
    counts = {trial: 1 + place for place, trial in enumerate([*ARMS, *LONGER, *OTHERS])}
    found = training_chunks.training_chunks(counts)
    assert sorted(held for chunk in found for held in (trial.id for trial, _ in chunk.trials)) == sorted(
        trial.id for trial in counts
    )
    assert all(counts[trial] == count for chunk in found for trial, count in chunk.trials)
    assert len({chunk.name for chunk in found}) == len(found)


def test_what_is_small_is_one_chunk_and_what_is_large_is_cut_by_cell_then_by_shape_then_by_bits():
    small = chunked([TRIAL, dataclasses.replace(TRIAL, cell="lstm"), dataclasses.replace(TRIAL, longest=30)])
    assert [chunk.name for chunk in small] == ["temporal_order"]
    names = {chunk.name for chunk in chunked([*ARMS, *LONGER, *OTHERS])}
    assert {"adding", "temporal_order-lstm"} < names
    cut = {name.split("-")[3] for name in names if name.startswith("temporal_order-gru-h006-")}
    assert cut == {"t0010", "t0030"}
    assert any(set(name.split("-")[-1]) <= {"0", "1"} for name in names)


def test_chunks_are_small_and_the_longest_comes_first():
    found = chunked([*ARMS, *LONGER, *OTHERS])
    assert len(found) > 4
    assert all(chunk.seconds < MOST_SECONDS + 5 or len(chunk.trials) == 1 for chunk in found)
    assert [chunk.seconds for chunk in found] == sorted((chunk.seconds for chunk in found), reverse=True)


def test_a_new_trial_leaves_other_chunks_as_they_are():
    before, after = ({chunk.name for chunk in chunked(trials)} for trials in ([*ARMS, *OTHERS[:1]], [*ARMS, *OTHERS]))
    assert before < after


def test_trials_are_trained_together_if_they_share_all_but_arm_and_first_weights():
    together = [TRIAL, *(dataclasses.replace(TRIAL, **{name: 0.5}) for name in ("rate", "detach", "gain"))]
    apart = [dataclasses.replace(TRIAL, hidden=7), dataclasses.replace(TRIAL, optimiser="sgd")]
    found = ensembles(dict.fromkeys([*together, *apart], 3))
    assert sorted(len(group) for group in found) == [1, 1, 4]


def test_a_chunk_adds_up():
    (chunk,) = chunked([TRIAL, OTHERS[1]])[:1]
    work = sum(seconds(trial, count) for trial, count in chunk.trials)
    assert chunk.seconds > work
    assert chunk.memory > 2**28
    assert chunk.disk > 0
