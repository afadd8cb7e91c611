"""The maths font: STIX Two Math (SIL Open Font License), cut down to the characters that a page shows.

A browser sets a one-letter MathML identifier in mathematical italics by itself, so those letters belong to the subset
although the page holds upright ones. The OpenType MATH table and all its stretched variants are kept.
"""

from __future__ import annotations

import base64
import html
import io
import re
from pathlib import Path

from whylstm.errors import StudyError

FILE = Path("fonts") / "STIXTwoMath-Regular.woff2"
MATHS = re.compile(r"<math\b.*?</math>", re.DOTALL)
ANNOTATION = re.compile(r"<annotation\b.*?</annotation>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
ITALIC_LATIN, ITALIC_GREEK = 0x1D434, 0x1D6E2  # mathematical italic capital A and capital alpha
EXCEPTIONS = {"h": "\u210e"}  # the Planck constant stands in the gap of the italic block
DRAWN = {"√"}  # a root has no character of its own in MathML; the browser draws this one
GREEK_SYMBOLS = "∂ϵϑϰϕϱϖ"  # in this order behind the italic small omega


def characters(page: str) -> set[str]:
    """Return the characters that the page's MathML shows, with the italic twins of its letters.

    >>> sorted(characters("<p>no</p><math><mi>A</mi><mo>+</mo></math>")) == sorted("A+√" + chr(0x1D434))
    True
    """
    shown = {
        letter for maths in MATHS.findall(page) for letter in html.unescape(TAG.sub("", ANNOTATION.sub("", maths)))
    }
    shown = {letter for letter in shown if not letter.isspace()} | DRAWN
    return shown | {twin for letter in shown if (twin := italic(letter))}


def italic(letter: str) -> str:
    """Return the mathematical italic form of a Latin or Greek letter, or an empty string where there is none.

    >>> italic("h"), italic("α") == chr(0x1D6FC), italic("7")
    ('ℎ', True, '')
    """
    if letter in EXCEPTIONS:
        return EXCEPTIONS[letter]
    if letter in GREEK_SYMBOLS:
        return chr(ITALIC_GREEK + 51 + GREEK_SYMBOLS.index(letter))
    for first, last, start in (("A", "Z", ITALIC_LATIN), ("a", "z", ITALIC_LATIN + 26)):
        if first <= letter <= last:
            return chr(start + ord(letter) - ord(first))
    for first, last, start in (("Α", "Ω", ITALIC_GREEK), ("α", "ω", ITALIC_GREEK + 26)):
        if first <= letter <= last:
            return chr(start + ord(letter) - ord(first))
    return ""


def subset(source_dir: str | Path, letters: set[str]) -> bytes:
    """Return the maths font with these characters only, as WOFF2; equal characters give equal bytes.

    Raises:
        StudyError: if the font file is missing.
    """
    from fontTools import subset as cutter

    options = cutter.Options(flavor="woff2", layout_features=["*"], notdef_outline=True, recalc_timestamp=False)
    font = cutter.load_font(str(_file(source_dir)), options)
    cut = cutter.Subsetter(options)
    cut.populate(unicodes=sorted(ord(letter) for letter in letters))
    cut.subset(font)
    out = io.BytesIO()
    cutter.save_font(font, out, options)
    return out.getvalue()


def data_uri(source_dir: str | Path, page: str) -> str:
    """Return the font that a page needs for its maths as a ``data:`` address."""
    return "data:font/woff2;base64," + base64.b64encode(subset(source_dir, characters(page))).decode()


def unpack(source_dir: str | Path, folder: str | Path) -> Path:
    """Write the whole font as TrueType into a folder, as Typst reads it, and return the file.

    Raises:
        StudyError: if the font file is missing.
    """
    from fontTools.ttLib import TTFont

    font = TTFont(_file(source_dir), recalcTimestamp=False)
    font.flavor = None
    out = Path(folder) / f"{FILE.stem}.ttf"
    font.save(out)
    return out


def _file(source_dir: str | Path) -> Path:
    path = Path(source_dir) / FILE
    if not path.is_file():
        raise StudyError(f"the article needs its maths font, but there is no file {path}")
    return path
