import subprocess
import sys

import pytest
import yaml

from tests.study.cases import config
from whylstm import families
from whylstm.__main__ import FAMILY, main
from whylstm.study.config import load
from whylstm.study.config_docs import page
from whylstm.study.design import design
from whylstm.study.schema import ROOT
from whylstm.study.trials import trials


@pytest.fixture
def small(tmp_path):
    """Return the path of a small valid config."""
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(config(gain=[0.5, 1.0], hidden=[8])))
    return str(path)


def run(capsys, *words):
    status = main(words)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("name", families.names(FAMILY))
def test_every_command_has_a_sentence_and_a_help(capsys, name):
    command = families.load(FAMILY, name, "COMMAND")
    assert command.sentence.endswith(".")
    with pytest.raises(SystemExit) as stop:
        main([name.replace("_", "-"), "--help"])
    assert stop.value.code == 0
    assert " ".join(command.sentence.split()) in " ".join(capsys.readouterr().out.split())


def test_validate_says_in_one_line_what_will_be_done(capsys, small):
    status, out, err = run(capsys, "validate", "--config", small, "--memory", "4")
    assert (status, err, out.count("\n")) == (0, "", 1)
    assert out.startswith("valid: tier default, 2 points of 10 replicates in 1 chunks (one job each), about ")


def test_validate_knows_the_tiers(capsys):
    status, out, _ = run(capsys, "validate", "--tier", "smoke", "--memory", "4")
    assert status == 0
    assert f"tier smoke, {len(design(load(tier='smoke')))} points" in out


def test_validate_refuses_a_machine_that_is_too_small(capsys, small):
    status, _, err = run(capsys, "validate", "--config", small, "--memory", "0.1")
    assert status == 2
    assert err.startswith("error: chunk lstm-h008-t0300-noise-k200w5r8 needs about 0.4")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["validate", "--tier", "smok"], "error: tier is the text 'smok', which does not exist; did you mean 'smoke'?"),
        (["validate", "--config", "nowhere.yaml"], "error: nowhere.yaml is missing"),
        (["points", "--config", "nowhere.yaml"], "error: nowhere.yaml is missing"),
        (["explain", "simulation.lagz"], "error: there is no key 'simulation.lagz'; did you mean 'lags'?"),
    ],
)
def test_a_users_mistake_is_one_line_on_stderr_and_status_2(capsys, words, message):
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_points_prints_one_aligned_line_per_point(capsys, small):
    _, out, _ = run(capsys, "points", "--config", small)
    head, *rows = [line.split() for line in out.splitlines()]
    expected = design(load(small))
    assert [row[0] for row in rows] == [point.id for point in expected]
    assert all(len(row) == len(head) for row in rows)
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["gain"] for row in table] == [str(point.gain) for point in expected]
    assert {row["t_max"] for row in table} == {"-"}
    assert {row["chunk"] for row in table} == {"lstm-h008-t0300-noise-k200w5r8"}


def test_trials_prints_one_aligned_line_per_experiment_arm_and_trial(capsys, small):
    _, out, _ = run(capsys, "trials", "--tier", "smoke")
    head, *rows = [line.split() for line in out.splitlines()]
    table = [dict(zip(head, row, strict=True)) for row in rows]
    expected = trials(load(tier="smoke")["training"])
    assert [(row["experiment"], row["arm"], row["trial"]) for row in table] == [
        (*key, trial.id) for key, found in expected.items() for trial in found
    ]
    assert run(capsys, "trials", "--config", small)[1] == "nothing is trained\n"


@pytest.mark.parametrize("path", ["simulation.lags", "simulation.grids.gated.lags", "simulation.grids.<name>.lags"])
def test_explain_gives_one_keys_facts(capsys, path):
    status, out, _ = run(capsys, "explain", path)
    assert status == 0
    assert "range: from 1 to 1000000" in out
    assert "unit: steps" in out
    assert out.count("range:") == 1


def test_explain_finds_a_key_by_its_last_name_wherever_it_stands(capsys):
    _, out, _ = run(capsys, "explain", "gain")
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == [
        "simulation.grids.<name>.gain",
        "training.experiments.<name>.arms.<name>.gain",
        "training.experiments.<name>.gain",
        "training.gain",
    ]


def test_explain_all_is_the_page_in_docs(capsys):
    assert run(capsys, "explain", "--all")[1] == page()


def test_the_module_runs_as_a_program_and_survives_a_reader_that_leaves():
    code = [sys.executable, "-m", "whylstm", "points", "--tier", "paper"]
    with subprocess.Popen(code, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT / "src") as process:
        assert process.stdout.readline().startswith("point")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_without_a_command_the_program_says_what_there_is(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "command" in capsys.readouterr().err
