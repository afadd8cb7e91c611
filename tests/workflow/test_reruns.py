"""What a change makes again, and what it leaves alone: counted in dry runs on a finished study of the smoke tier."""

import os
import re
import sys

import pytest

pytestmark = pytest.mark.xdist_group("workflow")

SMOKE = ("--config", "tier=smoke")
TELLING = {"article", "gallery", "run_notebook", "provenance"}
"""What shows figures."""

JUDGING = {"claims", "values", "draw_figure"} | TELLING
"""What stands on tables."""


def chunks_of(todo, cell):
    return {chunk for chunk in todo.get("simulate_chunk", set()) if chunk.startswith(f"{cell}-")}


def test_a_second_run_has_nothing_to_do(study):
    done = study.snakemake("--cores", "1", *SMOKE)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.parametrize("table", ["phase", "reach", "intervention_effect"])
def test_beside_a_job_on_a_node_snakemake_makes_nothing_but_that_job(study, table):
    """Its inputs, tables of the same rule among them, may be read by other nodes at that moment."""
    job = ("--target-jobs", f"compute_table:statistic={table}", "--allowed-rules", "compute_table")
    assert study.todo(*SMOKE, "--mode", "remote", *job, "--force", "--nolock", "--ignore-incomplete") == {
        "compute_table": {table}
    }


def test_a_touch_of_every_file_reruns_nothing(study):
    for part in ("src", "workflow", "notebooks", "config.yaml", "Snakefile", "environment.yml", "pyproject.toml"):
        for path in (study.folder / part).rglob("*") if (study.folder / part).is_dir() else [study.folder / part]:
            os.utime(path)
    assert study.todo(*SMOKE) == {}


def test_comments_and_other_docstrings_rerun_nothing(study):
    for name in (
        "src/whylstm/cells/lstm.py",
        "src/whylstm/gradients/factors.py",
        "src/whylstm/study/simulate.py",
        "src/whylstm/statistics/reach.py",
        "src/whylstm/figures/style.py",
        "workflow/scripts/simulate_chunk.py",
        "workflow/rules/simulate.smk",
    ):
        path = study.folder / name
        text = path.read_text()
        path.write_text(re.sub('^"""', '"""Said in other words. ', text, count=1) + "\n# a comment\n")
    assert study.todo(*SMOKE) == {}


def test_an_edited_figure_is_drawn_again_with_what_shows_it(study):
    study.edit("src/whylstm/figures/fig06_hop_spectrum.py", "FIGURE = ", "CHANGED = 1\nFIGURE = ")
    todo = study.todo(*SMOKE)
    assert todo["draw_figure"] == {"fig06_hop_spectrum"}
    assert set(todo) == {"draw_figure"} | TELLING


def test_an_edited_statistic_reruns_its_table_and_what_stands_on_it(study):
    study.edit("src/whylstm/statistics/carry_share.py", "STATISTIC = ", "CHANGED = 1\nSTATISTIC = ")
    todo = study.todo(*SMOKE)
    assert todo["compute_table"] == {"carry_share"}
    assert set(todo) <= {"compute_table"} | JUDGING
    assert {"draw_figure", "article"} <= set(todo)


def test_an_edited_claim_reruns_no_table(study):
    study.edit("src/whylstm/claims/c09.py", "CLAIM = ", "CHANGED = 1\nCLAIM = ")
    assert set(study.todo(*SMOKE)) == JUDGING


def test_an_edited_experiment_reruns_itself_and_what_stands_on_it(study):
    study.edit("src/whylstm/laboratory/identities.py", "EXPERIMENT = ", "CHANGED = 1\nEXPERIMENT = ")
    todo = study.todo(*SMOKE)
    assert todo["perform_experiment"] == {"identities"}
    assert set(todo) == {"perform_experiment"} | JUDGING


