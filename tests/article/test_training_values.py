"""The numbers of the text that come from training are those of its tables, which are in closed form."""

import math

import pytest

from tests.article import sections
from tests.trained import frames, summaries
from whylstm import statistics

TABLES = summaries.tables()
SECTIONS = ("training", "learned")


def made(section, **changed):
    return sections.made(section, {**TABLES, **changed})


@pytest.fixture(scope="module")
def built():
    return sections.built(SECTIONS, TABLES)


def test_runs_are_counted_by_their_end(built):
    trials = frames.design()
    solved = sum(trial.solved for trial in trials)
    assert built["training.networks"].value == 10 * len(trials)
    assert built["training.solved"].value == solved
    assert built["training.diverged"].value == 1
    assert built["training.censored"].value == 10 * len(trials) - solved - 1


def test_a_trial_of_two_experiments_is_counted_once():
    import pandas as pd

    names = ("trials", "success")
    again = {
        name: pd.concat([TABLES[name], TABLES[name].query("experiment == 'far'").assign(experiment="again")])
        for name in names
    }
    assert made("training", **again)["training.networks"].value == 10 * len(frames.design())


def test_rates_stand_where_the_kinds_lie_apart(built):
    assert built["training.apart"].value == built["training.longest"].value == 100
    assert (built["training.lstm"].text, built["training.simple"].text) == ("70%", "0%")
    assert built["training.lstm"].n == 10
    assert built["training.lstm"].low < 0.7 < built["training.lstm"].high


def test_the_best_are_told_where_they_were_pushed_further(built):
    assert (built["training.end"].value, built["training.lstm_end"].text) == (200, "40%")


def test_the_order_of_clipping_is_told_with_its_p(built):
    shares = [built[f"training.{key}"].value for key in ("plain", "clipped", "regularised")]
    assert shares == [0.6, 0.7, 0.85]
    assert built["training.trend_p"].value == TABLES["arm_trend"].query("ranked == 'lengths'")["p"].item()


def test_the_quickest_arm_is_told_in_sequences(built):
    assert built["training.quickest"].value == 500 * 20  # the fifth of ten runs, 100 updates apart, 20 sequences each
    assert (built["training.half"].value, built["training.arms"].value) == (4, 7)


def test_changes_are_counted_by_whole_intervals(built):
    assert built["learned.arms"].value == 4
    for key in ("share", "gate", "norm"):
        assert built[f"learned.{key}_grows"].value + built[f"learned.{key}_falls"].value <= 4
    table = TABLES["training_change"].copy()
    moved = (table["quantity"] == "carry_share") & table["arm"].isin(["low", "high", "spread", "update"])
    table.loc[moved, ["low", "median", "high"]] = -2.0, -1.0, -0.5
    found = made("learned", training_change=table)
    assert (found["learned.share_grows"].value, found["learned.share_falls"].value) == (0, 4)


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.1, 0.9, "the sooner"), (-0.9, -0.1, "the later"), (-0.1, 0.9, "open")]
)
def test_a_correlation_says_what_its_interval_holds(low, high, said):
    found = made("learned", prediction=TABLES["prediction"].assign(low=low, correlation=0.3, high=high))
    assert said in found["learned.between_says"].text
    assert found["learned.between"].text == "0.30"


def test_the_truncated_gradient_is_told_at_both_ends(built):
    assert built["learned.cosine_first"].value == pytest.approx(0.9)
    assert built["learned.cosine_last"].value == pytest.approx(0.4)
    assert built["learned.full"].text == built["learned.truncated"].text == "75%"  # 8 and 7 of 10, at two lengths
    assert (built["learned.cut_p"].value, built["learned.cut_lengths"].text) == (1.0, "20 and 50")


def test_far_lengths_are_held_against_guessing(built):
    assert [built[f"learned.far_{key}"].value for key in ("kinds", "kept", "lost")] == [2, 1, 1]
    assert (built["learned.far"].value, built["learned.far_trained"].value) == (80, 20)


def test_a_study_that_trained_nothing_has_none_of_them():
    empty = {name: frame.iloc[:0] for name, frame in TABLES.items()}
    assert [key for section in SECTIONS for key in made(section, **empty)] == []


def test_one_arm_alone_is_counted_and_compared_with_nothing():
    one = {name: frame[frame["arm"] == "low"] if "arm" in frame else frame for name, frame in TABLES.items()}
    found = {key for section in SECTIONS for key in made(section, **one)}
    assert "training.networks" in found
    assert not {"training.lstm", "training.trend_p", "learned.far"} & found
    assert not any(math.isnan(value.value or 0) for value in made("training", **one).values())


def test_what_hangs_on_the_rate_is_told_of_the_lstm_of_the_smallest_bias():
    tried = [(0.001, 9), (0.01, 3), (0.1, 0)]
    memory = [frames.Made("tries", f"m{i}", 50, n, frames.LSTM | {"rate": rate}) for i, (rate, n) in enumerate(tried)]
    simple = [frames.Made("tries", f"s{i}", 50, 2 - i, {"rate": rate}) for i, (rate, _) in enumerate(tried)]
    raw = frames.tables_of(memory + simple, 10)
    tables = raw | {"success": statistics.load("success").of_tables(raw)}
    found = sections.made("tuning", tables)
    assert (found["tuning.best"].text, found["tuning.worst"].text, found["tuning.simple"].text) == ("90%", "0%", "20%")
    assert (found["tuning.best_rate"].value, found["tuning.worst_rate"].value) == (0.001, 0.1)
    assert found["tuning.tried"].value == 3


def test_other_tasks_are_those_of_one_length():
    found = made("tuning")
    assert found["tuning.tasks"].value == 1  # parity: temporal order and adding are asked at several lengths
    assert (found["tuning.more"].value, found["tuning.less"].value, found["tuning.neither"].value) == (1, 0, 0)
