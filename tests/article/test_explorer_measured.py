"""The measured half of the explorer, in a real browser: what it shows of a made-up study, and what is missing."""

import math

from tests.article import explorer_study
from tests.article.reader import choose, click, shown, text, unfold


def test_the_chosen_points_numbers_are_those_of_the_tables(tab):
    unfold(tab)
    choose(tab, mgain=8.0, mbias=4.0, mhidden=16, mlag=100)
    row = next(
        row for row in explorer_study.points().itertuples()
        if (row.cell, row.gain, row.forget_bias, row.hidden) == ("lstm", 8.0, 4.0, 16)
    )  # fmt: skip
    size = explorer_study.median(row, "norm", 100)
    expected = f"{shown(size)} ({shown(size - 0.02)} to {shown(size + 0.02)})"
    assert expected in text(tab, "#measured-body")
    assert text(tab, "#measured-whole") == expected
    assert text(tab, "#measured-article") == f"{shown(-100)} ({shown(-100.02)} to {shown(-99.98)})"
    assert "n = 10 networks" in text(tab, "#measured-count")
    assert "98%" in text(tab, "#measured-count")
    assert text(tab, "#map-exponent .here") == "+" + f"{explorer_study.slope(row) * math.log(10):.2f}"
    assert text(tab, "#map-carry .here") == "<1%"
    shares = tab.run("[...document.querySelectorAll('#measured-hops-table td')].map(cell => cell.textContent)")
    assert shares == ["25% (23% to 25%)"] * 4 + ["0%"] * 6


def test_a_choice_that_was_not_measured_says_so_and_leads_to_the_nearest(tab):
    choose(tab, mgain=8.0, mbias=4.0, mhidden=64)
    assert text(tab, "#measured-head") == "No number here."
    assert "did not measure LSTM with 64 units, gain 8, forget bias 4" in text(tab, "#measured-body")
    assert tab.run("document.getElementById('measured-pictures').hidden")
    click(tab, "#measured-nearest")
    assert not tab.run("document.getElementById('measured-pictures').hidden")
    assert text(tab, "#measured-head").startswith("Measured:")


def test_a_lag_that_was_not_measured_says_so_and_leads_to_the_nearest(tab):
    choose(tab, kind="gaussian-digits-2", mgain=1.0, mbias=0.0, mhidden=16, mlag=200)
    assert "Lag 200 was not measured for this choice; lags up to 48 were." in text(tab, "#measured-body")
    click(tab, "#measured-nearest")
    assert "48 steps back" in text(tab, "#measured-body")


def test_an_axis_that_a_cell_does_not_read_is_switched_off(tab):
    choose(tab, cell="tanh", mhidden=16)
    assert tab.run("document.getElementById('mbias').disabled")
    assert text(tab, "#mbias-out") == "not used"
    assert not tab.run("document.getElementById('mgain').disabled")
    assert text(tab, "#measured-carry") == "exactly 0"
    assert text(tab, "#measured-article") == "none here"
    choose(tab, cell="lstm", kind="torch_default-noise-3")
    assert tab.run("document.getElementById('mgain').disabled")


def test_a_click_on_a_map_chooses_its_setting(tab):
    choose(tab, mgain=0.5, mbias=0.0, mhidden=16)
    click(tab, "#map-carry tbody tr:first-child td:last-child")
    assert (text(tab, "#mgain-out"), text(tab, "#mbias-out")) == ("8", "4")
