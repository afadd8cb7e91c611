"""The description of a release: RO-Crate metadata as flat JSON-LD, written by hand since it is one small document.

Required by RO-Crate 1.2: the descriptor of the metadata file, a root data set with name, description, date and licence,
and one entity for each file, linked from the root. Required by Workflow Run Crate 0.5: a main entity that is the
workflow, and one action that has the workflow for its instrument and the products for its result.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from whylstm import __version__
from whylstm.release.contents import Member

NAME = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.2"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
LICENCE = "https://spdx.org/licenses/MIT"
LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
AUTHORS, RUN, CONFIG = "#authors", "#run", "#config"
WORKFLOW = "Snakefile"

Entity = dict[str, Any]


def metadata(members: list[Member], stated: dict[str, Any], date: str) -> Entity:
    """Return the metadata document of a release.

    Args:
        members: its files, the metadata and the list of hashes left out.
        stated: the provenance of the results.
        date: the day of publication, as in ``2018-09-15``.
    """
    graph = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "about": _to("./"),
            "conformsTo": [_to(SPECIFICATION), _to("https://w3id.org/workflowhub/workflow-ro-crate/1.0")],
        },
        _root(members, stated, date),
        *(_file(member) for member in members),
        _run(members, stated),
        _setting(stated),
        *_context(stated),
    ]
    return {"@context": f"{SPECIFICATION}/context", "@graph": graph}


def _root(members: list[Member], stated: dict[str, Any], date: str) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"whylstm {__version__}, tier {stated['config'].get('tier', 'default')}",
        "description": (
            "Why, and how far, does an LSTM keep gradients alive? Tables, figures, verdicts and article of one run of"
            " the study, with its config, its package versions and its provenance."
        ),
        "datePublished": date,
        "license": _to(LICENCE),
        "author": _to(AUTHORS),
        "conformsTo": [_to(profile) for profile in PROFILES],
        "hasPart": [_to(address(member.name)) for member in members],
        "mainEntity": _to(WORKFLOW),
        "mentions": _to(RUN),
    }


def _file(member: Member) -> Entity:
    known: Entity = {
        "@id": address(member.name),
        "@type": "File",
        "name": member.name,
        "contentSize": str(len(member.content)),
        "encodingFormat": member.media_type,
        "sha256": hashlib.sha256(member.content).hexdigest(),
    }
    if member.name == WORKFLOW:
        known["@type"] = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
        known |= {"name": "whylstm", "programmingLanguage": _to(LANGUAGE), "version": __version__}
        known |= {"author": _to(AUTHORS), "license": _to(LICENCE)}
    return known


def _run(members: list[Member], stated: dict[str, Any]) -> Entity:
    """Return the run as an action: from config and locked packages, by the workflow, to the products."""
    commit, dirty = stated["study"].get("commit"), stated["study"].get("dirty")
    code = f"commit {commit}{', with changes that are not committed' * bool(dirty)}" if commit else "no commit known"
    read = [member.name for member in members if member.name in ("config.yaml", "requirements.lock")]
    return {
        "@id": RUN,
        "@type": "CreateAction",
        "name": "One run of the study",
        "description": f"Code: {code}. Python {stated.get('python', 'unknown')}.",
        "agent": _to(AUTHORS),
        "instrument": _to(WORKFLOW),
        "object": [*(_to(address(name)) for name in read), _to(CONFIG)],
        "result": [_to(address(member.name)) for member in members if member.product],
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }


def _setting(stated: dict[str, Any]) -> Entity:
    return {
        "@id": CONFIG,
        "@type": "PropertyValue",
        "name": "SHA-256 of the completed config, which stands in provenance.json",
        "value": stated.get("config_sha256", ""),
    }


def _context(stated: dict[str, Any]) -> list[Entity]:
    """Return what the other entities point to: licence, authors, profiles, and Snakemake."""
    version = stated.get("packages", {}).get("snakemake", "unknown")
    language = {"name": "Snakemake", "url": "https://snakemake.github.io", "version": version}
    profiles = [
        {"@id": profile, "@type": "CreativeWork", "name": name, "version": number}
        for profile, (name, number) in PROFILES.items()
    ]
    return [
        {"@id": LICENCE, "@type": "CreativeWork", "name": "MIT License", "description": "Free use with the notice."},
        {"@id": AUTHORS, "@type": "Organization", "name": "The whylstm authors"},
        {"@id": LANGUAGE, "@type": "ComputerLanguage", "identifier": _to("https://snakemake.github.io"), **language},
        {"@id": "https://snakemake.github.io", "@type": "WebSite", "name": "Snakemake"},
        *profiles,
    ]


def address(name: str) -> str:
    """Return a file's identifier: its path, with what a URI cannot hold in percent signs."""
    return quote(name, safe="/~")


def _to(target: str) -> dict[str, str]:
    return {"@id": target}
