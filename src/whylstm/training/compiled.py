"""From an ensemble to the compiled kernels and back: padding and packing.

Everything is packed for all models at once; the kernel then runs one model after the other in the same scratch memory,
which stays in the processor's cache. A model's digits cannot depend on the others.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.training import kernels, tile
from whylstm.training.bptt import Gradient
from whylstm.training.compiled_cells.base import Kernel
from whylstm.training.dispatch import KERNELS, KINDS
from whylstm.training.ensemble import Ensemble
from whylstm.training.sequences import Sequences

DEPTH = 128
"""Rows that the products for the gradients of U and W take at once: both operands then fit the first cache."""

Array = np.ndarray


@dataclass(frozen=True)
class Sizes:
    """The shapes of one call, as in :mod:`whylstm.training.kernels`; ``padded`` sizes are whole vectors."""

    kind: int
    dtype: str
    sequences: int
    hidden: int
    features: int
    outputs: int
    recurrent: int
    slots: int
    own: int
    memories: int

    @staticmethod
    def of(ensemble: Ensemble, sequences: int) -> Sizes:
        """Return the sizes for N sequences a model."""
        shapes, cell = ensemble.layout.shapes, ensemble.cell
        dtype = "float32" if ensemble.rows.dtype == torch.float32 else "float64"
        _, hidden, features = shapes["W"]
        kernel = KERNELS[KINDS[cell.name]]
        slots = len(cell.gates) if kernel.input_slots is None else 1 + max(kernel.input_slots)
        sizes = hidden, features, shapes["V"][0], len(cell.recurrent_gates), slots, len(kernel.own)
        memories = max(1, len(cell.parts) - 1)
        return Sizes(KINDS[cell.name], dtype, sequences, *sizes, memories)

    @property
    def kernel(self) -> Kernel:
        """The compiled cell."""
        return KERNELS[self.kind]

    @property
    def input_slots(self) -> list[int]:
        """The slot that each gate's input drive goes to; recurrent drives go to the first R slots."""
        return list(self.kernel.input_slots or range(self.slots))

    @property
    def count(self) -> int:
        """Np."""
        return _up(self.sequences, 4)

    @property
    def wide(self) -> int:
        """Hp."""
        return self._vectors(self.hidden)

    @property
    def columns(self) -> int:
        """Kp."""
        return self._vectors(self.outputs)

    @property
    def row(self) -> int:
        """Dp."""
        return _up(self.features + 1, 4)

    def _vectors(self, number: int) -> int:
        return _up(number, tile.lanes(np.dtype(self.dtype).itemsize))


def available(ensemble: Ensemble) -> bool:
    """Return whether the ensemble's cell has a kernel."""
    return ensemble.reader.name in KINDS


def gradient(ensemble: Ensemble, sequences: Sequences, keep: Array | None = None) -> Gradient:
    """Return loss and gradient of every model; arguments as in :func:`whylstm.training.bptt.gradient`."""
    sizes, models, steps = Sizes.of(ensemble, sequences.count), ensemble.size, sequences.steps
    weights = _packed(ensemble, sizes)
    x, answer = _inputs(sequences.inputs, sizes), _answer(sequences.when, steps, sizes.count)
    classes, values = np.zeros((len(x), 0, 0), np.int64), np.zeros((len(x), 0, 0, 0), sizes.dtype)
    if sequences.targets.is_floating_point():
        values = sequences.targets.numpy()
    else:
        classes = sequences.targets.numpy()
    kept = np.ones((models, steps)) if keep is None else np.ascontiguousarray(keep.T)
    names = ("U", "UT", "WT", "V", "VT", "v", "own")
    out = _outcome(sizes, models)
    kernels.gradients(
        sizes.kind,
        (x, answer, (answer >= 0).any(axis=2), classes, values, sequences.reader),
        tuple(weights[name] for name in names),
        kept,
        ensemble.setting("omega"),
        _work(sizes, steps),
        out,
    )
    rows = _unpacked(ensemble, sizes, *out[2:6])
    _own_gradient(ensemble, rows, out[6].reshape(models, sizes.own, sizes.count, sizes.wide).sum(axis=2))
    return Gradient(out[0], rows, out[1])


