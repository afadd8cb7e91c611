"""Experiments: each gives the table that the dictionary describes, twice the same, and the laws that it stands for."""

import numpy as np
import pytest
import torch
from scipy.special import expn

from tests.study.cases import config
from whylstm import laboratory, records
from whylstm.errors import StudyError
from whylstm.laboratory._networks import network, networks, noise
from whylstm.laboratory.exponents import random_signs
from whylstm.study.config import assemble

SMALL = {
    "attention": {"cell": ["gru", "minlstm"], "hidden": 5, "lags": 8, "replicates": 2},
    "bifurcation": {"points": 21},
    "cliff": {"points": 20},
    "counterexamples": {"lags": 20},
    "curse_of_memory": {"memory": [1.0, 5.0], "runs": 4000},
    "error_surface": {"points": 9},
    "exponents": {"cell": ["lstm"], "gain": [1.0], "hidden": 4, "length": 60, "burn_in": 10, "replicates": 2},
    "half_lives": {"t_max": [50], "hidden": 8, "length": 40, "replicates": 2},
    "identities": {"cell": ["tanh", "lstm"], "length": 12, "replicates": 1},
    "interventions": {"cell": ["lstm"], "gain": [1.0], "hidden": 6, "lags": [2, 10], "replicates": 2},
    "mean_field": {"cell": ["tanh"], "gain": [1.0], "length": 60, "units": 50},
    "parameter_lags": {"cell": ["tanh", "gru"], "hidden": 4, "length": 12, "replicates": 2},
    "parameter_signal": {"cell": ["tanh", "gru"], "hidden": 4, "length": 12, "sequences": 5, "replicates": 2},
    "spectra": {"cell": ["gru"], "hidden": 4, "lags": [1, 8], "replicates": 1},
    "state_tracking": {
        "task": ["parity_running"], "cell": ["gru", "minlstm"], "matrix_cell": ["rwkv7"], "rate": [0.01, 0.03],
        "parameters": 150, "length": 5, "tests": [5, 9], "updates": 3, "tested": 8, "tuning": 1, "replicates": 2,
    },
    "successors": {
        "cell": ["lstm", "rglru"], "matrix_cell": ["mlstm", "deltanet"], "hidden": 4, "keys": 2, "lags": 12,
        "replicates": 2,
    },
    "two_unit_exponents": {"steps": [300], "burn_in": 50},
    "two_unit_lstm": {"steps": 60},
}  # fmt: skip


def settings(name):
    """Small settings where they are known; a new experiment is run at its own defaults."""
    return SMALL.get(name, {})


@pytest.mark.parametrize("name", laboratory.names())
def test_every_experiment_gives_its_table_and_the_same_bytes_twice(name, tmp_path):
    for twin in ("one", "two"):
        laboratory.perform(name, 3, settings(name), tmp_path / twin)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert len(records.read_table(tmp_path / "one", name))


AT_THE_LIMIT = {
    "attention": {"lags": 2},
    "cliff": {"weight": 6.0, "width": 0.01},
    "counterexamples": {"lags": 900},
    "curse_of_memory": {"memory": [1e-3], "runs": 2},
    "exponents": {"length": 60, "burn_in": 40},
    "half_lives": {"t_max": [3]},
    "identities": {"length": 6, "lag": 6},
    "mean_field": {"length": 51, "units": 1},
    "parameter_signal": {"sequences": 2},
    "state_tracking": {"rate": [10.0, 1e-6], "parameters": 50, "updates": 1, "tests": [1]},
    "successors": {"lags": 2, "keys": 256, "input_scale": [0.0]},
    "two_unit_exponents": {"steps": [70], "burn_in": 50},
}


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_what_the_config_allows_is_performed(name, tmp_path):
    """Settings on the edge of what an experiment declares; those beyond it are refused before anything runs."""
    said = settings(name) | AT_THE_LIMIT[name]
    assemble(config() | {"laboratory": {name: said}}, None, {})
    laboratory.perform(name, 3, said, tmp_path / "table")
    assert len(records.read_table(tmp_path / "table", name))


def test_an_unknown_setting_is_refused_with_the_nearest():
    with pytest.raises(StudyError, match="no setting 'step'; did you mean 'steps'"):
        laboratory.load("two_unit_lstm").run(1, {"step": 3})


