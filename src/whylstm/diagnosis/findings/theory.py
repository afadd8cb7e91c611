"""What bounds and theory say, beside what was measured."""

from __future__ import annotations

import math
from typing import Any

from whylstm.diagnosis.findings._phrases import by_layer, rate, size
from whylstm.diagnosis.findings.base import Finding, Summary
from whylstm.wording import number

THEORIES = {
    "mean_field": "random weights",
    "mean": "mean Jacobian",
    "incoherent": "paths that do not add up",
    "coherent": "paths that add up",
}
"""The predictions in words."""


def words(summary: Summary) -> str:
    """Return what norms allow, and which prediction comes nearest, layer by layer."""
    layers, lags = summary["layers"], summary["settings"]["lags"]
    bounds = [f"{size(layer['bound']['bound'])} (it is {size(layer['bound']['measured'])})" for layer in layers]
    said = f"At lag {lags} norms of weights and gates alone allow a largest singular value of"
    said += f" {by_layer(summary, bounds)}.{steps(summary)}"
    near = [told for layer in layers if (told := _told(layer))]
    if len(near) < len(layers):
        return said
    return f"{said}\nOf the predictions of growth per step the nearest comes from: {by_layer(summary, near)}."


def steps(summary: Summary) -> str:
    """Return what γ σ_max(U) promises, for simple RNNs; empty for others."""
    found = [layer["step_bound"] for layer in summary["layers"]]
    if None in found:
        return ""
    told = by_layer(summary, [number(one, 3) for one in found])
    sure = "so the gradient must vanish" if max(found) < 1 else "so it need not vanish: below 1 it would have to"
    return f" The largest stretch of one step, γ σ_max(U), is {told}, {sure}."


def _told(layer: dict[str, Any]) -> str:
    """Return the nearest prediction beside the measurement; empty if there is none."""
    name = nearest(layer)
    if name is None:
        return ""
    return f"{THEORIES[name]} ({rate(layer['theory'][name])} for {rate(layer['exponent']['value'])})"


def nearest(layer: dict[str, Any]) -> str | None:
    """Return the theory whose growth is nearest to the measured one; None if there is nothing to compare."""
    known = {name: layer["theory"].get(name, math.nan) for name in THEORIES}
    known = {name: value for name, value in known.items() if math.isfinite(value)}
    if layer["exponent"] is None or not known or not math.isfinite(layer["exponent"]["value"]):
        return None
    return min(known, key=lambda name: abs(known[name] - layer["exponent"]["value"]))


FINDING = Finding(8, "What bounds and theory say", words)
