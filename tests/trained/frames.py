"""Tables of a training study in closed form, small and without torch.

Names of experiments and arms are invented, so that nothing can depend on those of the real study. Replicate r is solved
if r is below the number that its trial says, after 100 (r + 1) updates; a trial may have its last replicate diverge.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

NONE = math.nan
BUDGET = 2000
EVERY = 100
RECORD = 250
CHECKPOINTS = (0, 1, 10, 100, 1000)
HOPS = 3
SUMMARY = ("exponent", "exponent_error", "gate", "cosine", "norm_ratio", "memory")
SHARES = (0.25, 0.5, 0.75, 0.9)
SHIFT = 0.01
"""By how much replicate r differs from replicate 0, times r."""


@dataclass(frozen=True)
class Made:
    """One trial: its arm's settings, and how many of ten replicates are solved."""

    experiment: str
    arm: str
    length: int
    solved: int
    fields: dict[str, Any] = field(default_factory=dict)
    diverges: bool = False
    seeds: int = 0
    """Replicates that count in its experiment, if not all that there are."""

    @property
    def id(self) -> str:
        return f"{self.experiment}-{self.arm}-t{self.length}"

    @property
    def cell(self) -> str:
        return str(self.fields.get("cell", DEFAULTS["cell"]))


DEFAULTS = {
    "cell": "tanh", "initialisation": "gaussian", "gain": 1.0, "forget_bias": NONE, "input_scale": 1.0, "t_max": NONE,
    "hidden": 8, "task": "temporal_order", "optimiser": "adam", "sequences": 20, "budget": BUDGET, "every": EVERY,
    "screen": 250, "examined": 500, "rate": 0.01, "clip_norm": 1.0, "clip_value": NONE, "omega": 0.0, "detach": 0.0,
    "precision": "float32", "stop": True, "record": RECORD, "probes": 1, "extrapolate": "", "options": "",
    "optimiser_options": "",
}  # fmt: skip
LSTM = {"cell": "lstm", "forget_bias": 0.0}
COLUMNS = {"extrapolation": ["trial", "replicate", "length", "sequences", "metric", "value"]}
"""The columns of a table that some studies have no rows of."""


def design() -> list[Made]:
    """Return the trials: clipping, kinds of cells, starts of the LSTM, cut gradients, far lengths, another task."""
    order = [("bare", {"clip_norm": NONE}, (10, 2)), ("cut", {}, (10, 4)), ("cut_and_held", {"omega": 2.0}, (10, 7))]
    made = [
        Made("ladder", arm, length, count, fields | {"optimiser": "sgd"}, diverges=arm == "bare" and length == 30)
        for arm, fields, counts in order
        for length, count in zip((10, 30), counts, strict=True)
    ]
    kinds = {
        "plain": ({}, (10, 3, 0)),
        "whole": ({"cell": "orthogonal", "initialisation": "orthogonal"}, (10, 4, 0)),
        "low": (LSTM, (10, 5, 1)),
        "high": (LSTM | {"forget_bias": 4.0}, (10, 9, 6)),
        "spread": (LSTM | {"initialisation": "chrono", "forget_bias": NONE, "t_max": 100.0}, (10, 10, 7)),
        "update": ({"cell": "gru", "forget_bias": 0.0}, (10, 10, 5)),
        "looking": ({"cell": "attention", "gain": NONE}, (10, 10, 10)),
    }
    made += [
        Made("kinds", arm, length, count, fields)
        for arm, (fields, counts) in kinds.items()
        for length, count in zip((20, 50, 100), counts, strict=True)
    ]
    made += [Made("further", arm, 200, 4, kinds[other][0]) for arm, other in (("best", "high"), ("none", "looking"))]
    made += [
        Made("starts", f"b{bias:g}_g{gain:g}", 50, int(2 + bias + 2 * gain), LSTM | {"forget_bias": bias, "gain": gain})
        for bias, gain in itertools.product((0.0, 2.0, 4.0), (0.5, 1.0, 2.0))
    ]
    made += [
        Made("short_cut", arm, length, 8 - int(length > 20), LSTM | {"detach": detach})
        for arm, detach in (("none", 0.0), ("half", 0.25), ("every", 1.0))
        for length in (20, 50)
    ]
    far = {"shortest": 10, "extrapolate": "10 20 40 80"}
    made += [Made("far", arm, 20, 9, fields | far) for arm, fields in (("one", LSTM), ("other", {"cell": "gru"}))]
    sums = {"task": "adding", "forget_bias": 1.0}
    made += [Made("sums", "memory", length, 9, LSTM | sums) for length in (20, 50)]
    made += [Made("sums", "none", length, 2, {"task": "adding"}) for length in (20, 50)]
    bits = {"task": "parity"}
    return [*made, Made("once", "memory", 20, 9, LSTM | bits), Made("once", "none", 20, 1, bits)]


