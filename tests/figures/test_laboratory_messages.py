"""The messages of the laboratory's figures: titles turn with the numbers, and facts are what the tables say."""

import math

import numpy as np
import pytest

from tests.laboratory import frames, summaries
from whylstm import figures, statistics, wording
from whylstm.figures import _laboratory, base, style
from whylstm.figures import fig01_products_and_counterexamples as fig01
from whylstm.figures import fig11_mean_field as fig11
from whylstm.figures import fig13_cliff_and_bifurcation as fig13

TABLES = summaries.tables()
OURS = [name for name in figures.names() if set(figures.load(name).tables) <= set(TABLES) and figures.load(name).tables]
INTERVALS = {  # table and which of its rows, ends of the interval, a value for the statement and one against it
    "fig09_parameter_gradient_by_lag": ("parameter_reach", "part == 0.5", ("lag_low", "lag_high"), 30.0, 1.0),
    "fig10_singular_spectra": ("effective_rank", "lag == 40", ("rank_low", "rank_high"), 8.0, 1.0),
    "fig11_mean_field": ("theory_gap", "signs == 'own'", ("difference_low", "difference_high"), 0.0, 0.5),
    "fig12_forget_bias_half_lives": (
        "half_life_summary", "law == 'constant' and input_scale == 1", ("half_life_low", "half_life_high"), 1e4, 1e-4,
    ),
    "fig21_attention_against_recurrence": (
        "attention_reach", "kind != 'attention' and lag == 40", ("change_low", "change_high"), 0.0, -9.0,
    ),
    "fig23_interventions": (
        "intervention_effect", "cell == 'lstm' and lag == 40 and intervention == 'cut_recurrence'", ("low", "high"),
        -5.0, 5.0,
    ),
}  # fmt: skip
EXACT = {"fig01_products_and_counterexamples", "fig08_chaotic_two_unit_lstm", "fig13_cliff_and_bifurcation"}


def words(name, **changed):
    return figures.load(name).words({**TABLES, **changed}, {})


def bent(table, query, ends, values):
    frame = TABLES[table].copy()
    rows = frame.query(query).index
    for end, pair in zip(ends, zip(*values, strict=True), strict=True):
        frame.loc[rows, end] = np.resize(np.array(pair), len(rows))
    return {table: frame}


def test_every_figure_of_the_laboratory_is_tested_here():
    assert {*INTERVALS, *EXACT, "fig17_curse_of_memory"} == set(OURS)


@pytest.mark.parametrize("name", INTERVALS)
@pytest.mark.parametrize("verdict", wording.VERDICTS)
def test_titles_turn_with_the_tables(name, verdict):
    table, query, ends, good, bad = INTERVALS[name]
    wide = (min(good, bad), max(good, bad))
    values = {
        "holds": [(good, good)],
        "refuted": [(bad, bad)],
        "undecided": [wide],
        "holds under conditions": [(good, good), (bad, bad), wide],
    }
    found = words(name, **bent(table, query, ends, values[verdict]))
    assert found["verdict"] == verdict
    assert found["title"].startswith(figures.load(name).titles[verdict].split("{")[0])


@pytest.mark.parametrize("name", INTERVALS)
def test_what_is_estimated_over_networks_states_their_number(name):
    assert "4 replicates" in words(name)["caption"]


@pytest.mark.parametrize("name", OURS)
def test_what_is_exact_says_so_and_what_is_not_does_not(name):
    assert ("nothing drawn at random" in words(name)["caption"] or "exact" in words(name)["caption"]) == (name in EXACT)


@pytest.mark.parametrize("name", [name for name in OURS if name not in EXACT and "curse" not in name])
def test_one_cell_at_one_bias_is_drawn(name):
    """A study may ask its experiments for little: one cell, one bias, one gain, one replicate."""
    raw = frames.tables(replicates=1, lags=10)
    for table, frame in raw.items():
        kept = frame
        for column, value in {"cell": "lstm", "forget_bias": 4.0, "gain": 1.5}.items():
            if column in kept and not (table == "attention" and column == "forget_bias"):
                kept = kept[kept[column] == value]
        raw[table] = kept
    raw["attention"] = raw["attention"].query("kind in ('attention', 'lstm') and not forget_bias == 0")
    made = {name: statistics.load(name) for name in statistics.names()}
    tables = raw | {key: one.of_tables(raw) for key, one in made.items() if one.tables and set(one.tables) <= set(raw)}
    assert base.render(figures.load(name), tables, {}, ["png"])["png"]


