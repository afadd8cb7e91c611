"""Run a model on a batch and look on: which recurrent parts it called, with what, and what came of it."""

from __future__ import annotations

import contextlib
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils._pytree import tree_flatten, tree_unflatten

from whylstm.diagnosis.observation.calls import Call
from whylstm.diagnosis.observation.looking import Watched, looking
from whylstm.diagnosis.observation.loop import LoopPart, Steps
from whylstm.diagnosis.observation.marker import Marking, Passage, leaves, tag, untag
from whylstm.diagnosis.observation.parts import Part, fused_parts
from whylstm.errors import StudyError

KINDS = {"LSTM": "LSTM", "GRU": "GRU", "RNN_TANH": "tanh RNN", "RNN_RELU": "ReLU RNN"}


class ModelFailed(StudyError):
    """The model itself raised an error on the batch."""

    def __init__(self, error: Exception) -> None:
        """Take what it raised."""
        said = str(error).strip().splitlines() or [""]
        self.reason = f"{type(error).__name__}: {said[0]}"
        super().__init__(f"the model cannot be run on this batch: {self.reason}")


@dataclass
class Observation:
    """What a model did on a batch.

    Attributes:
        parts: its recurrent parts, each named, in the order in which they were first called.
        outputs: what the model returned, with its graph.
        loss: the loss, a scalar with its graph; None if none was given.
        calls: every fused call by the name of its part or parts, with the graph of its output.
        forward_seconds: processor time of the forward pass.
        notes: what is assumed or left out, a sentence each.
    """

    parts: list[Part]
    outputs: Any
    loss: Tensor | None
    calls: dict[str, Call]
    forward_seconds: float
    notes: tuple[str, ...] = ()
    gradients: dict[str, Any] = field(default_factory=dict)


def observe(
    model: nn.Module,
    batch: Any,
    *,
    loss: Callable[[Any, Any], Tensor] | None = None,
    call: Callable[[nn.Module, Any], Any] | None = None,
    prefix: str | None = None,
    cells: tuple[Any, ...] = (),
) -> Observation:
    """Run a model once on a batch, as it is, and return its recurrent parts as they ran.

    Weights, buffers, gradients, modes and the random state are afterwards as they were.

    Args:
        model: any torch module that calls recurrent layers, in its own mode and precision.
        batch: what its forward takes: a tensor, a packed sequence, a tuple of arguments or a dict of keyword
            arguments. What forward does not take (targets, say) is left to the loss.
        loss: from outputs and batch to a scalar.
        call: from model and batch to outputs, where the rule above does not fit.
        prefix: measure only the part of this name, or those below it.
        cells: modules that are recurrent cells, called in a loop, beside those of torch.nn and those whose class is
            called ...Cell: classes, or names in the model.

    Raises:
        StudyError: for whatever cannot be measured, in one sentence.
    """
    check_model(model)
    passage = Passage()
    with (
        _as_it_was(model),
        looking(model, passage, cells) as watched,
        torch.enable_grad(),
        torch.compiler.set_stance("force_eager"),
    ):
        started = time.process_time()
        tag(batch)
        try:
            with Marking(passage):
                outputs = (call or called)(model, batch) if loss is None or call else called(model, batch, spare=True)
        except StudyError:
            raise
        except Exception as error:  # the model is the user's, and may raise anything
            raise ModelFailed(error) from error
        finally:
            untag(batch)
        seconds = time.process_time() - started
        value = None if loss is None else scalar(loss(outputs, batch))
    parts, calls = _parts(watched, prefix)
    if not parts:
        raise StudyError(_nothing(model, prefix, watched))
    return Observation(parts, outputs, value, calls, seconds)


def observe_step(step: Callable[[Any, Any], Any], state: Any, inputs: Any, *, name: str = "step") -> Observation:
    """Run a step function over a sequence and return it as the one part of an observation.

    Args:
        step: from a state and one step's input to the next state: any torch function.
        state: the first state: a tensor, or tuples, lists and dicts of tensors; what else is in it (a counter, say) is
            handed on. If every tensor in it has two axes or
            more, and the first one is as long as that of one step's input of two axes, this axis counts the sequences;
            all else is one state.
        inputs: (T, ...), one entry a step.
        name: what to call it.

    Raises:
        StudyError: if the state changes its shape, or its graph is cut.
    """
    passage, steps = Passage(), Steps()
    seen = Watched(name, nn.Identity(), passage, steps=steps)
    flat, shape = tree_flatten(state)
    live = [place for place, one in enumerate(flat) if isinstance(one, Tensor) and one.is_floating_point()]
    if not live:
        raise StudyError(
            f"the state of {name} is {_shapes(flat) or 'empty'}; allowed: one floating-point tensor or more"
        )
    steps.axis = _axis([flat[place] for place in live], inputs)
    started = time.process_time()
    with torch.random.fork_rng(), torch.enable_grad():
        tag(inputs)
        try:
            with Marking(passage):
                for x in inputs:
                    tag(x)
                    now = list(flat)
                    for place, one in zip(live, seen.entering([flat[place] for place in live]), strict=True):
                        now[place] = one
                    state = step(tree_unflatten(now, shape), x)
                    new, made = tree_flatten(state)
                    if made != shape or _shapes(new) != _shapes(now):
                        raise StudyError(
                            f"{name} returns {_shapes(new)} for the state {_shapes(now)}; allowed: the same"
                        )
                    flat = new
                    seen.count += 1
                seen.entering([flat[place] for place in live])
        finally:
            untag(inputs)
    part = LoopPart(name, "step function", steps, passage)
    return Observation([part], state, None, {}, time.process_time() - started)


