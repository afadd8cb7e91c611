import pytest

from tests.study.cases import config, training
from whylstm.errors import StudyError
from whylstm.study.config import assemble, load
from whylstm.study.plan import check_machine, plan


def test_a_plan_adds_up():
    planned = plan(load(tier="smoke"))
    assert sum(len(chunk.points) for chunk in planned.chunks) == len(planned.points)
    assert {trial for chunk in planned.training for trial, _ in chunk.trials} == set(planned.networks)
    assert {trial for found in planned.trials.values() for trial in found} == set(planned.networks)
    assert planned.seconds == pytest.approx(sum(chunk.seconds for chunk in planned.jobs))
    assert planned.memory == max(chunk.memory for chunk in planned.jobs)
    assert planned.disk == sum(chunk.disk for chunk in planned.jobs)
    assert planned.folder.as_posix() == "results/smoke"


def test_the_smoke_tier_is_small():
    planned = plan(load(tier="smoke"))
    assert sum(chunk.seconds for chunk in planned.chunks) < 60
    assert len(planned.chunks) < 16
    assert sum(chunk.seconds for chunk in planned.training) < 30
    assert len(planned.training) < 8


def test_the_default_tier_trains_for_as_long_as_it_says():
    planned = plan(load())
    assert sum(chunk.seconds for chunk in planned.training) < 3700  # if nobody solved anything; 3,030 were taken
    assert min(planned.networks.values()) >= 5
    assert all(chunk.seconds < 100 or len(chunk.trials) == 1 for chunk in planned.training)


def test_a_study_need_not_train():
    planned = plan(assemble(config(), None, {}))
    assert (planned.trials, planned.networks, planned.training) == ({}, {}, [])


def test_a_machine_with_too_little_memory_or_no_place_for_results_is_refused(tmp_path):
    planned = plan(assemble(config(), None, {}))
    check_machine(planned, tmp_path, planned.memory)
    with pytest.raises(StudyError, match="of memory, but a job can have"):
        check_machine(planned, tmp_path, planned.memory - 1)
    wide = plan(assemble(training(hidden=[4096], lengths=[100_000]), None, {}))
    with pytest.raises(StudyError, match=r"chunk adding needs about .* GiB of memory, but a job can have"):
        check_machine(wide, tmp_path, planned.memory)
    (tmp_path / "results").write_text("")
    with pytest.raises(StudyError, match="the results folder"):
        check_machine(planned, tmp_path, planned.memory)
