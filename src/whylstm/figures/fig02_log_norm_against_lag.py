"""Figure 2: how the gradient from h to h grows or shrinks with the lag, cell beside cell, and the LSTM beside theory.

Cells have states of different size and coordinates, so they are compared on the block from h to h. The predictions are
those of :mod:`whylstm.gradients.growth`; each starts at the LSTM's measured norm at lag 1, and none is assumed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.figures import _choose, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELLS = ("linear", "tanh", "gru", "lstm")
GAINS = (1.0, 4.0)
QUANTITY, RIVAL = "h_to_h", "tanh"
PREDICTIONS = {"coherent": "f + a", "incoherent": "√(f² + a²)", "mean": "mean Jacobian"}


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one panel per gain with a line per cell, and below them the LSTM with its predicted growths."""
    gains = chosen_gains(tables["points"])
    figure = style.canvas(2.9 + 2.1 * len(gains))
    panels = figure.subplots(len(gains) + 1, 1, sharex=True, height_ratios=[2.1] * len(gains) + [1.7])
    for axes, gain in zip(panels, gains, strict=False):
        draw_cells(axes, tables, gain)
    draw_theory(panels[-1], tables, gains[0])
    for axes in panels:
        axes.set_ylabel("norm of ∂h(t)/∂h(t−k)")
        axes.margins(x=0)
        style.powers_of_ten(axes.yaxis)
    panels[-1].set_xlabel("lag k (steps)")
    return figure


def draw_cells(axes: Axes, tables: Tables, gain: float) -> None:
    """Draw all cells at one gain, each with its norm at the largest lag."""
    for cell in shown_cells(tables, gain):
        rows = profile(tables, cell, gain)
        says = wording.power(rows["median"].iloc[-1])
        style.line(axes, rows["lag"], rows["median"], rows["low"], rows["high"], style.cell(cell), says=says)
    axes.set_title(f"every cell, {setting(tables['points'], gain)}")


def draw_theory(axes: Axes, tables: Tables, gain: float) -> None:
    """Draw the LSTM at one gain, and the growths that are predicted for it, from its measured norm at lag 1."""
    rows = profile(tables, "lstm", gain)
    style.line(axes, rows["lag"], rows["median"], rows["low"], rows["high"], style.cell("lstm"), says="measured")
    point = _choose.point(tables["points"], "lstm", gain)["point"]
    growth = tables["growth"][tables["growth"]["point"] == point].set_index("prediction")["predicted"]
    for prediction in [name for name in PREDICTIONS if name in growth]:  # none where no replicate stayed finite
        slope = growth[prediction] / math.log(10)
        predicted = rows["median"].iloc[0] + slope * (rows["lag"] - rows["lag"].iloc[0])
        style.theory(axes, rows["lag"], predicted.to_numpy(), PREDICTIONS[prediction])
    axes.set_title(f"LSTM against theory, {setting(tables['points'], gain)}")


def setting(points: pd.DataFrame, gain: float) -> str:
    """Return a gain and the forget bias that goes with it, in words."""
    bias = _choose.point(points, "lstm", gain)["forget_bias"]
    return f"gain {wording.number(gain)}, forget bias {wording.number(bias)}"


def chosen_gains(points: pd.DataFrame) -> list[float]:
    """Return the grid's gains nearest to the wanted ones, each once, in order."""
    known = _choose.grid(points, "lstm")["gain"]
    return sorted({selection.nearest_gain(known, gain) for gain in GAINS})


def shown_cells(tables: Tables, gain: float) -> list[str]:
    """Return the cells with a profile at a gain: all of the study's but those whose states did not stay finite."""
    points, measured = tables["points"], set(tables["lag_profile"]["point"])
    known = selection.cells(points, CELLS)
    return [cell for cell in known if cell == "lstm" or _choose.point(points, cell, gain)["point"] in measured]


