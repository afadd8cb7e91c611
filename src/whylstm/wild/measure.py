"""How far the gradient of a published network reaches, by which paths, trained and at its start.

Every layer and direction is measured by itself, its input given, along the true inputs, in the window that ends with
the last step: G_k = ∂s_T/∂s_{T-k} of its whole state. Rows of random numbers go back through the run, E‖vᵀG‖² = ‖G‖²_F;
what passes no recurrent matrix is a diagonal in every block, and is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from whylstm.gradients.factors import Factors, factors
from whylstm.streams import stream
from whylstm.wild.networks.base import Network, Part, Run, run_part
from whylstm.wild.start import drawn

if TYPE_CHECKING:
    import pandas as pd

TRAINED = "trained"
START = "at its start"
ROWS = 16
"""Random directions for each part of the state."""

HOP_ROWS, LARGEST_HOPS = 4, 60
"""Random directions, and the largest lag, for the number of recurrent matrices that paths cross."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BLOCKS = 8


def table(network: Network, draws: int, seed: int, where: Path | None = None) -> pd.DataFrame:
    """Return what is measured of a network, as the table ``wild`` of the data dictionary.

    Args:
        network: which.
        draws: how many networks at their start.
        seed: the study's seed.
        where: the folder of the packages' files.

    Raises:
        StudyError: if its files are missing or others.
    """
    import pandas as pd

    rows = []
    with torch.no_grad():
        for part in network.parts(where):
            for state, made in {TRAINED: part, START: drawn(network, part, draws, seed)}.items():
                for one in run_part(made):
                    for model, found in enumerate(_measured(network, made, one, state == TRAINED)):
                        at = {
                            "network": network.name,
                            "part": part.name,
                            "layer": one.level + 1,
                            "direction": "backwards" if one.direction.backwards else "forwards",
                            "state": state,
                            "draw": model,
                        }
                        rows.append({**at, **found})
    return pd.DataFrame(rows)


def _measured(network: Network, part: Part, one: Run, trained: bool) -> Iterator[dict[str, Any]]:
    """Yield the numbers of every model of a layer."""
    sequences, steps = part.inputs.shape[:2]
    needs = min(network.needs, steps - 1)
    made = [factors(one.direction.cell, one.direction.weights, one.trajectory, n) for n in range(sequences)]
    whole = np.stack([_by_rows(own, _directions(network, part, one, n)) for n, own in enumerate(made)], -1)
    carried = np.stack([_by_carry(own) for own in made], -1)
    kept = torch.stack([_kept(own) for own in made], -1)
    for model in range(whole.shape[1]):
        norm, carry = _total(whole[:, model]), _total(carried[:, model])
        block = whole[:, model, -1, -1], carried[:, model, -1, -1]  # from the memory, the last part, to itself
        growth, error = _growth(norm, needs)
        lives = half_lives(kept[model])
        spread = np.log10(lives[(lives > 0) & np.isfinite(lives)])
        hops = [_mean_hops(own, min(needs, LARGEST_HOPS), model) for own in made] if trained else [math.nan]
        yield {
            "hidden": made[0].hidden,
            "sequences": sequences,
            "steps": steps,
            "needs": needs,
            "growth": growth,
            "growth_error": error,
            "log10_norm": float(norm[needs - 1].mean()),
            "log10_carry": float(carry[needs - 1].mean()),
            "textbook_gap": float((block[1] - block[0])[needs - 1].mean()),
            "mean_hops": float(np.mean(hops)),
            "spread": float(spread.std()) if len(spread) else math.nan,
            **{f"half_life_{round(100 * q):02}": float(np.quantile(lives, q)) for q in QUANTILES},
        }


def _directions(network: Network, part: Part, one: Run, sequence: int) -> Tensor:
    """Return rows that begin in one part of the state each, (parts, ROWS, H), the same for every model."""
    where = f"{network.name}/{part.name}/{one.level}/{one.direction.backwards}/{sequence}"
    hidden, parts = one.direction.weights["W"].shape[2], len(one.direction.cell.parts)
    return torch.from_numpy(stream(0, "wild directions", where=where).standard_normal((parts, ROWS, hidden)))


def _by_rows(own: Factors, directions: Tensor) -> np.ndarray:
    """Return the log₁₀ squared norms of the blocks of G by lag: (T, B, parts, parts), from new part to old part."""
    parts, rows, hidden = directions.shape
    models = own.matrices.shape[0]
    start = torch.zeros(models, parts, rows, parts, hidden, dtype=torch.float64)
    for part in range(parts):
        start[:, part, :, part] = directions[part]
    held, log, found = start.flatten(3), torch.zeros(models, dtype=torch.float64), []
    for step in range(own.steps - 1, -1, -1):
        held = back(own, step, held.flatten(1, 2)).unflatten(1, (parts, rows))
        size = held.flatten(1).norm(dim=1)
        held = held / torch.where(size > 0, size, 1.0)[:, None, None, None]
        log = log + size.log10()
        squares = held.unflatten(3, (parts, hidden)).square().sum(-1).mean(2)
        found.append(2 * log[:, None, None] + squares.log10())
    return torch.stack(found).numpy()