def _axis(flat: list[Tensor], inputs: Any) -> int | None:
    first = leaves(inputs[0])
    count = first[0].shape[0] if first and first[0].dim() == 2 else None
    return 0 if count is not None and all(one.dim() > 1 and one.shape[0] == count for one in flat) else None


def _shapes(flat: list[Any]) -> str:
    return ", ".join(str(tuple(one.shape)) if isinstance(one, Tensor) else type(one).__name__ for one in flat)


def check_model(model: Any) -> None:
    """Do nothing if a model can be looked at while it runs.

    Raises:
        StudyError: for what is no module, is scripted, or holds quantised recurrent layers.
    """
    if not isinstance(model, nn.Module):
        raise StudyError(f"the model is a {type(model).__name__}; allowed: a torch module")
    for name, part in model.named_modules():
        where = f"{name!r} in the model" if name else "the model"
        if isinstance(part, torch.jit.ScriptModule):
            raise StudyError(
                f"{where} is scripted ({type(part).__name__}), and what it does cannot be looked at; allowed: the"
                " module that it was made from"
            )
        if ".quantized" in type(part).__module__:
            raise StudyError(
                f"{where} is a quantised {type(part).__name__}, which has no gradient; allowed: the model before it"
                " was quantised"
            )


def called(model: nn.Module, batch: Any, *, spare: bool = False) -> Any:
    """Call a model on a batch: a dict by keywords, a tuple as arguments, all else as its one argument.

    Args:
        model: the model.
        batch: what it takes.
        spare: whether a tuple or dict may hold more than forward needs (what only the loss reads): then no more than
            its required arguments, or those that it knows, are passed.
    """
    names = [one for one in inspect.signature(_inner(model).forward).parameters.values() if one.kind not in (2, 4)]
    if isinstance(batch, Mapping):
        takes_all = len(names) < len(inspect.signature(_inner(model).forward).parameters)
        known = {one.name for one in names}
        given = {name: value for name, value in batch.items() if takes_all or not spare or name in known}
        if given.keys() <= known or takes_all:
            return model(**given)
        return model(batch)
    if isinstance(batch, tuple | list) and not isinstance(batch, PackedSequence):
        needed = sum(one.default is one.empty for one in names)
        return model(*(batch[: max(needed, 1)] if spare and needed < len(batch) else batch))
    return model(batch)


def _inner(model: nn.Module) -> nn.Module:
    """Return the module whose forward says what it takes: wrappers take anything."""
    for name in ("_orig_mod", "module"):
        inside = getattr(model, name, None)
        if isinstance(inside, nn.Module) and type(model).__name__ in (
            "OptimizedModule",
            "DataParallel",
            "DistributedDataParallel",
        ):
            return _inner(inside)
    return model


def scalar(value: Any) -> Tensor:
    """Return a loss if it is one number with a gradient.

    Raises:
        StudyError: if it is not.
    """
    if not isinstance(value, Tensor):
        raise StudyError(f"the loss is a {type(value).__name__}; allowed: a tensor with one number")
    if value.numel() != 1:
        raise StudyError(f"the loss has shape {tuple(value.shape)}; allowed: one number, such as its mean")
    if not value.requires_grad:
        raise StudyError(
            "the loss does not depend on anything that has a gradient: it was computed without a graph, or from what"
            " was detached"
        )
    if not bool(torch.isfinite(value)):
        raise StudyError(f"the loss is {float(value.detach())}; allowed: a finite number")
    return value.reshape(())


@contextlib.contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """Put buffers and the random state back at the end."""
    buffers = {name: value.clone() for name, value in model.named_buffers()}
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices):
        try:
            yield
        finally:
            with torch.no_grad():
                for name, value in model.named_buffers():
                    if name in buffers and value.shape == buffers[name].shape:
                        value.data.copy_(buffers[name])  # past autograd: a graph that holds it still runs backward


def _parts(watched: list[Watched], prefix: str | None) -> tuple[list[Part], dict[str, Call]]:
    parts: list[Part] = []
    calls: dict[str, Call] = {}
    for seen in watched:
        if prefix is not None and not f"{seen.name}.".startswith(f"{prefix.rstrip('.')}."):
            continue
        whole = [one for one in seen.calls if not seen.looped or len(one.inputs) > 1]
        for place, one in enumerate(whole):
            name = f"{seen.name}, call {place + 1}" if len(whole) > 1 or seen.looped else seen.name
            calls[name] = one
            parts += fused_parts(name, KINDS[one.module.mode], one, tuple(_notes(one)))
        if seen.looped:
            kind = KINDS.get(getattr(seen.module, "mode", ""), "") or type(seen.module).__name__
            loops = [steps for steps in (*seen.loops, seen.steps) if steps.states]
            for place, steps in enumerate(loops):
                name = f"{seen.name}, loop {place + 1}" if len(loops) > 1 else seen.name
                parts.append(LoopPart(name, f"{kind} in a loop", steps, seen.passage, tuple(seen.module.parameters())))
    return parts, calls


def _notes(one: Call) -> list[str]:
    found = []
    if one.module.dropout and one.training and one.module.num_layers > 1:
        found.append(f"Dropout between the layers ({one.module.dropout:g}) is left out.")
    return found


def _nothing(model: nn.Module, prefix: str | None, watched: list[Watched]) -> str:
    held = [seen.name for seen in watched]
    if prefix is not None:
        return f"no recurrent layer called {prefix!r} ran; those there are: {', '.join(held) or 'none'}"
    if held:
        return f"the {type(model).__name__} called none of its recurrent layers ({', '.join(held)}) on this batch"
    return (
        f"the {type(model).__name__} holds no recurrent module; allowed: a model that calls torch.nn.RNN, LSTM or GRU,"
        " or a cell in a loop; a loop that is written out in forward can be measured with step=, state= and inputs="
    )
