"""The compiled route against the plain one: every column, every cell, both precisions, at every end of the range."""

from __future__ import annotations

import importlib
import math
import pkgutil
import subprocess
import sys

import pytest
import torch
from numba.core.dispatcher import Dispatcher

from tests.cases import Case, normal
from whylstm import cells
from whylstm.gradients import compiled, lag_profile
from whylstm.gradients.factors import Factors

DTYPES = (torch.float64, torch.float32)


def constant(
    carry: dict[str, list[float]], gain: torch.Tensor | None, parts: tuple[str, ...] = ("h",), steps: int = 2000
) -> Factors:
    """Return one model whose steps are all alike: diagonals by "new old", and J += U on h; time is not stored."""
    size = len(next(iter(carry.values()))) if carry else len(gain)
    mix = {} if gain is None else {("h", "u"): torch.ones(size).expand(steps, 1, size)}
    matrices = torch.zeros(1, 0, size, size) if gain is None else gain.reshape(1, 1, size, size)
    diagonals = {tuple(key.split()): torch.tensor(value).expand(steps, 1, size) for key, value in carry.items()}
    return Factors(parts, () if gain is None else ("u",), diagonals, mix, matrices)


def plain(factors: Factors, ends: list[int], lags: int, hops: int | None, **options) -> dict[str, torch.Tensor]:
    options = {"article": True, "spectral": False, "dtype": None} | options
    return lag_profile._plain(factors, ends, lags, hops, **options)


def agree(found: dict, expected: dict, atol: float) -> None:
    """The same columns, zeros and NaN in the same places, and else within ``atol`` decades."""
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert torch.equal(value.isfinite(), found[name].isfinite()), name
        assert torch.equal(value == -torch.inf, found[name] == -torch.inf), name
        finite = value.isfinite()
        assert not finite.any() or (found[name] - value)[finite].abs().max() <= atol, name


@pytest.mark.parametrize("name", cells.names())
@pytest.mark.parametrize("hidden", [1, 5, 17])
@pytest.mark.parametrize("saturation", [0.1, 1.0, 5.0])
def test_every_column_is_that_of_the_plain_route(name, hidden, saturation):
    """Sizes below, at and beyond a vector, none a multiple of it; ``hops`` with and without a rest."""
    case = Case(name, hidden, saturation, 0)
    for hops in (None, 0, 1, 3):
        # Sums in another order: some ulp, and the digits that cancel between paths (sLSTM at saturation 5: four).
        agree(
            compiled.profile(case.factors, [6, 7], 5, hops),
            plain(case.factors, [6, 7], 5, hops),
            atol=1e-11,
        )


@pytest.mark.parametrize("name", ["tanh", "gru", "lstm"])
def test_float32_products_on_a_float64_trajectory_are_within_4e_5_of_a_decade(name):
    case = Case(name, 17, 1.0, 0)
    found = compiled.profile(case.factors, [7], 6, 2, article=False, dtype=torch.float32)
    agree(found, compiled.profile(case.factors, [7], 6, 2, article=False), atol=4e-5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e-300, 1e-30, 0.3, 1.0, 1e30, 1e300])
