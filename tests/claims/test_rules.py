"""The thresholds of the rules, from both sides, and what must not count."""

import numpy as np
import pandas as pd
import pytest

from tests.claims import tables as made
from tests.claims.tables import EXPLODES, KEPT, LOST, RATE, RIGHT, SAFE, VANISHES, WRONG
from whylstm import claims
from whylstm.claims import _scale, _settings
from whylstm.claims.base import Number


def verdict(name, tables):
    return claims.load(name).record(tables)["verdict"]


def judged(name, tables):
    return claims.load(name).record(tables)


def numbers(name, tables):
    return judged(name, tables)["numbers"]


def number(name, tables, key):
    return claims.load(name).record(tables)["numbers"][key]["value"]


@pytest.mark.parametrize(
    ("error", "expected"), [(-8.0, "holds"), (-7.9, "undecided"), (-3.1, "undecided"), (-3.0, "refuted")]
)
def test_equal_and_different(error, expected):
    assert verdict("c01", made.equation("sum_over_steps", lstm=[error, error])) == expected


def test_one_replicate_that_disagrees_leaves_a_cell_open():
    assert verdict("c07", made.equation("product_in_terms", lstm=[-16.0, -1.0])) == "undecided"


def test_the_whole_state_comes_before_h_alone():
    """C3 cannot hold for h alone if it fails for whole states."""
    given = made.identities(state_product={"lstm": WRONG}, h_product={"lstm": RIGHT})
    assert verdict("c03", {"identities": given}) == "refuted"


def test_a_bound_met_exactly_is_kept():
    assert verdict("c04", made.bounded([-0.1, -0.2], 0.0, [-0.3, -0.4])) == "holds"


def test_a_gradient_that_grows_below_its_bound_refutes():
    assert verdict("c04", made.bounded([-0.1, -0.2], -1.0, [-0.3, 0.4])) == "refuted"


def test_a_gradient_that_may_not_fall_leaves_c4_open():
    given = made.bounded([-0.1, -0.2], -1.0, [-0.3, 0.0])
    assert verdict("c04", given) == "undecided"


def test_one_replicate_above_one_takes_a_point_out():
    given = made.bounded([-0.1, -0.2], -1.0, [-0.3, -0.4])
    given["networks"].loc[0, "norm_bound"] = 0.01
    assert number("c04", given, "n_points") == 1


def test_a_counterexample_that_vanishes_is_no_other_reading():
    assert number("c04", made.bounded([-0.1], -1.0, [-0.3]), "n_readings") == 0


@pytest.mark.parametrize(("rate", "expected"), [(1.01 * RATE, "holds"), (0.99 * RATE, "undecided")])
def test_exploding_is_two_decades_in_a_hundred_steps(rate, expected):
    assert verdict("c05", made.unbounded("linear", [rate, rate])) == expected


def test_networks_with_norms_below_one_are_no_evidence_for_c5():
    given = made.unbounded("linear", [VANISHES, VANISHES])
    assert verdict("c05", given | {"networks": given["networks"].assign(norm_bound=-0.1)}) == "undecided"


def test_nonlinear_networks_are_counted_beside():
    given = made.unbounded("tanh", [VANISHES, EXPLODES], growing=10.0)
    assert number("c05", given, "share_loose") == 0.5
    assert number("c05", given, "n_networks") == 0


def test_the_share_of_c5_has_the_range_over_replicates():
    given = made.unbounded("linear", [VANISHES, EXPLODES])
    given["networks"].loc[given["networks"]["replicate"] == 0, "exponent"] = EXPLODES
    found = claims.load("c05").measure(given).numbers["share_vanish"]
    assert (found.low, found.high, found.n) == (0.0, 0.5, 3)
    assert found.value == pytest.approx(2 / 6)


def test_lag_1_says_nothing_about_c8():
    given = {"article_gap": made.article_gap([-12.0] * 4, lag=1), "identities": made.identities()}
    assert verdict("c08", given) == "undecided"


def test_two_sides_that_are_both_zero_are_no_evidence():
    given = made.article_gap([np.nan] * 4)
    assert verdict("c08", {"article_gap": given, "identities": made.identities()}) == "undecided"


@pytest.mark.parametrize(("size", "expected"), [(-1.94, "holds"), (-2.0, "undecided"), (-2.06, "refuted")])
def test_safe_is_two_decades_by_the_whole_interval(size, expected):
    assert verdict("c09", made.products([size] * 4, half=0.05)) == expected


def test_a_product_that_vanished_early_has_vanished():
    assert verdict("c09", made.products([LOST] * 4, lag=60)) == "refuted"


