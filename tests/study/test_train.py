"""The training stage: records that can be trusted, nothing trained twice, and probes that measure what they say."""

import dataclasses

import numpy as np
import pytest
import torch

from whylstm import cells, records, tasks
from whylstm.errors import StudyError
from whylstm.figures import fig06_hop_spectrum
from whylstm.gradients.exact import lag_jacobian
from whylstm.gradients.factors import factors
from whylstm.gradients.trajectory import run
from whylstm.statistics import _training
from whylstm.study import probing, train
from whylstm.study.trials import Trial, trials
from whylstm.training.history import Row

SEED = 3
TRIAL = Trial(
    cell="gru", initialisation="gaussian", gain=1.0, forget_bias=1.0, input_scale=1.0, t_max=None, hidden=6,
    task="temporal_order", shortest=10, longest=10, optimiser="adam", sequences=5, budget=12, every=6, screen=250,
    examined=500, rate=0.01, clip_norm=1.0, clip_value=None, omega=0.0, detach=0.0, precision="float32", stop=True,
    record=5, probes=1, extrapolate=(10, 15),
)  # fmt: skip
TRAINING = {
    "replicates": 2, "precision": "float32", "record": 10, "probes": 1, "screen": 250, "examined": 250, "every": 10,
    "experiments": {
        "order": {
            "task": "temporal_order", "lengths": [10, [12, 20]], "hidden": [5], "sequences": 4, "budget": 20,
            "optimiser": "sgd",
            "arms": {
                "plain": {"cell": "tanh", "initialisation": "gaussian", "gain": 1.2, "input_scale": 1.0, "rate": 0.1},
                "chrono": {"cell": "lstm", "initialisation": "chrono", "gain": 1.0, "input_scale": 1.0, "rate": 0.2},
            },
        },
    },
}  # fmt: skip


def manifest(folder, chosen=(TRIAL,), replicates=2):
    return train.run_chunk(dict.fromkeys(chosen, replicates), SEED, folder)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    return folder, manifest(folder)


def test_the_tables_hold_what_the_plan_asks_for(done):
    folder, _ = done
    held = {table: records.read_table(folder / table / f"{TRIAL.id}.parquet", table) for table in train.TABLES}
    assert sorted(held["runs"]["replicate"]) == [0, 1]
    assert set(held["runs"]["update"]) == {12}
    assert list(held["learning"].query("replicate == 1")["update"]) == [5, 10, 12]
    assert set(held["examinations"]["update"]) == {6, 12}
    assert list(held["probes"].query("replicate == 0")["update"]) == [0, 1, 10, 12]
    assert set(held["extrapolation"]["length"]) == {10, 15}
    assert set(held["probe_lags"]["lag"]) == set(probing.grid(10))


def test_one_more_replicate_trains_one_network_and_gives_the_bytes_of_a_fresh_run(tmp_path, monkeypatch):
    grown, fresh = tmp_path / "grown", tmp_path / "fresh"
    manifest(grown, replicates=1)
    trained = []
    whole = train.draw
    monkeypatch.setattr(train, "draw", lambda networks, seed: trained.append(networks) or whole(networks, seed))
    more = manifest(grown, replicates=2)
    assert trained == [[(TRIAL, 1)]]
    assert more == manifest(fresh, replicates=2)


def test_company_does_not_matter_and_arms_are_paired(done, tmp_path):
    _, alone = done
    other = dataclasses.replace(TRIAL, rate=0.02, clip_norm=None)
    together = manifest(tmp_path, (other, TRIAL))
    assert alone["trials"][0] in together["trials"]
    start, paired = (train.initial_weights(trial, 1, SEED) for trial in (TRIAL, other))
    assert all(np.array_equal(start[name], paired[name]) for name in start)


@pytest.mark.parametrize("harm", ["truncate", "flip", "delete"])
def test_a_damaged_record_is_trained_again(done, tmp_path, harm):
    _, before = done
    manifest(tmp_path)
    path = tmp_path / before["trials"][0]["records"]["learning"]["file"]
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    {
        "truncate": lambda: path.write_bytes(content[:-9]),
        "flip": lambda: path.write_bytes(content),
        "delete": path.unlink,
    }[harm]()
    assert manifest(tmp_path) == before


def test_a_job_that_is_killed_goes_on(done, tmp_path, monkeypatch):
    _, before = done
    examine, seen = train.probe, []

    def dying(*settings):
        measured = examine(*settings)

        def probe(update, ensemble) -> list[Row]:
            if update == 10:
                raise KeyboardInterrupt
            return measured(update, ensemble)

        return probe

    monkeypatch.setattr(train, "probe", dying)
    monkeypatch.setattr(train, "train", lambda *a, **k: _train(*a, **k, save_every=0))
    with pytest.raises(KeyboardInterrupt):
        manifest(tmp_path)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1
    monkeypatch.setattr(train, "probe", lambda *s: lambda u, e: seen.append(u) or examine(*s)(u, e))
    assert manifest(tmp_path) == before
    assert seen == [10, 12]
    assert list((tmp_path / "checkpoints").iterdir()) == []


_train = train.train


def test_the_final_weights_are_kept(done):
    folder, _ = done
    weights = records.read_arrays(folder / "weights" / f"{TRIAL.id}.npz")
    assert sorted(weights) == ["0", "1"]
    start = train.draw([(TRIAL, 0)], SEED).rows[0].numpy()
    assert weights["0"].shape == start.shape
    assert not np.array_equal(weights["0"], start)


