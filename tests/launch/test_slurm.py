"""Jobs that a killed run left to Slurm are ended; a stand-in for Slurm is a folder with a file for each job."""

import os
import subprocess
import sys

import pytest

from whylstm.errors import StudyError
from whylstm.launch import device, slurm

SQUEUE = """#!/bin/sh
[ -e "$QUEUE/down" ] && { echo "squeue: error: Unable to contact slurm controller" >&2; exit 1; }
for last; do :; done
ls "$QUEUE/$last" 2>/dev/null
exit 0
"""
SCANCEL = """#!/bin/sh
for job; do [ -e "$QUEUE/stuck" ] || rm "$QUEUE"/*/"$job"; done
"""


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """Return the folder of the queue, with a folder for each run; its commands are first on the path."""
    programs, folder = tmp_path / "bin", tmp_path / "queue"
    programs.mkdir()
    folder.mkdir()
    for name, text in (("squeue", SQUEUE), ("scancel", SCANCEL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("QUEUE", str(folder))
    return folder


def send(queue, run, *jobs):
    (queue / run).mkdir()
    for job in jobs:
        (queue / run / job).touch()


def test_what_an_earlier_run_left_is_ended_and_nothing_else(queue, tmp_path):
    send(queue, "whylstm_a", "7", "8")
    send(queue, "whylstm_b", "9")
    slurm.note(tmp_path, "whylstm_a")
    said = []
    slurm.end_left_behind(tmp_path, said.append)
    assert said == ["2 jobs of an earlier run are still in Slurm's queue; they are cancelled and done again"]
    assert slurm.under_way("whylstm_a") == []
    assert slurm.under_way("whylstm_b") == ["9"]


@pytest.mark.parametrize("content", [b"\0" * 20, b"\xff\xfe", b"; touch hacked", b"a b"])
def test_a_note_that_is_damaged_is_no_name_of_a_run(queue, tmp_path, content):
    (tmp_path / slurm.NOTE).write_bytes(content)
    said = []
    slurm.end_left_behind(tmp_path, said.append)
    assert said == [
        f"{tmp_path / slurm.NOTE} is damaged; make sure that no job of an earlier run is left in a cluster's queue"
    ]


@pytest.mark.parametrize("run", [None, "whylstm_a"])
def test_a_run_that_left_nothing_is_not_mentioned(queue, tmp_path, run):
    slurm.note(tmp_path, run)
    said = []
    slurm.end_left_behind(tmp_path, said.append)
    assert said == []


def test_a_run_that_sends_nothing_takes_the_note_away(tmp_path):
    slurm.note(tmp_path, "whylstm_a")
    assert (tmp_path / slurm.NOTE).exists()
    slurm.note(tmp_path, None)
    assert not (tmp_path / slurm.NOTE).exists()


def test_jobs_that_do_not_end_are_named(queue, tmp_path):
    send(queue, "whylstm_a", "7")
    (queue / "stuck").touch()
    slurm.note(tmp_path, "whylstm_a")
    with pytest.raises(StudyError, match=r"^jobs 7 of an earlier run do not end; wait until `squeue` shows them"):
        slurm.end_left_behind(tmp_path, [].append, seconds=0)


def test_a_slurm_that_does_not_answer_is_no_empty_queue(queue, tmp_path):
    (queue / "down").touch()
    slurm.note(tmp_path, "whylstm_a")
    with pytest.raises(StudyError, match=r"^Slurm does not answer: squeue: error: Unable to contact slurm controller;"):
        slurm.end_left_behind(tmp_path, [].append)


def test_where_slurm_is_not_there_the_user_is_told_of_the_earlier_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    slurm.note(tmp_path, "whylstm_a")
    said = []
    slurm.end_left_behind(tmp_path, said.append)
    assert len(said) == 1 and "make sure that none of its jobs (whylstm_a) is left" in said[0]


def test_the_name_of_a_runs_jobs_is_read_from_its_log(tmp_path):
    (tmp_path / "log").write_text("host: x\nSLURM run ID: whylstm_0a1b-22\nJob 3 has been submitted\n")
    assert slurm.run_in([tmp_path / "missing", tmp_path / "log"]) == "whylstm_0a1b-22"
    (tmp_path / "log").write_text("Building DAG of jobs...\n")
    assert slurm.run_in([tmp_path / "log"]) is None


def test_the_plugin_still_says_the_name_as_it_is_read():
    """The words are the plugin's; if a new version chooses others, nothing would be noted."""
    import importlib.util
    from pathlib import Path

    source = Path(importlib.util.find_spec("snakemake_executor_plugin_slurm").origin).read_text()
    assert 'f"SLURM run ID: {self.run_uuid}"' in source


def test_without_slurms_commands_the_way_on_one_machine_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StudyError, match=r"^there is no sbatch here; .* one on this machine with `make study`$"):
        slurm.check()


def test_without_the_plugin_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(slurm.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StudyError, match=r"plugin for Slurm is not installed; `pip install '\.\[slurm\]'`"):
        slurm.check()


def test_a_step_gets_back_where_slurms_configuration_stands(tmp_path):
    """The step's environment lacks SLURM_CONF; the srun that comes first puts it back and calls the next one."""
    from tests.workflow.harness import ROOT

    real = tmp_path / "real"
    real.mkdir()
    (real / "srun").write_text('#!/bin/sh\necho "$SLURM_CONF|$1|$PATH"\n')
    (real / "srun").chmod(0o755)
    ours = ROOT / "workflow" / "profiles" / "slurm" / "bin"
    environment = {"SLURM_CONF": "/somewhere/slurm.conf", "PATH": f"{real}:/usr/bin:/bin"}
    slurm.keep_settings_for_steps(environment, ours)
    slurm.keep_settings_for_steps(environment, ours)  # a second time changes nothing
    assert environment["PATH"] == f"{ours}:{real}:/usr/bin:/bin"
    del environment["SLURM_CONF"]
    done = subprocess.run(["srun", "a b"], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"/somewhere/slurm.conf|a b|{real}:/usr/bin:/bin\n"


def test_without_such_a_setting_the_path_is_left_alone(tmp_path):
    environment = {"PATH": "/usr/bin"}
    slurm.keep_settings_for_steps(environment, tmp_path)
    assert environment == {"PATH": "/usr/bin"}


def test_the_processor_is_always_there_and_is_not_asked_for_with_torch():
    script = "import sys; from whylstm.launch import device; device.check('cpu'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": "src"}, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_a_gpu_that_is_not_there_is_one_sentence(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(StudyError, match=r"^device is 'cuda', but torch .* here; take device: cpu, or a machine and"):
        device.check("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    device.check("cuda")
