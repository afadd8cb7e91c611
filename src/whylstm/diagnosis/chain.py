"""The one-step Jacobian of a whole stack of layers, kept as diagonals and weight matrices, and how rows go through it.

Layer l reads the new output of the layer below, so within one step

    ds^l_t/ds^l_{t-1} = J^l_t                        its own Jacobian: carry and recurrent part
    ds^l_t/ds^{l-1}_{t-1} = V^l_t E J^{l-1}_t        V^l_t = Σ_g D(drive[p,g]) W_g, E takes h out of the state

and so on down: the Jacobian of the whole state is block lower triangular, its diagonal blocks are the layers' own.
A row vector goes back one step by going down the layers, as in backpropagation; the whole is never assembled.

**What counts as a hop.** A path from the past to the present may keep to a layer, by its carry or through a recurrent
matrix U (a hop), and it may climb from one layer to the next through an input matrix W (a climb). Only the former are
hops. The number of climbs tells nothing: every path from layer i to layer j climbs exactly j - i times, since none
leads down. So the carry part of a block (i, j) is what gets from i to j with climbs but without hops.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.diagnosis.network import Layer, Network
from whylstm.gradients.factors import Blocks, Factors, factors, step_coefficients
from whylstm.gradients.lyapunov import apply
from whylstm.gradients.scaled import Scaled
from whylstm.gradients.trajectory import Trajectory, run

Rows = dict[int, Scaled]
"""Row vectors by the layer of their columns: mantissa (..., B, rows, S_l) for B models, exponent (..., B)."""


@dataclass(frozen=True)
class Link:
    """One layer of B models along one sequence.

    Attributes:
        own: its one-step Jacobians.
        climb: ∂(new part)/∂(input drive of a gate), diagonals (T, B, H) by (part, gate).
        gates: the gates' names, in the order of ``matrices``.
        matrices: W, (B, G, H, D).
    """

    own: Factors
    climb: Blocks
    gates: tuple[str, ...]
    matrices: Tensor


@dataclass(frozen=True)
class Chain:
    """The layers of B models along one sequence, lowest first. A user's network is one model."""

    links: tuple[Link, ...]

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return self.links[0].own.steps

    @property
    def sizes(self) -> list[int]:
        """S_l, the number of numbers in the state of each layer."""
        return [link.own.hidden * len(link.own.parts) for link in self.links]

    def alone(self, layer: int) -> Chain:
        """Return one layer as a chain by itself, its input given."""
        return Chain((self.links[layer],))


def trajectories(network: Network, inputs: Tensor) -> list[Trajectory]:
    """Run all layers from the zero state over N sequences (N, T, D) and return each layer's trajectory."""
    models = network.layers[0].weights["W"].shape[0]
    paths, below = [], inputs.expand(models, -1, -1, -1)
    for layer in network.layers:
        paths.append(run(layer.cell, layer.weights, below))
        below = paths[-1].after[layer.cell.parts[0]].permute(1, 2, 0, 3)
    return paths


def first_break(paths: list[Trajectory]) -> int | None:
    """Return the first step (from 1) after which any state is not finite, or None if all stay finite."""
    states = [state for path in paths for state in path.states.values()]
    fine = torch.stack([torch.isfinite(state).flatten(1).all(1) for state in states]).all(0)
    broken = (~fine).nonzero()
    return int(broken[0]) if len(broken) else None


def chains(network: Network, paths: list[Trajectory]) -> list[Chain]:
    """Return the one-step Jacobians of all layers along each of the sequences that were run."""
    layers = [_links(layer, path) for layer, path in zip(network.layers, paths, strict=True)]
    return [Chain(links) for links in zip(*layers, strict=True)]


def _links(layer: Layer, path: Trajectory) -> list[Link]:
    like = path.after[layer.cell.parts[0]]
    drive = {key: value.expand_as(like) for key, value in step_coefficients(layer.cell, path).driven.items()}
    return [
        Link(
            own=factors(layer.cell, layer.weights, path, sequence),
            climb={key: value[:, :, sequence] for key, value in drive.items()},
            gates=layer.cell.gates,
            matrices=layer.weights["W"],
        )
        for sequence in range(like.shape[2])
    ]


def back(chain: Chain, step: int, rows: Rows, *, recurrent: bool = True) -> Rows:
    """Take row vectors one step back: return ∂y/∂s^l before a step, by layer, given it after the step.

    Args:
        chain: the layers.
        step: which step, counted from 0.
        rows: ∂y/∂s^l after the step, by layer; layers above the highest one have none.
        recurrent: whether paths through recurrent matrices count; without them only the carry and climbs do.
    """
    totals = down(chain, step, rows)
    return {at: own_step(chain.links[at], step, total, recurrent=recurrent) for at, total in totals.items()}


def to_inputs(chain: Chain, step: int, rows: Rows) -> Scaled:
    """Return ∂y/∂x of a step's input, (..., rows, D), given ∂y/∂s^l after the step, by layer."""
    return climbed(chain.links[0], step, down(chain, step, rows)[0])


