"""From what a user hands over to a report: a model with its batch, a layer with its inputs, or a step function."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from whylstm.diagnosis import modules, sequences
from whylstm.diagnosis.observation.report import Report, complete, of_observation
from whylstm.diagnosis.observation.running import ModelFailed, observe_step
from whylstm.diagnosis.threads import one_thread
from whylstm.errors import StudyError

BARE = (nn.RNNBase, nn.RNNCellBase)


def ask_model(
    model: nn.Module,
    batch: Any,
    *,
    batch_first: bool | None = None,
    array: str | None = None,
    select: Iterable[int] | None = None,
    prefix: str | None = None,
    name: str | None = None,
    **wishes: Any,
) -> Report:
    """Return the report of a model on a batch, or of a recurrent layer on its inputs.

    Args:
        model: the model.
        batch: what its forward takes, or, where forward cannot take it, what its one recurrent layer reads: floats of
            shape (T, D) or (N, T, D), an array or the path of a file with one.
        batch_first: whether three axes of a layer's inputs are (N, T, D); as the layer itself reads them if left out.
        array: which array of a file is meant.
        select: which sequences are measured.
        prefix: which recurrent part is meant.
        name: what to call the model.
        wishes: as :func:`whylstm.diagnosis.observation.report.complete` takes them.

    Raises:
        StudyError: for whatever cannot be measured.
    """
    batch = sequences.read(batch, array) if isinstance(batch, str | Path) else batch
    wishes |= {"sequences": None if select is None else list(select), "name": name or _called(model)}
    if isinstance(model, BARE):
        return complete(*_layer(model, batch, batch_first), **wishes)
    given = torch.from_numpy(batch) if isinstance(batch, np.ndarray) else batch
    try:
        return complete(model, given, prefix=prefix, **wishes)
    except ModelFailed as failed:
        part = _read_alone(model, batch, prefix)
        if part is None or wishes.get("loss") is not None:
            raise
        found = complete(*_layer(part[1], batch, batch_first), **wishes)
        note = (
            f"The inputs are taken as those of the model's part {part[0]!r}, since the model itself cannot be run on"
            f" them ({failed.reason})."
        )
        return Report(found.name, found.parts, (note, *found.notes), found.seconds, found.forward_seconds)


def _called(model: nn.Module) -> str:
    """Return what a model is called: a layer of torch's by its kind."""
    return type(model).__name__


def _read_alone(model: nn.Module, batch: Any, prefix: str | None) -> tuple[str, nn.Module] | None:
    """Return the one recurrent layer of a model that a batch fits, with its name; None where there is none.

    A cell in a loop is none: what stands between its steps is the model's, and is only seen when the model runs.
    """
    try:
        name, part = modules.recurrent(model, prefix)
    except StudyError:
        return None
    shape: Any = getattr(batch, "shape", ())
    fits = len(shape) in (2, 3) and isinstance(part, nn.RNNBase) and shape[-1] == part.input_size
    return (name, part) if fits else None


def _layer(part: nn.Module, batch: Any, batch_first: bool | None) -> tuple[nn.Module, Any]:
    """Return a layer of torch.nn and its inputs in its own layout and precision; a cell becomes a loop over steps."""
    if isinstance(batch, tuple) or not isinstance(part, BARE):
        return part, batch
    time_first = not (getattr(part, "batch_first", True) if batch_first is None else batch_first)
    shape = list(getattr(batch, "shape", ()))
    count = shape[int(time_first)] if len(shape) == 3 else 1
    values = sequences.prepare(batch, int(part.input_size), time_first, range(count)).values  # (N, T, D)
    values = values.to(next(part.parameters()))
    if isinstance(part, nn.RNNCellBase):
        return Stepping(part), values
    return part, values if part.batch_first else values.transpose(0, 1)


class Stepping(nn.Module):
    """One of torch's cells, run over sequences (N, T, D) from the zero state."""

    def __init__(self, cell: nn.Module) -> None:
        """Take the cell."""
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        """Return h after the last step."""
        state = None
        for now in x.unbind(1):
            state = self.cell(now, state)
        return state[0] if isinstance(state, tuple) else state  # type: ignore[return-value]


def ask_step(
    step: Callable[[Any, Any], Any], state: Any, inputs: Any, *, name: str | None, tell: Any = None, **wishes: Any
) -> Report:
    """Return the report of a step function over a sequence.

    Raises:
        StudyError: for whatever cannot be measured.
    """
    if state is None or inputs is None:
        raise StudyError("step needs the first state and inputs as well: diagnose(step=f, state=s, inputs=x)")
    started = time.process_time()
    with one_thread():
        seen = observe_step(step, state, inputs, name=name or str(getattr(step, "__name__", "step")))
        return of_observation(seen, name or "step function", started, tell, **wishes)
