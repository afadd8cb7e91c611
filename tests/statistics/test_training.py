"""Statistics of training against closed forms, libraries, and the same sentence in plain pandas."""

import itertools
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import CensoredData, ecdf

from tests.trained import frames, summaries
from whylstm import records, statistics
from whylstm.records.dictionary import entry
from whylstm.statistics import _exact, _scores, _sources, _stratified, _survival, arm_trend
from whylstm.statistics._training import DEPENDENCY

RAW = frames.tables()
MADE = summaries.tables()
OURS = [name for name in statistics.names() if "trials" in statistics.load(name).tables]
# sums and logarithms of a few numbers of size 10 in float64
EXACT = {"abs": 1e-11}


def made(name, **changed):
    return _sources.shaped(statistics.load(name).of_tables({**MADE, **changed}), name)


def row(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def few(*trials):
    """The raw tables with these trials only."""
    return {name: frame[frame["trial"].isin(trials)] if "trial" in frame else frame for name, frame in RAW.items()}


# ------------------------------------------------------------------------------------------------ all of them


def test_no_runs_at_all_make_empty_tables_that_can_be_written(tmp_path):
    empty = {name: frame.iloc[:0] for name, frame in MADE.items()}
    for name in OURS:
        shaped = _sources.shaped(statistics.load(name).of_tables(empty), name)
        assert list(shaped.columns) == list(entry(name).columns)
        records.write_table(tmp_path / f"{name}.parquet", shaped, name)


def test_runs_without_probes_or_scores_elsewhere_leave_the_other_tables_as_they_are():
    bare = {
        name: frame.iloc[:0] if name in ("probes", "probe_lags", "extrapolation") else frame
        for name, frame in RAW.items()
    }
    found = summaries.complete(bare)
    pd.testing.assert_frame_equal(found["success"], MADE["success"])
    for name in ("run_states", "training_course", "training_change", "trained_hops", "prediction"):
        assert found[name].empty, name


def test_replicates_that_the_study_does_not_ask_for_are_left_out():
    asked = RAW["trials"].assign(replicates=3)
    assert set(made("success", trials=asked)["n"]) == {3}
    assert made("training_change", trials=asked)["n"].max() == 3


def test_a_trial_that_stands_under_two_names_has_rows_under_both():
    again = RAW["trials"].query("experiment == 'far'").assign(experiment="again")
    found = made("success", trials=pd.concat([RAW["trials"], again]))
    assert len(found.query("experiment == 'again'")) == len(again)


# ------------------------------------------------------------------------------------------------ rates and medians


def test_rates_have_the_interval_of_wilson():
    found = row(MADE["success"], trial="kinds-high-t100")
    share, n, z = 0.6, 10, stats.norm.ppf(0.975)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    assert found["rate"] == share
    assert (found["low"], found["high"]) == (pytest.approx(middle - half), pytest.approx(middle + half))


def test_runs_that_diverge_are_counted_apart_and_never_solved():
    found = row(MADE["success"], trial="ladder-bare-t30")
    assert (found["solved"], found["censored"], found["diverged"], found["n"]) == (2, 7, 1, 10)
    assert found["updates"] == math.inf  # although one of them ended after 7 updates


def test_a_run_that_trains_on_was_solved_when_it_first_met_the_criterion():
    """Where solved networks do not stop, all end at the budget; what they met on the way counts."""
    own = RAW["trials"].query("experiment == 'far'")["trial"]
    ours = RAW["runs"]["trial"].isin(own)
    on = RAW["runs"].assign(
        end=RAW["runs"]["end"].mask(ours, "censored"), update=RAW["runs"]["update"].mask(ours, frames.BUDGET)
    )
    later = RAW["examinations"].query("trial in @own and success").assign(update=frames.BUDGET)
    both = pd.concat([RAW["examinations"], later])
    for name in ("success", "extrapolation_summary"):
        pd.testing.assert_frame_equal(made(name, runs=on, examinations=both), MADE[name])


@pytest.mark.parametrize("seed", range(5))
def test_the_median_is_that_of_kaplan_and_meier(seed):
    rng = np.random.default_rng(seed)
    update, solved = rng.integers(1, 9, 11) * 100.0, rng.random(11) < 0.8
    update[~solved] = 900.0
    left = ecdf(CensoredData(uncensored=update[solved], right=update[~solved])).sf
    below = left.quantiles[left.probabilities <= 0.5]
    assert _survival.middle(update, solved).median == (below[0] if len(below) else math.inf)


def test_the_interval_of_the_median_is_made_of_order_statistics():
    found = row(MADE["success"], trial="kinds-update-t50")  # solved after 100 ... 1000 updates
    assert (found["updates_low"], found["updates_high"]) == (200, 900)
    assert found["coverage"] == pytest.approx(1 - 2 * stats.binom.cdf(1, 10, 0.5))


def test_the_curve_ends_with_the_rate_and_rises():
    found = MADE["solving"].query("trial == 'kinds-high-t100'").sort_values("update")
    assert found["share"].to_numpy() == pytest.approx(np.arange(1, 7) / 10)
    assert found["update"].tolist() == [100, 200, 300, 400, 500, 600]
    assert ((found["low"] < found["share"]) & (found["share"] < found["high"])).all()


def test_a_curve_without_a_run_left_has_no_interval_at_its_end():
    found = MADE["solving"].query("trial == 'kinds-spread-t20'").sort_values("update")
    assert found["share"].iloc[-1] == 1
    assert found[["low", "high"]].iloc[-1].isna().all()


# ---------------------------------------------------------------------------------------------- arms on the same seeds


def test_pairs_are_counted_seed_by_seed():
    found = row(MADE["arm_pairs"], experiment="kinds", first="high", second="plain")
    # of three lengths, replicate r solves those whose count is above r: (10, 9, 6) against (10, 3, 0)
    more = [sum(r < k for k in (10, 3, 0)) - sum(r < k for k in (10, 9, 6)) for r in range(10)]
    assert (found["median"], found["lengths"], found["n"]) == (np.median(more), 3, 10)
    assert (found["first_only"], found["second_only"]) == (12, 0)
    assert (found["first_rate"], found["second_rate"]) == (pytest.approx(25 / 30), pytest.approx(13 / 30))


@pytest.mark.parametrize("seed", range(4))
def test_the_p_of_a_pair_is_that_of_all_sign_patterns(seed):
    differences = np.random.default_rng(seed).integers(-2, 4, 8).astype(float)
    expected = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False
    ).pvalue
    assert _exact.two_sided(differences.tolist()) == pytest.approx(expected, rel=1e-9)


