"""What bounds and theory say, beside what was measured."""

from __future__ import annotations

import math
from typing import Any

from whylstm.diagnosis.findings._phrases import in_layer, rate, size
from whylstm.diagnosis.findings.base import Finding, Summary
from whylstm.figures._text import listed

THEORIES = {
    "mean_field": "random weights of the same variances",
    "mean": "the mean Jacobian",
    "incoherent": "paths that do not add up",
    "coherent": "paths that add up",
}
"""The predictions in words."""


def words(summary: Summary) -> str:
    """Return bound and predictions layer by layer."""
    return "\n".join(f"{_bound(layer, summary)}{_predicted(layer)}" for layer in summary["layers"])


def _bound(layer: dict[str, Any], summary: Summary) -> str:
    lags, bound = summary["settings"]["lags"], layer["bound"]
    said = f"{in_layer(layer, summary)}norms of weights and gates alone allow a largest singular value of"
    said += f" {size(bound['bound'])} at lag {lags}; it is {size(bound['measured'])}."
    return said[0].upper() + said[1:]


def _predicted(layer: dict[str, Any]) -> str:
    known = {name: layer["theory"].get(name, math.nan) for name in THEORIES}
    told = [f"{rate(value)} from {THEORIES[name]}" for name, value in known.items() if not math.isnan(value)]
    if layer["exponent"] is None or not told:
        return ""
    return f" Its growth per step is {rate(layer['exponent']['value'])}; predicted are {listed(told)}."


FINDING = Finding(8, "What bounds and theory say", words)
