"""What every recurrence with a matrix state declares, and the one form that all of them share.

Each head has a state S of K keys by V values. Everything that acts on it comes from the input x_t alone::

    S_t = A_t S_{t-1} + k_t v_tᵀ,   A_t = D(a_t) + u_t w_tᵀ
    y_t = S_tᵀ q_t                              then what the recurrence does on reading

The Jacobian of a step is A_t on each column of S, so that of k steps is a product of K × K matrices, whatever V is. No
recurrent weight matrix is ever passed: there are no hops. What there is instead is *mixing*: u wᵀ turns the state, by
an amount that the input says. D(a) is the carry. As with hops, the number of mixings on a path describes this form and
not the map: α I - α β k kᵀ could be split in other ways.

What surrounds such a recurrence in its paper (short convolutions, normalisation of the output, residual stream) is no
part of the recurrence and is left out.

As the plain cells do, these files use the methods of the tensors that they are given and import no array library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from whylstm.cells.base import sigmoid

Tensor = Any
"""A tensor; in practice ``torch.Tensor``."""

Named = Mapping[str, Tensor]
Size = Literal["key", "value", "one"]
"""How many numbers a head has of something: K, V or one."""

__all__ = ["MatrixCell", "Named", "Size", "Step", "Tensor", "log_decay", "sigmoid", "softplus", "unit"]


@dataclass(frozen=True)
class Step:
    """What one input does to the state of a head; (..., K) unless said otherwise.

    Attributes:
        carry: a, what each key keeps.
        left: u, or None for a recurrence without mixing.
        right: w, or None.
        key: k, where the value is written.
        value: v, what is written, (..., C) for C columns of the state.
        query: q, what is read.
    """

    carry: Tensor
    key: Tensor
    value: Tensor
    query: Tensor
    left: Tensor | None = None
    right: Tensor | None = None

    def transition(self) -> Tensor:
        """Return A = D(a) + u wᵀ, (..., K, K)."""
        diagonal = self.carry.diag_embed()
        if self.left is None or self.right is None:
            return diagonal
        return diagonal + self.left[..., :, None] * self.right[..., None, :]

    def advance(self, state: Tensor) -> Tensor:
        """Return A S + k vᵀ for states (..., K, C), without forming A."""
        kept = self.carry[..., None] * state + self.key[..., None] * self.value[..., None, :]
        if self.left is None or self.right is None:
            return kept
        return kept + self.left[..., None] * (self.right[..., None, :] @ state)


class MatrixCell:
    """One recurrence with a matrix state. Subclasses are final: a variant is another file.

    Class attributes:
        drives: what the input matrices give, by name, with how many numbers a head has of it.
        extras: own parameters, with how many numbers a head has of each.
        carry_drive: the drive whose larger bias keeps more, or None: the forget bias.
        eigenvalues: bounds of the eigenvalues of A, for all weights and inputs; they are real in every one of these.
        norm: bound of the spectral norm of A, for all weights and inputs. At 1 no gradient can grow, by construction.
        source: the paper that the equations come from.
    """

    drives: ClassVar[Mapping[str, Size]] = {}
    extras: ClassVar[Mapping[str, Size]] = {}
    carry_drive: ClassVar[str | None] = None
    eigenvalues: ClassVar[tuple[float, float]] = (0.0, 1.0)
    norm: ClassVar[float] = 1.0
    source: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the file that defines it."""
        return type(self).__module__.rpartition(".")[2]

    def columns(self, values: int) -> int:
        """Return the number C of columns of the state for V values."""
        return values

    def initial_extras(self, shapes: Mapping[str, tuple[int, ...]], draw: Any) -> dict[str, Any]:
        """Return the extras that a network starts from, in the given shapes.

        Args:
            shapes: the shape of each extra.
            draw: ``draw.uniform(name, shape)`` gives float64 numbers from U(0, 1), from a stream of each name's own.
        """
        return {name: draw.uniform(name, shape) * 0 for name, shape in shapes.items()}

    def step(self, a: Named, w: Named) -> Step:
        """Return what the input does, from its drives (..., K), (..., V) or (..., 1) and the extras, likewise."""
        raise NotImplementedError

    def read(self, state: Tensor, query: Tensor, a: Named) -> Tensor:
        """Return y (..., V), read from states (..., K, C) with queries (..., K); a: the drives."""
        return (query[..., None, :] @ state)[..., 0, :]


def unit(x: Tensor) -> Tensor:
    """Return x (..., K) at length one; zero stays zero."""
    return x / (x * x).sum(-1)[..., None].clamp(min=1e-24).sqrt()


def softplus(x: Tensor) -> Tensor:
    """Return ln(1 + e^x), elementwise, without overflow."""
    return x.clamp(min=0) + (-x.abs()).exp().log1p()


def log_decay(a: Named, w: Named) -> Tensor:
    """Return ln α = -Δ exp(rate) with Δ = softplus(pace - a_f), one number a head (Dao & Gu 2024)."""
    return -softplus(w["pace"] - a["f"]) * w["rate"].exp()


def spread_decays(shapes: Mapping[str, tuple[int, ...]], draw: Any) -> dict[str, Any]:
    """Return the start of ``log_decay``: exp(rate) ~ U(1, 16), and softplus(pace) from .001 to .1, log-uniform."""
    import numpy as np  # here, so that a config can be checked without it

    pace = 0.001 * 100 ** draw.uniform("pace", shapes["pace"])
    return {"rate": np.log(1 + 15 * draw.uniform("rate", shapes["rate"])), "pace": np.log(np.expm1(pace))}
