"""By which path: the share of the gradient that passes no recurrent matrix, and how many the rest passes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.diagnosis.findings._drawing import lag_axis, panel, scopes
from whylstm.diagnosis.findings._phrases import few
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.diagnosis.verdicts import carry_word
from whylstm.figures import style
from whylstm.wording import listed, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CEILING = 3.0
"""Shares are drawn up to here; beyond it, paths cancel each other almost wholly."""

FULL = 9.99
"""Shares are told up to here."""


MANY = 50
"""From so many lags on they are drawn on a logarithmic axis: shares fall in the first few."""


def words(summary: Summary) -> str:
    """Return which share takes the carry path at a few lags."""
    shares = summary["network_scope"]["carry_share"]
    if not any(share > 0 for share in shares.values()):
        return (
            "There is no carry path: every path passes a recurrent weight matrix at every step, so a gradient that is k"
            " steps old has passed k of them."
        )
    if not summary["network"]["recurrent"]:
        return "The whole gradient takes the carry path: the network has no recurrent weight matrices."
    told = [f"{carry_word(shares[str(lag)])} at lag {lag} ({_percent(shares[str(lag)])})" for lag in few(shares)]
    said = f"Carry alone, past every recurrent weight matrix, takes this much of the gradient: {listed(told)}."
    if any(share > 1 for share in shares.values()):
        said += " A share above 100% means that paths through recurrent matrices cancel part of the carry."
    return said


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw the carry share of the network and of its layers; nothing where it is 0 or 1 throughout."""
    shares = summary["network_scope"]["carry_share"]
    if not any(share > 0 for share in shares.values()) or not summary["network"]["recurrent"]:
        return None

    def draw(axes: Axes) -> None:
        if summary["settings"]["lags"] >= MANY:
            axes.set_xscale("log")
            style.whole_numbers(axes.xaxis)
        for place, (layer, label) in enumerate(scopes(summary)):
            rows = share_by_lag(tables["lag_profile"], layer)
            style.line(axes, rows.index, rows["median"], rows["min"], rows["max"], style.look(place, label))
        lag_axis(axes, "carry share", logarithmic=False)
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")

    told = ", ".join(f"{_percent(share)} at lag {lag}" for lag, share in shares.items())
    lag, share = list(shares.items())[-1]
    return Picture(
        panel(draw),
        f"Carry alone takes {carry_word(share)} of the gradient at lag {lag}",
        "Norm of the sum of all paths that pass no recurrent weight matrix, over the norm of the sum of all paths.",
        f"Line chart of the carry share against the lag. Whole network: {told}.",
    )


def share_by_lag(profile: pd.DataFrame, layer: int) -> pd.DataFrame:
    """Return median, min and max over windows of ‖G^(0)‖/‖G‖ by lag, none above ``CEILING``."""
    rows = profile[profile["layer"] == layer].set_index(["sequence", "end", "lag"])
    total, kept = (rows.loc[rows["quantity"] == name, "log10_norm"] for name in ("norm", "hop_0"))
    share = 10.0 ** (kept - total).clip(upper=math.log10(CEILING))
    return share.groupby("lag").agg(["median", "min", "max"])


def _percent(share: float) -> str:
    return "0%" if math.isnan(share) else percent(min(share, FULL))


FINDING = Finding(3, "By which path", words, picture)