def test_arms_of_different_tasks_or_budgets_are_no_pair():
    other = RAW["trials"].copy()
    other.loc[other["arm"] == "plain", "budget"] = 77
    pairs = made("arm_pairs", trials=other).query("experiment == 'kinds'")
    assert "plain" not in set(pairs["first"]) | set(pairs["second"])
    assert len(pairs) == len(list(itertools.combinations(range(6), 2)))


def test_a_seed_that_lacks_a_length_is_left_out():
    less = RAW["runs"].query("not (trial == 'kinds-high-t50' and replicate == 4)")
    assert row(made("arm_pairs", runs=less), experiment="kinds", first="high", second="plain")["n"] == 9


@pytest.mark.parametrize("seed", range(4))
def test_without_ties_the_trend_is_the_test_of_page(seed):
    scores = np.random.default_rng(seed).random((5, 3))
    expected = stats.page_trend_test(scores, method="exact")
    found = arm_trend.page(scores)
    assert (found["l"], found["p"]) == (expected.statistic, pytest.approx(expected.pvalue, rel=1e-9))


def test_with_ties_all_orders_of_each_seed_are_counted():
    scores = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    ranks = stats.rankdata(scores, axis=1)
    weights = np.array([1, 2, 3])
    sums = [
        np.dot(weights, one) + np.dot(weights, other)
        for one in itertools.permutations(ranks[0])
        for other in itertools.permutations(ranks[1])
    ]
    found = arm_trend.page(scores)
    assert found["p"] == pytest.approx(np.mean(np.array(sums) >= found["l"] - 1e-9))
    assert found["mean"] == pytest.approx(np.mean(sums))


def test_the_trend_is_looked_for_in_the_order_of_clipping_and_regularising():
    found = row(MADE["arm_trend"], ranked="lengths")
    assert found["order"] == "bare < cut < cut_and_held"
    assert found["p"] < 0.05 < found["p_against"]
    lower = RAW["trials"].assign(omega=RAW["trials"]["omega"].map({0.0: 2.0, 2.0: 0.0}))
    assert made("arm_trend", trials=lower).query("experiment == 'ladder'").empty  # no plain arm is left


def test_a_trend_without_differences_is_no_trend():
    met = RAW["examinations"].assign(success=True, update=100)
    assert made("arm_trend", examinations=met)["p"].to_numpy() == pytest.approx(
        np.ones(2)
    )  # chances that add up to one


# ------------------------------------------------------------------------------------------------ the gradient


