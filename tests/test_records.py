"""Records: whole or not at all, the same bytes for the same content, and damage is found and named."""

import errno
import math
import os
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from whylstm import records, sources
from whylstm.errors import StudyError
from whylstm.records import dictionary, files

REAL_TABLES = dictionary.tables

DICTIONARY = """
decay:
  sentence: How fast.
  key: [point, lag]
  columns:
    point: {dtype: string, unit: none, meaning: The point.}
    lag: {dtype: int64, unit: steps, meaning: The lag.}
    rate: {dtype: float64, unit: nats per step, meaning: The rate., nullable: true}
    stable: {dtype: bool, unit: none, meaning: Whether it stays., nullable: true}
    hop_<r>: {dtype: float64, unit: log10, meaning: Norm with r hops.}
"""


@pytest.fixture(autouse=True)
def small_dictionary(tmp_path, monkeypatch):
    path = tmp_path / "tables.yaml"
    path.write_text(DICTIONARY)
    rules = REAL_TABLES(path)
    monkeypatch.setattr(dictionary, "tables", lambda _path=path: rules)


def frame(**changes):
    columns = {
        "point": ["a", "a", "b"],
        "lag": [1, 2, 1],
        "rate": [-0.5, math.nan, -math.inf],
        "stable": pd.array([True, None, False], dtype="boolean"),
        "hop_0": [0.0, -math.inf, 1e-300],
        "hop_1": [0.1, 0.2, 0.3],
    }
    return pd.DataFrame({name: value for name, value in (columns | changes).items() if value is not None})


def test_a_table_comes_back_as_it_was_written(tmp_path):
    records.write_table(tmp_path / "t.parquet", frame(), "decay", key="abc")
    back = records.read_table(tmp_path / "t.parquet", "decay")
    pd.testing.assert_frame_equal(back, frame(), check_dtype=False)
    assert back["stable"].dtype == "boolean"
    assert back["lag"].dtype == "int64"
    assert records.read_key(tmp_path / "t.parquet") == "abc"


def test_only_the_columns_asked_for_are_read(tmp_path):
    records.write_table(tmp_path / "t.parquet", frame(), "decay")
    assert list(records.read_table(tmp_path / "t.parquet", "decay", ["rate", "lag"]).columns) == ["rate", "lag"]


def test_equal_content_gives_equal_bytes_whatever_the_order_of_columns_and_the_index(tmp_path):
    shuffled = frame()[["hop_0", "lag", "rate", "hop_1", "stable", "point"]].set_axis([7, 8, 9])
    records.write_table(tmp_path / "one.parquet", frame(), "decay", key="k")
    records.write_table(tmp_path / "two.parquet", shuffled, "decay", key="k")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_tables_have_page_checksums(tmp_path):
    """A flipped byte inside a page is found although the file still has its footer and its length."""
    path = tmp_path / "t.parquet"
    records.write_table(path, frame(), "decay")
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(2)
    content = bytearray(path.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"t\.parquet is damaged .*delete it and run the study again"):
        records.read_table(path, "decay")


@pytest.mark.parametrize("keep", [0, 1, 30, -1])
def test_a_truncated_table_is_damage_not_a_smaller_table(tmp_path, keep):
    path = tmp_path / "t.parquet"
    records.write_table(path, frame(), "decay", key="abc")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StudyError, match=r"t\.parquet is damaged"):
        records.read_table(path, "decay")
    assert records.read_key(path) is None


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"none\.parquet: No such file"):
        records.read_table(tmp_path / "none.parquet", "decay")
    assert records.read_key(tmp_path / "none.parquet") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lag": None}, r"lacks columns \['lag'\] of table 'decay'"),
        ({"ratee": [1.0, 2.0, 3.0]}, r"columns \['ratee'\].*did you mean 'rate'"),
        ({"hop_x_y": [1.0, 2.0, 3.0]}, r"columns \['hop_x_y'\]"),
        ({"lag": [1.5, 2.0, 3.0]}, r"column 'lag' is float64; the data dictionary asks for int64"),
        ({"point": [1, 2, 3]}, r"column 'point' is int64; the data dictionary asks for string"),
        ({"hop_0": [0.0, math.nan, 1.0]}, r"column 'hop_0' has 1 missing values; the data dictionary allows none"),
        ({"lag": [1, 1, 1]}, r"two rows with the key \{'point': 'a', 'lag': 1\}"),
    ],
)
def test_a_frame_that_disagrees_with_the_dictionary_is_refused_and_nothing_is_written(tmp_path, changes, message):
    with pytest.raises(StudyError, match=message):
        records.write_table(tmp_path / "t.parquet", frame(**changes), "decay")
    assert not (tmp_path / "t.parquet").exists()


def test_a_file_of_another_table_is_refused_on_reading(tmp_path, monkeypatch):
    records.write_table(tmp_path / "t.parquet", frame(), "decay")
    (tmp_path / "other.yaml").write_text(DICTIONARY.replace("lag:", "step:").replace("lag]", "step]"))
    rules = REAL_TABLES(tmp_path / "other.yaml")
    monkeypatch.setattr(dictionary, "tables", lambda _path=None: rules)
    with pytest.raises(StudyError, match=r"t\.parquet lacks columns \['step'\] of table 'decay'"):
        records.read_table(tmp_path / "t.parquet", "decay")


def test_a_nullable_column_that_means_nothing_here_may_be_left_out(tmp_path):
    records.write_table(tmp_path / "t.parquet", frame(rate=None, hop_1=None), "decay")
    assert list(records.read_table(tmp_path / "t.parquet", "decay").columns) == ["point", "lag", "stable", "hop_0"]