def run(name):
    return laboratory.load(name).run(3, settings(name))


def test_right_equations_show_rounding_and_wrong_ones_their_size():
    errors = run("identities").groupby(["identity", "cell"])["log10_error"].max()
    # Float64 over a dozen steps of sums of products: about 1e-15; the wrong equations miss by about their own size.
    right = ["sum_over_steps", "sum_over_lags", "state_product", "two_paths", "defect_at_lag_2", "product_in_terms"]
    assert (errors[right] < -13).all()
    assert errors["sum_without_lag_0"].min() > -3
    assert errors["h_product", "lstm"] > -2
    assert errors["h_product", "tanh"] < -13
    assert errors["detour_equals_carousel", "lstm"] > -2


def test_counterexamples_do_the_opposite_of_what_their_factors_suggest():
    last = run("counterexamples").groupby("case").last()
    assert last.loc["above_one_in_norm", "smallest_norm"] > 1
    assert last.loc["above_one_in_norm", "log10_norm"] < -5
    assert last.loc["below_one_in_radius", "largest_radius"] < 1
    assert last.loc["below_one_in_radius", "log10_norm"] > 5
    assert last.loc["nilpotent", "log10_norm"] == -np.inf
    # Π (1 - 1/(k+1)²) = (n+2) / (2(n+1)) exactly.
    assert 10 ** last.loc["below_one_not_uniformly", "log10_norm"] == pytest.approx(22 / 42, rel=1e-12)


def test_shares_by_lag_sum_to_one():
    sums = run("parameter_lags").groupby(["cell", "forget_bias", "replicate"], dropna=False)["share"].sum()
    assert np.allclose(sums, 1, atol=1e-12)  # projections on their own sum: exact up to rounding


def test_the_two_unit_lstm_stays_bounded_forgets_and_explodes():
    frame = laboratory.load("two_unit_lstm").run(1, {"steps": 300})
    assert frame[["h_1", "h_2", "c_1", "c_2"]].abs().to_numpy().max() < 1
    assert frame["log10_forget_product"].iloc[-1] < -50
    assert frame["log10_gradient"].iloc[-1] > 10


def test_simulated_sensitivity_meets_the_closed_form():
    frame = run("curse_of_memory")
    # Four comparisons; each differs by a standard normal number of errors, beyond 4.5 once in 1e5.
    assert ((frame["simulated"] - frame["theory"]).abs() < 4.5 * frame["error"]).all()


def test_fixed_points_are_fixed_and_three_where_the_memory_is():
    frame = run("bifurcation")
    image = 5 / (1 + np.exp(-frame["fixed_point"])) + frame["bias"]
    assert np.allclose(image, frame["fixed_point"], atol=1e-9)  # roots to 1e-13, slopes up to 1.25
    assert set(frame.groupby("bias").size()) == {1, 3}


def test_cutting_the_recurrence_leaves_less_and_nothing_else_changes_the_carry():
    frame = run("interventions").pivot_table(
        index=["replicate", "forget_bias", "lag"], columns="intervention", values="log10_norm"
    )
    assert (frame["cut_recurrence"] < frame["none"]).all()


def test_chrono_keeps_what_its_theory_says():
    frame = laboratory.load("half_lives").run(1, {"t_max": [800], "hidden": 2000, "length": 5, "replicates": 2})
    kept = frame[frame["law"] == "chrono"].groupby("input_scale")["kept_at_t_max"].mean()
    limit = expn(2, 1)  # ∫₀¹ exp(-1/u) du (Tallec & Ollivier 2018)
    # Gates at rest: the standard deviation of f^T is below 0.13, 4,000 units; four errors are 0.008, and T = 800 is
    # within 1/T of the limit. Inputs move f, which lowers the mean of ln f (Jensen), and E f^T with it.
    assert kept[0.0] == pytest.approx(limit, abs=0.01)
    assert kept[1.0] < 0.8 * limit


def test_half_lives_of_gates_at_rest_are_those_of_their_biases():
    frame = run("half_lives").query("law == 'constant' and input_scale == 0")
    # no input and no state: f = σ(b) at every step, up to rounding
    assert np.allclose(frame["half_life"], np.log(2) / np.log1p(np.exp(-frame["setting"])), rtol=1e-12)


