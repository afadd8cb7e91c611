"""Training throughput: CPU time per model and update, beside torch in a loop and JAX (jit), in one interleaved run.

    python benchmarks/training.py [--hidden 64] [--sequences 32] [--steps 100] [--rounds 9] [--cell lstm ...]

Each contender makes whole updates of B models (forward, loss at the last step, backward, clipping by norm, SGD) on one
thread, float32, from the same weights and sequences. In every round each contender is timed once, in turn, so that a
busy machine slows all of them alike. *torch* is torch.nn where it has the cell, and else automatic differentiation of
the cell as it is written. JAX is timed both ways, models in a vmap and one by one in a map; it is left out where it is
not installed. Before anything is timed, one update of each is held against ours.
"""

from __future__ import annotations

import argparse
import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from time import process_time

import numpy as np
import torch
from peer_cells import jax_update, torch_module

from whylstm import cells, initialisations, tasks
from whylstm.gradients.trajectory import run
from whylstm.streams import stream
from whylstm.tasks.base import Batch
from whylstm.training import clipping, engine, optimisers, readout
from whylstm.training.ensemble import Ensemble, Member
from whylstm.training.sequences import Sequences

TASK, RATE, CLIP = "temporal_order", 0.01, 1.0
AGREE = 2e-4
"""Largest difference of a weight after one update: float32, sums over all steps in other orders."""

Arrays = dict[str, np.ndarray]
Contender = Callable[[], Arrays | None]


@dataclass(frozen=True)
class Case:
    """What everyone trains: a cell, B weights by name, and B batches of N sequences."""

    cell: cells.base.Cell
    weights: list[Arrays]
    batches: list[Batch]

    @staticmethod
    def of(name: str, hidden: int, sequences: int, steps: int, models: int) -> Case:
        """Draw it."""
        task, cell = tasks.load(TASK), cells.load(name)
        kind, fields = (
            ("torch_default", {})
            if cell.initialisation is None
            else (cell.initialisation, {"gain": 1.0, "input_scale": 1.0})
        )
        weights = [
            dict(initialisations.weights(kind, cell, hidden, task.features, 1, place, **fields))
            | readout.initial(hidden, task.outputs, 1, place)
            for place in range(models)
        ]
        batches = [task.draw(stream(1, "benchmark", replicate=place), sequences, steps) for place in range(models)]
        return Case(cell, weights, batches)


def ours(case: Case) -> Contender:
    """Updates of an ensemble by the engine."""
    count = len(case.weights)
    members = [Member(str(place), place, RATE, clip_norm=CLIP) for place in range(count)]
    ensemble = Ensemble.of(case.cell, case.weights, members, torch.float32)
    data = Sequences.of(case.batches, range(count), torch.float32)
    sgd, rate = optimisers.load("sgd"), torch.full((count, 1), RATE)

    def update() -> Arrays:
        with torch.no_grad():
            found = engine.gradient(ensemble, data)
            clipping.clip(ensemble, found.rows, clipping.norms(found.rows))
            sgd.step(ensemble.rows, found.rows, {}, rate, 1, {})
        return {name: value[0].numpy() for name, value in ensemble.layout.views(ensemble.rows).items()}

    return update


def in_torch(case: Case) -> Contender:
    """Updates of models one after the other, by torch's own automatic differentiation."""
    together = [torch_model(case, place) for place in range(len(case.weights))]

    def update() -> Arrays:
        for parameters, forward, targets in together:
            sgd = torch.optim.SGD(parameters.values(), lr=RATE)
            loss = torch.nn.functional.cross_entropy(forward(), targets)
            sgd.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(parameters.values()), CLIP)
            sgd.step()
        return {name: value.detach().numpy() for name, value in together[0][0].items()}

    return update


def torch_model(case: Case, place: int) -> tuple[dict[str, torch.Tensor], Callable[[], torch.Tensor], torch.Tensor]:
    """Return one model: its parameters, what gives the readout's values, and its targets."""
    batch, found = case.batches[place], torch_module(case.cell, case.weights[place])
    inputs = torch.tensor(batch.inputs, dtype=torch.float32)
    targets = torch.tensor(batch.targets[:, 0])
    if found is not None:
        net, read = found
        named = {"W": net.weight_ih_l0, "U": net.weight_hh_l0, "b": net.bias_ih_l0, "c": net.bias_hh_l0}
        return named | {"V": read.weight, "v": read.bias}, lambda: read(net(inputs)[0][:, -1]), targets
    trained = [*case.cell.extras, "U", "W", "b", "c", "V", "v"]
    own = {name: torch.tensor(value, dtype=torch.float32) for name, value in case.weights[place].items()}
    parameters = {name: own[name].requires_grad_() for name in trained if name in own and own[name].numel()}

    def forward() -> torch.Tensor:
        last = run(case.cell, {n: v[None] for n, v in own.items()}, inputs[None]).after[case.cell.parts[0]][-1, 0]
        return last @ own["V"].mT + own["v"]

    return parameters, forward, targets


