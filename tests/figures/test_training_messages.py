"""The messages of training's figures: titles turn with the tables, parts are found by what they are, not by name."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.figures import frames
from tests.trained import frames as raw
from tests.trained import summaries
from whylstm import figures, wording
from whylstm.figures import _literature, _training, style
from whylstm.figures import fig06_hop_spectrum as fig06
from whylstm.figures import fig14_success_against_length as fig14
from whylstm.figures import fig15_updates_to_solve as fig15
from whylstm.figures import fig16_training_in_time as fig16
from whylstm.figures import fig20_prediction as fig20
from whylstm.statistics import _roles

TABLES = summaries.tables()
SURE, WIDE = 0.01, 9.0
FAR = "outcome == 'solved' and length == 80 and metric == 'error'"
KINDS = "experiment == 'kinds' and outcome == 'solved' and quantity == 'carry_share'"
INTERVALS = {  # table, which of its rows, a median for the statement and one against it
    "fig18_truncated_gradient": ("training_course", "quantity == 'cosine'", 0.9, 0.3),
    "fig19_length_extrapolation": ("extrapolation_summary", FAR, 0.05, 0.7),
    "fig24_carry_after_training": ("training_change", KINDS, 1.0, -1.0),
}


def words(name, verdict="holds", **changed):
    return figures.load(name).words({**TABLES, **changed}, frames.claims(verdict))


def bent(table, query, *ends):
    """The table with medians and intervals from ends, in turn, over the sorted rows that a query chooses."""
    frame = TABLES[table].copy()
    rows = frame.query(query).sort_values([*_training.SETTING, "outcome"]).index
    for column, values in zip(("low", "median", "high"), zip(*ends, strict=True), strict=True):
        frame.loc[rows, column] = np.resize(np.array(values), len(rows))
    return {table: frame}


def around(middle, half=SURE):
    return middle - half, middle, middle + half


def test_every_figure_of_training_is_tested_here_or_takes_its_verdict_from_a_claim():
    ours = {name for name in figures.names() if "trials" in figures.load(name).tables}
    own = {"fig06_hop_spectrum", "fig15_updates_to_solve", "fig16_training_in_time", "fig20_prediction"}
    assert ours == {*INTERVALS, *own, "fig14_success_against_length", "fig25_other_tasks"}


@pytest.mark.parametrize("verdict", wording.VERDICTS)
@pytest.mark.parametrize("name", INTERVALS)
def test_titles_turn_with_the_tables(name, verdict):
    table, query, good, bad = INTERVALS[name]
    ends = {
        "holds": [around(good)],
        "refuted": [around(bad)],
        "undecided": [around((good + bad) / 2, WIDE)],
        "holds under conditions": [around(good), around(bad), around(bad)],
    }
    found = words(name, **bent(table, query, *ends[verdict]))
    assert found["verdict"] == verdict
    assert found["title"].startswith(figures.load(name).titles[verdict].split("{")[0])


@pytest.mark.parametrize("verdict", wording.VERDICTS)
def test_success_takes_its_title_from_the_claim(verdict):
    assert words("fig14_success_against_length", verdict)["verdict"] == verdict
    assert figures.load("fig14_success_against_length").words(TABLES, {})["verdict"] == "undecided"


# ------------------------------------------------------------------------------------------------ who plays which part


def test_experiments_are_known_by_what_they_hold():
    rows = _training.joined(TABLES, "success")
    assert _roles.clipped_experiment(rows) == "ladder"
    assert _roles.cells_experiment(rows, ["ladder"]) == "kinds"
    assert _roles.cut_experiment(TABLES) == "short_cut"


def test_arms_are_told_apart_in_words():
    rows = _training.joined(TABLES, "success")
    told = _training.words(rows[rows["experiment"] == "kinds"])
    assert told == {
        "low": "LSTM, bias 0", "high": "LSTM, bias 4", "spread": "LSTM, chrono", "update": "GRU",
        "plain": "tanh RNN", "whole": "orthogonal RNN", "looking": "attention",
    }  # fmt: skip
    assert list(_training.words(rows[rows["experiment"] == "ladder"]).values()) == ["plain", "clipped", "clipped, Ω"]
    cut = _training.words(rows[rows["experiment"] == "short_cut"])
    assert cut == {"none": "full gradient", "half": "cut at 25%", "every": "truncated"}


def test_arms_that_differ_in_nothing_that_is_known_keep_their_names():
    trials = TABLES["trials"].query("experiment == 'kinds' and arm == 'low'")
    twice = TABLES["trials"].query("experiment == 'kinds' and arm == 'high'").assign(forget_bias=0.0)
    import pandas as pd

    rows = pd.concat([trials, twice]).rename(columns={"rate": "learning_rate"})
    assert _training.words(rows) == {"low": "low", "high": "high"}


def test_ten_arms_make_two_panels_of_five():
    import pandas as pd

    rows = pd.DataFrame({"arm": [f"a{i}" for i in range(10)]})
    assert [len(panel) for panel in _training.panels(rows)] == [5, 5]
    assert [len(panel) for panel in _training.panels(rows.head(7))] == [4, 3]


# ------------------------------------------------------------------------------------------------ single figures


def test_success_names_the_length_at_which_the_cells_lie_apart():
    title = words("fig14_success_against_length")["title"]
    # chrono has 10, 10, 7 of ten, the orthogonal network 10, 4, 0: the gap is largest at 100 steps
    assert "at 100 steps 70% of runs, against 0%" in title
    assert "p = 0.0041" in words("fig14_success_against_length")["caption"]


def test_the_literature_is_drawn_where_the_lengths_reach_it():
    far = TABLES["trials"].assign(longest=TABLES["trials"]["longest"].replace(30, 60))
    for trials, bars in ((TABLES["trials"], 0), (far, 1)):
        with style.context("test"):
            picture = figures.load("fig14_success_against_length").draw({**TABLES, "trials": trials}, frames.claims())
        assert sum(text.get_text() == "2013" for text in picture.axes[0].texts) == bars


def test_literature_is_that_of_the_articles_list():
    import yaml

    listed = yaml.safe_load(Path("workflow/report/literature.yaml").read_text("utf-8"))
    low, high = _literature.TRAINED
    assert listed["pascanu2013.lengths"]["text"] == f"{low} to {high}"
    assert listed["hochreiter1997.adding_sequences"]["text"] == f"{_literature.SEQUENCES['adding'][1000]:,}"


def test_arms_go_on_where_another_experiment_trained_the_same():
    rows = fig14.rates(TABLES, "kinds")
    assert rows.loc[rows["longest"] == 200, ["experiment", "arm", "rate"]].to_numpy().tolist() == [
        ["kinds", "high", 0.4], ["kinds", "looking", 0.4],
    ]  # fmt: skip
    assert set(fig14.rates(TABLES, "further")["longest"]) == {20, 50, 100, 200}
    assert set(fig14.rates(TABLES, "ladder")["longest"]) == {10, 30}


def test_every_run_that_was_not_solved_stands_above_the_budget():
    runs = fig15.ended(TABLES, fig15.medians(TABLES, "ladder")).query("longest == 30 and arm == 'bare'")
    lost = runs[runs["end"] != "solved"]
    assert sorted(lost["above"]) == list(range(8))
    assert (lost["limit"] == raw.BUDGET * 20).all()
    assert "(triangles, 78 of 250)" in words("fig15_updates_to_solve")["caption"]


@pytest.mark.parametrize(
    ("factors", "verdict"), [((1, 3, 9), "holds"), ((9, 3, 1), "refuted"), ((1, 9, 1), "holds under conditions")]
)
def test_longer_takes_longer_if_intervals_part(factors, verdict):
    lengths = TABLES["trials"].set_index("trial")["longest"]
    factor = {20: factors[0], 50: factors[1], 100: factors[2], 200: factors[2]}
    place = TABLES["success"]["trial"].map(lengths).map(factor)
    place = place.fillna(1)
    ends = dict.fromkeys(fig15.MEDIAN, 100.0 * place)
    assert words("fig15_updates_to_solve", success=TABLES["success"].assign(**ends))["verdict"] == verdict


def test_solved_and_failed_runs_are_those_of_one_lstm_arm():
    trial = fig16.chosen(TABLES)
    assert (trial["cell"], trial["solved"]) == ("lstm", 5)


@pytest.mark.parametrize("verdict", wording.VERDICTS)
def test_solved_and_failed_runs_end_apart_or_alike(verdict):
    frame = TABLES["training_course"].copy()
    frame["median"], frame["low"], frame["high"] = around(frame["outcome"].map({"solved": 1.0}).fillna(2.0))
    kinds = {
        "holds": (),
        "refuted": tuple(fig16.QUANTITIES),
        "holds under conditions": ("gate",),
        "undecided": (),
    }
    for quantity in kinds[verdict]:
        frame.loc[frame["quantity"] == quantity, ["low", "median", "high"]] = around(1.0)
    if verdict == "undecided":  # intervals touch, but neither median lies in the other's
        frame["low"], frame["high"] = frame["median"] - 0.6, frame["median"] + 0.6
    assert words("fig16_training_in_time", training_course=frame)["verdict"] == verdict


ENDS = {  # intervals of the norm's correlation between arms, and between the seeds of one arm
    "holds": [(0.4, 0.9), (0.1, 0.6)],
    "holds under conditions": [(0.4, 0.9), (-0.2, 0.3)],
    "refuted": [(-0.2, 0.4), (-0.2, 0.3)],
    "undecided": [(-0.2, 0.9), (-0.2, 0.3)],
}


@pytest.mark.parametrize("verdict", ENDS)
def test_prediction_is_judged_between_arms_and_between_seeds(verdict):
    frame = TABLES["prediction"].copy()
    for scope, (low, high) in zip(("between", "within"), ENDS[verdict], strict=True):
        frame.loc[frame["scope"] == scope, ["low", "correlation", "high"]] = low, (low + high) / 2, high
    found = words("fig20_prediction", prediction=frame)
    assert found["verdict"] == verdict
    assert found["title"].startswith(figures.load("fig20_prediction").titles[verdict].split("{")[0])


def test_prediction_is_asked_of_many_cells_and_of_many_starts():
    first, second = fig20.chosen(TABLES)
    assert (first["experiment"].iloc[0], first["cell"].iloc[0]) == ("kinds", "all")
    assert (second["experiment"].iloc[0], second["cell"].iloc[0]) == ("starts", "lstm")


def test_hops_are_shown_of_the_arm_nearest_to_bias_one_at_its_longest_length():
    assert set(fig06.trained(TABLES)["trial"]) == {"further-best-t200"}  # no run of bias 0 is there
    told = figures.load("fig06_hop_spectrum").words({**frames.tables(**frames.SMOKE), **TABLES}, {})
    assert "length 200, 4 solved runs" in told["caption"]


def test_numbers_that_are_held_as_logarithms_are_written_as_they_are_short():
    assert [_training.ratio(value) for value in (0.0, -1.5, 2.5, 4.0, -math.inf)] == ["1", "0.03", "320", "10⁴", "0"]
