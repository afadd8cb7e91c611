"""Figure 2: how the gradient from h to h grows or shrinks with the lag, cell beside cell, and the LSTM beside theory.

Cells have states of different size and coordinates, so they are compared on the block from h to h. The predictions are
those of :mod:`whylstm.gradients.growth`; each starts at the LSTM's measured norm at lag 1, and none is assumed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.figures import _choose, _text, style
from whylstm.figures.base import Figure, verdict_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELLS = ("linear", "tanh", "gru", "lstm")
GAINS = (1.0, 4.0)
QUANTITY = "h_to_h"
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
        says = _text.power(rows["median"].iloc[-1])
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
    return f"gain {_text.number(gain)}, forget bias {_text.number(bias)}"


def chosen_gains(points: pd.DataFrame) -> list[float]:
    """Return the grid's gains nearest to the wanted ones, each once, in order."""
    known = _choose.grid(points, "lstm")["gain"]
    return sorted({_choose.nearest_gain(known, gain) for gain in GAINS})


def shown_cells(tables: Tables, gain: float) -> list[str]:
    """Return the cells with a profile at a gain: all of the study's but those whose states did not stay finite."""
    points, measured = tables["points"], set(tables["lag_profile"]["point"])
    known = _choose.cells(points, CELLS)
    return [cell for cell in known if cell == "lstm" or _choose.point(points, cell, gain)["point"] in measured]


def profile(tables: Tables, cell: str, gain: float) -> pd.DataFrame:
    """Return the lag profile of a cell at a gain, in order of the lag."""
    point = _choose.point(tables["points"], cell, gain)["point"]
    rows = _choose.rows_of(tables["lag_profile"], "lag_profile", point=point, quantity=QUANTITY)
    return rows.sort_values("lag")


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return where every line ends, what the LSTM's does, and the settings."""
    points, gains = tables["points"], chosen_gains(tables["points"])
    lines = {(gain, cell): profile(tables, cell, gain) for gain in gains for cell in shown_cells(tables, gain)}
    return {
        "lags": str(int(lines[gains[0], "lstm"]["lag"].max())),
        "moves": moves({gain: lines[gain, "lstm"] for gain in gains}),
        "ends": "; ".join(f"at gain {_text.number(gain)} {ends(lines, gain)}" for gain in gains),
        "replicates": _text.span(*_choose.replicates(*lines.values())),
        "coverage": _choose.coverage(*lines.values()),
        "hidden": str(_choose.point(points, "lstm")["hidden"]),
        "gains": _text.listed([_text.number(gain) for gain in gains]),
    }


def ends(lines: dict[tuple[float, str], pd.DataFrame], gain: float) -> str:
    """Return the norm of each cell at the largest lag, in words."""
    last = {cell: rows["median"].iloc[-1] for (at, cell), rows in lines.items() if at == gain}
    return _text.listed([f"{style.cell(cell).label} {_text.power(norm)}" for cell, norm in last.items()])


def moves(profiles: dict[float, pd.DataFrame]) -> str:
    """Return in words what became of a norm at each gain; a verb that comes twice is said once."""
    told: list[str] = []
    for gain, profile in profiles.items():
        verb, rest = moved(profile)
        again = bool(told) and told[-1].startswith(verb)
        told.append(f"{'' if again else f'{verb} '}{rest} at gain {_text.number(gain)}")
    return _text.listed(told)


def moved(profile: pd.DataFrame) -> tuple[str, str]:
    """Return in a verb and a range what became of a norm at the largest lag; its interval says if it moved at all."""
    last = profile.iloc[-1]
    if last["low"] <= 0 <= last["high"]:
        return "ends", f"between {_text.power(last['low'])} and {_text.power(last['high'])}"
    return ("falls" if last["median"] < 0 else "grows"), f"to {_text.power(last['median'])}"


FIGURE = Figure(
    number=2,
    tables=("lag_profile", "growth", "points"),
    picture=picture,
    verdict=verdict_of("C11"),
    titles={
        "holds": "The LSTM’s gradient stays in range: over {lags} steps it {moves}",
        "holds under conditions": "The LSTM’s gradient is safe in places only: over {lags} steps it {moves}",
        "refuted": "The LSTM’s gradient is not safe: over {lags} steps it {moves}",
        "undecided": "Whether the LSTM’s gradient is safe stays open: over {lags} steps it {moves}",
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