def tables(replicates: int = 10) -> dict[str, pd.DataFrame]:
    """Return every raw table of the study."""
    return tables_of(design(), replicates)


def tables_of(trials: list[Made], replicates: int) -> dict[str, pd.DataFrame]:
    """Return every raw table of these trials."""
    every = range(replicates)
    made = {
        "trials": [trial_row(trial, replicates) for trial in trials],
        "runs": [run(trial, r) for trial in trials for r in every],
        "learning": [row for trial in trials for r in every for row in learning(trial, r)],
        "examinations": [row for trial in trials for r in every for row in examinations(trial, r)],
        "probes": [row for trial in trials for r in every for row in probes(trial, r)],
        "probe_lags": [row for trial in trials for r in every for row in probe_lags(trial, r)],
        "extrapolation": [row for trial in trials for r in every for row in extrapolation(trial, r)],
    }
    found = {name: pd.DataFrame(rows, columns=None if rows else COLUMNS[name]) for name, rows in made.items()}
    return found | {"tasks": tasks(trials)}


def trial_row(trial: Made, replicates: int) -> dict[str, Any]:
    """Return the trial's row of the table ``trials``."""
    names = {"experiment": trial.experiment, "arm": trial.arm, "trial": trial.id}
    names |= {"replicates": trial.seeds or replicates}
    lengths = {"shortest": trial.fields.get("shortest", trial.length), "longest": trial.length}
    return names | DEFAULTS | lengths | {name: v for name, v in trial.fields.items() if name != "shortest"}


def ends(trial: Made, replicate: int) -> tuple[str, int]:
    """Return how a run ends, and after how many updates."""
    if replicate < trial.solved:
        return "solved", EVERY * (replicate + 1)
    return ("diverged", 7) if trial.diverges and replicate == 9 else ("censored", BUDGET)


def run(trial: Made, replicate: int) -> dict[str, Any]:
    end, update = ends(trial, replicate)
    last = {"norm": 1e9 if end == "diverged" else NONE, "loss": NONE}
    return {"trial": trial.id, "replicate": replicate, "end": end, "update": update, **last}


def learning(trial: Made, replicate: int):
    _, last = ends(trial, replicate)
    for update in sorted({*range(RECORD, last + 1, RECORD), last}):
        norm = 1.0 + SHIFT * replicate
        norms = {"norm_median": norm, "norm_90": 2 * norm, "norm_max": 10 * norm}
        row = {"trial": trial.id, "replicate": replicate, "update": update, "updates": RECORD, "loss": 1.0}
        yield row | norms | {"clipped": 0.25, "omega": NONE}


def examinations(trial: Made, replicate: int):
    """Yield the last examination alone: no statistic reads the others."""
    end, last = ends(trial, replicate)
    done = end == "solved"
    row = {"trial": trial.id, "replicate": replicate, "update": last, "metric": "error"}
    yield row | {"value": 0.0 if done else 0.5, "sequences": 250, "success": done}


