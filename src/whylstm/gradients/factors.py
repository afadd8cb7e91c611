"""One-step Jacobians, kept as diagonals and recurrent matrices: J_t = K_t + R_t (SCIENCE: carry and recurrent part)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import jvp

from whylstm.cells.base import Cell, Coefficients
from whylstm.gradients.trajectory import Trajectory, Weights

Blocks = dict[tuple[str, str], Tensor]
Named = Mapping[str, Tensor]


@dataclass(frozen=True)
class Factors:
    """The one-step Jacobians of B models over T steps, for one sequence each.

    J_t[p, q] = D(carry[p, q]) + Σ_g D(mix[p, g]) U_g, the sum only for q = ``parts[0]``, which recurrent matrices read.

    Attributes:
        parts: names of the state's parts.
        gates: names of the recurrent gates, in the order of ``matrices``.
        carry: diagonals (T, B, H) by (new part, old part); absent blocks are zero.
        mix: diagonals (T, B, H) by (new part, gate).
        matrices: U, (B, R, H, H).
        exposure: ∂h_t/∂C_t with the gates held fixed, (T, B, H); None for a cell without a memory behind its output.
    """

    parts: tuple[str, ...]
    gates: tuple[str, ...]
    carry: Blocks
    mix: Blocks
    matrices: Tensor
    exposure: Tensor | None = None

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return next(iter((self.carry | self.mix).values())).shape[0]

    @property
    def hidden(self) -> int:
        """H, the number of hidden units."""
        return next(iter((self.carry | self.mix).values())).shape[-1]

    @property
    def exposed(self) -> Tensor:
        """``exposure``, for cells that have a memory behind their output.

        Raises:
            ValueError: for a cell that has none.
        """
        if self.exposure is None:
            raise ValueError(f"a cell with the parts {self.parts} has no memory behind its output")
        return self.exposure

    def diagonal(self, new: str, old: str) -> Tensor:
        """Return carry[new, old] for all steps, (T, B, H), zeros where the cell has no such path."""
        return self.carry.get((new, old), torch.zeros_like(self._any()))

    def dense_carry(self, step: int) -> Tensor:
        """Return K_t, (B, S, S), with S = parts · H and the parts in order."""
        zero = torch.zeros_like(self._any()[step]).diag_embed()
        blocks = {key: value[step].diag_embed() for key, value in self.carry.items()}
        return torch.cat([torch.cat([blocks.get((p, q), zero) for q in self.parts], -1) for p in self.parts], -2)

    def dense_recurrent(self, step: int) -> Tensor:
        """Return R_t, (B, S, S)."""
        zero = torch.zeros_like(self._any()[step]).diag_embed()
        rest = [zero] * (len(self.parts) - 1)
        return torch.cat([torch.cat([self.mixed(p, step), *rest], -1) for p in self.parts], -2)

    def mixed(self, part: str, step: int) -> Tensor:
        """Return Σ_g D(mix[p, g]) U_g at one step, (B, H, H): how part p depends on h through recurrent matrices."""
        total = torch.zeros_like(self._any()[step]).diag_embed()
        for index, gate in enumerate(self.gates):
            if (part, gate) in self.mix:
                total = total + self.mix[part, gate][step, :, :, None] * self.matrices[:, index]
        return total

    def _any(self) -> Tensor:
        return next(iter((self.carry | self.mix).values()))


def factors(cell: Cell, weights: Weights, trajectory: Trajectory, sequence: int = 0) -> Factors:
    """Return the one-step Jacobians along one sequence of every model."""
    arguments = (trajectory.before, trajectory.recurrent, trajectory.inputs, trajectory.own)
    coefficients, exposure = step_coefficients(cell, trajectory), cell.exposure(*arguments)
    like = trajectory.after[cell.parts[0]]

    def pick(blocks: Blocks) -> Blocks:
        return {key: value.expand_as(like)[:, :, sequence] for key, value in blocks.items()}

    return Factors(
        parts=cell.parts,
        gates=cell.recurrent_gates,
        carry=pick(coefficients.carry),
        mix=pick(coefficients.mix),
        matrices=weights["U"],
        exposure=None if exposure is None else exposure[:, :, sequence],
    )


def step_coefficients(cell: Cell, trajectory: Trajectory) -> Coefficients:
    """Return the cell's diagonals for all steps, written by hand where the cell has them, else differentiated."""
    arguments = (trajectory.before, trajectory.recurrent, trajectory.inputs, trajectory.own)
    return cell.coefficients(*arguments) or differentiated(cell, *arguments)


def differentiated(cell: Cell, s: Named, r: Named, a: Named, w: Named) -> Coefficients:
    """Return the diagonals by forward-mode differentiation: the update is elementwise, so a tangent of ones gives all.

    The same (..., H) shapes as ``cell.coefficients``.
    """
    carry = _tangents(lambda part: cell.update({**s, **part}, r, a, w), s)
    mix = _tangents(lambda gate: cell.update(s, {**r, **gate}, a, w), r)
    drive = _tangents(lambda gate: cell.update(s, r, {**a, **gate}, w), a)
    return Coefficients(carry, mix, drive)


def _tangents(update: Callable[[Named], Named], variables: Named) -> Blocks:
    """Return ∂(new part)/∂(variable), elementwise, by (new part, variable)."""
    blocks: Blocks = {}
    for name, value in variables.items():
        tangents = jvp(lambda x, name=name: update({name: x}), (value,), (torch.ones_like(value),))[1]
        blocks |= {(new, name): tangent for new, tangent in tangents.items()}
    return blocks
