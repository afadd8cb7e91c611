"""Speed of the lag profile: CPU time per model and lag, beside other ways to the same numbers, in one interleaved run.

    python benchmarks/lag_profile.py [--quick] [--rounds 5] [--output docs/performance.md]

Contenders are held against each other before they are timed. In every round each one is timed once, in turn, on one
thread, so that a busy machine slows all of them alike; ratios are taken within a round, and their median is given. The
peak is measured in the same rounds, by a tile that stays in registers. JAX is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if os.environ.pop("OPENBLAS_CORETYPE", None):  # an older kernel for other programs' sake: not for a benchmark
    os.execv(sys.executable, [sys.executable, *sys.argv])

import multiprocessing
import platform
import resource
import statistics
import subprocess
from collections import namedtuple
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import peers
import torch
from numba import njit

from whylstm import cells
from whylstm.gradients.factors import factors
from whylstm.gradients.kernels.layout import aligned
from whylstm.gradients.kernels.pointers import raw
from whylstm.gradients.kernels.simd import LINE_BYTES, width
from whylstm.gradients.kernels.tile import tile
from whylstm.gradients.streaming import estimate_memory
from whylstm.gradients.trajectory import run
from whylstm.streams import stream

PROBE = namedtuple("PROBE", ("left", "right", "out"))
"""What the peak is measured with."""

OPERATIONS = {"lstm": 8, "gru": 2, "tanh": 2}
"""Operations of a lag, in units of H³."""

PRECISIONS = {torch.float32: "float32", torch.float64: "float64"}
TOLERANCE = {torch.float32: 2e-4, torch.float64: 1e-8}
"""Largest difference between contenders, in decades: the rounding of a thousand products with paths that cancel."""


def problem(cell: str, hidden: int, steps: int, models: int, dtype: torch.dtype) -> peers.Problem:
    """Return models of gain 1 driven by noise, on a float64 trajectory."""
    kind, normal = cells.load(cell), stream(1, "benchmark", cell=cell, hidden=hidden).standard_normal
    gates, recurrent = len(kind.gates), len(kind.recurrent_gates)
    weights = {
        "U": torch.from_numpy(normal((models, recurrent, hidden, hidden))) / hidden**0.5,
        "W": torch.from_numpy(normal((models, gates, hidden, 1))),
        "b": torch.zeros(models, gates, hidden, dtype=torch.float64),
    } | ({"c": torch.zeros(models, recurrent, hidden, dtype=torch.float64)} if kind.recurrent_bias else {})
    inputs = torch.from_numpy(normal((models, 1, steps, 1)))
    return peers.Problem(cell, factors(kind, weights, run(kind, weights, inputs)), weights, inputs, dtype)


@njit(nogil=True)
def _spin(probe: Any, times: int) -> None:
    pointers = raw(probe)
    for _ in range(times):
        tile(pointers[0], 0, pointers[1], 0, pointers[2], 0, 64, 0)


class Peak:
    """The processor's peak, as the fastest rate at which a tile of a product is computed from the first cache."""

    def __init__(self, dtype: torch.dtype) -> None:
        from whylstm.gradients.kernels.tile import COLUMNS

        kind = np.dtype(PRECISIONS[dtype])
        side = LINE_BYTES // kind.itemsize
        self.probe = PROBE(aligned(64 * width(kind), kind), aligned(64 * side, kind), aligned(side * width(kind), kind))
        self.operations = 2 * 64 * width(kind) * COLUMNS
        _spin(self.probe, 1)

    def rate(self) -> float:
        """Return operations per second."""
        start = process_time()
        _spin(self.probe, 20000)
        return 20000 * self.operations / (process_time() - start)


def timed(contender: peers.Contender) -> float:
    """Return CPU seconds of one call."""
    start = process_time()
    contender()
    return process_time() - start


def fast_contenders(case: peers.Problem) -> dict[str, peers.Contender]:
    """Return ours, with and without spectral norms, and the peers that are worth timing at any size."""
    found = {
        "ours": peers.ours(case),
        "spectral": peers.ours(case, spectral=True),
        "torch": peers.torch_structured(case),
    }
    if find_spec("jax"):
        found |= {f"jax {how}": peers.jax_structured(case, how) for how in ("vmap", "map")}
    return found


