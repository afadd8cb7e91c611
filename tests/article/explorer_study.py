"""A study made up for the explorer: few points with holes between them, formulas for values, a name that is markup.

Nothing in it was measured. A norm is 10^(slope · lag), with a slope that depends on gain and forget bias, so that a
test can say what the page must show.
"""

import itertools
import math
from pathlib import Path

import pandas as pd

from whylstm.records import write_table

LAGS = (1, 2, 5, 10, 20, 50, 100, 200)
SHORT = (1, 2, 5, 10, 20, 48)
HOPS = 8
BELOW, ABOVE = 3.0, 5.0  # decades from a median to the ends of its interval: far enough to be seen in a picture
GAINS, BIASES, SIZES = (0.5, 1.0, 8.0), (0.0, 4.0), (16, 64)
HOSTILE = '</script><script>alert("x")</script><!-- &amp; \u2028'
"""A cell's name that a page must show as it is."""


def points() -> pd.DataFrame:
    """Return the grid: LSTM and tanh on noise, an LSTM on digits, one that reads no gain and no bias, one hostile."""
    noise = {"initialisation": "gaussian", "task": "noise", "length": 300, "lags": 200, "input_scale": 1.0}
    rows = [
        {"cell": "lstm", "gain": gain, "forget_bias": bias, "hidden": hidden, **noise}
        for gain, bias, hidden in itertools.product(GAINS, BIASES, SIZES)
        if (gain, bias, hidden) != (8.0, 4.0, 64)
    ]
    rows += [{"cell": "tanh", "gain": gain, "forget_bias": math.nan, "hidden": 16, **noise} for gain in GAINS]
    digits = noise | {"task": "digits", "length": 64, "lags": 48}
    rows += [{"cell": "lstm", "gain": 1.0, "forget_bias": 0.0, "hidden": 16, **digits}]
    drawn = noise | {"initialisation": "torch_default", "input_scale": math.nan}
    rows += [{"cell": "lstm", "gain": math.nan, "forget_bias": math.nan, "hidden": 16, **drawn}]
    rows += [{"cell": HOSTILE, "gain": 1.0, "forget_bias": math.nan, "hidden": 16, **noise}]
    named = [row | {"point": f"p{number:02d}", "windows": 5, "hops": HOPS} for number, row in enumerate(rows)]
    return pd.DataFrame(named).assign(options="", t_max=math.nan)


def slope(row) -> float:
    """Return log₁₀ of the growth per step: falls at small gain, rises at large, a little more with the bias."""
    return 0.0 if math.isnan(row.gain) else 0.01 * math.log2(row.gain) + (0.002 if row.forget_bias == 4.0 else -0.01)


def median(row, quantity: str, lag: int) -> float:
    """Return the made-up median of a quantity of the table lag_profile."""
    if quantity == "norm":
        return slope(row) * lag
    if row.cell != "lstm":
        return -math.inf
    return {"hop_0": -0.02, "article": -1.0}[quantity] * lag


def share(row, hop: int) -> float:
    """Return the made-up share of a hop: a quarter for 0 to 3 in an LSTM, everything in the rest elsewhere."""
    return (0.25 if hop < 4 else 0.0) if row.cell == "lstm" else float(hop == HOPS + 1)


def interval(middle: float) -> dict:
    """Return the columns of a median with its interval."""
    return {"median": middle, "low": middle - BELOW, "high": middle + ABOVE, "n": 10, "coverage": 0.9785}


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that the explorer reads."""
    rows = list(points().itertuples())
    return {
        "points": points(),
        "reach": pd.DataFrame([reach(row) for row in rows]),
        "lag_profile": pd.DataFrame([line for row in rows for line in profile(row)]),
        "hop_spectrum": pd.DataFrame([line for row in rows for line in spectrum(row)]),
    }


def lags(row) -> tuple[int, ...]:
    """Return the lags of a point."""
    return SHORT if row.task == "digits" else LAGS


def reach(row) -> dict:
    """Return a point's growth in nats per step; its memory is not shown."""
    rate = slope(row) * math.log(10)
    return {
        "point": row.point, "lags": row.lags, "exponent": rate, "exponent_low": rate - 0.001,
        "exponent_high": rate + 0.001, "exponent_before": rate, "memory": 7.0, "memory_low": 7.0, "memory_high": 7.0,
        "censored": False, "n": 10, "coverage": 0.9785, "replicates": 10,
    }  # fmt: skip


def profile(row) -> list[dict]:
    """Return a point's norms; only an LSTM has the article's product."""
    names = ("norm", "hop_0", "article") if row.cell == "lstm" else ("norm", "hop_0")
    return [
        {
            "point": row.point,
            "quantity": name,
            "lag": lag,
            **interval(median(row, name, lag)),
            "band_low": -1.0,
            "band_high": 1.0,
        }
        for name in names
        for lag in lags(row)
    ]


def spectrum(row) -> list[dict]:
    """Return a point's shares by hops."""
    return [
        {
            "point": row.point, "lag": lag, "hop": "rest" if hop > HOPS else str(hop),
            **interval(median(row, "hop_0", lag) - median(row, "norm", lag) if hop == 0 else -0.5),
            "share": share(row, hop), "share_low": 0.9 * share(row, hop), "share_high": 1.0 * share(row, hop),
        }
        for lag in lags(row)
        for hop in range(HOPS + 2)
    ]  # fmt: skip


def write(root: Path) -> Path:
    """Write the tables into a results folder and return it."""
    for name, frame in tables().items():
        write_table(root / "tables" / f"{name}.parquet", frame, name)
    return root
