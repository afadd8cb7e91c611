"""Which way a gradient went: a marker on every product of a parameter matrix with something that depends on the data.

While a model runs, a torch function mode sees every operation. Tensors that come from the batch or from a state are
tagged, and so is all that is made of them; what has no tag is made of parameters and constants alone. A matrix product
of a tagged and an untagged operand is a passage through a recurrent matrix, a hop, if a state's gradient comes that
way. The tagged operand then passes :class:`Hop`, which does nothing on the way forward and multiplies the way back by
z, whatever z is at that time:

    z = 1         all paths
    z = 0         the carry: paths without hops
    z = exp(iθ)   a path with r hops is turned by r θ; at n roots of unity a discrete Fourier transform tells paths
                  with r = 0 ... n - 1 hops apart

Complex rows are pairs of real ones, so that the user's own operations need not know complex numbers. A product of two
tagged operands (attention over the past, a matrix state times a key) is no hop. torch's fused cells are computed from
their equations while the mode is on, since their products cannot be seen.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

TAG = "_whylstm_depends_on_data"

PRODUCTS = frozenset(
    {
        *("linear", "bilinear", "matmul", "mm", "bmm", "mv", "addmm", "addmv", "baddbmm", "addbmm", "einsum"),
        *("__matmul__", "__rmatmul__", "tensordot", "inner", "dot", "chain_matmul", "multi_dot"),
        *(f"conv{kind}{axes}d" for kind in ("", "_transpose") for axes in (1, 2, 3)),
    }
)
LAYERS = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu"})
CLOSED = LAYERS | {"multi_head_attention_forward"}
"""Operations whose products cannot be seen from outside: a passage counts as one hop, however many there are."""

CELLS = frozenset({"lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"})


class Passage:
    """What a hop does on the way back, now.

    Attributes:
        turn: None for all paths, 0 for the carry, or cosines and sines (pairs,) for rows that are real parts and then
            imaginary parts.
        hops: how many products were marked.
        closed: names of operations whose inside could not be seen.
        cuts: the steps at which the gradient of the state is cut, as a detached state would.
    """

    def __init__(self) -> None:
        """Let all paths pass."""
        self.turn: Any = None
        self.hops = 0
        self.closed: set[str] = set()
        self.cuts: frozenset[int] = frozenset()


class Turn(torch.autograd.Function):
    """Multiplication by z of batched rows, real parts and then imaginary parts along the batch."""

    @staticmethod
    def forward(rows: Tensor, turn: Any) -> Tensor:
        """Only batches of rows are turned."""
        raise NotImplementedError("a single row has no imaginary part")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Nothing is kept: this is the way back, which is not differentiated again."""

    @staticmethod
    def vmap(info: Any, in_dims: Any, rows: Tensor, turn: Any) -> tuple[Tensor, int]:
        """Return z times the rows."""
        rows = rows.movedim(in_dims[0], 0)
        real, imaginary = rows.chunk(2)
        cos, sin = (part.to(rows).reshape(-1, *[1] * (rows.dim() - 1)) for part in turn)
        return torch.cat([cos * real - sin * imaginary, sin * real + cos * imaginary]), 0


class Hop(torch.autograd.Function):
    """The identity, with the way back multiplied by z."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, passage: Passage) -> Tensor:
        """Return x."""
        ctx.passage = passage
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *rows: Tensor) -> Any:
        """Return z times the rows."""
        turn = ctx.passage.turn
        if turn is None:
            return rows[0], None
        if isinstance(turn, int):
            return torch.zeros_like(rows[0]), None
        return Turn.apply(rows[0], turn), None


class State(torch.autograd.Function):
    """The identity on a state that goes in at a step; the way back ends there if the step is cut."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, passage: Passage, step: int) -> Tensor:
        """Return x."""
        ctx.passage, ctx.step = passage, step
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *rows: Tensor) -> Any:
        """Return the rows, or zeros."""
        return (torch.zeros_like(rows[0]) if ctx.step in ctx.passage.cuts else rows[0]), None, None


def tag(value: Any) -> None:
    """Mark all tensors in a nested value as depending on the data."""
    for tensor in leaves(value):
        setattr(tensor, TAG, True)


def untag(value: Any) -> None:
    """Take the marks off again."""
    for tensor in leaves(value):
        if hasattr(tensor, TAG):
            delattr(tensor, TAG)