def test_an_edited_cell_reruns_its_own_chunks_only(study, everything):
    study.edit("src/whylstm/cells/gru.py", "CELL = ", "CHANGED = 1\nCELL = ")
    todo = study.todo(*SMOKE)
    assert todo["simulate_chunk"] == chunks_of(everything, "gru") != set()
    assert "draw_data" not in todo


def test_an_edited_engine_reruns_every_chunk_and_no_data(study, everything):
    study.edit("src/whylstm/gradients/factors.py", "def factors(", "CHANGED = 1\n\n\ndef factors(")
    todo = study.todo(*SMOKE)
    assert todo["simulate_chunk"] == everything["simulate_chunk"]
    assert "draw_data" not in todo


def test_an_edited_task_reruns_its_own_data_and_chunks(study):
    study.edit("src/whylstm/tasks/digits.py", "TASK = ", "CHANGED = 1\nTASK = ")
    todo = study.todo(*SMOKE)
    assert {data.split()[0] for data in todo["draw_data"]} == {"digits"}
    assert {chunk.split("-")[3] for chunk in todo["simulate_chunk"]} == {"digits"}


def test_an_edited_source_of_the_article_reruns_what_is_written_from_it(study):
    study.edit("workflow/report/article.css", "{", "{ ")
    assert set(study.todo(*SMOKE)) == TELLING | {"explorer"}


def test_a_new_cell_reruns_nothing(study):
    text = (study.folder / "src/whylstm/cells/tanh.py").read_text()
    (study.folder / "src/whylstm/cells/tanhtanh.py").write_text(text.replace(".tanh()", ".tanh().tanh()"))
    assert study.todo(*SMOKE) == {}


def test_a_new_cell_that_is_opted_in_runs_its_own_chunks(study):
    text = (study.folder / "src/whylstm/cells/tanh.py").read_text()
    (study.folder / "src/whylstm/cells/tanhtanh.py").write_text(text.replace(".tanh()", ".tanh().tanh()"))
    study.edit("config.yaml", "cell: [linear, tanh]", "cell: [linear, tanh, tanhtanh]")
    todo = study.todo(*SMOKE)
    assert todo["simulate_chunk"] == chunks_of(todo, "tanhtanh") != set()
    assert "draw_data" not in todo
    assert "perform_experiment" not in todo


def test_a_new_cell_with_a_compiled_form_trains_nothing_again(study):
    for folder in ("cells", "training/compiled_cells"):
        text = (study.folder / f"src/whylstm/{folder}/tanh.py").read_text()
        (study.folder / f"src/whylstm/{folder}/tanhtanh.py").write_text(text)
    assert study.todo(*SMOKE) == {}


def test_an_edited_compiled_cell_trains_its_own_networks_again(study, everything):
    """The small tier trains GRUs in some chunks and no JANET in any."""
    study.edit("src/whylstm/training/compiled_cells/janet.py", "KERNEL = ", "CHANGED = 1\nKERNEL = ")
    assert study.todo(*SMOKE) == {}
    study.edit("src/whylstm/training/compiled_cells/gru.py", "KERNEL = ", "CHANGED = 1\nKERNEL = ")
    todo = study.todo(*SMOKE)
    assert set() < todo["train_chunk"] < everything["train_chunk"]
    assert not {"simulate_chunk", "draw_data", "perform_experiment"} & set(todo)


@pytest.mark.parametrize(
    ("column", "rule", "made"),
    [
        ("carry_share:", "compute_table", {"carry_share"}),
        ("counterexamples:", "perform_experiment", {"counterexamples"}),
        ("trials:", "list_trials", None),
        ("points:", "list_points", None),
    ],
)
def test_another_layout_of_a_table_makes_it_again(study, column, rule, made):
    path = study.folder / "workflow/schemas/tables.yaml"
    before, name, after = path.read_text().partition(f"\n{column}\n")
    own = "  columns:\n    spare: {dtype: float64, unit: none, meaning: Nothing., nullable: true}\n"
    path.write_text(before + name + after.replace("  columns:\n", own, 1))
    todo = study.todo(*SMOKE)
    assert todo[rule] >= (made or set())
    assert not {"simulate_chunk", "train_chunk", "draw_data"} & set(todo)