def test_a_product_is_judged_by_what_its_factors_suggest():
    cases = TABLES["counterexamples"].copy()
    assert words("fig01_products_and_counterexamples")["verdict"] == "holds under conditions"
    cases["suggests"] = "stays"
    assert words("fig01_products_and_counterexamples", counterexamples=cases)["title"].endswith("suggest")
    does = fig01.outcomes(TABLES).set_index("case")["does"]
    assert does["nilpotent"] == does["above_one_in_norm"] == "vanishes"
    assert does["rotation"] == does["below_one_not_uniformly"] == "stays"
    for verdict, case in {"holds": "uniformly_below_one", "refuted": "nilpotent"}.items():
        one = TABLES["counterexamples"][TABLES["counterexamples"]["case"] == case]
        assert words("fig01_products_and_counterexamples", counterexamples=one)["verdict"] == verdict


def test_a_product_that_is_exactly_zero_is_drawn_at_the_bottom():
    with style.context("test"):
        picture = figures.load("fig01_products_and_counterexamples").draw(TABLES, {})
    lowest = min(line.get_ydata().min() for line in picture.axes[1].lines)
    nilpotent = picture.axes[1].lines[list(fig01.MATRICES).index("nilpotent")]
    assert nilpotent.get_ydata()[-1] == lowest
    assert np.isfinite(lowest)


@pytest.mark.parametrize(("first", "verdict"), [(0.18, "refuted"), (-0.2, "holds"), (0.001, "undecided")])
def test_the_two_unit_lstm_explodes_where_its_exponent_is_surely_positive(first, verdict):
    found = words("fig08_chaotic_two_unit_lstm", two_unit_exponents=frames.two_unit_exponents(first))
    assert found["verdict"] == verdict


def test_the_two_unit_lstm_is_described_by_its_own_numbers():
    found = words("fig08_chaotic_two_unit_lstm")
    assert "±0.4" in found["title"]  # the circle on which the test's motion runs
    assert "10⁻³⁶" in found["title"]  # -0.3 decades a step, 120 steps
    assert "10¹⁰" in found["title"]  # 0.08 decades a step
    assert "a tenth away after 113 steps" in found["caption"]  # -10 + 0.08 t > -1 first at t = 113


def test_a_twin_that_has_not_parted_is_drawn_all_the_same():
    steps = TABLES["two_unit_lstm"].assign(log10_distance=-9.0)
    with style.context("test"):
        picture = figures.load("fig08_chaotic_two_unit_lstm").draw({**TABLES, "two_unit_lstm": steps}, {})
    assert len(picture.axes[0].lines) == 2
    assert "not within 120 steps" in words("fig08_chaotic_two_unit_lstm", two_unit_lstm=steps)["caption"]


def test_the_parameter_gradient_names_its_nearest_and_farthest_setting():
    title = words("fig09_parameter_gradient_by_lag")["title"]
    assert "the last step in the" in title
    reach = TABLES["parameter_reach"].query("cell == 'lstm' and forget_bias == 4 and part == 0.5")["lag"].item()
    assert f"the last {math.ceil(reach) + 1} steps" in title


def test_lines_of_signal_end_where_chance_would_do():
    alt = words("fig09_parameter_gradient_by_lag")["alt"]
    assert "tanh RNN: 8." in alt and "LSTM, bias 4: 32;" in alt  # of a signal that is 0 at lag 8 and 32


def test_theory_counts_as_right_within_two_decades_in_a_hundred_steps():
    rows = TABLES["theory_gap"].assign(difference_low=-0.99 * fig11.CLOSE, difference_high=0.99 * fig11.CLOSE)
    assert fig11.close(rows).all()
    assert pytest.approx(math.log(100) / 100) == fig11.CLOSE
    assert fig11.above(rows.assign(difference_low=0.05)).all()
    assert fig11.below(rows.assign(difference_high=-0.05)).all()


