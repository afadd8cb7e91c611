"""Code that is edited while a run is at work: a job that has loaded it says so, and no other."""

import os
import sys
from types import SimpleNamespace

import pytest

from whylstm.errors import StudyError
from whylstm.launch import edits


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A study of two modules, one of which this process has loaded, and two scripts; and its run has begun."""
    for name in ("src/study/loaded.py", "src/study/other.py", "workflow/scripts/draw.py", "workflow/scripts/count.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1e9, 1e9))
    monkeypatch.setitem(sys.modules, "loaded", SimpleNamespace(__file__=str(tmp_path / "src/study/loaded.py")))
    monkeypatch.setenv(edits.NEWEST, str(edits.newest(tmp_path)))
    return tmp_path


def test_code_that_nobody_touches_is_that_of_the_run(root):
    edits.check("draw", root)


@pytest.mark.parametrize("name", ["src/study/loaded.py", "workflow/scripts/draw.py"])
def test_code_that_a_job_has_loaded_must_not_be_newer_than_its_run(root, name):
    (root / name).touch()
    with pytest.raises(StudyError, match=f"{name} was changed while the run was at work; run again"):
        edits.check("draw", root)


@pytest.mark.parametrize("name", ["src/study/other.py", "workflow/scripts/count.py"])
def test_other_code_is_none_of_its_concern(root, name):
    (root / name).touch()
    edits.check("draw", root)


@pytest.mark.parametrize("said", ["", "soon"])
def test_without_a_run_nothing_is_asked(root, monkeypatch, said):
    (root / "src/study/loaded.py").touch()
    monkeypatch.setenv(edits.NEWEST, said)
    edits.check("draw", root)
