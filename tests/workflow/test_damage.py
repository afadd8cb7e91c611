"""What happens to files between runs: truncated, overwritten, lost, from another time; full and read-only disks.

Each time a run says what is wrong in words, nothing finished is lost, and the same command ends with the same bytes.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import psutil
import pytest

from tests.workflow.harness import Study
from tests.workflow.small import TABLE, TARGETS, contents, wait_for

pytestmark = pytest.mark.xdist_group("faults")

DATA = "results/data/noise-t24.npz"


def again(study):
    """Run the same command once more and return what it said; it must succeed."""
    done = study.make("--cores", "2", *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def fresh(computed, folder):
    """Return the computed study before it ran, with the very same code."""
    anew = shutil.ignore_patterns("results", ".snakemake")
    return Study(Path(shutil.copytree(computed.folder, folder, ignore=anew, copy_function=shutil.copy2)))


def truncate(path):
    path.write_bytes(path.read_bytes()[:-10])


def flip(path):
    """Change one bit, and nothing of what a file system tells."""
    times, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def empty(path):
    path.write_bytes(b"")


@pytest.mark.slow
def test_damaged_products_are_found_before_the_run_and_made_again(computed, copied):
    """A table, the data and a manifest at once, each harmed in another way; and a record behind another manifest."""
    manifest = next((copied.folder / "results/manifests/simulate").glob("lstm*.json"))
    names = [TABLE, DATA, manifest.relative_to(copied.folder).as_posix()]
    for harm, name in zip((flip, truncate, empty), names, strict=True):
        harm(copied.folder / name)
    truncate(sorted((copied.folder / "results/records/models").glob("tanh*.parquet"))[0])
    others = (copied.folder / "results/manifests/simulate").glob("tanh*.json")
    names += [path.relative_to(copied.folder).as_posix() for path in others]
    said = again(copied)
    for name in names:
        assert f"{name} is damaged, or what it states is; it is made again" in said
    assert contents(copied) == contents(computed)
    assert "Nothing to be done" in again(copied)


def test_plain_snakemake_says_what_is_damaged_and_builds_nothing_on_it(copied):
    truncate(copied.folder / DATA)
    (copied.folder / TABLE).unlink()
    done = copied.snakemake("--cores", "1", "--profile", "workflow/profiles/local", *TARGETS)
    assert done.returncode != 0
    assert re.search(rf"damaged results .*{DATA}; delete them and run again", done.stderr), done.stderr
    assert not (copied.folder / TABLE).exists()


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(computed, copied):
    """Inputs from next year, outputs from the last century, and one table to make in between."""
    for path in (copied.folder / "results").rglob("*"):
        years = 1 if "data" in path.parts or "manifests" in path.parts else -30
        os.utime(path, (2e9 if years > 0 else 9e8,) * 2)
    (copied.folder / TABLE).unlink()
    again(copied)
    assert contents(copied) == contents(computed)
    again(copied)
    assert contents(copied) == contents(computed)


@pytest.mark.slow
def test_results_without_their_history_are_refused_since_they_may_be_stale(computed, copied):
    shutil.rmtree(copied.folder / ".snakemake")
    done = copied.make("--cores", "1", *TARGETS)
    assert done.returncode != 0
    assert "have lost their history" in done.stderr
    done = copied.make("--cores", "2", *TARGETS, "--forceall")
    assert done.returncode == 0, done.stderr
    assert contents(copied) == contents(computed)


def record_of(study, name):
    return study.folder / ".snakemake" / "metadata" / urlsafe_b64encode(name.encode()).decode()


@pytest.mark.slow
def test_one_result_whose_history_is_cut_short_is_made_again_and_not_taken_for_fresh(computed, copied):
    """A power cut leaves records of Snakemake's empty; what the next run does not know it must not trust."""
    manifest = next((copied.folder / "results/manifests/simulate").glob("lstm*.json"))
    for name in (TABLE, manifest.relative_to(copied.folder).as_posix()):
        record_of(copied, name).write_text("")
    done = copied.snakemake("--dry-run", *TARGETS)
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith("results have lost their history (.snakemake/metadata)")
    assert f"{manifest.name} {TABLE}; delete them" in done.stderr
    said = again(copied)
    assert f"{TABLE} has lost its history (.snakemake/metadata); it is made again" in said
    assert contents(copied) == contents(computed)
    assert "Nothing to be done" in again(copied)


def test_one_result_without_a_history_is_refused(copied):
    record_of(copied, TABLE).unlink()
    for door in ("make", "snakemake"):
        done = getattr(copied, door)("--cores", "1", *TARGETS)
        assert done.returncode != 0
        assert re.search(rf"lost their history .*: {TABLE}; delete them and run again", done.stderr), done.stderr


@pytest.mark.parametrize("door", ["make", "snakemake"])
@pytest.mark.parametrize("all_of_them", [False, True])
def test_what_a_node_finished_after_its_run_was_killed_is_made_again(computed, copied, door, all_of_them):
    """On a node the mark of a job is taken away, and the Snakemake that would note what it knows of it is gone."""
    (copied.folder / "results" / ".slurm").write_text("")  # jobs went to Slurm; of which run, there is nothing to ask
    if all_of_them:
        shutil.rmtree(copied.folder / ".snakemake" / "metadata")
    else:
        record_of(copied, TABLE).unlink()
    before = (copied.folder / TABLE).stat().st_mtime_ns
    words = ["--rerun-incomplete"] * (door == "snakemake")
    done = getattr(copied, door)("--cores", "2", *TARGETS, *words)
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"^\d+ results were finished on nodes after their run had ended; they are made again", done.stderr, re.M
    )
    assert (copied.folder / TABLE).stat().st_mtime_ns > before
    assert contents(copied) == contents(computed)
    assert "Nothing to be done" in again(copied)


