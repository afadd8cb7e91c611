"""Checkpoints: a run's whole state in one safetensors file, written beside and renamed, and verified by its hash.

The file's metadata hold the state's plain values as JSON, a key that says which run it is of, and a SHA-256 over all of
it and the bytes of every tensor. A file that is missing, cut short, altered, or of another run is not loaded: the run
starts anew, and says so. The streams of random numbers have no state: they are keyed by the update.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from whylstm import __version__
from whylstm.records import files
from whylstm.training.ensemble import Ensemble, Member
from whylstm.training.history import Interval
from whylstm.training.plan import Plan
from whylstm.training.state import Run

LISTS = ("history", "examinations", "probes", "outcomes")


def key(plan: Plan, ensemble: Ensemble) -> str:
    """Return a hash of all that a run's course depends on: plan, members, cell, and the weights it starts from."""
    plain = {
        "version": __version__,
        "plan": plan.content,
        "members": [asdict(member) for member in ensemble.members],
        "reader": ensemble.reader.name,
        "shapes": ensemble.layout.shapes,
    }
    return _digest(json.dumps(plain, sort_keys=True), {"rows": ensemble.rows, **ensemble.options})


def save(path: Path, run_key: str, run: Run) -> None:
    """Write a checkpoint whole or not at all."""
    tensors = {name: value.contiguous() for name, value in _tensors(run).items()}
    text = json.dumps(_plain(run))
    metadata = {"key": run_key, "state": text, "sha256": _digest(run_key + text, tensors)}
    beside = files.part_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, beside, metadata)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path, run_key: str, start: Ensemble) -> Run | None:
    """Return the run of an intact checkpoint of this very run, else None.

    Args:
        path: the file.
        run_key: the :func:`key` that it must have been written with.
        start: the ensemble at the run's start, for what never changes.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (OSError, SafetensorError):
        return None
    text = metadata.get("state", "")
    if metadata.get("key") != run_key or metadata.get("sha256") != _digest(run_key + text, tensors):
        return None
    return _restored(json.loads(text), tensors, start)


def _plain(run: Run) -> dict[str, Any]:
    """Return all of a run that JSON can hold; floats come back exactly, NaN and infinities included."""
    members = [asdict(member) for member in run.ensemble.members]
    return {"update": run.update, "members": members} | {name: getattr(run, name) for name in LISTS}


def _tensors(run: Run) -> dict[str, Tensor]:
    named: dict[str, Mapping[str, Tensor]] = {
        "optimiser": run.optimiser,
        "options": run.ensemble.options,
        "interval": {name: torch.from_numpy(value) for name, value in run.interval.values.items()},
        "final": run.final,
    }
    flat = {f"{group}/{name}": value for group, tensors in named.items() for name, value in tensors.items()}
    return flat | {"rows": run.ensemble.rows}


def _restored(plain: dict[str, Any], tensors: dict[str, Tensor], start: Ensemble) -> Run:
    def group(prefix: str) -> dict[str, Tensor]:
        return {name.partition("/")[2]: value for name, value in tensors.items() if name.startswith(f"{prefix}/")}

    members = tuple(Member(**fields) for fields in plain["members"])
    ensemble = Ensemble(start.reader, start.layout, tensors["rows"], group("options"), members)
    interval = Interval({name: value.numpy() for name, value in group("interval").items()})
    lists = {name: plain[name] for name in LISTS}
    return Run(ensemble, group("optimiser"), interval, plain["update"], **lists, final=group("final"))


def _digest(text: str, tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of a text and named tensors: names, types, shapes and bytes, in the order of the names."""
    hasher = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        value = tensors[name].contiguous()
        hasher.update(f"\n{name} {value.dtype} {tuple(value.shape)}\n".encode())
        hasher.update(value.numpy().tobytes())
    return hasher.hexdigest()
