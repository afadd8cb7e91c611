"""The small study on a real Slurm, with what goes wrong on one: it must end with the bytes of a local run.

`make test-cluster` runs this file; it is named so that `make test` does not. One run of the study is followed through
all faults, and each test asks one thing about it. ``WHYLSTM_REFERENCE`` names the results of a local run of the same
commit; without it, one is made first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cluster.checkout import Checkout, Sent, contents, kill_group
from tests.cluster.slurm import Cluster, Completed, wait_for

TIER = "smoke"
MAKE = ("make", "slurm-study", f"TIER={TIER}")
PROFILE = "workflow/profiles/slurm"
PLAIN = (
    ".venv/bin/python",
    "-m",
    "snakemake",
    "--profile",
    PROFILE,
    "--profile",
    f"{PROFILE}/site.yaml",
    "--config",
    f"tier={TIER}",
)
SITE = """
slurm-init-seconds-before-status-checks: 1  # this cluster answers at once
latency-wait: 10
default-resources:
  slurm_partition: main
"""
HEAVY = {"simulate_chunk", "train_chunk", "gather_training", "perform_experiment", "compute_table", "run_notebook"}
HEAVY |= {"article", "provenance"}
PATIENCE = 1800.0
"""Seconds for a step of the story; a machine that others use as well is many times slower than an idle one."""


@dataclass
class Story:
    """What happened, for the tests to ask about."""

    study: Checkout
    reference: Path
    folder: Path
    cancelled: int = 0
    lost: int = 0
    orphans: list[int] = field(default_factory=list)
    sent_before_orphans_ended: int = 0
    second: str = ""
    said: str = ""
    code: int | None = None
    completed: list[Completed] = field(default_factory=list)

    def job(self, slurm: int) -> Sent:
        """Return a job by its number at Slurm."""
        return next(job for job in self.study.sent() if job.slurm == slurm)

    def ends(self, job: Sent) -> list[Completed]:
        """Return how each attempt at a job ended, in order."""
        same = {
            other.slurm for other in self.study.sent() if (other.rule, other.wildcards) == (job.rule, job.wildcards)
        }
        return [done for done in self.completed if done.job in same]

    def account(self, done: Completed) -> str:
        """Return all that is known of how a job ended: its line of the record, and what it left in Slurm's log."""
        logs = (self.study.folder / ".snakemake" / "slurm_logs").rglob(f"{done.job}.log")
        return "\n".join([f"{self.job(done.job)}: {done}", *(log.read_text(errors="replace")[-6000:] for log in logs)])


