"""Figures and text speak of the same networks, whatever else a grid holds."""

import pandas as pd
import pytest

from tests.article import fabricated, sections
from whylstm import selection
from whylstm.figures import _choose

TABLES = fabricated.tables()


def with_lone_networks(points: pd.DataFrame, hidden: int) -> pd.DataFrame:
    """Return the points and one more, as the grid ``wide`` of docs/change-the-grid.md adds it: one setting, larger."""
    lone = selection.point(points, "lstm").assign(point="lone", hidden=hidden)
    return pd.concat([points, lone], ignore_index=True)


@pytest.mark.parametrize("hidden", [128, 2])
def test_figures_and_text_show_the_same_size(hidden):
    points = with_lone_networks(TABLES["points"], hidden)
    sizes = set(selection.grid(TABLES["points"], "lstm")["hidden"])
    assert set(_choose.grid(points, "lstm")["hidden"]) == sizes
    told = sections.made("lstm", TABLES | {"points": points})["lstm.hidden"]
    assert {told.value} == {_choose.point(points, "lstm")["hidden"]} == sizes


def test_of_two_whole_grids_the_larger_networks_are_meant():
    points = TABLES["points"]
    grid = selection.grid(points, "lstm")
    other = grid.assign(hidden=grid["hidden"] * 2, point=grid["point"] + "-other")
    both = pd.concat([points, other], ignore_index=True)
    assert set(selection.grid(both, "lstm")["hidden"]) == set(other["hidden"])


def test_a_cell_that_the_study_lacks_has_no_rows():
    assert selection.grid(TABLES["points"], "no_such_cell").empty
    assert selection.point(TABLES["points"], "no_such_cell").empty
