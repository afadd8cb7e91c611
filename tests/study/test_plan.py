import pytest

from tests.study.cases import config
from whylstm.errors import StudyError
from whylstm.study.config import assemble, load
from whylstm.study.plan import check_machine, plan


def test_a_plan_adds_up():
    planned = plan(load(tier="smoke"))
    assert sum(len(chunk.points) for chunk in planned.chunks) == len(planned.points)
    assert planned.seconds == pytest.approx(sum(chunk.seconds for chunk in planned.chunks))
    assert planned.memory == max(chunk.memory for chunk in planned.chunks)
    assert planned.folder.as_posix() == "results/smoke"


def test_the_smoke_tier_is_small():
    planned = plan(load(tier="smoke"))
    assert sum(chunk.seconds for chunk in planned.chunks) < 60
    assert len(planned.chunks) < 16


def test_a_machine_with_too_little_memory_or_no_place_for_results_is_refused(tmp_path):
    planned = plan(assemble(config(), None, {}))
    check_machine(planned, tmp_path, planned.memory)
    with pytest.raises(StudyError, match="of memory, but a job can have"):
        check_machine(planned, tmp_path, planned.memory - 1)
    (tmp_path / "results").write_text("")
    with pytest.raises(StudyError, match="the results folder"):
        check_machine(planned, tmp_path, planned.memory)
