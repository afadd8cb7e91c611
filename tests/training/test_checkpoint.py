"""Checkpoints: a killed run goes on to the same bytes; a damaged, foreign or missing file is not loaded."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm.streams import stream
from whylstm.training import checkpoint, loop
from whylstm.training.evaluate import Examination
from whylstm.training.plan import Plan

PLAN = Plan(4, "temporal_order", (10, 10), "adam", 4, 9, Examination(every=3, screen=250, sequences=250), record=2)


@pytest.fixture
def written(tmp_path):
    """An ensemble, the checkpoint of its finished run, and the key."""
    ensemble = models.ensemble("gru", "temporal_order", models.members(2), 5, torch.float32)
    path = tmp_path / "run.safetensors"
    loop.train(ensemble, PLAN, saved=path)
    return ensemble, path, checkpoint.key(PLAN, ensemble)


def test_what_is_read_is_what_was_written(written):
    ensemble, path, key = written
    run = checkpoint.load(path, key, ensemble)
    again = loop.train(ensemble, PLAN)
    for name in (*checkpoint.LISTS, "update"):
        np.testing.assert_equal(getattr(run, name), getattr(again, name))
    assert all(torch.equal(value, again.final[name]) for name, value in run.final.items())


def test_every_kind_of_damage_is_found(written):
    ensemble, path, key = written
    intact = path.read_bytes()
    rng = stream(0, "damage")
    damaged = [intact[: len(intact) // 2], intact[:-1], b"", b"x" * 100, intact + b"\0"]
    for place in rng.integers(8, len(intact), 40):
        bit = bytes([intact[place] ^ (1 << int(rng.integers(8)))])
        damaged.append(intact[:place] + bit + intact[place + 1 :])
    for content in damaged:
        path.write_bytes(content)
        assert checkpoint.load(path, key, ensemble) is None
    path.write_bytes(intact)
    assert checkpoint.load(path, key, ensemble) is not None


def test_a_damaged_checkpoint_is_redone(written):
    ensemble, path, key = written
    intact = checkpoint.load(path, key, ensemble)
    path.write_bytes(path.read_bytes()[:-7])
    lines: list[str] = []
    run = loop.train(ensemble, PLAN, saved=path, say=lines.append)
    assert run.outcomes == intact.outcomes
    assert checkpoint.load(path, key, ensemble) is not None
    loop.train(ensemble, PLAN, saved=path, say=lines.append)
    assert lines == [
        "its checkpoint is damaged, or of another run, and is not used: it starts anew",
        f"goes on from its checkpoint after update {run.update}",
    ]


def test_nothing_is_said_of_a_checkpoint_that_is_not_there(tmp_path):
    ensemble = models.ensemble("gru", "temporal_order", models.members(1), 5, torch.float32)
    lines: list[str] = []
    loop.train(ensemble, PLAN, saved=tmp_path / "run.safetensors", say=lines.append)
    assert not lines


def test_another_run_is_not_continued(written):
    ensemble, path, _ = written
    longer = Plan(**{**vars(PLAN), "budget": 10})
    other = models.ensemble("gru", "temporal_order", models.members(2, clip_norm=1.0), 5, torch.float32)
    moved = ensemble.take([0, 1])
    moved.rows[0, 0] += 1
    for key in (checkpoint.key(longer, ensemble), checkpoint.key(PLAN, other), checkpoint.key(PLAN, moved)):
        assert checkpoint.load(path, key, ensemble) is None
    assert checkpoint.load(path.with_name("missing"), checkpoint.key(PLAN, ensemble), ensemble) is None


def test_a_write_that_fails_leaves_the_old_checkpoint(written, monkeypatch):
    ensemble, path, key = written
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(checkpoint, "save_file", fail)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save(path, key, checkpoint.load(path, key, ensemble))
    assert path.read_bytes() == before


def test_a_run_killed_at_random_moments_ends_in_the_same_bytes(tmp_path):
    """SIGKILL, twice, after a random number of lines of output; checkpoints are written all the time."""
    rng, saved = stream(1, "kill"), str(tmp_path / "run.safetensors")
    for _ in range(2):
        with victim(saved) as process:
            lines = [process.stdout.readline() for _ in range(int(rng.integers(1, 40)))]
            process.kill()
        assert lines[-1].startswith("update"), "the run must be killed before it ends"
    with victim(saved) as process, victim("") as unbroken:
        resumed, whole = (run.communicate()[0].splitlines() for run in (process, unbroken))
    assert resumed[-1] == whole[-1]
    assert resumed[-1].startswith("digest")
    assert len(resumed) < len(whole)


def victim(saved: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.training.victim", saved]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "src:."})
