"""What the output still feels of earlier inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.diagnosis.findings._drawing import banded, lag_axis, panel
from whylstm.diagnosis.findings._phrases import counted, size
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.wording import power

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def words(summary: Summary) -> str:
    """Return how far back the output feels the inputs."""
    memory, lags = summary["input_gradient"]["memory"], summary["settings"]["lags"]
    if memory == 0:
        return "The output does not depend on the inputs at all."
    if lags == 1:
        return ""
    last = summary["input_gradient"]["log10_over_newest"]
    oldest = f"one that is {counted(lags - 1, 'step')} old for {size(last)} times as much"
    if memory is None:
        return f"At every lag measured an input counts for more than 1/e of what the newest one does, {oldest}."
    aged = f"An input that is {counted(memory, 'step')} old"
    return f"{aged} counts for less than 1/e of what the newest one does, {oldest}."


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw the norm of the output's gradient with respect to earlier inputs."""
    rows = tables["inputs"].groupby("lag")["log10_norm"].agg(["median", "min", "max"])
    if len(rows) < 2:
        return None

    def draw(axes: Axes) -> None:
        banded(axes, rows, style.look(0, ""))
        lag_axis(axes, "norm of ∂h(t)/∂x(t−k)")

    told = "; ".join(f"lag {lag}: {power(value)}" for lag, value in summary["input_gradient"]["log10_norm"].items())
    return Picture(
        panel(draw),
        words(summary).partition(", one")[0].rstrip("."),
        "Norm of the gradient of the top layer's output with respect to the input k steps before.",
        f"Line chart on a logarithmic axis against the lag. {told}.",
    )


FINDING = Finding(6, "What the output feels of the inputs", words, picture)
