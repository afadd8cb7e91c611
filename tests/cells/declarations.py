"""What a cell declares about itself, measured: names, gates, bounds, extras. A law takes a cell's name and asserts."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tests.cases import Case, normal
from whylstm import cells, streams
from whylstm.cells.base import Cell
from whylstm.gradients.factors import differentiated

LETTERS = {"U", "W", "b", "c"}
"""The names of the weights that every cell has."""


def names_are_in_order(name: str) -> None:
    cell = cells.load(name)
    assert cell.name == name
    assert cell.parts[0] == "h" and len(set(cell.parts)) == len(cell.parts)
    assert cell.gates and len(set(cell.gates)) == len(cell.gates)
    assert [gate for gate in cell.gates if gate in cell.recurrent_gates] == list(cell.recurrent_gates)
    assert {cell.carry_gate, cell.input_gate} - {None} <= set(cell.gates)
    assert not LETTERS & {*cell.extras, *cell.options} and not set(cell.extras) & set(cell.options)
    assert cell.source


def a_cell_without_recurrent_matrices_is_diagonal(name: str) -> None:
    case = Case(name, 4, 1.0, 0)
    assert case.cell.diagonal == (case.weights["U"].numel() == 0) == (not case.factors.mix)


def the_two_drives_differ_only_where_it_is_said(name: str) -> None:
    """Only where r and a are treated differently can a bias of r's own matter: the GRU's candidate."""
    case = Case(name, 4, 1.0, 0)
    s, r, a, w = case.arguments
    moved = case.cell.update(s, {k: v + 0.5 for k, v in r.items()}, {k: v - 0.5 * (k in r) for k, v in a.items()}, w)
    # x + 0.5 and y - 0.5 add up to x + y to an ulp of each.
    same = all(
        torch.allclose(value, moved[part], rtol=1e-13, atol=1e-13) for part, value in case.trajectory.after.items()
    )
    assert same != case.cell.recurrent_bias


def a_larger_carry_bias_keeps_more(name: str) -> None:
    """... of the memory, in every unit; no other gate does that; and without a carry gate nothing changes the carry."""
    case = Case(name, 16, 1.0, 0)
    kept = {gate: [_kept(case, gate, bias) for bias in (-2.0, 0.0, 2.0)] for gate in case.cell.gates}
    for gate, (less, same, more) in kept.items():
        if gate == case.cell.carry_gate:
            assert (less < same).all() and (same < more).all()
        elif case.cell.carry_gate is None:
            assert torch.equal(less, same) and torch.equal(same, more)
        else:
            assert torch.equal(less, more) or not (less <= more).all()


def _kept(case: Case, gate: str, bias: float) -> Tensor:
    """Return ∂m'/∂m of the memory m, the last part, with a bias added to one gate; states of at most one in size."""
    s, r, a, w = case.arguments
    small = {part: value.clamp(-1, 1) for part, value in s.items()}
    memory = case.cell.parts[-1]
    return differentiated(case.cell, small, r, {**a, gate: a[gate] + bias}, w).carry[memory, memory]


def a_shut_input_gate_lets_nothing_in(name: str) -> None:
    """With it at -60 the memory is blind to what the other gates are driven by; at 0 it is not."""
    case = Case(name, 16, 1.0, 0)
    if case.cell.input_gate is None:
        return
    shut, open_ = (_news(case, bias) for bias in (-60.0, 0.0))
    # σ and exp of -60 plus a drive of order one: below 1e-20.
    assert shut < 1e-15 and open_ > 1e-3


def _news(case: Case, bias: float) -> float:
    """Return how much other drives change the memory: the part C behind an output, else h."""
    s, r, a, w = case.arguments
    cell, s = case.cell, {part: value + 1 for part, value in s.items()}
    a = {**a, cell.input_gate: a[cell.input_gate] + bias}
    others = [gate for gate in cell.gates if gate not in (cell.input_gate, cell.carry_gate)]
    changed = {gate: a[gate] + normal(gate, tuple(a[gate].shape), seed=1) for gate in others}
    memory = cell.parts[min(1, len(cell.parts) - 1)]
    return float((cell.update(s, r, a, w)[memory] - cell.update(s, r, {**a, **changed}, w)[memory]).abs().max())


