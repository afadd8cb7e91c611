"""Hand out what a design point was measured on, so that anyone can measure it again by other means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from whylstm import cells, records
from whylstm.errors import StudyError
from whylstm.study import data
from whylstm.study.design import Point
from whylstm.study.simulate import described, network

Arrays = dict[str, np.ndarray]


def export(point: Point, seed: int, replicates: int, folder: Path) -> list[Path]:
    """Write the weights, inputs, states and lag profiles of a design point into a folder, and what they are.

    ``point.json``: the settings, and how the tensors are to be read. ``weights.npz``: the cell's tensors, float64,
    with the replicates on axis 0. ``inputs.npz``: ``inputs`` (R, T, D). ``states.npz``: each part of the state,
    (R, T + 1, H), from the zeros before the first step. ``profiles.parquet``: the table ``profiles``, measured anew.

    Returns:
        The files.

    Raises:
        StudyError: if there is no replicate, or a file cannot be written.
    """
    if replicates < 1:
        raise StudyError(f"--replicates is {replicates}; allowed: a whole number from 1")
    inputs = data.sequences(point.task, point.length, replicates, seed).inputs
    weights, states, profiles = _networks(point, seed, inputs)
    paths = {
        name: folder / name for name in ("point.json", "weights.npz", "inputs.npz", "states.npz", "profiles.parquet")
    }
    records.write_json(paths["point.json"], description(point, seed, replicates))
    records.write_arrays(paths["weights.npz"], weights)
    records.write_arrays(paths["inputs.npz"], {"inputs": inputs})
    records.write_arrays(paths["states.npz"], states)
    records.write_table(paths["profiles.parquet"], profiles, "profiles", f"export {point.id}")
    return list(paths.values())


def description(point: Point, seed: int, replicates: int) -> dict[str, Any]:
    """Return a point's settings and the order in which its cell's tensors are stacked."""
    cell = cells.load(point.cell)
    return {
        "point": point.id,
        "settings": point.row(),
        "seed": seed,
        "replicates": replicates,
        "window_ends": list(point.ends),
        "state_parts": list(cell.parts),
        "gates": list(cell.gates),
        "recurrent_gates": list(cell.recurrent_gates),
        "tensors": {
            "W": "(replicate, gate, H, D), on inputs",
            "b": "(replicate, gate, H)",
            "U": "(replicate, recurrent gate, H, H), on the first part of the state unless the cell says otherwise",
            "c": "(replicate, recurrent gate, H), a bias of its own for what U gives, if the cell has one",
        },
        "equations": f"src/whylstm/cells/{point.cell}.py",
    }


def _networks(point: Point, seed: int, inputs: np.ndarray) -> tuple[Arrays, Arrays, pd.DataFrame]:
    """Return weights and states of all replicates, by name, with the replicates on axis 0, and their profiles."""
    weights: dict[str, list[np.ndarray]] = {}
    states: dict[str, list[np.ndarray]] = {}
    profiles = []
    for replicate, sequence in enumerate(inputs):
        drawn, trajectory = network(point, seed, replicate, sequence)
        for name, tensor in drawn.items():
            weights.setdefault(name, []).append(tensor[0].numpy())
        for name, tensor in trajectory.states.items():
            states.setdefault(name, []).append(tensor[:, 0, 0].numpy())
        profiles.append(described(point, replicate, sequence, drawn, trajectory)["profiles"])
    return _stacked(weights), _stacked(states), pd.concat(profiles, ignore_index=True)


def _stacked(replicates: dict[str, list[np.ndarray]]) -> Arrays:
    return {name: np.stack(each) for name, each in replicates.items()}
