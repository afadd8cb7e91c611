"""The list of jobs behind a plan: sizes that grow with what is asked for."""

import pytest

from tests.study.cases import config, training
from whylstm.study import config as study_config
from whylstm.study import workload
from whylstm.study.plan import plan
from whylstm.study.schema import ROOT


def jobs(raw):
    return workload.workload(plan(study_config.assemble(raw, None, {})), ROOT)


def test_every_job_is_there_once_and_has_a_stage():
    found = jobs(config())
    assert len({(job.rule, job.name) for job in found}) == len(found)
    assert {job.stage for job in found} <= set(range(len(workload.STAGES)))


def test_a_study_without_training_has_none_of_its_jobs():
    without, with_ = ({job.rule for job in jobs(raw)} for raw in (config(), training()))
    assert with_ - without == {"train_chunk", "list_trials", "gather_training"}
    figures = [{job.name for job in jobs(raw) if job.rule == "draw_figure"} for raw in (config(), training())]
    assert figures[0] <= figures[1]


def test_chunks_bring_their_price_and_all_others_a_size():
    for job in jobs(training()):
        assert (job.seconds > 0) == (job.rule in workload.CHUNKS)
        assert (job.size > 0) == (job.rule not in workload.CHUNKS)


@pytest.mark.parametrize(
    ("settings", "volume"),
    [
        ({}, 1),
        ({"hidden": 8, "lags": 40}, 320),
        ({"gain": [0.5, 1.0, 8.0]}, 3),
        ({"lags": [10, 60]}, 70),
        ({"cell": ["lstm", "gru"], "replicates": 3, "gain": 1.5}, 6),
        ({"burn_in": 0, "on": True, "name": "x"}, 1),
    ],
)
def test_the_volume_of_settings_is_the_product_of_numbers_and_lists(settings, volume):
    assert workload.volume(settings) == volume
