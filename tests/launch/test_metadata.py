"""Results of which Snakemake knows nothing any more would count as fresh for ever, so they are found before a run."""

import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from snakemake.persistence.file import FilePersistence

from whylstm import records
from whylstm.errors import StudyError
from whylstm.launch import metadata
from whylstm.records import wholeness

NAMES = ["results/tables/a.parquet", f"results/tables/{'b' * 190}.parquet", "results/figures/c.svg"]


def record(name, folder="metadata"):
    """Return the file of a result's record; the study of one long name needs two pieces."""
    text = urlsafe_b64encode(name.encode()).decode()
    return metadata.FOLDER / folder / (text if len(text) < 255 else f"@{text[:254]}/{text[254:]}")


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Three results with their accounts, and what Snakemake knows of each."""
    monkeypatch.chdir(tmp_path)
    results = Path("results")
    for name in NAMES:
        records.write_bytes(name, name.encode())
        record(name).parent.mkdir(parents=True, exist_ok=True)
        record(name).write_text(json.dumps({"rule": "draw", "params": []}))
    records.write_json(results / "benchmarks/x.json", {"outputs": wholeness.stated(results, NAMES)})
    return results


def test_what_snakemake_knows_is_left_alone(results):
    assert metadata.lost(results, NAMES) == []
    assert metadata.mend(results) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_record_is_named_where_it_concerns_the_study(results, name):
    record(name).unlink()
    assert metadata.lost(results, NAMES) == [name]
    assert metadata.lost(results, set(NAMES) - {name}) == []
    assert metadata.mend(results) == []  # copied results have none either, and are not ours to delete


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b'{"rule": "dr', b"\xff\0", b"3", b"{}", b"[" * 100_000])
def test_a_record_that_cannot_be_read_goes_with_its_result(results, name, content):
    record(name).write_bytes(content)
    assert metadata.lost(results, NAMES) == [name]
    assert [path.as_posix() for path in metadata.mend(results)] == [name]
    assert not os.path.exists(name)
    assert not record(name).exists()
    assert metadata.lost(results, NAMES) == []


def test_what_is_marked_as_under_way_is_left_to_snakemake(results):
    record(NAMES[0]).write_text("")
    record(NAMES[0], "incomplete").parent.mkdir()
    record(NAMES[0], "incomplete").write_text("{}")
    assert metadata.lost(results, NAMES) == []
    assert metadata.mend(results) == []


def test_what_is_marked_is_found_by_snakemake_itself(results):
    record(NAMES[0]).unlink()
    record(NAMES[1]).unlink()
    metadata.mark(NAMES[:2])
    assert metadata.lost(results, NAMES) == []
    persistence = FilePersistence.__new__(FilePersistence)  # it is made with a whole workflow, and asked for paths only
    persistence._incomplete_path = str(metadata.FOLDER.absolute() / "incomplete")
    persistence._incomplete_cache = persistence._max_len = None
    assert persistence._filter_incomplete_keys(NAMES) == set(NAMES[:2])


def test_without_any_folder_all_is_lost_and_nothing_is_deleted(results, tmp_path):
    assert metadata.lost(results, NAMES, tmp_path / "nowhere") == sorted(NAMES)
    assert metadata.mend(results, tmp_path / "nowhere") == []


def test_what_cannot_be_deleted_is_named(results, monkeypatch):
    record(NAMES[0]).write_text("")
    monkeypatch.setattr(metadata.Path, "unlink", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Not allowed")))
    with pytest.raises(StudyError, match=rf"{NAMES[0]} has lost its history and cannot be deleted: Not allowed"):
        metadata.mend(results)
