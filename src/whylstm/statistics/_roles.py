"""Which trained experiment plays which part: found from what its trials are, never from a name.

An experiment of clipping has arms that differ in it and in Ω; one of cells has the most of them at several lengths; one
of cut gradients has arms that detach more and less. Figures, text and claims take them from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

SETTING = ["experiment", "arm", "trial"]
LSTM, SIMPLE = "lstm", ("tanh", "relu", "orthogonal")
CONTENT = [
    "cell", "initialisation", "gain", "forget_bias", "input_scale", "task", "hidden", "optimiser", "sequences",
    "budget", "learning_rate", "clip_norm", "clip_value", "omega", "detach", "precision", "options",
    "optimiser_options",
]  # fmt: skip
"""What makes an arm, but for its lengths, and what follows from them (the dependency that chrono expects)."""
METRICS = ("error", "loss")
"""What far lengths are judged by: the first that a task has."""
FEWEST = 3
"""Solved runs without which an arm is not asked what it has learned."""
ROUNDING = 1e-6
"""A change of a share, in decades, that is rounding: all paths are carry, before and after."""


def joined(tables: Frames, name: str) -> pd.DataFrame:
    """Return the rows of a table beside what their trials are; the trials' ``rate`` is ``learning_rate``."""
    fields = tables["trials"].drop(columns=["replicates"]).rename(columns={"rate": "learning_rate"})
    return tables[name].merge(fields, on=SETTING)


def of(rows: pd.DataFrame, **fixed: object) -> pd.DataFrame:
    """Return the rows in which these columns have these values, maybe none."""
    for column, value in fixed.items():
        rows = rows[rows[column] == value]
    return rows


def rates(tables: Frames) -> pd.DataFrame:
    """Return the rates of success beside their trials, those of each arm's largest networks."""
    rows = joined(tables, "success")
    return rows[rows["hidden"] == rows.groupby(["experiment", "arm"])["hidden"].transform("max")]


def content(rows: pd.DataFrame, *, without: Iterable[str] = ()) -> pd.Series:
    """Return what the arm of each row is, whatever its name and length, as a text; some columns may be left out."""
    import pandas as pd  # here: figures name this module without drawing anything

    columns = [name for name in CONTENT if name not in without]
    told = ("|".join(map(str, row)) for row in rows[columns].itertuples(index=False))
    return pd.Series(list(told), rows.index, dtype=object)


def whole(rows: pd.DataFrame, experiment: str) -> pd.DataFrame:
    """Return the rows of an experiment, its arms going on at lengths at which another experiment trained the same.

    Args:
        rows: what :func:`rates` returns.
        experiment: whose arms are meant; the rows that are added bear its name and those of its arms.
    """
    keys, fixed = content(rows), rows["shortest"] == rows["longest"]
    own = rows[rows["experiment"] == experiment]
    names = dict(zip(keys[own.index], own["arm"], strict=True))
    known = set(zip(keys[own.index], own["longest"], strict=True))
    more = rows[fixed & keys.isin(names) & (rows["experiment"] != experiment)].sort_values(["longest", "experiment"])
    more = more[[(keys[place], length) not in known for place, length in more["longest"].items()]]
    more = more.assign(arm=keys[more.index].map(names), experiment=experiment)
    both = [part for part in (own, more.drop_duplicates(["arm", "longest"])) if len(part)]
    return own.head(0) if not both else both[0] if len(both) == 1 else _stacked(both)


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd  # here: figures name this module without drawing anything

    return pd.concat(parts, ignore_index=True)


def clipped_experiment(rows: pd.DataFrame) -> str:
    """Return the experiment whose arms differ in clipping and Ω, the first by name; empty if there is none."""
    clipped = rows["clip_norm"].notna() | rows["clip_value"].notna()
    kinds = rows.assign(held=clipped.astype(int) + 2 * (rows["omega"] > 0)).groupby("experiment")
    found = kinds["held"].nunique()[lambda counts: counts > 1].index
    regular = kinds["omega"].max()[lambda weights: weights > 0].index
    return min(set(found) & set(regular), default="")


def cells_experiment(rows: pd.DataFrame, without: Iterable[str] = ()) -> str:
    """Return the experiment with the most cells at two lengths or more, then the most arms; empty if there is none."""
    own = rows[~rows["experiment"].isin(list(without)) & (rows["detach"] == 0)]
    sizes = own.groupby("experiment").agg({"cell": "nunique", "arm": "nunique", "longest": "nunique"})
    sizes = sizes[(sizes["cell"] > 1) & (sizes["longest"] > 1)].reset_index()
    ordered = sizes.sort_values(["cell", "arm", "longest", "experiment"], ascending=[False, False, False, True])
    return str(ordered["experiment"].iloc[0]) if len(ordered) else ""


