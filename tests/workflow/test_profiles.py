"""The profiles: what goes to Slurm, what it asks for, and that a wrong name never ends in a run on this machine."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cluster.checkout import Checkout
from tests.workflow.harness import ROOT, Study, environment

pytestmark = pytest.mark.xdist_group("profiles")

PROFILES = ROOT / "workflow" / "profiles"
SLURM = ("--profile", "workflow/profiles/slurm")
SMOKE = "tier=smoke"


def settings(name):
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text())


def resources(said, rule):
    """Return the resources of the first job of a rule in a dry run."""
    block = re.search(rf"^(?:local)?rule {rule}:\n(?:    .*\n)*?    resources: (.*)$", said, re.MULTILINE)
    return dict(item.split("=", 1) for item in block[1].split(", "))


@pytest.fixture(scope="module")
def planned(checkout):
    """A dry run of the small study on Slurm, with a GPU, which this machine lacks."""
    done = checkout.snakemake(*SLURM, "--dry-run", "--config", SMOKE, "device=cuda")
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_what_a_run_computes_and_repeats_does_not_depend_on_the_profile():
    same = (
        "scheduler",
        "rerun-incomplete",
        "keep-going",
        "show-failed-logs",
        "rerun-triggers",
        "max-checksum-file-size",
    )
    assert {key: settings("slurm")[key] for key in same} == {key: settings("local")[key] for key in same}


def test_the_profile_names_no_site():
    """Partition, account and quality of service are the site's; they stand in a file that git does not track."""
    assert not {"default-resources", "set-resources", "slurm-qos", "slurm-reservation"} & set(settings("slurm"))
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/workflow/profiles/slurm/site.yaml" in ignored


def test_the_example_of_a_site_is_a_profile_and_its_words_are_known(checkout, planned, tmp_path):
    text = (PROFILES / "slurm" / "site.example.yaml").read_text()
    lines = text.partition("slurm_account")[2].splitlines()[1:]
    everything = text + "\n" + "\n".join(line.removeprefix("# ") for line in lines if line.startswith("# "))
    (tmp_path / "site.yaml").write_text(everything)
    done = checkout.snakemake(*SLURM, "--profile", str(tmp_path / "site.yaml"), "--dry-run", "--config", SMOKE)
    assert done.returncode == 0, done.stderr
    own = resources(done.stdout, "simulate_chunk")
    assert (own["slurm_partition"], own["slurm_account"], own["gpu_model"]) == ("gpu", "my_project", "a100")
    assert resources(done.stdout, "compute_table")["slurm_partition"] == "normal"


def test_every_job_that_leaves_asks_for_memory_and_time(planned):
    rules = set(re.findall(r"^rule (\w+):", planned, re.MULTILINE)) - Checkout(ROOT).stays_here()
    assert {"simulate_chunk", "perform_experiment", "compute_table", "run_notebook", "article"} <= rules
    for rule in rules:
        asked = resources(planned, rule)
        assert int(asked["mem_mb"]) >= 800 and int(asked["runtime"]) >= 10, rule


def test_only_a_chunk_asks_for_a_gpu_and_only_where_the_config_does(planned, checkout):
    assert resources(planned, "simulate_chunk")["gpu"] == "1"
    assert "gpu" not in resources(planned, "compute_table")
    done = checkout.snakemake(*SLURM, "--dry-run", "--config", SMOKE)
    assert resources(done.stdout, "simulate_chunk")["gpu"] == "0"  # the plugin takes that for none


def test_each_attempt_asks_for_twice_the_memory_and_time(checkout, planned):
    done = checkout.snakemake(*SLURM, "--dry-run", "--attempt", "2", "--config", SMOKE, "device=cuda")
    for rule in ("simulate_chunk", "perform_experiment", "compute_table", "article"):
        first, second = resources(planned, rule), resources(done.stdout, rule)
        assert [int(second[name]) for name in ("mem_mb", "runtime")] == [
            2 * int(first[name]) for name in ("mem_mb", "runtime")
        ]