def down(chain: Chain, step: int, rows: Rows) -> Rows:
    """Return the total derivatives with respect to each layer's new state: what layers above read of it included."""
    totals: Rows = {}
    spill = None
    for layer in range(max(rows), -1, -1):
        totals[layer] = joined(rows[layer], spill)
        spill = climbed(chain.links[layer], step, totals[layer]) if layer else None
    return totals


def joined(rows: Scaled, spill: Scaled | None) -> Scaled:
    """Return rows with what came down from the layer above, which adds to the columns of h."""
    if spill is None:
        return rows
    missing = rows.mantissa.shape[-1] - spill.mantissa.shape[-1]
    return rows + Scaled(torch.nn.functional.pad(spill.mantissa, (0, missing)), spill.exponent)


def own_step(link: Link, step: int, rows: Scaled, *, recurrent: bool = True) -> Scaled:
    """Return P J^l for rows P, or P K^l without the recurrent part."""
    new = carried(link.own, step, rows.mantissa)
    if recurrent and link.own.mix:
        new[..., : link.own.hidden] += _recurrent(link.own, step, rows.mantissa)
    return Scaled(new, rows.exponent).rescaled()


def hop(link: Link, step: int, rows: Scaled) -> Scaled:
    """Return P R^l for rows P: exactly one passage through the recurrent matrices."""
    new = torch.zeros_like(rows.mantissa)
    if link.own.mix:
        new[..., : link.own.hidden] = _recurrent(link.own, step, rows.mantissa)
    return Scaled(new, rows.exponent).rescaled()


def climbed(link: Link, step: int, rows: Scaled) -> Scaled:
    """Return P V^l for rows P: down through the input matrices, (..., B, rows, D)."""
    diagonals = {key: value[step] for key, value in link.climb.items()}
    return Scaled(
        through(rows.mantissa, link.own.parts, diagonals, link.gates, link.matrices), rows.exponent
    ).rescaled()


def carried(own: Factors, step: int, rows: Tensor) -> Tensor:
    """Return P K^l for rows P (..., B, rows, S)."""
    split = rows.unflatten(-1, (len(own.parts), -1))
    out = torch.zeros_like(split)
    for (new, old), diagonal in own.carry.items():
        out[..., own.parts.index(old), :] += split[..., own.parts.index(new), :] * diagonal[step][:, None]
    return out.flatten(-2)


def _recurrent(own: Factors, step: int, rows: Tensor) -> Tensor:
    diagonals = {key: value[step] for key, value in own.mix.items()}
    return through(rows, own.parts, diagonals, own.gates, own.matrices)


def through(
    rows: Tensor, parts: tuple[str, ...], diagonals: Blocks, gates: tuple[str, ...], matrices: Tensor
) -> Tensor:
    """Return P Σ_g D(diagonal[p, g]) M_g for rows P (..., B, rows, S) and matrices M (B, G, H, n), (..., B, rows, n).

    Many rows are multiplied by the assembled sum, few by each matrix: that is the smaller number of multiplications.
    """
    models, _, hidden, width = matrices.shape
    split = rows.unflatten(-1, (len(parts), -1))
    if rows.shape[:-1].numel() > hidden * models:
        weights = matrices.new_zeros(models, len(parts), hidden, width)
        for (part, gate), diagonal in diagonals.items():
            weights[:, parts.index(part)] += diagonal[:, :, None] * matrices[:, gates.index(gate)]
        drives = rows
    else:
        weights = matrices
        drives = rows.new_zeros(*rows.shape[:-1], len(gates), hidden)
        for (part, gate), diagonal in diagonals.items():
            drives[..., gates.index(gate), :] += split[..., parts.index(part), :] * diagonal[:, None]
        drives = drives.flatten(-2)
    weights = weights.flatten(1, 2)
    return drives @ (weights[0] if models == 1 else weights)


def forward(chain: Chain, step: int, columns: list[Tensor]) -> list[Tensor]:
    """Return J_t V of the whole state for columns V, by layer (B, S_l, n), at a step counted from 0."""
    out: list[Tensor] = []
    for link, column in zip(chain.links, columns, strict=True):
        new = apply(link.own, step, column)
        out.append(new + lifted(link, step, out[-1][:, : link.matrices.shape[3]]) if out else new)
    return out


def lifted(link: Link, step: int, below: Tensor) -> Tensor:
    """Return V^l times columns of the lower layer's output, (B, D, n) to (B, S, n)."""
    kicks = torch.einsum("bghd,bdn->gbhn", link.matrices, below)
    out = {part: torch.zeros_like(kicks[0]) for part in link.own.parts}
    for (part, gate), diagonal in link.climb.items():
        out[part] = out[part] + diagonal[step][:, :, None] * kicks[link.gates.index(gate)]
    return torch.cat([out[part] for part in link.own.parts], 1)
