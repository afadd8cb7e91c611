"""Small tables in closed form: one unit with carry f = σ(b) and hop gain a = gain / 5, so that ‖G‖ = (f + a)^k.

Columns are those of the data dictionary; a test writes each table, which checks them against it.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd

from tests.laboratory import summaries
from tests.trained import summaries as trained

SMOKE = {"gains": (0.5, 1.5, 8.0), "biases": (0.0, 4.0), "hidden": (8, 16), "lags": 60, "replicates": 4}
DEFAULT = {
    "gains": (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0),
    "biases": (-2.0, 0.0, 1.0, 2.0, 4.0, 6.0),
    "hidden": (16, 64),
    "lags": 200,
    "replicates": 10,
}
GRIDS = {"smoke": SMOKE, "default": DEFAULT}
GATED, SIMPLE = ("lstm", "gru"), ("linear", "tanh")
HOPS = 9
COVERAGE = {4: 0.875, 10: 0.9785}


def tables(gains, biases, hidden, lags, replicates) -> dict[str, pd.DataFrame]:
    """Return every table that a figure reads, over a grid with points of another task and initialisation beside it."""
    frame = grid_points(gains, biases, hidden, lags)
    counts = {"n": replicates, "coverage": COVERAGE[replicates]}
    points = frame.to_dict("records")
    made = {name: [block for point in points for block in make(point)] for name, make in MAKERS.items()}
    made["article_gap"] = [block for point in points if point["cell"] == "lstm" for block in gap(point)]
    found = {"points": frame} | {name: stacked(blocks).assign(**counts) for name, blocks in made.items()}
    return found | {name: make() for name, make in MORE.items()}


def stacked(blocks: list[dict]) -> pd.DataFrame:
    """Return one frame from blocks of columns; a column's value stands for all rows of its block."""
    sizes = [max(np.size(value) for value in block.values()) for block in blocks]
    columns = {
        name: np.concatenate([np.broadcast_to(block[name], size) for block, size in zip(blocks, sizes, strict=True)])
        for name in blocks[0]
    }
    return pd.DataFrame(columns)