def profile(tables: Tables, cell: str, gain: float) -> pd.DataFrame:
    """Return the lag profile of a cell at a gain, in order of the lag."""
    point = _choose.point(tables["points"], cell, gain)["point"]
    rows = _choose.rows_of(tables["lag_profile"], "lag_profile", point=point, quantity=QUANTITY)
    return rows.sort_values("lag")


def drift(profile: pd.DataFrame) -> tuple[float, float]:
    """Return the smallest and the largest distance from 1 (decades) that the interval of the last norm allows."""
    low, high = profile["low"].iloc[-1], profile["high"].iloc[-1]
    return (0.0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the LSTM's norm ends nearer to 1 than the tanh RNN's, over the gains that are drawn."""
    gains = [gain for gain in chosen_gains(tables["points"]) if RIVAL in shown_cells(tables, gain)]
    pairs = [[drift(profile(tables, cell, gain)) for cell in ("lstm", RIVAL)] for gain in gains]
    less = sum(ours[1] < theirs[0] for ours, theirs in pairs)
    more = sum(ours[0] > theirs[1] for ours, theirs in pairs)
    return judge(less, more, len(pairs)) if pairs else "undecided"


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return where every line ends, the LSTM's beside the tanh RNN's, and the settings."""
    points, gains = tables["points"], chosen_gains(tables["points"])
    lines = {(gain, cell): profile(tables, cell, gain) for gain in gains for cell in shown_cells(tables, gain)}
    return {
        "lags": str(int(lines[gains[0], "lstm"]["lag"].max())),
        "contrast": wording.listed([contrast(lines, gain) for gain in gains]),
        "ends": "; ".join(f"at gain {wording.number(gain)} {ends(lines, gain)}" for gain in gains),
        "replicates": wording.span(*_choose.replicates(*lines.values())),
        "coverage": _choose.coverage(*lines.values()),
        "hidden": str(_choose.point(points, "lstm")["hidden"]),
        "gains": wording.listed([wording.number(gain) for gain in gains]),
    }


def contrast(lines: dict[tuple[float, str], pd.DataFrame], gain: float) -> str:
    """Return the last norm of the LSTM and of the tanh RNN at a gain, as the title sets them against each other."""
    last = [lines[gain, cell]["median"].iloc[-1] for cell in ("lstm", RIVAL) if (gain, cell) in lines]
    return f"{' against '.join(map(wording.power, last))} at gain {wording.number(gain)}"


def ends(lines: dict[tuple[float, str], pd.DataFrame], gain: float) -> str:
    """Return the norm of each cell at the largest lag, in words."""
    last = {cell: rows["median"].iloc[-1] for (at, cell), rows in lines.items() if at == gain}
    return wording.listed([f"{style.cell(cell).label} {wording.power(norm)}" for cell, norm in last.items()])


FIGURE = Figure(
    number=2,
    tables=("lag_profile", "growth", "points"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "The LSTM’s gradient drifts less than the tanh RNN’s: after {lags} steps {contrast}",
        "holds under conditions": (
            "The LSTM’s gradient drifts less than the tanh RNN’s at some gains only: after {lags} steps {contrast}"
        ),
        "refuted": "The LSTM’s gradient drifts more than the tanh RNN’s: after {lags} steps {contrast}",
        "undecided": "LSTM against tanh RNN: after {lags} steps their gradients are {contrast}",
    },
    facts=facts,
    caption=(
        "Norm of the gradient from h to h against the lag, for networks of {hidden} units at initialisation, driven "
        "by noise. Lines: medians over {replicates} replicates; bands: their {coverage} intervals; powers of ten: "
        "norms at lag {lags}. Dashed: growth predicted for paths that add up (f + a), for paths that do not (√(f² + "
        "a²)), and by the spectral radius of the mean Jacobian, each from the norm at lag 1; a² is the mean squared "
        "gain of one hop."
    ),
    alt=(
        "Line chart on a logarithmic axis, one panel per gain ({gains}): norm of the gradient from h to h against "
        "lags up to {lags}. At the largest lag: {ends}."
    ),
)
