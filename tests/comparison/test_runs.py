"""Whole folders: what is found, in which words, with which exit status."""

import json
import math

import pandas as pd
import pytest

from tests.comparison.runs import CHAOTIC, REGULAR, claims, moved, tables, values, write_json, write_run
from whylstm.__main__ import main
from whylstm.comparison import Outcome, compare
from whylstm.errors import StudyError


@pytest.fixture
def first(tmp_path):
    return write_run(tmp_path / "first")


def outcomes(report):
    return {part.name: part.outcome for part in report.parts}


def part(report, name):
    return next(found for found in report.parts if found.name == name)


def test_a_run_is_identical_to_itself_with_zeros_gaps_and_infinities(first, tmp_path):
    report = compare(first, write_run(tmp_path / "second"))
    assert set(outcomes(report).values()) == {Outcome.IDENTICAL}
    assert set(outcomes(report)) == {*tables(), "values", "claims", "claim numbers", "fig02"}
    assert not report.failed


def test_order_of_rows_and_columns_does_not_count(first, tmp_path):
    shuffled = tables()["lag_profile"].iloc[::-1][["lag", "high", "low", "median", "quantity", "point"]]
    report = compare(first, write_run(tmp_path / "second", {"lag_profile": shuffled}))
    assert outcomes(report)["lag_profile"] == Outcome.IDENTICAL


@pytest.mark.parametrize(
    ("point", "by", "outcome"),
    [
        (REGULAR, 1e-11, Outcome.AGREES),
        (REGULAR, 1e-6, Outcome.DIFFERS),
        (CHAOTIC, 0.05, Outcome.AGREES),  # inside ±0.1
        (CHAOTIC, 0.15, Outcome.DIFFERS),
    ],
)
def test_a_median_is_held_by_lambda_1_of_its_point(first, tmp_path, point, by, outcome):
    second = write_run(tmp_path / "second", moved("lag_profile", "median", {"point": point, "lag": 2}, by))
    report = compare(first, second)
    assert outcomes(report)["lag_profile"] == outcome
    assert bool(report.failed) == (outcome == Outcome.DIFFERS)


def test_the_worst_row_is_named_with_its_key_and_both_values(first, tmp_path):
    changed = tables()["lag_profile"]
    changed.loc[changed["point"] == REGULAR, "median"] += [0.01, 0.5, 0.0, 0.0]
    found = part(compare(first, write_run(tmp_path / "second", {"lag_profile": changed})), "lag_profile").differences
    assert [(one.column, one.count) for one in found] == [("median", 2)]
    assert found[0].largest == pytest.approx(0.5)
    assert found[0].key == {"point": REGULAR, "quantity": "norm", "lag": 2}
    assert (found[0].first, found[0].second, found[0].unit) == (-2.0, -1.5, "log10")


@pytest.mark.parametrize("value", [-300.0, math.nan, math.inf])
def test_a_zero_that_is_none_any_more_differs_without_bound_even_at_a_chaotic_point(first, tmp_path, value):
    changed = tables()["lag_profile"]
    changed.loc[(changed["point"] == CHAOTIC) & (changed["lag"] == 3), "median"] = value
    found = part(compare(first, write_run(tmp_path / "second", {"lag_profile": changed})), "lag_profile").differences
    assert found[0].largest == math.inf
    assert found[0].second == (None if math.isnan(value) else value)


def test_one_replicate_of_a_chaotic_point_is_held_by_the_range_of_all(first, tmp_path):
    inside = tables()["networks"]
    inside["norm_bound"] = [-1.0, -2.0, -3.0, -1.0, -2.0, -3.0]
    other = inside.assign(norm_bound=[-1.0, -2.0, -3.0, -2.5, -1.5, -2.0])
    outside = inside.assign(norm_bound=[-1.0, -2.0, -3.0, -7.0, -8.0, -9.0])
    write_run(first, {"networks": inside})
    for changed, outcome in ((other, Outcome.AGREES), (outside, Outcome.DIFFERS)):
        report = compare(first, write_run(tmp_path / outcome.name, {"networks": changed}))
        assert outcomes(report)["networks"] == outcome


