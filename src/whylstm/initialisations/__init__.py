"""Initialisations: one file each, found by its name. They make the weights of one model, before any training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import families
from whylstm.errors import StudyError

if TYPE_CHECKING:
    import numpy as np

    from whylstm.cells.base import Reader
    from whylstm.initialisations.base import Initialisation

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all initialisations."""
    return families.names(FAMILY)


def load(name: str) -> Initialisation:
    """Return the initialisation called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "INITIALISATION")


def weights(
    initialisation: str, cell: Reader, hidden: int, features: int, seed: int, replicate: int, **fields: float | None
) -> dict[str, np.ndarray]:
    """Return the weights of one model.

    Args:
        initialisation: the initialisation's name.
        cell: the cell.
        hidden: the number H of hidden units.
        features: the number D of inputs.
        seed: the study's seed.
        replicate: which of the independent draws; equal numbers pair models across cells, gains and biases.
        fields: ``gain``, ``forget_bias``, ``input_scale`` and ``t_max`` where they are read, and any of the cell's own
            options. What is not read is ignored; None counts as not given.

    Returns:
        ``U`` (R, H, H), ``W`` (G, H, D), ``b`` (G, H), ``c`` (R, H) if ``cell.recurrent_bias``, each of the cell's
        extras (H,) and options (1,), all float64.

    Raises:
        StudyError: if the two do not go together, or a field is missing that is read.
    """
    from whylstm.initialisations.base import Draws

    part = load(initialisation)
    part.check(cell)
    return part.weights(cell, hidden, features, Draws(seed, hidden, replicate), **_read(part, cell, fields))


def _read(part: Initialisation, cell: Reader, fields: dict[str, float | None]) -> dict[str, float]:
    """Return the fields that the initialisation or the cell reads; raise StudyError if one is missing."""
    given = {name: value for name, value in fields.items() if value is not None}
    needed = part.reads_for(cell)
    for name in needed:
        if name not in given:
            raise StudyError(f"{name} is missing: initialisation {part.name!r} of cell {cell.name!r} reads it")
    return {name: given[name] for name in (*needed, *cell.options) if name in given}
