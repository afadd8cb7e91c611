from __future__ import annotations

import io

import pytest
import torch

from tests.diagnosis.users import module
from whylstm.diagnosis import plan as planning
from whylstm.diagnosis import progress
from whylstm.diagnosis.modules import from_module
from whylstm.diagnosis.plan import Stage, plan
from whylstm.diagnosis.threads import threads
from whylstm.errors import StudyError


@pytest.mark.parametrize(
    ("steps", "sequences", "lags", "ends"),
    [
        (1, 1, 1, (1,)),
        (12, 1, 12, (12,)),
        (150, 1, 100, (100, 125, 150)),
        (1000, 1, 500, (500, 750, 1000)),
        (1000, 2, 500, (500, 1000)),
        (1000, 4, 500, (1000,)),
        (5000, 1, 500, (500, 2750, 5000)),
    ],
)
def test_what_is_measured_by_default(steps, sequences, lags, ends):
    found = plan(steps, sequences)
    assert (found.lags, found.ends) == (lags, ends)
    assert found.chosen[-1] == lags
    assert max(found.hop_lags) <= min(lags, planning.MOST_HOPS)


def test_wishes_are_met():
    found = plan(1000, 1, lags=1000, windows=5, hops=2)
    assert (found.lags, found.ends, found.hops) == (1000, (1000,), 2)
    assert plan(100, 1, lags=20, windows=2).ends == (20, 100)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"lags": 13}, "lags is 13; the sequences have 12 steps, so allowed: 1 to 12"),
        ({"lags": 0}, "lags is 0"),
        ({"windows": 0}, "windows is 0; allowed: 1 or more"),
        ({"hops": -1}, "hops is -1; allowed: 0 to 64"),
        ({"hops": 65}, "hops is 65"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(wish, message):
    with pytest.raises(StudyError, match=message):
        plan(12, 1, **wish)


def test_more_work_is_estimated_for_more_of_everything():
    def seconds(network, **wish):
        planned = plan(400, 1, **{"lags": 100, "windows": 1, "hops": 2} | wish)
        return sum(stage.seconds(1e10) for stage in planning.stages(network, planned, 8).values())

    small, deep, wide = (from_module(module("lstm", layers, hidden=h)) for layers, h in ((1, 20), (2, 20), (1, 80)))
    assert seconds(small) < min(seconds(deep), seconds(wide))
    assert seconds(small) < min(seconds(small, lags=200), seconds(small, windows=3), seconds(small, hops=64))
    planned = plan(400, 1)
    assert planning.memory(small, planned, 8) <= planning.memory(wide, planned, 8)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self):
        return True


def test_progress_tells_the_estimate_then_how_far_and_how_long(monkeypatch):
    clock = iter(range(0, 1000, 20))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    out = io.StringIO()
    shown = progress.Progress({"a": Stage(0, 1000), "b": Stage(0, 3000)}, out)
    shown.estimate("LSTM", 3_000_000)
    shown.advance("a", 1.0)
    shown.advance("b", 1.0)
    shown.finish()
    assert out.getvalue().splitlines() == [
        "LSTM; about 2 s and 3 MB of memory",
        " 25% done, about 60 s left (a)",
        " 99% done, about 1 s left (b)",
    ]


def test_progress_overwrites_its_line_on_a_terminal_and_is_silent_without_a_stream():
    out = Terminal()
    shown = progress.Progress({"a": Stage(0, 1000)}, out)
    shown.shown -= 1
    shown.advance("a", 0.5)
    shown.finish()
    assert "\n" not in out.getvalue()
    assert out.getvalue().endswith("\r")
    silent = progress.Progress({"a": Stage(0, 1)}, None)
    silent.estimate("x", 1)
    silent.advance("a", 1.0)
    silent.finish()


def test_a_machine_that_is_too_small_is_named():
    with pytest.raises(StudyError, match=r"needs about 1000000.0 GB of memory, but .* are free"):
        progress.check_memory(10**15)


@pytest.mark.parametrize(("hidden", "count"), [(5, 1), (300, 1), (1000, 2)])
def test_small_networks_run_in_one_thread_and_the_users_number_comes_back(hidden, count):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with threads(from_module(module("lstm", hidden=hidden))):
            assert torch.get_num_threads() == count
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
