"""The data stage: a file holds one stream per replicate, and knows nothing of the others."""

import numpy as np
import pytest

from whylstm import records, tasks
from whylstm.errors import StudyError
from whylstm.study import data

ARRAYS = ("inputs", "targets", "where")


def length_of(name: str) -> int:
    return max(tasks.load(name).shortest, 20)


@pytest.mark.parametrize("name", tasks.names())
def test_what_is_staged_is_read_back(name, tmp_path):
    path = tmp_path / "x.npz"
    data.stage(path, name, length_of(name), 3, seed=5)
    read, drawn = data.read(path), data.sequences(name, length_of(name), 3, seed=5)
    for array in ARRAYS:
        assert getattr(read, array).dtype == getattr(drawn, array).dtype
        assert np.array_equal(getattr(read, array), getattr(drawn, array))
    assert read.inputs.shape == (3, tasks.load(name).steps(length_of(name)), tasks.load(name).features)


@pytest.mark.parametrize("name", tasks.names())
def test_more_replicates_leave_the_first_ones_as_they_are(name):
    few, many = (data.sequences(name, length_of(name), count, seed=5) for count in (2, 5))
    assert np.array_equal(few.inputs, many.inputs[:2])
    assert np.array_equal(few.targets, many.targets[:2])
    rows = [np.broadcast_to(batch.where, batch.inputs.shape[:2])[:2] for batch in (few, many)]
    assert np.array_equal(*rows)


@pytest.mark.parametrize("name", [name for name in tasks.names() if name != "zeros"])
def test_replicates_and_seeds_differ(name):
    one, other = data.sequences(name, length_of(name), 2, seed=5), data.sequences(name, length_of(name), 2, seed=6)
    assert not np.array_equal(one.inputs[0], one.inputs[1])
    assert not np.array_equal(one.inputs, other.inputs)


def test_tasks_do_not_share_numbers():
    assert not np.array_equal(
        data.sequences("adding", 20, 1, seed=5).inputs[..., 0],
        data.sequences("multiplication", 20, 1, seed=5).inputs[:, :20, 0],
    )


def test_longer_noise_starts_with_the_shorter():
    assert np.array_equal(data.sequences("noise", 30, 3, 5).inputs, data.sequences("noise", 90, 3, 5).inputs[:, :30])


def test_the_same_content_gives_the_same_bytes(tmp_path):
    paths = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for path in paths:
        data.stage(path, "adding", 20, 2, seed=5)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_mistakes_are_named_and_write_nothing(tmp_path):
    path = tmp_path / "x.npz"
    with pytest.raises(StudyError, match="did you mean 'noise'"):
        data.stage(path, "nois", 20, 2, seed=5)
    with pytest.raises(StudyError, match="length: 65 is not allowed for task 'digits'; allowed: 1 to 64"):
        data.stage(path, "digits", 65, 2, seed=5)
    with pytest.raises(StudyError, match="replicates: 0 is not allowed; allowed: at least 1"):
        data.stage(path, "noise", 20, 0, seed=5)
    assert not path.exists()


def test_another_file_is_not_taken_for_data(tmp_path):
    path = tmp_path / "x.npz"
    records.write_arrays(path, {"inputs": np.zeros(3)})
    with pytest.raises(StudyError, match="is no data file: it holds inputs; needed: inputs, targets, where"):
        data.read(path)


def test_trivial_rows_state_every_metric():
    rows = data.trivial_rows("copy", 30)
    assert {row["metric"] for row in rows} == {"loss", "error", "sequence_error"}
    assert all((row["task"], row["length"], row["steps"]) == ("copy", 30, 50) for row in rows)
    assert {row["value"] for row in rows} == set(tasks.load("copy").trivial(30).metrics.values())
    assert data.trivial_rows("noise", 30) == []
    with pytest.raises(StudyError, match="length: 5 is not allowed"):
        data.trivial_rows("temporal_order", 5)
