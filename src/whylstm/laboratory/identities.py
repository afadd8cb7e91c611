"""Hold each equation of the article against automatic differentiation, in float64.

Every row is one equation, for one cell and one replicate: the relative error ‖equation - truth‖ / ‖truth‖ as log₁₀. An
identity that is right shows rounding, about 1e-16; one that is wrong shows the size of the mistake. What each one says
stands in :data:`IDENTITIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from whylstm import cells, initialisations, streams
from whylstm.cells.base import Cell
from whylstm.gradients import exact
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.parameters import contributions, flat
from whylstm.gradients.trajectory import Trajectory, Weights, run
from whylstm.laboratory.base import Experiment

IDENTITIES = {
    "sum_over_steps": "dE/dθ = Σ_t de_t/dθ (C1)",
    "sum_over_lags": "dE/dθ = Σ_t Σ_k (∂e_t/∂s_t) G_{t,k} (∂⁺s_{t-k}/∂θ), from lag 0, with the immediate partial (C2)",
    "sum_without_lag_0": "the same without lag 0, as the article's last sum has it (C2)",
    "state_product": "ds_t/ds_{t-k} = J_t ... J_{t-k+1} for the whole state (C3)",
    "h_product": "∂h_t/∂h_{t-k} = Π ∂h_i/∂h_{i-1}, as the article reads it (C3)",
    "two_paths": "∂h_t/∂h_{t-1} = (∂h_t/∂C_t)(∂C_t/∂h_{t-1}) + (∂h_t/∂o_t)(∂o_t/∂h_{t-1}) (C6)",
    "defect_at_lag_2": "∂h_t/∂h_{t-2} minus the article's product = D(d_t f_t) ∂C_{t-1}/∂h_{t-2}, exactly",
    "product_in_terms": "Π (∂h_i/∂h_{i-1}), solved, is a sum of 2^k terms, the first of which is the detour (C7)",
    "detour_equals_carousel": "the detour equals (∂h_t/∂C_t) Π f (∂C_{t-k+1}/∂h_{t-k}) (C8)",
}


@dataclass(frozen=True)
class Case:
    """One replicate of one cell: its run over one sequence, and a loss of one target per step."""

    cell: Cell
    weights: Weights
    inputs: Tensor
    trajectory: Trajectory
    factors: Factors
    targets: Tensor
    lag: int

    @property
    def end(self) -> int:
        """The last step."""
        return self.inputs.shape[2]


def identities(seed: int, cell: list[str], hidden: int, length: int, lag: int, replicates: int) -> pd.DataFrame:
    """Return one row for each equation, cell and replicate.

    Args:
        seed: the study's seed.
        cell: names of cells.
        hidden: H, small: the reference differentiates the unrolled cell.
        length: T of the sequence.
        lag: k of the Jacobians.
        replicates: weights, inputs and targets per cell.
    """
    rows = []
    for name in cell:
        for replicate in range(replicates):
            case = make_case(name, hidden, length, lag, replicate, seed)
            errors = {**gradient_errors(case), **state_errors(case), **memory_errors(case)}
            where = {"cell": name, "hidden": hidden, "length": length, "lag": lag, "replicate": replicate}
            rows += [{"identity": identity, **where, **error} for identity, error in errors.items()]
    return pd.DataFrame(rows)


def make_case(name: str, hidden: int, length: int, lag: int, replicate: int, seed: int) -> Case:
    """Draw one case: Gaussian weights of gain 1.5 and forget bias 1, white inputs, random targets."""
    cell = cells.load(name)
    drawn = initialisations.weights(
        cell.initialisation or "gaussian", cell, hidden=hidden, features=1, seed=seed, replicate=replicate,
        gain=1.5, forget_bias=1.0 if cell.carry_gate else None, input_scale=1.0,
    )  # fmt: skip
    weights = {key: torch.from_numpy(np.asarray(value))[None] for key, value in drawn.items()}
    draws = streams.stream(seed, "identities", length=length, hidden=hidden, replicate=replicate)
    inputs = torch.from_numpy(draws.standard_normal((1, 1, length, 1)))
    targets = torch.from_numpy(draws.standard_normal((length, hidden)))
    trajectory = run(cell, weights, inputs)
    return Case(cell, weights, inputs, trajectory, factors(cell, weights, trajectory), targets, lag)


def gradient_errors(case: Case) -> dict[str, dict[str, float]]:
    """Hold the splits of the parameter gradient over steps and lags against ordinary backpropagation."""
    truth, *each_step = _backpropagated(case)
    over_steps = torch.stack(each_step).sum(0)
    cotangents = 2 * (_outputs(case.trajectory, case.cell) - case.targets)
    parts = list(contributions(case.cell, case.weights, case.trajectory, case.inputs, cotangents))
    by_lag = torch.stack([flat(part) for part in parts])
    return {
        "sum_over_steps": relative(over_steps, truth),
        "sum_over_lags": relative(by_lag.sum(0), truth),
        "sum_without_lag_0": relative(by_lag[1:].sum(0), truth),
    }


def state_errors(case: Case) -> dict[str, dict[str, float]]:
    """Hold the product of one-step Jacobians against the differentiated unroll."""
    truth = exact.autograd_jacobian(case.cell, case.weights, case.inputs, case.end, case.lag)
    hidden = case.factors.hidden
    output = _product(case, lambda step: case.factors.dense_carry(step)[0] + case.factors.dense_recurrent(step)[0])
    h_only = _product(case, partial(_h_block, case.factors))
    return {
        "state_product": relative(output, truth),
        "h_product": relative(h_only, truth[:hidden, :hidden]),
    }


def memory_errors(case: Case) -> dict[str, dict[str, float]]:
    """Hold the article's two paths, its term and its equality against the truth; empty without a memory behind h."""
    if case.factors.exposure is None:
        return {}
    h, c = case.cell.parts[:2]
    hidden, last, exposure = case.factors.hidden, case.end - 1, case.factors.exposed[:, 0]
    one_step = exact.autograd_jacobian(case.cell, case.weights, case.inputs, case.end, 1)[:hidden, :hidden]
    two_steps = exact.autograd_jacobian(case.cell, case.weights, case.inputs, case.end, 2)[:hidden, :hidden]
    through_memory = exposure[last][:, None] * case.factors.mixed(c, last)[0]
    through_gate = case.factors.mixed(h, last)[0] - through_memory
    defect = case.factors.carry[h, c][last, 0][:, None] * case.factors.mixed(c, last - 1)[0]
    article = _h_block(case.factors, last) @ _h_block(case.factors, last - 1)
    detour, carousel = _detour(case), _carousel(case)
    return {
        "two_paths": relative(through_memory + through_gate, one_step),
        "defect_at_lag_2": relative(article + defect, two_steps),
        "product_in_terms": relative(
            detour + sum(article_terms(case)[1:]), _product(case, partial(_h_block, case.factors))
        ),
        "detour_equals_carousel": relative(detour, carousel),
    }