def leaves(value: Any) -> list[Tensor]:
    """Return the tensors in a nested value."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        return [tensor for part in value.values() for tensor in leaves(part)]
    if isinstance(value, tuple | list):
        return [tensor for part in value for tensor in leaves(part)]
    return []


def _tagged(value: Any) -> bool:
    if isinstance(value, Tensor):
        return TAG in value.__dict__
    if isinstance(value, dict):
        return any(map(_tagged, value.values()))
    return isinstance(value, tuple | list) and any(map(_tagged, value))


class Marking(TorchFunctionMode):
    """Tags what depends on the data, and marks its products with parameter matrices."""

    def __init__(self, passage: Passage) -> None:
        """Take what the marks are to ask on the way back."""
        super().__init__()
        self.passage = passage

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation, marked where it is a product, and tag what it gives."""
        kwargs = kwargs or {}
        if not (_tagged(args) or _tagged(kwargs)):
            return func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if name in CELLS and not kwargs:
            out = self._cell(name, *args)
        elif name in CLOSED and self._can_be_opened(args):
            out = self._layers(name, *args)
        else:
            if name in PRODUCTS or name in CLOSED:
                args = self._marked(name, args)
            out = func(*args, **kwargs)
        tag(args[0] if name == "__setitem__" else out)
        return out

    def _marked(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments of a product, the tagged ones marked if another one is a parameter matrix."""
        operands = leaves(args)
        matrices = [one for one in operands if not _tagged(one) and one.dim() >= 2]
        if not matrices:
            return args
        within = operands if name not in LAYERS else leaves(args[1:3])  # a layer's state, packed or not
        if name in CLOSED and any(_tagged(one) and one.requires_grad for one in within):
            self.passage.closed.add(name)
        return tuple(self._mark(one) for one in args)

    def _mark(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            if not (_tagged(value) and value.requires_grad):
                return value
            self.passage.hops += 1
            return Hop.apply(value, self.passage)
        return type(value)(self._mark(one) for one in value) if type(value) in (tuple, list) else value

    def _can_be_opened(self, args: tuple[Any, ...]) -> bool:
        """Return whether a call of a fused layer is a single step in one direction, without dropout in between."""
        if len(args) != 9 or not isinstance(args[0], Tensor) or not _tagged(args[1]):
            return False  # packed sequences, and attention, have other arguments
        dropout, training, both_ways, batch_first = args[5:]
        return args[0].shape[int(batch_first)] == 1 and not both_ways and not (dropout and training)

    def _layers(self, name: str, x: Tensor, state: Any, flat: Any, biased: bool, count: int, *options: Any) -> Any:
        """Return what a single step of an nn.LSTM, GRU or RNN gives; the way up from layer to layer is no hop."""
        batch_first, each = options[-1], len(flat) // count
        below, finals = x.select(int(batch_first), 0), []
        for layer in range(count):
            weights = flat[layer * each : (layer + 1) * each]
            biases, projection = (weights[2:4] if biased else []), weights[4 if biased else 2 :]
            now = (state[0][layer], state[1][layer]) if name == "lstm" else state[layer]
            new = self._cell(f"{name}_cell", below, now, *weights[:2], *biases, climbs=layer > 0)
            if projection:
                new = (torch.nn.functional.linear(self._mark_always(new[0]), projection[0]), new[1])
            finals.append(new if name == "lstm" else (new,))
            below = finals[-1][0]
        out = below.unsqueeze(int(batch_first))
        return out, *(torch.stack(same) for same in zip(*finals, strict=True))

    def _mark_always(self, value: Tensor) -> Tensor:
        self.passage.hops += 1
        return Hop.apply(value, self.passage)

    def _cell(
        self, name: str, x: Tensor, state: Any, ih: Tensor, hh: Tensor, *biases: Any, climbs: bool = False
    ) -> Any:
        """Return what one of torch's cells gives, computed from its equations."""
        one, other = biases if biases else (None, None)
        h = state[0] if name == "lstm_cell" else state
        drive = torch.nn.functional.linear(x if climbs else self._mark(x), ih, one)
        kick = torch.nn.functional.linear(self._mark_always(h), hh, other)
        if name == "lstm_cell":
            i, f, g, o = (drive + kick).chunk(4, -1)
            memory = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
            return o.sigmoid() * memory.tanh(), memory
        if name == "gru_cell":
            (r, z, n), (kr, kz, kn) = drive.chunk(3, -1), kick.chunk(3, -1)
            z = (z + kz).sigmoid()
            return (1 - z) * (n + (r + kr).sigmoid() * kn).tanh() + z * h
        return (drive + kick).tanh() if name == "rnn_tanh_cell" else (drive + kick).relu()