def outputs(ensemble: Ensemble, inputs: Tensor, when: Array) -> Array:
    """Return every model's readout on the same sequences; as :func:`whylstm.training.engine.outputs`."""
    sizes = Sizes.of(ensemble, len(inputs))
    weights = _packed(ensemble, sizes)
    x, answer = _inputs(inputs[None], sizes)[0], _answer(when[None], inputs.shape[1], sizes.count)[0]
    out = np.zeros((ensemble.size, *when.shape, sizes.outputs), sizes.dtype)
    tape, h, c, _, _, slope, *_ = _work(sizes, 1)
    chosen = tuple(weights[name] for name in ("UT", "WT", "VT", "v", "own"))
    kernels.outputs(sizes.kind, x, answer, (answer >= 0).any(axis=1), chosen, (tape, h, c, slope), out)
    return out


def _packed(ensemble: Ensemble, sizes: Sizes) -> dict[str, Array]:
    """Return all weights as the kernels want them, padded with zeros."""
    given = {name: value.numpy() for name, value in ensemble.weights.items()}
    models, hidden, features, slots = ensemble.size, sizes.hidden, sizes.features, sizes.input_slots
    inputs = np.zeros((models, sizes.slots, features + 1, sizes.wide), sizes.dtype)
    inputs[:, slots, :features, :hidden] = given["W"].swapaxes(2, 3)
    inputs[:, slots, features, :hidden] = given["b"]
    if "c" in given:
        inputs[:, : sizes.recurrent, features, :hidden] += given["c"]
    return {
        "U": _wider(given["U"], sizes.wide),
        "UT": _wider(given["U"].swapaxes(2, 3), sizes.wide),
        "WT": inputs,
        "V": _wider(given["V"], sizes.wide),
        "VT": _wider(given["V"].swapaxes(1, 2), sizes.columns),
        "v": _wider(given["v"], sizes.columns),
        "own": _own(ensemble, sizes),
    }


def _own(ensemble: Ensemble, sizes: Sizes) -> Array:
    """Return the cell's own numbers, (B, E, Np·Hp): those of each unit again for every sequence."""
    own = np.zeros((ensemble.size, sizes.own, sizes.count, sizes.wide), sizes.dtype)
    if sizes.own:
        own[..., : sizes.hidden] = np.stack(_own_numbers(ensemble, ensemble.weights), axis=1)[:, :, None]
    return own.reshape(ensemble.size, sizes.own, sizes.count * sizes.wide)


def _own_numbers(ensemble: Ensemble, weights: Mapping[str, Tensor]) -> list[Tensor]:
    """Return the cell's own numbers, each (B, H), from its extras and options."""
    cell = ensemble.cell
    zeros = torch.zeros(ensemble.size, ensemble.hidden, dtype=ensemble.rows.dtype)
    nothing = dict.fromkeys(cell.parts, zeros), dict.fromkeys(cell.recurrent_gates, zeros)
    found = cell.coefficients(*nothing, dict.fromkeys(cell.gates, zeros), weights)
    return [
        weights[own].expand_as(zeros) if isinstance(own, str) else getattr(found, own[0])[own[1:]]
        for own in KERNELS[KINDS[cell.name]].own
    ]


def _own_gradient(ensemble: Ensemble, rows: Tensor, slope: Array) -> None:
    """Write the gradient of the cell's extras, from that of its own numbers (B, E, Hp)."""
    if not ensemble.cell.extras:
        return
    leaves = {name: ensemble.weights[name].clone().requires_grad_() for name in ensemble.cell.extras}
    with torch.enable_grad():
        upstream = torch.from_numpy(slope[:, :, : ensemble.hidden]).unbind(1)
        gradients = torch.autograd.grad(_own_numbers(ensemble, leaves), list(leaves.values()), upstream)
    views = ensemble.layout.views(rows)
    for name, value in zip(leaves, gradients, strict=True):
        views[name].copy_(value)