@pytest.mark.parametrize(("table", "rule"), [("profiles", "simulate_chunk"), ("probes", "train_chunk")])
def test_another_dtype_in_a_record_makes_all_records_of_its_kind_again(study, everything, table, rule):
    path = study.folder / "workflow/schemas/tables.yaml"
    before, name, after = path.read_text().partition(f"\n{table}:\n")
    path.write_text(before + name + after.replace("dtype: int64", "dtype: float64", 1))
    assert study.todo(*SMOKE)[rule] == everything[rule]


def test_other_words_in_the_data_dictionary_rerun_what_shows_them_alone(study):
    study.edit("workflow/schemas/tables.yaml", "  sentence: One row", "  sentence: A row")
    assert not set(study.todo(*SMOKE)) - {"provenance"}


def test_a_new_grid_value_reruns_the_chunks_that_it_falls_into(study):
    study.edit("workflow/tiers/smoke.yaml", "      gain: [0.5, 1.5, 8.0]", "      gain: [0.5, 1.5, 3.0, 8.0]")
    todo = study.todo(*SMOKE)
    assert {chunk.split("-")[0] for chunk in todo["simulate_chunk"]} == {"lstm", "gru"}
    assert {chunk.split("-")[3] for chunk in todo["simulate_chunk"]} == {"noise"}
    assert not {"draw_data", "perform_experiment"} & set(todo)


def test_the_order_of_the_config_does_not_count(study):
    study.edit("workflow/tiers/smoke.yaml", "      gain: [0.5, 1.5, 8.0]", "      gain: [8.0, 0.5, 1.5]")
    todo = study.todo(*SMOKE)
    assert set(todo) <= {"provenance"}  # which states the config as it is written


def test_one_more_replicate_draws_data_and_visits_every_chunk(study, everything):
    todo = study.todo("--config", "tier=smoke", "simulation={replicates: 5}")
    assert todo["draw_data"] == everything["draw_data"]
    assert todo["simulate_chunk"] == everything["simulate_chunk"]
    assert "perform_experiment" not in todo


def test_another_seed_reruns_all_that_is_drawn(study, everything):
    todo = study.todo("--config", "tier=smoke", "seed=1")
    assert {rule: len(found) for rule, found in todo.items() if not rule.startswith("list_")} == {
        rule: len(found) for rule, found in everything.items() if not rule.startswith("list_")
    }


def test_an_edited_optimiser_reruns_the_training_that_uses_it(study):
    study.edit("src/whylstm/training/optimisers/sgd.py", "OPTIMISER = ", "CHANGED = 1\nOPTIMISER = ")
    todo = study.todo(*SMOKE)
    assert todo["train_chunk"] == {"temporal_order"}  # where Pascanu's arms are; all others use Adam
    assert not {"simulate_chunk", "draw_data", "perform_experiment"} & set(todo)


def test_an_edited_loop_reruns_all_training_and_no_simulation(study, everything):
    study.edit("src/whylstm/training/clipping.py", "SOFTENER = 1e-6", "SOFTENER = 1e-7")
    todo = study.todo(*SMOKE)
    assert todo["train_chunk"] == everything["train_chunk"]
    assert "gather_training" in todo
    assert not {"simulate_chunk", "draw_data", "perform_experiment"} & set(todo)


def test_what_plans_the_training_is_no_part_of_what_it_computes(study):
    study.edit("src/whylstm/study/training_cost.py", "SECONDS_PER_UPDATE = 60e-6", "SECONDS_PER_UPDATE = 61e-6")
    assert "train_chunk" not in study.todo(*SMOKE)


