"""The measured half of the explorer, in a real browser: what it shows of a made-up study, and what is missing."""

import math

import pytest

from tests.article import explorer_study
from tests.article.reader import choose, click, shown, text, unfold


def lstm(gain: float, bias: float, hidden: int):
    """Return the made-up point of an LSTM on noise."""
    rows = explorer_study.points().query("cell == 'lstm' and task == 'noise'").itertuples()
    return next(row for row in rows if (row.gain, row.forget_bias, row.hidden) == (gain, bias, hidden))


def with_interval(log10: float) -> str:
    return f"{shown(log10)} ({shown(log10 - explorer_study.BELOW)} to {shown(log10 + explorer_study.ABOVE)})"


def test_the_chosen_points_numbers_are_those_of_the_tables(tab):
    unfold(tab)
    choose(tab, mgain=8.0, mbias=4.0, mhidden=16, mlag=100)
    row = lstm(8.0, 4.0, 16)
    size = explorer_study.median(row, "norm", 100)
    expected = with_interval(size)
    assert expected in text(tab, "#measured-body")
    assert text(tab, "#measured-whole") == expected
    assert text(tab, "#measured-article") == with_interval(-100)
    assert "n = 10 networks" in text(tab, "#measured-count")
    assert "98%" in text(tab, "#measured-count")
    assert text(tab, "#map-exponent .here") == "+" + f"{explorer_study.slope(row) * math.log(10):.2f}"
    assert text(tab, "#map-carry .here") == "<1%"
    shares = tab.run("[...document.querySelectorAll('#measured-hops-table td')].map(cell => cell.textContent)")
    assert shares == ["25% (23% to 25%)"] * 4 + ["0%"] * 6


def test_lines_and_bands_are_drawn_where_the_axis_says(tab):
    choose(tab, mgain=8.0, mbias=0.0, mhidden=16, mlag=50)
    row = lstm(8.0, 0.0, 16)
    ticks = tab.run(
        """[...document.querySelectorAll("#measured-norms .tick[text-anchor=end]")]
        .map(tick => [tick.textContent, Number(tick.getAttribute("y")) - 4])"""
    )
    (top, y_top), (bottom, y_bottom) = [(power(words), y) for words, y in (ticks[-1], ticks[0])]
    per_pixel = (top - bottom) / (y_bottom - y_top)

    def value(y: float) -> float:
        return top - (y - y_top) * per_pixel

    lines = {"whole": "norm", "carry": "hop_0", "article": "article"}
    for look, quantity in lines.items():
        middle = explorer_study.median(row, quantity, 50)
        dot = tab.run(f"Number(document.querySelector('#measured-norms .dot.{look}').getAttribute('cy'))")
        assert value(dot) == pytest.approx(middle, abs=0.11 * per_pixel)  # a tenth of a pixel
        drawn = points_of(tab, "curve", look)
        expected = [explorer_study.median(row, quantity, lag) for lag in explorer_study.LAGS]
        for (_, y), norm in zip(drawn, expected, strict=False):
            assert value(y) == pytest.approx(norm, abs=0.11 * per_pixel)
    corners, lags = points_of(tab, "band", "whole"), explorer_study.LAGS
    assert len(corners) == 2 * len(lags)
    for lag, (_, upper), (_, lower) in zip(lags, corners, reversed(corners), strict=False):
        middle = explorer_study.median(row, "norm", lag)
        assert value(upper) == pytest.approx(middle + explorer_study.ABOVE, abs=0.11 * per_pixel)
        assert value(lower) == pytest.approx(middle - explorer_study.BELOW, abs=0.11 * per_pixel)


def points_of(tab, kind: str, look: str) -> list[list[float]]:
    """Return the corners of a line or band."""
    return tab.run(
        f"""document.querySelector("#measured-norms .{kind}.{look}").getAttribute("points").split(" ")
        .map(pair => pair.split(",").map(Number))"""
    )


def power(words: str) -> int:
    """Return the exponent of a tick's power of ten."""
    signs = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return 0 if words == "1" else int(words.removeprefix("10").translate(signs))


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