def test_states_are_those_of_the_first_and_the_last_probe():
    trial = next(trial for trial in frames.design() if trial.id == "kinds-low-t50")
    for stage, update in (("start", 0), ("end", 300)):
        found = row(MADE["run_states"], trial=trial.id, replicate=2, stage=stage)
        assert found["probed"] == update
        assert found["exponent"] == pytest.approx(frames.rate(trial, 2, update), **EXACT)
        assert found["lag"] == round(DEPENDENCY * 50)
        assert found["norm"] == pytest.approx(found["exponent"] * found["lag"] / math.log(10), **EXACT)
    assert (found["end"], found["update"]) == ("solved", 300)


def test_the_share_of_the_carry_is_a_ratio_of_norms_and_zero_without_a_carry():
    found = MADE["run_states"].query("trial == 'kinds-high-t20' and stage == 'start'")
    kept = found["lag"] * math.log10(1 / (1 + math.exp(-4)))
    assert found["carry_share"].to_numpy() == pytest.approx((kept - found["norm"]).to_numpy(), **EXACT)
    assert (MADE["run_states"].query("trial == 'kinds-plain-t20'")["carry_share"] == -math.inf).all()


def test_a_norm_that_never_falls_is_a_memory_without_end():
    probes = RAW["probes"].assign(memory=math.nan)
    found = made("run_states", probes=probes)
    assert (found["memory"] == math.inf).equals(found["norm"].notna())  # attention has no norm
    nothing = RAW["probe_lags"].iloc[:0]
    assert made("run_states", probes=probes, probe_lags=nothing)["memory"].isna().all()


def test_a_run_that_is_solved_keeps_its_last_value():
    trial = next(trial for trial in frames.design() if trial.id == "kinds-low-t50")
    course = MADE["training_course"].query("trial == @trial.id and quantity == 'exponent' and outcome == 'solved'")
    assert course["update"].tolist() == [0, 1, 10, 100, 1000, frames.BUDGET]
    assert set(course["n"]) == {5}
    last = sorted(frames.rate(trial, r, 100 * (r + 1)) for r in range(5))
    assert course["median"].iloc[-1] == pytest.approx(last[2], **EXACT)
    assert course["median"].iloc[-2] == pytest.approx(last[2], **EXACT)


def test_outcomes_add_up_to_all_runs():
    course = MADE["training_course"].query("quantity == 'exponent' and update == 0")
    wide = course.pivot_table(index="trial", columns="outcome", values="n", aggfunc="first").fillna(0)
    assert (wide["solved"] + wide["failed"] == wide["all"]).all()


def test_the_learning_curve_is_taken_at_the_interval_that_holds_the_checkpoint():
    learning = RAW["learning"].assign(loss=RAW["learning"]["update"].astype(float))
    course = made("training_course", learning=learning)
    found = course.query("trial == 'kinds-plain-t100' and outcome == 'all' and quantity == 'loss'")
    assert found["median"].tolist() == [250, 250, 250, 250, 1000, 2000]
    tail = course.query("quantity == 'tail'")["median"]
    assert tail.to_numpy() == pytest.approx(1 - np.log10(1.045), abs=0.03)  # the median replicate, of two to ten


def test_changes_are_paired_by_run():
    found = row(MADE["training_change"], trial="kinds-low-t50", outcome="solved", quantity="exponent")
    assert found["median"] == pytest.approx(0.05, **EXACT)  # the same in every solved run, whatever it started from
    assert found["low"] == pytest.approx(0.05, **EXACT)
    assert found["before"] == pytest.approx(-0.15 - 0.002, **EXACT)  # replicate 2 of 0 ... 4
    assert found["n"] == 5


def test_a_memory_that_stays_without_end_does_not_change():
    states = MADE["run_states"].assign(memory=math.inf)
    found = made("training_change", run_states=states).query("quantity == 'memory'")
    assert (found[["median", "low", "high"]] == 0).all(axis=None)


def test_hops_add_up_and_cells_without_a_carry_are_left_out():
    found = MADE["trained_hops"].query("outcome == 'all' and trial == 'kinds-high-t50' and lag == 25")
    assert set(found["hop"]) == {"0", "1", "2", "3", "rest"}
    one = few("kinds-high-t50")
    one = {name: frame.query("replicate == 0") if "replicate" in frame else frame for name, frame in one.items()}
    sums = made("trained_hops", **one).groupby(["outcome", "stage", "lag"])["share"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(len(sums)), **EXACT)
    assert not {"kinds-plain-t50", "kinds-looking-t50"} & set(MADE["trained_hops"]["trial"])


def test_far_lengths_are_shown_beside_guessing():
    found = row(MADE["extrapolation_summary"], arm="one", outcome="solved", length=80, metric="error")
    assert found["median"] == pytest.approx(0.08 * (1 + 4 * frames.SHIFT), **EXACT)  # the fifth of nine
    assert (found["trivial"], found["n"]) == (0.75, 9)


