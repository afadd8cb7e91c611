"""The backward pass through time, once for all cells.

With λ_t = ∂E/∂s_t (everything that s_t leads to), δ_g = ∂E/∂r_g, and e_t the loss's own gradient at step t,

    δ_g(t)     = Σ_p mix[p,g](t) λ_p(t)
    λ_q(t-1)   = Σ_p carry[p,q](t) λ_p(t) + [q = h] ( k_t Σ_g U_gᵀ δ_g(t) + e_{t-1} )

k_t is 1. With k_t = 0 the step's h-edges are cut: everything that passes a recurrent matrix backwards, so that only the
carry is left. All k_t = 0 is the truncated gradient of Hochreiter & Schmidhuber 1997; k_t drawn per step is h-detach
(Kanuparthi et al. 2019). The forward pass, and how λ reaches the parameters of its own step, do not change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.cells.base import Cell, Coefficients
from whylstm.training.products import product


@dataclass(frozen=True)
class Costates:
    """What the backward pass leaves.

    Attributes:
        after: λ_t, each part (T, B, N, H), entry t for the state after step t (from 0).
        before: J_tᵀ λ_t, each part (T, B, N, H): what step t hands back, without the loss's own gradient e_{t-1}.
        recurrent: δ_g, (T, B, N, R·H), gate by gate.
    """

    after: dict[str, Tensor]
    before: dict[str, Tensor]
    recurrent: Tensor

    def of(self, models: np.ndarray, count: int) -> Costates:
        """Return those of some models (by place) and of their first ``count`` sequences, without the padding."""

        def pick(values: Tensor) -> Tensor:
            return values[:, torch.from_numpy(models), :count]

        after = {part: pick(value) for part, value in self.after.items()}
        return Costates(after, {part: pick(value) for part, value in self.before.items()}, pick(self.recurrent))


def backward(
    cell: Cell, coefficients: Coefficients, matrices: Tensor, injected: dict[int, Tensor], keep: Tensor, steps: int
) -> Costates:
    """Return λ and δ for all steps.

    Args:
        cell: the cell.
        coefficients: its diagonals at all steps, each (T, B, N, H).
        matrices: U, (B, R, H, H).
        injected: e_t = ∂E/∂h_t by the readout alone, (B, N, H) by step (from 0).
        keep: k_t, (T, B), 1 where the h-edges into step t are kept and 0 where they are cut.
        steps: T.
    """
    output, stacked = cell.parts[0], matrices.flatten(1, 2)
    like = next(iter(injected.values()))
    back = {part: torch.zeros_like(like) for part in cell.parts}
    after, before, recurrent = [], [], []
    for step in range(steps - 1, -1, -1):
        costate = {**back, output: back[output] + injected[step]} if step in injected else back
        delta = _weighted(coefficients.mix, costate, step, cell.recurrent_gates)
        back = dict(zip(cell.parts, _weighted(coefficients.carry, costate, step, cell.parts), strict=True))
        rows = torch.stack(delta, dim=-2).flatten(-2) if delta else like[..., :0]
        if delta:
            back[output] = back[output] + product(keep[step, :, None, None] * rows, stacked)
        after.append(costate)
        before.append(back)
        recurrent.append(rows)
    return Costates(_in_order(after, cell.parts), _in_order(before, cell.parts), torch.stack(recurrent[::-1]))


def weighted(
    blocks: dict[tuple[str, str], Tensor], costates: dict[str, Tensor], names: tuple[str, ...]
) -> list[Tensor]:
    """Return Σ_p block[p, n] λ_p for every name n, zeros where there is no block; all steps at once or one of them."""
    totals = []
    for name in names:
        terms = [blocks[part, name] * costates[part] for part in costates if (part, name) in blocks]
        totals.append(sum(terms[1:], terms[0]) if terms else torch.zeros_like(next(iter(costates.values()))))
    return totals


def _weighted(
    blocks: dict[tuple[str, str], Tensor], costate: dict[str, Tensor], step: int, names: tuple[str, ...]
) -> list[Tensor]:
    return weighted({key: value[step] for key, value in blocks.items()}, costate, names)


def _in_order(reverse: list[dict[str, Tensor]], parts: tuple[str, ...]) -> dict[str, Tensor]:
    return {part: torch.stack([entry[part] for entry in reverse[::-1]]) for part in parts}
