"""What goes wrong while a study runs: killed processes, two runs at once, damaged files. A small study, truly run."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workflow.harness import Study

pytestmark = pytest.mark.xdist_group("faults")

SMALL = """
seed: 7
simulation:
  replicates: 2
  windows: 2
  lags: 12
  hops: 3
  grids:
    small: {cell: [tanh, lstm], gain: [0.5, 2.0], forget_bias: [1.0], hidden: [4], length: [24]}
"""

TABLE = "results/tables/reach.parquet"
TARGETS = ("simulate", "results/tables/networks.parquet", TABLE)


def small(folder):
    study = Study.copied(folder, ignore=shutil.ignore_patterns("*.egg-info"))  # compiled code saves a minute
    (study.folder / "config.yaml").write_text(SMALL)
    return study


@pytest.fixture(scope="session")
def computed(tmp_path_factory):
    """A small study, computed up to one table."""
    study = small(tmp_path_factory.mktemp("computed") / "study")
    done = study.make("--cores", "2", *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    return study


@pytest.fixture
def study(computed, tmp_path):
    shutil.copytree(computed.folder, tmp_path / "study", copy_function=shutil.copy2)
    return Study(tmp_path / "study")


def contents(study):
    """Return the bytes of all results but logs and times."""
    folder = study.folder / "results"
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    own = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in own.items() if not name.startswith(("logs/", "benchmarks/"))}


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def kill_group(process):
    """Kill a run with all that it started, as a power cut would; take it off the list of processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["results/data/noise-t24.npz", "results/records/profiles"])
def test_a_run_that_is_killed_goes_on_with_the_same_command_and_ends_with_the_same_bytes(computed, tmp_path, moment):
    compiled = ["__pycache__"] * (moment == "results/records/profiles")  # so that some is new, and some from the cache
    anew = shutil.ignore_patterns("results", ".snakemake", *compiled)
    study = Study(Path(shutil.copytree(computed.folder, tmp_path / "study", ignore=anew)))
    process = study.start(sys.executable, "workflow/run.py", "--cores", "1", *TARGETS)
    wait_for(lambda: (study.folder / moment).exists())
    kill_group(process)
    done = study.make("--cores", "2", *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(study) == contents(computed)


@pytest.mark.parametrize("door", ["make", "snakemake"])
def test_a_second_run_in_the_same_folder_says_so_and_touches_nothing(study, door):
    from whylstm.records import lock

    (study.folder / TABLE).unlink()
    before = contents(study)
    with lock.hold(study.folder / "results"):
        done = getattr(study, door)("--cores", "1", *TARGETS)
    assert done.returncode != 0
    said = rf"another run is at work in .*results \(process {os.getpid()}\); wait until it has ended"
    assert re.search(said, done.stderr), done.stderr
    assert contents(study) == before
    assert getattr(study, door)("--cores", "1", *TARGETS).returncode == 0


def test_a_finished_run_leaves_no_lock_behind(study):
    done = study.make("--cores", "1", *TARGETS)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_damaged_record_is_found_and_the_remedy_that_is_named_mends_it(computed, study):
    record = sorted((study.folder / "results/records/profiles").glob("lstm*.parquet"))[0]
    record.write_bytes(record.read_bytes()[:-100])
    (study.folder / "results/tables/networks.parquet").unlink()
    done = study.make("--cores", "1", *TARGETS, "--forcerun", "compute_table")
    assert done.returncode != 0
    said = re.search(r"the record (\S+) is not the file that the manifest states.*; delete (\S+) and run", done.stderr)
    assert said is not None, done.stderr
    assert (study.folder / said[1]).samefile(record)
    (study.folder / said[2]).unlink()
    assert study.make("--cores", "1", *TARGETS).returncode == 0
    assert contents(study) == contents(computed)


@pytest.mark.slow
def test_a_damaged_input_of_a_chunk_is_named(study):
    data = study.folder / "results/data/noise-t24.npz"
    data.write_bytes(data.read_bytes()[:-10])
    done = study.make("--cores", "1", *TARGETS)
    assert done.returncode != 0
    assert re.search(
        r"simulate_chunk: results/data/noise-t24\.npz is damaged .*; delete it and run the study", done.stderr
    )
    data.unlink()
    assert study.make("--cores", "1", *TARGETS).returncode == 0


@pytest.mark.slow
def test_one_more_replicate_computes_only_what_is_new(study):
    """Rows of the old replicates keep every digit, and the log counts what was measured."""
    import pandas as pd

    path = sorted((study.folder / "results/records/profiles").glob("lstm*.parquet"))[0]
    before = pd.read_parquet(path)
    study.edit("config.yaml", "replicates: 2", "replicates: 3")
    assert study.make("--cores", "2", *TARGETS).returncode == 0
    after = pd.read_parquet(path)
    pd.testing.assert_frame_equal(after[after["replicate"] < 2].reset_index(drop=True), before)
    assert sorted(after["replicate"].unique()) == [0, 1, 2]


@pytest.mark.slow
def test_the_sidecar_states_code_config_and_the_hash_of_each_product(study):
    import hashlib

    provenance = [sys.executable, "-c"]
    script = (
        "import sys; sys.path.insert(0, 'src'); from whylstm.records import provenance, dumps;"
        f"print(dumps(provenance.describe({{'seed': 7}}, [{TABLE!r}], 'results', 1)))"
    )
    done = study.run(*provenance, script)
    said = json.loads(done.stdout)
    stated = said["products"]["tables/reach.parquet"]
    assert stated == hashlib.sha256((study.folder / TABLE).read_bytes()).hexdigest()
    assert said["packages"]["numpy"]
    assert said["study"]["commit"] is None  # the copy is no checkout of git
    assert not re.search(r"/tmp|/root|/home|\d\d:\d\d", done.stdout)


def test_a_lock_dies_with_its_process(tmp_path):
    from whylstm.errors import StudyError
    from whylstm.records import lock

    script = (
        f"from whylstm.records import lock; held = lock.hold({str(tmp_path)!r}); print('held', flush=True); input()"
    )
    environment = os.environ | {"PYTHONPATH": str(Study.copied.__globals__["ROOT"] / "src")}
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StudyError, match=rf"another run is at work in .* \(process {holder.pid}\)"):
        lock.hold(tmp_path)
    holder.kill()
    holder.communicate()
    lock.hold(tmp_path).close()
    lock.hold(tmp_path).close()
