"""The same profile by other means: norms of G_{t,k} at all lags, from the same diagonals and matrices.

Each peer takes ``Problem`` and returns a function of no argument that gives log₁₀ ‖G_{t,k}‖_F, (B, lags). Structured
ones use that J is made of diagonals and U: for the LSTM 8 H³ operations a lag in place of 16 H³.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from whylstm import cells
from whylstm.cells.base import Cell
from whylstm.gradients.factors import Factors
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.trajectory import Weights, run

Contender = Callable[[], np.ndarray]
LOG10_2 = np.log10(2.0)


@dataclass(frozen=True)
class Problem:
    """B models of one cell over T steps, and the precision of the products."""

    cell: str
    factors: Factors
    weights: Weights
    inputs: torch.Tensor
    dtype: torch.dtype

    @property
    def lags(self) -> int:
        """All of them."""
        return self.factors.steps


def ours(problem: Problem, **options: Any) -> Contender:
    """Return the compiled route, with every column that it has: blocks and carry as well."""

    def profile() -> np.ndarray:
        found = lag_profile(
            problem.factors, [problem.lags], problem.lags, None, article=False, dtype=problem.dtype, **options
        )
        return found["norm"][:, :, 0].numpy().T

    return profile


def torch_structured(problem: Problem) -> Contender:
    """Return torch's bmm on P, (B, S, S), with the h column put together once a lag."""
    parts, matrices = problem.factors.parts, problem.factors.matrices.to(problem.dtype)
    carry = {key: value.to(problem.dtype) for key, value in problem.factors.carry.items()}
    mix = {key: value.to(problem.dtype) for key, value in problem.factors.mix.items()}
    models, hidden = matrices.shape[0], problem.factors.hidden

    def profile() -> np.ndarray:
        product = torch.eye(len(parts) * hidden, dtype=problem.dtype).expand(models, -1, -1)
        scale, logs = torch.zeros(models, dtype=torch.float64), []
        for time in range(problem.lags - 1, -1, -1):
            column = torch.cat(
                [
                    sum(
                        value[time][:, :, None] * matrices[:, problem.factors.gates.index(gate)]
                        for (new, gate), value in mix.items()
                        if new == part
                    )
                    for part in parts
                ],
                1,
            )
            old = product.split(hidden, 2)
            new = {parts[0]: torch.bmm(product, column)}
            for (source, target), value in carry.items():
                moved = old[parts.index(source)] * value[time][:, None]
                new[target] = new[target] + moved if target in new else moved
            product = torch.cat([new[part] for part in parts], 2)
            square = product.square().sum((1, 2)).double()
            logs.append(0.5 * square.log10() + scale * LOG10_2)
            shift = (0.5 * square.log2()).round()
            product = product * torch.exp2(-shift).to(problem.dtype)[:, None, None]
            scale = scale + shift
        return torch.stack(logs, 1).numpy()

    return profile


def torch_func(problem: Problem) -> Contender:
    """Return one-step Jacobians by vmap(jacrev) of the cell, and dense products."""
    states = run(cells.load(problem.cell), problem.weights, problem.inputs)
    return _dense(problem, lambda cell, time: _func_jacobians(problem, cell, states, time))


def _func_jacobians(problem: Problem, cell: Cell, states: Any, time: int) -> torch.Tensor:
    flat = torch.cat([states.states[part][time, :, 0] for part in cell.parts], 1)
    drives = {name: value[time, :, 0] for name, value in states.inputs.items()}

    def step(state: torch.Tensor, matrices: torch.Tensor, given: dict, bias: torch.Tensor) -> torch.Tensor:
        old = dict(zip(cell.parts, state.unflatten(0, (len(cell.parts), -1)).unbind(0), strict=True))
        kicks = torch.einsum("rij,j->ri", matrices, old[cell.parts[0]]) + bias
        new = cell.update(old, dict(zip(cell.recurrent_gates, kicks, strict=True)), given, {})
        return torch.cat([new[part] for part in cell.parts])

    matrices = problem.weights["U"]
    bias = problem.weights.get("c", torch.zeros(matrices.shape[:3], dtype=matrices.dtype))
    return torch.func.vmap(torch.func.jacrev(step))(flat, matrices, drives, bias)


