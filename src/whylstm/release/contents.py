"""What goes into a release: the products of a finished study, and what they were made with and by."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whylstm import records
from whylstm.errors import StudyError

SOURCES = (
    "README.md",
    "LICENSE",
    "CITATION.cff",
    "CHANGELOG.md",
    "config.yaml",
    "requirements.lock",
    "environment.yml",
    "Snakefile",
)
"""Files of the checkout at the top; those of :data:`FOLDERS` come with them, where they are there."""

FOLDERS = ("workflow/rules", "workflow/schemas", "workflow/tiers")

KINDS = {
    ".cff": "text/yaml",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".yaml": "text/yaml",
    ".yml": "text/yaml",
    **dict.fromkeys(("", ".smk", ".lock", ".md"), "text/plain"),
}
"""Media types that Python's own table lacks, or knows otherwise on another system."""


@dataclass(frozen=True)
class Member:
    """One file of the archive.

    Attributes:
        name: its path in the archive, with forward slashes.
        content: its bytes.
        product: whether the run made it (else it is what the run was made with).
    """

    name: str
    content: bytes
    product: bool

    @property
    def media_type(self) -> str:
        """The media type of its bytes, as HTTP would say it."""
        suffix = Path(self.name).suffix
        return KINDS.get(suffix) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def members(root: Path, results: Path, config: dict[str, Any]) -> list[Member]:
    """Return the files of a release, sorted by name, if the results are whole and belong to this config.

    Args:
        root: the checkout.
        results: the results folder of a finished run.
        config: the completed config as it stands now.

    Raises:
        StudyError: if the run is not finished, a product is missing or not what the run left, or the config is another.
    """
    stated = provenance(results)
    if records.dumps(stated["config"]) != records.dumps(config):
        raise StudyError(
            f"the results in {results} were made with another config than the present one; run the study again"
        )
    products = [_product(results, name, digest) for name, digest in sorted(stated["products"].items())]
    own = [Member("provenance.json", (results / "provenance.json").read_bytes(), product=True)]
    return sorted([*products, *own, *sources(root)], key=lambda member: member.name)


def provenance(results: Path) -> dict[str, Any]:
    """Return what the results say that they were made with.

    Raises:
        StudyError: if they say nothing, because the run did not come to its end.
    """
    path = results / "provenance.json"
    if not path.is_file():
        raise StudyError(f"there is no finished study in {results} ({path.name} is missing); run it first")
    stated: dict[str, Any] = records.read_json(path)
    if not isinstance(stated, dict) or not {"config", "products", "study"} <= set(stated):
        raise StudyError(f"{path} lacks config, products or study; delete it and run the study again")
    return stated


def sources(root: Path) -> list[Member]:
    """Return the files of the checkout that say how the study is run, each at its own place."""
    top = [root / name for name in SOURCES]
    below = [path for folder in FOLDERS for path in sorted((root / folder).glob("*")) if path.is_file()]
    found = [path for path in (*top, *below) if path.is_file()]
    return [Member(path.relative_to(root).as_posix(), path.read_bytes(), product=False) for path in found]


def _product(results: Path, name: str, digest: str) -> Member:
    path = results / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise StudyError(f"{results / 'provenance.json'} names {name!r}, which lies outside the results folder")
    if not path.is_file():
        raise StudyError(f"{path} is missing, though the finished run made it; run the study again")
    if records.sha256(path) != digest:
        raise StudyError(f"{path} is not the file that the run left (its hash differs); delete it and run again")
    return Member(name, path.read_bytes(), product=True)