def test_lag_2000_far_beyond_the_range_of_numbers(dtype, size):
    """U = x Q with Q orthogonal, float64 factors with products of either precision: ‖U^k‖ = x^k √H."""
    gain = size * torch.eye(4, dtype=torch.float64)[[1, 2, 3, 0]]
    found = compiled.profile(constant({}, gain), [2000], 2000, None, dtype=dtype)["norm"][:, 0, 0]
    expected = torch.arange(1, 2001) * math.log10(size) + math.log10(4) / 2
    # A relative rounding of x to the products' precision in each factor; and float64's log₁₀ at a size of 6e5.
    assert (found - expected).abs().max() <= 2000 * torch.finfo(dtype).eps / math.log(10) + 1e-9


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e-200, 1e-40, 1e40, 1e200])
def test_blocks_and_hops_far_from_each_other_keep_their_digits(dtype, size):
    """h → C is ``size`` of C → C: neither is lost in the other's scale, and the carry is exact in float32 as well."""
    carry = {"c c": [0.5, 0.25], "h c": [0.5 * size, 0.25 * size]}
    steps = constant(carry, None, ("h", "c"))
    found = compiled.profile(steps, [50], 50, None, dtype=dtype)
    exact = plain(steps, [50], 50, None)
    for name in ("norm", "hop_0", "c_to_c", "c_to_h", "carry_c_to_c"):
        # Powers of two times ``size``, which float32 rounds once.
        assert (found[name] - exact[name]).abs().max() <= 1e-6, name
    assert (found["h_to_h"] == -torch.inf).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_saturated_gates_and_zero_factors(dtype):
    """Coefficients that are exactly zero for some units, or tiny for all: zeros are zeros, and nothing is NaN."""
    case = Case("lstm", 5, 1.0, 0)
    mix = {key: value.clone() for key, value in case.factors.mix.items()}
    carry = {key: value.clone() for key, value in case.factors.carry.items()}
    for part in "hc":
        mix[part, "i"][3] = 0
        mix[part, "g"][:, :, 2] = 0
        mix[part, "f"] *= 1e-250
        carry[part, "c"][:, :, 1] = 0
    mix["h", "o"] *= 1e-300
    steps = Factors(case.factors.parts, case.factors.gates, carry, mix, case.factors.matrices, case.factors.exposure)
    options = {"article": False}
    found, expected = compiled.profile(steps, [7], 6, 3, dtype=dtype, **options), plain(steps, [7], 6, 3, **options)
    agree(found, expected, atol=1e-11 if dtype == torch.float64 else 1e-5)


def test_a_model_that_is_not_finite_says_so_and_harms_no_other():
    case = Case("lstm", 5, 1.0, 0)
    broken = {key: value.clone() for key, value in case.factors.mix.items()}
    broken["c", "i"][3, 0] = torch.nan
    steps = Factors(case.factors.parts, case.factors.gates, case.factors.carry, broken, case.factors.matrices)
    found = compiled.profile(steps, [6], 5, 2)
    whole = compiled.profile(case.factors, [6], 5, 2, article=False)
    assert torch.equal(found["norm"][:, 1], whole["norm"][:, 1])
    assert torch.equal(found["norm"][:2, 0], whole["norm"][:2, 0])  # steps 6 and 5, before step 4 is met
    assert found["norm"][2:, 0].isnan().all() and found["c_to_c"][2:, 0].isnan().all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_number_depends_on_what_else_is_asked_for(dtype):
    """Bit for bit: other models, windows, hops, and other columns."""
    case = Case("gru", 17, 1.0, 0)
    every = compiled.profile(case.factors, [5, 7], 4, 3, spectral=True, dtype=dtype)
    alone = Case("gru", 17, 1.0, 0).factors
    one = Factors(
        alone.parts, alone.gates,
        {key: value[:, 1:] for key, value in alone.carry.items()},
        {key: value[:, 1:] for key, value in alone.mix.items()},
        alone.matrices[1:],
    )  # fmt: skip
    for name, value in compiled.profile(one, [7], 4, None, dtype=dtype).items():
        assert torch.equal(value[:, 0, 0], every[name][:, 1, 1]), name


@pytest.mark.parametrize("name", ["tanh", "lstm", "slstm", "minlstm"])
@pytest.mark.parametrize("hidden", [1, 5, 20])
def test_spectral_norms_are_those_of_an_svd(name, hidden):
    case = Case(name, hidden, 1.0, 0)
    found = compiled.profile(case.factors, [7], 7, None, article=False, spectral=True)
    expected = plain(case.factors, [7], 7, None, article=False, spectral=True)
    for column in ("spectral", "spectral_h_to_h"):
        # A residual of 1e-6 bounds the error by 5e-7; it is the square of that unless two values nearly coincide.
        torch.testing.assert_close(found[column], expected[column], rtol=0, atol=3e-7)
        assert (found[column] - expected[column]).abs().median() < 1e-10
    assert (found["spectral_residual"] <= 1e-6).all()


def test_a_direction_that_takes_over_is_not_missed():
    """Diagonal products whose largest value changes its place: the last lag's vector is exactly the wrong one."""
    first, second = torch.full((60,), 0.9), torch.linspace(0.8, 1.2, 60).flip(0)  # lags run backwards
    steps = Factors(("h",), (), {("h", "h"): torch.stack([first, second], 1)[:, None]}, {}, torch.zeros(1, 0, 2, 2))
    found = compiled.profile(steps, [60], 60, None, spectral=True)["spectral"][:, 0, 0]
    logs = torch.stack([first, second]).flip(1).log10().cumsum(1)
    torch.testing.assert_close(found, logs.amax(0), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("ends", "lags"), [([3], 4), ([9], 4), ([5, 3], 4)])
