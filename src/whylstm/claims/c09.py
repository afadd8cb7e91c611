"""C9: a product of forget gates does not vanish.

Π f is measured over the whole grid of LSTM settings at lag 100. "Does not vanish" means that less than two decades are
lost there (:mod:`whylstm.claims._scale`, *safe*): a half-life of at least 15 steps. A smaller largest lag can show that
Π f has vanished, since it never grows again, but not that it is safe. The measure is the root mean square over units,
which the slowest units dominate: it is kind to the claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims import _settings
from whylstm.claims._scale import universal
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

MIDDLE_GAIN = 1.0


def measure(tables: Tables) -> Measure:
    """Return how many settings keep Π f, from which forget bias on, and its half-lives."""
    found = _settings.forget_products(tables)
    kinds, total = found["kind"], len(found)
    safe, vanished, undecided = (int((kinds == kind).sum()) for kind in ("safe", "vanished", "open"))
    lag = int(found["lag"].max()) if total else None
    counted = {
        "n_points": (total, "LSTM settings", "points"),
        "n_safe": (safe, "settings that lose less than two decades of Π f in 100 steps", "points"),
        "n_vanished": (vanished, "settings that lose more than two decades of Π f", "points"),
        "n_open": (undecided, "settings that decide neither", "points"),
        "lag": (lag, "largest lag that was looked at", "steps"),
    }
    numbers = {key: Number(value, text, unit, form="count") for key, (value, text, unit) in counted.items()}
    share = Number(
        safe / total if total else None,
        "share of LSTM settings in which Π f is safe from vanishing (range: open ones counted against or for)",
        "1", safe / total if total else None, (safe + undecided) / total if total else None, total, "percent",
    )  # fmt: skip
    block = _settings.block(found)
    made = {**numbers, "share_safe": share, **_biases(found, block), **_half_lives(found), **_sizes(found)}
    return Measure(made, {"block": _settings.block_in_words(*block)})


def _biases(found: pd.DataFrame, block: tuple[float, float, int]) -> dict[str, Number]:
    """Return the smallest forget bias with a safe setting, and the largest block of the grid in which none fails."""
    some = found.loc[found["kind"] == "safe", "forget_bias"].min()
    return {
        "bias_some": Number(float(some), "smallest forget bias of the grid at which some setting is safe"),
        "bias_block": Number(block[0], "smallest forget bias of the largest block in which no setting fails"),
        "gain_block": Number(block[1], "largest gain of that block"),
        "n_block": Number(block[2], "safe settings in that block", "points", form="count"),
    }


def _half_lives(found: pd.DataFrame) -> dict[str, Number]:
    """Return half-life and forget bias at both ends of the grid, at the gain nearest to 1 in the largest network."""
    known = found.dropna(subset=["forget_bias", "gain"])
    if len(known):
        known = known[known["lag"] == known["lag"].max()]
        known = known[known["hidden"] == known["hidden"].max()]
        gains = sorted(known["gain"].unique(), key=lambda gain: (abs(gain - MIDDLE_GAIN), gain))
        known = known[known["gain"] == gains[0]].sort_values(["forget_bias", "point"])
    numbers = {}
    for end, index in (("low", 0), ("high", -1)):
        row = known.iloc[index] if len(known) else None
        bias = None if row is None else float(row["forget_bias"])
        life = (
            [None] * 3 if row is None else [_settings.half_life(row[k], row["lag"]) for k in ("median", "low", "high")]
        )
        numbers[f"bias_{end}"] = Number(bias, f"forget bias at the {end} end of the grid")
        meaning = f"half-life of Π f at the {end} end of the forget biases, gain nearest to 1"
        numbers[f"half_life_{end}"] = Number(
            life[0], meaning, "steps", life[1], life[2], None if row is None else int(row["n"])
        )
    return numbers


def _sizes(found: pd.DataFrame) -> dict[str, Number]:
    ends = {"smallest": found["median"].min(), "largest": found["median"].max()}
    return {
        name: Number(float(value), f"{name} Π f at that lag over settings, root mean square over units", "log10",
                     n=len(found), form="power")
        for name, value in ends.items()
    }  # fmt: skip


def judge(measure: Measure) -> Verdict:
    """Return the verdict on all LSTM settings."""
    return universal(measure["n_safe"], measure["n_vanished"], measure["n_points"])


CLAIM = Claim(
    id="C9",
    place="Section 2, after the product of forget gates",
    paraphrase="A product of forget gates is safe from vanishing.",
    statistic="Π f at lag 100, root mean square over units, over all LSTM settings",
    rule=(
        "A setting is safe if the whole interval keeps more than 1/100 of Π f at lag 100, and has vanished if the "
        "whole interval lies below. Both occur: holds under conditions. Else nine in ten settings must be decided, and "
        "at least three: all safe holds, all vanished refutes; otherwise undecided."
    ),
    conditions={
        "holds": "LSTM at initialisation, at every forget bias and gain of the grid.",
        "holds under conditions": "LSTM at initialisation. The largest block in which no setting fails: {block}.",
        "refuted": "LSTM at initialisation, at every forget bias and gain of the grid.",
        "undecided": "LSTM at initialisation, at lags of the grid.",
    },
    tables=("lag_profile", "points"),
    number="share_safe",
    figure="fig05_carry_share_map",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The product of forget gates does not vanish",
        "holds under conditions": "The product of forget gates lasts only from a forget bias of {bias_some} on",
        "refuted": "The product of forget gates vanishes",
        "undecided": "Whether the product of forget gates vanishes stays open",
    },
    sentences={
        "holds": (
            "In {n_safe} of {n_points} settings Π f keeps more than a hundredth over 100 steps, and in none it has "
            "vanished."
        ),
        "holds under conditions": (
            "In {n_safe} of {n_points} settings Π f keeps more than a hundredth over 100 steps, none with a forget "
            "bias below {bias_some}; in {n_vanished} it vanishes. Its half-life runs from {half_life_low} steps at "
            "forget bias {bias_low} to {half_life_high} at {bias_high}."
        ),
        "refuted": "Π f vanishes in {n_vanished} of {n_points} settings: at lag {lag} it is {largest} at most.",
        "undecided": (
            "Π f is safe in {n_safe} and vanishes in {n_vanished} of {n_points} settings, up to lag {lag}: not enough "
            "to decide."
        ),
    },
)
