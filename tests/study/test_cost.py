import dataclasses

import pytest

from whylstm import cells
from whylstm.study import cost
from whylstm.study.design import Point

POINT = Point("lstm", "gaussian", 1.0, 0.0, 1.0, 64, 300, "noise", 200, 5, 8)


def with_(**fields):
    return dataclasses.replace(POINT, **fields)


def test_operations_follow_the_formula():
    # S = 2H: 11 products of 2 S² H, and two H × H products of the article's, at each of 200 lags and 5 windows
    assert cost.operations(POINT) == (11 * 2 * 128**2 * 64 + 2 * 2 * 64**3) * 200 * 5
    # no path leads around the matrices of a tanh network: the total, one hop count and the rest
    assert cost.operations(with_(cell="tanh")) == 3 * 2 * 64**3 * 200 * 5


def test_operations_grow_as_the_cube_of_the_width():
    assert cost.operations(with_(hidden=128)) == 8 * cost.operations(POINT)


@pytest.mark.parametrize("field", ["hidden", "lags", "windows", "hops", "length"])
@pytest.mark.parametrize("measure", [cost.seconds, cost.memory, cost.disk])
def test_nothing_gets_cheaper_when_a_size_grows(field, measure):
    larger = with_(**{field: 2 * getattr(POINT, field)})
    assert measure(larger, 3) >= measure(POINT, 3)


def test_replicates_cost_alike_and_memory_holds_one_model_at_a_time():
    first = cost.seconds(POINT, 2) - cost.seconds(POINT, 1)
    assert cost.seconds(POINT, 5) - cost.seconds(POINT, 4) == pytest.approx(first)
    more = cost.memory(POINT, 100) - cost.memory(POINT, 1)
    assert more == 3 * (cost.disk(POINT, 100) - cost.disk(POINT, 1))  # rows only


@pytest.mark.parametrize("cell", cells.names())
def test_every_cell_has_a_price(cell):
    assert cost.seconds(with_(cell=cell), 1) > 0
    assert cost.memory(with_(cell=cell), 1) > cost.BYTES_IMPORTED
