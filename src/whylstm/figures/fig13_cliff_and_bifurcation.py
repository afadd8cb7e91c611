"""Figure 13: the cliff in the error of one unit that must remember for fifty steps, and where it comes from.

x_t = w σ(x_{t-1}) + b, x_0 = ½, E = (σ(x_50) - 0.7)² (Pascanu et al. 2013, figures 3 and 6). Above: E over b and w.
Middle: the fixed points at one w; the cliff stands where the unstable one passes through the start, so that the unit
falls to one memory or climbs to the other. Below: the gradient along the cut. Nothing is drawn at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _labels, style
from whylstm.figures.base import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

START = 0.5
"""x_0 of the experiment."""
CLIFF, STABLE, UNSTABLE = style.look(1, "cliff"), style.look(0, "stable"), style.look(2, "unstable")
NEAR = 0.01
"""How close, as part of the width of the cut, the steepest bias must be to the border to stand on it."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the map of the error, the fixed points and the gradient along the cut, over the same bias."""
    figure = style.canvas(6.7)
    surface, branches, cut = figure.subplots(3, 1, sharex=True, height_ratios=[1.2, 1.1, 1.0])
    draw_surface(surface, tables)
    draw_branches(branches, tables)
    draw_cut(cut, tables)
    for axes in (surface, branches, cut):
        axes.axvline(border(tables), color=CLIFF.colour, linewidth=1.0, linestyle=(0, (4, 1.5)), gid="rule")
    bias = tables["error_surface"]["bias"]
    cut.set_xlim(bias.min(), bias.max())
    cut.set_xlabel("bias b")
    return figure


def draw_surface(axes: Axes, tables: Tables) -> None:
    """Draw the error as lightness over bias and weight, dark where it is large, with the weight of the cut."""
    square = tables["error_surface"].pivot(index="weight", columns="bias", values="error").sort_index()
    b, w = square.columns.to_numpy(), square.index.to_numpy()
    extent = (b[0], b[-1], w[0], w[-1])
    axes.imshow(square.to_numpy(), origin="lower", extent=extent, aspect="auto", cmap="Blues", interpolation="nearest")
    weight = float(tables["cliff"]["weight"].iloc[0])
    axes.axhline(weight, color=style.INK, linewidth=1.0, gid="rule")
    axes.annotate(f"cut at w = {wording.number(weight)}", (1, weight), (6, 0), xycoords=("axes fraction", "data"),
                  textcoords="offset points", va="center", annotation_clip=False)  # fmt: skip
    largest, smallest = float(square.max(axis=None)), float(square.min(axis=None))
    for share, error, ink in ((0.93, largest, "#1b4f8a"), (0.07, smallest, style.GREY)):
        says = f"dark: error {wording.number(error)}" if error == largest else "white: no error"
        axes.annotate(says, (1, share), (6, 0), xycoords="axes fraction", textcoords="offset points", va="center",
                      color=ink, annotation_clip=False)  # fmt: skip
    axes.set_title("error over bias and weight")
    axes.set_ylabel("weight w")