def test_the_wall_of_the_cliff_stands_on_the_border_and_is_as_steep_as_algebra_says():
    frame = laboratory.load("cliff").run(1, {"points": 40})
    top = frame.loc[frame["log10_gradient"].idxmax()]
    border, slope = frame["border"].iloc[0], frame["slope"].iloc[0]
    assert border + 5 / (1 + np.exp(-0.5)) == pytest.approx(0.5, abs=1e-15)
    # the wall is as thin as slope^-50
    assert abs(top["bias"] - border) < 10 * slope**-50
    # at the border the unit stays at 1/2, so that ∂x/∂b is a geometric series; 50 sums of rounded numbers
    at = frame[frame["bias"] == border].iloc[0]
    gate = 1 / (1 + np.exp(-0.5))
    series = (slope**50 - 1) / (slope - 1)
    assert 10 ** at["log10_gradient"] == pytest.approx(2 * abs(gate - 0.7) * gate * (1 - gate) * series, rel=1e-9)
    below, above = frame[frame["bias"] < border], frame[frame["bias"] > border]
    assert below["end"].iloc[0] < 0 < above["end"].iloc[-1]


def test_the_gradient_of_the_cliff_is_that_of_its_error():
    frame = laboratory.load("cliff").run(1, {"points": 4000})
    far = frame[frame["bias"] > frame["border"] + 0.1]
    slope = np.gradient(far["error"].to_numpy(), far["bias"].to_numpy())[1:-1]
    # central differences on a grid of relative spacing 4e-3: truncation about (4e-3)² of the curvature's scale
    assert np.allclose(np.log10(np.abs(slope)), far["log10_gradient"].to_numpy()[1:-1], atol=1e-3)


def test_networks_drawn_together_are_those_drawn_one_by_one():
    inputs = noise(15, 3, 1)
    together = networks("lstm", 4, inputs, 1, 1.3, 1.0)
    for replicate in range(3):
        alone = network("lstm", 4, inputs[replicate], 1, replicate, 1.3, 1.0)
        for part in ("h", "c"):
            # the same sums in another order
            assert torch.allclose(together.trajectory.after[part][:, replicate], alone.trajectory.after[part][:, 0])
        carry = together.factors.carry["c", "c"][:, replicate]
        assert torch.allclose(carry, alone.factors.carry["c", "c"][:, 0])


def test_random_signs_change_no_size_and_differ_between_networks():
    own = networks("lstm", 5, noise(20, 3, 1), 1, 1.0, 1.0).factors
    changed = random_signs(own, 1)
    for key, mix in own.mix.items():
        assert torch.equal(changed.mix[key].abs(), mix.abs())
        turned = changed.mix[key] == -mix
        assert not torch.equal(turned[:, 0], turned[:, 1])
    assert all(torch.equal(own.carry[key], value) for key, value in changed.carry.items())


def test_a_cell_without_recurrent_matrices_has_no_signs_to_change():
    own = networks("minlstm", 5, noise(20, 2, 1), 1, 1.0, 1.0).factors
    assert random_signs(own, 1) is own


def test_random_signs_leave_a_linear_network_with_fresh_matrices():
    """With random signs, ln‖G‖ grows as for matrices drawn afresh: by ln gain + ½ E ln(χ²_H/H) a step."""
    frame = laboratory.load("exponents").run(
        1, {"cell": ["linear"], "gain": [0.9], "hidden": 32, "length": 400, "count": 1, "replicates": 4}
    )
    value = frame.groupby("signs")["value"].mean()
    # E ln(χ²_32/32) = ψ(16) - ln 16 = -0.0316; the norm of one step varies by 1/√(2H) = 0.125, 1,200 steps: 0.004
    assert value["random"] == pytest.approx(np.log(0.9) - 0.0158, abs=0.015)
    # one matrix: the logarithm of its spectral radius, which is above that of the mean size
    assert value["own"] > value["random"]


def test_what_the_factors_suggest_is_not_what_the_products_do():
    last = run("counterexamples").groupby("case").last()
    norm = last["log10_norm"]
    done = np.where(norm < -0.5, "vanishes", np.where(norm > 0.5, "explodes", "stays"))
    right = last.index[last["suggests"] == done]
    assert set(right) == {"uniformly_below_one", "rotation"}
