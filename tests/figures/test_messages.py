"""Each figure's own message: what it shows is what the tables say, and its title turns with the verdict."""

import itertools

import numpy as np
import pytest

from tests.figures import frames
from whylstm import figures, selection, wording
from whylstm.figures import _choose, _maps, base, fig03_paths_and_product, style

TABLES = frames.tables(**frames.SMOKE)
CLAIMED = {"fig04_detour_against_carousel": "C8"}
INTERVALS = {  # where a figure's own verdict comes from: table, ends of the interval, a value for and one against
    "fig03_paths_and_product": ("article_gap", ("low", "high"), -12.0, -0.1),
    "fig05_carry_share_map": ("carry_share", ("low", "high"), -0.1, -2.0),
    "fig06_hop_spectrum": ("hop_spectrum", ("share_low", "share_high"), 0.9, 0.1),
    "fig07_phase_diagram": ("reach", ("exponent_low", "exponent_high"), -0.3, 0.3),
}


def bent(table, ends, values):
    """The tables, with the ends of the intervals of one table taken from values, in turn."""
    frame = TABLES[table].copy()
    for end, pair in zip(ends, zip(*values, strict=True), strict=True):
        frame[end] = np.resize(np.array(pair), len(frame))
    return TABLES | {table: frame}


@pytest.mark.parametrize(("name", "verdict"), list(itertools.product(CLAIMED, wording.VERDICTS)))
def test_titles_turn_with_the_claim(name, verdict):
    claims = frames.claims("refuted") | {CLAIMED[name]: {"id": CLAIMED[name], "verdict": verdict}}
    words = figures.load(name).words(TABLES, claims)
    assert words["verdict"] == verdict
    assert words["title"].startswith(figures.load(name).titles[verdict].split("{")[0])


@pytest.mark.parametrize("name", CLAIMED)
def test_a_title_is_undecided_in_a_study_that_does_not_judge_its_claim(name):
    assert CLAIMED[name] in frames.claims()
    assert figures.load(name).words(TABLES, {})["verdict"] == "undecided"


@pytest.mark.parametrize(("name", "verdict"), list(itertools.product(INTERVALS, wording.VERDICTS)))
def test_titles_turn_with_the_tables(name, verdict):
    table, ends, good, bad = INTERVALS[name]
    wide = (min(good, bad), max(good, bad))
    values = {
        "holds": [(good, good)],
        "refuted": [(bad, bad)],
        "undecided": [wide],
        "holds under conditions": [(good, good), (bad, bad), (good, good), (bad, bad), (bad, bad), (good, good), wide],
    }
    words = figures.load(name).words(bent(table, ends, values[verdict]), frames.claims())
    assert words["verdict"] == verdict
    assert words["title"].startswith(figures.load(name).titles[verdict].split("{")[0])


ENDS = {  # the LSTM's interval at the smaller and at the larger gain, while the tanh RNN's norm ends at 10^-20
    "holds": [(-9, -8), (8, 9)],
    "holds under conditions": [(-9, -8), (29, 30)],
    "refuted": [(-30, -29), (29, 30)],
    "undecided": [(-9, -8), (-30, 9)],
}


@pytest.mark.parametrize("verdict", wording.VERDICTS)
def test_cells_are_compared_by_how_far_their_norms_end_from_one(verdict):
    profile = TABLES["lag_profile"].copy()
    profile[["median", "low", "high"]] = -20.0
    for gain, (low, high) in zip((1.5, 8.0), ENDS[verdict], strict=True):
        point = _choose.point(TABLES["points"], "lstm", gain)["point"]
        profile.loc[profile["point"] == point, ["median", "low", "high"]] = (low + high) / 2, low, high
    words = figures.load("fig02_log_norm_against_lag").words(TABLES | {"lag_profile": profile}, {})
    assert words["verdict"] == verdict
    assert "10⁻²⁰ at gain 8" in words["title"]


@pytest.mark.parametrize("verdict", wording.VERDICTS)
def test_the_title_of_the_claims_counts_them(verdict):
    claims = frames.claims(verdict, 3)
    if verdict == "holds under conditions":
        claims = frames.claims("holds", 2) | {"C3": frames.claims("refuted")["C3"]}
    words = figures.load("fig22_claims").words({}, claims)
    assert words["verdict"] in (verdict, "undecided")
    assert "3 statements" in words["title"]


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [((3, 0, 3), "holds"), ((0, 3, 3), "refuted"), ((1, 1, 3), "holds under conditions"), ((1, 0, 3), "undecided")],
)
def test_a_statement_over_settings_is_judged(counts, verdict):
    assert base.judge(*counts) == verdict