def tuned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the experiment that asks how success hangs on the learning rate; none if there is none.

    It is the one in which most arms are the same but for their rate, the first by name. Each row has its ``kind``, what
    it is apart from its rate.
    """
    rows = rows.assign(kind=content(rows, without=["learning_rate"]))
    several = rows.groupby(["experiment", "kind"])["learning_rate"].nunique() > 1
    counts = several.groupby("experiment").sum().sort_index()
    name = str(counts.idxmax()) if several.any() else ""
    kinds = [kind for experiment, kind in several.index[several] if experiment == name]
    return of(rows, experiment=name)[lambda own: own["kind"].isin(kinds)]


def other_tasks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return an LSTM and a simple network on every task that was asked at one length, the widest lead first.

    A task that an experiment asks at several lengths is told of at length elsewhere. Of an experiment's LSTMs that with
    the smallest forget bias is taken, which all experiments share, and of its simple networks the first by name.

    Args:
        rows: what :func:`rates` returns.

    Returns:
        The rows with their ``kind``, memory or simple, and the ``lead`` of their task.
    """
    rows = of(rows, detach=0.0).sort_values(["experiment", "forget_bias", "arm"], kind="stable")
    lengths = rows.groupby("experiment")["longest"].transform("nunique")
    fixed = (rows["shortest"] == rows["longest"]) & ~rows["task"].isin(rows.loc[lengths > 1, "task"])
    kinds = rows["cell"].map({LSTM: "memory"} | dict.fromkeys(SIMPLE, "simple"))
    found = rows.assign(kind=kinds)[fixed & kinds.notna()].drop_duplicates(["task", "kind"])
    found = found[found.groupby("task")["kind"].transform("nunique") > 1]
    rates = found.pivot_table(index="task", columns="kind", values="rate").reindex(columns=["memory", "simple"])
    lead = (rates["memory"] - rates["simple"]).rename("lead")
    return found.join(lead, on="task").sort_values(["lead", "task", "kind"], ascending=[False, True, True])


def leads(pairs: pd.DataFrame) -> tuple[int, int, int]:
    """Return how many of :func:`other_tasks` the LSTM surely leads on, how many the other, and how many neither solves.

    Surely: the two intervals have nothing in common.
    """
    memory, simple = (of(pairs, kind=kind).set_index("task") for kind in ("memory", "simple"))
    more, less = memory["low"] > simple["high"], simple["low"] > memory["high"]
    none = (memory["solved"] == 0) & (simple["solved"] == 0)
    return int(more.sum()), int(less.sum()), int(none.sum())


def cut_experiment(tables: Frames) -> str:
    """Return the experiment whose arms differ in what is cut, that with most kinds; empty if there is none."""
    rows = of(joined(tables, "training_course"), quantity="cosine")
    kinds = rows.groupby("experiment").agg({"detach": "nunique", "arm": "nunique"}).reset_index()
    kinds = kinds[kinds["detach"] > 1].sort_values(["detach", "arm", "experiment"], ascending=[False, False, True])
    return str(kinds["experiment"].iloc[0]) if len(kinds) else ""


def cut_course(tables: Frames) -> pd.DataFrame:
    """Return cosine and ratio of truncated and full gradient in time: all runs, at that experiment's longest length."""
    rows = of(joined(tables, "training_course"), experiment=cut_experiment(tables), outcome="all")
    rows = rows[rows["quantity"].isin(["cosine", "norm_ratio"])]
    return rows[rows["longest"] == rows["longest"].max()]


def far_scores(tables: Frames) -> pd.DataFrame:
    """Return the scores of solved runs in the experiment that reaches furthest beyond its training, one metric."""
    rows = of(joined(tables, "extrapolation_summary"), outcome="solved")
    rows = rows[rows["n"] >= FEWEST]
    known = [metric for metric in METRICS if metric in set(rows["metric"])]
    rows = rows[rows["metric"] == (known[0] if known else "")]
    beyond = rows[rows["length"] > rows["longest"]].groupby("experiment")["length"].max()
    return of(rows, experiment=min(beyond.index[beyond == beyond.max()], default=""))


def farthest(scores: pd.DataFrame) -> pd.DataFrame:
    """Return every arm's score at the longest length that it was tested at."""
    return scores[scores["length"] == scores.groupby("arm")["length"].transform("max")].drop_duplicates("arm")


def learned_changes(tables: Frames) -> pd.DataFrame:
    """Return what training changed in solved runs, of every arm whose carry moves, at its longest solved length.

    Of the experiments with such arms, the one with most cells, then most arms, the first by name.
    """
    rows = of(joined(tables, "training_change"), outcome="solved", detach=0.0)
    rows = rows[rows["n"] >= FEWEST]
    still = rows[["median", "low", "high"]].abs().max(axis=1) < ROUNDING
    moved = rows[(rows["quantity"] == "carry_share") & ~still]
    last = moved.sort_values("longest", kind="stable").drop_duplicates(["experiment", "arm"], keep="last")
    counts = moved.groupby("experiment").agg({"cell": "nunique", "arm": "nunique"}).reset_index()
    ordered = counts.sort_values(["cell", "arm", "experiment"], ascending=[False, False, True])
    chosen = str(ordered["experiment"].iloc[0]) if len(ordered) else ""
    kept = of(last, experiment=chosen)["trial"]
    return of(rows, experiment=chosen)[lambda own: own["trial"].isin(kept)]


def predictions(tables: Frames, predictor: str, outcome: str) -> list[pd.DataFrame]:
    """Return the correlations over most arms of several cells, then those over most arms of one; either may lack.

    Args:
        tables: with ``prediction``.
        predictor: the statistic that must have an answer between arms.
        outcome: what is foretold.
    """
    rows = of(tables["prediction"], outcome=outcome)
    between = of(rows, scope="between", predictor=predictor)
    found = []
    for every in (True, False):
        own = between[((between["cell"] == "all") == every) & (between["units"] > 1)]
        own = own.sort_values(["n", "units", "experiment"], ascending=[False, False, True])
        if len(own):
            found.append(of(rows, experiment=own["experiment"].iloc[0], cell=own["cell"].iloc[0]))
    return found
