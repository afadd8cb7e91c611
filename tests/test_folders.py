import errno

import pytest

from whylstm import folders
from whylstm.errors import StudyError
from whylstm.folders import check_writable


def test_a_folder_that_is_yet_to_be_made_is_writable_and_is_not_made(tmp_path):
    check_writable(tmp_path / "results" / "smoke")
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "results").write_text("")
    for folder in (tmp_path / "results", tmp_path / "results" / "smoke"):
        with pytest.raises(StudyError, match=r"^the results folder .* cannot be written: .*results is not a folder"):
            check_writable(folder, "results folder")


def test_a_link_that_leads_nowhere_is_named(tmp_path):
    (tmp_path / "results").symlink_to(tmp_path / "gone")
    with pytest.raises(StudyError, match="is not a folder"):
        check_writable(tmp_path / "results")


def test_a_folder_that_refuses_files_is_named(tmp_path, monkeypatch):
    # Stands in for a read-only file system: file modes do not stop the root user, who may run the tests.
    def refuse(dir):
        raise OSError(errno.EROFS, "Read-only file system", str(dir))

    monkeypatch.setattr(folders.tempfile, "TemporaryFile", refuse)
    with pytest.raises(StudyError, match="cannot be written: Read-only file system"):
        check_writable(tmp_path)
