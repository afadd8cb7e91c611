"""Figure 8: a bounded LSTM of two units whose forget gates multiply to nothing while its gradient grows without end.

Above: the first memory and that of a twin which started 1e-10 away. Middle: the norms of ∂s_t/∂s_0 and of Π f, and the
distance of the twin, which grows with the gradient until it is as large as the motion. Below: the largest Lyapunov
exponent and the mean of ln f over longer and longer runs. One motion without inputs; nothing is drawn at random.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _labels, style
from whylstm.figures.base import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

SHOWN, AROUND = 200, 30
"""Steps that are drawn, or as many as there are; of the motion, those around the step at which the twin parts."""
PARTED = -1.0
"""log10 of the distance from which on the twin counts as another motion: a tenth."""
ERRORS = 2.0
"""Half the width of the intervals, in standard errors."""
GRADIENT, FORGET, TWIN = style.look(0, "gradient"), style.look(1, "product of\nforget gates"), style.look(2, "twin")
PARTS = ("h_1", "h_2", "c_1", "c_2")


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the motion, the growth along it, and the exponents with their convergence."""
    figure = style.canvas(6.6)
    motion, growth, exponents = figure.subplots(3, 1, height_ratios=[0.8, 1.5, 1.0])
    steps = drawn(tables)
    draw_motion(motion, steps)
    draw_growth(growth, steps)
    draw_exponents(exponents, tables["two_unit_exponents"])
    return figure


def draw_motion(axes: Axes, steps: pd.DataFrame) -> None:
    """Draw the memory of the first unit, and that of its twin, around the step at which they part."""
    middle = parting(steps) or int(steps["step"].max())
    steps = steps[steps["step"].between(middle - AROUND, middle + AROUND)]
    for column, how, label in (("twin_c_1", TWIN, "its twin"), ("c_1", GRADIENT, "unit 1")):
        axes.plot(steps["step"], steps[column], color=how.colour, linewidth=1.4, linestyle=how.line)
        _labels.end(axes, float(steps[column].iloc[-1]), label, how.colour)
    axes.set_title("a unit, and its twin that began 10⁻¹⁰ away")
    axes.set_ylabel("memory C")
    axes.set_xlabel("step")
    axes.margins(x=0)


def draw_growth(axes: Axes, steps: pd.DataFrame) -> None:
    """Draw gradient, product of forget gates and the twin's distance on a logarithmic axis."""
    lines = {"log10_gradient": GRADIENT, "log10_distance": TWIN, "log10_forget_product": FORGET}
    for column, how in lines.items():
        label = style.Look(how.label if how is not TWIN else "distance\nof the twin", how.colour, how.line, how.marker)
        values = steps[column]
        style.line(axes, steps["step"], values, values, values, label, says=wording.power(values.iloc[-1]))
    axes.set_title("from the start to each step")
    axes.set_ylabel("norm")
    axes.set_xlabel("step")
    axes.margins(x=0)
    style.powers_of_ten(axes.yaxis)


def draw_exponents(axes: Axes, table: pd.DataFrame) -> None:
    """Draw the largest exponent with its interval, and what the forget gates alone would give, against the run."""
    rows = largest(table)
    value, error = rows["value"], ERRORS * rows["error"]
    axes.set_xscale("log")
    says = wording.signed(value.iloc[-1])
    how = style.Look("λ₁", GRADIENT.colour, GRADIENT.line, GRADIENT.marker)
    style.line(axes, rows["steps"], value, value - error, value + error, how, says=says)
    rate = rows["forget_rate"]
    how = style.Look("mean ln f", FORGET.colour, FORGET.line, FORGET.marker)
    style.line(axes, rows["steps"], rate, rate, rate, how, says=wording.signed(rate.iloc[-1]))
    style.zero_line(axes)
    axes.lines[-1].set_gid("rule")
    axes.set_title("growth per step: above 0 is chaos")
    axes.set_ylabel("nats per step")
    axes.set_xlabel("steps of the run")
    axes.set_xlim(0.9 * rows["steps"].min(), 1.1 * rows["steps"].max())
    style.whole_numbers(axes.xaxis)


def drawn(tables: Tables) -> pd.DataFrame:
    """Return the steps that are drawn, in order."""
    return tables["two_unit_lstm"].sort_values("step").head(SHOWN)


def parting(steps: pd.DataFrame) -> int | None:
    """Return the first step at which the twin is another motion, None if it is not yet."""
    apart = steps[steps["log10_distance"] > PARTED]["step"]
    return int(apart.iloc[0]) if len(apart) else None


def largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the largest exponent over the length of the run."""
    return table[table["index"] == 1].sort_values("steps")


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether a bounded motion with vanishing forget gates has a gradient that does not explode."""
    last = largest(tables["two_unit_exponents"]).iloc[-1]
    bounded = math.isfinite(box(tables)) and last["forget_rate"] < 0
    if not bounded or abs(last["value"]) <= ERRORS * last["error"]:
        return "undecided"
    return "refuted" if last["value"] > 0 else "holds"


def box(tables: Tables) -> float:
    """Return the largest size of any part of the state over the whole motion."""
    return float(tables["two_unit_lstm"][list(PARTS)].abs().max(axis=None))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return how far the motion goes, where gradient and forget product end, and the exponents of the longest run."""
    steps, rows = drawn(tables), largest(tables["two_unit_exponents"])
    last, end = rows.iloc[-1], steps.iloc[-1]
    parted = parting(steps)
    return {
        "box": wording.number(box(tables)),
        "steps": str(int(end["step"])),
        "gradient": wording.power(end["log10_gradient"]),
        "forget": wording.power(end["log10_forget_product"]),
        "parted": f"after {parted} steps" if parted else f"not within {int(end['step'])} steps",
        "exponent": wording.number(last["value"]),
        "error": wording.number(last["error"], 1),
        "rate": wording.number(last["forget_rate"]),
        "runs": wording.listed([f"{steps:,}" for steps in rows["steps"]]),
        "longest": f"{int(last['steps']):,}",
    }


FIGURE = Figure(
    number=8,
    tables=("two_unit_lstm", "two_unit_exponents"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": (
            "An LSTM of two units that stays within ±{box}: its forget gates multiply to {forget} in {steps} steps, "
            "and its gradient shrinks"
        ),
        "holds under conditions": (
            "An LSTM of two units that stays within ±{box}: its gradient explodes in some runs only"
        ),
        "refuted": (
            "An LSTM that never leaves ±{box}: in {steps} steps its forget gates multiply to {forget}, and its "
            "gradient explodes to {gradient}"
        ),
        "undecided": "Whether the gradient of the bounded LSTM of two units explodes stays open",
    },
    facts=facts,
    caption=(
        "Two LSTM units without input or bias, weights after Laurent and von Brecht (2017). Above: the memory of one "
        "unit and that of a twin, which is a tenth away {parted}. Middle: norms of the gradient ∂s(t)/∂s(0) of the "
        "whole state and of the product of forget gates, and the twin’s distance. Below: largest Lyapunov exponent "
        "over runs of {runs} steps, with {ERRORS} standard errors either way ({exponent} ± {error} over {longest} "
        "steps), and the mean of ln f of the unit that forgets least. One motion, nothing drawn at random."
    ).replace("{ERRORS}", f"{ERRORS:.0f}"),
    alt=(
        "Three line charts. The memory moves irregularly within ±{box}; a twin follows it and parts {parted}. On "
        "a logarithmic axis the gradient grows to {gradient} in {steps} steps while the product of forget gates falls "
        "to {forget}. The largest exponent is {exponent} nats per step, the mean of ln f {rate}."
    ),
)