# ------------------------------------------------------------------------------------------------ prediction


def rng():
    return np.random.default_rng(1)


def test_in_one_stratum_the_correlation_is_that_of_spearman():
    x, y = np.random.default_rng(3).integers(0, 5, (2, 40)).astype(float)
    y[7] = math.inf
    found = _stratified.associate(x, y, np.zeros(40), np.arange(40), rng())
    assert found.correlation == pytest.approx(stats.spearmanr(x, y).statistic, rel=1e-9)
    assert found.low < found.correlation < found.high


def test_strata_may_lie_apart():
    """Within each stratum the two rise together, while the strata's means fall."""
    stratum = np.repeat(np.arange(4), 6)
    x = np.tile(np.arange(6.0), 4) + 100 * stratum
    y = np.tile(np.arange(6.0), 4) - 100 * stratum
    found = _stratified.associate(x, y, stratum, np.tile(np.arange(6), 4), rng())
    assert found.correlation == pytest.approx(1.0)
    assert (found.n, found.strata, found.units) == (24, 4, 6)
    assert stats.spearmanr(x, y).statistic < 0


def test_a_stratum_in_which_nothing_varies_says_nothing():
    x, y = np.array([1.0, 2, 3, 1, 2, 3]), np.array([1.0, 2, 3, 7, 7, 7])
    found = _stratified.associate(x, y, np.array([0, 0, 0, 1, 1, 1]), np.arange(6), rng())
    assert (found.correlation, found.n, found.strata) == (1.0, 3, 1)
    nothing = _stratified.associate(np.ones(4), np.arange(4.0), np.zeros(4), np.arange(4), rng())
    assert nothing.n == 0
    assert math.isnan(nothing.correlation)


def test_rows_without_a_value_are_left_out_and_few_units_have_no_interval():
    x, y = np.array([1.0, math.nan, 2, 3]), np.array([1.0, 9, 2, 3])
    found = _stratified.associate(x, y, np.zeros(4), np.arange(4), rng())
    assert (found.n, found.correlation) == (3, 1.0)
    assert math.isnan(found.low)


def test_the_interval_of_independent_columns_holds_zero():
    """Of 60 samples of 30 rows, about 57 should; 95% intervals that hold fewer than 50 would be far too narrow."""
    held = 0
    for seed in range(60):
        x, y = np.random.default_rng(seed).random((2, 30))
        found = _stratified.associate(x, y, np.zeros(30), np.arange(30), np.random.default_rng(seed))
        held += found.low <= 0 <= found.high
    assert held >= 50


def test_arms_are_told_apart_where_seeds_are_not():
    found = MADE["prediction"].query("experiment == 'starts' and cell == 'all' and outcome == 'solved'")
    between = row(found, scope="between", predictor="exponent")
    assert between["correlation"] == pytest.approx(1.0)  # λ₁ was made to rise with the number of solved runs
    assert (between["n"], between["strata"], between["resampled"]) == (9, 1, "arm")
    within = row(found, scope="within", predictor="exponent")
    assert within["correlation"] > 0.5  # ... and to fall with the replicate, and low replicates are solved
    assert within["resampled"] == "replicate"
    assert row(found, scope="all", predictor="exponent")["n"] == 90


def test_a_cell_with_three_arms_is_looked_at_by_itself():
    found = MADE["prediction"]
    assert set(found.query("experiment == 'kinds'")["cell"]) == {"all", "lstm"}
    assert set(found.query("experiment == 'ladder'")["cell"]) == {"all", "tanh"}
    assert set(found.query("experiment == 'far'")["cell"]) == {"all"}


def test_what_is_better_is_larger():
    found = row(
        MADE["prediction"].query("cell == 'all'"),
        experiment="starts",
        scope="between",
        predictor="edge",
        outcome="sooner",
    )
    assert found["correlation"] > 0  # all exponents are negative: a larger one is nearer to zero


def test_equal_tables_give_equal_intervals():
    shuffled = {name: frame.sample(frac=1, random_state=2) for name, frame in MADE.items()}
    for name in OURS:
        one, other = (_sources.shaped(statistics.load(name).of_tables(t), name) for t in (MADE, shuffled))
        pd.testing.assert_frame_equal(one, other)


def test_scores_count_the_budget_for_a_run_that_was_not_solved():
    runs = _scores.runs(RAW).set_index(["trial", "replicate"])
    assert runs.loc[("ladder-bare-t30", 9), "spent"] == -frames.BUDGET
    assert runs.loc[("ladder-bare-t30", 1), "spent"] == -200


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summaries.complete(few("kinds-high-t50", "kinds-plain-t50", "kinds-looking-t50", "ladder-bare-t30"))
