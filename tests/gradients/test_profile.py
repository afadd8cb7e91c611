"""The lag profile: closed forms at any size and lag, and the streaming pass against plain products."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import Case, normal
from whylstm import cells
from whylstm.gradients import exact
from whylstm.gradients.factors import Factors
from whylstm.gradients.profile import advance, profile, start, step_at

DTYPES = (torch.float64, torch.float32)
LONG = 2000


def constant(carry: dict[str, list], gain: torch.Tensor, parts: tuple[str, ...] = ("h",)) -> Factors:
    """Return models whose steps are all alike: diagonals (B, H) by "new old", U (B, H, H) on h; time is not stored."""
    models, size, _ = gain.shape
    diagonals = {tuple(k.split()): torch.as_tensor(v, dtype=gain.dtype) for k, v in carry.items()}
    mix = {("h", "u"): torch.ones(size, dtype=gain.dtype)}
    carry, mix = ({k: v.expand(LONG, models, size) for k, v in blocks.items()} for blocks in (diagonals, mix))
    return Factors(parts, ("u",), carry, mix, gain[:, None])


def rounding(dtype: torch.dtype, lags: int = LONG) -> float:
    """Return how far log₁₀ of a product of ``lags`` factors may be off: a relative eps for each, and float64's own."""
    return lags * torch.finfo(dtype).eps / math.log(10) + 1e-15 * 10 * lags


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_beyond_the_range_of_numbers(dtype):
    """Networks of known norm at every lag up to 2000, between 1e-60000 and 1e+60000, side by side in one batch.

    Linear: U = x Q with Q orthogonal, ‖U^k‖ = x^k √H. Diagonal, as minLSTM: ‖G‖² = Σ f_j^{2k}, where the fastest units
    are lost in the slowest, and rightly.
    """
    sizes = torch.tensor([1e-30, 0.03, 1.0, 1.5, 1e30], dtype=dtype)
    rates = torch.tensor([0.9990234375, 0.75, 0.001953125, 0.0], dtype=dtype)
    gain = torch.cat(
        [sizes[:, None, None] * torch.eye(4, dtype=dtype)[[1, 2, 3, 0]], torch.zeros(1, 4, 4, dtype=dtype)]
    )
    steps = constant({"h h": torch.cat([torch.zeros(5, 4, dtype=dtype), rates[None]])}, gain)
    lag = torch.arange(1, LONG + 1, dtype=torch.float64)[:, None]
    linear = lag * sizes.double().log10() + math.log10(4) / 2
    slowest = lag * rates[:1].double().log10()
    others = (lag * (rates.double() / rates[0].double()).log()).exp().square().sum(1, keepdim=True)
    found = profile(steps, [LONG], LONG, hops=1)
    assert (found["norm"][:, :, 0] - torch.cat([linear, slowest + others.log10() / 2], 1)).abs().max() <= rounding(
        dtype
    )
    assert torch.equal(found["hop_0"][:, 5], found["norm"][:, 5])
    assert torch.equal(found["hop_rest"][1:, :5], found["norm"][1:, :5])
    assert (found["hop_0"][:, :5] == -torch.inf).all() and (found["hop_rest"][:, 5] == -torch.inf).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", ["tiny", "smallest", "max"])
def test_single_steps_at_the_ends_of_the_range(dtype, size):
    """One-step factors as small (or large) as the precision has, subnormal ones included: 1e-300, 1e+300 and beyond."""
    ends = {"tiny": torch.finfo(dtype).tiny, "smallest": torch.finfo(dtype).smallest_normal * 2.0**-20}
    x = torch.tensor(ends.get(size, 2.0 ** (127 if dtype == torch.float32 else 1023)), dtype=dtype)
    expected = torch.arange(1, 51) * math.log10(float(x)) + math.log10(3) / 2
    nothing = torch.zeros(1, 3, 3, dtype=dtype)
    carried = constant({"h h": x.expand(1, 3)}, nothing)
    hopped = constant({}, x * torch.eye(3, dtype=dtype)[None])
    for steps, name in ((carried, "norm"), (carried, "hop_0"), (hopped, "norm"), (hopped, "hop_rest")):
        # Powers of two: only float64's log₁₀ is rounded, at a size of 1e4.
        found = profile(steps, [LONG], 50, 0)[name][:, 0, 0]
        assert (found - expected).abs().max() <= 1e-11


