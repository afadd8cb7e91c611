"""What the user's own loss feels: the parameter gradient by lag, and the truncation that is long enough.

With δ_t = ∂e/∂s_t, what the loss e reads of the state s_t itself (all later states held fixed), the gradient of the
parameters θ of a recurrent part is, with lag 0 included,

    ∂e/∂θ = Σ_k g_k,    g_k = Σ_t δ_t G_{t,k} ∂⁺s_{t-k}/∂θ

exactly, and g_k is the part of it that goes back k steps. θ are the input and recurrent weights and the biases; a
projection's own matrix is left out. **Truncated backpropagation** with K detaches the state every
K steps, the last chunk being whole, as a training loop over chunks of K steps does where K divides the length. Its
gradient is compared with the whole one by cosine and norm.

Intervals of the cosine come from leaving out one block after the other of the sum over sequences and steps (jackknife
over up to :data:`BLOCKS` blocks: sequences where there are enough, else stretches of them).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from whylstm.diagnosis.observation.calls import Call, reversed_within
from whylstm.diagnosis.observation.estimates import LEVEL, Band
from whylstm.diagnosis.observation.loop import LoopPart, explained
from whylstm.diagnosis.observation.parts import SLOPES, FusedPart, Part
from whylstm.diagnosis.observation.running import Observation
from whylstm.diagnosis.observation.stack import Run, Stack, pulled, recurrent_drive, whole
from whylstm.errors import StudyError

CANDIDATES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
ENOUGH = 0.99
"""The cosine with the whole gradient from which on a truncation is long enough."""

BLOCKS = 8
ROOM = 32 * 2**20
"""Bytes that what reaches the gates may take, for the truncations that are followed at once."""

LAYER = 40 * 2**20
"""Bytes that the slopes of one layer may take; of larger batches some sequences stand for all."""

SLAB = 2**20
"""Numbers of a weight gradient that are held at once, all blocks together."""


@dataclass(frozen=True)
class Truncation:
    """Truncated backpropagation against the whole gradient of a part's weights.

    Attributes:
        steps: the K that were tried, those below the length of the sequences.
        cosine: with the whole gradient, with a 95% interval.
        norm: ‖truncated‖/‖whole‖.
        enough: the smallest K whose cosine is at least .99; None if only the whole sequence is long enough.
        interval: the smallest K whose upper end is, and the smallest whose lower end is; None as above.
        length: T.
    """

    steps: np.ndarray
    cosine: Band
    norm: np.ndarray
    enough: int | None
    interval: tuple[int | None, int | None]
    length: int


@dataclass(frozen=True)
class ByLag:
    """What reaches back k steps, for k = 0 ... K-1, all for the user's loss on the batch.

    Attributes:
        lags: 0 ... K-1.
        state: ‖∂e/∂s‖ by layer, (K, layers): root of the sum over steps and sequences of ‖δ_t G_{t,k}‖².
        inputs: ‖∂e/∂x‖ of the lowest layer's input, (K,), the same sum.
        norm: ‖g_k‖, (K,).
        share: ⟨g_k, g⟩/‖g‖², (K,); over all lags they sum to 1.
        signal: ‖E g_k‖²/Var, the squared mean over the sequences against the variance of that mean; NaN for one.
        whole: ‖g‖.
    """

    lags: np.ndarray
    state: np.ndarray
    inputs: np.ndarray
    norm: np.ndarray
    share: np.ndarray
    signal: np.ndarray
    whole: float


@dataclass(frozen=True)
class Deltas:
    """δ of one part: at every step of its top output (T, N, P), and at each sequence's end by layer, (N, S)."""

    output: Tensor
    final: tuple[Tensor, ...]


def truncation(seen: Observation, part: Part, candidates: tuple[int, ...] = CANDIDATES) -> Truncation:
    """Return how well truncated backpropagation does on a part, for the user's loss.

    Args:
        seen: an observation with a loss.
        part: one of its parts.
        candidates: the K to try.

    Raises:
        StudyError: if there is no loss, or it does not depend on the part.
    """
    length = len(part.call.inputs) if isinstance(part, FusedPart) else part.steps
    steps = [k for k in candidates if k < length] or [1]
    if isinstance(part, LoopPart):
        return _of_loop(seen, part, steps)
    assert isinstance(part, FusedPart)
    with torch.no_grad():
        found = deltas(seen, part)
        inner = _inner_products(part, found, steps, _sequences(part))
    cosine, low, high = _cosines(inner)
    steps = steps[: len(cosine)]
    norm = np.sqrt(inner[1:, 1, -1] / inner[0, 1, -1])
    return _truncation(steps, Band(cosine, low, high), norm, len(part.call.inputs))


