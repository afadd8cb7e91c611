import dataclasses
import itertools
import subprocess
import sys
import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tests.study.cases import config
from whylstm import cells, initialisations
from whylstm.errors import StudyError
from whylstm.study.config import assemble, load
from whylstm.study.design import Point, design
from whylstm.study.schema import ROOT

GRID = {
    "cell": ["lstm", "tanh"],
    "gain": [0.5, 1.0],
    "forget_bias": [0.0, 1.0],
    "hidden": [8, 16],
    "length": [50],
    "lags": 20,
}


def points(simulation=None, **grid):
    """Return the design of one grid."""
    raw = config(**{**GRID, **grid})
    raw["simulation"] |= simulation or {}
    return design(assemble(raw, None, {}))


def ids(*arguments, **grid):
    return {point.id for point in points(*arguments, **grid)}


def test_the_crossing_is_complete_and_unread_axes_fall_away():
    found = points()
    lstm = {(p.gain, p.forget_bias, p.hidden) for p in found if p.cell == "lstm"}
    tanh = {(p.gain, p.forget_bias, p.hidden) for p in found if p.cell == "tanh"}
    assert lstm == {(gain, bias, hidden) for gain in (0.5, 1.0) for bias in (0.0, 1.0) for hidden in (8, 16)}
    assert tanh == {(gain, None, hidden) for gain in (0.5, 1.0) for hidden in (8, 16)}
    assert len(found) == len(lstm) + len(tanh)


def test_an_initialisation_without_a_gain_has_one_point_for_all_gains():
    found = points(initialisation=["torch_default"], cell=["lstm"], hidden=[8])
    assert [(p.gain, p.forget_bias, p.input_scale) for p in found] == [(None, None, None)]


@pytest.mark.parametrize("name", initialisations.names())
def test_points_hold_exactly_what_the_initialisation_reads(name):
    part, lstm = initialisations.load(name), cells.load("lstm")
    (point,) = points(initialisation=[name], cell=["lstm"], gain=[1], forget_bias=[1], hidden=[8], t_max=[9])
    held = {field for field in ("gain", "forget_bias", "input_scale", "t_max") if getattr(point, field) is not None}
    assert held == set(part.reads_for(lstm))


def test_points_are_sorted_by_id_and_ids_are_unique():
    names = [point.id for point in points()]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    "more",
    [
        {"gain": [2.0, 0.5, 1.0]},
        {"forget_bias": [1.0, -3.0, 0.0]},
        {"cell": ["gru", "tanh", "lstm", "leaky"]},
        {"hidden": [32, 16, 8]},
        {"length": [50, 60]},
        {"task": ["zeros", "noise"]},
        {"initialisation": ["orthogonal", "gaussian"]},
        {"input_scale": [0.1, 1.0]},
    ],
)
def test_more_values_change_no_other_points_id(more):
    assert ids() < ids(**more)


def test_order_integers_for_numbers_replicates_and_seed_change_no_id():
    assert ids(**{name: value[::-1] if isinstance(value, list) else value for name, value in GRID.items()}) == ids()
    assert ids(gain=[0.5, 1], forget_bias=[-0.0, 1]) == ids()
    assert ids({"replicates": 99}) == ids()


def test_splitting_a_grid_in_two_changes_no_id():
    raw = config(**{**GRID, "cell": ["lstm"]})
    raw["simulation"]["grids"]["two"] = {**GRID, "cell": ["tanh"]}
    assert {point.id for point in design(assemble(raw, None, {}))} == ids()


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Point)])
def test_every_field_is_content(field):
    point = Point("leaky", "gaussian", 1.0, None, 1.0, 8, 50, "noise", 20, 5, 8, (("alpha", 0.1),))
    other = {"cell": "tanh", "initialisation": "chrono", "task": "zeros", "options": (("alpha", 0.2),)}
    changed = dataclasses.replace(point, **{field: other.get(field, 3)})
    assert changed.digest != point.digest


def test_ids_are_pinned_because_files_are_named_by_them():
    # A change here orphans every record that was ever written: it must be meant.
    point = Point("lstm", "gaussian", 1.0, 0.0, 1.0, 64, 300, "noise", 200, 5, 8)
    assert point.id == "lstm-h64-7a29fc1019"


