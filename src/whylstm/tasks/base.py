"""What every task declares: its sequences, when an answer is due, what counts as right, and what guessing earns.

Shapes: N sequences, T steps (``steps(length)``, at least ``length``), D inputs a step, T_out answers a sequence,
K numbers an answer.

Sequences of unequal length are padded with zero inputs at the *end*, up to the longest that the task can draw, and
``Batch.where`` marks the steps whose answer counts, sequence by sequence. A recurrent net is causal, so what follows
the last answer cannot change it: the padded sequence gives exactly the answers of the bare one. Padding at the front
would not, because a net with biases moves while it waits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from whylstm.errors import StudyError

Kind = Literal["none", "regression", "classification"]
Split = Literal["train", "test"]
Metrics = dict[str, float]


@dataclass(frozen=True)
class Batch:
    """Sequences with their answers.

    Attributes:
        inputs: (N, T, D) float64.
        targets: (N, T_out) int64 classes, or (N, T_out, K) float64 values; (N, 0) for a task without answers.
        where: the steps whose answer counts, bool, (T,) if they are the same in every sequence, else (N, T); every
            sequence has T_out of them, in the order of ``targets``.
    """

    inputs: np.ndarray
    targets: np.ndarray
    where: np.ndarray

    @property
    def answers(self) -> int:
        """The number T_out of answers in a sequence."""
        return int(np.count_nonzero(self.where if self.where.ndim == 1 else self.where[0]))

    def at_answers(self, values: np.ndarray) -> np.ndarray:
        """Return what ``values`` (N, T, ...) holds at the steps that count, (N, T_out, ...)."""
        where = np.broadcast_to(self.where, values.shape[:2])
        return values[where].reshape(len(values), self.answers, *values.shape[2:])


@dataclass(frozen=True)
class Criterion:
    """When a run counts as a success: a metric on fresh sequences lies below the threshold (or above it).

    Attributes:
        name: short name, unique within the task; the task's first criterion is the one that success rates use.
        metric: a key of ``Task.score``.
        threshold: in the unit of the metric.
        sentence: where the criterion comes from.
        above: whether the metric must lie above the threshold, not below.
    """

    name: str
    metric: str
    threshold: float
    sentence: str
    above: bool = False

    def met(self, metrics: Mapping[str, float]) -> bool:
        """Return whether the metrics fulfil the criterion; a metric that is not a number never does."""
        value = metrics[self.metric]
        return bool(value > self.threshold if self.above else value < self.threshold)


@dataclass(frozen=True)
class Trivial:
    """What the trivial predictor earns: it knows the task and when an answer is due, but saw nothing of the sequence.

    Attributes:
        metrics: the best expected value that such a constant answer can have, for each metric of ``Task.score``
            separately (one constant need not be best for all).
        sentence: the predictor in words, and where its numbers come from.
    """

    metrics: Mapping[str, float]
    sentence: str

    @property
    def loss(self) -> float:
        """Mean squared error, or cross-entropy in nats per answer."""
        return self.metrics["loss"]


class Task:
    """One task. Subclasses are final: a variant is another file.

    Class attributes:
        features: the number D of inputs a step.
        outputs: the size K of the readout: classes, or values; 0 for a task without answers.
        kind: "none", "regression" or "classification".
        reads_length: whether the first steps of a sequence depend on its length. If not, a longer sequence from the
            same stream starts with the shorter one.
        variable_length: whether the sequences of one batch differ in length (see the module's docstring).
        shortest, longest: the lengths that the task is defined for; None: no upper limit.
        success: the criteria, the main one first.
        source: the paper that the task comes from, and where we depart from it.
    """

    features: ClassVar[int] = 1
    outputs: ClassVar[int] = 0
    kind: ClassVar[Kind] = "none"
    reads_length: ClassVar[bool] = True
    variable_length: ClassVar[bool] = False
    shortest: ClassVar[int] = 1
    longest: ClassVar[int | None] = None
    success: ClassVar[tuple[Criterion, ...]] = ()
    source: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the file that defines the task."""
        return type(self).__module__.rpartition(".")[2]

    def check_length(self, length: int) -> None:
        """Do nothing if the task is defined for this length.

        Raises:
            StudyError: if it is not, with the lengths that are allowed.
        """
        if length < self.shortest or (self.longest is not None and length > self.longest):
            limit = f"at least {self.shortest}" if self.longest is None else f"{self.shortest} to {self.longest}"
            raise StudyError(f"length: {length} is not allowed for task {self.name!r}; allowed: {limit}")

    def steps(self, length: int) -> int:
        """Return the number T of steps in the arrays: at least ``length``, and a function of it alone."""
        return length

    def draw(self, rng: np.random.Generator, count: int, length: int, split: Split = "train") -> Batch:
        """Draw ``count`` independent sequences.

        Args:
            rng: the stream to draw from; equal streams give equal batches.
            count: the number N of sequences.
            length: the task's length; what it measures (steps, or a delay) is said in the task's docstring.
            split: which part of a finite data set to draw from; synthetic sequences are always fresh.

        Raises:
            StudyError: if the task is not defined for this length.
        """
        self.check_length(length)
        return self.sample(rng, count, length, split)

    def sample(self, rng: np.random.Generator, count: int, length: int, split: Split) -> Batch:
        """Draw the sequences of :meth:`draw`, whose arguments were checked."""
        raise NotImplementedError

    def trivial(self, length: int, split: Split = "train") -> Trivial:
        """Return what the trivial predictor earns at this length, in expectation over ``split``."""
        return Trivial({}, "No answer is asked.")

    def guess(self, batch: Batch, metric: str = "loss") -> np.ndarray:
        """Return the trivial predictor's outputs (N, T_out, K): the best constant for ``metric`` (values, logits).

        Zeros, unless the task says otherwise: equal chances for all classes, or the mean of targets around 0.
        """
        return np.zeros((*batch.targets.shape[:2], self.outputs))

    def score(self, outputs: np.ndarray, batch: Batch) -> Metrics:
        """Return the metrics of a net's outputs.

        Args:
            outputs: (N, T_out, K) at the steps that count (``batch.at_answers`` picks them): values, or logits.
            batch: the sequences that were answered.

        Returns:
            classification: ``loss`` (cross-entropy, nats per answer), ``error`` (share of wrong answers) and
            ``sequence_error`` (share of sequences with a wrong answer); regression: ``loss`` (mean squared error);
            and the task's own metrics.
        """
        outputs = np.asarray(outputs, dtype=np.float64)
        if self.kind == "classification":
            return classification_metrics(outputs, batch.targets) | self.own_metrics(outputs, batch.targets)
        if self.kind == "regression":
            return regression_metrics(outputs, batch.targets) | self.own_metrics(outputs, batch.targets)
        return {}

    def own_metrics(self, outputs: np.ndarray, targets: np.ndarray) -> Metrics:
        """Return the metrics that only this task has; arguments as in :meth:`score`."""
        return {}


def classification_metrics(logits: np.ndarray, targets: np.ndarray) -> Metrics:
    """Return cross-entropy in nats per answer, share of wrong answers and share of sequences with one.

    Args:
        logits: (N, T_out, K) float64. Logits that are not finite make the loss NaN, and count as wrong.
        targets: (N, T_out) int64.
    """
    finite = np.isfinite(logits).all(axis=-1)
    with np.errstate(invalid="ignore"):
        shifted = logits - logits.max(axis=-1, keepdims=True)
        log_sum = np.log(np.exp(shifted).sum(axis=-1))
    chosen = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    wrong = (logits.argmax(axis=-1) != targets) | ~finite
    loss = np.where(finite, log_sum - chosen, np.nan).mean()
    return {"loss": float(loss), "error": float(wrong.mean()), "sequence_error": float(wrong.any(axis=1).mean())}


def regression_metrics(outputs: np.ndarray, targets: np.ndarray) -> Metrics:
    """Return the mean squared error of outputs (N, T_out, K) against targets of the same shape."""
    return {"loss": float(np.mean((outputs - targets) ** 2))}


def one_hot(symbols: np.ndarray, size: int) -> np.ndarray:
    """Return symbols (N, T) of 0 … size-1 as unit vectors (N, T, size) float64."""
    return np.eye(size)[symbols]


def unanswered(inputs: np.ndarray) -> Batch:
    """Return the batch of inputs (N, T, D) that ask for nothing."""
    sequences, steps, _ = inputs.shape
    return Batch(inputs, np.zeros((sequences, 0), dtype=np.int64), np.zeros(steps, dtype=bool))


def last_step(steps: int) -> np.ndarray:
    """Return the mask (T,) of a task that is answered at its last step."""
    return np.arange(steps) == steps - 1


def uniform_classes(classes: int, answers: int = 1) -> dict[str, float]:
    """Return the metrics of guessing among equally likely classes, ``answers`` times independently.

    Cross-entropy ln K, error 1 - 1/K, and all right with probability K^-answers.
    """
    right = 1 / classes
    return {"loss": math.log(classes), "error": 1 - right, "sequence_error": 1 - right**answers}
