import pytest
import yaml

from tests.study.cases import config
from whylstm.errors import StudyError
from whylstm.study.config import (
    assemble,
    load,
    merge,
    results_folder,
    tier_keys,
    tiers,
)
from whylstm.study.design import design
from whylstm.study.schema import ROOT


@pytest.fixture
def study(tmp_path):
    """Return the folder of a study with a config and one small tier."""
    (tmp_path / "workflow" / "tiers").mkdir(parents=True)
    write(tmp_path / "config.yaml", config(gain=[0.5, 1.0], hidden=[8]))
    small = {"seed": 5, "simulation": {"replicates": 2, "grids": {"one": {"gain": [1.0]}}}}
    write(tmp_path / "workflow" / "tiers" / "small.yaml", small)
    return tmp_path


def write(path, data):
    path.write_text(yaml.safe_dump(data))


@pytest.mark.parametrize("tier", tiers())
def test_every_tier_of_the_study_is_valid_and_has_points(tier):
    full = load(tier=tier)
    assert full["tier"] == tier
    assert design(full)


def test_the_study_has_its_three_tiers():
    assert tiers() == ["default", "paper", "smoke"]


def test_the_default_grid_is_as_large_as_the_study_promises():
    full = load()
    for cell in ("lstm", "gru"):
        points = [point for point in design(full) if point.cell == cell and point.forget_bias is not None]
        noise = [point for point in points if point.task == "noise"]
        assert len({point.gain for point in noise}) >= 7
        assert len({point.forget_bias for point in noise}) >= 6
        assert len({point.hidden for point in noise}) >= 3
        assert len(noise) >= 7 * 6 * 3
        assert {point.windows for point in noise} == {5}
    assert full["simulation"]["replicates"] >= 10


def test_the_tier_lies_over_the_file_and_the_command_line_over_both(study):
    assert load(root=study)["simulation"]["grids"]["one"]["gain"] == [0.5, 1.0]
    small = load(tier="small", root=study)
    assert (small["seed"], small["simulation"]["replicates"]) == (5, 2)
    assert small["simulation"]["grids"]["one"]["gain"] == [1.0]
    assert small["simulation"]["grids"]["one"]["hidden"] == [8]
    said = load(overrides={"tier": "small", "simulation": {"replicates": 3}}, root=study)
    assert (said["tier"], said["seed"], said["simulation"]["replicates"]) == ("small", 5, 3)


def test_the_tier_may_stand_in_the_file(study):
    write(study / "config.yaml", {**config(), "tier": "small"})
    assert load(root=study)["seed"] == 5
    assert load(root=study, tier="default")["seed"] == 2018


def test_another_file_can_take_the_place_of_the_studys(study, tmp_path):
    write(tmp_path / "mine.yaml", config(gain=[3.0]))
    assert load(tmp_path / "mine.yaml", root=study)["simulation"]["grids"]["one"]["gain"] == [3.0]


def test_a_command_line_that_repeats_the_file_wins_over_the_tier(study):
    file = merge(yaml.safe_load((study / "config.yaml").read_text()), {"seed": 2018})
    write(study / "config.yaml", file)
    assert load(overrides={"tier": "small", "seed": 2018}, root=study)["seed"] == 2018


@pytest.mark.parametrize("name", ["smal", "../small", "small.yaml", "", 5, None, ["small"]])
def test_an_unknown_tier_is_named_with_those_that_exist(study, name):
    with pytest.raises(StudyError, match=r"^tier is .*, which does not exist; .*allowed: default, small$"):
        tier_keys(name, study)


def test_a_tier_that_holds_a_mistake_is_refused(study):
    write(study / "workflow" / "tiers" / "small.yaml", {"simulation": {"lagz": 1}})
    with pytest.raises(StudyError, match=r"unknown key simulation\.lagz"):
        load(tier="small", root=study)


def test_merging_replaces_lists_joins_mappings_and_changes_neither():
    base, over = {"a": {"b": [1, 2], "c": 3}}, {"a": {"b": [4]}, "d": {"e": 5}}
    assert merge(base, over) == {"a": {"b": [4], "c": 3}, "d": {"e": 5}}
    assert (base, over) == ({"a": {"b": [1, 2], "c": 3}}, {"a": {"b": [4]}, "d": {"e": 5}})


def test_results_of_the_tiers_do_not_mix():
    folders = [results_folder({"tier": tier}).as_posix() for tier in ("default", "smoke", "paper")]
    assert folders == ["results", "results/smoke", "results/paper"]


def test_the_repositorys_own_files_are_what_is_loaded():
    raw = yaml.safe_load((ROOT / "config.yaml").read_text())
    assert load() == assemble(raw, None, {})