def grid_points(gains, biases, hidden, lags) -> pd.DataFrame:
    """Return the design: gated cells over gain and bias, simple ones over gain, and others beside them."""
    rows = [
        (cell, gain, bias, size)
        for cell in (*GATED, *SIMPLE)
        for gain, bias, size in itertools.product(gains, biases if cell in GATED else (math.nan,), hidden)
    ]
    frame = pd.DataFrame(rows, columns=["cell", "gain", "forget_bias", "hidden"])
    frame = frame.assign(task="noise", initialisation="gaussian", input_scale=1.0, length=2 * lags, lags=lags)
    other = frame[frame["hidden"] == hidden[0]].assign(task="digits", lags=lags // 2)
    default = frame[frame["gain"] == gains[0]].assign(initialisation="torch_default", gain=math.nan)
    frame = pd.concat([frame, other, default.drop_duplicates(["cell", "hidden"])], ignore_index=True)
    frame.insert(0, "point", [f"p{index}" for index in range(len(frame))])
    return frame.assign(windows=2, hops=HOPS - 1, options="{}")


def some_lags(largest: int) -> np.ndarray:
    """Return about ten lags a decade, with the largest."""
    return np.unique(np.round(np.append(10 ** np.arange(0, math.log10(largest), 0.1), largest))).astype(int)


def factors(point: dict) -> tuple[float, float]:
    """Return f and a of a point; what has no gate has no carry."""
    keeps = 0.0 if math.isnan(point["forget_bias"]) else 1 / (1 + math.exp(-point["forget_bias"]))
    gain = 1.0 if math.isnan(point["gain"]) else point["gain"]
    return keeps, gain * {"linear": 1.0, "tanh": 0.6, "gru": 0.15, "lstm": 0.2}[point["cell"]]


def banded(middle, width) -> dict:
    """Return a median and its interval."""
    return {"median": middle, "low": middle - width, "high": middle + width}


def profile(point: dict):
    lag = some_lags(point["lags"])
    keeps, hop = factors(point)
    whole = lag * math.log10(keeps + hop)
    quantities = {"norm": whole + 0.5, "h_to_h": whole}
    if point["cell"] == "lstm":
        quantities |= {"article": whole - 0.3 * (lag - 1), "detour": lag * math.log10(0.1 * hop)}
        quantities |= {"carousel": lag * math.log10(keeps)}
    for name, norm in quantities.items():
        band = {"band_low": norm - 0.1, "band_high": norm + 0.1}
        yield {"point": point["point"], "quantity": name, "lag": lag, **banded(norm, 0.02 * lag), **band}


def growth(point: dict):
    keeps, hop = factors(point)
    rates = {"incoherent": 0.5 * math.log(keeps**2 + hop**2), "coherent": math.log(keeps + hop)}
    rates["mean"] = 0.5 * sum(rates.values())
    for prediction, rate in rates.items():
        block = {"point": point["point"], "prediction": prediction}
        for name, value in (("predicted", rate), ("measured", rates["coherent"]), ("difference", 0.0)):
            block |= {name: value, f"{name}_low": value - 0.01, f"{name}_high": value + 0.01}
        yield block


def reach(point: dict):
    rate = math.log(sum(factors(point)))
    memory = {"memory": 5.0, "memory_low": 4.0, "memory_high": 6.0, "censored": False, "replicates": 10}
    ends = {"exponent": rate, "exponent_low": rate - 0.02, "exponent_high": rate + 0.02, "exponent_before": rate}
    yield {"point": point["point"], "lags": point["lags"], **ends, **memory}


def gap(point: dict):
    lag = some_lags(point["lags"])
    keeps, hop = factors(point)
    ratios = {
        "article_to_truth": -0.3 * (lag - 1),
        "defect_to_truth": np.where(lag > 1, -0.1, -np.inf),
        "detour_to_carousel": (lag - 1) * (math.log10(0.1 * hop) - math.log10(keeps)),
    }
    for name, ratio in ratios.items():
        yield {"point": point["point"], "comparison": name, "lag": lag, **banded(ratio, 0.02 * lag)}


def carry(point: dict):
    keeps, hop = factors(point)
    nominal = np.array([10, 100])
    lag = np.minimum(nominal, point["lags"])
    with np.errstate(divide="ignore"):
        share = lag * (np.log10(keeps) - math.log10(keeps + hop))
    yield {"point": point["point"], "block": "whole", "nominal_lag": nominal, "lag": lag, **banded(share, 0.01)}


def hops(point: dict):
    """Yield shares of a binomial: C(k, r) p^r (1 - p)^(k - r) of the squared norm passes r hops."""
    keeps, hop = factors(point)
    chance, names = hop**2 / (keeps**2 + hop**2), np.array([*map(str, range(HOPS)), "rest"])
    for lag in some_lags(point["lags"]).tolist():
        kept = [max(lag - r, 0) for r in range(HOPS)]  # comb is 0 where r > k
        shares = [math.comb(lag, r) * chance**r * (1 - chance) ** kept[r] for r in range(HOPS)]
        share = np.array([*shares, max(1 - sum(shares), 0.0)])
        with np.errstate(divide="ignore"):
            norm = banded(0.5 * np.log10(share), 0.0)
        band = {"share_low": (share - 0.02).clip(0), "share_high": (share + 0.02).clip(max=1)}
        yield {"point": point["point"], "lag": lag, "hop": names, **norm, "share": share, **band}


MORE = summaries.makers() | trained.makers()
"""Tables that are not made from the grid, by name: functions without arguments that return a frame."""

MAKERS = {"lag_profile": profile, "growth": growth, "reach": reach, "carry_share": carry, "hop_spectrum": hops}


def claims(verdict: str = "refuted", count: int = 14) -> dict[str, dict]:
    """Return judged claims C1 ... with one verdict for all."""
    number = {"meaning": "largest relative error", "text": "2.1 × 10⁻¹⁴", "span": "10⁻¹⁵ to 10⁻¹³", "n": 10}
    paraphrase = "The gradient over a lag is the product of the one-step Jacobians."
    record = {"verdict": verdict, "paraphrase": paraphrase, "number": number, "tables": ["identities", "reach"]}
    short = {"paraphrase": "It cannot explode."}
    return {f"C{i}": {"id": f"C{i}", **record, **(short if i == 2 else {})} for i in range(1, count + 1)}
