"""The training study's tables with the statistics over them, by name: what claims, figures and the text read."""

from __future__ import annotations

from functools import cache, partial

from tests.trained import frames
from whylstm import statistics
from whylstm.statistics import _sources


@cache
def tables(replicates=10):
    """Return the raw tables and every statistic that reads nothing else, those that read another one last."""
    return complete(frames.tables(replicates))


def complete(raw):
    """Return raw tables of training with the statistics over them."""
    made, loaded = dict(raw), {name: statistics.load(name) for name in statistics.names()}
    while ready := [n for n, one in loaded.items() if n not in made and one.tables and set(one.tables) <= set(made)]:
        made |= {name: _sources.shaped(loaded[name].of_tables(made), name) for name in ready}
    return made


def makers():
    """Return for each table a function without arguments that returns it."""
    return {name: partial(tables().__getitem__, name) for name in tables()}