@pytest.mark.parametrize("lag", range(1, 9))
def test_paths_are_counted_as_they_are(lag):
    """Walk the (h, C) graph: h to the next h or C, C to the next C, and from C down to the h of its step."""

    def walk(steps, part, returned):
        if steps == 0:
            return [returned] if part == "h" else []
        found = walk(steps - 1, "h", returned) if part == "h" else []  # output gate
        found += walk(steps - 1, "h", returned)  # into C and down to h at the same step
        return found + walk(steps - 1, "C", False)  # into C, and stay there

    paths = walk(lag, "h", True)
    assert len(paths) == fig03_paths_and_product.every(lag)
    assert sum(paths) == fig03_paths_and_product.kept(lag)


@pytest.mark.parametrize("figure", ["fig05_carry_share_map", "fig07_phase_diagram"])
def test_a_map_writes_the_number_of_its_own_setting(figure):
    table, column = {"fig05_carry_share_map": ("carry_share", "median"), "fig07_phase_diagram": ("reach", "exponent")}[
        figure
    ]
    marked = TABLES[table].copy()
    chosen = _choose.point(TABLES["points"], "lstm", gain=8.0, bias=4.0)["point"]
    hit = marked["point"] == chosen
    ends = [column, "low", "high"] if table == "carry_share" else [column, "exponent_low", "exponent_high"]
    marked.loc[hit, ends] = np.log10(0.77) if table == "carry_share" else 0.77
    with style.context(figure):
        picture = figures.load(figure).draw(TABLES | {table: marked}, frames.claims())
    words = {text.get_position(): text.get_text() for text in picture.axes[0].texts if text.get_gid() is None}
    # three gains across and two biases down, the largest bias on top: gain 8 and bias 4 are the upper right cell
    assert words[2.5, 0.5] in ("77%", "+.77")
    assert sum(text in ("77%", "+.77") for text in words.values()) == 1


def test_the_line_of_the_phase_diagram_parts_the_signs():
    rows = _maps.over_grid(TABLES["reach"], TABLES["points"], "lstm")
    square = _maps.square(rows, "exponent")
    for x, y in _maps.edges(square):
        if x[0] == x[1]:
            sides = square.iloc[y[0], x[0] - 1], square.iloc[y[0], x[0]]
        else:
            sides = square.iloc[y[0] - 1, x[0]], square.iloc[y[0], x[0]]
        assert (sides[0] < 0) != (sides[1] < 0)
    flips = sum(int(np.abs(np.diff((square < 0).to_numpy().astype(int), axis=axis)).sum()) for axis in (0, 1))
    assert flips == len(list(_maps.edges(square))) > 0


def test_an_open_sign_is_a_question_mark_and_a_missing_point_stays_white():
    reach = TABLES["reach"].copy()
    grid = _choose.grid(TABLES["points"], "lstm")
    reach.loc[reach["point"] == grid.iloc[0]["point"], ["exponent_low", "exponent_high"]] = -1.0, 1.0
    reach = reach[reach["point"] != grid.iloc[1]["point"]]
    reach.loc[reach["point"] == grid.iloc[2]["point"], ["exponent", "exponent_low", "exponent_high"]] = -np.inf
    with style.context("test"):
        picture = figures.load("fig07_phase_diagram").draw(TABLES | {"reach": reach}, frames.claims())
    words = [text.get_text() for text in picture.axes[0].texts if text.get_gid() is None]
    assert words.count("?") >= 1
    assert "−∞" in words
    assert len(words) == len(grid) - 1 + 2  # and the two words beside the title


def test_a_cell_whose_states_did_not_stay_finite_leaves_its_line_out():
    lost = _choose.point(TABLES["points"], "linear", gain=8.0)["point"]
    profile = TABLES["lag_profile"]
    given = TABLES | {"lag_profile": profile[profile["point"] != lost]}
    with style.context("test"):
        picture = figures.load("fig02_log_norm_against_lag").draw(given, frames.claims())
    assert [len(axes.lines) for axes in picture.axes] == [4, 3, 4]


def test_the_same_settings_are_chosen_whatever_else_the_grid_holds():
    more = frames.grid_points(*(frames.DEFAULT[key] for key in ("gains", "biases", "hidden", "lags")))
    point = _choose.point(more, "lstm")
    assert (point["gain"], point["forget_bias"], point["hidden"], point["task"]) == (1.0, 1.0, 64, "noise")
    assert _choose.point(more, "tanh", gain=3.9)["gain"] == 4.0
    assert selection.nearest_gain(more["gain"], 1e9) == 8.0
    assert selection.nearest_gain(more["gain"], 0.0) == 0.25


def test_a_single_large_network_does_not_replace_the_grid():
    points = TABLES["points"]
    lone = _choose.point(points, "lstm").to_frame().T.assign(point="lone", hidden=512).astype(points.dtypes)
    assert set(_choose.grid(base_points := _joined(points, lone), "lstm")["hidden"]) == {16}
    assert len(base_points) == len(points) + 1


def _joined(points, lone):
    import pandas as pd

    return pd.concat([points, lone], ignore_index=True)
