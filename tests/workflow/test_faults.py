"""What goes wrong while a study runs: killed processes, two runs at once. A small study, truly run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.harness import Study
from tests.workflow.small import TABLE, TARGETS, contents, kill_group, wait_for

pytestmark = pytest.mark.xdist_group("faults")


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
def test_a_second_run_in_the_same_folder_says_so_and_touches_nothing(copied, door):
    from whylstm.records import lock

    (copied.folder / TABLE).unlink()
    before = contents(copied)
    with lock.hold(copied.folder / "results"):
        done = getattr(copied, door)("--cores", "1", *TARGETS)
    assert done.returncode != 0
    said = rf"another run is at work in .*results \(process {os.getpid()}\); wait until it has ended"
    assert re.search(said, done.stderr), done.stderr
    assert contents(copied) == before
    assert getattr(copied, door)("--cores", "1", *TARGETS).returncode == 0


@pytest.mark.parametrize("door", ["make", "snakemake"])
def test_what_a_killed_job_left_half_written_is_gone_after_the_next_run(copied, door):
    before = contents(copied)
    left = copied.folder / "results" / "records" / "profiles" / ".lstm-h4.parquet.02a6f362.part"
    left.write_bytes(b"PAR1")
    assert contents(copied) != before
    (copied.folder / TABLE).unlink()
    assert getattr(copied, door)("--cores", "1", *TARGETS).returncode == 0
    assert contents(copied) == before


def test_a_finished_run_leaves_no_lock_behind(copied):
    done = copied.make("--cores", "1", *TARGETS)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_damaged_record_is_found_its_manifest_withdrawn_and_the_next_run_mends_it(computed, copied):
    record = sorted((copied.folder / "results/records/profiles").glob("lstm*.parquet"))[0]
    times = record.stat()
    record.write_bytes(record.read_bytes()[:-100])
    os.utime(record, ns=(times.st_atime_ns, times.st_mtime_ns))  # as a failing disk does it; else it is seen before
    (copied.folder / "results/tables/networks.parquet").unlink()
    done = copied.make("--cores", "1", *TARGETS, "--forcerun", "compute_table")
    assert done.returncode != 0
    said = re.search(
        r"the record (\S+) is not the file that the manifest states.*; (\S+) is withdrawn, so run", done.stderr
    )
    assert said is not None, done.stderr
    assert (copied.folder / said[1]).samefile(record)
    assert not (copied.folder / said[2]).exists()
    assert copied.make("--cores", "1", *TARGETS).returncode == 0
    assert contents(copied) == contents(computed)


@pytest.mark.slow
def test_one_more_replicate_computes_only_what_is_new(copied):
    """Rows of the old replicates keep every digit, and the log counts what was measured."""
    import pandas as pd

    path = sorted((copied.folder / "results/records/profiles").glob("lstm*.parquet"))[0]
    before = pd.read_parquet(path)
    copied.edit("config.yaml", "replicates: 2", "replicates: 3")
    assert copied.make("--cores", "2", *TARGETS).returncode == 0
    after = pd.read_parquet(path)
    pd.testing.assert_frame_equal(after[after["replicate"] < 2].reset_index(drop=True), before)
    assert sorted(after["replicate"].unique()) == [0, 1, 2]


@pytest.mark.slow
def test_code_that_is_edited_during_a_run_and_put_back_leaves_nothing_behind(computed, copied):
    """As a branch that is checked out for a moment does it: the job that has met the edit must not count as done."""
    (copied.folder / TABLE).unlink()
    (copied.folder / "results/tables/networks.parquet").unlink()
    code = copied.folder / "src/whylstm/statistics/reach.py"
    plain = code.read_text()
    process = copied.start(sys.executable, "workflow/run.py", "--cores", "1", *TARGETS)
    wait_for(lambda: (copied.folder / "results/tables/networks.parquet").exists())
    code.write_text(plain.replace('"lags": rows["lags"]', '"lags": 1 + rows["lags"]'))
    said, _ = process.communicate(timeout=900)
    assert process.returncode != 0
    assert "src/whylstm/statistics/reach.py was changed while the run was at work; run again" in said
    code.write_text(plain)
    assert copied.make("--cores", "1", *TARGETS).returncode == 0
    assert contents(copied) == contents(computed)


@pytest.mark.slow
def test_the_sidecar_states_code_config_and_the_hash_of_each_product(copied):
    import hashlib

    provenance = [sys.executable, "-c"]
    script = (
        "import sys; sys.path.insert(0, 'src'); from whylstm.records import provenance, dumps;"
        f"print(dumps(provenance.describe({{'seed': 7}}, [{TABLE!r}], 'results', 1)))"
    )
    done = copied.run(*provenance, script)
    said = json.loads(done.stdout)
    stated = said["products"]["tables/reach.parquet"]
    assert stated == hashlib.sha256((copied.folder / TABLE).read_bytes()).hexdigest()
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
