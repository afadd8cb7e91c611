"""Figure 6: through how many recurrent matrices the LSTM's gradient has passed, against the lag.

‖G^(r)‖² over Σ_r ‖G^(r)‖²: the share of the paths with r hops. A few r are drawn, and all beyond the last one together.
Above at initialisation, driven by noise; below on a task, before training and when it was solved, where the study has
solved runs of the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.figures import _choose, _maps, _training, style
from whylstm.figures.base import Figure, judge
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELL, CARRY, REST = "lstm", "0", "rest"
HOPS = (0, 1, 3, 6)
"""Numbers of hops that have a line of their own, where the study has them."""
BIASES = (1.0, 4.0)
STAGES = {"start": "before training", "end": "solved"}
DEPENDENCY = 0.75
"""The lag at which training is told, as a share of the length: what answers depend on lies about there."""
HALF, DRAWN, SEEN = 0.5, 0.05, 0.01
"""The share that is most of the gradient, the one that a line must reach to be drawn, and where it then begins."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one panel per forget bias, and two for training, each with one line per number of hops."""
    shown = [
        (f"LSTM, {selection.setting(point)}", at_point(tables, point)) for point in chosen_points(tables["points"])
    ]
    shown += staged(tables)
    figure = style.canvas(1.3 + (2.2 if len(shown) < 3 else 1.75) * len(shown))
    panels = figure.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (title, rows) in zip(panels, shown, strict=True):
        draw_panel(axes, rows)
        axes.set_title(title)
    lags = [rows["lag"] for _, rows in shown]
    panels[-1].set_xlim(min(lag.min() for lag in lags), max(lag.max() for lag in lags))
    panels[-1].set_xlabel("lag k (steps)")
    return figure


def draw_panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the shares at one setting, each line labelled where it is highest."""
    axes.set_xscale("log")
    axes.set_xlim(rows["lag"].min(), rows["lag"].max())
    axes.set_ylim(0, 1.15)
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    for place, hop in enumerate(chosen_hops(rows)):
        one = rows[rows["hop"] == hop].sort_values("lag")
        how = style.look(place, hop_words(rows, hop))
        if one["share"].max() >= DRAWN:
            seen = one["share"].where(one["share"] >= SEEN)
            style.line(axes, one["lag"], seen, one["share_low"], one["share_high"], how, at="peak")
    axes.set_ylabel("share of gradient")
    style.whole_numbers(axes.xaxis)


def chosen_points(points: pd.DataFrame) -> list[pd.Series]:
    """Return the points at the main gain that are nearest to the wanted forget biases, each once."""
    known = _choose.grid(points, CELL)["forget_bias"]
    return [_choose.point(points, CELL, bias=bias) for bias in sorted({selection.nearest(known, b) for b in BIASES})]


def chosen_hops(rows: pd.DataFrame) -> list[str]:
    """Return the hops that are drawn, as the table writes them."""
    known = set(rows["hop"])
    return [hop for hop in (*map(str, HOPS), REST) if hop in known]


def hop_words(rows: pd.DataFrame, hop: str) -> str:
    """Return a number of hops in words."""
    if hop == REST:
        counted = rows["hop"]
        return f"{counted[counted != REST].astype(int).max() + 1} or more"
    return {"0": "0 hops: carry", "1": "1 hop"}.get(hop, f"{hop} hops")


def at_point(tables: Tables, point: pd.Series) -> pd.DataFrame:
    """Return the shares of all numbers of hops at one setting."""
    return _choose.rows_of(tables["hop_spectrum"], "hop_spectrum", point=point["point"])


def spectrum(tables: Tables, point: pd.Series, hop: str) -> pd.DataFrame:
    """Return the share of one number of hops at one setting, in order of the lag."""
    return _choose.rows_of(at_point(tables, point), "hop_spectrum", hop=hop).sort_values("lag")


def trained(tables: Tables) -> pd.DataFrame:
    """Return the spectrum of the solved runs of one arm, before and after: the cell at the forget bias nearest to 1.

    Of the lengths at which enough of its runs were solved, the longest; maybe no rows.
    """
    rows = _training.of(_training.joined(tables, "trained_hops"), outcome="solved", cell=CELL, detach=0.0)
    rows = rows[rows["n"].ge(_roles.FEWEST) & rows["forget_bias"].notna()]
    for column in ("hidden", "longest"):
        rows = rows[rows[column] == rows[column].max()]
    if rows.empty:
        return rows
    rows = rows[rows["forget_bias"] == selection.nearest(rows["forget_bias"], BIASES[0])]
    return rows[rows["trial"] == rows.sort_values([*_training.SETTING])["trial"].iloc[0]]


def staged(tables: Tables) -> list[tuple[str, pd.DataFrame]]:
    """Return the two panels of training, with their titles; none if there is no such run."""
    rows = trained(tables)
    if rows.empty:
        return []
    first = rows.iloc[0]
    where = f"{_training.task(first['task'])}, bias {wording.number(first['forget_bias'])}"
    return [(f"{where}: {words}", _training.of(rows, stage=stage)) for stage, words in STAGES.items()]


def after(tables: Tables) -> str:
    """Return how many hops led before training and when solved, at the lag of the dependency, as a sentence."""
    rows = trained(tables)
    if rows.empty:
        return "No run of this cell was solved in training, so that nothing is shown of it."
    length = int(rows["longest"].iloc[0])
    lag = selection.nearest(rows["lag"], DEPENDENCY * length)
    ends = [leading(_training.of(rows, stage=stage, lag=lag)) for stage in STAGES]
    told = [f"{hops} ({wording.percent(share)})" for hops, share in ends]
    return (
        f"Below: {_training.setting(rows)}, length {length}, {_training.runs(rows)} solved runs. Leading at lag "
        f"{int(lag)}: {told[0]} before training, {told[1]} when solved."
    )


def at_largest_lag(tables: Tables) -> pd.DataFrame:
    """Return the carry's share at the largest lag over the whole grid of the cell."""
    rows = _choose.rows_of(tables["hop_spectrum"], "hop_spectrum", hop=CARRY)
    rows = _maps.over_grid(rows, tables["points"], CELL)
    return rows[rows["lag"] == rows["lag"].max()]