def relative(value: Tensor, truth: Tensor) -> dict[str, float]:
    """Return log₁₀ of ‖value - truth‖ / ‖truth‖, and log₁₀ of ‖truth‖; -inf where a norm is zero."""
    size, error = (float(torch.linalg.vector_norm(x).log10()) for x in (truth, value - truth))
    return {"log10_error": error - size, "log10_size": size}


def _backpropagated(case: Case) -> list[Tensor]:
    """Return the gradients of E and of every e_t by ordinary backpropagation, each as one vector."""
    leaves = {name: value.clone().requires_grad_() for name, value in case.weights.items()}
    outputs = _outputs(run(case.cell, leaves, case.inputs), case.cell)
    errors = (outputs - case.targets).square().sum(-1)
    wanted = {name: leaves[name] for name in ("U", "W", "b", "c") if name in leaves and leaves[name].numel()}

    def gradient(loss: Tensor) -> Tensor:
        found = torch.autograd.grad(loss, list(wanted.values()), retain_graph=True, materialize_grads=True)
        return flat(dict(zip(wanted, found, strict=True)))

    return [gradient(errors.sum()), *(gradient(error) for error in errors)]


def _outputs(trajectory: Trajectory, cell: Cell) -> Tensor:
    return trajectory.after[cell.parts[0]][:, 0, 0]


def _steps_back(case: Case) -> Iterator[int]:
    return iter(range(case.end - 1, case.end - 1 - case.lag, -1))


def _product(case: Case, factor: Callable[[int], Tensor]) -> Tensor:
    first, *others = (factor(step) for step in _steps_back(case))
    for other in others:
        first = first @ other
    return first


def _h_block(step_factors: Factors, step: int) -> Tensor:
    """Return ∂h_i/∂h_{i-1} of one step, (H, H)."""
    h = step_factors.parts[0]
    return step_factors.mixed(h, step)[0] + torch.diag(step_factors.diagonal(h, h)[step, 0])


def _detour(case: Case) -> Tensor:
    c = case.cell.parts[1]
    return _product(case, lambda step: case.factors.exposed[step, 0][:, None] * case.factors.mixed(c, step)[0])


def _carousel(case: Case) -> Tensor:
    """Return D(d_t) Π f_i · A_{t-k+1}, with the k - 1 forget gates of the steps t-k+2 ... t."""
    c = case.cell.parts[1]
    *steps, first = _steps_back(case)
    kept = case.factors.exposed[case.end - 1, 0]
    for step in steps:
        kept = kept * case.factors.carry[c, c][step, 0]
    return kept[:, None] * case.factors.mixed(c, first)[0]


def article_terms(case: Case) -> list[Tensor]:
    """Return the 2^k terms of the article's product, the one that always goes through the memory first."""
    h, c = case.cell.parts[:2]
    terms = [torch.eye(case.factors.hidden, dtype=torch.float64)]
    for step in _steps_back(case):
        memory = case.factors.exposed[step, 0][:, None] * case.factors.mixed(c, step)[0]
        gate = case.factors.mixed(h, step)[0] - memory
        terms = [term @ path for path in (memory, gate) for term in terms]
    return terms


EXPERIMENT = Experiment(
    sentence="Which equations of the article are right, and how wrong are the others?",
    function=identities,
    settings={"cell": ["tanh", "gru", "lstm"], "hidden": 8, "length": 30, "lag": 6, "replicates": 10},
    fits=(("lag", "length", 0),),
)
