"""``python -m whylstm plan``: it says what a study would take, and a hundred thousand points are planned in seconds."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from whylstm.__main__ import main
from whylstm.study import speed
from whylstm.study.reporting import between, duration

ROOT = Path(__file__).parents[1]


USED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""Runs a command and says what it used; not from here, since a child's peak begins with the size of its parent."""


def said(capsys, *words):
    assert main(["plan", "--no-probe", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("tier", ["smoke", "default", "paper"])
def test_every_tier_has_a_plan_with_all_that_is_asked(capsys, tier, tmp_path):
    text = said(capsys, "--tier", tier, "--cores", "4", "--root", str(tmp_path))
    for pattern in (
        rf"^tier {tier}: \d+ points in \d+ chunks.*, \d+ jobs$",
        r"^simulate_chunk +\d+ ",
        r"^processor time: [\d.]+ (s|min|h)",
        r"^memory: at most \d+ MiB a job$",
        r"^disk: about [\d.]+ (MiB|GiB)",
        r"^time on 4 cores: [\d.]+ (s|min|h)",
        r"^made from: the reference machine's times",
    ):
        assert re.search(pattern, text, re.MULTILINE), pattern


@pytest.mark.parametrize("word", ["0", "-1", "2.5", "many", "", "1" * 30, "١"])
def test_cores_must_be_a_number(capsys, word):
    assert main(["plan", "--no-probe", f"--cores={word}"]) == 2
    assert capsys.readouterr().err.startswith(f"error: --cores is {word!r}; allowed")


def test_a_grid_of_a_hundred_thousand_points_is_planned_in_seconds_and_little_memory(tmp_path):
    """Measured: 4 processor seconds and 180 MiB. The bounds are those that are promised: 20 s and 2 GiB."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["simulation"]["grids"]["gated"] |= {
        "gain": [round(0.01 * step, 4) for step in range(1, 501)],
        "forget_bias": [round(0.1 * step, 3) for step in range(34)],
    }
    path = tmp_path / "large.yaml"
    path.write_text(yaml.safe_dump(config))
    words = [sys.executable, "-m", "whylstm", "plan", "--no-probe", "--config", str(path), "--root", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", USED, *words], cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": "src"}
    )
    assert done.returncode == 0, done.stderr
    assert int(re.search(r"(\d+) points", done.stdout)[1]) > 100_000
    seconds, kibibytes = map(float, done.stdout.splitlines()[-1].split())
    assert seconds < 20
    assert kibibytes < 2 * 2**20


def test_the_probe_is_short_and_finds_a_speed():
    now = time.perf_counter()
    found = speed.probe()
    assert time.perf_counter() - now < 10
    assert 0.05 < found.factor < 50
    assert found.busy >= 1


def test_durations_are_told_in_two_or_three_digits():
    assert [duration(value) for value in (0.04, 59.9, 60, 5999, 360_000)] == [
        "0.0 s",
        "59.9 s",
        "1.0 min",
        "1.7 h",
        "100 h",
    ]
    assert between(10.01, 10.02) == "10.0 s"
    assert between(10, 20) == "10.0 s to 20.0 s"
