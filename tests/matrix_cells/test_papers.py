"""Outputs and gradients against the papers' equations written another way: attention form, stabilised form, chunks.

Both routes are the same real numbers with roundings of their own, over eleven steps.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from tests.cases import normal
from tests.matrix_cells.networks import HEADS, MODELS, SEQUENCES, STEPS, VALUES, network
from whylstm.gradients import matrix

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
Drives = dict[str, Tensor]
Extras = dict[str, Tensor]


def decayed(log_kept: Tensor) -> Tensor:
    """Return Π_{s<j≤t} of what is kept, (..., T, T, K) by t and s, zero where s > t; log_kept is (..., T, K)."""
    total = log_kept.cumsum(-2)
    pair = total[..., :, None, :] - total[..., None, :, :]
    return pair.exp() * torch.ones(STEPS, STEPS).tril()[..., None]


def attended(q: Tensor, k: Tensor, v: Tensor, log_kept: Tensor) -> Tensor:
    """Return Σ_s (Σ_k q_tk Π kept_k k_sk) v_s, the attention form of a diagonal recurrence."""
    return torch.einsum("...tk,...tsk,...sk,...sv->...tv", q, decayed(log_kept), k, v)


def gla(a: Drives, w: Extras) -> Tensor:
    return attended(a["q"] / a["q"].shape[-1] ** 0.5, a["k"], a["v"], torch.nn.functional.logsigmoid(a["f"]) / 16)


def mamba2(a: Drives, w: Extras) -> Tensor:
    pace = torch.nn.functional.softplus(w["pace"] - a["f"])
    return attended(a["q"], pace * a["k"], a["v"], (-pace * w["rate"].exp()).expand_as(a["k"]))


def mlstm(a: Drives, w: Extras) -> Tensor:
    """The stabilised form: S e^-m and n e^-m with m' = max(log f + m, ĩ)."""
    k = a["k"] / a["k"].shape[-1] ** 0.5
    state, norm = 0.0, 0.0
    m = torch.full_like(a["i"][..., 0, :], -torch.inf)
    outputs = []
    for t in range(STEPS):
        log_f, log_i = torch.nn.functional.logsigmoid(a["f"][..., t, :]), a["i"][..., t, :]
        new = torch.maximum(log_f + m, log_i)
        f, i = (log_f + m - new).exp(), (log_i - new).exp()
        state = f[..., None] * state + i[..., None] * k[..., t, :, None] * a["v"][..., t, None, :]
        norm, m = f * norm + i * k[..., t, :], new
        asked = (norm * a["q"][..., t, :]).sum(-1, keepdim=True).abs()
        read = torch.einsum("...kv,...k->...v", state, a["q"][..., t, :]) / torch.maximum(asked, (-m).exp())
        outputs.append(torch.sigmoid(a["o"][..., t, :]) * read)
    return torch.stack(outputs, -2)


def chunked(k: Tensor, v: Tensor, q: Tensor, beta: Tensor) -> Tensor:
    """The delta rule for the whole sequence at once: pseudo-values from one triangular system (Yang et al. 2024).

    What is really written under k_t is u_t = β_t (v_t - Σ_{s<t} (k_tᵀk_s) u_s), so (I + tril(β K Kᵀ, -1)) U = β V.
    """
    overlap = torch.tril(beta * (k @ k.mT), -1)
    written = torch.linalg.solve_triangular(torch.eye(STEPS) + overlap, beta * v, upper=False, unitriangular=True)
    return torch.tril(q @ k.mT) @ written


def deltanet(a: Drives, w: Extras) -> Tensor:
    k, q = normalize(a["k"], dim=-1), normalize(a["q"], dim=-1)
    return chunked(k, a["v"], q, torch.sigmoid(a["b"]))


def deltanet_signed(a: Drives, w: Extras) -> Tensor:
    k, q = normalize(a["k"], dim=-1), normalize(a["q"], dim=-1)
    return chunked(k, a["v"], q, 2 * torch.sigmoid(a["b"]))