def test_a_point_is_chaotic_if_it_is_so_in_either_run(first, tmp_path):
    turned = moved("networks", "exponent", {"point": REGULAR, "replicate": 0}, 0.2)
    changed = turned | moved("lag_profile", "median", {"point": REGULAR, "lag": 2}, 0.05)
    for a, b in ((first, write_run(tmp_path / "second", changed)), (tmp_path / "second", first)):
        assert outcomes(compare(a, b))["lag_profile"] == Outcome.AGREES


def test_what_has_no_interval_in_a_chaotic_row_is_counted_and_said(first, tmp_path):
    wide = {"lag_profile": tables()["lag_profile"].assign(band_low=-3.0)}
    write_run(first, wide)
    wide["lag_profile"] = wide["lag_profile"].assign(band_low=[-3.0] * 4 + [-3.0, -3.5, -3.0, -3.0])
    found = part(compare(first, write_run(tmp_path / "second", wide)), "lag_profile")
    assert (found.outcome, found.free) == (Outcome.AGREES, 1)


def test_rounding_errors_have_no_digits(first, tmp_path):
    for by, outcome in ((0.4, Outcome.AGREES), (9.0, Outcome.DIFFERS)):
        report = compare(first, write_run(tmp_path / outcome.name, moved("identities", "log10_error", {}, by)))
        assert outcomes(report)["identities"] == outcome


def test_another_grid_differs_by_its_rows_and_the_shared_ones_are_compared(first, tmp_path):
    fewer = tables()["mean_field"].iloc[1:]
    found = part(compare(first, write_run(tmp_path / "second", {"mean_field": fewer})), "mean_field")
    assert (found.outcome, found.rows) == (Outcome.DIFFERS, 1)
    assert found.notes == ("1 rows are only in the first, such as cell tanh, gain 0.5, forget_bias missing",)


def test_an_older_version_with_other_columns_is_compared_as_far_as_it_goes(first, tmp_path):
    older = tables()["mean_field"].drop(columns=["forget_bias"])
    found = part(compare(first, write_run(tmp_path / "second", {"mean_field": older})), "mean_field")
    assert (found.outcome, found.rows) == (Outcome.DIFFERS, 2)
    assert found.notes == ("column forget_bias is only in the first",)
    without = tables()["mean_field"].drop(columns=["gain"])
    found = part(compare(first, write_run(tmp_path / "third", {"mean_field": without})), "mean_field")
    assert found.notes[-1] == "its rows cannot be joined: the key cell, forget_bias does not name one row"


def test_what_a_reference_lacks_is_not_held_and_what_it_has_must_be_there(first, tmp_path):
    second = write_run(tmp_path / "second", {"mean_field": None})
    assert [(one.name, one.outcome) for one in compare(first, second).failed] == [("mean_field", Outcome.ONLY_A)]
    assert not compare(first, second, partial=True).failed
    assert [one.outcome for one in compare(second, first, partial=True).failed] == [Outcome.ONLY_B]


@pytest.mark.parametrize(
    ("key", "changes", "outcome"),
    [
        ("s.norm", {"value": -1.95, "low": -2.05, "high": -1.85, "text": "0.011"}, Outcome.AGREES),
        ("s.norm", {"value": -1.5, "low": -1.6, "high": -1.4}, Outcome.DIFFERS),
        ("s.norm", {"text": "a lot"}, Outcome.DIFFERS),
        ("s.norm", {"unit": "nats"}, Outcome.DIFFERS),
        ("s.count", {"value": 3.0, "text": "3"}, Outcome.DIFFERS),
    ],
)
def test_values_are_held_by_their_intervals_or_to_the_digit(first, tmp_path, key, changes, outcome):
    second = write_run(tmp_path / "second")
    write_json(second / "values.json", values() | {key: values()[key] | changes})
    assert outcomes(compare(first, second))["values"] == outcome


