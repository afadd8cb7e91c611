"""The product of ∂h(i)/∂h(i-1), often taken for the gradient of an LSTM, beside the gradient itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.diagnosis.findings._drawing import banded, by_lag, lag_axis, panel
from whylstm.diagnosis.findings._phrases import by_layer, size
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.wording import decades, power

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LINES = {"h_to_h": "∂h(t)/∂h(t−k)", "article": "product of\n∂h(i)/∂h(i−1)", "carousel": "path along C"}


def words(summary: Summary) -> str:
    """Return how far the product is from the truth at the largest lag; empty for cells without a memory behind h."""
    lags = summary["settings"]["lags"]
    if lags == 1 or any(layer["article"] is None for layer in summary["layers"]):
        return ""
    last = [layer["article"][str(lags)] for layer in summary["layers"]]
    told = by_layer(summary, [f"{size(one['article'])} instead of {size(one['truth'])}" for one in last])
    return (
        "Taking h alone for the state, as is often done, gives the product of ∂h(i)/∂h(i−1), which leaves out every"
        f" path along the memory C. At lag {lags} it is {told}."
    )


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw truth, product, and the article's term along C in the top layer."""
    top, lags = summary["layers"][-1], summary["settings"]["lags"]
    if top["article"] is None or lags < 2:
        return None

    def draw(axes: Axes) -> None:
        for place, (quantity, label) in enumerate(LINES.items()):
            banded(axes, by_lag(tables["lag_profile"], top["layer"], quantity), style.look(place, label), says="")
        lag_axis(axes, "norm")

    last = top["article"][str(lags)]
    gap = last["truth"] - last["article"]
    wrong = f"{decades(gap)} too {'small' if gap > 0 else 'large'}" if math.isfinite(gap) else "not the gradient"
    where = f" of layer {top['layer']}" if top["layer"] > 1 else ""
    return Picture(
        panel(draw),
        f"The product of ∂h(i)/∂h(i−1) is {wrong} at lag {lags}",
        f"The gradient from h to h{where}, the product that is often taken for it, and the one path that enters C, goes"
        " along its forget gates, and leaves it.",
        f"Line chart on a logarithmic axis. At the largest lag the truth is {power(last['truth'])}, the product"
        f" {power(last['article'])}.",
    )


FINDING = Finding(9, "The article's product beside the truth", words, picture)
