"""The laboratory's tables with the statistics over them, by name: what its figures read."""

from __future__ import annotations

from functools import cache, partial

from tests.laboratory import frames
from whylstm import statistics


@cache
def tables(replicates=4, lags=40):
    """Return the experiments' tables in closed form and every statistic that reads nothing else."""
    raw = frames.tables(replicates, lags)
    loaded = {name: statistics.load(name) for name in statistics.names()}
    ours = {name: one for name, one in loaded.items() if one.tables and set(one.tables) <= set(raw)}
    return raw | {name: one.of_tables(raw) for name, one in ours.items()}


def makers():
    """Return for each table a function without arguments that returns it."""
    return {name: partial(tables().__getitem__, name) for name in tables()}