def test_a_window_beyond_the_sequence_is_refused(ends, lags):
    with pytest.raises(ValueError, match="must end between the largest lag 4 and the last step 7"):
        lag_profile.lag_profile(Case("lstm", 4, 1.0, 0).factors, ends, lags)


def test_another_precision_is_refused():
    with pytest.raises(ValueError, match="float16 must be one of"):
        lag_profile.lag_profile(Case("lstm", 4, 1.0, 0).factors, [5], 4, dtype=torch.float16)


def test_the_plain_route_is_taken_on_request_alone(monkeypatch):
    case = Case("lstm", 4, 1.0, 0)
    monkeypatch.setenv("WHYLSTM_PLAIN", "1")
    asked = {"ends": [6], "lags": 4, "hops": 2, "spectral": True, "dtype": torch.float32}
    found = lag_profile.lag_profile(case.factors, **asked, plain=True)
    assert torch.equal(found["norm"], plain(case.factors, [6], 4, 2, spectral=True, dtype=torch.float32)["norm"])
    monkeypatch.setattr(compiled, "profile", lambda *given, **said: "compiled")
    assert lag_profile.lag_profile(case.factors, **asked) == "compiled"  # whatever the environment says


def test_without_numba_there_is_an_error_and_no_other_route(monkeypatch):
    case = Case("lstm", 4, 1.0, 0)
    monkeypatch.setitem(sys.modules, "numba", None)
    for module in [name for name in sys.modules if name.startswith("whylstm.gradients.")]:
        if "compiled" in module or "kernels" in module:
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.delattr("whylstm.gradients.compiled")
    with pytest.raises(ImportError, match="numba"):
        lag_profile.lag_profile(case.factors, [6], 4)


def test_the_order_of_every_sum_stands_in_the_code():
    """Kernels of the lag profile, too, may fuse a product and a sum and nothing more."""
    folder = importlib.import_module("whylstm.gradients.kernels").__path__
    modules = [importlib.import_module(f"whylstm.gradients.kernels.{one.name}") for one in pkgutil.iter_modules(folder)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}
    assert len(found) > 20
    assert {flag for part in found for flag in part.targetoptions.get("fastmath") or ()} == {"contract", "nsz"}


NARROW = """
import sys, torch
sys.path[:0] = ["src", "."]
torch.set_default_dtype(torch.float64)
from tests.cases import Case
from tests.gradients.test_compiled import agree, plain
from whylstm.gradients import compiled
from whylstm.gradients.kernels.simd import VECTOR_BYTES
assert VECTOR_BYTES == int(sys.argv[1]), VECTOR_BYTES
case = Case("lstm", 5, 1.0, 0)
agree(compiled.profile(case.factors, [7], 6, 1, article=False), plain(case.factors, [7], 6, 1, article=False), 1e-11)
from tests.gradients.test_truncation import differences, steps_of
steps, options = steps_of("lstm", 1.0, 0.0), {"article": False}
whole = plain(steps, [99], 99, None, **options)
found = compiled.profile(steps, [99], 99, None, truncate=1e-6, **options)
assert 0 < found["truncation_error"].max() < 1e-2
assert (differences(whole, found) <= found["truncation_error"] + 1e-9).all()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("features", "width"), [("+avx,+avx2,+fma", "32"), ("", "16")])
def test_narrower_processors_compute_the_same(features, width, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("NUMBA_CPU_FEATURES", features)
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    if sys.platform == "darwin":
        pytest.skip("2026-11: features are named as on x86")
    subprocess.run([sys.executable, "-c", NARROW, width], check=True, timeout=600)


def test_random_models_at_a_long_lag():
    """Lag 300 at H = 24, hops told apart: what rescaling and skipping must not change."""
    gain = 1.3 / math.sqrt(24) * normal("U", (24, 24), 3)
    steps = constant({"h h": [0.3] * 24}, gain)
    found, expected = compiled.profile(steps, [300], 300, 2), plain(steps, [300], 300, 2)
    # Paths cancel: the rounding of 300 products of 24 terms, in units of a total that is smaller than its paths.
    agree(found, expected, atol=1e-9)