def _unpacked(ensemble: Ensemble, sizes: Sizes, u: Array, x: Array, v: Array, bias: Array) -> Tensor:
    """Return the gradients as rows (B, P)."""
    rows = torch.zeros_like(ensemble.rows)
    views = {name: view.numpy() for name, view in ensemble.layout.views(rows).items()}
    hidden, features = sizes.hidden, sizes.features
    if "U" in views:
        views["U"][:] = u[:, :, :hidden, :hidden]
    if "c" in views:
        views["c"][:] = x[:, : sizes.recurrent, features, :hidden]
    views["W"][:] = x[:, sizes.input_slots, :features, :hidden].swapaxes(2, 3)
    views["b"][:] = x[:, sizes.input_slots, features, :hidden]
    views["V"][:], views["v"][:] = v[:, : sizes.outputs, :hidden], bias[:, : sizes.outputs]
    return rows


def _inputs(inputs: Tensor, sizes: Sizes) -> Array:
    """Return inputs (Q, N, T, D) as x (Q, T, Np, Dp): steps first, a one after the D numbers, zeros elsewhere."""
    batches, sequences, steps, features = inputs.shape
    x = np.zeros((batches, steps, sizes.count, sizes.row), sizes.dtype)
    x[:, :, :sequences, :features] = inputs.numpy().swapaxes(1, 2)
    x[:, :, :sequences, features] = 1
    return x


def _answer(when: Array, steps: int, count: int) -> Array:
    """Return which answer is due, (Q, T, Np), -1 for none, from the steps of the answers (Q, N, A)."""
    batches, sequences, answers = when.shape
    answer = np.full((batches, steps, count), -1, np.int32)
    batch, sequence = np.arange(batches)[:, None, None], np.arange(sequences)[:, None]
    answer[batch, when, sequence] = np.arange(answers, dtype=np.int32)
    return answer


def _outcome(sizes: Sizes, models: int) -> tuple[Array, ...]:
    """Return zeroed arrays for what :func:`whylstm.training.kernels.gradients` writes."""
    shapes = [
        (models, sizes.recurrent, _up(sizes.hidden, 4), sizes.wide),
        (models, sizes.slots, sizes.row, sizes.wide),
        (models, _up(sizes.outputs, 4), sizes.wide),
        (models, sizes.columns),
        (models, sizes.own, sizes.count * sizes.wide),
    ]
    return np.zeros(models), np.zeros(models), *(np.zeros(shape, sizes.dtype) for shape in shapes)


@functools.lru_cache(maxsize=2)
def _work(sizes: Sizes, steps: int) -> tuple[Array, ...]:
    """Return scratch memory for ``steps`` steps in the tape; it is used again, so that it stays in the cache."""
    size, ring = sizes.count * sizes.wide, max(1, DEPTH // sizes.count)
    shapes = [
        (steps, sizes.slots + 1, size),
        (steps + 1, size),
        (steps + 1, sizes.memories * size),
        (1 + sizes.memories, size),
        (sizes.slots, ring, size),
    ]
    shapes += [(sizes.count, sizes.columns), (size,)]
    arrays = [np.zeros(shape, sizes.dtype) for shape in shapes]
    sums, omega = np.zeros((3, sizes.count)), (sizes.recurrent, _up(sizes.hidden, 4), sizes.wide)
    return *arrays, sums, np.zeros(omega, sizes.dtype)


def _wider(array: Array, columns: int) -> Array:
    """Return a copy whose last axis has zeros appended."""
    wide = np.zeros((*array.shape[:-1], columns), array.dtype)
    wide[..., : array.shape[-1]] = array
    return wide


def _up(number: int, step: int) -> int:
    """Return the next multiple of ``step``."""
    return -(-number // step) * step
