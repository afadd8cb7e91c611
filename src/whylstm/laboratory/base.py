"""What an experiment declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from whylstm.errors import StudyError
from whylstm.families import did_you_mean

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        sentence: what it asks.
        function: ``function(seed=..., **settings)`` returns the table.
        settings: its settings with their default values (the default tier's).
        limits: what a setting may hold, where its kind allows more: facts of the config's schema by its name, such as
            ``{"sequences": {"minimum": 2}}``; of a list, ``minItems`` and ``maxItems`` count its values, and all else
            holds for each.
        fits: (small, large, more): the largest ``small`` and ``more`` must be no more than the smallest ``large``.
    """

    sentence: str
    function: Callable[..., pd.DataFrame]
    settings: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    fits: tuple[tuple[str, str, int], ...] = ()

    def run(self, seed: int, settings: Mapping[str, Any]) -> pd.DataFrame:
        """Return the table for these settings, defaults for those that are left out.

        Raises:
            StudyError: if there is no such setting, naming the nearest.
        """
        unknown = [name for name in settings if name not in self.settings]
        if unknown:
            raise StudyError(f"laboratory: no setting {unknown[0]!r}; {did_you_mean(unknown[0], list(self.settings))}")
        return self.function(seed=seed, **{**self.settings, **settings})
