"""Figure 21: how much of an input still reaches the output k steps later, through attention and through recurrence.

‖∂y_t/∂x_{t-k}‖: for a recurrent cell it passes k Jacobians, for causal attention none; its size is then that of an
attention weight, about one over the number of inputs, at every lag alike.
"""

from __future__ import annotations

import math
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

ATTENTION: Setting = ("attention", math.nan)
CELLS = ("lstm", "tanh", "gru", "minlstm")
"""The cells that are drawn, the LSTM at its smallest and largest forget bias and the others at their smallest."""
LINES = 5
TENTH = -1.0


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the norms against the lag, one line per kind of network."""
    figure = style.canvas(4.0)
    axes = figure.subplots()
    for place, setting in enumerate(shown(tables)):
        rows = reach(tables, setting)
        says = "\n" + size(rows["change"].iloc[-1])
        how = style.look(place, _laboratory.words(setting))
        style.line(axes, rows["lag"], rows["change"], rows["change_low"], rows["change_high"], how, says=says)
    finish(axes)
    return figure


def finish(axes: Axes) -> None:
    """Give the panel its words and its axes."""
    axes.set_title("norm of ∂y(t)/∂x(t−k)")
    axes.set_ylabel("relative to lag 1")
    axes.set_xlabel("lag k (steps)")
    axes.margins(x=0)
    style.powers_of_ten(axes.yaxis)


def shown(tables: Tables) -> list[Setting]:
    """Return the kinds of network that are drawn: attention first, then the cells that the study has."""
    found = {cell: [s for s in recurrent(tables) if s[0] == cell] for cell in CELLS}
    ends = [*found["lstm"][-1:], *found["lstm"][:1]] if len(found["lstm"]) > 1 else found["lstm"]
    return [ATTENTION, *ends, *(found[cell][0] for cell in CELLS[1:] if found[cell])][:LINES]


def recurrent(tables: Tables) -> list[Setting]:
    """Return every recurrent cell of the table with its forget biases."""
    return [s for s in _laboratory.settings(tables["attention_reach"], "kind") if s[0] != ATTENTION[0]]


def reach(tables: Tables, setting: Setting) -> pd.DataFrame:
    """Return the norms of one kind of network in order of the lag."""
    return _laboratory.rows_of(tables["attention_reach"], "attention_reach", setting, "kind").sort_values("lag")


def lasts(tables: Tables) -> dict[Setting, Any]:
    """Return by recurrent cell and forget bias the row of the largest lag."""
    return {setting: reach(tables, setting).iloc[-1] for setting in recurrent(tables)}


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether recurrence keeps its hold on an input from the first lag to the last, over all cells and biases.

    It is kept if at least a tenth of it is, which is as far apart as lags of attention are by chance.
    """
    rows = lasts(tables).values()
    return judge(sum(map(kept, rows)), sum(map(lost, rows)), len(rows))


def kept(row: Any) -> bool:
    """Return whether the whole interval says that at least a tenth is left."""
    return bool(row["change_low"] >= TENTH)


def lost(row: Any) -> bool:
    """Return whether the whole interval says that less than a tenth is left."""
    return bool(row["change_high"] < TENTH)


def size(log10: float) -> str:
    """Return a ratio as a number where it is near one, and as a power of ten elsewhere.

    >>> size(-0.4), size(-13.2)
    ('0.4', '10⁻¹³')
    """
    return wording.number(10**log10, 1) if abs(log10) < 1 else wording.power(log10)


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return what is left of attention and of every cell at the largest lag."""
    limit, rows = reach(tables, ATTENTION).iloc[-1], lasts(tables)
    best, worst = (pick(rows, key=lambda setting: rows[setting]["change"]) for pick in (max, min))
    drawn = [reach(tables, setting) for setting in shown(tables)]
    return {
        "lag": str(int(limit["lag"])),
        "attention": size(limit["change"]),
        "holds": f"reaches back {int(limit['lag'])} steps as well as one"
        if kept(limit)
        else f"has {size(limit['change'])} of its hold left after {int(limit['lag'])} steps",
        "lost": str(sum(map(lost, rows.values()))),
        "total": str(len(rows)),
        "best": _laboratory.words(best),
        "best_norm": size(rows[best]["change"]),
        "worst": _laboratory.words(worst),
        "worst_norm": size(rows[worst]["change"]),
        "each": "; ".join(f"{_laboratory.words(s)}: {size(row['change'])}" for s, row in rows.items()),
        "replicates": wording.span(*_choose.replicates(*drawn)),
        "coverage": _choose.coverage(*drawn),
    }


FIGURE = Figure(
    number=21,
    tables=("attention_reach",),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "All {total} recurrent cells keep their hold on an input for {lag} steps; attention {holds}",
        "holds under conditions": (
            "Attention {holds}; of {total} recurrent cells {lost} lose their hold, down to {worst_norm}"
        ),
        "refuted": ("Attention {holds}; recurrence has {best_norm} to {worst_norm} of its hold left"),
        "undecided": (
            "Attention {holds}; of {total} recurrent cells at least {lost} lose their hold, down to {worst_norm}"
        ),
    },
    facts=facts,
    caption=(
        "How strongly the output depends on the input k steps before, relative to the input one step before: one head "
        "of causal attention with random matrices, and recurrent cells at initialisation, driven by the same noise. "
        "Lines: medians over {replicates} replicates; bands: their {coverage} intervals. Left at lag {lag}: attention "
        "{attention}; {each}. Bias: forget bias."
    ),
    alt=(
        "Line chart on a logarithmic axis of how strongly the output depends on the input k steps before, relative to "
        "lag one. At lag {lag} attention has {attention}. Of recurrent cells the {best} has most, {best_norm}, and "
        "the {worst} least, {worst_norm}."
    ),
)
