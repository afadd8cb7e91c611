"""How far back: does the gradient vanish, explode or keep its size, and after how many steps has it fallen to 1/e?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.diagnosis.findings._drawing import banded, by_lag, lag_axis, panel, scopes
from whylstm.diagnosis.findings._phrases import by_layer, counted, factor, within
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.wording import decades, listed, power

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def headline(summary: Summary) -> str:
    """Return in one sentence what becomes of the gradient."""
    moved, lags = summary["network_scope"]["decades"], summary["settings"]["lags"]
    if lags == 1:
        return "Only one step back was measured, so nothing can be said about growth."
    if math.isnan(moved) or moved == -math.inf:
        return f"The gradient vanishes: within {lags} steps it is exactly zero."
    by = f"{decades(moved)}, a factor of {factor(moved)}"
    sentences = {
        "vanishes": f"The gradient vanishes: over {lags} steps it falls by {by}.",
        "explodes": f"The gradient explodes: over {lags} steps it grows by {by}.",
        "keeps": f"The gradient keeps its size: over {lags} steps it changes by {decades(moved)}, less than tenfold.",
        "unclear": f"Over {lags} steps the gradient {'falls' if moved < 0 else 'grows'} by {by}, but its growth per"
        " step has no sure sign.",
    }
    return sentences[summary["verdict"]]


def words(summary: Summary) -> str:
    """Return the effective memory of the network, and of its layers where there are several."""
    lags, whole = summary["settings"]["lags"], summary["network_scope"]["effective_memory"]
    below = "below 1/e of what it is one step back"
    if lags == 1:
        return ""
    if math.isnan(summary["network_scope"]["decades"]):
        return "There is no memory: one step back the gradient is exactly zero."
    if whole is None:
        measured = f"the {counted(lags, 'step')} measured"
        said = f"The effective memory is longer than {measured}: the gradient never falls {below}."
    else:
        said = f"The effective memory is {counted(whole, 'step')}: there the gradient first falls {below}."
    if len(summary["layers"]) == 1:
        return said
    each = [within(layer["effective_memory"], lags) for layer in summary["layers"]]
    return f"{said} Each layer by itself, its input given: {by_layer(summary, each)}."


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture:
    """Draw the norm of the lag Jacobian of the network and of its layers."""
    lines = {label: by_lag(tables["lag_profile"], layer, "norm") for layer, label in scopes(summary)}

    def draw(axes: Axes) -> None:
        for place, (label, rows) in enumerate(lines.items()):
            banded(axes, rows, style.look(place, label))
        lag_axis(axes, "norm of ∂s(t)/∂s(t−k)")

    ends = listed([f"{label} {power(rows['median'].iloc[-1])}".strip() for label, rows in lines.items()])
    layers = ", of all layers together and of each layer with its input given" if len(lines) > 1 else ""
    return Picture(
        panel(draw),
        headline(summary).rstrip("."),
        f"Norm of the gradient of the state with respect to the state k steps before{layers}.",
        f"Line chart on a logarithmic axis. Norms at lag {summary['settings']['lags']}: {ends}.",
    )


FINDING = Finding(1, "How far back", words, picture)