@pytest.mark.parametrize("dtype", DTYPES)
def test_hops_are_binomial_where_everything_commutes(dtype):
    """K = κ I and R = ρ Q: ‖G^{(r)}‖ = C(k, r) κ^{k-r} ρ^r √H, each product with a scale of its own."""
    keep, gain, lag = 0.0009765625, 0.5, 300
    steps = constant({"h h": [keep] * 3}, gain * torch.eye(3, dtype=dtype)[[1, 2, 0]][None])
    found = profile(steps, [LONG], lag, 4)
    for r in range(5):
        k = torch.arange(r, lag + 1, dtype=torch.float64)[max(1 - r, 0) :]
        choose = torch.lgamma(k + 1) - torch.lgamma(k - r + 1) - math.lgamma(r + 1)
        expected = choose / math.log(10) + (k - r) * math.log10(keep) + r * math.log10(gain) + math.log10(3) / 2
        # lgamma is good to 1e-13 at these sizes; the rest is rounding.
        assert (found[f"hop_{r}"][max(r - 1, 0) :, 0, 0] - expected).abs().max() <= rounding(dtype, lag) + 1e-12


def test_a_block_far_below_the_whole_keeps_its_digits():
    """C → C is 2^-600 of the whole, and its square below the range of numbers; a block that is zero is -inf."""
    carry = {"h h": [1.0, 1.0], "c c": [2.0**-600, 2.0**-601]}
    steps = constant(carry, torch.zeros(1, 2, 2), ("h", "c"))
    found = profile(steps, [LONG], 1, 1)
    expected = -600 * math.log10(2) + math.log10(1.25) / 2
    assert float(found["c_to_c"]) == pytest.approx(expected, abs=1e-12)  # an ulp or two of a number of order 200
    assert float(found["carry_c_to_c"]) == pytest.approx(expected, abs=1e-12)
    assert found["h_to_c"] == found["c_to_h"] == -torch.inf


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["tanh", "gru", "lstm", "slstm"])
def test_rescaling_is_exact(name, dtype):
    """The streaming pass with a scale beside each product, and without: the same bits, as far as plain numbers go."""
    case = Case(name, 4, 1.0, 0)
    steps = Factors(
        case.factors.parts,
        case.factors.gates,
        {block: value.to(dtype) for block, value in case.factors.carry.items()},
        {block: value.to(dtype) for block, value in case.factors.mix.items()},
        case.factors.matrices.to(dtype),
    )
    stack, last = start(steps, 1, hops=2), torch.tensor([6])
    plain = torch.ldexp(stack.mantissa, stack.exponent.nan_to_num(neginf=0)[..., None, None]).to(dtype)
    for lag in range(6):
        step = step_at(steps, last - lag)
        stack = advance(stack, step)
        split = plain.unflatten(-1, (len(step.parts), -1))
        carried, hopped = step.carried(split).flatten(-2), step.hopped(split).flatten(-2)
        total, hop, rest = hopped[:, :1], hopped[:, 1:-1], hopped[:, -1:]
        plain = carried + torch.cat([total, torch.zeros_like(total), hop[:, :-1], rest + hop[:, -1:]], 1)
        back = stack.mantissa.double() * torch.exp2(stack.exponent.nan_to_num(neginf=0))[..., None, None]
        assert torch.equal(back, plain.double())