def test_an_unknown_table_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(StudyError, match="did you mean 'decay'"):
        records.write_table(tmp_path / "t.parquet", frame(), "decoy")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {sentence: x, key: [], columns: {c: {dtype: float16, unit: u, meaning: m}}}", r"columns \['c'\] need"),
        ("a: {sentence: x, key: [d], columns: {c: {dtype: bool, unit: u, meaning: m}}}", r"columns \['d'\] need"),
        ("a: {sentence: x, key: [], columns: {c: {dtype: bool, unit: u}}}", "meaning"),
        ("a: {key: [], columns: {}}", "sentence"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_dictionary_that_says_too_little_is_refused(tmp_path, text, message):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(StudyError, match=message):
        REAL_TABLES(path)


def test_the_study_s_own_dictionary_is_readable_and_every_column_means_something():
    for entry in REAL_TABLES(dictionary.PATH).values():
        assert entry.sentence.endswith("."), entry.name
        assert entry.key, entry.name
        for name, column in entry.columns.items():
            assert column.unit and column.meaning, (entry.name, name)


def test_json_is_stable_and_states_what_json_cannot(tmp_path):
    value = {"b": np.float64(math.nan), "a": (np.int64(1), -math.inf, np.array([0.1, 2.0])), "ü": True}
    records.write_json(tmp_path / "v.json", value)
    back = records.read_json(tmp_path / "v.json")
    assert back == {"a": [1, "-inf", [0.1, 2.0]], "b": None, "ü": True}
    assert float(back["a"][1]) == -math.inf
    assert records.dumps(value) == records.dumps(dict(reversed(value.items())))


def test_json_refuses_what_it_cannot_say():
    with pytest.raises(StudyError, match="a set cannot be written as JSON"):
        records.dumps({"a": {1, 2}})


def test_broken_json_is_damage(tmp_path):
    (tmp_path / "v.json").write_text('{"a": 1')
    with pytest.raises(StudyError, match=r"v\.json is damaged"):
        records.read_json(tmp_path / "v.json")


def test_arrays_come_back_and_their_bytes_do_not_depend_on_order_or_time(tmp_path):
    arrays = {"inputs": np.arange(6.0).reshape(2, 3), "labels": np.array(["a", "bc"]), "flag": np.array(True)}
    records.write_arrays(tmp_path / "one.npz", arrays)
    records.write_arrays(tmp_path / "two.npz", dict(reversed(arrays.items())))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    back = records.read_arrays(tmp_path / "one.npz")
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)


def test_arrays_of_objects_are_neither_written_nor_read(tmp_path):
    with pytest.raises(StudyError, match="array 'x' holds Python objects"):
        records.write_arrays(tmp_path / "x.npz", {"x": np.array([{}], dtype=object)})
    np.savez(tmp_path / "evil.npz", x=np.array([{}], dtype=object))
    with pytest.raises(StudyError, match=r"evil\.npz is damaged"):
        records.read_arrays(tmp_path / "evil.npz")


@pytest.mark.parametrize("keep", [0, 10, 100, -1, -200])
def test_a_truncated_archive_is_damage(tmp_path, keep):
    path = tmp_path / "x.npz"
    records.write_arrays(path, {"x": np.arange(50.0), "y": np.arange(3)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StudyError, match=r"x\.npz is damaged"):
        records.read_arrays(path)


def test_a_flipped_bit_in_an_array_is_damage(tmp_path):
    path = tmp_path / "x.npz"
    records.write_arrays(path, {"x": np.arange(50.0)})
    with zipfile.ZipFile(path) as archive:
        inside = archive.infolist()[0].header_offset + 300
    content = bytearray(path.read_bytes())
    content[inside] ^= 1
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"x\.npz is damaged"):
        records.read_arrays(path)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "out" / "v.json"
    records.write_json(path, 1)

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(StudyError, match=r"cannot write .*v\.json: No space left on device; make room"):
        records.write_json(path, 2)
    assert records.read_json(path) == 1
    assert os.listdir(path.parent) == ["v.json"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match=r"cannot write .*file/v\.json: (Not a directory|File exists)"):
        records.write_json(tmp_path / "file" / "v.json", 1)


def test_a_writer_killed_at_the_last_moment_leaves_the_old_file_whole(tmp_path):
    """The process is killed after its bytes reached the disk and before they took the name."""
    folder = tmp_path / "out"
    records.write_json(folder / "v.json", "old")
    script = f"""
        import os, signal
        from whylstm import records
        os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        records.write_json({str(folder / "v.json")!r}, "new")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], env=os.environ | {"PYTHONPATH": str(sources.ROOT.parent)}
    )
    assert done.returncode == -9
    assert records.read_json(folder / "v.json") == "old"
    left = [path for path in folder.iterdir() if path.name != "v.json"]
    assert len(left) == 1
    assert files.sweep(tmp_path) == left
    assert os.listdir(folder) == ["v.json"]


@pytest.mark.parametrize("name", ["v.json", ".v.json", "v.part", ".v.json.part", ".v.json.0123456.part", ".lock"])
def test_what_is_not_half_written_is_not_swept_away(tmp_path, name):
    (tmp_path / name).write_text("")
    assert files.sweep(tmp_path) == []
    assert (tmp_path / name).exists()


def test_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert records.sha256(tmp_path / "abc").startswith("ba7816bf8f01cfea")  # FIPS 180-2, appendix B.1
