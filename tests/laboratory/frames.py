"""Tables of the laboratory in closed form, small and without torch; replicate r is shifted by a known amount.

Experiments that need numpy alone are run as they are, at small settings.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd

from whylstm import laboratory

SHIFT = 0.01
"""By how much replicate r differs from replicate 0, times r."""
LOST = {"own": 0.0, "random": 0.2}
"""What an exponent loses if hops get random signs."""
NONE = math.nan
GATED = {"lstm": (0.0, 4.0), "gru": (0.0, 4.0), "tanh": (NONE,)}
GAINS = (0.5, 1.5, 8.0)
RATES = {"lstm": -0.3, "gru": -0.4, "tanh": -0.6}
INTERVENTIONS = {"cut_recurrence": -4.0, "freeze_carry": -0.2, "shuffle_gates": 0.1, "scramble_signs": -2.0}


def tables(replicates: int = 4, lags: int = 40) -> dict[str, pd.DataFrame]:
    """Return every table of the laboratory that a statistic or a figure reads."""
    by_replicates = {
        table.__name__: table(replicates, lags)
        for table in (
            exponents, spectra, parameter_lags, parameter_signal, interventions, half_lives, attention, successors,
            state_tracking,
        )
    }  # fmt: skip
    return by_replicates | exact(lags) | {"mean_field": mean_field()}


def exact(lags: int) -> dict[str, pd.DataFrame]:
    """Return the tables in which nothing is estimated over networks."""
    settings = {
        "counterexamples": {"lags": lags},
        "error_surface": {"points": 31},
        "cliff": {"points": 40},
        "bifurcation": {"points": 61},
        "curse_of_memory": {"runs": 2000},
    }
    found = {name: laboratory.load(name).run(3, chosen) for name, chosen in settings.items()}
    return found | {"two_unit_lstm": two_unit_lstm(), "two_unit_exponents": two_unit_exponents()}


def rate(cell: str, gain: float, bias: float) -> float:
    """Return the exponent of replicate 0, nats per step."""
    return RATES[cell] + 0.3 * math.log(gain) + (0.0 if math.isnan(bias) else 0.05 * bias)


def settings():
    """Yield every cell with its forget biases."""
    return ((cell, bias) for cell, biases in GATED.items() for bias in biases)


def exponents(replicates: int, lags: int) -> pd.DataFrame:
    rows = [
        {"cell": cell, "gain": gain, "forget_bias": bias, "hidden": 16, "replicate": r, "index": index, "steps": 100}
        | {"signs": signs, "value": rate(cell, gain, bias) - index + 1 + SHIFT * r - LOST[signs]}
        | {"error": 0.01, "drift": (-1) ** r * 0.02}
        for (cell, bias), gain, r, index, signs in itertools.product(settings(), GAINS, range(replicates), (1, 2), LOST)
    ]
    return pd.DataFrame(rows)


def mean_field(above: float = 0.03) -> pd.DataFrame:
    """Return a theory that lies above replicate 0 by so much, at one gain more than was measured."""
    rows = [
        {"cell": cell, "gain": gain, "forget_bias": bias, "units": 100, "exponent": rate(cell, gain, bias) + above}
        for (cell, bias), gain in itertools.product(settings(), (*GAINS, 3.0))
    ]
    return pd.DataFrame(rows)


def spectra(replicates: int, lags: int) -> pd.DataFrame:
    """Return S = 8 singular values (4 without a memory) that fall by a factor from one to the next."""
    rows = []
    for (cell, bias), lag, r in itertools.product(settings(), (1, 10, lags), range(replicates)):
        size = 8 if cell == "lstm" else 4
        values = -0.02 * lag * (1 + np.arange(size)) + SHIFT * r
        shares = 100.0**values / np.sum(100.0**values)
        facts = {"effective_rank": float(np.exp(-np.sum(shares * np.log(shares)))), "change": 1e-9}
        facts["log10_condition"] = values[0] - values[-1]
        where = {"cell": cell, "forget_bias": bias, "lag": lag, "replicate": r, **facts}
        rows += [{**where, "index": i + 1, "log10_value": value} for i, value in enumerate(values)]
    return pd.DataFrame(rows)


def parameter_lags(replicates: int, lags: int) -> pd.DataFrame:
    """Return shares that fall geometrically, more slowly where the forget bias is large."""
    frames = []
    for (cell, bias), r in itertools.product(settings(), range(replicates)):
        lag = np.arange(lags)
        weights = (0.98 if bias == 4.0 else 0.4 + SHIFT * r) ** lag
        where = {"cell": cell, "forget_bias": bias, "replicate": r, "lag": lag}
        frames.append(pd.DataFrame({**where, "share": weights / weights.sum(), "log10_norm": np.log10(weights)}))
    return pd.concat(frames, ignore_index=True)


def parameter_signal(replicates: int, lags: int) -> pd.DataFrame:
    """Return ratios that fall to below 0: at lag 8, or at lag 32 where the forget bias is large."""
    frames = []
    for (cell, bias), r in itertools.product(settings(), range(replicates)):
        lag = np.arange(lags)
        where = {"cell": cell, "forget_bias": bias, "replicate": r, "lag": lag}
        ratio = 0.01 * (1 - lag / (32 if bias == 4.0 else 8)) * (1 + SHIFT * r)
        where |= {"sequences": 20}
        frames.append(pd.DataFrame({**where, "ratio": ratio, "whole": 0.05 * (1 + SHIFT * r)}))
    return pd.concat(frames, ignore_index=True)


def interventions(replicates: int, lags: int) -> pd.DataFrame:
    rows = []
    for (cell, bias), gain, r, lag in itertools.product(settings(), GAINS, range(replicates), (10, lags)):
        if cell != "tanh":
            where = {"cell": cell, "gain": gain, "forget_bias": bias, "replicate": r, "lag": lag}
            before = rate(cell, gain, bias) * lag + r
            rows.append({**where, "intervention": "none", "log10_norm": before})
            for name, change in INTERVENTIONS.items():
                by = change * (1 - 0.2 * bias) * (1 + SHIFT * r) * lag / lags
                rows.append({**where, "intervention": name, "log10_norm": before + by})
    return pd.DataFrame(rows)


def half_lives(replicates: int, lags: int) -> pd.DataFrame:
    """Return units whose gates stand where their biases put them, and lose half as much again under input."""
    frames = []
    laws = [("constant", bias) for bias in (-2.0, 0.0, 4.0)] + [("chrono", t_max) for t_max in (50.0, 200.0)]
    for (law, value), scale, r in itertools.product(laws, (0.0, 1.0), range(replicates)):
        unit = np.arange(16)
        bias = np.full(16, value) if law == "constant" else np.log(1 + (value - 2) * (unit + 0.5) / 16)
        log_forget = -np.log1p(np.exp(-bias)) * (1 + 0.5 * scale * (1 + SHIFT * r))
        kept = np.exp(value * log_forget) if law == "chrono" else np.full(16, NONE)
        where = {"law": law, "setting": value, "input_scale": scale, "replicate": r, "unit": unit}
        each = {"log_forget": log_forget, "half_life": np.log(2) / -log_forget, "kept_at_t_max": kept}
        frames.append(pd.DataFrame({**where, **each}))
    return pd.concat(frames, ignore_index=True)


def attention(replicates: int, lags: int) -> pd.DataFrame:
    kinds = {("attention", NONE): 0.0} | {(cell, bias): rate(cell, 1.0, bias) for cell, bias in settings()}
    frames = []
    for (kind, slope), r in itertools.product(kinds.items(), range(replicates)):
        lag = np.arange(1, lags + 1)
        where = {"kind": kind[0], "forget_bias": kind[1], "replicate": r, "lag": lag}
        frames.append(pd.DataFrame({**where, "log10_norm": slope * lag - 1.5 + SHIFT * r}))
    return pd.concat(frames, ignore_index=True)


def two_unit_lstm(steps: int = 120) -> pd.DataFrame:
    """Return a motion on a circle of radius 0.4, with a gradient that grows and a forget product that vanishes."""
    t = np.arange(1, steps + 1)
    circle = {"h_1": np.sin(t), "h_2": np.cos(t), "c_1": np.sin(2 * t), "c_2": np.cos(2 * t)}
    logs = {"log10_gradient": 0.08 * t, "log10_forget_product": -0.3 * t}
    logs["log10_distance"] = np.minimum(-10 + 0.08 * t, -0.5)
    circle["twin_c_1"] = np.sin(2 * t + (t > 100))
    return pd.DataFrame({"step": t, **{name: 0.4 * value for name, value in circle.items()}, **logs})


def successors(replicates: int, lags: int) -> pd.DataFrame:
    """Return paths that fall at rates of their own: an LSTM with hops, a delta rule with mixings, a gate alone."""
    falls = {
        ("cells", "lstm", 0.0): (-0.2, -0.3, -0.25),
        ("cells", "minlstm", 4.0): (-0.05, -0.05, -math.inf),
        ("matrix_cells", "deltanet", NONE): (0.0, 0.0, 0.0),
    }
    rows = [
        {"recurrence": name, "family": family, "forget_bias": bias, "input_scale": 1.0, "replicate": r, "lag": k}
        | {f"log10_{part}": fall * k - SHIFT * r * k for part, fall in zip(("whole", "none", "one"), each, strict=True)}
        for (family, name, bias), each in falls.items()
        for r, k in itertools.product(range(replicates), range(1, lags + 1))
    ]
    return pd.DataFrame(rows)


def state_tracking(replicates: int, lags: int) -> pd.DataFrame:
    """Return two rates and two lengths: an LSTM that makes no mistakes, and a delta rule that guesses."""
    kinds = {("cells", "lstm"): 0.0, ("matrix_cells", "deltanet"): 0.4}
    return pd.DataFrame(
        {"task": "parity_running", "recurrence": name, "family": family, "parameters": 500, "rate": rate}
        | {"replicate": r, "length": length, "error": error + SHIFT * r + rate}
        | {"role": "reported" if r else "tuning"}
        for (family, name), error in kinds.items()
        for rate, r, length in itertools.product((0.01, 0.03), range(replicates + 1), (20, 80))
    )


def two_unit_exponents(first: float = 0.18) -> pd.DataFrame:
    rows = [
        {"steps": steps, "index": index, "value": first - index + 1, "error": 0.5 / steps**0.5, "drift": 0.01}
        | {"forget_rate": -0.7}
        for steps in (500, 1500)
        for index in (1, 2, 3, 4)
    ]
    return pd.DataFrame(rows)
