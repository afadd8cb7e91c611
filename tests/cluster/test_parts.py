"""The parts of the cluster's test that need no cluster: reading its records, and what it says where it cannot run."""

import os
import subprocess

import pytest

from tests.cluster import packages
from tests.cluster.checkout import SUBMITTED, Checkout, contents
from tests.cluster.slurm import Completed, alive, completed_of, kill_tree, processes, wait_for
from tests.workflow.harness import ROOT

LINE = (
    "JobId=12 UserId=me(1000) GroupId=me(1000) Name=whylstm_1a JobState=NODE_FAIL Partition=main TimeLimit=60 "
    "StartTime=2026-01-01T10:00:00 EndTime=2026-01-01T10:00:09 NodeList=n2 NodeCnt=1 ProcCnt=1 WorkDir=/a b/study "
    "ReservationName= Tres=cpu=1,mem=880M,node=1 Account= QOS= WcKey= Cluster=unknown ExitCode=0:0 "
)


def test_a_line_of_the_record_is_read_with_blanks_in_its_values():
    assert completed_of(LINE) == Completed(12, "whylstm_1a", "NODE_FAIL", "n2", 60)


def test_what_snakemake_sent_is_read_from_its_log():
    said = "Job 7 has been submitted with SLURM jobid 31 (log: /x/.snakemake/slurm_logs/rule_{}/31.log)."
    found = [SUBMITTED.findall(said.format(path))[0] for path in ("simulate_chunk/lstm-h008", "article")]
    assert found == [("7", "31", "simulate_chunk", "lstm-h008"), ("7", "31", "article", "")]


def test_the_rules_that_stay_on_the_login_node_are_those_of_the_snakefile():
    here = Checkout(ROOT).stays_here()
    assert {"all", "claims", "draw_figure"} <= here
    assert not {"simulate_chunk", "train_chunk", "perform_experiment", "compute_table", "article"} & here


def test_results_are_compared_without_logs_and_times(tmp_path):
    for name in ("tables/a.parquet", "logs/a.log", "benchmarks/a.tsv", ".lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert contents(tmp_path) == {"tables/a.parquet": b"tables/a.parquet"}


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(packages, "missing_programs", lambda: ["slurmctld", "munged"])


def test_without_root_the_missing_packages_are_one_line(nothing_installed, monkeypatch, capsys):
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    assert packages.main() == 1
    line = "needs slurm-wlm, munge (not found: slurmctld, munged), and only root can install them: sudo apt-get install"
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and line in said


def test_without_apt_the_missing_packages_are_one_line(nothing_installed, monkeypatch, capsys):
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    assert packages.main() == 1
    assert capsys.readouterr().err.endswith("and there is no apt-get here to install them with\n")


def test_packages_that_cannot_be_installed_end_with_apts_own_word(nothing_installed, monkeypatch, capsys):
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(packages, "install", lambda: "E: Unable to locate package slurm-wlm")
    assert packages.main() == 1
    assert capsys.readouterr().err.endswith("could not install them: E: Unable to locate package slurm-wlm\n")


def test_a_process_dies_with_all_that_it_started():
    long = f"100.{os.getpid()}"  # seconds of a sleep that no other process of this machine sleeps

    def sleeping():
        return [pid for pid, title in processes() if title.startswith(f"sleep {long}") and alive(pid)]

    parent = subprocess.Popen(["sh", "-c", f"sleep {long} & sleep {long}"])
    wait_for(lambda: len(sleeping()) == 2, 10, "it does not start")
    kill_tree(parent.pid)
    assert parent.wait() == -9
    wait_for(lambda: not sleeping(), 10, "it does not end")
