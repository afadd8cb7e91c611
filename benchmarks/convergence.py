"""Have the plotted numbers of the laboratory converged? Each is computed again with other settings of the computation.

    python benchmarks/convergence.py [NAME ...]

prints one Markdown table per question (about five minutes on one core for all of them); docs/numerics.md holds them
with what follows. Settings of the *science* (gains, biases, sizes) are not varied here, only those of the computation:
lengths of runs, sweeps, sampled units, grid points, seeds of random interventions.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import torch

from whylstm import cells, laboratory, statistics
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.lyapunov import lyapunov
from whylstm.gradients.mean_field import second_moment_growth
from whylstm.gradients.spectrum import spectrum
from whylstm.laboratory._networks import networks, noise
from whylstm.laboratory.exponents import random_signs
from whylstm.laboratory.two_unit_lstm import one_step_jacobians

SEED, REPLICATES = 2018, 10
SETTINGS = [("tanh", 1.0, None), ("lstm", 1.0, 0.0), ("lstm", 1.0, 4.0), ("lstm", 8.0, 4.0), ("gru", 8.0, 4.0)]
"""Cells, gains and forget biases: vanishing, long-lived and chaotic."""

Rows = Iterable[dict[str, object]]


def two_unit_exponent() -> Rows:
    """Largest exponent of the two-unit LSTM over longer runs, with and without a burn-in."""
    for burn_in, steps in ((0, 10_000), (500, 1_000), (500, 3_000), (500, 10_000), (500, 30_000), (500, 100_000)):
        found = lyapunov(one_step_jacobians(steps), count=1, burn_in=burn_in)
        yield {"steps": steps, "burn-in": burn_in, "λ₁": float(found.value[0, 0]), "error": float(found.error[0, 0])}


def exponents_and_length() -> Rows:
    """Median λ₁ of ten networks of 64 units over longer runs; the interval is over networks."""
    for name, gain, bias in SETTINGS:
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        for length in (300, 600, 1200, 2400):
            net = networks(name, 64, noise(length, REPLICATES, SEED), SEED, gain, bias)
            found = lyapunov(net.factors, count=1, burn_in=100)
            row |= {f"T = {length}": _median(found.value[:, 0])}
        yield row | {"one network's error": _median(found.error[:, 0]), "interval": _interval(found.value[:, 0])}


def exponents_and_slopes() -> Rows:
    """λ₁ by QR over 600 steps against the slope of ln‖G‖ between lags 100 and 200, ten networks of 64 units."""
    for name, gain, bias in SETTINGS:
        net = networks(name, 64, noise(600, REPLICATES, SEED), SEED, gain, bias)
        norms = lag_profile(net.factors, [200, 300, 400, 500, 600], 200, hops=0)["norm"]
        slope = np.median(np.asarray(norms[199] - norms[99]) * np.log(10) / 100, axis=1)
        value = lyapunov(net.factors, count=1, burn_in=100).value[:, 0]
        yield {"cell": name, "gain": gain, "bias": bias, "QR": _median(value), "slope": float(np.median(slope))}


def signal_and_sequences() -> Rows:
    """Steps back with a signal and sequences for the whole gradient (bias 4), from more sequences per network."""
    for sequences in (25, 50, 100, 200):
        frame = laboratory.load("parameter_signal").run(
            SEED, {"cell": ["lstm", "gru"], "forget_bias": [4.0], "sequences": sequences}
        )
        found = statistics.load("parameter_noise").of_tables({"parameter_signal": frame})
        row: dict[str, object] = {"sequences": sequences}
        for name, rows in found.groupby("cell", sort=False):
            one = rows.sort_values("lag")
            heard = int((one["ratio_low"] > 0).cumprod().sum())
            row |= {f"{name}, steps": heard, f"{name}, lag 10": float(1 / one["ratio"].iloc[10])}
            row |= {f"{name}, whole": float(1 / one["whole"].iloc[0])}
        yield row


def spectra_and_sweeps() -> Rows:
    """Largest change of any of the drawn singular values (log₁₀) from ``sweeps`` to 64 sweeps, and of the rank."""
    for name, bias in (("tanh", None), ("lstm", 1.0), ("lstm", 4.0), ("gru", 1.0)):
        jacobians = networks(name, 32, noise(150, REPLICATES, SEED), SEED, 1.0, bias).factors
        best = spectrum(jacobians, 150, 100, sweeps=64)
        row: dict[str, object] = {"cell": name, "bias": bias}
        for sweeps in (2, 4, 8, 16):
            found = spectrum(jacobians, 150, 100, sweeps)
            drawn = best.log[:, :32] > best.log[:, :1] - 12 * np.log(10)
            change = ((found.log - best.log)[:, :32].abs() / np.log(10))[drawn]
            row |= {f"{sweeps} sweeps": float(change.max())}
        yield row | {
            "rank, 8 sweeps": float((spectrum(jacobians, 150, 100).effective_rank - best.effective_rank).abs().max())
        }


def mean_field_and_units() -> Rows:
    """Mean-field λ₁ with more sampled units, its scatter over seeds, and a longer input."""
    inputs = noise(1000, 1, SEED)[0]
    for name, gain, bias in SETTINGS:
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        for units in (256, 1024, 4096, 16384):
            row |= {f"{units} units": _theory(name, gain, bias, inputs[:200], units, 0)}
        scatter = np.std([_theory(name, gain, bias, inputs[:200], 1024, seed) for seed in range(8)], ddof=1)
        row |= {"scatter, 1024": float(scatter)}
        yield row | {"T = 1000": _theory(name, gain, bias, inputs, 1024, 0)}


def theory_and_size() -> Rows:
    """Measured λ₁ with more hidden units, beside the theory of infinitely many."""
    inputs = noise(400, REPLICATES, SEED)
    for name, gain, bias in SETTINGS:
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        for hidden in (16, 32, 64, 128, 256):
            value = lyapunov(networks(name, hidden, inputs, SEED, gain, bias).factors, count=1, burn_in=100).value
            row |= {f"H = {hidden}": _median(value[:, 0])}
        yield row | {"theory": _theory(name, gain, bias, noise(200, 1, SEED)[0], 4096, 0)}


def half_lives_and_length() -> Rows:
    """Half-life of the median unit at forget bias 4, and what chrono keeps at T = 200, over longer runs."""
    for length in (100, 300, 1000):
        settings = {"forget_bias": [4.0], "t_max": [200], "input_scale": [1.0], "length": length}
        frame = laboratory.load("half_lives").run(SEED, settings)
        units = frame.groupby(["law", "replicate"])
        half = units["half_life"].median()["constant"].median()
        yield {"T": length, "half-life": float(half), "kept": float(units["kept_at_t_max"].mean()["chrono"].median())}


def cliff_and_points() -> Rows:
    """Height of the cliff with more biases around it, and where it stands relative to the border."""
    for points in (30, 60, 120, 240, 2000):
        frame = laboratory.load("cliff").run(SEED, {"points": points})
        top = frame.loc[frame["log10_gradient"].idxmax()]
        yield {"points": points, "log10 of the height": top["log10_gradient"], "distance": top["bias"] - top["border"]}


def random_interventions_and_seeds() -> Rows:
    """Median change by the two random interventions (log₁₀, lag 100, gain 1, bias 0), for other random numbers."""
    from whylstm.gradients.interventions import INTERVENTIONS

    jacobians = networks("lstm", 32, noise(150, REPLICATES, SEED), SEED, 1.0, 0.0).factors
    before = _norms(jacobians)
    for name in ("scramble_signs", "shuffle_gates"):
        row: dict[str, object] = {"intervention": name}
        for seed in range(5):
            row |= {f"seed {seed}": float(np.median(_norms(INTERVENTIONS[name](jacobians, seed)) - before))}
        yield row


def random_signs_and_seeds() -> Rows:
    """Median λ₁ of ten networks of 64 units with random signs on the hops, for other random signs."""
    for name, gain, bias in SETTINGS:
        jacobians = networks(name, 64, noise(600, REPLICATES, SEED), SEED, gain, bias).factors
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        for seed in range(4):
            value = lyapunov(random_signs(jacobians, seed), count=1, burn_in=100).value[:, 0]
            row |= {f"seed {seed}": _median(value)}
        yield row


def curse_and_runs() -> Rows:
    """Simulated over closed form for the longest memory, with more sequences."""
    for runs in (2_000, 20_000, 200_000):
        frame = laboratory.load("curse_of_memory").run(SEED, {"memory": [100.0], "runs": runs}).set_index("unit")
        ratio = frame["simulated"] / frame["theory"]
        yield {"runs": runs, **ratio.to_dict(), "error": float((frame["error"] / frame["theory"]).max())}


def attention_and_length() -> Rows:
    """Median of what is left of the hold on an input 150 steps back, in runs longer than the 225 steps drawn."""
    from whylstm.gradients.attention import attention_profile
    from whylstm.streams import stream

    for length in (225, 450, 900):
        left = []
        for replicate, inputs in enumerate(noise(length, REPLICATES, SEED)):
            draws = stream(SEED, "attention", hidden=32, features=inputs.shape[1], replicate=replicate)
            drawn = torch.from_numpy(draws.standard_normal((3, 1, 32, inputs.shape[1])) / inputs.shape[1] ** 0.5)
            weights = dict(zip("QKV", drawn, strict=True))
            norms = attention_profile(weights, torch.from_numpy(inputs)[None, None], [length], 150)[:, 0, 0]
            left.append(float(norms[149] - norms[0]))
        yield {"T": length, "log10 of what is left": float(np.median(left)), "spread": float(np.std(left, ddof=1))}


def _theory(name: str, gain: float, bias: float | None, inputs: np.ndarray, units: int, seed: int) -> float:
    return second_moment_growth(cells.load(name), gain, bias, 1.0, inputs, units=units, seed=seed)


def _norms(jacobians: object) -> np.ndarray:
    return np.asarray(lag_profile(jacobians, [150], 100, hops=0)["norm"])[99].reshape(-1)  # type: ignore[arg-type]


def _median(values: torch.Tensor) -> float:
    return float(np.median(values.numpy()))  # torch's own takes the lower of two middle values


def _interval(values: torch.Tensor) -> str:
    ordered = values.sort().values
    return f"{ordered[1]:.4f} to {ordered[-2]:.4f}"


QUESTIONS: dict[str, Callable[[], Rows]] = {
    question.__name__: question
    for question in (
        two_unit_exponent, signal_and_sequences, exponents_and_length, exponents_and_slopes, spectra_and_sweeps,
        mean_field_and_units, theory_and_size, half_lives_and_length, cliff_and_points, random_interventions_and_seeds,
        random_signs_and_seeds, curse_and_runs,
        attention_and_length,
    )
}  # fmt: skip


def told(frame: pd.DataFrame) -> str:
    """Return a frame as a Markdown table."""
    cells_of = [[_text(value) for value in row] for row in frame.itertuples(index=False)]
    lines = [list(frame.columns), ["---"] * frame.shape[1], *cells_of]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def answer(questions: dict[str, Callable[[], Rows]], names: list[str]) -> None:
    """Answer the questions that are asked for, or all."""
    torch.set_num_threads(1)
    for name in names or questions:
        start = time.process_time()
        frame = pd.DataFrame(list(questions[name]()))
        doc = (questions[name].__doc__ or "").strip()
        print(f"\n### {name}\n\n{doc}\n\n{told(frame)}\n\n({time.process_time() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    answer(QUESTIONS, sys.argv[1:])
