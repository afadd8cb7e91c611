"""Training throughput: CPU time per model and update, beside torch.nn in a loop and JAX (jit), in one interleaved run.

    python benchmarks/training.py [--hidden 64] [--sequences 32] [--steps 100] [--rounds 15]

Each contender makes whole updates of B models (forward, loss at the last step, backward, clipping by norm, SGD) on one
thread, float32. In every round each contender is timed once, in turn, so that a busy machine slows all of them alike.
The table gives the median time, and the median over rounds of the ratio peer / ours, with its quartiles. JAX is timed
both ways, models in a vmap and one by one in a map; it is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import statistics
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import torch

from whylstm import cells, initialisations, tasks
from whylstm.streams import stream
from whylstm.training import clipping, engine, optimisers, readout
from whylstm.training.ensemble import Ensemble, Member
from whylstm.training.sequences import Sequences

TASK, RATE, CLIP = "temporal_order", 0.01, 1.0
NETS = {"tanh": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
Contender = Callable[[], None]


def ours(cell: str, hidden: int, sequences: int, steps: int, models: int) -> Contender:
    """Updates of an ensemble by the engine."""
    task, part = tasks.load(TASK), cells.load(cell)
    members = [Member(str(place), place, RATE, clip_norm=CLIP) for place in range(models)]
    start = [
        initialisations.weights("torch_default", part, hidden, task.features, 1, place)
        | readout.initial(hidden, task.outputs, 1, place)
        for place in range(models)
    ]
    ensemble = Ensemble.of(part, start, members, torch.float32)
    batches = [task.draw(stream(1, "benchmark", replicate=place), sequences, steps) for place in range(models)]
    data = Sequences.of(batches, range(models), torch.float32)
    sgd, rate = optimisers.load("sgd"), torch.full((models, 1), RATE)

    def update() -> None:
        with torch.no_grad():
            found = engine.gradient(ensemble, data)
            clipping.clip(ensemble, found.rows, clipping.norms(found.rows))
            sgd.step(ensemble.rows, found.rows, {}, rate, 1, {})

    return update


def torch_nn(cell: str, hidden: int, sequences: int, steps: int, models: int) -> Contender:
    """Updates of torch.nn modules, one after the other."""
    task, together = tasks.load(TASK), []
    for place in range(models):
        batch = task.draw(stream(1, "benchmark", replicate=place), sequences, steps)
        net, read = NETS[cell](task.features, hidden, batch_first=True), torch.nn.Linear(hidden, task.outputs)
        parameters = [*net.parameters(), *read.parameters()]
        data = torch.tensor(batch.inputs, dtype=torch.float32), torch.tensor(batch.targets[:, 0])
        together.append((net, read, parameters, torch.optim.SGD(parameters, lr=RATE), data))

    def update() -> None:
        for net, read, parameters, sgd, (inputs, targets) in together:
            loss = torch.nn.functional.cross_entropy(read(net(inputs)[0][:, -1]), targets)
            sgd.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, CLIP)
            sgd.step()

    return update


def jax_scan(cell: str, hidden: int, sequences: int, steps: int, models: int, over: str) -> Contender:
    """Updates by a jitted scan over steps; models in a vmap or in a map."""
    import jax
    import jax.numpy as jnp

    weights, inputs, targets = jax_data(cell, hidden, sequences, steps, models)

    def loss(weights, x, y):  # noqa: ANN001, ANN202
        start = jnp.zeros((sequences, hidden)), jnp.zeros((sequences, hidden))
        drives = x @ weights["W"] + weights["b"]
        (h, _), _ = jax.lax.scan(lambda s, a: (jax_step(cell, weights, *s, a), None), start, drives)
        values = jax.nn.log_softmax(h @ weights["V"] + weights["v"])
        return -jnp.take_along_axis(values, y[:, None], axis=1).mean()

    def one(weights, x, y):  # noqa: ANN001, ANN202
        slope = jax.grad(loss)(weights, x, y)
        norm = jnp.sqrt(sum(jnp.sum(value**2) for value in slope.values()))
        factor = RATE * jnp.minimum(1, CLIP / (norm + 1e-6))
        return {name: value - factor * slope[name] for name, value in weights.items()}

    mapped = jax.vmap(one) if over == "vmap" else lambda w, x, y: jax.lax.map(lambda item: one(*item), (w, x, y))
    run = jax.jit(mapped)

    def update() -> None:
        nonlocal weights
        weights = jax.block_until_ready(run(weights, inputs, targets))

    return update


def jax_data(cell: str, hidden: int, sequences: int, steps: int, models: int) -> tuple[dict, Any, Any]:
    """Return weights, inputs (B, T, N, D) and targets (B, N) for JAX."""
    import jax.numpy as jnp

    task, gates = tasks.load(TASK), {"tanh": 1, "lstm": 4, "gru": 3}[cell]
    batches = [task.draw(stream(1, "benchmark", replicate=place), sequences, steps) for place in range(models)]
    inputs = jnp.asarray(np.stack([batch.inputs for batch in batches]).swapaxes(1, 2), jnp.float32)
    targets = jnp.asarray(np.stack([batch.targets[:, 0] for batch in batches]))
    rng, bound = np.random.default_rng(1), hidden**-0.5
    shapes = {"U": (hidden, gates * hidden), "W": (task.features, gates * hidden), "b": (gates * hidden,)}
    shapes |= {"c": (gates * hidden,), "V": (hidden, task.outputs), "v": (task.outputs,)}
    weights = {n: jnp.asarray(rng.uniform(-bound, bound, (models, *s)), jnp.float32) for n, s in shapes.items()}
    return weights, inputs, targets


def jax_step(cell: str, weights: dict, h: Any, c: Any, drive: Any) -> tuple[Any, Any]:
    """Return the new state of one step."""
    import jax
    import jax.numpy as jnp

    r = h @ weights["U"]
    if cell == "tanh":
        return jnp.tanh(r + drive), c
    if cell == "lstm":
        i, f, g, o = jnp.split(r + drive, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c
    (q, z, n), (a_q, a_z, a_n) = jnp.split(r + weights["c"], 3, axis=-1), jnp.split(drive, 3, axis=-1)
    q, z = jax.nn.sigmoid(q + a_q), jax.nn.sigmoid(z + a_z)
    return (1 - z) * jnp.tanh(a_n + q * n) + z * h, c


def contenders(*sizes: int | str) -> dict[str, Contender]:
    """Return everything that is timed, by name."""
    found = {"ours": ours(*sizes), "torch.nn": torch_nn(*sizes)}
    try:
        return found | {f"JAX {over}": jax_scan(*sizes, over) for over in ("vmap", "map")}
    except ImportError:
        return found


def timed(update: Contender, models: int) -> float:
    """Return the CPU time of one update, in ms per model."""
    start = process_time()
    update()
    return 1e3 * (process_time() - start) / models


def main() -> None:
    """Time all cells and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in {"hidden": 64, "sequences": 32, "steps": 100, "models": 6, "rounds": 15}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    print(
        f"H = {given.hidden}, {given.sequences} sequences, T = {given.steps}, {given.models} models, float32, 1 thread"
    )
    for cell in NETS:
        found = contenders(cell, given.hidden, given.sequences, given.steps, given.models)
        for update in found.values():
            update()  # compile, fill caches
        rounds = [{n: timed(update, given.models) for n, update in found.items()} for _ in range(given.rounds)]
        for name in found:
            ratios = [row[name] / row["ours"] for row in rounds]
            low, middle, high = statistics.quantiles(ratios, n=4)
            time = statistics.median(row[name] for row in rounds)
            print(f"{cell:5s} {name:10s} {time:7.2f} ms   {middle:5.2f} times ours [{low:.2f}, {high:.2f}]", flush=True)


if __name__ == "__main__":
    main()