def back(own: Factors, step: int, rows: Tensor, z: float = 1.0, *, carry: bool = True) -> Tensor:
    """Return P (K + z R) of one step for rows P (B, n, S); without ``carry``, z P R alone."""
    split = rows.unflatten(-1, (len(own.parts), -1))
    out = torch.zeros_like(split)
    if carry:
        for (new, old), diagonal in own.carry.items():
            out[..., own.parts.index(old), :] += split[..., own.parts.index(new), :] * diagonal[step][:, None]
    if z and own.mix:
        drives = rows.new_zeros(*rows.shape[:-1], len(own.gates), own.hidden)
        for (part, gate), diagonal in own.mix.items():
            drives[..., own.gates.index(gate), :] += split[..., own.parts.index(part), :] * diagonal[step][:, None]
        out[..., 0, :] += z * (drives.flatten(-2) @ own.matrices.flatten(1, 2))
    return out.flatten(-2)


def _by_carry(own: Factors) -> np.ndarray:
    """Return the same of the carry alone, exactly: products of small blocks, one for each unit."""
    parts = len(own.parts)
    blocks = torch.stack([torch.stack([own.diagonal(new, old) for old in own.parts], -1) for new in own.parts], -2)
    held = torch.eye(parts, dtype=torch.float64).expand(*blocks.shape[1:])
    log, found = torch.zeros(blocks.shape[1], dtype=torch.float64), []
    for step in range(own.steps - 1, -1, -1):
        held = held @ blocks[step]
        size = held.flatten(1).norm(dim=1)
        held = held / torch.where(size > 0, size, 1.0)[:, None, None, None]
        log = log + size.log10()
        found.append(2 * log[:, None, None] + held.square().sum(1).log10())
    return torch.stack(found).numpy()


def _kept(own: Factors) -> Tensor:
    """Return the mean of ln f over the steps, f what a unit's memory keeps of itself, (B, H)."""
    return own.diagonal(own.parts[-1], own.parts[-1]).abs().log().mean(0)


def half_lives(kept: Tensor) -> np.ndarray:
    """Return ln 2 / -mean(ln f) of every unit, in steps, (H,), given the means (H, N); inf where nothing is lost."""
    fall = -kept.mean(-1)
    lives: np.ndarray = torch.where(fall > 0, math.log(2) / fall, torch.inf).numpy()
    return lives


def _total(blocks: np.ndarray) -> np.ndarray:
    """Return the log₁₀ norm of the whole, (T, N), from log₁₀ squared norms of blocks (T, parts, parts, N)."""
    largest = blocks.max((1, 2), keepdims=True)
    safe = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        whole: np.ndarray = 0.5 * (np.log10((10 ** (blocks - safe)).sum((1, 2))) + safe[:, 0, 0])
    return whole


def _growth(norm: np.ndarray, needs: int) -> tuple[float, float]:
    """Return the growth of the norm (T, N) per step, in nats, from a quarter of the lag that is needed on.

    Up to twice the lag that is needed where the sequence is long enough. Its standard error is that of the means of
    consecutive blocks; NaN where there are fewer than two steps.
    """
    last = min(2 * needs, len(norm))
    increments = np.diff(norm[needs // 4 : last].mean(1)) * math.log(10)
    if len(increments) < 2:
        return math.nan, math.nan
    blocks = [block.mean() for block in np.array_split(increments, min(BLOCKS, len(increments)))]
    return float(increments.mean()), float(np.std(blocks, ddof=1) / len(blocks) ** 0.5)


def _mean_hops(own: Factors, lag: int, model: int) -> float:
    """Return the mean number of recurrent matrices that the gradient crosses at a lag, by random directions."""
    own = _single(own, model)
    size = own.hidden * len(own.parts)
    rows = torch.from_numpy(stream(0, "wild hops", size=size).standard_normal((1, HOP_ROWS, size)))
    for step in range(own.steps - 1, own.steps - 1 - lag, -1):
        flat = rows.flatten(0, 1)[None]
        kept = back(own, step, flat, 0.0).reshape(rows.shape)
        hopped = back(own, step, flat, carry=False).reshape(rows.shape)
        rows = torch.cat([kept, torch.zeros_like(kept[:1])]) + torch.cat([torch.zeros_like(hopped[:1]), hopped])
        rows = rows / rows.norm().clamp(min=torch.finfo(torch.float64).tiny)
    shares = rows.square().sum((1, 2))
    return float((shares * torch.arange(len(shares))).sum() / shares.sum())


def _single(own: Factors, model: int) -> Factors:
    def pick(blocks: dict[tuple[str, str], Tensor]) -> dict[tuple[str, str], Tensor]:
        return {key: value[:, model : model + 1] for key, value in blocks.items()}

    return replace(
        own, carry=pick(own.carry), mix=pick(own.mix), matrices=own.matrices[model : model + 1], exposure=None
    )
