"""References keep every digit, and the committed one is small and whole."""

import json

import pytest

from tests.comparison.runs import moved, tables, write_run
from whylstm import records
from whylstm.__main__ import main
from whylstm.comparison import Outcome, compare
from whylstm.comparison.reference import write_reference
from whylstm.errors import StudyError
from whylstm.study.schema import ROOT

COMMITTED = ROOT / "tests" / "reference"


def test_a_run_is_identical_to_its_reference_and_a_changed_one_is_not(tmp_path):
    run = write_run(tmp_path / "run")
    write_reference(run, tmp_path / "reference")
    report = compare(run, tmp_path / "reference", partial=True)
    assert not report.failed
    assert {part.outcome for part in report.parts if part.kind != "figure"} == {Outcome.IDENTICAL}
    write_run(run, moved("mean_field", "exponent", {"gain": 0.5}, 1e-3))
    assert [part.name for part in compare(run, tmp_path / "reference", partial=True).failed] == ["mean_field"]


def test_tables_that_a_run_no_longer_has_leave_its_reference(tmp_path, capsys):
    run = write_run(tmp_path / "run")
    write_reference(run, tmp_path / "reference")
    (run / "tables" / "mean_field.parquet").unlink()
    assert main(["reference", str(run), str(tmp_path / "reference")]) == 0
    assert capsys.readouterr().out.startswith("6 files, ")
    left = {path.stem for path in (tmp_path / "reference" / "tables").iterdir()}
    assert left == set(tables()) - {"mean_field"}


def test_a_summary_holds_claims_and_values_only(tmp_path):
    written = write_reference(write_run(tmp_path / "run"), tmp_path / "reference", summary=True)
    assert {path.name for path in written} == {"claims.json", "values.json"}
    assert not compare(tmp_path / "run", tmp_path / "reference", partial=True).failed


def test_an_unfinished_run_is_refused(tmp_path):
    (write_run(tmp_path / "run") / "claims.json").unlink()
    with pytest.raises(StudyError, match=r"lacks claims\.json; make the study first"):
        write_reference(tmp_path / "run", tmp_path / "reference")


def test_the_committed_reference_is_small_and_of_tables_that_the_study_has():
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*") if path.is_file()) < 1_500_000
    found = {path.stem for path in (COMMITTED / "smoke" / "tables").glob("*.parquet")}
    assert {"points", "networks", "lag_profile"} <= found <= set(records.tables())
    assert {claim["verdict"] for claim in json.loads((COMMITTED / "smoke" / "claims.json").read_text())}


def test_the_committed_reference_agrees_with_itself():
    assert not compare(COMMITTED / "smoke", COMMITTED / "smoke").failed
