"""The simulation stage: right numbers, content-keyed records, and nothing done twice or trusted blindly."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from whylstm import cells, records
from whylstm.errors import StudyError
from whylstm.gradients.exact import autograd_jacobian
from whylstm.study import simulate
from whylstm.study.data import sequences
from whylstm.study.design import Point

POINT = Point(
    cell="lstm", initialisation="gaussian", gain=1.5, forget_bias=1.0, input_scale=1.0,
    hidden=5, length=40, task="noise", lags=20, windows=2, hops=3,
)  # fmt: skip
SEED = 7


@pytest.fixture(scope="module")
def inputs():
    return sequences("noise", POINT.length, 4, SEED).inputs


@pytest.mark.parametrize("cell", ["linear", "tanh", "lstm", "gru", "minlstm"])
def test_norms_are_those_of_the_differentiated_unroll(cell, inputs):
    point = dataclasses.replace(POINT, cell=cell, forget_bias=1.0 if cells.load(cell).carry_gate else None)
    rows = simulate.measure(point, SEED, 0, inputs[0])["profiles"]
    weights = simulate.draw_weights(point, SEED, 0, inputs.shape[2])
    for end, lag in [(20, 1), (20, 20), (40, 7)]:
        truth = autograd_jacobian(cells.load(cell), weights, torch.from_numpy(inputs[:1, None]), end, lag)
        found = rows[(rows["end"] == end) & (rows["lag"] == lag)].iloc[0]
        # Two float64 routes; the norm is a sum of positive terms, so rounding stays near 1e-15 a step.
        assert found["norm"] == pytest.approx(float(truth.norm().log10()), abs=1e-12)
        assert found["h_to_h"] == pytest.approx(float(truth[:5, :5].norm().log10()), abs=1e-12)


def test_one_more_replicate_costs_one_and_gives_the_bytes_of_a_fresh_run(inputs, tmp_path, monkeypatch):
    grown, fresh = tmp_path / "grown", tmp_path / "fresh"
    simulate.run_chunk([POINT], SEED, inputs, grown, 2)
    measured = []
    whole = simulate.measure
    monkeypatch.setattr(simulate, "measure", lambda *a, **k: measured.append(a[2]) or whole(*a, **k))
    manifest = simulate.run_chunk([POINT], SEED, inputs, grown, 3)
    assert measured == [2]
    assert manifest == simulate.run_chunk([POINT], SEED, inputs, fresh, 3)


def test_a_chunk_says_how_far_it_is_and_does_not_matter(inputs, tmp_path):
    other = dataclasses.replace(POINT, gain=0.5)
    seen = []
    both = simulate.run_chunk([POINT, other], SEED, inputs, tmp_path / "a", 1, progress=lambda *x: seen.append(x))
    alone = simulate.run_chunk([other], SEED, inputs, tmp_path / "b", 1)
    assert seen == [(1, 2, 1), (2, 2, 2)]
    simulate.run_chunk([POINT, other], SEED, inputs, tmp_path / "a", 2, progress=lambda *x: seen.append(x))
    assert seen[2:] == [(1, 2, 1), (2, 2, 2)]  # one new replicate of each
    assert both["points"][1] == alone["points"][0]


@pytest.mark.parametrize("harm", ["truncate", "flip", "delete"])
def test_a_damaged_record_is_measured_again(inputs, tmp_path, harm):
    before = simulate.run_chunk([POINT], SEED, inputs, tmp_path, 1)
    path = tmp_path / before["points"][0]["records"]["profiles"]["file"]
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    {
        "truncate": lambda: path.write_bytes(content[:-9]),
        "flip": lambda: path.write_bytes(content),
        "delete": path.unlink,
    }[harm]()
    assert simulate.run_chunk([POINT], SEED, inputs, tmp_path, 1) == before


def test_changed_inputs_are_found_and_measured_again(inputs, tmp_path):
    simulate.run_chunk([POINT], SEED, inputs, tmp_path, 2)
    changed = inputs.copy()
    changed[1, 0, 0] += 1
    manifest = simulate.run_chunk([POINT], SEED, changed, tmp_path, 2)
    fresh = simulate.run_chunk([POINT], SEED, changed, tmp_path / "fresh", 2)
    assert manifest == fresh


def test_records_are_keyed_by_seed_point_and_code():
    keys = {
        simulate.record_key(POINT, SEED),
        simulate.record_key(POINT, SEED + 1),
        simulate.record_key(dataclasses.replace(POINT, gain=2.0), SEED),
    }
    assert len(keys) == 3


def test_states_that_are_not_finite_are_a_result(tmp_path):
    point = dataclasses.replace(POINT, cell="linear", forget_bias=None, gain=1e9)
    inputs = sequences("noise", 40, 1, SEED).inputs
    manifest = simulate.run_chunk([point], SEED, inputs, tmp_path, 1)
    held = manifest["points"][0]["records"]
    model = records.read_table(tmp_path / held["models"]["file"], "models").iloc[0]
    rows = records.read_table(tmp_path / held["profiles"]["file"], "profiles")
    # |h| grows by about 1e9 a step, so 1e308 is passed after about 34 steps: the last window is left out, not guessed.
    assert 20 <= model["finite_steps"] < 40
    assert np.isnan(model["growth_mean"])
    assert set(rows["end"]) == {20}


def test_too_few_sequences_are_refused_before_any_work(inputs, tmp_path):
    with pytest.raises(StudyError, match=r"simulation\.replicates: 9 asked for, but the data hold 4 sequences"):
        simulate.run_chunk([POINT], SEED, inputs, tmp_path, 9)
    assert not list(tmp_path.iterdir())


def test_chrono_points_get_their_t_max(inputs):
    point = dataclasses.replace(POINT, initialisation="chrono", forget_bias=None, t_max=50.0)
    assert isinstance(simulate.measure(point, SEED, 0, inputs[0])["models"], pd.DataFrame)