@pytest.fixture(scope="session")
def story():
    """Run the study on a cluster through all faults; everything is taken down whatever happens but a kill."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="wl-", dir="/tmp"))  # short: the path of a socket has at most 107 letters
    try:
        study = Checkout.cloned(folder / "study")
        told = Story(study, reference(study, folder), folder)
        with Cluster(folder / "slurm") as cluster:
            try:
                run_through(told, cluster)
            finally:
                told.completed = cluster.completed()
        yield told
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what was killed may still have written


def reference(study: Checkout, folder: Path) -> Path:
    """Return the results of a local run: those that are named, or those of one made here and moved aside."""
    if named := os.environ.get("WHYLSTM_REFERENCE"):
        return Path(named).resolve(strict=True)
    done = study.run(".venv/bin/python", "workflow/run.py", "--tier", TIER)
    assert done.returncode == 0, done.stderr
    aside = folder / "reference"
    shutil.move(study.folder / "results" / TIER, aside)
    shutil.rmtree(study.folder / ".snakemake")
    return aside


def run_through(told: Story, cluster: Cluster) -> None:
    """Start the study, and let it be cancelled, lose a node, be started twice, be killed and go on."""
    (told.study.folder / PROFILE / "site.yaml").write_text(SITE)
    first = told.study.start(*MAKE, environment=cluster.environment, said=told.folder / "first")
    try:
        told.cancelled = running(cluster, "simulate_chunk", "perform_experiment")
        told.second = refused(told, cluster)
        cluster.run("scancel", str(told.cancelled))
        running(cluster, "simulate_chunk", "perform_experiment", node="n2")
        cluster.kill_node("n2")
        told.lost = lost(cluster)
        cluster.start_node("n2")
        for job in (told.cancelled, told.lost):
            wait_for(lambda job=job: again(told, job), PATIENCE, f"job {job} is not sent again", cluster.logs)
    finally:
        kill_group(first)
    told.orphans = [job for job, *_ in cluster.queue()]
    last = told.study.start(*PLAIN, environment=cluster.environment, said=told.folder / "last")
    try:
        wait_for(lambda: all(ended(cluster, job) for job in told.orphans), PATIENCE, "jobs are left", cluster.logs)
        told.code = last.wait(PATIENCE)
    finally:
        kill_group(last)
        told.said = (told.folder / "last").read_text()


def running(cluster: Cluster, *rules: str, node: str | None = None) -> int:
    """Wait until a job of one of some rules runs, on a certain node if one is named, and return its number."""
    found: list[int] = []

    def there() -> bool:
        for job, state, where, comment in cluster.queue():
            if state == "RUNNING" and node in (None, where) and comment.startswith(tuple(f"rule_{r}" for r in rules)):
                found.append(job)
        return bool(found)

    wait_for(there, PATIENCE, f"no job of {', '.join(rules)} runs on {node or 'any node'}", cluster.logs)
    return found[0]


def refused(told: Story, cluster: Cluster) -> str:
    """Start the study a second time and return what it says."""
    done = told.study.run(*MAKE, environment=cluster.environment)
    assert done.returncode != 0, done.stdout
    return done.stderr


def ended(cluster: Cluster, job: int) -> bool:
    """Return whether the record says how a job ended."""
    return any(done.job == job for done in cluster.completed())


def lost(cluster: Cluster) -> int:
    """Return the job that was lost with its node: the one that ran there, or one that came at that moment."""
    wait_for(
        lambda: "NODE_FAIL" in {done.state for done in cluster.completed()}, PATIENCE, "no job is lost", cluster.logs
    )
    return next(done.job for done in cluster.completed() if done.state == "NODE_FAIL")


def again(told: Story, slurm: int) -> bool:
    """Return whether what was sent as one job has been sent as another one as well."""
    job = told.job(slurm)
    return sum((other.rule, other.wildcards) == (job.rule, job.wildcards) for other in told.study.sent()) > 1


def test_the_study_ends_well(story):
    assert story.code == 0, story.said[-3000:]


def test_the_results_are_those_of_a_local_run_to_the_byte(story):
    ours, theirs = contents(story.study.folder / "results" / TIER), contents(story.reference)
    assert sorted(ours) == sorted(theirs)
    made_with, made_with_there = (json.loads(found["provenance.json"]) for found in (ours, theirs))
    assert {key: value for key, value in made_with.items() if value != made_with_there[key]} == {}
    assert [name for name in theirs if ours[name] != theirs[name]] == []


def test_every_heavy_job_ran_on_slurm_and_only_the_small_ones_here(story):
    """The record of the cluster is the witness: Slurm writes it, not Snakemake.

    What the killed run had left there may have been cancelled at its very end, its results written: not sent again.
    """
    planned = re.findall(r"^(\w+) +(\d+)$", story.study.run(*PLAIN, "--dry-run", "--forceall").stdout, re.MULTILINE)
    counts = {rule: int(count) for rule, count in planned if rule not in ("total", "all")}
    here = story.study.stays_here()
    assert set(counts) - here >= HEAVY
    well = {done.job for done in story.completed if done.state == "COMPLETED"}
    well |= {job for job in story.orphans if not again(story, job)}
    done_there = {(job.rule, job.wildcards) for job in story.study.sent() if job.slurm in well}
    for rule in set(counts) - here:
        assert sum(job[0] == rule for job in done_there) == counts[rule], rule
    assert story.study.ran_here() <= here


def test_a_node_did_the_job_that_it_was_sent_and_no_other(story):
    for done in story.completed:
        assert "2 of 2 steps" not in story.account(done), story.account(done)


def test_both_nodes_worked(story):
    assert {done.node for done in story.completed if done.state == "COMPLETED"} == {"n1", "n2"}


def test_a_cancelled_job_is_done_again_with_more_time(story):
    first, *_, last = story.ends(story.job(story.cancelled))
    assert (first.state, last.state) == ("CANCELLED", "COMPLETED")
    second = story.ends(story.job(story.cancelled))[1]
    assert second.limit_minutes == 2 * first.limit_minutes


def test_the_job_of_a_lost_node_is_done_again(story):
    states = [done.state for done in story.ends(story.job(story.lost))]
    assert "NODE_FAIL" in states
    assert states[-1] == "COMPLETED"


def test_a_second_submission_is_refused_in_one_line_and_sends_nothing(story):
    assert re.search(
        rf"another run is at work in results/{TIER} \(process \d+\); wait until it has ended", story.second
    )
    names = {done.run for done in story.completed}
    assert len(names) == 2  # the run that was killed, and the one that went on


def test_what_a_killed_run_left_in_the_queue_is_ended_before_the_next_one_sends_anything(story):
    assert story.orphans
    assert re.search(r"\d+ jobs of an earlier run are still in Slurm's queue; they are cancelled", story.said)
    states = {done.job: done.state for done in story.completed}
    assert {states[job] for job in story.orphans} <= {"CANCELLED", "COMPLETED"}
    later = [done.job for done in story.completed if done.run == story.completed[-1].run]
    assert min(later) > max(story.orphans)


def test_the_record_knows_every_job_that_was_sent(story, capsys):
    sent, ends = story.study.sent(), [done.state for done in story.completed]
    counts = ", ".join(f"{ends.count(state)} {state}" for state in sorted(set(ends)))
    with capsys.disabled():
        sys.stdout.write(f"\n{len({(j.rule, j.wildcards) for j in sent})} jobs, sent {len(sent)} times: {counts}\n")
    assert len(sent) == len(ends)
    failed = [done for done in story.completed if done.state not in ("COMPLETED", "CANCELLED", "NODE_FAIL")]
    assert not failed, "\n".join(story.account(done) for done in failed)  # none failed for a reason of its own
    assert set(ends) == {"COMPLETED", "CANCELLED", "NODE_FAIL"}
