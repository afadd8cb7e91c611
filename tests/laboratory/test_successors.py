"""Later recurrences in the laboratory: what they are trained with is what it says, and theorems hold in the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tests.cases import normal
from whylstm import cells, laboratory, matrix_cells, statistics
from whylstm.gradients import matrix
from whylstm.gradients.trajectory import run
from whylstm.laboratory import _tracking
from whylstm.laboratory._matrix import stacked

EVERY = [("cells", name) for name in cells.names()] + [("matrix_cells", name) for name in matrix_cells.names()]


def networks(family: str, name: str, count: int = 2):
    """Return a size, weights in float64 and inputs for so many networks."""
    like = _tracking.size(family, name, 3, 3, 200)
    drawn = [_tracking.weights(family, name, like, 3, 3, 1, replicate, 1.0) for replicate in range(count)]
    given = {key: value.double() for key, value in stacked(drawn).items()}
    given["readout"] = normal("readout", tuple(given["readout"].shape), 0)
    return like, given, normal("inputs", (count, 4, 9, 3), 0)


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_a_size_has_the_parameters_that_it_says_and_as_many_as_others(family, name):
    like, given, _ = networks(family, name, 1)
    learned = {key: value for key, value in given.items() if key not in _tracking.options(family, name)}
    assert sum(value.numel() for value in learned.values()) == like.parameters
    assert abs(like.parameters / 200 - 1) < 0.1
    large = _tracking.size(family, name, 3, 3, 500).parameters
    assert abs(large / 500 - 1) < 0.1


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_a_reader_is_the_recurrence_and_a_readout(family, name):
    """Drives are one product for all gates here and another there: some ulp over nine steps."""
    _, given, inputs = networks(family, name)
    logits = _tracking.reader(family, name)(given, inputs)
    if family == "cells":
        hidden = run(cells.load(name), given, inputs).states["h"][1:].permute(1, 2, 0, 3)
    else:
        hidden = matrix.run(matrix_cells.load(name), given, inputs).flatten(3)
    expected = torch.einsum("bnth,bkh->bntk", hidden, given["readout"]) + given["readout_bias"][:, None, None]
    torch.testing.assert_close(logits, expected, rtol=1e-10, atol=1e-11)


def test_training_is_adam_with_a_clipped_gradient_of_each_network_alone():
    """Against torch's optimiser and clipping, one network at a time."""
    _, given, _ = networks("matrix_cells", "deltanet")
    rates, read = torch.tensor([0.003, 0.03], dtype=torch.float64), _tracking.reader("matrix_cells", "deltanet")
    given["readout"] *= 20  # so that gradients are above the norm at which they are clipped

    def batches(update):
        inputs = normal("batch", (2, 4, 9, 3), update)
        return inputs, (normal("classes", (2, 4, 9), update) > 0).long()

    trained = _tracking.train(read, given, (), rates, batches, 4)
    for number, rate in enumerate(rates.tolist()):
        alone = {key: value[number : number + 1].clone().requires_grad_() for key, value in given.items()}
        rule = torch.optim.Adam(alone.values(), lr=rate)
        for update in range(1, 5):
            inputs, classes = (tensor[number : number + 1] for tensor in batches(update))
            rule.zero_grad()
            torch.nn.functional.cross_entropy(read(alone, inputs).flatten(0, 2), classes.flatten()).backward()
            torch.nn.utils.clip_grad_norm_(alone.values(), 1.0)
            rule.step()
        for key, value in alone.items():
            # clip_grad_norm_ adds 1e-6 to the norm, and Adam's epsilon stands elsewhere by a rounding
            torch.testing.assert_close(trained[key][number], value[0].detach(), rtol=1e-5, atol=1e-7)


def test_a_network_whose_gradient_is_not_finite_stays_where_it_is():
    _, given, _ = networks("matrix_cells", "gla")

    def batches(update):
        inputs = normal("batch", (2, 4, 9, 3), update)
        inputs[0] = torch.nan
        return inputs, (normal("classes", (2, 4, 9), update) > 0).long()

    read = _tracking.reader("matrix_cells", "gla")
    trained = _tracking.train(read, given, (), torch.tensor([0.01, 0.01]), batches, 2)
    assert all(torch.equal(trained[key][0], value[0]) for key, value in given.items())
    assert any(not torch.equal(trained[key][1], value[1]) for key, value in given.items())


def test_constants_are_not_learned():
    _, given, inputs = networks("cells", "leaky")
    read, fixed = _tracking.reader("cells", "leaky"), _tracking.options("cells", "leaky")
    trained = _tracking.train(
        read, given, fixed, torch.tensor([0.1, 0.1]), lambda _: (inputs, torch.zeros(2, 4, 9, dtype=torch.long)), 2
    )
    assert torch.equal(trained["alpha"], given["alpha"]) and not torch.equal(trained["W"], given["W"])