def gated_deltanet(a: Drives, w: Extras) -> Tensor:
    """The same triangular system, with every pair of steps decayed by what lies between them."""
    k, q, beta = normalize(a["k"], dim=-1), normalize(a["q"], dim=-1), torch.sigmoid(a["b"])
    kept = -torch.nn.functional.softplus(w["pace"] - a["f"]) * w["rate"].exp()
    between = decayed(kept)[..., 0]
    overlap = torch.tril(beta * (k @ k.mT) * between, -1)
    written = torch.linalg.solve(torch.eye(STEPS) + overlap, beta * a["v"])
    return ((q @ k.mT) * between) @ written


def rwkv7(a: Drives, w: Extras) -> Tensor:
    """As the published code has it: the state is (V, K) and is multiplied from the right."""
    erased = normalize(a["k"] * w["scale"], dim=-1)
    rate, decay = torch.sigmoid(a["g"]), torch.exp(-0.6065306597126334 * torch.sigmoid(-a["f"]))
    k = a["k"] + a["k"] * (rate - 1) * w["bend"]
    state, outputs = torch.zeros(*k.shape[:-2], VALUES, k.shape[-1]), []
    for t in range(STEPS):
        old = state @ erased[..., t, :, None]
        state = state * decay[..., t, None, :] - old * (erased * rate)[..., t, None, :]
        state = state + a["v"][..., t, :, None] * k[..., t, None, :]
        outputs.append((state @ a["q"][..., t, :, None])[..., 0])
    return torch.stack(outputs, -2)


ELSEWHERE = {
    "gla": gla, "mamba2": mamba2, "mlstm": mlstm, "deltanet": deltanet, "deltanet_signed": deltanet_signed,
    "gated_deltanet": gated_deltanet, "rwkv7": rwkv7,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
@pytest.mark.parametrize("saturation", [0.1, 1.0, 2.0])
def test_outputs_and_gradients_are_those_of_the_papers_equations(name, saturation):
    cell, weights, inputs = network(name, saturation)
    counts = normal("loss", (MODELS, SEQUENCES, HEADS, STEPS, VALUES), seed=4)
    found = []
    for ours in (True, False):
        leaves = {key: value.clone().requires_grad_() for key, value in weights.items()}
        given = inputs.clone().requires_grad_()
        if ours:
            outputs = matrix.run(cell, leaves, given).transpose(2, 3)
        else:
            a = {
                drive: torch.einsum("bmsd,bntd->bnmts", leaves[f"W.{drive}"], given)
                + leaves[f"b.{drive}"][:, None, :, None]
                for drive in cell.drives
            }
            outputs = ELSEWHERE[name](a, {extra: leaves[extra][:, None, :, None] for extra in cell.extras})
        (outputs * counts).sum().backward()
        found.append((outputs, given.grad, {key: leaf.grad for key, leaf in leaves.items()}))
    (ours, input_gradient, gradients), (theirs, their_input_gradient, their_gradients) = found
    torch.testing.assert_close(ours, theirs, **CLOSE)
    torch.testing.assert_close(input_gradient, their_input_gradient, **CLOSE)
    for key, gradient in gradients.items():
        assert gradient.any(), key
        torch.testing.assert_close(gradient, their_gradients[key], **CLOSE)


def test_the_jacobian_of_a_stabilised_mlstm_is_another_one():
    """Π f e^(m_{t-k} - m_t): the trap, by its size, where the input gates grow."""
    log_f, log_i = torch.full((5,), -0.1), torch.arange(5.0)
    m = [log_i[0]]
    for f, i in zip(log_f[1:], log_i[1:], strict=True):
        m.append(torch.maximum(f + m[-1], i))
    stored = sum(log_f[1:]) + m[0] - m[-1]
    assert float(sum(log_f[1:])) == pytest.approx(-0.4) and float(stored) == pytest.approx(-4.4)
