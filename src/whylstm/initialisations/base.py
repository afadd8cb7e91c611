"""What every initialisation declares, the streams it draws from, and the pieces that several share.

Weights are drawn as unit numbers first and scaled afterwards. A unit number is keyed by what it is (tensor, gate,
position), the hidden size, the replicate and the study's seed, and never by gain, bias or cell: so a doubled gain
doubles the very same matrix, and an LSTM and its variants share the matrices of the gates that they share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whylstm.cells.base import Reader
from whylstm.errors import StudyError
from whylstm.streams import stream

Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class Draws:
    """The unit numbers of one model.

    Attributes:
        seed: the study's seed.
        hidden: the number H of hidden units.
        replicate: which of the independent draws.
    """

    seed: int
    hidden: int
    replicate: int

    def normal(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return N(0, 1) numbers, float64, for one tensor such as ``"U.f"``; equal names and shapes share them."""
        return self._stream("normal", name, shape).standard_normal(shape)

    def uniform(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return U[0, 1) numbers, float64; independent of the normal ones of the same name."""
        return self._stream("uniform", name, shape).random(shape)

    def _stream(self, law: str, name: str, shape: tuple[int, ...]) -> np.random.Generator:
        size = "x".join(str(number) for number in shape)
        return stream(
            self.seed, "weights", law=law, tensor=name, shape=size, hidden=self.hidden, replicate=self.replicate
        )


class Initialisation:
    """One initialisation. Subclasses are final: a variant is another file.

    Class attributes:
        reads: which of "gain", "forget_bias", "input_scale" and "t_max" it reads; the others do not change its weights.
        needs_carry_gate: whether it makes sense only for cells with a carry gate.
        source: the paper or library that it comes from.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    needs_carry_gate: ClassVar[bool] = False
    source: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the file that defines the initialisation."""
        return type(self).__module__.rpartition(".")[2]

    def reads_for(self, cell: Reader) -> tuple[str, ...]:
        """Return what it reads for this cell: no forget bias without a carry gate, no gain without a matrix U."""
        idle = {"forget_bias"} if cell.carry_gate is None else set()
        idle |= set() if cell.recurrent_gates else {"gain"}
        return tuple(name for name in self.reads if name not in idle)

    def check(self, cell: Reader) -> None:
        """Do nothing if the initialisation suits the cell.

        Raises:
            StudyError: if the cell insists on another one, or lacks the carry gate that this one sets.
        """
        if cell.initialisation not in (None, self.name):
            allowed = f"allowed: {cell.initialisation}"
            raise StudyError(f"initialisation: {self.name!r} does not suit cell {cell.name!r}; {allowed}")
        if self.needs_carry_gate and cell.carry_gate is None:
            raise StudyError(
                f"initialisation: {self.name!r} sets a carry gate, and cell {cell.name!r} has none; "
                "allowed: cells with a carry gate"
            )

    def weights(
        self,
        cell: Reader,
        hidden: int,
        features: int,
        draw: Draws,
        *,
        gain: float = 1.0,
        forget_bias: float = 0.0,
        input_scale: float = 1.0,
        t_max: float | None = None,
        **options: float,
    ) -> Weights:
        """Return the weights of one model, float64, as in :func:`whylstm.initialisations.weights`.

        Args:
            cell: the cell.
            hidden: the number H of hidden units.
            features: the number D of inputs.
            draw: where unit numbers come from.
            gain: σ_w, the scale of the recurrent matrices.
            forget_bias: the bias of the carry gate.
            input_scale: σ_x, the scale of the input matrices.
            t_max: the longest dependency that is expected, in steps.
            options: values of the cell's own constants, instead of their defaults.
        """
        raise NotImplementedError


def complete(
    cell: Reader, hidden: int, draw: Draws, options: Mapping[str, float], tensors: Mapping[str, np.ndarray]
) -> Weights:
    """Return U, W, b (and c, zero if not given) together with the cell's extras (H,) and options (1,).

    A cell whose extras are no constants defines ``initial_extras(hidden, draw)``, which returns those (H,) by name.
    """
    weights = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    if cell.recurrent_bias:
        weights.setdefault("c", np.zeros((len(cell.recurrent_gates), hidden)))
    weights |= {name: np.full(hidden, float(value)) for name, value in cell.extras.items()}
    special = getattr(cell, "initial_extras", None)
    if special is not None:
        weights |= {name: np.asarray(value, dtype=np.float64) for name, value in special(hidden, draw).items()}
    return weights | {name: np.full(1, float(options.get(name, value))) for name, value in cell.options.items()}


def unit_recurrent(cell: Reader, hidden: int, draw: Draws) -> np.ndarray:
    """Return N(0, 1) recurrent matrices (R, H, H)."""
    matrices = [draw.normal(f"U.{gate}", (hidden, hidden)) for gate in cell.recurrent_gates]
    return np.stack(matrices) if matrices else np.zeros((0, hidden, hidden))


def gaussian_recurrent(cell: Reader, hidden: int, draw: Draws, gain: float) -> np.ndarray:
    """Return recurrent matrices (R, H, H) with entries N(0, gain²/H): spectral radius near ``gain`` for large H."""
    return gain * (unit_recurrent(cell, hidden, draw) / np.sqrt(hidden))


def gaussian_inputs(cell: Reader, hidden: int, features: int, draw: Draws, input_scale: float) -> np.ndarray:
    """Return input matrices (G, H, D) with entries N(0, input_scale²/D): unit inputs give drives of that scale."""
    unit = np.stack([draw.normal(f"W.{gate}", (hidden, features)) for gate in cell.gates])
    return input_scale * (unit / np.sqrt(features))


def biases(cell: Reader, hidden: int, values: Mapping[str | None, float | np.ndarray]) -> np.ndarray:
    """Return biases (G, H): zero, except for the gates in ``values`` (a number or (H,) each; None is no gate)."""
    result = np.zeros((len(cell.gates), hidden))
    for gate, value in values.items():
        if gate is not None:
            result[cell.gates.index(gate)] = value
    return result


def orthonormal(unit: np.ndarray) -> np.ndarray:
    """Return Q (M, N) with orthonormal columns from a Gaussian matrix (M, N), M >= N, uniform over all such Q.

    The signs of R's diagonal are made positive, without which QR would not give the uniform law (Mezzadri 2007).
    """
    q, r = np.linalg.qr(unit)
    return q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