@pytest.fixture(scope="module")
def reach() -> pd.DataFrame:
    chosen = {"hidden": 4, "keys": 2, "lags": 20, "replicates": 3}
    return laboratory.load("successors").run(3, chosen)


def test_what_cannot_grow_by_construction_does_not(reach):
    """‖A‖ ≤ 1 bounds all matrix states but RWKV-7's; gates below one those plain cells whose Jacobian is a gate."""
    for name in [one for one in matrix_cells.names() if matrix_cells.load(one).norm == 1] + ["minlstm", "rglru"]:
        rows = reach[reach["recurrence"] == name]
        lines = rows.pivot_table("log10_whole", "lag", ["forget_bias", "input_scale", "replicate"], dropna=False)
        assert len(rows) and (lines.dropna(axis=1, how="all").diff().iloc[1:] <= 1e-12).all(axis=None), name


def test_without_hops_or_mixings_the_carry_is_everything(reach):
    paths = {
        ("cells", name): bool(cells.load(name).recurrent_gates)
        for name in reach["recurrence"].unique()
        if name in cells.names()
    }
    paths |= {("matrix_cells", name): "delta" in name or name == "rwkv7" for name in matrix_cells.names()}
    for (family, name), others in paths.items():
        rows = reach[(reach["family"] == family) & (reach["recurrence"] == name)]
        assert len(rows)
        assert np.isfinite(rows["log10_one"]).any() == others, name
        if not others:
            assert np.allclose(rows["log10_none"], rows["log10_whole"], rtol=0, atol=1e-9), name


def test_reach_is_told_relative_to_the_first_lag(reach):
    found = statistics.load("successor_reach").of_tables({"successors": reach})
    first = found[found["lag"] == 1]
    assert (first["change"] == 0).all() and len(first) == reach.groupby(
        ["recurrence", "forget_bias", "input_scale"], dropna=False
    ).ngroups
    row = found[(found["recurrence"] == "lstm") & (found["forget_bias"] == 4) & (found["input_scale"] == 1)]
    last = row[row["lag"] == 20].iloc[0]
    own = reach[(reach["recurrence"] == "lstm") & (reach["forget_bias"] == 4) & (reach["input_scale"] == 1)]
    change = own[own["lag"] == 20]["log10_whole"].to_numpy() - own[own["lag"] == 1]["log10_whole"].to_numpy()
    assert last["change"] == pytest.approx(np.median(change), abs=1e-12)


def errors(**by_rate: list[float]) -> pd.DataFrame:
    """Return a table of one recurrence: for each rate the errors of network 0 (tuning), 1, 2 and 3 at length 5."""
    rows = []
    for rate, values in by_rate.items():
        for replicate, error in enumerate(values):
            for length, factor in ((5, 1), (9, 2)):
                where = {"rate": float(rate[1:]) / 1000, "replicate": replicate, "length": length}
                rows.append(where | {"error": error * factor, "role": "tuning" if replicate == 0 else "reported"})
    fixed = {"task": "parity_running", "recurrence": "lstm", "family": "cells", "parameters": 100}
    return pd.DataFrame(rows).assign(**fixed)


def test_the_rate_is_chosen_on_networks_that_are_not_reported():
    given = errors(r3=[0.2, 0.0, 0.0, 0.0], r10=[0.1, 0.3, 0.4, 0.2], r30=[0.1, 0.0, 0.0, 0.0])
    found = statistics.load("tracking_summary").of_tables({"state_tracking": given}).set_index("length")
    assert (found["rate"] == 0.01).all()  # the smallest error of network 0; the smaller rate of two that have it
    assert found.loc[5, "median"] == 0.3 and found.loc[9, "median"] == 0.6 and (found["n"] == 3).all()


def test_a_reflection_learns_parity_and_a_projection_does_not():
    """Small, and with a wide margin: no errors against a coin's."""
    chosen = {
        "task": ["parity_running"], "cell": ["gru", "mingru"], "matrix_cell": ["deltanet", "deltanet_signed"],
        "rate": [0.03], "parameters": 200, "length": 12, "tests": [12, 24], "updates": 200, "tested": 32, "tuning": 1,
        "replicates": 3,
    }  # fmt: skip
    found = laboratory.load("state_tracking").run(3, chosen)
    at = found[(found["length"] == 24) & (found["role"] == "reported")].groupby("recurrence")["error"]
    assert at.median()["gru"] < 0.02 and at.median()["deltanet_signed"] < 0.02
    assert at.min()["deltanet"] > 0.3 and at.min()["mingru"] > 0.3
