"""The training stage: train the networks of a chunk, those of one shape together, and keep what each trial's did.

A trial's records are one file per table, the trained weights, and a seal with their hashes and the key of what made
them (trial, seed, code), as in the simulation stage. A job reads what is there and can be trusted, trains the
replicates that are missing, and replaces the files whole. While it trains, its state is kept in a checkpoint: a killed
job goes on from there, to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
import torch

from whylstm import initialisations, readers, records, sources, streams, tasks
from whylstm.errors import StudyError
from whylstm.study.design import READ_BY_INITIALISATIONS
from whylstm.study.probing import probe
from whylstm.study.training_chunks import ensembles, shape
from whylstm.study.training_cost import seconds
from whylstm.study.trials import MEMBER, PLANNING, Trial
from whylstm.training import evaluate, readout
from whylstm.training.ensemble import Ensemble, Member
from whylstm.training.history import Row
from whylstm.training.loop import one_thread, train
from whylstm.training.plan import Plan
from whylstm.training.state import Run

TABLES = ("runs", "learning", "examinations", "probes", "probe_lags", "extrapolation")
Say = Callable[[str, int], None]
"""Told in a line how far a job is, and how many networks it had to train so far, those in training included."""


def silent(line: str, networks: int) -> None:
    """Say nothing."""


Frames = dict[str, pd.DataFrame]


def run_chunk(trials: Mapping[Trial, int], seed: int, folder: Path, say: Say = silent) -> dict[str, Any]:
    """Fill the records of all trials of a chunk, and return its manifest: what each record holds, and its hash.

    Args:
        trials: how many networks each trial must hold. Those that its records hold beyond them are kept.
        seed: the study's seed.
        folder: the folder of the records; tables, weights, seals and checkpoints have folders of their own below it.
        say: told how far the job is, and how long it may still take.
    """
    groups, networks = ensembles(trials), 0
    for number, counts in enumerate(groups, start=1):
        later = sum(seconds(trial, count) for group in groups[number:] for trial, count in group.items())
        title = f"{number} of {len(groups)}, {shape(next(iter(counts)))}"
        networks += fill(counts, seed, folder, _titled(say, title, networks), later)
        say(f"{title}: done", networks)
    entries = [_entry(trial, folder, count) for trial, count in trials.items()]
    return {"trials": sorted(entries, key=lambda entry: entry["trial"])}


def fill(counts: Mapping[Trial, int], seed: int, folder: Path, say: Say = silent, later: float = 0.0) -> int:
    """Train what the records of some trials lack, together, and write them; return how many networks it was.

    Arguments as :func:`run_chunk`, for trials whose ``shared`` settings are equal; ``later`` is how many seconds the
    job may take after them.
    """
    kept = {trial: _kept(trial, seed, folder) for trial in counts}
    missing = [
        (trial, r) for trial in counts for r in range(counts[trial]) if r not in set(kept[trial]["runs"]["replicate"])
    ]
    if missing:
        saved = folder / "checkpoints" / f"{_name(missing, seed)}.safetensors"
        ensemble, like = draw(missing, seed), missing[0][0]
        run = _train(ensemble, like, seed, saved, say, later)
        frames = tables(ensemble, run, like, seed)
        for trial in {trial for trial, _ in missing}:
            _write(trial, seed, folder, kept[trial], frames, ensemble, run)
        saved.unlink(missing_ok=True)
    return len(missing)


def _titled(say: Say, title: str, before: int) -> Say:
    return lambda line, networks: say(f"{title}: {line}", before + networks)


def draw(networks: list[tuple[Trial, int]], seed: int) -> Ensemble:
    """Return the networks, each a trial and a replicate, as they start."""
    models = [initial_weights(trial, replicate, seed) for trial, replicate in networks]
    dtype = {"float32": torch.float32, "float64": torch.float64}[networks[0][0].precision]
    members = [_member(trial, replicate) for trial, replicate in networks]
    return Ensemble.of(readers.load(networks[0][0].cell), models, members, dtype)


def initial_weights(trial: Trial, replicate: int, seed: int) -> dict[str, np.ndarray]:
    """Return the weights that one network starts from, float64; the readout is keyed by the replicate alone."""
    task = tasks.load(trial.task)
    fields = {name: getattr(trial, name) for name in READ_BY_INITIALISATIONS} | dict(trial.options)
    drawn = initialisations.weights(
        trial.initialisation, readers.load(trial.cell), trial.hidden, task.features, seed, replicate, **fields
    )
    return drawn | readout.initial(trial.hidden, task.outputs, seed, replicate)


def record_key(trial: Trial, seed: int) -> str:
    """Return the content key of a trial's records: the trial, the seed, and the code that trains it."""
    code = sources.digest("whylstm.study.train", *trial.modules, without=PLANNING)
    return streams.digest({**trial.content, "seed": seed, "code": code, "layout": records.layout(*TABLES)})


def tables(ensemble: Ensemble, run: Run, trial: Trial, seed: int) -> Frames:
    """Return all tables of a finished run; ``trial`` stands for what its trials share."""
    probes = [row for row in run.probes if row["lag"] == 0]
    lags = [row for row in run.probes if row["lag"] > 0]
    rows = {
        "runs": run.outcomes,
        "learning": run.history,
        "examinations": [row for each in run.examinations for row in _by_metric(each)],
        "probes": [{name: value for name, value in row.items() if name != "lag"} for row in probes],
        "probe_lags": lags,
        "extrapolation": _extrapolated(ensemble, run, trial, seed),
    }
    return {table: _frame(found, table) for table, found in rows.items()}


