"""The numbers of a report, as plain data: its text, figures and page are made from this."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from whylstm.diagnosis.observation.losses import ByLag, Truncation
from whylstm.diagnosis.observation.measuring import Measured
from whylstm.diagnosis.plan import CHOSEN

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, dict[str, str]] = {
    "norms": {
        "part": "the recurrent part",
        "lag": "lag k in steps",
        "log10_norm": "log10 of the Frobenius norm of ds(t)/ds(t-k), mean over windows and sequences",
        "low": "lower end of its 95% interval from random directions",
        "high": "upper end",
        "smallest": "log10 of the norm in the window where it is smallest",
        "largest": "log10 of the norm in the window where it is largest",
        "carry": "carry share: norm of all paths without hops over the norm of all paths",
        "carry_low": "lower end of its 95% interval",
        "carry_high": "upper end",
        "hops": "mean number of recurrent matrices passed, NaN where it was not measured",
    },
    "truncation": {
        "part": "the recurrent part",
        "steps": "K: the state is detached every K steps",
        "cosine": "cosine of the truncated gradient of the part's weights with the whole one",
        "low": "lower end of its 95% interval",
        "high": "upper end",
        "norm": "norm of the truncated gradient over that of the whole one",
    },
    "by_lag": {
        "part": "the recurrent part",
        "lag": "lag k in steps, from 0",
        "state": "norm of the loss's gradient with respect to the state k steps before, all layers together",
        "inputs": "norm of the loss's gradient with respect to the input k steps before",
        "norm": "norm of the parameter gradient that goes back k steps",
        "share": "its projection on the whole parameter gradient, as a share; over all lags they sum to 1",
        "signal": "squared mean over the sequences over the variance of that mean, NaN for one sequence",
    },
    "by_layer": {
        "part": "the recurrent part",
        "lag": "lag k in steps, from 0",
        "layer": "the layer, counted from 1",
        "state": "norm of the loss's gradient with respect to this layer's state k steps before",
    },
    "units": {
        "part": "the recurrent part",
        "layer": "the layer, counted from 1",
        "unit": "the unit, counted from 0",
        "carry_mean": "mean over steps and sequences of the unit's carry (an LSTM's f, a GRU's z)",
        "half_life": "ln 2 / -mean(ln carry) in steps, inf if nothing is lost",
    },
}
"""The tables of a report: what each column means."""


@dataclass(frozen=True)
class Units:
    """The direct path of a layer's units: its number, mean carry (H,) and half-life in steps (H,)."""

    layer: int
    carry: np.ndarray
    half_life: np.ndarray


@dataclass(frozen=True)
class PartReport:
    """What is told of one part: its norms, and with a loss its truncation and gradients by lag."""

    measured: Measured
    truncation: Truncation | None = None
    back: ByLag | None = None
    hops: np.ndarray | None = None
    units: tuple[Units, ...] = ()


@dataclass(frozen=True)
class Numbers:
    """The diagnosis of a model on a batch.

    Attributes:
        name: what the user calls the model.
        parts: every recurrent part.
        notes: what is assumed or left out.
        seconds: processor time of everything but drawing.
        forward_seconds: processor time of the forward pass on this batch.
    """

    name: str
    parts: tuple[PartReport, ...]
    notes: tuple[str, ...]
    seconds: float
    forward_seconds: float

    @property
    def summary(self) -> dict[str, Any]:
        """The numbers that matter, as plain data."""
        return {
            "name": self.name,
            "parts": [_facts(part) for part in self.parts],
            "notes": list(self.notes),
            "seconds": self.seconds,
            "forward_seconds": self.forward_seconds,
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table as a frame, see :data:`COLUMNS`."""
        import pandas as pd

        frames: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}
        for part in self.parts:
            for name, columns in _columns(part).items():
                frames[name].append(pd.DataFrame({"part": part.measured.name, **columns}))
        return {
            name: pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS[name]))
            for name, found in frames.items()
        }


def told_lags(part: PartReport) -> list[int]:
    """Return the lags at which numbers are told."""
    last = int(part.measured.lags[-1])
    return [lag for lag in CHOSEN if lag < last] + [last]


def _facts(part: PartReport) -> dict[str, Any]:
    found, cut = part.measured, part.truncation
    exponent = found.exponent
    return {
        "name": found.name,
        "kind": found.kind,
        "verdict": found.verdict,
        "decided": found.decided,
        "exponent": None
        if exponent is None
        else {key: getattr(exponent, key) for key in ("value", "error", "low", "high", "drift", "settled", "memory")},
        "memory": found.memory,
        "memory_interval": list(found.memory_interval),
        "decades": list(found.decades),
        "log10_norm": {str(lag): list(found.norm.at(lag - 1)) for lag in told_lags(part)},
        "carry_share": None if found.carry is None else {str(k): list(found.carry.at(k - 1)) for k in told_lags(part)},
        "mean_hops": None if part.hops is None else {str(k): float(part.hops[k - 1]) for k in told_lags(part)},
        "truncation": None
        if cut is None
        else {"steps": cut.enough, "interval": list(cut.interval), "length": cut.length},
        "gates": found.gates,
        "directions": found.directions,
        "sequences": list(found.frame.sequences),
        "lags": int(found.lags[-1]),
    }


def _columns(part: PartReport) -> dict[str, dict[str, Any]]:
    found, cut, back = part.measured, part.truncation, part.back
    unknown = np.full(len(found.lags), math.nan)
    carry = found.carry
    out = {
        "norms": {
            "lag": found.lags,
            "log10_norm": found.norm.value,
            "low": found.norm.low,
            "high": found.norm.high,
            "smallest": found.spread[:, 0],
            "largest": found.spread[:, 1],
            "carry": unknown if carry is None else carry.value,
            "carry_low": unknown if carry is None else carry.low,
            "carry_high": unknown if carry is None else carry.high,
            "hops": unknown if part.hops is None else part.hops,
        }
    }
    if cut is not None:
        band = cut.cosine
        columns = {"steps": cut.steps, "cosine": band.value, "low": band.low, "high": band.high, "norm": cut.norm}
        out["truncation"] = columns
    if back is not None:
        columns = {name: getattr(back, name) for name in ("inputs", "norm", "share", "signal")}
        out["by_lag"] = {"lag": back.lags, "state": np.sqrt((back.state**2).sum(1)), **columns}
        count = back.state.shape[1]
        out["by_layer"] = {
            "lag": np.repeat(back.lags, count),
            "layer": np.tile(np.arange(1, count + 1), len(back.lags)),
            "state": back.state.flatten(),
        }
    if part.units:
        out["units"] = {
            "layer": np.concatenate([np.full(len(one.carry), one.layer) for one in part.units]),
            "unit": np.concatenate([np.arange(len(one.carry)) for one in part.units]),
            "carry_mean": np.concatenate([one.carry for one in part.units]),
            "half_life": np.concatenate([one.half_life for one in part.units]),
        }
    return out