def draw_branches(axes: Axes, tables: Tables) -> None:
    """Draw stable and unstable fixed points against the bias, and the start of the unit."""
    low, high = (tables["error_surface"]["bias"].agg(end) for end in ("min", "max"))
    table = tables["bifurcation"]
    table = table[table["bias"].between(low, high)].sort_values("bias")
    for how, rows in ((STABLE, table[table["stable"]]), (UNSTABLE, table[~table["stable"]])):
        for place, branch in enumerate(arms(rows)):
            axes.plot(branch["bias"], branch["fixed_point"], color=how.colour, linestyle=how.line,
                      gid=None if not place else "rule")  # fmt: skip
        if len(rows):
            at = rows.iloc[-1] if how is STABLE else rows.iloc[len(rows) // 2]
            label = f"{how.label}\nfixed point"
            _labels.end(axes, float(at["fixed_point"]), label, how.colour)
    axes.axhline(START, color=style.INK, linewidth=0.9, linestyle=(0, (1, 1.5)), gid="rule")
    axes.annotate("start", (0, START), (4, 3), xycoords=("axes fraction", "data"), textcoords="offset points")
    axes.set_title("fixed points along the cut")
    axes.set_ylabel("x")


def arms(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the fixed points of one kind, parted into an upper and a lower arm where there are two at a bias."""
    double = rows[rows.duplicated("bias", keep=False)]
    if not len(double):
        return [rows]
    middle = (double["fixed_point"].max() + double["fixed_point"].min()) / 2
    return [rows[rows["fixed_point"] >= middle], rows[rows["fixed_point"] < middle]]


def draw_cut(axes: Axes, tables: Tables) -> None:
    """Draw the size of the gradient along the cut on a logarithmic axis, labelled at its peak."""
    rows = cut(tables)
    axes.plot(rows["bias"], rows["log10_gradient"], color=CLIFF.colour)
    top = steepest(tables)
    axes.margins(y=0.2)
    says = f"{wording.power(top['log10_gradient'])} at the cliff"
    _labels.peak(axes, top["bias"], top["log10_gradient"], says, CLIFF.colour)
    axes.set_title("size of the gradient along the cut")
    axes.set_ylabel("|∂E/∂b|")
    style.powers_of_ten(axes.yaxis)


def cut(tables: Tables) -> pd.DataFrame:
    """Return the cut in order of the bias."""
    return tables["cliff"].sort_values("bias")


def steepest(tables: Tables) -> Any:
    """Return the row of the cut with the largest gradient."""
    rows = cut(tables)
    return rows.loc[rows["log10_gradient"].idxmax()]


def border(tables: Tables) -> float:
    """Return the bias at which the unit starts on a fixed point."""
    return float(tables["cliff"]["border"].iloc[0])


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the gradient is largest where the start lies on an unstable fixed point."""
    rows = cut(tables)
    near = abs(steepest(tables)["bias"] - border(tables)) <= NEAR * (rows["bias"].max() - rows["bias"].min())
    return "holds" if near and rows["slope"].iloc[0] > 1 else "refuted"


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return how steep the cliff is, how steep the plain, and where the unit ends on either side."""
    rows = cut(tables)
    below, above = rows[rows["bias"] < border(tables)], rows[rows["bias"] > border(tables)]
    return {
        "top": wording.power(steepest(tables)["log10_gradient"]),
        "plain": wording.power(rows["log10_gradient"].iloc[[0, -1]].max()),
        "border": wording.number(border(tables), 3),
        "weight": wording.number(float(rows["weight"].iloc[0])),
        "low": wording.number(float(below["end"].iloc[0])),
        "high": wording.number(float(above["end"].iloc[-1])),
        "slope": wording.number(float(rows["slope"].iloc[0]), 3),
        "points": str(len(rows)),
    }


FIGURE = Figure(
    number=13,
    tables=("error_surface", "cliff", "bifurcation"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "A cliff stands where a memory tips: the gradient leaps from {plain} to {top}",
        "holds under conditions": "A cliff stands where a memory tips in places only: the gradient leaps to {top}",
        "refuted": "The gradient leaps to {top}, but not where a memory tips",
        "undecided": "Whether a cliff stands where a memory tips stays open: the gradient leaps to {top}",
    },
    facts=facts,
    caption=(
        "One unit, x(t) = w σ(x(t−1)) + b from x(0) = ½, whose error is taken after fifty steps (after Pascanu et al. "
        "2013). Above: the error. Middle: fixed points at w = {weight}. At b = {border} (dashed) the start lies on "
        "the unstable one, whose slope is {slope}: with less bias the unit ends near {low} at the left edge, with "
        "more near {high} at the right edge. Below: size of ∂E/∂b on {points} biases, denser towards the cliff. "
        "Exact, nothing drawn at random."
    ),
    alt=(
        "Three panels over the bias. A map of the error over bias and weight with a sharp border between light and "
        "dark. Stable fixed points as two branches, joined by an unstable one that crosses the start at bias "
        "{border}. The size of the gradient, about {plain} away from that bias and {top} at it."
    ),
)
