"""Figure 10: in how many directions the gradient still sees the past: singular values of the lag Jacobian.

The effective rank is the exponential of the entropy of the squared singular values' shares: 1 if one direction is left,
the size of the state if all are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _choose, _laboratory, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures._laboratory import Setting
    from whylstm.figures.base import Claims, Tables

LINES = 5
CELL = "lstm"
LAGS = 3
"""How many lags of the spectrum are drawn, at most."""
FLOOR = -12.0
"""log10 of the smallest ratio that is drawn; what is smaller is drawn there."""
PART = 0.5
"""The part of the state's size that the rank must keep to count as most directions."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the effective rank against the lag above, and below the spectra of the LSTM at each of its biases."""
    biases = [setting for setting in _laboratory.settings(tables["effective_rank"]) if setting[0] == CELL]
    chosen = [biases[0], biases[-1]] if len(biases) > 1 else _laboratory.some(biases, "effective_rank", f"the {CELL}")
    figure = style.canvas(2.9 + 1.75 * len(chosen))
    rank, *spectra = figure.subplots(1 + len(chosen), 1, height_ratios=[1.5] + [1.0] * len(chosen))
    draw_rank(rank, tables)
    for axes, setting in zip(spectra, chosen, strict=True):
        draw_spectra(axes, tables, setting)
    if len(spectra) > 1:
        spectra[0].sharex(spectra[-1])
        spectra[0].tick_params(labelbottom=False)
    spectra[-1].set_xlabel("singular value, largest first")
    return figure


def draw_rank(axes: Axes, tables: Tables) -> None:
    """Draw the effective rank of every cell and forget bias against the lag, with its value at the largest."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    for place, setting in enumerate(_laboratory.settings(tables["effective_rank"])[:LINES]):
        rows = ranks(tables, setting)
        says = directions(rows["rank"].iloc[-1])
        how = style.look(place, _laboratory.words(setting) + ":")
        style.line(axes, rows["lag"], rows["rank"], rows["rank_low"], rows["rank_high"], how, says=says)
    axes.set_ylim(0.6, None)
    axes.set_title("directions of the past that are still seen")
    axes.set_ylabel("effective rank")
    axes.set_xlabel("lag k (steps)")
    axes.margins(x=0)
    for axis in (axes.xaxis, axes.yaxis):
        style.whole_numbers(axis)


def draw_spectra(axes: Axes, tables: Tables, setting: Setting) -> None:
    """Draw the larger half of one setting's singular values, relative to the largest, one line per lag."""
    table = tables["spectrum_summary"]
    half = int(ranks(tables, setting)["size"].iloc[0]) // 2
    axes.set_xlim(1, half)
    axes.set_ylim(FLOOR, 0.4)
    for place, lag in enumerate(sorted(table["lag"].unique())[-LAGS:]):
        rows = _laboratory.rows_of(table, "spectrum_summary", setting, lag=lag).sort_values("index")
        rows = rows[rows["index"] <= half]
        middle, low, high = (rows[end].clip(lower=FLOOR) for end in ("median", "low", "high"))
        style.line(axes, rows["index"], middle, low, high, style.look(place, f"lag {lag}"))
    axes.set_title(f"singular values, {_laboratory.words(setting)}")
    axes.set_ylabel("over the largest")
    style.powers_of_ten(axes.yaxis)


def ranks(tables: Tables, setting: Setting) -> pd.DataFrame:
    """Return the effective ranks of one setting in order of the lag."""
    return _laboratory.rows_of(tables["effective_rank"], "effective_rank", setting).sort_values("lag")


def directions(rank: float) -> str:
    """Return a rank as it is written: a tenth below ten, whole above."""
    return f"{rank:.1f}".removesuffix(".0") if rank < 10 else f"{rank:.0f}"


def words(rank: float) -> str:
    """Return a rank with its unit.

    >>> words(1.04), words(6.41)
    ('1 direction', '6.4 directions')
    """
    number = directions(rank)
    return f"{number} direction{'' if number == '1' else 's'}"


def last(tables: Tables) -> dict[Setting, Any]:
    """Return by setting the row of the largest lag."""
    found = _laboratory.settings(tables["effective_rank"])
    return {setting: ranks(tables, setting).iloc[-1] for setting in found}


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the gradient still sees the past in most directions at the largest lag, over all settings."""
    rows = last(tables).values()
    most = sum(bool(row["rank_low"] >= PART * row["size"]) for row in rows)
    few = sum(bool(row["rank_high"] < PART * row["size"]) for row in rows)
    return judge(most, few, len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the rank of every setting at the largest lag, and the smallest and largest of them."""
    rows = last(tables)
    low, high = (pick(rows, key=lambda setting: rows[setting]["rank"]) for pick in (min, max))
    table = tables["effective_rank"]
    sizes = sorted({int(row["size"]) for row in rows.values()})
    return {
        "lag": str(int(table["lag"].max())),
        "fewest": directions(rows[low]["rank"]),
        "few": words(rows[low]["rank"]),
        "low": _laboratory.words(low),
        "most": directions(rows[high]["rank"]),
        "high": _laboratory.words(high),
        "sizes": wording.listed([str(size) for size in sizes]),
        "largest": str(sizes[-1]),
        "each": "; ".join(f"{_laboratory.words(setting)}: {directions(row['rank'])}" for setting, row in rows.items()),
        "floor": wording.power(FLOOR),
        "replicates": wording.span(*_choose.replicates(table)),
        "coverage": _choose.coverage(table),
    }


FIGURE = Figure(
    number=10,
    tables=("effective_rank", "spectrum_summary"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "After {lag} steps the gradient still sees the past in most directions: in {few} in the {low}",
        "holds under conditions": (
            "After {lag} steps the gradient still sees the past: in {few} in the {low}, in {most} in the {high}"
        ),
        "refuted": (
            "After {lag} steps few directions of the past are left, of up to {largest}: {fewest} in the {low}, {most} "
            "in the {high}"
        ),
        "undecided": "How many directions of the past are left after {lag} steps stays open: {most} in the {high}",
    },
    facts=facts,
    caption=(
        "Above: effective rank of the lag Jacobian of the whole state (of size {sizes}), the exponential of the "
        "entropy of the squared singular values’ shares. Below: the larger half of the LSTM’s singular values, "
        "relative to the largest; those below {floor} are drawn there. Lines: medians over {replicates} replicates; "
        "bands: their {coverage} intervals. Networks at "
        "initialisation, driven by noise; bias: forget bias."
    ),
    alt=(
        "Above, lines of the effective rank against the lag, both axes logarithmic. At lag {lag}: {each}. Below, for "
        "the LSTM at its smallest and largest forget bias, singular values in falling order, one line per lag: the "
        "longer the lag, the steeper the fall."
    ),
)
