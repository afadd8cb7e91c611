"""Hooks on the recurrent modules of a model: what goes into each call, and how a loop's states hang together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils._pytree import tree_flatten, tree_unflatten

from whylstm.diagnosis.observation.calls import Call, fused_call
from whylstm.diagnosis.observation.loop import Steps, depends, slots
from whylstm.diagnosis.observation.marker import Passage, State, leaves, tag


@dataclass
class Watched:
    """A module that is looked at while the model runs.

    Attributes:
        name: in the model.
        module: itself.
        passage: what the markers in its loop ask.
        calls: its calls over whole sequences.
        steps: the states that went in, where it is called in a loop.
        loops: earlier loops, each of which began without a state.
        looped: whether a call was given the state that the call before made.
        count: how many calls there were.
        before: what the last call returned.
        places: which arguments are the state, once known, for a user's own cell.
    """

    name: str
    module: nn.Module
    passage: Passage
    calls: list[Call] = field(default_factory=list)
    steps: Steps = field(default_factory=Steps)
    loops: list[Steps] = field(default_factory=list)
    looped: bool = False
    count: int = 0
    before: list[Tensor] = field(default_factory=list)
    places: list[int] | None = None

    def begin(self) -> None:
        """Begin another loop: a call without a state starts from zeros."""
        if self.steps.states:
            self.loops.append(self.steps)
            self.steps = Steps()

    def entering(self, state: list[Tensor]) -> list[Tensor]:
        """Return the tensors of a state as the module is to read them, recorded and marked."""
        step = len(self.steps.states)
        if step and not any(part.requires_grad for part in state):
            self.steps.missing = self.steps.missing or step + 1
        live = [part if part.requires_grad else part.detach().clone().requires_grad_() for part in state]
        marked = [State.apply(part, self.passage, step) for part in live]
        tag(marked)
        self.steps.states.append(tuple(marked))
        return marked


@contextlib.contextmanager
def looking(model: nn.Module, passage: Passage, cells: tuple[Any, ...]) -> Iterator[list[Watched]]:
    """Record every call of a recurrent module.

    Args:
        model: the model that will run.
        passage: what the markers ask.
        cells: further modules that are cells: classes, or names in the model.
    """
    watched, handles = [], []
    for name, part in model.named_modules():
        hooks = _hooks(part, name, cells)
        if hooks is None:
            continue
        seen = Watched(name or type(part).__name__, part, passage)
        watched.append(seen)
        before, after = hooks
        handles.append(part.register_forward_pre_hook(before(seen), with_kwargs=True))
        handles.append(part.register_forward_hook(after(seen), with_kwargs=True))
    try:
        yield watched
    finally:
        for handle in handles:
            handle.remove()


def _hooks(part: nn.Module, name: str, cells: tuple[Any, ...]) -> tuple[Any, Any] | None:
    if isinstance(part, nn.RNNBase):
        return _layer_before, _layer_after
    if isinstance(part, nn.RNNCellBase):
        return _cell_before, _own_after
    classes = tuple(cell for cell in cells if isinstance(cell, type))
    if isinstance(part, classes) or name in cells or type(part).__name__.endswith("Cell"):
        return _own_before, _own_after
    return None


def _layer_before(seen: Watched) -> Any:
    """An nn.RNN, LSTM or GRU that is given a state may be one step of a loop."""

    def hook(module: Any, arguments: Any, keywords: dict[str, Any]) -> Any:
        given = {**dict(zip(("input", "hx"), arguments, strict=False)), **keywords}
        state = given.get("hx")
        if state is None or call_steps(module, given["input"]) > 1:
            seen.begin()
            return None
        parts = leaves(state)
        if seen.before and not seen.looped:
            seen.looped = any(one is other for one in parts for other in seen.before) or any(
                depends(one, [other for other in seen.before if other.requires_grad]) for one in parts
            )
        seen.steps.axis = None if parts[0].dim() == 2 else 1
        marked = seen.entering(parts)
        return (given["input"], tuple(marked) if isinstance(state, tuple | list) else marked[0]), {}

    return hook


def call_steps(module: nn.RNNBase, given: Any) -> int:
    """Return over how many steps a call of a layer runs."""
    if isinstance(given, PackedSequence):
        return len(given.batch_sizes)
    return int(given.shape[1 if module.batch_first and given.dim() == 3 else 0])


def _layer_after(seen: Watched) -> Any:
    def hook(module: Any, arguments: Any, keywords: dict[str, Any], output: Any) -> Any:
        given = {**dict(zip(("input", "hx"), arguments, strict=False)), **keywords}
        output = _with_gradient(output)
        seen.count += 1
        seen.before = leaves(output[1])
        if not seen.looped or call_steps(module, given["input"]) > 1:
            seen.calls.append(fused_call(module, (given["input"], given.get("hx")), output, seen.name))
        return output

    return hook


def _with_gradient(output: Any) -> Any:
    """Return what a layer gave with a gradient of its own, where frozen weights left it without one."""
    out, final = output
    if any(one.requires_grad for one in leaves((out, final)) if one.is_floating_point()):
        return output
    out = out._replace(data=_live(out.data)) if isinstance(out, PackedSequence) else _live(out)
    return out, tuple(_live(one) for one in final) if isinstance(final, tuple) else _live(final)


def _cell_before(seen: Watched) -> Any:
    """A cell of torch.nn: its state is its second argument, zeros if it is left out."""

    def hook(module: Any, arguments: Any, keywords: dict[str, Any]) -> Any:
        given = {**dict(zip(("input", "hx"), arguments, strict=False)), **keywords}
        x, state = given["input"], given.get("hx")
        if state is None:
            seen.begin()
            zero = torch.zeros(*x.shape[:-1], module.hidden_size, dtype=module.weight_hh.dtype, device=x.device)
            state = (zero, zero.clone()) if isinstance(module, nn.LSTMCell) else zero
        parts = leaves(state)
        seen.steps.axis = None if parts[0].dim() == 1 else 0
        marked = seen.entering(parts)
        seen.looped = True
        return (x, tuple(marked) if isinstance(module, nn.LSTMCell) else marked[0]), {}

    return hook


def _own_before(seen: Watched) -> Any:
    """A cell of the user's: its state is what the call before returned, found by what is really passed in."""

    def hook(module: Any, arguments: Any, keywords: dict[str, Any]) -> Any:
        flat, shape = tree_flatten((arguments, keywords))
        if not seen.count:
            flat = [_live(one) for one in flat]
            return tree_unflatten(flat, shape)
        if seen.places is None:
            seen.places = slots(flat, seen.before)
            seen.looped = bool(seen.places)
        if not seen.places:
            return None
        state = [flat[place] for place in seen.places]
        seen.steps.axis = None if state[0].dim() == 1 else 0
        for place, one in zip(seen.places, seen.entering(state), strict=True):
            flat[place] = one
        return tree_unflatten(flat, shape)

    return hook


def _live(one: Any) -> Any:
    """Return a tensor with a gradient of its own, so that frozen layers and cells have a graph too."""
    if not isinstance(one, Tensor) or not one.is_floating_point() or one.requires_grad:
        return one
    live = one.detach().clone().requires_grad_()
    tag(live)
    return live


def _own_after(seen: Watched) -> Any:
    def hook(module: Any, arguments: Any, keywords: dict[str, Any], output: Any) -> Any:
        seen.count += 1
        seen.before = [one for one in leaves(output) if one.is_floating_point()]
        return None

    return hook