def test_the_size_of_the_product_does_not_depend_on_the_network():
    """‖1‖_F = √H is taken out: nothing forgotten is 1 at every size."""
    given = made.products([0.0] * 3)
    assert _settings.forget_products(given)["median"].to_numpy() == pytest.approx(np.zeros(3), abs=1e-12)


def test_one_replicate_decides_nothing():
    given = made.products([KEPT] * 4)
    given["lag_profile"] = given["lag_profile"].assign(coverage=0.0)
    assert verdict("c09", given) == "undecided"


def test_other_cells_are_not_the_subject_of_c9():
    given = made.products([LOST] * 4)
    given["points"] = pd.concat([given["points"].assign(cell="lstm_1997")])
    assert verdict("c09", given) == "undecided"


def test_the_block_is_the_corner_in_which_nothing_fails():
    grid = pd.DataFrame([(bias, gain) for bias in (0.0, 2.0, 4.0) for gain in (0.5, 1.0, 8.0)])
    kinds = ["vanished"] * 3 + ["safe", "vanished", "vanished"] + ["safe", "safe", "vanished"]
    found = grid.set_axis(["forget_bias", "gain"], axis=1).assign(kind=kinds)
    # two safe settings each: bias from 2 at gain 0.5, and bias from 4 up to gain 1; the first one counts
    assert _settings.block(found) == (2.0, 0.5, 2)
    found.loc[4, "kind"] = "safe"
    assert _settings.block(found) == (2.0, 1.0, 4)


def test_no_block_without_a_safe_setting():
    found = made.points(3).assign(kind="vanished")
    assert _settings.block(found)[2] == 0


def test_the_whole_gradient_does_not_enter_c10():
    """The product of forget gates is one thing, the gradient another: C10 does not look at λ₁."""
    calm = made.peaks(-0.1, -0.2)
    wild = calm | {"networks": calm["networks"].assign(exponent=9.9)}
    assert claims.load("c10").record(calm) == claims.load("c10").record(wild)


def test_a_product_of_exactly_one_does_not_exceed_it():
    assert verdict("c10", made.peaks(0.0, 0.0)) == "holds"


def test_one_exception_is_not_enough_to_refute_c11():
    given = made.gradients([EXPLODES, SAFE, SAFE, SAFE], [KEPT] * 4)
    assert verdict("c11", given) == "undecided"


def test_exploding_where_the_product_is_lost_does_not_touch_the_deduction():
    given = made.gradients([EXPLODES, EXPLODES, SAFE, SAFE, SAFE], [LOST, LOST, KEPT, KEPT, KEPT])
    assert verdict("c11", given) == "holds under conditions"


def test_undecided_premises_leave_c11_open():
    """A statement about all settings with a safe product needs nine in ten of them."""
    given = made.gradients([EXPLODES, EXPLODES, SAFE, SAFE, SAFE, 1.01 * RATE], [LOST, LOST] + [KEPT] * 4)
    assert verdict("c11", given) == "undecided"


def test_no_safe_setting_at_all_refutes_c11():
    assert verdict("c11", made.gradients([EXPLODES, VANISHES, VANISHES], [LOST] * 3)) == "refuted"


def test_wide_intervals_decide_nothing_in_c11():
    assert verdict("c11", made.gradients([SAFE] * 4, [KEPT] * 4, half=0.1)) == "undecided"


def test_exact_zeros_vanish():
    found = _settings.gradients(made.gradients([-np.inf], [LOST], half=0.0))
    assert found["kind"].tolist() == ["vanishes"]


@pytest.mark.parametrize(
    ("yes", "no", "total", "expected"),
    [
        (2, 0, 2, "undecided"),
        (3, 0, 3, "holds"),
        (0, 3, 3, "refuted"),
        (9, 0, 10, "holds"),
        (8, 0, 10, "undecided"),
        (2, 1, 100, "holds under conditions"),
    ],
)
def test_universal_statements(yes, no, total, expected):
    assert _scale.universal(yes, no, total) == expected


def test_numbers_are_written_with_their_interval():
    found = Number(-15.7, "x", "log10", float("-inf"), -15.0, form="power")
    assert found.text == "2.0 × 10⁻¹⁶"
    assert found.span == "exactly 0 to 1.0 × 10⁻¹⁵"
    assert Number(None, "x", low=1.0, high=2.0).span == ""
    assert Number(0.5, "x", low=0.5, high=0.5, form="percent").span == "50%"


def test_an_arm_that_ends_as_its_rival_decides_nothing_in_c12():
    assert numbers("c12", made.rivals(2, 2, 2))["n_contested"]["value"] == 0
    assert verdict("c12", made.rivals(2, 2, 2)) == "undecided"


