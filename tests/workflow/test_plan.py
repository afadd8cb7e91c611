"""What the workflow offers: tiers, targets, single files; and what every rule must say of itself."""

import re

import pytest

from tests.workflow.harness import ROOT, Study, count

pytestmark = pytest.mark.xdist_group("workflow")

RULES = [
    (path.name, name, body)
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk"))
    for name, body in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", path.read_text(), re.MULTILINE | re.DOTALL)
]


TABLES = {"list_points", "list_trials", "list_tasks", "gather_training", "perform_experiment", "compute_table"}
"""Rules whose output is a table."""


@pytest.mark.parametrize("tier", ["default", "smoke", "paper"])
def test_every_tier_can_be_planned(checkout, tier):
    todo = checkout.todo("--config", f"tier={tier}")
    assert count(todo)["article"] == count(todo)["gallery"] == count(todo)["provenance"] == 1
    assert count(todo)["simulate_chunk"] >= 3
    assert count(todo)["train_chunk"] >= 3


def test_a_study_that_trains_nothing_has_no_rule_of_training_and_nothing_that_needs_it(tmp_path):
    study = Study.copied(tmp_path / "study")
    for name in ("config.yaml", "workflow/tiers/smoke.yaml"):
        path = study.folder / name
        path.write_text(path.read_text().partition("\ntraining:")[0] + "\n")
    todo = study.todo("--config", "tier=smoke")
    assert not {"list_trials", "train_chunk", "gather_training"} & set(todo)
    assert count(todo)["article"] == count(todo)["claims"] == 1
    assert {"reach", "networks"} <= todo["compute_table"]


@pytest.mark.parametrize(
    ("target", "last"),
    [
        ("simulate", {"draw_data", "simulate_chunk"}),
        ("train", {"train_chunk"}),
        ("tables", {"draw_data", "simulate_chunk", "train_chunk"} | TABLES),
        ("figures", {"claims", "draw_figure"}),
        ("notebooks", {"draw_figure", "values", "run_notebook"}),
        ("article", {"draw_figure", "values", "article"}),
        ("results/smoke/figures/fig07_phase_diagram.svg", {"draw_figure"}),
    ],
)
def test_every_stage_and_every_file_is_a_target(checkout, target, last):
    todo = checkout.todo(target, "--config", "tier=smoke")
    assert last <= set(todo)
    if target in ("simulate", "train", "tables"):
        assert set(todo) == last
    if target.endswith(".svg"):
        assert todo["draw_figure"] == {"fig07_phase_diagram"}


@pytest.mark.parametrize("tier", ["smoke", "default"])
def test_the_plan_counts_the_very_jobs_that_snakemake_would_run(checkout, tier):
    """So no rule can be added and left out of ``make plan``; both list a job by its rule and wildcards."""
    from whylstm.study import config, plan
    from whylstm.study.workload import workload

    todo = checkout.todo("--config", f"tier={tier}")
    running = {(rule, frozenset(name.split())) for rule, names in todo.items() for name in names}
    root = checkout.folder
    planned = plan.plan(config.load(tier=tier, root=root))
    assert {(job.rule, frozenset(job.name.split())) for job in workload(planned, root)} == running


def test_each_tier_writes_to_its_own_place(checkout):
    for tier, folder in (("smoke", "results/smoke/"), ("paper", "results/paper/")):
        done = checkout.snakemake("--dry-run", "--config", f"tier={tier}", "--cores", "1")
        written = re.findall(r"^    (?:output|log|benchmark): (.*)$", done.stdout + done.stderr, re.MULTILINE)
        assert written
        assert all(path.startswith(folder) for line in written for path in line.split(", "))


def test_there_are_rules():
    assert len(RULES) > 10


@pytest.mark.parametrize(("file", "name", "body"), RULES, ids=[name for _, name, _ in RULES])
def test_every_rule_says_what_it_does_and_what_it_needs(file, name, body):
    assert re.match(r'    """[A-Z].*\."""\n', body), "a rule opens with a sentence"
    assert "run:" not in body
    if "script:" in body:
        wanted = ("output:", "params:", "log:", "benchmark:", "threads:", "resources:", "mem_mb=", "runtime=", "work=")
        assert [word for word in (*wanted, "conda:", "code=") if word not in body] == []
        outputs = body.partition("output:\n")[2].partition("\n    params:")[0]
        ensured = re.findall(r"\b(?:ensure|tabled)\(", outputs)  # (tabled: ensured and shown in the report)
        assert len(ensured) == len(re.findall(r'"<results>', outputs)), "every output must be non-empty"


@pytest.mark.parametrize("path", sorted((ROOT / "workflow" / "rules").glob("*.smk")), ids=lambda path: path.name)
def test_every_file_of_rules_opens_with_what_it_is_for(path):
    assert path.read_text().startswith('"""')
