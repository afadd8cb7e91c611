"""Figure 20: does the gradient before the first update tell which runs will learn, and how soon?

Rank correlations with how soon a run is solved, at equal length, asked of all runs, of the arms (each by its median)
and of the runs of one arm; for the experiment with most cells, and for that in which one cell starts in most ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _training, style
from whylstm.figures.base import Figure
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

SCOPES = {
    "between": style.look(0, "arms"),
    "within": style.look(1, "seeds"),
    "all": style.look(3, "all runs"),
}
SIGNS = {"between": "●", "within": "■", "all": "◆"}
PREDICTORS = {
    "reach": "hold on inputs at ¾",
    "norm": "norm, h to h, at ¾",
    "kept": "that norm near 1",
    "exponent": "growth λ₁",
    "edge": "λ₁ near 0",
    "carry_share": "share of the carry",
    "gate": "mean of the carry",
    "memory": "memory",
    "cosine": "cosine, truncated",
}
MAIN, OUTCOME, EVERY = "reach", "sooner", "all"
"""The predictor that the verdict is about, chosen before there were numbers: what all cells and attention share."""
WEAK = 0.5
"""Below it a correlation explains less than a quarter of the ranks' variance: the statistic does not predict."""
ROW = 0.33


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return a panel of correlations per experiment, one row per predictor, and arms by their main predictor."""
    shown = chosen(tables)
    rows = [len(predictors(part)) for part in shown]
    figure = style.canvas(3.4 + ROW * sum(rows) + 0.5 * len(rows))
    scatter, *panels = figure.subplots(1 + len(rows), 1, height_ratios=[1.7, *[ROW * count for count in rows]])
    draw_arms(scatter, tables)
    for axes, part in zip(panels, shown, strict=True):
        draw(axes, part)
        axes.set_title(title(tables, part))
    for place, (scope, how) in enumerate(SCOPES.items()):
        _training.note(panels[0], place, f"{SIGNS[scope]} {how.label}", how.colour)
    return figure


def draw(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one row per predictor, with a mark and an interval for each scope."""
    known = predictors(rows)
    for place, (scope, how) in enumerate(SCOPES.items()):
        own = _training.of(rows, scope=scope)
        for row, predictor in enumerate(known):
            for one in _training.of(own, predictor=predictor).itertuples():
                y = row + (place - 1) * 0.25
                axes.hlines(y, one.low, one.high, color=how.colour, linewidth=3, alpha=0.3)
                axes.scatter([one.correlation], [y], s=24, marker=how.marker, color=how.colour, zorder=3)
    axes.axvline(0, color=style.INK, linewidth=0.8, zorder=1, gid="rule")
    axes.set_yticks(range(len(known)), [PREDICTORS[name] for name in known])
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set_xlim(-1.05, 1.05)
    axes.tick_params(axis="y", length=0)
    axes.set_ylabel("before training")
    axes.set_xlabel("rank correlation with how soon a run is solved")


def draw_arms(axes: Axes, tables: Tables) -> None:
    """Draw every arm at every length: the share of its runs that are solved over its median hold before training."""
    rows = arms(tables)
    lengths = sorted(rows["longest"].unique())
    for place, length in enumerate(lengths[-_training.LINES :]):
        one, how = _training.of(rows, longest=length), style.look(place, f"{length} steps")
        axes.hlines(one["rate"], one["before_low"], one["before_high"], color=how.colour, linewidth=1, alpha=0.4)
        axes.vlines(one["before"], one["low"], one["high"], color=how.colour, linewidth=1, alpha=0.4)
        axes.scatter(one["before"], one["rate"], s=22, marker=how.marker, color=how.colour, zorder=3)
        _training.note(axes, 1 - 0.2 * place, f"{MARKERS[how.marker]} {how.label}", how.colour)
    _training.percents(axes)
    axes.set_title("every arm at every length")
    axes.set_ylabel("runs solved")
    axes.set_xlabel("hold on inputs at ¾ of the length, before training")
    _training.ratios_axis(axes.xaxis)


MARKERS = {"o": "●", "s": "■", "^": "▲", "D": "◆", "v": "▼"}


def arms(tables: Tables) -> pd.DataFrame:
    """Return of the first experiment's arms the rate, and the median hold before training with its interval."""
    where = {"experiment": chosen(tables)[0]["experiment"].iloc[0]}
    before = _training.of(tables["training_change"], outcome="all", quantity=MAIN, **where)
    ends = before[[*_training.SETTING, "before", "before_low", "before_high"]]
    return _training.of(_training.joined(tables, "success"), **where).merge(ends, on=_training.SETTING)


def predictors(rows: pd.DataFrame) -> list[str]:
    """Return the predictors that some scope has an answer for, in order."""
    known = set(rows["predictor"])
    return [name for name in PREDICTORS if name in known]


