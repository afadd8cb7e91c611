"""What is said to make reaches the study as data: no word of it is run by make or by the shell."""

import json
import os
import shutil
import subprocess

import pytest

from tests.workflow.harness import ROOT

STUB = """#!/usr/bin/env python3
import json, os, sys
print(json.dumps({"words": sys.argv[1:], "pytest": os.environ.get("PYTEST_ADDOPTS")}))
"""
HOSTILE = [
    "; touch hacked",
    "$(touch hacked)",
    "$$(touch hacked)",
    "$(shell touch hacked)",
    "${shell touch hacked}",
    "`touch hacked`",
    "'; touch hacked; '",
    '"; touch hacked; "',
    "a\ntouch hacked",
    "a b",
    "*",
    "-x",
    "#",
    "../up",
    "ü",
    "x" * 10_000,
]


@pytest.fixture
def folder(tmp_path):
    """A folder with the Makefile, and a Python in its environment that only prints what it was given."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml", "workflow/find_python.sh", ".venv/bin/python"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(STUB)
    (tmp_path / ".venv/bin/python").chmod(0o755)
    (tmp_path / ".venv/.ready").touch()
    return tmp_path


def make(folder, *words):
    """Run make and return what the first Python command was given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTEST"))}
    done = subprocess.run(["make", "-s", *words], cwd=folder, capture_output=True, text=True, env=kept)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [".venv", "Makefile", "pyproject.toml", "requirements.lock", "workflow"]
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[0])


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word)[1:24])
def test_a_tier_is_one_word_as_it_was_said(folder, word):
    assert f"--tier={word}" in make(folder, "study", f"TIER={word}")["words"]


@pytest.mark.parametrize("target", ["slurm-study", "figures", "release", "plan"])
def test_so_it_is_for_every_command(folder, target):
    assert "--tier=$(touch a); touch b" in make(folder, target, "TIER=$(touch a); touch b")["words"]


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word)[1:24])
def test_so_are_the_other_settings(folder, word):
    assert f"--args={word}" in make(folder, "smoke", f"ARGS={word}")["words"]
    assert f"--cores={word}" in make(folder, "study", f"CORES={word}")["words"]
    said = make(folder, "slurm-study", f"SITE={word}", f"JOBS={word}")["words"]
    assert {f"--site={word}", f"--jobs={word}"} <= set(said)


def test_so_are_settings_of_the_environment(folder, monkeypatch):
    monkeypatch.setenv("TIER", "$(shell touch a); touch b")
    assert "--tier=$(shell touch a); touch b" in make(folder, "study")["words"]


def test_left_out_settings_are_no_words(folder):
    assert make(folder, "study")["words"] == ["workflow/run.py", "--args=", "--cores=all"]
    assert make(folder, "smoke")["words"] == ["workflow/run.py", "--tier=smoke", "--args=", "--cores=all"]
    assert make(folder, "slurm-study")["words"] == ["workflow/run.py", "--args=", "--profile", "slurm"]


def test_every_command_is_listed_by_make_alone():
    text = (ROOT / "Makefile").read_text()
    phony = set(text.partition(".PHONY: ")[2].partition("\n")[0].split())
    done = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True)
    assert phony == {line.split()[1] for line in done.stdout.splitlines() if line.startswith("  make ")}


def test_the_words_of_one_text_are_split_as_a_shell_would_and_two_configs_become_one(monkeypatch):
    """Snakemake takes the last ``--config`` alone: with two of them ``make smoke`` would run the default tier."""
    from tests.workflow.test_entrance import module

    entrance = module()
    own, rest = entrance.arguments(
        ["--tier=smoke", "--args=figures --config 'simulation={lags: 9}' seed=7 -n", "--cores=2"]
    )
    assert (own.tier, own.cores, own.config, rest) == (
        "smoke",
        "2",
        ["simulation={lags: 9}", "seed=7"],
        ["figures", "-n"],
    )
    words = entrance.command([], own, rest)
    assert words.count("--config") == 1
    assert words[words.index("--config") :][:4] == ["--config", "simulation={lags: 9}", "seed=7", "tier=smoke"]
    assert entrance.arguments(["--config", "tier=smoke"])[0].tier == "smoke"
