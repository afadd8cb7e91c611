"""All that is told of a model that was looked at: every part's numbers, as text, tables, figures and a page."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from whylstm.diagnosis.observation.loop import LoopPart
from whylstm.diagnosis.observation.losses import ByLag, Truncation, by_lag, truncation
from whylstm.diagnosis.observation.measuring import Measured, measure
from whylstm.diagnosis.observation.parts import Frame, FusedPart, Part
from whylstm.diagnosis.observation.running import Observation, observe
from whylstm.diagnosis.plan import CHOSEN
from whylstm.diagnosis.units import half_lives
from whylstm.records.files import write_bytes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

BACK = 10
"""Lags up to which the parameter gradient by lag is told: each costs about as much as half a training step."""

DIRECTIONS = 4
"""Directions for the mean number of hops."""

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
class Report:
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

    def __str__(self) -> str:
        from whylstm.diagnosis.observation.telling import text

        return text(self)

    def page(self) -> str:
        """Return the diagnosis as one HTML page that needs no network."""
        from whylstm.diagnosis.observation.telling import page

        return page(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from whylstm.diagnosis.observation.telling import shown

        return shown(self)

    def plot(self) -> dict[str, Figure]:
        """Return the figures one by one, by their names."""
        from whylstm.diagnosis.observation.telling import figures

        return figures(self)

    def write(self, folder: str | Path) -> Path:
        """Write ``index.html``, ``summary.json`` and ``tables/`` into a folder and return the page's path.

        Raises:
            StudyError: if a file cannot be written.
        """
        from whylstm.diagnosis import tables
        from whylstm.records.plain import write_json

        where = Path(folder)
        tables.write(where, self.tables)
        write_json(where / "summary.json", self.summary)
        write_bytes(where / "index.html", self.page().encode())
        return where / "index.html"


def complete(
    model: nn.Module,
    batch: Any,
    loss: Callable[[Any, Any], Tensor] | None = None,
    *,
    name: str | None = None,
    tell: Callable[[str], None] | None = None,
    lags: int | None = None,
    windows: int | None = None,
    sequences: Any = None,
    budget: float = 10.0,
    **options: Any,
) -> Report:
    """Run a model on a batch and measure all of its recurrent parts.

    Args:
        model: the model.
        batch: what it takes.
        loss: from outputs and batch to a scalar.
        name: what to call the model.
        tell: is called with a line on what is being done.
        lags: the largest lag.
        windows: how many windows of that many steps in each sequence.
        sequences: which sequences of the batch.
        budget: seconds of processor time after which no further directions are begun.
        options: as :func:`whylstm.diagnosis.observation.running.observe` takes them.

    Raises:
        StudyError: for whatever cannot be measured.
    """
    started = time.process_time()
    with one_thread():
        seen = observe(model, batch, loss=loss, **options)
        return of_observation(
            seen,
            name or type(model).__name__,
            started,
            tell,
            lags=lags,
            windows=windows,
            sequences=sequences,
            budget=budget,
        )


def of_observation(
    seen: Observation, name: str, started: float, tell: Callable[[str], None] | None = None, **wishes: Any
) -> Report:
    """Return the report of what was looked at."""
    parts = []
    for part in seen.parts:
        if tell is not None:
            tell(f"{part.name}: {part.kind}, {part.units} units, {len(part.lengths)} sequences of {part.steps} steps")
        parts.append(_part(seen, part, wishes))
    notes = dict.fromkeys([*seen.notes, *(note for part in seen.parts for note in part.notes)])
    return Report(name, tuple(parts), tuple(notes), time.process_time() - started, seen.forward_seconds)


def _part(seen: Observation, part: Part, wishes: dict[str, Any]) -> PartReport:
    wishes = {**wishes, "budget": wishes["budget"] / len(seen.parts)}
    found = measure(part, **wishes)
    cut = None if seen.loss is None else truncation(seen, part)
    assert isinstance(part, FusedPart | LoopPart)
    hops = part.mean_hops(found.frame, DIRECTIONS, torch.Generator().manual_seed(1))
    if isinstance(part, LoopPart):
        return PartReport(found, cut, None, hops)
    back = None if seen.loss is None else by_lag(seen, part, BACK, found.frame.sequences)
    return PartReport(found, cut, back, hops, tuple(_units(part, found.frame)))


def _units(part: FusedPart, frame: Frame) -> Iterator[Units]:
    """Yield what every unit keeps on its direct path, by layer; nothing for a layer without carry."""
    for layer, carry in enumerate(part.carries(frame)):
        if carry is not None:
            steps = carry.double().flatten(0, 1)
            lives = half_lives(steps[:, None])
            yield Units(layer + part.place.layer + 1, steps.mean(0).cpu().numpy(), lives[0].cpu().numpy())


class one_thread:
    """Run in one thread: small products on several wait for each other where the other cores are busy."""

    def __enter__(self) -> None:
        """Remember how many threads there were."""
        self.before = torch.get_num_threads()
        torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        """Put them back."""
        torch.set_num_threads(self.before)


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
    if part.units:
        out["units"] = {
            "layer": np.concatenate([np.full(len(one.carry), one.layer) for one in part.units]),
            "unit": np.concatenate([np.arange(len(one.carry)) for one in part.units]),
            "carry_mean": np.concatenate([one.carry for one in part.units]),
            "half_life": np.concatenate([one.half_life for one in part.units]),
        }
    return out
