"""An archive holds what the run made, has the same bytes each time, and is not made from results that are not whole."""

import os
import re
import subprocess
import zipfile

import pytest

from tests.release.conftest import CONFIG, PRODUCTS
from whylstm.errors import StudyError
from whylstm.release import pack, verify
from whylstm.release.archive import HASHES


def test_all_products_are_in_it_and_what_they_were_made_with(archive):
    with zipfile.ZipFile(archive) as packed:
        assert {name: packed.read(name) for name in PRODUCTS} == PRODUCTS
        names = set(packed.namelist())
    made_with = {"Snakefile", "config.yaml", "requirements.lock", "LICENSE", "workflow/tiers/smoke.yaml"}
    assert made_with | {"provenance.json", "ro-crate-metadata.json", HASHES} == names - set(PRODUCTS)


def test_the_same_results_give_the_same_bytes_whatever_the_clock_and_the_order_of_files(root, results, archive):
    before = archive.read_bytes()
    for path in results.rglob("*"):
        if path.is_file() and path.name != "provenance.json":
            os.utime(path, (2_000_000_000, 2_000_000_000))
    assert pack(root, results, CONFIG).read_bytes() == before


def test_the_day_is_taken_from_where_reproducible_builds_take_it(root, results, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1536969600")
    with zipfile.ZipFile(pack(root, results, CONFIG)) as packed:
        assert '"datePublished": "2018-09-15"' in packed.read("ro-crate-metadata.json").decode()


def test_the_list_of_hashes_is_what_sha256sum_reads(archive, tmp_path):
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    done = subprocess.run(["sha256sum", "--check", "--strict", HASHES], cwd=tmp_path / "unpacked", capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_that_is_lost_or_changed_is_named_and_nothing_is_packed(root, results, name):
    (results / name).write_bytes(b"other")
    with pytest.raises(StudyError, match=re.escape(name) + ".* is not the file that the run left"):
        pack(root, results, CONFIG)
    (results / name).unlink()
    with pytest.raises(StudyError, match=re.escape(name) + " is missing"):
        pack(root, results, CONFIG)
    assert not list(results.glob("*.zip"))


def test_another_config_than_that_of_the_results_is_refused(root, results):
    with pytest.raises(StudyError, match="made with another config"):
        pack(root, results, CONFIG | {"seed": 8})


def test_an_unfinished_run_is_refused(root, results):
    (results / "provenance.json").unlink()
    with pytest.raises(StudyError, match="no finished study"):
        pack(root, results, CONFIG)


@pytest.mark.parametrize("name", ["../../outside", "/etc/hostname"])
def test_a_provenance_that_names_files_outside_is_refused(root, results, name):
    text = (results / "provenance.json").read_text().replace("article.html", name)
    (results / "provenance.json").write_text(text)
    with pytest.raises(StudyError, match="outside the results folder"):
        pack(root, results, CONFIG)


def changed(archive, change):
    """Return the archive with its files, name -> bytes, changed, and all else as it was."""
    with zipfile.ZipFile(archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    other = archive.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return other


def test_a_whole_archive_has_nothing_wrong(archive):
    assert verify(archive) == []
    assert verify(changed(archive, lambda files: None)) == []


@pytest.mark.parametrize("name", [*PRODUCTS, "config.yaml", "provenance.json", "ro-crate-metadata.json"])
def test_one_changed_byte_in_any_file_is_found_and_the_file_is_named(archive, name):
    other = changed(archive, lambda files: files.update({name: files[name] + b" "}))
    assert any(line.startswith(repr(name)) and "is not what" in line for line in verify(other))


def test_a_file_that_is_lost_or_added_is_found(archive):
    lost = verify(changed(archive, lambda files: files.pop("article.html")))
    assert {line.split(", ")[0] for line in lost} == {"'article.html' is missing"}
    assert verify(changed(archive, lambda files: files.update({"x.sh": b""}))) == ["'x.sh' is in no list of hashes"]


def test_a_changed_file_with_a_mended_list_of_hashes_is_still_found(archive):
    import hashlib

    def forge(files):
        files["article.html"] = b"forged"
        own = hashlib.sha256(PRODUCTS["article.html"]).hexdigest().encode()
        files[HASHES] = files[HASHES].replace(own, hashlib.sha256(b"forged").hexdigest().encode())

    assert [line.split(":")[0] for line in verify(changed(archive, forge))] == [
        "'article.html' is not what ro-crate-metadata.json states",
        "'article.html' is not what provenance.json states",
    ]


@pytest.mark.parametrize("name", [HASHES, "ro-crate-metadata.json", "provenance.json"])
@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b"1", b'{"@graph": 3}', b'{"products": []}', b""])
def test_lists_that_cannot_be_read_are_an_answer_and_no_crash(archive, name, content):
    assert verify(changed(archive, lambda files: files.update({name: content})))


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a\\b", "C:x", "a\nb"])
def test_names_that_leave_the_folder_are_named(archive, name):
    found = verify(changed(archive, lambda files: files.update({name: b""})))
    assert f"{name!r} is no place inside a folder" in found


def test_a_truncated_archive_and_a_missing_one_are_mistakes_in_one_sentence(archive, tmp_path):
    whole = archive.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:cut])
        with pytest.raises(StudyError, match="no whole zip archive"):
            verify(tmp_path / "cut.zip")
    with pytest.raises(StudyError, match="cannot read"):
        verify(tmp_path / "none.zip")


def test_a_flipped_bit_anywhere_in_a_file_is_found(archive, tmp_path):
    """Every 97th byte of the archive: compressed data, headers, names and dates alike; none may pass for whole.

    A bit of a date or of a version changes no file, and may pass; what must hold is that no content changes unseen.
    """
    whole = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    passed = 0
    for place in range(0, len(whole), 97):
        flipped = bytearray(whole)
        flipped[place] ^= 4
        path = tmp_path / "flipped.zip"
        path.write_bytes(flipped)
        try:
            wrong = verify(path)
        except StudyError:
            continue
        if not wrong:
            passed += 1
            with zipfile.ZipFile(path) as packed:
                assert {name: packed.read(name) for name in packed.namelist()} == files
    assert passed < len(whole) // 97 // 2


def test_the_command_answers_with_its_exit_status(archive, capsys):
    from whylstm.__main__ import main

    assert main(["verify", str(archive)]) == 0
    assert "every file is what" in capsys.readouterr().out
    other = changed(archive, lambda files: files.update({"article.html": b"x"}))
    assert main(["verify", str(other)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said
    assert all("article.html" in line for line in said)
    assert main(["verify", str(archive.parent / "nowhere.zip")]) == 2
