"""The diagnosis as one HTML page that needs no network: words, figures and tables are inside it, and all is escaped."""

from __future__ import annotations

import base64
import io
import math
from typing import TYPE_CHECKING, Any

from whylstm.diagnosis import tables
from whylstm.diagnosis.findings import findings
from whylstm.diagnosis.findings._phrases import few, rate, size
from whylstm.diagnosis.findings.base import Finding, Picture
from whylstm.diagnosis.findings.carry import FULL
from whylstm.diagnosis.findings.changes import steps
from whylstm.diagnosis.findings.reach import headline
from whylstm.diagnosis.findings.theory import THEORIES, nearest
from whylstm.diagnosis.page_style import CSS
from whylstm.diagnosis.page_template import TEMPLATE
from whylstm.diagnosis.words import described
from whylstm.figures import style
from whylstm.wording import listed, number, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from whylstm.diagnosis.found import Findings

NONE = "–"

SHOWN = 10
"""Units that the page lists; the summary has as many for each layer, the table all."""


def page(diagnosis: Findings) -> str:
    """Return the page; equal diagnoses give equal text."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    summary = diagnosis.summary
    return environment.from_string(TEMPLATE).render(
        name=diagnosis.name,
        css=jinja2.utils.markupsafe.Markup(CSS),
        described=described(summary),
        headline=headline(summary),
        verdict=summary["verdict"],
        scopes=[scope_row(scope, summary) for scope in _scopes(summary)],
        lags=few(summary["network_scope"]["carry_share"]),
        sections=[section(finding, diagnosis) for finding in findings() if finding.words(summary)],
        changes=[change_row(row, summary, diagnosis) for row in summary["changes"]],
        theories=list(THEORIES.values()),
        predictions=[theory_row(layer) for layer in summary["layers"]],
        longest=[unit_row(layer, row) for layer, row in _longest(summary)],
        thresholds={word: rule[0].upper() + rule[1:] for word, rule in summary["thresholds"].items()},
        notes=summary["notes"],
        settings=summary["settings"],
        ends=listed([str(end) for end in summary["settings"]["ends"]]),
        check=summary["check"],
        tables={name: tables.TABLES[name][0] for name in diagnosis.tables},
    )


def section(finding: Finding, diagnosis: Findings) -> dict[str, Any]:
    """Return a finding as the template takes it."""
    name = finding.words.__module__.rpartition(".")[2]
    picture = finding.picture(diagnosis.summary, diagnosis.tables) if finding.picture else None
    return {
        "id": name,
        "heading": finding.heading,
        "paragraphs": finding.words(diagnosis.summary).splitlines(),
        "image": None if picture is None else data_uri(svg(name, picture)),
        "alt": "" if picture is None else f"{picture.title}. {picture.alt}",
        "caption": "" if picture is None else picture.caption,
    }


def figures(diagnosis: Findings) -> dict[str, Figure]:
    """Return the figures of all findings that have one, by the findings' names."""
    out = {}
    for finding in findings():
        told = finding.words(diagnosis.summary)
        picture = finding.picture(diagnosis.summary, diagnosis.tables) if finding.picture and told else None
        if picture is not None:
            name = finding.words.__module__.rpartition(".")[2]
            with style.context(f"diagnosis-{name}"):
                out[name] = style.finish(picture.draw(), picture.title)
    return out


def svg(name: str, picture: Picture) -> bytes:
    """Return a figure as SVG with its message on top, without a date."""
    buffer = io.BytesIO()
    with style.context(f"diagnosis-{name}"):
        style.finish(picture.draw(), picture.title).savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def data_uri(content: bytes) -> str:
    """Return an SVG as a ``data:`` address."""
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"


def scope_row(scope: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    """Return the key numbers of the network or of a layer as text."""
    exponent, lags = scope["exponent"], summary["settings"]["lags"]
    memory = scope["effective_memory"]
    return {
        "name": "network" if scope["layer"] == 0 else f"layer {scope['layer']}",
        "verdict": scope["verdict"],
        "growth": NONE
        if exponent is None
        else f"{rate(exponent['value'])} ± {rate(2 * exponent['error'], sign=False)}",
        "memory": f"> {lags}" if memory is None else str(memory),
        "shares": [share(scope["carry_share"][str(lag)]) for lag in few(scope["carry_share"])],
        "change": size(scope["decades"]),
    }


def share(value: float) -> str:
    """Return a carry share as text."""
    return NONE if math.isnan(value) else percent(min(value, FULL))


def change_row(row: dict[str, Any], summary: dict[str, Any], diagnosis: Findings) -> dict[str, Any]:
    """Return one changed network as text, with what to do to a layer of torch.nn."""
    from whylstm.diagnosis.changes import worth_trying

    made = {change.name: change for change in worth_trying(diagnosis.network, summary["inputs"]["steps"])}
    change, found = made.get(row["change"]), steps(row)
    broken = not math.isnan(row["broken"])
    return {
        "name": row["change"],
        "best": row["change"] == summary["recommended"],
        "growth": "overflow" if broken else rate(row["growth"]) if not math.isnan(row["growth"]) else NONE,
        "memory": NONE if broken else f"> {summary['settings']['lags']}" if found is None else str(found),
        "change": NONE if broken else size(row["decades"]),
        "carry": NONE if math.isnan(row["carry_mean"]) else f"{row['carry_mean']:.3f}",
        "code": change.code.format(l=0) if change else "",
    }


def theory_row(layer: dict[str, Any]) -> dict[str, Any]:
    """Return measured and predicted growth of a layer as text, the nearest prediction marked."""
    exponent, near = layer["exponent"], nearest(layer)
    predicted = [(rate(layer["theory"].get(name, math.nan)), name == near) for name in THEORIES]
    return {
        "layer": layer["layer"],
        "measured": NONE if exponent is None else rate(exponent["value"]),
        "predicted": [(NONE if text == "unknown" else text, best) for text, best in predicted],
    }


def unit_row(layer: int, row: dict[str, Any]) -> dict[str, str]:
    """Return one unit as text."""
    bias = row["forget_bias"]
    return {
        "layer": str(layer),
        "unit": str(row["unit"]),
        "carry": f"{row['carry_mean']:.3f}",
        "life": "∞" if math.isinf(row["half_life"]) else number(row["half_life"], 3),
        "bias": NONE if math.isnan(bias) else number(bias, 3),
    }


def _scopes(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [summary["network_scope"], *(summary["layers"] if len(summary["layers"]) > 1 else [])]


def _longest(summary: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return the units of all layers that keep longest, each with its layer."""
    found = [
        (layer["layer"], row) for layer in summary["layers"] if layer["units"] for row in layer["units"]["longest"]
    ]
    return sorted(found, key=lambda unit: -unit[1]["half_life"])[:SHOWN]
