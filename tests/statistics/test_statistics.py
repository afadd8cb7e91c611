"""Each statistic against a closed form, or against the same sentence in plain pandas."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.statistics import frames
from tests.statistics.frames import CARRY, HOP
from whylstm import statistics
from whylstm.statistics import networks, phase
from whylstm.statistics.hop_spectrum import shares

# sums and differences of logarithms of size 10 in float64: rounding 1e-15 each, a few dozen of them
EXACT = {"abs": 1e-12}


def of_point(name, profiles=None, models=None):
    profiles = frames.binomial() if profiles is None else profiles
    models = frames.models() if models is None else models
    return statistics.load(name).of_point({"profiles": profiles, "models": models})


def networks_of(exponents, point="p", **columns):
    """Return a table ``networks`` whose replicates have these exponents."""
    rows = {"point": point, "replicate": range(len(exponents)), "lags": 40, "exponent": exponents}
    rest = {"exponent_before": 0.0, "memory": 5.0, "norm_bound": np.nan, "carry_mean": CARRY, "growth_mean": 0.1}
    rest |= {"growth_incoherent": 0.0, "growth_coherent": 0.2}
    return pd.DataFrame(rows | rest | columns)


def test_lag_profile_is_the_median_of_medians():
    profiles = frames.grid(5, 3, 12).assign(norm=np.random.default_rng(1).standard_normal(5 * 3 * 12))
    found = of_point("lag_profile", profiles).set_index(["quantity", "lag"]).loc["norm"]
    expected = profiles.groupby(["replicate", "lag"])["norm"].median().groupby("lag").median()
    pd.testing.assert_series_equal(found["median"], expected.loc[found.index], check_names=False)
    lag = profiles[profiles["lag"] == 10]
    assert found.loc[10, "band_low"] == np.quantile(lag["norm"], 0.16, method="inverted_cdf")
    assert found.loc[10, "n"] == 5
    by_replicate = lag.groupby("replicate")["norm"].median()
    assert (found.loc[10, "low"], found.loc[10, "high"]) == (by_replicate.min(), by_replicate.max())


def test_lag_profile_keeps_exact_zeros():
    profiles = frames.grid(4, 3, 12).assign(norm=lambda f: np.where(f["lag"] > 5, -np.inf, 0.0))
    found = of_point("lag_profile", profiles)
    dead = found[found["lag"] > 5]
    assert np.isneginf(dead[["median", "low", "high", "band_low", "band_high"]].to_numpy()).all()


def test_lag_profile_leaves_out_what_the_point_has_not():
    profiles = frames.grid().assign(norm=0.0, article=np.nan)
    assert set(of_point("lag_profile", profiles)["quantity"]) == {"norm"}


def test_networks_have_the_rate_that_they_were_made_with():
    found = of_point("networks")
    expected = math.log(CARRY + HOP) + 0.01 * found["replicate"]
    assert found["exponent"].to_numpy() == pytest.approx(expected.to_numpy(), **EXACT)
    assert found["exponent_before"].to_numpy() == pytest.approx(expected.to_numpy(), **EXACT)
    assert (found["windows"] == 2).all()
    assert np.isinf(found["memory"]).all()  # the norm rises
    assert found["carry_peak"].to_numpy() == pytest.approx(
        math.log10(CARRY) + 0.01 * found["replicate"] / math.log(10), **EXACT
    )


@pytest.mark.parametrize("rate", [-1.5, -0.45, -0.13])
def test_memory_is_the_first_lag_below_one_over_e(rate):
    profiles = frames.grid().assign(norm=lambda f: f["lag"] * rate / math.log(10))
    first = 2 + math.floor(-1 / rate)  # the first whole k with (k - 1) |rate| > 1; no rate meets 1 exactly
    assert of_point("networks", profiles)["memory"].tolist() == [first] * 3


def test_slope_of_an_exact_zero_is_minus_infinity():
    norm = np.array([[0.0, -1.0, -2.0, -np.inf], [0.0, -np.inf, -np.inf, -np.inf]])
    assert networks.slope(norm, 2, 4).tolist() == [-np.inf, -np.inf]


def test_memory_of_nothing_is_one_step():
    assert networks.memory(np.full((1, 5), -np.inf)).tolist() == [1.0]


def test_a_bound_that_is_met_exactly_is_not_exceeded():
    profiles = frames.grid().assign(norm=lambda f: -0.3 * f["lag"])
    found = of_point("networks", profiles, frames.models(norm_bound=-0.3))
    assert found["bound_excess"].to_numpy() == pytest.approx(np.zeros(3), **EXACT)
    looser = of_point("networks", profiles, frames.models(norm_bound=-0.31))
    assert looser["bound_excess"].to_numpy() == pytest.approx(np.full(3, 39 * 0.01), **EXACT)


def test_a_replicate_that_left_the_finite_numbers_has_a_row_without_values():
    profiles = frames.binomial()
    found = of_point("networks", profiles[profiles["replicate"] != 1])
    assert found["windows"].tolist() == [2, 0, 2]
    assert found["exponent"].isna().tolist() == [False, True, False]


def test_reach_is_the_median_and_says_what_is_censored():
    table = networks_of([0.1, 0.2, np.nan], memory=[3.0, np.inf, np.nan])
    found = statistics.load("reach").of_tables({"networks": table}).iloc[0]
    assert found["exponent"] == pytest.approx(0.15, **EXACT)
    assert (found["exponent_low"], found["exponent_high"], found["n"], found["replicates"]) == (0.1, 0.2, 2, 3)
    assert found["memory"] == np.inf
    assert found["memory_low"] == 3.0
    assert found["censored"]


def test_carry_share_is_the_known_ratio():
    found = of_point("carry_share").set_index(["block", "nominal_lag"])["median"]
    expected = 10 * math.log10(CARRY / (CARRY + HOP))
    assert found["whole", 10] == pytest.approx(expected, **EXACT)
    assert found["c_to_c", 10] == pytest.approx(expected + 2, **EXACT)
    assert found["h_to_h", 10] == -np.inf


def test_carry_share_says_which_lag_it_shows():
    found = of_point("carry_share").groupby("nominal_lag")["lag"].unique().map(list).to_dict()
    assert found == {10: [10], 100: [40]}


def test_hop_spectrum_is_binomial():
    found = of_point("hop_spectrum").set_index(["lag", "hop"])
    for hop in range(4):
        expected = math.log10(math.comb(20, hop)) + (20 - hop) * math.log10(CARRY) + hop * math.log10(HOP)
        expected -= 20 * math.log10(CARRY + HOP)
        assert found.loc[(20, str(hop)), "median"] == pytest.approx(expected, **EXACT)
    assert found.loc[(3, "4"), "median"] == -np.inf


def test_shares_of_the_hops_add_up_to_one():
    found = of_point("hop_spectrum").groupby("lag")["share"].sum()
    assert found.to_numpy() == pytest.approx(np.ones(len(found)), **EXACT)


def test_shares_neither_overflow_nor_underflow():
    huge = shares({"0": np.array([400.0, -400.0]), "1": np.array([400.0, -np.inf])})
    assert huge["0"].tolist() == [0.5, 1.0]
    assert huge["1"].tolist() == [0.5, 0.0]


def test_article_gap_is_the_known_ratio():
    found = of_point("article_gap").set_index(["comparison", "lag"])["median"]
    assert found["article_to_truth", 20] == pytest.approx(-2.0, **EXACT)
    assert found["defect_to_truth", 20] == pytest.approx(-0.5, **EXACT)
    assert found["detour_to_carousel", 20] == pytest.approx(-2.0, **EXACT)
    assert found["gap_to_larger", 20] == pytest.approx(0.001, **EXACT)


def test_growth_pairs_prediction_and_measurement():
    table = networks_of([0.3, 0.1, np.nan], growth_coherent=[0.5, 0.2, 0.9], norm_bound=[0.2, 0.2, 0.2])
    found = statistics.load("growth").of_tables({"networks": table}).set_index("prediction")
    row = found.loc["coherent"]
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((0.1, 0.2), **EXACT)
    assert row["n"] == 2
    assert found.loc["bound", "predicted"] == pytest.approx(0.2 * math.log(10), **EXACT)
    assert found.loc["carry", "predicted"] == pytest.approx(math.log(CARRY), **EXACT)


GAINS = np.array([0.5, 1.0, 2.0, 4.0])


@pytest.mark.parametrize("critical", [0.7, 1.0, 1.9, 3.0])
def test_crossing_of_a_straight_line_in_log_gain(critical):
    assert phase.crossing(GAINS, np.log(GAINS / critical)) == pytest.approx(critical, abs=1e-9)  # a root of a cubic


def test_crossing_beyond_the_grid():
    assert phase.crossing(GAINS, -GAINS) == np.inf
    assert phase.crossing(GAINS, GAINS) == 0.0


def test_crossing_with_exact_zeros_stays_in_its_gap():
    assert 1.0 < phase.crossing(GAINS, np.array([-np.inf, -np.inf, 0.5, 1.0])) < 2.0


def test_crossing_takes_the_first_rise():
    assert 0.5 < phase.crossing(GAINS, np.array([-1.0, 1.0, -1.0, 1.0])) < 1.0


def phase_of(curves):
    """Return the phase table of one line: exponents (replicates, gains)."""
    points = [f"p{i}" for i in range(len(GAINS))]
    table = pd.concat([networks_of(list(curves[:, i]), point) for i, point in enumerate(points)])
    fixed = {"cell": "lstm", "initialisation": "gaussian", "task": "noise", "hidden": 8, "length": 60, "lags": 40}
    missing = dict.fromkeys(("input_scale", "forget_bias", "t_max"), np.nan)
    design = pd.DataFrame({"point": points, "gain": GAINS, **fixed, **missing, "options": ""})
    return statistics.load("phase").of_tables({"networks": table, "points": design})


def test_phase_is_the_median_of_the_crossings():
    critical = np.array([0.8, 1.5, 3.0])
    found = phase_of(np.log(GAINS[None, :] / critical[:, None])).iloc[0]
    assert (found["side"], found["n"]) == ("crosses", 3)
    assert (found["low"], found["gain"], found["high"]) == pytest.approx((0.8, 1.5, 3.0), abs=1e-9)


@pytest.mark.parametrize(("sign", "side"), [(-1, "below"), (1, "above")])
def test_phase_without_a_crossing_has_no_gain(sign, side):
    found = phase_of(sign * np.ones((3, 4))).iloc[0]
    assert found["side"] == side
    assert np.isnan(found["gain"])


def test_phase_interval_may_leave_the_grid():
    found = phase_of(np.vstack([np.log(GAINS / 0.8), np.log(GAINS / 1.5), -np.ones(4)])).iloc[0]
    assert found["gain"] == pytest.approx(1.5, abs=1e-9)
    assert np.isnan(found["high"])


def test_phase_says_when_the_gradient_falls_again():
    assert phase_of(np.array([[-1.0, 1.0, -1.0, -1.0]])).iloc[0]["returns"]
    assert not phase_of(np.array([[-1.0, 1.0, 1.0, 1.0]])).iloc[0]["returns"]
