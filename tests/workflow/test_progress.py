"""The progress display: arithmetic of shares and times, and the lines that come of Snakemake's events."""

import logging
import sys
from types import SimpleNamespace

import pytest

from tests.workflow.harness import ROOT

sys.path.insert(0, str(ROOT / "workflow" / "plugins"))

import snakemake_logger_plugin_whylstm as plugin
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_whylstm.progress import TRUST, Job, Progress


def job(work, started=0.0, threads=1):
    return Job("simulate x", work, threads, "x.log", started)


def test_nothing_done_is_no_share_and_the_whole_estimate_is_left():
    progress = Progress(total_jobs=4, total_work=100.0, cores=2)
    assert progress.share(0.0) == 0
    assert progress.left(0.0) == 50  # 100 s of one core on two cores


def test_a_machine_that_is_twice_as_slow_doubles_what_is_left_the_more_it_is_seen():
    progress = Progress(total_jobs=4, total_work=1000.0, cores=1)
    progress.running[1] = job(work=500.0)
    progress.finish(1, now=1000.0)
    pace = (1000 + TRUST) / (500 + TRUST)  # tends to 2 as more is seen
    assert progress.pace == pace
    assert progress.left(1000.0) == pytest.approx(500 * pace)
    assert progress.share(1000.0) == 0.5


def test_a_running_job_counts_by_its_time_and_never_for_more_than_its_work():
    progress = Progress(total_jobs=2, total_work=100.0)
    progress.running[1] = job(work=50.0)
    assert progress.share(10.0) == 0.1
    assert progress.share(1e9) == 0.5


def test_what_is_left_is_no_less_than_the_longest_running_job():
    progress = Progress(total_jobs=9, total_work=100.0, cores=50)
    progress.running[1] = job(work=90.0)
    assert progress.left(10.0) == 80


def test_a_job_that_is_not_known_changes_nothing():
    progress = Progress(total_jobs=1, total_work=1.0)
    assert progress.finish(7, now=1.0) is None
    assert progress.done_jobs == 0


def test_on_a_cluster_only_what_has_finished_counts_and_no_time_is_promised():
    progress = Progress(total_jobs=3, total_work=100.0, elsewhere=True)
    progress.running = {1: job(work=25.0), 2: job(work=50.0)}
    progress.finish(1, now=10.0)
    assert progress.status(1e6) == " 25% · 1 of 3 jobs · 1 wait or run"


@pytest.fixture
def display(monkeypatch):
    """Return a display and the clock that it goes by."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(plugin.time, "monotonic", lambda: clock.now)
    return plugin.LogHandler(SimpleNamespace(), None), clock


def event(kind, message="", level=logging.INFO, **said):
    record = logging.LogRecord("snakemake", level, "", 0, message, (), None)
    vars(record).update(said | ({"event": kind} if kind else {}))
    return record


def announce(handler, jobid=1, work=30.0):
    resources = {"work": work, "mem_mb": 500}
    wildcards = {"chunk": "lstm-h064"}
    facts = {"rule_name": "simulate_chunk", "wildcards": wildcards, "threads": 1, "log": ["logs/x.log"]}
    handler.emit(event(LogEvent.JOB_INFO, jobid=jobid, resources=resources, **facts))


def test_each_finished_job_is_a_line_with_share_and_time_left(display, capsys):
    handler, clock = display
    handler.emit(event(None, "About 1 minutes of work on one core.", work=60.0))
    handler.emit(event(LogEvent.RUN_INFO, stats={"simulate_chunk": 2, "total": 2}))
    handler.emit(event(LogEvent.RESOURCES_INFO, cores=1))
    announce(handler)
    clock.now = 30.0
    handler.emit(event(LogEvent.JOB_FINISHED, job_id=1))
    assert capsys.readouterr().err.splitlines() == [
        "About 1 minutes of work on one core.",
        " 50% · 1 of 2 jobs · 30 s left · simulate_chunk lstm-h064 took 30 s",
    ]


def test_a_failed_job_names_its_log(display, capsys, monkeypatch):
    handler, clock = display
    monkeypatch.setattr(plugin, "last_words", lambda log, elsewhere: "")
    announce(handler)
    clock.now = 61.0
    handler.emit(event(LogEvent.JOB_ERROR, jobid=1))
    assert capsys.readouterr().err == "FAILED after 1 min 1 s: simulate_chunk lstm-h064 (log: logs/x.log)\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 of 9\n2 of 9\n", "was killed, perhaps for lack of memory"),
        ("", "was killed"),
        ("1 of 9\nerror: seed\n", ""),
        ("Traceback ...", ""),
    ],
)
def test_a_job_that_left_no_word_was_killed(tmp_path, text, said):
    (tmp_path / "job.log").write_text(text)
    words = plugin.last_words(str(tmp_path / "job.log"))
    assert said in words
    assert bool(words) == bool(said)
    assert "was killed" in plugin.last_words(str(tmp_path / "killed before it had a log"))


def test_what_snakemake_chats_about_is_left_out_and_what_matters_is_said(display, capsys):
    handler, _ = display
    handler.emit(event(None, "Building DAG of jobs..."))
    handler.emit(event(LogEvent.ERROR, "CalledProcessError in file x", logging.ERROR))
    handler.emit(event(LogEvent.ERROR, "MissingInputException: no such file", logging.ERROR))
    handler.emit(event(None, "Nothing to be done (all requested files are present and up to date)."))
    assert capsys.readouterr().err.splitlines() == ["MissingInputException: no such file", "Nothing to be done"]


def test_a_broken_event_does_not_break_the_run(display, capsys):
    handler, _ = display
    handler.emit(event(LogEvent.JOB_INFO))
    assert "Logging error" in capsys.readouterr().err


def test_on_a_cluster_a_line_names_the_wait_and_the_guess_of_an_account_is_no_news(display, capsys):
    handler, clock = display
    handler.emit(event(LogEvent.RESOURCES_INFO, "Provided remote nodes: 200", nodes=200))
    handler.emit(event(LogEvent.RUN_INFO, stats={"total": 2}))
    handler.emit(event(None, "No SLURM account given, trying to guess.", logging.WARNING))
    announce(handler)
    clock.now = 61.0
    handler.emit(event(LogEvent.JOB_FINISHED, job_id=1))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("1 of 2 jobs · 0 wait or run · simulate_chunk lstm-h064 took 1 min 1 s with its wait")


def test_a_job_that_is_tried_again_is_named(display, capsys, tmp_path, monkeypatch):
    handler, _ = display
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    handler.emit(event(LogEvent.RESOURCES_INFO, "Provided remote nodes: 200", nodes=200))
    announce(handler, jobid=7)
    handler.emit(event(LogEvent.JOB_ERROR, jobid=7))
    handler.emit(event(None, "Trying to restart job 7."))
    failed, again = capsys.readouterr().err.splitlines()
    assert failed.endswith("it left no word, so it was cancelled, over its memory or time, or lost with its node")
    assert again == "trying again: simulate_chunk lstm-h064"
