"""One-step Jacobians as diagonals and matrices: the dense form, and diagonals by differentiation."""

from __future__ import annotations

import pytest
import torch
from torch.func import jacrev

from tests.cases import Case, normal
from whylstm import cells
from whylstm.gradients.factors import Factors, differentiated, factors
from whylstm.gradients.trajectory import run


@pytest.mark.parametrize("name", cells.names())
def test_dense_form_is_the_jacobian_of_one_step(name):
    """K + R against reverse-mode differentiation of s ↦ update(s, U h + c, a), which knows nothing of diagonals."""
    case = Case(name, 3, 1.0, 0)
    cell, step, model = case.cell, 4, 1
    a = {gate: drive[step, model, 0] for gate, drive in case.trajectory.inputs.items()}
    own = {k: v[model, 0] for k, v in case.trajectory.own.items()}

    def one_step(flat):
        s = dict(zip(cell.parts, flat.reshape(len(cell.parts), -1), strict=True))
        bias = case.weights["c"][model] if cell.recurrent_bias else torch.zeros(len(cell.recurrent_gates), 3)
        r = {gate: case.weights["U"][model, i] @ s["h"] + bias[i] for i, gate in enumerate(cell.recurrent_gates)}
        new = cell.update(s, r, a, own)
        return torch.cat([new[part] for part in cell.parts])

    s = torch.cat([case.trajectory.before[part][step, model, 0] for part in cell.parts])
    dense = case.factors.dense_carry(step)[model] + case.factors.dense_recurrent(step)[model]
    # Both sides are a handful of roundings of numbers of order one to ten.
    torch.testing.assert_close(dense, jacrev(one_step)(s), rtol=1e-11, atol=1e-13)


def test_sequences_are_told_apart():
    case = Case("lstm", 3, 1.0, 0)
    inputs = normal("inputs", (2, 3, 5, 2), 0)
    path = run(case.cell, case.weights, inputs)
    for sequence in range(3):
        alone = run(case.cell, case.weights, inputs[:, sequence : sequence + 1])
        mine = factors(case.cell, case.weights, path, sequence)
        # The same sums over inputs and states, in another order.
        for block, value in factors(case.cell, case.weights, alone).mix.items():
            torch.testing.assert_close(mine.mix[block], value, rtol=1e-12, atol=1e-13)


def test_blocks_that_are_left_out_are_zero():
    mix = {("h", "g"): torch.full((2, 1, 3), 2.0)}
    steps = Factors(("h", "c"), ("g",), {("c", "c"): torch.full((2, 1, 3), 0.5)}, mix, torch.eye(3).reshape(1, 1, 3, 3))
    zero, eye = torch.zeros(3, 3), torch.eye(3)
    assert (steps.steps, steps.hidden) == (2, 3)
    assert torch.equal(steps.dense_carry(0)[0], torch.cat([torch.cat([zero, zero], 1), torch.cat([zero, eye / 2], 1)]))
    assert torch.equal(steps.dense_recurrent(1)[0], torch.cat([torch.cat([2 * eye, zero], 1), torch.zeros(3, 6)]))
    assert not steps.diagonal("h", "c").any() and (steps.diagonal("c", "c") == 0.5).all()


@pytest.mark.parametrize("name", ["lru", "minlstm"])
def test_a_cell_without_recurrent_matrices_has_no_recurrent_part(name):
    case = Case(name, 3, 1.0, 0)
    assert case.factors.gates == () and not case.factors.dense_recurrent(0).any()


def test_differentiation_gives_every_block():
    case = Case("slstm", 2, 1.0, 0)
    blocks, parts, gates = differentiated(case.cell, *case.arguments), case.cell.parts, case.cell.gates
    assert set(blocks.carry) == {(new, old) for new in parts for old in parts}
    assert set(blocks.mix) == set(blocks.drive) == {(new, gate) for new in parts for gate in gates}
    assert not blocks.carry["h", "h"].any() and blocks.carry["h", "n"].any()