def leader(tables: Tables, point: pd.Series) -> tuple[str, float]:
    """Return the number of hops, in words, with the largest share at the largest lag, and that share."""
    rows = at_point(tables, point)
    return leading(rows[rows["lag"] == rows["lag"].max()])


def leading(rows: pd.DataFrame) -> tuple[str, float]:
    """Return the number of hops with the largest share, in words, and that share, from the rows of one lag."""
    first = rows.sort_values(["share", "hop"], ascending=[False, True]).iloc[0]
    return hop_words(rows, str(first["hop"])), float(first["share"])


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the carry alone holds at least half of the gradient at the largest lag, over the grid."""
    rows = at_largest_lag(tables)
    return judge(int((rows["share_low"] >= HALF).sum()), int((rows["share_high"] < HALF).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return which number of hops leads at the largest lag in each panel, and how often the carry does on the grid."""
    shown, last = chosen_points(tables["points"]), at_largest_lag(tables)
    leaders = {point["forget_bias"]: leader(tables, point) for point in shown}
    told = [f"{wording.number(bias)}: {hops} ({wording.percent(share)})" for bias, (hops, share) in leaders.items()]
    rows = [spectrum(tables, point, CARRY) for point in shown]
    return {
        "lag": str(int(last["lag"].max())),
        "count": str(int((last["share"] >= HALF).sum())),
        "gone": str(int((last["share_high"] < HALF).sum())),
        "total": str(len(last)),
        "leaders": "; ".join(f"at forget bias {words}" for words in told),
        "hidden": str(shown[0]["hidden"]),
        "replicates": wording.span(*_choose.replicates(*rows)),
        "coverage": _choose.coverage(*rows),
        "drawn": wording.listed(
            [hop_words(at_point(tables, shown[0]), hop) for hop in chosen_hops(at_point(tables, shown[0]))]
        ),
        "trained": after(tables),
    }


FIGURE = Figure(
    number=6,
    tables=("hop_spectrum", "points", "trained_hops", "trials"),
    optional=("trained_hops", "trials"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "At lag {lag} most of the gradient has passed no recurrent matrix yet, in all {total} settings",
        "holds under conditions": (
            "By lag {lag} most of the gradient has passed recurrent matrices in {gone} of {total} settings"
        ),
        "refuted": "By lag {lag} most of the gradient has passed recurrent matrices, in all {total} settings",
        "undecided": (
            "By lag {lag} most of the gradient has passed recurrent matrices in at least {gone} of {total} settings"
        ),
    },
    facts=facts,
    caption=(
        "Share of the gradient that has passed so many recurrent matrices (hops): squared norm over the sum of "
        "squared norms, LSTM of {hidden} units at initialisation, driven by noise. Lines: medians over {replicates} "
        "replicates; bands: their {coverage} intervals. Drawn: {drawn}. Leading at lag {lag}: {leaders}. {trained}"
    ),
    alt=(
        "Line charts of shares against the lag on a logarithmic axis, one panel per forget bias. Leading at lag "
        "{lag}: {leaders}. The carry leads in {count} of {total} settings. {trained}"
    ),
)
