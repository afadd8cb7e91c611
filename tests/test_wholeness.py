"""Damaged results are found by the hashes that jobs left, records by those of their manifests, and nothing else is."""

import os

import pytest

from whylstm import records
from whylstm.records import wholeness


@pytest.fixture
def results(tmp_path):
    """A table with its account, and a chunk with two records."""
    results = tmp_path / "results"
    for name in ("tables/a.parquet", "figures/b.svg", "records/models/p.parquet", "records/profiles/p.parquet"):
        records.write_bytes(results / name, name.encode())
    outputs = [results / "tables/a.parquet", results / "figures/b.svg", tmp_path / "elsewhere"]
    records.write_json(results / "benchmarks/x.json", {"outputs": wholeness.stated(results, outputs[:2])})
    held = {table: {"file": f"{table}/p.parquet"} for table in ("models", "profiles")}
    for record in held.values():
        record["sha256"] = records.sha256(results / "records" / record["file"])
    records.write_json(results / "manifests/simulate/c.json", {"points": [{"point": "p", "records": held}]})
    return results


def test_what_is_as_it_was_left_is_whole(results):
    assert wholeness.mend(results) == []
    assert wholeness.mend(results / "nowhere") == []


@pytest.mark.parametrize("content", [b"", b"tables/a.parque", b"tables/a.parquet\0"])
def test_a_changed_product_is_deleted_and_no_other(results, content):
    (results / "tables/a.parquet").write_bytes(content)
    assert wholeness.mend(results) == [results / "tables/a.parquet"]
    assert not (results / "tables/a.parquet").exists()
    assert (results / "figures/b.svg").exists()


def test_a_product_that_is_gone_is_left_to_snakemake(results):
    (results / "tables/a.parquet").unlink()
    assert wholeness.damaged(results) == []


def later(path):
    os.utime(path, (4e9, 4e9))


def test_a_manifest_falls_with_a_record_that_is_lost_or_changed_after_it(results):
    manifest, record = results / "manifests/simulate/c.json", results / "records/models/p.parquet"
    later(record)
    assert wholeness.disproved(results) == []  # only its time has changed
    record.write_bytes(b"other")
    later(record)
    assert wholeness.disproved(results) == [manifest]
    record.unlink()
    assert wholeness.mend(results) == [manifest]
    assert not manifest.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"points": 3}', '{"points": [{}]}'])
def test_a_manifest_that_cannot_be_read_falls(results, content):
    manifest = results / "manifests/simulate/c.json"
    manifest.write_text(content)
    assert wholeness.disproved(results) == [manifest]


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a\0b"])
def test_an_account_that_names_files_outside_deletes_nothing(results, name):
    outside = results.parent / "outside"
    outside.write_text("mine")
    records.write_json(results / "benchmarks/y.json", {"outputs": {name: "0" * 64}})
    assert wholeness.mend(results) == []
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("content", ["", "[]", '{"outputs": 3}', '{"outputs": {"tables/a.parquet": 3}}'])
def test_an_account_that_says_nothing_sensible_harms_no_other(results, content):
    (results / "benchmarks/y.json").write_text(content)
    assert (results / "figures/b.svg") not in wholeness.mend(results)
