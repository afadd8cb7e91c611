"""The numbers of the text are those of the tables, keep their intervals, and are there only where the grid has them."""

import math

import pytest

from tests.article import fabricated, sections
from whylstm import families
from whylstm.article import values
from whylstm.article.numbers import _pick
from whylstm.errors import StudyError
from whylstm.records import write_table

SECTIONS = families.names(values.FAMILY)
FIELDS = {"value", "low", "high", "n", "unit", "text", "span", "table", "meaning"}


def made(section: str, tables=None) -> dict:
    return sections.made(section, tables or fabricated.tables())


@pytest.fixture(scope="module")
def built():
    return {key: values.plain(value) for key, value in sections.built(SECTIONS, fabricated.tables()).items()}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_reads_only_what_it_declares(section):
    tables = fabricated.tables()
    declared = families.load(values.FAMILY, section, "NUMBERS").reads
    assert made(section, {name: tables[name] for name in declared})


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_uses_keys_of_its_own(section):
    assert {key.split(".")[0] for key in made(section)} == {section}


def test_every_value_says_what_it_is(built):
    for key, value in built.items():
        assert set(value) == FIELDS, key
        assert value["text"].strip(), key
        assert len(value["meaning"]) > 10, key
        assert value["table"] in fabricated.tables(), key


def test_intervals_enclose_their_number_and_come_with_replicates(built):
    measured = {key: value for key, value in built.items() if value["span"]}
    assert len(measured) > 10
    for key, value in measured.items():
        assert value["low"] <= value["value"] <= value["high"], key
        assert value["n"] == 10 or (value["table"] == "prediction" and value["n"] > 10), key  # runs, or arms


def test_the_growth_of_the_main_setting_is_the_one_in_the_table(built):
    # Gain 1 and forget bias 1 are in the made-up grid, whose growth is ln(σ(1) + 1/4).
    assert built["lstm.growth_measured"]["value"] == pytest.approx(math.log(1 / (1 + math.exp(-1)) + 0.25), rel=1e-12)
    assert built["lstm.gain"]["value"] == 1.0
    assert built["lstm.bias"]["value"] == 1.0
    assert built["lstm.hidden"]["value"] == 32


def test_the_error_of_a_prediction_is_the_median_of_its_size(built):
    assert built["lstm.error_points"]["value"] == 9  # three gains by three biases, largest size
    assert built["lstm.error_coherent"]["value"] == 0.0
    # Made up as the coherent one minus 0.02, which is the truth minus 0.02; the rest is rounding.
    assert built["lstm.error_mean"]["value"] == pytest.approx(0.02, rel=1e-12)


def test_the_room_of_a_forget_bias_is_the_range_over_gains(built):
    # Made-up growth: ln(σ(0) + gain/4) is ln(5/8) = -0.47 at gain 1/2 and ln(3/2) = 0.41 at gain 4.
    assert built["lstm.range_low"]["text"] == "−0.47 to 0.41"
    assert built["lstm.crossing_low"]["text"] == "2.0"
    assert built["lstm.crossing_high"]["text"] == "below 0.5"


def test_what_the_forget_gates_keep_is_a_mean_over_units(built):
    # The made-up norm of their product at lag 100 is σ(b)^100; over 32 units, the root mean square is √32 times less.
    kept = -100 * math.log10(1 + math.exp(-4)) - math.log10(32) / 2
    assert built["lstm.carry_high"]["value"] == pytest.approx(kept, rel=1e-12)


def test_settings_are_counted_by_their_whole_interval(built):
    points = [row for row in fabricated.points().itertuples() if row.cell == "lstm"]
    grows = [row for row in points if fabricated.rate(row) - 0.001 > 0]
    assert built["lstm.points"]["value"] == len(points)
    assert built["lstm.exploding"]["value"] == len(grows) > 0
    assert built["problem.tanh_vanishing"]["value"] == 2
    assert built["problem.tanh_growing"]["value"] == 2


def test_the_fastest_growth_is_the_largest_of_the_grid(built):
    points = [row for row in fabricated.points().itertuples() if row.cell == "lstm"]
    largest = max(points, key=fabricated.rate)
    assert built["lstm.fastest"]["value"] == pytest.approx(fabricated.rate(largest), rel=1e-12)
    assert built["lstm.fastest_gain"]["value"] == largest.gain
    assert built["lstm.fastest_bias"]["value"] == largest.forget_bias


def test_a_norm_is_held_as_a_logarithm_and_shown_as_a_number(built):
    norm = built["problem.tanh_low_norm"]
    assert norm["unit"] == _pick.LOG10
    assert norm["value"] == pytest.approx(200 * math.log10(0.5), rel=1e-12)
    assert norm["text"] == "6.2 × 10⁻⁶¹"  # 2^-200 = 6.2e-61


def test_an_exact_zero_is_said_and_not_written_as_a_number():
    row = fabricated.interval(-math.inf, 0.0)
    value = values.plain(_pick.norm(row, "a norm that is zero", "reach"))
    assert (value["value"], value["text"], value["span"]) == (None, "exactly 0", "exactly 0")


@pytest.mark.parametrize("cell", ["lstm", "tanh"])
def test_a_grid_without_a_cell_leaves_its_numbers_out(cell):
    tables = fabricated.tables()
    kept = tables["points"][tables["points"]["cell"] != cell]
    fewer = {name: frame[frame["point"].isin(kept["point"])] for name, frame in tables.items() if "point" in frame}
    fewer = {**tables, **fewer}
    fewer["phase"] = tables["phase"][tables["phase"]["cell"] != cell]
    prefixes = {"lstm": ("lstm.", "defaults."), "tanh": ("problem.",)}[cell]
    found = [key for section in SECTIONS for key in made(section, fewer)]
    assert found
    assert not [key for key in found if key.startswith(prefixes)]


def test_one_gain_and_one_bias_are_enough():
    tables = fabricated.tables()
    points = tables["points"]
    kept = points[(points["gain"] == 4.0) & (points["forget_bias"] == 0.0)]
    fewer = {name: frame[frame["point"].isin(kept["point"])] for name, frame in tables.items() if "point" in frame}
    found = made("lstm", {**fewer, "phase": tables["phase"]})
    assert found["lstm.gain"].value == 4.0
    assert "lstm.bias_low" not in found


def test_building_reads_files_and_names_the_one_that_is_missing(tmp_path):
    results = fabricated.write(tmp_path / "results")
    (results / "tables" / "growth.parquet").unlink()
    with pytest.raises(StudyError, match=r"growth\.parquet"):
        values.build(results / "tables", results / "claims.json")
    with pytest.raises(StudyError, match=r"nothing\.json"):
        values.build(results / "tables", tmp_path / "nothing.json")


def test_the_tables_that_the_numbers_need_are_known_beforehand():
    declared = {name for section in SECTIONS for name in families.load(values.FAMILY, section, "NUMBERS").reads}
    assert values.tables() == sorted(declared)


def test_a_table_that_disagrees_with_the_dictionary_is_refused(tmp_path):
    with pytest.raises(StudyError, match="lacks columns"):
        write_table(tmp_path / "reach.parquet", fabricated.tables()["reach"].drop(columns="n"), "reach")
