"""All that is told of a model that was looked at: every part's numbers, as text, tables, figures and a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from whylstm.diagnosis.observation.loop import LoopPart
from whylstm.diagnosis.observation.losses import by_lag, truncation
from whylstm.diagnosis.observation.measuring import measure
from whylstm.diagnosis.observation.numbers import Numbers, PartReport, Units
from whylstm.diagnosis.observation.parts import Frame, FusedPart, Part
from whylstm.diagnosis.observation.running import Observation, observe
from whylstm.diagnosis.threads import one_thread
from whylstm.diagnosis.units import half_lives
from whylstm.records.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BACK = 10
"""Lags up to which the parameter gradient by lag is told: each costs about as much as half a training step."""

DIRECTIONS = 32
"""Directions for the mean number of hops."""


class Report(Numbers):
    """The diagnosis of a model on a batch, and how it is told."""

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
