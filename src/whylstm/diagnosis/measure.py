"""One pass over everything: a network and its inputs to the tables of :mod:`whylstm.diagnosis.tables`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from whylstm.diagnosis import bounds, changes, clipping, exponents, hops, theory, units, what_if, whole
from whylstm.diagnosis.chain import Chain, chains, trajectories
from whylstm.diagnosis.network import Network
from whylstm.diagnosis.plan import Plan
from whylstm.diagnosis.progress import Progress
from whylstm.diagnosis.routines import or_left_out
from whylstm.diagnosis.tables import TABLES
from whylstm.diagnosis.threads import threads
from whylstm.gradients.lag_profile import lag_profile

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.gradients.trajectory import Trajectory

Frames = dict[str, "list[pd.DataFrame]"]


class Measurement:
    """Measures one network on its inputs, sequence by sequence, and collects the tables.

    Attributes:
        network: what is measured.
        inputs: (N, T, D).
        numbers: what the user calls each sequence.
        plan: lags and windows.
        progress: is told what is done.
        notes: what was left out while measuring, a sentence each.
    """

    def __init__(
        self, network: Network, inputs: Tensor, numbers: tuple[int, ...], plan: Plan, progress: Progress
    ) -> None:
        self.network, self.inputs, self.numbers, self.plan, self.progress = network, inputs, numbers, plan, progress
        self.frames: Frames = {name: [] for name in TABLES}
        self.notes: list[str] = []

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return all tables."""
        import pandas as pd

        with threads(self.network):
            self._measure()
        return {
            name: pd.concat(found, ignore_index=True)[list(TABLES[name][1])]
            if found
            else pd.DataFrame({column: pd.Series(dtype="float64") for column in TABLES[name][1]})
            for name, found in self.frames.items()
        }

    def _measure(self) -> None:
        paths = trajectories(self.network, self.inputs)
        found = chains(self.network, paths)
        for number, chained in zip(self.numbers, found, strict=True):
            self._sequence(chained, {"sequence": number})
        self._units(found)
        self._theory(found, paths)
        with or_left_out("What changes would do", self.notes):
            self._changes()
        self._gradients()

    def _sequence(self, chained: Chain, where: dict[str, Any]) -> None:
        for layer in range(len(chained.links)):
            self._profile(chained, layer, where)
        for end in self.plan.ends:
            self._window(chained, end, where)
        self._exponents(chained, where)
        self._hops(chained, where)

    def _profile(self, chained: Chain, layer: int, where: dict[str, Any]) -> None:
        """Measure a layer's own lag profile, exactly, with its first hops and the article's products."""
        for end in self.plan.ends:
            found = lag_profile(chained.links[layer].own, [end], self.plan.lags, self.plan.hops)
            lines = {name: value[:, 0, 0].numpy() for name, value in found.items()}
            self._lines("lag_profile", {"layer": layer + 1, **where, "end": end}, lines, first=1)
            self.progress.advance(f"layer {layer + 1}", self._share())

    def _window(self, chained: Chain, end: int, where: dict[str, Any]) -> None:
        """Measure the whole network's lag Jacobian in one window, and what bounds promise there."""
        tick = self._ticking("network", self._share() / self.plan.lags)
        found = whole.window(chained, end, self.plan.lags, self.plan.chosen, tick, self.notes)
        at = {**where, "end": end}
        norms = {name: np.array(values) for name, values in found.norms.items()}
        norms["hop_0"] = norms.pop("carry")
        self._lines("lag_profile", {"layer": 0, **at}, norms, first=1)
        self._add("inputs", at, {"lag": np.arange(self.plan.lags), "log10_norm": np.array(found.inputs)})
        for (layer, lag), values in found.singular.items():
            kept = values[torch.isfinite(values)].numpy()
            columns = {"index": np.arange(1, len(kept) + 1), "log10_value": kept}
            self._add("spectrum", {"layer": layer, **at, "lag": lag}, columns)
        for layer, link in enumerate(chained.links):
            promised = bounds.bound(link.own, end, self.plan.lags)
            columns = {
                "lag": np.array(self.plan.chosen),
                "log10_bound": np.array([promised[lag - 1] for lag in self.plan.chosen]),
                "log10_measured": np.array(
                    [_largest(found.singular.get((layer + 1, lag))) for lag in self.plan.chosen]
                ),
            }
            self._add("bounds", {"layer": layer + 1, **at}, columns)

    def _exponents(self, chained: Chain, where: dict[str, Any]) -> None:
        if not exponents.enough(chained.steps):
            return
        measured = {0: exponents.of_network(chained)[0]}
        measured |= {layer + 1: exponents.of_network(chained.alone(layer))[0] for layer in range(len(chained.links))}
        for layer, found in measured.items():
            columns = {name: getattr(found, name) for name in ("value", "error", "drift", "steps")}
            self._add("exponents", {"layer": layer, **where}, {name: [value] for name, value in columns.items()})
        self.progress.advance("exponents", 1 / len(self.numbers))

    def _hops(self, chained: Chain, where: dict[str, Any]) -> None:
        """Estimate the distribution of hops in the last window, for the network and for each layer."""
        end = self.plan.ends[-1]
        scopes = {0: chained} | {layer + 1: chained.alone(layer) for layer in range(len(chained.links))}
        for layer, scope in scopes.items():
            for lag, found in hops.hops(scope, end, self.plan.hop_lags).items():
                at = {"layer": layer, **where, "end": end, "lag": lag}
                self._add("hops", at, {"hops": np.arange(lag + 1), "share": found.share.numpy()})
                self._add("mean_hops", at, {"mean": [found.mean], "error": [found.error]})
        self.progress.advance("hops", 1 / len(self.numbers))

    def _units(self, found: list[Chain]) -> None:
        """Measure every unit's direct path, over all sequences."""
        for layer, made in enumerate(self.network.layers):
            kept = [units.carry_of_units(one.links[layer].own) for one in found]
            if kept[0] is None:
                continue
            carry = torch.cat([one[:, 0] for one in kept if one is not None])
            bias = theory.forget_bias(made)
            columns = {
                "unit": np.arange(made.hidden),
                "carry_mean": carry.mean(0).numpy(),
                "half_life": units.half_lives(carry).numpy(),
                "forget_bias": np.full(made.hidden, np.nan) if bias is None else bias.numpy(),
            }
            self._add("units", {"layer": layer + 1}, columns)

    def _theory(self, found: list[Chain], paths: list[Trajectory]) -> None:
        """Predict every layer's growth, along every sequence."""
        if self.plan.steps < 2:
            return
        for position, number in enumerate(self.numbers):
            below = self.inputs[position]
            for layer, made in enumerate(self.network.layers):
                with or_left_out(f"The theory of layer {layer + 1}", self.notes):
                    predicted = theory.predictions(made, found[position].links[layer].own, below)
                    columns = {"theory": list(predicted), "growth": list(predicted.values())}
                    self._add("theory", {"layer": layer + 1, "sequence": number}, columns)
                below = paths[layer].after[made.cell.parts[0]][:, 0, position]

    def _changes(self) -> None:
        """Run and measure the changed networks, the network as it is first."""
        tried = changes.worth_trying(self.network, self.plan.steps)
        networks = {"as it is": self.network} | {change.name: change.apply(self.network) for change in tried}
        found = what_if.outcomes(list(networks.values()), self.inputs, self.plan.lags)
        for name, outcome in zip(networks, found, strict=True):
            self._add("changes", {"change": name}, _row(outcome))
            self.progress.advance("changes", 1 / len(networks))

    def _gradients(self) -> None:
        for place in clipping.gradient_norms(self.network, self.inputs):
            at = {"sequence": self.numbers[place.sequence], "end": place.end}
            self._add("gradients", at, {"log10_norm": [place.log_norm]})
        self.progress.advance("gradients", 1.0)

    def _share(self) -> float:
        """Return the share of a stage that one window of one sequence is."""
        return 1 / (len(self.plan.ends) * len(self.numbers))

    def _ticking(self, stage: str, share: float) -> Callable[[], None]:
        return lambda: self.progress.advance(stage, share)

    def _lines(self, table: str, where: dict[str, Any], lines: dict[str, np.ndarray], first: int) -> None:
        """Add one row for each quantity and lag."""
        for name, values in lines.items():
            columns = {"lag": np.arange(first, first + len(values)), "log10_norm": values}
            self._add(table, {**where, "quantity": name}, columns)

    def _add(self, table: str, where: dict[str, Any], columns: dict[str, Any]) -> None:
        import pandas as pd

        self.frames[table].append(pd.DataFrame({**where, **columns}))


def _largest(values: Tensor | None) -> float:
    """Return the largest singular value (log₁₀): -inf where the matrix is zero and so none is told, NaN if unknown."""
    return np.nan if values is None else float(values[0].nan_to_num(nan=-np.inf))


def _row(found: what_if.Outcome) -> dict[str, list[float]]:
    exponent = found.exponent
    numbers: Iterable[tuple[str, Any]] = {
        "growth": None if exponent is None else exponent.value,
        "error": None if exponent is None else exponent.error,
        "memory": found.memory,
        "decades": found.change,
        "carry_mean": found.carry,
        "broken": found.broken,
    }.items()
    return {name: [float("nan") if value is None else float(value)] for name, value in numbers}
