"""The door of every script: threads, log, and mistakes in one line."""

import json
import os
import subprocess
import sys

import pytest

from tests.workflow.harness import ROOT, environment

SCRIPT = """
import sys
sys.path[:0] = [{scripts!r}, {source!r}]
from types import SimpleNamespace
from door import job
snakemake = SimpleNamespace(threads=3, log=[{log!r}], rule="simulate_chunk")
assert not {{"numpy", "torch", "pandas"}} & set(sys.modules)
with job(snakemake):
    {body}
print("after")
"""


def run(tmp_path, body):
    log = tmp_path / "job.log"
    script = SCRIPT.format(
        scripts=str(ROOT / "workflow" / "scripts"), source=str(ROOT / "src"), log=str(log), body=body
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment())
    return done, log.read_text()


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
def test_the_threads_of_the_rule_are_set_before_any_array_library_is_loaded(tmp_path, name):
    _, log = run(tmp_path, f"import os; print(os.environ[{name!r}])")
    assert log == "3\n"


def test_torch_takes_the_threads_of_the_rule(tmp_path):
    _, log = run(tmp_path, "import torch; print(torch.get_num_threads())")
    assert log == f"{min(3, os.cpu_count() or 1)}\n" or log == "3\n"


def test_what_a_job_and_its_children_say_goes_into_the_log(tmp_path):
    done, log = run(tmp_path, "import os; print('out', flush=True); os.system('echo child; echo wrong >&2')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "after\n", "")
    assert log == "out\nchild\nwrong\n"


def test_what_others_do_at_their_end_is_done_before_the_process_leaves(tmp_path):
    done, _ = run(tmp_path, "import atexit; atexit.register(print, 'closed')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "after\nclosed\n", "")


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "sys.exit(3)", "raise OSError", "os.kill(os.getpid(), 15)"])
def test_a_job_that_ends_otherwise_has_not_succeeded(tmp_path, end):
    done, _ = run(tmp_path, f"import os; {end}")
    assert done.returncode != 0
    assert done.stdout == ""


def test_a_mistake_of_the_user_s_is_one_line_in_both_places(tmp_path):
    done, log = run(tmp_path, "from whylstm.errors import StudyError; raise StudyError('seed is -1')")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"simulate_chunk: seed is -1 (log: {tmp_path / 'job.log'})\n"
    assert log == "error: seed is -1\n"


def test_another_error_is_one_line_on_the_terminal_and_a_traceback_in_the_log(tmp_path):
    done, log = run(tmp_path, "{}['x']")
    assert done.returncode == 1
    assert done.stderr == f"simulate_chunk: KeyError: 'x' (log: {tmp_path / 'job.log'})\n"
    assert log.startswith("Traceback")


def test_a_job_whose_code_was_edited_since_its_run_began_says_so(tmp_path, monkeypatch):
    """It has loaded the edit, and its result would be recorded as that of the code before."""
    newest = max(path.stat().st_mtime_ns for path in (ROOT / "src").rglob("*.py"))
    monkeypatch.setenv("WHYLSTM_NEWEST", str(newest - 1))
    path = max((ROOT / "src").rglob("*.py"), key=lambda path: path.stat().st_mtime_ns)
    module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    done, _ = run(tmp_path, f"import importlib; importlib.import_module({module.removesuffix('.__init__')!r})")
    assert done.returncode == 1
    named = path.relative_to(ROOT).as_posix()
    assert f"simulate_chunk: {named} was changed while the run was at work; run again" in done.stderr


def test_a_job_out_of_memory_says_so(tmp_path):
    done, _ = run(tmp_path, "raise MemoryError")
    assert "simulate_chunk: out of memory; run fewer jobs at once (--cores)" in done.stderr


@pytest.mark.parametrize(
    "body",
    [  # 32 GiB are asked for, of 8 that the process may have
        "import numpy; from resource import *; setrlimit(RLIMIT_AS, (8 << 30, 8 << 30)); numpy.ones(1 << 32)",
        "import torch; from resource import *; setrlimit(RLIMIT_AS, (8 << 30, 8 << 30)); torch.ones(1 << 32)",
    ],
    ids=["numpy", "torch"],
)
def test_a_job_over_its_memory_says_so(tmp_path, body):
    done, _ = run(tmp_path, body)
    assert done.returncode == 1
    assert done.stderr.startswith("simulate_chunk: out of memory; run fewer jobs at once (--cores)")


def test_a_job_ends_when_its_run_is_gone(tmp_path):
    """The run is another process here; it is ended while the job would still work for minutes."""
    run_process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    script = SCRIPT.format(
        scripts=str(ROOT / "workflow" / "scripts"),
        source=str(ROOT / "src"),
        log=str(tmp_path / "job.log"),
        body="print('at work', flush=True); import time; time.sleep(300)",
    )
    kept = environment() | {"WHYLSTM_RUN": str(run_process.pid)}
    job = subprocess.Popen([sys.executable, "-c", script], env=kept, stdout=subprocess.PIPE)
    while not (tmp_path / "job.log").exists() or "at work" not in (tmp_path / "job.log").read_text():
        assert job.poll() is None
    run_process.kill()
    run_process.communicate()
    assert job.wait(timeout=60) == 1
    assert job.communicate()[0] == b""
    assert "the run that started this job has ended" in (tmp_path / "job.log").read_text()


@pytest.mark.parametrize("said", ["", "0x", "4194305"])
def test_a_run_that_cannot_be_seen_is_not_waited_for(tmp_path, said, monkeypatch):
    monkeypatch.setenv("WHYLSTM_RUN", said)  # the last number is larger than any that Linux gives to a process
    done, log = run(tmp_path, "print('done')")
    assert (done.returncode, log) == (0, "done\n")


def test_what_a_job_spent_stands_beside_its_benchmark(tmp_path):
    body = "import json, time; import xml.dom.minidom; time.sleep(0.2); snakemake.log = [sys.argv[1]]"
    folder = tmp_path / "results" / "logs" / "simulate"
    folder.mkdir(parents=True)
    (tmp_path / "results" / "benchmarks" / "simulate").mkdir(parents=True)
    script = SCRIPT.format(
        scripts=str(ROOT / "workflow" / "scripts"), source=str(ROOT / "src"), log=str(folder / "x.log"), body=body
    ).replace('rule="simulate_chunk"', 'rule="simulate_chunk", wildcards={"chunk": "x"}, output=[]')
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "x.log")], capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "results/benchmarks/simulate/x.json").read_text())
    assert (said["rule"], said["wildcards"], said["share"]) == ("simulate_chunk", {"chunk": "x"}, 1.0)
    assert 0 < said["imports"] < said["seconds"] - 0.2 + 0.05  # the start of a process is known to a hundredth
    assert 0 < said["imports_processor"] <= said["processor"] < said["seconds"] + 0.5
    assert 5 < said["memory_mib"] < 500