def _truncation(steps: list[int], cosine: Band, norm: np.ndarray, length: int) -> Truncation:
    def first(values: np.ndarray) -> int | None:
        """Return the smallest K from which on all values are enough."""
        good = [bool((values[place:] >= ENOUGH).all()) for place in range(len(values))]
        return steps[good.index(True)] if True in good else None

    return Truncation(
        np.array(steps), cosine, norm, first(cosine.value), (first(cosine.high), first(cosine.low)), length
    )


def deltas(seen: Observation, part: FusedPart) -> Deltas:
    """Return what the loss reads of a part's states.

    Raises:
        StudyError: if there is no loss, or it does not depend on the part.
    """
    if seen.loss is None:
        raise StudyError(
            "no loss was given; a truncation and the gradient by lag need loss=, a function of outputs and batch"
        )
    key = next(name for name, call in seen.calls.items() if call is part.call)
    if key not in seen.gradients:
        seen.gradients[key] = _module_deltas(seen.loss, part.call, key)
    by_layer = seen.gradients[key]
    return by_layer[part.place.layer, part.place.way] if part.call.module.bidirectional else by_layer


def _module_deltas(loss: Tensor, call: Call, name: str) -> object:
    """Return δ of a module: of its stack, or by layer and direction where it runs in two."""
    data = call.output.data if isinstance(call.output, PackedSequence) else call.output
    wanted = [one for one in (data, *call.final) if one.requires_grad]
    found = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True) if wanted else ()
    given = iter(found)
    pieces = [next(given) if one.requires_grad else None for one in (data, *call.final)]
    if all(one is None for one in pieces):
        raise StudyError(f"the loss does not depend on the state of {name}")
    exact = call.inputs.dtype
    output = torch.zeros_like(data) if pieces[0] is None else pieces[0]
    output = _padded(output, call).to(exact)
    final = [
        torch.zeros_like(one) if piece is None else piece for one, piece in zip(call.final, pieces[1:], strict=True)
    ]
    final = [(one[:, None] if one.dim() == 2 else one).to(exact) for one in final]
    layers = [torch.cat([part[place] for part in final], -1) for place in range(len(final[0]))]
    if not call.module.bidirectional:
        return Deltas(output, tuple(layers))
    return _both_ways(call, output, layers)


def _padded(output: Tensor, call: Call) -> Tensor:
    """Return δ of a module's output, in the module's own layout, as (T, N, P)."""
    if isinstance(call.output, PackedSequence):
        return pad_packed_sequence(call.output._replace(data=output))[0]
    if output.dim() == 2:
        return output[:, None]
    return output.transpose(0, 1) if call.module.batch_first else output


def _both_ways(call: Call, output: Tensor, final: list[Tensor]) -> dict[tuple[int, int], Deltas]:
    """Return δ by layer and direction: what the layer above reads comes from its own whole gradient."""
    from whylstm.diagnosis.observation.parts import fused_parts

    parts = fused_parts("", "", call)
    out: dict[tuple[int, int], Deltas] = {}
    for layer in range(call.module.num_layers - 1, -1, -1):
        spill = torch.zeros_like(parts[2 * layer].stack.runs[0].inputs)
        for way, piece in enumerate(output.chunk(2, -1)):
            own = reversed_within(piece, call.lengths) if way else piece
            out[layer, way] = Deltas(own, (final[2 * layer + way],))
            (one,) = parts[2 * layer + way].stack.runs
            kept = _kept(call.lengths, [0], len(own))
            drive = _drives(one, own[:, None], out[layer, way].final[0], call.lengths, kept)
            down = (drive @ one.weights.ih)[:, 0]
            spill += reversed_within(down, call.lengths) if way else down
        output = spill
    return out


def _kept(lengths: Tensor, steps: list[int], length: int | None = None) -> Tensor:
    """Return where the state that goes in is kept, (T, Q, N): 0 where a truncation cuts it; K = 0 stands for never."""
    index = torch.arange(length or int(lengths.max()))[:, None, None]
    every = torch.tensor(steps)[None, :, None]
    left = lengths[None, None, :] - index
    return ~((every > 0) & (left % every.clamp(min=1) == 0) & (left > 0))


