"""Our cells as others would train them: torch.nn's modules with our weights, and any cell in JAX."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from whylstm.cells.base import Cell

MODULES = {"tanh": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def torch_module(cell: Cell, weights: dict[str, np.ndarray]) -> tuple[torch.nn.Module, torch.nn.Linear] | None:
    """Return torch's own network and readout with these weights, or None where it has no such cell.

    Our gates stand in torch's order.
    """
    if cell.name not in MODULES:
        return None
    (_, hidden, features), (outputs, _) = weights["W"].shape, weights["V"].shape
    net, read = MODULES[cell.name](features, hidden, batch_first=True), torch.nn.Linear(hidden, outputs)
    recurrent = weights["c"] if cell.recurrent_bias else np.zeros_like(weights["b"])
    stacked = {
        "weight_ih_l0": weights["W"],
        "weight_hh_l0": weights["U"],
        "bias_ih_l0": weights["b"],
        "bias_hh_l0": recurrent,
    }
    with torch.no_grad():
        for name, value in stacked.items():
            getattr(net, name).copy_(torch.from_numpy(value.reshape(-1, *value.shape[2:])))
        read.weight.copy_(torch.from_numpy(weights["V"]))
        read.bias.copy_(torch.from_numpy(weights["v"]))
    return net, read


class Numbers:
    """A JAX array with the methods that cells use of a tensor."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getattr__(self, name: str) -> Callable[..., Numbers]:
        import jax.numpy as jnp

        known = {
            "clamp": lambda x, min=None, max=None: jnp.clip(x, min, max),
            "sigmoid": lambda x: 1 / (1 + jnp.exp(-x)),
            "relu": lambda x: jnp.maximum(x, 0),
            "new_ones": lambda x, *shape: jnp.ones(shape),
        }
        found = known.get(name) or getattr(jnp, name)
        return lambda *given, **named: Numbers(found(self.value, *given, **named))

    def element_size(self) -> int:
        """Return the bytes of one number."""
        return int(self.value.dtype.itemsize)

    def __neg__(self) -> Numbers:
        return Numbers(-self.value)


def _both(how: Callable[[Any, Any], Any], turned: bool) -> Callable[[Numbers, Any], Numbers]:
    def found(self: Numbers, other: Any) -> Numbers:
        pair = self.value, getattr(other, "value", other)
        return Numbers(how(*(pair[::-1] if turned else pair)))

    return found


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Numbers, f"__{_name}__", _both(getattr(operator, _name), turned=False))
    setattr(Numbers, f"__r{_name}__", _both(getattr(operator, _name), turned=True))


def jax_update(cell: Cell, over: str, rate: float, clip: float) -> Callable[[Any, Any, Any], Any]:
    """Return the jitted update of B models: weights, inputs (B, T, N, D), targets (B, N) to weights."""
    import jax
    import jax.numpy as jnp

    fixed = set(cell.options)

    def step(weights, state, drive):  # noqa: ANN001, ANN202
        kicks = {g: state[0] @ weights["U"][i].T for i, g in enumerate(cell.recurrent_gates)}
        if cell.recurrent_bias:
            kicks = {g: kick + weights["c"][i] for i, (g, kick) in enumerate(kicks.items())}
        own = {name: Numbers(weights[name]) for name in (*cell.extras, *cell.options)}
        found = cell.update(
            {part: Numbers(value) for part, value in zip(cell.parts, state, strict=True)},
            {gate: Numbers(kick) for gate, kick in kicks.items()},
            {gate: Numbers(drive[:, i]) for i, gate in enumerate(cell.gates)},
            own,
        )
        return tuple(found[part].value for part in cell.parts), None

    def loss(trained, held, x, y):  # noqa: ANN001, ANN202
        weights = trained | held
        drives = jnp.einsum("ghd,tnd->tngh", weights["W"], x) + weights["b"]
        start = tuple(jnp.zeros((x.shape[1], weights["W"].shape[1])) for _ in cell.parts)
        state, _ = jax.lax.scan(lambda s, a: step(weights, s, a), start, drives)
        values = jax.nn.log_softmax(state[0] @ weights["V"].T + weights["v"])
        return -jnp.take_along_axis(values, y[:, None], axis=1).mean()

    def one(weights, x, y):  # noqa: ANN001, ANN202
        held = {name: value for name, value in weights.items() if name in fixed}
        trained = {name: value for name, value in weights.items() if name not in fixed}
        slope = jax.grad(loss)(trained, held, x, y)
        norm = jnp.sqrt(sum(jnp.sum(value**2) for value in slope.values()))
        factor = rate * jnp.minimum(1, clip / (norm + 1e-6))
        return held | {name: value - factor * slope[name] for name, value in trained.items()}

    mapped = jax.vmap(one) if over == "vmap" else lambda w, x, y: jax.lax.map(lambda item: one(*item), (w, x, y))
    return jax.jit(mapped)
