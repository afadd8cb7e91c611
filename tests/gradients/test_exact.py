"""The slow reference, held against what can be worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from tests.cases import Case, alone, normal
from whylstm import cells
from whylstm.gradients import exact
from whylstm.gradients.factors import Factors


def lone_unit(f: float, d: float, a: float, o: float, steps: int = 6) -> Factors:
    """Return an LSTM-like unit with constant coefficients: J = [[d a + o, d f], [a, f]]."""
    ones = torch.ones(steps, 1, 1)
    carry = {("c", "c"): f * ones, ("h", "c"): d * f * ones}
    return Factors(
        ("h", "c"), ("u",), carry, {("h", "u"): (d * a + o) * ones, ("c", "u"): a * ones}, torch.ones(1, 1, 1, 1)
    )


def test_no_lag_is_the_identity():
    assert torch.equal(exact.lag_jacobian(lone_unit(0.5, 1.0, 0.25, 0.125), 4, 0)[0], torch.eye(2))
    assert list(exact.hop_terms(lone_unit(0.5, 1.0, 0.25, 0.125), 4, 0)) == [0]


def test_a_product_takes_exactly_k_factors_latest_first():
    """Steps that are told apart: J_t = t on one unit, so G_{t,k} = t (t-1) ... (t-k+1)."""
    times = torch.arange(1.0, 8.0).reshape(7, 1, 1)
    steps = Factors(("h",), ("h",), {}, {("h", "h"): times}, torch.ones(1, 1, 1, 1))
    assert exact.lag_jacobian(steps, 7, 3).item() == 7 * 6 * 5
    assert exact.lag_jacobian(steps, 4, 4).item() == 4 * 3 * 2 * 1


def test_order_is_latest_first():
    """Matrices that do not commute: G = J_2 J_1, not J_1 J_2."""
    matrix, diagonal = normal("U", (3, 3), 0), normal("d", (2, 1, 3), 0)
    steps = Factors(("h",), ("h",), {}, {("h", "h"): diagonal}, matrix.reshape(1, 1, 3, 3))
    expected = torch.diag(diagonal[1, 0]) @ matrix @ torch.diag(diagonal[0, 0]) @ matrix
    # Three products of 3 x 3 matrices of order one, in another order.
    torch.testing.assert_close(exact.lag_jacobian(steps, 2, 2)[0], expected, rtol=1e-13, atol=1e-14)


def test_hops_of_two_steps_by_hand():
    """J = K + R with K = [[0, d f], [0, f]], R = [[d a + o, 0], [a, 0]]: K², KR + RK, R²; powers of two, so exact."""
    f, d, a, o = 0.5, 0.25, 2.0, 0.125
    e = d * a + o
    terms = exact.hop_terms(lone_unit(f, d, a, o), 5, 2)
    assert torch.equal(terms[0][0], torch.tensor([[0, d * f * f], [0, f * f]]))
    assert torch.equal(terms[1][0], torch.tensor([[d * f * a, e * d * f], [f * a, a * d * f]]))
    assert torch.equal(terms[2][0], torch.tensor([[e * e, 0], [a * e, 0]]))


def test_the_number_of_paths_is_the_binomial_coefficient():
    """With K = R = I on one unit every path counts one."""
    steps = Factors(
        ("h",), ("h",), {("h", "h"): torch.ones(9, 1, 1)}, {("h", "h"): torch.ones(9, 1, 1)}, torch.ones(1, 1, 1, 1)
    )
    terms = exact.hop_terms(steps, 9, 6)
    assert [int(terms[r].item()) for r in range(7)] == [math.comb(6, r) for r in range(7)]


@pytest.mark.parametrize("end", [3, 7])
def test_autograd_of_a_linear_network_is_a_power_of_its_matrix(end):
    """From the zero state at the start of the sequence as well as from within it."""
    case = Case("linear", 4, 1.0, 0)
    weights, inputs = alone(case, 0)
    found = exact.autograd_jacobian(cells.load("linear"), weights, inputs, end, 3)
    torch.testing.assert_close(found, torch.linalg.matrix_power(weights["U"][0, 0], 3), rtol=1e-13, atol=1e-13)
