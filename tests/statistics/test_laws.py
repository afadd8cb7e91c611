"""What every statistic must do, found by its name: documented columns, a written table, missing windows, no torch."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.laboratory import frames as laboratory_frames
from tests.statistics import frames
from tests.trained import frames as trained_frames
from whylstm import records, statistics
from whylstm.errors import StudyError
from whylstm.records.dictionary import entry

PROFILES, MODELS = frames.binomial(), frames.models()
POINTS = {
    "p1": {"profiles": PROFILES, "models": MODELS.assign(norm_bound=0.2)},
    "p2": {"profiles": PROFILES.assign(norm=PROFILES["norm"] - 0.2 * PROFILES["lag"]), "models": MODELS},
}
DESIGN = {
    "point": ["p1", "p2"],
    "gain": [2.0, 1.0],
    **{name: [value] * 2 for name, value in {"cell": "lstm", "initialisation": "gaussian", "task": "noise"}.items()},
    **{name: [value] * 2 for name, value in {"hidden": 1, "length": 60, "lags": 40, "windows": 2, "hops": 8}.items()},
    **{name: [float("nan")] * 2 for name in ("input_scale", "forget_bias", "t_max")},
    "options": ["", ""],
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Return the manifest of a small chunk and the tables that statistics read, each made by its statistic."""
    root = tmp_path_factory.mktemp("study")
    manifest = frames.store(root, POINTS, replicates=3)
    records.write_table(root / "points.parquet", pd.DataFrame(DESIGN), "points")
    statistics.compute("networks", [manifest], root / "networks.parquet")
    trained = trained_frames.tables()
    given = laboratory_frames.tables(replicates=3) | trained
    given["run_states"] = statistics.load("run_states").of_tables(trained)
    for table, frame in given.items():
        records.write_table(root / f"{table}.parquet", frame, table)
    return [manifest, *sorted(root.glob("*.parquet"))]


@pytest.mark.parametrize("name", statistics.names())
def test_the_table_is_what_the_dictionary_says(name, sources, tmp_path):
    made = statistics.compute(name, sources, tmp_path / "table.parquet")
    assert len(made)
    read = records.read_table(tmp_path / "table.parquet", name)
    pd.testing.assert_frame_equal(read, made, check_dtype=False)
    assert list(made.columns) == list(entry(name).columns)


@pytest.mark.parametrize("name", statistics.names())
def test_the_table_is_the_same_twice(name, sources, tmp_path):
    for file in ("one", "two"):
        statistics.compute(name, sources, tmp_path / file)
    assert records.sha256(tmp_path / "one") == records.sha256(tmp_path / "two")


@pytest.mark.parametrize("name", [name for name in statistics.names() if statistics.load(name).records])
def test_no_finite_window_gives_a_table_all_the_same(name, tmp_path):
    nothing = {"profiles": PROFILES.iloc[:0], "models": MODELS.assign(finite_steps=3)}
    manifest = frames.store(tmp_path, {"p": nothing}, replicates=3)
    made = statistics.compute(name, [manifest], tmp_path / "table.parquet")
    assert list(made.columns) == list(entry(name).columns)
    assert len(made) == (3 if name == "networks" else 0)


@pytest.mark.parametrize("name", statistics.names())
def test_the_order_of_the_sources_does_not_matter(name, sources):
    pd.testing.assert_frame_equal(statistics.compute(name, sources), statistics.compute(name, sources[::-1]))


def test_replicates_that_the_study_does_not_ask_for_are_left_out(tmp_path):
    manifest = frames.store(tmp_path, POINTS, replicates=2)
    assert set(statistics.compute("networks", [manifest])["replicate"]) == {0, 1}


def test_a_damaged_record_names_its_chunk_and_the_remedy(tmp_path):
    manifest = frames.store(tmp_path, POINTS, replicates=3, chunk="lstm-h001")
    path = tmp_path / "records" / "profiles" / "p2.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(StudyError, match=r"chunk lstm-h001: the record .*p2\.parquet is not the file .* delete"):
        statistics.compute("lag_profile", [manifest])


def test_a_record_of_another_run_is_refused(tmp_path):
    manifest = frames.store(tmp_path, POINTS, replicates=3)
    frames.store(tmp_path, {"p1": POINTS["p2"]}, replicates=3, chunk="later")
    with pytest.raises(StudyError, match=r"p1\.parquet is not the file that the manifest states"):
        statistics.compute("carry_share", [manifest])


def test_a_missing_record_is_refused(tmp_path):
    manifest = frames.store(tmp_path, POINTS, replicates=3)
    (tmp_path / "records" / "models" / "p1.parquet").unlink()
    with pytest.raises(StudyError, match=r"p1\.parquet is missing; delete .*chunk\.json"):
        statistics.compute("networks", [manifest])


def test_missing_sources_are_named(tmp_path):
    with pytest.raises(StudyError, match=r"'phase' needs networks, points; given: none"):
        statistics.compute("phase", [])
    with pytest.raises(StudyError, match=r"'lag_profile' is made from manifests"):
        statistics.compute("lag_profile", [])
    with pytest.raises(StudyError, match=r"did you mean 'reach'"):
        statistics.compute("reech", [])


def test_records_may_lie_elsewhere(tmp_path):
    manifest = frames.store(tmp_path / "here", POINTS, replicates=3)
    moved = tmp_path / "moved.json"
    moved.write_bytes(manifest.read_bytes())
    folder = tmp_path / "here" / "records"
    assert len(statistics.compute("reach", [_networks(tmp_path, moved, folder)])) == 2


def _networks(root, manifest, folder):
    statistics.compute("networks", [manifest], root / "networks.parquet", folder)
    return root / "networks.parquet"


def test_statistics_do_not_import_torch():
    code = (
        "import sys; from whylstm import statistics as s; [s.load(n) for n in s.names()]; print('torch' in sys.modules)"
    )
    path = {"PYTHONPATH": str(Path(statistics.__file__).parents[2])}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | path
    )
    assert told.stdout == "False\n"
