"""How many directions survive: singular values and effective rank of the lag Jacobian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.diagnosis.findings._drawing import banded, labelled_where_it_ends, panel
from whylstm.diagnosis.findings._phrases import few
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.wording import listed, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


SHOWN = (1, 10, 100)
"""The lags that are drawn, beside the largest."""

LONG = 0.95
"""A line that reaches so far across the panel has its label beside it, a shorter one where it ends."""


def words(summary: Summary) -> str:
    """Return the effective rank at a few lags."""
    ranks = summary["network_scope"]["effective_rank"]
    if not ranks:
        return "No direction survives: the gradient is exactly zero."
    told = listed([f"{number(ranks[str(lag)])} at lag {lag}" for lag in few(ranks)])
    return f"Of the {summary['network']['state']} directions of the state the gradient effectively keeps {told}."


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw the singular values of the whole network's lag Jacobian at a few lags."""
    rows = tables["spectrum"].query("layer == 0")
    if rows.empty or summary["network"]["state"] < 2:
        return None
    ranks = summary["network_scope"]["effective_rank"]
    told = listed([f"{number(rank)} at lag {lag}" for lag, rank in ranks.items()])
    last = str(rows["lag"].max())
    return Picture(
        panel(lambda axes: draw(axes, rows), 3.2),
        f"At lag {last}, {number(ranks[last])} of {summary['network']['state']} directions are effectively left",
        "Singular values of the whole network's lag Jacobian, down to 10⁻¹⁰ of the largest; smaller ones are lost in"
        " rounding.",
        f"Line chart of singular values on a logarithmic axis. Effective ranks: {told}.",
    )


def draw(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw a line for each lag, labelled where it ends."""
    lags, widest = sorted(rows["lag"].unique()), rows["index"].max()
    for place, lag in enumerate(lag for lag in lags if lag in SHOWN or lag == lags[-1]):
        values = rows[rows["lag"] == lag].groupby("index")["log10_value"].agg(["median", "min", "max"])
        look = style.look(place, f"lag {lag}")
        if values.index[-1] < LONG * widest:
            labelled_where_it_ends(axes, values, look)
        else:
            banded(axes, values, look, says="")
    style.powers_of_ten(axes.yaxis)
    axes.set_xlabel("singular value, largest first")
    axes.set_ylabel("size")


FINDING = Finding(7, "How many directions survive", words, picture)
