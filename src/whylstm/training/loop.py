"""The training loop: updates, examinations, probes, records and checkpoints, for an ensemble of models.

A model ends in one of three ways, and its outcome row says which:

    solved      it met the task's criterion on fresh sequences; ``update`` is that of the first examination that found
                it, also where it trained on to the budget
    diverged    its loss or its gradient was not finite; ``update`` is the one that was not made, ``norm`` the
                gradient's norm before clipping; the weights are left as they were before
    censored    it reached the budget unsolved

What a model does depends on the plan and on its own settings and weights: not on which models stand beside it, not on
checkpoints, and not on the number of threads, which is one here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import numpy as np
import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from whylstm import tasks
from whylstm.training import checkpoint, clipping, edges, engine, evaluate, optimisers
from whylstm.training.ensemble import Ensemble
from whylstm.training.history import Interval, Row
from whylstm.training.optimisers.base import Optimiser
from whylstm.training.plan import Plan
from whylstm.training.state import Run
from whylstm.training.supply import Supply

Probe = Callable[[int, Ensemble], list[Row]]
"""Called with the updates done and the models as they are then; returns rows, each with the ``model`` that it is of."""

Progress = Callable[[int, int, int], None]
"""Called with updates done, the budget, and the number of models still in training."""

Say = Callable[[str], None]
"""Told in a line what became of a checkpoint that was there."""


def train(
    ensemble: Ensemble,
    plan: Plan,
    probe: Probe | None = None,
    saved: Path | None = None,
    save_every: float = 20.0,
    progress: Progress | None = None,
    say: Say | None = None,
) -> Run:
    """Train every model of an ensemble to its end, and return the run: all rows, and the final weights.

    Args:
        ensemble: the models as they start; left unchanged.
        plan: what they are trained on, and how.
        probe: measures models at the start, at the plan's probes and at each model's end.
        saved: the checkpoint's file. If it holds an intact checkpoint of this very run, training goes on from there;
            the result is the same, byte for byte. It is left in place.
        save_every: seconds between checkpoints.
        progress: told about every examination.
        say: told whether the run goes on from a checkpoint, or one was found that cannot be trusted.
    """
    with one_thread():
        trainer = _Trainer(plan, probe, ensemble)
        run = (_resumed(saved, trainer.key, ensemble, say) if saved else None) or trainer.begin()
        clock = monotonic()
        while run.ensemble.size:
            trainer.advance(run)
            if progress and run.update % plan.examination.every == 0:
                progress(run.update, plan.budget, run.ensemble.size)
            if saved and (monotonic() - clock > save_every or not run.ensemble.size):
                checkpoint.save(saved, trainer.key, run)
                clock = monotonic()
        return run


def _resumed(saved: Path, key: str, ensemble: Ensemble, say: Say | None) -> Run | None:
    """Return the run of a checkpoint if it is intact and of this run, and say which of it is the case."""
    run = checkpoint.load(saved, key, ensemble)
    if say and run:
        say(f"goes on from its checkpoint after update {run.update}")
    elif say and saved.exists():
        say("its checkpoint is damaged, or of another run, and is not used: it starts anew")
    return run


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch and BLAS use one thread: how a sum is split must not depend on the machine's load or settings."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1), torch.no_grad():
            yield
    finally:
        torch.set_num_threads(before)


class _Trainer:
    """One run's fixed parts, and its steps."""

    def __init__(self, plan: Plan, probe: Probe | None, ensemble: Ensemble) -> None:
        self.plan, self.probe, self.start = plan, probe, ensemble
        self.task = tasks.load(plan.task)
        self.optimiser: Optimiser = optimisers.load(plan.optimiser)
        self.options = {**self.optimiser.options, **plan.options}
        self.criterion = self.task.success[plan.criterion]
        self.supply = Supply(plan.seed, self.task, plan.lengths, plan.count, ensemble.rows.dtype)
        self.key = checkpoint.key(plan, ensemble)

    def begin(self) -> Run:
        """Return the run before its first update, with its probe at 0."""
        models = self.start.take(range(self.start.size))
        run = Run(models, self.optimiser.start(models.rows), Interval.empty(models.size))
        self._probe(run, range(models.size))
        return run

    def advance(self, run: Run) -> None:
        """Make one update, and what is due after it."""
        self._update(run)
        if run.update % self.plan.record == 0:
            run.history += run.interval.rows(run.ensemble.members, run.update)
            run.interval = Interval.empty(run.ensemble.size)
        last = run.update == self.plan.budget
        solved = self._examine(run) if last or run.update % self.plan.examination.every == 0 else {}
        ending = self._censored(run) | solved if last else solved
        if run.update in self.plan.probes:
            self._probe(run, range(run.ensemble.size))
        elif ending:
            self._probe(run, sorted(ending))
        run.end(ending)

    def _update(self, run: Run) -> None:
        ensemble, update = run.ensemble, run.update + 1
        sequences = self.supply.at(update, ensemble.members)
        keep = edges.kept(ensemble.members, self.plan.seed, update, sequences.steps)
        found = engine.gradient(ensemble, sequences, keep)
        norm = clipping.norms(found.rows)
        sound = np.isfinite(norm) & np.isfinite(found.loss)
        lost = {int(place): _diverged(update, norm[place], found.loss[place]) for place in np.flatnonzero(~sound)}
        run.end(lost)
        ensemble, rows, norm = run.ensemble, found.rows[torch.from_numpy(sound)], norm[sound]
        clipping.clip(ensemble, rows, norm)
        rate = torch.from_numpy(ensemble.setting("rate")).to(rows.dtype)[:, None]
        self.optimiser.step(ensemble.rows, rows, run.optimiser, rate, update, self.options)
        run.interval.add(loss=found.loss[sound], norm=norm, omega=found.omega[sound])
        run.update = update

    def _examine(self, run: Run) -> dict[int, Row]:
        """Examine all models; return the ends of those that are solved, unless they train on."""
        plan, update = self.plan, run.update
        results = evaluate.examine(
            run.ensemble, self.task, plan.lengths[1], plan.seed, update, plan.examination, self.criterion
        )
        for member, result in zip(run.ensemble.members, results, strict=True):
            row = {"model": member.name, "update": update, "sequences": result.sequences, "success": result.success}
            run.examinations.append(row | result.metrics)
        if not plan.stop_when_solved:
            return {}
        return {place: _ended("solved", update) for place, result in enumerate(results) if result.success}

    def _censored(self, run: Run) -> dict[int, Row]:
        """Return the ends of all models at the budget: censored, but for those that were solved and trained on."""
        first: dict[str, int] = {}
        for row in run.examinations:
            if row["success"] and not self.plan.stop_when_solved:
                first.setdefault(row["model"], row["update"])
        names = [member.name for member in run.ensemble.members]
        return {
            place: _ended("solved", first[name]) if name in first else _ended("censored", run.update)
            for place, name in enumerate(names)
        }

    def _probe(self, run: Run, places: range | list[int]) -> None:
        if self.probe and len(places):
            rows = self.probe(run.update, run.ensemble.take(places))
            run.probes += [{**row, "update": run.update} for row in rows]


def _ended(how: str, update: int) -> Row:
    return {"end": how, "update": update, "norm": None, "loss": None}


def _diverged(update: int, norm: float, loss: float) -> Row:
    """Return the outcome of a model whose update ``update`` could not be made; non-finite numbers are kept as words."""
    return {"end": "diverged", "update": update, "norm": float(norm), "loss": float(loss)}
