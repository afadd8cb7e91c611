"""The gallery: every figure of a study on one page that needs no network."""

from __future__ import annotations

from pathlib import Path

from whylstm.article import figurebox
from whylstm.article.render import REPORT, dress, to_root
from whylstm.article.results import Results, read_figures
from whylstm.errors import StudyError
from whylstm.records import write_bytes

TEMPLATE = "gallery.html.j2"


def write(results_dir: str | Path, output: str | Path, source_dir: str | Path = REPORT) -> None:
    """Write a page with all figures: picture, message, caption, files, table, code and command.

    Args:
        results_dir: a results folder; every ``figures/<name>.json`` in it is shown.
        output: the page.
        source_dir: folder of the template and the style sheet.

    Raises:
        StudyError: if there is no figure, or no template.
    """
    figures = {name: one for name, one in read_figures(results_dir).items() if one.shown}
    results = Results(Path(results_dir), figures, {}, {})
    if not results.figures:
        raise StudyError(f"there is no figure in {results.root / 'figures'}, so there is nothing to put into a gallery")
    page = filled(results, source_dir, to_root(source_dir, output))
    write_bytes(output, dress(source_dir, page).encode())


def filled(results: Results, source_dir: str | Path, links: str) -> str:
    """Return the template with its figures; everything shown is escaped."""
    import jinja2

    if not (Path(source_dir) / TEMPLATE).is_file():
        raise StudyError(f"the gallery needs its template, but there is no file {Path(source_dir) / TEMPLATE}")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(source_dir), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    cards = [
        {
            "figure": figure,
            "picture": figurebox.data_uri(results.root / "figures" / f"{figure.name}.svg"),
            "alt": figurebox.described(figure),
            "anchor": figurebox.anchor(figure.name),
        }
        for figure in results.figures.values()
    ]
    return environment.get_template(TEMPLATE).render(cards=cards, links=links)
