"""What a diagnosis costs, in units of the user's own training step on the same batch, measured side by side.

    python benchmarks/diagnose_cost.py [--all]

One row a size: the processor time of a training step (forward and backward), of the first verdict (growth, norm and
carry share by lag, with intervals), of the truncation and of all that the page shows, each over the step's; and the
memory that is held beyond that of the step. Bars: a first verdict of at most 20 steps or 1 s, all of the page 60 steps
or 10 s, whichever is more; memory at most 200 MiB more than the step. Imports and drawing are not counted.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import torch
from torch import nn

SIZES = [(2, 128, 4, 200), (2, 512, 64, 128), (1, 1024, 1, 1000), (4, 1024, 4, 500)]
"""Layers, units, sequences, steps."""

SMALL = [(1, 64, 4, 200), (2, 64, 4, 200), (2, 128, 4, 100), (2, 128, 4, 200)]
"""From which the growth with units, steps and layers can be read."""


class Model(nn.Module):
    """A stack with a head on every step."""

    def __init__(self, layers: int, units: int) -> None:
        super().__init__()
        self.rnn, self.head = nn.LSTM(64, units, layers, batch_first=True), nn.Linear(units, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the head's outputs."""
        return self.head(self.rnn(x)[0])


def loss(outputs: torch.Tensor, batch: object) -> torch.Tensor:
    """Return a loss that reads every step."""
    return outputs.square().mean()


def training_step(model: nn.Module, x: torch.Tensor) -> float:
    """Return the processor time of a forward and a backward pass, the best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        loss(model(x), None).backward()
        best = min(best, time.process_time() - started)
    return best


def peak() -> float:
    """Return the most memory that the process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def row(layers: int, units: int, sequences: int, steps: int) -> None:
    """Print one row; run in a process of its own, for its memory."""
    from whylstm.diagnosis.observation import measure, observe, truncation
    from whylstm.diagnosis.observation.report import complete

    torch.manual_seed(0)
    torch.set_num_threads(1)
    model, x = Model(layers, units), torch.randn(sequences, steps, 64)
    warm = Model(1, 8)
    seen = observe(warm, x[:, :30], loss=loss)
    measure(seen.parts[0], directions=2), truncation(seen, seen.parts[0])
    step = training_step(model, x)
    held = peak()
    started = time.process_time()
    seen = observe(model, x, loss=loss)
    found = measure(seen.parts[0], budget=0)
    first = time.process_time() - started
    again = time.process_time()
    truncation(seen, seen.parts[0])
    cut = time.process_time() - again
    del seen
    again = time.process_time()
    complete(model, x, loss)
    whole = time.process_time() - again
    verdict = f"{found.verdict}{'' if found.decided else '?'}"
    fine = (first <= max(20 * step, 1.0)) and (whole <= max(60 * step, 10.0)) and peak() - held <= 200
    print(
        f"{layers} x {units:<5} {sequences:>3} x {steps:<5} step {step * 1e3:8.1f} ms   verdict {first / step:6.1f}"
        f" ({first:.2f} s)   truncation {cut / step:6.1f}   page {whole / step:6.1f} ({whole:.2f} s)"
        f"   +{peak() - held:4.0f} MiB   {verdict}   {'within' if fine else 'BEYOND'}",
        flush=True,
    )


def main() -> None:
    """Print all rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the small sizes too, for the growth")
    parser.add_argument("--row", type=int, nargs=4)
    arguments = parser.parse_args()
    if arguments.row:
        row(*arguments.row)
        return
    for size in [*(SMALL if arguments.all else []), *SIZES]:
        subprocess.run([sys.executable, __file__, "--row", *map(str, size)], check=True)


if __name__ == "__main__":
    main()
