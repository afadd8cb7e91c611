"""Forecasts: scaled by what earlier jobs took, a range where training may end early, and a time on some cores."""

import dataclasses

import pytest

from whylstm.records import write_json
from whylstm.study import forecast, reference
from whylstm.study.accounts import Account, read_accounts
from whylstm.study.forecast import Expected, Stop
from whylstm.study.workload import Job

CHUNK = Job("simulate_chunk", "a", 0, 60.0, 500)
TRAINING = Job("train_chunk", "b", 0, 100.0, 500)


def account(job, processor, share=1.0):
    return Account(job.rule, job.name, 0.0, processor, 1.0, processor, 1.0, 400.0, share)


def test_jobs_that_took_twice_their_price_are_expected_to_do_so_again_and_so_are_the_others():
    scale = forecast.factors([(CHUNK, account(CHUNK, 2 * reference.price(CHUNK).seconds))], machine=7.0)
    assert scale == pytest.approx({"simulate_chunk": 2.0, "": 2.0})
    (found,) = forecast.expected([dataclasses.replace(CHUNK, seconds=30.0)], scale, Stop())
    assert found.low == found.high == pytest.approx(60.0)


def test_what_was_not_done_is_not_counted_as_fast():
    """A chunk that found half of its records took half the work: this machine is no faster for it."""
    cost = reference.price(CHUNK)
    scale = forecast.factors([(CHUNK, account(CHUNK, cost.start + cost.work / 2, share=0.5))], machine=1.0)
    assert scale["simulate_chunk"] == pytest.approx(1.0)


def test_training_that_ended_early_is_not_counted_as_fast():
    cost = reference.price(TRAINING)
    scale = forecast.factors([(TRAINING, account(TRAINING, cost.start + 0.25 * cost.work))], 1.0, trained=0.25)
    assert scale["train_chunk"] == pytest.approx(1.0)


def test_where_nothing_has_run_the_probe_counts():
    assert forecast.factors([], machine=1.7) == {"": 1.7}


def test_training_is_a_range_and_what_earlier_runs_took_lies_within_it():
    assert forecast.stopping(None) == Stop(forecast.EARLIEST, 1.0)
    for share in (0.05, 0.3, 0.9, 1.0):
        stop = forecast.stopping(share)
        assert stop.low < share <= stop.high <= 1.0
    found = {item.job.rule: item for item in forecast.expected([CHUNK, TRAINING], {"": 1.0}, Stop(0.2, 0.8))}
    assert found["simulate_chunk"].low == found["simulate_chunk"].high
    assert found["train_chunk"].low < found["train_chunk"].high < 100.0


def took(job, seconds):
    return Expected(job, seconds, 2 * seconds, 0.0)


def around(count):
    """Return what Snakemake adds where so many jobs follow each other on a core."""
    return forecast.SECONDS_AROUND + count * forecast.SECONDS_BETWEEN_JOBS


def test_on_one_core_times_add_up():
    found = [took(CHUNK, 10.0), took(TRAINING, 20.0), took(Job("claims", ""), 1.0)]
    assert forecast.wall(found, 1, "low") == pytest.approx(31.0 + around(3))
    assert forecast.wall(found, 1, "high") == pytest.approx(62.0 + around(3))


def test_on_more_cores_the_longest_chain_is_left():
    found = [took(CHUNK, 10.0), took(TRAINING, 20.0), took(Job("claims", ""), 1.0)]
    assert forecast.wall(found, 2, "low") == pytest.approx(21.0 + around(2))
    assert forecast.wall(found, 99, "low") == forecast.wall(found, 2, "low")


def test_more_cores_are_never_slower():
    found = [took(dataclasses.replace(CHUNK, name=str(n)), float(n % 7 + 1)) for n in range(40)]
    times = [forecast.wall(found, cores, "low") for cores in range(1, 12)]
    assert times == sorted(times, reverse=True)


def test_an_experiment_fills_a_core_that_chunks_leave_free():
    found = [took(CHUNK, 10.0), took(Job("perform_experiment", "x"), 10.0)]
    assert forecast.wall(found, 2, "low") == pytest.approx(10.0 + around(1))


def test_a_job_that_was_never_measured_costs_what_others_of_its_rule_do():
    known = reference.measured()["draw_figure"]
    cost = reference.price(Job("draw_figure", "fig99_new", 1e9))
    spent = sorted(entry["start"] + entry["seconds"][1] for entry in known.values())
    assert spent[0] <= cost.seconds <= spent[-1]
    assert reference.price(Job("no_such_rule", "", 1.0)).seconds > 0


def test_tables_of_ten_times_the_records_cost_ten_times_the_work_beyond_what_was_measured():
    entry = reference.measured()["compute_table"]["hop_spectrum"]
    large = entry["sizes"][1]
    one, ten = (reference.price(Job("compute_table", "hop_spectrum", factor * large)) for factor in (1, 10))
    assert ten.work == pytest.approx(10 * one.work)
    assert ten.memory > one.memory


def test_accounts_that_cannot_be_read_are_passed_over(tmp_path):
    numbers = dict.fromkeys(("ended", "seconds", "imports", "memory_mib"), 1.0)
    numbers |= {"imports_processor": 0.5, "processor": 1.5, "share": 1.0}
    whole = {"rule": "draw_data", "wildcards": {"task": "noise", "length": 300}, **numbers}
    folder = tmp_path / "benchmarks"
    write_json(folder / "data" / "a.json", whole)
    broken = [
        {},
        [1],
        *({**whole, **wrong} for wrong in ({"seconds": -1.0}, {"share": float("nan")}, {"wildcards": 3})),
    ]
    for number, content in enumerate([*broken, whole | {"processor": "many"}]):
        write_json(folder / f"{number}.json", content)
    (folder / "h.json").write_text("{")
    found = read_accounts(tmp_path)
    assert list(found) == [("draw_data", "300 noise")]
    assert found["draw_data", "300 noise"].work == 1.0
    assert read_accounts(tmp_path / "nowhere") == {}
