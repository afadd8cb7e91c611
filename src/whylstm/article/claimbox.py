"""A claim with its verdict: as a label, as a box beside the text, as a row of the overview, as a full card.

The verdict is told by its word and a sign before it, never by colour alone.
"""

from __future__ import annotations

from typing import Any

from whylstm.article import figurebox
from whylstm.article.markup import attribute, code, escape, prose, slug, typst, typst_block, typst_string
from whylstm.article.results import Results

SIGNS = {"holds": "✓", "holds under conditions": "◐", "refuted": "✗", "undecided": "?"}


def anchor(claim: str) -> str:
    """Return the identifier of a claim's full card."""
    return f"claim-{slug(claim)}"


def badge(verdict: str, target: str) -> str:
    """Return a verdict as a label."""
    if target == "typst":
        return typst(f"#badge({typst_string(verdict)})")
    return f"[[{SIGNS[verdict]}]{{.sign aria-hidden=true}} {escape(verdict)}]{{.badge .{slug(verdict)}}}"


def box(claim: dict[str, Any], target: str) -> str:
    """Return a claim's paraphrase, verdict and sentence as a box, linked to its card."""
    head = f"**[Claim {escape(claim['id'])}](#{anchor(claim['id'])}).** {prose(claim['paraphrase'])}"
    body = f"{head}\n\n{badge(claim['verdict'], target)} {prose(claim['sentence'])}"
    if target == "typst":
        opened = f"#claimbox({typst_string(claim['verdict'])})["
        return f"{typst_block(opened)}\n{body}\n{typst_block(']')}"
    label = attribute(f"Claim {claim['id']}: {claim['verdict']}")
    return f"\n::: {{.claim .{slug(claim['verdict'])} role=note aria-label={label}}}\n{body}\n:::\n"


def overview(claims: list[dict[str, Any]], target: str) -> str:
    """Return all claims and verdicts as a table of three columns."""
    head = "| Claim | What the article says | Verdict on our data |\n|:---|:------------------|:-------|"
    rows = [
        f"| [{escape(claim['id'])}](#{anchor(claim['id'])}) | {prose(claim['paraphrase'])} "
        f"| {badge(claim['verdict'], target)} |"
        for claim in claims
    ]
    table = "\n".join([head, *rows])
    return f"\n::: {{.overview}}\n{table}\n:::\n"


def short(claims: list[dict[str, Any]]) -> str:
    """Return claims as a list of one line each, linked to their cards."""
    return "\n".join(f"- [{claim['id']}](#{anchor(claim['id'])}): {prose(claim['paraphrase'])}" for claim in claims)


def card(claim: dict[str, Any], results: Results, target: str, links: str) -> str:
    """Return everything about a claim: place, statistic, rule, number, figure and the command that computes it."""
    head = f"**{escape(claim['id'])}** {badge(claim['verdict'], target)}\n\n{prose(claim['paraphrase'])}"
    lines = [f"- *{name}:* {text}" for name, text in facts(claim, results, target, links)]
    body = f"{head}\n\n" + "\n".join(lines)
    if target == "typst":
        opened = f"#claimbox({typst_string(claim['verdict'])})[#metadata(none)<{anchor(claim['id'])}>"
        return f"{typst_block(opened)}\n{body}\n{typst_block(']')}"
    return f"\n::: {{#{anchor(claim['id'])} .claim-card .{slug(claim['verdict'])}}}\n{body}\n:::\n"


def facts(claim: dict[str, Any], results: Results, target: str, links: str) -> list[tuple[str, str]]:
    """Return the named facts of a claim as Markdown, in the order in which they are shown."""
    tables = [figurebox.link(f"tables/{table}.parquet", f"tables/{table}.parquet", target) for table in claim["tables"]]
    found = [(name, prose(text)) for name, text in plain_facts(claim)]
    found += [("Figure", _figure(claim, results)), ("Data", ", ".join(tables))]
    found += [("Code", figurebox.link(claim["code"], f"{links}{claim['code']}", target))]
    found += [("Again", code(results.command("claims.json")))]
    return [(name, text) for name, text in found if text]


def plain_facts(claim: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a claim's record says of itself, as named plain texts."""
    main = claim["number"]
    others = [record for key, record in claim["numbers"].items() if key != main["key"]]
    found = [
        ("Where", claim["place"]),
        ("Statistic", claim["statistic"]),
        ("Rule", claim["rule"]),
        ("Conditions", claim["conditions"]),
        ("Number", number(main)),
        ("Also measured", "; ".join(number(record) for record in others)),
        ("Finding", claim["sentence"]),
    ]
    return [(name, text) for name, text in found if text]


def number(record: dict[str, Any]) -> str:
    """Return a number of a claim with interval, replicates and meaning, as plain text."""
    size = f"n = {record['n']}" if record["n"] is not None else ""
    certain = ", ".join(part for part in (record["span"], size) if part)
    return f"{record['text']}{f' ({certain})' if certain else ''}, {record['meaning']}"


def _figure(claim: dict[str, Any], results: Results) -> str:
    """Return a reference to the claim's figure, empty where the study has none."""
    shown = results.figures.get(claim["figure"])
    return f"[Figure {shown.number}](#{figurebox.anchor(shown.name)})" if shown else ""
