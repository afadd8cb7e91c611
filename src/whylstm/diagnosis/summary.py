"""From the tables to the numbers that matter, as plain data: what ``summary.json`` holds and the page is written from.

All norms are medians over windows and sequences of log₁₀ norms.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from whylstm.diagnosis import verdicts
from whylstm.diagnosis.bounds import spectral_norms, step_bound
from whylstm.diagnosis.exponents import Exponent, together
from whylstm.diagnosis.network import Network
from whylstm.diagnosis.plan import Plan
from whylstm.diagnosis.reach import effective_memory, input_memory
from whylstm.diagnosis.start import stage
from whylstm.diagnosis.theory import gain

if TYPE_CHECKING:
    import pandas as pd

    Tables = dict[str, pd.DataFrame]

TOP = 10
"""How many of the units that keep longest are listed, for each layer."""


def summarise(network: Network, plan: Plan, numbers: tuple[int, ...], tables: Tables) -> dict[str, Any]:
    """Return the summary of a diagnosis; see docs/own-network.md for its keys."""
    scopes = [scope(layer, network, plan, tables) for layer in range(len(network.layers) + 1)]
    return {
        "network": about(network),
        "inputs": {"sequences": list(numbers), "steps": plan.steps, "features": network.features},
        "settings": {"lags": plan.lags, "ends": list(plan.ends), "hops": plan.hops},
        "verdict": scopes[0]["verdict"],
        "network_scope": scopes[0],
        "layers": scopes[1:],
        "input_gradient": input_gradient(plan, tables["inputs"]),
        "changes": tables["changes"].to_dict("records"),
        "recommended": verdicts.recommended(tables["changes"]),
        "clipping": clipping(tables["gradients"]),
        "check": check(tables["lag_profile"], len(network.layers)),
        "thresholds": verdicts.THRESHOLDS,
        "notes": list(network.notes),
    }


def about(network: Network) -> dict[str, Any]:
    """Return what the network is."""
    layers = [
        {"cell": layer.cell.name, "units": layer.hidden, "inputs": layer.features, "state": layer.size}
        for layer in network.layers
    ]
    recurrent = any(layer.cell.recurrent_gates for layer in network.layers)
    return {
        "kind": network.kind,
        "layers": layers,
        "state": network.size,
        "recurrent": recurrent,
        "weights": stage(network),
    }


def scope(layer: int, network: Network, plan: Plan, tables: Tables) -> dict[str, Any]:
    """Return the numbers of the whole network (layer 0) or of one layer (from 1)."""
    norm = median(tables["lag_profile"], layer, "norm")
    exponent = exponent_of(tables["exponents"], layer)
    decades = difference(norm.iloc[-1], norm.iloc[0])
    found = {
        "layer": layer,
        "exponent": None if exponent is None else facts(exponent),
        "effective_memory": effective_memory(norm.tolist()),
        "decades": decades,
        "verdict": verdicts.direction(decades, exponent),
        "carry_share": shares(tables["lag_profile"], layer, plan),
        "mean_hops": by_lag(tables["mean_hops"], layer, "mean"),
        "effective_rank": ranks(tables["spectrum"], layer),
    }
    return found if layer == 0 else found | own(layer, network, plan, tables)


def own(layer: int, network: Network, plan: Plan, tables: Tables) -> dict[str, Any]:
    """Return what is known of a layer alone: units, bounds, theory, and the article's product."""
    made = network.layers[layer - 1]
    bounds, predicted = (tables[name][tables[name]["layer"] == layer] for name in ("bounds", "theory"))
    bounds = bounds[bounds["lag"] == plan.lags]
    return {
        "gain": gain(made),
        "spectral_norms": spectral_norms(made.cell.recurrent_gates, made.weights["U"][0]),
        "step_bound": step_bound(made),
        "units": units(tables["units"][tables["units"]["layer"] == layer]),
        "bound": {name: float(bounds[f"log10_{name}"].median()) for name in ("bound", "measured")},
        "theory": {str(name): float(value) for name, value in predicted.groupby("theory")["growth"].mean().items()},
        "article": article(tables["lag_profile"], layer, plan),
    }


def median(profile: pd.DataFrame, layer: int, quantity: str) -> pd.Series:
    """Return the median over windows and sequences of one quantity's log₁₀ norms by lag; empty if it is not there."""
    rows = profile[(profile["layer"] == layer) & (profile["quantity"] == quantity)]
    return rows.groupby("lag")["log10_norm"].median()


def exponent_of(table: pd.DataFrame, layer: int) -> Exponent | None:
    """Return λ₁ of a scope over all sequences, or None if the sequences were too short."""
    rows = table[table["layer"] == layer]
    found = [Exponent(row.value, row.error, row.drift, int(row.steps)) for row in rows.itertuples()]
    return together(found) if found else None