@pytest.mark.slow
def test_a_job_that_is_killed_says_so_and_what_others_finished_stays(computed, tmp_path):
    """The first chunk at work is killed, as the system does for lack of memory; its run goes on with the others."""
    study = fresh(computed, tmp_path / "study")
    process = study.start(sys.executable, "workflow/run.py", "--cores", "1", "--keep-going", *TARGETS)
    wait_for(lambda: job_of(process.pid, "simulate_chunk") is not None)
    os.kill(job_of(process.pid, "simulate_chunk"), signal.SIGKILL)
    said, _ = process.communicate(timeout=900)
    assert process.returncode != 0
    assert re.search(r"FAILED after .*simulate_chunk .* it left no word, so it was killed", said), said
    finished = {path: path.stat().st_mtime_ns for path in (study.folder / "results/manifests").rglob("*.json")}
    assert finished, "the other chunk has finished"
    again(study)
    assert contents(study) == contents(computed)
    assert all(path.stat().st_mtime_ns == time for path, time in finished.items())


@pytest.mark.slow
def test_a_job_whose_snakemake_is_killed_ends_as_well_and_the_next_run_goes_on(computed, tmp_path):
    study = fresh(computed, tmp_path / "study")
    process = study.start(sys.executable, "workflow/run.py", "--cores", "1", *TARGETS)
    wait_for(lambda: job_of(process.pid, "simulate_chunk") is not None)
    job, run = job_of(process.pid, "simulate_chunk"), job_of(process.pid, "-m snakemake")
    os.kill(run, signal.SIGKILL)
    wait_for(lambda: not lives(job))
    process.communicate(timeout=600)
    again(study)
    assert contents(study) == contents(computed)


def job_of(run, word):
    """Return the process below a run whose program is Python with a word among its arguments, or None."""
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(run).children(recursive=True):
            words = process.cmdline()
            if "python" in Path(words[0] if words else "").name and word in " ".join(words[1:]):
                return process.pid
    return None


def lives(process):
    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def small_disk(copied):
    """Put the results of a computed study on a file system of their own, which can be filled, and give its folder."""
    results = copied.folder / "results"
    kept = results.with_name("kept")
    results.rename(kept)
    results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(results)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no right to mount a small disk here; needed: root, or CAP_SYS_ADMIN")
    shutil.copytree(kept, results, copy_function=shutil.copy2, dirs_exist_ok=True)
    yield results
    subprocess.run(["umount", str(results)], check=True)


def remount(folder, option):
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True, capture_output=True)


@pytest.mark.slow
def test_a_full_disk_is_named_and_when_there_is_room_again_the_run_goes_on(computed, copied, small_disk):
    (small_disk / "tables/reach.parquet").unlink()
    (small_disk / "tables/networks.parquet").unlink()
    stuffing = small_disk / "logs" / "stuffing"
    before = contents(copied)
    stuffing.write_bytes(bytes(1 << 16))
    with stuffing.open("ab") as file, pytest.raises(OSError, match="No space left"):
        while True:
            os.write(file.fileno(), bytes(1 << 12))
    done = copied.make("--cores", "1", *TARGETS)
    assert done.returncode != 0
    assert re.search(r"No space left on device", done.stderr), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert contents(copied) == before, "nothing is lost, and nothing half written is left"
    stuffing.unlink()
    again(copied)
    assert contents(copied) == contents(computed)


@pytest.mark.slow
def test_read_only_results_are_named_before_anything_runs(computed, copied, small_disk):
    (small_disk / "tables/reach.parquet").unlink()
    remount(small_disk, "ro")
    for door in ("make", "snakemake"):
        done = getattr(copied, door)("--cores", "1", *TARGETS)
        assert done.returncode != 0
        assert re.match(r"the results folder \S*results cannot be written: Read-only file system", done.stderr), (
            done.stderr
        )
    remount(small_disk, "rw")
    again(copied)
    assert contents(copied) == contents(computed)


@pytest.mark.slow
def test_one_more_grid_value_measures_its_own_points_and_leaves_the_records_of_others(copied):
    """Within a chunk: two more points, and the account says that a third of the chunk's work was done."""
    records = copied.folder / "results/records/profiles"
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in records.glob("*.parquet")}
    copied.edit("config.yaml", "gain: [0.5, 2.0]", "gain: [0.5, 2.0, 4.0]")
    again(copied)
    after = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in records.glob("*.parquet")}
    assert len(after) == len(before) + 2
    assert {name: after[name] for name in before} == before
    accounts = [json.loads(path.read_text()) for path in (copied.folder / "results/benchmarks/simulate").glob("*.json")]
    assert [account["share"] for account in accounts] == pytest.approx([1 / 3, 1 / 3])


@pytest.mark.slow
def test_a_config_with_fewer_replicates_uses_what_is_there_and_shows_no_more(copied):
    import pandas as pd

    copied.edit("config.yaml", "replicates: 2", "replicates: 1")
    again(copied)
    networks = pd.read_parquet(copied.folder / "results/tables/networks.parquet")
    assert set(networks["replicate"]) == {0}
    copied.edit("config.yaml", "replicates: 1", "replicates: 2")
    again(copied)
    networks = pd.read_parquet(copied.folder / "results/tables/networks.parquet")
    assert set(networks["replicate"]) == {0, 1}
