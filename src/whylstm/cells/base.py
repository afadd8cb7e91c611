"""What every recurrent cell declares, and the formula that all of them share.

A cell says what *one unit* does in *one step*, given its drives::

    r_g  = U_g s_reads(g) + c_g             recurrent drive of gate g: it passed a recurrent weight matrix
    a_g  = W_g x_t + b_g                    input drive of gate g
    s'_p = update(s, r, a)_p                elementwise, for every part p of the state

Because ``update`` is elementwise, the one-step Jacobian of every cell is made of diagonals and of the recurrent
matrices, and it splits at once into what passes a recurrent matrix and what does not::

    ∂s'_p/∂s_q = D(carry[p,q]) + Σ_{g reads q} D(mix[p,g]) U_g
    carry[p,q] = ∂update_p/∂s_q             the drives held fixed
    mix[p,g]   = ∂update_p/∂r_g

A cell may write ``coefficients`` by hand (fast) or leave them to forward-mode differentiation (slower, always right).

This file and the cells import no array library: they use the methods of the tensors that they are given
(``x.tanh()``, ``x.exp()``), so that a config can be checked, and a grid planned, without importing torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

Tensor = Any
"""A tensor of shape (..., H); in practice ``torch.Tensor``."""

Named = Mapping[str, Tensor]
"""Tensors by name: state parts, drives, or a cell's own per-unit parameters."""


@dataclass(frozen=True)
class Coefficients:
    """The diagonals of a one-step Jacobian; blocks that are left out are zero.

    ``carry[p, q]`` has shape (..., H): part q of the old state to part p of the new one, past every recurrent matrix.
    ``mix[p, g]`` has shape (..., H): recurrent drive of gate g to part p of the new state.
    ``drive[p, g]`` has shape (..., H): input drive of gate g to part p; None where it equals ``mix``, as it does when
    the update only sees r + a. Jacobians of the state do not need it, gradients of parameters and inputs do.
    """

    carry: dict[tuple[str, str], Tensor] = field(default_factory=dict)
    mix: dict[tuple[str, str], Tensor] = field(default_factory=dict)
    drive: dict[tuple[str, str], Tensor] | None = None

    @property
    def driven(self) -> dict[tuple[str, str], Tensor]:
        """``drive``, or ``mix`` where the two are equal."""
        return self.mix if self.drive is None else self.drive


class Reader:
    """What reads a sequence and hands a vector h_t of H numbers to the readout: a recurrent cell, or attention.

    It declares its tensors, which initialisations draw and training trains: W (G, H, D) and b (G, H) act on inputs,
    U (R, H, H) and, if there is one, c (R, H) on vectors of H numbers.

    Class attributes:
        gates: names of what the input matrices give, in the order in which they are stacked.
        recurrent: names of what the H × H matrices give; in a cell these are gates too (default: all of them).
        recurrent_bias: whether these have a bias c_g of their own (in a cell it matters only where the update treats
            r and a differently, as in the GRU).
        carry_gate: the gate whose bias is the forget bias b_f, or None. A larger bias keeps more of the memory, which
            is the last part of the state.
        input_gate: the gate that lets new content into the memory, or None: a very negative bias shuts everything out.
            Chrono initialisation sets its bias to -b_f where there is a carry gate as well.
        extras: own per-unit parameters with a plain value of each, e.g. ``{"p_f": 0.0}``; the values that a network
            starts from are those of ``initial_extras``.
        options: own constants with their defaults, e.g. ``{"alpha": 0.1}``; a grid may vary them.
        initialisation: the recurrent initialisation that it insists on, or None.
        source: the paper that the equations come from.
    """

    gates: ClassVar[tuple[str, ...]] = ()
    recurrent: ClassVar[tuple[str, ...] | None] = None
    recurrent_bias: ClassVar[bool] = False
    carry_gate: ClassVar[str | None] = None
    input_gate: ClassVar[str | None] = None
    extras: ClassVar[Mapping[str, float]] = {}
    options: ClassVar[Mapping[str, float]] = {}
    initialisation: ClassVar[str | None] = None
    source: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the file that defines it."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def recurrent_gates(self) -> tuple[str, ...]:
        """What the H × H matrices give, in stacking order."""
        return self.gates if self.recurrent is None else self.recurrent

    def initial_extras(self, hidden: int, draw: Any) -> dict[str, Any]:
        """Return the extras that a network starts from, each (hidden,): constants unless the cell says otherwise.

        Args:
            hidden: H, the number of hidden units.
            draw: ``draw.uniform(name, shape)`` gives float64 numbers from U(0, 1), from a stream of each name's own.
        """
        return {name: draw.uniform(name, (hidden,)) * 0 + value for name, value in self.extras.items()}


class Cell(Reader):
    """One recurrent cell. Subclasses are final: a variant is another file.

    Class attributes:
        parts: names of the parts of the state; the first is the output, and what recurrent matrices read.
    """

    parts: ClassVar[tuple[str, ...]] = ("h",)

    @property
    def diagonal(self) -> bool:
        """Whether the cell has no recurrent matrix: its whole Jacobian is carry, a diagonal for each pair of parts."""
        return not self.recurrent_gates

    def update(self, s: Named, r: Named, a: Named, w: Named) -> dict[str, Tensor]:
        """Return the new state, elementwise.

        Args:
            s: the parts of the old state, each (..., H).
            r: the recurrent drives, each (..., H).
            a: the input drives, each (..., H).
            w: the cell's extras and options, each broadcastable to (..., H).
        """
        raise NotImplementedError

    def coefficients(self, s: Named, r: Named, a: Named, w: Named) -> Coefficients | None:
        """Return the diagonals of the one-step Jacobian, or None to have them differentiated (as ``update``)."""
        return None

    def activations(self, s: Named, r: Named, a: Named, w: Named) -> dict[str, Tensor]:
        """Return what the cell's gates let through, each (..., H), by the field's letters (for example ``f``)."""
        return {}

    def state_bounds(self, w: Mapping[str, float]) -> dict[str, float]:
        """Return sup |s_p| for every part, over all weights and all inputs, from the zero state on; inf without bound.

        Args:
            w: the cell's options, and upper bounds of the size of its extras.
        """
        return dict.fromkeys(self.parts, math.inf)

    def bounds(self, s: Mapping[str, float], r: Mapping[str, float], w: Mapping[str, float]) -> Coefficients | None:
        """Return upper bounds of |carry| and |mix|, or None where the cell knows none.

        They are numbers in place of tensors, for all weights and inputs and every state that the zero state leads to;
        inf where there is no bound, left out where a block is zero.

        Args:
            s: upper bounds of |s_p| for every part; inf is allowed.
            r: upper bounds of the recurrent drives |r_g|; inf is allowed.
            w: the cell's options, and upper bounds of the size of its extras.
        """
        return None

    def exposure(self, s: Named, r: Named, a: Named, w: Named) -> Tensor | None:
        """Return ∂h'/∂C', the drives held fixed, (..., H); None for a cell without a memory C behind an output h."""
        return None


def sigmoid(x: Tensor) -> Tensor:
    """Return 1 / (1 + exp(-x)), elementwise.

    ``x.sigmoid()`` of torch differs by an ulp between the vectorised body of a tensor and its last few elements, and so
    a model's numbers would depend on its place in a batch; this does not. The clamp keeps gradients finite.
    """
    return ((-x).clamp(max=700.0 if x.element_size() > 4 else 80.0).exp() + 1).reciprocal()
