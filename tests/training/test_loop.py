"""The loop: how models end, that none touches another, and that a run goes on after any interruption."""

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm.training import checkpoint, loop
from whylstm.training.ensemble import Member
from whylstm.training.evaluate import Examination
from whylstm.training.plan import Plan

SEED = 4


def plan(budget: int, **fields) -> Plan:
    settings = {"examination": Examination(every=10, screen=250, sequences=250), "record": 7} | fields
    return Plan(SEED, "temporal_order", (10, 10), "sgd", 6, budget, **settings)


def same(first, second) -> None:
    """Two runs have the same rows and, bit for bit, the same weights."""
    for name in checkpoint.LISTS:
        np.testing.assert_equal(by_model(getattr(first, name)), by_model(getattr(second, name)))
    assert first.final.keys() == second.final.keys()
    assert all(torch.equal(row, second.final[name]) for name, row in first.final.items())


def by_model(rows):
    return sorted(rows, key=lambda row: (row["model"], row["update"]))


def only(rows, names):
    return [row for row in rows if row["model"] in names]


def weights_of(update, ensemble):
    """A probe: the size of U."""
    return [
        {"model": member.name, "size": float(ensemble.rows[place].double().norm())}
        for place, member in enumerate(ensemble.members)
    ]


def test_every_model_ends_once_and_the_censored_at_the_budget():
    ensemble = models.ensemble("tanh", "temporal_order", models.members(3), 5)
    run = loop.train(ensemble, plan(25), probe=weights_of)
    assert [(row["model"], row["end"], row["update"]) for row in run.outcomes] == [
        (f"m{number}", "censored", 25) for number in range(3)
    ]
    assert [row["update"] for row in only(run.history, ["m1"])] == [7, 14, 21, 25]
    assert [row["updates"] for row in only(run.history, ["m1"])] == [7, 7, 7, 4]
    assert [row["update"] for row in only(run.examinations, ["m1"])] == [10, 20, 25]
    assert [row["update"] for row in only(run.probes, ["m1"])] == sorted({0, *plan(25).probes, 25})


def test_a_model_that_diverges_is_recorded_and_touches_no_other():
    calm = models.members(3)
    wild = Member("wild", replicate=1, rate=1e300)
    ensemble = models.ensemble("linear", "temporal_order", [calm[0], wild, *calm[1:]], 5)
    run, alone = loop.train(ensemble, plan(15)), loop.train(ensemble.take([0, 2, 3]), plan(15))
    for name, row in alone.final.items():
        assert torch.equal(row, run.final[name])
    np.testing.assert_equal(only(run.history, alone.final), alone.history)  # which takes NaN for equal
    (end,) = only(run.outcomes, ["wild"])
    assert end["end"] == "diverged"
    assert end["update"] == 2
    assert not (np.isfinite(end["norm"]) and np.isfinite(end["loss"]))
    (row,) = only(run.history, ["wild"])
    assert (row["update"], row["updates"]) == (1, 1)


def test_a_frozen_model_keeps_the_weights_that_it_had():
    """A model whose first gradient is already not finite ends with the weights that it started from."""
    ensemble = models.ensemble("linear", "temporal_order", models.members(2), 5)
    ensemble.weights["U"][1] *= 1e200
    run = loop.train(ensemble, plan(3))
    (end,) = only(run.outcomes, ["m1"])
    assert (end["end"], end["update"]) == ("diverged", 1)
    assert torch.equal(run.final["m1"], ensemble.rows[1])


def test_a_solved_model_stops_and_the_others_do_not_notice():
    easy = plan(2000, examination=Examination(every=50, screen=250, sequences=500))
    settings = [Member(f"{rate}-{number}", number, rate, clip_norm=1.0) for number in range(2) for rate in (0.5, 0.001)]
    ensemble = models.ensemble("gru", "temporal_order", settings, 12, torch.float32)
    run = loop.train(ensemble, easy)
    ends = {row["model"]: row for row in run.outcomes}
    assert {name: row["end"] for name, row in ends.items()} == {
        "0.5-0": "solved", "0.5-1": "solved", "0.001-0": "censored", "0.001-1": "censored"
    }  # fmt: skip
    for name in ("0.5-0", "0.5-1"):
        last = only(run.examinations, [name])[-1]
        assert (last["update"], last["success"], last["sequences"]) == (ends[name]["update"], True, 500)
        assert last["error"] < 0.01
    alone = loop.train(ensemble.take([1]), easy)
    assert torch.equal(alone.final["0.001-0"], run.final["0.001-0"])


def test_a_model_that_trains_on_after_it_was_solved_is_solved_all_the_same():
    course = {"examination": Examination(every=50, screen=250, sequences=500)}
    settings = [Member(f"{rate}", 0, rate, clip_norm=1.0) for rate in (0.5, 0.001)]
    ensemble = models.ensemble("gru", "temporal_order", settings, 12, torch.float32)
    stopped = loop.train(ensemble.take([0]), plan(400, **course)).outcomes[0]
    run = loop.train(ensemble, plan(400, **course, stop_when_solved=False))
    quick, slow = (only(run.outcomes, [name])[0] for name in ("0.5", "0.001"))
    assert (quick["end"], quick["update"]) == ("solved", stopped["update"])
    assert stopped["update"] < 400
    assert (slow["end"], slow["update"]) == ("censored", 400)
    assert only(run.examinations, ["0.5"])[-1]["update"] == 400


@pytest.mark.parametrize("stop", [1, 10, 13, 20])
def test_an_interrupted_run_ends_in_the_same_bytes(tmp_path, stop):
    ensemble = models.ensemble("lstm", "temporal_order", models.members(3, detach=0.3, omega=0.1), 5, torch.float32)
    unbroken = loop.train(ensemble, plan(24), probe=weights_of)

    class PowerCut(Exception):
        pass

    def interrupting(update, models_then):
        if update == stop:
            raise PowerCut
        return weights_of(update, models_then)

    saved = tmp_path / "run.safetensors"
    everywhere = plan(24, probes_per_decade=20)
    with pytest.raises(PowerCut):
        loop.train(ensemble, everywhere, interrupting, saved, save_every=0)
    assert saved.exists() == (stop > 1)
    resumed = loop.train(ensemble, everywhere, weights_of, saved, save_every=0)
    same(resumed, loop.train(ensemble, everywhere, weights_of))
    assert all(torch.equal(row, unbroken.final[name]) for name, row in resumed.final.items())


def test_the_number_of_threads_changes_nothing():
    ensemble = models.ensemble("gru", "temporal_order", models.members(2), 33, torch.float32)
    one = loop.train(ensemble, plan(5))
    torch.set_num_threads(2)
    try:
        same(one, loop.train(ensemble, plan(5)))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
