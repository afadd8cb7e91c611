"""A study of anything that a config may ask for has all its figures, claims and numbers, or says what it lacks.

Whole tables of a small study, cut down to what other studies would hold: one stranger's cell, one setting, no training,
no rows at all. The pipeline itself is run on such a config by hand (docs/change-the-grid.md) and in `.ci/steps`.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.figures import frames
from whylstm import claims, figures
from whylstm.records import empty, tables

WHOLE = frames.tables(**frames.SMOKE)
POINTS = WHOLE["points"]


def cut(cells, gains, without):
    """Return the tables of a study with these cells and gains alone, some tables without any row."""
    points = POINTS[POINTS["cell"].isin(cells) & (POINTS["gain"].isin(gains) | POINTS["gain"].isna())]
    kept = {"points": points}
    for name, frame in WHOLE.items():
        if name != "points":
            rows = frame[frame["point"].isin(points["point"])] if "point" in frame else frame
            kept[name] = empty(name) if name in without else rows
    return kept


def made(given, tmp_path):
    """Return the records of all claims and figures, each with words that are filled in."""
    judged = {one["id"]: one for one in claims.evaluate({**{name: empty(name) for name in tables()}, **given})}
    for name in figures.names():
        frames_ = {table: given.get(table, empty(table)) for table in figures.load(name).tables}
        record = figures.make(name, frames_, judged, {"json": tmp_path / f"{name}.json"})
        assert "{" not in record["title"] + record["caption"] and record["title"]
        yield record


@pytest.mark.parametrize("cells", [["gru"], ["tanh"], []])
def test_every_figure_is_drawn_or_says_what_is_lacking(cells, tmp_path):
    records = list(made(cut(cells, [0.5], ()), tmp_path))
    assert len(records) == len(figures.names())
    lacking = [record for record in records if not record["shown"]]
    assert lacking and all(record["title"].endswith(".") for record in lacking)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.sampled_from(sorted(POINTS["cell"].unique()))),
    st.sets(st.sampled_from(sorted(POINTS["gain"].dropna().unique()))),
    st.sets(st.sampled_from(sorted(set(WHOLE) - {"points"})), max_size=6),
)
def test_whatever_a_study_lacks(tmp_path, cells, gains, without):
    assert all(isinstance(record["shown"], bool) for record in made(cut(cells, gains, without), tmp_path))