def _train(
    ensemble: Ensemble, trial: Trial, seed: int, saved: Path | None, say: Say = silent, later: float = 0.0
) -> Run:
    began: list[tuple[float, int]] = []

    def progress(update: int, budget: int, left: int) -> None:
        began.append((monotonic(), update))
        (start, first), (now, _) = began[0], began[-1]
        rest = (now - start) / max(update - first, 1) * (budget - update) + later
        line = f"update {update} of {budget}, {left} of {ensemble.size} networks in training, at most {rest:.0f} s left"
        say(line, ensemble.size)

    measured = probe(trial.task, trial.longest, trial.sequences, seed)
    plan = _plan(trial, seed)
    return train(ensemble, plan, measured, saved, progress=progress, say=lambda line: say(line, ensemble.size))


def _plan(trial: Trial, seed: int) -> Plan:
    """Return the plan that a trial's networks are trained by."""
    return Plan(
        seed=seed,
        task=trial.task,
        lengths=(trial.shortest, trial.longest),
        optimiser=trial.optimiser,
        count=trial.sequences,
        budget=trial.budget,
        examination=evaluate.Examination(trial.every, trial.screen, trial.examined),
        record=trial.record,
        probes_per_decade=trial.probes,
        stop_when_solved=trial.stop,
        options=dict(trial.optimiser_options),
    )


def _member(trial: Trial, replicate: int) -> Member:
    """Return the settings of one replicate; its name is the trial's id and the replicate, with a slash between."""
    return Member(f"{trial.id}/{replicate}", replicate, **{name: getattr(trial, name) for name in MEMBER})


def _extrapolated(ensemble: Ensemble, run: Run, trial: Trial, seed: int) -> list[Row]:
    """Return the scores of the trained networks at other lengths, one row per network, length and metric."""
    finals = ensemble.take(range(ensemble.size))
    for place, member in enumerate(finals.members):
        finals.rows[place] = run.final[member.name]
    pieces, rows = range(-(-trial.screen // evaluate.PIECE)), []
    with one_thread():
        for length in trial.extrapolate:
            found = evaluate.score(finals, tasks.load(trial.task), length, seed, 0, pieces)
            for member, metrics in zip(finals.members, found, strict=True):
                each = {"model": member.name, "length": length, "sequences": len(pieces) * evaluate.PIECE}
                rows += [{**each, "metric": name, "value": value} for name, value in metrics.items()]
    return rows


def _by_metric(row: Row) -> list[Row]:
    """Return one row per metric of an examination."""
    plain = {name: row[name] for name in ("model", "update", "sequences", "success")}
    return [{**plain, "metric": name, "value": value} for name, value in row.items() if name not in plain]


def _frame(rows: list[Row], table: str) -> pd.DataFrame:
    """Return rows as a table, the network's name split into trial and replicate; no rows give its empty columns."""
    if not rows:
        return records.empty(table)
    frame = pd.DataFrame(rows)
    names = frame.pop("model").str.rpartition("/")
    frame.insert(0, "trial", names[0])
    frame.insert(1, "replicate", names[2].astype("int64"))
    return frame


def _write(trial: Trial, seed: int, folder: Path, kept: Frames, frames: Frames, ensemble: Ensemble, run: Run) -> None:
    """Replace a trial's records by what was kept and what is new."""
    key, files = record_key(trial, seed), _files(trial, folder)
    for table in TABLES:
        own = frames[table][frames[table]["trial"] == trial.id]
        whole = pd.concat([part for part in (kept[table], own) if len(part)] or [own], ignore_index=True)
        records.write_table(files[table], _sorted(whole), table, key)
    weights = _kept_weights(files["weights"]) if len(kept["runs"]) else {}
    for member in ensemble.members:
        name, _, replicate = member.name.rpartition("/")
        if name == trial.id:
            weights[replicate] = run.final[member.name].numpy()
    records.write_arrays(files["weights"], weights)
    found = {name: records.sha256(path) for name, path in files.items()}
    records.write_json(folder / "seals" / f"{trial.id}.json", {"key": key, "sha256": found})


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    order = [name for name in ("replicate", "update", "length", "lag", "metric") if name in frame]
    return frame.sort_values(order, ignore_index=True)


def _kept(trial: Trial, seed: int, folder: Path) -> Frames:
    """Return what a trial's records hold and can be trusted: sealed with the right key, and unchanged since."""
    nothing = {table: pd.DataFrame({"replicate": pd.Series(dtype="int64")}) for table in TABLES}
    files = _files(trial, folder)
    try:
        found = {name: records.sha256(path) for name, path in files.items()}
        seal = records.read_json(folder / "seals" / f"{trial.id}.json")
    except StudyError:  # no record yet, or one that cannot be read
        return nothing
    if seal != {"key": record_key(trial, seed), "sha256": found}:
        return nothing
    return {table: records.read_table(files[table], table) for table in TABLES}


def _kept_weights(path: Path) -> dict[str, np.ndarray]:
    return dict(records.read_arrays(path))


def _files(trial: Trial, folder: Path) -> dict[str, Path]:
    tables = {table: folder / table / f"{trial.id}.parquet" for table in TABLES}
    return tables | {"weights": folder / "weights" / f"{trial.id}.npz"}


def _entry(trial: Trial, folder: Path, replicates: int) -> dict[str, Any]:
    files = _files(trial, folder)
    held = {n: {"file": f"{p.parent.name}/{p.name}", "sha256": records.sha256(p)} for n, p in files.items()}
    return {"trial": trial.id, "replicates": replicates, "records": held}


def _name(networks: list[tuple[Trial, int]], seed: int) -> str:
    """Return a name for what is trained together, and for the code that trains it."""
    keys = {trial: record_key(trial, seed) for trial, _ in networks}
    return streams.digest({f"{keys[trial]}/{replicate}": True for trial, replicate in networks})[:16]