def probed(trial: Made, replicate: int) -> list[int]:
    """Return the updates at which a run is probed: the checkpoints before its end, and the end."""
    _, last = ends(trial, replicate)
    return [*(update for update in CHECKPOINTS if update < last), last]


def progress(trial: Made, replicate: int, update: int) -> float:
    """Return how far a run has come: from 0 to 1 for one that ends solved, to 0.2 for one that fails."""
    end, last = ends(trial, replicate)
    return (1.0 if end == "solved" else 0.2) * math.log1p(update) / math.log1p(last)


def rate(trial: Made, replicate: int, update: int) -> float:
    """Return λ₁: higher where more replicates are solved, and rising as a run learns."""
    return -0.2 + 0.01 * trial.solved - SHIFT * 0.1 * replicate + 0.05 * progress(trial, replicate, update)


def carry(trial: Made) -> float:
    """Return the mean carry of a cell, before training."""
    bias = trial.fields.get("forget_bias", 0.0)
    return 1 / (1 + math.exp(-(3.0 if math.isnan(bias) else bias))) if trial.cell in ("lstm", "gru") else 0.0


def probes(trial: Made, replicate: int):
    """Yield the summaries of a run; attention has none of them."""
    cut = trial.fields.get("detach", 0.0)
    for update in probed(trial, replicate):
        done = progress(trial, replicate, update)
        row = {"trial": trial.id, "replicate": replicate, "update": update, "exponent_error": 0.001}
        row |= {"exponent": rate(trial, replicate, update), "gate": carry(trial) * (1 + 0.02 * done)}
        row |= {"cosine": 0.9 - 0.5 * done + 0.4 * cut * done, "norm_ratio": 1 - 0.5 * done, "memory": 5 + done}
        yield row | (dict.fromkeys(SUMMARY, NONE) if trial.cell == "attention" else {})


def probe_lags(trial: Made, replicate: int):
    """Yield the norms of paths that fall with the lag and with the hop, faster the less the carry keeps."""
    lags = sorted({1, 2, 5, *(round(share * trial.length) for share in SHARES), trial.length - 1})
    for update, lag in itertools.product(probed(trial, replicate), lags):
        norm = rate(trial, replicate, update) * lag / math.log(10)
        falls = math.log10(carry(trial)) if carry(trial) else -np.inf
        keeps = lag * falls * (1 - 0.5 * progress(trial, replicate, update))
        hops = {f"hop_{hop}": keeps - 0.5 * hop for hop in range(HOPS + 1)}
        row = {"trial": trial.id, "replicate": replicate, "update": update, "lag": lag, "norm": norm, "h_to_h": norm}
        row |= {"hop_rest": norm, "x_to_h": norm - 1} | hops
        if trial.cell == "attention":
            row |= dict.fromkeys(("norm", "h_to_h", "hop_rest", *hops), NONE) | {
                "x_to_h": -1.0 + 0.1 * SHIFT * replicate
            }
        yield row


def extrapolation(trial: Made, replicate: int):
    for length in map(int, str(trial.fields.get("extrapolate", "")).split()):
        error = min(0.75, 0.001 * length * (1 + SHIFT * replicate) * (1 if trial.cell == "lstm" else 9))
        row = {"trial": trial.id, "replicate": replicate, "length": length, "sequences": 250}
        yield row | {"metric": "error", "value": error}
        yield row | {"metric": "loss", "value": 2 * error}


def tasks(trials: list[Made]) -> pd.DataFrame:
    """Return what guessing earns."""
    trivial = {
        "temporal_order": {"error": 0.75, "loss": math.log(4)},
        "adding": {"loss": 1 / 6},
        "parity": {"error": 0.5},
    }
    pairs = {(trial_row(trial, 1)["task"], trial.length) for trial in trials}
    rows = [
        {"task": task, "length": length, "steps": length, "metric": metric, "value": value, "sentence": "By guessing."}
        for task, length in sorted(pairs)
        for metric, value in trivial[task].items()
    ]
    return pd.DataFrame(rows)
