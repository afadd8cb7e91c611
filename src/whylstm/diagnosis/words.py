"""The whole diagnosis as plain text, and the line that says what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whylstm.diagnosis.findings import findings
from whylstm.diagnosis.findings._phrases import counted
from whylstm.diagnosis.findings.reach import headline

if TYPE_CHECKING:
    from whylstm.diagnosis.found import Findings


def text(diagnosis: Findings) -> str:
    """Return the diagnosis as plain text, a paragraph for each finding."""
    summary = diagnosis.summary
    told = [(finding.heading, finding.words(summary)) for finding in findings()]
    parts = [f"{diagnosis.name}: {described(summary)}.", headline(summary)]
    parts += [f"{heading}: {' '.join(words.splitlines())}" for heading, words in told if words]
    parts += [f"Note: {note}" for note in summary["notes"]]
    return "\n\n".join(parts) + "\n"


def described(summary: dict[str, Any]) -> str:
    """Return what was measured: kind, layers, units, inputs."""
    layers, given = summary["network"]["layers"], summary["inputs"]
    units = sorted({layer["units"] for layer in layers})
    each = f"{units[0]} units" if len(units) == 1 else f"{units[0]} to {units[-1]} units"
    sequences = counted(len(given["sequences"]), "sequence")
    stack = f"{summary['network']['kind']}, {counted(len(layers), 'layer')} of {each}"
    return f"{stack}, on {sequences} of {counted(given['steps'], 'step')}"
