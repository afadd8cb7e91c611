"""The tables of the training stage: the present config's trials and networks, and no gap."""

import dataclasses

import pytest

from tests.study.test_train import SEED, TRAINING, TRIAL
from whylstm import records
from whylstm.errors import StudyError
from whylstm.study import train
from whylstm.study.gather import gather, trial_table
from whylstm.study.trials import seeds, trials

OTHER = dataclasses.replace(TRIAL, cell="lstm", extrapolate=())


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return the folder of the records, and the manifest, of two trials."""
    folder = tmp_path_factory.mktemp("results")
    manifest = folder / "manifests" / "both.json"
    records.write_json(manifest, train.run_chunk({TRIAL: 2, OTHER: 2}, SEED, folder / "records"))
    return folder / "records", manifest


@pytest.mark.parametrize("table", train.TABLES)
def test_a_table_holds_all_trials_and_can_be_written(done, table, tmp_path):
    folder, manifest = done
    found = gather(table, [manifest], folder, {TRIAL.id: 2, OTHER.id: 2})
    expected = {TRIAL.id} if table == "extrapolation" else {TRIAL.id, OTHER.id}
    assert set(found["trial"]) == expected
    assert set(found["replicate"]) == {0, 1}
    records.write_table(tmp_path / "t.parquet", found, table)  # which holds it against the dictionary
    assert found[list(records.tables()[table].key)].duplicated().sum() == 0


def test_networks_and_trials_that_the_config_has_not_are_left_out(done):
    folder, manifest = done
    found = gather("runs", [manifest], folder, {OTHER.id: 1})
    assert list(zip(found["trial"], found["replicate"], strict=True)) == [(OTHER.id, 0)]


def test_a_trial_that_no_manifest_states_is_an_error(done):
    folder, manifest = done
    with pytest.raises(StudyError, match="the table 'runs' lacks the trial gone"):
        gather("runs", [manifest], folder, {TRIAL.id: 2, "gone": 1})


def test_more_networks_than_a_manifest_states_are_an_error(done):
    folder, manifest = done
    with pytest.raises(StudyError, match=f"holds 2 networks of the trial {TRIAL.id}, but 3 are asked for"):
        gather("runs", [manifest], folder, {TRIAL.id: 3})


def test_a_damaged_record_is_an_error(done, tmp_path):
    folder, manifest = done
    for path in folder.rglob("*.parquet"):
        copy = tmp_path / path.relative_to(folder)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    damaged = tmp_path / "runs" / f"{TRIAL.id}.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-3])
    with pytest.raises(StudyError, match=r"chunk both: the record .* is not the file that the manifest states"):
        gather("runs", [manifest], tmp_path, {TRIAL.id: 2})


def test_the_table_of_trials_has_a_row_for_each_experiment_arm_and_trial(tmp_path):
    found = trial_table(trials(TRAINING), seeds(TRAINING))
    records.write_table(tmp_path / "trials.parquet", found, "trials")
    assert list(zip(found["experiment"], found["arm"], found["longest"], found["replicates"], strict=True)) == [
        ("order", "plain", 10, 2),
        ("order", "plain", 20, 2),
        ("order", "chrono", 10, 2),
        ("order", "chrono", 20, 2),
    ]
    assert found["t_max"].isna().tolist() == [True, True, False, False]