def in_jax(case: Case, over: str) -> Contender:
    """Updates by a jitted scan over steps; models in a vmap or in a map."""
    import jax
    import jax.numpy as jnp

    inputs = jnp.asarray(np.stack([batch.inputs for batch in case.batches]).swapaxes(1, 2), jnp.float32)
    targets = jnp.asarray(np.stack([batch.targets[:, 0] for batch in case.batches]))
    weights = {
        name: jnp.asarray(np.stack([own[name] for own in case.weights]), jnp.float32) for name in case.weights[0]
    }
    run_jax = jax_update(case.cell, over, RATE, CLIP)

    def update() -> Arrays:
        nonlocal weights
        weights = jax.block_until_ready(run_jax(weights, inputs, targets))
        return {name: np.asarray(value[0]) for name, value in weights.items()}

    return update


def contenders(case: Case) -> dict[str, Contender]:
    """Return everything that is timed, by name, each held against ours for one update."""
    found = {"ours": ours(case), "torch": in_torch(case)}
    if find_spec("jax"):
        found |= {f"JAX {over}": in_jax(case, over) for over in ("vmap", "map")}
    first = {name: update() for name, update in found.items()}
    for name, weights in first.items():
        for key in ("V", "W", "U"):
            if key in weights and weights[key].size:
                apart = np.abs(weights[key].ravel() - first["ours"][key].ravel()).max()
                if not apart < AGREE:
                    raise SystemExit(f"{case.cell.name}: {key} of {name} differs from ours by {apart:.2g}")
    return found


def timed(update: Contender) -> float:
    """Return the CPU time of one update, in µs."""
    start = process_time()
    update()
    return 1e6 * (process_time() - start)


def row(case: Case, rounds: int) -> str:
    """Return a cell's line of the table."""
    found = contenders(case)
    work = len(case.weights) * case.batches[0].inputs.shape[1]
    times = [{name: timed(update) / work for name, update in found.items()} for _ in range(rounds)]
    middle = {name: statistics.median(each[name] for each in times) for name in found}
    jax = min((name for name in found if name.startswith("JAX")), key=middle.__getitem__, default="")
    told = [case.cell.name, f"{middle['ours']:.1f}", f"{middle['torch']:.1f}", f"{middle[jax]:.1f}" if jax else ""]
    for rival in ("torch", jax):
        ratios = sorted(each[rival] / each["ours"] for each in times) if rival else []
        told.append(f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})" if ratios else "")
    return "| " + " | ".join(told) + " |"


def report(
    rounds: int, names: list[str], hidden: int = 64, sequences: int = 32, steps: int = 100, models: int = 6
) -> str:
    """Return the section of the page."""
    lines = [HEAD.format(hidden=hidden, sequences=sequences, steps=steps, models=models, rounds=rounds)]
    for name in names or cells.names():
        lines.append(row(Case.of(name, hidden, sequences, steps, models), rounds))
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines)


HEAD = """
## Training

CPU-µs per model and step of an update (forward, loss, backward, clipping, SGD): H = {hidden}, {sequences} sequences,
T = {steps}, {models} models, float32, one thread. *torch* is `torch.nn` in a loop for LSTM, GRU and tanh, and automatic
differentiation of the cell as it is written for all others; *JAX* is the better of vmap and map, jitted. Ratios are
theirs over ours (above 1: ours is faster): median, smallest and largest of {rounds} rounds.

| cell | ours | torch | JAX | torch / ours | JAX / ours |
| --- | --- | --- | --- | --- | --- |"""


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = {"hidden": 64, "sequences": 32, "steps": 100, "models": 6, "rounds": 9}
    for name, value in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--cell", nargs="*", default=[], help="cells (default: all)")
    given = vars(parser.parse_args())
    print(report(given.pop("rounds"), given.pop("cell"), **given))
