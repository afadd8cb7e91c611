"""Through how many recurrent matrices: the distribution of hops at a few lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.diagnosis.findings._drawing import panel
from whylstm.diagnosis.findings._phrases import by_layer
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.wording import listed, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LEAST = 1e-3
"""Shares below this at the upper end are not drawn."""


def words(summary: Summary) -> str:
    """Return the mean number of hops, of the network and of its layers; empty where every path has as many."""
    means = summary["network_scope"]["mean_hops"]
    if not _varies(means):
        return ""
    lag = max(means, key=int)
    said = f"At lag {lag} the gradient has passed {number(means[lag])} recurrent matrices on average"
    if len(summary["layers"]) > 1:
        each = by_layer(summary, [number(layer["mean_hops"][lag]) for layer in summary["layers"]])
        said += f" (each layer by itself: {each}); the climb from a layer to the next is not counted as one"
    return f"{said}."


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw the distribution of hops of the whole network at up to three lags."""
    rows, means = tables["hops"].query("layer == 0"), summary["network_scope"]["mean_hops"]
    lags = [lag for lag in sorted(rows["lag"].unique()) if lag > 1][-3:]
    if not lags or not _varies(means):
        return None

    def draw(axes: Axes) -> None:
        for place, lag in enumerate(lags):
            share = rows[rows["lag"] == lag].groupby("hops")["share"].mean()
            seen = share[: int(share[share > LEAST].index.max()) + 1]
            style.line(axes, seen.index, seen, seen, seen, style.look(place, f"lag {lag}"), at="peak")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("recurrent matrices passed")
        axes.set_ylabel("share")
        axes.set_ylim(0, None)
        axes.margins(y=0.15)

    told = listed([f"{number(means[str(lag)])} at lag {lag}" for lag in lags])
    return Picture(
        panel(draw),
        f"Recurrent matrices passed on average: {told}",
        "Share of the squared norm of the whole network's gradient by the number of recurrent matrices passed,"
        " estimated from a few random directions.",
        f"Line chart of shares against the number of recurrent matrices. Means: {told}.",
    )


def _varies(means: dict[str, float]) -> bool:
    """Return whether paths differ in their hops: not if all have none, or as many as the lag."""
    return any(1e-9 < mean < int(lag) - 1e-9 for lag, mean in means.items())


FINDING = Finding(4, "Through how many hops", words, picture)
