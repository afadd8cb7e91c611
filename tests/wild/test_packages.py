"""Files of published networks: pinned, checked by their content, taken out of archives without running anything."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from whylstm.errors import StudyError
from whylstm.wild import packages
from whylstm.wild.networks import base


def test_every_network_names_a_package_that_is_pinned():
    wanted = packages.wanted()
    assert {package.lower() for package in wanted} == set(packages.pinned())
    assert len(wanted) == len(base.names())
    for line in packages.pinned().values():
        assert line.count("==") == 1 and len(line.partition("--hash=sha256:")[2]) == 64
    assert all(len(digest) == 64 for files in wanted.values() for digest in files.values())


def test_what_is_declared_is_what_the_network_has():
    """What is read without importing a network is what the network says itself."""
    for name in base.names():
        one = base.network(name)
        assert packages.wanted()[one.package] == dict(one.files)


def test_a_file_that_is_not_there_is_named(tmp_path):
    one = base.network("g2p_en")
    with pytest.raises(StudyError, match=r"g2p-en: the file g2p_en/checkpoint20\.npz is not there"):
        one.parts(tmp_path)


def test_another_file_of_the_same_name_is_not_measured(tmp_path):
    one = base.network("g2p_en")
    path = tmp_path / one.package / "g2p_en/checkpoint20.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"another")
    with pytest.raises(StudyError, match="it is another file, and is not measured"):
        one.parts(tmp_path)


def archive(path, files):
    if path.suffix == ".whl":
        with zipfile.ZipFile(path, "w") as made:
            for name, content in files.items():
                made.writestr(name, content)
        return
    with tarfile.open(path, "w:gz") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(f"top-1.0/{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))


def inner(files):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return held.getvalue()


@pytest.mark.parametrize("name", ["g2p_en-2.1.0-py3-none-any.whl", "g2p-en-2.1.0.tar.gz"])
def test_wanted_files_are_taken_out_of_an_archive_and_no_others(tmp_path, name):
    nested = inner({"model/weights": b"numbers", "../../escape": b"no"})
    archive(tmp_path / name, {"a/weights": b"plain", "a/code.py": b"raise SystemExit", "a/more.tar.gz": nested})
    wanted = {
        "a/weights": hashlib.sha256(b"plain").hexdigest(),
        "a/more.tar.gz!model/weights": hashlib.sha256(b"numbers").hexdigest(),
    }
    held = tmp_path / "held"
    assert packages._unpacked("g2p-en", wanted, tmp_path, held) == {}
    found = {path.relative_to(held).as_posix() for path in held.rglob("*") if path.is_file()}
    assert found == {f"g2p-en/{name}" for name in wanted}


def test_an_archive_with_another_content_is_refused(tmp_path):
    archive(tmp_path / "g2p_en-2.1.0-py3-none-any.whl", {"a": b"other"})
    said = packages._unpacked("g2p-en", {"a": hashlib.sha256(b"right").hexdigest()}, tmp_path, tmp_path / "held")
    assert said == {"g2p-en": "a in its archive has another content than was pinned"}
    assert packages._unpacked("g2p-en", {"b": "0" * 64}, tmp_path, tmp_path / "held") == {
        "g2p-en": "its archive has no file b"
    }