def measure(case: peers.Problem, contenders: dict[str, peers.Contender], rounds: int, checked: bool = True) -> dict:
    """Return per contender the times of each round, and the peak's; all must agree first."""
    expected = contenders["ours"]()
    for name, contender in contenders.items():
        difference = np.abs(contender() - expected).max()
        if checked and not difference <= TOLERANCE[case.dtype]:
            raise SystemExit(f"{name} differs by {difference:.1e} decades ({case.cell}, {case.dtype})")
    peak, times = Peak(case.dtype), {name: [] for name in (*contenders, "peak")}
    for _ in range(rounds):
        times["peak"].append(peak.rate())
        for name, contender in contenders.items():
            times[name].append(timed(contender))
    return times


def row(cell: str, hidden: int, steps: int, dtype: torch.dtype, rounds: int) -> str:
    """Return one line of the main table."""
    models = max(1, min(16, 2**23 // (hidden**2 * steps)))
    case = problem(cell, hidden, steps, models, dtype)
    times = measure(case, fast_contenders(case), rounds)
    scale = 1e6 / models / steps
    peers_ = [name for name in times if name.startswith(("torch", "jax"))]
    best = [min(values) for values in zip(*(times[name] for name in peers_), strict=True)]
    ours, jax = times["ours"], [name for name in peers_ if name != "torch"]
    share = statistics.median(
        OPERATIONS[cell] * hidden**3 * models * steps / mine / peak
        for mine, peak in zip(ours, times["peak"], strict=True)
    )
    numbers = [statistics.median(ours) * scale, statistics.median(times["torch"]) * scale]
    numbers.append(min((statistics.median(times[name]) for name in jax), default=float("nan")) * scale)
    ratios = [ratio(best, ours), ratio(times["spectral"], ours)]
    return (
        f"| {cell} | {hidden} | {steps} | {PRECISIONS[dtype]} | {numbers[0]:.2f} | {numbers[1]:.2f} | {numbers[2]:.2f} "
        f"| {ratios[0]:.2f} | {100 * share:.0f}% | {ratios[1]:.2f} |"
    )


def ratio(other: list[float], ours: list[float]) -> float:
    """Return the median of the ratios round by round."""
    return statistics.median(theirs / mine for theirs, mine in zip(other, ours, strict=True))


def slow_row(cell: str, hidden: int, steps: int) -> str:
    """Return one line of the table of slow peers: one round, float64."""
    case = problem(cell, hidden, steps, 1, torch.float64)
    contenders = {"ours": peers.ours(case), "func": peers.torch_func(case), "rows": peers.autograd_rows(case)}
    for name in ("func", "rows"):
        difference = np.abs(contenders[name]() - contenders["ours"]()).max()
        if not difference <= TOLERANCE[torch.float64]:
            raise SystemExit(f"{name} differs by {difference:.1e} decades ({cell})")
    mine = statistics.median(timed(contenders["ours"]) for _ in range(5))
    func, rows = timed(contenders["func"]), timed(contenders["rows"])
    scale = 1e6 / steps
    return f"| {cell} | {hidden} | {steps} | {mine * scale:.1f} | {func / mine:.0f} | {rows / mine:.0f} |"


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Return the slope of log time against log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def exponents() -> str:
    """Return how cost grows with H, T and B for the LSTM."""
    found = {}
    for name, sizes, at in (
        ("H", [64, 128, 256], lambda n: (n, 100, 1)),
        ("T", [100, 200, 400, 800], lambda n: (64, n, 1)),
        ("B", [2, 4, 8, 16], lambda n: (64, 100, n)),
    ):
        contenders = [peers.ours(problem("lstm", *at(size), torch.float64)) for size in sizes]
        times = [[timed(contender) for contender in contenders] for _ in range(5)]
        found[name] = exponent(sizes, [min(column) for column in zip(*times, strict=True)])
    return ", ".join(f"{name}^{value:.2f}" for name, value in found.items())


def _work(seconds: float, queue: multiprocessing.Queue) -> None:
    contender, done = peers.ours(problem("lstm", 64, 200, 4, torch.float64)), 0
    contender()
    queue.put("ready")
    start = perf_counter()
    while perf_counter() - start < seconds:
        contender()
        done += 1
    queue.put(done / process_time())


def second_process() -> float:
    """Return the work per CPU second of two processes at once, in units of that of one; 2 is perfect."""

    def together(count: int) -> float:
        context = multiprocessing.get_context("spawn")
        queue = context.Queue()
        workers = [context.Process(target=_work, args=(2.0, queue)) for _ in range(count)]
        for worker in workers:
            worker.start()
        found = [queue.get() for _ in range(2 * count)]
        for worker in workers:
            worker.join()
        return sum(value for value in found if value != "ready")

    return statistics.median(together(2) / together(1) for _ in range(3))


def memory() -> str:
    """Return the growth of this process's peak memory from 4 to 32 models of H = 128 over 1,000 steps, as text."""
    from whylstm.gradients.streaming import profiles

    case = problem("lstm", 128, 200, 1, torch.float64)
    before, found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    for models in (4, 16):
        weights = {name: value.expand(models, *value.shape[1:]) for name, value in case.weights.items()}
        for _ in profiles(cells.load("lstm"), weights, case.inputs[0], [200], 200):
            pass
        found.append((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    one = estimate_memory(cells.load("lstm"), 128, 200, 200)
    return (
        f"{found[0]:.0f} MiB with 4 models and {found[1]:.0f} MiB with 16 (LSTM, H = 128, T = 200), beyond what was "
        f"there before; estimated: {one.products / 2**20:.1f} MiB for the products, {one.model / 2**20:.1f} for a model"
    )


def report(quick: bool, rounds: int) -> str:
    """Return the page."""
    space = memory()
    sizes, lengths = ((32, 64, 128), (200,)) if quick else ((32, 64, 128, 256), (200, 1000))
    lines = [
        HEAD.format(
            machine=f"{platform.machine()}, vectors of {width(np.dtype('float64')) * 4} bytes",
            versions=", ".join(f"{name} {__import__(name).__version__}" for name in ("torch", "numba", "numpy")),
            jax=f"JAX {__import__('jax').__version__}" if find_spec("jax") else "JAX (not installed)",
        )
    ]
    for cell in OPERATIONS:
        for hidden in sizes:
            for steps in lengths:
                for dtype in PRECISIONS:
                    lines.append(row(cell, hidden, steps, dtype, rounds))
                    print(lines[-1], file=sys.stderr, flush=True)
    lines.append(SLOW)
    for cell in OPERATIONS:
        lines += [slow_row(cell, hidden, 100) for hidden in ((64,) if quick else (32, 64, 128))]
    lines.append(TAIL.format(exponents=exponents(), second=second_process(), memory=space))
    return "\n".join(lines)


def training(quick: bool, rounds: int) -> str:
    """Return the section on training, from a process of its own: here numbers are float64 unless said otherwise."""
    command = [sys.executable, str(Path(__file__).with_name("training.py")), f"--rounds={rounds}"]
    command += ["--cell", "tanh", "lstm", "gru"] if quick else []
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.rstrip()


HEAD = """# Performance

This page is written by `make bench`; edit `benchmarks/lag_profile.py` and `benchmarks/training.py`, not the page.
Machine: {machine}. Libraries: {versions}, {jax}.

CPU-µs per model and lag on one thread, medians; log₁₀ norms of the whole state at all lags, on one float64 trajectory.
Ours also gives every block and the carry. *Ratio* is the best peer's time over ours, taken within each round (above 1:
ours is faster). *Peak* is the share of the processor's fused multiply-adds, measured in the same rounds, that the
products of the structured form need; it is higher, even above 100%, where a product has lost its rank and few of its
rows are kept. *Spectral* is the time with spectral norms at every lag over the time without.

| cell | H | T | products | ours | torch, structured bmm | JAX, best of vmap and map | ratio | peak | spectral |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""

SLOW = """
Slow peers, one round, float64, one model: how many times longer they take.

| cell | H | T | ours, µs a lag | torch.func, vmap(jacrev) | automatic differentiation, row by row |
| --- | --- | --- | --- | --- | --- |"""

TAIL = """
Cost of the LSTM grows as {exponents}. A second process on another core brings {second:.2f} times the work of one (per
CPU second). Peak memory grew by {memory}.

Compiling takes 10 to 20 CPU seconds, once for a machine, a version and a set of columns; numba keeps the result."""


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer sizes and rounds: three minutes")
    parser.add_argument("--rounds", type=int, help="rounds in which each contender is timed once")
    parser.add_argument("--output", type=Path, help="write the page to this file too")
    given = parser.parse_args()
    rounds = given.rounds or (3 if given.quick else 5)
    page = report(given.quick, rounds) + "\n" + training(given.quick, rounds)
    print(page)
    if given.output:
        given.output.write_text(page + "\n", encoding="utf-8")