def _dense(problem: Problem, jacobians: Callable[[Cell, int], torch.Tensor]) -> Contender:
    cell = cells.load(problem.cell)

    def profile() -> np.ndarray:
        product, scale, logs = None, 0.0, []
        for time in range(problem.lags - 1, -1, -1):
            step = jacobians(cell, time).to(problem.dtype)
            product = step if product is None else product @ step
            norm = torch.linalg.matrix_norm(product).double()
            logs.append(norm.log10() + scale * LOG10_2)
            shift = norm.log2().round()
            product, scale = product * torch.exp2(-shift).to(problem.dtype)[:, None, None], scale + shift
        return torch.stack(logs, 1).numpy()

    return profile


def autograd_rows(problem: Problem) -> Contender:
    """Return ‖ds_t/ds_{t-k}‖ row by row: one backward pass through the unrolled cell for each entry of s_t."""
    cell = cells.load(problem.cell)

    def profile() -> np.ndarray:
        return np.stack([_rows_of(problem, cell, model) for model in range(problem.weights["W"].shape[0])])

    return profile


def _rows_of(problem: Problem, cell: Cell, model: int) -> np.ndarray:
    weights = {name: value[model : model + 1] for name, value in problem.weights.items()}
    leaves: list[torch.Tensor] = []
    state = {part: torch.zeros_like(weights["W"][:, :1, :, 0]).requires_grad_() for part in cell.parts}
    for time in range(problem.lags):
        leaves.append(torch.cat([state[part] for part in cell.parts], 2))
        state = dict(zip(cell.parts, leaves[-1].chunk(len(cell.parts), 2), strict=True))
        path = run(cell, weights, problem.inputs[model : model + 1, :, time : time + 1], state)
        state = {part: value[-1] for part, value in path.states.items()}
    last, square = torch.cat([state[part] for part in cell.parts], 2).flatten(), torch.zeros(problem.lags)
    for row in last:
        grads = torch.autograd.grad(row, leaves, retain_graph=True)
        square += torch.stack([grad.square().sum() for grad in grads[::-1]])
    return 0.5 * np.log10(square.numpy())


def jax_structured(problem: Problem, how: str) -> Contender:
    """Return JAX, jit of the structured form on R = Pᵀ, models in a vmap or one by one in a map."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    one = _jax_model(problem)
    whole = jax.vmap(one) if how == "vmap" else lambda *all: jax.lax.map(lambda each: one(*each), all)
    compiled = jax.jit(whole)
    kind = np.dtype(str(problem.dtype).removeprefix("torch."))
    mix, carry = (
        [jnp.asarray(value.transpose(0, 1).numpy().astype(kind)) for value in blocks.values()]
        for blocks in (problem.factors.mix, problem.factors.carry)
    )
    matrices = jnp.asarray(problem.factors.matrices.numpy().astype(kind))
    return lambda: np.asarray(jax.block_until_ready(compiled(matrices, mix, carry)))


def _jax_model(problem: Problem) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    parts, gates, hidden = problem.factors.parts, problem.factors.gates, problem.factors.hidden
    mixed = [(parts.index(new), gates.index(gate)) for new, gate in problem.factors.mix]
    carried = [(parts.index(new), parts.index(old)) for new, old in problem.factors.carry]

    def step(state: Any, factors: Any, matrices: Any) -> Any:
        products, power = state
        mix, carry = factors
        columns = [jnp.zeros((hidden, hidden), matrices.dtype)] * len(parts)
        for (new, gate), diagonal in zip(mixed, mix, strict=True):
            columns[new] = columns[new] + diagonal[:, None] * matrices[gate]
        fresh = [sum(column.T @ product for column, product in zip(columns, products, strict=True))]
        fresh += [jnp.zeros_like(fresh[0])] * (len(parts) - 1)
        for (new, old), diagonal in zip(carried, carry, strict=True):
            fresh[old] = fresh[old] + diagonal[:, None] * products[new]
        square = sum(jnp.sum(product * product) for product in fresh)
        shift = jnp.round(0.5 * jnp.log2(square))
        factor = jnp.exp2(-shift)
        log = 0.5 * jnp.log10(square).astype(jnp.float64) + power * LOG10_2
        return ([product * factor for product in fresh], power + shift.astype(jnp.float64)), log

    def model(matrices: Any, mix: Any, carry: Any) -> Any:
        eye = jnp.eye(len(parts) * hidden, dtype=matrices.dtype)
        start = ([eye[n * hidden : (n + 1) * hidden] for n in range(len(parts))], jnp.zeros((), jnp.float64))
        factors = ([value[::-1] for value in mix], [value[::-1] for value in carry])
        return jax.lax.scan(lambda state, now: step(state, now, matrices), start, factors)[1]

    return model