def _drives(one: Run, delta: Tensor, final: Tensor, lengths: Tensor, kept: Tensor) -> Tensor:
    """Return what reaches the gates of a layer at every step, for several truncations at once, (T, Q, N, G·H).

    Args:
        one: the layer.
        delta: what reaches h at every step from outside, (T, Q or 1, N, P).
        final: δ of the last state, (N, S).
        lengths: of the sequences.
        kept: see :func:`_kept`.
    """
    steps, count, _ = kept.shape
    rows = final.new_zeros(count, final.shape[0], final.shape[1])
    out = final.new_empty(steps, count, final.shape[0], one.weights.ih.shape[0])
    width = one.weights.output
    lengths = lengths.to(final.device)
    for step in range(steps - 1, -1, -1):
        rows[..., :width] += delta[step]
        rows += torch.where((lengths == step + 1)[:, None], final, 0)
        rows, out[step] = pulled(one.weights, tuple(slope[step] for slope in one.slopes), rows, whole)
        if not bool(kept[step].all()):
            rows = rows * kept[step, ..., None].to(rows)
    return out


def _sequences(part: FusedPart) -> tuple[int, ...]:
    """Return the sequences whose gradients are compared: all, or as many as fit into memory, spread over the batch."""
    there = len(part.lengths)
    units = max(part.call.weights[index].units for index in part.indices)
    most = max(4, LAYER // (4 * SLOPES * len(part.call.inputs) * units))
    return tuple(sorted({round(place) for place in np.linspace(0, there - 1, min(most, there))}))


def _inner_products(part: FusedPart, found: Deltas, steps: list[int], sequences: tuple[int, ...]) -> np.ndarray:
    """Return inner products of gradients by truncation, the whole one first, (Q + 1, 3, blocks + 1).

    Of each truncated gradient a and the whole one g: ⟨a, g⟩ without what block b adds to them, ⟨a, a⟩ and ⟨g, g⟩
    likewise; the last entry leaves nothing out. Where they do not fit into memory together, no longer K are tried once
    two in a row are surely enough.
    """
    rows = max(len(part.call.weights[index].hh) for index in part.indices)
    each = max(1, ROOM // (4 * len(part.call.inputs) * len(sequences) * rows) - 1)
    products = None
    for first in range(0, len(steps), each):
        portion = _portion(part, found, [0, *steps[first : first + each]], sequences)
        products = portion if products is None else np.concatenate([products, portion[1:]])
        if len(products) > 2 and (_cosines(products)[1][-2:] >= ENOUGH).all():
            break
    assert products is not None
    return products


def _portion(part: FusedPart, found: Deltas, steps: list[int], sequences: tuple[int, ...]) -> np.ndarray:
    index = torch.tensor(sequences)
    lengths = part.call.lengths[index]
    kept = _kept(lengths, steps, len(part.call.inputs))
    index = index.to(found.output.device)
    delta, products = found.output[:, None, index], np.zeros((len(steps), 3, BLOCKS + 1))
    place = len(part.indices)
    for one in part.runs(sequences, downwards=True):
        place -= 1
        drive = _drives(one, delta, found.final[place][index], lengths, kept)
        products += gradient_products(one, drive)
        delta = drive @ one.weights.ih if place else delta
    return products


def gradient_products(one: Run, drive: Tensor) -> np.ndarray:
    """Return the inner products of a layer's weight gradients, given what reaches its gates, (T, Q, N, G·H)."""
    steps, count, sequences, rows = drive.shape
    others = recurrent_drive(one, drive, slice(0, steps))
    ones = one.inputs.new_ones(steps, sequences, 1)
    read = torch.cat([one.inputs, ones], -1) if one.weights.biases else one.inputs
    kicked = torch.cat([one.before, ones], -1) if one.weights.biases else one.before
    out = np.zeros((count, 3, BLOCKS + 1))
    for given, reads in ((drive, read), (others, kicked)):
        slab = max(1, SLAB // (BLOCKS * reads.shape[-1]))
        for first in range(0, rows, slab):
            out += _slab(given[..., first : first + slab], reads)
    return out


def _slab(drive: Tensor, reads: Tensor) -> np.ndarray:
    """Return the inner products of some rows of a weight gradient."""
    steps, count, sequences, _ = drive.shape
    out = np.zeros((count, 3, BLOCKS + 1))
    full = None
    for place in range(count):
        one = drive[:, place]
        parts = torch.stack([one[at].flatten(0, 1).T @ reads[at].flatten(0, 1) for at in blocks(steps, sequences)])
        parts = parts.double()
        full = parts if full is None else full
        out[place] = _left_out(parts, full)
    return out


def blocks(steps: int, sequences: int) -> list[tuple[slice, slice]]:
    """Return up to :data:`BLOCKS` blocks of (T, N): groups of sequences, or stretches of steps where these are few."""
    count = sequences if sequences >= 4 else steps
    bounds = np.linspace(0, count, min(BLOCKS, count) + 1).round().astype(int).tolist()
    pieces = [slice(first, last) for first, last in itertools.pairwise(bounds)]
    return [(slice(None), piece) if sequences >= 4 else (piece, slice(None)) for piece in pieces]


def _left_out(parts: Tensor, full: Tensor) -> np.ndarray:
    """Return ⟨a, g⟩, ⟨a, a⟩ and ⟨g, g⟩ without each block, and with all (last), (3, blocks + 1); unused blocks NaN."""
    out = np.full((3, BLOCKS + 1), np.nan)
    a, g = parts.sum(0), full.sum(0)
    for row, (x, y, total_x, total_y) in enumerate(((parts, full, a, g), (parts, parts, a, a), (full, full, g, g))):
        both = (total_x * total_y).sum()
        less = (x * total_y).sum((1, 2)) + (y * total_x).sum((1, 2)) - (x * y).sum((1, 2))
        out[row, : len(parts)] = (both - less).cpu().numpy()
        out[row, -1] = float(both)
    return out


def _cosines(inner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cosine, low and high of each truncation (the first entry, the whole gradient, is left off)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        every = inner[1:, 0] / np.sqrt(inner[1:, 1] * inner[1:, 2])
    value, left = every[:, -1], every[:, :-1]
    left = left[:, ~np.isnan(left).all(0)]
    count = left.shape[1]
    if count < 2:
        return value, value, value
    error = np.sqrt((count - 1) / count * ((left - left.mean(1, keepdims=True)) ** 2).sum(1))
    reach = stats.t.ppf((1 + LEVEL) / 2, count - 1) * error
    return value, np.maximum(value - reach, -1.0), np.minimum(value + reach, 1.0)


def _of_loop(seen: Observation, part: LoopPart, steps: list[int]) -> Truncation:
    """Cut the graph of a loop at every K-th step, the last chunk whole; the interval is over where the chunks begin."""
    if seen.loss is None:
        raise StudyError("no loss was given; a truncation needs loss=, a function of outputs and batch")
    weights = [one for one in part.parameters if one.requires_grad]
    if not weights:
        raise StudyError(f"the weights of {part.name} are frozen, so they have no gradient to compare")
    length = part.calls
    full = _gradient(seen.loss, part, weights, frozenset())
    if float(full.norm()) == 0:
        raise StudyError(f"the loss does not depend on the weights of {part.name}")
    cosines, norms = [], []
    for k in steps:
        each = []
        for shift in sorted({0, k // 3, (2 * k) // 3}):
            cuts = frozenset(t for t in range(1, length) if (length - t) % k == shift)
            each.append(_gradient(seen.loss, part, weights, cuts))
        found = [float(one @ full / (one.norm() * full.norm()).clamp(min=1e-300)) for one in each]
        cosines.append((found[0], min(found), max(found)))
        norms.append(float(each[0].norm() / full.norm()))
    value, low, high = (np.array(column) for column in zip(*cosines, strict=True))
    return _truncation(steps, Band(value, low, high), np.array(norms), length)


def _gradient(loss: Tensor, part: LoopPart, weights: list[Tensor], cuts: frozenset[int]) -> Tensor:
    part.passage.cuts = cuts
    try:
        found = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    except RuntimeError as error:
        raise explained(part.name, error) from error
    finally:
        part.passage.cuts = frozenset()
    return torch.cat(
        [
            (torch.zeros_like(one) if piece is None else piece).flatten().double()
            for one, piece in zip(weights, found, strict=True)
        ]
    )


def by_lag(
    seen: Observation, part: FusedPart, lags: int | None = None, sequences: tuple[int, ...] | None = None
) -> ByLag:
    """Return what of the loss's gradient goes back how many steps.

    Args:
        seen: an observation with a loss.
        part: one of its parts, of torch's own layers.
        lags: how many lags from 0 on; all if left out, and then the shares sum to 1.
        sequences: those whose share of the loss is looked at; all if left out.
    """
    chosen = tuple(range(len(part.lengths))) if sequences is None else sequences
    with torch.no_grad():
        found, index = deltas(seen, part), torch.tensor(chosen)
        place = index.to(found.output.device)
        some = Deltas(found.output[:, place], tuple(final[place] for final in found.final))
        return _by_lag(
            part.stack_of(chosen),
            part.call.lengths[index],
            some,
            min(lags or len(part.call.inputs), len(part.call.inputs)),
        )


def _by_lag(stack: Stack, lengths: Tensor, found: Deltas, lags: int) -> ByLag:
    rows = _all_deltas(stack, lengths, found)
    full = _drive_list(stack, lengths, found)
    gradients = [_gradients(one, drive[:, None]) for one, drive in zip(stack.runs, full, strict=True)]
    state, inputs, norm, share, signal = [], [], [], [], []
    total = sum(float(one.square().sum(dtype=torch.float64)) for pair in gradients for one in pair)
    for _ in range(lags):
        state.append([float(piece.double().norm()) for piece in rows.split(stack.sizes, -1)])
        at = torch.arange(len(rows))[:, None].expand(-1, stack.sequences)
        drives: list[Tensor] = []
        rows, read = stack.step_back(rows, at, whole, drives=drives)
        inputs.append(float(read.double().norm()))
        moments = np.zeros(3)
        for one, drive, known in zip(stack.runs, reversed(drives), gradients, strict=True):
            moments += _moments(one, drive, known)
        norm.append(math.sqrt(max(moments[0], 0.0)))
        share.append(moments[1] / total if total else math.nan)
        signal.append(_signal(moments[0], moments[2], stack.sequences))
        rows = rows[1:]
    return ByLag(
        np.arange(lags),
        np.array(state),
        np.array(inputs),
        np.array(norm),
        np.array(share),
        np.array(signal),
        math.sqrt(total),
    )


def _signal(together: float, each: float, sequences: int) -> float:
    """Return the squared mean over its variance, from ‖Σ g_n‖² and Σ ‖g_n‖² of N sequences."""
    if sequences < 2:
        return math.nan
    noise = (each - together / sequences) * sequences / (sequences - 1)
    return float(max(together - noise, 0.0) / noise) if noise > 0 else math.inf


def _all_deltas(stack: Stack, lengths: Tensor, found: Deltas) -> Tensor:
    """Return δ of all layers at every step, (T, 1, N, S)."""
    rows = found.output.new_zeros(stack.steps, stack.sequences, sum(stack.sizes))
    top = sum(stack.sizes[:-1])
    rows[..., top : top + stack.runs[-1].weights.output] += found.output
    last = lengths.to(rows.device) - 1
    rows[last, torch.arange(stack.sequences, device=rows.device)] += torch.cat(found.final, -1)
    return rows[:, None]


def _drive_list(stack: Stack, lengths: Tensor, found: Deltas) -> list[Tensor]:
    """Return what reaches the gates of each layer in the whole gradient, (T, N, G·H), the lowest first."""
    kept, delta, out = _kept(lengths, [0], stack.steps), found.output[:, None], []
    for place in range(len(stack.runs) - 1, -1, -1):
        one = stack.runs[place]
        drive = _drives(one, delta, found.final[place], lengths, kept)
        out.append(drive[:, 0])
        delta = drive @ one.weights.ih
    return out[::-1]


def _reads(one: Run) -> list[Tensor]:
    """Return what a layer's two weight matrices read, with a one beside it where there are biases, (T, N, ·)."""
    ones = one.inputs.new_ones(*one.inputs.shape[:2], 1 if one.weights.biases else 0)
    return [torch.cat([read, ones], -1) for read in (one.inputs, one.before)]


def _gradients(one: Run, drive: Tensor, sequence: slice = slice(None)) -> list[Tensor]:
    """Return the gradients of a layer's weights from what reaches its gates at the first steps, (T', 1, N, G·H)."""
    steps = len(drive)
    both = (drive, recurrent_drive(one, drive, slice(0, steps)))
    return [
        given[:, :, sequence].flatten(0, 2).T @ read[:steps, sequence].flatten(0, 1)
        for given, read in zip(both, _reads(one), strict=True)
    ]


def _moments(one: Run, drive: Tensor, known: list[Tensor]) -> np.ndarray:
    """Return ‖a‖² of a part a of the gradient g, ⟨a, g⟩, and Σ_n ‖a_n‖² over the sequences."""
    out = np.zeros(3)
    count = drive.shape[2]
    together = None
    for sequence in range(count):
        each = _gradients(one, drive, slice(sequence, sequence + 1))
        out[2] += sum(float(piece.square().sum(dtype=torch.float64)) for piece in each)
        together = each if together is None else [a.add_(b) for a, b in zip(together, each, strict=True)]
    assert together is not None
    out[0] = sum(float(piece.square().sum(dtype=torch.float64)) for piece in together)
    out[1] = sum(float((piece * whole).sum(dtype=torch.float64)) for piece, whole in zip(together, known, strict=True))
    return out