def facts(exponent: Exponent) -> dict[str, Any]:
    """Return an exponent as plain data, with its interval and what it means in steps."""
    names = ("value", "error", "low", "high", "drift", "steps", "settled", "memory")
    return {name: getattr(exponent, name) for name in names}


def difference(one: float, other: float) -> float:
    """Return one logarithm minus another, NaN where both are those of zero."""
    return math.nan if one == other and math.isinf(one) else float(one - other)


def shares(profile: pd.DataFrame, layer: int, plan: Plan) -> dict[str, float]:
    """Return the carry share ‖G^(0)‖/‖G‖ at the chosen lags; above 1 where hops cancel part of the carry."""
    total, carry = (median(profile, layer, name) for name in ("norm", "hop_0"))
    return {str(lag): _ratio(carry.loc[lag], total.loc[lag]) for lag in plan.chosen}


def _ratio(part: float, whole: float) -> float:
    if whole == -math.inf:
        return math.nan
    return float(10.0 ** min(part - whole, 300.0))


def by_lag(table: pd.DataFrame, layer: int, column: str) -> dict[str, float]:
    """Return the mean over sequences of a column at every lag of a table."""
    found = table[table["layer"] == layer].groupby("lag")[column].mean()
    return {str(lag): float(value) for lag, value in found.items()}


def ranks(spectrum: pd.DataFrame, layer: int) -> dict[str, float]:
    """Return the effective rank at the chosen lags: exp of the entropy of the shares of the squared singular values."""
    import numpy as np

    rows = spectrum[spectrum["layer"] == layer]
    found: dict[str, list[float]] = {}
    for (_, _, lag), values in rows.groupby(["sequence", "end", "lag"])["log10_value"]:
        squares = 10.0 ** (2 * (values - values.max()).to_numpy())
        share = squares / squares.sum()
        found.setdefault(str(lag), []).append(float(np.exp(-(share * np.log(share)).sum())))
    return {lag: float(np.median(values)) for lag, values in found.items()}


def units(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Return the carry of a layer's units in a few numbers and the units that keep longest; None without carry."""
    if rows.empty:
        return None
    longest = rows.sort_values("half_life", ascending=False, kind="stable").head(TOP)
    return {
        "carry_mean": float(rows["carry_mean"].mean()),
        "half_life_median": float(rows["half_life"].median()),
        "half_life_longest": float(rows["half_life"].max()),
        "forget_bias_mean": float(rows["forget_bias"].mean()),
        "longest": longest.drop(columns="layer").to_dict("records"),
    }


def article(profile: pd.DataFrame, layer: int, plan: Plan) -> dict[str, dict[str, float]] | None:
    """Return the article's product beside the truth (h to h) at the chosen lags; None for a cell without memory C."""
    product, truth = median(profile, layer, "article"), median(profile, layer, "h_to_h")
    if product.empty:
        return None
    return {str(lag): {"article": float(product.loc[lag]), "truth": float(truth.loc[lag])} for lag in plan.chosen}


def input_gradient(plan: Plan, rows: pd.DataFrame) -> dict[str, Any]:
    """Return how far back the output still feels the inputs."""
    norm = rows.groupby("lag")["log10_norm"].median()
    return {
        "memory": input_memory(norm.tolist()),
        "log10_over_newest": difference(norm.iloc[-1], norm.iloc[0]),
        "log10_norm": {str(lag): float(norm.loc[lag]) for lag in (0, *plan.chosen) if lag in norm.index},
    }


def clipping(rows: pd.DataFrame) -> dict[str, float]:
    """Return the spread of the parameter gradient's norms, in decades about their median."""
    logs = rows["log10_norm"]
    return {
        "places": len(logs),
        "largest_over_median": difference(logs.max(), logs.median()),
        "smallest_over_median": difference(logs.min(), logs.median()),
    }


def check(profile: pd.DataFrame, layers: int) -> float:
    """Return the largest disagreement of two independent routes to each layer's norms, in decades.

    One is the compiled lag profile of the layer alone, the other its block of the whole network's product.
    """
    keys = ["sequence", "end", "lag"]
    worst = 0.0
    for layer in range(1, layers + 1):
        one = profile[(profile["layer"] == layer) & (profile["quantity"] == "norm")].set_index(keys)["log10_norm"]
        block = f"layer_{layer}_to_{layer}"
        other = profile[(profile["layer"] == 0) & (profile["quantity"] == block)].set_index(keys)["log10_norm"]
        gap = (one - other).abs().where(one != other, 0.0)
        worst = max(worst, float(gap.max()))
    return worst
