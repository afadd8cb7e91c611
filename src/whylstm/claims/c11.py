"""C11: therefore the gradient of an LSTM as a whole becomes neither too small nor too large.

Two things are said: the gradient is safe, and it is safe *because* Π f is. So the rule looks at both. Every LSTM
setting is classed by the interval of λ₁ of the whole state as safe, vanishing or exploding (±ln(100)/100 nats per
step), and by what is left of Π f at lag 100 (both: :mod:`whylstm.claims._scale`, *safe*).

- All settings safe: the statement holds.
- Not all, but every setting with a safe Π f is safe (at least three, and nine in ten of them decided, as for every
  statement about all): the conclusion follows from its premise, and the premise is the condition.
- Settings with a safe Π f in which the gradient yet vanishes or explodes: the conclusion does not follow, and the
  statement is refuted. Two such settings are asked for, since one interval of 95% in forty is wrong by chance on either
  side. It is refuted as well if no setting at all is safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims import _settings
from whylstm.claims._scale import FEWEST, MOSTLY
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

COUNTEREXAMPLES = 2


def measure(tables: Tables) -> Measure:
    """Return what the gradient does over all LSTM settings, and over those with a safe Π f."""
    found = _settings.gradients(tables)
    products = _settings.forget_products(tables).set_index("point")["kind"]
    kinds, kept = found["kind"], found["point"].map(products) == "safe"
    total = len(found)
    unsafe = kinds.isin(["vanishes", "explodes"])
    counted = {
        "n_points": (total, "LSTM settings"),
        "n_safe": (int((kinds == "safe").sum()), "settings in which the gradient is safe"),
        "n_vanish": (int((kinds == "vanishes").sum()), "settings in which the gradient vanishes"),
        "n_explode": (int((kinds == "explodes").sum()), "settings in which the gradient explodes"),
        "n_grow": (int((found["exponent_low"] > 0).sum()), "settings in which λ₁ surely is positive"),
        "n_kept": (int(kept.sum()), "settings in which Π f is safe"),
        "n_kept_safe": (int((kept & (kinds == "safe")).sum()), "of these, settings in which the gradient is safe"),
        "n_kept_unsafe": (int((kept & unsafe).sum()), "of these, settings in which the gradient vanishes or explodes"),
        "n_safe_without": (int((~kept & (kinds == "safe")).sum()), "settings with a safe gradient but no safe Π f"),
    }
    numbers = {key: Number(value, text, "points", form="count") for key, (value, text) in counted.items()}
    shares = {
        "share_safe": _share(kinds == "safe", "share of LSTM settings in which the gradient is safe"),
        "share_vanish": _share(kinds == "vanishes", "share of LSTM settings in which the gradient vanishes"),
        "share_explode": _share(kinds == "explodes", "share of LSTM settings in which the gradient explodes"),
    }
    block = _settings.block(found)
    return Measure({**numbers, **shares, **_extremes(found)}, {"block": _settings.block_in_words(*block)})


def _share(rows: pd.Series, meaning: str) -> Number:
    return Number(float(rows.mean()) if len(rows) else None, meaning, "1", n=len(rows), form="percent")


def _extremes(found: pd.DataFrame) -> dict[str, Number]:
    """Return the settings with the smallest and the largest λ₁."""
    numbers = {}
    for name in ("smallest", "largest"):
        meaning = f"{name} λ₁ over LSTM settings"
        known = found.dropna(subset=["exponent"]).sort_values("exponent", ascending=name == "smallest")
        numbers[name] = Number(None, meaning, "nats per step", n=0)
        if len(known):
            row = known.iloc[0]
            ends = (float(row["exponent_low"]), float(row["exponent_high"]))
            numbers[name] = Number(float(row["exponent"]), meaning, "nats per step", *ends, n=int(row["n"]))
    return numbers


def judge(measure: Measure) -> Verdict:
    """Return the verdict on the gradient, and on what it is concluded from."""
    safe, unsafe = measure["n_safe"], measure["n_vanish"] + measure["n_explode"]
    if safe + unsafe < FEWEST or (not unsafe and safe < MOSTLY * measure["n_points"]):
        return "undecided"
    if not unsafe:
        return "holds"
    if not safe or measure["n_kept_unsafe"] >= COUNTEREXAMPLES:
        return "refuted"
    enough = max(FEWEST, MOSTLY * measure["n_kept"])
    follows = measure["n_kept_safe"] >= enough and not measure["n_kept_unsafe"]
    return "holds under conditions" if follows else "undecided"


CLAIM = Claim(
    id="C11",
    place="Section 2, the conclusion; section 3",
    paraphrase="Therefore the gradient of an LSTM as a whole becomes neither too small nor too large.",
    statistic="λ₁ of the whole state and Π f at lag 100, over all LSTM settings",
    rule=(
        "Safe: less than two decades per hundred steps, either way, by the whole interval. All settings safe (nine in "
        "ten decided): holds. Every setting with a safe Π f is safe (nine in ten decided, and at least three), but not "
        "all settings are: holds under conditions. At least two settings with a safe Π f vanish or explode, or no "
        "setting is safe: refuted. Else undecided."
    ),
    conditions=(
        "LSTM at initialisation; the gradient of the whole state (h, C). The premise is that Π f is safe at lag 100."
    ),
    tables=("reach", "lag_profile", "points"),
    number="share_safe",
    figure="fig07_phase_diagram",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The gradient of the LSTM is safe",
        "holds under conditions": "The gradient of the LSTM is safe where its forget gates are",
        "refuted": "The gradient of the LSTM is not safe",
        "undecided": "Whether the gradient of the LSTM is safe stays open",
    },
    sentences={
        "holds": (
            "In {n_safe} of {n_points} settings the gradient changes by less than two decades per hundred steps, and "
            "in none by more."
        ),
        "holds under conditions": (
            "The gradient is safe in {n_safe} of {n_points} settings, vanishes in {n_vanish} and explodes in "
            "{n_explode}. Of {n_kept} settings with a safe product of forget gates it is safe in {n_kept_safe}, and in "
            "none it surely is not."
        ),
        "refuted": (
            "The gradient is safe in {n_safe} of {n_points} settings, vanishes in {n_vanish} and explodes in "
            "{n_explode} (λ₁ from {smallest} to {largest} nats per step). Of {n_kept} settings with a safe product of "
            "forget gates it is safe in {n_kept_safe} and not safe in {n_kept_unsafe}. The largest block in which none "
            "fails: {block}."
        ),
        "undecided": (
            "The gradient is safe in {n_safe}, vanishes in {n_vanish} and explodes in {n_explode} of {n_points} "
            "settings; {n_kept} have a safe product of forget gates: not enough to decide."
        ),
    },
)