def test_five_seeds_cannot_be_sure_and_decide_nothing_in_c12():
    assert verdict("c12", made.rivals(5, 5, 5, simple=0, seeds=5)) == "undecided"
    assert verdict("c12", made.rivals(6, 6, 6, simple=0, seeds=6)) == "holds"


def test_arms_are_named_by_what_they_are_in_c12():
    sentence = judged("c12", made.CASES["c12"]["holds under conditions"]())["sentence"]
    assert "forget bias 1 (temporal order)" in sentence
    assert "memory_0" not in sentence


def test_the_best_simple_arm_is_the_rival_in_c12():
    assert verdict("c12", made.rivals(9, 7, 8, simple=10)) == "refuted"  # one rival solves all, the other none
    found = numbers("c12", made.rivals(9, 9, 9))
    assert (found["rate"]["value"], found["other_rate"]["value"]) == (pytest.approx(0.9), pytest.approx(0.2))


def test_an_arm_of_two_experiments_is_one_arm_in_c12():
    """It is compared where it was trained at most lengths, and only there."""
    arms = [made.Made("e", "memory", t, 9, made.ONE_LSTM) for t in (20, 50)]
    arms += [made.Made("again", "memory", 20, 0, made.ONE_LSTM)]
    rivals = [made.Made(name, "plain", t, 2, made.SIMPLE) for name, t in (("e", 20), ("e", 50), ("again", 20))]
    found = numbers("c12", made.trained(*arms, *rivals))
    assert (found["n_settings"]["value"], found["n_better"]["value"]) == (1, 1)


def test_a_rival_is_chosen_before_seeds_are_counted_in_c12():
    """The best simple arm has too few seeds: its comparison is left out, and no worse arm takes its place."""
    arms = [made.Made("e", "memory", 20, 9, made.ONE_LSTM), made.Made("e", "worse", 20, 0, made.SIMPLE)]
    few, many = ([*arms, made.Made("e", "best", 20, 10, made.SIMPLE, seeds=seeds)] for seeds in (5, 10))
    assert numbers("c12", made.trained(*few))["n_settings"]["value"] == 0
    assert numbers("c12", made.trained(*many))["n_not"]["value"] == 1


def test_three_runs_more_are_not_enough_to_be_sure_in_c12():
    assert numbers("c12", made.rivals(5, 7, 8))["n_better"]["value"] == 1  # 2 against 8: p = 2/2⁶; against 7: 2/2⁵


def test_a_network_trained_by_a_cut_gradient_is_no_lstm_in_c12_and_c13():
    cut = made.ONE_LSTM | {"detach": 1.0}
    arms = [made.Made("e", f"a{i}", t, 9, cut) for i in range(3) for t in (20, 50)]
    given = made.trained(*arms, *[made.Made("e", "plain", t, 0, made.SIMPLE) for t in (20, 50)])
    assert numbers("c12", given)["n_settings"]["value"] == numbers("c13", given)["n_settings"]["value"] == 0


def test_a_limit_is_asked_for_where_the_length_grows_in_c13():
    one_length = made.trained(*[made.Made("e", f"a{i}", 50, 0, made.ONE_LSTM) for i in range(3)])
    assert numbers("c13", one_length)["n_settings"]["value"] == 0


def test_an_arm_goes_on_in_another_experiment_in_c13():
    here = [made.Made("e", "a", t, 10, made.ONE_LSTM) for t in (20, 50)]
    found = numbers("c13", made.trained(*here, made.Made("further", "b", 100, 0, made.ONE_LSTM)))
    assert (found["n_settings"]["value"], found["n_beyond"]["value"]) == (1, 1)
    other = made.ONE_LSTM | {"forget_bias": 2.0}
    found = numbers("c13", made.trained(*here, made.Made("further", "b", 100, 0, other)))
    assert (found["n_settings"]["value"], found["n_within"]["value"]) == (1, 1)


def test_half_of_the_guess_parts_far_from_near_in_c13():
    for score, kind in ((0.36, "n_within"), (0.39, "n_beyond")):  # half of 75%, and 0.01 either way
        assert numbers("c13", made.lengths(far=(score,)))[kind]["value"] == 1
    assert numbers("c13", made.lengths(far=(0.375,)))["n_beyond"]["value"] == 0


def test_lengths_that_nothing_learns_say_nothing_in_c14():
    found = numbers("c14", made.looking(0, 0, 9, others=1))
    assert (found["n_settings"]["value"], found["n_learned"]["value"], found["n_does"]["value"]) == (3, 1, 1)


def test_attention_that_was_not_trained_leaves_c14_open_and_its_reach_told():
    given = made.rivals(9, 9, 9)
    found = judged("c14", given)
    assert found["verdict"] == "undecided"
    assert found["numbers"]["reach"]["text"] == "1.0"
    assert "0 tasks" in found["sentence"]
