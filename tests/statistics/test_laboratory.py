"""Statistics of the laboratory's experiments against closed forms, or against the same sentence in plain pandas."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expn

from tests.laboratory import frames
from tests.laboratory.frames import NONE, SHIFT
from whylstm import statistics
from whylstm.statistics._replicates import over_replicates

REPLICATES = 5
RAW = frames.tables(REPLICATES)
MIDDLE = SHIFT * (REPLICATES // 2)  # the median replicate of five is the third
# a few sums and logarithms of numbers of size 10 in float64
EXACT = {"abs": 1e-11}


def made(name, **changed):
    return statistics.load(name).of_tables({**RAW, **changed})


def row(table, **where):
    for column, value in where.items():
        same = table[column].isna() if isinstance(value, float) and math.isnan(value) else table[column] == value
        table = table[same]
    assert len(table) == 1
    return table.iloc[0]


def test_medians_are_those_of_pandas_with_the_range_of_five_as_interval():
    draws = np.random.default_rng(1).standard_normal((2, 3, 5))
    rows = pd.DataFrame(
        [
            {"a": a, "b": [0.5, NONE, 2.0][b], "replicate": r, "x": draws[a, b, r]}
            for a in range(2)
            for b in range(3)
            for r in range(5)
        ]
    ).sample(frac=1, random_state=1)
    found = over_replicates(rows, ["a", "b"], {"x": "median"})
    expected = rows.groupby(["a", "b"], dropna=False)["x"].agg(["median", "min", "max"]).reset_index()
    pd.testing.assert_frame_equal(
        found[["a", "b", "median", "low", "high"]], expected.set_axis(["a", "b", "median", "low", "high"], axis=1)
    )
    assert (found["n"] == 5).all()
    assert found["coverage"].to_numpy() == pytest.approx(1 - 2 / 2**5)


def test_a_setting_may_lack_a_replicate():
    rows = pd.DataFrame({"a": [0, 0, 1], "replicate": [0, 1, 1], "x": [1.0, 3.0, 7.0]})
    found = over_replicates(rows, ["a"], {"x": "x"})
    assert found["n"].tolist() == [2, 1]
    assert found["x"].tolist() == [2.0, 7.0]


def test_exponents_are_reduced_with_their_errors_and_the_size_of_their_drifts():
    found = row(made("exponent_summary"), cell="tanh", gain=8.0, index=1, signs="own")
    assert found["exponent"] == pytest.approx(frames.rate("tanh", 8.0, NONE) + MIDDLE, **EXACT)
    assert found["exponent_high"] - found["exponent_low"] == pytest.approx(4 * SHIFT, **EXACT)
    assert (found["error"], found["drift"], found["n"]) == (0.01, 0.02, REPLICATES)


def test_theory_is_paired_with_what_was_measured_there():
    found = made("theory_gap")
    assert set(found["gain"]) == set(frames.GAINS)  # the theory knows one gain more
    gaps = 0.03 - MIDDLE + found["signs"].map(frames.LOST)
    assert found["difference"].to_numpy() == pytest.approx(gaps.to_numpy(), **EXACT)
    assert (
        found["predicted"] - found["measured"] - found["difference"]
    ).abs().max() < 1e-12  # odd number of replicates


def test_theory_is_held_against_the_largest_networks():
    small = RAW["exponents"].assign(hidden=2, value=9.0)
    found = made("theory_gap", exponents=pd.concat([small, RAW["exponents"]]))
    pd.testing.assert_frame_equal(found, made("theory_gap"))


def test_theory_that_meets_no_measurement_gives_no_row():
    assert made("theory_gap", mean_field=frames.mean_field().assign(gain=77.0)).empty


def test_spectra_are_relative_to_their_own_largest_value():
    found = made("spectrum_summary")
    assert (found[found["index"] == 1][["median", "low", "high"]] == 0).all(axis=None)
    third = row(found, cell="lstm", forget_bias=4.0, lag=10, index=3)
    assert third["median"] == pytest.approx(-0.02 * 10 * 2, **EXACT)


def test_a_singular_value_of_zero_stays_zero_and_no_jacobian_is_no_value():
    dead = RAW["spectra"].copy()
    dead.loc[dead["index"] == 4, "log10_value"] = -np.inf
    dead.loc[dead["cell"] == "tanh", "log10_value"] = -np.inf
    found = made("spectrum_summary", spectra=dead)
    assert row(found, cell="gru", forget_bias=0.0, lag=1, index=4)["median"] == -np.inf
    assert math.isnan(row(found, cell="tanh", lag=1, index=1)["median"])


def test_rank_and_condition_go_with_the_size_of_the_state():
    found = made("effective_rank")
    assert row(found, cell="lstm", forget_bias=0.0, lag=1)["size"] == 8
    one = row(found, cell="tanh", lag=10)
    assert one["size"] == 4
    assert one["condition"] == pytest.approx(0.02 * 10 * 3, **EXACT)
    assert 1 <= one["rank"] <= 4
    assert row(found, cell="tanh", lag=40)["rank"] < one["rank"]


def test_shares_add_up_to_one_at_the_last_lag():
    found = made("parameter_share")
    last = found[found["lag"] == found["lag"].max()]
    assert last["cumulated"].to_numpy() == pytest.approx(np.ones(len(last)), **EXACT)
    one = row(found, cell="tanh", lag=1)
    share = RAW["parameter_lags"].query("cell == 'tanh' and lag == 1")["share"]
    assert one["share"] == share.median()
    below = RAW["parameter_lags"].query("cell == 'tanh' and lag <= 1").groupby("replicate")["share"].sum()
    assert one["cumulated"] == pytest.approx(below.median(), **EXACT)
    assert one["norm"] == pytest.approx(math.log10(0.4 + MIDDLE), **EXACT)


def test_half_of_a_geometric_series_is_reached_where_algebra_says():
    found = made("parameter_reach")
    # (1 - q^(k+1)) / (1 - q^40) >= 1/2 first at k = 0 for q near 0.4, and at k = 16 for q = 0.98
    assert row(found, cell="gru", forget_bias=0.0, part=0.5)["lag"] == 0
    expected = math.ceil(math.log(1 - 0.5 * (1 - 0.98**40)) / math.log(0.98)) - 1
    assert row(found, cell="lstm", forget_bias=4.0, part=0.5)["lag"] == expected
    assert set(found["part"]) == {0.5, 0.9}


def test_shares_that_overshoot_count_from_where_they_first_reach_the_part():
    shares = pd.DataFrame({"lag": range(4), "share": [0.2, 0.5, -0.4, 0.7], "log10_norm": 0.0})
    rows = shares.assign(cell="tanh", forget_bias=NONE, replicate=0)
    assert row(made("parameter_reach", parameter_lags=rows), part=0.5)["lag"] == 1


def test_signal_to_noise_is_the_median_over_networks():
    found = made("parameter_noise")
    one = row(found, cell="tanh", lag=4)
    assert one["ratio"] == pytest.approx(0.01 * 0.5 * (1 + MIDDLE), **EXACT)
    assert one["ratio_low"] == pytest.approx(0.01 * 0.5, **EXACT)
    assert one["whole_high"] == pytest.approx(0.05 * (1 + SHIFT * (REPLICATES - 1)), **EXACT)
    assert row(found, cell="tanh", lag=9)["ratio"] < 0 < row(found, cell="lstm", forget_bias=4.0, lag=9)["ratio"]


def test_interventions_are_paired_with_the_untouched_network():
    found = made("intervention_effect")
    assert "none" not in set(found["intervention"])
    one = row(found, cell="lstm", gain=8.0, forget_bias=0.0, lag=40, intervention="cut_recurrence")
    # replicates differ by whole decades before and after, and by a hundredth in what the intervention does
    assert one["median"] == pytest.approx(-4.0 * (1 + MIDDLE), **EXACT)
    assert one["high"] - one["low"] == pytest.approx(4.0 * 4 * SHIFT, **EXACT)


def test_what_is_cut_to_nothing_is_minus_infinity():
    rows = RAW["interventions"].copy()
    rows.loc[rows["intervention"] == "cut_recurrence", "log10_norm"] = -np.inf
    found = made("intervention_effect", interventions=rows)
    assert (found.loc[found["intervention"] == "cut_recurrence", "median"] == -np.inf).all()


def test_half_lives_of_still_gates_are_those_of_their_biases():
    found = made("half_life_summary")
    still = found[(found["law"] == "constant") & (found["input_scale"] == 0)]
    for column in ("half_life", "short", "long"):
        assert still[column].to_numpy() == pytest.approx(still["predicted"].to_numpy(), rel=1e-12)
    assert row(found, law="constant", setting=0.0, input_scale=0.0)["half_life"] == pytest.approx(1.0, rel=1e-12)


def test_units_are_ranked_within_a_network_first():
    found = row(made("half_life_summary"), law="chrono", setting=50.0, input_scale=1.0)
    raw = RAW["half_lives"].query("law == 'chrono' and setting == 50 and input_scale == 1")
    within = raw.groupby("replicate")["half_life"]
    for column, share in {"half_life": 0.5, "short": 0.16, "long": 0.84}.items():
        assert found[column] == within.apply(np.quantile, share, method="inverted_cdf").median()
    assert found["kept"] == pytest.approx(raw.groupby("replicate")["kept_at_t_max"].mean().median(), **EXACT)


def test_chrono_is_promised_its_exponential_integral_and_a_constant_bias_nothing():
    found = made("half_life_summary")
    chrono = found["law"] == "chrono"
    assert (found.loc[chrono, "kept_predicted"] == expn(2, 1)).all()
    assert found.loc[~chrono, ["kept", "kept_predicted"]].isna().all(axis=None)
    assert found.loc[chrono, "predicted"].isna().all()
    # 16 units at the midpoints of U(1, T-1), T = 200: a midpoint rule of 16 nodes, and terms of order 1/T
    still = row(found, law="chrono", setting=200.0, input_scale=0.0)["kept"]
    assert still == pytest.approx(expn(2, 1), abs=0.02)


def test_attention_and_cells_are_kept_apart_by_bias_and_shown_at_few_lags():
    found = made("attention_reach")
    assert row(found, kind="attention", lag=40)["median"] == pytest.approx(-1.5 + MIDDLE, **EXACT)
    slope = frames.rate("lstm", 1.0, 4.0)
    assert row(found, kind="lstm", forget_bias=4.0, lag=40)["median"] == pytest.approx(
        40 * slope - 1.5 + MIDDLE, **EXACT
    )
    assert found["lag"].nunique() < 20


def test_what_is_lost_since_lag_one_is_paired():
    one = row(made("attention_reach"), kind="gru", forget_bias=0.0, lag=40)
    # the shift of a replicate is in both norms, so that all replicates agree
    for end in ("change", "change_low", "change_high"):
        assert one[end] == pytest.approx(39 * frames.rate("gru", 1.0, 0.0), **EXACT)