def exposure_leads_from_the_memory_to_the_output(name: str) -> None:
    """Whatever changes C' by a little changes h' by the exposure times that."""
    case = Case(name, 4, 1.0, 0)
    exposure = case.cell.exposure(*case.arguments)
    if exposure is None:
        return
    h, c = case.cell.parts
    blocks = differentiated(case.cell, *case.arguments)
    # Equal up to a few roundings of numbers of order one.
    torch.testing.assert_close(blocks.carry[h, c], exposure * blocks.carry[c, c], rtol=1e-12, atol=1e-14)
    for gate in case.cell.recurrent_gates:
        if blocks.mix[c, gate].any():
            torch.testing.assert_close(blocks.mix[h, gate], exposure * blocks.mix[c, gate], rtol=1e-12, atol=1e-14)


def extras_start_where_they_should(name: str) -> None:
    cell = cells.load(name)
    first, again = (cell.initial_extras(5, Uniform(0)) for _ in range(2))
    assert set(first) == set(cell.extras)
    for extra, values in first.items():
        assert values.shape == (5,) and values.dtype == "float64" and all(map(math.isfinite, values))
        assert (values == again[extra]).all()


class Uniform:
    """What ``initial_extras`` draws from: a stream for each name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, name: str, shape: tuple[int, ...]):
        return streams.stream(self.seed, "tests", name=name).random(shape)


def bounds_hold_and_are_not_idle(name: str) -> None:
    """No coefficient passes its bound, and each finite bound is reached to a tenth, by drives of every size."""
    cell = cells.load(name)
    s, r, a, w, sizes = wild(cell)
    promised = cell.bounds(_largest(s), _largest(r), sizes)
    if promised is None:
        return
    measured = differentiated(cell, s, r, a, w)
    for bounds, blocks in ((promised.carry, measured.carry), (promised.mix, measured.mix)):
        for block, value in blocks.items():
            largest, bound = float(value.abs().max()), bounds.get(block, 0.0)
            assert largest <= bound * (1 + 1e-12), (block, largest, bound)  # some roundings
            assert math.isinf(bound) or largest >= bound / 10, (block, largest, bound)


def states_stay_where_they_are_said_to(name: str) -> None:
    cell = cells.load(name)
    s, r, a, w, sizes = wild(cell)
    new = cell.update(s, r, a, w)
    for part, bound in cell.state_bounds(sizes).items():
        largest = float(new[part].abs().max())
        assert largest <= bound * (1 + 1e-12), part  # some roundings
        assert math.isinf(bound) or largest >= bound / 2, part
    assert set(cell.state_bounds(sizes)) == set(cell.parts)


def wild(cell: Cell, units: int = 4000, steps: int = 24) -> tuple[dict, dict, dict, dict, dict[str, float]]:
    """Return (s, r, a, w) over a run from the zero state with drives up to ±20, and the sizes of options and extras.

    With weights and inputs free, any drives can occur, so they are drawn directly. Half of the units get the same ones
    at every step, which takes states to their limits; the others new ones.
    """
    shape = (steps, 1, 1, units)
    size = torch.tensor([1.0, 5.0, 20.0]).repeat(units)[:units]

    def drives(kind: str, gates: tuple[str, ...]) -> dict[str, Tensor]:
        drawn = {gate: size * normal(kind + gate, shape, 0).erf() for gate in gates}
        still = torch.arange(units) % 2 == 0
        return {gate: torch.where(still, value[:1], value) for gate, value in drawn.items()}

    r, a = drives("r", cell.recurrent_gates), drives("a", cell.gates)
    w = {name: value + 0.3 * normal(name, (1, 1, units), 0) for name, value in cell.extras.items()}
    w |= {name: torch.full((1, 1, 1), value) for name, value in cell.options.items()}
    states = [{part: torch.zeros(1, 1, units) for part in cell.parts}]
    for step in range(steps):
        one = ({gate: value[step] for gate, value in drive.items()} for drive in (r, a))
        states.append(cell.update(states[-1], *one, w))
    s = {part: torch.stack([state[part] for state in states[:-1]]) for part in cell.parts}
    return s, r, a, w, dict(cell.options) | _largest({name: w[name] for name in cell.extras})


def _largest(tensors: dict[str, Tensor]) -> dict[str, float]:
    return {name: float(value.abs().max()) for name, value in tensors.items()}


DECLARATIONS = (
    names_are_in_order,
    a_cell_without_recurrent_matrices_is_diagonal,
    the_two_drives_differ_only_where_it_is_said,
    a_larger_carry_bias_keeps_more,
    a_shut_input_gate_lets_nothing_in,
    exposure_leads_from_the_memory_to_the_output,
    extras_start_where_they_should,
    bounds_hold_and_are_not_idle,
    states_stay_where_they_are_said_to,
)
