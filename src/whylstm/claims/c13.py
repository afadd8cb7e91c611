"""C13: the LSTM has limits of its own in what it extracts from long sequences.

A limit shows as the length grows. Two kinds of setting ask for it:

- *trained*: an LSTM arm at the longest of several training lengths. Beyond its reach if it surely solves it less often
  than not (the whole Wilson interval below one half), within if surely more often;
- *carried over*: networks that solved their training lengths, scored at the longest length that they were tested at.
  Beyond if the whole interval of the median score is worse than half of what guessing earns, within if better. Half of
  the guess is far from the criterion of success: a network there has lost most of what it had learned.

The statement names no length, so a limit that lies within the lengths looked at speaks for it, and none speaks against
it *as far as these lengths go*. Limits in all settings: it holds; in some: it holds under conditions; in none: it is
refuted for these lengths. Nine settings in ten must be decided for the first and the last, and three at all
(:mod:`whylstm.claims._scale`, *enough*).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims import _training
from whylstm.claims._scale import universal
from whylstm.claims.base import Claim, Measure, Number
from whylstm.statistics import _roles
from whylstm.wording import listed

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

GUESS = 0.5
"""The share of the trivial predictor's score from which on most of what was learned is lost."""


def measure(tables: Tables) -> Measure:
    """Return in how many settings a limit is seen, and where."""
    trained, carried = at_longest(tables), far(tables)
    found = pd.concat([trained, carried], ignore_index=True)
    counted = {
        "n_settings": (len(found), "LSTM arms whose reach is looked at, in training or beyond it"),
        "n_trained": (len(trained), "of these, arms at the longest of their training lengths"),
        "n_carried": (len(carried), "of these, trained networks at a length far beyond"),
        "n_beyond": (int((found["kind"] == "beyond").sum()), "settings in which the longest length is beyond reach"),
        "n_within": (int((found["kind"] == "within").sum()), "settings in which the longest length is within reach"),
    }
    numbers = {key: Number(value, text, "settings", form="count") for key, (value, text) in counted.items()}
    share = float((found["kind"] == "beyond").mean()) if len(found) else None
    meaning = "share of settings in which the longest length is beyond the LSTM's reach"
    numbers["share_beyond"] = Number(share, meaning, n=len(found), form="percent")
    numbers["longest"] = _longest(trained, "longest training length of an LSTM")
    numbers["farthest"] = _longest(carried, "longest length that trained LSTMs were tested at")
    known = _training.words(tables)
    words = {kind: _names(found[found["kind"] == kind], known) for kind in ("beyond", "within")}
    return Measure(numbers, words)


def at_longest(tables: Tables) -> pd.DataFrame:
    """Return the LSTM arms at the longest of several training lengths: experiment, arm, length and kind."""
    rows = _training.successes(tables)
    rows = _training.longest(rows[rows["cell"] == _training.LSTM]).rename(columns={"longest": "length"})
    return _told(rows, rows["high"] < _training.HALF, rows["low"] > _training.HALF)


def far(tables: Tables) -> pd.DataFrame:
    """Return the trained LSTMs at the longest length beyond their training: experiment, arm, length and kind."""
    fields = ["experiment", "arm", "trial", "cell", "longest", "detach"]
    rows = tables["extrapolation_summary"].merge(tables["trials"][fields], on=fields[:3])
    chosen = (rows["cell"] == _training.LSTM) & (rows["detach"] == 0) & (rows["outcome"] == "solved")
    rows = rows[chosen & rows["metric"].isin(_roles.METRICS) & (rows["length"] > rows["longest"])]
    rows = rows.sort_values(["length", "metric"], ascending=[False, True]).drop_duplicates(["experiment", "arm"])
    limit = GUESS * rows["trivial"]
    return _told(rows, rows["low"] > limit, rows["high"] < limit)


def _told(rows: pd.DataFrame, beyond: pd.Series, within: pd.Series) -> pd.DataFrame:
    kind = pd.Series("open", rows.index, dtype=object).mask(beyond, "beyond").mask(within, "within")
    return rows[["experiment", "arm", "length"]].assign(kind=kind).sort_values(["experiment", "arm"])


def _longest(rows: pd.DataFrame, meaning: str) -> Number:
    return Number(int(rows["length"].max()) if len(rows) else None, meaning, "steps", n=len(rows), form="count")


def _names(rows: pd.DataFrame, known: dict[tuple[str, str], str]) -> str:
    return listed([f"{known[row.experiment, row.arm]} at {row.length:,} steps" for row in rows.itertuples()])


def judge(measure: Measure) -> Verdict:
    """Return the verdict from the settings beyond and within reach."""
    return universal(measure["n_beyond"], measure["n_within"], measure["n_settings"])


CLAIM = Claim(
    id="C13",
    place="Section 3",
    paraphrase="The LSTM has limits of its own in what it extracts from long sequences.",
    statistic="Success of LSTM arms at the longest training length, and scores of trained LSTMs at far longer ones",
    rule=(
        "Beyond reach: solved surely less often than not (whole Wilson interval below one half), or, for a trained "
        "network at a far length, a score surely worse than half of what guessing earns. Within: surely the opposite. "
        "Some beyond and some within: holds under conditions; nine in ten decided and all beyond: holds; all within: "
        "refuted as far as these lengths go; fewer than three decided, or else: undecided."
    ),
    conditions=(
        "Training lengths of up to {longest} steps and tests of up to {farthest}, under the budgets of this study: "
        "more updates may move a limit, and none was looked for beyond these lengths."
    ),
    tables=("success", "trials", "extrapolation_summary"),
    number="share_beyond",
    figure="fig19_length_extrapolation",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The LSTM meets its limit in every setting",
        "holds under conditions": "Where the LSTM’s limit lies depends on how it is set up",
        "refuted": "No limit of the LSTM within these lengths",
        "undecided": "Where the LSTM’s limit lies stays open",
    },
    sentences={
        "holds": "In {n_beyond} of {n_settings} settings the longest length is beyond the LSTM’s reach: {beyond}.",
        "holds under conditions": (
            "The longest length is beyond the LSTM’s reach in {n_beyond} of {n_settings} settings: {beyond}. It is "
            "within in {n_within}: {within}."
        ),
        "refuted": (
            "In none of {n_settings} settings is the longest length beyond the LSTM’s reach; it is surely within in "
            "{n_within}."
        ),
        "undecided": (
            "Of {n_settings} settings, the longest length is beyond the LSTM’s reach in {n_beyond} and within in "
            "{n_within}: not enough to decide."
        ),
    },
)
