"""What a run says at the end: where article, figures and verdicts are, and what the verdicts are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from whylstm.records import read_json
from whylstm.records.verdicts import read_claims

PRODUCTS = {
    "article": ("article.html", "article.pdf"),
    "explorer": ("explorer.html",),
    "figures": ("gallery.html", "figures"),
    "notebooks": ("notebooks",),
    "verdicts": ("claims.json",),
    "tables": ("tables",),
    "made with": ("provenance.json",),
}
"""What to name, in this order, where it is there."""


def text(results: Path | str) -> str:
    """Return the summary of a results folder: the places that exist, then one line per claim.

    Raises:
        StudyError: if claims.json is there and damaged.
    """
    folder = Path(results)
    there = {name: [folder / file for file in files if (folder / file).exists()] for name, files in PRODUCTS.items()}
    lines = [f"  {name:<10} {'  '.join(map(str, paths))}" for name, paths in there.items() if paths]
    if (folder / "claims.json").is_file():
        lines += ["", *verdicts(folder / "claims.json")]
    records = [read_json(path) for path in sorted((folder / "figures").glob("*.json"))]
    if empty := [
        f"  {one['name']}: {one['title']}" for one in records if isinstance(one, dict) and not one.get("shown", True)
    ]:
        lines += ["", "figures without anything to show", *empty]
    return "\n".join(lines)


def verdicts(path: Path) -> list[str]:
    """Return one line per judged claim, id, verdict and finding, and a last one that counts the verdicts."""
    claims = read_claims(path)
    widest = max((len(claim["verdict"]) for claim in claims.values()), default=0)
    lines = [
        f"  {name:<4} {claim['verdict']:<{widest}}  {claim.get('title', '')}".rstrip() for name, claim in claims.items()
    ]
    counts = Counter(claim["verdict"] for claim in claims.values())
    return [*lines, "  " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())]
