"""What is part of a study whose tables are not all there, and that each part which is not is named with the reason."""

from pathlib import Path

import pytest

from whylstm.study import config
from whylstm.study.plan import plan
from whylstm.study.wiring import NO_TRAINING, TRAINED, lacking, wiring

ROOT = Path(__file__).parents[2]
PARTS = {
    "plain": {"tables": ("points",)},
    "solved": {"tables": ("runs", "points")},
    "of_solved": {"tables": ("solved",)},
    "misspelt": {"tables": ("pionts",)},
}


def reads(facts):
    return facts["tables"]


def test_what_reads_an_absent_table_falls_with_what_reads_that():
    assert lacking(PARTS, {"runs": "not asked for"}, reads) == {
        "solved": "not asked for",
        "of_solved": "not asked for",
    }


def test_where_nothing_is_absent_all_stands():
    assert lacking(PARTS, {}, reads) == {}


@pytest.fixture(scope="module")
def untrained():
    grids = {"one": {"cell": ["gru"], "hidden": [8], "length": [40]}}
    said = config.assemble({"simulation": {"replicates": 1, "lags": 20, "grids": grids}}, None, {}, ROOT)
    return wiring(plan(said), ROOT)


def test_a_study_without_training_names_all_that_it_leaves_out(untrained):
    assert not set(TRAINED) & set(untrained.tables)
    assert "notebook 04_training" in untrained.left_out
    assert {"figure fig14_success_against_length", "claim c12"} <= set(untrained.left_out)
    assert set(untrained.left_out.values()) == {NO_TRAINING}
    (line,) = untrained.told()
    assert line.startswith(f"left out, since {NO_TRAINING}: claim c12")


def test_what_is_left_out_and_what_stands_are_all_parts(untrained):
    whole = wiring(plan(config.load(root=ROOT)), ROOT)
    assert whole.left_out == {} and whole.told() == []
    for kind, family in (("claim", "claims"), ("figure", "figures"), ("notebook", "notebooks")):
        lost = {name.split()[1] for name in untrained.left_out if name.startswith(kind)}
        assert lost | set(getattr(untrained, family)) == set(getattr(whole, family))
