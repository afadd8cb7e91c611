"""The lag Jacobian of the whole network, exact: G_{t,k} of the states of all layers together.

With its blocks between layers, its carry part, its singular values, and the output's gradient by the inputs.

G is block lower triangular, and each block (from layer i up to layer j) has a power-of-two scale of its own: where one
layer forgets at once and another keeps, their norms lie hundreds of decades apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from whylstm.diagnosis.chain import Chain, Rows, back, to_inputs
from whylstm.diagnosis.routines import or_left_out
from whylstm.gradients.scaled import LOG10_2, Scaled

Product = dict[int, Rows]
"""G of one model by the layer of its rows (the present) and the layer of its columns (the past)."""


@dataclass
class Window:
    """One window of the whole network, all in log₁₀.

    Attributes:
        norms: by name, one number per lag 1 ... K: ``norm`` and ``carry`` of the whole, ``layer_<i>_to_<j>`` and
            ``carry_<i>_to_<j>`` of its blocks (layers counted from 1), -inf where exactly zero.
        inputs: ‖∂h(t)/∂x(t-k)‖ of the top layer's output, one number per lag 0 ... K-1.
        singular: singular values of G by scope and lag, largest first, to be trusted down to
            :data:`RESOLVED` of the largest; smaller ones are NaN. Scope 0 is the network, l the layer l alone.
    """

    norms: dict[str, list[float]] = field(default_factory=dict)
    inputs: list[float] = field(default_factory=list)
    singular: dict[tuple[int, int], Tensor] = field(default_factory=dict)


RESOLVED = 1e-10
"""Relative size down to which singular values of a product in float64 are told from rounding, with room to spare."""


def window(
    chain: Chain,
    end: int,
    lags: int,
    spectra: tuple[int, ...] = (),
    tick: Callable[[], None] | None = None,
    notes: list[str] | None = None,
) -> Window:
    """Return the window that ends at step ``end`` (counted from 1) and reaches ``lags`` steps back.

    Args:
        chain: the network's one-step Jacobians.
        end: t.
        lags: K, at most t.
        spectra: the lags at which singular values are taken.
        tick: called after each lag.
        notes: to which a sentence is added where singular values cannot be computed and are left out.

    Raises:
        ValueError: if the window does not lie inside the sequence.
    """
    if not 1 <= lags <= end <= chain.steps:
        raise ValueError(f"end {end} and lags {lags} must satisfy 1 <= lags <= end <= {chain.steps}")
    total, carry, out = identity(chain), identity(chain), Window()
    for lag in range(1, lags + 1):
        step = end - lag
        out.inputs.append(input_norm(chain, total, step))
        total = {top: back(chain, step, rows) for top, rows in total.items()}
        carry = {top: back(chain, step, rows, recurrent=False) for top, rows in carry.items()}
        record(out.norms, "norm", "layer", total)
        record(out.norms, "carry", "carry", carry)
        if lag in spectra:
            with or_left_out(f"The spectrum at lag {lag}", [] if notes is None else notes):
                out.singular |= {(scope, lag): values for scope, values in singular_values(total).items()}
        if tick is not None:
            tick()
    return out


def identity(chain: Chain) -> Product:
    """Return G_{t,0} by blocks: the identity, nothing between different layers."""
    sizes = chain.sizes
    return {
        j: {i: Scaled.of(torch.eye(sizes[j], sizes[i], dtype=torch.float64)[None] * (i == j)) for i in range(j + 1)}
        for j in range(len(sizes))
    }


def input_norm(chain: Chain, total: Product, step: int) -> float:
    """Return log₁₀ ‖∂h(t)/∂x‖ of the top layer's output with respect to the input of a step."""
    top = len(chain.links) - 1
    hidden = chain.links[top].own.hidden
    rows = {layer: Scaled(block.mantissa[:, :hidden], block.exponent) for layer, block in total[top].items()}
    return float(to_inputs(chain, step, rows).log10_norm())


def record(norms: dict[str, list[float]], whole: str, block: str, product: Product) -> None:
    """Append the norms of a product and of its blocks."""
    found = {(i, j): float(part.log10_norm()) for j, rows in product.items() for i, part in rows.items()}
    norms.setdefault(whole, []).append(log_root_of_squares(list(found.values())))
    for (i, j), value in sorted(found.items()):
        norms.setdefault(f"{block}_{i + 1}_to_{j + 1}", []).append(value)


def log_root_of_squares(logs: list[float]) -> float:
    """Return log₁₀ √(Σ 10^(2x)) without overflow.

    >>> log_root_of_squares([400.0, 400.0]) == 400 + 0.5 * math.log10(2)
    True
    """
    top = max(logs)
    if top == -math.inf:
        return top
    return top + 0.5 * math.log10(sum(10.0 ** (2 * (value - top)) for value in logs))


def singular_values(product: Product) -> dict[int, Tensor]:
    """Return log₁₀ of the singular values of the whole (scope 0) and of each layer's own block (scope 1, 2 ...)."""
    out = {layer + 1: _resolved(product[layer][layer]) for layer in product}
    return out | ({0: _resolved(assembled(product))} if len(product) > 1 else {0: out[1]})


def assembled(product: Product) -> Scaled:
    """Return G of the whole state as one matrix (1, S, S); what is 1e-308 of its largest entry is lost."""
    top = torch.stack([part.exponent for rows in product.values() for part in rows.values()]).amax()
    sizes = [rows[layer].mantissa.shape[-1] for layer, rows in product.items()]
    bands = []
    for layer, rows in product.items():
        blocks = [part.mantissa * _power(part.exponent - top) for _, part in sorted(rows.items())]
        width = sum(sizes[layer + 1 :])
        bands.append(torch.nn.functional.pad(torch.cat(blocks, -1), (0, width)))
    return Scaled(torch.cat(bands, -2), top[None])


def _power(shift: Tensor) -> Tensor:
    """Return 2**shift, 0 for -inf, and 1 where both exponents were -inf."""
    return torch.exp2(shift.nan_to_num(nan=0.0, neginf=-1100).clamp(min=-1100))


def _resolved(matrix: Scaled) -> Tensor:
    values = torch.linalg.svdvals(matrix.mantissa[0])
    logs = values.log10() + matrix.exponent * LOG10_2
    return torch.where(values > RESOLVED * values[0], logs, torch.nan)
