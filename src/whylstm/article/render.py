"""The article as one HTML page that needs no network, and as a PDF; equal results give equal bytes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from whylstm.article import figurebox, fonts, pandoc
from whylstm.article.results import Results, read
from whylstm.article.story import tell
from whylstm.errors import StudyError
from whylstm.records import write_bytes

REPORT = Path(__file__).resolve().parents[3] / "workflow" / "report"
"""The report's folder in the checkout that this package is installed from."""

BARS = re.compile(r'<mo stretchy="true" (form="\w+")>‖</mo>')
TALL_BARS = re.compile(r"lr\(bar\.v\.double (.*?) bar\.v\.double\)")
"""The bars of a norm in HTML and in Typst, which are to stay as high as the line."""

EPOCH = datetime(2018, 9, 15, tzinfo=UTC)  # the day of the article that the study is about; a fixed date in the PDF


def html(
    source_dir: str | Path, results_dir: str | Path, output: str | Path, left_out: Mapping[str, str] | None = None
) -> None:
    """Write the article as one self-contained HTML page: styles, maths font and figures are inside it.

    Args:
        source_dir: ``workflow/report``.
        results_dir: a results folder with figures, claims.json and values.json.
        output: the page.
        left_out: why a part is no part of this study, by what it is called.

    Raises:
        StudyError: if the source asks for what the results do not have, or pandoc refuses.
    """
    results = read(results_dir, left_out)
    links = to_root(source_dir, output)
    text = tell(source_dir, results, "html", links)
    options = ("--shift-heading-level-by=1", *pandoc.references(source_dir))
    page = page_of(source_dir, text, options)
    write_bytes(output, figurebox.embed(page, results).encode())


def page_of(source_dir: str | Path, text: str, options: tuple[str, ...] = (), source: str = pandoc.MARKDOWN) -> str:
    """Return a document as a page in the article's template, with the styles and the maths font inside.

    Args:
        source_dir: ``workflow/report``.
        text: Markdown, or another source that pandoc reads.
        options: further options of pandoc.
        source: pandoc's name of the source format.
    """
    folder = Path(source_dir)
    template = ("--standalone", f"--template={folder / 'article.html'}", "--mathml", "--toc", "--toc-depth=2")
    page = pandoc.convert(text, "html5", source=source, options=(*template, "--section-divs", "--wrap=none", *options))
    return dress(source_dir, BARS.sub(r'<mo stretchy="false" \1>‖</mo>', page))


def dress(source_dir: str | Path, page: str) -> str:
    """Return a page with the style sheet, and the maths font that it needs, in place of ``/*style*/``.

    Raises:
        StudyError: if the page has no such place.
    """
    if "/*style*/" not in page:
        raise StudyError("a page's template must have the place /*style*/ for the style sheet")
    style = (Path(source_dir) / "article.css").read_text("utf-8")
    if fonts.MATHS.search(page):
        style = f'@font-face{{font-family:"STIX Two Math";src:url({fonts.data_uri(source_dir, page)})}}\n{style}'
    return page.replace("/*style*/", style, 1)


def pdf(
    source_dir: str | Path, results_dir: str | Path, output: str | Path, left_out: Mapping[str, str] | None = None
) -> None:
    """Write the article as a PDF by Typst, with a fixed date in it; arguments as :func:`html`.

    Raises:
        StudyError: if the source asks for what the results do not have, or pandoc or Typst refuses.
    """
    results = read(results_dir, left_out)
    options = ("--standalone", f"--template={Path(source_dir) / 'article.typ'}", "--wrap=none")
    text = tell(source_dir, results, "typst")
    source = pandoc.convert(text, "typst", options=(*options, *pandoc.references(source_dir)))
    source = TALL_BARS.sub(r"bar.v.double \1 bar.v.double", figurebox.place(source, results))
    write_bytes(output, compiled(source_dir, source, results))


def compiled(source_dir: str | Path, source: str, results: Results) -> bytes:
    """Return a Typst document as PDF; its root is the results folder's copy that it is given, its fonts are ours.

    Raises:
        StudyError: if Typst refuses the document.
    """
    import typst

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "article.typ").write_text(source, "utf-8")
        (root / "figures").symlink_to((results.root / "figures").resolve())
        fonts.unpack(source_dir, root)
        try:
            return typst.compile(
                str(root / "article.typ"),
                root=str(root),
                font_paths=[str(root)],
                ignore_system_fonts=True,
                format="pdf",
                timestamp=int(EPOCH.timestamp()),
            )
        except typst.TypstError as error:
            raise StudyError(f"Typst could not set the article: {' '.join(str(error).split())}") from error


def to_root(source_dir: str | Path, output: str | Path) -> str:
    """Return the path from the page's folder to the root of the repository, which holds ``workflow/report``."""
    root = Path(source_dir).resolve().parents[1]
    return f"{os.path.relpath(root, Path(output).resolve().parent)}/"
