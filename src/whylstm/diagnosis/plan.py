"""What will be measured, and what that costs: lags, windows, chosen lags, the work of every stage, and the memory."""

from __future__ import annotations

from dataclasses import dataclass

from whylstm.diagnosis.network import Network
from whylstm.errors import StudyError

CHOSEN = (1, 3, 10, 30, 100, 300, 1000, 3000)
"""The lags at which singular values are taken and numbers are told, as far as the window reaches, and its last lag."""

MOST_HOPS = 100
"""The largest lag at which the whole distribution of hops is estimated."""

ROOM = 500_000
"""States (see :func:`states`) that are held at once for all changed networks together, or those of one if more."""

BYTES = 330
"""Bytes per state of a run with all that its Jacobians need, measured for an LSTM, which needs most."""

COMPILED = 150_000_000
"""Bytes of compiled kernels and libraries that are loaded on the way."""

CALL = 4e-4
"""Seconds of fixed cost for taking one block of rows one step back, beside its arithmetic."""


@dataclass(frozen=True)
class Plan:
    """What will be measured.

    Attributes:
        steps: T.
        lags: K, the largest lag.
        ends: the windows' last steps, counted from 1.
        hops: the largest number of hops whose norm is computed exactly.
        sequences: how many sequences.
    """

    steps: int
    lags: int
    ends: tuple[int, ...]
    hops: int
    sequences: int

    @property
    def chosen(self) -> tuple[int, ...]:
        """The lags that are looked at more closely."""
        return tuple(sorted({lag for lag in CHOSEN if lag < self.lags} | {self.lags}))

    @property
    def hop_lags(self) -> tuple[int, ...]:
        """The lags at which the distribution of hops is estimated."""
        return tuple(lag for lag in self.chosen if lag <= MOST_HOPS) or (min(self.lags, MOST_HOPS),)


@dataclass(frozen=True)
class Stage:
    """A piece of work: floating-point operations, and how often Python has to call for them."""

    flops: float
    calls: float

    def seconds(self, speed: float) -> float:
        """Return the time at a speed in operations per second."""
        return self.flops / speed + self.calls * CALL


def plan(steps: int, sequences: int, lags: int | None = None, windows: int | None = None, hops: int = 8) -> Plan:
    """Return what will be measured on sequences of this length.

    Args:
        steps: T.
        sequences: how many.
        lags: K; if left out half of the sequence, but at least 100 steps where there are so many and at most 500.
        windows: how many windows per sequence; if left out 3 for one sequence, 2 for two, 1 for more.
        hops: the largest number of hops to tell apart.

    Raises:
        StudyError: for a lag that does not fit into the sequence, or a number that is too small.
    """
    if lags is not None and not 1 <= lags <= steps:
        raise StudyError(f"lags is {lags}; the sequences have {steps} steps, so allowed: 1 to {steps}")
    if windows is not None and windows < 1:
        raise StudyError(f"windows is {windows}; allowed: 1 or more")
    if not 0 <= hops <= 64:
        raise StudyError(f"hops is {hops}; allowed: 0 to 64")
    lags = lags or min(steps, max(100, steps // 2), 500)
    count = windows or max(1, 4 - sequences)
    return Plan(steps, lags, spread_ends(lags, steps, count), hops, sequences)


def spread_ends(lags: int, steps: int, count: int) -> tuple[int, ...]:
    """Return the last steps of windows, spread evenly over what the largest lag leaves.

    >>> spread_ends(100, 200, 3)
    (100, 150, 200)
    >>> spread_ends(7, 7, 3)
    (7,)
    """
    if count == 1:
        return (steps,)
    return tuple(sorted({lags + round((steps - lags) * index / (count - 1)) for index in range(count)}))


def stages(network: Network, planned: Plan, changes: int) -> dict[str, Stage]:
    """Return the work of every stage by name, for all sequences and windows.

    Args:
        network: the network.
        planned: what will be measured.
        changes: how many changed networks will be measured beside it.
    """
    windows = len(planned.ends) * planned.sequences
    steps = planned.steps * planned.sequences
    found = {f"layer {i + 1}": _profile(network, i, planned, windows) for i in range(len(network.layers))}
    found["network"] = _whole(network, planned, windows)
    small = sum(layer.size * (layer.hidden + layer.features) for layer in network.layers)
    layers = len(network.layers)
    found["exponents"] = Stage(60.0 * steps * small, 2 * steps * layers)
    deep = max(planned.hop_lags)
    scopes = sum(1 for _ in network.layers) + 1
    found["hops"] = Stage(
        60.0 * 8 * deep**2 / 2 * small * planned.sequences, 8 * deep * scopes * layers * planned.sequences
    )
    each = Stage(100.0 * (steps + planned.lags * planned.sequences) * small, layers * (steps * 2 + planned.lags))
    found["changes"] = Stage(each.flops * (changes + 1), each.calls * (changes + 1))
    found["gradients"] = Stage(80.0 * steps * small, 4 * steps * layers)
    return found


def _profile(network: Network, index: int, planned: Plan, windows: int) -> Stage:
    """Return the cost of a layer's lag profile: one product S x S x H for each number of hops, one for the total."""
    layer = network.layers[index]
    each = 2.0 * layer.size * layer.size * layer.hidden * (planned.hops + 2) + 12.0 * layer.size**2 * (planned.hops + 3)
    return Stage(1.4 * each * planned.lags * windows, windows)


def _whole(network: Network, planned: Plan, windows: int) -> Stage:
    """Return the cost of the whole network's products: rows of every layer through it and all layers below."""
    flops, blocks = 0.0, 0
    for top, rows in enumerate(network.layers):
        for layer in network.layers[: top + 1]:
            flops += 2.0 * rows.size * layer.size * (layer.hidden + 2 * layer.features) + 100.0 * rows.size * layer.size
            blocks += 4
    spectra = 20.0 * network.size**3 * len(planned.chosen)
    return Stage(1.3 * (flops * planned.lags + spectra) * windows, blocks * planned.lags * windows)


def memory(network: Network, planned: Plan, changes: int) -> int:
    """Return about how many bytes are needed at once, over what an idle Python with torch takes."""
    each = states(network, planned.steps, planned.sequences)
    batch = max(each, min(ROOM, (changes + 1) * each))
    profiles = max((planned.hops + 5) * layer.size**2 for layer in network.layers)
    return COMPILED + BYTES * batch + 8 * max(profiles, 10 * network.size**2)


def states(network: Network, steps: int, sequences: int) -> int:
    """Return how many units' states a run has: steps x sequences x units of all layers."""
    return steps * sequences * sum(layer.hidden for layer in network.layers)
