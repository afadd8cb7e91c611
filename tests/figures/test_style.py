"""The style: looks that differ, colours that can be read, labels that are moved as little as needed."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from tests.figures import frames
from whylstm import cells, figures, labels, wording
from whylstm.figures import _labels, _text, style

COLOURS = [colour for colour, _, _ in style.LOOKS] + [style.INK, style.GREY]


def luminance(colour):
    """Relative luminance, as the Web Content Accessibility Guidelines define it."""
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot([0.2126, 0.7152, 0.0722], channels))


@pytest.mark.parametrize("colour", COLOURS)
def test_text_in_any_colour_can_be_read_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # level AA of the guidelines for small text


@pytest.mark.parametrize("name", ["fig05_carry_share_map", "fig07_phase_diagram"])
def test_the_numbers_of_a_map_can_be_read_on_their_fields(name):
    with style.context(name):
        picture = figures.load(name).draw(frames.tables(**frames.SMOKE), frames.claims())
    for axes in picture.axes:
        for field in axes.collections[0].get_cmap()(np.linspace(0, 1, 11)):
            assert (luminance(field) + 0.05) / (luminance(style.INK) + 0.05) >= 4.5
        assert {text.get_color() for text in axes.texts if text.get_gid() is None} >= {style.INK}


def test_looks_differ_in_colour_line_and_marker():
    for one, other in itertools.combinations(style.LOOKS, 2):
        assert all(first != second for first, second in zip(one, other, strict=True))


def test_the_cells_of_a_figure_never_share_a_look():
    looks = [style.cell(name) for name in ("linear", "tanh", "gru", "lstm")]
    assert len({look.colour for look in looks}) == len({look.marker for look in looks}) == len(looks)


def test_every_cell_of_the_study_has_a_name_in_words():
    assert set(cells.names()) <= set(labels.CELLS)
    assert style.cell("a_cell_of_tomorrow").label == "a_cell_of_tomorrow"


sizes = st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 40)), min_size=1, max_size=6)


@given(sizes)
def test_spread_labels_do_not_overlap_and_keep_their_order(labels):
    centres, heights = zip(*labels, strict=True)
    placed = _labels.spread(centres, heights)
    order = sorted(range(len(labels)), key=lambda i: (centres[i], i))
    for below, above in itertools.pairwise(order):
        # rounding of sums of at most six numbers below 1000: 1e-12
        assert placed[above] - placed[below] >= (heights[above] + heights[below]) / 2 - 1e-9


@given(sizes)
def test_spread_labels_move_no_more_than_needed(labels):
    centres, heights = zip(*labels, strict=True)
    placed = _labels.spread(centres, heights)
    # the mean of a block stays where its labels want it, so the mean of all does; rounding as above
    assert np.mean(placed) == pytest.approx(np.mean(centres), abs=1e-9)
    tight = any(abs(a - b) < (s + t) / 2 for (a, s), (b, t) in itertools.combinations(labels, 2))
    assert tight or placed == pytest.approx(list(centres), abs=1e-9)


def test_wrapped_text_keeps_every_word_and_its_width():
    text = "The article’s product leaves out every path that stays in memory: it ends 121 decades from the truth"
    for even in (False, True):
        lines = _text.wrap(text, 330, 11.5, bold=True, even=even).split("\n")
        assert " ".join(lines) == text
        assert all(_text.extent(line, bold=True) * 11.5 <= 330 for line in lines)
    assert len(_text.wrap(text, 330, 11.5, even=True).split("\n")) == len(_text.wrap(text, 330, 11.5).split("\n"))


@given(st.floats(-400, 400, allow_nan=False))
def test_a_power_of_ten_reads_back(log10):
    back = wording.power(log10).translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    assert int(back.removeprefix("10")) == round(log10)


@given(st.floats(-99, 99, allow_nan=False))
def test_a_signed_number_reads_back_with_the_sign_it_has(value):
    text = wording.signed(value)
    back = float(text.translate(str.maketrans("−⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "-0123456789-")).replace(" × 10", "e"))
    assert back == pytest.approx(value, rel=0.5, abs=0)  # one digit is kept below 0.1, which may be off by a half
    assert (value == 0) == (text == "0")