def test_claims_may_spell_other_numbers_but_not_other_verdicts(first, tmp_path):
    second, record = write_run(tmp_path / "second"), claims()[0]
    write_json(second / "claims.json", [record | {"title": "Equal to 1.9 × 10⁻¹⁶"}])
    assert outcomes(compare(first, second))["claims"] == Outcome.AGREES
    write_json(second / "claims.json", [record | {"verdict": "refuted"}])
    difference = part(compare(first, second), "claims").differences[0]
    assert (difference.column, difference.key, difference.largest) == ("verdict", {"claim": "C1"}, None)
    assert (difference.first, difference.second) == ("holds", "refuted")


def test_a_figure_may_move_only_with_its_tables(first, tmp_path):
    near = moved("lag_profile", "median", {"point": REGULAR, "lag": 2}, 1e-11)
    assert outcomes(compare(first, write_run(tmp_path / "a", near, x=2.6)))["fig02"] == Outcome.AGREES
    assert outcomes(compare(first, write_run(tmp_path / "b", near, words="other")))["fig02"] == Outcome.DIFFERS
    assert outcomes(compare(first, write_run(tmp_path / "c", x=2.6)))["fig02"] == Outcome.DIFFERS


def test_the_command_ends_with_0_1_or_2(first, tmp_path, capsys):
    same = write_run(tmp_path / "same")
    other = write_run(tmp_path / "other", moved("lag_profile", "median", {"point": REGULAR, "lag": 2}, 0.5))
    assert main(["compare", str(first), str(same)]) == 0
    assert capsys.readouterr().out.endswith("identical\n")
    assert main(["compare", str(first), str(other)]) == 1
    out = capsys.readouterr().out
    worst = "worst at point tanh-h8-regular, quantity norm, lag 2: -2.0 against -1.5"
    assert f"    median: 1 of 8 rows, by at most 0.5 log10; {worst}\n" in out
    for words, sentence in (
        ([str(first), str(tmp_path / "none")], "there is no folder"),
        ([str(first), str(tmp_path)], "holds no results"),
    ):
        assert main(["compare", *words]) == 2
        err = capsys.readouterr().err
        assert sentence in err and err.count("\n") == 1


def test_damage_is_named(first, tmp_path):
    second = write_run(tmp_path / "second")
    path = second / "tables" / "lag_profile.parquet"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(StudyError, match=r"lag_profile\.parquet is damaged"):
        compare(first, second)


def test_the_page_is_self_contained_escaped_and_shows_the_pictures_side_by_side(tmp_path, capsys):
    first = write_run(tmp_path / "a<b>&")
    second = write_run(tmp_path / "second", {"points": tables()["points"].assign(cell="<i>lstm</i>")}, png=b"other")
    assert main(["compare", str(first), str(second), "--output", str(tmp_path / "out")]) == 1
    page = (tmp_path / "out" / "index.html").read_text()
    assert "a&lt;b&gt;&amp;" in page and "&lt;i&gt;lstm&lt;/i&gt;" in page and "<i>" not in page and "a<b>" not in page
    assert page.count("<img ") == 2 and page.count('src="data:image/png;base64,') == 2
    assert "http" not in page
    record = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert record["same"] is False
    assert {part["name"] for part in record["parts"]} >= {"points", "fig02"}


def test_text_is_held_letter_by_letter_outside_of_sentences(first, tmp_path):
    changed = pd.DataFrame({"point": [REGULAR, CHAOTIC], "cell": ["tanh", "lstm"], "gain": [0.5, 8.0]})
    changed["forget_bias"] = math.nan
    assert outcomes(compare(first, write_run(tmp_path / "b", {"points": changed})))["points"] == Outcome.DIFFERS