@pytest.mark.parametrize(
    "change", ["adding: {replicates: 3}", "adding: {only: [tanh, lstm_b1, gru]}", "adding: {lengths: [10, 11]}"]
)
def test_a_change_of_an_experiment_of_training_visits_its_chunk(study, change):
    todo = study.todo("--config", "tier=smoke", f"training={{experiments: {{{change}}}}}")
    assert todo["train_chunk"] == {"adding"}
    assert {"gather_training", "list_trials"} <= set(todo)
    assert not {"simulate_chunk", "draw_data", "perform_experiment"} & set(todo)


def test_a_setting_of_an_experiment_reruns_that_one(study):
    todo = study.todo("--config", "tier=smoke", "laboratory={counterexamples: {lags: 33}}")
    assert todo["perform_experiment"] == {"counterexamples"}
    assert not {"draw_data", "simulate_chunk", "compute_table"} & set(todo)


def test_a_lost_file_is_made_again_with_what_stands_on_it(study):
    (study.folder / "results/smoke/figures/fig07_phase_diagram.png").unlink()
    todo = study.todo(*SMOKE)
    assert todo["draw_figure"] == {"fig07_phase_diagram"}


def test_lost_sequences_are_drawn_again_though_no_chunk_lacks_them(study):
    (study.folder / "results/smoke/data/noise-t100.npz").unlink()
    assert study.todo(*SMOKE)["draw_data"] == {"noise 100"}


def test_one_more_trained_network_visits_the_chunks_of_its_trials_and_no_other(study, everything):
    todo = study.todo("--config", "tier=smoke", "training={experiments: {digits: {replicates: 3}}}")
    assert todo["train_chunk"] == {"digits"} < everything["train_chunk"]
    assert not {"simulate_chunk", "draw_data", "perform_experiment"} & set(todo)
    assert "gather_training" in todo


def test_one_more_arm_visits_the_chunk_that_it_falls_into(study):
    todo = study.todo("--config", "tier=smoke", "training={experiments: {digits: {only: [tanh, lstm_b1, gru]}}}")
    assert todo["train_chunk"] == {"digits"}
    assert not {"simulate_chunk", "draw_data", "perform_experiment"} & set(todo)


def test_an_edited_loop_of_training_trains_all_again_and_simulates_nothing(study, everything):
    study.edit("src/whylstm/training/loop.py", "def train(", "CHANGED = 1\n\n\ndef train(")
    todo = study.todo(*SMOKE)
    assert todo["train_chunk"] == everything["train_chunk"]
    assert not {"simulate_chunk", "draw_data"} & set(todo)


def test_an_edited_optimiser_trains_what_uses_it(study, everything):
    study.edit("src/whylstm/training/optimisers/sgd.py", "OPTIMISER = ", "CHANGED = 1\nOPTIMISER = ")
    todo = study.todo(*SMOKE)
    assert todo["train_chunk"] == {"temporal_order"} < everything["train_chunk"]
    assert "simulate_chunk" not in todo


def test_one_more_network_is_counted_job_by_job(study, everything):
    """One more replicate of the simulation: data and chunks, the tables of records, and what stands on them."""
    todo = study.todo("--config", "tier=smoke", "simulation={replicates: 5}")
    assert not {"train_chunk", "gather_training", "perform_experiment", "list_points", "list_trials"} & set(todo)
    assert todo["simulate_chunk"] == everything["simulate_chunk"]
    assert todo["compute_table"] < everything["compute_table"]


def test_stale_results_are_not_released(study):
    """The entrance that ``make release`` uses asks Snakemake first; one figure's code has changed since the run."""
    study.edit("src/whylstm/figures/fig06_hop_spectrum.py", "FIGURE = ", "CHANGED = 1\nFIGURE = ")
    done = study.run(sys.executable, "workflow/release.py", "--tier", "smoke")
    assert done.returncode == 1
    assert re.match(r"the results in results/smoke are stale or incomplete \(jobs to do: .*1 draw_figure", done.stderr)
    assert not list((study.folder / "results").rglob("*.zip"))
