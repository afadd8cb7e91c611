"""The largest Lyapunov exponents of the whole network and of each layer, with their convergence.

A layer's own exponents treat its input as given. Since the whole Jacobian is block lower triangular, the exponents of
the network are those of its layers together, in the long run; both are measured, and neither is derived from the other.

One generic direction is carried forward by the Jacobians and rescaled at each step; λ₁ is the mean logarithm of what
it is stretched by, after a burn-in (Benettin et al. 1980; all exponents: :mod:`whylstm.gradients.lyapunov`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.diagnosis.chain import Chain, forward

BLOCKS = 10


@dataclass(frozen=True)
class Exponent:
    """λ₁ in nats per step.

    Attributes:
        value: the mean over the steps; -inf where every direction is lost in some step.
        error: standard error, from the means of consecutive blocks of steps.
        drift: second half minus first half; far beyond the error it means that the sequence is too short.
        steps: how many steps were averaged.
    """

    value: float
    error: float
    drift: float
    steps: int

    @property
    def low(self) -> float:
        """Two standard errors below the value."""
        return self.value - 2 * self.error

    @property
    def high(self) -> float:
        """Two standard errors above the value."""
        return self.value + 2 * self.error

    @property
    def settled(self) -> bool:
        """Whether the two halves agree within three errors of their difference, which is 2 · error itself."""
        return not abs(self.drift) > 6 * self.error

    @property
    def memory(self) -> float:
        """-1/λ₁, the steps in which the gradient falls by a factor e in the long run; inf if it does not fall."""
        return -1 / self.value if self.value < 0 else math.inf


def burn_in(steps: int) -> int:
    """Return how many steps the direction may turn before anything is counted: a tenth, at most 100."""
    return min(steps // 10, 100)


def fewest() -> int:
    """Return the length of the shortest sequence that is enough."""
    return next(steps for steps in range(2 * BLOCKS, 4 * BLOCKS) if enough(steps))


def enough(steps: int) -> bool:
    """Return whether a sequence is long enough for an exponent with an error: two steps for each block."""
    return steps - burn_in(steps) >= 2 * BLOCKS


def of_network(chain: Chain) -> list[Exponent]:
    """Return λ₁ of the whole state of all layers along the whole sequence, one for each model."""
    columns, logs, skipped = _first_column(chain), [], burn_in(chain.steps)
    for step in range(chain.steps):
        columns = forward(chain, step, columns)
        size = torch.linalg.vector_norm(torch.cat(columns, 1), dim=(1, 2), keepdim=True)
        if step >= skipped:
            logs.append(size[:, 0, 0].log())
        columns = [column / size.clamp(min=torch.finfo(torch.float64).tiny) for column in columns]
    return [summary(one) for one in torch.stack(logs).unbind(1)]


def summary(logs: Tensor) -> Exponent:
    """Return the mean growth (T,), in nats, its error from blocks, and the drift between its halves."""
    means = torch.stack([block.mean() for block in logs.tensor_split(BLOCKS)])
    first, second = logs.tensor_split(2)
    error = means.std() / BLOCKS**0.5
    return _exponent(float(logs.mean()), float(error), float(second.mean() - first.mean()), len(logs))


def together(found: list[Exponent]) -> Exponent:
    """Return the mean over sequences; the error is that of the sequences' own errors or of their spread, if larger."""
    values = torch.tensor([one.value for one in found], dtype=torch.float64)
    count = len(found)
    own = math.sqrt(sum(one.error**2 for one in found)) / count
    spread = float(values.std() / count**0.5) if count > 1 else 0.0
    error = own if math.isnan(spread) else max(own, spread)
    drift = sum(one.drift for one in found) / count
    return Exponent(float(values.mean()), error, drift, sum(one.steps for one in found))


def _exponent(value: float, error: float, drift: float, steps: int) -> Exponent:
    """Return an exponent; one of -inf (a direction lost in a step) has no error."""
    if math.isinf(value):
        return Exponent(-math.inf, 0.0, 0.0, steps)
    return Exponent(value, error, drift, steps)


def _first_column(chain: Chain) -> list[Tensor]:
    """Return a fixed, generic direction for every model: none may be missed because an axis is special."""
    numbers = torch.arange(1, sum(chain.sizes) + 1, dtype=torch.float64)
    models = chain.links[0].matrices.shape[0]
    return list(torch.sin(numbers * numbers)[None, :, None].expand(models, -1, -1).split(chain.sizes, 1))