def test_half_lives_are_those_of_the_driven_network_beside_its_promise():
    title = words("fig12_forget_bias_half_lives")["title"]
    promised = math.log(2) / math.log1p(math.exp(-4))
    assert f"not {promised:.0f};" in title
    assert f"after {promised / 1.5 / 1.005:.0f} steps" in title  # the test's inputs cost half as much again


@pytest.mark.parametrize(("slope", "verdict"), [(1.2, "holds"), (0.9, "refuted")])
def test_a_cliff_needs_an_unstable_border(slope, verdict):
    assert words("fig13_cliff_and_bifurcation", cliff=TABLES["cliff"].assign(slope=slope))["verdict"] == verdict


def test_a_cliff_elsewhere_is_not_the_one_that_was_foretold():
    moved = TABLES["cliff"].assign(border=TABLES["cliff"]["border"] + 0.3)
    assert words("fig13_cliff_and_bifurcation", cliff=moved)["verdict"] == "refuted"


def test_the_start_in_the_picture_is_that_of_the_experiment():
    from whylstm.laboratory import cliff, error_surface

    assert fig13.START == cliff.START == error_surface.START
    assert (cliff.STEPS, cliff.TARGET) == (error_surface.STEPS, error_surface.TARGET)


def test_branches_are_parted_where_two_fixed_points_share_a_bias():
    table = TABLES["bifurcation"]
    upper, lower = fig13.arms(table[table["stable"]].sort_values("bias"))
    assert upper["fixed_point"].min() > lower["fixed_point"].max()
    assert len(fig13.arms(table[~table["stable"]].sort_values("bias"))) == 1


@pytest.mark.parametrize(("memories", "verdict"), [((1.0, 10.0, 100.0), "holds"), ((100.0, 10.0, 1.0), "refuted")])
def test_the_curse_is_judged_from_one_memory_to_the_next(memories, verdict):
    rows = TABLES["curse_of_memory"].query("memory in (1, 10, 100)").copy()
    rows["memory"] = rows["memory"].map(dict(zip((1.0, 10.0, 100.0), memories, strict=True)))
    assert words("fig17_curse_of_memory", curse_of_memory=rows)["verdict"] == verdict


def test_attention_is_said_to_hold_on_only_where_it_does():
    weak = TABLES["attention_reach"].copy()
    weak.loc[weak["kind"] == "attention", ["change", "change_low", "change_high"]] = -3.0
    assert "reaches back 40 steps as well as one" in words("fig21_attention_against_recurrence")["title"]
    assert "has 10⁻³ of its hold left" in words("fig21_attention_against_recurrence", attention_reach=weak)["title"]


def test_interventions_tell_the_two_forget_biases_apart():
    title = words("fig23_interventions")["title"]
    # 4 decades at bias 0; 1 - 0.2 · 4 of it at bias 4; and the median replicate adds 1.5%
    assert "4.1 decades at forget bias 0" in title
    assert "0.8 decades at bias 4" in title


def test_settings_are_in_one_order_and_missing_biases_are_a_setting():
    found = _laboratory.settings(TABLES["parameter_share"])
    assert [_laboratory.words(setting) for setting in found] == [
        "LSTM, bias 0", "LSTM, bias 4", "GRU, bias 0", "GRU, bias 4", "tanh RNN",
    ]  # fmt: skip
    rows = _laboratory.rows_of(TABLES["parameter_share"], "parameter_share", ("tanh", math.nan), lag=3)
    assert len(rows) == 1
    with pytest.raises(base.StudyError, match=r"'parameter_share' has no rows with lag 9999"):
        _laboratory.rows_of(TABLES["parameter_share"], "parameter_share", ("tanh", math.nan), lag=9999)
    with pytest.raises(base.StudyError, match=r"no rows of the lstm"):
        _laboratory.some([], "effective_rank", "the lstm")


def test_the_layout_is_the_same_every_time():
    """The solver's own positions differ in the last bit from one drawing to the next."""
    found = set()
    for _ in range(4):
        with style.context("test"):
            picture = figures.load("fig11_mean_field").draw(TABLES, {})
        found.add(tuple(tuple(axes.get_position().bounds) for axes in picture.axes))
    assert len(found) == 1
    # rounded ends; a width is the difference of two, which adds a rounding in float64
    assert all(abs(round(number, 9) - number) < 1e-12 for axes in found.pop() for number in axes)