def test_no_job_that_stays_takes_long_or_reads_the_records(planned):
    """What takes more than a few seconds, and what grows with the grid, is no guest of a login node."""
    stay = Checkout(ROOT).stays_here() & set(re.findall(r"^rule (\w+):", planned, re.MULTILINE))
    assert {"draw_data", "list_points", "claims", "values", "draw_figure", "gallery", "explorer"} <= stay
    assert all(float(resources(planned, rule)["work"]) <= 4 for rule in stay - {"all"})
    assert not stay & {"simulate_chunk", "train_chunk", "perform_experiment", "compute_table", "gather_training"}


@pytest.mark.parametrize(
    ("door", "words"),
    [
        ("snakemake", ["--workflow-profile", "slurm", "--cores", "1"]),
        ("snakemake", ["--workflow-profile=workflow/profiles/slrum", "--cores", "1"]),
        ("snakemake", ["--profile", "workflow/profiles/slrum"]),
        ("make", ["--profile", "slrum"]),
        ("make", ["--profile", "slurm", "--site", "nowhere.yaml"]),
    ],
)
def test_a_wrong_name_of_a_profile_ends_before_any_job(checkout, door, words):
    done = getattr(checkout, door)(*words)
    assert done.returncode != 0
    assert "profile" in done.stderr and len(done.stderr.splitlines()) <= 2
    assert not (checkout.folder / "results").exists()


def test_without_slurm_its_study_is_refused_in_one_line(checkout):
    words = [sys.executable, "workflow/run.py", "--profile", "slurm", "--tier", "smoke"]
    nothing = environment() | {"PATH": "/nowhere"}
    done = subprocess.run(words, cwd=checkout.folder, env=nothing, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("there is no sbatch here; a study on Slurm is started on a login node")


def test_a_gpu_that_is_not_here_is_refused_where_the_jobs_would_run_here(checkout):
    done = checkout.snakemake("--cores", "1", "--config", SMOKE, "device=cuda")
    assert done.returncode != 0
    assert re.match(r"device is 'cuda', but torch .* here; take device: cpu", done.stderr)
    assert done.stderr.count("\n") == 1


def test_a_job_on_another_node_gets_the_config_of_the_run_and_not_the_file(checkout):
    """The file may have been edited since; what the job is given then would not be what the run asked for."""
    run = json.loads(
        checkout.run(
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, 'src'); from whylstm.study import config; import json;"
            "print(json.dumps(config.load(tier='smoke', overrides={'seed': 77})))",
        ).stdout
    )
    words = [sys.executable, "-m", "snakemake", "--mode", "remote", "--cores", "1", "--dry-run", "--nolock"]
    words += ["--config", SMOKE, "--", "results/smoke/data/noise-t100.npz"]
    given = environment() | {"WHYLSTM_STUDY": json.dumps(run)}
    text = (checkout.folder / "workflow" / "rules" / "simulate.smk").read_text()
    assert 'seed=STUDY["seed"]' in text
    probe = checkout.folder / "workflow" / "rules" / "simulate.smk"
    probe.write_text(text.replace("rule data:", 'print("seed", STUDY["seed"], file=sys.stderr)\n\n\nrule data:', 1))
    try:
        on_node = subprocess.run(words, cwd=checkout.folder, env=given, capture_output=True, text=True)
        here = subprocess.run([*words[:3], *words[5:]], cwd=checkout.folder, env=given, capture_output=True, text=True)
    finally:
        probe.write_text(text)
    assert re.search(r"^seed 77$", on_node.stderr, re.MULTILINE), on_node.stderr
    assert re.search(r"^seed 2018$", here.stderr, re.MULTILINE), here.stderr


@pytest.mark.parametrize(("begun", "refused"), [(40, False), (3, True)])
def test_what_a_killed_run_had_begun_on_a_cluster_is_no_lost_history(checkout, tmp_path, begun, refused):
    """Hundreds of jobs may be done between two looks at the queue; Snakemake marks each that it sends."""
    study = Study(
        Path(shutil.copytree(checkout.folder, tmp_path / "study", ignore=shutil.ignore_patterns(".snakemake")))
    )
    for folder, count in (("results/smoke/benchmarks/tables", 40), (".snakemake/incomplete", begun)):
        (study.folder / folder).mkdir(parents=True)
        for number in range(count):
            (study.folder / folder / f"{number}.tsv").touch()
    done = study.snakemake("--dry-run", "--config", SMOKE)
    assert ("have lost their history" in done.stderr) == refused
    assert (done.returncode != 0) == refused