def test_a_probe_measures_the_lag_jacobian_and_the_gate():
    one = train.draw([(TRIAL, 0)], SEED)
    rows = probing.probe(TRIAL.task, TRIAL.longest, TRIAL.sequences, SEED)(0, one)
    weights = {name: value.double() for name, value in one.weights.items()}
    inputs = probing._inputs(TRIAL.task, TRIAL.longest, probing.SEQUENCES, 0, SEED)[:1]
    found = factors(cells.load(TRIAL.cell), weights, run(cells.load(TRIAL.cell), weights, inputs))
    for row in rows[1:]:
        exact = lag_jacobian(found, 10, row["lag"]).norm().log10()
        assert row["norm"] == pytest.approx(float(exact), abs=1e-10)  # two orders of 9 small float64 products
        carry = np.prod([found.carry["h", "h"][10 - k].numpy() for k in range(1, row["lag"] + 1)], axis=0)
        assert row["hop_0"] == pytest.approx(np.log10(np.linalg.norm(carry)), abs=1e-10)
    assert rows[0]["gate"] == pytest.approx(float(found.carry["h", "h"].mean()))
    assert -1 <= rows[0]["cosine"] <= 1


def test_trained_gradients_are_probed_at_the_lag_at_which_they_are_told():
    assert probing.FAR == _training.DEPENDENCY == fig06_hop_spectrum.DEPENDENCY


def test_a_probe_measures_how_the_last_output_depends_on_the_inputs():
    one = train.draw([(TRIAL, 0)], SEED)
    rows = probing.probe(TRIAL.task, TRIAL.longest, TRIAL.sequences, SEED)(0, one)[1:]
    cell, weights = cells.load(TRIAL.cell), {name: value.double() for name, value in one.weights.items()}
    inputs = probing._inputs(TRIAL.task, TRIAL.longest, probing.SEQUENCES, 0, SEED)
    each = [
        torch.autograd.functional.jacobian(lambda x: run(cell, weights, x).after["h"][-1, 0, 0], one)[:, 0, 0]
        for one in inputs.split(1)
    ]
    norms = torch.stack([torch.linalg.vector_norm(one, dim=(0, 2)).log10() for one in each]).median(0).values
    assert [row["x_to_h"] for row in rows] == pytest.approx([float(norms[-1 - row["lag"]]) for row in rows], abs=1e-10)


def test_attention_is_trained_and_probed_where_it_can_be(tmp_path):
    trial = dataclasses.replace(TRIAL, cell="attention", forget_bias=None)
    manifest(tmp_path, (trial,))
    held = {table: records.read_table(tmp_path / table / f"{trial.id}.parquet", table) for table in train.TABLES}
    assert len(held["runs"]) == 2
    assert set(held["extrapolation"]["length"]) == {10, 15}
    assert held["probes"][list(probing.SUMMARY)].isna().all(axis=None)
    assert set(held["probe_lags"]["lag"]) == set(probing.grid(10))
    assert np.isfinite(held["probe_lags"]["x_to_h"]).all()
    assert held["probe_lags"]["norm"].isna().all()


def test_where_no_edge_is_there_to_cut_the_truncated_gradient_is_the_full_one():
    trial = dataclasses.replace(TRIAL, cell="minlstm")
    (row, *_) = probing.probe(trial.task, 10, 5, SEED)(0, train.draw([(trial, 0)], SEED))
    assert (row["cosine"], row["norm_ratio"]) == (pytest.approx(1), pytest.approx(1))


def test_a_network_that_is_not_finite_is_probed_without_error():
    one = train.draw([(TRIAL, 0)], SEED)
    one.rows[:] = torch.nan
    rows = probing.probe(TRIAL.task, 10, 5, SEED)(0, one)
    assert len(rows) == 1
    assert np.isnan([rows[0][name] for name in ("exponent", "cosine", "memory")]).all()


def test_trials_of_a_config():
    found = trials(TRAINING)
    assert list(found) == [("order", "plain"), ("order", "chrono")]
    (short, long), (_, chrono) = found.values()
    assert (short.shortest, short.longest, long.shortest, long.longest) == (10, 10, 12, 20)
    assert chrono.t_max == 20
    assert chrono.forget_bias is None
    assert short.shared != chrono.shared
    assert len({trial.id for each in found.values() for trial in each}) == 4


def test_ids_come_from_content_alone():
    arms = TRAINING["experiments"]["order"]["arms"]
    renamed = {**TRAINING, "experiments": {"other": {**TRAINING["experiments"]["order"], "arms": {"x": arms["plain"]}}}}
    assert trials(renamed)["other", "x"] == trials(TRAINING)["order", "plain"]


def test_what_is_missing_or_does_not_go_together_is_said():
    settings = TRAINING["experiments"]["order"]
    for arm, message in [
        ({"cell": "tanh", "initialisation": "gaussian", "input_scale": 1.0, "rate": 0.1}, "gain is missing"),
        ({"cell": "orthogonal", "initialisation": "gaussian", "rate": 0.1}, "does not suit cell 'orthogonal'"),
    ]:
        wrong = {**TRAINING, "experiments": {"e": {**settings, "arms": {"a": arm}}}}
        with pytest.raises(StudyError, match=message):
            trials(wrong)


def test_every_task_with_answers_can_be_trained():
    for name in tasks.names():
        if tasks.load(name).kind != "none":
            length = tasks.load(name).shortest + 10
            trial = dataclasses.replace(TRIAL, task=name, shortest=length, longest=length, extrapolate=(), budget=2)
            ensemble = train.draw([(trial, 0)], SEED)
            found = train.tables(ensemble, train._train(ensemble, trial, SEED, None), trial, SEED)
            assert len(found["runs"]) == 1, name
            assert found["extrapolation"].empty
