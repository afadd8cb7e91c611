"""Markdown or a notebook into HTML or Typst by pandoc, with references resolved."""

from __future__ import annotations

from pathlib import Path

from whylstm.errors import StudyError

MARKDOWN = "markdown-raw_html-raw_tex"


def convert(text: str, to: str, *, source: str = MARKDOWN, options: tuple[str, ...] = ()) -> str:
    """Return ``text`` in another format.

    Args:
        text: the document.
        to: pandoc's name of the target format, ``html5`` or ``typst``.
        source: pandoc's name of the source format.
        options: further options, as on pandoc's command line.

    Raises:
        StudyError: if pandoc refuses, or warns: an unresolved reference or maths it cannot read is an error here.
    """
    import pypandoc

    try:
        return pypandoc.convert_text(text, to, format=source, extra_args=["--fail-if-warnings", *options])
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise StudyError(f"pandoc could not turn the document into {to}: {reason}") from error


def references(source_dir: str | Path) -> tuple[str, ...]:
    """Return the options that resolve citations with the study's bibliography and citation style."""
    folder = Path(source_dir)
    return ("--citeproc", f"--bibliography={folder / 'references.bib'}", f"--csl={folder / 'whylstm.csl'}")
