"""What a model really did with its recurrent parts on a batch: each call, with its inputs, first state and lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from whylstm.diagnosis.observation.stack import Weights
from whylstm.errors import StudyError


@dataclass
class Call:
    """One call of a layer of torch.nn that ran over whole sequences.

    Attributes:
        module: which.
        inputs: (T, N, D), detached; what lies beyond a sequence's length means nothing.
        lengths: of every sequence, (N,).
        state: the first state, (layers·directions, N, ·) each: (h,) or (h, C).
        weights: those that were used, by layer and direction, whatever parametrisation made them.
        output: what the module gave, with its graph.
        final: the last state that it gave, with its graph.
        training: whether the module was in training mode.
        values: what the layers read and gave along the sequences that were asked for last.
    """

    module: nn.RNNBase
    inputs: Tensor
    lengths: Tensor
    state: tuple[Tensor, ...]
    weights: tuple[Weights, ...]
    output: Any
    final: tuple[Tensor, ...]
    training: bool
    values: tuple[tuple[int, ...], list[Tensor]] | None = None


def fused_call(module: nn.RNNBase, arguments: tuple[Any, ...], output: Any, name: str) -> Call:
    """Return what a call of an nn.RNN, LSTM or GRU was given.

    Args:
        module: the module.
        arguments: its input and, where given, its state.
        output: what it returned.
        name: of the module, for messages.

    Raises:
        StudyError: if the input is empty or holds a number that is not finite, naming sequence and step.
    """
    given = arguments[0]
    values, lengths = padded(given, module.batch_first)
    if values.shape[0] == 0 or values.shape[1] == 0:
        raise StudyError(
            f"{name} was given {values.shape[1]} sequences of {values.shape[0]} steps; allowed: one or more"
        )
    exact = torch.float64 if values.dtype == torch.float64 else torch.float32
    values = values.detach().to(exact)
    check_finite_steps(values, lengths, f"what {name} reads")
    state = arguments[1] if len(arguments) > 1 and arguments[1] is not None else None
    weights = used_weights(module, exact)
    return Call(
        module,
        values,
        lengths,
        _state(module, state, values, exact),
        weights,
        output[0],
        output[1] if isinstance(output[1], tuple) else (output[1],),
        module.training,
    )


def padded(given: Any, batch_first: bool) -> tuple[Tensor, Tensor]:
    """Return an input as (T, N, D), and the lengths of its sequences."""
    if isinstance(given, PackedSequence):
        return pad_packed_sequence(given)
    values = given[:, None] if given.dim() == 2 else given.transpose(0, 1) if batch_first else given
    return values, torch.full((values.shape[1],), values.shape[0], dtype=torch.long)


def check_finite_steps(values: Tensor, lengths: Tensor, what: str) -> None:
    """Do nothing if every number within a sequence (T, N, ·) is finite.

    Raises:
        StudyError: naming the first step that is not.
    """
    steps = torch.arange(len(values), device=values.device)[:, None]
    wrong = ~torch.isfinite(values).all(-1) & (steps < lengths.to(values.device)[None])
    places = wrong.nonzero()
    if len(places):
        step, sequence = (int(place) for place in places[0])
        raise StudyError(
            f"{what} is not finite at step {step + 1} of sequence {sequence} (sequences counted from 0); allowed:"
            " finite numbers"
        )


def _state(module: nn.RNNBase, state: Any, values: Tensor, exact: torch.dtype) -> tuple[Tensor, ...]:
    """Return the first state (layers·directions, N, ·); zeros if none was given."""
    if state is not None:
        parts = state if isinstance(state, tuple | list) else (state,)
        return tuple((part[:, None] if part.dim() == 2 else part).detach().to(exact) for part in parts)
    count = module.num_layers * (2 if module.bidirectional else 1)
    sizes = [module.proj_size or module.hidden_size, *([module.hidden_size] if module.mode == "LSTM" else [])]
    return tuple(values.new_zeros(count, values.shape[1], size) for size in sizes)


def used_weights(module: nn.RNNBase, exact: torch.dtype) -> tuple[Weights, ...]:
    """Return the weights that the last call used, layer by layer, both directions of a layer side by side."""
    named = dict(zip(module._flat_weights_names, module._flat_weights, strict=True))
    out = []
    for layer in range(module.num_layers):
        for tail in ("", "_reverse") if module.bidirectional else ("",):
            kinds = {
                kind: named.get(f"{kind}_l{layer}{tail}")
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
            }
            tensors = {kind: value.detach().to(exact) for kind, value in kinds.items() if value is not None}
            out.append(weights_of(module.mode, tensors))
    return tuple(out)


def weights_of(mode: str, tensors: dict[str, Tensor]) -> Weights:
    """Return one layer's weights from their names in torch."""
    biases = (tensors["bias_ih"], tensors["bias_hh"]) if "bias_ih" in tensors else None
    return Weights(mode, tensors["weight_ih"], tensors["weight_hh"], biases, tensors.get("weight_hr"))


def reversed_within(values: Tensor, lengths: Tensor) -> Tensor:
    """Return sequences (T, N, ·) back to front, each within its own length."""
    steps = torch.arange(len(values), device=values.device)[:, None]
    ends = lengths.to(values.device)[None]
    index = torch.where(steps < ends, ends - 1 - steps, steps)
    return values[index, torch.arange(values.shape[1], device=values.device)[None]]
