"""The door of every script: threads, log, and mistakes in one line."""

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


def test_a_job_out_of_memory_says_so(tmp_path):
    done, _ = run(tmp_path, "raise MemoryError")
    assert "simulate_chunk: out of memory; run fewer jobs at once (--cores)" in done.stderr