def chosen(tables: Tables) -> list[pd.DataFrame]:
    """Return the correlations that are drawn, by panel."""
    return _roles.predictions(tables, MAIN, OUTCOME)


def title(tables: Tables, rows: pd.DataFrame) -> str:
    """Return which arms a panel is about."""
    units = int(_training.of(rows, scope="between")["units"].max())
    cell = str(rows["cell"].iloc[0])
    return f"{units} arms: " + ("all cells" if cell == EVERY else f"{style.cell(cell).label} in different starts")


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    if chosen(tables):
        return ""
    return "This study has too few trained arms with different outcomes to ask what the gradient at the start predicts"


def answer(rows: pd.DataFrame, scope: str) -> Any:
    """Return the row of the main predictor for a scope, None if there is none."""
    found = _training.of(rows, scope=scope, predictor=MAIN)
    return found.iloc[0] if len(found) else None


def predicts(row: Any) -> bool:
    """Return whether a larger value surely goes with sooner success."""
    return row is not None and bool(row["low"] > 0)


def does_not(row: Any) -> bool:
    """Return whether it surely is a weak predictor at most."""
    return row is not None and bool(row["high"] < WEAK) and not predicts(row)


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the hold before training predicts success, between arms and between the seeds of one arm.

    Both: it holds. Between arms but not between seeds: it holds under conditions, that of comparing arms. Neither is
    more than weak: refuted.
    """
    between, within = (answer(chosen(tables)[0], scope) for scope in ("between", "within"))
    if predicts(between):
        return "holds" if predicts(within) else "holds under conditions"
    return "refuted" if does_not(between) and (within is None or does_not(within)) else "undecided"


def written(row: Any) -> str:
    """Return a correlation with its interval."""
    if row is None:
        return "none"
    span = f" ({wording.number(row['low'])} to {wording.number(row['high'])})" if row["low"] == row["low"] else ""
    return f"{wording.number(row['correlation'])}{span}"


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the correlations of the main predictor, the best ones, and what is behind them."""
    first = chosen(tables)[0]
    answers = {scope: answer(first, scope) for scope in SCOPES}
    short = {scope: "none" if row is None else wording.number(row["correlation"]) for scope, row in answers.items()}
    counts = {scope: 0 if row is None else int(row["n"]) for scope, row in answers.items()}
    return {
        **short,
        **{f"{scope}_written": written(row) for scope, row in answers.items()},
        **{f"{scope}_n": f"{count:,}" for scope, count in counts.items()},
        "best_between": best(first, "between"),
        "best_within": best(first, "within"),
        "experiments": str(len(chosen(tables))),
        "signs": "; ".join(f"{SIGNS[scope]} {how.label}" for scope, how in SCOPES.items()),
    }


def best(rows: pd.DataFrame, scope: str) -> str:
    """Return the predictor with the largest correlation in size, and that correlation with its interval."""
    own = _training.of(rows, scope=scope)
    if own.empty:
        return "none"
    row = own.assign(size=own["correlation"].abs()).sort_values(["size", "predictor"], ascending=False).iloc[0]
    return f"{PREDICTORS[row['predictor']]}, {written(row)}"


FIGURE = Figure(
    number=20,
    tables=("prediction", "training_change", "success", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": (
            "The gradient before training tells which arms learn (rank correlation {between}) and which seeds "
            "({within})"
        ),
        "holds under conditions": (
            "The gradient before training tells which arms learn (rank correlation {between}), not which seeds "
            "({within})"
        ),
        "refuted": (
            "The gradient before training tells neither which arms learn (rank correlation {between}) nor which seeds "
            "({within})"
        ),
        "undecided": (
            "Whether the gradient before training tells who learns stays open: rank correlation {between} for arms, "
            "{within} for seeds"
        ),
    },
    facts=facts,
    caption=(
        "Above: share of runs solved over the median hold on inputs, the norm of ∂h(T)/∂x(T−¾T), with "
        "95% intervals. Below: Spearman’s rank correlation of what is measured before the first update with how soon "
        "a run is solved, unsolved runs last, always at equal length: between arms, between the seeds of one arm "
        "(pooled over arms), and over all runs ({signs}). Bars: 95% bootstrap intervals, over arms or seeds. The hold: "
        "arms {between_written}, n = {between_n}; seeds {within_written}, n = {within_n}; all {all_written}, "
        "n = {all_n}. Largest of all predictors, which was looked for: arms {best_between}; seeds {best_within}. "
        "Nothing is corrected for their number."
    ),
    alt=(
        "Scatter chart of the share of runs solved over the hold on inputs before training, and charts of rank "
        "correlations, one row per statistic. For the hold: {between_written} between arms, {within_written} between "
        "seeds of one arm, {all_written} over all runs."
    ),
)
