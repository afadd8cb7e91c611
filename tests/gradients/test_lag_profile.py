"""The door to the lag profile: the compiled route gives what the plain one gives, at the ends of the range as well."""

from __future__ import annotations

import pytest
import torch

from tests.cases import Case, alone, cases
from whylstm import cells
from whylstm.gradients.article import article_profile
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.profile import profile
from whylstm.gradients.trajectory import run

ENDS, LAGS, HOPS = [5, 7], 5, 2


def plain(steps: Factors, ends: list[int] = ENDS, lags: int = LAGS) -> dict[str, torch.Tensor]:
    return profile(steps, ends, lags, HOPS) | article_profile(steps, ends, lags)


@pytest.mark.parametrize("case", cases(cells.names()), ids=str)
def test_both_routes_agree(case):
    found, expected = lag_profile(case.factors, ENDS, LAGS, HOPS), plain(case.factors)
    assert set(found) == set(expected)
    for name, value in expected.items():
        # Five products of a few dozen terms, in another order; cancellation, as in ``detour_gap``, may cost digits.
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", cells.names())
def test_a_model_has_the_same_bits_in_every_batch(name):
    case = Case(name, 4, 1.0, 0)
    together = lag_profile(case.factors, ENDS, LAGS, HOPS)
    for model in range(2):
        weights, inputs = alone(case, model)
        by_itself = lag_profile(factors(case.cell, weights, run(case.cell, weights, inputs)), ENDS[1:], LAGS, HOPS)
        assert all(torch.equal(value[:, 0, 0], together[column][:, model, 1]) for column, value in by_itself.items())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("power", ["smallest", "tiny", "max"])
def test_single_steps_at_the_ends_of_the_range(dtype, power):
    """Factors down to subnormal ones and up to the largest power of two, as carry and as a hop."""
    info = torch.finfo(dtype)
    x = {"smallest": info.tiny * 2.0**-20, "tiny": info.tiny, "max": 2.0 ** (1023 if dtype == torch.float64 else 127)}[
        power
    ]
    ones = torch.ones(30, 1, 3, dtype=dtype)
    for carry, gain in ((x, 0.0), (0.0, x)):
        matrix = (gain * torch.eye(3)).to(dtype).reshape(1, 1, 3, 3)
        steps = Factors(("h",), ("u",), {("h", "h"): carry * ones}, {("h", "u"): ones}, matrix)
        found, expected = lag_profile(steps, [30], 30, HOPS), plain(steps, [30], 30)
        for name, value in expected.items():
            # Powers of two throughout: only float64's log₁₀ is rounded, at a size of 1e4.
            torch.testing.assert_close(found[name], value, rtol=0, atol=1e-11)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_what_is_not_finite_is_not_called_zero(bad):
    case = Case("tanh", 4, 1.0, 0)
    broken = {block: value.clone() for block, value in case.factors.mix.items()}
    broken["h", "h"][3, 0] = bad
    steps = Factors(case.factors.parts, case.factors.gates, {}, broken, case.factors.matrices)
    found, expected = (
        route["norm"][:, :, 0] for route in (lag_profile(steps, [6], 5, 2), profile(case.factors, [6], 5, 2))
    )
    assert (found[:2, 0] - expected[:2, 0]).abs().max() < 1e-10  # steps 6 and 5, before step 4 is met
    assert not found[2:, 0].isfinite().any() and not (found[2:, 0] == -torch.inf).any()
    assert (found[:, 1] - expected[:, 1]).abs().max() < 1e-10
