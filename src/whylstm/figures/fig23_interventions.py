"""Figure 23: what happens to the LSTM's gradient when a kind of path is cut, frozen or scrambled.

A hop count describes a parametrisation; an intervention tests what it says. Cutting the recurrence leaves the carry
alone; random signs on the hops keep their sizes and destroy their adding up; freezing the gates, or putting the steps
into another order, keeps their mean and destroys their timing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _choose, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELL = "lstm"
DONE = {
    "cut_recurrence": "recurrence cut",
    "scramble_signs": "random signs",
    "freeze_carry": "gates frozen",
    "shuffle_gates": "steps shuffled",
}
CUT, SIGNS, TIMING = "cut_recurrence", "scramble_signs", ("freeze_carry", "shuffle_gates")


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one panel for the smallest forget bias and one for the largest."""
    chosen = biases(tables)
    figure = style.canvas(1.3 + 2.1 * len(chosen))
    panels = figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0]
    for axes, bias in zip(panels, chosen, strict=True):
        draw_panel(axes, tables, bias)
    gains = sorted(effects(tables)["gain"].unique())
    panels[-1].set_xticks(gains, [wording.number(gain) for gain in gains])
    panels[-1].minorticks_off()
    panels[-1].set_xlabel("gain")
    return figure


def draw_panel(axes: Axes, tables: Tables, bias: float) -> None:
    """Draw the change by every intervention against the gain, at one forget bias."""
    rows = effects(tables)
    axes.set_xscale("log")
    for place, (intervention, label) in enumerate(DONE.items()):
        line = rows[(rows["intervention"] == intervention) & (rows["forget_bias"] == bias)].sort_values("gain")
        style.line(axes, line["gain"], line["median"], line["low"], line["high"], style.look(place, label))
    axes.axhline(0, color=style.INK, linewidth=0.8, zorder=1, gid="rule")
    axes.set_title(f"LSTM, forget bias {wording.number(bias)}, lag {int(rows['lag'].max())}")
    axes.set_ylabel("gradient, after over before")
    axes.margins(x=0.03)
    style.powers_of_ten(axes.yaxis)


def effects(tables: Tables) -> pd.DataFrame:
    """Return the changes of the LSTM's gradient at the largest lag.

    Raises:
        StudyError: if there is none.
    """
    rows = _choose.rows_of(tables["intervention_effect"], "intervention_effect", cell=CELL)
    return rows[rows["lag"] == rows["lag"].max()]


def biases(tables: Tables) -> list[float]:
    """Return the smallest and the largest forget bias."""
    found = effects(tables)["forget_bias"]
    return sorted({float(found.min()), float(found.max())})


def of(tables: Tables, *interventions: str, bias: float | None = None) -> pd.DataFrame:
    """Return the changes by some interventions, at one forget bias or at all."""
    rows = effects(tables)
    rows = rows[rows["intervention"].isin(interventions)]
    return rows if bias is None else rows[rows["forget_bias"] == bias]


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether recurrent paths add to the gradient: without them it is smaller, over all settings."""
    rows = of(tables, CUT)
    return judge(int((rows["high"] < 0).sum()), int((rows["low"] > 0).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the range of what each kind of intervention does at the smallest and at the largest forget bias."""
    low, high = biases(tables)[0], biases(tables)[-1]
    rows = effects(tables)
    timing = of(tables, *TIMING)["median"].abs()
    return {
        "lag": str(int(rows["lag"].max())),
        "low": wording.number(low),
        "high": wording.number(high),
        "cut_low": span(of(tables, CUT, bias=low)["median"]),
        "cut_high": span(of(tables, CUT, bias=high)["median"]),
        "signs_low": span(of(tables, SIGNS, bias=low)["median"]),
        "signs_high": span(of(tables, SIGNS, bias=high)["median"]),
        "timing": wording.decades(timing.max()),
        "fewer": str(int((of(tables, CUT)["high"] < 0).sum())),
        "total": str(len(of(tables, CUT))),
        "replicates": wording.span(*_choose.replicates(rows)),
        "coverage": _choose.coverage(rows),
    }


def span(changes: pd.Series) -> str:
    """Return the sizes of some changes as a range of decades.

    >>> import pandas as pd
    >>> span(pd.Series([-6.75, -26.9])), span(pd.Series([-1.0]))
    ('6.8 to 27 decades', '1 decade')
    """
    small, large = changes.abs().min(), changes.abs().max()
    words = wording.decades(large)
    first = wording.decades(small).split(" ")[0]
    return words if words.split(" ")[0] == first else f"{first} to {words}"


FIGURE = Figure(
    number=23,
    tables=("intervention_effect",),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": (
            "Without its recurrent paths the gradient loses {cut_low} at forget bias {low}, but only {cut_high} at "
            "bias {high}"
        ),
        "holds under conditions": (
            "Without its recurrent paths the gradient changes by {cut_low} at forget bias {low}, by {cut_high} at "
            "bias {high}, and not always down"
        ),
        "refuted": (
            "Without its recurrent paths the gradient gains {cut_low} at forget bias {low} and {cut_high} at {high}"
        ),
        "undecided": (
            "Without its recurrent paths the gradient surely shrinks in {fewer} of {total} settings: by {cut_low} at "
            "forget bias {low}, {cut_high} at {high}"
        ),
    },
    facts=facts,
    caption=(
        "Norm of the LSTM’s lag Jacobian at lag {lag} after an intervention over the norm before, network by network: "
        "medians over {replicates} replicates with their {coverage} intervals. Recurrence cut: only the carry is "
        "left. Random signs on all that passes a recurrent matrix, anew at each step: paths keep their sizes, but no "
        "longer add up ({signs_low} at forget bias {low}, {signs_high} at {high}). Gates frozen at their means, or "
        "steps in another order: at most {timing} either way."
    ),
    alt=(
        "Line charts of the change of the gradient at lag {lag} against the gain, both axes logarithmic, for the "
        "smallest and the largest forget bias. Cutting the recurrence takes {cut_low} at forget bias {low} and "
        "{cut_high} at {high}; random signs {signs_low} and {signs_high}; freezing or shuffling the gates at most "
        "{timing}."
    ),
)