def test_options_of_a_cell_are_an_axis_that_other_cells_do_not_read():
    found = points(cell=["leaky", "tanh"], options={"alpha": [0.1, 0.5]}, gain=[1.0], hidden=[8])
    assert sorted(point.options for point in found) == [(), (("alpha", 0.1),), (("alpha", 0.5),)]


def test_an_option_left_out_has_the_cells_own_value():
    (point,) = points(cell=["leaky"], gain=[1.0], hidden=[8])
    assert dict(point.options) == dict(cells.load("leaky").options)


def test_the_same_point_in_two_grids_is_an_error_that_names_both_and_the_point():
    raw = config(**GRID)
    raw["simulation"]["grids"]["two"] = {**GRID, "gain": [1, 4]}
    with pytest.raises(StudyError) as caught:
        design(assemble(raw, None, {}))
    assert "simulation.grids.one and simulation.grids.two both hold the point (lstm, gaussian, gain 1" in str(
        caught.value
    )


def test_points_that_meet_because_an_axis_is_not_read_are_the_same_point():
    raw = config(cell=["tanh"], forget_bias=[1.0])
    raw["simulation"]["grids"]["two"] = {"cell": ["tanh"], "forget_bias": [2.0]}
    with pytest.raises(StudyError, match="both hold the point"):
        design(assemble(raw, None, {}))


def test_an_initialisation_that_does_not_suit_a_cell_is_named_with_its_grid():
    with pytest.raises(StudyError, match=r"^simulation\.grids\.one\.initialisation: 'chrono' sets a carry gate"):
        points(initialisation=["chrono"], t_max=[10])
    with pytest.raises(StudyError, match=r"^simulation\.grids\.one\.t_max is missing: initialisation chrono reads it"):
        points(initialisation=["chrono"], cell=["lstm"])


def test_a_grid_too_large_to_lay_out_is_refused_before_it_is_laid_out():
    with pytest.raises(StudyError, match=r"simulation\.grids\.one crosses to 4000000 points: at most 1000000"):
        points(gain=list(range(2000)), forget_bias=list(range(1000)), cell=["lstm"])


@given(lags=st.integers(1, 60), room=st.integers(0, 60), windows=st.integers(1, 61))
def test_windows_end_at_different_steps_evenly_spread_from_lags_to_length(lags, room, windows):
    if windows > room + 1:
        return
    point = Point("tanh", "gaussian", 1.0, None, 1.0, 8, lags + room, "noise", lags, windows, 8)
    ends = point.ends
    assert len(set(ends)) == windows
    assert ends[-1] == point.length
    if windows > 1:
        assert ends[0] == lags
        steps = [after - before for before, after in itertools.pairwise(ends)]
        assert max(steps) - min(steps) <= 1


def test_a_row_holds_every_field_as_a_plain_value():
    row = points(cell=["leaky"], options={"alpha": [0.25]}, gain=[1.0], hidden=[8])[0].row()
    assert set(row) == {field.name for field in dataclasses.fields(Point)}
    assert row["options"] == "alpha=0.25"
    assert all(value is None or isinstance(value, str | int | float) for value in row.values())


def test_two_thousand_points_are_laid_out_in_a_second():
    raw = config(gain=[n / 100 for n in range(100)], forget_bias=list(range(7)), hidden=[8, 16, 32])
    full = assemble(raw, None, {})
    start = time.process_time()
    found = design(full)
    assert len(found) == 2100
    assert time.process_time() - start < 1  # 0.1 s where it was measured


def test_planning_imports_no_array_library():
    modules = "config, design, chunks, plan, cost, machine"
    heavy = "sorted({'numpy', 'torch', 'pandas'} & {*sys.modules})"
    code = f"import sys; from whylstm.study import {modules}; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "src")
    assert done.stdout.strip() == "[]"


def test_the_designs_own_label_tells_points_apart():
    found = design(load(tier="smoke"))
    assert len({point.label for point in found}) == len(found)
