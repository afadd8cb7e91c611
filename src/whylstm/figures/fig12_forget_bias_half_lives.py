"""Figure 12: how long the direct path of an LSTM's units lasts, beside what forget bias and chrono promise.

Gates that stand where their biases put them have f = σ(b): half-life ln 2 / ln(1 + e^-b), and under chrono
initialisation the mean of f^T_max tends to E₂(1). Inputs move the gates, and the mean of ln f then falls (Jensen).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.figures import _choose, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

DRIVEN, REST = style.look(1, "driven by\nnoise"), style.look(0, "no input")
SHOWN_BIAS = 4.0


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return half-lives against the forget bias above, and what chrono units keep against T_max below."""
    figure = style.canvas(5.8)
    above, below = figure.subplots(2, 1, height_ratios=[1.25, 1.0])
    draw_half_lives(above, law(tables, "constant"))
    draw_kept(below, law(tables, "chrono"))
    return figure


def draw_half_lives(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the half-life of the median unit, with the band of the other units, and the prediction for still gates."""
    axes.set_yscale("log")
    for scale, how in looks(rows):
        one = at(rows, scale)
        says = "\n" + steps(one["half_life"].iloc[-1])
        style.line(axes, one["setting"], one["half_life"], one["short"], one["long"], how, says=says)
    still = at(rows, rows["input_scale"].min())
    style.theory(axes, still["setting"].to_numpy(), still["predicted"].to_numpy(), "ln 2/ln(1+e⁻ᵇ)")
    axes.set_title("half-life of a unit’s direct path")
    axes.set_ylabel("steps")
    axes.set_xlabel("forget bias b")
    axes.margins(x=0.02)
    style.whole_numbers(axes.yaxis)


def draw_kept(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the mean of f^T_max under chrono initialisation, and its limit for still gates."""
    axes.set_xscale("log")
    for scale, how in looks(rows):
        one = at(rows, scale)
        says = wording.percent(one["kept"].iloc[-1])
        style.line(axes, one["setting"], one["kept"], one["kept_low"], one["kept_high"], how, says=says)
    ends = rows["setting"].agg(["min", "max"]).to_numpy()
    promised = rows["kept_predicted"].iloc[0]
    style.theory(axes, ends, [promised, promised], f"E₂(1) = {wording.percent(promised)}")
    axes.set_ylim(0, 1.4 * max(promised, rows["kept_high"].max()))
    axes.set_yticks([0, 0.1, 0.2], ["0%", "10%", "20%"])
    axes.set_title("what is left after T steps, chrono for T")
    axes.set_ylabel("kept (mean of units)")
    axes.set_xlabel("T, the longest dependency expected (steps)")
    axes.margins(x=0.02)
    axes.set_xticks(sorted(rows["setting"].unique()), [f"{value:g}" for value in sorted(rows["setting"].unique())])
    axes.minorticks_off()


def law(tables: Tables, name: str) -> pd.DataFrame:
    """Return the rows of one law, in order of its setting."""
    return _choose.rows_of(tables["half_life_summary"], "half_life_summary", law=name).sort_values("setting")


def looks(rows: pd.DataFrame) -> list[tuple[float, style.Look]]:
    """Return the input scales that are drawn, each with its look: the largest, and none at all where that was run."""
    scales = sorted(rows["input_scale"].unique())
    return [(scales[-1], DRIVEN), *([(0.0, REST)] if scales[0] == 0 and len(scales) > 1 else [])]


def at(rows: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Return the rows of one input scale."""
    return rows[rows["input_scale"] == scale]


def driven(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the largest input scale."""
    return at(rows, rows["input_scale"].max())


def steps(value: float) -> str:
    """Return a number of steps: a tenth below ten, whole above, two digits beyond a hundred.

    >>> steps(0.86), steps(22.7), steps(162.7)
    ('0.9 steps', '23 steps', '160 steps')
    """
    return f"{wording.number(value, 2 if value >= 1 else 1)} steps"


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether units driven by inputs keep their memory as long as their forget bias promises."""
    rows = driven(law(tables, "constant"))
    kept, short = rows["half_life_low"] >= rows["predicted"], rows["half_life_high"] < rows["predicted"]
    return judge(int(kept.sum()), int(short.sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return promise and measurement at a large forget bias and for chrono."""
    constant, chrono = driven(law(tables, "constant")), driven(law(tables, "chrono"))
    bias = selection.nearest(constant["setting"], SHOWN_BIAS)
    row, last = constant[constant["setting"] == bias].iloc[0], chrono.iloc[-1]
    return {
        "bias": wording.number(bias),
        "lasts": steps(row["half_life"]).removesuffix(" steps"),
        "promised": steps(row["predicted"]).removesuffix(" steps"),
        "kept": wording.percent(last["kept"]),
        "chrono": wording.percent(last["kept_predicted"]),
        "t_max": f"{last['setting']:g}",
        "short": steps(row["short"]).removesuffix(" steps"),
        "long": steps(row["long"]),
        "replicates": wording.span(*_choose.replicates(constant, chrono)),
        "coverage": _choose.coverage(constant, chrono),
    }


FIGURE = Figure(
    number=12,
    tables=("half_life_summary",),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": (
            "An LSTM unit remembers at least as long as its bias promises: {lasts} of {promised} steps at bias {bias}"
        ),
        "holds under conditions": (
            "An LSTM unit remembers as long as its bias promises only at some biases: {lasts} of {promised} steps at "
            "bias {bias}"
        ),
        "refuted": (
            "Inputs cut memory short: at forget bias {bias} half is gone after {lasts} steps, not {promised}; chrono "
            "units keep {kept}, not {chrono}"
        ),
        "undecided": (
            "An LSTM unit remembers about as long as its bias promises: {lasts} of {promised} steps at bias {bias}"
        ),
    },
    facts=facts,
    caption=(
        "Direct path of single LSTM units at initialisation, by the mean of ln f over a run. Above: half-life of the "
        "median unit (lines) and of the middle 68% of the units (bands; at forget bias {bias} {short} to {long}), "
        "medians over {replicates} replicates. Below: mean over units of f to the power T under chrono "
        "initialisation, with {coverage} intervals of the medians. Dashed: predictions for gates that stand where "
        "their biases put them, for chrono in the limit of large T (Tallec and Ollivier 2018)."
    ),
    alt=(
        "Above, the half-life of a unit’s direct path against its forget bias, on a logarithmic axis: {lasts} of the "
        "promised {promised} steps at bias {bias}. Below, what chrono units keep after T steps against T: {kept} at T "
        "= {t_max} when driven by noise; {chrono} are promised."
    ),
)
