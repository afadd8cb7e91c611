"""From the records of the trials to the tables of the study: one table of each kind, of the present config alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from whylstm import records
from whylstm.errors import StudyError
from whylstm.records.manifest import checked
from whylstm.study.trials import Trial


def gather(table: str, manifests: Iterable[Path], folder: Path, expected: Mapping[str, int]) -> pd.DataFrame:
    """Return one table of all trials, sorted by its key.

    Args:
        table: its name.
        manifests: those of all chunks.
        folder: the folder of the records.
        expected: how many networks each trial has, by its id; a record may hold more, which are left out.

    Raises:
        StudyError: if a trial is missing, or a record is not the one that its manifest states.
    """
    found = {}
    for manifest in sorted(manifests):
        for held in records.read_json(manifest)["trials"]:
            trial, wanted = held["trial"], expected.get(held["trial"], 0)
            if wanted > held["replicates"]:
                raise StudyError(
                    f"{manifest} holds {held['replicates']} networks of the trial {trial}, but {wanted} are asked for;"
                    " run the study again"
                )
            found[trial] = _of_trial(checked(folder, held["records"][table], manifest), table, wanted)
    if lacking := sorted(set(expected) - set(found)):
        raise StudyError(
            f"the table {table!r} lacks the trial {lacking[0]}: no manifest states it; run the study again"
        )
    parts = [found[trial] for trial in expected]
    filled = [part for part in parts if len(part)] or parts[:1]
    order = list(records.tables()[table].key)
    return pd.concat(filled, ignore_index=True).sort_values(order, ignore_index=True)


def _of_trial(path: Path, table: str, replicates: int) -> pd.DataFrame:
    frame = records.read_table(path, table)
    return frame[frame["replicate"] < replicates]


def trial_table(
    trials: Mapping[tuple[str, str], Iterable[Trial]], seeds: Mapping[tuple[str, str], int]
) -> pd.DataFrame:
    """Return the table ``trials``: one row per experiment, arm and trial, in the order of the config.

    Args:
        trials: by (experiment, arm).
        seeds: how many networks of each trial count there, by (experiment, arm).
    """
    rows = [
        {"experiment": experiment, "arm": arm, "trial": trial.id, "replicates": seeds[experiment, arm], **trial.row()}
        for (experiment, arm), found in trials.items()
        for trial in found
    ]
    gaps = dict.fromkeys(("gain", "forget_bias", "input_scale", "t_max", "clip_norm", "clip_value"), "float64")
    return pd.DataFrame(rows).astype(gaps)
