"""Numbers are written as a reader reads them, and no digit is made up."""

import math
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from whylstm import wording

ROOT = Path(__file__).parents[1]
BACK = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·−", "0123456789-+.-")


def read(text: str) -> float:
    """Read a written number back."""
    mantissa, _, power = text.translate(BACK).partition(" × 10")
    return float(mantissa) * 10 ** int(power or 0)


@given(st.floats(min_value=1e-200, max_value=1e200), st.integers(1, 6), st.booleans())
def test_a_number_reads_back_to_its_significant_digits(size, digits, negative):
    number = -size if negative else size
    # Rounding to d digits moves a number by at most half a unit of the last one, 5 · 10^-d of its leading digit; the
    # rest is the rounding of the reading.
    assert math.isclose(read(wording.significant(number, digits)), number, rel_tol=5.000001 * 10.0**-digits)


@given(st.floats(min_value=-5000, max_value=5000))
def test_a_power_of_ten_reads_back_even_where_a_float_cannot_hold_it(log10):
    mantissa, _, power = wording.power_of_ten(log10).translate(BACK).partition(" × 10")
    # Two digits: at most half a unit of the second, log10(1.05) = 0.0212.
    assert abs(math.log10(float(mantissa)) + int(power or 0) - log10) < 0.0213


def test_no_number_is_shown_with_a_hyphen_or_a_letter_for_its_exponent():
    for number in (-1e-12, 3e22, -4.5, 0.0001):
        written = wording.significant(number)
        assert "-" not in written
        assert "e" not in written


def test_what_is_no_finite_number_is_said():
    assert wording.power_of_ten(-math.inf) == "exactly 0"
    assert wording.significant(math.inf) == wording.number(math.inf) == wording.decimals(math.inf) == "∞"
    assert wording.significant(-math.inf) == "−∞"
    assert {form(math.nan) for form in (wording.significant, wording.number, wording.power, wording.percent)} == {"?"}


@given(st.floats(min_value=0, max_value=1))
def test_a_share_is_all_or_nothing_only_where_it_is(share):
    written = wording.percent(share)
    assert (written == "100%") == (share == 1)
    assert (written == "0%") == (share == 0)


def test_text_claims_and_figures_write_a_share_alike():
    """There is one function for it, and no other that ends a number with a percent sign."""
    assert wording.percent(0.997) == ">99%"
    sources = sorted((ROOT / "src" / "whylstm").rglob("*.py"))
    own = [path.name for path in sources if re.search(r"def percent\(", path.read_text(encoding="utf-8"))]
    assert own == ["wording.py"]


def test_rounding_up_to_the_next_power_of_ten_keeps_the_number_of_digits():
    assert wording.significant(0.0999, 2) == "0.10"
    assert wording.significant(99.9, 2) == "100"
    assert wording.power_of_ten(-12.00001) == "1.0 × 10⁻¹²"