@given(
    st.sampled_from(cells.names()),
    st.integers(1, 5),
    st.lists(st.integers(3, 7), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(0, 4),
)
def test_shapes_and_whole_norms_for_any_windows(name, hidden, ends, lags, hops):
    """Every column is (lags, B, windows) in float64, and the norm is that of the plain product."""
    case = Case(name, hidden, 1.0, 0)
    found = profile(case.factors, ends, lags, hops)
    parts = case.cell.parts
    assert len(found) == 1 + len(parts) ** 2 + hops + 2 + len(parts)
    assert all(value.shape == (lags, 2, len(ends)) and value.dtype == torch.float64 for value in found.values())
    for window, end in enumerate(ends):
        expected = torch.linalg.matrix_norm(exact.lag_jacobian(case.factors, end, lags)).log10()
        # Up to three matrix products of a few dozen terms each; cancellation may cost a few digits.
        torch.testing.assert_close(found["norm"][-1, :, window], expected, rtol=0, atol=1e-10)


def test_the_whole_is_no_more_than_its_hops_and_no_less_than_its_blocks():
    """‖G‖ ≤ Σ_r ‖G^{(r)}‖ and ‖G‖² = Σ ‖blocks‖², at every lag of a network in which paths interfere."""
    case = Case("lstm", 4, 5.0, 1)
    found = {name: 10.0**value for name, value in profile(case.factors, [7], 7, 3).items()}
    hops = sum(value for name, value in found.items() if name.startswith("hop_"))
    squares = sum(found[f"{old}_to_{new}"] ** 2 for old in "hc" for new in "hc")
    assert (found["norm"] <= hops * (1 + 1e-12)).all()
    torch.testing.assert_close(squares.sqrt(), found["norm"], rtol=1e-12, atol=0)


def test_nothing_depends_on_torchs_default_precision():
    """A user's program has float32 as its default, these tests float64; what is given decides."""
    case = Case("lstm", 4, 1.0, 0)
    expected = profile(case.factors, [7], 5, 2)
    torch.set_default_dtype(torch.float32)
    try:
        fresh = Case("lstm", 4, 1.0, 0)
        found = profile(fresh.factors, [7], 5, 2)
    finally:
        torch.set_default_dtype(torch.float64)
    assert all(torch.equal(value, expected[name]) for name, value in found.items())


def test_a_model_that_is_not_finite_says_so_and_harms_no_other():
    case = Case("tanh", 4, 1.0, 0)
    broken = {block: value.clone() for block, value in case.factors.mix.items()}
    broken["h", "h"][3, 0] = torch.nan
    steps = Factors(case.factors.parts, case.factors.gates, {}, broken, case.factors.matrices)
    found, expected = profile(steps, [6], 5, 2), profile(case.factors, [6], 5, 2)
    assert torch.equal(found["norm"][:, 1], expected["norm"][:, 1])
    assert torch.equal(found["norm"][:2, 0], expected["norm"][:2, 0])  # steps 6 and 5, before step 4 is met
    assert found["norm"][2:, 0].isnan().all()


@pytest.mark.parametrize(("ends", "lags"), [([3], 4), ([9], 4), ([5, 3], 4)])
def test_a_window_beyond_the_sequence_is_refused(ends, lags):
    steps = constant({"h h": [0.5]}, torch.zeros(1, 1, 1))
    short = Factors(steps.parts, steps.gates, {k: v[:8] for k, v in steps.carry.items()}, {}, steps.matrices)
    with pytest.raises(ValueError, match="must end between the largest lag 4 and the last step 8"):
        profile(short, ends, lags)


@given(st.integers(0, 1000))
def test_hops_beyond_the_lag_do_not_exist(seed):
    u = normal("U", (1, 1, 3, 3), seed)
    steps = Factors(("h",), ("u",), {}, {("h", "u"): torch.ones(5, 1, 3)}, u)
    found = profile(steps, [5], 3, 6)
    for lag in range(1, 4):
        assert [r for r in range(7) if found[f"hop_{r}"][lag - 1].isfinite().all()] == [lag]
    assert (found["hop_rest"] == -torch.inf).all()
